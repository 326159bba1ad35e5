#!/usr/bin/env bash
# The installed libraries are found and used by projects outside this one, by pkg-config and by
# find_package, in C and in C++.
#
#   package_test.sh BUILD_DIRECTORY SOURCE_DIRECTORY C_COMPILER CXX_COMPILER
set -euo pipefail
build=$1
source=$2
cc=$3
cxx=$4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export QUOTED_SOCKET=$work/nothing QUOTED_RETRY=off

cmake --install "$build" --component client --prefix "$work/installed" >/dev/null
# Where it is used is not where it was installed.
mv "$work/installed" "$work/moved"
libdir=$(dirname "$(find "$work/moved" -name 'libsgx_quote_ex.so.1')")
export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir CMAKE_PREFIX_PATH=$work/moved

# Runs a client without a daemon; it has to say that it found none.
expect_unavailable() {
  local output
  if output=$("$@" 2>&1); then
    echo "$*: succeeded without a daemon" >&2
    exit 1
  fi
  grep -qE '0x4001|no service: .*QD4005' <<<"$output" || { echo "$*: $output" >&2; exit 1; }
}

# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror "$source/c_client.c" \
  $(pkg-config --cflags --libs sgx_quote_ex) -o "$work/by_pkg_config"
expect_unavailable "$work/by_pkg_config"

cat >"$work/client.cpp" <<'CPP'
#include <cstdio>

#include "quoted/client.h"
#include "quoted/verify.h"

int main() {
  const quoted::Verdict verdict = quoted::Verifier::for_intel().verify({});
  if (verdict.decision != quoted::Decision::kRefused) return 0;
  const auto target = quoted::Client({.socket = "/nowhere/aesm.socket"}).target();
  if (target) return 0;
  std::fprintf(stderr, "no service: %s\n", target.error().explanation().c_str());
  return 1;
}
CPP
# shellcheck disable=SC2046
"$cxx" -std=c++23 "$work/client.cpp" $(pkg-config --cflags --libs quoted) -o "$work/cxx_client"
expect_unavailable "$work/cxx_client"

mkdir "$work/project"
cp "$source/c_client.c" "$work/client.cpp" "$work/project"
cat >"$work/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C CXX)
find_package(quoted 0.1 REQUIRED)
add_executable(in_c c_client.c)
target_link_libraries(in_c PRIVATE quoted::sgx_quote_ex)
add_executable(in_cxx client.cpp)
target_link_libraries(in_cxx PRIVATE quoted::quoted)
CMAKE
cmake -S "$work/project" -B "$work/project/build" -G Ninja \
  -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
cmake --build "$work/project/build" >/dev/null
expect_unavailable "$work/project/build/in_c"
expect_unavailable "$work/project/build/in_cxx"

echo "found and used by pkg-config and find_package, in C and C++"
