// SPDX-License-Identifier: Apache-2.0
//
// The same row, asked again: later (oracle 9), of another process (10), after a bad row (15).
#include "fuzz/session_work.h"

#include <string.h>

enum { BESIDE = 8, TIMES = 64, FEW_TIMES = 4, PROCESSES = 3, CLEAN_RECHECKS = 16 };

// ---- Comparing

static bool is_answer(const struct reply *reply)
{
    return reply->kind == REPLY_ANSWERED || reply->kind == REPLY_REJECTED;
}

static char *reply_text(const struct reply *reply)
{
    if (reply->count == 1)
        return answer_text(&reply->answers[0]);
    if (reply->kind == REPLY_REJECTED)
        return str_printf("a rejection: %s", reply->why ? reply->why : "");
    return str_count(reply->count, "answer");
}

bool replies_agree(char **why, const struct reply *a, const struct reply *b)
{
    if (!is_answer(a) || !is_answer(b))
        return true; // that is told by itself
    bool refused = a->kind == REPLY_REJECTED && b->kind == REPLY_REJECTED;
    bool agree = refused || (a->kind == b->kind && a->count == b->count);
    for (size_t i = 0; agree && !refused && i < a->count; i++) {
        agree = answers_agree(&a->answers[i], &b->answers[i], 0, AGREE_EXACT_REL);
        if (!agree && a->count > 1) {
            CLEANUP(free) char *x = answer_text(&a->answers[i]), *y = answer_text(&b->answers[i]);
            CLEANUP(free) char *line = str_printf("row %zu was answered %s, and then %s", i + 1, x, y);
            *why = str_visible(line, strlen(line));
            return false;
        }
    }
    if (agree)
        return true;
    CLEANUP(free) char *x = reply_text(a), *y = reply_text(b);
    CLEANUP(free) char *line = str_printf("answered %s, and then %s", x, y);
    *why = str_visible(line, strlen(line));
    return false;
}

static void free_replies(struct reply *replies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        reply_free(&replies[i]);
}

static bool fails_with(struct probe *probe, struct reply *reply, char *why)
{
    probe_free(probe);
    probe->reply = *reply;
    probe->why = why;
    *reply = (struct reply){0};
    return true;
}

// ---- 9: the same process

static void clean_question_at(struct question *out, const struct session *s, size_t row)
{
    session_row(out, s, row % s->sample.rows.row_count);
}

// Asks the case often, with clean rows in between where `beside`.
static bool repeat_once(struct probe *probe, const struct fuzz_case *c, size_t times, bool beside)
{
    struct session *s = probe->s;
    enum { MOST = TIMES + BESIDE * FEW_TIMES };
    struct question questions[MOST], question;
    struct reply replies[MOST];
    size_t count = 0, last = 0, own = 0;
    bool fails = false;
    case_question(&question, c);
    session_first_row(&own, s, c);
    for (size_t i = 0; i < times; i++) {
        questions[count++] = question;
        for (size_t k = 0; beside && i + 1 < times && k < BESIDE; k++)
            clean_question_at(&questions[count++], s, own + 1 + i * BESIDE + k);
    }
    probe->calls += count;
    session_ask(s, questions, replies, count);
    for (size_t i = 1; i < count && !fails; i++) {
        char *why = NULL;
        if (beside && i % (BESIDE + 1) != 0)
            continue;
        if (!s->failed && !replies_agree(&why, &replies[last], &replies[i]))
            fails = fails_with(probe, &replies[i], why);
        last = i;
    }
    free_replies(replies, count);
    return fails;
}

bool probe_repeat(struct probe *probe, const struct fuzz_case *c)
{
    size_t times = case_weight(c) > 1 << 14 ? FEW_TIMES : TIMES;
    bool beside = probe->s->sample.rows.row_count > 0 && repeat_once(probe, c, FEW_TIMES, true);
    return beside || (!probe->s->stop && repeat_once(probe, c, times, false));
}

// ---- 10: another process

bool probe_process(struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    struct question question;
    struct reply first;
    bool fails = false;
    case_question(&question, c);
    probe->calls++;
    if (session_restart(s) < 0 || session_ask(s, &question, &first, 1) < 0)
        return false;
    for (int i = 1; i < PROCESSES && !fails; i++) {
        struct reply reply;
        char *why = NULL;
        probe->calls++;
        if (session_restart(s) < 0 || session_ask(s, &question, &reply, 1) < 0)
            break;
        if (!replies_agree(&why, &first, &reply))
            fails = fails_with(probe, &reply, why);
        reply_free(&reply);
    }
    reply_free(&first);
    return fails;
}

void steady_remember(struct session *s, const struct fuzz_case *c, const struct reply *reply)
{
    bool one = reply->kind == REPLY_ANSWERED && reply->count == 1 && reply->len < 4096;
    if (s->recheck_count == MOST_RECHECKS || (!one && reply->kind != REPLY_REJECTED) || case_weight(c) > 4096)
        return;
    struct recheck *kept = &s->rechecks[s->recheck_count++];
    *kept = (struct recheck){.kind = reply->kind, .count = c->choices.count};
    kept->values = mem_array(kept->count + 1, sizeof *kept->values);
    for (size_t i = 0; i < kept->count; i++)
        kept->values[i] = c->choices.items[i].value;
    if (one)
        answer_keep(&kept->answer, &reply->answers[0], &s->answers);
}

// False when it differs.
static bool recheck_case(struct session *s, struct reply *before, const struct fuzz_case *c)
{
    struct question question;
    struct reply reply;
    CLEANUP(free) char *why = NULL;
    case_question(&question, c);
    session_ask(s, &question, &reply, 1);
    session_tally(s, ORACLE_PROCESS, c->column);
    bool agree = s->stop || replies_agree(&why, before, &reply);
    if (!agree)
        session_fail(s, c, &reply, oracle_at(ORACLE_PROCESS), why);
    reply_free(&reply);
    return agree;
}

void steady_recheck(struct session *s)
{
    CLEANUP(fuzz_case) struct fuzz_case c = {0};
    bool alive = s->ability->alive;
    if (s->stop || !s->steady || (s->only && s->only->number != ORACLE_PROCESS) || session_restart(s) < 0)
        return;
    for (size_t row = 0; row < s->sample.rows.row_count && row < (alive ? CLEAN_RECHECKS : 2) && !s->stop; row++) {
        if (s->clean_states[row] != CLEAN_GOOD)
            continue;
        bool refused = s->clean[row].kind == ANSWER_REJECTED;
        struct reply before = {
            .kind = refused ? REPLY_REJECTED : REPLY_ANSWERED, .answers = &s->clean[row], .count = 1};
        if (!recheck_case(s, &before, session_clean_case(s, row)))
            return; // and so would every other row
    }
    for (size_t i = 0; i < s->recheck_count && (alive || i < FEW_TIMES) && !s->stop; i++) {
        struct recheck *kept = &s->rechecks[i];
        struct reply before = {
            .kind = kept->kind, .answers = &kept->answer, .count = kept->kind == REPLY_ANSWERED ? 1 : 0};
        choices_replay(&c.choices, kept->values, kept->count);
        case_make(&c, &s->space, &c.choices);
        recheck_case(s, &before, &c);
    }
}

// ---- 15: after a bad row

static bool same_row(struct probe *probe, const struct reply *before, struct reply *after)
{
    CLEANUP(free) char *why = NULL;
    if (replies_agree(&why, before, after))
        return true;
    CLEANUP(free) char *a = reply_text(before), *b = reply_text(after);
    CLEANUP(free) char *line = str_printf("the clean row was answered %s before and %s after it", a, b);
    return !fails_with(probe, after, str_visible(line, strlen(line)));
}

// A fresh process, so that the clean row before is one.
bool probe_canary(struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    struct question questions[3];
    struct reply replies[3];
    if (session_restart(s) < 0)
        return false;
    case_clean_question(&questions[0], c);
    questions[0].rows.row_count = c->clean.row_count ? 1 : 0;
    case_question(&questions[1], c);
    questions[2] = questions[0];
    probe->calls += 3;
    // One after the other: where several are on their way at once, their order is not known.
    for (size_t i = 0; i < 3; i++)
        session_ask(s, &questions[i], &replies[i], 1);
    bool fails = !s->failed && !same_row(probe, &replies[0], &replies[2]);
    s->tainted = fails;
    free_replies(replies, 3);
    return fails;
}

static bool shows(struct session *s, enum oracle_number number, const struct fuzz_case *c)
{
    CLEANUP(probe) struct probe probe = {.s = s, .oracle = oracle_at(number)};
    return !s->stop && probe_case(&probe, c);
}

// Nothing can be held against an answer that is another every time.
static void no_longer_steady(struct session *s, const char *why)
{
    if (!s->steady)
        return;
    s->steady = false;
    strings_printf(&s->out->not_applicable, "comparisons with clean rows: %s", why);
}

static void row_differs(struct session *s, enum oracle_number number, size_t row, const struct reply *reply,
                        const char *why)
{
    if (!s->only || s->only->number == number)
        session_fail(s, session_clean_case(s, row), reply, oracle_at(number), why);
    no_longer_steady(s, number == ORACLE_REPEAT ? "the same row is answered in another way every time"
                                                : "every process answers in its own way");
}

void steady_begin(struct session *s)
{
    enum { AT_MOST = 24 };
    struct question questions[AT_MOST];
    struct reply replies[AT_MOST];
    size_t rows[AT_MOST], count = 0;
    if (!s->ability->alive || s->stop)
        return;
    // In the opposite order: what came before is another row then.
    for (size_t i = s->sample.rows.row_count; i-- > 0 && count < AT_MOST;)
        if (s->clean_states[i] == CLEAN_GOOD) {
            rows[count] = i;
            session_row(&questions[count++], s, i);
        }
    if (count > 0)
        session_ask(s, questions, replies, count);
    for (size_t i = 0; i < count && s->steady && !s->stop; i++) {
        CLEANUP(free) char *why = NULL;
        bool refused = s->clean[rows[i]].kind == ANSWER_REJECTED;
        const struct reply before = {
            .kind = refused ? REPLY_REJECTED : REPLY_ANSWERED, .answers = &s->clean[rows[i]], .count = 1};
        session_tally(s, ORACLE_REPEAT, SIZE_MAX);
        if (!replies_agree(&why, &before, &replies[i]))
            row_differs(s, ORACLE_REPEAT, rows[i], &replies[i], why);
    }
    free_replies(replies, count);
}

// Whether a fresh process says of the row what was said of it before.
static bool fresh_agrees(struct session *s, size_t row, struct reply *reply, char **why)
{
    struct question question;
    bool refused = s->clean[row].kind == ANSWER_REJECTED;
    const struct reply before = {
        .kind = refused ? REPLY_REJECTED : REPLY_ANSWERED, .answers = &s->clean[row], .count = 1};
    session_row(&question, s, row);
    *reply = (struct reply){0};
    if (session_restart(s) < 0 || session_ask(s, &question, reply, 1) < 0)
        return true;
    return replies_agree(why, &before, reply);
}

void steady_canary(struct session *s, const struct slot *suspects, size_t count, const struct reply *reply)
{
    const struct fuzz_case *last = &suspects[count - 1].c;
    CLEANUP(free) char *why = NULL;
    struct reply fresh = {0};
    size_t row = 0;
    if (!session_first_row(&row, s, last))
        return;
    if (!fresh_agrees(s, row, &fresh, &why)) {
        enum oracle_number number =
            shows(s, ORACLE_REPEAT, session_clean_case(s, row)) ? ORACLE_REPEAT : ORACLE_PROCESS;
        row_differs(s, number, row, &fresh, why);
        reply_free(&fresh);
        return;
    }
    reply_free(&fresh);
    static const char after[] = "a clean row was answered in another way after it";
    for (size_t i = count; i-- > 0 && !s->stop;)
        if (shows(s, ORACLE_CANARY, &suspects[i].c)) {
            session_fail(s, &suspects[i].c, reply, oracle_at(ORACLE_CANARY), after);
            return;
        }
    if (shows(s, ORACLE_REPEAT, session_clean_case(s, row)))
        row_differs(s, ORACLE_REPEAT, row, reply, "the same row was answered in several ways");
    else if (!s->stop) // as it happened once
        session_fail(s, last, reply, oracle_at(ORACLE_CANARY), after);
}

void steady_again(struct session *s, const struct fuzz_case *c, const struct reply *reply, const char *why)
{
    enum oracle_number number = ORACLE_REPEAT;
    if (!shows(s, ORACLE_REPEAT, c) && shows(s, ORACLE_PROCESS, c))
        number = ORACLE_PROCESS;
    session_fail(s, c, reply, oracle_at(number), why);
}
