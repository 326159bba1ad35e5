// The table of forgeries: for each rule of the verifier at least one that breaks this rule and
// nothing before it, with what is to be said of it. `bug` is the number of the mistake in
// quote-verification 21 that the forgery would profit from.
#pragma once

#include <ostream>

#include "verification/testing/forge.h"

namespace quoted::verification::testing {

struct Forgery {
  std::string what;
  // All checks that do not pass in Mode::kIntel, in order.
  std::vector<std::string> flaws;
  // Of the first of them; not looked at for strict rules, whose flaws have a return only.
  collateral::QvlStatus status = collateral::QvlStatus::kOk;
  QvReturn intel_return = QvReturn::kSuccess;
  QvResult intel_result = QvResult::kUnspecified;
  std::uint32_t expiration_status = 0;
  QvReturn strict_return = QvReturn::kSuccess;
  int bug = 0;
  std::function<Forged()> forged;
};

inline void PrintTo(const Forgery& row, std::ostream* out) {
  *out << row.flaws.front() << ": " << row.what;
}

using Spoil = std::function<void(Forge&)>;
using Made = Forge (*)();

[[nodiscard]] inline Forge sgx3() { return Forge::sgx(); }
[[nodiscard]] inline Forge tdx4() { return Forge::tdx10(); }

// Both modes refuse by `rule`.
[[nodiscard]] Forgery refused(const std::string& rule, const std::string& what,
                              collateral::QvlStatus status, QvReturn returned, const Spoil& spoil,
                              int bug = 0, Made made = sgx3);
// Intel's verifier says success and sets a flag.
[[nodiscard]] Forgery expired(std::vector<std::string> rules, const std::string& what,
                              collateral::QvlStatus status, QvReturn strict_return,
                              const Spoil& spoil, int bug = 0);
// Intel's verifier says OK.
[[nodiscard]] Forgery lax(const std::string& rule, const std::string& what, QvReturn strict_return,
                          const Spoil& spoil, int bug = 0, Made made = sgx3);

[[nodiscard]] std::vector<Forgery> input_forgeries();
[[nodiscard]] std::vector<Forgery> pck_forgeries();
[[nodiscard]] std::vector<Forgery> document_forgeries();
[[nodiscard]] std::vector<Forgery> quote_forgeries();
[[nodiscard]] std::vector<Forgery> strict_forgeries();
[[nodiscard]] std::vector<Forgery> all_forgeries();

}  // namespace quoted::verification::testing
