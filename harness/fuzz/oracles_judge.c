// SPDX-License-Identifier: Apache-2.0
//
// The oracles that one question and its reply can break by themselves.
#include "base/str.h"
#include "fuzz/leak.h"
#include "fuzz/learnt.h"
#include "fuzz/mess.h"

#include <math.h>
#include <string.h>

// ---- What was asked, and what the rows were answered with

static bool was_answered(const struct reply *reply)
{
    return reply->kind == REPLY_ANSWERED || (reply->kind == REPLY_REJECTED && reply->count > 0);
}

// Each row has an answer, be it a rejection.
static bool each_answered(const struct exchange *x)
{
    return was_answered(x->reply) && !x->c->is_raw && x->reply->count == x->c->row_count;
}

static size_t source_of(const struct fuzz_case *c, size_t row)
{
    return c->sources ? c->sources[row] : row;
}

// Which rows the mess is in, as [first, end) of the answers.
static void messy_rows(size_t *first, size_t *end, const struct fuzz_case *c, const struct reply *reply)
{
    bool one = !c->is_raw && c->poisoned < c->row_count && c->row_count > 1 && reply->count == c->row_count;
    *first = one ? c->poisoned : 0;
    *end = one ? c->poisoned + 1 : reply->count;
}

static const struct answer *first_rejected(const struct fuzz_case *c, const struct reply *reply)
{
    size_t first, end;
    messy_rows(&first, &end, c, reply);
    for (size_t i = first; i < end; i++)
        if (reply->answers[i].kind == ANSWER_REJECTED)
            return &reply->answers[i];
    return NULL;
}

static const struct answer *first_accepted(const struct fuzz_case *c, const struct reply *reply)
{
    size_t first, end;
    messy_rows(&first, &end, c, reply);
    for (size_t i = first; reply->kind == REPLY_ANSWERED && i < end; i++)
        if (reply->answers[i].kind != ANSWER_REJECTED)
            return &reply->answers[i];
    return NULL;
}

bool oracles_rejected(const struct fuzz_case *c, const struct reply *reply)
{
    return reply->kind == REPLY_REJECTED || (reply->kind == REPLY_ANSWERED && first_rejected(c, reply));
}

enum expectation oracles_expect(const struct fuzz_rules *rules, const struct fuzz_case *c)
{
    if (!c->mutation || rules->expect_count == 0)
        return EXPECT_EITHER;
    const char *column = c->column < c->schema->count ? c->schema->columns[c->column].name : NULL;
    enum expectation expect = rules_expect(rules, c->mutation->name, column);
    if (expect == EXPECT_EITHER && c->inner)
        expect = rules_expect(rules, c->inner->name, column);
    return expect;
}

static bool clean_rejected(const struct exchange *x)
{
    for (size_t i = 0; x->clean && i < x->c->clean.row_count; i++)
        if (x->clean[i].kind == ANSWER_REJECTED)
            return true;
    return false;
}

static bool say(char **why, const char *format, ...) PRINTF_LIKE(2, 3);
static bool say(char **why, const char *format, ...)
{
    CLEANUP(buf) struct buf line = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&line, format, args);
    va_end(args);
    *why = str_visible(buf_text(&line), line.len);
    return true;
}

static const char *reason_of(const struct reply *reply)
{
    return reply->why ? reply->why : reply->text ? reply->text : "nothing";
}

// ---- 1, 2, 4, 5, 6

static bool judge_crash(char **why, const struct exchange *x)
{
    return x->reply->kind == REPLY_CRASHED && say(why, "%s", reason_of(x->reply));
}

static bool judge_hang(char **why, const struct exchange *x)
{
    return x->reply->kind == REPLY_HUNG && say(why, "%s", reason_of(x->reply));
}

static bool must_be_accepted(const struct exchange *x, enum expectation expect)
{
    if (expect == EXPECT_ACCEPT)
        return true;
    // Of a row that is refused even when it is clean, that is said already.
    return expect == EXPECT_EITHER && (x->c->meaning == MEANING_VALID || !x->c->mutation) && !clean_rejected(x);
}

static bool judge_status(char **why, const struct exchange *x)
{
    const struct reply *reply = x->reply;
    if (reply->kind == REPLY_FAILED)
        return say(why, "%s", reason_of(reply));
    enum expectation expect = oracles_expect(x->rules, x->c);
    if (must_be_accepted(x, expect) && oracles_rejected(x->c, reply)) {
        const struct answer *answer = reply->kind == REPLY_ANSWERED ? first_rejected(x->c, reply) : NULL;
        CLEANUP(free) char *text = answer ? answer_text(answer) : NULL;
        const char *what = !x->c->mutation           ? "a clean row was refused"
                           : expect == EXPECT_ACCEPT ? "refused, where the suite expects an answer"
                                                     : "a valid row was refused";
        return say(why, "%s: %s", what, text ? text : reason_of(reply));
    }
    bool refuse = expect == EXPECT_REJECT || (expect == EXPECT_EITHER && x->c->meaning == MEANING_INVALID);
    const struct answer *answer = refuse ? first_accepted(x->c, reply) : NULL;
    if (!answer)
        return false;
    CLEANUP(free) char *text = answer_text(answer);
    return say(why, "answered %s, where %s", text,
               expect == EXPECT_REJECT ? "the suite expects a rejection" : "what was sent is no question");
}

// The first answer that is bad by itself, and which oracle says so.
static enum oracle_number judge_answers(char **why, const struct exchange *x)
{
    for (size_t i = 0; was_answered(x->reply) && i < x->reply->count; i++) {
        const struct answer *answer = &x->reply->answers[i];
        enum oracle_number number =
            answer->kind == ANSWER_REJECTED ? 0 : learnt_judge(why, x->learnt, x->schema, answer);
        if (number)
            return number;
    }
    return 0;
}

static bool judge_unreadable(char **why, const struct exchange *x)
{
    return (x->reply->kind == REPLY_UNREADABLE || x->reply->kind == REPLY_TOO_LARGE) &&
           say(why, "%s", reason_of(x->reply));
}

// The answers of the clean rows, all of them, but for other rows.
static bool is_moved(const struct exchange *x)
{
    size_t moved = 0;
    for (size_t i = 0; i < x->reply->count; i++) {
        bool found = false;
        for (size_t j = 0; j < x->reply->count && !found; j++)
            found = answers_agree(&x->clean[source_of(x->c, j)], &x->reply->answers[i], 0, AGREE_EXACT_REL);
        if (!found)
            return false;
        moved += !answers_agree(&x->clean[source_of(x->c, i)], &x->reply->answers[i], 0, AGREE_EXACT_REL);
    }
    return moved > 0;
}

// Each clean answer occurs once, so that moving them can be told from giving the wrong one.
static bool are_different(const struct exchange *x)
{
    for (size_t i = 0; i < x->reply->count; i++)
        for (size_t j = 0; j < i; j++)
            if (source_of(x->c, i) != source_of(x->c, j) &&
                answers_agree(&x->clean[source_of(x->c, i)], &x->clean[source_of(x->c, j)], 0, AGREE_EXACT_REL))
                return false;
    return true;
}

static bool judge_count(char **why, const struct exchange *x)
{
    enum { MOST_COMPARED = 16 };
    const struct fuzz_case *c = x->c;
    size_t expected = c->is_raw ? c->clean.row_count : c->row_count;
    if (x->reply->kind != REPLY_ANSWERED || (c->is_raw && c->meaning != MEANING_SAME))
        return false;
    if (x->reply->count != expected)
        return say(why, "%zu answers to %zu rows", x->reply->count, expected);
    bool clean_rows = !c->mutation || (c->mutation->family == FAMILY_ROWS && c->meaning == MEANING_SAME);
    return !c->is_raw && clean_rows && x->clean && expected > 1 && expected <= MOST_COMPARED && is_moved(x) &&
           are_different(x) && say(why, "the answers are those of the rows, but in another order");
}

// ---- 11, 12, 13, 16: against the clean answers

struct slack {
    double abs, rel;
};

static struct slack slack_of(double abs, double rel)
{
    return abs > 0 || rel > 0 ? (struct slack){abs, rel} : (struct slack){AGREE_BATCH_ABS, AGREE_BATCH_REL};
}

static struct slack exact_slack(const struct exchange *x)
{
    return x->loose ? slack_of(x->rules->batch_abs, x->rules->batch_rel) : (struct slack){0, AGREE_EXACT_REL};
}

static bool differs(char **why, const struct exchange *x, size_t row, struct slack slack)
{
    const struct answer *clean = &x->clean[source_of(x->c, row)], *now = &x->reply->answers[row];
    if (answers_agree(clean, now, slack.abs, slack.rel))
        return false;
    CLEANUP(free) char *a = answer_text(clean), *b = answer_text(now);
    if (x->reply->count == 1)
        return say(why, "answered %s instead of %s", b, a);
    return say(why, "row %zu was answered %s instead of %s", row + 1, b, a);
}

static bool judge_neighbours(char **why, const struct exchange *x)
{
    const struct fuzz_case *c = x->c;
    if (!x->clean || !each_answered(x) || c->row_count < 2 || c->poisoned >= c->row_count)
        return false;
    for (size_t i = 0; i < c->row_count; i++)
        if (i != c->poisoned && differs(why, x, i, slack_of(x->rules->batch_abs, x->rules->batch_rel)))
            return true;
    return false;
}

static bool is_shuffled(const struct fuzz_case *c)
{
    for (size_t i = 0; c->sources && i < c->row_count; i++)
        if (c->sources[i] != i)
            return c->row_count == c->clean.row_count;
    return false;
}

static bool judge_rows(char **why, const struct exchange *x, bool shuffled, struct slack slack)
{
    const struct fuzz_case *c = x->c;
    bool rows = c->mutation ? c->mutation->family == FAMILY_ROWS && c->meaning == MEANING_SAME : c->row_count > 1;
    if (!rows || !x->clean || is_shuffled(c) != shuffled)
        return false;
    // So many at once may be too many for it, if it says so.
    if (x->reply->kind == REPLY_REJECTED && x->reply->count == 0)
        return c->row_count <= 2 * c->clean.row_count && c->row_count < 100 && !clean_rejected(x) &&
               say(why, "%zu rows were refused together: %s", c->row_count, reason_of(x->reply));
    for (size_t i = 0; each_answered(x) && i < c->row_count; i++)
        if (differs(why, x, i, slack))
            return true;
    return false;
}

static bool judge_order(char **why, const struct exchange *x)
{
    return judge_rows(why, x, true, slack_of(x->rules->order_abs, x->rules->order_rel));
}

static bool judge_batch(char **why, const struct exchange *x)
{
    return judge_rows(why, x, false, slack_of(x->rules->batch_abs, x->rules->batch_rel));
}

static bool judge_encodings(char **why, const struct exchange *x)
{
    const struct fuzz_case *c = x->c;
    if (!c->mutation || c->meaning != MEANING_SAME || c->mutation->family == FAMILY_ROWS || !x->clean)
        return false;
    enum expectation expect = oracles_expect(x->rules, c);
    if (expect == EXPECT_REJECT || ((expect == EXPECT_FALLBACK || clean_rejected(x)) && oracles_rejected(c, x->reply)))
        return false;
    if (x->reply->kind == REPLY_REJECTED && x->reply->count == 0)
        return say(why, "refused, and the row that means the same is not: %s", reason_of(x->reply));
    size_t rows = c->is_raw ? c->clean.row_count : c->row_count;
    for (size_t i = 0; was_answered(x->reply) && i < x->reply->count && i < rows; i++)
        if (differs(why, x, i, exact_slack(x)))
            return true;
    return false;
}

// ---- 17, 18: one cell has another value

static bool one_cell(const struct exchange *x)
{
    const struct fuzz_case *c = x->c;
    return c->mutation && c->column < c->schema->count && x->clean && c->row_count == 1 && each_answered(x) &&
           x->reply->answers[0].kind != ANSWER_REJECTED && x->clean[0].kind != ANSWER_REJECTED && mess_only_cell(c);
}

static bool judge_invariance(char **why, const struct exchange *x)
{
    return x->c->column < x->c->schema->count && x->c->schema->columns[x->c->column].invariant && one_cell(x) &&
           differs(why, x, 0, exact_slack(x));
}

static bool cell_value(double *out, const struct cell *cell)
{
    if (cell->kind == CELL_RAW)
        return str_read_double(out, cell->text, cell->len) == 0 && isfinite(*out);
    *out = mess_is_number(cell) ? mess_number(cell) : NAN;
    return isfinite(*out);
}

static bool judge_monotone(char **why, const struct exchange *x)
{
    const struct fuzz_case *c = x->c;
    if (c->column >= c->schema->count || c->schema->columns[c->column].monotone == 0 || !one_cell(x))
        return false;
    const struct answer *before = &x->clean[0], *after = &x->reply->answers[0];
    double from, to;
    bool numbers = (before->kind == ANSWER_NUMBER || before->kind == ANSWER_BOOL) && after->kind == before->kind;
    if (!numbers || !cell_value(&from, mess_clean(c)) || !cell_value(&to, &c->cells[c->column]) || from == to)
        return false;
    double moved = (after->number - before->number) * c->schema->columns[c->column].monotone * (to > from ? 1 : -1);
    struct slack slack = exact_slack(x);
    if (!(moved < -(slack.abs + slack.rel * fabs(before->number))))
        return false;
    CLEANUP(free) char *a = answer_text(before), *b = answer_text(after);
    char was[32], is[32];
    str_double(was, from);
    str_double(is, to);
    return say(why, "answered %s instead of %s when %s went from %s to %s", b, a, c->schema->columns[c->column].name,
               was, is);
}

// ---- 20

static bool judge_leak(char **why, const struct exchange *x)
{
    enum { KEPT = 64 << 10, SHOWN = 80 };
    const struct reply *reply = x->reply;
    size_t len = reply->len < KEPT ? reply->len : KEPT;
    if (!reply->text || !leak_is_possible(reply->text, len))
        return false;
    struct leak leak;
    if (!leak_find(&leak, reply->text, len, NULL, 0))
        return false;
    // It may be what was sent: told apart only now, for that takes time.
    CLEANUP(buf) struct buf sent = {0};
    struct question question;
    case_question(&question, x->c);
    if (question.raw)
        buf_append(&sent, question.raw, question.raw_len);
    for (size_t i = 0; !question.raw && i < question.rows.row_count; i++)
        row_write_json(&sent, &question.rows, i);
    if (!leak_find(&leak, reply->text, len, buf_text(&sent), sent.len))
        return false;
    size_t shown = leak.len < SHOWN ? leak.len : SHOWN;
    return say(why, "the answer has %s in it: %.*s", leak.what, (int)shown, reply->text + leak.at);
}

// ---- All of them

static const struct {
    enum oracle_number number;
    bool (*judge)(char **why, const struct exchange *x);
} judges[] = {
    {ORACLE_CRASH, judge_crash},           {ORACLE_HANG, judge_hang},         {ORACLE_STATUS, judge_status},
    {ORACLE_UNREADABLE, judge_unreadable}, {ORACLE_COUNT, judge_count},       {ORACLE_NEIGHBOURS, judge_neighbours},
    {ORACLE_ORDER, judge_order},           {ORACLE_BATCH, judge_batch},       {ORACLE_ENCODINGS, judge_encodings},
    {ORACLE_INVARIANCE, judge_invariance}, {ORACLE_MONOTONE, judge_monotone}, {ORACLE_LEAK, judge_leak},
};

// No answer is owed, and any that makes sense will do.
static bool owes_nothing(const struct exchange *x)
{
    return x->rules->lenient && x->c->meaning == MEANING_INVALID && oracles_expect(x->rules, x->c) == EXPECT_EITHER;
}

static bool is_wanted(const struct exchange *x, enum oracle_number number)
{
    bool of_what_is_owed = number == ORACLE_STATUS || number == ORACLE_UNREADABLE || number == ORACLE_COUNT;
    if (of_what_is_owed && owes_nothing(x))
        return false;
    return !x->only || x->only->number == number;
}

const struct oracle *oracles_judge(char **why, const struct exchange *exchange)
{
    bool answers_judged = false;
    *why = NULL;
    for (size_t i = 0; i < ARRAY_LEN(judges); i++) {
        // What answers are worth by themselves (5, 7, 8) comes before what they are worth beside others.
        if (!answers_judged && judges[i].number > ORACLE_COUNT) {
            enum oracle_number number = judge_answers(why, exchange);
            if (number && is_wanted(exchange, number))
                return oracle_at(number);
            free(steal(why));
            answers_judged = true;
        }
        if (is_wanted(exchange, judges[i].number) && judges[i].judge(why, exchange))
            return oracle_at(judges[i].number);
    }
    return NULL;
}
