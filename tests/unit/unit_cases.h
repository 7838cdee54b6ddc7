// SPDX-License-Identifier: Apache-2.0
//
// A schema with a column of every type, a sample that fits it, and models that are asked in different ways; for tests,
// fuzz targets and benches of what makes cases.
#ifndef REPRO_TESTS_UNIT_CASES_H
#define REPRO_TESTS_UNIT_CASES_H

#include "base/arena.h"
#include "fuzz/cases.h"
#include "fuzz/shrink.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLE_COLUMNS = 13, SAMPLE_ROWS = 40 };
// Schemas own their texts; these are only read.
#ifndef OWN
#define OWN(text) (char *)(text)
#endif
static char *word_na[] = {OWN("NA"), OWN("?")};
static struct category cities[] = {
    {OWN("Köln"), 0.5}, {OWN("São Paulo"), 0.3}, {OWN("Paris"), 0.15}, {OWN("lyon"), 0.05}};
static struct category answers[] = {{OWN("yes"), 0.6}, {OWN("no"), 0.4}};
static struct category grades[] = {{OWN("1"), 0.7}, {OWN("2"), 0.3}};
static struct column sample_columns[SAMPLE_COLUMNS] = {
    {.name = OWN("age"), .type = COLUMN_INTEGER, .min = 18, .max = 90},
    {.name = OWN("visits"),
     .type = COLUMN_INTEGER,
     .min = -3,
     .max = 400,
     .nullable = true,
     .missing = 0.1,
     .spelt = {.items = word_na, .count = 2}},
    {.name = OWN("price"), .type = COLUMN_NUMBER, .min = 0.5, .max = 99.75},
    {.name = OWN("weight"), .type = COLUMN_NUMBER, .min = -1.5, .max = 1.5, .nullable = true},
    {.name = OWN("member"), .type = COLUMN_BOOLEAN, .min = NAN, .max = NAN, .categories = answers, .category_count = 2},
    {.name = OWN("city"), .type = COLUMN_CATEGORY, .min = NAN, .max = NAN, .categories = cities, .category_count = 4},
    {.name = OWN("grade"), .type = COLUMN_CATEGORY, .min = NAN, .max = NAN, .categories = grades, .category_count = 2},
    {.name = OWN("note"), .type = COLUMN_TEXT, .min = NAN, .max = NAN, .longest = 40},
    {.name = OWN("remark"), .type = COLUMN_TEXT, .min = NAN, .max = NAN, .longest = 40, .nullable = true},
    {.name = OWN("day"), .type = COLUMN_DATE, .min = NAN, .max = NAN, .format = OWN("%Y-%m-%d")},
    {.name = OWN("moment"), .type = COLUMN_DATE, .min = NAN, .max = NAN, .format = OWN("%d.%m.%Y %H:%M")},
    {.name = OWN("seen"), .type = COLUMN_DATE, .min = NAN, .max = NAN, .format = OWN("epoch s")},
    {.name = OWN("id \"x\""), .type = COLUMN_IDENTIFIER, .min = NAN, .max = NAN},
};
static struct schema sample_schema = {
    .columns = sample_columns, .count = SAMPLE_COLUMNS, .output = {.min = NAN, .max = NAN}};
static const char *sample_names[SAMPLE_COLUMNS];
static struct cell sample_cells[SAMPLE_ROWS * SAMPLE_COLUMNS];
static struct sample the_sample;

static inline struct cell sample_text(const char *format, int number)
{
    char text[64];
    snprintf(text, sizeof text, "%s", format);
    if (strchr(format, '#'))
        snprintf(text, sizeof text, "%.*s%d", (int)strcspn(format, "#"), format, number);
    const char *kept = arena_copy(&the_sample.texts, text);
    return (struct cell){.kind = CELL_TEXT, .text = kept, .len = strlen(kept)};
}

static inline void sample_row(struct cell *row, int i)
{
    static const char *const notes[] = {"Kind words, \"quoted\"", "Crème brûlée", "e\xcc\x81te\xcc\x81", "plain text",
                                        "x"};
    static const char *const days[] = {"2021-03-28", "2020-02-29", "1999-12-31", "2007-07-07"};
    static const char *const moments[] = {"28.03.2021 02:30", "01.12.1999 23:59", "05.05.2005 05:05"};
    row[0] = (struct cell){.kind = CELL_INTEGER, .integer = 18 + i};
    row[1] = i % 7 == 3 ? (struct cell){.kind = CELL_NULL} : (struct cell){.kind = CELL_INTEGER, .integer = 10 * i - 3};
    row[2] = (struct cell){.kind = CELL_NUMBER, .number = 0.5 + i * 1.25};
    row[3] = i % 5 == 0 ? (struct cell){.kind = CELL_NULL}
                        : (struct cell){.kind = CELL_NUMBER, .number = -1.5 + i / 39.0 * 3};
    row[4] = (struct cell){.kind = CELL_BOOL, .integer = i % 2, .text = i % 2 ? "yes" : "no", .len = i % 2 ? 3 : 2};
    row[5] = sample_text(cities[i % 4].value, i);
    row[6] = (struct cell){.kind = CELL_INTEGER, .integer = 1 + i % 2};
    row[7] = sample_text(notes[i % 5], i);
    row[8] = i % 3 == 0 ? (struct cell){.kind = CELL_NULL} : sample_text(notes[(i + 2) % 5], i);
    row[9] = sample_text(days[i % 4], i);
    row[10] = sample_text(moments[i % 3], i);
    row[11] = (struct cell){.kind = CELL_INTEGER, .integer = 1600000000 + i * 86400};
    row[12] = sample_text("A-#", 1000 + i);
}

static inline void sample_begin(void)
{
    for (size_t j = 0; j < SAMPLE_COLUMNS; j++)
        sample_names[j] = sample_columns[j].name;
    for (int i = 0; i < SAMPLE_ROWS; i++)
        sample_row(sample_cells + i * SAMPLE_COLUMNS, i);
    the_sample.cells = sample_cells;
    the_sample.columns = sample_names;
    the_sample.rows = (struct rows){
        .columns = sample_names, .column_count = SAMPLE_COLUMNS, .cells = sample_cells, .row_count = SAMPLE_ROWS};
    sample_prepare(&the_sample);
}

static inline void sample_end(void)
{
    arena_free(&the_sample.texts);
    the_sample = (struct sample){0};
}

// As an API with records does it.
static inline void encode_records(struct buf *body, const void *context, const struct question *question)
{
    (void)context;
    buf_puts(body, "{\"records\":[");
    for (size_t i = 0; i < question->rows.row_count; i++) {
        if (i > 0)
            buf_putc(body, ',');
        row_write_json(body, &question->rows, i);
    }
    buf_puts(body, "]}");
}

// As a stream does it: every line ends.
static inline void encode_lines(struct buf *body, const void *context, const struct question *question)
{
    (void)context;
    for (size_t i = 0; i < question->rows.row_count; i++) {
        row_write_json(body, &question->rows, i);
        buf_putc(body, '\n');
    }
}

static const struct client_ability asked[] = {
    {.json = true,
     .raw = true,
     .alive = true,
     .named_columns = true,
     .styles = 1u << STYLE_PLAIN,
     .encode = encode_lines},
    {.csv = true, .raw = true, .many_rows = true, .no_rows = true, .named_columns = true, .styles = 1u << STYLE_PLAIN},
    {.json = true,
     .csv = true,
     .raw = true,
     .http = true,
     .alive = true,
     .many_rows = true,
     .no_rows = true,
     .named_columns = true,
     .styles = 1u << STYLE_PLAIN | 1u << STYLE_SPLIT | 1u << STYLE_CSV,
     .encode = encode_records},
};
enum { STREAM, BATCH, API, WAYS };

static inline struct case_space sample_space(size_t way)
{
    return (struct case_space){.schema = &sample_schema, .sample = &the_sample, .ability = &asked[way]};
}

// All that a case sends, and how: what must be the same when it is made again.
static inline void case_bytes(struct buf *out, const struct fuzz_case *c)
{
    struct question question;
    case_question(&question, c);
    buf_printf(out, "%s %d %s ", c->mutation ? c->mutation->name : "clean", (int)question.style,
               question.content_type ? question.content_type : "-");
    if (question.raw) {
        buf_append(out, question.raw, question.raw_len);
        return;
    }
    for (size_t i = 0; i < question.rows.row_count; i++)
        row_write_json(out, &question.rows, i);
}

#endif
