// SPDX-License-Identifier: Apache-2.0
#include "engine/diff.h"

#include "base/fs.h"
#include "compare/bytes.h"
#include "core/manifest.h"
#include "core/suite.h"
#include "engine/diff_side.h"
#include "engine/moved.h"
#include "store/tree.h"

#include <string.h>

struct pair_of_sides {
    struct diff_side a, b;
};

static void pair_of_sides_free(struct pair_of_sides *sides)
{
    diff_side_free(&sides->a);
    diff_side_free(&sides->b);
}
DEFINE_CLEANUP_VALUE(pair_of_sides)

static bool is_file(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

// A golden beside a file: the artifact that is meant is the one of that name, or the only one.
static int pair_up(struct diff_side *golden, const struct diff_side *other, const char *operand, struct error *err)
{
    const char *chosen = golden->artifact ? golden->artifact : other->artifact;
    if (chosen && golden->manifest)
        return diff_side_choose(golden, chosen, err);
    if (!golden->manifest || other->manifest || !is_file(other->path))
        return 0;
    const struct file_list *artifacts = &golden->manifest->artifacts;
    const char *name = fs_basename(other->path);
    for (size_t i = 0; i < artifacts->count; i++) {
        if (artifacts->count == 1 || str_equal(fs_basename(artifacts->items[i].path), name))
            return diff_side_choose(golden, artifacts->items[i].path, err);
    }
    return error_set(err, ERROR_USAGE, "'%s' has no artifact called '%s'; name one, as in: %s:%s", operand, name,
                     operand, artifacts->count > 0 ? artifacts->items[0].path : "PATH");
}

// As diff(1) has it: a file beside a folder means the file of that name in there; of a checkpoint in one file, the one
// in shards.
static void enter_folder(struct difference *out, const struct diff_side *file, struct diff_side *folder)
{
    if (file->manifest || folder->manifest || !is_file(file->path) || !fs_is_folder(folder->path))
        return;
    const char *name = fs_basename(file->path);
    const char *const names[] = {name, "model.safetensors.index.json", "model.safetensors"};
    for (size_t i = 0; i < (str_ends(name, ".safetensors") ? ARRAY_LEN(names) : 1); i++) {
        CLEANUP(free) char *path = fs_join(folder->path, names[i]);
        if (!is_file(path))
            continue;
        strings_printf(&out->notes, "of the folder '%s', '%s' is compared", folder->path, names[i]);
        free(folder->path);
        folder->path = steal(&path);
        return;
    }
}

// A suite that asks for nothing: every number that moved is told.
static int compare_manifests(struct difference *out, const struct manifest *a, const struct manifest *b,
                             struct error *err)
{
    static const char document[] = "{\"suite\": \"diff\", \"train\": {\"command\": [\"true\"]}}";
    CLEANUP(suite) struct suite *suite = NULL;
    if (suite_parse(&suite, "diff", "diff", document, sizeof document - 1, err) < 0)
        return -1;
    moved_all(&out->facts, a, b, suite, NULL);
    if (out->facts.count > 0)
        out->sameness = DIFFERENT;
    return 0;
}

static void note_missing(struct difference *out, const struct diff_side *side, const char *operand)
{
    if (!side->manifest || side->path)
        return;
    CLEANUP(free) char *why = error_text(&side->missing);
    CLEANUP(free)
    char *note =
        str_printf("the bytes of '%s' are not at hand (%s): tensors are compared by their digests", operand, why);
    if (!strings_has(&out->notes, note))
        strings_add(&out->notes, note);
}

// Folders of the user's with the same files.
static int same_folders(bool *out, const char *a, const char *b, struct error *err)
{
    CLEANUP(file_list) struct file_list before = {0}, after = {0};
    CLEANUP(strings) struct strings moved = {0};
    if (tree_list_all(&before, a, err) < 0 || tree_list_all(&after, b, err) < 0 ||
        tree_hash(&before, a, NULL, 0, err) < 0 || tree_hash(&after, b, NULL, 0, err) < 0)
        return -1;
    tree_compare(&before, &after, &moved, &moved, &moved);
    *out = moved.count == 0;
    return 0;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

// Files that are equal, and whose tensors lie in other files beside them, may hold other tensors.
static bool has_neighbours(const char *path)
{
    const struct artifact_format *format = NULL;
    CLEANUP(error) struct error ignored = {0};
    return artifact_format_of(&format, path, &ignored) == 0 && artifact_has_neighbours(format);
}

// Two goldens whose manifests list the same bytes.
static bool same_artifacts(const struct diff_side *a, const struct diff_side *b)
{
    CLEANUP(strings) struct strings moved = {0};
    tree_compare(&a->manifest->artifacts, &b->manifest->artifacts, &moved, &moved, &moved);
    return a->artifact ? !strings_has(&moved, a->artifact) : moved.count == 0;
}

// A file of somebody else's may change while we look.
static int check(const struct diff_side *side, struct error *err)
{
    return side->manifest ? 0 : contents_check(side->contents, err);
}

static int compare_contents(struct difference *out, struct diff_side *a, struct diff_side *b,
                            const struct diff_options *options, struct error *err)
{
    const struct contents_rule rule = {.pattern = "*", .tensor = options->rule};
    CLEANUP(contents_difference) struct contents_difference found = {0};
    int opened = contents_open(&a->contents, a->path, err);
    opened = opened < 0 ? -1 : contents_open(&b->contents, b->path, err);
    diff_side_tidy(a);
    diff_side_tidy(b);
    if (opened < 0)
        return -1;
    contents_compare(&found, a->contents, b->contents, &rule, 1);
    diff_add_findings(out, &found, a->contents, b->contents);
    return check(a, err) < 0 ? -1 : check(b, err);
}

static int compare_bytes_and_contents(struct difference *out, struct pair_of_sides *sides,
                                      const struct diff_options *options, struct error *err)
{
    struct diff_side *a = &sides->a, *b = &sides->b;
    bool same = false;
    if (is_file(a->path) && is_file(b->path) && bytes_equal(&same, a->path, b->path, err) < 0)
        return -1;
    if (same && (is_same_file(a->path, b->path) || !has_neighbours(a->path)))
        return 0;
    if (compare_contents(out, a, b, options, err) < 0)
        return -1;
    if (same && out->sameness == SAME_CONTENT)
        out->sameness = SAME_BYTES;
    bool folders = !a->manifest && !b->manifest && fs_is_folder(a->path) && fs_is_folder(b->path);
    if (folders && out->sameness == SAME_CONTENT && same_folders(&same, a->path, b->path, err) < 0)
        return -1;
    if (folders && same)
        out->sameness = SAME_BYTES;
    return 0;
}

static int compare_sides(struct difference *out, struct pair_of_sides *sides, const struct diff_options *options,
                         struct error *err)
{
    struct diff_side *a = &sides->a, *b = &sides->b;
    bool manifests = a->manifest && b->manifest, one = a->artifact != NULL;
    if (manifests && (!one || str_equal(a->artifact, b->artifact)) && same_artifacts(a, b))
        return 0;
    note_missing(out, a, out->a);
    note_missing(out, b, out->b);
    if (!a->path || !b->path)
        return diff_compare_kept(out, a, b, err);
    diff_side_keep_common(a, b, &out->notes);
    diff_side_keep_common(b, a, &out->notes);
    return compare_bytes_and_contents(out, sides, options, err);
}

int diff_run(struct difference **out, const char *a, const char *b, const struct diff_options *options,
             struct error *err)
{
    CLEANUP(difference) struct difference *difference = difference_new(a, b);
    CLEANUP(pair_of_sides) struct pair_of_sides sides = {0};
    if (diff_side_find(&sides.a, a, options, err) < 0 || diff_side_find(&sides.b, b, options, err) < 0 ||
        pair_up(&sides.a, &sides.b, a, err) < 0 || pair_up(&sides.b, &sides.a, b, err) < 0)
        return -1;
    enter_folder(difference, &sides.a, &sides.b);
    enter_folder(difference, &sides.b, &sides.a);
    if (compare_sides(difference, &sides, options, err) < 0)
        return -1;
    if (sides.a.manifest && sides.b.manifest && !sides.a.artifact &&
        compare_manifests(difference, sides.a.manifest, sides.b.manifest, err) < 0)
        return -1;
    if (!difference->summary && difference->facts.count > 0)
        difference->summary = str_printf("%s moved", difference->facts.items[0]);
    if (difference->sameness == SAME_BYTES) { // then nothing was left out
        free(steal(&difference->summary));
        strings_free(&difference->left_out);
    }
    *out = steal(&difference);
    return 0;
}
