// SPDX-License-Identifier: Apache-2.0
#include "engine/diff_side.h"

#include "base/fs.h"
#include "core/project.h"
#include "core/suite.h"
#include "engine/diff.h"
#include "run/facts.h"
#include "store/bundle.h"
#include "store/golden.h"
#include "store/repository.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANIFEST_AT_MOST = 64 << 20 };

// An operand that names a golden, taken apart.
struct name {
    char *suite, *class_name, *revision, *artifact; // all but the first may be NULL
};

static void name_free(struct name *name)
{
    free(name->suite);
    free(name->class_name);
    free(name->revision);
    free(name->artifact);
}
DEFINE_CLEANUP_VALUE(name)

// NAME[/CLASS][@REVISION][:ARTIFACT]. A revision may hold "/" and "@" ("@origin/main", "@HEAD@{1}"), not ":".
static void split(struct name *out, const char *operand)
{
    const char *colon = strchr(operand, ':'), *end = colon ? colon : operand + strlen(operand);
    const char *at = memchr(operand, '@', (size_t)(end - operand)), *first = at ? at : end;
    const char *slash = memchr(operand, '/', (size_t)(first - operand));
    out->suite = str_ndup(operand, (size_t)((slash ? slash : first) - operand));
    out->class_name = slash ? str_ndup(slash + 1, (size_t)(first - slash - 1)) : NULL;
    out->revision = at ? str_ndup(at + 1, (size_t)(end - at - 1)) : NULL;
    out->artifact = colon ? str_dup(colon + 1) : NULL;
}

// The class of this machine where it is among them; the only one; else the user has to say which.
static int choose_class(char **out, const struct project *project, const struct name *name,
                        const struct strings *classes, const struct diff_options *options, struct error *err)
{
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(pairs) struct pairs facts = {0};
    CLEANUP(free) char *ours = NULL;
    CLEANUP(error) struct error ignored = {0};
    if (classes->count == 1) {
        *out = str_dup(classes->items[0]);
        return 0;
    }
    if (suite_load(&suite, project->root, name->suite, &ignored) == 0 &&
        facts_collect(&facts, suite, options->environ, &ignored) == 0 &&
        facts_class(&ours, suite, &facts, &ignored) == 0 && strings_has(classes, ours)) {
        *out = steal(&ours);
        return 0;
    }
    CLEANUP(free) char *all = strings_join(classes, ", ");
    return error_set(err, ERROR_USAGE, "golden '%s' has several classes (%s); say which, as in: %s/%s", name->suite,
                     all, name->suite, classes->items[0]);
}

static int refuse_class(const struct name *name, const struct strings *classes, struct error *err)
{
    CLEANUP(free) char *all = strings_join(classes, ", ");
    const char *where = name->revision ? " in " : "", *revision = name->revision ? name->revision : "";
    if (classes->count == 0)
        return error_set(err, ERROR_USAGE, "suite '%s' has no golden%s%s", name->suite, where, revision);
    return error_set(err, ERROR_USAGE, "golden '%s' has no class '%s'%s%s; there is: %s", name->suite, name->class_name,
                     where, revision, all);
}

// Sets name->class_name where it was left open.
static int settle_class(struct name *name, const struct project *project, const struct strings *classes,
                        const struct diff_options *options, struct error *err)
{
    if (classes->count == 0 || (name->class_name && !strings_has(classes, name->class_name)))
        return refuse_class(name, classes, err);
    return name->class_name ? 0 : choose_class(&name->class_name, project, name, classes, options, err);
}

// Code and settings lie in the bundle, too, and are not what is compared.
static void drop_inputs(const struct diff_side *side, const char *folder)
{
    const struct file_list *lists[] = {&side->manifest->code, &side->manifest->settings};
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            CLEANUP(free) char *path = fs_join(folder, lists[l]->items[i].path);
            if (!file_list_find(&side->manifest->artifacts, lists[l]->items[i].path))
                unlink(path);
        }
    }
}

// Golden's bytes may be elsewhere: then what its manifest keeps has to do.
static void unpack(struct diff_side *side, const char *root, const char *bundle)
{
    CLEANUP(free) char *folder = fs_join(side->scratch.folder, "golden");
    const struct bundle_limits limits = {.max_size = side->manifest->bundle.size ? side->manifest->bundle.size : 1};
    int done = bundle ? bundle_extract(bundle, folder, &side->manifest->bundle.digest, &limits, &side->missing)
                      : golden_extract(root, side->manifest, folder, &side->missing);
    if (done < 0)
        return;
    drop_inputs(side, folder);
    side->path = steal(&folder);
}

static int find_in_tree(struct diff_side *side, struct name *name, const struct project *project,
                        const struct diff_options *options, struct error *err)
{
    CLEANUP(strings) struct strings classes = {0};
    if (golden_classes(&classes, project->root, name->suite, err) < 0 ||
        settle_class(name, project, &classes, options, err) < 0 ||
        golden_load(&side->manifest, project->root, name->suite, name->class_name, err) < 0)
        return -1;
    if (!side->manifest)
        return refuse_class(name, &classes, err);
    if (scratch_make(&side->scratch, "repro-diff", err) < 0)
        return -1;
    unpack(side, project->root, NULL);
    return 0;
}

// The classes of a suite's golden in a revision.
static int list_classes(struct strings *out, struct repository *repository, const struct name *name, struct error *err)
{
    CLEANUP(strings) struct strings paths = {0};
    CLEANUP(free) char *folder = str_printf("golden/%s", name->suite);
    if (repository_list(&paths, repository, name->revision, folder, err) < 0)
        return -1;
    for (size_t i = 0; i < paths.count; i++) {
        const char *class_name = paths.items[i] + strlen(folder) + 1;
        const char *slash = strchr(class_name, '/');
        if (slash && str_equal(slash, "/manifest.json"))
            strings_take(out, str_ndup(class_name, (size_t)(slash - class_name)));
    }
    return 0;
}

// Golden's bundle as that revision has it, written beside what will be unpacked; NULL when git does not hold it.
static int fetch_bundle(char **out, struct diff_side *side, struct repository *repository, const struct name *name,
                        struct error *err)
{
    char hex[65];
    digest_hex(hex, &side->manifest->bundle.digest);
    CLEANUP(free) char *path = str_printf("golden/%s/%s/%.16s.tar.zst", name->suite, name->class_name, hex);
    CLEANUP(free) char *file = fs_join(side->scratch.folder, "bundle.tar.zst");
    CLEANUP(buf) struct buf bytes = {0};
    bool found = false;
    if (repository_read(&bytes, &found, repository, name->revision, path, err) < 0)
        return -1;
    if (!found)
        return 0;
    if (fs_write_atomic(file, bytes.data ? bytes.data : "", bytes.len, err) < 0)
        return -1;
    *out = steal(&file);
    return 0;
}

static int find_in_git(struct diff_side *side, struct name *name, const struct project *project,
                       const struct diff_options *options, struct error *err)
{
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(strings) struct strings classes = {0};
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(free) char *bundle = NULL;
    bool found = false;
    if (repository_open(&repository, project->root, err) < 0)
        return -1;
    if (!repository)
        return error_set(err, ERROR_USAGE, "'@%s': the project is not in a git repository", name->revision);
    if (list_classes(&classes, repository, name, err) < 0 || settle_class(name, project, &classes, options, err) < 0)
        return -1;
    CLEANUP(free) char *path = golden_manifest_path(name->suite, name->class_name);
    CLEANUP(free) char *label = str_printf("%s@%s", path, name->revision);
    if (repository_read(&text, &found, repository, name->revision, path, err) < 0)
        return -1;
    if (!found)
        return refuse_class(name, &classes, err);
    if (manifest_parse(&side->manifest, label, buf_text(&text), text.len, err) < 0 ||
        scratch_make(&side->scratch, "repro-diff", err) < 0 || fetch_bundle(&bundle, side, repository, name, err) < 0)
        return -1;
    unpack(side, project->root, bundle);
    return 0;
}

static int find_golden(struct diff_side *side, const char *operand, const struct diff_options *options,
                       struct error *err)
{
    CLEANUP(project) struct project *project = NULL;
    CLEANUP(name) struct name name = {0};
    split(&name, operand);
    if (project_open(&project, options->folder, err) < 0)
        return -1;
    if (!suite_name_is_valid(name.suite) || (!name.revision && !strings_has(&project->suites, name.suite))) {
        const char *const *known = (const char *const *)project->suites.items;
        const char *nearest = str_nearest(name.suite, known, project->suites.count);
        return error_set(err, ERROR_USAGE, "'%s' is neither a file or folder nor a suite of this project%s%s%s",
                         operand, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    }
    side->artifact = steal(&name.artifact);
    int found = name.revision ? find_in_git(side, &name, project, options, err)
                              : find_in_tree(side, &name, project, options, err);
    return found < 0 ? error_context(err, "'%s'", operand) : 0;
}

// What a run left in its folder: a manifest without a bundle, and the artifacts that differed from golden's.
static void take_run(struct diff_side *side, const char *folder)
{
    CLEANUP(free) char *artifacts = fs_join(folder, "artifacts");
    side->partial = true;
    if (fs_is_folder(artifacts))
        side->path = steal(&artifacts);
    else
        error_set(&side->missing, ERROR_USAGE,
                  "the run kept none: what differs from golden is kept, until a later run "
                  "of the suite keeps some");
}

static bool has_bundle(const struct manifest *manifest)
{
    static const struct digest none;
    return !digest_equal(&manifest->bundle.digest, &none);
}

// A manifest.json is compared as one, with the bundle beside it where there is one. `bundle_name`: only if that is it.
static int try_manifest(struct diff_side *side, const char *path, const char *bundle_name, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(manifest) struct manifest *manifest = NULL;
    if (fs_read(&text, path, MANIFEST_AT_MOST, err) < 0 ||
        manifest_parse(&manifest, path, buf_text(&text), text.len, err) < 0)
        return -1;
    char hex[65];
    digest_hex(hex, &manifest->bundle.digest);
    CLEANUP(free) char *folder = fs_dirname(path);
    CLEANUP(free) char *name = str_printf("%.16s.tar.zst", hex);
    CLEANUP(free) char *bundle = fs_join(folder, name);
    if (bundle_name && !str_equal(bundle_name, name))
        return error_set(err, ERROR_USAGE, "'%s' is not the bundle of '%s'", bundle_name, path);
    bool run = !has_bundle(manifest);
    if (!run && fs_exists(bundle) && scratch_make(&side->scratch, "repro-diff", err) < 0)
        return -1;
    side->manifest = steal(&manifest);
    if (run)
        take_run(side, folder);
    else if (side->scratch.folder)
        unpack(side, NULL, bundle);
    else
        error_set(&side->missing, ERROR_USAGE, "'%s' is not there", bundle);
    return 0;
}

static void find_path(struct diff_side *side, const char *path)
{
    CLEANUP(error) struct error other = {0}; // many a program writes a manifest.json
    CLEANUP(free) char *folder = fs_is_folder(path) ? str_dup(path) : fs_dirname(path);
    CLEANUP(free) char *manifest = fs_join(folder, "manifest.json");
    const char *name = fs_basename(path);
    bool bundle = str_ends(name, ".tar.zst") && !fs_is_folder(path);
    bool meant = bundle || fs_is_folder(path) || str_equal(name, "manifest.json");
    if (!meant || !fs_exists(manifest) || try_manifest(side, manifest, bundle ? name : NULL, &other) < 0)
        side->path = str_dup(path);
}

int diff_side_find(struct diff_side *side, const char *operand, const struct diff_options *options, struct error *err)
{
    CLEANUP(free) char *path = fs_join(options->folder, operand);
    if (fs_exists(path)) {
        find_path(side, path);
        return 0;
    }
    const char *colon = strrchr(operand, ':');
    CLEANUP(free) char *front = str_ndup(operand, colon ? (size_t)(colon - operand) : 0);
    CLEANUP(free) char *before = fs_join(options->folder, front);
    if (!colon || !*front || !fs_exists(before))
        return find_golden(side, operand, options, err);
    find_path(side, before);
    if (!side->manifest) { // a folder that is called as a suite is, maybe
        free(steal(&side->path));
        return find_golden(side, operand, options, err);
    }
    side->artifact = str_dup(colon + 1);
    return 0;
}

void diff_side_keep_common(struct diff_side *side, const struct diff_side *other, struct strings *notes)
{
    if (!side->manifest || side->artifact || !side->scratch.folder || !other->partial || !other->path)
        return;
    for (size_t i = 0; i < side->manifest->artifacts.count; i++) {
        const struct file_entry *entry = &side->manifest->artifacts.items[i];
        const struct file_entry *theirs = file_list_find(&other->manifest->artifacts, entry->path);
        CLEANUP(free) char *here = fs_join(side->path, entry->path), *there = fs_join(other->path, entry->path);
        if (!theirs || fs_exists(there))
            continue;
        if (!digest_equal(&entry->sha256, &theirs->sha256))
            strings_printf(notes, "'%s' differs, and the run did not keep it", entry->path);
        unlink(here);
    }
}

int diff_side_choose(struct diff_side *side, const char *artifact, struct error *err)
{
    if (!file_list_find(&side->manifest->artifacts, artifact))
        return error_set(err, ERROR_USAGE, "golden '%s' has no artifact '%s'", side->manifest->suite, artifact);
    if (side->artifact != artifact) {
        free(side->artifact);
        side->artifact = str_dup(artifact);
    }
    if (side->path) {
        CLEANUP(free) char *file = fs_join(side->path, artifact);
        free(steal(&side->path));
        if (fs_exists(file))
            side->path = steal(&file);
        else
            error_set(&side->missing, ERROR_USAGE, "'%s' was not kept", artifact);
    }
    return 0;
}

void diff_side_tidy(struct diff_side *side)
{
    scratch_free(&side->scratch);
}

void diff_side_free(struct diff_side *side)
{
    diff_side_tidy(side);
    contents_free(side->contents);
    manifest_free(side->manifest);
    error_free(&side->missing);
    free(side->path);
    free(side->artifact);
}
