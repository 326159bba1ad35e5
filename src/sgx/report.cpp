#include "sgx/report.h"

namespace quoted::sgx {

bool ReportBody::reserved_is_zero() const {
  return base::all_zero(reserved1) && base::all_zero(reserved2) && base::all_zero(reserved3) &&
         base::all_zero(reserved4);
}

TargetInfo TargetInfo::for_enclave(const ReportBody& body) {
  TargetInfo out;
  out.mr_enclave = body.mr_enclave;
  out.attributes = body.attributes;
  out.cet_attributes = body.cet_attributes;
  out.config_svn = body.config_svn;
  out.misc_select = body.misc_select;
  out.config_id = body.config_id;
  return out;
}

}  // namespace quoted::sgx
