# What the runs of this referee share. Needs $here and $build.
skip() {
  echo "SKIPPED: $1"
  [ -z "${QUOTED_SKIP_LOG:-}" ] || echo "interop_dcap_qvl: $1" >>"$QUOTED_SKIP_LOG"
  exit 77
}

# The referee from npm below $build, or a skip.
install_referee() {
  command -v node >/dev/null && command -v npm >/dev/null || skip "there is no npm here"
  mkdir -p "$build"
  cp "$here/js/package.json" "$build/"
  [ ! -d "$build/node_modules/@phala/dcap-qvl" ] || return 0
  timeout 120 npm install --prefix "$build" --no-audit --no-fund --ignore-scripts \
    >"$build/npm.log" 2>&1 || skip "npm could not install the referee: $(tail -n 1 "$build/npm.log")"
}

# wait_ready FILE LOG: until a program has written its ready line into FILE.
wait_ready() {
  for _ in $(seq 1 300); do
    if [ -s "$1" ]; then return 0; fi
    sleep 0.1
  done
  echo "not ready within 30 s:"
  cat "$2"
  exit 1
}
