// What happens to a manufacturer's platforms over the years, to be practised on a simulated world:
// recoveries, revocations, advisories. Each changes a world in memory; world_file.h keeps it.
#pragma once

#include "simulation/authority/world.h"

namespace quoted::simulation {

// A vulnerability was fixed by new microcode: a better level appears, and those who stay behind
// are out of date.
struct TcbRecovery {
  bool raise_cpu_svn = true;  // component 1, which microcode that is loaded early moves
  std::optional<std::uint16_t> pce_svn;
  std::vector<std::string> advisories;  // of all levels below the new one
  std::chrono::days grace{0};           // until it is what update=standard means
};

struct RecoveryOutcome {
  std::uint32_t old_number = 0;
  std::uint32_t new_number = 0;
  TcbLevel best;
  std::size_t left_behind = 0;  // levels that were in order before
};

// InvalidArgument when the new level would not be above the present best one, Malformed when it
// would make documents that verifiers refuse.
[[nodiscard]] base::Result<RecoveryOutcome> recover_tcb(World& world, const TcbRecovery& recovery,
                                                        base::UnixTime now);

// The same for the Quoting Enclave: `isv_svn` becomes its best level.
struct QeRecovery {
  std::uint16_t isv_svn = 0;
  std::vector<std::string> advisories;
  std::chrono::days grace{0};
};
[[nodiscard]] base::Result<RecoveryOutcome> recover_qe(World& world, const QeRecovery& recovery,
                                                       base::UnixTime now);

// One advisory or status more, or less, for the level at `index`, without a new number.
// InvalidArgument when there is no such level.
struct Judgement {
  std::optional<TcbStatus> status;
  std::vector<std::string> add_advisories;
  std::vector<std::string> remove_advisories;
};
[[nodiscard]] base::Status judge_level(World& world, std::size_t index, const Judgement& judgement);
[[nodiscard]] base::Status judge_qe_level(World& world, std::uint16_t isv_svn,
                                          const Judgement& judgement);

// Into the CRLs, or out of them, whose number rises. False when nothing changed.
enum class Revoking : std::uint8_t { kRevoke, kTakeBack };
bool set_revoked(World& world, const crypto::SerialNumber& pck, Revoking what);
bool set_revoked(World& world, RevocableIssuer issuer, Revoking what);

// The PCK certificates of a registered platform, one for each level.
[[nodiscard]] base::Result<std::vector<crypto::SerialNumber>> pck_serials(
    const MasterSeed& seed, const World& world, const PlatformIdentity& platform);

// All documents are issued so that their nextUpdate was `ago` before `now`; or as ever again.
void expire_documents(World& world, base::UnixTime now, std::chrono::seconds ago);
void renew_documents(World& world);

// In place of the fault that the endpoint had. False when there was none to clear.
void set_fault(World& world, const Fault& fault);
bool clear_fault(World& world, ServiceEndpoint endpoint);

}  // namespace quoted::simulation
