#!/usr/bin/env bash
# What a drop-in library shows to the world and what it needs from it.
#
#   drop_in_exports_test.sh LIBRARY EXPORTS NEEDED TLS [sanitized]
#
# EXPORTS is a file of all exported symbols as nm shows them, without addresses: T is a function, V
# weak data. NEEDED names the libraries that may be needed, separated by blanks, TLS
# the bytes of thread-local storage: those of the C++ runtime, 16 for the exceptions in flight and 16
# for std::call_once, and the library's own. A sanitized library leans on the sanitizer's runtime, so only its name and
# exports are checked. READS_ENVIRONMENT_BY in the environment: by which functions, instead of
# secure_getenv.
set -euo pipefail
library=$1
exports=$2
needed=$3
tls=$4
sanitized=${5:-}
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

soname=$(basename "$library")
expect "soname" "[$soname]" "$(awk '/SONAME/ {print $NF}' <<<"$dynamic")"
expect "file for linking" "$soname" "$(readlink "$(dirname "$library")/${soname%.1}")"
expect "exports" "$(cat "$exports")" \
  "$(nm -D --defined-only "$library" | awk '{print $2, $3}' | LC_ALL=C sort -k2)"
absent "symbol versions" "$(readelf -SW "$library" | grep -o '\.gnu\.version_d' || true)"
absent "unique symbols, which would pin the library" "$(grep -w UNIQUE <<<"$symbols" || true)"
absent "flags that pin the library or demand static TLS" \
  "$(grep -oE 'NODELETE|STATIC_TLS|TEXTREL' <<<"$dynamic" || true)"

if [ "$sanitized" != sanitized ]; then
  expect "needed libraries" "$(tr ' ' '\n' <<<"$needed" | LC_ALL=C sort)" \
    "$(awk '/NEEDED/ {print $NF}' <<<"$dynamic" | tr -d '[]' | LC_ALL=C sort)"
  absent "thread-local destructors, which would pin the library" \
    "$(grep -E '^__cxa_thread_atexit' <<<"$imports" || true)"
  expect "thread-local storage, in bytes" "$tls" \
    "$(($(readelf -lW "$library" | awk '$1 == "TLS" {print $6}')))"
  expect "reads the environment" "$(tr ' ' '\n' <<<"${READS_ENVIRONMENT_BY:-secure_getenv}")" \
    "$(grep getenv <<<"$imports")"
  absent "signal handlers and process-wide state" \
    "$(grep -xE 'signal|sigaction|pthread_atfork|atexit|setlocale|pthread_key_create' <<<"$imports" || true)"
fi

[ "$failures" -eq 0 ] || exit 1
echo "exports of $library: as they should be"
