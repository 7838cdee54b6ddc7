// SPDX-License-Identifier: Apache-2.0
//
// Workflow commands for GitHub Actions: one a line, "::name property=value,…::data". A runner shows ten annotations of
// a kind for each step and drops the rest in silence: here the tenth says how many there are more.
#include "base/fs.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "report/github_summary.h"
#include "report/order.h"
#include "report/report.h"
#include "report/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define MOST    9
#define TITLE   255
#define MESSAGE ((size_t)8 * 1024) // the runner's own limit is 64 KiB for the whole command

enum kind { KIND_ERROR, KIND_WARNING, KIND_NOTICE };
static const struct {
    const char *command, *more;
} kinds[] = {
    {"error", "more checks failed"},
    {"warning", "more warnings"},
    {"notice", "more notices"},
};

struct annotations {
    struct buf *out;
    size_t counts[3];
};

static void annotate(struct annotations *a, enum kind kind, const struct check *check, const char *message)
{
    if (a->counts[kind]++ >= MOST)
        return;
    CLEANUP(free) char *title = order_check_label(check);
    buf_printf(a->out, "::%s ", kinds[kind].command);
    if (check->file) {
        buf_puts(a->out, "file=");
        text_escape_property(a->out, check->file, strlen(check->file));
        if (check->line > 0)
            buf_printf(a->out, ",line=%ld", check->line);
        buf_putc(a->out, ',');
    }
    buf_puts(a->out, "title=");
    text_escape_property(a->out, title, text_cut(title, strlen(title), TITLE));
    buf_puts(a->out, "::");
    text_escape_command(a->out, message, text_cut(message, strlen(message), MESSAGE));
    buf_putc(a->out, '\n');
}

static void add_line(struct buf *message, const char *label, const char *text)
{
    if (text && *text) {
        buf_printf(message, "\n%s: ", label);
        buf_append(message, text, text_cut(text, strlen(text), MESSAGE / 4));
    }
}

static void annotate_check(struct annotations *a, const struct check *check)
{
    if (check->verdict == VERDICT_FAIL || check->verdict == VERDICT_ERROR) {
        CLEANUP(buf) struct buf message = {0};
        const char *reason = check->reason && *check->reason ? check->reason : "no reason was given";
        buf_append(&message, reason, text_cut(reason, strlen(reason), MESSAGE / 4));
        add_line(&message, "cause", check->cause);
        add_line(&message, "repeat", check->repeat);
        annotate(a, check->advisory ? KIND_WARNING : KIND_ERROR, check, message.data);
    }
    for (size_t i = 0; i < check->note_count; i++)
        annotate(a, check->notes[i].level == NOTE_WARNING ? KIND_WARNING : KIND_NOTICE, check, check->notes[i].text);
}

void report_github(struct buf *out, const struct result *result)
{
    CLEANUP(order) struct order order = {0};
    order_make(&order, result);
    struct annotations a = {.out = out};
    for (size_t i = 0; i < order.count; i++)
        annotate_check(&a, order.checks[i]);
    for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
        if (a.counts[kind] > MOST)
            buf_printf(out, "::%s title=repro::%zu %s: the step summary has them all\n", kinds[kind].command,
                       a.counts[kind] - MOST, kinds[kind].more);
    }
}

void report_github_log(struct buf *out, const char *title, const char *text, const char *token)
{
    buf_puts(out, "::group::");
    text_escape_command(out, title, strlen(title));
    buf_printf(out, "\n::stop-commands::%s\n", token);
    // Nobody can know the token before it is drawn; should it be in the text all the same, it must not work. A runner
    // compares without regard to case.
    for (const char *found; *token && (found = strcasestr(text, token)); text = found + 1) {
        buf_append(out, text, (size_t)(found + 1 - text));
        buf_putc(out, ' ');
    }
    buf_puts(out, text);
    if (out->len > 0 && out->data[out->len - 1] != '\n')
        buf_putc(out, '\n');
    buf_printf(out, "::%s::\n::endgroup::\n", token);
}

// NAME=VALUE, or the form with a delimiter where the value has lines. The delimiter is drawn until it is not in the
// value, which takes one draw.
static void put_output(struct buf *out, const char *name, const char *value)
{
    if (!strpbrk(value, "\r\n")) {
        buf_printf(out, "%s=%s\n", name, value);
        return;
    }
    char delimiter[33];
    do {
        rng_token(delimiter, sizeof delimiter);
    } while (strstr(value, delimiter));
    buf_printf(out, "%s<<%s\n%s\n%s\n", name, delimiter, value, delimiter);
}

static void put_count(struct buf *out, const char *name, size_t count)
{
    buf_printf(out, "%s=%zu\n", name, count);
}

static void put_outputs(struct buf *out, const struct result *result)
{
    CLEANUP(order) struct order order = {0};
    CLEANUP(buf) struct buf failures = {0};
    order_make(&order, result);
    size_t verdicts[4] = {0}, gating = 0;
    for (size_t i = 0; i < order.count; i++) {
        const struct check *check = order.checks[i];
        bool failed = (check->verdict == VERDICT_FAIL && !check->advisory) || check->verdict == VERDICT_ERROR;
        verdicts[check->verdict]++;
        gating += failed;
        // The first hundred: an output as a whole may have at most 1 MiB.
        if (!failed || verdicts[VERDICT_FAIL] + verdicts[VERDICT_ERROR] > 100)
            continue;
        CLEANUP(free) char *label = order_check_label(check);
        buf_puts(&failures, failures.len ? "\n" : "");
        buf_visible(&failures, label, text_cut(label, strlen(label), TITLE), "");
    }
    put_output(out, "verdict", verdicts[VERDICT_ERROR] ? "error" : gating ? "fail" : "pass");
    put_count(out, "checks", result->check_count);
    put_count(out, "passed", verdicts[VERDICT_PASS]);
    put_count(out, "failed", verdicts[VERDICT_FAIL]);
    put_count(out, "skipped", verdicts[VERDICT_SKIP]);
    put_count(out, "errors", verdicts[VERDICT_ERROR]);
    put_output(out, "failures", buf_text(&failures));
}

static int append_file(const char *path, const struct buf *text, struct error *err)
{
    CLEANUP(fd) int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return error_errno(err, "cannot open '%s'", path);
    for (size_t done = 0; done < text->len;) {
        ssize_t wrote = write(fd, text->data + done, text->len - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return error_errno(err, "cannot write '%s'", path);
        done += (size_t)wrote;
    }
    int closed = close(steal_fd(&fd));
    return closed < 0 ? error_errno(err, "cannot write '%s'", path) : 0;
}

int report_github_files(const struct result *result, const char *summary_path, const char *output_path,
                        struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    if (summary_path) {
        // Earlier commands of the same step may have written to it: the limit holds for the file.
        struct stat st;
        size_t before = stat(summary_path, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size : 0;
        if (before < GITHUB_SUMMARY_LIMIT)
            github_summary_write(&text, result, GITHUB_SUMMARY_LIMIT - before);
        if (append_file(summary_path, &text, err) < 0)
            return -1;
        buf_clear(&text);
    }
    if (output_path) {
        put_outputs(&text, result);
        return append_file(output_path, &text, err);
    }
    return 0;
}
