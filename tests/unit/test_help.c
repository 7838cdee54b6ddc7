// SPDX-License-Identifier: Apache-2.0
// Links: repro_cli
//
// One table makes the parser, --help, the manual page and the completions: nothing in it may be missing from one.
#include "cli/help.h"

#include "cli/options.h"
#include "unit.h"

static char *help_of(const struct cli_command *command)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(file);
    help_print(file, command);
    fclose(file);
    return text;
}

START_TEST(every_command_has_all_that_help_needs)
{
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        ck_assert_ptr_nonnull(command->arguments);
        ck_assert_ptr_nonnull(command->example);
        ck_assert_ptr_nonnull(command->run);
        ck_assert_msg(command->bit != 0 && (command->bit & (command->bit - 1)) == 0, "%s", command->name);
        ck_assert(command->summary[0] >= 'a' && command->summary[0] <= 'z');
        ck_assert_ptr_eq(cli_find_command(command->name), command);
        ck_assert(str_starts(command->example, "repro "));
    }
    ck_assert_ptr_null(cli_find_command("verif"));
}
END_TEST

START_TEST(no_two_options_of_a_command_share_a_letter_or_a_name)
{
    for (const struct cli_option *a = cli_options; a->name; a++) {
        for (const struct cli_option *b = a + 1; b->name; b++) {
            ck_assert_msg(!(str_equal(a->name, b->name) && (a->commands & b->commands)), "%s", a->name);
            ck_assert_msg(!(a->letter && a->letter == b->letter && (a->commands & b->commands)), "%s and %s", a->name,
                          b->name);
        }
    }
}
END_TEST

START_TEST(help_fits_a_screen_and_shows_an_example)
{
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        CLEANUP(free) char *text = help_of(command);
        size_t lines = 0;
        for (const char *line = text; *line; lines++) {
            size_t length = strcspn(line, "\n");
            ck_assert_msg(length <= 130, "%.*s", (int)length, line);
            line += length + (line[length] == '\n');
        }
        ck_assert_msg(lines <= 40, "%s has %zu lines", command->name, lines);
        ck_assert_ptr_nonnull(strstr(text, "example:\n  repro "));
    }
}
END_TEST

START_TEST(help_lists_exactly_the_options_that_a_command_takes)
{
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        CLEANUP(free) char *text = help_of(command);
        for (const struct cli_option *option = cli_options; option->name; option++) {
            CLEANUP(free) char *name = str_printf(" --%s ", option->name);
            bool listed = strstr(text, name) != NULL, taken = false; // one name may mean different things
            for (const struct cli_option *same = cli_options; same->name; same++)
                taken = taken || (str_equal(same->name, option->name) && (same->commands & command->bit) != 0);
            ck_assert_msg(listed == taken, "%s --%s", command->name, option->name);
        }
    }
}
END_TEST

START_TEST(the_overview_names_every_command)
{
    CLEANUP(free) char *text = help_of(NULL);
    for (const struct cli_command *command = cli_commands; command->name; command++) {
        CLEANUP(free) char *row = str_printf("\n  %-8s ", command->name);
        ck_assert_msg(strstr(text, row) != NULL, "%s", command->name);
    }
    ck_assert_ptr_nonnull(strstr(text, "--version"));
}
END_TEST

START_TEST(the_manual_and_every_completion_name_all_commands_and_options)
{
    static const char *const shells[] = {"man", "bash", "zsh", "fish"};
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        CLEANUP(buf) struct buf text = {0};
        if (i == 0)
            help_manual(&text);
        else
            ck_assert_int_eq(help_completion(&text, shells[i]), 0);
        for (const struct cli_command *command = cli_commands; command->name; command++)
            ck_assert_msg(strstr(buf_text(&text), command->name) != NULL, "%s: %s", shells[i], command->name);
        for (const struct cli_option *option = cli_options; option->name; option++) {
            if (option->commands == 0 && i > 0)
                continue; // --version is of no command
            // roff writes a hyphen that is meant as "\-"
            CLEANUP(buf) struct buf name = {0};
            for (const char *c = option->name; *c; c++)
                buf_printf(&name, i == 0 && *c == '-' ? "\\%c" : "%c", *c);
            ck_assert_msg(strstr(buf_text(&text), buf_text(&name)) != NULL, "%s: --%s", shells[i], option->name);
        }
    }
}
END_TEST

START_TEST(no_line_of_the_manual_begins_with_a_request_that_is_not_meant)
{
    CLEANUP(buf) struct buf text = {0};
    help_manual(&text);
    static const char *const meant[] = {".TH ",  ".SH ",  ".SS ",  ".TP\n", ".B ",  ".I ",
                                        ".PP\n", ".nf\n", ".fi\n", ".RS\n", ".RE\n"};
    for (const char *line = buf_text(&text); *line;) {
        bool known = *line != '.' && *line != '\'';
        for (size_t i = 0; i < ARRAY_LEN(meant); i++)
            known = known || str_starts(line, meant[i]);
        ck_assert_msg(known, "%.40s", line);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
}
END_TEST

START_TEST(a_shell_that_is_not_known_has_no_completion)
{
    CLEANUP(buf) struct buf text = {0};
    ck_assert_int_eq(help_completion(&text, "csh"), -1);
    ck_assert_uint_eq(text.len, 0);
}
END_TEST

UNIT_MAIN("help", every_command_has_all_that_help_needs, no_two_options_of_a_command_share_a_letter_or_a_name,
          help_fits_a_screen_and_shows_an_example, help_lists_exactly_the_options_that_a_command_takes,
          the_overview_names_every_command, the_manual_and_every_completion_name_all_commands_and_options,
          no_line_of_the_manual_begins_with_a_request_that_is_not_meant, a_shell_that_is_not_known_has_no_completion)
