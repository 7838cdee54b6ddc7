// SPDX-License-Identifier: Apache-2.0
//
// Columns: in another order, too many, twice, under another name.
#include "fuzz/mess.h"

#include <ctype.h>
#include <string.h>

static void apply_shuffled(struct fuzz_case *c, struct choices *choices)
{
    size_t count = c->column_count;
    const size_t *order = mess_permutation(c, choices, count);
    const char **names = arena_room(&c->arena, count * sizeof *names);
    for (size_t j = 0; j < count; j++) {
        names[j] = c->columns[order[j]];
        for (size_t i = 0; i < c->row_count; i++)
            c->cells[i * count + j] = c->clean.cells[i * count + order[j]];
    }
    c->columns = names;
    c->poisoned = SIZE_MAX;
}

static bool has_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool holds_shuffled(const struct fuzz_case *c)
{
    if (c->is_raw || c->sources || c->column_count != c->clean.column_count || c->row_count != c->clean.row_count)
        return false;
    size_t moved = 0;
    for (size_t j = 0; j < c->column_count; j++) {
        moved += strcmp(c->columns[j], c->clean.columns[j]) != 0;
        if (!has_name(c->columns, c->column_count, c->clean.columns[j]))
            return false;
    }
    return moved > 0 && mess_cells_kept(c);
}

static const struct mess_text extra_names[] = {MESS_TEXT("extra"), MESS_TEXT("Unnamed: 0"), MESS_TEXT("index"),
                                               MESS_TEXT(""), MESS_TEXT("__proto__")};

static const char *unused_name(const struct fuzz_case *c, size_t at)
{
    for (size_t tried = 0; tried < ARRAY_LEN(extra_names); tried++, at = (at + 1) % ARRAY_LEN(extra_names))
        if (!has_name(c->columns, c->column_count, extra_names[at].text))
            return extra_names[at].text;
    return "one column more";
}

static void apply_extra(struct fuzz_case *c, struct choices *choices)
{
    size_t count = c->column_count;
    const char *name = unused_name(c, (size_t)choose(choices, ARRAY_LEN(extra_names)));
    bool text = choose(choices, 2) == 1;
    const char **names = mess_reshape(c, c->row_count, count + 1);
    names[count] = name;
    for (size_t i = 0; i < c->row_count; i++)
        c->cells[i * (count + 1) + count] = text ? (struct cell){.kind = CELL_TEXT, .text = "x", .len = 1}
                                                 : (struct cell){.kind = CELL_INTEGER, .integer = 0};
    c->poisoned = SIZE_MAX;
}

// The clean columns in their places, and one more.
static bool is_appended(const struct fuzz_case *c)
{
    if (c->is_raw || c->sources || c->column_count != c->clean.column_count + 1 || c->row_count != c->clean.row_count)
        return false;
    for (size_t j = 0; j < c->clean.column_count; j++) {
        if (strcmp(c->columns[j], c->clean.columns[j]) != 0)
            return false;
        for (size_t i = 0; i < c->row_count; i++)
            if (!mess_same(&c->cells[i * c->column_count + j], &c->clean.cells[i * c->clean.column_count + j]))
                return false;
    }
    return true;
}

static bool holds_extra(const struct fuzz_case *c)
{
    return is_appended(c) && !has_name(c->clean.columns, c->clean.column_count, c->columns[c->column_count - 1]);
}

static void apply_duplicate(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    size_t count = c->column_count;
    const char **names = mess_reshape(c, c->row_count, count + 1);
    names[count] = c->clean.columns[c->column];
    for (size_t i = 0; i < c->row_count; i++)
        c->cells[i * (count + 1) + count] = c->clean.cells[i * count + c->column];
    c->poisoned = SIZE_MAX;
}

static bool holds_duplicate(const struct fuzz_case *c)
{
    return is_appended(c) && strcmp(c->columns[c->column_count - 1], c->clean.columns[c->column]) == 0;
}

static void rename_column(struct fuzz_case *c, const char *name)
{
    const char **names = arena_room(&c->arena, c->column_count * sizeof *names);
    memcpy(names, c->columns, c->column_count * sizeof *names);
    names[c->column] = name;
    c->columns = names;
    c->poisoned = SIZE_MAX;
}

static char *join(struct arena *arena, const char *before, const char *name, const char *after)
{
    size_t a = strlen(before), b = strlen(name), c = strlen(after) + 1;
    char *text = arena_room(arena, a + b + c);
    memcpy(text, before, a);
    memcpy(text + a, name, b);
    memcpy(text + a + b, after, c);
    return text;
}

static void apply_renamed(struct fuzz_case *c, struct choices *choices)
{
    static const char *const around[][2] = {{"", "_x"}, {"", " "}, {" ", ""}, {"x.", ""}, {"", ".1"}, {"\"", "\""}};
    uint64_t how = choose(choices, ARRAY_LEN(around));
    rename_column(c, join(&c->arena, around[how][0], c->columns[c->column], around[how][1]));
}

static void apply_case(struct fuzz_case *c, struct choices *choices)
{
    char *name = arena_copy(&c->arena, c->columns[c->column]);
    uint64_t how = choose(choices, 2); // swapped, or the first letter only
    for (char *at = name; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (!isalpha(byte) || byte >= 0x80)
            continue;
        *at = (char)(isupper(byte) ? tolower(byte) : toupper(byte));
        if (how == 1)
            break;
    }
    rename_column(c, name);
}

static bool fits_case(const struct case_space *space, size_t column, const char **why)
{
    *why = "the name of the column has no letter";
    for (const char *at = space->schema->columns[column].name; *at; at++)
        if (isalpha((unsigned char)*at))
            return true;
    return false;
}

// One column has a name that no clean column has; all cells are the clean ones.
static bool holds_renamed(const struct fuzz_case *c)
{
    if (c->is_raw || c->sources || c->row_count != c->clean.row_count || c->column_count != c->clean.column_count)
        return false;
    for (size_t j = 0; j < c->column_count; j++)
        if ((strcmp(c->columns[j], c->clean.columns[j]) == 0) != (j != c->column))
            return false;
    for (size_t i = 0; i < c->row_count * c->column_count; i++)
        if (!mess_same(&c->cells[i], &c->clean.cells[i]))
            return false;
    return !has_name(c->clean.columns, c->clean.column_count, c->columns[c->column]);
}

#define COLUMNS       .family = FAMILY_COLUMNS, .needs = NEED_NAMES
#define MESSY         .meaning = MEANING_MESSY
#define IN_ANY_COLUMN .per_column = true, .types = TYPES_ALL
// clang-format off
const struct mutation mutations_columns[] = {
    {.name = "columns.shuffled", COLUMNS, .meaning = MEANING_SAME, .says = "columns in another order",
     .fits = mess_two_columns, .apply = apply_shuffled, .holds = holds_shuffled},
    {.name = "columns.extra", COLUMNS, MESSY, .says = "a column that nobody knows",
     .apply = apply_extra, .holds = holds_extra},
    {.name = "columns.duplicate", COLUMNS, MESSY, .says = "a column that is there twice", IN_ANY_COLUMN,
     .apply = apply_duplicate, .holds = holds_duplicate},
    {.name = "columns.renamed", COLUMNS, MESSY, .says = "a column under another name", IN_ANY_COLUMN,
     .apply = apply_renamed, .holds = holds_renamed},
    {.name = "columns.case", COLUMNS, MESSY, .says = "the name of a column in another case", IN_ANY_COLUMN,
     .fits = fits_case, .apply = apply_case, .holds = holds_renamed},
};
// clang-format on
const size_t mutations_columns_count = ARRAY_LEN(mutations_columns);
