#include "quotectl/describe_quote.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "collateral/pck_certificate.h"
#include "quote/certification_data.h"
#include "quote/quote_builder.h"
#include "quotectl/describe_certificate.h"

namespace quoted::quotectl {
namespace {

using base::to_hex;

Json unreadable(const base::Error& error, base::ByteView raw) {
  return {{"unreadable", error.summary()}, {"raw", to_hex(raw)}};
}

Json describe_tcb(const quote::CertifiedTcb& tcb) {
  return {{"cpu_svn", tcb.cpu_svn.hex()},
          {"pce_svn", std::uint16_t{tcb.pce_svn}},
          {"pce_id", std::uint16_t{tcb.pce_id}}};
}

Json describe_pem(const std::string& pem) {
  const auto certificates = crypto::parse_pem_chain(pem);
  if (!certificates) return unreadable(certificates.error(), base::as_bytes(pem));
  return Json::object({{"certificates", describe_certificates(*certificates)}});
}

Json describe_data(std::uint16_t type, base::ByteView data);

// One overload for each kind of certification data.
struct Describe {
  Json operator()(const quote::ClearPpid& data) const {
    return {{"ppid", data.ppid.hex()}, {"tcb", describe_tcb(data.tcb)}};
  }
  Json operator()(const quote::EncryptedPpidRsa2048& data) const {
    return {{"encrypted_ppid", data.encrypted_ppid.hex()}, {"tcb", describe_tcb(data.tcb)}};
  }
  Json operator()(const quote::EncryptedPpidRsa3072& data) const {
    return {{"encrypted_ppid", data.encrypted_ppid.hex()}, {"tcb", describe_tcb(data.tcb)}};
  }
  Json operator()(const quote::PckLeaf& data) const { return describe_pem(data.pem); }
  Json operator()(const quote::PckChain& data) const { return describe_pem(data.pem); }
  Json operator()(const quote::QeReportCertificationData& data) const {
    // Nested once at most: the parser refuses type 6 inside type 6.
    return {{"qe_report", describe_report_body(data.qe_report)},
            {"qe_report_signature", data.qe_report_signature.hex()},
            {"authentication_data", to_hex(data.authentication_data)},
            {"certification_data", describe_data(data.inner_type, data.inner_data)}};
  }
  Json operator()(const quote::PlatformManifest& data) const {
    return Json::object({{"manifest", to_hex(data.manifest)}});
  }
};

Json describe_data(std::uint16_t type, base::ByteView data) {
  Json out = {
      {"type", type}, {"type_name", quote::certification_type_name(type)}, {"size", data.size()}};
  const auto parsed = quote::parse_certification_data(type, data);
  out.update(parsed ? std::visit(Describe(), *parsed) : unreadable(parsed.error(), data));
  return out;
}

Json describe_td_report(const quote::TdReport& report) {
  return {{"tee_tcb_svn", report.tee_tcb_svn.hex()},
          {"mr_seam", report.mr_seam.hex()},
          {"mr_signer_seam", report.mr_signer_seam.hex()},
          {"seam_attributes", report.seam_attributes.hex()},
          {"td_attributes", report.td_attributes.hex()},
          {"debug", quote::is_debug(report)},
          {"xfam", report.xfam.hex()},
          {"mr_td", report.mr_td.hex()},
          {"mr_config_id", report.mr_config_id.hex()},
          {"mr_owner", report.mr_owner.hex()},
          {"mr_owner_config", report.mr_owner_config.hex()},
          {"rt_mr0", report.rt_mr0.hex()},
          {"rt_mr1", report.rt_mr1.hex()},
          {"rt_mr2", report.rt_mr2.hex()},
          {"rt_mr3", report.rt_mr3.hex()},
          {"report_data", report.report_data.hex()}};
}

Json describe_header(const quote::Header& header) {
  return {{"version", std::uint16_t{header.version}},
          {"attestation_key_type", std::uint16_t{header.attestation_key_type}},
          {"tee_type", base::hex_number(header.tee_type, 2)},
          {"qe_svn", std::uint16_t{header.qe_svn}},
          {"pce_svn", std::uint16_t{header.pce_svn}},
          {"qe_vendor_id", header.qe_vendor_id.hex()},
          {"user_data", header.user_data.hex()},
          {"qe_id", to_hex(header.user_data.view().first<sgx::QeId::kSize>())}};
}

}  // namespace

Json describe_body(const quote::Quote& quote) {
  if (const auto* const body = quote.report_body()) return describe_report_body(*body);
  Json out = describe_td_report(*quote.td_report());
  if (const auto* const extended = std::get_if<quote::TdReport15>(&quote.body)) {
    out["tee_tcb_svn_2"] = extended->tee_tcb_svn2.hex();
    out["mr_service_td"] = extended->mr_service_td.hex();
  }
  return out;
}

Json describe_quote(const quote::Quote& quote) {
  const auto* const report_body = quote.report_body();
  return {
      {"header", describe_header(quote.header)},
      {report_body != nullptr ? "report_body" : "td_report", describe_body(quote)},
      {"signature_data_size", quote::signature_data_size(quote)},
      {"quote_signature", quote.signature.quote_signature.hex()},
      {"attestation_key", quote.signature.attestation_key.hex()},
      {"qe_report", describe_report_body(quote.signature.qe_report)},
      {"qe_report_signature", quote.signature.qe_report_signature.hex()},
      {"authentication_data_size", quote.authentication_data.size()},
      {"authentication_data", to_hex(quote.authentication_data)},
      {"certification_data", describe_data(quote.certification_type, quote.certification_data)}};
}

bool is_simulated(const quote::Quote& quote) {
  const auto data =
      quote::parse_certification_data(quote.certification_type, quote.certification_data);
  if (!data) return false;
  const auto* const chain = std::get_if<quote::PckChain>(&*data);
  if (chain == nullptr) return false;
  const auto certificates = crypto::parse_pem_chain(chain->pem);
  return certificates && std::ranges::any_of(*certificates, collateral::is_marked_simulated);
}

}  // namespace quoted::quotectl
