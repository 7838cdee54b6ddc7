// SPDX-License-Identifier: Apache-2.0
#ifndef REPRO_CLI_CLI_H
#define REPRO_CLI_CLI_H

// Parses the command line, runs the command, and returns the exit status.
int cli_main(int argc, char **argv);

#endif
