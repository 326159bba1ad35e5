#!/usr/bin/env bash
# libquoted shows its interface and nothing of what it is made of.
#
#   exports_test.sh LIBRARY EXPORTS
#
# EXPORTS is a file of the demangled names of all exported functions.
set -euo pipefail
library=$1
exports=$2

actual=$(nm -D --defined-only --demangle "$library" | cut -d' ' -f3- | LC_ALL=C sort -u)
if ! difference=$(diff "$exports" - <<<"$actual"); then
  printf 'exports of %s are not those of %s:\n%s\n' "$library" "$exports" "$difference" >&2
  exit 1
fi
soname=$(readelf -dW "$library" | awk '/SONAME/ {print $NF}')
[ "$soname" = "[$(basename "$library")]" ] || { echo "soname is $soname" >&2; exit 1; }
echo "exports of $library: as they should be"
