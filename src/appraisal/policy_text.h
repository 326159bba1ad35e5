// Reads a policy from TOML. Beside its form, its sense is checked: a policy that nothing can pass,
// that lets pass more than its writer can have meant, or of which a part has no effect is refused.
#pragma once

#include "appraisal/policy.h"
#include "base/result.h"

namespace quoted::appraisal {

// More alternatives than anyone lists by hand; each is compared with each.
inline constexpr std::size_t kMaxAlternatives = 256;

// Nothing when there are mistakes.
[[nodiscard]] std::optional<Policy> parse_policy(std::string_view text, config::Mistakes& mistakes);

// ConfigurationInvalid with every mistake as "`file`:line:column: what".
[[nodiscard]] base::Result<Policy> parse_policy(std::string_view text, std::string_view file);

// Reads and parses a file; FileUnreadable when it cannot be read.
[[nodiscard]] base::Result<Policy> load_policy(const std::string& path);

}  // namespace quoted::appraisal
