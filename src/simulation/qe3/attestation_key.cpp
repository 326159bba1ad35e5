#include "simulation/qe3/attestation_key.h"

#include <algorithm>
#include <array>

#include "crypto/cmac.h"
#include "simulation/pce/pck_key.h"

namespace quoted::simulation {
namespace {

using base::Result;

constexpr std::string_view kAttestationKeyLabel = "QE_ATT_DER";
constexpr std::string_view kQeIdLabel = "QE_ID_DER";

sgx::KeyRequest signer_seal_request() {
  sgx::KeyRequest out = architectural_key_request(sgx::KeyName::kSeal);
  out.key_policy = sgx::key_policy::kMrSigner;
  return out;
}

}  // namespace

Result<crypto::P256PrivateKey> attestation_key_from_key(const crypto::Key128& seal_key) {
  QUOTED_TRY(const base::SecretBytes seed, expand_key_seed(seal_key, kAttestationKeyLabel));
  return crypto::P256PrivateKey::from_seed(seed.view());
}

Result<sgx::QeId> qe_id_from_key(const crypto::Key128& seal_key) {
  std::array<std::byte, 16> input{};
  const base::ByteView label = base::as_bytes(kQeIdLabel);
  std::copy(label.begin(), label.end(), input.begin() + 1);
  input[15] = std::byte{0x80};
  QUOTED_TRY(const crypto::Cmac mac, crypto::aes128_cmac(seal_key, input));
  return sgx::QeId::parse(mac.view());
}

Result<crypto::P256PrivateKey> derive_attestation_key(const Cpu& cpu, const Secs& secs) {
  sgx::KeyRequest request = signer_seal_request();
  request.cpu_svn = cpu.cpu_svn();
  request.isv_svn = secs.isv_svn;
  QUOTED_TRY(const crypto::Key128 key, cpu.egetkey(secs, request));
  return attestation_key_from_key(key);
}

Result<sgx::QeId> derive_qe_id(const Cpu& cpu, const Secs& secs) {
  QUOTED_TRY(const crypto::Key128 key, cpu.egetkey(secs, signer_seal_request()));
  return qe_id_from_key(key);
}

}  // namespace quoted::simulation
