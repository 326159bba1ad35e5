// The functions of the policy engine, which runs in an enclave that is not here. What their
// arguments mean is not publicly specified, so none is looked at or written to; callers pass more
// than is taken, which the calling conventions of C allow.
#include "sgx_dcap_quoteverify/call.h"

namespace {

quote3_error_t refuse_to(const char* function) {
  return quoted::quoteverify::run_call(function, []() -> quoted::quoteverify::Answer<void> {
    return quoted::quoteverify::refuse(SGX_QL_ERROR_UNEXPECTED, "there is no policy engine here");
  });
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

quote3_error_t tee_appraise_verification_token() {
  return refuse_to("tee_appraise_verification_token");
}

quote3_error_t tee_free_appraisal_token() { return refuse_to("tee_free_appraisal_token"); }

quote3_error_t tee_authenticate_appraisal_result() {
  return refuse_to("tee_authenticate_appraisal_result");
}

quote3_error_t tee_authenticate_appraisal_result_ex() {
  return refuse_to("tee_authenticate_appraisal_result_ex");
}

quote3_error_t tee_authenticate_policy_owner() {
  return refuse_to("tee_authenticate_policy_owner");
}

}  // extern "C"
#pragma GCC visibility pop
