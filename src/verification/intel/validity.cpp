#include "verification/intel/validity.h"

#include <algorithm>

namespace quoted::verification::intel {

void take_validity(CollateralVerdict& verdict, const OneCall& call) {
  const auto& parts = call.collateral;
  verdict.documents_issued = std::min(
      {parts.tcb_info->issue_date, parts.qe_identity->issue_date, parts.pck_crl->this_update()});
  Validity found = validity_of(call.collateral, &*call.chain);
  verdict.earliest_issue = found.earliest_issue;
  verdict.latest_issue = found.latest_issue;
  verdict.earliest_expiration = found.earliest_expiration;
  verdict.earliest_expiring = std::move(found.earliest_expiring);
  verdict.expiration_status = found.earliest_expiration <= call.at ? 1 : 0;
}

}  // namespace quoted::verification::intel
