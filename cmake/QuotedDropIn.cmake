# quoted_drop_in(<name> [INTERNAL] SOURCES <file>... LIBS <lib>...) makes lib<name>.so.1, a library
# that takes the place of another: its C++ runtime is inside, and nothing but the interface of
# exports.map is visible, so that it lives in any process whatever runtime that has. Its header is
# include/quoted/<name>.h, its pkg-config file <name>.pc.in; an INTERNAL one, which only another of
# these opens, has neither.
include_guard(GLOBAL)

function(quoted_drop_in name)
  cmake_parse_arguments(D "INTERNAL" "" "SOURCES;LIBS" ${ARGN})
  set(root "${QUOTED_INCLUDE_ROOT}/lib_${name}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/${name}" SYMBOLIC)
  # What several of them share.
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/lib/drop_in" "${root}/drop_in" SYMBOLIC)

  add_library(${name} SHARED ${D_SOURCES})
  add_library(quoted::${name} ALIAS ${name})
  set_target_properties(${name} PROPERTIES
    SOVERSION 1 VERSION 1.0.0
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/exports.map")
  target_include_directories(${name}
    PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
           "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${root}")
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  target_link_libraries(${name} PRIVATE ${D_LIBS} quoted::warnings)
  target_link_options(${name} PRIVATE
    "-Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/exports.map"
    -Wl,--gc-sections -Wl,--as-needed)
  if(NOT QUOTED_SANITIZERS AND NOT QUOTED_BUILD_FUZZERS)
    # A sanitizer's runtime is in the program, and has to see the library's exceptions.
    target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/lib/runtime_release.cpp")
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc -Wl,-z,defs)
  endif()

  if(D_INTERNAL)
    install(TARGETS ${name}
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT client NAMELINK_SKIP)
    return()
  endif()
  install(TARGETS ${name} EXPORT quotedTargets
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT client)
  install(FILES "${PROJECT_SOURCE_DIR}/include/quoted/${name}.h"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/quoted" COMPONENT client)
  quoted_install_pc(${name}.pc.in)
endfunction()
