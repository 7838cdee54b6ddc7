// SPDX-License-Identifier: Apache-2.0
//
// From what the columns have shown to a schema. Counts, ranges and categories are of all rows. Quantiles, and whether
// nearly every value is another, are of the picked rows (32,768 of them, fewer in very wide tables): exact when the
// file has no more, else within about half a percent of the rows.
#include "base/number.h"
#include "base/pool.h"
#include "base/str.h"
#include "fuzz/infer.h"
#include "fuzz/infer_parts.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { SAMPLES = 5, SAMPLE_LENGTH = 200, ENOUGH = 20, LONGEST_IDENTIFIER = 64 };

// The picked values of one column: numbers, or hashes of texts.
struct survey {
    double *numbers;
    uint64_t *hashes;
    size_t count;
    struct strings samples;
    double unique; // share of the values that are different
};

struct survey_work {
    const struct table *table;
    struct survey *surveys;
};

// ---- The picked rows

static int by_hash(const void *a, const void *b)
{
    const struct pick *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int by_place(const void *a, const void *b)
{
    const struct pick *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

// The picked row at a place; it was read before without a fault, and is again unless somebody writes to a file that is
// mapped.
static int read_again(struct table_reader *reader, size_t at, struct error *err)
{
    CLEANUP(error) struct error fault = {0};
    bool more;
    reader->at = reader->source->text + at;
    if (table_row(&more, reader, reader->end, &fault) < 0 || !more)
        return error_set(err, ERROR_USAGE, "'%s' changed while it was read", reader->source->name);
    return 0;
}

static void add_sample(struct survey *survey, const struct table_token *token)
{
    if (survey->samples.count == SAMPLES || token->len > SAMPLE_LENGTH || memchr(token->text, '\0', token->len))
        return;
    CLEANUP(free) char *text = str_ndup(token->text, token->len);
    if (!strings_has(&survey->samples, text))
        strings_add(&survey->samples, text);
}

static void survey_add(struct survey *survey, const struct table_token *token, bool numeric)
{
    int64_t integer;
    double number;
    bool cell = token->kind == TOKEN_CELL;
    if (token->kind == TOKEN_ABSENT || token->kind == TOKEN_NULL || token->len == 0)
        return;
    if (numeric) {
        if (table_number(&integer, &number, token->text, token->len) == NUMBER_NOT || !isfinite(number))
            return;
        survey->numbers[survey->count++] = number;
    } else {
        if (cell && table_missing_word(token->text, token->len) >= 0)
            return;
        survey->hashes[survey->count++] = table_hash(token->text, token->len);
    }
    add_sample(survey, token);
}

static bool is_numeric(const struct gauge *gauge)
{
    return gauge->integers + gauge->fractions > 0 && gauge->texts + gauge->booleans + gauge->raws == 0;
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void sort_survey(size_t index, void *context)
{
    const struct survey_work *work = context;
    struct survey *survey = &work->surveys[index];
    size_t different = survey->count > 0;
    if (survey->numbers)
        qsort(survey->numbers, survey->count, sizeof *survey->numbers, by_number);
    else
        qsort(survey->hashes, survey->count, sizeof *survey->hashes, by_value);
    for (size_t i = 1; i < survey->count; i++)
        different +=
            survey->numbers ? survey->numbers[i] != survey->numbers[i - 1] : survey->hashes[i] != survey->hashes[i - 1];
    survey->unique = survey->count ? (double)different / (double)survey->count : 0;
}

static int survey_rows(struct survey *surveys, const struct table *table, const struct source *source,
                       struct error *err)
{
    size_t columns = table->names->count;
    int status = 0;
    for (size_t i = 0; i < columns; i++) {
        if (is_numeric(&table->gauges[i]))
            surveys[i].numbers = mem_array(table->picks.count, sizeof(double));
        else
            surveys[i].hashes = mem_array(table->picks.count, sizeof(uint64_t));
    }
    struct table_reader reader = {
        .source = &source->file, .end = source->file.text + source->file.len, .names = table->names};
    for (size_t i = 0; i < table->picks.count && status == 0; i++) {
        status = read_again(&reader, table->picks.items[i].at, err);
        size_t count = source->file.json ? reader.given_count : columns;
        for (size_t k = 0; k < count && status == 0; k++) {
            size_t column = source->file.json ? reader.given[k] : k;
            survey_add(&surveys[column], &reader.tokens[column], surveys[column].numbers != NULL);
        }
    }
    table_reader_free(&reader);
    struct survey_work work = {table, surveys};
    pool_run(0, columns, sort_survey, &work);
    return status;
}

static void surveys_free(struct survey *surveys, size_t count)
{
    for (size_t i = 0; surveys && i < count; i++) {
        free(surveys[i].numbers);
        free(surveys[i].hashes);
        strings_free(&surveys[i].samples);
    }
    free(surveys);
}

// ---- Types

static bool is_word_of(const struct value *value, const char *word)
{
    return value->len == strlen(word) && strncasecmp(value->text, word, value->len) == 0;
}

static bool is_boolean(const struct gauge *gauge)
{
    if (gauge->distinct.full || gauge->distinct.count == 0 || gauge->integers + gauge->fractions + gauge->raws > 0)
        return false;
    for (size_t i = 0; i <= gauge->distinct.mask; i++) {
        const struct value *value = &gauge->distinct.slots[i];
        if (value->len != SIZE_MAX && !is_word_of(value, "true") && !is_word_of(value, "false"))
            return false;
    }
    return true;
}

// "id", "customer_id", "userId", "uuid", …
static bool is_called_identifier(const struct table_name *name)
{
    if (name->len >= 2 && strncasecmp(name->text + name->len - 2, "id", 2) == 0) {
        const char *end = name->text + name->len - 2;
        return name->len == 2 || end[-1] == '_' || end[-1] == '-' || end[-1] == ' ' || end[-1] == '.' || *end == 'I' ||
               (name->len == 4 && strncasecmp(name->text, "uu", 2) == 0);
    }
    return false;
}

// Whole numbers from 2000 to 2040 as seconds or milliseconds; days written as 20240131.
static const char *integer_date(const struct gauge *gauge, const struct survey *survey)
{
    const double from = 946684800, to = 2208988800;
    if (gauge->min >= from && gauge->max <= to)
        return "epoch s";
    if (gauge->min >= from * 1000 && gauge->max <= to * 1000)
        return "epoch ms";
    if (gauge->narrowest != 8 || gauge->widest != 8 || gauge->min < 19000101 || gauge->max > 21001231 ||
        survey->count < 3)
        return NULL;
    for (size_t i = 0; i < survey->count; i++) {
        char text[32];
        str_double(text, survey->numbers[i]);
        if (!date_fits("%Y%m%d", text, strlen(text)))
            return NULL;
    }
    return "%Y%m%d";
}

static enum column_type integer_type(const struct gauge *gauge, const struct survey *survey,
                                     const struct table_name *name, const char **format)
{
    uint64_t present = gauge->integers;
    bool unique = survey->unique == 1 && present >= ENOUGH;
    *format = integer_date(gauge, survey);
    if (*format)
        return COLUMN_DATE;
    // Every whole number between the least and the greatest, once: the number of the row.
    if (unique && (is_called_identifier(name) || gauge->max - gauge->min + 1 == (double)present))
        return COLUMN_IDENTIFIER;
    return COLUMN_INTEGER;
}

static enum column_type text_type(const struct gauge *gauge, const struct survey *survey, const char **format)
{
    uint64_t present = gauge_present(gauge);
    if (gauge->raws > 0)
        return COLUMN_TEXT;
    if (gauge->texts == present) {
        for (size_t i = 0; (*format = date_format(i)); i++) {
            if (!(gauge->refuted >> i & 1))
                return COLUMN_DATE;
        }
    }
    if (!gauge->distinct.full && (gauge->distinct.count * 2 <= present || gauge->distinct.count <= 3))
        return COLUMN_CATEGORY;
    if (survey->unique >= 0.99 && present >= ENOUGH && !gauge->spaces && gauge->longest <= LONGEST_IDENTIFIER)
        return COLUMN_IDENTIFIER;
    return COLUMN_TEXT;
}

// 00501, 02134: as many digits in each, some with a zero in front. That is a code, not a number.
static bool is_code(const struct gauge *gauge)
{
    return gauge->zeros && gauge->fractions == 0 && gauge->narrowest == gauge->widest;
}

static enum column_type choose_type(const struct gauge *gauge, const struct survey *survey,
                                    const struct table_name *name, const char **format)
{
    *format = NULL;
    if (gauge_present(gauge) == 0)
        return COLUMN_NUMBER; // as pandas has it
    if (is_boolean(gauge))
        return COLUMN_BOOLEAN;
    if (!is_numeric(gauge) || is_code(gauge))
        return text_type(gauge, survey, format);
    return gauge->fractions > 0 ? COLUMN_NUMBER : integer_type(gauge, survey, name, format);
}

// ---- Columns

// Four digits are enough for a share.
static double share_of(uint64_t part, uint64_t whole)
{
    char text[32];
    double share = 0;
    number_print(text, 4, (double)part / (double)whole);
    (void)str_read_double(&share, text, strlen(text));
    return share;
}

static int by_count(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void set_categories(struct column *column, const struct gauge *gauge)
{
    const struct distinct *set = &gauge->distinct;
    CLEANUP(free) struct value *values = mem_array(set->count + 1, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; set->slots && i <= set->mask; i++) {
        if (set->slots[i].len != SIZE_MAX)
            values[count++] = set->slots[i];
    }
    qsort(values, count, sizeof *values, by_count);
    column->categories = mem_array(count + 1, sizeof *column->categories);
    for (size_t i = 0; i < count; i++) {
        column->categories[i].value = str_ndup(values[i].text, values[i].len);
        column->categories[i].share = share_of(values[i].count, gauge_present(gauge));
    }
    column->category_count = count;
}

static void set_quantiles(struct column *column, const struct survey *survey)
{
    static const double at[SCHEMA_QUANTILES] = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
    column->has_quantiles = survey->numbers && survey->count > 0;
    for (size_t i = 0; column->has_quantiles && i < SCHEMA_QUANTILES; i++)
        column->quantiles[i] = survey->numbers[(size_t)(at[i] * (double)(survey->count - 1) + 0.5)];
}

static void set_spelt(struct column *column, const struct gauge *gauge)
{
    const char *word;
    for (size_t i = 0; (word = table_missing_spelling(i)); i++) {
        if (gauge->spelt >> i & 1)
            strings_add(&column->spelt, word);
    }
}

static void fill_column(struct column *column, const struct gauge *gauge, const struct survey *survey,
                        const struct table_name *name, uint64_t rows)
{
    const char *format;
    column->type = choose_type(gauge, survey, name, &format);
    uint64_t present = gauge_present(gauge);
    column->nullable = present < rows;
    column->missing = present < rows ? share_of(rows - present, rows) : 0;
    column->format = str_dup(format);
    set_spelt(column, gauge);
    bool numeric = is_numeric(gauge) && gauge->ranged;
    switch (column->type) {
    case COLUMN_INTEGER:
    case COLUMN_NUMBER:
        set_quantiles(column, survey);
        break;
    case COLUMN_BOOLEAN:
    case COLUMN_CATEGORY:
        set_categories(column, gauge);
        return;
    case COLUMN_TEXT:
    case COLUMN_IDENTIFIER:
        if (!numeric || is_code(gauge))
            column->longest = gauge->longest;
        strings_copy(&column->samples, &survey->samples);
        break;
    case COLUMN_DATE:
        strings_copy(&column->samples, &survey->samples);
        break;
    }
    if (numeric && column->type != COLUMN_TEXT && !is_code(gauge)) {
        column->min = gauge->min;
        column->max = gauge->max;
    }
}

// ---- The sample

static size_t sample_rows(const struct table *table, const struct infer_options *options, size_t columns)
{
    size_t asked = options->sample_count ? options->sample_count : 1000, most = ((size_t)1 << 20) / (columns + 1);
    most = most < 100 ? 100 : most;
    asked = asked < most ? asked : most;
    return asked < table->picks.count ? asked : table->picks.count;
}

static int fill_sample(struct sample *sample, const struct table *table, const struct source *source,
                       const struct schema *schema, size_t target, size_t rows, struct error *err)
{
    size_t columns = schema->count;
    sample->cells = mem_array(rows * columns + 1, sizeof *sample->cells);
    sample->columns = mem_array(columns + 1, sizeof *sample->columns);
    for (size_t i = 0; i < columns; i++)
        sample->columns[i] = arena_copy(&sample->texts, schema->columns[i].name);
    struct table_reader reader = {
        .source = &source->file, .end = source->file.text + source->file.len, .names = table->names};
    CLEANUP(free) struct pick *picks = mem_array(rows + 1, sizeof *picks);
    for (size_t i = 0; i < rows; i++)
        picks[i] = table->picks.items[i];
    qsort(picks, rows, sizeof *picks, by_place);
    int status = 0;
    for (size_t row = 0; row < rows && (status = read_again(&reader, picks[row].at, err)) == 0; row++) {
        struct cell *cell = &sample->cells[row * columns];
        for (size_t i = 0; i < table->names->count; i++) {
            const struct table_token none = {0};
            if (i != target)
                infer_cell(cell, i < reader.capacity ? &reader.tokens[i] : &none, &schema->columns[i - (i > target)],
                           &sample->texts);
            cell += i != target;
        }
    }
    table_reader_free(&reader);
    sample->seen = table->rows;
    sample->rows = (struct rows){sample->columns, columns, sample->cells, rows};
    if (status < 0)
        sample_free(sample);
    return status;
}

static int find_target(size_t *target, const struct table *table, const struct source *source, const char *name,
                       struct error *err)
{
    *target = SIZE_MAX;
    if (!name)
        return 0;
    *target = table_names_find(table->names, name, strlen(name), SIZE_MAX, false);
    if (*target != SIZE_MAX)
        return 0;
    CLEANUP(free) const char **names = mem_array(table->names->count, sizeof *names);
    for (size_t i = 0; i < table->names->count; i++)
        names[i] = table->names->items[i].text;
    const char *nearest = str_nearest(name, names, table->names->count);
    if (nearest)
        return error_set(err, ERROR_USAGE, "'%s' has no column '%s'; did you mean '%s'?", source->file.name, name,
                         nearest);
    return error_set(err, ERROR_USAGE, "'%s' has no column '%s'", source->file.name, name);
}

int infer_types(struct schema **schema, struct sample *sample, struct table *table, const struct source *source,
                const struct infer_options *options, struct error *err)
{
    size_t target;
    if (find_target(&target, table, source, options->target, err) < 0)
        return -1;
    if (table->names->count == (target != SIZE_MAX))
        return error_set(err, ERROR_USAGE, "'%s' has no column but the target", source->file.name);
    qsort(table->picks.items, table->picks.count, sizeof *table->picks.items, by_hash);
    size_t columns = table->names->count;
    struct survey *surveys = mem_array(columns, sizeof *surveys);
    int status = survey_rows(surveys, table, source, err);
    CLEANUP(schema) struct schema *made = schema_new();
    made->from = str_dup(source->file.name);
    made->target = str_dup(options->target);
    for (size_t i = 0; i < columns && status == 0; i++) {
        const struct table_name *name = &table->names->items[i];
        if (i != target)
            fill_column(schema_add(made, name->text), &table->gauges[i], &surveys[i], name, table->rows);
    }
    surveys_free(surveys, columns);
    if (sample && status == 0)
        status = fill_sample(sample, table, source, made, target, sample_rows(table, options, made->count), err);
    if (schema && status == 0)
        *schema = steal(&made);
    return status;
}
