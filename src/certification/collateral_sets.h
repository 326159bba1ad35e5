// The seven parts of a platform line that belong together. Sources replace them one after the
// other; who verifies must not see half of a change.
#pragma once

#include <array>
#include <compare>
#include <map>

#include "certification/keeper.h"
#include "verification/verifier.h"

namespace quoted::certification {

class CollateralSets {
 public:
  // All of them outlive this.
  CollateralSets(Keeper& keeper, const ServiceOptions& options, const base::Clock& clock);

  [[nodiscard]] base::Result<Answer<collateral::Collateral>> get(const PlatformLine& line,
                                                                 Freshness freshness);

 private:
  // TCB info, QE identity, PCK CRL, root CA CRL.
  using Parts = std::array<KeptPtr, 4>;
  struct Set {
    Parts parts;
    collateral::Collateral documents;
  };
  using SetPtr = std::shared_ptr<const Set>;
  using LineKey = std::array<std::string, 2>;  // of the TCB info and the PCK CRL

  // What is remembered of a line.
  struct Line {
    SetPtr last;  // that was whole
    std::optional<base::UnixTime> mixed_at;
    base::UnixTime used;
  };

  [[nodiscard]] base::Result<Parts> gather(const PlatformLine& line, Freshness freshness,
                                           Freshness of_numbered);
  [[nodiscard]] base::Result<SetPtr> assemble(const Parts& parts) const;
  [[nodiscard]] Worth worth(const Set& set);
  [[nodiscard]] Answer<collateral::Collateral> answer(const Set& set);
  [[nodiscard]] Line recall(const LineKey& key);
  void remember(const LineKey& key, Line line);

  Keeper& keeper_;
  const base::Clock& clock_;
  const verification::Verifier verifier_;
  const std::chrono::seconds stale_limit_;
  const std::chrono::seconds retry_after_;
  std::mutex mutex_;
  std::map<LineKey, Line> lines_;
};

}  // namespace quoted::certification
