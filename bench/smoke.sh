#!/usr/bin/env bash
# smoke.sh COMMAND...: runs a benchmark at counts that measure nothing. It has to end well and to
# come to its last lines; ctest alone would look at one of the two only.
set -euo pipefail
status=0
output=$("$@" 2>&1) || status=$?
printf '%s\n' "$output"
if [ "$status" -ne 0 ]; then
  echo "smoke: the benchmark ended with $status" >&2
  exit "$status"
fi
for line in 'a connection each:' 'connection kept:'; do
  if ! grep -Eq "$line +[0-9]+\.[0-9]+ x" <<<"$output"; then
    echo "smoke: there is no line '$line N x'" >&2
    exit 1
  fi
done
