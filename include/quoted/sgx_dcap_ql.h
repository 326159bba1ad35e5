/*
 * The C interface of libsgx_dcap_ql.so.1: ECDSA quotes of an SGX enclave, made in this process or by
 * the AESM service of this machine.
 *
 * The library is binary-compatible with the one of that name from the DCAP software. This header
 * describes the same interface in our own words, for programs that are built without that software;
 * a program that was compiled with the original header needs no change. C11 and C++11.
 *
 *     sgx_target_info_t target;
 *     sgx_qe_get_target_info(&target);
 *     ...                                             the enclave makes a report for `target`
 *     uint32_t size;
 *     sgx_qe_get_quote_size(&size);
 *     uint8_t *quote = malloc(size);
 *     sgx_qe_get_quote(&report, size, quote);
 *
 * TWO MODES. Whether the environment variable SGX_AESM_ADDR is present when the library is loaded
 * decides where quotes come from, for as long as it stays loaded. Its value means nothing: "" and
 * "0" count as present.
 *   present  out-of-process: libsgx_quote_ex.so.1 asks the service. Ours or any other of that name;
 *            opened by the first call that needs it
 *   absent   in-process: libquoted_inproc.so.1, of the same release as this library, loads the
 *            Quoting Enclave and the PCE into this process; opened by the first call that needs it
 * The application's user needs the provisioning device only in-process. docs/in-process.md says more.
 *
 * USE. There is nothing to initialise. Every function may be called from any thread at any time, and
 * the pointers may have any alignment. A call raises no signal, is no cancellation point and leaves
 * errno alone. After fork() the child goes on out-of-process; in-process its enclaves are gone:
 * SGX_QL_ENCLAVE_LOST. The library may be opened and closed with dlopen() and dlclose(), and closes
 * what it opened; no call may be in progress while it is closed. Where it was opened with
 * RTLD_GLOBAL, libsgx_quote_ex.so.1 uses its trace variables, and the loader keeps both once the
 * service was asked. Nor may an in-process call be in progress while the process exits: exit() and
 * the return from main() take apart libcrypto under the threads that use it, so a program ends its
 * quoting threads first, or calls _exit(). The environment is read when the library is loaded.
 *
 * WHY A CALL FAILS is said in words to the callback of sgx_ql_set_trace_callback.
 *
 * ENVIRONMENT beside SGX_AESM_ADDR, ignored in programs that run with more rights than their caller
 * (secure_getenv(3)):
 *   QUOTED_DEBUG     when set and not empty: the words go to standard error too
 *   QUOTED_PLATFORM  in-process: "simulated" quotes without SGX and without any security; other
 *                    values are an error
 *   those of libsgx_quote_ex.so.1 out-of-process
 *
 * TOGETHER WITH THE SGX SDK AND THE DCAP HEADERS. Where these were included before this header,
 * their types are used and only the functions are declared here; the other order cannot work. Their
 * include guards tell; a build that has the types from elsewhere defines QUOTED_HAVE_SGX_REPORT,
 * QUOTED_HAVE_SGX_QL_COMMON, QUOTED_HAVE_SGX_QL_PATH_TYPE or several of them.
 */
#ifndef QUOTED_SGX_DCAP_QL_H
#define QUOTED_SGX_DCAP_QL_H

#include <stdint.h>

#include "quoted/sgx_ql_common.h"
#if !defined(_SGX_REPORT_H_) && !defined(QUOTED_HAVE_SGX_REPORT)
#include "quoted/sgx_quote_ex.h"
#endif

#if defined(_SGX_DCAP_QL_WRAPPER_H_) && !defined(QUOTED_HAVE_SGX_QL_PATH_TYPE)
#define QUOTED_HAVE_SGX_QL_PATH_TYPE
#endif

#ifdef __cplusplus
/* As C has it anyway, also for values without a name. */
#define QUOTED_ENUM_BASE : uint32_t
extern "C" {
#else
#define QUOTED_ENUM_BASE
#endif

#ifndef QUOTED_HAVE_SGX_QL_PATH_TYPE
typedef enum quoted_ql_path_type QUOTED_ENUM_BASE {
  SGX_QL_QE3_PATH = 0, /* libsgx_qe3.signed.so.1 */
  SGX_QL_PCE_PATH = 1, /* libsgx_pce.signed.so.1 */
  SGX_QL_QPL_PATH = 2, /* libdcap_quoteprov.so.1, the provider library */
  SGX_QL_IDE_PATH = 3  /* libsgx_id_enclave.signed.so.1 */
} sgx_ql_path_type_t;
#endif /* QUOTED_HAVE_SGX_QL_PATH_TYPE */

/*
 * How the enclaves are loaded: SGX_QL_PERSISTENT keeps them until the process ends, SGX_QL_EPHEMERAL
 * loads them for each call, and unloads those that are loaded. Back and forth brings lost enclaves
 * back.
 *
 * SGX_QL_UNSUPPORTED_LOADING_POLICY  it is none of the two
 * SGX_QL_UNSUPPORTED_MODE            out-of-process
 */
quote3_error_t sgx_qe_set_enclave_load_policy(sgx_ql_request_policy_t policy);

/*
 * For which enclave, the Quoting Enclave, the report has to be made. Loads the enclaves and certifies
 * the key, which may take seconds.
 *
 * p_qe_target_info  receives it; all zero before anything else happens
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  the pointer is NULL
 */
quote3_error_t sgx_qe_get_target_info(sgx_target_info_t *p_qe_target_info);

/*
 * How large a buffer a quote needs.
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  the pointer is NULL
 * SGX_QL_ATT_KEY_NOT_INITIALIZED  in-process: sgx_qe_get_target_info has to be called first. From
 *                                 either mode: it has to be called again
 */
quote3_error_t sgx_qe_get_quote_size(uint32_t *p_quote_size);

/*
 * A quote for a report.
 *
 * p_app_report  made on this machine for the target info of sgx_qe_get_target_info
 * quote_size    the size of `p_quote`
 * p_quote       receives the quote; its length follows from the u32 at offset 432, plus 436
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  a pointer is NULL, or the size is smaller than the quote
 * SGX_QL_ATT_KEY_NOT_INITIALIZED  as above; nothing is repeated by itself, as the report may have to
 *                                 be another
 * SGX_QL_INVALID_REPORT           in-process: the report was made for another enclave or machine.
 *                                 Out-of-process that is SGX_QL_ERROR_UNEXPECTED
 */
quote3_error_t sgx_qe_get_quote(const sgx_report_t *p_app_report, uint32_t quote_size,
                                uint8_t *p_quote);

/*
 * Does nothing, as on every Linux.
 *
 * SGX_QL_UNSUPPORTED_MODE  out-of-process
 */
quote3_error_t sgx_qe_cleanup_by_policy(void);

/*
 * Where a file is, instead of beside the library that loads it. Has an effect until it is used for
 * the first time.
 *
 * SGX_QL_ERROR_INVALID_PARAMETER  the path is NULL, has more than 259 characters, or names nothing
 *                                 or a directory; there is no such type
 * SGX_QL_UNSUPPORTED_MODE         out-of-process
 */
quote3_error_t sgx_ql_set_path(sgx_ql_path_type_t path_type, const char *p_path);

/*
 * Who is told why calls fail and what happens, up to this level: SGX_QL_LOG_ERROR, SGX_QL_LOG_INFO
 * (also where quotes come from, once), SGX_QL_LOG_DEBUG, SGX_QL_LOG_TRACE (every call). Any other
 * level: nobody. The message has no line end and lives until the callback returns. The callback may
 * be called by several threads at once, may call this library, and must return.
 *
 * Always SGX_QL_SUCCESS.
 */
quote3_error_t sgx_ql_set_trace_callback(sgx_ql_logging_callback_t logger,
                                         sgx_ql_log_level_t level);

#undef QUOTED_ENUM_BASE
#ifdef __cplusplus
}
#endif

#endif /* QUOTED_SGX_DCAP_QL_H */
