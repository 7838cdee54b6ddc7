// SPDX-License-Identifier: Apache-2.0
#include "store/golden_kept.h"

#include "base/fs.h"
#include "base/json.h"
#include "store/golden.h"
#include "store/golden_bundle.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAX_MANIFEST ((size_t)64 << 20)
#define MAX_BASELINE ((size_t)256 << 20)
#define MAX_ORDER    ((size_t)1 << 20)

enum { NAME_DIGITS = 16, DIGITS = 64 };

static char *earlier_folder(const char *root, const char *suite, const char *class_name)
{
    return str_printf("%s/golden/%s/%s/earlier", root, suite, class_name);
}

static char *class_folder(const char *root, const struct manifest *manifest)
{
    return str_printf("%s/golden/%s/%s", root, manifest->suite, manifest->class_name);
}

static int hex_of(char out[65], const struct manifest *manifest, struct error *err)
{
    struct digest identity;
    if (golden_identity(&identity, manifest, err) < 0)
        return -1;
    digest_hex(out, &identity);
    return 0;
}

char *golden_kept_folder(const char *root, const struct manifest *manifest, struct error *err)
{
    char hex[DIGITS + 1];
    if (hex_of(hex, manifest, err) < 0)
        return NULL;
    return str_printf("%s/golden/%s/%s/earlier/%.*s", root, manifest->suite, manifest->class_name, NAME_DIGITS, hex);
}

// ---- baseline.json

static bool belongs(const char *path, const char *identity)
{
    CLEANUP(json) struct json *json = NULL;
    CLEANUP(error) struct error ignored = {0};
    const struct json_options options = {.max_size = MAX_BASELINE};
    if (!fs_exists(path) || json_load(&json, path, path, &options, &ignored) < 0)
        return false;
    return str_equal(json_string(json_get(json_root(json), "golden")), identity);
}

int golden_baseline_path(char **out, const char *root, const struct manifest *manifest, struct error *err)
{
    *out = NULL;
    char hex[DIGITS + 1];
    if (hex_of(hex, manifest, err) < 0)
        return -1;
    CLEANUP(free) char *class = class_folder(root, manifest), *current = fs_join(class, "baseline.json");
    CLEANUP(free) char *kept = str_printf("%s/earlier/%.*s/baseline.json", class, NAME_DIGITS, hex);
    *out = belongs(current, hex) ? steal(&current) : belongs(kept, hex) ? steal(&kept) : NULL;
    return 0;
}

// ---- The list

void golden_kept_list_free(struct golden_kept_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        manifest_free(list->items[i].manifest);
        free(list->items[i].folder);
    }
    free(list->items);
    strings_free(&list->unreadable);
    *list = (struct golden_kept_list){0};
}

static bool is_kept_name(const char *name)
{
    return strlen(name) == NAME_DIGITS && strspn(name, "0123456789abcdef") == NAME_DIGITS;
}

// The names of the folders, in byte order. Empty where there is no such folder.
static int list_names(struct strings *names, const char *earlier, struct error *err)
{
    DIR *dir = opendir(earlier);
    if (!dir)
        return errno == ENOENT || errno == ENOTDIR ? 0 : error_errno(err, "cannot read the folder '%s'", earlier);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (is_kept_name(entry->d_name))
            strings_add(names, entry->d_name);
    }
    closedir(dir);
    strings_sort(names);
    return 0;
}

// The first digits of each line of the order; one that is missing or damaged orders nothing.
static void read_order(struct strings *names, const char *earlier)
{
    CLEANUP(free) char *path = fs_join(earlier, "order");
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(error) struct error ignored = {0};
    if (!fs_exists(path) || fs_read(&text, path, MAX_ORDER, &ignored) < 0)
        return;
    const char *line = buf_text(&text);
    while (*line) {
        size_t length = strcspn(line, "\n");
        CLEANUP(free) char *name = str_ndup(line, length < NAME_DIGITS ? length : NAME_DIGITS);
        if (is_kept_name(name) && !strings_has(names, name))
            strings_add(names, name);
        line += length + (line[length] == '\n');
    }
}

// Folders that the order does not know come last.
static int list_in_order(struct strings *names, const char *earlier, struct error *err)
{
    CLEANUP(strings) struct strings there = {0}, order = {0};
    if (list_names(&there, earlier, err) < 0)
        return -1;
    read_order(&order, earlier);
    for (size_t i = 0; i < order.count; i++) {
        if (strings_has(&there, order.items[i]))
            strings_add(names, order.items[i]);
    }
    for (size_t i = 0; i < there.count; i++) {
        if (!strings_has(&order, there.items[i]))
            strings_add(names, there.items[i]);
    }
    return 0;
}

static int read_kept(struct golden_kept *out, const char *path, const char *suite, const char *class_name,
                     struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(manifest) struct manifest *manifest = NULL;
    CLEANUP(free) char *folder = fs_dirname(path);
    char hex[DIGITS + 1];
    if (fs_read(&text, path, MAX_MANIFEST, err) < 0 ||
        manifest_parse(&manifest, path, buf_text(&text), text.len, err) < 0 ||
        golden_identity(&out->identity, manifest, err) < 0)
        return -1;
    digest_hex(hex, &out->identity);
    if (!str_equal(manifest->suite, suite) || !str_equal(manifest->class_name, class_name) ||
        strncmp(hex, fs_basename(folder), NAME_DIGITS) != 0)
        return error_problem(err, path, 0, "is another golden than its folder says: %s/%s, %.*s", manifest->suite,
                             manifest->class_name, NAME_DIGITS, hex);
    out->manifest = steal(&manifest);
    out->folder = steal(&folder);
    return 0;
}

static void add_kept(struct golden_kept_list *out, const char *path, const char *suite, const char *class_name,
                     const struct digest *current)
{
    CLEANUP(error) struct error fault = {0};
    struct golden_kept kept = {0};
    if (read_kept(&kept, path, suite, class_name, &fault) < 0) {
        strings_take(&out->unreadable, error_text(&fault));
        return;
    }
    if (current && digest_equal(current, &kept.identity)) {
        manifest_free(kept.manifest);
        free(kept.folder);
        return;
    }
    out->items = mem_grow(out->items, out->count, &out->capacity, sizeof *out->items);
    out->items[out->count++] = kept;
}

int golden_kept_list(struct golden_kept_list *out, const char *root, const char *suite, const char *class_name,
                     struct error *err)
{
    CLEANUP(manifest) struct manifest *current = NULL;
    CLEANUP(strings) struct strings names = {0};
    struct digest identity;
    if (golden_load(&current, root, suite, class_name, err) < 0 ||
        (current && golden_identity(&identity, current, err) < 0))
        return -1;
    CLEANUP(free) char *earlier = earlier_folder(root, suite, class_name);
    if (list_in_order(&names, earlier, err) < 0)
        return -1;
    for (size_t i = 0; i < names.count; i++) {
        CLEANUP(free) char *path = str_printf("%s/%s/manifest.json", earlier, names.items[i]);
        if (fs_exists(path))
            add_kept(out, path, suite, class_name, current ? &identity : NULL);
    }
    return 0;
}

// ---- Keeping one

static int write_order(const char *earlier, const struct golden_kept_list *list, size_t count, const char *first,
                       struct error *err)
{
    CLEANUP(free) char *path = fs_join(earlier, "order");
    CLEANUP(buf) struct buf text = {0};
    char hex[DIGITS + 1];
    if (first)
        buf_printf(&text, "%s\n", first);
    for (size_t i = 0; i < list->count && i < count; i++) {
        digest_hex(hex, &list->items[i].identity);
        buf_printf(&text, "%s\n", hex);
    }
    if (text.len > 0)
        return fs_write_if_changed(path, text.data, text.len, NULL, err);
    unlink(path);
    rmdir(earlier); // stays where something else is in it
    return 0;
}

static int keep_baseline(const char *root, const struct manifest *current, const char *folder, const char *hex,
                         struct error *err)
{
    CLEANUP(free) char *class = class_folder(root, current), *from = fs_join(class, "baseline.json");
    CLEANUP(free) char *to = fs_join(folder, "baseline.json");
    return belongs(from, hex) ? fs_copy_atomic(from, to, err) : 0;
}

int golden_kept_add(bool *kept, const char *root, const struct manifest *current, struct error *err)
{
    CLEANUP(golden_kept_list) struct golden_kept_list list = {0};
    CLEANUP(free) char *earlier = earlier_folder(root, current->suite, current->class_name);
    CLEANUP(free) char *folder = golden_kept_folder(root, current, err);
    CLEANUP(free) char *manifest = folder ? fs_join(folder, "manifest.json") : NULL;
    CLEANUP(buf) struct buf text = {0};
    char hex[DIGITS + 1];
    *kept = false;
    if (!folder || hex_of(hex, current, err) < 0 ||
        golden_kept_list(&list, root, current->suite, current->class_name, err) < 0 || fs_mkdirs(folder, err) < 0 ||
        golden_bundle_place(kept, root, current, folder, err) < 0)
        return -1;
    if (!*kept)
        return 0;
    manifest_write(&text, current);
    if (keep_baseline(root, current, folder, hex, err) < 0 || fs_write_atomic(manifest, text.data, text.len, err) < 0)
        return -1;
    return write_order(earlier, &list, list.count, hex, err);
}

// ---- In line with what is current

// Without its manifest, the folder is no golden any more, however far the rest gets.
static int forget(const char *folder, struct error *err)
{
    CLEANUP(free) char *manifest = fs_join(folder, "manifest.json");
    if (unlink(manifest) < 0 && errno != ENOENT && errno != ENOTDIR)
        return error_errno(err, "cannot remove '%s'", manifest);
    return fs_remove_tree(folder, err);
}

// What the golden that came back had here goes to its place.
static int move_back(const char *root, const struct manifest *current, struct error *err)
{
    CLEANUP(free) char *class = class_folder(root, current), *to = fs_join(class, "baseline.json");
    CLEANUP(free) char *kept = golden_kept_folder(root, current, err);
    CLEANUP(free) char *from = kept ? fs_join(kept, "baseline.json") : NULL;
    char hex[DIGITS + 1];
    bool placed = false;
    if (!kept || hex_of(hex, current, err) < 0)
        return -1;
    if (fs_exists(kept)) {
        if (belongs(from, hex) && !belongs(to, hex) && fs_copy_atomic(from, to, err) < 0)
            return -1;
        if (golden_bundle_place(&placed, root, current, class, err) < 0 || forget(kept, err) < 0)
            return -1;
    }
    if (fs_exists(to) && !belongs(to, hex) && unlink(to) < 0)
        return error_errno(err, "cannot remove '%s'", to);
    return 0;
}

static int clear(const char *earlier, struct error *err)
{
    CLEANUP(strings) struct strings names = {0};
    if (list_names(&names, earlier, err) < 0)
        return -1;
    fs_remove_temporaries(earlier, 0);
    for (size_t i = 0; i < names.count; i++) {
        CLEANUP(free) char *folder = fs_join(earlier, names.items[i]), *path = fs_join(folder, "manifest.json");
        fs_remove_temporaries(folder, 0);
        if (!fs_exists(path) && fs_remove_tree(folder, err) < 0)
            return -1;
    }
    return 0;
}

int golden_kept_settle(const char *root, const struct manifest *current, uint64_t keep, struct error *err)
{
    CLEANUP(golden_kept_list) struct golden_kept_list list = {0};
    CLEANUP(free) char *earlier = earlier_folder(root, current->suite, current->class_name);
    if (move_back(root, current, err) < 0 || clear(earlier, err) < 0 ||
        golden_kept_list(&list, root, current->suite, current->class_name, err) < 0)
        return -1;
    for (size_t i = list.count; i > 0 && i > keep; i--) {
        if (forget(list.items[i - 1].folder, err) < 0)
            return -1;
    }
    return write_order(earlier, &list, keep < list.count ? (size_t)keep : list.count, NULL, err);
}
