// SPDX-License-Identifier: Apache-2.0
#include "drift/tally.h"

#include "artifact/date.h"
#include "base/number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { LONGEST_CATEGORY = 256 };

// ---- Plans

static enum plan_kind kind_of(const struct column *column)
{
    const char *format = column->format;
    switch (column->type) {
    case COLUMN_INTEGER:
    case COLUMN_NUMBER:
        return PLAN_NUMBER;
    case COLUMN_BOOLEAN:
        return PLAN_BOOLEAN;
    case COLUMN_CATEGORY:
        return PLAN_CATEGORY;
    case COLUMN_IDENTIFIER:
        return PLAN_IDENTIFIER;
    case COLUMN_DATE:
        if (format && str_starts(format, "epoch"))
            return PLAN_NUMBER;
        return !format || date_format_is_known(format) ? PLAN_DATE : PLAN_TEXT;
    case COLUMN_TEXT:
        break;
    }
    return PLAN_TEXT;
}

void plan_init(struct plan *plan, const struct column *column)
{
    bool milliseconds = column->type == COLUMN_DATE && str_equal(column->format, "epoch ms");
    *plan = (struct plan){.column = column,
                          .kind = kind_of(column),
                          .whole = column->type == COLUMN_INTEGER,
                          .least = isnan(column->min) ? -INFINITY : column->min,
                          .most = isnan(column->max) ? INFINITY : column->max,
                          .unit = milliseconds ? 1e-3 : 1};
    if (plan->kind != PLAN_CATEGORY)
        return;
    for (size_t i = 0; i < column->category_count; i++) {
        const char *value = column->categories[i].value;
        table_names_find(&plan->known, value, strlen(value), SIZE_MAX, true);
    }
}

void plan_free(struct plan *plan)
{
    table_names_free(&plan->known);
}

static bool is_known(const struct plan *plan, const char *text, size_t len)
{
    struct table_names *known = (struct table_names *)&plan->known; // looked into, not added to
    return table_names_find(known, text, len, SIZE_MAX, false) != SIZE_MAX;
}

static bool is_spelt(const struct plan *plan, const char *text, size_t len)
{
    const struct strings *words = &plan->column->spelt;
    for (size_t i = 0; i < words->count; i++) {
        if (strlen(words->items[i]) == len && memcmp(words->items[i], text, len) == 0)
            return true;
    }
    return false;
}

// A cell of CSV is missing when it is a word for that, unless the word is one of the categories; a string of JSON only
// when the schema says so.
static bool is_missing(const struct plan *plan, const struct table_token *token)
{
    if (token->kind == TOKEN_NULL || (token->len == 0 && !is_known(plan, "", 0)))
        return true;
    if (token->kind == TOKEN_CELL && table_missing_word(token->text, token->len) >= 0)
        return !is_known(plan, token->text, token->len);
    return (token->kind == TOKEN_CELL || token->kind == TOKEN_STRING) && is_spelt(plan, token->text, token->len);
}

// ---- Cells

static void push(struct tally *tally, double number)
{
    if (tally->number_count == tally->capacity)
        tally->numbers = mem_grow(tally->numbers, tally->number_count, &tally->capacity, sizeof *tally->numbers);
    tally->numbers[tally->number_count++] = number + 0.0; // −0 is 0
    tally->counts.values++;
}

static inline void add_number(struct tally *tally, const struct plan *plan, double number)
{
    if (!isfinite(number)) {
        (isnan(number) ? &tally->counts.nan : &tally->counts.infinite)[0]++;
        return;
    }
    if (plan->whole && number != floor(number)) {
        tally->counts.wrong_type++;
        return;
    }
    tally->counts.out_of_range += !(number >= plan->least && number <= plan->most);
    push(tally, number * plan->unit);
}

static bool is_nan(const struct table_token *token)
{
    double number;
    return token->len >= 3 && token->len <= 4 && number_parse(&number, token->text, token->len) && isnan(number);
}

static void add_numeric(struct tally *tally, const struct plan *plan, const struct table_token *token)
{
    int64_t integer;
    double number;
    if ((token->kind == TOKEN_CELL || token->kind == TOKEN_NUMBER) &&
        table_number(&integer, &number, token->text, token->len) != NUMBER_NOT)
        add_number(tally, plan, number);
    else if ((token->kind == TOKEN_CELL || token->kind == TOKEN_NUMBER) && is_nan(token))
        tally->counts.nan++;
    else if (is_missing(plan, token))
        tally->counts.missing++;
    else
        tally->counts.wrong_type++;
}

static void add_date(struct tally *tally, const struct plan *plan, const struct table_token *token)
{
    const char *format = plan->column->format;
    double seconds;
    size_t hint = 0;
    if (token->kind == TOKEN_RAW || token->kind == TOKEN_BOOL)
        tally->counts.wrong_type++;
    else if (format ? date_seconds(&seconds, format, token->text, token->len)
                    : date_guess(&seconds, &hint, token->text, token->len))
        push(tally, seconds);
    else
        tally->counts.wrong_type++;
}

static void add_boolean(struct tally *tally, const struct table_token *token)
{
    static const char *const words[] = {"false", "true", "0", "1"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (token->kind == TOKEN_RAW || token->len != strlen(words[i]) ||
            strncasecmp(token->text, words[i], token->len) != 0)
            continue;
        tally->counts.values++;
        counts_add(&tally->categories, words[i % 2], strlen(words[i % 2]), 1);
        return;
    }
    tally->counts.wrong_type++;
}

// What holds a NUL cannot stand in a document.
static void add_category(struct tally *tally, const struct plan *plan, const struct table_token *token)
{
    if (token->kind == TOKEN_RAW || memchr(token->text, '\0', token->len)) {
        tally->counts.wrong_type++;
        return;
    }
    tally->counts.values++;
    if (token->len > LONGEST_CATEGORY) {
        tally->counts.unseen += plan->known.count > 0;
        tally->categories.other++;
    } else {
        counts_add(&tally->categories, token->text, token->len, 1);
    }
}

void tally_add(struct tally *tally, const struct plan *plan, const struct table_token *token)
{
    if (token->kind == TOKEN_ABSENT)
        return;
    if (plan->kind == PLAN_NUMBER) {
        add_numeric(tally, plan, token);
        return;
    }
    if (is_missing(plan, token)) {
        tally->counts.missing++;
        return;
    }
    switch (plan->kind) {
    case PLAN_NUMBER:
        break;
    case PLAN_DATE:
        add_date(tally, plan, token);
        break;
    case PLAN_TEXT:
        tally->counts.out_of_range += plan->column->longest > 0 && token->len > plan->column->longest;
        push(tally, (double)token->len);
        break;
    case PLAN_IDENTIFIER:
        (token->kind == TOKEN_RAW ? &tally->counts.wrong_type : &tally->counts.values)[0]++;
        break;
    case PLAN_CATEGORY:
        add_category(tally, plan, token);
        break;
    case PLAN_BOOLEAN:
        add_boolean(tally, token);
        break;
    }
}

static void add_number_cell(struct tally *tally, const struct plan *plan, double number)
{
    char text[32];
    if (plan->kind == PLAN_NUMBER) {
        add_number(tally, plan, number);
        return;
    }
    str_double(text, number);
    tally_add(tally, plan, &(struct table_token){text, strlen(text), TOKEN_NUMBER});
}

static bool is_number(const char *text, size_t len)
{
    int64_t integer;
    double number;
    return table_number(&integer, &number, text, len) != NUMBER_NOT;
}

void tally_add_cell(struct tally *tally, const struct plan *plan, const struct cell *cell)
{
    static const char *const booleans[] = {"false", "true"};
    const char *text = cell->text ? cell->text : "";
    switch (cell->kind) {
    case CELL_ABSENT:
        return;
    case CELL_NULL:
        tally->counts.missing++;
        return;
    case CELL_BOOL:
        text = booleans[cell->integer != 0];
        tally_add(tally, plan, &(struct table_token){text, strlen(text), TOKEN_BOOL});
        return;
    case CELL_INTEGER:
        add_number_cell(tally, plan, (double)cell->integer);
        return;
    case CELL_NUMBER:
        add_number_cell(tally, plan, cell->number);
        return;
    case CELL_TEXT:
        tally_add(tally, plan, &(struct table_token){text, cell->len, TOKEN_STRING});
        return;
    case CELL_RAW: // "3.0" or "[1]"
        tally_add(tally, plan,
                  &(struct table_token){text, cell->len, is_number(text, cell->len) ? TOKEN_NUMBER : TOKEN_RAW});
        return;
    }
}

// ---- Pieces

void tally_close(struct tally *tally, const struct plan *plan, uint64_t rows)
{
    struct tally_counts *counts = &tally->counts;
    counts->missing = rows - counts->nan - counts->infinite - counts->wrong_type - counts->values;
    for (size_t i = 0; plan->known.count > 0 && i < tally->categories.count; i++) {
        const struct counts_item *item = &tally->categories.items[i];
        counts->unseen += is_known(plan, item->text, item->len) ? 0 : item->times;
    }
}

void tally_clear(struct tally *tally)
{
    tally->counts = (struct tally_counts){0};
    tally->number_count = 0;
    counts_clear(&tally->categories);
}

void tally_free(struct tally *tally)
{
    free(tally->numbers);
    counts_free(&tally->categories);
    *tally = (struct tally){0};
}

// ---- Moments

// Four sums side by side, whose order does not depend on the machine.
static double sum_of(const double *values, size_t count, double from, bool squared)
{
    double sums[4] = {0};
    for (size_t i = 0; i < count; i++) {
        double distance = values[i] - from;
        sums[i % 4] += squared ? distance * distance : distance;
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

struct moments moments_of(const double *values, size_t count)
{
    struct moments moments = {.count = count};
    if (count == 0)
        return moments;
    moments.min = moments.max = values[0];
    for (size_t i = 1; i < count; i++) {
        moments.min = values[i] < moments.min ? values[i] : moments.min;
        moments.max = values[i] > moments.max ? values[i] : moments.max;
    }
    moments.mean = values[0] + sum_of(values, count, values[0], false) / (double)count;
    moments.squares = sum_of(values, count, moments.mean, true);
    return moments;
}

// Chan, Golub and LeVeque 1983.
void moments_merge(struct moments *to, const struct moments *from)
{
    if (from->count == 0)
        return;
    if (to->count == 0) {
        *to = *from;
        return;
    }
    double a = (double)to->count, b = (double)from->count, distance = from->mean - to->mean;
    to->squares += from->squares + distance * distance * (a * b / (a + b));
    to->mean += distance * (b / (a + b));
    to->min = from->min < to->min ? from->min : to->min;
    to->max = from->max > to->max ? from->max : to->max;
    to->count += from->count;
}
