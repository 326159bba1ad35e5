#include "verification/intel/known_chains.h"

namespace quoted::verification::intel {

void KnownChains::remember(std::shared_ptr<const QuoteChain> chain) {
  std::string text = chain->pem();
  const std::string group(group_of(*chain));
  chains_.insert(std::move(text), group, kAlways, std::move(chain));
}

std::string_view group_of(const QuoteChain& chain) {
  return base::as_text(chain.pck()->certificate().public_key().point().view());
}

}  // namespace quoted::verification::intel
