// SPDX-License-Identifier: Apache-2.0
//
// Clean rows and their answers. Each row of the sample is asked once, alone, when a case needs it; where every question
// costs a process, all of them together before anything else.
#include "fuzz/session_work.h"

#include <string.h>

enum {
    FIRST_ROWS = 24,  // that are asked to learn what answers look like
    FEW_ROWS = 4,     // where each costs a process, and together they cannot be answered
    MOST_TEXT = 4096, // bytes, numbers: of one answer that is kept
    MOST_NUMBERS = 4096,
};

int session_ask(struct session *s, const struct question *questions, struct reply *replies, size_t count)
{
    memset(replies, 0, count * sizeof *replies);
    if (s->failed || client_ask(s->client, questions, replies, count, s->err) < 0)
        s->failed = s->stop = true;
    for (size_t i = 0; s->failed && i < count; i++)
        replies[i].kind = replies[i].kind == REPLY_ANSWERED && replies[i].count == 0 ? REPLY_NONE : replies[i].kind;
    s->out->questions += count;
    for (size_t i = 0; i < count; i++)
        s->hangs += replies[i].kind == REPLY_HUNG;
    if (s->hangs >= MOST_HANGS && !s->stop) {
        s->stop = true;
        s->out->stopped = str_printf("%zu questions were not answered in time, so it was not asked further", s->hangs);
    }
    return s->failed ? -1 : 0;
}

int session_restart(struct session *s)
{
    s->tainted = false;
    if (!s->failed && client_restart(s->client, s->err) < 0)
        s->failed = s->stop = true;
    return s->failed ? -1 : 0;
}

void session_row(struct question *out, const struct session *s, size_t row)
{
    const struct rows *all = &s->sample.rows;
    *out = (struct question){.rows = {.columns = all->columns,
                                      .column_count = all->column_count,
                                      .cells = all->cells + row * all->column_count,
                                      .row_count = 1}};
}

void answer_keep(struct answer *out, const struct answer *answer, struct arena *arena)
{
    *out = *answer;
    out->text = NULL;
    out->numbers = NULL;
    if (answer->text) {
        out->len = answer->len < MOST_TEXT ? answer->len : MOST_TEXT;
        out->text = arena_bytes(arena, answer->text, out->len);
    }
    if (answer->number_count) {
        size_t count = answer->number_count < MOST_NUMBERS ? answer->number_count : MOST_NUMBERS;
        double *numbers = arena_room(arena, count * sizeof *numbers);
        memcpy(numbers, answer->numbers, count * sizeof *numbers);
        out->numbers = numbers;
        out->number_count = count;
    }
}

static bool can_be_kept(const struct answer *answer)
{
    return answer->kind != ANSWER_OTHER && answer->len <= MOST_TEXT && answer->number_count <= MOST_NUMBERS;
}

// A row that is refused, clearly, has that for an answer.
static void keep_clean(struct session *s, size_t row, const struct reply *reply, const struct answer *answer)
{
    struct answer refused = {.kind = ANSWER_REJECTED, .text = reply->why, .len = reply->why ? strlen(reply->why) : 0};
    if (!answer && reply->kind == REPLY_REJECTED)
        answer = &refused;
    s->clean_states[row] = answer && can_be_kept(answer) ? CLEAN_GOOD : CLEAN_BAD;
    if (s->clean_states[row] == CLEAN_BAD)
        return;
    answer_keep(&s->clean[row], answer, &s->answers);
    if (answer->kind != ANSWER_REJECTED)
        learnt_add(&s->learnt, &s->clean[row]);
}

struct fuzz_case *session_clean_case(struct session *s, size_t row)
{
    const uint64_t values[] = {0, row};
    choices_replay(&s->clean_case.choices, values, ARRAY_LEN(values));
    case_make(&s->clean_case, &s->clean_space, &s->clean_case.choices);
    return &s->clean_case;
}

static void judge_clean(struct session *s, size_t row, const struct reply *reply)
{
    CLEANUP(free) char *why = NULL;
    struct fuzz_case *c = session_clean_case(s, row);
    struct exchange x = {.c = c,
                         .reply = reply,
                         .rules = s->options->rules,
                         .schema = s->options->schema,
                         .learnt = &s->learnt,
                         .only = s->only};
    const struct oracle *oracle = oracles_judge(&why, &x);
    session_tally_case(s, c);
    if (oracle)
        session_fail(s, c, reply, oracle, why);
}

// Asks the rows that are wanted, each alone.
static void ask_wanted(struct session *s)
{
    enum { AT_ONCE = SAMPLE_ROWS_USED };
    struct question questions[AT_ONCE];
    struct reply replies[AT_ONCE];
    size_t rows[AT_ONCE], asked = 0;
    for (size_t row = 0; row < s->sample.rows.row_count; row++)
        if (s->clean_states[row] == CLEAN_WANTED) {
            s->clean_states[row] = CLEAN_UNKNOWN;
            rows[asked] = row;
            session_row(&questions[asked++], s, row);
        }
    if (asked == 0 || session_ask(s, questions, replies, asked) < 0) {
        for (size_t i = 0; i < asked; i++)
            reply_free(&replies[i]);
        return;
    }
    for (size_t i = 0; i < asked; i++) {
        bool one = (replies[i].kind == REPLY_ANSWERED || replies[i].kind == REPLY_REJECTED) && replies[i].count == 1;
        keep_clean(s, rows[i], &replies[i], one ? &replies[i].answers[0] : NULL);
    }
    learnt_settle(&s->learnt, s->options->schema);
    for (size_t i = 0; i < asked; i++) {
        if (!s->stop)
            judge_clean(s, rows[i], &replies[i]);
        reply_free(&replies[i]);
    }
}

static bool want(struct session *s, size_t first, size_t count)
{
    bool any = false;
    for (size_t row = first; row < first + count; row++)
        if (s->clean_states[row] == CLEAN_UNKNOWN) {
            s->clean_states[row] = CLEAN_WANTED;
            any = true;
        }
    return any;
}

const struct answer *session_clean(struct session *s, size_t first, size_t count)
{
    if (want(s, first, count))
        ask_wanted(s);
    for (size_t row = first; row < first + count; row++)
        if (s->clean_states[row] != CLEAN_GOOD)
            return NULL;
    return &s->clean[first];
}

bool session_first_row(size_t *row, const struct session *s, const struct fuzz_case *c)
{
    const struct rows *all = &s->sample.rows;
    size_t cells = all->row_count * all->column_count;
    if (cells == 0 || c->clean.cells < all->cells || c->clean.cells >= all->cells + cells)
        return false;
    *row = (size_t)(c->clean.cells - all->cells) / all->column_count;
    return *row + c->clean.row_count <= all->row_count;
}

const struct answer *session_clean_of(struct session *s, const struct fuzz_case *c)
{
    size_t row;
    if (!s->steady || !session_first_row(&row, s, c))
        return NULL;
    return session_clean(s, row, c->clean.row_count);
}

void session_clean_slots(struct session *s, const struct slot *slots, size_t count)
{
    bool any = false;
    size_t row;
    for (size_t i = 0; i < count && s->steady; i++)
        if (session_first_row(&row, s, &slots[i].c))
            any |= want(s, row, slots[i].c.clean.row_count);
    if (any)
        ask_wanted(s);
}

// All rows in one question. False when they cannot be answered so.
static bool ask_together(struct session *s)
{
    struct question question = {.rows = s->sample.rows};
    struct reply reply;
    size_t count = s->sample.rows.row_count;
    bool good = session_ask(s, &question, &reply, 1) == 0 && reply.kind == REPLY_ANSWERED && reply.count == count;
    for (size_t row = 0; good && row < count; row++)
        keep_clean(s, row, &reply, &reply.answers[row]);
    learnt_settle(&s->learnt, s->options->schema);
    for (size_t row = 0; good && row < count; row++) {
        struct reply one = reply;
        one.answers = &reply.answers[row];
        one.count = 1;
        judge_clean(s, row, &one);
    }
    if (good) {
        reply_free(&reply);
        return true;
    }
    // One of the rows may do it alone; else it is their being together.
    struct rows *rows = &s->sample.rows;
    struct fuzz_case all = {.column = SIZE_MAX,
                            .poisoned = SIZE_MAX,
                            .cells = (struct cell *)(uintptr_t)rows->cells, // only read
                            .columns = rows->columns,
                            .row_count = count,
                            .column_count = rows->column_count,
                            .clean = *rows,
                            .schema = s->options->schema,
                            .sample = &s->sample,
                            .ability = s->ability};
    size_t few = count < FEW_ROWS ? count : FEW_ROWS;
    bool alone = session_clean(s, 0, few) != NULL;
    CLEANUP(free) char *why = NULL;
    struct exchange x = {
        .c = &all, .reply = &reply, .rules = s->options->rules, .schema = s->options->schema, .only = s->only};
    const struct oracle *oracle = alone && !s->stop ? oracles_judge(&why, &x) : NULL;
    if (oracle)
        session_fail(s, &all, &reply, oracle, why);
    rows->row_count = few;
    reply_free(&reply);
    return false;
}

int session_begin_clean(struct session *s)
{
    size_t count = s->sample.rows.row_count;
    bool together = !s->ability->alive && s->ability->many_rows && ask_together(s);
    if (!together && (s->ability->alive || !s->ability->many_rows))
        session_clean(s, 0, count < FIRST_ROWS ? count : s->ability->alive ? FIRST_ROWS : FEW_ROWS);
    if (!s->ability->alive && !s->ability->many_rows && count > FEW_ROWS)
        s->sample.rows.row_count = FEW_ROWS;
    return s->failed ? -1 : 0;
}
