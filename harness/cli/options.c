// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <string.h>

enum { NAMES_AT_MOST = 64 };

const struct cli_command *cli_find_command(const char *name)
{
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        if (str_equal(command->name, name))
            return command;
    }
    return NULL;
}

static bool takes(const struct cli_command *command, const struct cli_option *option)
{
    return !command || option->commands == 0 || (option->commands & command->bit) != 0;
}

// One name may mean different things to different commands.
static bool takes_name(const struct cli_command *command, const char *name)
{
    for (const struct cli_option *option = cli_options; option->name; option++) {
        if (str_equal(option->name, name) && takes(command, option))
            return true;
    }
    return false;
}

static void refuse_option(struct cli_args *args, const char *typed, const char *name)
{
    const char *known[NAMES_AT_MOST];
    size_t count = 0;
    for (const struct cli_option *option = cli_options; option->name && count < NAMES_AT_MOST; option++) {
        if (takes(args->command, option))
            known[count++] = option->name;
    }
    const char *nearest = name ? str_nearest(name, known, count) : NULL;
    const char *command = args->command ? args->command->name : NULL;
    error_set(&args->error, ERROR_USAGE, "unknown option '%s'%s%s%s; see: repro %s%s--help", typed,
              nearest ? "; did you mean '--" : "", nearest ? nearest : "", nearest ? "'?" : "", command ? command : "",
              command ? " " : "");
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = choices; at && *at && length > 0;) {
        size_t one = strcspn(at, "|");
        if (one == length && strncmp(at, value, length) == 0)
            return true;
        at += one + (at[one] == '|');
    }
    return false;
}

static void keep_value(struct cli_args *args, const struct cli_option *option, const char *value)
{
    if (option->choices && !is_choice(option->choices, value)) {
        error_set(&args->error, ERROR_USAGE, "--%s: expected one of %s, found '%s'", option->name, option->choices,
                  value);
        return;
    }
    const char *before = args_value(args, option->name);
    if (before && str_equal(option->name, "only")) {
        CLEANUP(free) char *both = str_printf("%s,%s", before, value);
        pairs_set(&args->values, option->name, both);
    } else {
        pairs_set(&args->values, option->name, value);
    }
}

// "--name", "--name=value", "--name value". Returns how many more words were used.
static int take_long(struct cli_args *args, const char *word, const char *next)
{
    size_t length = strcspn(word + 2, "=");
    CLEANUP(free) char *name = str_ndup(word + 2, length);
    const char *value = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
    for (const struct cli_option *option = cli_options; option->name; option++) {
        if (!str_equal(option->name, name) || !takes(args->command, option))
            continue;
        if (!option->argument && value) {
            error_set(&args->error, ERROR_USAGE, "--%s takes no argument", name);
            return 0;
        }
        bool separate = option->argument && !value;
        if (separate && !next) {
            error_set(&args->error, ERROR_USAGE, "--%s needs an argument: %s", name, option->argument);
            return 0;
        }
        keep_value(args, option, separate ? next : value ? value : "");
        return separate;
    }
    refuse_option(args, word, name);
    return 0;
}

// "-v", "-j4", "-j 4", "-xv". Returns how many more words were used.
static int take_short(struct cli_args *args, const char *word, const char *next)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct cli_option *option = cli_options;
        while (option->name && (option->letter != *letter || !takes(args->command, option)))
            option++;
        if (!option->name) {
            refuse_option(args, word, NULL);
            return 0;
        }
        if (!option->argument) {
            keep_value(args, option, "");
            continue;
        }
        if (letter[1] == '\0' && !next) {
            error_set(&args->error, ERROR_USAGE, "-%c needs an argument: %s", *letter, option->argument);
            return 0;
        }
        keep_value(args, option, letter[1] ? letter + 1 : next);
        return letter[1] == '\0';
    }
    return 0;
}

static void take_command(struct cli_args *args, const char *word)
{
    args->command = cli_find_command(word);
    if (args->command)
        return;
    const char *known[NAMES_AT_MOST];
    size_t count = 0;
    for (const struct cli_command *command = cli_commands; command->name && count < NAMES_AT_MOST; command++)
        known[count++] = command->name;
    const char *nearest = str_nearest(word, known, count);
    error_set(&args->error, ERROR_USAGE, "unknown command '%s'%s%s%s; see: repro --help", word,
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

// An option may stand before the command, when it is not known yet who must take it.
static void refuse_early_options(struct cli_args *args)
{
    for (const struct cli_option *option = cli_options; args->command && option->name; option++) {
        CLEANUP(free) char *typed = str_printf("--%s", option->name);
        if (args_flag(args, option->name) && !takes_name(args->command, option->name))
            refuse_option(args, typed, option->name);
    }
}

void args_parse(struct cli_args *args, int argc, char **argv)
{
    *args = (struct cli_args){0};
    struct strings words = {0};
    strings_add(&words, "repro");
    for (int i = 1; i < argc; i++)
        strings_add(&words, argv[i]);
    args->typed = strings_shell(&words);
    strings_free(&words);

    bool named = false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (str_equal(word, "--")) {
            for (i++; i < argc; i++)
                strings_add(&args->rest, argv[i]);
        } else if (str_starts(word, "--")) {
            i += take_long(args, word, next);
        } else if (word[0] == '-' && word[1] != '\0') {
            i += take_short(args, word, next);
        } else if (!named) {
            named = true;
            take_command(args, word);
        } else {
            strings_add(&args->rest, word);
        }
    }
    refuse_early_options(args);
}

void args_free(struct cli_args *args)
{
    pairs_free(&args->values);
    strings_free(&args->rest);
    free(args->typed);
    error_free(&args->error);
}

const char *args_value(const struct cli_args *args, const char *option)
{
    return pairs_get(&args->values, option);
}

bool args_flag(const struct cli_args *args, const char *option)
{
    return args_value(args, option) != NULL;
}
