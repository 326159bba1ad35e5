// What a node asks certification services for, and what they answer (pcs-api 3), whatever their
// dialect.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/clock.h"
#include "collateral/pck_ca.h"
#include "collateral/tcb_info.h"
#include "crypto/p256.h"
#include "sgx/identifiers.h"

namespace quoted::certification {

// A platform with its raw TCB (quote-generation 6).
struct PckRequest {
  sgx::QeId qe_id;
  std::uint16_t pce_id = 0;
  sgx::CpuSvn cpu_svn;
  std::uint16_t pce_isv_svn = 0;
  base::Bytes encrypted_ppid;  // 384 bytes, or none: the service then goes by the QE id
  friend bool operator==(const PckRequest&, const PckRequest&) = default;
};

// The certificate that was chosen, and the TCB it was issued for (TCBm): with another TCB the
// signature of the PCE is invalid and nothing says why.
struct PckCertification {
  sgx::CpuSvn cpu_svn;
  std::uint16_t pce_isv_svn = 0;
  std::string leaf_pem;          // ends in LF
  std::string issuer_chain_pem;  // CA, root
  friend bool operator==(const PckCertification&, const PckCertification&) = default;
};

struct PckCrlRequest {
  collateral::PckCa ca = collateral::PckCa::kPlatform;
};
struct RootCaCrlRequest {
  std::string url;  // the distribution point of the root certificate
  // Whose CRL it must be; without one that of any trusted root will do.
  std::optional<crypto::P256Point> root_key{};
};
struct TcbInfoRequest {
  collateral::Tee tee = collateral::Tee::kSgx;
  sgx::Fmspc fmspc;
};
enum class EnclaveIdentity : std::uint8_t { kQe, kTdQe, kQve };
struct EnclaveIdentityRequest {
  EnclaveIdentity id = EnclaveIdentity::kQe;
};
using DocumentRequest =
    std::variant<PckCrlRequest, RootCaCrlRequest, TcbInfoRequest, EnclaveIdentityRequest>;

// "the SGX TCB info of FMSPC 00906ea10000": for messages and logs.
[[nodiscard]] std::string describe(const DocumentRequest& request);

struct Document {
  base::Bytes body;              // byte for byte; CRLs as DER whatever the dialect's form
  std::string issuer_chain_pem;  // empty for the root CA CRL
};

// How a node makes itself known (pcs-api 3.9, 6.4).
struct Registration {
  PckRequest platform;
  base::Bytes platform_manifest;
  friend bool operator==(const Registration&, const Registration&) = default;
};

}  // namespace quoted::certification
