// SPDX-License-Identifier: Apache-2.0
#include "engine/log_drill.h"

#include "base/clock.h"
#include "base/fs.h"
#include "drift/prediction_log.h"
#include "engine/sampled.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROWS = 16 };

// An entry may come a little after its answer, for some servers hand it to another thread. The log is looked at often
// at first, then less.
#define PATIENCE      2.0
#define FIRST_PAUSE   0.002
#define LONGEST_PAUSE 0.1

const char *log_drill_kind(const struct model *model, const struct log_rules *rules, const char **why)
{
    const struct strings *kinds = model_kinds(model);
    const char *found = NULL;
    *why = "suite.json declares no \"model\" to ask";
    for (size_t i = 0; i < kinds->count; i++) {
        const char *kind = kinds->items[i], *obstacle = model_obstacle(model, kind);
        bool api = str_equal(kind, "api");
        if (api ? rules->id_column != NULL : rules->header != NULL)
            obstacle = api ? "\"log\" says \"id_column\", which is not asked over HTTP"
                           : "\"log\" says \"header\", and only an api has headers";
        if (obstacle)
            *why = obstacle;
        else if (!found || api)
            found = kind;
    }
    return found;
}

// ---- Asking

static void name_ids(struct log_drill *drill, size_t count)
{
    if (str_equal(drill->kind, "api") && !drill->rules.header)
        drill->rules.header = (char *)(uintptr_t) "X-Request-Id";
    if (!drill->rules.header && !drill->rules.id_column)
        drill->rules.id_column = (char *)(uintptr_t) "id";
    for (size_t i = 0; i < count; i++) {
        strings_printf(&drill->ids, "repro-%04zu", i + 1);
        if (drill->rules.header)
            strings_printf(&drill->headers, "%s: %s", drill->rules.header, drill->ids.items[i]);
    }
}

// The sample's rows, with the column of ids behind the others (or in the place of one that the schema has).
static void lay_out(struct log_drill *drill)
{
    const struct rows *from = &drill->sample.rows;
    size_t count = from->row_count < ROWS ? from->row_count : ROWS, columns = from->column_count, place = 0;
    name_ids(drill, count);
    while (place < columns && !str_equal(from->columns[place], drill->rules.id_column))
        place++;
    size_t width = drill->rules.id_column && place == columns ? columns + 1 : columns;
    drill->columns = mem_array(width + 1, sizeof *drill->columns);
    drill->cells = mem_array(count + 1, (width + 1) * sizeof *drill->cells);
    for (size_t i = 0; i < columns; i++)
        drill->columns[i] = from->columns[i];
    if (drill->rules.id_column)
        drill->columns[place] = drill->rules.id_column;
    for (size_t row = 0; row < count; row++) {
        memcpy(drill->cells + row * width, from->cells + row * columns, columns * sizeof *drill->cells);
        if (drill->rules.id_column)
            drill->cells[row * width + place] =
                (struct cell){.kind = CELL_TEXT, .text = drill->ids.items[row], .len = strlen(drill->ids.items[row])};
    }
    drill->rows = (struct rows){drill->columns, width, drill->cells, count};
    drill->entries = mem_array(count + 1, sizeof *drill->entries);
}

// ---- Looking

static void take_entry(struct log_drill *drill, const struct prediction *entry)
{
    size_t row = 0;
    while (row < drill->ids.count && !str_equal(drill->ids.items[row], entry->id))
        row++;
    if (row == drill->ids.count) {
        drill->strangers++;
        if (!drill->stranger)
            drill->stranger = entry->id ? str_visible(entry->id, entry->id_len < 60 ? entry->id_len : 60) : NULL;
        return;
    }
    struct drilled *found = &drill->entries[row];
    if (found->count++ > 0)
        return;
    // The pieces point into the line: it is read again where it stays.
    struct prediction_counts ignored = {0};
    const char *line = arena_bytes(&drill->texts, entry->line.text, entry->line.len);
    prediction_read(&found->entry, &ignored, line, entry->line.len, &drill->rules, &drill->texts);
    drill->missing--;
}

static void forget_entries(struct log_drill *drill)
{
    memset(drill->entries, 0, drill->rows.row_count * sizeof *drill->entries);
    arena_clear(&drill->texts);
    free(drill->stranger);
    drill->stranger = NULL;
    drill->strangers = 0;
    drill->missing = drill->rows.row_count;
    drill->counts = (struct prediction_counts){0};
}

static int look(struct log_drill *drill, struct error *err)
{
    const struct prediction_log_options options = {
        .rules = &drill->rules, .folder = drill->written, .repetitions = true, .incomplete = true};
    CLEANUP(prediction_log) struct prediction_log *log = NULL;
    CLEANUP(error) struct error missing = {0};
    struct prediction entry;
    bool more = true;
    forget_entries(drill);
    drill->there = prediction_log_open(&log, drill->rules.path, &options, &missing) == 0;
    if (!drill->there)
        return missing.kind == ERROR_USAGE ? 0 : error_set(err, missing.kind, "%s", missing.message);
    while (more) {
        if (prediction_log_next(&more, &entry, log, err) < 0)
            return -1;
        if (more)
            take_entry(drill, &entry);
    }
    drill->counts = *prediction_log_counts(log);
    return 0;
}

static void pause_for(double seconds)
{
    const struct timespec time = {.tv_nsec = (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

static int look_until_there(struct log_drill *drill, double patience, struct error *err)
{
    double deadline = clock_seconds() + patience;
    for (double pause = FIRST_PAUSE;; pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE) {
        if (look(drill, err) < 0)
            return -1;
        if (drill->missing == 0 || clock_seconds() >= deadline)
            return 0;
        pause_for(pause);
    }
}

// The standard stream to which the model wrote an id instead.
static const char *wrote_to(const struct verification *v, const char *id)
{
    static const char *const files[][2] = {{"model.log.out", "standard output"}, {"model.log", "standard error"}};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        CLEANUP(free) char *path = fs_join(v->replay->folder, files[i][0]);
        CLEANUP(buf) struct buf text = {0};
        CLEANUP(error) struct error ignored = {0};
        if (fs_read(&text, path, 16 << 20, &ignored) == 0 && memmem(buf_text(&text), text.len, id, strlen(id)))
            return files[i][1];
    }
    return NULL;
}

// What the server had not written while it ran it may have written when it ended.
static int look_once_more(struct log_drill *drill, const struct verification *v, struct error *err)
{
    size_t missing = drill->missing;
    client_close(drill->client);
    drill->client = NULL;
    drill->elsewhere = wrote_to(v, drill->ids.items[0]);
    if (look(drill, err) < 0)
        return -1;
    drill->late = drill->missing < missing;
    return 0;
}

int log_drill_run(struct log_drill *out, const struct verification *v, struct model *model, const char *kind,
                  struct error *err)
{
    *out = (struct log_drill){.kind = kind, .rules = v->suite->log};
    bool alive = !str_equal(kind, "batch");
    if (sampled_rows(&out->sample, v, 0, err) < 0)
        return -1;
    lay_out(out);
    out->written = model_keep_files(model);
    if (model_client(&out->client, model, kind, err) < 0 ||
        row_answers_ask_as(&out->answers, out->client, &out->rows,
                           out->headers.count > 0 ? (const char *const *)out->headers.items : NULL, err) < 0 ||
        look_until_there(out, alive ? PATIENCE : 0, err) < 0)
        return -1;
    if (out->missing == 0 || !alive)
        return 0;
    if (look_once_more(out, v, err) < 0)
        return -1;
    return model_client(&out->client, model, kind, err);
}

void log_drill_free(struct log_drill *drill)
{
    client_close(drill->client);
    sample_free(&drill->sample);
    row_answers_free(&drill->answers);
    strings_free(&drill->ids);
    strings_free(&drill->headers);
    arena_free(&drill->texts);
    free(drill->cells);
    free(drill->columns);
    free(drill->entries);
    free(drill->stranger);
    *drill = (struct log_drill){0};
}
