// SPDX-License-Identifier: Apache-2.0
//
// The commands, one thin file each: options in, engine called, something to read out. Each gives the exit status.
#ifndef REPRO_CLI_COMMANDS_H
#define REPRO_CLI_COMMANDS_H

struct cli_args;

int cmd_init(const struct cli_args *args);
int cmd_record(const struct cli_args *args);
int cmd_verify(const struct cli_args *args);
int cmd_diff(const struct cli_args *args);
int cmd_fuzz(const struct cli_args *args);
int cmd_drift(const struct cli_args *args);
int cmd_rollback(const struct cli_args *args);
int cmd_ready(const struct cli_args *args);
int cmd_status(const struct cli_args *args);
int cmd_log(const struct cli_args *args);
int cmd_doctor(const struct cli_args *args);
int cmd_report(const struct cli_args *args);
int cmd_help(const struct cli_args *args);

#endif
