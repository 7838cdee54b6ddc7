// SPDX-License-Identifier: Apache-2.0
//
// .repro/evidence/NAME.json: the table of its keys, the writer, and the reader.
#include "core/document.h"
#include "core/evidence.h"
#include "core/suite.h"

#include <string.h>

// ---- Keys. schemas/evidence.schema.json says the same; a test holds the two against each other.

enum { DOC_WHOLE = DOC_NUMBER | DOC_STRING }; // a string over 2^53

static const struct json_field check_fields[] = {
    {.name = "name", .types = DOC_STRING, .required = true},
    {.name = "verdict", .types = DOC_STRING, .required = true},
    {.name = "reason", .types = DOC_STRING},
    {0},
};
static const struct json_field check_row = {.name = "", .types = DOC_OBJECT, .fields = check_fields};

static const struct json_field count_fields[] = {
    {.name = "pass", .types = DOC_NUMBER, .required = true},
    {.name = "fail", .types = DOC_NUMBER, .required = true},
    {.name = "skip", .types = DOC_NUMBER, .required = true},
    {.name = "error", .types = DOC_NUMBER, .required = true},
    {0},
};

static const struct json_field stage_fields[] = {
    {.name = "when", .types = DOC_NUMBER, .required = true},
    {.name = "verdict", .types = DOC_STRING, .required = true},
    {.name = "golden", .types = DOC_STRING, .required = true},
    {.name = "inputs", .types = DOC_STRING, .required = true},
    {.name = "document", .types = DOC_STRING, .required = true},
    {.name = "class", .types = DOC_STRING, .required = true},
    {.name = "version", .types = DOC_STRING, .required = true},
    {.name = "passes", .types = DOC_WHOLE},
    {.name = "last_pass", .types = DOC_NUMBER},
    {.name = "counts", .types = DOC_OBJECT, .required = true, .fields = count_fields},
    {.name = "facts", .types = DOC_OBJECT, .required = true, .values = &document_text},
    {.name = "checks", .types = DOC_ARRAY, .required = true, .items = &check_row},
    {0},
};
static const struct json_field stage_row = {.name = "", .types = DOC_OBJECT, .fields = stage_fields};

static const struct json_field fields[] = {
    {.name = "format", .types = DOC_NUMBER, .required = true},
    {.name = "suite", .types = DOC_STRING, .required = true},
    {.name = "stages", .types = DOC_OBJECT, .required = true, .values = &stage_row},
    {0},
};

const struct json_field *evidence_fields(void)
{
    return fields;
}

static const char *const verdict_words[] = {"pass", "fail", "skip", "error"};
static const enum verdict order[] = {VERDICT_ERROR, VERDICT_FAIL, VERDICT_SKIP, VERDICT_PASS};

// ---- Writing

static void put_digest(struct json_writer *w, const char *key, const struct digest *digest)
{
    char hex[65];
    digest_hex(hex, digest);
    json_put_string(w, key, hex);
}

static void put_stage(struct json_writer *w, const char *name, const struct evidence_stage *record)
{
    json_begin_object(w, name);
    json_put_int(w, "when", record->when);
    json_put_string(w, "verdict", verdict_name(evidence_verdict(record)));
    put_digest(w, "golden", &record->golden);
    put_digest(w, "inputs", &record->inputs);
    put_digest(w, "document", &record->document);
    json_put_string(w, "class", record->class_name);
    json_put_string(w, "version", record->version);
    if (record->passes > 0) {
        json_put_u64(w, "passes", record->passes);
        json_put_int(w, "last_pass", record->last_pass);
    }
    json_begin_object(w, "counts");
    for (int i = VERDICT_PASS; i <= VERDICT_ERROR; i++)
        json_put_int(w, verdict_words[i], (int64_t)record->counts[i]);
    json_end_object(w);
    json_begin_object(w, "facts");
    for (size_t i = 0; i < record->facts.count; i++)
        json_put_string(w, record->facts.items[i].name, record->facts.items[i].value);
    json_end_object(w);
    json_begin_array(w, "checks");
    for (size_t i = 0; i < record->check_count; i++) {
        json_begin_object(w, NULL);
        json_put_string(w, "name", record->checks[i].name);
        json_put_string(w, "verdict", verdict_name(record->checks[i].verdict));
        if (record->checks[i].reason)
            json_put_string(w, "reason", record->checks[i].reason);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

void evidence_write(struct buf *out, const struct evidence *evidence)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_int(&w, "format", EVIDENCE_FORMAT);
    json_put_string(&w, "suite", evidence->suite);
    json_begin_object(&w, "stages");
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        if (evidence->stages[i])
            put_stage(&w, stage_name((enum stage)i), evidence->stages[i]);
    }
    json_end_object(&w);
    json_end_object(&w);
    json_finish(&w);
}

// ---- Reading

static const struct json_value *text_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_STRING);
}

static void read_digest(const struct document *doc, struct digest *out, const struct json_value *object,
                        const char *key)
{
    const struct json_value *value = text_of(object, key);
    if (value && digest_from_hex(out, json_string(value)) < 0)
        json_problem(doc->json, value, doc->err, "expected a SHA-256 of 64 hexadecimal digits");
}

static int64_t read_time(const struct document *doc, const struct json_value *object, const char *key)
{
    const struct json_value *value = document_get(object, key, DOC_NUMBER);
    uint64_t seconds = 0;
    document_count(doc, &seconds, value);
    if (seconds <= INT32_MAX * INT64_C(1000))
        return (int64_t)seconds;
    json_problem(doc->json, value, doc->err, "expected seconds since 1970");
    return 0;
}

// The kept checks stand in their order, and there are as many of each verdict as the counts say, or the room is full.
static void require_counts(const struct document *doc, const struct evidence_stage *record,
                           const struct json_value *value)
{
    size_t at = 0, all = 0;
    for (size_t v = 0; v < ARRAY_LEN(order); v++) {
        size_t kept = 0;
        while (at < record->check_count && record->checks[at].verdict == order[v]) {
            at++;
            kept++;
        }
        all += record->counts[order[v]];
        if (kept != record->counts[order[v]] && !(at == EVIDENCE_CHECKS && kept < record->counts[order[v]]))
            json_problem(doc->json, value, doc->err, "the checks are not those that \"counts\" tells");
    }
    if (at < record->check_count)
        json_problem(doc->json, value, doc->err, "checks stand by verdict: error, fail, skip, pass");
    if (all == 0)
        json_problem(doc->json, value, doc->err, "a stage without a check is no evidence");
}

static void read_checks(const struct document *doc, struct evidence_stage *record, const struct json_value *value)
{
    const struct json_value *checks = document_get(value, "checks", DOC_ARRAY);
    const struct json_value *counts = document_get(value, "counts", DOC_OBJECT);
    size_t count = checks ? json_count(checks) : 0;
    for (int i = VERDICT_PASS; i <= VERDICT_ERROR; i++) {
        const struct json_value *number = document_get(counts, verdict_words[i], DOC_NUMBER);
        uint64_t told = 0;
        document_count(doc, &told, number);
        if (told > UINT32_MAX)
            json_problem(doc->json, number, doc->err, "expected a number of checks");
        record->counts[i] = told > UINT32_MAX ? 0 : (size_t)told;
    }
    if (count > EVIDENCE_CHECKS) {
        json_problem(doc->json, checks, doc->err, "at most %d checks are kept", EVIDENCE_CHECKS);
        return;
    }
    record->checks = count ? mem_array(count, sizeof *record->checks) : NULL;
    record->check_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(checks, i);
        const struct json_value *name = text_of(item, "name"), *verdict = text_of(item, "verdict");
        struct evidence_check *check = &record->checks[i];
        check->name = str_dup(name ? json_string(name) : "");
        check->verdict =
            (enum verdict)document_word(doc, verdict, verdict_words, ARRAY_LEN(verdict_words), VERDICT_ERROR);
        check->reason = document_string(doc, text_of(item, "reason"), document_any);
    }
    if (document_is_good(doc))
        require_counts(doc, record, value);
}

static void read_stage(const struct document *doc, struct evidence *evidence, const struct json_value *value)
{
    enum stage stage;
    if (stage_from_name(&stage, json_key(value)) < 0) {
        json_problem(doc->json, value, doc->err, "there is no stage of this name");
        return;
    }
    struct evidence_stage *record = evidence_begin(evidence, stage);
    record->when = read_time(doc, value, "when");
    read_digest(doc, &record->golden, value, "golden");
    read_digest(doc, &record->inputs, value, "inputs");
    read_digest(doc, &record->document, value, "document");
    record->class_name = document_string(doc, text_of(value, "class"), document_filled);
    record->version = document_string(doc, text_of(value, "version"), document_any);
    const struct json_value *passes = document_get(value, "passes", DOC_WHOLE);
    document_count(doc, &record->passes, passes);
    record->last_pass = read_time(doc, value, "last_pass");
    if ((passes != NULL) != (json_get(value, "last_pass") != NULL) || (passes && record->passes == 0))
        json_problem(doc->json, value, doc->err, "\"passes\", at least 1, and \"last_pass\" go together");
    document_pairs(doc, &record->facts, document_get(value, "facts", DOC_OBJECT), document_filled, document_any);
    read_checks(doc, record, value);
    const struct json_value *verdict = text_of(value, "verdict");
    const char *counted = verdict_name(evidence_verdict(record));
    if (document_is_good(doc) && strcmp(json_string(verdict), counted) != 0)
        json_problem(doc->json, verdict, doc->err, "the checks give \"%s\"", counted);
}

int evidence_parse(struct evidence **out, const char *path, const char *text, size_t len, struct error *err)
{
    *out = NULL;
    CLEANUP(json) struct json *json = NULL;
    struct document doc = {.err = err, .before = err->problem_count};
    const struct json_options options = {.max_size = EVIDENCE_MAX_SIZE};
    if (json_parse(&json, path, text, len, &options, err) < 0)
        return -1;
    doc.json = json;
    if (document_format(&doc, EVIDENCE_FORMAT, "evidence") < 0 || document_check(&doc, fields) < 0)
        return -1;
    const struct json_value *root = json_root(json), *name = text_of(root, "suite");
    CLEANUP(evidence) struct evidence *evidence = evidence_new(name ? json_string(name) : "");
    if (name && !suite_name_is_valid(json_string(name)))
        json_problem(json, name, err, "expected the name of a suite");
    const struct json_value *stages = document_get(root, "stages", DOC_OBJECT);
    for (size_t i = 0, count = stages ? json_count(stages) : 0; i < count; i++) {
        const struct json_value *stage = json_at(stages, i);
        if (document_is(stage, DOC_OBJECT))
            read_stage(&doc, evidence, stage);
    }
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&evidence);
    return 0;
}
