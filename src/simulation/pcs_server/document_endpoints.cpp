#include "simulation/pcs_server/document_endpoints.h"
#include "http/percent.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "simulation/authority/utc_text.h"
#include "simulation/pcs_server/reply.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using base::UnixTime;
using http::Response;
using Json = nlohmann::ordered_json;

// What content is written for where only the content counts, not the time.
constexpr UnixTime kNoTime{};
constexpr std::string_view kTcbInfo = "tcb";
constexpr std::string_view kQeIdentity = "qe-identity";

std::chrono::seconds life_of(const TcbState& state) {
  return std::chrono::days(static_cast<int>(state.valid_days));
}

Validity validity_of(const TcbState& state, UnixTime from) { return {from, from + life_of(state)}; }

// The levels of an edition, with dates as drills have set them for all.
TcbState shown(const World& world, const Edition& edition) {
  TcbState out = edition.state;
  out.issue_date = world.present.state.issue_date;
  out.valid_days = world.present.state.valid_days;
  return out;
}

Result<std::uint32_t> evaluation_number(std::string_view digits) {
  std::uint32_t out = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (problem == std::errc() && end == digits.data() + digits.size()) return out;
  return fail(ErrorCode::kInvalidArgument, "tcbEvaluationDataNumber is not a number");
}

// By update= and tcbEvaluationDataNumber= (pcs-api 3.4).
Result<const Edition*> wanted_edition(const Call& call, const Parameters& parameters) {
  const World& world = *call.world;
  const auto update = parameters.find("update");
  if (update && *update != "early" && *update != "standard") {
    return fail(ErrorCode::kInvalidArgument, "update is neither early nor standard");
  }
  // PCCS does not pass the number on, and version 3 does not have it.
  const bool takes_number = call.dialect == Dialect::kPcs && call.version == ApiVersion::k4;
  const auto digits = takes_number ? parameters.find("tcbEvaluationDataNumber") : std::nullopt;
  if (!digits) return update == "early" ? &world.present : &world.standard(call.now);
  if (update) {
    return fail(ErrorCode::kInvalidArgument,
                "update and tcbEvaluationDataNumber exclude each other");
  }
  QUOTED_TRY(const std::uint32_t number, evaluation_number(*digits));
  if (const Edition* const found = world.edition(number)) return found;
  if (world.retired_numbers.contains(number)) {
    return fail(ErrorCode::kApiVersionRetired,
                text("tcbEvaluationDataNumber ", number, " is no longer offered"));
  }
  return fail(ErrorCode::kNotFoundAtSource,
              text("there never was a tcbEvaluationDataNumber ", number));
}

bool is_known(const World& world, const sgx::Fmspc& fmspc) {
  return fmspc == default_platform_model().fmspc ||
         std::ranges::any_of(world.platforms, [&](const RegisteredPlatform& platform) {
           return platform.identity.fmspc == fmspc;
         });
}

std::string evaluation_numbers_text(const World& world, const Validity& validity) {
  Json out;
  out["id"] = "SGX";
  out["version"] = 1;
  out["issueDate"] = utc_text(validity.from);
  out["nextUpdate"] = utc_text(validity.to);
  out["tcbEvalNumbers"] = Json::array();
  const auto add = [&](const Edition& edition) {
    Json& entry = out["tcbEvalNumbers"].emplace_back();
    entry["tcbEvaluationDataNumber"] = edition.state.evaluation_number;
    entry["tcbRecoveryEventDate"] = utc_text(edition.recovery_event);
    entry["tcbDate"] = utc_text(edition.state.levels.front().verdict.tcb_date);
  };
  add(world.present);
  for (const Edition& edition : world.earlier) add(edition);
  return out.dump();
}

enum class CrlName : std::uint8_t { kRoot, kPlatform, kProcessor };

std::string lower_case(std::string_view words) {
  std::string out(words);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// The CRL at an address, of this world or of Intel's, which clients of Azure send whatever the
// certificates say (pcs-api 8).
std::optional<CrlName> crl_at(std::string_view uri) {
  const std::string address = lower_case(uri);
  const auto holds = [&](std::string_view part) { return address.find(part) != std::string::npos; };
  if (!address.starts_with("https://") && !address.starts_with("http://")) return std::nullopt;
  if (!holds(lower_case(collateral::kSimulatedMarker)) && !holds(".trustedservices.intel.com/")) {
    return std::nullopt;
  }
  if (holds("/intelsgxrootca.")) return CrlName::kRoot;
  if (holds("/pckcrl?ca=platform")) return CrlName::kPlatform;
  if (holds("/pckcrl?ca=processor") || holds("/intelsgxpckprocessor.crl")) {
    return CrlName::kProcessor;
  }
  return std::nullopt;
}

std::string hex_text(std::string_view der) { return base::to_hex(base::as_bytes(der)); }

Result<std::string> as_string(Result<base::Bytes> der) {
  return std::move(der).map(
      [](const base::Bytes& bytes) { return std::string(base::as_text(bytes)); });
}

// The last digit of the signature of a document, the last byte of that of a CRL.
void spoil_signature(std::string& body) {
  constexpr std::string_view kEnd = "\"}";
  if (body.ends_with(kEnd)) {
    char& digit = body[body.size() - kEnd.size() - 1];
    digit = digit == '0' ? '1' : '0';
  } else if (!body.empty()) {
    body.back() = static_cast<char>(body.back() ^ 1);
  }
}

}  // namespace

Result<std::string> DocumentEndpoints::document(const Call& call, const TcbState& state,
                                                std::string name, std::string content,
                                                std::chrono::seconds life, const Issue& issue) {
  DocumentSpec spec{std::move(name), std::move(content), life, state.issue_date, {}};
  // The same content of another root is another document.
  spec.content += base::to_hex(authority_.root().der());
  if (call.has_fault(FaultKind::kStaleDocument)) {
    spec.name += "-stale";
    const std::chrono::days one(1);
    spec.issue_date = std::chrono::floor<std::chrono::days>(call.now) - life - one;
  }
  spec.issue = [&](UnixTime from) -> Result<std::string> {
    TcbState dated = state;
    dated.issue_date = from;
    QUOTED_TRY(const CollateralIssuer issuer,
               CollateralIssuer::create(authority_, std::move(dated), from));
    return issue(issuer);
  };
  QUOTED_TRY(const auto kept, issued_.get(spec, call.now));
  std::string out = *kept;
  if (call.has_fault(FaultKind::kWrongSignature)) spoil_signature(out);
  return out;
}

Response DocumentEndpoints::signed_reply(const Call& call, std::string_view chain_header,
                                         std::string body) const {
  Response out = Response::of_type(http::kJsonType, std::move(body));
  const std::string chain = call.has_fault(FaultKind::kWrongChain)
                                ? authority_.pck_issuer_chain_pem(PckCa::kPlatform)
                                : authority_.tcb_issuer_chain_pem();
  out.headers.push_back({std::string(chain_header), http::percent_encoded(chain)});
  return out;
}

Result<Response> DocumentEndpoints::tcb_info(const Call& call) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(call.request));
  QUOTED_TRY(const auto fmspc, parameters.hex<sgx::Fmspc>("fmspc"));
  QUOTED_TRY(const Edition* const edition, wanted_edition(call, parameters));
  if (!is_known(*call.world, fmspc)) {
    return fail(ErrorCode::kNotFoundAtSource,
                text("there is no platform with the FMSPC ", fmspc.hex()));
  }
  const TcbState state = shown(*call.world, *edition);
  const bool is_v4 = call.version == ApiVersion::k4;
  const TcbInfoVersion version = is_v4 ? TcbInfoVersion::k3 : TcbInfoVersion::k2;
  QUOTED_TRY(
      std::string body,
      document(call, state,
               text(kTcbInfo, is_v4 ? "-v4-" : "-v3-", fmspc.hex(), '-', state.evaluation_number),
               tcb_info_text(state, fmspc, version, validity_of(state, kNoTime)), life_of(state),
               [&](const CollateralIssuer& issuer) { return issuer.tcb_info(fmspc, version); }));
  return signed_reply(call, is_v4 ? "TCB-Info-Issuer-Chain" : "SGX-TCB-Info-Issuer-Chain",
                      std::move(body));
}

Result<Response> DocumentEndpoints::qe_identity(const Call& call) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(call.request));
  QUOTED_TRY(const Edition* const edition, wanted_edition(call, parameters));
  const TcbState state = shown(*call.world, *edition);
  QUOTED_TRY(std::string body,
             document(call, state, text(kQeIdentity, '-', state.evaluation_number),
                      qe_identity_text(state, validity_of(state, kNoTime)), life_of(state),
                      [](const CollateralIssuer& issuer) { return issuer.qe_identity(); }));
  return signed_reply(call, "SGX-Enclave-Identity-Issuer-Chain", std::move(body));
}

Result<Response> DocumentEndpoints::qve_identity(const Call&) {
  return fail(ErrorCode::kNotFoundAtSource, "a simulated world has no Quote Verification Enclave");
}

Result<Response> DocumentEndpoints::evaluation_numbers(const Call& call) {
  const World& world = *call.world;
  const TcbState& state = world.present.state;
  const auto sign = [&](UnixTime from) -> Result<std::string> {
    const std::string words = evaluation_numbers_text(world, validity_of(state, from));
    QUOTED_TRY(const crypto::P256Signature signature,
               authority_.sign_tcb_document(base::as_bytes(words)));
    return signed_document("tcbEvaluationDataNumbers", words, signature);
  };
  QUOTED_TRY(std::string body,
             document(call, state, "evaluation-numbers",
                      evaluation_numbers_text(world, validity_of(state, kNoTime)), life_of(state),
                      [&](const CollateralIssuer& issuer) { return sign(issuer.issue_date()); }));
  return signed_reply(call, "TCB-Evaluation-Data-Numbers-Issuer-Chain", std::move(body));
}

Result<Response> DocumentEndpoints::fmspcs(const Call& call) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(call.request));
  const std::string_view wanted = parameters.find("platform").value_or("all");
  constexpr std::array<std::string_view, 4> kKinds = {"all", "client", "E3", "E5"};
  if (std::ranges::find(kKinds, wanted) == kKinds.end()) {
    return fail(ErrorCode::kInvalidArgument, "platform is none of all, client, E3 and E5");
  }
  // Those of the platform CA have several packages, as E5 has.
  std::map<std::string, std::string_view> kinds;
  const PlatformModel model = default_platform_model();
  const auto add = [&](const sgx::Fmspc& fmspc, PckCa ca) {
    kinds.emplace(upper_case(fmspc.hex()), ca == PckCa::kPlatform ? "E5" : "E3");
  };
  add(model.fmspc, model.pck_ca);
  for (const auto& platform : call.world->platforms) {
    add(platform.identity.fmspc, platform.identity.pck_ca);
  }
  Json out = Json::array();
  for (const auto& [fmspc, kind] : kinds) {
    if (wanted != "all" && wanted != kind) continue;
    Json& entry = out.emplace_back();
    entry["fmspc"] = fmspc;
    entry["platform"] = kind;
  }
  return Response::of_type(http::kJsonType, out.dump());
}

Result<std::string> DocumentEndpoints::pck_crl_der(const Call& call, PckCa ca) {
  const TcbState& state = call.world->present.state;
  std::string content = text("pck crl ", state.pck_crl_number, ' ', state.valid_days);
  for (const crypto::SerialNumber& serial : state.revoked_pcks) content += text(' ', serial.hex());
  return document(call, state, text("pck-crl-", collateral::pck_ca_name(ca)), std::move(content),
                  life_of(state),
                  [&](const CollateralIssuer& issuer) { return as_string(issuer.pck_crl(ca)); });
}

Result<std::string> DocumentEndpoints::root_crl(const Call& call) {
  const TcbState& state = call.world->present.state;
  std::string content = text("root crl ", state.root_crl_number, ' ', state.valid_days);
  for (const RevocableIssuer issuer : state.revoked_issuers) {
    content += text(' ', issuer_name(issuer));
  }
  return document(call, state, "root-crl", std::move(content),
                  std::max<std::chrono::seconds>(life_of(state), kRootCrlLife),
                  [](const CollateralIssuer& issuer) { return as_string(issuer.root_crl()); });
}

Response DocumentEndpoints::pck_crl_reply(const Call& call, PckCa ca, std::string der,
                                          bool as_der) const {
  Response out;
  if (as_der) {
    out = Response::of_type(kCrlType, std::move(der));
  } else if (call.dialect == Dialect::kPccs) {
    // Hexadecimal digits, whatever the type says (pcs-api 6.2).
    out = Response::of_type(kPemType, hex_text(der));
  } else {
    out = Response::of_type(kPemType, pem_text("X509 CRL", base::as_bytes(der)));
  }
  const std::string chain = call.has_fault(FaultKind::kWrongChain)
                                ? authority_.tcb_issuer_chain_pem()
                                : authority_.pck_issuer_chain_pem(ca);
  out.headers.push_back({"SGX-PCK-CRL-Issuer-Chain", http::percent_encoded(chain)});
  return out;
}

Result<Response> DocumentEndpoints::pck_crl(const Call& call) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(call.request));
  // The form of Azure's cache, and of Intel's library set up for it.
  if (parameters.find("uri")) return crl_by_uri(call);
  QUOTED_TRY(const std::string_view name, parameters.required("ca"));
  const auto ca = collateral::pck_ca_named(name);
  if (!ca) return fail(ErrorCode::kInvalidArgument, "ca is neither processor nor platform");
  const auto encoding = parameters.find("encoding");
  const bool pem_allowed = call.dialect == Dialect::kPcs;
  if (encoding && *encoding != "der" && !(pem_allowed && *encoding == "pem")) {
    return fail(ErrorCode::kInvalidArgument, "encoding is not one that this service has");
  }
  QUOTED_TRY(std::string der, pck_crl_der(call, *ca));
  return pck_crl_reply(call, *ca, std::move(der), encoding == "der");
}

Result<Response> DocumentEndpoints::distribution_point(const Call& call) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(call.request));
  QUOTED_TRY(const std::string_view name, parameters.required("ca"));
  const auto ca = collateral::pck_ca_named(name);
  if (!ca) return fail(ErrorCode::kInvalidArgument, "ca is neither processor nor platform");
  QUOTED_TRY(std::string der, pck_crl_der(call, *ca));
  return pck_crl_reply(call, *ca, std::move(der), true);
}

Result<Response> DocumentEndpoints::crl_by_uri(const Call& call) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(call.request));
  QUOTED_TRY(const std::string_view given, parameters.required("uri"));
  // Escaped twice by some clients (pcs-api 8): one of the two is left.
  const auto decoded = http::percent_decoded(given);
  const auto crl = decoded ? crl_at(*decoded) : std::nullopt;
  if (!crl) return fail(ErrorCode::kInvalidArgument, "uri is not the address of a CRL known here");
  if (crl == CrlName::kRoot) return root_crl_der(call);
  const PckCa ca = crl == CrlName::kPlatform ? PckCa::kPlatform : PckCa::kProcessor;
  QUOTED_TRY(std::string der, pck_crl_der(call, ca));
  return pck_crl_reply(call, ca, std::move(der), true);
}

Result<Response> DocumentEndpoints::root_crl_hex(const Call& call) {
  QUOTED_TRY(const std::string der, root_crl(call));
  return Response::of_type(kCrlType, hex_text(der));
}

Result<Response> DocumentEndpoints::root_crl_der(const Call& call) {
  QUOTED_TRY(std::string der, root_crl(call));
  return Response::of_type(kCrlType, std::move(der));
}

Result<Response> DocumentEndpoints::root_crl_pem(const Call& call) {
  QUOTED_TRY(const std::string der, root_crl(call));
  return Response::of_type(kPemType, pem_text("X509 CRL", base::as_bytes(der)));
}

Result<Response> DocumentEndpoints::root_der(const Call&) {
  return Response::of_type("application/pkix-cert",
                           std::string(base::as_text(authority_.root().der())));
}

Result<Response> DocumentEndpoints::root_pem(const Call&) {
  return Response::of_type(kPemType, authority_.root().pem());
}

}  // namespace quoted::simulation
