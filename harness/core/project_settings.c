// SPDX-License-Identifier: Apache-2.0
#include "core/project_settings.h"

#include "base/buf.h"
#include "base/fs.h"
#include "core/document.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define NAME     "repro.json"
#define MAX_SIZE ((size_t)1 << 20)

// schemas/repro.schema.json says the same; a test holds the two against each other.
static const struct json_field fields[] = {
    {.name = "$schema", .types = DOC_STRING},
    {.name = "store", .types = DOC_STRING},
    {0},
};

const struct json_field *project_settings_fields(void)
{
    return fields;
}

// What repro keeps and clears by itself, or git does.
static bool is_taken(const char *path)
{
    static const char *const taken[] = {".git", ".repro", "golden"};
    size_t len = strcspn(path, "/");
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        if (strlen(taken[i]) == len && strncmp(path, taken[i], len) == 0)
            return true;
    return false;
}

static void store(const struct document *doc, const struct json_value *where, const char *text)
{
    if (text[0] == '/')
        document_absolute(doc, where, text);
    else if (text[0] == '~')
        json_problem(doc->json, where, doc->err, "'~' means nothing here; write an absolute path");
    else if (is_taken(text))
        json_problem(doc->json, where, doc->err, "'%s' is not free for this; name a folder of its own", text);
    else if (strncmp(text, "..", 2) == 0 && (text[2] == '/' || text[2] == '\0'))
        json_problem(doc->json, where, doc->err,
                     "'%s' leads out of the project; write a folder outside of it as an absolute path", text);
    else
        document_inside(doc, where, text);
}

int project_settings_parse(struct project_settings **out, const char *name, const char *text, size_t len,
                           struct error *err)
{
    *out = NULL;
    CLEANUP(json) struct json *json = NULL;
    struct document doc = {.err = err, .before = err->problem_count};
    const struct json_options options = {.comments = true, .max_size = MAX_SIZE};
    if (json_parse(&json, name, text, len, &options, err) < 0)
        return -1;
    doc.json = json;
    if (document_check(&doc, fields) < 0)
        return -1;
    CLEANUP(project_settings) struct project_settings *settings = mem_alloc(sizeof *settings);
    settings->store = document_string(&doc, document_get(json_root(json), "store", DOC_STRING), store);
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&settings);
    return 0;
}

int project_settings_load(struct project_settings **out, const char *root, struct error *err)
{
    *out = NULL;
    CLEANUP(free) char *path = fs_join(root, NAME);
    CLEANUP(buf) struct buf text = {0};
    struct stat st;
    if (lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *out = mem_alloc(sizeof **out);
        return 0;
    }
    if (stat(path, &st) < 0)
        return error_problem(err, NAME, 0, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return error_problem(err, NAME, 0, "is not a file");
    if (fs_read(&text, path, MAX_SIZE, err) < 0)
        return -1;
    return project_settings_parse(out, NAME, buf_text(&text), text.len, err);
}

void project_settings_free(struct project_settings *settings)
{
    if (!settings)
        return;
    free(settings->store);
    free(settings);
}
