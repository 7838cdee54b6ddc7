// SPDX-License-Identifier: Apache-2.0
//
// For people. An overview, one line a check, where many passes of one stage are one line; then every failure with what
// is known about it; then notes; then the totals:
//
//     churn  1.2 s
//       ✓ artifacts    3 checks: equal byte for byte
//       ✗ metrics      accuracy 0.9512 is 0.0021 below golden's 0.9533 (allowed 0.001)
//
//     ✗ churn · metrics · accuracy
//       │ accuracy 0.9512 is 0.0021 below golden's 0.9533 (allowed 0.001)
//       cause:  params.json changed
//       repeat: repro verify churn --only metrics
//
// Text from outside stands behind a mark or the gutter, never first in a line: a CI runner reads commands there.
#include "base/mem.h"
#include "base/str.h"
#include "report/golive.h"
#include "report/order.h"
#include "report/report.h"
#include "report/text.h"

#include <string.h>

#define MOST_LINES    20  // of one verdict in one stage, unless verbose
#define MOST_FAILURES 100 // told in full, unless verbose
#define MOST_NOTES    50
#define STAGE_WIDTH   12

struct terminal {
    struct buf *out;
    const struct term *term;
    bool quiet, verbose;
};

static const struct {
    const char *mark;
    enum term_style style;
    const char *past;
} looks[] = {
    [VERDICT_PASS] = {"✓", TERM_GREEN, "passed"},
    [VERDICT_FAIL] = {"✗", TERM_RED, "failed"},
    [VERDICT_SKIP] = {"–", TERM_YELLOW, "skipped"},
    [VERDICT_ERROR] = {"!", TERM_RED, "could not run"},
};

static void put_style(struct terminal *t, enum term_style style)
{
    buf_puts(t->out, term_style(t->term, style));
}

static void put_styled(struct terminal *t, enum term_style style, const char *text)
{
    put_style(t, style);
    buf_puts(t->out, text);
    put_style(t, TERM_PLAIN);
}

static void put_text(struct terminal *t, const char *text, size_t len)
{
    text_terminal(t->out, text, len);
}

// A log has no columns, but a line that fills a page helps nobody.
enum { LOG_WIDTH = 200 };

// The text, cut where a line of `used` characters would get wider than the terminal. What is cut stands in full in the
// failure below, or in every other report.
static void put_cut(struct terminal *t, size_t used, const char *text)
{
    int columns = t->term->width == 0 ? LOG_WIDTH : t->term->width;
    size_t width = columns > 40 ? (size_t)columns : 40;
    size_t room = used + 10 < width ? width - used : 10, from = t->out->len, keep = 0;
    put_text(t, text, t->verbose ? strlen(text) : text_cut(text, strlen(text), 4 * width));
    const char *shown = t->out->data + from;
    size_t len = t->out->len - from;
    if (t->verbose || text_characters(shown, len) <= room)
        return;
    for (size_t count = 0; keep < len; keep++) {
        count += ((unsigned char)shown[keep] & 0xc0) != 0x80;
        if (count == room)
            break;
    }
    t->out->len = from + keep;
    buf_puts(t->out, "…");
}

static void begin_line(struct terminal *t, enum verdict verdict, enum stage stage)
{
    buf_puts(t->out, "  ");
    put_styled(t, looks[verdict].style, looks[verdict].mark);
    buf_printf(t->out, " %-*s ", STAGE_WIDTH, stage_name(stage));
}
#define LINE_INDENT (STAGE_WIDTH + 5)

static void put_gutter(struct terminal *t, const char *text)
{
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        buf_puts(t->out, "  ");
        put_styled(t, TERM_DIM, len ? "│ " : "│");
        put_text(t, line, len);
        buf_putc(t->out, '\n');
        line += len + (line[len] != '\0');
    }
}

// Reasons often begin with what the check is called.
static bool names_itself(const struct check *check)
{
    size_t len = strlen(check->name);
    return check->reason && !strncmp(check->reason, check->name, len) && strchr(" :", check->reason[len]);
}

static void put_check(struct terminal *t, const struct check *check)
{
    begin_line(t, check->verdict, check->stage);
    size_t start = t->out->len;
    if (!names_itself(check))
        put_text(t, check->name, strlen(check->name));
    if (check->reason && *check->reason) {
        buf_puts(t->out, names_itself(check) ? "" : "  ");
        size_t used = LINE_INDENT + text_characters(t->out->data + start, t->out->len - start);
        if (check->verdict == VERDICT_SKIP)
            put_text(t, check->reason, strlen(check->reason)); // it stands nowhere else
        else
            put_cut(t, used, check->reason);
    }
    buf_putc(t->out, '\n');
    if (t->verbose && check->verdict == VERDICT_PASS && check->detail)
        put_gutter(t, check->detail);
}

// Many checks of one stage that passed: what they have in common, or their names.
static void put_passes(struct terminal *t, const struct check *const *checks, size_t count, size_t passes)
{
    CLEANUP(buf) struct buf text = {0};
    const char *common = NULL;
    bool same = true;
    begin_line(t, VERDICT_PASS, checks[0]->stage);
    for (size_t i = 0; i < count; i++) {
        if (checks[i]->verdict != VERDICT_PASS)
            continue;
        const char *reason = checks[i]->reason ? checks[i]->reason : "";
        same = same && *reason && (!common || !strcmp(common, reason));
        common = reason;
        if (text.len < 4096)
            buf_printf(&text, "%s%s", text.len ? ", " : "", checks[i]->name);
    }
    size_t start = t->out->len;
    buf_printf(t->out, "%zu checks: ", passes);
    put_cut(t, LINE_INDENT + t->out->len - start, same ? common : buf_text(&text));
    buf_putc(t->out, '\n');
}

// What a table of answers tells stands there in full.
static bool is_bad(const struct check *check)
{
    if (check->stage == STAGE_READY && check->verdict == VERDICT_FAIL)
        return false;
    return check->verdict == VERDICT_FAIL || check->verdict == VERDICT_ERROR;
}

static void put_stage(struct terminal *t, const struct check *const *checks, size_t count)
{
    size_t verdicts[4] = {0};
    for (size_t i = 0; i < count; i++)
        verdicts[checks[i]->verdict]++;
    bool collapse = verdicts[VERDICT_PASS] > 1 && !t->verbose;
    if (collapse && !t->quiet)
        put_passes(t, checks, count, verdicts[VERDICT_PASS]);
    size_t lines[4] = {0};
    for (size_t i = 0; i < count; i++) {
        enum verdict verdict = checks[i]->verdict;
        if ((verdict == VERDICT_PASS && collapse) || (t->quiet && !is_bad(checks[i])))
            continue;
        if (t->verbose || lines[verdict]++ < MOST_LINES)
            put_check(t, checks[i]);
    }
    for (size_t verdict = 0; verdict < ARRAY_LEN(lines); verdict++) {
        if (lines[verdict] <= MOST_LINES)
            continue;
        begin_line(t, (enum verdict)verdict, checks[0]->stage);
        buf_printf(t->out, "… and %zu more %s\n", lines[verdict] - MOST_LINES, looks[verdict].past);
    }
}

static void put_suite(struct terminal *t, const struct order *order, const struct order_suite *suite)
{
    bool bad = suite->verdicts[VERDICT_FAIL] + suite->verdicts[VERDICT_ERROR] > 0;
    if (suite->golive)
        golive_terminal(t->out, t->term, order->checks + suite->from, suite->to - suite->from, t->quiet);
    if (suite->golive || suite->from == suite->to || (t->quiet && !bad))
        return;
    CLEANUP(free) char *time = str_human_duration(suite->seconds);
    const char *label = order_suite_label(suite->name);
    put_style(t, TERM_BOLD);
    if (!strncmp(label + strspn(label, " \t"), "::", 2))
        buf_puts(t->out, "· ");
    put_text(t, label, strlen(label));
    put_style(t, TERM_PLAIN);
    if (suite->seconds > 0) {
        buf_puts(t->out, "  ");
        put_styled(t, TERM_DIM, time);
    }
    buf_putc(t->out, '\n');
    for (size_t from = suite->from, to; from < suite->to; from = to) {
        for (to = from + 1; to < suite->to && order->checks[to]->stage == order->checks[from]->stage;)
            to++;
        put_stage(t, order->checks + from, to - from);
    }
    buf_putc(t->out, '\n');
}

static void put_label(struct terminal *t, const struct check *check)
{
    put_text(t, order_suite_label(check->suite), strlen(order_suite_label(check->suite)));
    buf_printf(t->out, " · %s · ", stage_name(check->stage));
    put_text(t, check->name, strlen(check->name));
}

static void put_field(struct terminal *t, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_printf(t->out, "  %-7s ", label);
    put_text(t, text, strlen(text));
    buf_putc(t->out, '\n');
}

static void put_failure(struct terminal *t, const struct check *check)
{
    put_style(t, looks[check->verdict].style);
    buf_printf(t->out, "%s ", looks[check->verdict].mark);
    put_label(t, check);
    put_style(t, TERM_PLAIN);
    buf_putc(t->out, '\n');
    put_gutter(t, check->reason && *check->reason ? check->reason : "no reason was given");
    if (check->detail)
        put_gutter(t, check->detail);
    put_field(t, "cause:", check->cause);
    if (check->file) {
        CLEANUP(free)
        char *place = check->line > 0 ? str_printf("%s:%ld", check->file, check->line) : str_dup(check->file);
        put_field(t, "where:", place);
    }
    put_field(t, "repeat:", check->repeat);
    buf_putc(t->out, '\n');
}

static void put_failures(struct terminal *t, const struct order *order)
{
    size_t count = 0;
    for (size_t i = 0; i < order->count; i++) {
        if (is_bad(order->checks[i]) && (t->verbose || count < MOST_FAILURES))
            put_failure(t, order->checks[i]);
        count += is_bad(order->checks[i]);
    }
    if (!t->verbose && count > MOST_FAILURES)
        buf_printf(t->out, "… and %zu more: the JUnit and JSON reports have them\n\n", count - MOST_FAILURES);
}

static void put_notes(struct terminal *t, const struct order *order)
{
    size_t count = 0;
    for (size_t i = 0; i < order->count; i++) {
        const struct check *check = order->checks[i];
        for (size_t k = 0; k < check->note_count; k++) {
            if (count++ >= MOST_NOTES && !t->verbose)
                continue;
            bool warning = check->notes[k].level == NOTE_WARNING;
            put_styled(t, warning ? TERM_YELLOW : TERM_CYAN, warning ? "warning" : "note");
            buf_puts(t->out, warning ? "  " : "     ");
            put_label(t, check);
            buf_puts(t->out, ": ");
            put_text(t, check->notes[k].text, strlen(check->notes[k].text));
            buf_putc(t->out, '\n');
        }
    }
    if (count > MOST_NOTES && !t->verbose)
        buf_printf(t->out, "… and %zu more: the JUnit and JSON reports have them\n", count - MOST_NOTES);
    if (count > 0)
        buf_putc(t->out, '\n');
}

static void put_totals(struct terminal *t, const struct result *result, const struct order *order)
{
    CLEANUP(free) char *time = str_human_duration(result->seconds);
    size_t failed = result_count(result, NULL, VERDICT_FAIL), errors = result_count(result, NULL, VERDICT_ERROR);
    bool answers = order->count > 0 && order->suite_count == 1 && order->suites[0].golive;
    bool gates = result_exit_status(result) != 0;
    put_style(t, answers && !gates && failed > 0 ? TERM_YELLOW : failed + errors ? TERM_RED : TERM_GREEN);
    if (answers)
        golive_totals(t->out, order->checks, order->count);
    else
        buf_printf(t->out, "%zu check%s: %zu passed, %zu failed, %zu skipped, %zu error%s", result->check_count,
                   result->check_count == 1 ? "" : "s", result_count(result, NULL, VERDICT_PASS), failed,
                   result_count(result, NULL, VERDICT_SKIP), errors, errors == 1 ? "" : "s");
    put_style(t, TERM_PLAIN);
    buf_printf(t->out, " in %s\n", time);
}

void report_terminal(struct buf *out, const struct result *result, const struct term *term,
                     const struct terminal_options *options)
{
    CLEANUP(order) struct order order = {0};
    order_make(&order, result);
    struct terminal t = {.out = out, .term = term};
    t.quiet = options && options->quiet;
    t.verbose = options && options->verbose && !t.quiet;
    for (size_t i = 0; i < order.suite_count; i++)
        put_suite(&t, &order, &order.suites[i]);
    put_failures(&t, &order);
    if (!t.quiet)
        put_notes(&t, &order);
    put_totals(&t, result, &order);
}
