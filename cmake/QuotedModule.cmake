# quoted_module(<name> FLOOR <n> SOURCES <file>... [USES <module>...] [LIBS <lib>...]
#               [PRIVATE_LIBS <lib>...] [TESTS <file>...] [TEST_USES <module>...])
#
# A module is a folder of src/, a target quoted::<name> and a namespace quoted::<name>.
# Its headers are reachable as "<name>/x.h" only for targets that link it, because each module's
# include root holds nothing but that module; so a module that includes what it does not use, or
# what lies above it, does not compile. FLOOR is its number in docs/architecture: dependencies
# point to lower floors only, and configuring fails where they do not.
set(QUOTED_INCLUDE_ROOT "${CMAKE_BINARY_DIR}/include")

function(quoted_module name)
  cmake_parse_arguments(M "" "FLOOR" "SOURCES;USES;LIBS;PRIVATE_LIBS;TESTS;TEST_USES" ${ARGN})
  if(M_UNPARSED_ARGUMENTS OR NOT M_FLOOR)
    message(FATAL_ERROR "quoted_module(${name}): FLOOR missing or unknown words: ${M_UNPARSED_ARGUMENTS}")
  endif()

  set(root "${QUOTED_INCLUDE_ROOT}/${name}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/${name}" SYMBOLIC)

  set(target quoted_${name})
  add_library(${target} STATIC ${M_SOURCES})
  add_library(quoted::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES QUOTED_FLOOR ${M_FLOOR})
  target_include_directories(${target} PUBLIC "${root}")
  target_link_libraries(${target} PUBLIC quoted::build ${M_LIBS} PRIVATE quoted::warnings ${M_PRIVATE_LIBS})
  foreach(used IN LISTS M_USES)
    get_target_property(floor quoted_${used} QUOTED_FLOOR)
    if(NOT floor LESS M_FLOOR)
      message(FATAL_ERROR "${name} (floor ${M_FLOOR}) may not use ${used} (floor ${floor}): "
                          "dependencies point downwards only")
    endif()
    target_link_libraries(${target} PUBLIC quoted::${used})
  endforeach()

  if(QUOTED_BUILD_TESTS AND M_TESTS)
    list(TRANSFORM M_TEST_USES PREPEND quoted::)
    quoted_test(${name}_test SOURCES ${M_TESTS} LIBS quoted::${name} ${M_TEST_USES} LABEL unit)
  endif()
endfunction()

# quoted_test(<name> SOURCES <file>... LIBS <lib>... LABEL unit|integration|e2e [TIMEOUT <s>])
function(quoted_test name)
  cmake_parse_arguments(T "" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 900)
  endif()
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE ${T_LIBS} quoted::test_support quoted::warnings)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT})
endfunction()

if(QUOTED_BUILD_TESTS OR QUOTED_BUILD_BENCH)
  file(MAKE_DIRECTORY "${QUOTED_INCLUDE_ROOT}/test_support")
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/tests/support" "${QUOTED_INCLUDE_ROOT}/test_support/test_support" SYMBOLIC)
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/tests/fakes" "${QUOTED_INCLUDE_ROOT}/test_support/fakes" SYMBOLIC)
endif()

if(QUOTED_BUILD_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  add_library(quoted_test_support INTERFACE)
  add_library(quoted::test_support ALIAS quoted_test_support)
  target_include_directories(quoted_test_support INTERFACE "${QUOTED_INCLUDE_ROOT}/test_support")
  target_compile_definitions(quoted_test_support INTERFACE
    QUOTED_VECTORS_DIR="${CMAKE_SOURCE_DIR}/tests/vectors")
  target_link_libraries(quoted_test_support INTERFACE quoted::base GTest::gmock GTest::gtest_main)
endif()
