// Forgeries that meet step quote (quote-verification 10 to 13).
#include "base/hex.h"
#include "verification/testing/forgeries.h"

namespace quoted::verification::testing {
namespace {

using collateral::QvlStatus;

// n of P-256: no half of a signature reaches it.
constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

void add_mismatches(std::vector<Forgery>& out) {
  const auto mismatch = [&](const char* rule, const char* what, const Spoil& spoil, int bug,
                            Made made = sgx3) {
    out.push_back(refused(rule, what, QvlStatus::kTcbInfoMismatch, QvReturn::kTcbInfoMismatch,
                          spoil, bug, made));
  };
  mismatch(
      "quote.tee", "sgx_quote_with_tdx_tcb_info",
      [](Forge& f) { f.tcb_info.body = Forge::tdx10().tcb_info.body; }, 19);
  mismatch(
      "quote.tee", "tdx_quote_with_sgx_tcb_info",
      [](Forge& f) { f.tcb_info.body = Forge::sgx().tcb_info.body; }, 19, tdx4);
  mismatch(
      "quote.fmspc", "of_another_platform",
      [](Forge& f) { f.tcb_info.body["fmspc"] = "00606A000001"; }, 17);
  mismatch(
      "quote.pce_id", "of_another_pce", [](Forge& f) { f.tcb_info.body["pceId"] = "0001"; }, 17);

  out.push_back(refused(
      "quote.pck_crl_issuer", "name_in_another_order", QvlStatus::kInvalidPckCrl,
      QvReturn::kUnexpected, [](Forge& f) { f.pck.surgery = with_issuer_reversed(); }, 10));
  out.push_back(refused("quote.pck_key", "beside_the_curve", QvlStatus::kInvalidPckCert,
                        QvReturn::kPckCertChainError, [](Forge& f) {
                          const crypto::P256Point point = f.pck.key.public_key().point();
                          crypto::P256Point beside = point;
                          beside.mutable_view()[63] ^= std::byte{1};
                          f.pck.surgery = replacing(point.hex(), beside.hex());
                        }));
}

void add_tdx_module(std::vector<Forgery>& out) {
  const auto module = [&](const char* what, const Spoil& spoil) {
    out.push_back(refused("quote.tdx_module", what, QvlStatus::kTdxModuleMismatch,
                          QvReturn::kTdxModuleMismatch, spoil, 21, tdx4));
  };
  const auto set_version = [](Forge& f, unsigned char version) {
    f.td_report().tee_tcb_svn.mutable_view()[1] = std::byte{version};
  };
  module("unknown_version", [=](Forge& f) { set_version(f, 4); });
  module("no_identities", [](Forge& f) { f.tcb_info.body.erase("tdxModuleIdentities"); });
  module("signer",
         [](Forge& f) { f.td_report().mr_signer_seam.mutable_view()[47] ^= std::byte{1}; });
  module("signer_of_the_unversioned_module", [](Forge& f) { f.td_report().mr_signer_seam = {}; });
  module("signer_of_the_versioned_module", [=](Forge& f) { set_version(f, 0); });
  module("seam_attributes",
         [](Forge& f) { f.td_report().seam_attributes.mutable_view()[7] = std::byte{0x80}; });
  // Equal, but not zero.
  module("seam_attributes_that_are_allowed", [](Forge& f) {
    f.td_report().seam_attributes.mutable_view()[0] = std::byte{1};
    f.tcb_info.body["tdxModuleIdentities"][0]["attributes"] = "0100000000000000";
  });
}

void add_qe(std::vector<Forgery>& out) {
  out.push_back(refused("quote.qe_report_signature", "by_stranger",
                        QvlStatus::kInvalidQeReportSignature, QvReturn::kQeReportInvalidSignature,
                        [](Forge& f) { f.qe_report_signer = stranger(); }));
  out.push_back(refused("quote.qe_report_signature", "by_the_attestation_key",
                        QvlStatus::kInvalidQeReportSignature, QvReturn::kQeReportInvalidSignature,
                        [](Forge& f) { f.qe_report_signer = f.attestation_key; }));

  const auto binding = [&](const char* what, int bug, const Spoil& spoil) {
    out.push_back(refused("quote.qe_report_binding", what, QvlStatus::kInvalidQeReportData,
                          QvReturn::kUnexpected, spoil, bug));
  };
  // With a quote signature that fits.
  binding("attestation_key_replaced", 4, [](Forge& f) {
    f.after_signing = [](quote::Quote& q) {
      q.signature.attestation_key = stranger().public_key().point();
      q.signature.quote_signature = stranger().sign(q.signed_bytes()).value();
    };
  });
  binding("authentication_data_edited", 3, [](Forge& f) {
    f.after_signing = [](quote::Quote& q) { q.authentication_data.back() ^= std::byte{1}; };
  });
  binding("authentication_data_longer", 3, [](Forge& f) {
    f.after_signing = [](quote::Quote& q) { q.authentication_data.push_back(std::byte{0}); };
  });
  binding("hash_edited", 4, [](Forge& f) {
    f.after_binding = [](sgx::ReportBody& qe) {
      qe.report_data.mutable_view()[31] ^= std::byte{1};
    };
  });

  const auto identity = [&](const char* rule, const char* what, const Spoil& spoil, int bug = 2,
                            Made made = sgx3) {
    out.push_back(refused(rule, what, QvlStatus::kQeIdentityMismatch, QvReturn::kQeIdentityMismatch,
                          spoil, bug, made));
  };
  identity(
      "quote.qe_identity_id", "td_qe_for_sgx", [](Forge& f) { f.qe_identity.body["id"] = "TD_QE"; },
      19);
  identity(
      "quote.qe_identity_id", "qe_for_tdx", [](Forge& f) { f.qe_identity.body["id"] = "QE"; }, 19,
      tdx4);
  identity(
      "quote.qe_identity_id", "of_the_verification_enclave",
      [](Forge& f) { f.qe_identity.body["id"] = "QVE"; }, 19);
  identity("quote.qe_misc_select", "report",
           [](Forge& f) { f.quote.signature.qe_report.misc_select = 1; });
  identity("quote.qe_misc_select", "identity_outside_its_mask", [](Forge& f) {
    f.qe_identity.body["miscselect"] = "00000001";
    f.qe_identity.body["miscselectMask"] = "FFFFFF00";
    f.quote.signature.qe_report.misc_select = 0x01000000;
  });
  identity("quote.qe_attributes", "debug", [](Forge& f) {
    auto& attributes = f.quote.signature.qe_report.attributes;
    attributes.flags = attributes.flags | sgx::flags::kDebug;
  });
  identity("quote.qe_attributes", "no_provision_key", [](Forge& f) {
    f.quote.signature.qe_report.attributes.flags = sgx::flags::kInit | sgx::flags::kMode64Bit;
  });
  identity("quote.qe_mr_signer", "of_the_platforms_owner", [](Forge& f) {
    f.quote.signature.qe_report.mr_signer.mutable_view()[31] ^= std::byte{1};
  });
  identity("quote.qe_isv_prod_id", "of_another_enclave",
           [](Forge& f) { f.quote.signature.qe_report.isv_prod_id = 2; });
  identity("quote.qe_isv_prod_id", "that_fits_in_16_bits_only",
           [](Forge& f) { f.qe_identity.body["isvprodid"] = 0x10001; });
}

void add_signatures(std::vector<Forgery>& out) {
  const auto signature = [&](const char* what, const Spoil& spoil, int bug, Made made = sgx3) {
    out.push_back(refused("quote.signature", what, QvlStatus::kInvalidQuoteSignature,
                          QvReturn::kResultInvalidSignature, spoil, bug, made));
  };
  const auto edited = [](Forge& f) {
    f.after_signing = [](quote::Quote& q) {
      std::visit(
          [](auto& body) { std::as_writable_bytes(std::span(&body, 1)).back() ^= std::byte{1}; },
          q.body);
    };
  };
  signature("body_edited", edited, 0);
  signature("td_report_edited", edited, 0, tdx4);
  signature("td_report_1_5_edited", edited, 0, Forge::tdx15);
  signature(
      "header_edited",
      [](Forge& f) {
        f.after_signing = [](quote::Quote& q) {
          q.header.user_data.mutable_view()[0] ^= std::byte{1};
        };
      },
      0);
  const auto with_half = [&](const char* what, std::string_view half, std::size_t at) {
    signature(
        what,
        [at, bytes = base::from_hex(half).value()](Forge& f) {
          f.after_signing = [at, bytes](quote::Quote& q) {
            std::ranges::copy(bytes,
                              q.signature.quote_signature.mutable_view().subspan(at).begin());
          };
        },
        8);
  };
  const std::string zeros(kOrder.size(), '0');
  with_half("r_0", zeros, 0);
  with_half("s_0", zeros, 32);
  with_half("r_n", kOrder, 0);
  with_half("s_n", kOrder, 32);

  const auto key = [&](const char* what, const crypto::P256Point& point) {
    out.push_back(refused(
        "quote.signature", what, QvlStatus::kUnsupportedQuoteFormat,
        QvReturn::kQuoteFormatUnsupported, [point](Forge& f) { f.attestation_point = point; }, 8));
  };
  key("attestation_key_0", crypto::P256Point());
  crypto::P256Point beside = stranger().public_key().point();
  beside.mutable_view()[63] ^= std::byte{1};
  key("attestation_key_beside_the_curve", beside);
}

void add_levels(std::vector<Forgery>& out) {
  const auto level = [&](const char* what, QvlStatus status, QvReturn returned, QvResult result,
                         const Spoil& spoil, int bug, Made made = sgx3) {
    Forgery row = refused("quote.tcb_level", what, status, returned, spoil, bug, made);
    row.intel_result = result;
    out.push_back(std::move(row));
  };
  const auto none = QvResult::kUnspecified;
  level(
      "platform_below_all", QvlStatus::kTcbNotSupported, QvReturn::kTcbNotSupported, none,
      [](Forge& f) { f.sgx_extension.components[15] = 2; }, 15);
  level(
      "platform_revoked", QvlStatus::kTcbRevoked, QvReturn::kTcbRevoked, none,
      [](Forge& f) { f.level(0)["tcbStatus"] = "Revoked"; }, 18);
  level(
      "platform_out_of_date", QvlStatus::kTcbOutOfDate, QvReturn::kSuccess, QvResult::kOutOfDate,
      [](Forge& f) { f.sgx_extension.pce_svn -= 1; }, 17);
  level(
      "qe_below_all", QvlStatus::kTcbNotSupported, QvReturn::kTcbNotSupported, none,
      [](Forge& f) { f.quote.signature.qe_report.isv_svn = 3; }, 18);
  level(
      "qe_revoked", QvlStatus::kTcbRevoked, QvReturn::kTcbRevoked, none,
      [](Forge& f) { f.quote.signature.qe_report.isv_svn = 4; }, 18);
  level(
      "qe_out_of_date", QvlStatus::kTcbOutOfDate, QvReturn::kSuccess, QvResult::kOutOfDate,
      [](Forge& f) { f.quote.signature.qe_report.isv_svn = 6; }, 18);
  level(
      "module_of_unknown_status", QvlStatus::kTcbUnrecognizedStatus, QvReturn::kUnexpected, none,
      [](Forge& f) {
        f.tcb_info.body["tdxModuleIdentities"][0]["tcbLevels"][0]["tcbStatus"] = "Fine";
      },
      21, tdx4);
}

}  // namespace

std::vector<Forgery> quote_forgeries() {
  std::vector<Forgery> out;
  add_mismatches(out);
  add_tdx_module(out);
  add_qe(out);
  add_signatures(out);
  add_levels(out);
  return out;
}

}  // namespace quoted::verification::testing
