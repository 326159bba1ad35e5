#include "certification/documents.h"

#include "base/text.h"

namespace quoted::certification {
namespace {

using base::text;

std::string describe_one(const PckCrlRequest& request) {
  return text("the CRL of the ", collateral::pck_ca_name(request.ca), " CA");
}

std::string describe_one(const RootCaCrlRequest&) { return "the CRL of the root CA"; }

std::string describe_one(const TcbInfoRequest& request) {
  return text("the ", request.tee == collateral::Tee::kTdx ? "TDX" : "SGX", " TCB info of FMSPC ",
              request.fmspc.hex());
}

std::string describe_one(const EnclaveIdentityRequest& request) {
  switch (request.id) {
    case EnclaveIdentity::kQe:
      return "the identity of the QE";
    case EnclaveIdentity::kTdQe:
      return "the identity of the TD QE";
    case EnclaveIdentity::kQve:
      return "the identity of the QvE";
  }
  return "an enclave identity";
}

}  // namespace

std::string describe(const DocumentRequest& request) {
  return std::visit([](const auto& one) { return describe_one(one); }, request);
}

}  // namespace quoted::certification
