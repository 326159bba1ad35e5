// Exit codes of quotectl. Scripts depend on them: never change one.
#pragma once

namespace quoted::quotectl {

enum class ExitCode : int {
  kSuccess = 0,               // for `verify`: the quote is verified
  kVerifiedWithWarnings = 1,  // `verify` only, and never with --policy
  kRefused = 2,               // `verify`; `policy test`: a verdict is not decided as it should be
  kInvalidPolicy = 2,         // `policy check` only: a policy has mistakes
  kNotReady = 2,              // `status` only: the daemon does not answer, or cannot quote
  kProbeFailed = 2,           // `collateral probe` only: a step on the way to a document fails
  kDiffers = 2,               // `wire replay` only: an answer is not as it was recorded
  kError = 3,                 // the command could not be carried out
};

}  // namespace quoted::quotectl
