// How quotectl speaks: values to standard output, everything else to standard error, files whole
// or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::quotectl {

// Keeps the numbers 0 to 2 from being given to a file that is opened later, where a message would
// be written into it. To be called first.
void claim_standard_descriptors();

// FileUnwritable when standard output does not take all of it, for a script must not go on with
// half of an answer.
[[nodiscard]] base::Status print(std::string_view value);

// One line on standard error.
void note(std::string_view sentence);
void complain(const base::Error& error);

// "SIMULATED-NO-SECURITY: `sentence`", on standard error.
void warn_simulated(std::string_view sentence);

// `path` holds the old content, if any, or the new. FileUnwritable also for what is not a regular
// file: replacing /dev/null by a file would break the machine.
[[nodiscard]] base::Status write_output_file(const std::string& path, base::ByteView content);

}  // namespace quoted::quotectl
