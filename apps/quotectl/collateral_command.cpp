// quotectl collateral: packs the documents of a platform into one file, and explains them.
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hex.h"
#include "base/text.h"
#include "collateral/bundle.h"
#include "collateral/collateral_files.h"
#include "collateral/parsed_collateral.h"
#include "quotectl/commands.h"
#include "quotectl/describe_certificate.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using collateral::Judged;

struct BundleOptions {
  std::string source;
  std::string out;
};

struct ShowOptions {
  std::string source;
  bool json = false;
};

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

Result<ExitCode> show(const ShowOptions& options) {
  QUOTED_TRY(const collateral::Collateral documents, collateral::read_collateral(options.source));
  const auto parts = collateral::ParsedCollateral::parse(documents);
  const Json out = {{"expires", describe_expiries(parts)},
                    {"tcb_info", describe(parts.tcb_info)},
                    {"qe_identity", describe(parts.qe_identity)},
                    {"root_ca_crl", describe(parts.root_ca_crl)},
                    {"pck_crl", describe(parts.pck_crl)},
                    {"tcb_info_issuer_chain", describe(parts.tcb_info_issuer_chain)},
                    {"qe_identity_issuer_chain", describe(parts.qe_identity_issuer_chain)},
                    {"pck_crl_issuer_chain", describe(parts.pck_crl_issuer_chain)}};
  note("these are the documents' own words: 'quotectl verify' checks their signatures");
  QUOTED_CHECK(print(options.json ? render_json(out) : render_text(out)));
  return ExitCode::kSuccess;
}

Result<ExitCode> bundle(const BundleOptions& options) {
  QUOTED_TRY(const collateral::Collateral documents, collateral::read_collateral(options.source));
  for (const collateral::CollateralPart& part : collateral::kCollateralParts) {
    if (base::all_zero(documents.*part.bytes)) {
      return fail(ErrorCode::kCollateralMissing,
                  text("'", part.name, "' of ", options.source, " is empty"));
    }
  }
  const auto parts = collateral::ParsedCollateral::parse(documents);
  if (!parts.unusable.empty()) {
    return fail(ErrorCode::kCollateralMissing,
                text("'", parts.unusable.front(), "' of ", options.source, " is cut by a NUL"));
  }
  QUOTED_TRY(const std::string content, collateral::write_bundle(documents));
  QUOTED_CHECK(write_output_file(options.out, base::as_bytes(content)));
  const Json expiries = describe_expiries(parts);
  note(text("bundle written to ", options.out,
            expiries.empty()
                ? std::string()
                : text("; good until ", expiries[0].at("until").get<std::string>(), ", when ",
                       printable(expiries[0].at("part").get<std::string>()), " ends")));
  return ExitCode::kSuccess;
}

}  // namespace

void add_collateral_command(CLI::App& app, Action& chosen) {
  CLI::App* const collateral = app.add_subcommand("collateral", "Pack and explain collateral");

  auto bundle_options = std::make_shared<BundleOptions>();
  CLI::App* const bundle_command =
      collateral->add_subcommand("bundle", "Pack the documents of a directory into one file");
  bundle_command->add_option("DIR", bundle_options->source, "Directory with the seven documents")
      ->type_name("")
      ->required();
  bundle_command->add_option("--out", bundle_options->out, "Where the bundle goes")
      ->type_name("FILE")
      ->required();
  bundle_command->callback(
      [bundle_options, &chosen] { chosen = [bundle_options] { return bundle(*bundle_options); }; });

  auto show_options = std::make_shared<ShowOptions>();
  CLI::App* const show_command =
      collateral->add_subcommand("show", "Say what is in a directory or bundle, and when it ends");
  show_command->add_option("SOURCE", show_options->source, "Directory or bundle")
      ->type_name("")
      ->required();
  show_command->add_flag("--json", show_options->json, "JSON instead of text");
  show_command->callback(
      [show_options, &chosen] { chosen = [show_options] { return show(*show_options); }; });

  add_probe_command(*collateral, chosen);
}

}  // namespace quoted::quotectl
