#include "quoted_inproc/simulated/refusal.h"

#include <algorithm>
#include <array>

namespace quoted::inproc {
namespace {

constexpr std::uint32_t kUnexpected = 0xE001;
constexpr std::uint32_t kLast = 0xE0FF;

struct Meaning {
  std::uint32_t native;
  std::uint32_t quote3;
};

// Of the enclaves' own numbers.
constexpr std::array<Meaning, 8> kMeanings = {{{0xD002, 0xE002},    // invalid parameter
                                               {0xD003, 0xE003},    // out of memory
                                               {0xD008, 0xE015},    // invalid report
                                               {0xD009, 0xE017},    // no report by the QE
                                               {0xF003, 0xE012},    // out of EPC
                                               {0xF004, 0xE00D},    // interface unavailable
                                               {0xF007, 0xE035},    // invalid privilege
                                               {0xF008, 0xE018}}};  // beyond the platform's TCB

}  // namespace

drop_in::Refusal refusal_of(const base::Error& error) {
  const std::uint32_t native = error.peer_code().value_or(error.entry().native);
  std::uint32_t code = kUnexpected;
  if (native >= kUnexpected && native <= kLast) {
    code = native;
  } else if (const auto* const known = std::ranges::find(kMeanings, native, &Meaning::native);
             known != kMeanings.end()) {
    code = known->quote3;
  }
  return {static_cast<quote3_error_t>(code), error.summary()};
}

}  // namespace quoted::inproc
