# SPDX-License-Identifier: Apache-2.0
# cmake --install, and cpack -G DEB (ci/package does both for this distribution).
include(GNUInstallDirs)
option(REPRO_APPARMOR "Install the AppArmor profile that lets repro make user namespaces (AppArmor 4)" OFF)

install(TARGETS repro RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
file(GLOB schemas CONFIGURE_DEPENDS harness/*/schemas/*.schema.json harness/report/*.xsd)
install(FILES ${schemas} DESTINATION ${CMAKE_INSTALL_DATADIR}/repro/schemas)

# The manual page and the completions come out of the program's own table of options.
if(EXISTS ${CMAKE_SOURCE_DIR}/harness/cli/manual.c AND NOT CMAKE_CROSSCOMPILING)
    set(pages ${CMAKE_BINARY_DIR}/pages)
    file(MAKE_DIRECTORY ${pages})
    add_custom_command(OUTPUT ${pages}/repro.1 ${pages}/repro ${pages}/_repro ${pages}/repro.fish
        COMMAND repro help man > ${pages}/repro.1
        COMMAND repro help bash > ${pages}/repro
        COMMAND repro help zsh > ${pages}/_repro
        COMMAND repro help fish > ${pages}/repro.fish
        DEPENDS repro VERBATIM)
    add_custom_target(pages ALL DEPENDS ${pages}/repro.1)
    install(FILES ${pages}/repro.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES ${pages}/repro DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
    install(FILES ${pages}/_repro DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
    install(FILES ${pages}/repro.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()

# Ubuntu 24.04 forbids user namespaces to programs without a profile that allows them.
set(REPRO_APPARMOR_BINARY ${CMAKE_INSTALL_FULL_BINDIR}/repro)
configure_file(ci/package/apparmor.in ${CMAKE_BINARY_DIR}/apparmor/repro @ONLY)
if(REPRO_APPARMOR)
    install(FILES ${CMAKE_BINARY_DIR}/apparmor/repro DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/apparmor.d)
    file(WRITE ${CMAKE_BINARY_DIR}/apparmor/conffiles "${CMAKE_INSTALL_FULL_SYSCONFDIR}/apparmor.d/repro\n")
    list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
        ${CMAKE_BINARY_DIR}/apparmor/conffiles ${CMAKE_SOURCE_DIR}/ci/package/postinst)
    set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME repro)
set(CPACK_PACKAGE_VENDOR "The repro project")
set(CPACK_PACKAGE_CONTACT "The repro project")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "CI test harness and reproducibility checker for machine-learning training")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"repro replays a training job from its recorded manifest and says whether the
same model came out: byte for byte, tensor for tensor, or within a stated
tolerance; and why, when it did not. It reports to people, to JUnit readers and
to GitHub Actions.")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Loaded when a model's server is asked, so that nothing links it. Where the name ends in t64, that package provides it.
set(CPACK_DEBIAN_PACKAGE_DEPENDS libcurl4)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS git)
# The libraries' names differ between distributions, and so does the package.
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
if(EXISTS /etc/os-release)
    file(STRINGS /etc/os-release release REGEX "^(ID|VERSION_ID)=")
    string(REGEX REPLACE "[^;]*=\"?([^;\"]*)\"?" "\\1" release "${release}")
    list(SORT release ORDER DESCENDING) # the name, then the number
    string(REPLACE ";" "" release "${release}")
    set(CPACK_DEBIAN_PACKAGE_RELEASE 1~${release})
endif()
include(CPack)
