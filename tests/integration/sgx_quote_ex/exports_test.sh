#!/usr/bin/env bash
# What libsgx_quote_ex.so.1 shows to the world (aesm-protocol 5.1) and what it needs from it.
#
#   exports_test.sh LIBRARY [sanitized]
#
# A sanitized library leans on the sanitizer's runtime, so only its name and exports are checked.
set -euo pipefail
library=$1
sanitized=${2:-}
failures=0

# expect WHAT EXPECTED ACTUAL
expect() {
  [ "$2" = "$3" ] && return
  printf 'FAILED: %s\n--- expected\n%s\n--- is\n%s\n' "$1" "$2" "$3" >&2
  failures=$((failures + 1))
}
absent() { expect "$1" "" "$2"; }

dynamic=$(readelf -dW "$library")
symbols=$(readelf --dyn-syms -W "$library")
imports=$(nm -D --undefined-only "$library" | awk '{print $NF}' | sed 's/@.*//' | sort -u)

expect "soname" "[libsgx_quote_ex.so.1]" "$(awk '/SONAME/ {print $NF}' <<<"$dynamic")"
expect "file for linking" "libsgx_quote_ex.so.1" \
  "$(readlink "$(dirname "$library")/libsgx_quote_ex.so")"
expect "exports: T is a function, V weak data" "T sgx_get_quote_ex
T sgx_get_quote_size_ex
T sgx_get_supported_att_key_id_num
T sgx_get_supported_att_key_ids
T sgx_init_quote_ex
T sgx_select_att_key_id
V sgx_trace_logger_callback
V sgx_trace_loglevel" "$(nm -D --defined-only "$library" | awk '{print $2, $3}' | sort -k2)"
absent "symbol versions" "$(readelf -SW "$library" | grep -o '\.gnu\.version_d' || true)"
absent "unique symbols, which would pin the library" "$(grep -w UNIQUE <<<"$symbols" || true)"
absent "flags that pin the library or demand static TLS" \
  "$(grep -oE 'NODELETE|STATIC_TLS|TEXTREL' <<<"$dynamic" || true)"

if [ "$sanitized" != sanitized ]; then
  expect "needed libraries" "[ld-linux-x86-64.so.2]
[libc.so.6]" "$(awk '/NEEDED/ {print $NF}' <<<"$dynamic" | sort)"
  absent "thread-local destructors, which would pin the library" \
    "$(grep -E '^__cxa_thread_atexit' <<<"$imports" || true)"
  # The one thread-local object there is belongs to the C++ runtime: the exceptions in flight.
  expect "thread-local storage, in bytes" "0x000010" \
    "$(readelf -lW "$library" | awk '$1 == "TLS" {print $6}')"
  expect "reads the environment" "secure_getenv" "$(grep getenv <<<"$imports")"
  absent "signal handlers and process-wide state" \
    "$(grep -xE 'signal|sigaction|pthread_atfork|atexit|setlocale|pthread_key_create' <<<"$imports" || true)"
fi

[ "$failures" -eq 0 ] || exit 1
echo "exports of $library: as they should be"
