// Certification data of a quote, types 1 to 7 (quote-generation 1.3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "crypto/rsa_oaep.h"
#include "quote/quote.h"

namespace quoted::quote {

enum class CertificationType : std::uint16_t {
  kClearPpid = 1,
  kEncryptedPpidRsa2048 = 2,
  kEncryptedPpidRsa3072 = 3,
  kPckLeaf = 4,
  kPckChain = 5,
  kQeReportCertificationData = 6,
  kPlatformManifest = 7,
};

// The TCB the attestation key was certified at, as types 1 to 3 carry it.
struct CertifiedTcb {
  sgx::CpuSvn cpu_svn;
  base::Le16 pce_svn;
  base::Le16 pce_id;
};
static_assert(sizeof(CertifiedTcb) == 20);

struct ClearPpid {
  sgx::Ppid ppid;
  CertifiedTcb tcb;
};
static_assert(sizeof(ClearPpid) == 36);

struct EncryptedPpidRsa2048 {
  base::FixedBytes<struct Rsa2048CiphertextTag, 256> encrypted_ppid;
  CertifiedTcb tcb;
};
static_assert(sizeof(EncryptedPpidRsa2048) == 276);

struct EncryptedPpidRsa3072 {
  crypto::RsaCiphertext encrypted_ppid;
  CertifiedTcb tcb;
};
static_assert(sizeof(EncryptedPpidRsa3072) == 404);

struct PckLeaf {
  std::string pem;  // without trailing NULs
};
struct PckChain {
  std::string pem;  // leaf, intermediate CA, root; without trailing NULs
};
// Type 6: QE report, its signature, authentication data and another certification data inside.
struct QeReportCertificationData {
  sgx::ReportBody qe_report;
  crypto::P256Signature qe_report_signature;
  base::Bytes authentication_data;
  std::uint16_t inner_type = 0;
  base::Bytes inner_data;
};
struct PlatformManifest {
  base::Bytes manifest;
};

using CertificationData =
    std::variant<ClearPpid, EncryptedPpidRsa2048, EncryptedPpidRsa3072, PckLeaf, PckChain,
                 QeReportCertificationData, PlatformManifest>;

// QuoteMalformed for a wrong size, CertificationDataUnsupported for a type outside 1..7. Type 6
// inside type 6 is refused, so hostile nesting costs nothing.
[[nodiscard]] base::Result<CertificationData> parse_certification_data(std::uint16_t type,
                                                                       base::ByteView data);

// "PCK certificate chain", for people.
[[nodiscard]] std::string_view certification_type_name(std::uint16_t type);

// Type 5 data as current providers emit it: PEM, final LF, one NUL.
[[nodiscard]] base::Bytes pck_chain_data(std::string_view pem);

}  // namespace quoted::quote
