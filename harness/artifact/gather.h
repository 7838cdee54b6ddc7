// SPDX-License-Identifier: Apache-2.0
//
// An array of a document that holds numbers, truth values or texts and nothing else, gathered into one value.
#ifndef REPRO_ARTIFACT_GATHER_H
#define REPRO_ARTIFACT_GATHER_H

#include "artifact/outline.h"
#include "artifact/tensor.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tokens;

// Deeper arrays are walked one by one; so each byte of a document is read at most so many times.
#define GATHER_MAX_RANK 6

enum gather_kind { GATHER_EMPTY, GATHER_INTEGERS, GATHER_FLOATS, GATHER_BOOLS, GATHER_TEXTS };

// All-zero is empty.
struct gather {
    enum gather_kind kind;
    struct buf cells; // i64 or double each; of truth values bytes; of texts lines
    size_t rank;      // 0: not known yet
    uint64_t shape[GATHER_MAX_RANK];
    bool measured[GATHER_MAX_RANK]; // an array of this depth has been closed: its length is known
    bool beyond;                    // an integer over 2^53 is among them
};

// Reads the rest of an array whose opening has been read. *whole is false as soon as it is not of one kind or not
// rectangular: the tokens are then somewhere within it.
int gather_read(bool *whole, struct gather *out, struct tokens *tokens, struct error *err);
// Adds what was gathered as a value (texts: at name + "[]"). `type` may be NULL.
int gather_add(struct contents *out, const char *prefix, const char *name, struct gather *gather,
               const struct outline_type *type, struct error *err);
void gather_free(struct gather *gather);
DEFINE_CLEANUP_VALUE(gather)

#endif
