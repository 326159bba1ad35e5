#include "simulation/pcs_server/pck_endpoints.h"
#include "http/percent.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "simulation/pcs_server/reply.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using http::Response;
using Json = nlohmann::ordered_json;

bool reaches(const sgx::CpuSvn& cpu_svn, const TcbLevel& level) {
  return std::ranges::equal(components_of(cpu_svn), level.components, std::greater_equal<>());
}

// A certificate whose signature does not hold: the last byte is of the signature.
std::string with_wrong_signature(const crypto::Certificate& certificate) {
  base::Bytes der = base::to_bytes(certificate.der());
  der.back() ^= std::byte{1};
  return pem_text("CERTIFICATE", der);
}

Json tcb_json(const TcbLevel& level) {
  Json out;
  for (std::size_t i = 0; i < level.components.size(); ++i) {
    out[text("sgxtcbcomp", i < 9 ? "0" : "", i + 1, "svn")] = level.components[i];
  }
  out["pcesvn"] = level.pce_svn;
  return out;
}

}  // namespace

Result<PckEndpoints::Asked> PckEndpoints::asked(const Call& call) {
  const bool by_manifest = call.request.method == "POST";
  auto parameters =
      by_manifest ? Parameters::of_json(call.request.body) : Parameters::of_query(call.request);
  if (!parameters) return fail(std::move(parameters).error());
  QUOTED_TRY(const std::uint16_t pce_id, parameters->hex_16("pceid"));
  if (pce_id != 0) {
    return fail(ErrorCode::kNotFoundAtSource, text("there is no PCE with the id ", pce_id));
  }
  if (!by_manifest) {
    QUOTED_TRY(RegisteredPlatform platform, registry_.find(call, *parameters));
    return Asked{*std::move(parameters), std::move(platform)};
  }
  QUOTED_TRY(const base::Bytes manifest,
             parameters->hex_up_to("platformManifest", kMaxPlatformManifest));
  QUOTED_TRY(RegisteredPlatform platform, registry_.add(manifest, call.now, std::nullopt));
  return Asked{*std::move(parameters), std::move(platform)};
}

void PckEndpoints::add_headers(Response& response, const Call& call,
                               const PlatformIdentity& platform) const {
  const std::string chain = call.has_fault(FaultKind::kWrongChain)
                                ? authority_.tcb_issuer_chain_pem()
                                : authority_.pck_issuer_chain_pem(platform.pck_ca);
  const std::string ca(collateral::pck_ca_name(platform.pck_ca));
  response.headers.push_back({"SGX-PCK-Certificate-Issuer-Chain", http::percent_encoded(chain)});
  response.headers.push_back({"SGX-FMSPC", upper_case(platform.fmspc.hex())});
  // PCCS writes it large (pcs-api 6.2).
  response.headers.push_back(
      {"SGX-PCK-Certificate-CA-Type", call.dialect == Dialect::kPccs ? upper_case(ca) : ca});
}

Result<Response> PckEndpoints::certificate(const Call& call) {
  QUOTED_TRY(const Asked about, asked(call));
  Psvn raw;
  QUOTED_TRY(raw.cpu_svn, about.parameters.hex<sgx::CpuSvn>("cpusvn"));
  QUOTED_TRY(raw.isv_svn, about.parameters.hex_16("pcesvn"));
  QUOTED_TRY(const PlatformCertificates::Chosen chosen,
             certificates_.choose(about.platform.identity, call.world->present.state, raw));
  std::string pem = chosen.certificate.pem();
  if (call.has_fault(FaultKind::kWrongSignature)) {
    pem = with_wrong_signature(chosen.certificate);
  }
  Response out = Response::of_type(kPemType, std::move(pem));
  out.headers.push_back({"SGX-TCBm", tcbm_text(chosen.level)});
  add_headers(out, call, about.platform.identity);
  return out;
}

Result<Response> PckEndpoints::certificates(const Call& call) {
  QUOTED_TRY(const Asked about, asked(call));
  return list(call, about, std::nullopt);
}

Result<Response> PckEndpoints::certificates_of_configuration(const Call& call) {
  QUOTED_TRY(const Asked about, asked(call));
  QUOTED_TRY(const auto cpu_svn, about.parameters.hex<sgx::CpuSvn>("cpusvn"));
  return list(call, about, cpu_svn);
}

Result<Response> PckEndpoints::list(const Call& call, const Asked& about,
                                    const std::optional<sgx::CpuSvn>& cpu_svn) {
  Json out = Json::array();
  for (const TcbLevel& level : call.world->present.state.levels) {
    if (cpu_svn && !reaches(*cpu_svn, level)) continue;
    QUOTED_TRY(const crypto::Certificate certificate,
               certificates_.certificate(about.platform.identity, psvn_of(level)));
    Json& entry = out.emplace_back();
    entry["tcb"] = tcb_json(level);
    entry["tcbm"] = tcbm_text(psvn_of(level));
    entry["cert"] = http::percent_encoded(certificate.pem());
  }
  Response response = Response::of_type(http::kJsonType, out.dump());
  add_headers(response, call, about.platform.identity);
  return response;
}

}  // namespace quoted::simulation
