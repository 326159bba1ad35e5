/*
 * The C interface of libdcap_quoteprov.so.1, the provider library that quoting and verification
 * libraries load to get PCK certificates and collateral.
 *
 * It is binary-compatible with the one of that name from the DCAP software. Programs need this
 * header only if they call a provider themselves; a program that was compiled with the original
 * header needs no change. C11 and C++11.
 *
 * WHERE THE DATA COME FROM. The table [collateral] of the file that QUOTED_CONFIG names, or of
 * /etc/quoted/quoted.toml where that exists; without sources there, what AZDCAP_* or
 * sgx_default_qcnl.conf say. What was fetched and verified is kept in the table's cache_dir, else
 * below AZDCAP_CACHE, XDG_CACHE_HOME or HOME/.cache, else in memory only. An answer that is there
 * and still counts is given without any connection. Nothing that does not verify is given.
 *
 * USE. Every function may be called from any thread. The first call that needs data pins the
 * library in the process: quoting libraries close it after every call, and cache and connections
 * would be lost each time. It starts no thread of its own; libcurl has one while it looks up the
 * name of a service's host, which takes no signals. A call raises no signal, is no cancellation
 * point and leaves errno alone. A child of fork() begins with an empty memory.
 *
 * WHAT IS NOT THE ORIGINAL'S
 *   - The custom parameters of the ..._with_params functions are not sent; the setting
 *     custom_parameter of a source is.
 *   - The cache has one kind of certificates: bit 4 of sgx_qpl_clear_cache clears nothing.
 *
 * ENVIRONMENT, ignored in programs that run with more rights than their caller (secure_getenv(3)):
 *   QUOTED_CONFIG        a configuration file instead of /etc/quoted/quoted.toml
 *   QUOTED_TRUSTED_ROOT  a file with a root certificate that is trusted INSTEAD of Intel's
 *   QUOTED_DEBUG         when set and not empty, and no callback is set: what happens and why a
 *                        call fails is written to standard error
 *   AZDCAP_*, QCNL_CONF_PATH, XDG_CACHE_HOME, HOME   as above
 */
#ifndef QUOTED_DCAP_QUOTEPROV_H
#define QUOTED_DCAP_QUOTEPROV_H

#include "quoted/sgx_dcap_quoteverify.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma pack(push, 1)

/* Which platform at which TCB. */
typedef struct quoted_pck_cert_id {
  uint8_t *p_qe3_id;
  uint32_t qe3_id_size;         /* 16 */
  uint8_t *p_platform_cpu_svn;  /* 16 bytes */
  uint16_t *p_platform_pce_isv_svn;
  uint8_t *p_encrypted_ppid;    /* may be NULL */
  uint32_t encrypted_ppid_size; /* 384, or 0 */
  uint8_t crypto_suite;         /* 1: RSA-OAEP with 3072 bits */
  uint16_t pce_id;
} sgx_ql_pck_cert_id_t;

/* The certificate for it. */
typedef struct quoted_quote_config {
  uint32_t version; /* 1 */
  uint8_t cert_cpu_svn[16];
  uint16_t cert_pce_isv_svn;
  uint32_t cert_data_size; /* with the NUL at its end */
  uint8_t *p_cert_data;    /* PEM: certificate, CA, root */
} sgx_ql_config_t;

#pragma pack(pop)

quote3_error_t sgx_ql_get_quote_config(const sgx_ql_pck_cert_id_t *p_pck_cert_id,
                                       sgx_ql_config_t **pp_quote_config);
quote3_error_t sgx_ql_free_quote_config(sgx_ql_config_t *p_quote_config);

/*
 * pck_ca  "processor" or "platform"
 * The collateral has version 3: CRLs as hexadecimal digits of DER. Every part ends in a NUL that its
 * size counts.
 */
quote3_error_t sgx_ql_get_quote_verification_collateral(
    const uint8_t *fmspc, uint16_t fmspc_size, const char *pck_ca,
    sgx_ql_qve_collateral_t **pp_quote_collateral);
quote3_error_t sgx_ql_get_quote_verification_collateral_with_params(
    const uint8_t *fmspc, uint16_t fmspc_size, const char *pck_ca, const void *custom_param,
    uint16_t custom_param_length, sgx_ql_qve_collateral_t **pp_quote_collateral);
quote3_error_t sgx_ql_free_quote_verification_collateral(
    sgx_ql_qve_collateral_t *p_quote_collateral);
quote3_error_t tdx_ql_get_quote_verification_collateral(
    const uint8_t *fmspc, uint16_t fmspc_size, const char *pck_ca,
    tdx_ql_qv_collateral_t **pp_quote_collateral);
quote3_error_t tdx_ql_get_quote_verification_collateral_with_params(
    const uint8_t *fmspc, uint16_t fmspc_size, const char *pck_ca, const void *custom_param,
    uint16_t custom_param_length, tdx_ql_qv_collateral_t **pp_quote_collateral);
quote3_error_t tdx_ql_free_quote_verification_collateral(
    tdx_ql_qv_collateral_t *p_quote_collateral);

quote3_error_t sgx_ql_get_qve_identity(char **pp_qve_identity, uint32_t *p_qve_identity_size,
                                       char **pp_qve_identity_issuer_chain,
                                       uint32_t *p_qve_identity_issuer_chain_size);
quote3_error_t sgx_ql_free_qve_identity(char *p_qve_identity, char *p_qve_identity_issuer_chain);

/* Hexadecimal digits of DER and a NUL. */
quote3_error_t sgx_ql_get_root_ca_crl(uint8_t **pp_root_ca_crl, uint16_t *p_root_ca_crl_size);
quote3_error_t sgx_ql_free_root_ca_crl(uint8_t *p_root_ca_crl);

/* NULL: no callback. It may be called on any thread that calls this library. */
quote3_error_t sgx_ql_set_logging_callback(sgx_ql_logging_callback_t logger,
                                           sgx_ql_log_level_t level);
/* The older form of Azure's provider. */
quote3_error_t sgx_ql_set_logging_function(sgx_ql_logging_callback_t logger);

/* Bits: 1 PCK certificates, 2 collateral. In memory and on the disk. */
quote3_error_t sgx_qpl_clear_cache(uint32_t cache_type);

/* Reads the settings, which the first call would do otherwise; SGX_QL_CONFIG_INVALID_JSON for those
 * that cannot be used. cleanup lets go of what is in memory; the next call begins anew. */
quote3_error_t sgx_qpl_global_init(void);
quote3_error_t sgx_qpl_global_cleanup(void);

/*
 * A file of the caller's, by name, beside the cache. Reading into a buffer that is NULL or too small
 * tells the size and returns SGX_QL_ERROR_INVALID_PARAMETER, or SGX_QL_SUCCESS for NULL.
 */
quote3_error_t sgx_ql_read_persistent_data(uint8_t *p_buf, uint32_t *p_buf_size,
                                           const char *label);
quote3_error_t sgx_ql_write_persistent_data(const uint8_t *p_buf, uint32_t buf_size,
                                            const char *label);

#ifdef __cplusplus
}
#endif
#endif
