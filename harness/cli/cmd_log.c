// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "engine/history.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LIMIT = 20, LIMIT_AT_MOST = 1000000, LINES_AT_MOST = 10 };

static void print_rollback(const struct history_entry *entry)
{
    const char *reason = entry->rolled_back.reason ? entry->rolled_back.reason : "(no reason)";
    const char *by = entry->rolled_back.by ? entry->rolled_back.by : "unknown";
    CLEANUP(free) char *why = str_visible(reason, strlen(reason)), *who = str_visible(by, strlen(by));
    printf("    rolled back from %.12s to this one: %s  (%s)\n", entry->rolled_back.from, why, who);
}

static void print_entry(const struct history_entry *entry, const struct term *term)
{
    char day[16] = "not committed";
    time_t time = (time_t)entry->time;
    struct tm utc;
    if (!entry->commit && entry->kept)
        snprintf(day, sizeof day, "earlier");
    if (entry->commit)
        strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&time, &utc));
    printf("%s%.12s%s%s%s  %s (%s)  golden %.12s%s\n", term_style(term, TERM_YELLOW),
           entry->commit ? entry->commit : "", entry->commit ? "  " : "", day, term_style(term, TERM_PLAIN),
           entry->suite, entry->class_name, entry->identity, entry->kept ? ", kept" : "");
    const char *reason = entry->reason ? entry->reason : "(no reason)";
    const char *by = entry->by ? entry->by : entry->author ? entry->author : "unknown";
    CLEANUP(free) char *why = str_visible(reason, strlen(reason)), *who = str_visible(by, strlen(by));
    printf("    %s%s%s  (%s)\n", term_style(term, TERM_BOLD), why, term_style(term, TERM_PLAIN), who);
    if (entry->rolled_back.from)
        print_rollback(entry);
    for (size_t i = 0; i < entry->moved.count && i < LINES_AT_MOST; i++)
        output_line("      ", entry->moved.items[i]);
    if (entry->moved.count > LINES_AT_MOST)
        printf("      … and %zu more\n", entry->moved.count - LINES_AT_MOST);
}

static int read_limit(size_t *out, const char *text, struct error *err)
{
    char *end = NULL;
    long limit = text ? strtol(text, &end, 10) : LIMIT;
    if (text && (end == text || *end || limit < 1 || limit > LIMIT_AT_MOST))
        return error_set(err, ERROR_USAGE, "--limit: expected a number from 1 to %d, found '%s'", LIMIT_AT_MOST, text);
    *out = (size_t)limit;
    return 0;
}

int cmd_log(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(session) struct session *session = NULL;
    CLEANUP(strings) struct strings names = {0};
    struct session_options options;
    struct history history = {0};
    struct term term;
    size_t limit = 0;
    term_init(&term, stdout, setup_color(args));
    int found = read_limit(&limit, args_value(args, "limit"), &err);
    if (found == 0)
        found = setup_options(&options, args, NULL, &err);
    if (found == 0)
        found = setup_session(&session, &names, &options, args, &err);
    if (found == 0)
        found = history_find(&history, session, &names, limit, &err);
    for (size_t i = 0; found == 0 && i < history.count; i++)
        print_entry(&history.entries[i], &term);
    if (history.cut)
        fprintf(stderr, "repro: this clone is shallow: older goldens are not shown (git fetch --unshallow)\n");
    if (found == 0 && history.count == 0)
        fprintf(stderr, "repro: no golden yet; make one with: repro record\n");
    history_free(&history);
    return found == 0 ? 0 : output_fault(&err);
}
