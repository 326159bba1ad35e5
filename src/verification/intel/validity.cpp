#include "verification/intel/validity.h"

namespace quoted::verification::intel {

void take_validity(CollateralVerdict& verdict, const OneCall& call) {
  Validity found = validity_of(call.collateral, &*call.chain);
  verdict.earliest_issue = found.earliest_issue;
  verdict.latest_issue = found.latest_issue;
  verdict.earliest_expiration = found.earliest_expiration;
  verdict.earliest_expiring = std::move(found.earliest_expiring);
  verdict.expiration_status = found.earliest_expiration <= call.at ? 1 : 0;
}

}  // namespace quoted::verification::intel
