// SPDX-License-Identifier: Apache-2.0
//
// The way back from a golden to one before it: which is current, which are kept, and which of them is meant.
#ifndef REPRO_ENGINE_WAY_BACK_H
#define REPRO_ENGINE_WAY_BACK_H

#include "base/err.h"
#include "base/mem.h"
#include "store/golden_kept.h"

#include <stdbool.h>

struct way_back {
    char *class_name;
    struct manifest *current;
    struct digest identity; // of the current one
    struct golden_kept_list kept;
    const struct golden_kept *to; // among `kept`; NULL: none is kept, or the one that is meant is current already
    bool arrived;                 // the one that is meant is current already
};

// `mine` is the class of this machine: its golden is meant, or the only one that there is. `to` is the beginning, at
// least 4 digits, of the identity of a golden, of its bundle's digest or of that of one of its artifacts; NULL: the
// newest that is kept. ERROR_USAGE where nothing is called so, or more than one.
int way_back_find(struct way_back *out, const char *root, const char *suite, const char *mine, const char *to,
                  struct error *err);
void way_back_free(struct way_back *way);
DEFINE_CLEANUP_VALUE(way_back)

// "0123456789ab (why it was accepted)". The caller frees.
char *way_back_name(const struct digest *identity, const struct manifest *manifest);

#endif
