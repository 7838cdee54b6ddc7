# SPDX-License-Identifier: Apache-2.0
# cmake --install and cpack.
include(GNUInstallDirs)
install(TARGETS repro RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
