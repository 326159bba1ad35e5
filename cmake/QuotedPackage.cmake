# What lets other projects find the installed libraries: find_package(quoted) gives the targets that
# are installed with EXPORT quotedTargets, and quoted_install_pc(<file.pc.in>) a pkg-config file.
# Everything is in the install component "client".
include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(quoted_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/quoted")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/quotedConfig.cmake.in"
  "${CMAKE_CURRENT_BINARY_DIR}/quotedConfig.cmake" INSTALL_DESTINATION "${quoted_package_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/quotedConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/quotedConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/quotedConfigVersion.cmake"
  DESTINATION "${quoted_package_dir}" COMPONENT client)
install(EXPORT quotedTargets NAMESPACE quoted:: DESTINATION "${quoted_package_dir}" COMPONENT client)

function(quoted_install_pc template)
  string(REGEX REPLACE "\\.in$" "" name "${template}")
  # Relative, so that the tree may be installed in one place and used in another.
  file(RELATIVE_PATH QUOTED_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  configure_file("${template}" "${CMAKE_CURRENT_BINARY_DIR}/${name}" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT client)
endfunction()
