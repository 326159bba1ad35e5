/*
 * The C interface of libsgx_quote_ex.so.1: ECDSA quotes of an SGX enclave from the AESM service of
 * this machine.
 *
 * The library is binary-compatible with the one of that name from the SGX platform software. This
 * header describes the same interface in our own words, for programs that are built without the SGX
 * SDK. C11 and C++11.
 *
 *     sgx_att_key_id_t key = ...;                     an id from sgx_get_supported_att_key_ids
 *     sgx_target_info_t target;
 *     uint8_t key_id[32];
 *     size_t key_id_size = sizeof(key_id);
 *     sgx_init_quote_ex(&key, &target, &key_id_size, key_id);
 *     ...                                             the enclave makes a report for `target`
 *     uint32_t size;
 *     sgx_get_quote_size_ex(&key, &size);
 *     uint8_t *quote = malloc(size);
 *     sgx_get_quote_ex(&report, &key, NULL, quote, size);
 *
 * USE. There is nothing to initialise and no state between calls, so every function may be called
 * from any thread at any time, after fork(), and with any alignment of the pointers. A call opens
 * one connection at a time and closes it before it returns; it raises no signal, survives signals,
 * is no cancellation point, and leaves errno alone. The library may be opened and closed with
 * dlopen() and dlclose() at will; no call may be in progress while it is closed.
 *
 * TIME. A call returns within 15 seconds. When the service is being restarted, the call waits for
 * it: a socket that is missing or refuses is tried again, with pauses from 2 to 100 milliseconds,
 * for at most 2 seconds on end, and a request whose answer was lost is repeated, at most 16 times.
 * That is safe, because asking for a quote twice does no harm.
 *
 * ENVIRONMENT, ignored in programs that run with more rights than their caller (secure_getenv(3)):
 *   QUOTED_SOCKET      the service's socket, instead of /var/run/aesmd/aesm.socket
 *   QUOTED_DEBUG       when set and not empty: what went wrong and what can be done about it is
 *                      written to standard error
 *   QUOTED_RETRY       "off": nothing is tried twice; a number from 1 to 600000: how many
 *                      milliseconds on end the service may be away, instead of 2000
 *   QUOTED_TIMEOUT_MS  for tests: another limit than 15000, from 1 to 600000
 *
 * TOGETHER WITH THE SGX SDK. Where the SDK's headers were included before this one, their types are
 * used and only the functions are declared here; the other order cannot work. The SDK's own
 * include guards tell; a build that has the types from elsewhere defines QUOTED_HAVE_SGX_STATUS,
 * QUOTED_HAVE_SGX_REPORT, QUOTED_HAVE_SGX_ATT_KEY_ID or several of them.
 */
#ifndef QUOTED_SGX_QUOTE_EX_H
#define QUOTED_SGX_QUOTE_EX_H

#include <stddef.h>
#include <stdint.h>

#if defined(_SGX_ERROR_H_) && !defined(QUOTED_HAVE_SGX_STATUS)
#define QUOTED_HAVE_SGX_STATUS
#endif
#if defined(_SGX_REPORT_H_) && !defined(QUOTED_HAVE_SGX_REPORT)
#define QUOTED_HAVE_SGX_REPORT
#endif
#if defined(_SGX_QUOTE_H_) && !defined(QUOTED_HAVE_SGX_ATT_KEY_ID)
#define QUOTED_HAVE_SGX_ATT_KEY_ID
#endif

#ifdef __cplusplus
/* As C has it anyway, also for values without a name, which other libraries of this name may have. */
#define QUOTED_ENUM_BASE : int32_t
extern "C" {
#else
#define QUOTED_ENUM_BASE
#endif

#ifndef QUOTED_HAVE_SGX_STATUS
/* What a call returns: 0, or one of these. Others of the SDK's codes do not occur here. */
typedef enum quoted_sgx_status QUOTED_ENUM_BASE {
  SGX_SUCCESS = 0x0000,
  /* Anything without a code of its own: an answer that makes no sense, a connection that breaks
     again and again, a failure inside the service. */
  SGX_ERROR_UNEXPECTED = 0x0001,
  SGX_ERROR_INVALID_PARAMETER = 0x0002,
  SGX_ERROR_OUT_OF_MEMORY = 0x0003,
  SGX_ERROR_OUT_OF_EPC = 0x2005,
  SGX_ERROR_NO_DEVICE = 0x2006,
  /* The report was not made on this machine for the target info of sgx_init_quote_ex. */
  SGX_ERROR_MAC_MISMATCH = 0x3001,
  /* No connection to the service, or the service has no working Quoting Enclave. */
  SGX_ERROR_SERVICE_UNAVAILABLE = 0x4001,
  SGX_ERROR_SERVICE_TIMEOUT = 0x4002,
  SGX_ERROR_AE_INVALID_EPIDBLOB = 0x4003,
  SGX_ERROR_EPID_MEMBER_REVOKED = 0x4005,
  SGX_ERROR_UPDATE_NEEDED = 0x4006,
  /* The service cannot reach its certificate service. */
  SGX_ERROR_NETWORK_FAILURE = 0x4007,
  SGX_ERROR_BUSY = 0x400a,
  SGX_ERROR_UNRECOGNIZED_PLATFORM = 0x4012,
  SGX_ERROR_UNSUPPORTED_ATT_KEY_ID = 0x8001,
  SGX_ERROR_ATT_KEY_CERTIFICATION_FAILURE = 0x8002,
  /* The service was restarted: call sgx_init_quote_ex, make a new report, and ask again. */
  SGX_ERROR_ATT_KEY_UNINITIALIZED = 0x8003,
  SGX_ERROR_INVALID_ATT_KEY_CERT_DATA = 0x8004,
  SGX_ERROR_PLATFORM_CERT_UNAVAILABLE = 0x8005
} sgx_status_t;
#endif /* QUOTED_HAVE_SGX_STATUS */
#undef QUOTED_ENUM_BASE

#ifndef QUOTED_HAVE_SGX_REPORT
/* Integers are little-endian, as everywhere in SGX. */

typedef struct quoted_sgx_attributes {
  uint64_t flags;
  uint64_t xfrm;
} sgx_attributes_t;

typedef struct quoted_sgx_measurement {
  uint8_t m[32];
} sgx_measurement_t;

typedef struct quoted_sgx_cpu_svn {
  uint8_t svn[16];
} sgx_cpu_svn_t;

typedef struct quoted_sgx_report_data {
  uint8_t d[64];
} sgx_report_data_t;

typedef struct quoted_sgx_key_id {
  uint8_t id[32];
} sgx_key_id_t;

typedef uint32_t sgx_misc_select_t;
typedef uint16_t sgx_prod_id_t;
typedef uint16_t sgx_isv_svn_t;
typedef uint16_t sgx_config_svn_t;
typedef uint8_t sgx_isvext_prod_id_t[16];
typedef uint8_t sgx_isvfamily_id_t[16];
typedef uint8_t sgx_config_id_t[64];
typedef uint8_t sgx_mac_t[16];

/* The enclave for which a report is made. 512 bytes. */
typedef struct quoted_sgx_target_info {
  sgx_measurement_t mr_enclave;
  sgx_attributes_t attributes;
  uint8_t reserved1[2];
  sgx_config_svn_t config_svn;
  sgx_misc_select_t misc_select;
  uint8_t reserved2[8];
  sgx_config_id_t config_id;
  uint8_t reserved3[384];
} sgx_target_info_t;

/* What a report says about the enclave that made it. 384 bytes. */
typedef struct quoted_sgx_report_body {
  sgx_cpu_svn_t cpu_svn;
  sgx_misc_select_t misc_select;
  uint8_t reserved1[12];
  sgx_isvext_prod_id_t isv_ext_prod_id;
  sgx_attributes_t attributes;
  sgx_measurement_t mr_enclave;
  uint8_t reserved2[32];
  sgx_measurement_t mr_signer;
  uint8_t reserved3[32];
  sgx_config_id_t config_id;
  sgx_prod_id_t isv_prod_id;
  sgx_isv_svn_t isv_svn;
  sgx_config_svn_t config_svn;
  uint8_t reserved4[42];
  sgx_isvfamily_id_t isv_family_id;
  sgx_report_data_t report_data;
} sgx_report_body_t;

/* A report as the EREPORT instruction makes it. 432 bytes. */
typedef struct quoted_sgx_report {
  sgx_report_body_t body;
  sgx_key_id_t key_id;
  sgx_mac_t mac;
} sgx_report_t;
#endif /* QUOTED_HAVE_SGX_REPORT */

#ifndef QUOTED_HAVE_SGX_ATT_KEY_ID
/* An attestation key's id; its 256 bytes are an sgx_att_key_id_ext_t. */
typedef struct quoted_sgx_att_key_id {
  uint8_t att_key_id[256];
} sgx_att_key_id_t;

typedef struct quoted_sgx_quote_nonce {
  uint8_t rand[16];
} sgx_quote_nonce_t;

#pragma pack(push, 1)

/* Who signs: 158 bytes. Two ids with equal ones are the same key. */
typedef struct quoted_sgx_ql_att_key_id {
  uint16_t id;
  uint16_t version;
  uint16_t mrsigner_length;
  uint8_t mrsigner[48];
  uint32_t prod_id;
  uint8_t extended_prod_id[16];
  uint8_t config_id[64];
  uint8_t family_id[16];
  /* 2 is ECDSA with P-256. */
  uint32_t algorithm_id;
} sgx_ql_att_key_id_t;

/* The same with what EPID needs beside. 256 bytes. */
typedef struct quoted_sgx_att_key_id_ext {
  sgx_ql_att_key_id_t base;
  uint8_t spid[16];
  uint16_t att_key_type;
  uint8_t reserved[80];
} sgx_att_key_id_ext_t;

/* For an enclave that wants the Quoting Enclave's word that the quote is the one it asked for:
   nonce and target info go in, a report for that target over nonce and quote comes out. 960 bytes. */
typedef struct quoted_sgx_qe_report_info {
  sgx_quote_nonce_t nonce;
  sgx_target_info_t app_enclave_target_info;
  sgx_report_t qe_report;
} sgx_qe_report_info_t;

#pragma pack(pop)
#endif /* QUOTED_HAVE_SGX_ATT_KEY_ID */

/*
 * Which key to use, out of those that a relying party accepts.
 *
 * att_key_id_list  what the relying party sent: 8 bytes of header, then ids of 256 bytes; NULL, or
 *                  a size of 0, means that any key will do
 * selected         receives the id
 *
 * SGX_ERROR_INVALID_PARAMETER  `selected` is NULL, or the list is NULL with a size other than 0, or
 *                              the list does not fit a message (2 GiB)
 */
sgx_status_t sgx_select_att_key_id(const uint8_t *att_key_id_list, uint32_t att_key_id_list_size,
                                   sgx_att_key_id_t *selected);

/*
 * Makes the key ready and says for which enclave, the Quoting Enclave, the report has to be made.
 *
 * att_key_id       which key
 * target_info      receives the Quoting Enclave; only with a `pub_key_id` is it the real one
 * pub_key_id_size  with pub_key_id NULL: receives how large that is. Else: what there is room for,
 *                  from 1 to 0xFFFFFFFE; ECDSA needs exactly 32. Also set when the call fails after
 *                  the service has answered
 * pub_key_id       receives the id of the key's public part, or NULL to ask for its size only
 *
 * SGX_ERROR_INVALID_PARAMETER  one of the first three is NULL, or the size is out of range
 */
sgx_status_t sgx_init_quote_ex(const sgx_att_key_id_t *att_key_id, sgx_target_info_t *target_info,
                               size_t *pub_key_id_size, uint8_t *pub_key_id);

/*
 * How large a buffer a quote of this key needs.
 *
 * quote_size  receives it; 0 when the service refused
 *
 * SGX_ERROR_INVALID_PARAMETER  quote_size is NULL, or the service found att_key_id missing
 */
sgx_status_t sgx_get_quote_size_ex(const sgx_att_key_id_t *att_key_id, uint32_t *quote_size);

/*
 * A quote for a report.
 *
 * app_report      made on this machine for the target info of sgx_init_quote_ex
 * att_key_id      the same key
 * qe_report_info  may be NULL; else nonce and target go in, the report comes out
 * quote           receives the quote; its length follows from the u32 at offset 432, plus 436, and
 *                 what stands behind it means nothing
 * quote_size      the size of `quote`
 *
 * SGX_ERROR_INVALID_PARAMETER  app_report, att_key_id or quote is NULL, or quote_size is 0 or
 *                              smaller than the quote
 */
sgx_status_t sgx_get_quote_ex(const sgx_report_t *app_report, const sgx_att_key_id_t *att_key_id,
                              sgx_qe_report_info_t *qe_report_info, uint8_t *quote,
                              uint32_t quote_size);

/*
 * How many keys the service has.
 *
 * SGX_ERROR_INVALID_PARAMETER  att_key_id_num is NULL
 */
sgx_status_t sgx_get_supported_att_key_id_num(uint32_t *att_key_id_num);

/*
 * The ids of those keys.
 *
 * att_key_id_list  room for att_key_id_num ids, where that is the number of the call above
 *
 * SGX_ERROR_INVALID_PARAMETER  the list is NULL, or the number is 0 or 2^24 or more
 */
sgx_status_t sgx_get_supported_att_key_ids(sgx_att_key_id_ext_t *att_key_id_list,
                                           uint32_t att_key_id_num);

/*
 * Where the reasons go. When a call fails, the status is all that the interface has room for; the
 * reason in words goes to the callback, if there is one and the level lets it pass. `level` in the
 * callback is one less than here: 0 error, 1 warning, 2 notice, 3 debug. The message has no line
 * end and lives until the callback returns. The callback may be called by several threads at once,
 * and must return.
 */
enum {
  QUOTED_TRACE_NONE = 0,
  QUOTED_TRACE_ERROR = 1,   /* why a call failed */
  QUOTED_TRACE_WARNING = 2, /* what a call that succeeded did not get */
  QUOTED_TRACE_NOTICE = 3,  /* what was tried again */
  QUOTED_TRACE_DEBUG = 4    /* every call */
};
extern int32_t sgx_trace_loglevel;
extern void (*sgx_trace_logger_callback)(int level, const char *message);

#ifdef __cplusplus
}
#endif

#endif /* QUOTED_SGX_QUOTE_EX_H */
