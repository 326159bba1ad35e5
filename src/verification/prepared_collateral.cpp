#include "verification/prepared_collateral.h"

#include "base/byte_reader.h"

namespace quoted::verification {
namespace {

// Each part behind its size, so that no byte can pass from one part to the next unnoticed.
base::Result<crypto::Sha256> identify(const collateral::Collateral& documents) {
  base::Bytes all;
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    const base::Bytes& bytes = documents.*part.bytes;
    const base::Le64 size(bytes.size());
    const base::ByteView head = base::struct_bytes(size);
    all.insert(all.end(), head.begin(), head.end());
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return crypto::sha256(all);
}

}  // namespace

base::Result<PreparedCollateral> PreparedCollateral::prepare(
    const collateral::Collateral& documents) {
  QUOTED_TRY(const crypto::Sha256 identity, identify(documents));
  return PreparedCollateral(std::make_shared<const Contents>(
      Contents{collateral::ParsedCollateral::parse(documents), identity}));
}

}  // namespace quoted::verification
