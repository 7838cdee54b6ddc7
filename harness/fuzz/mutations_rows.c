// SPDX-License-Identifier: Apache-2.0
//
// Rows as neighbours: twice, in another order, none, many, and a bad one among good ones.
#include "fuzz/mess.h"

#include <string.h>

enum { HUGE_ROWS = 1000 };

// The question's rows become clean ones, in the order that the sources say.
static void take_rows(struct fuzz_case *c, const size_t *sources, size_t count)
{
    struct cell *cells = arena_room(&c->arena, count * c->column_count * sizeof *cells);
    for (size_t i = 0; i < count; i++)
        memcpy(cells + i * c->column_count, c->clean.cells + sources[i] * c->column_count,
               c->column_count * sizeof *cells);
    c->cells = cells;
    c->row_count = count;
    c->sources = sources;
    c->poisoned = SIZE_MAX;
}

static void apply_duplicated(struct fuzz_case *c, struct choices *choices)
{
    size_t twice = (size_t)choose(choices, c->clean.row_count), count = c->clean.row_count + 1;
    size_t *sources = arena_room(&c->arena, count * sizeof *sources);
    for (size_t i = 0; i < count; i++)
        sources[i] = i <= twice ? i : i - 1;
    take_rows(c, sources, count);
}

static bool holds_duplicated(const struct fuzz_case *c)
{
    if (!c->sources || c->row_count != c->clean.row_count + 1 || c->column_count != c->clean.column_count)
        return false;
    size_t twice = 0;
    for (size_t i = 1; i < c->row_count; i++)
        twice += c->sources[i] == c->sources[i - 1];
    return twice == 1 && mess_cells_kept(c);
}

static void apply_shuffled(struct fuzz_case *c, struct choices *choices)
{
    take_rows(c, mess_permutation(c, choices, c->clean.row_count), c->clean.row_count);
}

static bool holds_shuffled(const struct fuzz_case *c)
{
    if (!c->sources || c->row_count != c->clean.row_count || c->column_count != c->clean.column_count)
        return false;
    size_t moved = 0, sum = 0;
    for (size_t i = 0; i < c->row_count; i++) {
        moved += c->sources[i] != i;
        sum += c->sources[i];
    }
    return moved > 0 && sum == c->row_count * (c->row_count - 1) / 2 && mess_cells_kept(c);
}

static void apply_none(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    c->row_count = 0;
    c->sources = arena_room(&c->arena, sizeof *c->sources);
    c->poisoned = SIZE_MAX;
}

static bool holds_none(const struct fuzz_case *c)
{
    return !c->is_raw && c->row_count == 0 && c->column_count == c->clean.column_count;
}

static void apply_one(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    c->poisoned = SIZE_MAX;
}

static bool holds_one(const struct fuzz_case *c)
{
    return c->row_count == 1 && mess_shape_kept(c) && mess_cells_kept(c);
}

// Small samples are repeated.
static void apply_huge(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    size_t count = HUGE_ROWS, of = c->sample->rows.row_count < count ? c->sample->rows.row_count : count;
    size_t *sources = arena_room(&c->arena, count * sizeof *sources);
    c->clean.cells = c->sample->rows.cells;
    c->clean.row_count = of;
    for (size_t i = 0; i < count; i++)
        sources[i] = i % of;
    take_rows(c, sources, count);
}

static bool holds_huge(const struct fuzz_case *c)
{
    return c->row_count == HUGE_ROWS && c->column_count == c->clean.column_count && c->sources && mess_cells_kept(c);
}

// A poison is what changes one cell to something outside of the schema, whatever the cell was.
static bool is_poison(const struct mutation *mutation, const struct case_space *space, size_t column)
{
    const char *why;
    return mutation->claims && !mutation->suits && mutation->meaning == MEANING_MESSY &&
           mutation_applies(mutation, space, column, &why);
}

static bool fits_poisoned(const struct case_space *space, size_t column, const char **why)
{
    const struct mutation *mutation;
    *why = "no mess can be made of one cell";
    for (size_t i = 0; (mutation = mutation_at(i)); i++)
        if (is_poison(mutation, space, column))
            return true;
    return false;
}

// The poison is a choice by its number in the table, so that it is the same one when others come and go. The bad row is
// drawn among all of them.
static void apply_poisoned(struct fuzz_case *c, struct choices *choices)
{
    const struct case_space space = {.schema = c->schema, .sample = c->sample, .ability = c->ability};
    uint32_t poisons[256];
    size_t count = 0;
    const struct mutation *mutation;
    for (size_t i = 0; (mutation = mutation_at(i)) && count < ARRAY_LEN(poisons); i++)
        if (is_poison(mutation, &space, c->column))
            poisons[count++] = (uint32_t)i;
    c->inner = mutation_at((size_t)choose_of(choices, poisons, count));
    c->poisoned = (size_t)choose(choices, c->row_count);
    c->inner->apply(c, choices);
}

static bool holds_poisoned(const struct fuzz_case *c)
{
    return c->inner && c->row_count > 1 && mess_only_cell(c) &&
           c->inner->claims(c, mess_clean(c), &c->cells[c->poisoned * c->column_count + c->column]);
}

static bool has_two_rows(const struct case_space *space, size_t column, const char **why)
{
    (void)column;
    *why = "the sample has one row only";
    return space->sample->rows.row_count > 1;
}

static bool fits_two_and_poison(const struct case_space *space, size_t column, const char **why)
{
    return has_two_rows(space, column, why) && fits_poisoned(space, column, why);
}

#define ROWS .family = FAMILY_ROWS, .needs = NEED_MANY_ROWS
#define SAME .meaning = MEANING_SAME
// clang-format off
const struct mutation mutations_rows[] = {
    {.name = "rows.duplicated", ROWS, SAME, .says = "a row that is there twice",
     .least_rows = 1, .most_rows = 5, .apply = apply_duplicated, .holds = holds_duplicated},
    {.name = "rows.shuffled", ROWS, SAME, .says = "rows in another order",
     .fits = has_two_rows, .least_rows = 2, .most_rows = 8, .apply = apply_shuffled, .holds = holds_shuffled},
    {.name = "rows.none", .family = FAMILY_ROWS, .needs = NEED_NO_ROWS, .meaning = MEANING_MESSY,
     .says = "no row at all", .apply = apply_none, .holds = holds_none},
    {.name = "rows.one", ROWS, SAME, .says = "one row", .apply = apply_one, .holds = holds_one},
    {.name = "rows.huge", ROWS, SAME, .says = "1,000 rows in one question", .apply = apply_huge, .holds = holds_huge},
    {.name = "rows.poisoned", ROWS, .meaning = MEANING_MESSY, .says = "a bad row among good ones",
     .per_column = true, .types = TYPES_ALL, .fits = fits_two_and_poison,
     .least_rows = 2, .most_rows = 6, .apply = apply_poisoned, .holds = holds_poisoned},
};
// clang-format on
const size_t mutations_rows_count = ARRAY_LEN(mutations_rows);
