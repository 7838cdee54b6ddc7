// SPDX-License-Identifier: Apache-2.0
#include "core/suite.h"

#include "base/buf.h"
#include "base/fs.h"
#include "core/schema.h"

#include <errno.h>
#include <string.h>

#define NAME_LIMIT 100

bool suite_name_is_valid(const char *name)
{
    static const char alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(name);
    return len > 0 && len <= NAME_LIMIT && !strchr("._-", name[0]) && strspn(name, alphanumeric) == len;
}

// What fs_read would say of the whole path is said of the path that the user knows; that a suite is not there is the
// user's mistake, not the machine's; and a pipe in its place is not waited for.
static int check_document(const char *path, const char *full, const char *name, struct error *err)
{
    struct stat st;
    if (stat(full, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return error_set(err, ERROR_USAGE, "'%s' is a folder, not a file", path);
        if (!S_ISREG(st.st_mode))
            return error_set(err, ERROR_USAGE, "'%s' is not a regular file", path);
        if (st.st_size == 0)
            return error_set(err, ERROR_USAGE, "'%s' is empty", path);
        if ((uintmax_t)st.st_size > SUITE_MAX_SIZE)
            return error_set(err, ERROR_USAGE, "'%s' is too large: more than %zu KiB", path, SUITE_MAX_SIZE / 1024);
        return 0;
    }
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
        return error_set(err, ERROR_USAGE, "no suite '%s': there is no '%s'; make it with: repro init %s -- COMMAND",
                         name, path, name);
    return error_errno(err, "cannot open '%s'", path);
}

int suite_load(struct suite **out, const char *root, const char *name, struct error *err)
{
    *out = NULL;
    if (!suite_name_is_valid(name))
        return error_set(err, ERROR_USAGE,
                         "'%s' cannot be the name of a suite (letters, digits, '.', '_' and '-', a letter or digit "
                         "first, at most %d characters)",
                         name, NAME_LIMIT);
    CLEANUP(free) char *path = str_printf("suites/%s/suite.json", name);
    CLEANUP(free) char *full = fs_join(root, path);
    if (check_document(path, full, name, err) < 0)
        return -1;
    struct buf text CLEANUP(buf) = {0};
    if (fs_read(&text, full, SUITE_MAX_SIZE, err) < 0)
        return -1;
    return suite_parse(out, name, path, buf_text(&text), text.len, err);
}

void suite_free(struct suite *suite)
{
    if (!suite)
        return;
    free(suite->name);
    free(suite->path);
    strings_free(&suite->train.command);
    free(suite->train.directory);
    pairs_free(&suite->train.env);
    strings_free(&suite->train.pass_env);
    strings_free(&suite->train.pins);
    strings_free(&suite->inputs.code);
    strings_free(&suite->inputs.data);
    strings_free(&suite->inputs.settings);
    pairs_free(&suite->inputs.external);
    for (size_t i = 0; i < suite->artifact_count; i++) {
        free(suite->artifacts[i].path);
        for (size_t t = 0; t < suite->artifacts[i].tensor_count; t++)
            free(suite->artifacts[i].tensors[t].pattern);
        free(suite->artifacts[i].tensors);
    }
    free(suite->artifacts);
    strings_free(&suite->metrics.from);
    for (size_t i = 0; i < suite->metrics.tolerance_count; i++)
        free(suite->metrics.tolerances[i].pattern);
    free(suite->metrics.tolerances);
    for (size_t i = 0; i < suite->metrics.series_count; i++) {
        free(suite->metrics.series[i].path);
        free(suite->metrics.series[i].x);
    }
    free(suite->metrics.series);
    free(suite->class_name);
    strings_free(&suite->class_packages);
    strings_free(&suite->model.batch);
    strings_free(&suite->model.stream);
    strings_free(&suite->model.api.command);
    free(suite->model.api.protocol);
    free(suite->model.api.ready);
    free(suite->model.api.name);
    schema_free(suite->schema);
    fuzz_rules_free(&suite->fuzz);
    strings_free(&suite->fallback);
    limit_rules_free(&suite->predict);
    drift_rules_free(&suite->drift);
    log_rules_free(&suite->log);
    free(suite);
}

// A name that is written out in full is meant, even where it reads as a glob: "model[1].bin".
static bool names(const char *pattern, const char *name)
{
    return strcmp(pattern, name) == 0 || str_glob(pattern, name);
}

const struct tolerance *suite_tolerance(const struct suite *suite, const char *metric)
{
    for (size_t i = 0; i < suite->metrics.tolerance_count; i++) {
        if (names(suite->metrics.tolerances[i].pattern, metric))
            return &suite->metrics.tolerances[i];
    }
    return NULL;
}

const struct artifact_rule *suite_artifact(const struct suite *suite, const char *path)
{
    for (size_t i = 0; i < suite->artifact_count; i++) {
        if (names(suite->artifacts[i].path, path))
            return &suite->artifacts[i];
    }
    return NULL;
}

bool suite_has_model(const struct suite *suite)
{
    return suite->model.stream.count + suite->model.batch.count + suite->model.api.command.count > 0;
}

const struct tensor_allowance *suite_allowance(const struct artifact_rule *rule, const char *tensor)
{
    for (size_t i = 0; i < rule->tensor_count; i++) {
        if (names(rule->tensors[i].pattern, tensor))
            return &rule->tensors[i];
    }
    return &rule->allowance;
}
