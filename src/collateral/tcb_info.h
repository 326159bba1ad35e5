// TCB info of version 2 and 3, for SGX and TDX: the levels at which the platforms of one FMSPC can
// run, and what each is worth (quote-verification 5).
#pragma once

#include "collateral/document_fields.h"
#include "collateral/sgx_extension.h"
#include "collateral/signed_document.h"
#include "collateral/tcb_status.h"

namespace quoted::collateral {

enum class Tee : std::uint8_t { kSgx, kTdx };

using SeamSigner = base::FixedBytes<struct SeamSignerTag, 48>;
using SeamAttributes = base::FixedBytes<struct SeamAttributesTag, 8>;

struct TcbLevel {
  TcbComponents sgx_components{};
  TcbComponents tdx_components{};  // zero in TCB info for SGX
  std::uint32_t pce_svn = 0;
  base::UnixTime tcb_date;
  TcbStatus status = TcbStatus::kRevoked;
  std::vector<std::string> advisories;
};

struct TdxModule {
  SeamSigner mr_signer;
  SeamAttributes attributes;
  SeamAttributes attributes_mask;
};

struct TdxModuleLevel {
  std::uint16_t isv_svn = 0;
  base::UnixTime tcb_date;
  std::string status;  // any text; judged where it is used
  std::vector<std::string> advisories;
};

struct TdxModuleIdentity {
  std::string id;  // upper case
  TdxModule module;
  std::vector<TdxModuleLevel> levels;  // highest ISVSVN first
};

struct TcbInfo {
  std::uint32_t version = 0;
  Tee tee = Tee::kSgx;
  base::UnixTime issue_date;
  base::UnixTime next_update;
  sgx::Fmspc fmspc;
  sgx::PceId pce_id;
  std::uint32_t evaluation_number = 0;
  std::vector<TcbLevel> levels;  // highest first, whatever their order in the document
  std::optional<TdxModule> tdx_module;
  std::vector<TdxModuleIdentity> tdx_module_identities;

  SignedDocument document;
  std::vector<Laxity> laxities;

  // The flaw's status is TcbInfoUnsupportedFormat or TcbInfoInvalid. Signature and dates are not
  // judged here.
  [[nodiscard]] static Judged<TcbInfo> parse(std::string_view text);
};

}  // namespace quoted::collateral
