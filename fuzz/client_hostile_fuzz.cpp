// The client side of the socket, the C++ client and the C interface, against a hostile service on
// a hostile kernel (hostile_kernel.h). Whatever comes back: a call ends in its time with a
// documented result, its memory follows what was really received, and what the caller gets is what
// the answer holds, or nothing.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "aesm/client.h"
#include "aesm/framing.h"
#include "fuzz.h"
#include "hostile_kernel.h"
#include "sgx_quote_ex/abi.h"
#include "sgx_quote_ex/status.h"
#include "splitter.h"

using namespace quoted;

namespace {

using fuzz::require;
using std::chrono::milliseconds;

constexpr const char* kSocket = "/nonexistent/aesm.socket";

// How the call is made.
struct Setting {
  std::uint8_t call = 0;
  bool patient = false;  // repeats what failed
  bool hurried = false;  // little time
  bool traced = false;
  bool endless = false;     // the service never stops sending
  bool has_output = true;   // else the pointer for the result is NULL
  bool with_extra = false;  // the call's other form: QE report info, key id, list
  std::uint32_t room = 0;

  [[nodiscard]] milliseconds timeout() const { return milliseconds(hurried ? 50 : 15000); }
};

Setting read_setting(fuzz::Splitter& input) {
  Setting out;
  out.call = input.byte();
  const std::uint8_t bits = input.byte();
  const auto bit = [bits](unsigned index) { return ((bits >> index) & 1U) != 0; };
  out.patient = bit(0);
  out.hurried = bit(1);
  out.traced = bit(2);
  out.endless = bit(3);
  out.has_output = !bit(4);
  out.with_extra = bit(5);
  out.room = bit(6) ? std::uint32_t{input.u16()} << 2U : input.u16();
  return out;
}

// Memory of the caller for a result: of exactly this size, so that the sanitizers see what is
// written behind it, and filled, so that what is not written can be told.
class Output {
 public:
  explicit Output(std::size_t size)
      : memory_(std::make_unique_for_overwrite<std::byte[]>(size)), size_(size) {
    std::ranges::fill(std::span(memory_.get(), size), kFill);
  }

  // Not NULL, whatever the size.
  template <class T = std::uint8_t>
  [[nodiscard]] T* data() {
    return reinterpret_cast<T*>(memory_.get());
  }
  [[nodiscard]] base::ByteView bytes() const { return {memory_.get(), size_}; }
  [[nodiscard]] bool untouched() const { return starts_with({}); }
  [[nodiscard]] bool holds(const aesm::OptionalBytes& field) const {
    return starts_with(field.value_or(base::ByteView()));
  }
  template <class T>
  [[nodiscard]] bool holds_value(T value) const {
    return holds(std::as_bytes(std::span<const T, 1>(&value, 1)));
  }

 private:
  static constexpr std::byte kFill{0xC5};

  // `start`, and nothing written behind it.
  [[nodiscard]] bool starts_with(base::ByteView start) const {
    if (start.size() > size_) return false;
    const base::ByteView all = bytes();
    return base::equal(all.first(start.size()), start) &&
           std::ranges::all_of(all.subspan(start.size()), [](std::byte b) { return b == kFill; });
  }

  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_;
};

// The answer that the client took from its last connection, when it is whole and of this kind.
template <class Answer>
class WholeAnswer {
 public:
  WholeAnswer(const fuzz::HostileKernel& kernel, std::size_t asked) {
    const std::size_t limit = std::max(aesm::kMaxResponseSize, asked + 4096);
    const base::ByteView all = kernel.delivered();
    require(all.size() <= aesm::kFramePrefixSize + limit);
    if (all.size() < aesm::kFramePrefixSize) return;
    const auto size = aesm::decode_frame_prefix(all.first<aesm::kFramePrefixSize>(), limit);
    const base::ByteView body = all.subspan(aesm::kFramePrefixSize);
    if (!size || body.size() != *size) return;
    auto decoded = aesm::OwnedResponse::decode(base::to_bytes(body));
    if (!decoded || !std::holds_alternative<Answer>(decoded->get())) return;
    response_.emplace(*std::move(decoded));
  }

  explicit operator bool() const { return response_.has_value(); }
  const Answer* operator->() const { return &std::get<Answer>(response_->get()); }
  [[nodiscard]] std::uint32_t code() const { return (*this)->error_code.value_or(1); }

 private:
  std::optional<aesm::OwnedResponse> response_;
};

bool too_large(const aesm::OptionalBytes& field, std::size_t room) {
  return field && field->size() > room;
}

// ---- The C interface. Each function makes a call and judges what it left behind.

using quote_ex::Column;
using quote_ex::status_for;

constexpr sgx_att_key_id_t kKey{};

void require_no_answer(sgx_status_t status) {
  require(status == SGX_ERROR_UNEXPECTED || status == SGX_ERROR_SERVICE_UNAVAILABLE ||
          status == SGX_ERROR_SERVICE_TIMEOUT);
}

// A NULL pointer is refused before anything is asked.
void require_refused(const fuzz::HostileKernel& kernel, sgx_status_t status) {
  require(status == SGX_ERROR_INVALID_PARAMETER && kernel.sockets_made() == 0);
}

void select(const fuzz::HostileKernel& kernel, const Setting& setting) {
  Output selected(sizeof(sgx_att_key_id_t));
  const base::Bytes list(setting.with_extra ? setting.room : 0);
  const auto* at = list.empty() ? nullptr : reinterpret_cast<const std::uint8_t*>(list.data());
  const sgx_status_t status =
      sgx_select_att_key_id(at, static_cast<std::uint32_t>(list.size()),
                            setting.has_output ? selected.data<sgx_att_key_id_t>() : nullptr);
  if (!setting.has_output) return require_refused(kernel, status);
  const WholeAnswer<aesm::SelectAttKeyIdResponse> answer(kernel, 0);
  if (!answer || too_large(answer->selected_att_key_id, selected.bytes().size())) {
    require_no_answer(status);
    return require(selected.untouched());
  }
  require(status == status_for(Column::kSelect, answer.code()));
  require(selected.holds(answer->selected_att_key_id));
}

void init(const fuzz::HostileKernel& kernel, const Setting& setting) {
  Output target(sizeof(sgx_target_info_t));
  Output key_id(setting.with_extra ? setting.room : 0);
  std::size_t size = setting.room;
  const sgx_status_t status =
      sgx_init_quote_ex(&kKey, setting.has_output ? target.data<sgx_target_info_t>() : nullptr,
                        &size, setting.with_extra ? key_id.data() : nullptr);
  if (!setting.has_output || (setting.with_extra && setting.room == 0)) {
    return require_refused(kernel, status);
  }
  const WholeAnswer<aesm::InitQuoteExResponse> answer(kernel, 0);
  if (!answer || too_large(answer->target_info, target.bytes().size())) {
    require_no_answer(status);
    return require(target.untouched() && key_id.untouched() && size == setting.room);
  }
  require(target.holds(answer->target_info));
  require(size == answer->pub_key_id_size.value_or(setting.room));
  const auto& sent = answer->pub_key_id;
  if (setting.with_extra && sent && (sent->size() > setting.room || sent->size() != size)) {
    return require(status == SGX_ERROR_UNEXPECTED && key_id.untouched());
  }
  require(status == status_for(Column::kInit, answer.code()));
  require(setting.with_extra ? key_id.holds(sent) : key_id.untouched());
}

void quote_size(const fuzz::HostileKernel& kernel, const Setting& setting) {
  Output size(sizeof(std::uint32_t));
  const sgx_status_t status =
      sgx_get_quote_size_ex(&kKey, setting.has_output ? size.data<std::uint32_t>() : nullptr);
  if (!setting.has_output) return require_refused(kernel, status);
  const WholeAnswer<aesm::GetQuoteSizeExResponse> answer(kernel, 0);
  if (!answer) {
    require_no_answer(status);
    return require(size.untouched());
  }
  require(status == status_for(Column::kSize, answer.code()));
  require(size.holds_value(answer->quote_size.value_or(0)));
}

void quote(const fuzz::HostileKernel& kernel, const Setting& setting) {
  const sgx_report_t report{};
  Output out(setting.room);
  Output info(sizeof(sgx_qe_report_info_t));
  const sgx_status_t status = sgx_get_quote_ex(
      &report, &kKey, setting.with_extra ? info.data<sgx_qe_report_info_t>() : nullptr,
      setting.has_output ? out.data() : nullptr, setting.room);
  if (!setting.has_output || setting.room == 0) return require_refused(kernel, status);
  const WholeAnswer<aesm::GetQuoteExResponse> answer(kernel, setting.room);
  if (!answer || too_large(answer->quote, setting.room) ||
      too_large(answer->qe_report_info, info.bytes().size())) {
    require_no_answer(status);
    return require(out.untouched() && info.untouched());
  }
  require(status == status_for(Column::kQuote, answer.code()));
  require(out.holds(answer->quote));
  require(setting.with_extra ? info.holds(answer->qe_report_info) : info.untouched());
}

void key_id_count(const fuzz::HostileKernel& kernel, const Setting& setting) {
  Output count(sizeof(std::uint32_t));
  const sgx_status_t status =
      sgx_get_supported_att_key_id_num(setting.has_output ? count.data<std::uint32_t>() : nullptr);
  if (!setting.has_output) return require_refused(kernel, status);
  const WholeAnswer<aesm::GetSupportedAttKeyIdNumResponse> answer(kernel, 0);
  if (!answer) {
    require_no_answer(status);
    return require(count.untouched());
  }
  require(status == status_for(Column::kIds, answer.code()));
  require(count.holds_value(answer->att_key_id_num.value_or(0)));
}

void key_ids(const fuzz::HostileKernel& kernel, const Setting& setting) {
  const std::uint32_t count = setting.room % 32;
  Output list(count * sizeof(sgx_att_key_id_ext_t));
  const sgx_status_t status = sgx_get_supported_att_key_ids(
      setting.has_output ? list.data<sgx_att_key_id_ext_t>() : nullptr, count);
  if (!setting.has_output || count == 0) return require_refused(kernel, status);
  const WholeAnswer<aesm::GetSupportedAttKeyIdsResponse> answer(kernel, list.bytes().size());
  if (!answer || too_large(answer->att_key_ids, list.bytes().size())) {
    require_no_answer(status);
    return require(list.untouched());
  }
  require(status == status_for(Column::kIds, answer.code()));
  require(list.holds(answer->att_key_ids));
}

extern "C" void check_message(int level, const char* message) {
  require(level >= 0 && level < QUOTED_TRACE_DEBUG);
  const std::string_view text(message);
  require(!text.empty() && text.find('\n') == std::string_view::npos);
  // What the last catch of the interface says. Nothing a service does may lead there.
  require(text.find("defect") == std::string_view::npos);
}

// ---- The C++ client

aesm::Client client_for(const Setting& setting) {
  aesm::ClientOptions options;
  options.timeout = setting.timeout();
  if (setting.patient) options.retry = aesm::kPatient;
  return {kSocket, options};
}

void typed_init(const fuzz::HostileKernel& kernel, const Setting& setting) {
  const auto result = client_for(setting).init_quote();
  const WholeAnswer<aesm::InitQuoteExResponse> answer(kernel, 0);
  if (!result) return;
  require(answer && answer.code() == 0);
  require(base::equal(base::struct_bytes(result->target_info), *answer->target_info));
  require(base::equal(result->pub_key_id.view(), *answer->pub_key_id));
}

void typed_quote_size(const fuzz::HostileKernel& kernel, const Setting& setting) {
  const auto result = client_for(setting).quote_size();
  const WholeAnswer<aesm::GetQuoteSizeExResponse> answer(kernel, 0);
  if (result) require(answer && answer.code() == 0 && answer->quote_size == *result);
}

void typed_quote(const fuzz::HostileKernel& kernel, const Setting& setting) {
  std::optional<sgx::QeReportInfo> info;
  if (setting.with_extra) info.emplace();
  const auto result = client_for(setting).quote({}, setting.room, info);
  const WholeAnswer<aesm::GetQuoteExResponse> answer(kernel, setting.room);
  if (!result) return;
  require(answer && answer.code() == 0 && result->quote.size() <= setting.room);
  require(base::equal(result->quote, *answer->quote));
  require(result->qe_report_info.has_value() == setting.with_extra);
}

void typed_key_ids(const fuzz::HostileKernel& kernel, const Setting& setting) {
  const auto result = client_for(setting).supported_key_ids();
  if (!result || result->empty()) return;
  const WholeAnswer<aesm::GetSupportedAttKeyIdsResponse> answer(kernel, 0);
  require(answer && answer.code() == 0);
  require(answer->att_key_ids->size() == result->size() * sizeof(sgx::AttestationKeyId));
}

// ---- All of them

struct Target {
  void (*run)(const fuzz::HostileKernel&, const Setting&);
  bool is_c;
  int exchanges;  // with the service, when all goes well
};

constexpr auto kTargets = std::to_array<Target>({
    {select, true, 1},
    {init, true, 1},
    {quote_size, true, 1},
    {quote, true, 1},
    {key_id_count, true, 1},
    {key_ids, true, 1},
    {typed_init, false, 1},
    {typed_quote_size, false, 1},
    {typed_quote, false, 1},
    {typed_key_ids, false, 2},
});

void prepare_environment(const Setting& setting) {
  ::setenv("QUOTED_SOCKET", kSocket, 1);
  ::setenv("QUOTED_RETRY", setting.patient ? "on" : "off", 1);
  ::setenv("QUOTED_TIMEOUT_MS", setting.hurried ? "50" : "15000", 1);
  sgx_trace_loglevel = setting.traced ? QUOTED_TRACE_DEBUG : QUOTED_TRACE_NONE;
  sgx_trace_logger_callback = check_message;
}

void judge_conduct(const fuzz::HostileKernel& kernel, const Setting& setting,
                   const Target& target) {
  // What the C interface promises in its header, for each exchange.
  constexpr milliseconds kSlack{10};
  require(kernel.elapsed() <= (setting.timeout() + kSlack) * target.exchanges);
  const int connections = setting.patient ? aesm::kPatient.lost_answers + 1 : 1;
  require(kernel.connections_made() <= connections * target.exchanges);
  if (!setting.patient) require(kernel.sockets_made() <= target.exchanges);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Splitter input(fuzz::input(data, size));
  const Setting setting = read_setting(input);
  const Target& target = kTargets.at(setting.call % kTargets.size());
  prepare_environment(setting);
  constexpr int kErrno = 4242;
  errno = kErrno;
  const fuzz::HostileKernel kernel(input, setting.endless);
  target.run(kernel, setting);
  if (target.is_c) require(errno == kErrno);
  judge_conduct(kernel, setting, target);
  return 0;
}
