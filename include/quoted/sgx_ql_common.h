/*
 * What the C interfaces of DCAP share: the errors that their calls return, the policies of loading
 * enclaves, and the callback that is told why a call fails. Included by the headers of the
 * libraries. C11 and C++11.
 *
 * Where the DCAP headers were included before this one, their types are used; a build that has them
 * from elsewhere defines QUOTED_HAVE_SGX_QL_COMMON.
 */
#ifndef QUOTED_SGX_QL_COMMON_H
#define QUOTED_SGX_QL_COMMON_H

#include <stdint.h>

#if defined(_SGX_QL_LIB_COMMON_H_) && !defined(QUOTED_HAVE_SGX_QL_COMMON)
#define QUOTED_HAVE_SGX_QL_COMMON
#endif

#ifndef QUOTED_HAVE_SGX_QL_COMMON
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

/* What a call returns. Each name exists as SGX_QL_... and as TEE_.... */
#define QUOTED_QUOTE3_ERRORS(X)                                                             \
  X(SUCCESS, 0x0000)                                                                        \
  /* Also every flaw of a quote or its collateral that has no code of its own. */           \
  X(ERROR_UNEXPECTED, 0xE001)                                                               \
  X(ERROR_INVALID_PARAMETER, 0xE002)                                                        \
  X(ERROR_OUT_OF_MEMORY, 0xE003)                                                            \
  X(ERROR_ECDSA_ID_MISMATCH, 0xE004)                                                        \
  X(PATHNAME_BUFFER_OVERFLOW_ERROR, 0xE005)                                                 \
  X(FILE_ACCESS_ERROR, 0xE006)                                                              \
  X(ERROR_STORED_KEY, 0xE007)                                                               \
  X(ERROR_PUB_KEY_ID_MISMATCH, 0xE008)                                                      \
  X(ERROR_INVALID_PCE_SIG_SCHEME, 0xE009)                                                   \
  X(ATT_KEY_BLOB_ERROR, 0xE00A)                                                             \
  X(UNSUPPORTED_ATT_KEY_ID, 0xE00B)                                                         \
  X(UNSUPPORTED_LOADING_POLICY, 0xE00C)                                                     \
  /* The PCE, or what quotes in this process, cannot be loaded. */                          \
  X(INTERFACE_UNAVAILABLE, 0xE00D)                                                          \
  /* There is no provider library, or a function is not in it. */                           \
  X(PLATFORM_LIB_UNAVAILABLE, 0xE00E)                                                       \
  /* Ask for the target info again, make a new report, and ask for the quote again. */      \
  X(ATT_KEY_NOT_INITIALIZED, 0xE00F)                                                        \
  X(ATT_KEY_CERT_DATA_INVALID, 0xE010)                                                      \
  /* Also from provider libraries, as are all others that neither quoting nor verification  \
     gives. */                                                                              \
  X(NO_PLATFORM_CERT_DATA, 0xE011)                                                          \
  X(OUT_OF_EPC, 0xE012)                                                                     \
  X(ERROR_REPORT, 0xE013)                                                                   \
  X(ENCLAVE_LOST, 0xE014)                                                                   \
  X(INVALID_REPORT, 0xE015)                                                                 \
  X(ENCLAVE_LOAD_ERROR, 0xE016)                                                             \
  X(UNABLE_TO_GENERATE_QE_REPORT, 0xE017)                                                   \
  X(KEY_CERTIFCATION_ERROR, 0xE018) /* spelled so */                                        \
  X(NETWORK_ERROR, 0xE019)                                                                  \
  X(MESSAGE_ERROR, 0xE01A)                                                                  \
  X(NO_QUOTE_COLLATERAL_DATA, 0xE01B)                                                       \
  /* The certification data are no PCK certificate chain. */                                \
  X(QUOTE_CERTIFICATION_DATA_UNSUPPORTED, 0xE01C)                                           \
  X(QUOTE_FORMAT_UNSUPPORTED, 0xE01D)                                                       \
  X(UNABLE_TO_GENERATE_REPORT, 0xE01E)                                                      \
  X(QE_REPORT_INVALID_SIGNATURE, 0xE01F)                                                    \
  X(QE_REPORT_UNSUPPORTED_FORMAT, 0xE020)                                                   \
  X(PCK_CERT_UNSUPPORTED_FORMAT, 0xE021)                                                    \
  /* Also a root that is not trusted. */                                                    \
  X(PCK_CERT_CHAIN_ERROR, 0xE022)                                                           \
  X(TCBINFO_UNSUPPORTED_FORMAT, 0xE023)                                                     \
  X(TCBINFO_MISMATCH, 0xE024)                                                               \
  X(QEIDENTITY_UNSUPPORTED_FORMAT, 0xE025)                                                  \
  X(QEIDENTITY_MISMATCH, 0xE026)                                                            \
  X(TCB_OUT_OF_DATE, 0xE027)                                                                \
  X(TCB_OUT_OF_DATE_CONFIGURATION_NEEDED, 0xE028)                                           \
  X(SGX_ENCLAVE_IDENTITY_OUT_OF_DATE, 0xE029)                                               \
  X(SGX_ENCLAVE_REPORT_ISVSVN_OUT_OF_DATE, 0xE02A)                                          \
  X(QE_IDENTITY_OUT_OF_DATE, 0xE02B)                                                        \
  X(SGX_TCB_INFO_EXPIRED, 0xE02C)                                                           \
  X(SGX_PCK_CERT_CHAIN_EXPIRED, 0xE02D)                                                     \
  X(SGX_CRL_EXPIRED, 0xE02E)                                                                \
  X(SGX_SIGNING_CERT_CHAIN_EXPIRED, 0xE02F)                                                 \
  X(SGX_ENCLAVE_IDENTITY_EXPIRED, 0xE030)                                                   \
  X(PCK_REVOKED, 0xE031)                                                                    \
  X(TCB_REVOKED, 0xE032)                                                                    \
  X(TCB_CONFIGURATION_NEEDED, 0xE033)                                                       \
  X(UNABLE_TO_GET_COLLATERAL, 0xE034)                                                       \
  /* This process may not use the provisioning key. */                                      \
  X(ERROR_INVALID_PRIVILEGE, 0xE035)                                                        \
  X(NO_QVE_IDENTITY_DATA, 0xE037)                                                           \
  X(CRL_UNSUPPORTED_FORMAT, 0xE038)                                                         \
  X(QEIDENTITY_CHAIN_ERROR, 0xE039)                                                         \
  X(TCBINFO_CHAIN_ERROR, 0xE03A)                                                            \
  X(ERROR_QVL_QVE_MISMATCH, 0xE03B)                                                         \
  X(TCB_SW_HARDENING_NEEDED, 0xE03C)                                                        \
  X(TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED, 0xE03D)                                      \
  /* Not while the service of the node quotes. */                                           \
  X(UNSUPPORTED_MODE, 0xE03E)                                                               \
  X(NO_DEVICE, 0xE03F)                                                                      \
  /* There is no service, or no library that could ask it. */                               \
  X(SERVICE_UNAVAILABLE, 0xE040)                                                            \
  X(NETWORK_FAILURE, 0xE041)                                                                \
  X(SERVICE_TIMEOUT, 0xE042)                                                                \
  X(ERROR_BUSY, 0xE043)                                                                     \
  X(UNKNOWN_MESSAGE_RESPONSE, 0xE044)                                                       \
  X(PERSISTENT_STORAGE_ERROR, 0xE045)                                                       \
  X(ERROR_MESSAGE_PARSING_ERROR, 0xE046)                                                    \
  X(PLATFORM_UNKNOWN, 0xE047)                                                               \
  X(UNKNOWN_API_VERSION, 0xE048)                                                            \
  X(CERTS_UNAVAILABLE, 0xE049)                                                              \
  X(QVEIDENTITY_MISMATCH, 0xE050)                                                           \
  X(QVE_OUT_OF_DATE, 0xE051)                                                                \
  X(PSW_NOT_AVAILABLE, 0xE052)                                                              \
  X(COLLATERAL_VERSION_NOT_SUPPORTED, 0xE053)                                               \
  X(TDX_MODULE_MISMATCH, 0xE060)                                                            \
  X(QEIDENTITY_NOT_FOUND, 0xE061)                                                           \
  X(TCBINFO_NOT_FOUND, 0xE062)                                                              \
  X(INTERNAL_SERVER_ERROR, 0xE063)                                                          \
  X(SUPPLEMENTAL_DATA_VERSION_NOT_SUPPORTED, 0xE064)                                        \
  X(ROOT_CA_UNTRUSTED, 0xE065)                                                              \
  X(TCB_NOT_SUPPORTED, 0xE066)                                                              \
  X(CONFIG_INVALID_JSON, 0xE067)                                                            \
  X(RESULT_INVALID_SIGNATURE, 0xE068)                                                       \
  X(QAEIDENTITY_MISMATCH, 0xE070)                                                           \
  X(QAE_OUT_OF_DATE, 0xE071)                                                                \
  X(QUOTE_HASH_MISMATCH, 0xE072)                                                            \
  X(REPORT_DATA_MISMATCH, 0xE073)

typedef enum quoted_quote3_error QUOTED_ENUM_BASE {
#define QUOTED_ENTRY(name, value) SGX_QL_##name = value, TEE_##name = value,
  QUOTED_QUOTE3_ERRORS(QUOTED_ENTRY)
#undef QUOTED_ENTRY
  SGX_QL_ERROR_MIN = 0xE001,
  SGX_QL_ERROR_MAX = 0xE0FF
} quote3_error_t;
QUOTED_STATIC_ASSERT(sizeof(quote3_error_t) == 4, "quote3_error_t has 4 bytes");

/* How enclaves are loaded. Quoting knows the first two; here, nothing of verification depends on
   any. */
typedef enum quoted_request_policy QUOTED_ENUM_BASE {
  SGX_QL_PERSISTENT = 0, /* the default of quoting */
  SGX_QL_DEFAULT = SGX_QL_PERSISTENT,
  SGX_QL_EPHEMERAL = 1, /* the default of verification */
  SGX_QL_EPHEMERAL_QVE_MULTI_THREAD = 2,
  SGX_QL_PERSISTENT_QVE_MULTI_THREAD = 3
} sgx_ql_request_policy_t;
QUOTED_STATIC_ASSERT(sizeof(sgx_ql_request_policy_t) == 4, "sgx_ql_request_policy_t has 4 bytes");

typedef uint32_t sgx_ql_log_level_t;
enum {
  SGX_QL_LOG_ERROR = 0,
  SGX_QL_LOG_INFO = 1,
  SGX_QL_LOG_DEBUG = 2,
  SGX_QL_LOG_TRACE = 3
};
typedef void (*sgx_ql_logging_callback_t)(sgx_ql_log_level_t level, const char *message);

#undef QUOTED_ENUM_BASE
#undef QUOTED_STATIC_ASSERT
#ifdef __cplusplus
}
#endif
#endif /* QUOTED_HAVE_SGX_QL_COMMON */

#endif /* QUOTED_SGX_QL_COMMON_H */
