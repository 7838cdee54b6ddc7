// SPDX-License-Identifier: Apache-2.0
#include "core/manifest.h"

#include <string.h>

#define CLASS_LIMIT 200

bool manifest_class_is_valid(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
    size_t len = strlen(name);
    return len > 0 && len <= CLASS_LIMIT && !strchr("._+-", name[0]) && strspn(name, allowed) == len;
}

struct manifest *manifest_new(void)
{
    return mem_alloc(sizeof(struct manifest));
}

void manifest_free(struct manifest *manifest)
{
    if (!manifest)
        return;
    free(manifest->suite);
    free(manifest->class_name);
    strings_free(&manifest->command.argv);
    free(manifest->command.directory);
    pairs_free(&manifest->command.env);
    strings_free(&manifest->command.pins);
    file_list_free(&manifest->code);
    file_list_free(&manifest->data);
    file_list_free(&manifest->settings);
    file_list_free(&manifest->external);
    strings_free(&manifest->absent);
    pairs_free(&manifest->environment);
    pairs_free(&manifest->computed);
    file_list_free(&manifest->artifacts);
    metric_list_free(&manifest->metrics);
    free(manifest->bundle.store);
    free(manifest->accepted.reason);
    free(manifest->accepted.by);
    free(manifest->accepted.from.commit);
    free(manifest->accepted.from.tree);
    free(manifest->accepted.from.branch);
    free(manifest->accepted.from.remote);
    free(manifest->accepted.rolled_back.from);
    free(manifest->accepted.rolled_back.reason);
    free(manifest->accepted.rolled_back.by);
    free(manifest);
}

bool manifest_has_input(const struct manifest *manifest, const char *path)
{
    return file_list_find(&manifest->code, path) || file_list_find(&manifest->data, path) ||
           file_list_find(&manifest->settings, path);
}

// ---- Writing

// Pointers to the items of an array in byte order of the text that each item begins with (path, name), so that a
// manifest need not be sorted, nor changed, to be written. The caller frees.
static int compare_texts(const void *a, const void *b)
{
    return strcmp(**(char *const *const *)a, **(char *const *const *)b);
}

static void *sorted(const void *items, size_t count, size_t item_size)
{
    const char **order = mem_array(count + 1, sizeof *order);
    bool in_order = true;
    for (size_t i = 0; i < count; i++) {
        order[i] = (const char *)items + i * item_size;
        in_order = in_order && (i == 0 || compare_texts(&order[i - 1], &order[i]) <= 0);
    }
    if (!in_order)
        qsort(order, count, sizeof *order, compare_texts);
    return order;
}

static void put_digest(struct json_writer *w, const struct digest *digest)
{
    char hex[65];
    digest_hex(hex, digest);
    json_put_string(w, "sha256", hex);
}

static void put_optional(struct json_writer *w, const char *key, const char *text)
{
    if (text)
        json_put_string(w, key, text);
}

static void put_files(struct json_writer *w, const char *key, const struct file_list *list, const char *path_key)
{
    static const char *const kinds[] = {[FILE_REGULAR] = NULL, [FILE_SYMLINK] = "symlink", [FILE_FOLDER] = "folder"};
    CLEANUP(free) const struct file_entry **order = sorted(list->items, list->count, sizeof *list->items);
    json_begin_array(w, key);
    for (size_t i = 0; i < list->count; i++) {
        const struct file_entry *entry = order[i];
        json_begin_object(w, NULL);
        json_put_string(w, path_key, entry->path);
        put_optional(w, "kind", kinds[entry->kind]);
        if (entry->executable)
            json_put_bool(w, "executable", true);
        put_optional(w, "format", entry->format);
        json_put_u64(w, "size", entry->size);
        put_digest(w, &entry->sha256);
        content_write(w, entry->content);
        json_end_object(w);
    }
    json_end_array(w);
}

// A set: sorted, each once.
static void put_set(struct json_writer *w, const char *key, const struct strings *list)
{
    CLEANUP(free) char **const *order = sorted(list->items, list->count, sizeof *list->items);
    json_begin_array(w, key);
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0 || strcmp(*order[i - 1], *order[i]) != 0)
            json_put_string(w, NULL, *order[i]);
    }
    json_end_array(w);
}

static void put_pairs(struct json_writer *w, const char *key, const struct pairs *list)
{
    CLEANUP(free) const struct pair **order = sorted(list->items, list->count, sizeof *list->items);
    json_begin_object(w, key);
    for (size_t i = 0; i < list->count; i++)
        json_put_string(w, order[i]->name, order[i]->value);
    json_end_object(w);
}

static void put_metrics(struct json_writer *w, const struct metric_list *list)
{
    CLEANUP(free) const struct metric **order = sorted(list->items, list->count, sizeof *list->items);
    json_begin_object(w, "metrics");
    for (size_t i = 0; i < list->count; i++)
        json_put_double(w, order[i]->name, order[i]->value);
    json_end_object(w);
}

static void put_command(struct json_writer *w, const struct manifest *manifest)
{
    json_begin_object(w, "command");
    json_begin_array(w, "argv");
    for (size_t i = 0; i < manifest->command.argv.count; i++)
        json_put_string(w, NULL, manifest->command.argv.items[i]);
    json_end_array(w);
    json_put_string(w, "directory", manifest->command.directory ? manifest->command.directory : ".");
    put_pairs(w, "env", &manifest->command.env);
    put_set(w, "pins", &manifest->command.pins);
    json_end_object(w);
}

static void put_accepted(struct json_writer *w, const struct manifest *manifest)
{
    const __typeof__(manifest->accepted) *accepted = &manifest->accepted;
    const __typeof__(accepted->from) *from = &accepted->from;
    bool has_from = from->commit || from->tree || from->branch || from->remote || from->dirty;
    if (!accepted->reason && !accepted->by && !has_from && !accepted->rolled_back.from)
        return;
    json_begin_object(w, "accepted");
    put_optional(w, "reason", accepted->reason);
    put_optional(w, "by", accepted->by);
    if (has_from) {
        json_begin_object(w, "from");
        put_optional(w, "commit", from->commit);
        put_optional(w, "tree", from->tree);
        put_optional(w, "branch", from->branch);
        put_optional(w, "remote", from->remote);
        json_put_bool(w, "dirty", from->dirty);
        json_end_object(w);
    }
    if (accepted->rolled_back.from) {
        json_begin_object(w, "rolled_back");
        json_put_string(w, "from", accepted->rolled_back.from);
        put_optional(w, "reason", accepted->rolled_back.reason);
        put_optional(w, "by", accepted->rolled_back.by);
        json_end_object(w);
    }
    json_end_object(w);
}

static void put_bundle(struct json_writer *w, const struct manifest *manifest, bool everything)
{
    const struct digest none = {0};
    if (manifest->bundle.size == 0 && digest_equal(&manifest->bundle.digest, &none))
        return;
    json_begin_object(w, "bundle");
    json_put_u64(w, "size", manifest->bundle.size);
    put_digest(w, &manifest->bundle.digest);
    if (everything)
        json_put_bool(w, "in_store", manifest->bundle.in_store);
    if (everything && manifest->bundle.in_store)
        put_optional(w, "store", manifest->bundle.store);
    json_end_object(w);
}

// `everything` is false for the part that is compared.
static void put_manifest(struct buf *out, const struct manifest *manifest, bool everything)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_int(&w, "format", MANIFEST_FORMAT);
    json_put_string(&w, "suite", manifest->suite);
    json_put_string(&w, "class", manifest->class_name);
    put_command(&w, manifest);
    put_files(&w, "code", &manifest->code, "path");
    put_files(&w, "data", &manifest->data, "path");
    put_files(&w, "settings", &manifest->settings, "path");
    put_files(&w, "external", &manifest->external, "name");
    put_set(&w, "absent", &manifest->absent);
    put_pairs(&w, "environment", &manifest->environment);
    if (manifest->computed.count > 0)
        put_pairs(&w, "computed", &manifest->computed);
    put_files(&w, "artifacts", &manifest->artifacts, "path");
    put_metrics(&w, &manifest->metrics);
    put_bundle(&w, manifest, everything);
    if (everything)
        put_accepted(&w, manifest);
    json_end_object(&w);
    json_finish(&w);
}

void manifest_write(struct buf *out, const struct manifest *manifest)
{
    put_manifest(out, manifest, true);
}

// Equal means: what is compared is written to the same bytes. So no key can be added to the document and forgotten
// here, and NaN equals NaN.
bool manifest_same(const struct manifest *a, const struct manifest *b)
{
    if (a->code.count != b->code.count || a->data.count != b->data.count || a->artifacts.count != b->artifacts.count)
        return false;
    struct buf x CLEANUP(buf) = {0}, y CLEANUP(buf) = {0};
    put_manifest(&x, a, false);
    put_manifest(&y, b, false);
    return x.len == y.len && memcmp(buf_text(&x), buf_text(&y), x.len) == 0;
}
