// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include "cli/options.h"

#include <string.h>

static void print_options(FILE *file, unsigned bit)
{
    for (const struct cli_option *option = cli_options; option->name; option++) {
        if (bit ? !(option->commands & bit) : !str_equal(option->name, "help") && !str_equal(option->name, "version"))
            continue;
        CLEANUP(free) char *argument = option->argument ? str_printf(" %s", option->argument) : str_dup("");
        CLEANUP(free) char *name = str_printf("--%s%s", option->name, argument);
        char letter[5] = "    ";
        if (option->letter)
            snprintf(letter, sizeof letter, "-%c, ", option->letter);
        fprintf(file, "  %s%-22s %s", letter, name, option->help);
        if (option->choices)
            fprintf(file, ": %s", option->choices);
        fputc('\n', file);
    }
}

static void print_command(FILE *file, const struct cli_command *command)
{
    fprintf(file, "usage: repro %s %s\n\n%c%s.\n", command->name, command->arguments, command->summary[0] - 'a' + 'A',
            command->summary + 1);
    if (command->details)
        fprintf(file, "%s\n", command->details);
    fprintf(file, "\noptions:\n");
    print_options(file, command->bit);
    fprintf(file, "\nexample:\n");
    for (const char *line = command->example; *line;) {
        size_t length = strcspn(line, "\n");
        fprintf(file, "  %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

void help_print(FILE *file, const struct cli_command *command)
{
    if (command) {
        print_command(file, command);
        return;
    }
    fprintf(
        file,
        "usage: repro COMMAND [OPTIONS]\n\nReplays machine-learning training and says whether the same model came out, "
        "and why not.\n\ncommands:\n");
    for (const struct cli_command *each = cli_commands; each->name; each++)
        fprintf(file, "  %-8s %-20s %s\n", each->name, each->arguments, each->summary);
    fprintf(file, "\noptions:\n");
    print_options(file, 0);
    fprintf(file, "\nexample:\n  repro init churn -- python3 train.py\n  repro record churn\n  repro verify churn\n\n"
                  "Each command has its own: repro verify --help\n");
}
