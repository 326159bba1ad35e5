#include "incompatible_daemon.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "aesm/testing/fake_service.h"
#include "base/file.h"
#include "conformance/wire_fields.h"
#include "service/error_responses.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::preflight {
namespace {

using namespace std::chrono_literals;
using base::Bytes;
using base::ByteView;

constexpr std::uint32_t kParameterError = 3;
constexpr std::uint32_t kUnsupportedKey = 38;
constexpr std::uint32_t kNetworkFailure = 22;
constexpr std::size_t kSignature = 436;  // in a quote

template <class T>
T need(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().summary());
  return *std::move(result);
}

Bytes frame_of(ByteView body) {
  Bytes out(aesm::kFramePrefixSize);
  std::ranges::copy(aesm::encode_frame_prefix(static_cast<std::uint32_t>(body.size())),
                    out.begin());
  base::append(out, body);
  return out;
}

// As many fields as an answer of a client's patience holds.
Bytes many_fields() {
  Bytes body;
  for (int i = 0; i < 30'000; ++i) base::append(body, Bytes{std::byte{0x08}, std::byte{0}});
  return frame_of(body);
}

Bytes refusal(const aesm::Request& request, std::uint32_t code) {
  return aesm::encode_response_frame(service::error_response(request, code));
}

bool is_legacy(const aesm::Request& request) {
  return static_cast<std::uint32_t>(aesm::kind_of(request)) < 15 ||
         aesm::kind_of(request) == aesm::MessageKind::kCheckUpdateStatus;
}

std::optional<std::uint32_t> timeout_of(const aesm::Request& request) {
  return std::visit([](const auto& typed) { return typed.timeout; }, request);
}

aesm::OptionalBytes key_id_of(const aesm::Request& request) {
  return std::visit(
      [](const auto& typed) -> aesm::OptionalBytes {
        if constexpr (requires { typed.att_key_id; }) return typed.att_key_id;
        return std::nullopt;
      },
      request);
}

bool holds_unknown_field(ByteView body) {
  const auto outer = conformance::read_fields(body);
  if (!outer || outer->empty()) return false;
  const auto inner = conformance::read_fields(outer->front().bytes);
  const auto unknown = [](const conformance::WireField& field) { return field.number > 22; };
  const auto unknown_inside = [](const conformance::WireField& field) { return field.number > 9; };
  return std::ranges::any_of(*outer, unknown) ||
         (inner && std::ranges::any_of(*inner, unknown_inside));
}

// Waiting for all of them would take the test's time.
bool may_half_close(ByteView body) {
  const auto request = aesm::decode_request(body);
  return request && aesm::kind_of(*request) == aesm::MessageKind::kGetSupportedAttKeyIdNum;
}

// Whether the client says within a while that it sends no more.
bool half_closes(int connection) {
  pollfd entry{.fd = connection, .events = POLLRDHUP, .revents = 0};
  return ::poll(&entry, 1, 100) == 1 && (entry.revents & POLLRDHUP) != 0;
}

void write_all(int connection, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

void wait_until_taken(int connection) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  int unread = 1;
  while (::ioctl(connection, SIOCOUTQ, &unread) == 0 && unread > 0 &&
         std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(100us);
  }
}

}  // namespace

IncompatibleDaemon::IncompatibleDaemon(const std::filesystem::path& directory, Mistake mistake)
    : socket_(directory / "aesm.socket"), mistake_(mistake) {
  quoting::SimulatedPlatformOptions options;
  options.now = base::SystemClock().now();
  options.notice = [](const std::string&) {};
  platform_ =
      need(quoting::SimulatedPlatform::create(simulation::MasterSeed::development(), options));
  const auto published = base::write_file(directory / simulation::kPublishedCpuFileName,
                                          platform_->published_cpu(), 0644);
  if (!published) throw std::runtime_error(published.error().summary());
  listener_ = aesm::test::listen_on(socket_, 16);
  std::filesystem::permissions(socket_,
                               std::filesystem::perms(is(Mistake::kPrivateMode) ? 0700 : 0777));
  thread_ = std::thread([this] { run(); });
}

IncompatibleDaemon::~IncompatibleDaemon() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
  for (std::thread& connection : connections_) connection.join();
}

void IncompatibleDaemon::run() {
  for (;;) {
    base::UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.valid()) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return;
    }
    if (is(Mistake::kOneAtATime)) {
      serve(connection.get());
      continue;
    }
    connections_.emplace_back([this, fd = std::move(connection)] { serve(fd.get()); });
  }
}

Bytes IncompatibleDaemon::read_body(int connection) const {
  Bytes all;
  std::array<std::byte, 65'536> chunk{};
  for (;;) {
    if (all.size() >= aesm::kFramePrefixSize) {
      const auto size = aesm::decode_frame_prefix(ByteView(all).first<aesm::kFramePrefixSize>(),
                                                  aesm::kMaxRequestSize);
      if (!size) return {};
      if (all.size() >= aesm::kFramePrefixSize + *size) {
        all.resize(aesm::kFramePrefixSize + *size);
        return all;
      }
    }
    const ssize_t got = ::recv(connection, chunk.data(), chunk.size(), 0);
    if (got <= 0) return {};
    all.insert(all.end(), chunk.begin(), chunk.begin() + got);
  }
}

void IncompatibleDaemon::serve(int connection) {
  const Bytes frame = read_body(connection);
  if (frame.empty()) return;
  const ByteView body = ByteView(frame).subspan(aesm::kFramePrefixSize);
  const std::scoped_lock lock(mutex_);
  if (is(Mistake::kClosesOnHalfClose) && may_half_close(body) && half_closes(connection)) return;
  Bytes reply = answer(body);
  if (!reply.empty()) send(connection, std::move(reply));
}

Bytes IncompatibleDaemon::answer(ByteView body) {
  if (body.empty() && is(Mistake::kAnswersEmpty))
    return frame_of(Bytes{std::byte{0x0A}, std::byte{0}});
  if (is(Mistake::kUnknownFieldRefused) && holds_unknown_field(body)) return {};
  const auto request = aesm::decode_request(body);
  if (!request) return {};
  if (is_legacy(*request)) {
    if (is(Mistake::kOffersEpid)) return refusal(*request, kNetworkFailure);
    if (is(Mistake::kLegacyClosed)) return {};
    if (is(Mistake::kLegacyUnsupported)) {
      return frame_of(
          Bytes{std::byte{0xA2}, std::byte{1}, std::byte{2}, std::byte{8}, std::byte{30}});
    }
  }
  return spoil(*request, answer(*request));
}

Bytes IncompatibleDaemon::answer(const aesm::Request& request) {
  constexpr std::uint32_t kMicrosecondsNeeded = 1'000'000;
  if (is(Mistake::kObeysTimeout) && timeout_of(request) < kMicrosecondsNeeded &&
      timeout_of(request).has_value()) {
    return refusal(request, 1);
  }
  if (auto keys = answer_about_keys(request)) return *std::move(keys);
  const auto snapshot = platform_->snapshot();
  if (const auto key = key_id_of(request); is(Mistake::kWholeKeyIdCompared) && key &&
                                           key->size() >= sizeof(sgx::AttestationKeyId) &&
                                           !base::equal(key->first(sizeof(sgx::AttestationKeyId)),
                                                        base::struct_bytes(snapshot->key_id))) {
    return refusal(request, kUnsupportedKey);
  }
  if (const auto* const init = std::get_if<aesm::InitQuoteExRequest>(&request);
      is(Mistake::kFirstBufSizeChecked) && init != nullptr && init->b_pub_key_id == false &&
      init->buf_size.value_or(32) != 32) {
    return refusal(request, kParameterError);
  }
  if (const auto* const quote = std::get_if<aesm::GetQuoteExRequest>(&request);
      is(Mistake::kReportBeforeKeyId) && quote != nullptr && quote->report &&
      quote->report->size() != sizeof(sgx::Report)) {
    return refusal(request, kParameterError);
  }
  service::Decision decision = service::decide(request, *snapshot, {});
  if (auto* const job = std::get_if<service::QuoteJob>(&decision)) decision = conclude(*job);
  service::Answer& made = std::get<service::Answer>(decision);
  if (made.reason) {
    const bool small = made.reason->code() == base::ErrorCode::kQuoteBufferTooSmall;
    if (small && is(Mistake::kSmallBufferCode)) return refusal(request, 21);
    if (made.aesm_code() == 47 && is(Mistake::kBadMacCode)) return refusal(request, 1);
  }
  return std::move(made.frame);
}

std::optional<Bytes> IncompatibleDaemon::answer_about_keys(const aesm::Request& request) const {
  if (!is(Mistake::kOffersEpid) && !is(Mistake::kManyKeys)) return std::nullopt;
  const std::uint32_t number = is(Mistake::kOffersEpid) ? 3 : 17;
  if (std::holds_alternative<aesm::GetSupportedAttKeyIdNumRequest>(request)) {
    aesm::GetSupportedAttKeyIdNumResponse response;
    response.error_code = 0;
    response.att_key_id_num = number;
    return aesm::encode_response_frame(response);
  }
  const auto* const asked = std::get_if<aesm::GetSupportedAttKeyIdsRequest>(&request);
  if (asked == nullptr || !asked->buf_size) return std::nullopt;
  if (asked->buf_size != number * sizeof(sgx::AttestationKeyId)) {
    return refusal(request, kParameterError);
  }
  Bytes ids;
  for (std::uint32_t i = 0; i < number; ++i) {
    sgx::AttestationKeyId id = platform_->snapshot()->key_id;
    if (is(Mistake::kOffersEpid)) id.base.algorithm_id = i;
    base::append(ids, base::struct_bytes(id));
  }
  aesm::GetSupportedAttKeyIdsResponse response;
  response.error_code = 0;
  response.att_key_ids = ids;
  return aesm::encode_response_frame(response);
}

service::Answer IncompatibleDaemon::conclude(service::QuoteJob job) {
  base::Result<quoting::QuoteOutput> output = base::fail(base::ErrorCode::kInternal, "not called");
  platform_->quote(job.request, std::chrono::steady_clock::now() + 10s,
                   [&](base::Result<quoting::QuoteOutput> made) { output = std::move(made); });
  if (output && is(Mistake::kNoPadding)) {
    job.buf_size = static_cast<std::uint32_t>(output->quote.size());
  }
  return service::conclude(job, std::move(output));
}

// What becomes of an answer.
Bytes IncompatibleDaemon::spoil(const aesm::Request& request, Bytes frame) const {
  const Bytes body(frame.begin() + aesm::kFramePrefixSize, frame.end());
  aesm::Response response = need(aesm::decode_response(body));
  // Where views of the response point to.
  Bytes spoiled;
  if (auto* const init = std::get_if<aesm::InitQuoteExResponse>(&response)) {
    const auto& asked = std::get<aesm::InitQuoteExRequest>(request);
    if (is(Mistake::kUnaskedPubKeyId) && init->error_code == 0 && asked.b_pub_key_id == false) {
      spoiled.resize(sgx::PubKeyId::kSize);
      init->pub_key_id = spoiled;
    }
    if (is(Mistake::kTargetInfoSize) && init->target_info) {
      init->target_info = init->target_info->first(sizeof(sgx::TargetInfo) - 1);
    }
    if (is(Mistake::kShortPubKeyId) && init->pub_key_id) {
      init->pub_key_id = init->pub_key_id->first(31);
    }
    if (is(Mistake::kZeroPubKeyId) && init->pub_key_id) {
      spoiled.resize(sgx::PubKeyId::kSize);
      init->pub_key_id = spoiled;
    }
  }
  if (auto* const quote = std::get_if<aesm::GetQuoteExResponse>(&response)) {
    if (is(Mistake::kDropsQeReportInfo)) quote->qe_report_info.reset();
    if (is(Mistake::kForgedQuote) && quote->quote) {
      spoiled = base::to_bytes(*quote->quote);
      spoiled[kSignature] ^= std::byte{1};
      quote->quote = spoiled;
    }
    if (is(Mistake::kForgedQeReport) && quote->qe_report_info) {
      spoiled = base::to_bytes(*quote->qe_report_info);
      spoiled.back() ^= std::byte{1};
      quote->qe_report_info = spoiled;
    }
    if (is(Mistake::kUnpaddedTail) && quote->quote) {
      spoiled = base::to_bytes(*quote->quote);
      if (spoiled.back() == std::byte{0}) spoiled.back() = std::byte{0xCC};
      quote->quote = spoiled;
    }
  }
  const sgx::AttestationKeyId own = platform_->snapshot()->key_id;
  if (auto* const select = std::get_if<aesm::SelectAttKeyIdResponse>(&response);
      select != nullptr && is(Mistake::kOwnEntrySelected) && select->selected_att_key_id) {
    select->selected_att_key_id = base::struct_bytes(own);
  }
  if (auto* const number = std::get_if<aesm::GetSupportedAttKeyIdNumResponse>(&response);
      number != nullptr && is(Mistake::kKeyIdNumOmitted)) {
    number->att_key_id_num.reset();
  }
  if (std::holds_alternative<aesm::GetSupportedAttKeyIdNumResponse>(response) &&
      is(Mistake::kManyFields)) {
    return many_fields();
  }
  if (is(Mistake::kErrorCodeOmitted)) {
    std::visit(
        [](auto& typed) {
          if (typed.error_code == 0) typed.error_code.reset();
        },
        response);
  }
  if (const auto* const size = std::get_if<aesm::GetQuoteSizeExResponse>(&response);
      size != nullptr && is(Mistake::kWrongResponseType)) {
    aesm::GetSupportedAttKeyIdNumResponse other;
    other.error_code = size->error_code;
    other.att_key_id_num = size->quote_size;
    response = other;
  }
  return aesm::encode_response_frame(response);
}

void IncompatibleDaemon::send(int connection, Bytes frame) const {
  if (is(Mistake::kBigEndianPrefix)) {
    std::ranges::reverse(std::span(frame).first<aesm::kFramePrefixSize>());
  }
  if (!is(Mistake::kSplitAnswer)) return write_all(connection, frame);
  ByteView rest = frame;
  const std::size_t piece = std::max<std::size_t>(1, frame.size() / 5);
  while (!rest.empty()) {
    const std::size_t size = std::min(piece, rest.size());
    write_all(connection, rest.first(size));
    wait_until_taken(connection);
    rest = rest.subspan(size);
  }
}

}  // namespace quoted::preflight
