#include "sgx/attestation_key_id.h"

#include <algorithm>
#include <string_view>

namespace quoted::sgx {
namespace {

constexpr std::string_view kIntelQeSigner =
    "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff";

}  // namespace

AttestationKeyId ecdsa_p256_key_id() {
  AttestationKeyId out;
  out.base.mrsigner_length = 32;
  const auto signer = MrSigner::parse_hex(kIntelQeSigner).value();
  std::copy(signer.view().begin(), signer.view().end(), out.base.mrsigner.mutable_view().begin());
  out.base.prod_id = 1;
  out.base.algorithm_id = kAlgorithmEcdsaP256;
  return out;
}

}  // namespace quoted::sgx
