// SPDX-License-Identifier: Apache-2.0
#include "core/schema.h"

#include <math.h>
#include <string.h>

const char *column_type_name(enum column_type type)
{
    static const char *const names[] = {
        [COLUMN_INTEGER] = "integer",      [COLUMN_NUMBER] = "number", [COLUMN_BOOLEAN] = "boolean",
        [COLUMN_CATEGORY] = "category",    [COLUMN_TEXT] = "text",     [COLUMN_DATE] = "date",
        [COLUMN_IDENTIFIER] = "identifier"};
    return names[type];
}

const char *output_type_name(enum output_type type)
{
    static const char *const names[] = {[OUTPUT_UNKNOWN] = "unknown",
                                        [OUTPUT_NUMBER] = "number",
                                        [OUTPUT_CLASS] = "class",
                                        [OUTPUT_PROBABILITIES] = "probabilities"};
    return names[type];
}

struct schema *schema_new(void)
{
    struct schema *schema = mem_alloc(sizeof *schema);
    schema->output.min = schema->output.max = NAN;
    return schema;
}

static void free_column(struct column *column)
{
    free(column->name);
    strings_free(&column->spelt);
    for (size_t i = 0; i < column->category_count; i++)
        free(column->categories[i].value);
    free(column->categories);
    free(column->format);
    strings_free(&column->samples);
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    free(schema->from);
    free(schema->target);
    for (size_t i = 0; i < schema->count; i++)
        free_column(&schema->columns[i]);
    free(schema->columns);
    free(schema->output.field);
    strings_free(&schema->output.classes);
    free(schema);
}

struct column *schema_add(struct schema *schema, const char *name)
{
    schema->columns = mem_grow(schema->columns, schema->count, &schema->capacity, sizeof *schema->columns);
    struct column *column = &schema->columns[schema->count++];
    *column = (struct column){.name = str_dup(name), .min = NAN, .max = NAN};
    return column;
}

const struct column *schema_find(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->columns[i].name, name) == 0)
            return &schema->columns[i];
    }
    return NULL;
}
