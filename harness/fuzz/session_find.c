// SPDX-License-Identifier: Apache-2.0
//
// From a case that failed to an entry that a person can use: confirmed, shrunk, with what was sent and what came back.
#include "fuzz/corpus.h"
#include "fuzz/session_work.h"

#include "base/clock.h"
#include "fuzz/shrink.h"

#include <string.h>

enum {
    CONFIRMATIONS = 2,
    SHOWN = 2000,             // bytes of what was sent and of what came back
    MOST_COMMAND = 16 << 10,  // bytes of a question that is told as a command
    MOST_CRASHES_SHRUNK = 12, // each costs a process, which may take seconds to start
    MOST_HANGS_SHRUNK = 2,    // each costs the whole time that a question is given
    // The first failures of an oracle are shrunk as far as it goes, the next ones a little.
    SHRUNK_WELL = 12,
    SHRUNK = 48,
    CALLS_WELL = 150,
    CALLS = 16,
};

static const char *column_of(const struct fuzz_case *c)
{
    return c->column < c->schema->count ? c->schema->columns[c->column].name : NULL;
}

struct finding *session_finding(struct session *s, const struct oracle *oracle, const struct mutation *mutation,
                                const char *column)
{
    for (size_t i = 0; i < s->out->finding_count; i++) {
        struct finding *f = &s->out->findings[i];
        if (f->oracle == oracle && f->mutation == mutation && str_equal(f->column, column))
            return f;
    }
    return NULL;
}

// ---- What a person sees

static char *visible(const char *bytes, size_t len)
{
    CLEANUP(buf) struct buf out = {0};
    while (len > 0 && bytes[len - 1] == '\n')
        len--;
    size_t shown = len;
    if (shown > SHOWN) // not in the middle of a character
        for (shown = SHOWN; shown > SHOWN - 4 && ((unsigned char)bytes[shown] & 0xc0) == 0x80;)
            shown--;
    buf_visible(&out, bytes, shown, "\n");
    if (shown < len)
        buf_printf(&out, "… (%zu bytes)", len);
    return buf_take(&out);
}

static char *sent_text(const struct session *s, const struct question *question)
{
    CLEANUP(buf) struct buf body = {0};
    if (question->raw)
        buf_append(&body, question->raw, question->raw_len);
    else if (s->ability->encode)
        s->ability->encode(&body, s->ability->context, question);
    else if (s->ability->json)
        for (size_t i = 0; i < question->rows.row_count; i++) {
            buf_puts(&body, i ? "\n" : "");
            row_write_json(&body, &question->rows, i);
        }
    else {
        row_write_csv_header(&body, &question->rows);
        for (size_t i = 0; i < question->rows.row_count; i++)
            row_write_csv(&body, &question->rows, i);
    }
    return visible(buf_text(&body), body.len);
}

struct finding *finding_add(struct session *s, const struct oracle *oracle, const struct fuzz_case *c,
                            const struct reply *reply, const char *why)
{
    struct fuzz_outcome *out = s->out;
    struct question question, clean;
    case_question(&question, c);
    case_clean_question(&clean, c);
    out->findings = mem_grow(out->findings, out->finding_count, &out->finding_capacity, sizeof *out->findings);
    struct finding *f = &out->findings[out->finding_count++];
    *f = (struct finding){.oracle = oracle,
                          .mutation = c->mutation,
                          .inner = c->inner,
                          .column = str_dup(column_of(c)),
                          .why = str_dup(why),
                          .hits = 1,
                          .sent = sent_text(s, &question),
                          .clean = c->mutation ? sent_text(s, &clean) : NULL,
                          .came_back = reply->text ? visible(reply->text, strlen(reply->text)) : str_dup(""),
                          .stderr_tail = str_dup(reply->stderr_tail),
                          .command = case_weight(c) <= MOST_COMMAND ? client_repeat(s->client, &question) : NULL,
                          .cells = case_cells_changed(c),
                          .kept = corpus_case_of(c)};
    f->choice_count = c->choices.count;
    f->choices = mem_array(f->choice_count + 1, sizeof *f->choices);
    for (size_t i = 0; i < f->choice_count; i++)
        f->choices[i] = c->choices.items[i].value;
    return f;
}

// ---- From a failure to an entry

// The time that was given is over: what was found is told as it is.
static void watch_time(struct session *s)
{
    if (s->options->seconds > 0 && clock_seconds() - s->began >= s->options->seconds)
        s->stop = true;
}

// How many failing questions a shrinking may cost, when each costs a process or the whole time of a question.
static size_t most_failures(const struct oracle *oracle)
{
    return oracle->number == ORACLE_HANG    ? MOST_HANGS_SHRUNK
           : oracle->number == ORACLE_CRASH ? MOST_CRASHES_SHRUNK
                                            : SIZE_MAX;
}

static bool still_fails(void *context, const struct fuzz_case *c)
{
    struct probe *probe = context;
    struct session *s = probe->s;
    watch_time(s);
    if (s->stop || probe->hangs >= most_failures(probe->oracle))
        return false;
    bool fails = probe_case(probe, c);
    probe->hangs += fails;
    return fails;
}

static size_t count_of(const struct session *s, const struct oracle *oracle)
{
    size_t count = 0;
    for (size_t i = 0; i < s->out->finding_count; i++)
        count += s->out->findings[i].oracle == oracle;
    return count;
}

static void shrink_failure(struct probe *probe, struct fuzz_case *c, const struct case_space *space)
{
    size_t before = count_of(probe->s, probe->oracle);
    if (probe->oracle->timing || c->choices.count == 0 || before >= SHRUNK)
        return;
    probe->hangs = 0;
    case_shrink(c, space, still_fails, probe, before < SHRUNK_WELL ? CALLS_WELL : CALLS);
}

// How often of so many times it fails again.
static size_t confirm(struct probe *probe, const struct fuzz_case *c)
{
    size_t times = probe->oracle->number == ORACLE_HANG || probe->oracle->timing ? 1 : CONFIRMATIONS, failed = 0;
    for (size_t i = 0; i < times && !probe->s->stop; i++)
        failed += probe_case(probe, c);
    return failed == times ? CONFIRMATIONS : failed;
}

static void remake(struct fuzz_case *work, const struct fuzz_case *c, const struct case_space *space)
{
    CLEANUP(free) uint64_t *values = mem_array(c->choices.count, sizeof *values);
    for (size_t i = 0; i < c->choices.count; i++)
        values[i] = c->choices.items[i].value;
    choices_replay(&work->choices, values, c->choices.count);
    case_make(work, space, &work->choices);
}

// What was compared must be what it claims to be; a crash is one in any case.
static bool needs_claim(const struct oracle *oracle)
{
    return oracle->number >= ORACLE_REPEAT && oracle->number != ORACLE_LEAK && oracle->number != ORACLE_GROWTH;
}

static void tell(struct session *s, const struct fuzz_case *c, const struct reply *reply, const struct oracle *oracle,
                 const char *why)
{
    size_t before = s->out->questions;
    const struct case_space *space = c->mutation ? &s->space : &s->clean_space;
    CLEANUP(fuzz_case) struct fuzz_case work = {0};
    CLEANUP(probe) struct probe probe = {.s = s, .oracle = oracle};
    const struct fuzz_case *asked = c;
    if (c->choices.count > 0) {
        remake(&work, c, space);
        asked = &work;
    }
    // What hung when it was shrunk needs no further time to be confirmed.
    bool hang = oracle->number == ORACLE_HANG && asked == &work;
    if (hang && !s->stop)
        shrink_failure(&probe, &work, space);
    size_t confirmed = s->stop || probe.hangs ? CONFIRMATIONS : confirm(&probe, asked);
    if (confirmed == 0 && (s->explained || s->failed))
        return;
    bool flaky = confirmed < CONFIRMATIONS && !s->stop;
    if (!flaky && !hang && asked == &work && !s->stop)
        shrink_failure(&probe, &work, space);
    if (needs_claim(oracle) && asked == &work && !case_holds(&work))
        return;
    bool again = !flaky && probe.why;
    struct finding *f = finding_add(s, oracle, asked, again ? &probe.reply : reply, again ? probe.why : why);
    f->flaky = flaky;
    f->calls = s->out->questions - before;
}

void session_fail(struct session *s, const struct fuzz_case *c, const struct reply *reply, const struct oracle *oracle,
                  const char *why)
{
    if (s->only && s->only != oracle)
        return;
    watch_time(s);
    struct finding *known = session_finding(s, oracle, c->mutation, column_of(c));
    if (known) {
        known->hits++;
    } else if (s->out->finding_count < MOST_FINDINGS) {
        tell(s, c, reply, oracle, why);
    } else if (!s->stop) {
        s->stop = true;
        s->out->stopped = str_printf("%d different failures are enough", MOST_FINDINGS);
    }
}
