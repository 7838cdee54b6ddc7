// SPDX-License-Identifier: Apache-2.0
//
// Going back to a golden that was kept.
#include "base/fs.h"
#include "core/project.h"
#include "store/golden.h"
#include "store/golden_bundle.h"
#include "store/golden_kept.h"

#include <unistd.h>

static int refuse_current(const struct manifest *current, const struct golden_switch *wanted, struct error *err)
{
    struct digest now;
    if (golden_identity(&now, current, err) < 0)
        return -1;
    if (digest_equal(&now, wanted->from))
        return 0;
    char hex[65];
    digest_hex(hex, &now);
    return error_set(err, ERROR_USAGE,
                     "golden %s/%s has changed meanwhile: %.12s is current now; look at it with: repro log %s",
                     current->suite, current->class_name, hex, current->suite);
}

static struct golden_kept *find(const struct golden_kept_list *list, const struct digest *identity)
{
    for (size_t i = 0; i < list->count; i++) {
        if (digest_equal(&list->items[i].identity, identity))
            return &list->items[i];
    }
    return NULL;
}

static void sign(struct manifest *manifest, const struct golden_switch *wanted)
{
    char hex[65];
    digest_hex(hex, wanted->from);
    free(manifest->accepted.rolled_back.from);
    free(manifest->accepted.rolled_back.reason);
    free(manifest->accepted.rolled_back.by);
    manifest->accepted.rolled_back.from = str_dup(hex);
    manifest->accepted.rolled_back.reason = str_dup(wanted->reason);
    manifest->accepted.rolled_back.by = str_dup(wanted->by);
}

// `back` comes, `current` goes. Up to the manifest's renaming all can be undone by settling on `current`.
static int exchange(const char *root, const struct manifest *current, struct manifest *back,
                    struct golden_switch *wanted, struct error *err)
{
    CLEANUP(free) char *folder = str_printf("%s/golden/%s/%s", root, back->suite, back->class_name);
    CLEANUP(error) struct error ignored = {0};
    bool placed = false;
    int done = golden_kept_add(&wanted->kept, root, current, err);
    if (done == 0)
        done = golden_bundle_place(&placed, root, back, folder, err);
    if (done == 0 && !placed) {
        char hex[65];
        digest_hex(hex, wanted->to);
        done = error_set(err, ERROR_USAGE,
                         "the bundle of a kept golden is damaged or missing; git may have it: git checkout -- "
                         "golden/%s/%s/earlier/%.16s",
                         back->suite, back->class_name, hex);
    }
    if (done == 0) {
        sign(back, wanted);
        done = golden_write(root, back, err);
    }
    if (done < 0) {
        golden_bundle_clear(root, current);
        golden_kept_settle(root, current, UINT64_MAX, &ignored);
        return -1;
    }
    golden_bundle_clear(root, back);
    golden_kept_settle(root, back, UINT64_MAX, &ignored); // what stays over, the next one removes
    return 0;
}

int golden_switch(const char *root, const char *suite, const char *class_name, struct golden_switch *wanted,
                  struct error *err)
{
    CLEANUP(golden_kept_list) struct golden_kept_list list = {0};
    CLEANUP(manifest) struct manifest *current = NULL;
    CLEANUP(fd) int lock = -1;
    if (golden_check_names(suite, class_name, err) < 0 || golden_lock(&lock, root, err) < 0 ||
        golden_load(&current, root, suite, class_name, err) < 0)
        return -1;
    if (!current)
        return error_set(err, ERROR_USAGE, "there is no golden %s/%s", suite, class_name);
    if (refuse_current(current, wanted, err) < 0 || golden_kept_settle(root, current, UINT64_MAX, err) < 0 ||
        golden_kept_list(&list, root, suite, class_name, err) < 0)
        return -1;
    const struct golden_kept *back = find(&list, wanted->to);
    char hex[65];
    digest_hex(hex, wanted->to);
    if (!back)
        return error_set(err, ERROR_USAGE, "golden %s/%s keeps no earlier one that is %.12s", suite, class_name, hex);
    return exchange(root, current, back->manifest, wanted, err);
}
