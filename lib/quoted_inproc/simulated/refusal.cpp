#include "quoted_inproc/simulated/refusal.h"

#include <algorithm>
#include <array>

#include "base/text.h"

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

// Of the errors of this way of quoting the table has the remedy; those of others are for another
// interface, and what a provider answers is its own to explain.
std::string words_of(const base::Error& error) {
  using enum base::ErrorCode;
  if (error.peer_code()) return error.summary();
  std::string out = error.summary();
  if (error.code() == kProvisioningRefused || error.code() == kOutOfEpc ||
      error.code() == kEnclaveLost) {
    out += base::text("; ", error.entry().remedy);
  }
  return base::text(out, " [", error.entry().id, ']');
}

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
  return {static_cast<quote3_error_t>(code), words_of(error)};
}

}  // namespace quoted::inproc
