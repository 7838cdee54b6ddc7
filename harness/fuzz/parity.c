// SPDX-License-Identifier: Apache-2.0
//
// Oracle 14: the same rows, asked in every way that the suite has. Clean rows, and valid ones that the mutations make
// of them: of others it is not said that CSV and JSON mean the same by them.
#include "base/number.h"
#include "fuzz/session.h"
#include "serve/row_answers.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { ROWS = 64, MOST_ROWS = 256, MOST_DRAWS = 20, SHOWN = 200 };

static char *said_text(const struct row_answers *said, size_t row)
{
    const struct answer *answer = row_answers_at(said, row);
    return answer ? answer_text(answer) : row_answers_why(said, row);
}

// CSV has no types: "1" and 1, True and true are the same there.
static bool is_alike(const struct answer *a, const struct answer *b, double abs, double rel)
{
    if (a->kind == b->kind)
        return answers_agree(a, b, abs, rel);
    double x, y;
    size_t a_len, b_len;
    char a_text[32], b_text[32];
    const char *a_class = answer_class(&a_len, a_text, a), *b_class = answer_class(&b_len, b_text, b);
    if (!a_class || !b_class)
        return false;
    if (number_parse(&x, a_class, a_len) && number_parse(&y, b_class, b_len))
        return x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= abs + rel * fabs(x);
    return a_len == b_len && strncasecmp(a_class, b_class, a_len) == 0;
}

bool parity_agrees(const struct answer *a, const struct answer *b, const struct fuzz_rules *rules)
{
    bool given = rules->parity_abs > 0 || rules->parity_rel > 0;
    double abs = given ? rules->parity_abs : AGREE_BATCH_ABS, rel = given ? rules->parity_rel : AGREE_BATCH_REL;
    return is_alike(a, b, abs, rel);
}

static bool agree_at(const struct row_answers *a, const struct row_answers *b, size_t row,
                     const struct fuzz_rules *rules)
{
    const struct answer *x = row_answers_at(a, row), *y = row_answers_at(b, row);
    return x && y && parity_agrees(x, y, rules);
}

// ---- The rows

static bool is_one_valid_row(const struct fuzz_case *c, const struct rows *like)
{
    return c->mutation && c->meaning == MEANING_VALID && !c->is_raw && !c->content_type && c->style == STYLE_PLAIN &&
           c->row_count == 1 && c->column_count == like->column_count && c->columns == like->columns && case_holds(c);
}

// A cell that CSV can tell from its neighbours' kinds: what is missing is not one everywhere.
static bool is_value(const struct fuzz_case *c)
{
    for (size_t i = 0; i < c->column_count; i++)
        if (c->cells[i].kind == CELL_RAW || c->cells[i].kind == CELL_ABSENT)
            return false;
    return true;
}

static void draw_rows(struct cell *cells, struct rows *rows, size_t want, const struct fuzz_options *options,
                      struct arena *texts)
{
    static const struct client_ability plain = {.json = true, .csv = true, .named_columns = true, .styles = 1};
    const struct rows *all = &options->sample->rows;
    const struct case_space space = {.schema = options->schema, .sample = options->sample, .ability = &plain};
    CLEANUP(fuzz_case) struct fuzz_case c = {0};
    struct rng rng;
    size_t columns = all->column_count;
    rng_seed(&rng, options->seed);
    size_t clean = all->row_count < (want + 1) / 2 ? all->row_count : (want + 1) / 2;
    memcpy(cells, all->cells, clean * columns * sizeof *cells);
    rows->row_count = clean;
    for (size_t tried = 0; rows->row_count < want && tried < want * MOST_DRAWS; tried++) {
        choices_draw(&c.choices, &rng);
        case_make(&c, &space, &c.choices);
        if (!is_one_valid_row(&c, all) || !is_value(&c))
            continue;
        struct cell *row = cells + rows->row_count++ * columns;
        for (size_t i = 0; i < columns; i++) {
            row[i] = c.cells[i];
            if (row[i].text)
                row[i].text = arena_bytes(texts, row[i].text, row[i].len);
        }
    }
}

static void tell_difference(struct strings *out, const struct row_answers *const said[2], const char *const names[2],
                            const struct rows *rows, size_t row)
{
    CLEANUP(buf) struct buf json = {0}, shown = {0};
    CLEANUP(free) char *a = said_text(said[0], row), *b = said_text(said[1], row);
    row_write_json(&json, rows, row);
    buf_visible(&shown, buf_text(&json), json.len < SHOWN ? json.len : SHOWN, "");
    strings_printf(out, "%s%s: %s says %s, %s says %s", buf_text(&shown), json.len > SHOWN ? "…" : "", names[0], a,
                   names[1], b);
}

int parity_run(struct strings *differences, size_t *asked, struct client *const *clients, const char *const *names,
               size_t count, const struct fuzz_options *options, struct error *err)
{
    const struct rows *all = &options->sample->rows;
    size_t want = options->cases ? options->cases : ROWS;
    want = want < MOST_ROWS ? want : MOST_ROWS;
    CLEANUP(free) struct cell *cells = mem_array(want, all->column_count * sizeof *cells);
    CLEANUP(free) struct row_answers *said = mem_array(count, sizeof *said);
    struct arena texts = {0};
    struct rows rows = {.columns = all->columns, .column_count = all->column_count, .cells = cells};
    int result = 0;
    if (all->row_count > 0)
        draw_rows(cells, &rows, want, options, &texts);
    else
        result = error_set(err, ERROR_USAGE, "there is no clean row to ask");
    for (size_t i = 0; i < count && result == 0; i++)
        if (row_answers_ask(&said[i], clients[i], &rows, err) < 0)
            result = error_context(err, "asked by %s", names[i]);
    for (size_t row = 0; row < rows.row_count && result == 0; row++)
        for (size_t i = 1; i < count; i++)
            if (!agree_at(&said[0], &said[i], row, options->rules))
                tell_difference(differences, (const struct row_answers *[]){&said[0], &said[i]},
                                (const char *[]){names[0], names[i]}, &rows, row);
    *asked = rows.row_count;
    for (size_t i = 0; i < count; i++)
        row_answers_free(&said[i]);
    arena_free(&texts);
    return result;
}
