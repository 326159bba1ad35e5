/*
 * The C interface of libsgx_dcap_quoteverify.so.1: verification of ECDSA quotes of SGX enclaves and
 * TDX trust domains.
 *
 * The library is binary-compatible with the one of that name from the DCAP software. This header
 * describes the same interface in our own words, for programs that are built without that software;
 * a program that was compiled with the original header needs no change. C11 and C++11.
 *
 *     uint8_t data[536];
 *     tee_supp_data_descriptor_t more = {.major_version = 0, .data_size = sizeof(data),
 *                                        .p_data = data};
 *     uint32_t expired = 1;
 *     sgx_ql_qv_result_t result = SGX_QL_QV_RESULT_UNSPECIFIED;
 *     quote3_error_t error = tee_verify_quote(quote, quote_size, (const uint8_t *)&collateral,
 *                                             time(NULL), &expired, &result, NULL, &more);
 *
 * THE ANSWER HAS THREE PARTS. A quote is worth what it claims only if the call returns
 * SGX_QL_SUCCESS *and* the result is acceptable *and* the expiration status is 0. A call succeeds
 * for a platform that is out of date, and with collateral that has expired. And a quote that
 * verifies is a quote of some enclave: that it is the right one (its measurement, its signer, that
 * it cannot be debugged, that its report data are fresh) is for the caller to compare.
 *
 * USE. There is nothing to initialise. Every function may be called from any thread at any time and
 * after fork(), and the pointers may have any alignment. Verifications do not wait for each other;
 * fork() waits until those in progress have ended: some milliseconds each, with large collateral
 * seconds. The first verification reads the file that QUOTED_TRUSTED_ROOT names; beside that a call
 * opens no file and no connection of its own, except what the provider library does where the
 * caller gives no collateral. It raises no signal, is no cancellation point and leaves errno alone.
 * The library may be opened and closed with dlopen() and dlclose(); no call may be in progress while
 * it is closed. Nor while the process exits: exit() and the return from main() take apart libcrypto
 * under the threads that use it, so a program ends its verifying threads first, or calls _exit().
 *
 * WHAT IS NOT THE ORIGINAL'S
 *   - There is no Quote Verification Enclave and no appraisal enclave. A call with a
 *     `p_qve_report_info` returns SGX_QL_ERROR_UNEXPECTED, as the original does where it cannot
 *     load its enclave.
 *   - An empty CRL is SGX_QL_ERROR_INVALID_PARAMETER; the original returns success, with the result
 *     "unspecified".
 *   - A collateral part of more than 32 MiB is SGX_QL_ERROR_INVALID_PARAMETER.
 *   - tee_verify_quote_qvt and the functions of the policy engine always fail; see below.
 *
 * ENVIRONMENT, ignored in programs that run with more rights than their caller (secure_getenv(3)):
 *   QUOTED_TRUSTED_ROOT  a file with a root certificate, PEM or DER, that is trusted INSTEAD of
 *                        Intel's, so that simulated quotes can be verified. Read once, and said
 *                        on standard error. Where the file is no root, nothing verifies:
 *                        SGX_QL_PCK_CERT_CHAIN_ERROR
 *   QUOTED_DEBUG         when set and not empty: why a call fails is written to standard error
 */
#ifndef QUOTED_SGX_DCAP_QUOTEVERIFY_H
#define QUOTED_SGX_DCAP_QUOTEVERIFY_H

#include <stdint.h>
#include <time.h>

#include "quoted/sgx_ql_common.h"

#ifdef __cplusplus
/* As C has it anyway, also for values without a name. */
#define QUOTED_ENUM_BASE : uint32_t
#define QUOTED_STATIC_ASSERT static_assert
extern "C" {
#else
#define QUOTED_ENUM_BASE
/* -fshort-enums would make them smaller than the library has them. */
#define QUOTED_STATIC_ASSERT _Static_assert
#endif

/* What the platform is worth, when a call succeeds. Each name exists as SGX_QL_QV_RESULT_... and as
   TEE_QV_RESULT_.... */
#define QUOTED_QV_RESULTS(X)                                                                \
  X(OK, 0x0000)                                                                             \
  X(CONFIG_NEEDED, 0xA001)                                                                  \
  X(OUT_OF_DATE, 0xA002)                                                                    \
  X(OUT_OF_DATE_CONFIG_NEEDED, 0xA003)                                                      \
  X(INVALID_SIGNATURE, 0xA004)                                                              \
  X(REVOKED, 0xA005)                                                                        \
  X(UNSPECIFIED, 0xA006)                                                                    \
  X(SW_HARDENING_NEEDED, 0xA007)                                                            \
  X(CONFIG_AND_SW_HARDENING_NEEDED, 0xA008)                                                 \
  X(TD_RELAUNCH_ADVISED, 0xA009)                                                            \
  X(TD_RELAUNCH_ADVISED_CONFIG_NEEDED, 0xA00A)                                              \
  X(MAX, 0xA0FF)

typedef enum quoted_qv_result QUOTED_ENUM_BASE {
#define QUOTED_ENTRY(name, value) SGX_QL_QV_RESULT_##name = value, TEE_QV_RESULT_##name = value,
  QUOTED_QV_RESULTS(QUOTED_ENTRY)
#undef QUOTED_ENTRY
} sgx_ql_qv_result_t;
QUOTED_STATIC_ASSERT(sizeof(sgx_ql_qv_result_t) == 4, "sgx_ql_qv_result_t has 4 bytes");

typedef enum quoted_qv_path_type QUOTED_ENUM_BASE {
  SGX_QV_QVE_PATH = 0,
  SGX_QV_QPL_PATH = 1 /* the provider library */
} sgx_qv_path_type_t;

/*
 * What a quote is judged by. 120 bytes.
 *
 * `version` is 1, 3, 0x00010003 or 4. Chains are PEM. The CRLs may be PEM, the hexadecimal digits
 * of DER, or DER: the content decides. The five texts end in a NUL that their sizes count, and have no
 * other; the sizes of CRLs may count one.
 */
typedef struct quoted_qve_collateral {
  uint32_t version; /* major version in the lower half */
  uint32_t tee_type;
  char *pck_crl_issuer_chain;
  uint32_t pck_crl_issuer_chain_size;
  char *root_ca_crl;
  uint32_t root_ca_crl_size;
  char *pck_crl;
  uint32_t pck_crl_size;
  char *tcb_info_issuer_chain;
  uint32_t tcb_info_issuer_chain_size;
  char *tcb_info;
  uint32_t tcb_info_size;
  char *qe_identity_issuer_chain;
  uint32_t qe_identity_issuer_chain_size;
  char *qe_identity;
  uint32_t qe_identity_size;
} sgx_ql_qve_collateral_t;
typedef sgx_ql_qve_collateral_t tdx_ql_qv_collateral_t;

typedef enum quoted_pck_cert_flag QUOTED_ENUM_BASE {
  PCK_FLAG_FALSE = 0,
  PCK_FLAG_TRUE = 1,
  PCK_FLAG_UNDEFINED = 2
} pck_cert_flag_enum_t;

/*
 * What policies may want to know beside the result. 536 bytes, version 3.3; dates are seconds since
 * 1970. All zero when the call fails.
 */
typedef struct quoted_qv_supplemental {
  uint32_t version; /* major version in the lower half, minor in the upper */
  time_t earliest_issue_date; /* of all collateral */
  time_t latest_issue_date;
  time_t earliest_expiration_date;
  time_t tcb_level_date_tag;  /* of the platform's TCB level */
  uint32_t pck_crl_num;       /* 0xFFFFFFFF for a larger number */
  uint32_t root_ca_crl_num;
  uint32_t tcb_eval_ref_num;  /* the lower of TCB info's and QE identity's */
  uint8_t root_key_id[48];    /* SHA-384 of 04 || x || y */
  uint8_t pck_ppid[16];
  uint8_t tcb_cpusvn[16];     /* of the PCK certificate */
  uint16_t tcb_pce_isvsvn;
  uint16_t pce_id;
  uint32_t tee_type;          /* 0 also for a TD */
  uint8_t sgx_type;           /* 0 standard, 1 scalable, 2 scalable with integrity */
  uint8_t platform_instance_id[16];    /* these four only where sgx_type is not 0 */
  pck_cert_flag_enum_t dynamic_platform; /* true or undefined */
  pck_cert_flag_enum_t cached_keys;      /* true or undefined */
  pck_cert_flag_enum_t smt_enabled;
  char sa_list[320]; /* advisories, joined by commas; empty where the minor version is 0 */
  time_t qe_iden_earliest_issue_date; /* of the certificates that signed the QE identity */
  time_t qe_iden_latest_issue_date;
  time_t qe_iden_earliest_expiration_date;
  time_t qe_iden_tcb_level_date_tag;
  uint32_t qe_iden_tcb_eval_ref_num;
  uint32_t qe_iden_status;
} sgx_ql_qv_supplemental_t;

/* Where tee_verify_quote puts them. 16 bytes. */
typedef struct quoted_supp_data_descriptor {
  uint16_t major_version; /* 3, or 0 for the latest */
  uint32_t data_size;     /* 536 */
  uint8_t *p_data;
} tee_supp_data_descriptor_t;

/* For the Quote Verification Enclave, which is not here: NULL in every call. 960 bytes. */
typedef struct quoted_qe_report_info {
  uint8_t nonce[16];
  uint8_t app_enclave_target_info[512];
  uint8_t qe_report[432];
} sgx_ql_qe_report_info_t;

/*
 * Verifies a quote.
 *
 * quote, quote_size               the quote; bytes behind its end are passed over
 * p_quote_collateral              NULL: the provider library is asked
 * expiration_check_date           the time of verification, seconds since 1970
 * p_collateral_expiration_status  receives 0 when nothing had expired by then, else 1
 * p_quote_verification_result     receives the result; "unspecified" whenever the call fails
 * p_qve_report_info               NULL
 * supplemental_data_size          536, or 0 with
 * p_supplemental_data             NULL. Receives version 3.0, which has no advisories
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  the quote is NULL, has less than 1020 bytes, or is neither of SGX
 *                                 nor of TDX; the pointer for status or result is NULL; the time is
 *                                 not after 1970; size and place of the supplemental data do not
 *                                 fit together; a part of the collateral is missing, or its size is not
 *                                 as described above
 * SGX_QL_COLLATERAL_VERSION_NOT_SUPPORTED
 */
quote3_error_t sgx_qv_verify_quote(const uint8_t *p_quote, uint32_t quote_size,
                                   const sgx_ql_qve_collateral_t *p_quote_collateral,
                                   time_t expiration_check_date,
                                   uint32_t *p_collateral_expiration_status,
                                   sgx_ql_qv_result_t *p_quote_verification_result,
                                   sgx_ql_qe_report_info_t *p_qve_report_info,
                                   uint32_t supplemental_data_size, uint8_t *p_supplemental_data);

/* The same. */
quote3_error_t tdx_qv_verify_quote(const uint8_t *p_quote, uint32_t quote_size,
                                   const tdx_ql_qv_collateral_t *p_quote_collateral,
                                   time_t expiration_check_date,
                                   uint32_t *p_collateral_expiration_status,
                                   sgx_ql_qv_result_t *p_quote_verification_result,
                                   sgx_ql_qe_report_info_t *p_qve_report_info,
                                   uint32_t supplemental_data_size, uint8_t *p_supplemental_data);

/*
 * The same, with supplemental data of version 3.3 where the descriptor is not NULL.
 *
 * p_quote_collateral  an sgx_ql_qve_collateral_t
 *
 * SGX_QL_SUPPLEMENTAL_DATA_VERSION_NOT_SUPPORTED  the descriptor's major version is above 3
 * SGX_QL_ERROR_INVALID_PARAMETER  it is 1 or 2, or the size is not 536, or the place is NULL
 * SGX_QL_ERROR_UNEXPECTED         also: the platform has more advisories than there is room for
 */
quote3_error_t tee_verify_quote(const uint8_t *p_quote, uint32_t quote_size,
                                const uint8_t *p_quote_collateral, time_t expiration_check_date,
                                uint32_t *p_collateral_expiration_status,
                                sgx_ql_qv_result_t *p_quote_verification_result,
                                sgx_ql_qe_report_info_t *p_qve_report_info,
                                tee_supp_data_descriptor_t *p_supp_data_descriptor);

/* 536. SGX_QL_ERROR_INVALID_PARAMETER: the pointer is NULL. */
quote3_error_t sgx_qv_get_quote_supplemental_data_size(uint32_t *p_data_size);
quote3_error_t tdx_qv_get_quote_supplemental_data_size(uint32_t *p_data_size);

/*
 * 0x00030003, where a pointer is given, and 536.
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  p_data_size or the quote is NULL, or the quote has less than 1020
 *                                 bytes or is neither of SGX nor of TDX
 */
quote3_error_t tee_get_supplemental_data_version_and_size(const uint8_t *p_quote,
                                                          uint32_t quote_size, uint32_t *p_version,
                                                          uint32_t *p_data_size);

/*
 * The family of platforms that the quote's PCK certificate names: 6 bytes. The certificate is read,
 * not verified.
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  as above, or less room than 6 bytes
 */
quote3_error_t tee_get_fmspc_from_quote(const uint8_t *p_quote, uint32_t quote_size,
                                        uint8_t *p_fmspc_from_quote,
                                        uint32_t fmspc_from_quote_size);

/*
 * The collateral of a quote's platform, from the provider library.
 *
 * pp_quote_collateral  points to NULL; receives an sgx_ql_qve_collateral_t, to be given back with
 *                      tee_qv_free_collateral
 * p_collateral_size    receives its size, with everything that it points to
 *
 * SGX_QL_ERROR_INVALID_PARAMETER   as above; also a provider's collateral that is not as described
 *                                  above
 * SGX_QL_PLATFORM_LIB_UNAVAILABLE  there is no provider library, or it cannot do that
 * SGX_QL_UNABLE_TO_GET_COLLATERAL  it gave none, and no reason; a reason is passed on
 */
quote3_error_t tee_qv_get_collateral(const uint8_t *p_quote, uint32_t quote_size,
                                     uint8_t **pp_quote_collateral, uint32_t *p_collateral_size);

/* SGX_QL_ERROR_INVALID_PARAMETER: the pointer is NULL. */
quote3_error_t tee_qv_free_collateral(uint8_t *p_quote_collateral);

/*
 * Accepted once in the life of a process, without any effect. SGX_QL_UNSUPPORTED_LOADING_POLICY
 * for the second time, and for a value that is no policy.
 */
quote3_error_t sgx_qv_set_enclave_load_policy(sgx_ql_request_policy_t policy);
quote3_error_t sgx_qae_set_enclave_load_policy(sgx_ql_request_policy_t policy);

/*
 * Identity, issuer chain and root CRL of the Quote Verification Enclave, from the provider library,
 * for programs that check its reports elsewhere. To be given back with sgx_qv_free_qve_identity.
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  a pointer is NULL
 */
quote3_error_t sgx_qv_get_qve_identity(uint8_t **pp_qveid, uint32_t *p_qveid_size,
                                       uint8_t **pp_qveid_issue_chain,
                                       uint32_t *p_qveid_issue_chain_size,
                                       uint8_t **pp_root_ca_crl, uint16_t *p_root_ca_crl_size);
quote3_error_t sgx_qv_free_qve_identity(uint8_t *p_qveid, uint8_t *p_qveid_issue_chain,
                                        uint8_t *p_root_ca_crl);

/*
 * Where the provider library is, instead of where the loader looks for libdcap_quoteprov.so.1 and
 * libdcap_quoteprov.so. Has an effect until the provider is used for the first time.
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  there is no such type, or no regular file of that name, or the
 *                                 name has more than 259 characters
 */
quote3_error_t sgx_qv_set_path(sgx_qv_path_type_t path_type, const char *p_path);

/*
 * A verdict as a token. Its format is not publicly specified, and a token of our own that looked
 * like Intel's would deceive whoever appraises it: always SGX_QL_ERROR_UNEXPECTED, with a token of
 * NULL and size 0; or SGX_QL_ERROR_INVALID_PARAMETER, for a quote as above, for pointers that are
 * NULL and for user data of more than 128 characters.
 */
quote3_error_t tee_verify_quote_qvt(const uint8_t *p_quote, uint32_t quote_size,
                                    const sgx_ql_qve_collateral_t *p_quote_collateral,
                                    const sgx_ql_qe_report_info_t *p_qve_report_info,
                                    const uint8_t *p_user_data,
                                    uint32_t *p_verification_result_token_buffer_size,
                                    uint8_t **p_verification_result_token);

/* There is no token to be given back: SGX_QL_ERROR_INVALID_PARAMETER. */
quote3_error_t tee_free_verify_quote_qvt(uint8_t *p_verification_result_token,
                                         uint32_t *p_verification_result_token_buffer_size);

/*
 * The policy engine runs in an enclave that we do not have. Its functions are exported, so that
 * programs which mention them can be loaded, and always return SGX_QL_ERROR_UNEXPECTED without
 * touching their arguments; they are not declared here:
 *   tee_appraise_verification_token, tee_free_appraisal_token, tee_authenticate_appraisal_result,
 *   tee_authenticate_appraisal_result_ex, tee_authenticate_policy_owner
 */

#undef QUOTED_ENUM_BASE
#undef QUOTED_STATIC_ASSERT
#ifdef __cplusplus
}
#endif

#endif /* QUOTED_SGX_DCAP_QUOTEVERIFY_H */
