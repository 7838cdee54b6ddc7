# cmake --install and cpack.
include(GNUInstallDirs)
install(TARGETS repro RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
