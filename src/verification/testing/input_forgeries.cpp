// Forgeries that end before the steps begin (quote-verification 2, 7).
#include "base/text.h"
#include "verification/testing/forgeries.h"
#include "verification/testing/quote_layout.h"

namespace quoted::verification::testing {
namespace {

using base::text;
using collateral::Collateral;
using collateral::QvlStatus;

constexpr QvReturn kBadParameter = QvReturn::kInvalidParameter;
constexpr QvReturn kBadQuote = QvReturn::kQuoteFormatUnsupported;

using Edit = void (*)(base::Bytes&);

Spoil on_quote(Edit edit) {
  return [edit](Forge& f) { f.afterwards = [edit](Forged& made) { edit(made.quote); }; };
}

Spoil with_part(base::Bytes Collateral::* part, std::string_view content) {
  return [part, content = base::to_bytes(base::as_bytes(content))](Forge& f) {
    f.afterwards = [part, content](Forged& made) { made.collateral.*part = content; };
  };
}

void add_parameters(std::vector<Forgery>& out) {
  const auto missing = QvlStatus::kMissingParameters;
  const auto format = QvlStatus::kUnsupportedQuoteFormat;
  out.push_back(refused("input.time", "1970", missing, kBadParameter,
                        [](Forge& f) { f.at = base::UnixTime(); }));
  out.push_back(refused("input.time", "before_1970", missing, kBadParameter,
                        [](Forge& f) { f.at = base::UnixTime(std::chrono::seconds(-1)); }));
  out.push_back(refused("input.quote_size", "1019", format, kBadParameter,
                        on_quote([](base::Bytes& q) { q.resize(1019); }), 22));
  out.push_back(refused("input.quote_size", "empty", format, kBadParameter,
                        on_quote([](base::Bytes& q) { q.clear(); }), 22));
  out.push_back(refused("input.tee_type", "unknown", format, kBadParameter,
                        on_quote([](base::Bytes& q) { set_le(q, offset::kTeeType, 1U); })));
  for (const auto& part : collateral::kCollateralParts) {
    if (!part.name.ends_with("_crl")) continue;  // an empty text is one that does not parse
    out.push_back(refused("input.collateral", text("empty_", part.name), missing, kBadParameter,
                          with_part(part.bytes, ""), 11));
  }
  out.push_back(refused("input.collateral", "nul_inside_tcb_info", missing, kBadParameter,
                        with_part(&Collateral::tcb_info, std::string_view("{\0}", 3)), 26));
}

struct QuoteEdit {
  const char* what;
  Edit edit;
  Made made = sgx3;
};

Forge sgx4() { return Forge::sgx(quote::kVersion4); }
Forge sgx5() { return Forge::sgx(quote::kVersion5); }

constexpr QuoteEdit kQuoteEdits[]{
    {"version_2_which_is_epid", [](base::Bytes& q) { set_le<std::uint16_t>(q, 0, 2); }},
    {"version_6", [](base::Bytes& q) { set_le<std::uint16_t>(q, 0, 6); }},
    {"p384_key", [](base::Bytes& q) { set_le<std::uint16_t>(q, offset::kKeyType, 3); }},
    {"tdx_in_version_3", [](base::Bytes& q) { set_le<std::uint32_t>(q, offset::kTeeType, 0x81); }},
    {"vendor_id", [](base::Bytes& q) { q[offset::kVendorId] ^= std::byte{1}; }},
    {"signature_length_one_more", [](base::Bytes& q) { add_le32(q, offset::kSignatureLength, 1); }},
    {"signature_length_one_less",
     [](base::Bytes& q) { add_le32(q, offset::kSignatureLength, 0xFFFFFFFFU); }},
    {"signature_length_0", [](base::Bytes& q) { set_le(q, offset::kSignatureLength, 0U); }},
    {"signature_length_max",
     [](base::Bytes& q) { set_le(q, offset::kSignatureLength, 0xFFFFFFFFU); }},
    {"authentication_length_max",
     [](base::Bytes& q) { set_le<std::uint16_t>(q, offset::kAuthenticationLength, 0xFFFF); }},
    {"certification_length_one_more",
     [](base::Bytes& q) { add_le32(q, offset::kCertificationLength, 1); }},
    {"certification_length_max",
     [](base::Bytes& q) { set_le(q, offset::kCertificationLength, 0xFFFFFFFFU); }},
    // With the six bytes of type and length it is 0 modulo 2^32.
    {"certification_length_that_wraps",
     [](base::Bytes& q) { set_le(q, offset::kCertificationLength, 0xFFFFFFFAU); }},
    {"certification_type_0",
     [](base::Bytes& q) { set_le<std::uint16_t>(q, offset::kCertificationType, 0); }},
    {"certification_type_6_in_version_3",
     [](base::Bytes& q) { set_le<std::uint16_t>(q, offset::kCertificationType, 6); }},
    {"certification_type_7",
     [](base::Bytes& q) { set_le<std::uint16_t>(q, offset::kCertificationType, 7); }},
    {"last_byte_cut", [](base::Bytes& q) { q.pop_back(); }},
    {"outer_type_5_in_version_4",
     [](base::Bytes& q) { set_le<std::uint16_t>(q, offset::kOuterType, 5); }, sgx4},
    {"outer_length_one_more", [](base::Bytes& q) { add_le32(q, offset::kOuterLength, 1); }, sgx4},
    {"outer_length_one_less",
     [](base::Bytes& q) { add_le32(q, offset::kOuterLength, 0xFFFFFFFFU); }, sgx4},
    {"outer_block_not_filled",
     [](base::Bytes& q) {
       q.push_back(std::byte{0});
       add_le32(q, offset::kOuterLength, 1);
       add_le32(q, offset::kSignatureLength, 1);
     },
     sgx4},
    {"inner_type_6", [](base::Bytes& q) { set_le<std::uint16_t>(q, offset::kInnerType, 6); }, sgx4},
    {"body_type_2_for_sgx", [](base::Bytes& q) { set_le<std::uint16_t>(q, 48, 2); }, sgx5},
    {"body_size_385", [](base::Bytes& q) { set_le<std::uint32_t>(q, 50, 385); }, sgx5},
    {"tee_type_of_the_other_body",
     [](base::Bytes& q) { set_le<std::uint32_t>(q, offset::kTeeType, 0x81); }, sgx5},
};

void add_quotes(std::vector<Forgery>& out) {
  const auto format = QvlStatus::kUnsupportedQuoteFormat;
  for (const QuoteEdit& row : kQuoteEdits) {
    out.push_back(
        refused("input.quote", row.what, format, kBadQuote, on_quote(row.edit), 22, row.made));
  }
  for (std::uint16_t type = 1; type <= 4; ++type) {
    out.push_back(refused(
        "input.certification_type", text("type_", type), format,
        QvReturn::kCertificationDataUnsupported,
        [type](Forge& f) { f.quote.certification_type = type; }, 24));
  }
  out.push_back(refused(
      "input.certification_data", "none", format, QvReturn::kUnexpected,
      [](Forge& f) { f.after_signing = [](quote::Quote& q) { q.certification_data.clear(); }; },
      22));
}

std::string nested(std::size_t depth) {
  return R"({"tcbInfo":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

void add_documents(std::vector<Forgery>& out) {
  const auto format = QvlStatus::kTcbInfoUnsupportedFormat;
  const auto invalid = QvlStatus::kTcbInfoInvalid;
  const auto tcb_info = [&](const char* what, QvlStatus status, const Spoil& spoil, int bug = 0) {
    out.push_back(
        refused("input.tcb_info", what, status, QvReturn::kTcbInfoUnsupportedFormat, spoil, bug));
  };
  tcb_info("no_json", format, with_part(&Collateral::tcb_info, "no JSON"));
  tcb_info("no_signature", invalid, with_part(&Collateral::tcb_info, R"({"tcbInfo":{}})"));
  tcb_info("nested", format, with_part(&Collateral::tcb_info, nested(100000)), 26);
  tcb_info("version_4", invalid, [](Forge& f) { f.tcb_info.body["version"] = 4; });
  tcb_info("no_fmspc", format, [](Forge& f) { f.tcb_info.body.erase("fmspc"); });
  tcb_info(
      "negative_svn", format,
      [](Forge& f) { f.level(0)["tcb"]["sgxtcbcomponents"][3]["svn"] = -1; }, 20);
  tcb_info(
      "huge_svn", format,
      [](Forge& f) { f.level(0)["tcb"]["sgxtcbcomponents"][3]["svn"] = 18446744073709551615ULL; },
      26);
  tcb_info("two_equal_levels", invalid, [](Forge& f) { f.level(1)["tcb"] = f.level(0)["tcb"]; });
  tcb_info(
      "tdx_module_for_sgx", invalid,
      [](Forge& f) { f.tcb_info.body["tdxModule"] = Json::object(); }, 19);
  tcb_info("behind_json", format, [](Forge& f) {
    f.afterwards = [](Forged& made) { made.collateral.tcb_info.push_back(std::byte{'x'}); };
  });

  const auto qe_identity = [&](const char* what, QvlStatus status, const Spoil& spoil) {
    out.push_back(
        refused("input.qe_identity", what, status, QvReturn::kQeIdentityUnsupportedFormat, spoil));
  };
  qe_identity("no_json", QvlStatus::kEnclaveIdentityUnsupportedFormat,
              with_part(&Collateral::qe_identity, "no JSON"));
  qe_identity("version_3", QvlStatus::kEnclaveIdentityUnsupportedVersion,
              [](Forge& f) { f.qe_identity.body["version"] = 3; });
  qe_identity("unknown_id", QvlStatus::kEnclaveIdentityInvalid,
              [](Forge& f) { f.qe_identity.body["id"] = "PCE"; });
  qe_identity("status_of_no_qe", QvlStatus::kEnclaveIdentityInvalid,
              [](Forge& f) { f.qe_level(0)["tcbStatus"] = "SWHardeningNeeded"; });
}

void add_chains(std::vector<Forgery>& out) {
  const auto chain = [&](const char* what, QvlStatus status, const Spoil& spoil) {
    out.push_back(refused("input.chain", what, status, QvReturn::kPckCertChainError, spoil, 25));
  };
  const auto count = QvlStatus::kUnsupportedCertFormat;
  chain("of_no_certificate", count,
        [](Forge& f) { f.quote_chain = [](const Pems&) { return "no PEM at all"; }; });
  chain("of_2", count,
        [](Forge& f) { f.quote_chain = [](const Pems& p) { return p.pck + p.root; }; });
  chain("of_4_with_the_root_twice", count, [](Forge& f) {
    f.quote_chain = [](const Pems& p) { return p.pck + p.intermediate + p.root + p.root; };
  });
  chain("without_sgx_extension", QvlStatus::kPckInvalidExtensions,
        [](Forge& f) { f.pck.spec.extra.reset(); });
  chain("without_subject_key_id", QvlStatus::kRootCaInvalidExtensions,
        [](Forge& f) { f.pck.surgery = without_extension("551d0e"); });

  out.push_back(refused(
      "input.root", "no_self_issued_certificate", QvlStatus::kRootCaMissing,
      QvReturn::kPckCertChainError,
      [](Forge& f) {
        f.quote_chain = [](const Pems& p) { return p.pck + p.intermediate + p.tcb_signer; };
      },
      25));
  out.push_back(refused(
      "input.trusted_root", "same_name_other_key", QvlStatus::kPckCertChainUntrusted,
      QvReturn::kPckCertChainError,
      [](Forge& f) { f.roots = {TrustedRoot{"another", stranger().public_key()}}; }, 9));
  out.push_back(refused("input.trusted_root", "none", QvlStatus::kPckCertChainUntrusted,
                        QvReturn::kPckCertChainError, [](Forge& f) { f.roots.clear(); }));

  for (const auto& [rule, part] :
       {std::pair{"input.qe_identity_issuer_chain", &Collateral::qe_identity_issuer_chain},
        std::pair{"input.tcb_info_issuer_chain", &Collateral::tcb_info_issuer_chain},
        std::pair{"input.pck_crl_issuer_chain", &Collateral::pck_crl_issuer_chain}}) {
    out.push_back(refused(rule, "no_certificate", count, QvReturn::kPckCertChainError,
                          with_part(part, "no PEM at all")));
  }
}

void add_crls(std::vector<Forgery>& out) {
  const auto status = QvlStatus::kCrlUnsupportedFormat;
  const auto returned = QvReturn::kCrlUnsupportedFormat;
  // The OID of the CRL number becomes one that nobody knows.
  const Surgery without_number = replacing("0603551d14", "0603551d7f");
  for (const auto& [rule, part, plan] :
       {std::tuple{"input.root_ca_crl", &Collateral::root_ca_crl, &Forge::root_crl},
        std::tuple{"input.pck_crl", &Collateral::pck_crl, &Forge::pck_crl}}) {
    out.push_back(refused(rule, "garbage", status, returned, with_part(part, "garbage"), 27));
    out.push_back(refused(
        rule, "without_number", status, returned,
        [crl = plan, without_number](Forge& f) { (f.*crl).surgery = without_number; }, 11));
  }
}

}  // namespace

std::vector<Forgery> input_forgeries() {
  std::vector<Forgery> out;
  add_parameters(out);
  add_quotes(out);
  add_documents(out);
  add_chains(out);
  add_crls(out);
  return out;
}

}  // namespace quoted::verification::testing
