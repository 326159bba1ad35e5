#include "simulation/simulated_enclave.h"

#include <algorithm>

namespace quoted::simulation {
namespace {

// Measurements stand for builds that do not exist: digests of a sentence that says so.
template <class Measurement>
Measurement measurement_of(std::string_view sentence) {
  const auto digest = crypto::sha256(base::as_bytes(sentence)).value();
  return Measurement::parse(digest.view()).value();
}

}  // namespace

sgx::MrSigner simulated_signer() {
  return measurement_of<sgx::MrSigner>("quoted: signer of the simulated architectural enclaves");
}

Secs architectural_enclave(std::string_view name, std::uint16_t isv_prod_id,
                           std::uint16_t isv_svn) {
  Secs out;
  out.attributes = {sgx::flags::kInit | sgx::flags::kMode64Bit | sgx::flags::kProvisionKey, 7};
  out.mr_enclave =
      measurement_of<sgx::MrEnclave>(base::text("quoted: simulated ", name, ", ISVSVN ", isv_svn));
  out.mr_signer = simulated_signer();
  out.isv_prod_id = isv_prod_id;
  out.isv_svn = isv_svn;
  return out;
}

sgx::TargetInfo target_info_for(const Secs& secs) {
  sgx::TargetInfo out;
  out.mr_enclave = secs.mr_enclave;
  out.attributes = secs.attributes;
  out.misc_select = secs.misc_select;
  return out;
}

sgx::ReportData digest_as_report_data(const crypto::Sha256& digest) {
  sgx::ReportData out;
  std::copy(digest.view().begin(), digest.view().end(), out.mutable_view().begin());
  return out;
}

}  // namespace quoted::simulation
