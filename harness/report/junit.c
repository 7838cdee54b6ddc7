// SPDX-License-Identifier: Apache-2.0
//
// JUnit XML, for the readers that there are: dorny/test-reporter, mikepenz/action-junit-report,
// EnricoMi/publish-unit-test-result, GitLab, Jenkins. What each of them needs decides the form
// (harness/report/junit.xsd):
//   - suites are flat, and every suite and case has a name: nested suites are dropped, nameless ones crash a reader;
//   - every count stands at the top and at each suite: one reader trusts only the top;
//   - (classname, name) is unique: a repeated pair counts as a retry, or is dropped;
//   - `message` and `type` always, and the message again as the first line of the text: some show only one of the two;
//   - a mismatch is a failure, a run that could not complete is an error, and there is at most one of them a case;
//   - no character that XML forbids, no CDATA, times in the C locale;
//   - the file stays below 30 MB, the limit of GitLab: bodies go first, then messages, then the cases that passed.
#include "base/mem.h"
#include "base/str.h"
#include "report/names.h"
#include "report/order.h"
#include "report/report.h"
#include "report/text.h"

#include <stdint.h>
#include <string.h>

#define LARGEST    ((size_t)29 << 20)
#define TITLE      255 // bytes of a message
#define NAME       240 // bytes of a name before it is made unique
#define LINE       4096
#define PROPERTIES 100

// How much is told. The first row that keeps the file small enough is used; the last one stops where it is full.
struct measure {
    size_t body, message;
    bool passes, properties;
};
static const struct measure measures[] = {
    {60000, TITLE, true, true},
    {4000, TITLE, true, true},
    {0, 120, true, false},
    {0, 120, false, false},
};

struct junit {
    struct buf *out;
    size_t start; // where the report begins in `out`
    const struct measure *measure;
    bool last;          // the last measure: what does not fit is counted instead of written
    struct names names; // of suites (class "") and of cases
    struct buf suite;   // the name of the current suite, unique
    struct buf legal;   // scratch
};

// Legal text of one line and at most `limit` bytes.
static void make_title(struct buf *out, const char *text, size_t len, size_t limit)
{
    buf_clear(out);
    // No byte gets shorter by becoming legal: what lies beyond the limit now cannot come back.
    text_legal_xml(out, text, text_cut(text, len, limit + 4), false);
    if (out->len <= limit)
        return;
    out->len = text_cut(out->data, out->len, limit - strlen("…"));
    buf_puts(out, "…");
}

static void put_attribute(struct junit *j, const char *name, const char *text, size_t len, size_t limit)
{
    make_title(&j->legal, text, len, limit);
    buf_printf(j->out, " %s=\"", name);
    text_escape_xml(j->out, buf_text(&j->legal), j->legal.len, SIZE_MAX);
    buf_putc(j->out, '"');
}

static void put_seconds(struct junit *j, double seconds)
{
    buf_puts(j->out, " time=\"");
    text_seconds(j->out, seconds);
    buf_putc(j->out, '"');
}

static void put_counts(struct junit *j, const size_t verdicts[4])
{
    buf_printf(j->out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
               verdicts[VERDICT_PASS] + verdicts[VERDICT_FAIL] + verdicts[VERDICT_SKIP] + verdicts[VERDICT_ERROR],
               verdicts[VERDICT_FAIL], verdicts[VERDICT_ERROR], verdicts[VERDICT_SKIP]);
}

static void put_property(struct junit *j, const char *name, const char *value)
{
    buf_puts(j->out, "      <property");
    put_attribute(j, "name", name, strlen(name), TITLE);
    put_attribute(j, "value", value ? value : "", value ? strlen(value) : 0, LINE);
    buf_puts(j->out, "/>\n");
}

static void put_seconds_property(struct junit *j, const char *name, double seconds)
{
    CLEANUP(buf) struct buf text = {0};
    text_seconds(&text, seconds);
    put_property(j, name, buf_text(&text));
}

static void put_properties(struct junit *j, const struct result *result, const struct suite_summary *summary)
{
    if (!j->measure->properties)
        return;
    buf_puts(j->out, "    <properties>\n");
    put_property(j, "command", result->command);
    put_property(j, "repro", result->version);
    for (size_t i = 0; i < result->properties.count && i < PROPERTIES; i++)
        put_property(j, result->properties.items[i].name, result->properties.items[i].value);
    if (summary && summary->train_wall > 0) {
        CLEANUP(free) char *memory = str_printf("%ju", (uintmax_t)summary->peak_memory);
        put_seconds_property(j, "train_wall_seconds", summary->train_wall);
        put_seconds_property(j, "train_cpu_seconds", summary->train_cpu);
        put_property(j, "peak_memory_bytes", memory);
    }
    if (summary && summary->run_folder)
        put_property(j, "run_folder", summary->run_folder);
    buf_puts(j->out, "    </properties>\n");
}

// Adds one part of a body, legal but not escaped, cut to `limit` bytes at the end of a line where it has lines.
static void add_part(struct buf *body, const char *label, const char *text, size_t limit)
{
    if (!text || !*text)
        return;
    size_t len = strlen(text), keep = text_cut(text, len, limit);
    bool cut = keep < len;
    const char *newline = cut ? memrchr(text, '\n', keep) : NULL;
    if (newline)
        keep = (size_t)(newline - text);
    while (keep > 0 && text[keep - 1] == '\n')
        keep--;
    buf_puts(body, label);
    text_legal_xml(body, text, keep, true);
    if (cut)
        buf_printf(body, "\n… %zu more bytes: see the JSON report", len - keep);
    buf_putc(body, '\n');
}

// Escapes the text into at most `room` bytes, and says so where that cuts it.
static void put_body(struct junit *j, const struct buf *text, size_t room)
{
    static const char cut[] = "\n… cut here: see the JSON report\n";
    size_t start = j->out->len;
    if (text_escape_xml(j->out, buf_text(text), text->len, room) == text->len)
        return;
    j->out->len = start;
    text_escape_xml(j->out, buf_text(text), text->len, room - strlen(cut));
    buf_puts(j->out, cut);
}

static void put_text(struct junit *j, const struct check *check, const char *reason)
{
    CLEANUP(buf) struct buf head = {0};
    CLEANUP(buf) struct buf tail = {0};
    size_t room = j->measure->body;
    add_part(&head, "", reason, room ? LINE : j->measure->message);
    if (room == 0) {
        text_escape_xml(j->out, buf_text(&head), head.len, SIZE_MAX);
        if (check->detail || check->cause || check->repeat)
            buf_puts(j->out, "left out, the report would be too large: see the JSON report\n");
        return;
    }
    // What comes after the detail is worth more than the detail's end: its room is kept free.
    add_part(&head, "\n", check->detail, room / 8 * 5);
    add_part(&tail, "\ncause: ", check->cause, room / 8);
    add_part(&tail, "\nrepeat: ", check->repeat, room / 8);
    put_body(j, &head, room - room / 4);
    put_body(j, &tail, room / 4);
}

static void put_outcome(struct junit *j, const struct check *check)
{
    const char *reason = check->reason && *check->reason ? check->reason : "no reason was given";
    const char *element = check->verdict == VERDICT_FAIL   ? "failure"
                          : check->verdict == VERDICT_SKIP ? "skipped"
                                                           : "error";
    const char *type = check->verdict == VERDICT_FAIL   ? "mismatch"
                       : check->verdict == VERDICT_SKIP ? "skipped"
                       : check->fault == ERROR_USAGE    ? "bad document"
                       : check->fault == ERROR_STOPPED  ? "stopped"
                                                        : "could not run";
    buf_printf(j->out, "      <%s", element);
    put_attribute(j, "message", reason, text_first_line(reason), j->measure->message);
    buf_printf(j->out, " type=\"%s\">", type);
    put_text(j, check, reason);
    buf_printf(j->out, "</%s>\n", element);
}

// Of an answer that is yes, the evidence is worth reading, too.
static bool has_evidence(const struct check *check)
{
    return check->stage == STAGE_READY && check->verdict == VERDICT_PASS && check->reason;
}

static void put_notes(struct junit *j, const struct check *check)
{
    size_t limit = j->measure->body / 4;
    if ((check->note_count == 0 && !has_evidence(check)) || limit == 0)
        return;
    CLEANUP(buf) struct buf text = {0};
    if (has_evidence(check))
        add_part(&text, "", check->reason, LINE);
    for (size_t i = 0; i < check->note_count && text.len <= limit; i++)
        add_part(&text, check->notes[i].level == NOTE_WARNING ? "warning: " : "notice: ", check->notes[i].text, LINE);
    buf_puts(j->out, "      <system-out>");
    put_body(j, &text, limit);
    buf_puts(j->out, "</system-out>\n");
}

// Answers are one suite, "go-live", whatever they are of: their classes tell them apart.
static void make_class(struct junit *j, struct buf *out, const struct check *check)
{
    bool answer = check->stage == STAGE_READY;
    const char *part = answer ? order_suite_label(check->suite) : stage_name(check->stage);
    make_title(&j->legal, part, strlen(part), NAME);
    buf_printf(out, "%s.%s", buf_text(&j->suite), buf_text(&j->legal));
}

static void put_case(struct junit *j, const struct check *check)
{
    CLEANUP(buf) struct buf class_name = {0};
    CLEANUP(buf) struct buf name = {0};
    make_class(j, &class_name, check);
    make_title(&name, check->name, strlen(check->name), NAME);
    if (name.len == 0)
        buf_puts(&name, stage_name(check->stage));
    names_make_unique(&j->names, buf_text(&class_name), &name);

    buf_puts(j->out, "    <testcase classname=\"");
    text_escape_xml(j->out, class_name.data, class_name.len, SIZE_MAX);
    buf_puts(j->out, "\" name=\"");
    text_escape_xml(j->out, name.data, name.len, SIZE_MAX);
    buf_putc(j->out, '"');
    put_seconds(j, check->seconds);
    if (check->file && *check->file) {
        put_attribute(j, "file", check->file, strlen(check->file), LINE);
        if (check->line > 0)
            buf_printf(j->out, " line=\"%ld\"", check->line);
    }
    bool told = check->note_count > 0 || has_evidence(check);
    if (check->verdict == VERDICT_PASS && (!told || j->measure->body == 0)) {
        buf_puts(j->out, "/>\n");
        return;
    }
    buf_puts(j->out, ">\n");
    if (check->verdict != VERDICT_PASS)
        put_outcome(j, check);
    put_notes(j, check);
    buf_puts(j->out, "    </testcase>\n");
}

static bool is_full(const struct junit *j)
{
    return j->out->len - j->start > LARGEST;
}

static void put_suite(struct junit *j, const struct result *result, const struct order *order,
                      const struct order_suite *suite)
{
    const char *label = order_suite_label(suite->name);
    size_t left_out = 0;
    make_title(&j->suite, label, strlen(label), NAME);
    names_make_unique(&j->names, "", &j->suite);
    buf_puts(j->out, "  <testsuite name=\"");
    text_escape_xml(j->out, j->suite.data, j->suite.len, SIZE_MAX);
    buf_putc(j->out, '"');
    put_counts(j, suite->verdicts);
    put_seconds(j, suite->seconds);
    buf_puts(j->out, " timestamp=\"");
    text_time(j->out, result->started);
    buf_puts(j->out, "\">\n");
    put_properties(j, result, suite->summary);
    for (size_t i = suite->from; i < suite->to && (j->last || !is_full(j)); i++) {
        if ((order->checks[i]->verdict == VERDICT_PASS && !j->measure->passes) || is_full(j))
            left_out++;
        else
            put_case(j, order->checks[i]);
    }
    if (left_out > 0)
        buf_printf(j->out,
                   "    <system-out>%zu checks are left out, the report would be too large: see the JSON "
                   "report</system-out>\n",
                   left_out);
    buf_puts(j->out, "  </testsuite>\n");
}

static bool write_report(struct buf *out, const struct result *result, const struct order *order,
                         const struct measure *measure)
{
    struct junit j = {.out = out, .start = out->len, .measure = measure};
    size_t verdicts[4] = {0};
    j.last = measure == &measures[ARRAY_LEN(measures) - 1];
    for (size_t i = 0; i < order->count; i++)
        verdicts[order->checks[i]->verdict]++;
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"repro\"");
    put_counts(&j, verdicts);
    put_seconds(&j, result->seconds);
    buf_puts(out, ">\n");
    for (size_t i = 0; i < order->suite_count && !is_full(&j); i++)
        put_suite(&j, result, order, &order->suites[i]);
    buf_puts(out, "</testsuites>\n");
    names_free(&j.names);
    buf_free(&j.suite);
    buf_free(&j.legal);
    return j.last || !is_full(&j);
}

void report_junit(struct buf *out, const struct result *result)
{
    CLEANUP(order) struct order order = {0};
    order_make(&order, result);
    size_t start = out->len;
    for (size_t i = 0; !write_report(out, result, &order, &measures[i]); i++)
        out->len = start;
}
