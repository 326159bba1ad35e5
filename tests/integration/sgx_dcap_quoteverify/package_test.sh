#!/usr/bin/env bash
# The installed library is found and used by projects outside this one, by pkg-config and by
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

cmake --install "$build" --component client --prefix "$work/installed" >/dev/null
# Where it is used is not where it was installed.
mv "$work/installed" "$work/moved"
libdir=$(dirname "$(find "$work/moved" -name 'libsgx_dcap_quoteverify.so.1')")
export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir CMAKE_PREFIX_PATH=$work/moved

mkdir "$work/project"
# Valid C and valid C++.
cat >"$work/project/linked.c" <<'C'
#include <stdio.h>

#include "quoted/sgx_dcap_quoteverify.h"

int main(void) {
  uint32_t size = 0;
  if (sgx_qv_get_quote_supplemental_data_size(&size) != SGX_QL_SUCCESS) return 1;
  printf("%u\n", (unsigned)size);
  return size == sizeof(sgx_ql_qv_supplemental_t) ? 0 : 1;
}
C
cp "$work/project/linked.c" "$work/project/linked.cpp"

# expect_536 PROGRAM
expect_536() {
  [ "$("$1")" = 536 ] || { echo "$1: not 536" >&2; exit 1; }
}

# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Wpedantic -Werror "$work/project/linked.c" \
  $(pkg-config --cflags --libs sgx_dcap_quoteverify) -o "$work/by_pkg_config"
expect_536 "$work/by_pkg_config"
# shellcheck disable=SC2046
"$cxx" -std=c++11 -Wall -Wextra -Wpedantic -Werror "$work/project/linked.cpp" \
  $(pkg-config --cflags --libs sgx_dcap_quoteverify) -o "$work/in_old_cxx"
expect_536 "$work/in_old_cxx"

# A program with enumerations of another size would give the library places that are too small.
# shellcheck disable=SC2046
if "$cc" -std=c11 -fshort-enums -fsyntax-only "$work/project/linked.c" \
  $(pkg-config --cflags sgx_dcap_quoteverify) 2>"$work/short_enums"; then
  echo "compiles with -fshort-enums" >&2
  exit 1
fi
grep -q 'quote3_error_t has 4 bytes' "$work/short_enums"

cat >"$work/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C CXX)
find_package(quoted 0.1 REQUIRED)
add_executable(in_c linked.c)
target_link_libraries(in_c PRIVATE quoted::sgx_dcap_quoteverify)
add_executable(in_cxx linked.cpp)
target_link_libraries(in_cxx PRIVATE quoted::sgx_dcap_quoteverify)
CMAKE
cmake -S "$work/project" -B "$work/project/build" -G Ninja \
  -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
cmake --build "$work/project/build" >/dev/null
expect_536 "$work/project/build/in_c"
expect_536 "$work/project/build/in_cxx"

echo "found and used by pkg-config and find_package, in C and C++"
