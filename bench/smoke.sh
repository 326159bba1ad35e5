#!/usr/bin/env bash
# smoke.sh LINE... -- COMMAND...: runs a benchmark at counts that measure nothing. It has to end well
# and to say "LINE N x" of each; ctest alone would look at one of the two only.
set -euo pipefail
lines=()
while [ "$1" != -- ]; do
  lines+=("$1")
  shift
done
shift
status=0
output=$("$@" 2>&1) || status=$?
printf '%s\n' "$output"
if [ "$status" -ne 0 ]; then
  echo "smoke: the benchmark ended with $status" >&2
  exit "$status"
fi
for line in "${lines[@]}"; do
  if ! grep -Eq "$line +[0-9]+\.[0-9]+ x" <<<"$output"; then
    echo "smoke: there is no line '$line N x'" >&2
    exit 1
  fi
done
