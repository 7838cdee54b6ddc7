// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "engine/status.h"

#include <stdio.h>
#include <string.h>

enum { LINES_AT_MOST = 20 };

static void print_moved(const struct status_entry *entry, const struct term *term)
{
    for (size_t i = 0; i < entry->moved.count && i < LINES_AT_MOST; i++)
        output_line("    ", entry->moved.items[i]);
    if (entry->moved.count > LINES_AT_MOST)
        printf("    … and %zu more\n", entry->moved.count - LINES_AT_MOST);
    if (entry->code_only)
        printf("    %sonly code changed: the result must stay the same%s; check with: repro verify %s\n",
               term_style(term, TERM_DIM), term_style(term, TERM_PLAIN), entry->suite);
    else
        printf("    if this is meant: repro record %s --reason \"…\"\n", entry->suite);
}

static void print_entry(const struct status_entry *entry, const struct term *term, int width)
{
    const char *plain = term_style(term, TERM_PLAIN);
    CLEANUP(free) char *name = str_visible(entry->suite, strlen(entry->suite));
    printf("%-*s  ", width, name);
    if (entry->error.kind != ERROR_NONE) {
        CLEANUP(free) char *text = error_text(&entry->error);
        printf("%serror%s %s\n", term_style(term, TERM_RED), plain, text);
    } else if (!entry->class_name) {
        printf("%sno golden yet%s; make one with: repro record %s\n", term_style(term, TERM_YELLOW), plain,
               entry->suite);
    } else {
        CLEANUP(free) char *classes = strings_join(&entry->classes, ", ");
        bool moved = entry->moved.count > 0;
        printf("%s%s%s (%s)", term_style(term, moved ? TERM_YELLOW : TERM_GREEN),
               moved ? "changed since golden" : "as in golden", plain, classes);
        if (entry->last)
            printf(", last verify here %s", entry->last);
        putchar('\n');
        if (moved)
            print_moved(entry, term);
    }
}

int cmd_status(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(session) struct session *session = NULL;
    CLEANUP(strings) struct strings names = {0};
    struct session_options options;
    struct status status = {0};
    struct term term;
    term_init(&term, stdout, setup_color(args));
    if (setup_options(&options, args, NULL, &err) < 0 || setup_session(&session, &names, &options, args, &err) < 0 ||
        status_find(&status, session, &names, &err) < 0) {
        status_free(&status);
        return output_fault(&err);
    }
    int width = 0, exit_status = 0;
    for (size_t i = 0; i < status.count; i++) {
        int length = (int)strlen(status.entries[i].suite);
        width = length > width ? length : width;
        enum error_kind fault = status.entries[i].error.kind;
        if (fault != ERROR_NONE && exit_status != 3) // a machine that could not weighs more
            exit_status = fault == ERROR_USAGE ? 2 : 3;
    }
    for (size_t i = 0; i < status.count; i++)
        print_entry(&status.entries[i], &term, width);
    status_free(&status);
    return exit_status;
}
