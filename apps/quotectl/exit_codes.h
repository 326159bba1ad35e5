// Exit codes of quotectl. Scripts depend on them: never change one.
#pragma once

namespace quoted::quotectl {

enum class ExitCode : int {
  kSuccess = 0,               // for `verify`: the quote is verified
  kVerifiedWithWarnings = 1,  // `verify` only
  kRefused = 2,               // `verify` only
  kDiffers = 2,               // `wire replay` only: an answer is not as it was recorded
  kError = 3,                 // the command could not be carried out
};

}  // namespace quoted::quotectl
