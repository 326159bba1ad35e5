#include "recording/compare_answers.h"

#include <string_view>

#include "aesm/codec.h"
#include "aesm/schema.h"
#include "base/error_table.h"
#include "base/text.h"
#include "recording/compare_quotes.h"

namespace quoted::recording {
namespace {

using base::ByteView;
using base::text;

constexpr std::string_view kErrorCode = "errorCode";
constexpr std::string_view kQuote = "quote";
constexpr std::string_view kQeReportInfo = "qe_report_info";
constexpr std::string_view kQuoteSize = "quote_size";

std::string value_text(std::string_view field, std::uint64_t value) {
  if (field == kErrorCode && value <= UINT32_MAX) {
    return error_code_text(static_cast<std::uint32_t>(value));
  }
  return text(value);
}
std::string value_text(std::string_view /*field*/, ByteView value) {
  return text(value.size(), " bytes");
}

class Comparison {
 public:
  // Only a quote's answer knows signatures; the fields of the same name that EPID has do not.
  Comparison(bool ecdsa_quote, std::int64_t more_room)
      : ecdsa_quote_(ecdsa_quote), more_room_(more_room) {}

  template <class Value>
  void field(std::string_view name, const std::optional<Value>& expected,
             const std::optional<Value>& observed) {
    if (expected && observed) return values(name, *expected, *observed);
    if (!expected && !observed) return;
    const auto written = [&](const std::optional<Value>& value) {
      return value ? value_text(name, *value) : std::string("absent");
    };
    out_.add(std::string(name), written(expected), written(observed));
  }

  std::vector<Difference> take() && { return std::move(out_).take(); }

 private:
  void values(std::string_view name, std::uint64_t expected, std::uint64_t observed) {
    const std::uint64_t apart = expected > observed ? expected - observed : observed - expected;
    if (apart == 0 || (name == kQuoteSize && apart <= kSizeAllowance)) return;
    out_.add(std::string(name), value_text(name, expected), value_text(name, observed));
  }

  void values(std::string_view name, ByteView expected, ByteView observed) {
    if (ecdsa_quote_ && name == kQuote) return quotes(expected, observed);
    if (ecdsa_quote_ && name == kQeReportInfo) {
      return compare_qe_report_infos(expected, observed, out_);
    }
    out_.compare(name, expected, observed);
  }

  void quotes(ByteView expected, ByteView observed) {
    const auto size = static_cast<std::int64_t>(expected.size()) + more_room_;
    if (size != static_cast<std::int64_t>(observed.size())) {
      out_.add(std::string(kQuote), text(size, " bytes"), text(observed.size(), " bytes"));
    }
    compare_quotes(expected, observed, out_);
  }

  bool ecdsa_quote_;
  std::int64_t more_room_;
  Differences out_;
};

}  // namespace

std::string error_code_text(std::uint32_t code) {
  return text(code, ' ', base::aesm_error_name(code));
}

std::vector<Difference> compare_answers(const aesm::Response& expected,
                                        const aesm::Response& observed, std::int64_t more_room) {
  if (expected.index() != observed.index()) {
    return {{"kind", std::string(aesm::name_of(aesm::kind_of(expected))),
             std::string(aesm::name_of(aesm::kind_of(observed)))}};
  }
  Comparison comparison(std::holds_alternative<aesm::GetQuoteExResponse>(expected), more_room);
  std::visit(
      [&](const auto& before) {
        const auto& now = std::get<std::decay_t<decltype(before)>>(observed);
        aesm::schema::for_each_field(before, [&](const auto& field) {
          comparison.field(field.name, before.*field.member, now.*field.member);
        });
      },
      expected);
  return std::move(comparison).take();
}

}  // namespace quoted::recording
