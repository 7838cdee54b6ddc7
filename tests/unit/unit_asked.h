// SPDX-License-Identifier: Apache-2.0
//
// A schema and a sample for the models of unit_defects.h, and sessions with them.
#ifndef REPRO_TESTS_UNIT_ASKED_H
#define REPRO_TESTS_UNIT_ASKED_H

#include "base/clock.h"
#include "fuzz/session.h"
#include "unit_defects.h"
#include "unit_files.h"
#include "unit_launcher.h"

enum { ASKED_COLUMNS = 5, ASKED_ROWS = 60 };

// Schemas own their texts; these are only read.
#ifndef OWN
#define OWN(text) (char *)(text)
#endif
static struct category asked_cities[] = {{OWN("Bonn"), 0.5}, {OWN("Lyon"), 0.3}, {OWN("Paris"), 0.2}};
static struct column asked_columns[ASKED_COLUMNS] = {
    {.name = OWN("age"), .type = COLUMN_INTEGER, .min = 18, .max = 90},
    {.name = OWN("size"), .type = COLUMN_NUMBER, .min = 0.5, .max = 100},
    {.name = OWN("weight"), .type = COLUMN_NUMBER, .min = -1.5, .max = 1.5, .nullable = true, .missing = 0.2},
    {.name = OWN("city"),
     .type = COLUMN_CATEGORY,
     .min = NAN,
     .max = NAN,
     .categories = asked_cities,
     .category_count = 3},
    {.name = OWN("id"), .type = COLUMN_INTEGER, .min = 1, .max = 5000},
};

struct asked_session {
    struct schema schema;
    struct column columns[ASKED_COLUMNS];
    struct sample sample;
    struct cell cells[ASKED_ROWS * ASKED_COLUMNS];
    const char *names[ASKED_COLUMNS];
    struct fuzz_rules rules;
    struct launcher launcher;
    struct client_options client_options;
    struct client *client;
    struct fuzz_options options;
    struct fuzz_outcome outcome;
    char *folder;
};

static inline void asked_rows(struct asked_session *a)
{
    static const char *const cities[] = {"Bonn", "Lyon", "Bonn", "Paris", "Bonn"};
    for (int i = 0; i < ASKED_ROWS; i++) {
        struct cell *row = a->cells + i * ASKED_COLUMNS;
        const char *city = cities[i % 5];
        row[0] = (struct cell){.kind = CELL_INTEGER, .integer = 18 + i * 7 % 70};
        row[1] = (struct cell){.kind = CELL_NUMBER, .number = 0.5 + i * 1.625};
        row[2] = i % 5 == 0 ? (struct cell){.kind = CELL_NULL}
                            : (struct cell){.kind = CELL_NUMBER, .number = -1.5 + i * 0.05};
        row[3] = (struct cell){.kind = CELL_TEXT, .text = city, .len = strlen(city)};
        row[4] = (struct cell){.kind = CELL_INTEGER, .integer = 1 + i * 83};
    }
}

// Enters a folder of its own. What is declared may be changed before asked_run.
static inline void asked_begin(struct asked_session *a)
{
    *a = (struct asked_session){.folder = enter_folder()};
    memcpy(a->columns, asked_columns, sizeof a->columns);
    a->schema = (struct schema){
        .columns = a->columns, .count = ASKED_COLUMNS, .capacity = ASKED_COLUMNS, .output = {.min = NAN, .max = NAN}};
    for (size_t i = 0; i < ASKED_COLUMNS; i++)
        a->names[i] = a->columns[i].name;
    asked_rows(a);
    a->sample.cells = a->cells;
    a->sample.columns = a->names;
    a->sample.rows =
        (struct rows){.columns = a->names, .column_count = ASKED_COLUMNS, .cells = a->cells, .row_count = ASKED_ROWS};
    sample_prepare(&a->sample);
    a->launcher = unit_launcher(a->folder);
    a->client_options = (struct client_options){.launcher = &a->launcher, .timeout = 5};
    a->options = (struct fuzz_options){.schema = &a->schema, .sample = &a->sample, .rules = &a->rules, .cases = 1000};
}

// `kind` is "stream" or "batch".
static inline void asked_open(struct client **out, struct asked_session *a, const char *kind, const char *model)
{
    struct error err = {0};
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    ck_assert_int_gt(len, 0);
    self[len] = '\0';
    CLEANUP(strings) struct strings command = {0};
    strings_add(&command, self);
    strings_add(&command, "model");
    strings_add(&command, model);
    if (str_equal(kind, "batch")) {
        strings_add(&command, "{input:jsonl}");
        strings_add(&command, "{output:jsonl}");
    }
    a->client_options.command = &command;
    ck_ok(client_open(out, kind, &a->client_options, &err), &err);
}

static inline void asked_run(struct asked_session *a, const char *model)
{
    struct error err = {0};
    if (!a->client)
        asked_open(&a->client, a, "stream", model);
    fuzz_outcome_free(&a->outcome);
    a->options.client = a->client;
    ck_ok(fuzz_run(&a->outcome, &a->options, &err), &err);
}

static inline void asked_end(struct asked_session *a)
{
    fuzz_outcome_free(&a->outcome);
    client_close(a->client);
    arena_free(&a->sample.texts);
    leave_folder(a->folder);
}

static inline void show_findings(struct buf *out, const struct fuzz_outcome *outcome)
{
    for (size_t i = 0; i < outcome->finding_count; i++) {
        const struct finding *f = &outcome->findings[i];
        buf_printf(out, "%s %s %s: %s%s | %s | %s | %zu cells\n", f->oracle->name,
                   f->mutation ? f->mutation->name : "clean", f->column ? f->column : "-", f->why,
                   f->flaky ? " (flaky)" : "", f->sent, f->came_back, f->cells);
    }
}

static inline const struct finding *find_finding(const struct asked_session *a, const char *oracle,
                                                 const char *mutation, const char *column)
{
    for (size_t i = 0; i < a->outcome.finding_count; i++) {
        const struct finding *f = &a->outcome.findings[i];
        if (str_equal(f->oracle->name, oracle) &&
            (!mutation || (f->mutation && str_glob(mutation, f->mutation->name))) &&
            (!column || str_equal(f->column, column)))
            return f;
    }
    return NULL;
}

#endif
