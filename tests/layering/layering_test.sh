#!/usr/bin/env bash
# The layering check passes on the tree, and fails on a copy in which a module includes upwards,
# includes what it does not use, or names a relative path.
set -euo pipefail
root=$1
"$root/scripts/check-layering" "$root"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
expect_failure() {
  local what=$1 text=$2
  if output=$("$root/scripts/check-layering" "$work" 2>&1); then
    echo "not caught: $what"; exit 1
  fi
  grep -qF "$text" <<<"$output" || { echo "$what: wrong message: $output"; exit 1; }
}
plant() {
  rm -rf "$work/src"
  cp -r "$root/src" "$work/src"
  printf '%s\n' "$2" >>"$work/src/$1"
}
plant base/hex.h '#include "service/server.h"'
expect_failure "an include upwards" "base (floor 1) may not include service/server.h"
plant quote/quote.h '#include "aesm/codec.h"'
expect_failure "an include of a module that is not used" "may not include aesm/codec.h"
plant sgx/report.h '#include "../crypto/p256.h"'
expect_failure "a relative include" "includes by relative path"
plant base/CMakeLists.txt ''
sed -i 's/FLOOR 1/FLOOR 1 USES service/' "$work/src/base/CMakeLists.txt"
expect_failure "a use upwards" "floor 1 uses service"
echo "layering: three planted includes and one planted use were caught"
