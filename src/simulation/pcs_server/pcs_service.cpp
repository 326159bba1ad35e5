#include "simulation/pcs_server/pcs_service.h"

#include <algorithm>
#include <thread>

#include "crypto/compare.h"
#include "simulation/pcs_server/document_endpoints.h"
#include "simulation/pcs_server/pck_endpoints.h"
#include "simulation/pcs_server/pcs_routes.h"
#include "simulation/pcs_server/reply.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using http::Response;

constexpr std::string_view kCertificatesFolder = "authority";
constexpr std::string_view kDocumentsFolder = "documents";

base::Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return fail(ErrorCode::kStateDirectoryUnusable,
              text("cannot make the directory ", folder.string(), ": ", error.message()));
}

base::Status check_secret(const http::Request& request, std::string_view header,
                          const std::optional<base::SecretBytes>& wanted) {
  if (!wanted) return {};
  const auto given = http::find_header(request.headers, header);
  if (given && crypto::constant_time_equal(base::as_bytes(*given), wanted->view())) return {};
  return fail(ErrorCode::kApiKeyRefused,
              text("the header ", header, " is ", given ? "wrong" : "missing"));
}

const PcsRoute* find_route(Dialect dialect, const http::Request& request) {
  const std::string_view asked = request.method;
  const std::string_view method = asked == "HEAD" ? "GET" : asked;
  const auto& routes = pcs_routes(dialect);
  const auto found = std::ranges::find_if(routes, [&](const PcsRoute& route) {
    return route.path == request.path && route.method == method;
  });
  return found == routes.end() ? nullptr : &*found;
}

Response busy(Dialect dialect, unsigned status, const Fault& fault) {
  Response out = refusal(dialect, status, "this endpoint is made to fail");
  out.headers.push_back({"Retry-After", std::to_string(fault.seconds)});
  return out;
}

}  // namespace

// Declared in the order of dependence: later members refer to earlier ones.
struct PcsService::Parts {
  Parts(MasterSeed master, PcsServiceOptions given, const base::Clock& time,
        std::unique_ptr<ServiceWorld> service_world, CertificateStore certificate_store,
        CertificateAuthority ca)
      : seed(std::move(master)),
        options(std::move(given)),
        clock(time),
        world(std::move(service_world)),
        store(std::move(certificate_store)),
        authority(std::move(ca)),
        issued(options.state_dir / kDocumentsFolder, options.notice),
        certificates(seed, authority, store),
        registry(seed, *world, options.notice),
        pck(authority, certificates, registry),
        documents(authority, issued) {}

  [[nodiscard]] Result<Response> run(const PcsRoute& route, const Call& call);
  [[nodiscard]] Result<Response> register_manifest(const Call& call);
  [[nodiscard]] Result<Response> register_record(const Call& call);
  // The fault that this request meets; one with a count is used up by it.
  [[nodiscard]] std::optional<Fault> take_fault(const World& seen, ServiceEndpoint endpoint);

  MasterSeed seed;
  PcsServiceOptions options;
  const base::Clock& clock;
  std::unique_ptr<ServiceWorld> world;
  CertificateStore store;
  CertificateAuthority authority;
  IssuedDocuments issued;
  PlatformCertificates certificates;
  PlatformRegistry registry;
  PckEndpoints pck;
  DocumentEndpoints documents;
};

PcsService::PcsService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PcsService::~PcsService() = default;

Result<std::unique_ptr<PcsService>> PcsService::create(MasterSeed seed, PcsServiceOptions options,
                                                       const base::Clock& clock) {
  QUOTED_CHECK(make_folder(options.state_dir / kCertificatesFolder));
  QUOTED_CHECK(make_folder(options.state_dir / kDocumentsFolder));
  if (!options.sleep) {
    options.sleep = [](std::chrono::seconds time) { std::this_thread::sleep_for(time); };
  }
  QUOTED_TRY(auto world, ServiceWorld::open(options.state_dir, options.notice));
  CertificateStore store(options.state_dir / kCertificatesFolder, options.notice);
  QUOTED_TRY(auto authority, CertificateAuthority::create(seed, clock.now(), store));
  return std::unique_ptr<PcsService>(new PcsService(
      std::make_unique<Parts>(std::move(seed), std::move(options), clock, std::move(world),
                              std::move(store), std::move(authority))));
}

Result<Response> PcsService::Parts::register_manifest(const Call& call) {
  QUOTED_TRY(const RegisteredPlatform platform,
             registry.add(call.request.body, call.now, std::nullopt));
  return Response::of_type("text/plain", platform.ppid.hex(), 201);
}

Result<Response> PcsService::Parts::register_record(const Call& call) {
  QUOTED_CHECK(check_secret(call.request, "user-token", options.user_token));
  QUOTED_TRY(const Parameters record, Parameters::of_json(call.request.body));
  QUOTED_CHECK(registry.add_record(call, record));
  return Response::of_type("text/plain; charset=utf-8", "Operation successful.");
}

Result<Response> PcsService::Parts::run(const PcsRoute& route, const Call& call) {
  switch (route.operation) {
    case Operation::kPckCert:
    case Operation::kPckCerts:
    case Operation::kPckCertsOfConfiguration:
      // Clients of PCCS have none: it holds the key itself (pcs-api 6.1).
      if (call.dialect == Dialect::kPcs) {
        QUOTED_CHECK(check_secret(call.request, "Ocp-Apim-Subscription-Key", options.api_key));
      }
      if (route.operation == Operation::kPckCert) return pck.certificate(call);
      return route.operation == Operation::kPckCerts ? pck.certificates(call)
                                                     : pck.certificates_of_configuration(call);
    case Operation::kPckCrl:
      return documents.pck_crl(call);
    case Operation::kTcb:
      return documents.tcb_info(call);
    case Operation::kQeIdentity:
      return documents.qe_identity(call);
    case Operation::kQveIdentity:
      return documents.qve_identity(call);
    case Operation::kEvaluationNumbers:
      return documents.evaluation_numbers(call);
    case Operation::kFmspcs:
      return documents.fmspcs(call);
    case Operation::kRootCrlHex:
      return documents.root_crl_hex(call);
    case Operation::kCrlByUri:
      return documents.crl_by_uri(call);
    case Operation::kDistributionPoint:
      return documents.distribution_point(call);
    case Operation::kRootCrlDer:
      return documents.root_crl_der(call);
    case Operation::kRootCrlPem:
      return documents.root_crl_pem(call);
    case Operation::kRootDer:
      return documents.root_der(call);
    case Operation::kRootPem:
      return documents.root_pem(call);
    case Operation::kRegisterManifest:
      return register_manifest(call);
    case Operation::kRegisterRecord:
      break;
  }
  return register_record(call);
}

std::optional<Fault> PcsService::Parts::take_fault(const World& seen, ServiceEndpoint endpoint) {
  const Fault* const fault = seen.fault_of(endpoint);
  if (fault == nullptr) return std::nullopt;
  std::optional<Fault> out = *fault;
  if (!fault->remaining) return out;
  // Others may be using it up at the same time, so what the file says counts.
  const auto used = world->update([&](World& now) -> base::Status {
    out.reset();
    for (Fault& one : now.faults) {
      if (one.endpoint != endpoint || one.remaining.value_or(1) == 0) continue;
      out = one;
      if (one.remaining) --*one.remaining;
    }
    std::erase_if(now.faults, [](const Fault& one) { return one.remaining == 0U; });
    return {};
  });
  if (!used) options.notice(text("a fault's count is not kept: ", used.error().summary()));
  return out;
}

Response PcsService::answer(Dialect dialect, const http::Request& request) {
  const PcsRoute* const route = find_route(dialect, request);
  if (route == nullptr) {
    return refusal(dialect, 404, "there is nothing at this path");
  }
  Parts& parts = *parts_;
  Call call{request, dialect, route->version, parts.world->now(), parts.clock.now()};
  const std::optional<Fault> fault = parts.take_fault(*call.world, route->group);
  if (fault) {
    call.fault = fault->kind;
    switch (fault->kind) {
      case FaultKind::kNotFound:
        return refusal(dialect, 404, "this endpoint is made to fail");
      case FaultKind::kServerError:
        return refusal(dialect, 500, "this endpoint is made to fail");
      case FaultKind::kTooManyRequests:
        return busy(dialect, 429, *fault);
      case FaultKind::kDown: {
        Response none = refusal(dialect, 503, "this endpoint is made to be down");
        none.hang_up = true;
        return none;
      }
      case FaultKind::kUnavailable:
        return busy(dialect, 503, *fault);
      case FaultKind::kSlow:
        parts.options.sleep(std::chrono::seconds(fault->seconds));
        break;
      case FaultKind::kWrongDialect:
        call.dialect = dialect == Dialect::kPcs ? Dialect::kPccs : Dialect::kPcs;
        break;
      default:
        break;
    }
  }
  auto answered = parts.run(*route, call);
  Response out = answered ? *std::move(answered) : refusal(call.dialect, answered.error());
  if (call.has_fault(FaultKind::kTruncatedBody)) out.body.resize(out.body.size() / 2);
  return out;
}

Response PcsService::handle(Dialect dialect, const http::Request& request) {
  Response out = answer(dialect, request);
  out.headers.push_back({"Request-ID", new_request_id()});
  return out;
}

http::Router PcsService::routes(Dialect dialect, PcsObserver observer) {
  http::Router out;
  const http::Handler handler = [this, dialect,
                                 observer = std::move(observer)](const http::Request& request) {
    Response answered = handle(dialect, request);
    if (observer) observer(request, answered);
    return answered;
  };
  for (const PcsRoute& route : pcs_routes(dialect)) {
    out.add({.method = route.method, .path = route.path, .handler = handler});
  }
  return out;
}

Response PcsService::write_error(Dialect dialect, unsigned status, const base::Error& error) {
  Response out = refusal(dialect, status, error.message());
  out.headers.push_back({"Request-ID", new_request_id()});
  return out;
}

}  // namespace quoted::simulation
