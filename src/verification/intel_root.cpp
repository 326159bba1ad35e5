#include <algorithm>
#include <array>
#include <bit>

#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "sgx/attestation_key_id.h"
#include "verification/intel/chain_rules.h"
#include "verification/trusted_root.h"

namespace quoted::verification {
namespace {

// The public key x || y of "Intel SGX Root CA", taken from the certificate that Intel publishes at
// https://certificates.trustedservices.intel.com/IntelSGXRootCA.der (SHA-256 of those 659 bytes:
// 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3). The older issue of that
// certificate has the same key.
constexpr std::array<unsigned char, crypto::P256Point::kSize> kIntelRootKey{
    0x0b, 0xa9, 0xc4, 0xc0, 0xc0, 0xc8, 0x61, 0x93, 0xa3, 0xfe, 0x23, 0xd6, 0xb0, 0x2c, 0xda, 0x10,
    0xa8, 0xbb, 0xd4, 0xe8, 0x8e, 0x48, 0xb4, 0x45, 0x85, 0x61, 0xa3, 0x6e, 0x70, 0x55, 0x25, 0xf5,
    0x67, 0x91, 0x8e, 0x2e, 0xdc, 0x88, 0xe4, 0x0d, 0x86, 0x0b, 0xd0, 0xcc, 0x4e, 0xe2, 0x6a, 0xac,
    0xc9, 0x88, 0xe5, 0x05, 0xa9, 0x53, 0x55, 0x8c, 0x45, 0x3f, 0x6b, 0x09, 0x04, 0xae, 0x73, 0x94};

// The signer of Intel's Quoting Enclave for TDX, from the QE identities with id TD_QE that Intel
// signs.
constexpr std::string_view kIntelTdQeSigner =
    "dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5";

// The signer of Intel's Quoting Enclave is that of the attestation key id (quote-generation 2.5).
sgx::MrSigner intel_qe_signer() {
  const auto padded = sgx::ecdsa_p256_key_id().base.mrsigner;
  return sgx::MrSigner::parse(padded.view().first(sgx::MrSigner::kSize)).value();
}

}  // namespace

TrustedRoot intel_root() {
  const crypto::P256Point point(
      std::bit_cast<std::array<std::byte, crypto::P256Point::kSize>>(kIntelRootKey));
  return {std::string(collateral::kRootCaCn), crypto::P256PublicKey::create(point).value(),
          intel_qe_signer(), sgx::MrSigner::parse_hex(kIntelTdQeSigner).value()};
}

const TrustedRoot* find_root(std::span<const TrustedRoot> roots,
                             const crypto::Certificate& certificate) {
  if (!certificate.has_p256_key()) return nullptr;
  const auto found = std::ranges::find_if(roots, [&](const TrustedRoot& root) {
    return root.key.point() == certificate.public_key().point();
  });
  return found == roots.end() ? nullptr : &*found;
}

base::Result<const TrustedRoot*> require_root(std::span<const TrustedRoot> roots,
                                              const crypto::Certificate& certificate,
                                              std::string_view what) {
  if (const TrustedRoot* const found = find_root(roots, certificate)) return found;
  return base::fail(collateral::is_marked_simulated(certificate)
                        ? base::ErrorCode::kSimulatedRootNotTrusted
                        : base::ErrorCode::kRootNotTrusted,
                    base::text(what, " ends in ", intel::label(certificate),
                               ", which is none of the ", roots.size(), " trusted roots"));
}

}  // namespace quoted::verification
