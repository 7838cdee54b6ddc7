// SPDX-License-Identifier: Apache-2.0
//
// Blocks of HTML: between a tag that begins a line and the next blank line Markdown reads nothing, and within <pre>
// not even a blank line ends that. Text from outside has all its punctuation as entities on top of it.
#include "report/github_summary.h"

#include "base/mem.h"
#include "base/str.h"
#include "report/golive.h"
#include "report/order.h"
#include "report/report.h"
#include "report/text.h"

#include <string.h>

#define CLOSING ((size_t)512)      // kept free for what ends a table and the line that says what was left out
#define LINE    ((size_t)1000)     // bytes of a reason or a name
#define DETAIL  ((size_t)8 * 1024) // bytes of one failure's detail

static const char *const marks[] = {
    [VERDICT_PASS] = "✅", [VERDICT_FAIL] = "❌", [VERDICT_SKIP] = "⏭️", [VERDICT_ERROR] = "❗"};

static void put_text(struct buf *out, const char *text, size_t limit, bool lines)
{
    size_t len = strlen(text), keep = text_cut(text, len, limit);
    text_escape_html(out, text, keep, lines);
    if (keep < len)
        buf_puts(out, "…");
}

// Adds the block if there is room for it, and empties it.
static bool add_block(struct buf *out, struct buf *block, size_t end)
{
    bool fits = out->len + block->len <= end;
    if (fits)
        buf_append(out, buf_text(block), block->len);
    buf_clear(block);
    return fits;
}

static enum verdict suite_verdict(const struct order_suite *suite)
{
    return suite->verdicts[VERDICT_ERROR]  ? VERDICT_ERROR
           : suite->verdicts[VERDICT_FAIL] ? VERDICT_FAIL
           : suite->verdicts[VERDICT_PASS] ? VERDICT_PASS
                                           : VERDICT_SKIP;
}

static void put_row(struct buf *row, const struct order_suite *suite)
{
    CLEANUP(free) char *time = str_human_duration(suite->seconds);
    buf_printf(row, "<tr><td>%s</td><td>", marks[suite_verdict(suite)]);
    put_text(row, order_suite_label(suite->name), LINE, false);
    for (size_t verdict = 0; verdict < 4; verdict++)
        buf_printf(row, "</td><td align=\"right\">%zu", suite->verdicts[verdict]);
    buf_printf(row, "</td><td align=\"right\">%s</td></tr>\n", time);
}

static void put_table(struct buf *out, const struct order *order, size_t end)
{
    CLEANUP(buf) struct buf row = {0};
    buf_puts(out, "<table>\n<tr><th></th><th>suite</th><th>passed</th><th>failed</th><th>skipped</th><th>errors</th>"
                  "<th>time</th></tr>\n");
    size_t i = 0;
    // The suites that need somebody come first.
    for (int wanted = 1; wanted >= 0; wanted--) {
        for (size_t k = 0; k < order->suite_count; k++) {
            const struct order_suite *suite = &order->suites[k];
            if ((suite->verdicts[VERDICT_FAIL] + suite->verdicts[VERDICT_ERROR] > 0) != wanted)
                continue;
            put_row(&row, suite);
            if (!add_block(out, &row, end)) {
                buf_printf(out, "<tr><td colspan=\"7\">%zu more suites are left out</td></tr>\n",
                           order->suite_count - i);
                buf_puts(out, "</table>\n\n");
                return;
            }
            i++;
        }
    }
    buf_puts(out, "</table>\n\n");
}

static void put_labelled(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_printf(out, "%s:\n<pre>", label);
    put_text(out, text, LINE, true);
    buf_puts(out, "</pre>\n");
}

static void put_failure(struct buf *block, const struct check *check)
{
    CLEANUP(free) char *label = order_check_label(check);
    const char *reason = check->reason ? check->reason : "";
    buf_printf(block, "<details><summary>%s <b>", marks[check->verdict]);
    put_text(block, label, LINE, false);
    buf_puts(block, "</b>: ");
    put_text(block, reason, LINE, false);
    buf_puts(block, "</summary>\n");
    if (check->detail && *check->detail) {
        buf_puts(block, "<pre>");
        put_text(block, check->detail, DETAIL, true);
        buf_puts(block, "</pre>\n");
    }
    put_labelled(block, "Cause", check->cause);
    if (check->file) {
        buf_puts(block, "Where: <code>");
        put_text(block, check->file, LINE, false);
        if (check->line > 0)
            buf_printf(block, "&#58;%ld", check->line);
        buf_puts(block, "</code>\n");
    }
    put_labelled(block, "Repeat with", check->repeat);
    buf_puts(block, "</details>\n\n");
}

static void put_failures(struct buf *out, const struct order *order, size_t count, size_t end)
{
    CLEANUP(buf) struct buf block = {0};
    size_t shown = 0;
    for (size_t i = 0; i < order->count && shown < count; i++) {
        enum verdict verdict = order->checks[i]->verdict;
        bool told = order->checks[i]->stage == STAGE_READY; // in a table of their own
        if (told || (verdict != VERDICT_FAIL && verdict != VERDICT_ERROR))
            continue;
        put_failure(&block, order->checks[i]);
        if (!add_block(out, &block, end))
            break;
        shown++;
    }
    if (shown < count)
        buf_printf(out, "<p>%zu more are left out: a summary holds 1 MiB. The JUnit report has them.</p>\n\n",
                   count - shown);
}

static void put_answers(struct buf *out, const struct order *order, size_t end)
{
    CLEANUP(buf) struct buf row = {0};
    if (order->suite_count == 0 || !order->suites[order->suite_count - 1].golive)
        return;
    const struct order_suite *answers = &order->suites[order->suite_count - 1];
    size_t i = answers->from;
    buf_puts(out, "<table>\n");
    golive_row(out, NULL);
    for (; i < answers->to; i++) {
        golive_row(&row, order->checks[i]);
        if (!add_block(out, &row, end))
            break;
    }
    if (i < answers->to)
        buf_printf(out, "<tr><td colspan=\"6\">%zu more answers are left out</td></tr>\n", answers->to - i);
    buf_puts(out, "</table>\n\n");
}

static void put_note(struct buf *line, const struct check *check, const struct note *note)
{
    CLEANUP(free) char *label = order_check_label(check);
    buf_puts(line, note->level == NOTE_WARNING ? "<li>⚠️ <b>" : "<li><b>");
    put_text(line, label, LINE, false);
    buf_puts(line, "</b>: ");
    put_text(line, note->text, LINE, false);
    buf_puts(line, "</li>\n");
}

static void put_notes(struct buf *out, const struct order *order, size_t end)
{
    CLEANUP(buf) struct buf line = {0};
    size_t shown = 0, count = 0;
    for (size_t i = 0; i < order->count; i++)
        count += order->checks[i]->note_count;
    if (count == 0)
        return;
    buf_printf(out, "<details><summary>%zu note%s</summary>\n<ul>\n", count, count == 1 ? "" : "s");
    bool fits = true;
    for (size_t i = 0; i < order->count && fits; i++) {
        for (size_t k = 0; k < order->checks[i]->note_count && fits; k++) {
            put_note(&line, order->checks[i], &order->checks[i]->notes[k]);
            fits = add_block(out, &line, end);
            shown += fits;
        }
    }
    if (shown < count)
        buf_printf(out, "<li>%zu more are left out</li>\n", count - shown);
    buf_puts(out, "</ul>\n</details>\n\n");
}

// What happened, in one line: of checks, how many did not pass; of questions, what they were answered with.
static void put_verdict(struct buf *out, const struct result *result, const struct order *order,
                        const size_t verdicts[4])
{
    size_t bad = verdicts[VERDICT_FAIL] + verdicts[VERDICT_ERROR];
    bool answers = order->suite_count == 1 && order->suites[0].golive;
    if (answers) {
        buf_printf(out, "## %s repro: ", result_exit_status(result) != 0 ? marks[VERDICT_FAIL] : "🚦");
        golive_totals(out, order->checks, order->count);
        buf_puts(out, "\n\n");
        return;
    }
    enum verdict verdict = verdicts[VERDICT_ERROR] ? VERDICT_ERROR : bad ? VERDICT_FAIL : VERDICT_PASS;
    buf_printf(out, "## %s repro: %zu of %zu check%s %s\n\n", marks[verdict], bad ? bad : verdicts[VERDICT_PASS],
               result->check_count, result->check_count == 1 ? "" : "s", bad ? "did not pass" : "passed");
}

static void put_heading(struct buf *out, const struct result *result, const struct order *order,
                        const size_t verdicts[4])
{
    CLEANUP(free) char *time = str_human_duration(result->seconds);
    put_verdict(out, result, order, verdicts);
    buf_puts(out, "<p><code>");
    put_text(out, result->command ? result->command : "", LINE, false);
    buf_printf(out, "</code> in %s</p>\n\n", time);
}

void github_summary_write(struct buf *out, const struct result *result, size_t limit)
{
    CLEANUP(order) struct order order = {0};
    CLEANUP(buf) struct buf text = {0};
    order_make(&order, result);
    size_t verdicts[4] = {0}, failures = 0;
    for (size_t i = 0; i < order.count; i++) {
        enum verdict verdict = order.checks[i]->verdict;
        verdicts[verdict]++;
        failures += order.checks[i]->stage != STAGE_READY && (verdict == VERDICT_FAIL || verdict == VERDICT_ERROR);
    }
    put_heading(&text, result, &order, verdicts);
    if (text.len + 4 * CLOSING > limit) {
        // Hardly any room: whatever fits of the heading's first line.
        size_t line = strcspn(text.data, "\n") + 1;
        buf_append(out, text.data, line <= limit ? line : 0);
        return;
    }
    // Failures matter more than suites that passed, and both more than notes: each leaves room for what follows.
    if (order.suite_count != 1 || !order.suites[0].golive)
        put_table(&text, &order, text.len + (limit - text.len) / 4);
    put_answers(&text, &order, text.len + (limit - text.len) / 4);
    put_failures(&text, &order, failures, limit - 3 * CLOSING);
    put_notes(&text, &order, limit - CLOSING);
    buf_append(out, text.data, text.len);
}

void report_github_summary(struct buf *out, const struct result *result)
{
    github_summary_write(out, result, GITHUB_SUMMARY_LIMIT);
}
