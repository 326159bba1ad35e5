#!/usr/bin/env bash
# The installed library is found and used by projects outside this one, by pkg-config and by
# find_package, in C and in C++; and it finds its own, in either mode.
#
#   package_test.sh BUILD_DIRECTORY C_COMPILER CXX_COMPILER
set -euo pipefail
build=$1
cc=$2
cxx=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export QUOTED_SOCKET=$work/nothing QUOTED_RETRY=off QUOTED_PLATFORM=nonsense

cmake --install "$build" --component client --prefix "$work/installed" >/dev/null
# Where it is used is not where it was installed.
mv "$work/installed" "$work/moved"
libdir=$(dirname "$(find "$work/moved" -name 'libsgx_dcap_ql.so.1')")
export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir CMAKE_PREFIX_PATH=$work/moved
[ -e "$libdir/libquoted_inproc.so.1" ]
[ ! -e "$libdir/libquoted_inproc.so" ] # nobody links with it

mkdir "$work/project"
# Valid C and valid C++.
cat >"$work/project/linked.c" <<'C'
#include <stdio.h>

#include "quoted/sgx_dcap_ql.h"

int main(void) {
  sgx_target_info_t target;
  printf("0x%04x 0x%04x\n", (unsigned)sgx_qe_get_target_info(&target),
         (unsigned)sgx_qe_cleanup_by_policy());
  return 0;
}
C
cp "$work/project/linked.c" "$work/project/linked.cpp"

# expect_both_modes PROGRAM
expect_both_modes() {
  [ "$(env -u SGX_AESM_ADDR "$1")" = "0xe00d 0x0000" ] || { echo "$1: in-process" >&2; exit 1; }
  [ "$(SGX_AESM_ADDR=0 "$1")" = "0xe040 0xe03e" ] || { echo "$1: out-of-process" >&2; exit 1; }
}

# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror "$work/project/linked.c" \
  $(pkg-config --cflags --libs sgx_dcap_ql) -o "$work/by_pkg_config"
expect_both_modes "$work/by_pkg_config"
# shellcheck disable=SC2046
"$cxx" -std=c++11 -Wall -Wextra -Wpedantic -Werror "$work/project/linked.cpp" \
  $(pkg-config --cflags --libs sgx_dcap_ql) -o "$work/in_old_cxx"
expect_both_modes "$work/in_old_cxx"

cat >"$work/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C CXX)
find_package(quoted 0.1 REQUIRED)
add_executable(in_c linked.c)
target_link_libraries(in_c PRIVATE quoted::sgx_dcap_ql)
add_executable(in_cxx linked.cpp)
target_link_libraries(in_cxx PRIVATE quoted::sgx_dcap_ql)
CMAKE
cmake -S "$work/project" -B "$work/project/build" -G Ninja \
  -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
cmake --build "$work/project/build" >/dev/null
expect_both_modes "$work/project/build/in_c"
expect_both_modes "$work/project/build/in_cxx"

echo "found and used by pkg-config and find_package, in C and C++, in both modes"
