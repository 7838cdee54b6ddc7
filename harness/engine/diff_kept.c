// SPDX-License-Identifier: Apache-2.0
//
// A diff where the bytes of one side are elsewhere: by what its manifest keeps of the tensors.
#include "base/fs.h"
#include "engine/content_facts.h"
#include "engine/diff.h"
#include "engine/diff_side.h"

#include <string.h>

// Of an artifact: what the manifest keeps of it, else what its bytes say. NULL when it can be known from neither. The
// caller frees.
static struct content *facts_of(const struct diff_side *side, const char *artifact)
{
    const struct file_entry *entry = side->manifest ? file_list_find(&side->manifest->artifacts, artifact) : NULL;
    CLEANUP(contents) struct contents *contents = NULL;
    CLEANUP(error) struct error ignored = {0};
    struct content *content = NULL;
    if (entry && entry->content)
        return content_copy(entry->content);
    if (!side->path)
        return NULL;
    CLEANUP(free) char *file = fs_is_folder(side->path) ? fs_join(side->path, artifact) : str_dup(side->path);
    if (contents_open(&contents, file, &ignored) < 0 || content_facts(&content, contents, &ignored) < 0)
        return NULL;
    return content;
}

int diff_compare_kept(struct difference *out, const struct diff_side *a, const struct diff_side *b, struct error *err)
{
    const struct file_list *files = &(a->manifest ? a : b)->manifest->artifacts;
    const char *chosen = a->artifact ? a->artifact : b->artifact;
    size_t both = 0;
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->items[i].path;
        if (chosen && !str_equal(chosen, path))
            continue;
        struct content *was = facts_of(a, path), *is = facts_of(b, path);
        CLEANUP(free) char *prefix = chosen ? str_dup("") : str_printf("%s:", path);
        if (was && is)
            diff_add_facts(out, prefix, was, is);
        both += was && is;
        content_free(was);
        content_free(is);
    }
    if (both == 0 && (!a->manifest || !b->manifest))
        return error_set(err, ERROR_USAGE, "there is nothing to compare: %s",
                         out->notes.count > 0 ? out->notes.items[0] : "no bytes are at hand");
    if (both == 0)
        strings_add(&out->notes, "the manifests keep no tensors that both have");
    else
        out->summary =
            str_printf("%zu of %zu tensors moved, by what the manifests keep of them", out->count, out->values);
    return 0;
}
