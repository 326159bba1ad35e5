// Typed members of a JSON object, for the readers of TCB info and QE identity. Each takes the
// status for a missing member and the one for a member of a wrong form.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/fixed_bytes.h"
#include "base/text.h"
#include "collateral/json_value.h"
#include "collateral/qvl_status.h"

namespace quoted::collateral {

struct FieldStatuses {
  QvlStatus missing;
  QvlStatus bad;
};

// What Intel's verifier accepts and a strict one refuses.
struct Laxity {
  std::string_view rule;  // one of the two below; a strict rule of the verifier looks for it
  std::string detail;
};

inline constexpr std::string_view kRuleDuplicateMember = "json_duplicate_member";
inline constexpr std::string_view kRuleSvnRange = "tcb_component_range";

[[nodiscard]] Judged<const JsonValue*> field(const JsonValue& object, std::string_view name,
                                             QvlStatus missing);
[[nodiscard]] Judged<const std::string*> string_field(const JsonValue& object,
                                                      std::string_view name,
                                                      const FieldStatuses& statuses);
// Exactly "YYYY-MM-DDThh:mm:ssZ", a real calendar time.
[[nodiscard]] Judged<base::UnixTime> date_field(const JsonValue& object, std::string_view name,
                                                const FieldStatuses& statuses);
// 32 bits; 5.0 and -1 are none.
[[nodiscard]] Judged<std::uint32_t> unsigned_field(const JsonValue& object, std::string_view name,
                                                   const FieldStatuses& statuses);
[[nodiscard]] Judged<const JsonArray*> filled_array_field(const JsonValue& object,
                                                          std::string_view name,
                                                          const FieldStatuses& statuses);
// "advisoryIDs", an optional array of strings.
[[nodiscard]] Judged<std::vector<std::string>> advisories_field(const JsonValue& object,
                                                                QvlStatus bad);

// Hexadecimal digits of exactly T's size, in either case.
template <class T>
[[nodiscard]] Judged<T> bytes_field(const JsonValue& object, std::string_view name,
                                    const FieldStatuses& statuses) {
  auto digits = string_field(object, name, statuses);
  if (!digits) return tl::unexpected(std::move(digits).error());
  auto parsed = T::parse_hex(**digits);
  if (!parsed) {
    return flaw(statuses.bad, base::text("'", name, "': ", parsed.error().message()));
  }
  return *parsed;
}

[[nodiscard]] std::optional<base::UnixTime> parse_document_date(std::string_view date);

}  // namespace quoted::collateral

// Evaluates a Judged and returns its flaw from the enclosing function, or binds its value.
#define QUOTED_JUDGE(target, expression) \
  QUOTED_JUDGE_IMPL(QUOTED_CONCAT(quoted_judge_, __LINE__), target, expression)
#define QUOTED_JUDGE_IMPL(holder, target, expression)            \
  auto holder = (expression);                                    \
  if (!holder) return tl::unexpected(std::move(holder).error()); \
  target = *std::move(holder)
