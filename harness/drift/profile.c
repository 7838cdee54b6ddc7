// SPDX-License-Identifier: Apache-2.0
#include "drift/profile.h"

#include "base/pool.h"
#include "base/str.h"
#include "drift/profile_parts.h"
#include "drift/sorted.h"

#include <math.h>
#include <string.h>

// So many bytes of sketches at most, roughly: with very many columns each is coarser.
enum { CATEGORIES = 10000, MOST_ITEMS = 16384, FEWEST_ITEMS = 1024, ALL_ITEMS = MOST_ITEMS * 32, OWN_ROWS = 4096 };

struct profile *profile_new(const struct schema *schema, const struct profile_options *options)
{
    struct profile *profile = mem_alloc(sizeof *profile);
    profile->schema = schema;
    profile->options = options ? *options : (struct profile_options){0};
    profile->count = schema->count;
    profile->plans = mem_array(schema->count + 1, sizeof *profile->plans);
    profile->totals = mem_array(schema->count + 1, sizeof *profile->totals);
    size_t items = ALL_ITEMS / (schema->count + 1);
    items = items > MOST_ITEMS ? MOST_ITEMS : items < FEWEST_ITEMS ? FEWEST_ITEMS : items - items % 2;
    for (size_t i = 0; i < schema->count; i++) {
        const char *name = schema->columns[i].name;
        plan_init(&profile->plans[i], &schema->columns[i]);
        sketch_init(&profile->totals[i].sketch, items);
        profile->totals[i].categories.limit = CATEGORIES;
        table_names_find(&profile->names, name, strlen(name), i, true);
    }
    const char *time = profile->options.time;
    profile->time = time ? table_names_find(&profile->names, time, strlen(time), SIZE_MAX, true) : SIZE_MAX;
    piece_init(&profile->own, profile);
    return profile;
}

void profile_free(struct profile *profile)
{
    if (!profile)
        return;
    piece_free(&profile->own, profile);
    for (size_t i = 0; i < profile->count; i++) {
        plan_free(&profile->plans[i]);
        sketch_free(&profile->totals[i].sketch);
        free(profile->totals[i].numbers);
        counts_free(&profile->totals[i].categories);
    }
    table_reader_free(&profile->reader);
    table_names_free(&profile->names);
    free(profile->plans);
    free(profile->totals);
    free(profile);
}

struct schema *profile_schema(const struct column_summary *columns, size_t count)
{
    struct schema *schema = schema_new();
    for (size_t i = 0; i < count; i++) {
        const struct column_summary *from = &columns[i];
        struct column *column = schema_add(schema, from->name);
        column->type = from->type;
        column->nullable = from->missing > 0;
        if (from->point_count > 0 && (from->type == COLUMN_INTEGER || from->type == COLUMN_NUMBER)) {
            column->min = from->min;
            column->max = from->max;
        } else if (from->point_count > 0 && from->type == COLUMN_TEXT) {
            column->longest = (size_t)from->max;
        }
        if (from->type != COLUMN_CATEGORY || from->other > 0 || from->category_count == 0)
            continue; // what was not kept cannot be told from what is new
        column->categories = mem_array(from->category_count, sizeof *column->categories);
        column->category_count = from->category_count;
        for (size_t k = 0; k < from->category_count; k++)
            column->categories[k] = (struct category){str_dup(from->categories[k].value),
                                                      (double)from->categories[k].count / (double)from->values};
    }
    return schema;
}

// ---- Pieces

void piece_init(struct piece *piece, const struct profile *profile)
{
    *piece = (struct piece){.tallies = mem_array(profile->count + 1, sizeof *piece->tallies),
                            .moments = mem_array(profile->count + 1, sizeof *piece->moments),
                            .present = mem_array(profile->count + 1, sizeof *piece->present)};
}

void piece_free(struct piece *piece, const struct profile *profile)
{
    for (size_t i = 0; piece->tallies && i < profile->count; i++)
        tally_free(&piece->tallies[i]);
    free(piece->tallies);
    free(piece->moments);
    free(piece->present);
    *piece = (struct piece){0};
}

void piece_clear(struct piece *piece, const struct profile *profile)
{
    for (size_t i = 0; i < profile->count; i++)
        tally_clear(&piece->tallies[i]);
    memset(piece->present, 0, (profile->count + 1) * sizeof *piece->present);
    piece->rows = piece->broken = piece->outside = piece->passed = 0;
    piece->timed = false;
}

void piece_close(struct piece *piece, const struct profile *profile)
{
    for (size_t i = 0; i < profile->count; i++) {
        struct tally *tally = &piece->tallies[i];
        tally_close(tally, &profile->plans[i], piece->rows);
        piece->moments[i] = moments_of(tally->numbers, tally->number_count);
    }
}

static void append(struct total *total, const double *numbers, size_t count)
{
    if (count == 0)
        return;
    if (total->capacity - total->number_count < count) {
        size_t capacity = total->number_count + count + total->capacity / 2;
        total->numbers = mem_realloc(total->numbers, capacity * sizeof *numbers); // memory that is there bounds it
        total->capacity = capacity;
    }
    memcpy(total->numbers + total->number_count, numbers, count * sizeof *numbers);
    total->number_count += count;
}

void profile_merge(struct profile *profile, const struct piece *piece)
{
    profile->rows += piece->rows;
    profile->broken += piece->broken;
    profile->outside += piece->outside;
    profile->timed |= piece->timed;
    for (size_t i = 0; i < profile->count; i++) {
        struct total *total = &profile->totals[i];
        const struct tally *tally = &piece->tallies[i];
        total->counts.missing += tally->counts.missing;
        total->counts.nan += tally->counts.nan;
        total->counts.infinite += tally->counts.infinite;
        total->counts.wrong_type += tally->counts.wrong_type;
        total->counts.unseen += tally->counts.unseen;
        total->counts.out_of_range += tally->counts.out_of_range;
        total->counts.values += tally->counts.values;
        total->present = total->present || piece->present[i];
        moments_merge(&total->moments, &piece->moments[i]);
        counts_merge(&total->categories, &tally->categories);
        if (profile->options.exact)
            append(total, tally->numbers, tally->number_count);
        else
            sketch_add(&total->sketch, tally->numbers, tally->number_count);
    }
}

// ---- Rows that come one by one

void profile_flush(struct profile *profile)
{
    piece_close(&profile->own, profile);
    profile_merge(profile, &profile->own);
    piece_clear(&profile->own, profile);
}

static void count_own(struct profile *profile)
{
    if (++profile->own.rows == OWN_ROWS)
        profile_flush(profile);
}

void profile_add_row(struct profile *profile, const struct cell *cells)
{
    for (size_t i = 0; i < profile->count; i++) {
        tally_add_cell(&profile->own.tallies[i], &profile->plans[i], &cells[i]);
        profile->own.present[i] = profile->own.present[i] || cells[i].kind != CELL_ABSENT;
    }
    count_own(profile);
}

int profile_add_json(struct profile *profile, const char *text, size_t len, struct error *err)
{
    const struct table_source source = {.name = "row", .text = text, .len = len, .json = true};
    struct table_reader *reader = &profile->reader;
    bool more = false;
    reader->source = &source;
    reader->at = text;
    reader->end = text + len;
    reader->names = &profile->names;
    reader->fixed = true;
    CLEANUP(error) struct error fault = {0};
    int status = table_jsonl_row(&more, reader, reader->end, &fault);
    bool whole = status == 0 && more && reader->at == reader->end;
    if (!whole && profile->options.skip_broken) {
        profile->own.broken++;
        return 0;
    }
    if (status < 0)
        return error_set(err, ERROR_USAGE, "%s", fault.problem_count ? fault.problems[0].text : fault.message);
    if (!whole)
        return error_set(err, ERROR_USAGE, "expected one object on one line");
    for (size_t i = 0; i < reader->given_count; i++) {
        size_t column = reader->given[i];
        if (column >= profile->count)
            continue; // the time
        profile->own.present[column] = true;
        tally_add(&profile->own.tallies[column], &profile->plans[column], &reader->tokens[column]);
    }
    count_own(profile);
    return 0;
}

// ---- The end

static void sort_total(size_t index, void *context)
{
    struct total *total = &((struct profile *)context)->totals[index];
    if (total->number_count == 0)
        return;
    double *scratch = mem_realloc(NULL, total->number_count * sizeof *scratch);
    sorted_doubles(total->numbers, scratch, total->number_count);
    free(scratch);
}

void profile_finish(struct profile *profile)
{
    profile_flush(profile);
    if (profile->options.exact)
        pool_run(profile->options.threads, profile->count, sort_total, profile);
}

uint64_t profile_rows(const struct profile *profile)
{
    return profile->rows;
}

uint64_t profile_broken(const struct profile *profile)
{
    return profile->broken;
}

uint64_t profile_outside(const struct profile *profile)
{
    return profile->outside;
}

bool profile_has_time(const struct profile *profile)
{
    return profile->timed;
}

bool profile_has(const struct profile *profile, size_t column)
{
    return profile->totals[column].present;
}
