// A stored attestation key blob with hostile changes: the input is XORed onto a genuine blob, so
// that the engine reaches behind the first checks. Only the unchanged blob may open.
#include "fuzz.h"
#include "simulation/cpu/platform_cpu.h"
#include "simulation/qe3/qe3.h"

using namespace quoted;

namespace {

struct Fixture {
  simulation::PlatformCpu cpu = simulation::PlatformCpu::create({}, {}, {}, {}).value();
  simulation::Secs secs = simulation::simulated_qe_secs(simulation::kSimulatedQeIsvSvn);
  base::Bytes blob;

  Fixture() {
    const simulation::Qe3 qe(cpu, secs, {});
    sgx::TargetInfo pce;
    pce.attributes.flags = sgx::flags::kInit | sgx::flags::kProvisionKey;
    sgx::Report report;
    const base::Bytes authentication_data(simulation::kQeAuthenticationDataSize);
    blob = qe.generate_attestation_key(pce, authentication_data, report).value();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  const base::ByteView changes = fuzz::input(data, size);
  (void)simulation::unseal_blob(fixture.cpu, fixture.secs, changes);
  if (size > fixture.blob.size()) return 0;
  base::Bytes changed = fixture.blob;
  for (std::size_t i = 0; i < size; ++i) changed[i] ^= changes[i];
  const bool opens = simulation::unseal_blob(fixture.cpu, fixture.secs, changed).has_value();
  fuzz::require(opens == base::all_zero(changes));
  return 0;
}
