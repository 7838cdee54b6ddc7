// SPDX-License-Identifier: Apache-2.0
//
// manifest.json: the table of its keys, and the reader. A golden comes from whoever opened the pull request: nothing in
// it is believed before it is checked.
#include "core/document.h"
#include "core/manifest.h"
#include "core/suite.h"

#include <string.h>

#define MANIFEST_MAX_SIZE ((size_t)128 << 20) // more files than a document can have values for

// ---- Keys. schemas/manifest.schema.json says the same; a test holds the two against each other.

enum { DOC_WHOLE = DOC_NUMBER | DOC_STRING }; // a string over 2^53

static const struct json_field file_fields[] = {
    {.name = "path", .types = DOC_STRING, .required = true},
    {.name = "kind", .types = DOC_STRING},
    {.name = "executable", .types = DOC_BOOL},
    {.name = "format", .types = DOC_STRING},
    {.name = "size", .types = DOC_WHOLE, .required = true},
    {.name = "sha256", .types = DOC_STRING, .required = true},
    {0},
};
static const struct json_field file = {.name = "", .types = DOC_OBJECT, .fields = file_fields};

static const struct json_field artifact_fields[] = {
    {.name = "path", .types = DOC_STRING, .required = true},
    {.name = "kind", .types = DOC_STRING},
    {.name = "executable", .types = DOC_BOOL},
    {.name = "format", .types = DOC_STRING},
    {.name = "size", .types = DOC_WHOLE, .required = true},
    {.name = "sha256", .types = DOC_STRING, .required = true},
    {.name = "content", .types = DOC_STRING},
    {.name = "tensors", .types = DOC_ARRAY, .items = &content_tensor},
    {0},
};
static const struct json_field artifact = {.name = "", .types = DOC_OBJECT, .fields = artifact_fields};

static const struct json_field external_fields[] = {
    {.name = "name", .types = DOC_STRING, .required = true},
    {.name = "kind", .types = DOC_STRING},
    {.name = "executable", .types = DOC_BOOL},
    {.name = "size", .types = DOC_WHOLE, .required = true},
    {.name = "sha256", .types = DOC_STRING, .required = true},
    {0},
};
static const struct json_field external = {.name = "", .types = DOC_OBJECT, .fields = external_fields};

static const struct json_field command_fields[] = {
    {.name = "argv", .types = DOC_ARRAY, .required = true, .items = &document_text},
    {.name = "directory", .types = DOC_STRING, .required = true},
    {.name = "env", .types = DOC_OBJECT, .required = true, .values = &document_text},
    {.name = "pins", .types = DOC_ARRAY, .required = true, .items = &document_text},
    {0},
};

static const struct json_field bundle_fields[] = {
    {.name = "size", .types = DOC_WHOLE, .required = true},
    {.name = "sha256", .types = DOC_STRING, .required = true},
    {.name = "in_store", .types = DOC_BOOL, .required = true},
    {.name = "store", .types = DOC_STRING},
    {0},
};

static const struct json_field from_fields[] = {
    {.name = "commit", .types = DOC_STRING}, {.name = "tree", .types = DOC_STRING},
    {.name = "branch", .types = DOC_STRING}, {.name = "remote", .types = DOC_STRING},
    {.name = "dirty", .types = DOC_BOOL},    {0},
};

static const struct json_field rolled_back_fields[] = {
    {.name = "from", .types = DOC_STRING, .required = true},
    {.name = "reason", .types = DOC_STRING},
    {.name = "by", .types = DOC_STRING},
    {0},
};

static const struct json_field accepted_fields[] = {
    {.name = "reason", .types = DOC_STRING},
    {.name = "by", .types = DOC_STRING},
    {.name = "from", .types = DOC_OBJECT, .fields = from_fields},
    {.name = "rolled_back", .types = DOC_OBJECT, .fields = rolled_back_fields},
    {0},
};

static const struct json_field metric = {.name = "", .types = DOC_NUMBER | DOC_STRING};

static const struct json_field fields[] = {
    {.name = "format", .types = DOC_NUMBER, .required = true},
    {.name = "suite", .types = DOC_STRING, .required = true},
    {.name = "class", .types = DOC_STRING, .required = true},
    {.name = "command", .types = DOC_OBJECT, .required = true, .fields = command_fields},
    {.name = "code", .types = DOC_ARRAY, .required = true, .items = &file},
    {.name = "data", .types = DOC_ARRAY, .required = true, .items = &file},
    {.name = "settings", .types = DOC_ARRAY, .required = true, .items = &file},
    {.name = "external", .types = DOC_ARRAY, .required = true, .items = &external},
    {.name = "absent", .types = DOC_ARRAY, .required = true, .items = &document_text},
    {.name = "environment", .types = DOC_OBJECT, .required = true, .values = &document_text},
    {.name = "computed", .types = DOC_OBJECT, .values = &document_text},
    {.name = "artifacts", .types = DOC_ARRAY, .required = true, .items = &artifact},
    {.name = "metrics", .types = DOC_OBJECT, .required = true, .values = &metric},
    {.name = "bundle", .types = DOC_OBJECT, .fields = bundle_fields},
    {.name = "accepted", .types = DOC_OBJECT, .fields = accepted_fields},
    {0},
};

const struct json_field *manifest_fields(void)
{
    return fields;
}

// ---- Values

static void suite_name(const struct document *doc, const struct json_value *where, const char *text)
{
    if (!suite_name_is_valid(text))
        json_problem(doc->json, where, doc->err, "'%s' cannot be the name of a suite", text);
}

static void class_name(const struct document *doc, const struct json_value *where, const char *text)
{
    if (!manifest_class_is_valid(text))
        json_problem(doc->json, where, doc->err, "'%s' cannot be the name of a numerical class", text);
}

// SHA-1 or SHA-256, as git prints them.
static void object_name(const struct document *doc, const struct json_value *where, const char *text)
{
    size_t len = strlen(text);
    if ((len != 40 && len != 64) || strspn(text, "0123456789abcdef") != len)
        json_problem(doc->json, where, doc->err, "expected 40 or 64 hexadecimal digits");
}

static void identity(const struct document *doc, const struct json_value *where, const char *text)
{
    struct digest ignored;
    if (digest_from_hex(&ignored, text) < 0)
        json_problem(doc->json, where, doc->err, "expected 64 hexadecimal digits in lower case");
}

static const struct json_value *text_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_STRING);
}

static bool read_bool(const struct json_value *object, const char *key)
{
    const struct json_value *value = document_get(object, key, DOC_BOOL);
    return value && json_bool(value);
}

static void read_digest(const struct document *doc, struct digest *out, const struct json_value *object)
{
    const struct json_value *value = text_of(object, "sha256");
    if (value && digest_from_hex(out, json_string(value)) < 0)
        json_problem(doc->json, value, doc->err, "expected 64 hexadecimal digits in lower case");
}

// Reports a text that does not come after the one before it in byte order.
static void require_order(const struct document *doc, const struct json_value *where, const char *before,
                          const char *text)
{
    int order = before ? strcmp(before, text) : -1;
    if (order == 0)
        json_problem(doc->json, where, doc->err, "'%s' is here twice", text);
    else if (order > 0)
        json_problem(doc->json, where, doc->err, "'%s' must stand before '%s' (byte order)", text, before);
}

static void read_files(const struct document *doc, struct file_list *out, const struct json_value *root,
                       const char *key)
{
    static const char *const kinds[] = {[FILE_REGULAR] = "file", [FILE_SYMLINK] = "symlink", [FILE_FOLDER] = "folder"};
    const struct json_value *array = document_get(root, key, DOC_ARRAY);
    bool by_name = strcmp(key, "external") == 0;
    size_t count = array ? json_count(array) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(array, i), *path = text_of(item, by_name ? "name" : "path");
        if (!path)
            continue;
        const char *before = out->count ? out->items[out->count - 1].path : NULL;
        (by_name ? document_env_name : document_inside)(doc, path, json_string(path));
        require_order(doc, path, before, json_string(path));
        struct file_entry *entry = file_list_add(out, json_string(path));
        entry->kind = (enum file_kind)document_word(doc, text_of(item, "kind"), kinds, ARRAY_LEN(kinds), FILE_REGULAR);
        entry->executable = read_bool(item, "executable");
        entry->format = document_string(doc, text_of(item, "format"), document_filled);
        document_count(doc, &entry->size, document_get(item, "size", DOC_WHOLE));
        read_digest(doc, &entry->sha256, item);
        entry->content = content_read(doc, item);
    }
}

static void read_set(const struct document *doc, struct strings *out, const struct json_value *object, const char *key,
                     document_rule rule)
{
    const struct json_value *array = document_get(object, key, DOC_ARRAY);
    document_strings(doc, out, array, rule);
    const char *before = NULL;
    for (size_t i = 0, count = array ? json_count(array) : 0; i < count; i++) {
        const struct json_value *item = json_at(array, i);
        if (!document_is(item, DOC_STRING))
            continue;
        require_order(doc, item, before, json_string(item));
        before = json_string(item);
    }
}

static void read_command(const struct document *doc, struct manifest *manifest, const struct json_value *root)
{
    const struct json_value *command = document_get(root, "command", DOC_OBJECT);
    document_command(doc, &manifest->command.argv, document_get(command, "argv", DOC_ARRAY));
    manifest->command.directory = document_string(doc, text_of(command, "directory"), document_folder);
    document_pairs(doc, &manifest->command.env, document_get(command, "env", DOC_OBJECT), document_env_name,
                   document_any);
    pairs_sort(&manifest->command.env);
    read_set(doc, &manifest->command.pins, command, "pins", document_pin);
}

static void read_metrics(const struct document *doc, struct metric_list *out, const struct json_value *root)
{
    const struct json_value *metrics = document_get(root, "metrics", DOC_OBJECT);
    size_t count = metrics ? json_count(metrics) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *value = json_at(metrics, i);
        double number = 0;
        document_filled(doc, value, json_key(value));
        document_number(doc, &number, value);
        metric_list_add(out, json_key(value), number);
    }
    metric_list_sort(out);
}

static void read_accepted(const struct document *doc, struct manifest *manifest, const struct json_value *root)
{
    const struct json_value *accepted = document_get(root, "accepted", DOC_OBJECT);
    const struct json_value *from = document_get(accepted, "from", DOC_OBJECT);
    manifest->accepted.reason = document_string(doc, text_of(accepted, "reason"), document_filled);
    manifest->accepted.by = document_string(doc, text_of(accepted, "by"), document_filled);
    manifest->accepted.from.commit = document_string(doc, text_of(from, "commit"), object_name);
    manifest->accepted.from.tree = document_string(doc, text_of(from, "tree"), object_name);
    manifest->accepted.from.branch = document_string(doc, text_of(from, "branch"), document_filled);
    manifest->accepted.from.remote = document_string(doc, text_of(from, "remote"), document_filled);
    manifest->accepted.from.dirty = read_bool(from, "dirty");
    const struct json_value *back = document_get(accepted, "rolled_back", DOC_OBJECT);
    manifest->accepted.rolled_back.from = document_string(doc, text_of(back, "from"), identity);
    manifest->accepted.rolled_back.reason = document_string(doc, text_of(back, "reason"), document_filled);
    manifest->accepted.rolled_back.by = document_string(doc, text_of(back, "by"), document_filled);
}

static void read_bundle(const struct document *doc, struct manifest *manifest, const struct json_value *root)
{
    const struct json_value *bundle = document_get(root, "bundle", DOC_OBJECT), *store = text_of(bundle, "store");
    document_count(doc, &manifest->bundle.size, document_get(bundle, "size", DOC_WHOLE));
    read_digest(doc, &manifest->bundle.digest, bundle);
    manifest->bundle.in_store = read_bool(bundle, "in_store");
    manifest->bundle.store = document_string(doc, store, document_filled);
    if (store && !manifest->bundle.in_store)
        json_problem(doc->json, store, doc->err, "means nothing unless in_store is true");
}

int manifest_parse(struct manifest **out, const char *path, const char *text, size_t len, struct error *err)
{
    *out = NULL;
    CLEANUP(json) struct json *json = NULL;
    struct document doc = {.err = err, .before = err->problem_count};
    const struct json_options options = {.max_size = MANIFEST_MAX_SIZE};
    if (json_parse(&json, path, text, len, &options, err) < 0)
        return -1;
    doc.json = json;
    if (document_format(&doc, MANIFEST_FORMAT, "golden") < 0 || document_check(&doc, fields) < 0)
        return -1;

    const struct json_value *root = json_root(json);
    CLEANUP(manifest) struct manifest *manifest = manifest_new();
    manifest->suite = document_string(&doc, text_of(root, "suite"), suite_name);
    manifest->class_name = document_string(&doc, text_of(root, "class"), class_name);
    read_command(&doc, manifest, root);
    read_files(&doc, &manifest->code, root, "code");
    read_files(&doc, &manifest->data, root, "data");
    read_files(&doc, &manifest->settings, root, "settings");
    read_files(&doc, &manifest->external, root, "external");
    read_set(&doc, &manifest->absent, root, "absent", document_inside);
    document_pairs(&doc, &manifest->environment, document_get(root, "environment", DOC_OBJECT), document_filled,
                   document_any);
    pairs_sort(&manifest->environment);
    document_pairs(&doc, &manifest->computed, document_get(root, "computed", DOC_OBJECT), document_filled,
                   document_any);
    pairs_sort(&manifest->computed);
    read_files(&doc, &manifest->artifacts, root, "artifacts");
    read_metrics(&doc, &manifest->metrics, root);
    read_bundle(&doc, manifest, root);
    read_accepted(&doc, manifest, root);
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&manifest);
    return 0;
}
