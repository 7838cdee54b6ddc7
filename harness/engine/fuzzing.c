// SPDX-License-Identifier: Apache-2.0
#include "engine/fuzzing.h"

#include "base/fs.h"
#include "base/json.h"
#include "core/schema.h"
#include "engine/verify.h"
#include "fuzz/infer.h"

#include <string.h>

// As much as verify would ask, or more: a part of it is no evidence.
static bool is_whole(const struct fuzz_request *request, const struct suite *suite)
{
    return !request->only && !request->replay && request->seconds <= 0 &&
           (request->cases == 0 || (suite->fuzz.cases > 0 && request->cases >= suite->fuzz.cases));
}

static void fuzz(struct verification *v)
{
    stage_replay(v);
    if (!v->replay->complete)
        return;
    stage_fuzz(v);
    if (is_whole(v->fuzz, v->suite))
        verification_ran(v, STAGE_FUZZ);
    if (v->fuzz->only || v->fuzz->replay)
        return;
    stage_parity(v);
    verification_ran(v, STAGE_PARITY);
}

static void fuzz_suite(struct session *session, const char *name, struct result *result, void *context)
{
    struct verification v = {.session = session, .result = result, .fuzz = context};
    verification_of(&v, name, fuzz);
}

void fuzz_suites(struct session *session, const struct strings *names, const struct fuzz_request *request,
                 struct result *result)
{
    session_each(session, names, result, fuzz_suite, (void *)(uintptr_t)request);
    result_sort(result);
}

// Behind the last value of the document, whose comments and order a person has made: before the brace that ends it.
static int insert_schema(struct buf *out, const char *text, size_t len, const char *schema, const char *path,
                         struct error *err)
{
    size_t end = len;
    while (end > 0 && text[end - 1] != '}')
        end--;
    size_t last = end > 0 ? end - 1 : 0;
    while (last > 0 && strchr(" \t\r\n", text[last - 1]))
        last--;
    // A comment may stand behind the last value; then a person has to find the place.
    if (end == 0 || !strchr("}]\"0123456789elu", text[last - 1]))
        return error_set(err, ERROR_USAGE,
                         "'%s' ends in a comment, so there is no safe place for the schema; move the comment up", path);
    buf_append(out, text, last);
    buf_printf(out, ",\n  \"schema\": %s\n}\n", schema);
    return 0;
}

// The schema as it stands in the document: indented by one level.
static char *indented(const struct schema *schema)
{
    CLEANUP(buf) struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    json_begin_object(&w, NULL);
    schema_write(&w, "schema", schema);
    json_end_object(&w);
    json_finish(&w);
    const char *colon = strstr(buf_text(&text), "\"schema\": ");
    const char *begin = colon + strlen("\"schema\": "), *end = strrchr(begin, '}');
    while (end > begin && strchr(" \t\r\n", end[-1]))
        end--;
    return str_ndup(begin, (size_t)(end - begin));
}

// From data; or from what a model says of itself: MLflow's MLmodel, an Open Inference Protocol description (.json).
static int infer_from(struct schema **out, const char *file, const char *name, const char *target, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    bool mlflow = str_equal(fs_basename(name), "MLmodel"), oip = str_ends(name, ".json");
    const struct infer_options options = {.target = target};
    if (!mlflow && !oip)
        return infer_data(out, NULL, file, name, &options, err);
    if (target)
        return error_set(err, ERROR_USAGE, "--target goes with data; '%s' describes what the model is asked with",
                         name);
    if (fs_read(&text, file, SUITE_MAX_SIZE, err) < 0)
        return -1;
    return (mlflow ? infer_mlmodel : infer_oip)(out, name, buf_text(&text), text.len, err);
}

int fuzz_infer(char **out, struct session *session, const char *name, const char *data, const char *target,
               struct error *err)
{
    const char *root = session->project->root;
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(suite) struct suite *again = NULL;
    CLEANUP(schema) struct schema *schema = NULL;
    CLEANUP(buf) struct buf text = {0}, edited = {0};
    if (suite_load(&suite, root, name, err) < 0)
        return -1;
    CLEANUP(free) char *path = fs_join(root, suite->path), *file = fs_join(root, data);
    if (suite->schema && suite->schema->count > 0)
        return error_set(err, ERROR_USAGE, "'%s' has a schema already; take it out first", suite->path);
    if (suite->schema)
        return error_set(err, ERROR_USAGE, "'%s' has a \"schema\" without columns; take it out first", suite->path);
    if (!fs_is_inside(data))
        return error_set(err, ERROR_USAGE, "'%s' is not a path inside the project", data);
    if (infer_from(&schema, file, data, target, err) < 0)
        return -1;
    CLEANUP(free) char *written = indented(schema);
    if (fs_read(&text, path, SUITE_MAX_SIZE, err) < 0 ||
        insert_schema(&edited, buf_text(&text), text.len, written, suite->path, err) < 0 ||
        suite_parse(&again, name, suite->path, buf_text(&edited), edited.len, err) < 0 ||
        fs_write_atomic(path, edited.data, edited.len, err) < 0)
        return -1;
    *out = steal(&written);
    return 0;
}
