// The attestation key id of the AESM and DCAP interfaces (quote-generation 2.5, aesm-protocol
// 6.1 to 6.4).
#pragma once

#include <cstddef>

#include "sgx/identifiers.h"
#include "sgx/report.h"

namespace quoted::sgx {

// sgx_ql_att_key_id_t. Two ids are the same key when these 158 bytes are equal.
struct AttestationKeyIdBase {
  Le16 id;
  Le16 version;
  Le16 mrsigner_length;
  base::FixedBytes<struct AttestationKeySignerTag, 48> mrsigner;
  Le32 prod_id;
  IsvExtProdId extended_prod_id;
  ConfigId config_id;
  IsvFamilyId family_id;
  Le32 algorithm_id;

  friend bool operator==(const AttestationKeyIdBase&, const AttestationKeyIdBase&) = default;
};
static_assert(sizeof(AttestationKeyIdBase) == 158 && alignof(AttestationKeyIdBase) == 1);
static_assert(offsetof(AttestationKeyIdBase, prod_id) == 54);
static_assert(offsetof(AttestationKeyIdBase, algorithm_id) == 154);

// sgx_att_key_id_ext_t, which is also what an sgx_att_key_id_t holds.
struct AttestationKeyId {
  AttestationKeyIdBase base;
  base::FixedBytes<struct SpidTag, 16> spid;
  Le16 att_key_type;
  Reserved<80> reserved{};
};
static_assert(sizeof(AttestationKeyId) == 256 && alignof(AttestationKeyId) == 1);
static_assert(offsetof(AttestationKeyId, spid) == 158);
static_assert(offsetof(AttestationKeyId, reserved) == 176);

struct AttestationKeyIdListHeader {
  Le16 id;
  Le16 version;
  Le32 num_att_ids;
};
static_assert(sizeof(AttestationKeyIdListHeader) == 8);
inline constexpr std::uint32_t kMaxAttestationKeyIdsInList = 10;

// Algorithm of ECDSA over P-256 with QE3.
inline constexpr std::uint32_t kAlgorithmEcdsaP256 = 2;

// The id by which every client selects ECDSA quoting: Intel's QE signer, product 1, algorithm 2.
// A constant of the protocol, also on simulated platforms (docs/decisions).
[[nodiscard]] AttestationKeyId ecdsa_p256_key_id();

}  // namespace quoted::sgx
