#include "simulation/pcs_server/pcs_routes.h"

#include "base/text.h"
#include "collateral/pck_certificate.h"

namespace quoted::simulation {
namespace {

using base::text;

enum class In : std::uint8_t { kBoth, kPcs, kPccs };
enum class Versions : std::uint8_t { kAll, kOnly4 };

// Below /sgx/certification/vN/.
struct Below {
  std::string_view method;
  std::string_view name;
  In in;
  Versions versions;
  Operation operation;
  ServiceEndpoint group;
};

using enum Operation;
using enum Versions;

constexpr std::string_view kGet = "GET";
constexpr std::string_view kPost = "POST";

constexpr Below kBelow[] = {
    {kGet, "pckcert", In::kBoth, kAll, kPckCert, ServiceEndpoint::kPckCert},
    {kPost, "pckcert", In::kPcs, kAll, kPckCert, ServiceEndpoint::kPckCert},
    {kGet, "pckcerts", In::kPcs, kAll, kPckCerts, ServiceEndpoint::kPckCerts},
    {kPost, "pckcerts", In::kPcs, kAll, kPckCerts, ServiceEndpoint::kPckCerts},
    {kGet, "pckcerts/config", In::kPcs, kAll, kPckCertsOfConfiguration, ServiceEndpoint::kPckCerts},
    {kPost, "pckcerts/config", In::kPcs, kAll, kPckCertsOfConfiguration,
     ServiceEndpoint::kPckCerts},
    {kGet, "pckcrl", In::kBoth, kAll, kPckCrl, ServiceEndpoint::kPckCrl},
    {kGet, "tcb", In::kBoth, kAll, kTcb, ServiceEndpoint::kTcb},
    {kGet, "qe/identity", In::kBoth, kAll, kQeIdentity, ServiceEndpoint::kQeIdentity},
    {kGet, "qve/identity", In::kBoth, kAll, kQveIdentity, ServiceEndpoint::kQeIdentity},
    {kGet, "tcbevaluationdatanumbers", In::kPcs, kOnly4, kEvaluationNumbers,
     ServiceEndpoint::kEvaluationNumbers},
    {kGet, "fmspcs", In::kPcs, kOnly4, kFmspcs, ServiceEndpoint::kFmspcs},
    {kGet, "rootcacrl", In::kPccs, kAll, kRootCrlHex, ServiceEndpoint::kRootCrl},
    {kGet, "crl", In::kPccs, kAll, kCrlByUri, ServiceEndpoint::kRootCrl},
    {kPost, "platforms", In::kPccs, kAll, kRegisterRecord, ServiceEndpoint::kRegistration},
};

// At the server's root, and below the marker that the certificates name.
struct Static {
  std::string_view name;
  Operation operation;
  ServiceEndpoint group;
};
constexpr Static kStatic[] = {
    {"IntelSGXRootCA.der", kRootCrlDer, ServiceEndpoint::kRootCrl},
    {"IntelSGXRootCA.crl", kRootCrlPem, ServiceEndpoint::kRootCrl},
    {"Intel_SGX_Provisioning_Certification_RootCA.cer", kRootDer,
     ServiceEndpoint::kRootCertificate},
    {"Intel_SGX_Provisioning_Certification_RootCA.pem", kRootPem,
     ServiceEndpoint::kRootCertificate},
};

bool is_in(In in, Dialect dialect) {
  return in == In::kBoth || (in == In::kPcs) == (dialect == Dialect::kPcs);
}

std::vector<PcsRoute> make_routes(Dialect dialect) {
  std::vector<PcsRoute> out;
  for (const ApiVersion version : {ApiVersion::k4, ApiVersion::k3}) {
    const bool is_v4 = version == ApiVersion::k4;
    for (const Below& below : kBelow) {
      if (!is_in(below.in, dialect) || (below.versions == kOnly4 && !is_v4)) continue;
      out.push_back({std::string(below.method),
                     text("/sgx/certification/v", is_v4 ? 4 : 3, '/', below.name), version,
                     below.operation, below.group});
    }
  }
  const std::string marked = text('/', collateral::kSimulatedMarker, '/');
  for (const Static& file : kStatic) {
    for (const std::string& folder : {std::string("/"), marked}) {
      out.push_back({std::string(kGet), folder + std::string(file.name), ApiVersion::k4,
                     file.operation, file.group});
    }
  }
  out.push_back({std::string(kGet), marked + "pckcrl", ApiVersion::k4, kDistributionPoint,
                 ServiceEndpoint::kPckCrl});
  if (dialect == Dialect::kPcs) {
    out.push_back({std::string(kPost), "/sgx/registration/v1/platform", ApiVersion::k4,
                   kRegisterManifest, ServiceEndpoint::kRegistration});
  }
  return out;
}

}  // namespace

const std::vector<PcsRoute>& pcs_routes(Dialect dialect) {
  static const std::vector<PcsRoute> pcs = make_routes(Dialect::kPcs);
  static const std::vector<PcsRoute> pccs = make_routes(Dialect::kPccs);
  return dialect == Dialect::kPcs ? pcs : pccs;
}

}  // namespace quoted::simulation
