// SPDX-License-Identifier: Apache-2.0
#include "engine/live_data.h"

#include "base/number.h"
#include "core/schema.h"
#include "drift/prediction_log.h"
#include "drift/profile.h"
#include "engine/predicted.h"
#include "serve/answer.h"

#include <string.h>

enum { ASKED_EVERY = 4096 }; // entries, whether to stop

void live_data_free(struct live_data *live)
{
    if (!live)
        return;
    for (size_t i = 0; i < live->count; i++)
        column_summary_free(&live->columns[i]);
    free(live->columns);
    if (live->prediction)
        column_summary_free(live->prediction);
    free(live->prediction);
    if (live->outcomes)
        outcomes_free(live->outcomes);
    free(live->outcomes);
    strings_free(&live->notes);
    free(live);
}

const struct column_summary *live_data_find(const struct live_data *live, const char *column)
{
    for (size_t i = 0; i < live->count; i++) {
        if (strcmp(live->columns[i].name, column) == 0)
            return &live->columns[i];
    }
    return NULL;
}

// Only the columns that the data have: one that is not there is something else than one without a value.
static void take_columns(struct live_data *live, struct profile *profile, const struct schema *schema)
{
    profile_finish(profile);
    live->rows = profile_rows(profile);
    live->columns = mem_array(schema->count, sizeof *live->columns);
    for (size_t i = 0; i < schema->count; i++) {
        if (profile_has(profile, i))
            profile_summary(&live->columns[live->count++], profile, i);
    }
    char count[32];
    number_group(count, profile_broken(profile));
    if (profile_broken(profile) > 0)
        strings_printf(&live->notes, "%s rows cannot be read and are left out", count);
}

static bool is_stopped(const void *context)
{
    const struct drift_request *request = context;
    return request->session && session_stopped(request->session);
}

// ---- A table

static const char *date_column(const struct schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->columns[i].type == COLUMN_DATE)
            return schema->columns[i].name;
    }
    return NULL;
}

// *timed is false where nothing says when a row was.
static int read_rows(struct live_data *live, bool *timed, const struct suite *suite,
                     const struct profile_options *options, const struct drift_request *request, struct error *err)
{
    CLEANUP(profile) struct profile *profile = profile_new(suite->schema, options);
    if (profile_read(profile, request->data, request->data, err) < 0)
        return -1;
    *timed = !request->has_since || profile_has_time(profile);
    if (*timed)
        take_columns(live, profile, suite->schema);
    return 0;
}

// The column that says when is named as in the log, else it is the first date of the schema.
static int read_table(struct live_data *live, const struct suite *suite, const struct drift_request *request,
                      struct error *err)
{
    const char *const names[] = {suite->log.given ? suite->log.time : NULL, date_column(suite->schema)};
    struct profile_options options = {.exact = request->exact,
                                      .last = request->last,
                                      .since = request->since,
                                      .stopped = is_stopped,
                                      .context = request};
    bool timed = false;
    for (size_t i = request->has_since ? 0 : 1; i < ARRAY_LEN(names) && !timed; i++) {
        options.time = request->has_since ? names[i] : NULL;
        if ((names[i] || !request->has_since) && read_rows(live, &timed, suite, &options, request, err) < 0)
            return -1;
    }
    if (timed)
        return 0;
    const char *name = names[0] ? names[0] : names[1];
    return name ? error_set(err, ERROR_USAGE, "--since: '%s' has no column '%s' that would say when", request->data,
                            name)
                : error_set(err, ERROR_USAGE,
                            "--since: no column of the schema is a date, and the suite has no \"log\" whose \"time\" "
                            "would say when");
}

// ---- A log

struct log_reading {
    const struct suite *suite;
    struct live_data *live;
    struct profile *rows;
    struct schema *answers_schema;
    struct profile *answers; // NULL until the first
    struct arena arena;
};

// What was said of the row that has an id of its own, to be joined with what came.
static void join_answer(struct log_reading *r, const struct prediction *entry, const struct cell *said)
{
    struct outcomes *outcomes = r->live->outcomes;
    double value = said->number;
    if (!outcomes || !entry->id)
        return;
    if (r->live->classes && said->kind == CELL_TEXT)
        value = (double)outcomes_class(outcomes, said->text, said->len);
    else if (r->live->classes)
        value = (double)outcomes_class_number(outcomes, said->number);
    else if (said->kind != CELL_NUMBER && !(said->kind == CELL_TEXT && number_parse(&value, said->text, said->len)))
        return;
    outcomes_predict(outcomes, entry->id, entry->id_len, &value);
}

// An entry without an answer that can be read, as where the client saw an error, is one whose prediction is missing.
static void add_answer(struct log_reading *r, const struct prediction *entry, const struct piece *output,
                       const struct profile_options *options)
{
    const struct schema *schema = r->suite->schema;
    struct answer answer;
    struct cell cell = {.kind = CELL_ABSENT};
    char scratch[32];
    bool said = output->len > 0 && answer_parse(&answer, output->text, output->len, schema->output.field, &r->arena) &&
                predicted_cell(&cell, scratch, &answer);
    if (!r->answers_schema && said)
        r->answers_schema = predicted_schema(&answer);
    if (!r->answers && r->answers_schema)
        r->answers = profile_new(r->answers_schema, options);
    if (!said)
        cell = (struct cell){.kind = CELL_ABSENT};
    if (r->answers)
        profile_add_row(r->answers, &cell);
    if (said)
        join_answer(r, entry, &cell);
}

// What came before is counted by the log, and left out here.
static int add_entry(struct log_reading *r, const struct prediction *entry, const struct profile_options *options,
                     struct error *err)
{
    struct prediction_rows rows = prediction_rows(entry);
    struct piece row, output;
    while (!entry->repeated && prediction_rows_next(&rows, &row, &output)) {
        if (row.len == 0) {
            r->live->shapeless++;
            continue;
        }
        if (profile_add_json(r->rows, row.text, row.len, err) < 0)
            return -1;
        add_answer(r, entry, &output, options);
    }
    arena_clear(&r->arena);
    return 0;
}

static int read_entries(struct log_reading *r, struct prediction_log *log, const struct profile_options *options,
                        struct error *err)
{
    struct prediction entry;
    bool more;
    for (uint64_t count = 0;; count++) {
        if (count % ASKED_EVERY == 0 && options->stopped(options->context))
            return error_set(err, ERROR_STOPPED, "stopped while the log was read");
        if (prediction_log_next(&more, &entry, log, err) < 0)
            return -1;
        if (!more)
            return 0;
        if (add_entry(r, &entry, options, err) < 0)
            return -1;
    }
}

static void take_log(struct live_data *live, struct log_reading *r, const struct prediction_log *log)
{
    live->log = true;
    take_columns(live, r->rows, r->suite->schema);
    prediction_counts_tell(&live->notes, prediction_log_counts(log));
    strings_count(&live->notes, live->shapeless, "row", "left out: no object");
    if (live->outcomes) {
        outcomes_finish(live->outcomes);
        outcomes_tell(&live->notes, live->outcomes);
    }
    if (!r->answers)
        return;
    profile_finish(r->answers);
    live->prediction = mem_alloc(sizeof *live->prediction);
    profile_summary(live->prediction, r->answers, 0);
}

// Kept first, so that predictions pass by.
static int read_outcomes(struct live_data *live, const struct suite *suite, const struct baseline *baseline,
                         const struct drift_request *request, struct error *err)
{
    live->classes = baseline && baseline->prediction && baseline->prediction->type == COLUMN_CATEGORY;
    const struct outcomes_options options = {
        .rules = &suite->drift, .target = suite->schema->target, .width = 1, .classes = live->classes};
    if (!suite->drift.outcomes.given)
        return error_set(
            err, ERROR_USAGE,
            "--outcomes: '%s' names no measure of them; add \"drift\": {\"outcomes\": {\"measures\": {\"%s\": "
            "{}}}}",
            suite->path, live->classes ? "accuracy" : "mae");
    live->outcomes = mem_alloc(sizeof *live->outcomes);
    if (outcomes_begin(live->outcomes, &options, err) < 0)
        return -1;
    return outcomes_read(live->outcomes, request->outcomes, request->outcomes, err);
}

static int read_log(struct live_data *live, const struct suite *suite, const struct baseline *baseline,
                    const struct drift_request *request, struct error *err)
{
    const struct prediction_log_options wanted = {
        .rules = &suite->log, .has_since = request->has_since, .since = request->since, .last = request->last};
    const struct profile_options options = {
        .exact = request->exact, .skip_broken = true, .stopped = is_stopped, .context = request};
    CLEANUP(prediction_log) struct prediction_log *log = NULL;
    struct log_reading r = {.suite = suite, .live = live};
    if ((request->outcomes && read_outcomes(live, suite, baseline, request, err) < 0) ||
        prediction_log_open(&log, request->data, &wanted, err) < 0)
        return -1;
    r.rows = profile_new(suite->schema, &options);
    if (baseline && baseline->prediction)
        r.answers_schema = predicted_schema_of(baseline->prediction);
    int read = read_entries(&r, log, &options, err);
    if (read == 0)
        take_log(live, &r, log);
    profile_free(r.rows);
    profile_free(r.answers);
    schema_free(r.answers_schema);
    arena_free(&r.arena);
    return read;
}

static bool is_named_table(const char *path)
{
    return str_ends(path, ".csv") || str_ends(path, ".tsv");
}

// A log where the suite has one and the first line is an entry of it; anything else is a table.
static int is_log(bool *out, const struct suite *suite, const char *path, struct error *err)
{
    *out = false;
    if (!suite->log.given || is_named_table(path))
        return 0;
    const struct prediction_log_options options = {.rules = &suite->log};
    CLEANUP(prediction_log) struct prediction_log *log = NULL;
    struct prediction entry;
    if (prediction_log_open(&log, path, &options, err) < 0)
        return -1;
    return prediction_log_next(out, &entry, log, err);
}

// Data without any of the columns have not drifted: they are something else.
static int check_columns(const struct live_data *live, const struct suite *suite, const struct drift_request *request,
                         struct error *err)
{
    const struct schema *schema = suite->schema;
    const char *why = live->log                       ? "the rows of its entries should name them"
                      : is_named_table(request->data) ? "its first line should name them"
                      : suite->log.given ? "no line is an entry of the log that suite.json describes, either"
                                         : "each row should name them";
    if (live->count > 0)
        return 0;
    return error_set(err, ERROR_USAGE, "'%s' has none of the columns of the schema ('%s'%s); %s", request->data,
                     schema->columns[0].name, schema->count > 1 ? ", …" : "", why);
}

// Nothing that can be joined is no answer to how well the model did. What is merely not known yet is.
static int check_outcomes(const struct live_data *live, const struct suite *suite, const struct drift_request *request,
                          struct error *err)
{
    const struct outcomes *outcomes = live->outcomes;
    CLEANUP(strings) struct strings counts = {0};
    if (outcomes && outcomes->rows == 0)
        return error_set(err, ERROR_USAGE, "--outcomes: '%s' has no row", request->outcomes);
    if (!outcomes || outcomes->count > 0 || (outcomes->pending > 0 && outcomes->pending == outcomes->rows))
        return 0;
    outcomes_tell(&counts, outcomes);
    CLEANUP(free) char *told = strings_join(&counts, ", ");
    return error_set(err, ERROR_USAGE,
                     "--outcomes: nothing in '%s' came of a prediction in '%s': %s%sis '%s' the "
                     "column of the ids?",
                     request->outcomes, request->data, told, *told ? "; " : "",
                     suite->drift.outcomes.id ? suite->drift.outcomes.id : "id");
}

int live_data_read(struct live_data **out, const struct suite *suite, const struct baseline *baseline,
                   const struct drift_request *request, struct error *err)
{
    CLEANUP(live_data) struct live_data *live = mem_alloc(sizeof *live);
    bool log = false;
    if (is_log(&log, suite, request->data, err) < 0)
        return -1;
    if (request->outcomes && !log)
        return error_set(err, ERROR_USAGE,
                         "--outcomes: '%s' is no log of predictions, so there is nothing to join them with%s",
                         request->data, suite->log.given ? "" : "; suite.json has no \"log\"");
    if (log ? read_log(live, suite, baseline, request, err) < 0 : read_table(live, suite, request, err) < 0)
        return -1;
    if (live->rows == 0) {
        CLEANUP(free) char *notes = strings_join(&live->notes, ", ");
        return error_set(err, ERROR_USAGE, "'%s' has no row%s to look at%s%s", request->data,
                         request->has_since ? " of that time or later" : "", *notes ? ": " : "", notes);
    }
    if (check_columns(live, suite, request, err) < 0 || check_outcomes(live, suite, request, err) < 0)
        return -1;
    *out = steal(&live);
    return 0;
}
