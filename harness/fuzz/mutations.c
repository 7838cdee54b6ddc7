// SPDX-License-Identifier: Apache-2.0
//
// The table of mutations: one file a family, one row a mutation.
#include "base/str.h"
#include "fuzz/mess.h"

#include <string.h>

static const struct {
    const struct mutation *rows;
    const size_t *count;
} families[] = {
    {mutations_missing, &mutations_missing_count}, {mutations_numbers, &mutations_numbers_count},
    {mutations_types, &mutations_types_count},     {mutations_categories, &mutations_categories_count},
    {mutations_text, &mutations_text_count},       {mutations_dates, &mutations_dates_count},
    {mutations_rows, &mutations_rows_count},       {mutations_columns, &mutations_columns_count},
    {mutations_wire, &mutations_wire_count},
};

const char *family_name(enum mutation_family family)
{
    static const char *const names[FAMILY_COUNT] = {"clean", "missing", "numbers", "types",   "categories",
                                                    "text",  "dates",   "rows",    "columns", "wire"};
    return names[family];
}

const struct mutation *mutation_at(size_t index)
{
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        if (index < *families[i].count)
            return &families[i].rows[index];
        index -= *families[i].count;
    }
    return NULL;
}

const struct mutation *mutation_find(const char *name)
{
    const struct mutation *mutation;
    for (size_t i = 0; (mutation = mutation_at(i)); i++)
        if (strcmp(mutation->name, name) == 0)
            return mutation;
    return NULL;
}

bool mutation_is_asked(const struct mutation *mutation, const char *only)
{
    return !only || strcmp(only, family_name(mutation->family)) == 0 || str_glob(only, mutation->name);
}

static bool can(const struct client_ability *ability, unsigned needs, const char **why)
{
    const struct {
        unsigned need;
        bool has;
        const char *why;
    } rows[] = {
        {NEED_JSON, ability->json, "CSV has no types, no null and no absent keys"},
        {NEED_CSV, ability->csv && !ability->json, "it is asked in JSON"},
        {NEED_MANY_ROWS, ability->many_rows, "a question has one row"},
        {NEED_NO_ROWS, ability->no_rows, "a question has at least one row"},
        {NEED_NAMES, ability->named_columns, "columns have no names"},
        {NEED_RAW, ability->raw, "bytes of one's own cannot be sent"},
        {NEED_BODY, ability->raw && (!ability->http || ability->encode), "bytes of one's own cannot be sent"},
        {NEED_HTTP, ability->http, "there is no content type"},
        {NEED_STYLES, (ability->styles & ~(1u << STYLE_PLAIN)) != 0, "there is one encoding only"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        *why = rows[i].why;
        if ((needs & rows[i].need) && !rows[i].has)
            return false;
    }
    return true;
}

bool mutation_applies(const struct mutation *mutation, const struct case_space *space, size_t column, const char **why)
{
    if (!can(space->ability, mutation->needs, why))
        return false;
    *why = "it is done to columns of another type";
    if (mutation->per_column && !(mutation->types & 1u << space->schema->columns[column].type))
        return false;
    *why = "the sample has no value that it could be done to";
    if (mutation->suits) {
        const struct rows *rows = &space->sample->rows;
        size_t i = 0;
        while (i < rows->row_count && !mutation->suits(&rows->cells[i * rows->column_count + column]))
            i++;
        if (i == rows->row_count)
            return false;
    }
    return !mutation->fits || mutation->fits(space, column, why);
}
