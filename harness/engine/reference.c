// SPDX-License-Identifier: Apache-2.0
#include "engine/reference.h"

#include "engine/moved.h"
#include "run/class.h"
#include "run/facts.h"
#include "store/golden.h"

// Code may change: refactoring must keep the result.
bool reference_same_inputs(const struct manifest *golden, const struct manifest *now)
{
    CLEANUP(strings) struct strings moved = {0};
    moved_command(&moved, golden, now);
    moved_files(&moved, &golden->data, &now->data);
    moved_files(&moved, &golden->settings, &now->settings);
    moved_files(&moved, &golden->external, &now->external);
    return moved.count == 0;
}

// A golden that another golden may be preferred to.
struct choice {
    struct manifest *golden;
    bool same;
    unsigned distance; // of its class from that of this machine
};

static bool better(const struct choice *a, const struct choice *b)
{
    return a->same != b->same ? a->same : a->distance < b->distance;
}

static int choose(struct choice *best, const char *root, const struct manifest *now, struct error *err)
{
    CLEANUP(strings) struct strings classes = {0};
    if (golden_classes(&classes, root, now->suite, err) < 0)
        return -1;
    for (size_t i = 0; i < classes.count; i++) {
        CLEANUP(manifest) struct manifest *golden = NULL;
        if (str_equal(classes.items[i], now->class_name))
            continue;
        if (golden_load(&golden, root, now->suite, classes.items[i], err) < 0)
            return -1;
        if (!golden)
            continue;
        struct choice choice = {golden, reference_same_inputs(golden, now),
                                class_distance(classes.items[i], now->class_name ? now->class_name : "")};
        if (best->golden && !better(&choice, best))
            continue;
        manifest_free(best->golden);
        *best = choice;
        golden = NULL;
    }
    return 0;
}

int reference_load(struct manifest **out, bool *superseded, const char *root, const struct manifest *now,
                   struct error *err)
{
    CLEANUP(manifest) struct manifest *own = NULL;
    struct choice best = {0};
    *out = NULL;
    *superseded = false;
    if (now->class_name && golden_load(&own, root, now->suite, now->class_name, err) < 0)
        return -1;
    if (own && reference_same_inputs(own, now)) {
        *out = steal(&own);
        return 0;
    }
    if (choose(&best, root, now, err) < 0) {
        manifest_free(best.golden);
        return -1;
    }
    *superseded = own && best.same;
    if (own && !best.same) {
        manifest_free(best.golden);
        *out = steal(&own);
    } else {
        *out = best.golden;
    }
    return 0;
}

int reference_current(struct manifest **out, const char *root, const struct suite *suite, char *const *variables,
                      struct error *err)
{
    CLEANUP(manifest) struct manifest *now = manifest_new();
    struct choice best = {0};
    *out = NULL;
    now->suite = str_dup(suite->name);
    if (facts_collect(&now->environment, suite, variables, err) < 0 ||
        facts_class(&now->class_name, suite, &now->environment, err) < 0)
        return -1;
    if (now->class_name && golden_load(out, root, suite->name, now->class_name, err) < 0)
        return -1;
    if (*out)
        return 0;
    if (choose(&best, root, now, err) < 0) {
        manifest_free(best.golden);
        return -1;
    }
    *out = best.golden;
    return 0;
}
