// SPDX-License-Identifier: Apache-2.0
#ifndef REPRO_CLI_HELP_H
#define REPRO_CLI_HELP_H

#include "base/buf.h"

#include <stdio.h>

struct cli_command;

void help_print(FILE *file, const struct cli_command *command); // NULL: the overview
void help_manual(struct buf *out);                              // roff, section 1
// "bash", "zsh" or "fish"; −1 for any other shell.
int help_completion(struct buf *out, const char *shell);

#endif
