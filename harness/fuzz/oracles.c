// SPDX-License-Identifier: Apache-2.0
#include "fuzz/oracles.h"

#include "base/str.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static bool applies_slow(const struct client_ability *ability, const struct fuzz_rules *rules,
                         const struct schema *schema, const char **why)
{
    (void)ability, (void)schema;
    *why = "suite.json sets no limit (fuzz.slow)";
    return rules->slow > 0;
}

static bool applies_alive(const struct client_ability *ability, const struct fuzz_rules *rules,
                          const struct schema *schema, const char **why)
{
    (void)rules, (void)schema;
    *why = "each question is answered by a process of its own";
    return ability->alive;
}

static bool applies_many(const struct client_ability *ability, const struct fuzz_rules *rules,
                         const struct schema *schema, const char **why)
{
    (void)rules, (void)schema;
    *why = "a question has one row";
    return ability->many_rows;
}

static bool applies_parity(const struct client_ability *ability, const struct fuzz_rules *rules,
                           const struct schema *schema, const char **why)
{
    (void)ability, (void)rules, (void)schema;
    *why = "the stage parity asks in every way";
    return false;
}

static bool applies_invariance(const struct client_ability *ability, const struct fuzz_rules *rules,
                               const struct schema *schema, const char **why)
{
    (void)ability, (void)rules;
    *why = "the schema declares no invariant column";
    for (size_t i = 0; i < schema->count; i++)
        if (schema->columns[i].invariant)
            return true;
    return false;
}

static bool applies_monotone(const struct client_ability *ability, const struct fuzz_rules *rules,
                             const struct schema *schema, const char **why)
{
    (void)ability, (void)rules;
    *why = "the schema declares no monotone column";
    for (size_t i = 0; i < schema->count; i++)
        if (schema->columns[i].monotone)
            return true;
    return false;
}

// In the order of their numbers.
const struct oracle oracles[] = {
    {ORACLE_CRASH, "crash", "the model crashed", false, NULL},
    {ORACLE_HANG, "hang", "the model did not answer in time", false, NULL},
    {ORACLE_SLOW, "slow", "the model was slower than the suite allows", true, applies_slow},
    {ORACLE_STATUS, "status", "it was refused or accepted, and should not have been", false, NULL},
    {ORACLE_UNREADABLE, "unreadable", "the answer cannot be read, or has another shape", false, NULL},
    {ORACLE_COUNT, "count", "there are not as many answers as rows, or in another order", false, NULL},
    {ORACLE_NAN, "nan", "the answer is no number, infinite or null", false, NULL},
    {ORACLE_RANGE, "range", "the answer is outside of what answers can be", false, NULL},
    {ORACLE_REPEAT, "repeat", "the same process answered the same row in another way", false, applies_alive},
    {ORACLE_PROCESS, "process", "another process answered the same row in another way", false, NULL},
    {ORACLE_NEIGHBOURS, "neighbours", "a bad row changed the answers of its neighbours", false, applies_many},
    {ORACLE_ORDER, "order", "the order of rows changed the answers", false, applies_many},
    {ORACLE_BATCH, "batch", "rows were answered in another way together than alone", false, applies_many},
    {ORACLE_PARITY, "parity", "the ways of asking do not agree", false, applies_parity},
    {ORACLE_CANARY, "canary", "after a bad row, a clean row was answered in another way", false, applies_alive},
    {ORACLE_ENCODINGS, "encodings", "the same row in another encoding was answered in another way", false, NULL},
    {ORACLE_INVARIANCE, "invariance", "a column that may not matter changed the answer", false, applies_invariance},
    {ORACLE_MONOTONE, "monotone", "the answer moved in the wrong direction", false, applies_monotone},
    {ORACLE_GROWTH, "growth", "memory or open files grow with every question", false, applies_alive},
    {ORACLE_LEAK, "leak", "the answer gives away a traceback or a path", false, NULL},
};
const size_t oracle_count = ARRAY_LEN(oracles);

const struct oracle *oracle_find(const char *name)
{
    for (size_t i = 0; i < oracle_count; i++)
        if (strcmp(oracles[i].name, name) == 0)
            return &oracles[i];
    return NULL;
}

const struct oracle *oracle_at(enum oracle_number number)
{
    assert(number >= ORACLE_CRASH && number < ORACLE_END && oracles[number - 1].number == number);
    return &oracles[number - 1];
}

// ---- Answers

static bool numbers_agree(double a, double b, double abs, double rel)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= abs + rel * fabs(a);
}

bool answers_agree(const struct answer *a, const struct answer *b, double abs, double rel)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case ANSWER_NULL:
    case ANSWER_REJECTED:
        return true;
    case ANSWER_BOOL:
        return a->number == b->number;
    case ANSWER_NUMBER:
        return numbers_agree(a->number, b->number, abs, rel);
    case ANSWER_TEXT:
    case ANSWER_OTHER:
        return a->len == b->len && (a->len == 0 || memcmp(a->text, b->text, a->len) == 0);
    case ANSWER_LIST:
        for (size_t i = 0; i < a->number_count && i < b->number_count; i++)
            if (!numbers_agree(a->numbers[i], b->numbers[i], abs, rel))
                return false;
        return a->number_count == b->number_count;
    }
    return false;
}

char *answer_text(const struct answer *answer)
{
    enum { SHOWN = 120, LISTED = 8 };
    CLEANUP(buf) struct buf out = {0};
    char number[32];
    switch (answer->kind) {
    case ANSWER_NULL:
        return str_dup("null");
    case ANSWER_BOOL:
        return str_dup(answer->number != 0 ? "true" : "false");
    case ANSWER_NUMBER:
        str_double(number, answer->number);
        return str_dup(number);
    case ANSWER_LIST:
        for (size_t i = 0; i < answer->number_count && i < LISTED; i++) {
            str_double(number, answer->numbers[i]);
            buf_printf(&out, "%s%s", i ? ", " : "[", number);
        }
        buf_puts(&out, answer->number_count == 0 ? "[]" : answer->number_count > LISTED ? ", …]" : "]");
        return buf_take(&out);
    case ANSWER_TEXT:
    case ANSWER_REJECTED:
    case ANSWER_OTHER:
        break;
    }
    const char *quote = answer->kind == ANSWER_OTHER ? "" : "\"";
    buf_puts(&out, answer->kind == ANSWER_REJECTED ? "a rejection: \"" : quote);
    size_t shown = answer->len;
    if (shown > SHOWN) // not in the middle of a character
        for (shown = SHOWN; shown > SHOWN - 4 && ((unsigned char)answer->text[shown] & 0xc0) == 0x80;)
            shown--;
    buf_visible(&out, answer->text ? answer->text : "", shown, "");
    buf_puts(&out, answer->len > shown ? "…" : "");
    buf_puts(&out, quote);
    return buf_take(&out);
}

const char *answer_class(size_t *len, char out[32], const struct answer *answer)
{
    if (answer->kind == ANSWER_TEXT) {
        *len = answer->len;
        return answer->text ? answer->text : "";
    }
    if (answer->kind == ANSWER_BOOL)
        strcpy(out, answer->number != 0 ? "true" : "false");
    else if (answer->kind == ANSWER_NUMBER)
        str_double(out, answer->number);
    else
        return NULL;
    *len = strlen(out);
    return out;
}
