// SPDX-License-Identifier: Apache-2.0
//
// bench_cases CASES: makes so many cases of ten columns, each with its one row written as JSON into a buffer that is
// used again; prints rows a second of CPU time, and how long one is on average. `clean` as a second argument: without
// any mess.
#include "base/arena.h"
#include "fuzz/cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 10, ROWS = 1000 };

static void fill(struct cell *row, struct rng *rng, struct arena *texts)
{
    static const char *const cities[] = {"Berlin", "Paris", "Lyon", "Wien"};
    static const char *const notes[] = {"called twice", "no answer", "moved to another town, wants \"quiet\"", "-"};
    for (size_t j = 0; j < 3; j++)
        row[j] = (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)rng_below(rng, 10000)};
    row[3] = (struct cell){.kind = CELL_NUMBER, .number = rng_below(rng, 100000) / 100.0};
    row[4] = (struct cell){.kind = CELL_NUMBER, .number = rng_unit(rng)};
    row[5] = (struct cell){.kind = CELL_NUMBER, .number = rng_unit(rng) * 1e6};
    row[6] = (struct cell){.kind = CELL_BOOL, .integer = rng_below(rng, 2)};
    for (size_t j = 7; j < COLUMNS; j++) {
        const char *text = j < 9 ? cities[rng_below(rng, 4)] : notes[rng_below(rng, 4)];
        row[j] = (struct cell){.kind = CELL_TEXT, .text = arena_copy(texts, text), .len = strlen(text)};
    }
}

int main(int argc, char **argv)
{
    size_t cases = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    if (cases == 0)
        return 2;
    struct category cities[] = {{(char *)"Berlin", 0.4}, {(char *)"Paris", 0.3}, {(char *)"Lyon", 0.3}};
    struct column columns[COLUMNS] = {0};
    static char names[COLUMNS][16];
    const char *name_of[COLUMNS];
    struct cell *cells = mem_array(ROWS * COLUMNS, sizeof *cells);
    struct sample sample = {.cells = cells};
    struct rng rng;
    rng_seed(&rng, 1);
    for (size_t j = 0; j < COLUMNS; j++) {
        snprintf(names[j], sizeof names[j], "column_%zu", j);
        name_of[j] = names[j];
        columns[j] = (struct column){.name = names[j], .min = NAN, .max = NAN};
        columns[j].type = j < 3   ? COLUMN_INTEGER
                          : j < 6 ? COLUMN_NUMBER
                          : j < 7 ? COLUMN_BOOLEAN
                          : j < 9 ? COLUMN_CATEGORY
                                  : COLUMN_TEXT;
        if (j < 6) {
            columns[j].min = 0;
            columns[j].max = j == 4 ? 1 : j == 5 ? 1e6 : 10000;
        }
        columns[j].categories = j == 7 || j == 8 ? cities : NULL;
        columns[j].category_count = j == 7 || j == 8 ? 3 : 0;
    }
    for (size_t i = 0; i < ROWS; i++)
        fill(cells + i * COLUMNS, &rng, &sample.texts);
    sample.columns = name_of;
    sample.rows = (struct rows){.columns = name_of, .column_count = COLUMNS, .cells = cells, .row_count = ROWS};
    sample_prepare(&sample);
    const struct schema schema = {.columns = columns, .count = COLUMNS};
    const struct client_ability ability = {.json = true, .raw = true, .named_columns = true, .styles = 1};
    const struct case_space space = {.schema = &schema, .sample = &sample, .ability = &ability};

    struct fuzz_case c = {0};
    struct buf out = {0};
    uint64_t bytes = 0;
    clock_t start = clock();
    for (size_t i = 0; i < cases; i++) {
        if (argc > 2) {
            uint64_t clean[] = {0, i % ROWS};
            choices_replay(&c.choices, clean, 2);
        } else {
            choices_draw(&c.choices, &rng);
        }
        case_make(&c, &space, &c.choices);
        struct question question;
        case_question(&question, &c);
        buf_clear(&out);
        if (question.raw)
            buf_append(&out, question.raw, question.raw_len);
        else
            row_write_json(&out, &question.rows, 0);
        bytes += out.len;
    }
    double took = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("%.0f %.0f\n", (double)cases / took, (double)bytes / (double)cases);
    buf_free(&out);
    case_free(&c);
    arena_free(&sample.texts);
    free(cells);
    return 0;
}
