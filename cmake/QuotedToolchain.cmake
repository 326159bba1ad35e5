# Compiler, warnings and sanitizers, carried by the targets quoted::build and quoted::warnings.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(quoted_build INTERFACE)
add_library(quoted::build ALIAS quoted_build)
# OpenSSL 3 without deprecated calls: the macros below turn a deprecated call into a compile error.
target_compile_definitions(quoted_build INTERFACE
  OPENSSL_API_COMPAT=30000 OPENSSL_NO_DEPRECATED _FILE_OFFSET_BITS=64
  QUOTED_VERSION="${PROJECT_VERSION}")
target_compile_options(quoted_build INTERFACE -fstack-protector-strong -fno-omit-frame-pointer)
if(NOT QUOTED_SANITIZERS)
  target_compile_options(quoted_build INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()
target_link_options(quoted_build INTERFACE -Wl,-z,relro,-z,now)
if(QUOTED_SANITIZERS)
  target_compile_options(quoted_build INTERFACE
    -fsanitize=${QUOTED_SANITIZERS} -fno-sanitize-recover=all)
  target_link_options(quoted_build INTERFACE -fsanitize=${QUOTED_SANITIZERS})
endif()
if(QUOTED_BUILD_FUZZERS AND QUOTED_FUZZ_ENGINE STREQUAL "libfuzzer")
  target_compile_options(quoted_build INTERFACE -fsanitize=fuzzer-no-link)
elseif(QUOTED_BUILD_FUZZERS AND QUOTED_FUZZ_ENGINE STREQUAL "afl")
  target_compile_options(quoted_build INTERFACE -fsanitize-coverage=trace-pc-guard)
elseif(QUOTED_BUILD_FUZZERS)
  message(FATAL_ERROR "QUOTED_FUZZ_ENGINE is ${QUOTED_FUZZ_ENGINE}, must be libfuzzer or afl")
endif()

add_library(quoted_warnings INTERFACE)
add_library(quoted::warnings ALIAS quoted_warnings)
target_compile_options(quoted_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  $<$<BOOL:${QUOTED_WARNINGS_AS_ERRORS}>:-Werror>)

if(QUOTED_CLANG_TIDY)
  find_program(CLANG_TIDY_PROGRAM NAMES clang-tidy-19 REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY "${CLANG_TIDY_PROGRAM};--quiet;--warnings-as-errors=*")
endif()
