#include "verification/testing/forgeries.h"

namespace quoted::verification::testing {
namespace {

std::function<Forged()> making(const Spoil& spoil, Made made) {
  return [spoil, made] {
    Forge forge = made();
    spoil(forge);
    return forge.make();
  };
}

}  // namespace

Forgery refused(const std::string& rule, const std::string& what, collateral::QvlStatus status,
                QvReturn returned, const Spoil& spoil, int bug, Made made) {
  Forgery out;
  out.what = what;
  out.flaws = {rule};
  out.status = status;
  out.intel_return = out.strict_return = returned;
  // Until all inputs have been read the flag has its initial value (quote-verification 7).
  out.expiration_status = rule.starts_with("input.") ? 1 : 0;
  out.bug = bug;
  out.forged = making(spoil, made);
  return out;
}

Forgery expired(std::vector<std::string> rules, const std::string& what,
                collateral::QvlStatus status, QvReturn strict_return, const Spoil& spoil, int bug) {
  Forgery out;
  out.what = what;
  out.flaws = std::move(rules);
  out.flaws.emplace_back("strict.expiry");
  out.status = status;
  out.intel_result = QvResult::kOk;
  out.expiration_status = 1;
  out.strict_return = strict_return;
  out.bug = bug;
  out.forged = making(spoil, sgx3);
  return out;
}

Forgery lax(const std::string& rule, const std::string& what, QvReturn strict_return,
            const Spoil& spoil, int bug, Made made) {
  Forgery out;
  out.what = what;
  out.flaws = {rule};
  out.intel_result = QvResult::kOk;
  out.strict_return = strict_return;
  out.bug = bug;
  out.forged = making(spoil, made);
  return out;
}

std::vector<Forgery> all_forgeries() {
  std::vector<Forgery> out;
  for (const auto& part : {input_forgeries(), pck_forgeries(), document_forgeries(),
                           quote_forgeries(), strict_forgeries()}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

}  // namespace quoted::verification::testing
