// The identity of a Quoting Enclave: what its REPORT must say for its quotes to count
// (quote-verification 6).
#pragma once

#include <array>

#include "collateral/document_fields.h"
#include "collateral/signed_document.h"
#include "collateral/tcb_status.h"
#include "sgx/identifiers.h"

namespace quoted::collateral {

// Byte strings in memory order, as they lie in the report.
using MiscSelectBytes = base::FixedBytes<struct MiscSelectBytesTag, 4>;
using AttributesBytes = base::FixedBytes<struct AttributesBytesTag, 16>;

enum class EnclaveIdentityId : std::uint8_t { kQe, kTdQe, kQve };

// "QE", as the documents spell it.
[[nodiscard]] std::string_view enclave_identity_id_name(EnclaveIdentityId id);

struct QeTcbLevel {
  std::uint32_t isv_svn = 0;
  base::UnixTime tcb_date;
  TcbStatus status = TcbStatus::kRevoked;
};

struct QeIdentity {
  EnclaveIdentityId id = EnclaveIdentityId::kQe;
  base::UnixTime issue_date;
  base::UnixTime next_update;
  MiscSelectBytes misc_select;
  MiscSelectBytes misc_select_mask;
  AttributesBytes attributes;
  AttributesBytes attributes_mask;
  sgx::MrSigner mr_signer;
  std::uint32_t isv_prod_id = 0;
  std::uint32_t evaluation_number = 0;
  std::vector<QeTcbLevel> levels;  // in the order of the document, which is that of the match

  SignedDocument document;
  std::vector<Laxity> laxities;

  // The flaw's status is EnclaveIdentityUnsupportedFormat, -Invalid or -UnsupportedVersion.
  // Signature and dates are not judged here.
  [[nodiscard]] static Judged<QeIdentity> parse(std::string_view text);
};

}  // namespace quoted::collateral
