#include "front_end_peer.h"

#include <sys/socket.h>

#include <array>
#include <type_traits>
#include <utility>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "base/byte_reader.h"
#include "fuzz.h"
#include "quote/quote.h"
#include "sgx/attestation_key_id.h"

namespace quoted::fuzz {

using aesm::kFramePrefixSize;
using base::ByteView;

namespace {

constexpr std::uint32_t kUnexpected = 1;
constexpr std::uint32_t kBadParameter = 3;
constexpr std::uint32_t kUnavailable = 30;

// The body of the frame at the start of `bytes`; none while it is not whole.
std::optional<ByteView> frame_at_start(ByteView bytes, std::size_t limit, bool& too_large) {
  if (bytes.size() < kFramePrefixSize) return std::nullopt;
  const auto size = aesm::decode_frame_prefix(bytes.first<kFramePrefixSize>(), limit);
  too_large = !size;
  if (!size || bytes.size() < kFramePrefixSize + *size) return std::nullopt;
  return bytes.subspan(kFramePrefixSize, *size);
}

void drop_frame(base::Bytes& bytes, std::size_t body_size) {
  bytes.erase(bytes.begin(),
              bytes.begin() + static_cast<std::ptrdiff_t>(kFramePrefixSize + body_size));
}

bool has_size(const aesm::OptionalBytes& bytes, std::size_t size) {
  return bytes && bytes->size() == size;
}

// What aesm-protocol 3 says about each answer. The third argument is its errorCode.

template <class Response>
void judge_fields(const Response&, bool, std::uint32_t code) {
  // The requests of a service that is not offered here (aesm-protocol 3.7).
  require(code == kUnexpected || code == kUnavailable);
}
void judge_fields(const aesm::RegisterResponse&, bool, std::uint32_t code) {
  require(code == kUnexpected || code == kUnavailable || code == kBadParameter);
}
void judge_fields(const aesm::GetSupportedAttKeyIdNumResponse& response, bool, std::uint32_t code) {
  require(response.att_key_id_num == (code == 0 ? 1U : 0U));
}
void judge_fields(const aesm::GetSupportedAttKeyIdsResponse& response, bool, std::uint32_t code) {
  require(response.att_key_ids.has_value() == (code == 0));
  if (code == 0) require(has_size(response.att_key_ids, sizeof(sgx::AttestationKeyId)));
}
void judge_fields(const aesm::SelectAttKeyIdResponse& response, bool, std::uint32_t code) {
  require(response.selected_att_key_id.has_value() == (code == 0));
  if (code == 0) require(has_size(response.selected_att_key_id, sizeof(sgx::AttestationKeyId)));
}
void judge_fields(const aesm::InitQuoteExResponse& response, bool wants_key_id,
                  std::uint32_t code) {
  require(response.pub_key_id_size.has_value());
  require(response.target_info.has_value() == (code == 0));
  require(response.pub_key_id.has_value() == (code == 0 && wants_key_id));
  if (code != 0) return;
  require(has_size(response.target_info, sizeof(sgx::TargetInfo)));
  require(response.pub_key_id_size == sgx::PubKeyId::kSize);
  if (wants_key_id) require(has_size(response.pub_key_id, sgx::PubKeyId::kSize));
}
void judge_fields(const aesm::GetQuoteSizeExResponse& response, bool, std::uint32_t code) {
  require(response.quote_size.has_value() && (code == 0) == (*response.quote_size > 0));
}
void judge_fields(const aesm::GetQuoteExResponse& response, bool, std::uint32_t code) {
  require(response.quote.has_value() == (code == 0));
}

}  // namespace

FrontEndPeer::FrontEndPeer(base::UniqueFd socket, std::uint32_t quote_size)
    : socket_(std::move(socket)), quote_size_(quote_size) {}

void FrontEndPeer::send(ByteView bytes) {
  if (!open() || half_closed_) return;
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) break;
    const auto count = static_cast<std::size_t>(sent);
    base::append(unparsed_, bytes.first(count));
    bytes = bytes.subspan(count);
  }
  parse_sent();
}

void FrontEndPeer::half_close() {
  if (open()) ::shutdown(socket_.get(), SHUT_WR);
  half_closed_ = true;
}

void FrontEndPeer::close() { socket_.reset(); }

void FrontEndPeer::receive() {
  if (!open() || !reading_) return;
  std::array<std::byte, 16384> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  ssize_t got = 0;
  while ((got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0) {
    base::append(received_, ByteView(buffer).first(static_cast<std::size_t>(got)));
  }
  parse_received();
}

void FrontEndPeer::parse_sent() {
  while (!doomed_) {
    const auto body = frame_at_start(unparsed_, aesm::kMaxRequestSize, doomed_);
    if (!body) return;
    const auto request = aesm::decode_request(*body);
    if (request) {
      due_.push_back(due_for(*request));
    } else {
      doomed_ = true;
    }
    drop_frame(unparsed_, body->size());
  }
}

void FrontEndPeer::parse_received() {
  while (true) {
    bool too_large = false;
    const auto body = frame_at_start(received_, aesm::kMaxResponseSize, too_large);
    require(!too_large);
    if (!body) return;
    require(!due_.empty());
    const auto response = aesm::decode_response(*body);
    require(response.has_value());
    judge(due_.front(), *response);
    due_.pop_front();
    ++answers_;
    drop_frame(received_, body->size());
  }
}

FrontEndPeer::Due FrontEndPeer::due_for(const aesm::Request& request) {
  Due due;
  due.kind = aesm::kind_of(request);
  due.incomplete = !aesm::missing_required_field(request).empty();
  if (const auto* init = std::get_if<aesm::InitQuoteExRequest>(&request)) {
    due.buf_size = init->buf_size.value_or(0);
    due.wants_key_id = init->b_pub_key_id.value_or(false);
  } else if (const auto* quote = std::get_if<aesm::GetQuoteExRequest>(&request)) {
    due.buf_size = quote->buf_size.value_or(0);
    due.wants_qe_report = quote->qe_report_info.has_value();
    if (has_size(quote->report, sizeof(sgx::Report))) {
      due.report = base::parse_struct<sgx::Report>(*quote->report, "report").value().body;
    }
  }
  return due;
}

void FrontEndPeer::judge(const Due& due, const aesm::Response& response) const {
  require(aesm::kind_of(response) == due.kind);
  const std::uint32_t code = std::visit(
      [&](const auto& typed) {
        require(typed.error_code.has_value());
        judge_fields(typed, due.wants_key_id, *typed.error_code);
        return *typed.error_code;
      },
      response);
  require(!due.incomplete || code == kUnexpected);
  if (code == 0) {
    if (const auto* quote = std::get_if<aesm::GetQuoteExResponse>(&response)) {
      judge_success(due, *quote);
    }
  } else if (const auto* init = std::get_if<aesm::InitQuoteExResponse>(&response)) {
    require(init->pub_key_id_size == due.buf_size);
  }
}

// A quote of exactly what was asked for, in exactly the room that was asked for.
void FrontEndPeer::judge_success(const Due& due, const aesm::GetQuoteExResponse& response) const {
  require(has_size(response.quote, due.buf_size) && due.buf_size >= quote_size_);
  const auto parsed = quote::Quote::parse(response.quote->first(quote_size_));
  require(parsed && due.report && parsed->report_body() != nullptr &&
          *parsed->report_body() == *due.report);
  require(base::all_zero(response.quote->subspan(quote_size_)));
  require(response.qe_report_info.has_value() == due.wants_qe_report);
  if (due.wants_qe_report) require(has_size(response.qe_report_info, sizeof(sgx::QeReportInfo)));
}

void FrontEndPeer::judge_rest(bool ended, bool excused) const {
  if (!reading_ && open()) return;  // its answers may be stuck
  if (excused) return;
  const bool must_end = doomed_ || half_closed_ || !open();
  require(ended == must_end);
  if (open()) require(due_.empty() && received_.empty());
}

}  // namespace quoted::fuzz
