# Installation: headers, libraries, the CMake package and the pkg-config file, none of which knows its prefix.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/loyalty")
set(LOY_CONFIG_THREADS ON)
set(LOY_PC_LIBS_PRIVATE "-lm ${CMAKE_THREAD_LIBS_INIT}")
if(LOY_NO_THREADS)
	set(LOY_CONFIG_THREADS OFF)
	set(LOY_PC_LIBS_PRIVATE "-lm")
endif()

set(installed loyalty_static)
set(LOY_PC_CFLAGS "-DLOY_STATIC")
if(LOY_BUILD_SHARED)
	list(APPEND installed loyalty_shared)
	set(LOY_PC_CFLAGS "")
endif()
install(TARGETS ${installed} EXPORT loyaltyTargets
	ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
	LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
	RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(EXPORT loyaltyTargets NAMESPACE loyalty:: DESTINATION "${package_dir}")

configure_package_config_file(cmake/loyaltyConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/loyaltyConfig.cmake"
	INSTALL_DESTINATION "${package_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/loyaltyConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/loyaltyConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/loyaltyConfigVersion.cmake"
	DESTINATION "${package_dir}")

# From the folder of the .pc file up to the prefix: lib/pkgconfig, or lib/<architecture>/pkgconfig on Debian.
set(LOY_PC_DIR "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
	set(LOY_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
	set(LOY_PC_LIBDIR "${CMAKE_INSTALL_FULL_LIBDIR}")
	set(LOY_PC_INCLUDEDIR "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
	file(RELATIVE_PATH up "/${LOY_PC_DIR}" "/")
	string(REGEX REPLACE "/$" "" up "${up}")
	set(LOY_PC_PREFIX "\${pcfiledir}/${up}")
	set(LOY_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
	set(LOY_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file(pkgconfig/loyalty.pc.in "${CMAKE_CURRENT_BINARY_DIR}/loyalty.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/loyalty.pc" DESTINATION "${LOY_PC_DIR}")
