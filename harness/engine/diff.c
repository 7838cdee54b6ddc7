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
    if (golden->artifact)
        return diff_side_choose(golden, golden->artifact, err);
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
    strings_printf(&out->notes, "the bytes of '%s' are not at hand (%s): tensors are compared by their digests",
                   operand, why);
}

// What the manifest keeps, or, of a side that has its bytes only, nothing: then only manifests can be compared.
static int compare_kept(struct difference *out, const struct diff_side *a, const struct diff_side *b, struct error *err)
{
    if (!a->manifest || !b->manifest)
        return error_set(err, ERROR_USAGE, "there is nothing to compare: %s",
                         out->notes.count > 0 ? out->notes.items[0] : "no bytes are at hand");
    const struct file_list *files = &a->manifest->artifacts;
    size_t both = 0;
    for (size_t i = 0; i < files->count; i++) {
        const struct file_entry *was = &files->items[i];
        const struct file_entry *is = file_list_find(&b->manifest->artifacts, was->path);
        if (!is || !was->content || !is->content || (a->artifact && !str_equal(a->artifact, was->path)))
            continue;
        CLEANUP(free) char *prefix = str_printf("%s/", was->path);
        diff_add_facts(out, prefix, was->content, is->content);
        both++;
    }
    if (!out->summary)
        out->summary =
            str_printf("%zu of %zu tensors moved, by what the manifests keep of them", out->count, out->values);
    if (both == 0)
        strings_add(&out->notes, "the manifests keep no tensors that both have");
    return 0;
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
    if (a->manifest && b->manifest && (!a->artifact || str_equal(a->artifact, b->artifact)))
        same = same_artifacts(a, b);
    else if (is_file(a->path) && is_file(b->path) && bytes_equal(&same, a->path, b->path, err) < 0)
        return -1;
    if (same)
        return 0;
    if (compare_contents(out, a, b, options, err) < 0)
        return -1;
    bool folders = !a->manifest && !b->manifest && fs_is_folder(a->path) && fs_is_folder(b->path);
    if (folders && out->sameness == SAME_CONTENT && same_folders(&same, a->path, b->path, err) < 0)
        return -1;
    out->sameness = same ? SAME_BYTES : out->sameness;
    return 0;
}

int diff_run(struct difference **out, const char *a, const char *b, const struct diff_options *options,
             struct error *err)
{
    CLEANUP(difference) struct difference *difference = difference_new(a, b);
    CLEANUP(pair_of_sides) struct pair_of_sides sides = {0};
    if (diff_side_find(&sides.a, a, options, err) < 0 || diff_side_find(&sides.b, b, options, err) < 0 ||
        pair_up(&sides.a, &sides.b, a, err) < 0 || pair_up(&sides.b, &sides.a, b, err) < 0)
        return -1;
    note_missing(difference, &sides.a, a);
    note_missing(difference, &sides.b, b);
    int done = sides.a.path && sides.b.path ? compare_bytes_and_contents(difference, &sides, options, err)
                                            : compare_kept(difference, &sides.a, &sides.b, err);
    if (done < 0)
        return -1;
    if (sides.a.manifest && sides.b.manifest && !sides.a.artifact &&
        compare_manifests(difference, sides.a.manifest, sides.b.manifest, err) < 0)
        return -1;
    if (!difference->summary && difference->facts.count > 0)
        difference->summary = str_printf("%s moved", difference->facts.items[0]);
    *out = steal(&difference);
    return 0;
}
