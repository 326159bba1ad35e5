#include "quotectl/describe_collateral.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "quotectl/describe_certificate.h"
#include "quotectl/option_values.h"
#include "verification/trusted_root.h"

namespace quoted::quotectl {
namespace {

using base::text;
using collateral::Judged;

Json describe(const Judged<collateral::CertificateChain>& chain) {
  if (!chain) return Json::object({{"unreadable", chain.error().detail}});
  return Json::object({{"certificates", describe_certificates(chain->certificates())}});
}

Json describe(const Judged<crypto::Crl>& crl) {
  if (!crl) return Json::object({{"unreadable", crl.error().detail}});
  return {{"issuer", crl->issuer().printable},
          {"number", base::to_hex(crl->number())},
          {"revoked", crl->revoked_count()},
          {"this_update", format_time(crl->this_update())},
          {"next_update", format_time(crl->next_update())}};
}

Json describe_levels(const collateral::TcbInfo& info) {
  Json out = Json::array();
  for (const collateral::TcbLevel& level : info.levels) {
    Json item = {{"status", tcb_status_name(level.status)},
                 {"tcb_date", format_time(level.tcb_date)},
                 {"sgx_components", base::to_hex(std::as_bytes(std::span(level.sgx_components)))},
                 {"pce_svn", level.pce_svn},
                 {"advisories", level.advisories}};
    if (info.tee == collateral::Tee::kTdx) {
      item["tdx_components"] = base::to_hex(std::as_bytes(std::span(level.tdx_components)));
    }
    out.push_back(std::move(item));
  }
  return out;
}

Json describe(const Judged<collateral::TcbInfo>& info) {
  if (!info) return Json::object({{"unreadable", info.error().detail}});
  return {{"tee", info->tee == collateral::Tee::kTdx ? "TDX" : "SGX"},
          {"version", info->version},
          {"fmspc", info->fmspc.hex()},
          {"pce_id", info->pce_id.hex()},
          {"tcb_evaluation_data_number", info->evaluation_number},
          {"issue_date", format_time(info->issue_date)},
          {"next_update", format_time(info->next_update)},
          {"tcb_levels", describe_levels(*info)}};
}

Json describe(const Judged<collateral::QeIdentity>& identity) {
  if (!identity) return Json::object({{"unreadable", identity.error().detail}});
  Json levels = Json::array();
  for (const collateral::QeTcbLevel& level : identity->levels) {
    levels.push_back({{"status", tcb_status_name(level.status)},
                      {"tcb_date", format_time(level.tcb_date)},
                      {"isv_svn", level.isv_svn}});
  }
  return {{"id", enclave_identity_id_name(identity->id)},
          {"mr_signer", identity->mr_signer.hex()},
          {"isv_prod_id", identity->isv_prod_id},
          {"misc_select", identity->misc_select.hex()},
          {"misc_select_mask", identity->misc_select_mask.hex()},
          {"attributes", identity->attributes.hex()},
          {"attributes_mask", identity->attributes_mask.hex()},
          {"tcb_evaluation_data_number", identity->evaluation_number},
          {"issue_date", format_time(identity->issue_date)},
          {"next_update", format_time(identity->next_update)},
          {"tcb_levels", levels}};
}

// The dates that end a set of collateral, soonest first; what cannot be read has none.
class Expiries {
 public:
  void add(std::string_view part, base::UnixTime until) { dates_.emplace_back(until, part); }
  void add(std::string_view part, const Judged<collateral::CertificateChain>& chain) {
    if (!chain) return;
    for (const crypto::Certificate& certificate : chain->certificates()) {
      add(text(part, ": ", certificate.subject_cn()), certificate.not_after());
    }
  }

  [[nodiscard]] Json describe() {
    std::ranges::sort(dates_);
    Json out = Json::array();
    for (const auto& [until, part] : dates_) {
      out.push_back({{"until", format_time(until)}, {"part", part}});
    }
    return out;
  }

 private:
  std::vector<std::pair<base::UnixTime, std::string>> dates_;
};

std::string root_of(const collateral::CertificateChain& chain) {
  const crypto::Certificate& top = chain.certificates().back();
  const verification::TrustedRoot intel = verification::intel_root();
  if (verification::find_root(std::span(&intel, 1), top) != nullptr) return "Intel's";
  if (collateral::is_marked_simulated(top)) return "SIMULATED-NO-SECURITY";
  return text("not Intel's: ", top.subject());
}

// Who of the chain has the key that `matches` the signature. Neither dates nor the chain itself are
// judged.
template <class Matches>
Json signer(const Judged<collateral::CertificateChain>& chain, const Matches& matches) {
  if (!chain || chain->certificates().empty()) return {{"by", "its issuer chain is unreadable"}};
  for (const crypto::Certificate& certificate : chain->certificates()) {
    if (!certificate.has_p256_key() || !matches(certificate.public_key())) continue;
    return {{"by", certificate.subject_cn()}, {"root", root_of(*chain)}};
  }
  return {{"by", "nobody of its issuer chain: the signature does not match"}};
}

template <class Part>
void add_signer(Json& out, std::string_view name, const Judged<Part>& part,
                const Judged<collateral::CertificateChain>& chain) {
  if (!part) return;
  out[std::string(name)] = signer(chain, [&](const crypto::P256PublicKey& key) {
    if constexpr (std::is_same_v<Part, crypto::Crl>) {
      return part->signature_matches(key);
    } else {
      return part->document.signed_exactly(key);
    }
  });
}

Json describe_signers(const collateral::ParsedCollateral& parts) {
  Json out = Json::object();
  add_signer(out, "tcb_info", parts.tcb_info, parts.tcb_info_issuer_chain);
  add_signer(out, "qe_identity", parts.qe_identity, parts.qe_identity_issuer_chain);
  add_signer(out, "pck_crl", parts.pck_crl, parts.pck_crl_issuer_chain);
  add_signer(out, "root_ca_crl", parts.root_ca_crl, parts.pck_crl_issuer_chain);
  return out;
}

}  // namespace

Json describe_expiries(const collateral::ParsedCollateral& parts) {
  Expiries out;
  if (parts.tcb_info) out.add("tcb_info", parts.tcb_info->next_update);
  if (parts.qe_identity) out.add("qe_identity", parts.qe_identity->next_update);
  if (parts.root_ca_crl) out.add("root_ca_crl", parts.root_ca_crl->next_update());
  if (parts.pck_crl) out.add("pck_crl", parts.pck_crl->next_update());
  out.add("tcb_info_issuer_chain", parts.tcb_info_issuer_chain);
  out.add("qe_identity_issuer_chain", parts.qe_identity_issuer_chain);
  out.add("pck_crl_issuer_chain", parts.pck_crl_issuer_chain);
  return out.describe();
}

Json describe_collateral(const collateral::ParsedCollateral& parts, const Json& origin) {
  return {{"expires", describe_expiries(parts)},
          {"origin", origin},
          {"signed", describe_signers(parts)},
          {"tcb_info", describe(parts.tcb_info)},
          {"qe_identity", describe(parts.qe_identity)},
          {"root_ca_crl", describe(parts.root_ca_crl)},
          {"pck_crl", describe(parts.pck_crl)},
          {"tcb_info_issuer_chain", describe(parts.tcb_info_issuer_chain)},
          {"qe_identity_issuer_chain", describe(parts.qe_identity_issuer_chain)},
          {"pck_crl_issuer_chain", describe(parts.pck_crl_issuer_chain)}};
}

}  // namespace quoted::quotectl
