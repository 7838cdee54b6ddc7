// SPDX-License-Identifier: Apache-2.0
//
// The manual page and the shell completions, from the same tables as --help.
#include "cli/help.h"
#include "cli/options.h"

#include <string.h>

// In roff, a hyphen that is meant is "\-", and a line may not begin with '.' or '\''.
static void put_roff(struct buf *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        bool line_start = out->len == 0 || out->data[out->len - 1] == '\n';
        if (*c == '-')
            buf_puts(out, "\\-");
        else if (*c == '\\')
            buf_puts(out, "\\e");
        else if (line_start && (*c == '.' || *c == '\''))
            buf_printf(out, "\\&%c", *c);
        else
            buf_putc(out, *c);
    }
}

static void put_option(struct buf *out, const struct cli_option *option)
{
    buf_puts(out, ".TP\n\\fB");
    if (option->letter)
        buf_printf(out, "\\-%c\\fR, \\fB", option->letter);
    buf_puts(out, "\\-\\-");
    put_roff(out, option->name);
    if (option->argument)
        buf_printf(out, "\\fR \\fI%s", option->argument);
    buf_puts(out, "\\fR\n");
    put_roff(out, option->help);
    if (option->choices) {
        buf_puts(out, ": ");
        put_roff(out, option->choices);
    }
    buf_puts(out, "\n");
}

static void put_command(struct buf *out, const struct cli_command *command)
{
    buf_printf(out, ".SS repro %s ", command->name);
    put_roff(out, command->arguments);
    buf_putc(out, '\n');
    put_roff(out, command->summary);
    buf_puts(out, ".\n");
    if (command->details) {
        put_roff(out, command->details);
        buf_putc(out, '\n');
    }
    for (const struct cli_option *option = cli_options; option->name; option++) {
        if (option->commands & command->bit && !str_equal(option->name, "help") && !str_equal(option->name, "color") &&
            !str_equal(option->name, "directory"))
            put_option(out, option);
    }
    buf_puts(out, ".PP\nExample:\n.PP\n.nf\n.RS\n");
    put_roff(out, command->example);
    buf_puts(out, "\n.RE\n.fi\n");
}

void help_manual(struct buf *out)
{
    buf_printf(out, ".TH REPRO 1 \"\" \"repro %s\" \"User Commands\"\n", REPRO_VERSION);
    buf_puts(
        out,
        ".SH NAME\nrepro \\- replay machine\\-learning training and say whether the same model came out\n"
        ".SH SYNOPSIS\n.B repro\n.I COMMAND\n[\\fIOPTIONS\\fR] [\\fINAME\\fR...]\n.SH DESCRIPTION\n"
        "repro replays training from a recorded manifest, compares artifacts and metrics with golden results, says\n"
        "what moved when they differ, and writes JUnit reports that a merge gate can block on.\n"
        ".SH COMMANDS\n");
    for (const struct cli_command *command = cli_commands; command->name; command++)
        put_command(out, command);
    buf_puts(out, ".SH OPTIONS OF EVERY COMMAND\n");
    for (const struct cli_option *option = cli_options; option->name; option++) {
        if (str_equal(option->name, "help") || str_equal(option->name, "color") ||
            str_equal(option->name, "directory") || str_equal(option->name, "version"))
            put_option(out, option);
    }
    buf_puts(
        out,
        ".SH EXIT STATUS\n.TP\n0\nevery check passed\n.TP\n1\na check failed\n.TP\n2\nusage, or a bad document\n"
        ".TP\n3\ncould not run: the harness or the machine, not the model\n.TP\n130\nstopped with Ctrl\\-C\n"
        ".SH FILES\n.TP\nsuites/NAME/suite.json\na training job under test\n.TP\ngolden/NAME/CLASS/manifest.json\n"
        "an accepted result\n.TP\n\\&.repro/\nlogs, results and the cache of digests; safe to remove\n"
        ".SH ENVIRONMENT\n.TP\nNO_COLOR\nno colour\n.TP\nGITHUB_ACTIONS\nwhen true, \\-\\-github is the default\n");
}

static void put_names(struct buf *out, const char *separator)
{
    for (const struct cli_command *command = cli_commands; command->name; command++)
        buf_printf(out, "%s%s", command == cli_commands ? "" : separator, command->name);
}

static void put_bash(struct buf *out)
{
    buf_puts(out, "_repro() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words\n"
                  "    case $prev in\n");
    for (const struct cli_option *option = cli_options; option->name; option++) {
        if (!option->choices)
            continue;
        CLEANUP(free) char *choices = str_dup(option->choices);
        for (char *c = choices; *c; c++)
            *c = *c == '|' ? ' ' : *c;
        buf_printf(out, "        --%s) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return ;;\n", option->name,
                   choices);
    }
    buf_puts(out, "        --junit|--json) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n    esac\n"
                  "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"");
    put_names(out, " ");
    buf_puts(out, "\"\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        buf_printf(out, "            %s) words=\"", command->name);
        for (const struct cli_option *option = cli_options; option->name; option++) {
            if (option->commands & command->bit)
                buf_printf(out, "--%s ", option->name);
        }
        buf_puts(out, "\" ;;\n");
    }
    buf_puts(
        out,
        "        esac\n        case $cur in -*) ;; *)\n"
        "            words=\"$(for f in suites/*/suite.json; do [ -e \"$f\" ] && f=${f#suites/} && echo "
        "\"${f%/suite.json}\"; done)\"\n"
        "        esac\n    fi\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -F _repro repro\n");
}

static void put_fish(struct buf *out)
{
    buf_puts(out, "complete -c repro -f\n");
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        buf_printf(out, "complete -c repro -n __fish_use_subcommand -a %s -d '%s'\n", command->name, command->summary);
        for (const struct cli_option *option = cli_options; option->name; option++) {
            if (!(option->commands & command->bit))
                continue;
            buf_printf(out, "complete -c repro -n '__fish_seen_subcommand_from %s' -l %s", command->name, option->name);
            if (option->letter)
                buf_printf(out, " -s %c", option->letter);
            if (option->argument)
                buf_puts(out, " -r");
            buf_puts(out, "\n");
        }
    }
}

static void put_zsh(struct buf *out)
{
    buf_puts(out, "#compdef repro\n_repro() {\n    if (( CURRENT == 2 )); then\n        compadd ");
    put_names(out, " ");
    buf_puts(out, "\n        return\n    fi\n    case $words[2] in\n");
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        buf_printf(out, "        %s) compadd -- ", command->name);
        for (const struct cli_option *option = cli_options; option->name; option++) {
            if (option->commands & command->bit)
                buf_printf(out, "--%s ", option->name);
        }
        buf_puts(out, "suites/*/suite.json(N:h:t) ;;\n");
    }
    buf_puts(out, "    esac\n}\n_repro \"$@\"\n");
}

int help_completion(struct buf *out, const char *shell)
{
    static const struct {
        const char *shell;
        void (*put)(struct buf *out);
    } shells[] = {{"bash", put_bash}, {"zsh", put_zsh}, {"fish", put_fish}};
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (str_equal(shells[i].shell, shell)) {
            shells[i].put(out);
            return 0;
        }
    }
    return -1;
}
