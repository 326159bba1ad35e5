// Hostile text as QE identity: nothing crashes, and an accepted document has what its users count
// on.
#include "collateral/qe_identity.h"
#include "fuzz.h"

using namespace quoted;
using collateral::QvlStatus;
using collateral::TcbStatus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto identity = collateral::QeIdentity::parse(base::as_text(fuzz::input(data, size)));
  if (!identity) {
    const QvlStatus status = identity.error().status;
    fuzz::require(status == QvlStatus::kEnclaveIdentityUnsupportedFormat ||
                  status == QvlStatus::kEnclaveIdentityInvalid ||
                  status == QvlStatus::kEnclaveIdentityUnsupportedVersion);
    fuzz::require(!identity.error().detail.empty());
    return 0;
  }
  fuzz::require(!identity->levels.empty());
  for (const auto& level : identity->levels) {
    fuzz::require(level.status != TcbStatus::kSwHardeningNeeded &&
                  level.status != TcbStatus::kConfigurationAndSwHardeningNeeded);
  }
  fuzz::require(!collateral::enclave_identity_id_name(identity->id).empty());
  return 0;
}
