#include "quoted-pcs/cache_service.h"

#include "base/text.h"
#include "collateral/certificate_chain.h"
#include "collateral/pck_certificate.h"
#include "crypto/pem.h"
#include "http/percent.h"
#include "simulation/pcs_server/parameters.h"
#include "simulation/pcs_server/reply.h"

namespace quoted::pcs {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using certification::Freshness;
using http::Response;
using simulation::Dialect;
using simulation::Parameters;

constexpr std::string_view kSgx = "/sgx/certification/v4/";
constexpr std::string_view kTdx = "/tdx/certification/v4/";
constexpr std::size_t kEncryptedPpid = 384;
constexpr std::size_t kMaxManifest = std::size_t{32} * 1024;

// A cache over several services has one state of collateral, the standard one.
base::Status check_update(const Parameters& parameters) {
  if (parameters.find("tcbEvaluationDataNumber") || parameters.find("update") == "early") {
    return fail(ErrorCode::kInvalidArgument,
                "this cache has the collateral of update=standard only; ask Intel's service for "
                "another");
  }
  return {};
}

// Clients without one send zeros (pcs-api 7.1).
Result<base::Bytes> encrypted_ppid_of(const Parameters& parameters, std::string_view name) {
  QUOTED_TRY(base::Bytes out, parameters.hex_up_to(name, kEncryptedPpid));
  if (base::all_zero(out)) out.clear();
  if (!out.empty() && out.size() != kEncryptedPpid) {
    return fail(ErrorCode::kInvalidArgument,
                text(name, " has ", out.size(), " bytes, expected ", kEncryptedPpid));
  }
  return out;
}

struct NamesOfPck {
  std::string_view qe_id;
  std::string_view pce_id;
  std::string_view cpu_svn;
  std::string_view pce_svn;
  std::string_view encrypted_ppid;
};
constexpr NamesOfPck kInQuery{"qeid", "pceid", "cpusvn", "pcesvn", "encrypted_ppid"};
constexpr NamesOfPck kInRecord{"qe_id", "pce_id", "cpu_svn", "pce_svn", "enc_ppid"};

Result<certification::PckRequest> pck_request(const Parameters& parameters,
                                              const NamesOfPck& names) {
  certification::PckRequest out;
  QUOTED_TRY(out.qe_id, parameters.hex<sgx::QeId>(names.qe_id));
  QUOTED_TRY(out.pce_id, parameters.hex_16(names.pce_id));
  QUOTED_TRY(out.cpu_svn, parameters.hex<sgx::CpuSvn>(names.cpu_svn));
  QUOTED_TRY(out.pce_isv_svn, parameters.hex_16(names.pce_svn));
  QUOTED_TRY(out.encrypted_ppid, encrypted_ppid_of(parameters, names.encrypted_ppid));
  return out;
}

std::string tcbm(const certification::PckCertification& pck) {
  const sgx::Le16 pce_svn(pck.pce_isv_svn);
  return simulation::upper_case(pck.cpu_svn.hex() + base::to_hex(base::struct_bytes(pce_svn)));
}

std::string body_text(const certification::Document& document) {
  return std::string(base::as_text(document.body));
}

}  // namespace

template <class Ask>
auto CacheService::obtain(const Ask& ask) -> decltype(ask(Freshness::kCacheOnly)) {
  auto kept = ask(Freshness::kCacheOnly);
  if (kept && !kept->stale) return kept;
  if (!upstream_.try_acquire()) {
    if (kept) return kept;
    return fail(ErrorCode::kSourceBusy, "too many requests wait for the services above this cache");
  }
  auto fetched = ask(Freshness::kCacheFirst);
  upstream_.release();
  return fetched;
}

Result<certification::Document> CacheService::document(
    const certification::DocumentRequest& request) {
  QUOTED_TRY(certification::Answer<certification::Document> answer,
             obtain([&](Freshness freshness) { return service_.document(request, freshness); }));
  return std::move(answer.value);
}

CacheService::Reply CacheService::pck_certificate(Dialect dialect, const http::Request& request) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(request));
  QUOTED_TRY(const auto wanted, pck_request(parameters, kInQuery));
  QUOTED_TRY(const auto answer, obtain([&](Freshness freshness) {
               return service_.pck_certificate(wanted, freshness);
             }));
  Response out = Response::of_type(simulation::kPemType, answer.value.leaf_pem);
  out.headers.push_back(
      {"SGX-PCK-Certificate-Issuer-Chain", http::percent_encoded(answer.value.issuer_chain_pem)});
  out.headers.push_back({"SGX-TCBm", tcbm(answer.value)});
  const auto chain = crypto::parse_pem_chain(answer.value.leaf_pem);
  if (!chain || chain->empty()) return fail(ErrorCode::kInternal, "a kept certificate is none");
  QUOTED_TRY(const auto leaf, collateral::PckCertificate::create(chain->front()));
  const bool by_platform = leaf.certificate().issuer_cn() == collateral::kPlatformCaCn;
  const std::string ca(collateral::pck_ca_name(by_platform ? collateral::PckCa::kPlatform
                                                           : collateral::PckCa::kProcessor));
  out.headers.push_back({"SGX-FMSPC", simulation::upper_case(leaf.sgx().fmspc.hex())});
  out.headers.push_back(
      {"SGX-PCK-Certificate-CA-Type", dialect == Dialect::kPccs ? simulation::upper_case(ca) : ca});
  return out;
}

CacheService::Reply CacheService::pck_crl(Dialect dialect, const http::Request& request) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(request));
  QUOTED_TRY(const std::string_view name, parameters.required("ca"));
  const auto ca = collateral::pck_ca_named(name);
  if (!ca) return fail(ErrorCode::kInvalidArgument, "ca is neither processor nor platform");
  const auto encoding = parameters.find("encoding");
  if (encoding && *encoding != "der" && *encoding != "pem") {
    return fail(ErrorCode::kInvalidArgument, "encoding is neither der nor pem");
  }
  QUOTED_TRY(const certification::Document crl, document(certification::PckCrlRequest{*ca}));
  Response out;
  if (encoding == "der") {
    out = Response::of_type(simulation::kCrlType, body_text(crl));
  } else if (dialect == Dialect::kPccs) {
    out = Response::of_type(simulation::kPemType, base::to_hex(crl.body));
  } else {
    out = Response::of_type(simulation::kPemType, simulation::pem_text("X509 CRL", crl.body));
  }
  out.headers.push_back({"SGX-PCK-CRL-Issuer-Chain", http::percent_encoded(crl.issuer_chain_pem)});
  return out;
}

// The address of the root's CRL stands in the root certificate, and that with every document.
CacheService::Reply CacheService::root_crl(bool as_hex) {
  QUOTED_TRY(const certification::Document identity,
             document(certification::EnclaveIdentityRequest{certification::EnclaveIdentity::kQe}));
  const auto chain = collateral::CertificateChain::parse(identity.issuer_chain_pem);
  const crypto::Certificate* const root = chain ? chain->root() : nullptr;
  if (root == nullptr || root->crl_urls().empty()) {
    return fail(ErrorCode::kReplyNotUnderstood,
                "the root certificate of the QE identity names no CRL");
  }
  QUOTED_TRY(const certification::Document crl,
             document(certification::RootCaCrlRequest{root->crl_urls().front()}));
  return Response::of_type(simulation::kCrlType, as_hex ? base::to_hex(crl.body) : body_text(crl));
}

CacheService::Reply CacheService::tcb_info(collateral::Tee tee, const http::Request& request) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(request));
  QUOTED_CHECK(check_update(parameters));
  QUOTED_TRY(const auto fmspc, parameters.hex<sgx::Fmspc>("fmspc"));
  QUOTED_TRY(const certification::Document info,
             document(certification::TcbInfoRequest{.tee = tee, .fmspc = fmspc}));
  Response out = Response::of_type(http::kJsonType, body_text(info));
  out.headers.push_back({"TCB-Info-Issuer-Chain", http::percent_encoded(info.issuer_chain_pem)});
  return out;
}

CacheService::Reply CacheService::identity(certification::EnclaveIdentity id,
                                           const http::Request& request) {
  QUOTED_TRY(const Parameters parameters, Parameters::of_query(request));
  QUOTED_CHECK(check_update(parameters));
  QUOTED_TRY(const certification::Document identity,
             document(certification::EnclaveIdentityRequest{id}));
  Response out = Response::of_type(http::kJsonType, body_text(identity));
  out.headers.push_back(
      {"SGX-Enclave-Identity-Issuer-Chain", http::percent_encoded(identity.issuer_chain_pem)});
  return out;
}

CacheService::Reply CacheService::register_record(const http::Request& request) {
  QUOTED_TRY(const Parameters record, Parameters::of_json(request.body));
  certification::Registration registration;
  QUOTED_TRY(registration.platform, pck_request(record, kInRecord));
  QUOTED_TRY(registration.platform_manifest, record.hex_up_to("platform_manifest", kMaxManifest));
  QUOTED_CHECK(service_.register_platform(registration));
  return Response::of_type("text/plain; charset=utf-8", "Operation successful.");
}

CacheService::Reply CacheService::answer(Dialect dialect, const http::Request& request) {
  const std::string_view path = request.path;
  using certification::EnclaveIdentity;
  if (path == text(kSgx, "pckcert")) return pck_certificate(dialect, request);
  if (path == text(kSgx, "pckcrl")) return pck_crl(dialect, request);
  if (path == text(kSgx, "tcb")) return tcb_info(collateral::Tee::kSgx, request);
  if (path == text(kTdx, "tcb")) return tcb_info(collateral::Tee::kTdx, request);
  if (path == text(kSgx, "qe/identity")) return identity(EnclaveIdentity::kQe, request);
  if (path == text(kTdx, "qe/identity")) return identity(EnclaveIdentity::kTdQe, request);
  if (path == text(kSgx, "qve/identity")) return identity(EnclaveIdentity::kQve, request);
  if (path == text(kSgx, "rootcacrl")) return root_crl(true);
  if (path == text(kSgx, "platforms")) return register_record(request);
  return root_crl(false);
}

http::Response CacheService::handle(Dialect dialect, const http::Request& request) {
  auto answered = answer(dialect, request);
  Response out = answered ? *std::move(answered) : simulation::refusal(dialect, answered.error());
  out.headers.push_back({"Request-ID", simulation::new_request_id()});
  return out;
}

http::Router CacheService::routes(Dialect dialect, simulation::PcsObserver observer) {
  http::Router out;
  const http::Handler handler = [this, dialect,
                                 observer = std::move(observer)](const http::Request& request) {
    Response answered = handle(dialect, request);
    if (observer) observer(request, answered);
    return answered;
  };
  const auto add = [&](const char* method, std::string path) {
    out.add({.method = method, .path = std::move(path), .handler = handler});
  };
  for (const char* const name : {"pckcert", "pckcrl", "tcb", "qe/identity", "qve/identity"}) {
    add("GET", text(kSgx, name));
  }
  for (const char* const name : {"tcb", "qe/identity"}) add("GET", text(kTdx, name));
  add("GET", "/IntelSGXRootCA.der");
  add("GET", text('/', collateral::kSimulatedMarker, "/IntelSGXRootCA.der"));
  if (dialect == Dialect::kPccs) {
    add("GET", text(kSgx, "rootcacrl"));
    add("POST", text(kSgx, "platforms"));
  }
  return out;
}

}  // namespace quoted::pcs
