// SPDX-License-Identifier: Apache-2.0
//
// Values that are not there, in the ways in which people and programs leave them out.
#include "base/str.h"
#include "fuzz/mess.h"

#include <string.h>

static enum meaning where_nullable(const struct fuzz_case *c)
{
    return mess_column(c)->nullable ? MEANING_VALID : MEANING_MESSY;
}

static void apply_null(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    *mess_cell(c) = (struct cell){.kind = CELL_NULL};
    c->meaning = where_nullable(c);
}

static bool claims_null(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return now->kind == CELL_NULL;
}

// In CSV an empty cell is the one way to say null.
static void apply_empty(struct fuzz_case *c, struct choices *choices)
{
    if (mess_json(c))
        mess_set_text(c, "", 0);
    else
        apply_null(c, choices);
}

static bool claims_empty(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return mess_json(c) ? now->kind == CELL_TEXT && now->len == 0 : now->kind == CELL_NULL;
}

static void apply_absent(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    *mess_cell(c) = (struct cell){.kind = CELL_ABSENT};
}

static bool claims_absent(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return now->kind == CELL_ABSENT;
}

static const struct mess_text words[] = {
    MESS_TEXT("NA"),  MESS_TEXT("none"),      MESS_TEXT("null"), MESS_TEXT("nan"),  MESS_TEXT("na"),  MESS_TEXT("n/a"),
    MESS_TEXT("-"),   MESS_TEXT("?"),         MESS_TEXT("None"), MESS_TEXT("NULL"), MESS_TEXT("NaN"), MESS_TEXT("N/A"),
    MESS_TEXT("nil"), MESS_TEXT("undefined"), MESS_TEXT("#N/A"), MESS_TEXT("<NA>"), MESS_TEXT("."),   MESS_TEXT("\0"),
};

// The list, and behind it the words that the training data have.
static void apply_word(struct fuzz_case *c, struct choices *choices)
{
    const struct column *column = mess_column(c);
    size_t at = (size_t)choose(choices, ARRAY_LEN(words) + column->spelt.count);
    bool own = at >= ARRAY_LEN(words);
    const char *text = own ? column->spelt.items[at - ARRAY_LEN(words)] : words[at].text;
    size_t len = own ? strlen(text) : words[at].len;
    mess_set_text(c, text, len);
    bool spelt = column->nullable && strlen(text) == len && strings_has(&column->spelt, text);
    if ((spelt && !mess_json(c)) || mess_is_category(column, text, len))
        c->meaning = MEANING_VALID;
}

static bool claims_word(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    const struct strings *spelt = &mess_column(c)->spelt;
    for (size_t i = 0; i < spelt->count; i++)
        if (mess_text_is(now, spelt->items[i], strlen(spelt->items[i])))
            return true;
    return mess_claims_text(c, clean, now);
}

static void apply_column(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    size_t gone = c->column, kept = c->column_count - 1;
    for (size_t i = 0; i < c->row_count; i++) {
        // Closes the gap in place: no cell moves to a higher place.
        for (size_t j = 0, to = i * kept; j < c->column_count; j++)
            if (j != gone)
                c->cells[to++] = c->cells[i * c->column_count + j];
    }
    const char **names = arena_room(&c->arena, kept * sizeof *names);
    for (size_t j = 0; j < kept; j++)
        names[j] = c->columns[j < gone ? j : j + 1];
    c->columns = names;
    c->column_count = kept;
    c->poisoned = SIZE_MAX;
}

static bool holds_column(const struct fuzz_case *c)
{
    if (c->is_raw || c->sources || c->row_count != c->clean.row_count || c->column_count + 1 != c->clean.column_count)
        return false;
    for (size_t j = 0; j < c->column_count; j++)
        if (strcmp(c->columns[j], c->clean.columns[j < c->column ? j : j + 1]) != 0)
            return false;
    return mess_cells_kept(c);
}

static void apply_row(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    for (size_t j = 0; j < c->column_count; j++)
        c->cells[c->poisoned * c->column_count + j] = (struct cell){.kind = CELL_NULL};
}

static bool holds_row(const struct fuzz_case *c)
{
    if (!mess_shape_kept(c))
        return false;
    for (size_t i = 0; i < c->row_count * c->column_count; i++)
        if (i / c->column_count == c->poisoned ? c->cells[i].kind != CELL_NULL
                                               : !mess_same(&c->cells[i], &c->clean.cells[i]))
            return false;
    return true;
}

static void apply_everywhere(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    for (size_t i = 0; i < c->row_count; i++)
        c->cells[i * c->column_count + c->column] = (struct cell){.kind = CELL_NULL};
    c->poisoned = SIZE_MAX;
    c->meaning = where_nullable(c);
}

static bool holds_everywhere(const struct fuzz_case *c)
{
    if (!mess_shape_kept(c))
        return false;
    for (size_t i = 0; i < c->row_count * c->column_count; i++)
        if (i % c->column_count == c->column ? c->cells[i].kind != CELL_NULL
                                             : !mess_same(&c->cells[i], &c->clean.cells[i]))
            return false;
    return true;
}

// A column that is left out looks as one absent key does where a question is one row of JSON.
static bool fits_column(const struct case_space *space, size_t column, const char **why)
{
    if (!mess_two_columns(space, column, why))
        return false;
    *why = "missing.absent is the same";
    return space->ability->many_rows || !space->ability->json;
}

#define MISSING       .family = FAMILY_MISSING, .meaning = MEANING_MESSY
#define IN_ANY_COLUMN .per_column = true, .types = TYPES_ALL
const struct mutation mutations_missing[] = {
    {.name = "missing.null",
     MISSING,
     .says = "a value that is null",
     IN_ANY_COLUMN,
     .needs = NEED_JSON,
     .apply = apply_null,
     .claims = claims_null},
    {.name = "missing.empty",
     MISSING,
     .says = "a value that is empty",
     IN_ANY_COLUMN,
     .apply = apply_empty,
     .claims = claims_empty},
    {.name = "missing.absent",
     MISSING,
     .says = "a key that is not there",
     IN_ANY_COLUMN,
     .needs = NEED_JSON | NEED_NAMES,
     .apply = apply_absent,
     .claims = claims_absent},
    {.name = "missing.word",
     MISSING,
     .says = "a word that stands for a missing value",
     IN_ANY_COLUMN,
     MESS_TEXTS(words),
     .apply = apply_word,
     .claims = claims_word},
    {.name = "missing.column",
     MISSING,
     .says = "a column that is not there",
     IN_ANY_COLUMN,
     .needs = NEED_NAMES,
     .fits = fits_column,
     .least_rows = 2,
     .most_rows = 4,
     .apply = apply_column,
     .holds = holds_column},
    {.name = "missing.row", MISSING, .says = "a row without any value", .apply = apply_row, .holds = holds_row},
    {.name = "missing.everywhere",
     MISSING,
     .says = "a column without any value",
     IN_ANY_COLUMN,
     .needs = NEED_MANY_ROWS,
     .least_rows = 2,
     .most_rows = 4,
     .apply = apply_everywhere,
     .holds = holds_everywhere},
};
const size_t mutations_missing_count = ARRAY_LEN(mutations_missing);
