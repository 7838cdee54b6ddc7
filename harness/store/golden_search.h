// SPDX-License-Identifier: Apache-2.0
//
// Looking for a golden's bundle in the three places where it may be.
#ifndef REPRO_STORE_GOLDEN_SEARCH_H
#define REPRO_STORE_GOLDEN_SEARCH_H

#include "base/err.h"
#include "base/mem.h"
#include "core/manifest.h"
#include "store/shared_store.h"

#include <stdbool.h>

struct golden_search {
    struct shared_store *repro_json; // the store that it names; NULL: none
    char *git, *store, *shared;      // absolute; `shared` is NULL without such a store
    const char *found;               // one of the three
};

// An error where none has it: it names every place and says how to get the bundle here.
int golden_search_look(struct golden_search *search, const char *root, const struct manifest *manifest,
                       struct error *err);
void golden_search_free(struct golden_search *search);
DEFINE_CLEANUP_VALUE(golden_search)

// True when there is something in the bundle's place in the store of repro.json, whatever it is.
bool golden_search_is_shared(const struct golden_search *search);
// Keeps the bundle of the store of repro.json, which was sound a moment ago, in .repro/store too, so that a mount is
// read once. On one file system that would only cost room: there it only replaces a damaged one. As far as possible.
void golden_search_keep(const struct golden_search *search, const char *root, const struct manifest *manifest);

#endif
