#!/usr/bin/env bash
# The commands of samples/api/README.md, as they are written there, on the installed libraries.
#
#   samples_readme_test.sh BUILD_DIRECTORY SOURCE_DIRECTORY QUOTED QUOTECTL
set -euo pipefail
build=$1 source=$2 quoted=$3 quotectl=$4

work=$(mktemp -d)
daemon=''
trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true; rm -rf "$work"' EXIT

cmake --install "$build" --component client --prefix "$work/installed" >/dev/null
libdir=$(dirname "$(find "$work/installed" -name 'libsgx_quote_ex.so.1')")
export PATH=${quotectl%/*}:$PATH PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir
export DIR=$work QUOTED_SOCKET=$work/aesm.socket

"$quoted" --platform simulated --state-dir "$work/state" >"$work/log" 2>&1 &
daemon=$!
for _ in $(seq 1 100); do
  if quotectl status >/dev/null 2>&1; then break; fi
  kill -0 "$daemon" || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
quotectl sim collateral --state-dir "$work/state" --out "$work/collateral"
cp "$work/collateral/root.pem" "$work"

cp -R "$source/samples/api" "$work/api"
sed -n '/^## Run them/,$s/^    //p' "$source/samples/api/README.md" >"$work/commands"
[ "$(grep -c . "$work/commands")" -eq 6 ] || { cat "$work/commands" >&2; exit 1; }
(cd "$work/api" && bash -eux "$work/commands")
