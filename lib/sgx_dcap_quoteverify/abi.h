// The public header as the library itself sees it: the same declarations, exported.
#pragma once

#include <cstddef>

#pragma GCC visibility push(default)
#include "quoted/sgx_dcap_quoteverify.h"
#pragma GCC visibility pop

#include "verification/supplemental.h"

// quote-verification 17 to 19: what other people's programs were compiled with.
static_assert(sizeof(quote3_error_t) == 4 && sizeof(sgx_ql_qv_result_t) == 4);
static_assert(sizeof(sgx_ql_request_policy_t) == 4 && sizeof(sgx_qv_path_type_t) == 4);
static_assert(sizeof(time_t) == 8);

static_assert(sizeof(sgx_ql_qve_collateral_t) == 120);
static_assert(offsetof(sgx_ql_qve_collateral_t, tee_type) == 4);
static_assert(offsetof(sgx_ql_qve_collateral_t, pck_crl_issuer_chain) == 8);
static_assert(offsetof(sgx_ql_qve_collateral_t, pck_crl_issuer_chain_size) == 16);
static_assert(offsetof(sgx_ql_qve_collateral_t, root_ca_crl) == 24);
static_assert(offsetof(sgx_ql_qve_collateral_t, pck_crl) == 40);
static_assert(offsetof(sgx_ql_qve_collateral_t, tcb_info_issuer_chain) == 56);
static_assert(offsetof(sgx_ql_qve_collateral_t, tcb_info) == 72);
static_assert(offsetof(sgx_ql_qve_collateral_t, qe_identity_issuer_chain) == 88);
static_assert(offsetof(sgx_ql_qve_collateral_t, qe_identity) == 104);
static_assert(offsetof(sgx_ql_qve_collateral_t, qe_identity_size) == 112);

static_assert(sizeof(tee_supp_data_descriptor_t) == 16);
static_assert(offsetof(tee_supp_data_descriptor_t, data_size) == 4);
static_assert(offsetof(tee_supp_data_descriptor_t, p_data) == 8);

static_assert(sizeof(sgx_ql_qe_report_info_t) == 960 && alignof(sgx_ql_qe_report_info_t) == 1);

// The C structure and the one that the verifier fills are the same bytes.
#define QUOTED_SAME_PLACE(theirs, ours)                       \
  static_assert(offsetof(sgx_ql_qv_supplemental_t, theirs) == \
                offsetof(quoted::verification::Supplemental, ours))
static_assert(sizeof(sgx_ql_qv_supplemental_t) == sizeof(quoted::verification::Supplemental));
QUOTED_SAME_PLACE(version, major_version);
QUOTED_SAME_PLACE(earliest_issue_date, earliest_issue_date);
QUOTED_SAME_PLACE(latest_issue_date, latest_issue_date);
QUOTED_SAME_PLACE(earliest_expiration_date, earliest_expiration_date);
QUOTED_SAME_PLACE(tcb_level_date_tag, tcb_level_date_tag);
QUOTED_SAME_PLACE(pck_crl_num, pck_crl_num);
QUOTED_SAME_PLACE(root_ca_crl_num, root_ca_crl_num);
QUOTED_SAME_PLACE(tcb_eval_ref_num, tcb_eval_ref_num);
QUOTED_SAME_PLACE(root_key_id, root_key_id);
QUOTED_SAME_PLACE(pck_ppid, pck_ppid);
QUOTED_SAME_PLACE(tcb_cpusvn, tcb_cpusvn);
QUOTED_SAME_PLACE(tcb_pce_isvsvn, tcb_pce_isvsvn);
QUOTED_SAME_PLACE(pce_id, pce_id);
QUOTED_SAME_PLACE(tee_type, tee_type);
QUOTED_SAME_PLACE(sgx_type, sgx_type);
QUOTED_SAME_PLACE(platform_instance_id, platform_instance_id);
QUOTED_SAME_PLACE(dynamic_platform, dynamic_platform);
QUOTED_SAME_PLACE(cached_keys, cached_keys);
QUOTED_SAME_PLACE(smt_enabled, smt_enabled);
QUOTED_SAME_PLACE(sa_list, sa_list);
QUOTED_SAME_PLACE(qe_iden_earliest_issue_date, qe_iden_earliest_issue_date);
QUOTED_SAME_PLACE(qe_iden_latest_issue_date, qe_iden_latest_issue_date);
QUOTED_SAME_PLACE(qe_iden_earliest_expiration_date, qe_iden_earliest_expiration_date);
QUOTED_SAME_PLACE(qe_iden_tcb_level_date_tag, qe_iden_tcb_level_date_tag);
QUOTED_SAME_PLACE(qe_iden_tcb_eval_ref_num, qe_iden_tcb_eval_ref_num);
QUOTED_SAME_PLACE(qe_iden_status, qe_iden_status);
#undef QUOTED_SAME_PLACE
