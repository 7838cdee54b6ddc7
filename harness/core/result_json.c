// SPDX-License-Identifier: Apache-2.0
//
// result.json: the table of its keys, the writer, and the reader.
#include "core/document.h"
#include "core/result.h"

#include "base/fs.h"

#include <string.h>

#define RESULT_MAX_SIZE ((size_t)256 << 20)

// ---- Keys. schemas/result.schema.json says the same; a test holds the two against each other.

enum { DOC_REAL = DOC_NUMBER | DOC_STRING }; // a string for NaN, ±Infinity, and over 2^53

static const struct json_field note_fields[] = {
    {.name = "level", .types = DOC_STRING, .required = true},
    {.name = "text", .types = DOC_STRING, .required = true},
    {0},
};
static const struct json_field note = {.name = "", .types = DOC_OBJECT, .fields = note_fields};

static const struct json_field check_fields[] = {
    {.name = "suite", .types = DOC_STRING, .required = true},
    {.name = "stage", .types = DOC_STRING, .required = true},
    {.name = "name", .types = DOC_STRING, .required = true},
    {.name = "verdict", .types = DOC_STRING, .required = true},
    {.name = "fault", .types = DOC_STRING},
    {.name = "advisory", .types = DOC_BOOL},
    {.name = "reason", .types = DOC_STRING},
    {.name = "detail", .types = DOC_STRING},
    {.name = "cause", .types = DOC_STRING},
    {.name = "repeat", .types = DOC_STRING},
    {.name = "file", .types = DOC_STRING},
    {.name = "line", .types = DOC_NUMBER},
    {.name = "seconds", .types = DOC_REAL, .required = true},
    {.name = "notes", .types = DOC_ARRAY, .items = &note},
    {0},
};
static const struct json_field check_row = {.name = "", .types = DOC_OBJECT, .fields = check_fields};

static const struct json_field summary_fields[] = {
    {.name = "name", .types = DOC_STRING, .required = true},
    {.name = "seconds", .types = DOC_REAL, .required = true},
    {.name = "train_wall", .types = DOC_REAL, .required = true},
    {.name = "train_cpu", .types = DOC_REAL, .required = true},
    {.name = "peak_memory", .types = DOC_REAL, .required = true},
    {.name = "run_folder", .types = DOC_STRING},
    {0},
};
static const struct json_field summary_row = {.name = "", .types = DOC_OBJECT, .fields = summary_fields};

static const struct json_field total_fields[] = {
    {.name = "pass", .types = DOC_NUMBER, .required = true},
    {.name = "fail", .types = DOC_NUMBER, .required = true},
    {.name = "skip", .types = DOC_NUMBER, .required = true},
    {.name = "error", .types = DOC_NUMBER, .required = true},
    {0},
};

static const struct json_field fields[] = {
    {.name = "format", .types = DOC_NUMBER, .required = true},
    {.name = "command", .types = DOC_STRING, .required = true},
    {.name = "version", .types = DOC_STRING, .required = true},
    {.name = "started", .types = DOC_REAL, .required = true},
    {.name = "seconds", .types = DOC_REAL, .required = true},
    {.name = "exit_status", .types = DOC_NUMBER, .required = true},
    {.name = "totals", .types = DOC_OBJECT, .required = true, .fields = total_fields},
    {.name = "properties", .types = DOC_OBJECT, .required = true, .values = &document_text},
    {.name = "suites", .types = DOC_ARRAY, .required = true, .items = &summary_row},
    {.name = "checks", .types = DOC_ARRAY, .required = true, .items = &check_row},
    {0},
};

const struct json_field *result_fields(void)
{
    return fields;
}

static const char *const verdict_words[] = {"pass", "fail", "skip", "error"};
static const char *const level_words[] = {[NOTE_NOTICE] = "notice", [NOTE_WARNING] = "warning"};
static const char *const fault_words[] = {
    [ERROR_NONE] = "unknown", [ERROR_USAGE] = "usage", [ERROR_MACHINE] = "machine", [ERROR_STOPPED] = "stopped"};

// ---- Writing

static void put_optional(struct json_writer *w, const char *key, const char *text)
{
    if (text)
        json_put_string(w, key, text);
}

static void put_check(struct json_writer *w, const struct check *check)
{
    json_begin_object(w, NULL);
    json_put_string(w, "suite", check->suite);
    json_put_string(w, "stage", stage_name(check->stage));
    json_put_string(w, "name", check->name);
    json_put_string(w, "verdict", verdict_words[check->verdict]);
    if (check->verdict == VERDICT_ERROR)
        json_put_string(w, "fault", fault_words[check->fault]);
    if (check->advisory)
        json_put_bool(w, "advisory", true);
    put_optional(w, "reason", check->reason);
    put_optional(w, "detail", check->detail);
    put_optional(w, "cause", check->cause);
    put_optional(w, "repeat", check->repeat);
    put_optional(w, "file", check->file);
    if (check->line > 0)
        json_put_int(w, "line", check->line);
    json_put_double(w, "seconds", check->seconds);
    if (check->note_count > 0) {
        json_begin_array(w, "notes");
        for (size_t i = 0; i < check->note_count; i++) {
            json_begin_object(w, NULL);
            json_put_string(w, "level", level_words[check->notes[i].level]);
            json_put_string(w, "text", check->notes[i].text);
            json_end_object(w);
        }
        json_end_array(w);
    }
    json_end_object(w);
}

static void put_summary(struct json_writer *w, const struct suite_summary *summary)
{
    json_begin_object(w, NULL);
    json_put_string(w, "name", summary->name);
    json_put_double(w, "seconds", summary->seconds);
    json_put_double(w, "train_wall", summary->train_wall);
    json_put_double(w, "train_cpu", summary->train_cpu);
    json_put_u64(w, "peak_memory", summary->peak_memory);
    put_optional(w, "run_folder", summary->run_folder);
    json_end_object(w);
}

void result_write(struct buf *out, const struct result *result)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_int(&w, "format", RESULT_FORMAT);
    json_put_string(&w, "command", result->command);
    json_put_string(&w, "version", result->version);
    json_put_int(&w, "started", result->started);
    json_put_double(&w, "seconds", result->seconds);
    json_put_int(&w, "exit_status", result_exit_status(result));
    json_begin_object(&w, "totals");
    for (int i = VERDICT_PASS; i <= VERDICT_ERROR; i++)
        json_put_int(&w, verdict_words[i], (int64_t)result_count(result, NULL, (enum verdict)i));
    json_end_object(&w);
    json_begin_object(&w, "properties");
    for (size_t i = 0; i < result->properties.count; i++)
        json_put_string(&w, result->properties.items[i].name, result->properties.items[i].value);
    json_end_object(&w);
    json_begin_array(&w, "suites");
    for (size_t i = 0; i < result->suite_count; i++)
        put_summary(&w, &result->suites[i]);
    json_end_array(&w);
    json_begin_array(&w, "checks");
    for (size_t i = 0; i < result->check_count; i++)
        put_check(&w, &result->checks[i]);
    json_end_array(&w);
    json_end_object(&w);
    json_finish(&w);
}

// ---- Reading

static const struct json_value *text_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_STRING);
}

// Times are told, never computed with, but a negative or infinite one would make nonsense of a report.
static double read_seconds(const struct document *doc, const struct json_value *object, const char *key)
{
    const struct json_value *value = document_get(object, key, DOC_REAL);
    double seconds = 0;
    document_number(doc, &seconds, value);
    if (!(seconds >= 0 && seconds <= 1e15)) {
        json_problem(doc->json, value, doc->err, "expected a number of seconds");
        seconds = 0;
    }
    return seconds;
}

static void read_notes(const struct document *doc, struct check *check, const struct json_value *value)
{
    const struct json_value *notes = document_get(value, "notes", DOC_ARRAY);
    size_t count = notes ? json_count(notes) : 0;
    check->notes = count ? mem_array(count, sizeof *check->notes) : NULL;
    check->note_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(notes, i);
        check->notes[i].level = (enum note_level)document_word(doc, text_of(item, "level"), level_words,
                                                               ARRAY_LEN(level_words), NOTE_NOTICE);
        check->notes[i].text = document_string(doc, text_of(item, "text"), document_any);
    }
}

static void read_check(const struct document *doc, struct result *result, const struct json_value *value)
{
    const char *stage_words[STAGE_COUNT];
    for (int i = 0; i < STAGE_COUNT; i++)
        stage_words[i] = stage_name((enum stage)i);
    const struct json_value *suite = text_of(value, "suite"), *name = text_of(value, "name");
    const struct json_value *fault = text_of(value, "fault"), *line = document_get(value, "line", DOC_NUMBER);
    int stage = document_word(doc, text_of(value, "stage"), stage_words, STAGE_COUNT, STAGE_DOCUMENT);
    int verdict = document_word(doc, text_of(value, "verdict"), verdict_words, ARRAY_LEN(verdict_words), -1);
    struct check *check =
        result_add(result, suite ? json_string(suite) : "", (enum stage)stage, name ? json_string(name) : "",
                   verdict < 0 ? VERDICT_ERROR : (enum verdict)verdict);
    check->fault = (enum error_kind)document_word(doc, fault, fault_words, ARRAY_LEN(fault_words), ERROR_NONE);
    if (verdict >= 0 && (fault != NULL) != (verdict == VERDICT_ERROR))
        json_problem(doc->json, value, doc->err, "\"fault\" goes with the verdict \"error\", and only with it");
    const struct json_value *advisory = document_get(value, "advisory", DOC_BOOL);
    check->advisory = advisory && json_bool(advisory);
    check->reason = document_string(doc, text_of(value, "reason"), document_any);
    check->detail = document_string(doc, text_of(value, "detail"), document_any);
    check->cause = document_string(doc, text_of(value, "cause"), document_any);
    check->repeat = document_string(doc, text_of(value, "repeat"), document_any);
    check->file = document_string(doc, text_of(value, "file"), document_any);
    uint64_t number = 0;
    document_count(doc, &number, line);
    if (number > INT32_MAX)
        json_problem(doc->json, line, doc->err, "expected the number of a line");
    else
        check->line = (long)number;
    check->seconds = read_seconds(doc, value, "seconds");
    read_notes(doc, check, value);
}

static void read_summaries(const struct document *doc, struct result *result, const struct json_value *root)
{
    const struct json_value *array = document_get(root, "suites", DOC_ARRAY);
    size_t count = array ? json_count(array) : 0;
    result->suites = count ? mem_array(count, sizeof *result->suites) : NULL;
    result->suite_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(array, i), *name = text_of(item, "name");
        struct suite_summary *summary = &result->suites[i];
        summary->name = str_dup(name ? json_string(name) : "");
        if (i > 0 && name && strcmp(result->suites[i - 1].name, summary->name) >= 0)
            json_problem(doc->json, name, doc->err, "suites stand in byte order, each once");
        summary->seconds = read_seconds(doc, item, "seconds");
        summary->train_wall = read_seconds(doc, item, "train_wall");
        summary->train_cpu = read_seconds(doc, item, "train_cpu");
        document_count(doc, &summary->peak_memory, document_get(item, "peak_memory", DOC_REAL));
        summary->run_folder = document_string(doc, text_of(item, "run_folder"), document_inside);
    }
}

// The totals and the exit status are there for those who read no further; they must not say anything else than the
// checks do.
static void require_totals(const struct document *doc, const struct result *result, const struct json_value *root)
{
    const struct json_value *totals = document_get(root, "totals", DOC_OBJECT);
    for (int i = VERDICT_PASS; i <= VERDICT_ERROR; i++) {
        const struct json_value *total = document_get(totals, verdict_words[i], DOC_NUMBER);
        size_t count = result_count(result, NULL, (enum verdict)i);
        if (total && json_number(total) != (double)count)
            json_problem(doc->json, total, doc->err, "there are %zu such checks", count);
    }
    const struct json_value *status = document_get(root, "exit_status", DOC_NUMBER);
    if (status && json_number(status) != result_exit_status(result))
        json_problem(doc->json, status, doc->err, "the checks give %d", result_exit_status(result));
}

int result_parse(struct result **out, const char *path, const char *text, size_t len, struct error *err)
{
    *out = NULL;
    CLEANUP(json) struct json *json = NULL;
    struct document doc = {.err = err, .before = err->problem_count};
    const struct json_options options = {.max_size = RESULT_MAX_SIZE};
    if (json_parse(&json, path, text, len, &options, err) < 0)
        return -1;
    doc.json = json;
    if (document_format(&doc, RESULT_FORMAT, "result") < 0 || document_check(&doc, fields) < 0)
        return -1;

    const struct json_value *root = json_root(json);
    CLEANUP(result) struct result *result = mem_alloc(sizeof *result);
    result->command = document_string(&doc, text_of(root, "command"), document_any);
    result->version = document_string(&doc, text_of(root, "version"), document_any);
    result->started = (int64_t)read_seconds(&doc, root, "started");
    result->seconds = read_seconds(&doc, root, "seconds");
    document_pairs(&doc, &result->properties, document_get(root, "properties", DOC_OBJECT), document_filled,
                   document_any);
    read_summaries(&doc, result, root);
    const struct json_value *checks = document_get(root, "checks", DOC_ARRAY);
    for (size_t i = 0, count = checks ? json_count(checks) : 0; i < count; i++)
        read_check(&doc, result, json_at(checks, i));
    if (document_is_good(&doc))
        require_totals(&doc, result, root);
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&result);
    return 0;
}
