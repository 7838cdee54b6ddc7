// SPDX-License-Identifier: Apache-2.0
//
// The command line: one table of commands and one of options make the parser, --help, the manual page and the
// completions.
#ifndef REPRO_CLI_OPTIONS_H
#define REPRO_CLI_OPTIONS_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct cli_args;

struct cli_command {
    const char *name;
    const char *arguments;                   // "[NAME...]"
    const char *summary;                     // one line
    const char *details;                     // some more lines; may be NULL
    const char *example;                     // lines that can be typed
    int (*run)(const struct cli_args *args); // gives the exit status
    unsigned bit;                            // which options it takes
};

struct cli_option {
    const char *name;     // without the dashes
    char letter;          // 0: none
    const char *argument; // "FILE"; NULL: a flag
    const char *choices;  // "auto|full|none": what the argument may be; NULL: anything
    const char *help;
    unsigned commands; // bits of the commands that take it
};

extern const struct cli_command cli_commands[]; // ends with a NULL name
extern const struct cli_option cli_options[];   // ends with a NULL name

// What was typed, taken apart.
struct cli_args {
    const struct cli_command *command; // NULL: none was named
    struct pairs values;               // option's name → its argument ("" for a flag)
    struct strings rest;               // names, and all that follows "--"
    char *typed;                       // the whole command line, as one would type it
    struct error error;                // what is wrong with it; the rest was taken apart all the same
};
void args_parse(struct cli_args *args, int argc, char **argv);
void args_free(struct cli_args *args);
const char *args_value(const struct cli_args *args, const char *option); // NULL when not given
bool args_flag(const struct cli_args *args, const char *option);

const struct cli_command *cli_find_command(const char *name); // NULL when unknown

#endif
