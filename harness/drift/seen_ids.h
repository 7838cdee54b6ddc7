// SPDX-License-Identifier: Apache-2.0
//
// Which ids came before, of a stream of any length, in bounded memory: 64-bit hashes in two generations. When the newer
// one is full the older one is forgotten, so that an id is known for at least SEEN_IDS_REACH others that follow it; two
// ids are taken for one with a probability of about 2^-43.
#ifndef REPRO_DRIFT_SEEN_IDS_H
#define REPRO_DRIFT_SEEN_IDS_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEEN_IDS_REACH ((size_t)1 << 20) // 16 MiB a generation, while it fills; 32 MiB in all

struct seen_ids { // all-zero is empty
    struct seen_generation {
        uint64_t *slots; // 0: free
        size_t slot_count, count;
    } now, before;
};

// Whether the bytes came before; they have, from now on.
bool seen_ids_add(struct seen_ids *seen, const void *id, size_t len);
void seen_ids_free(struct seen_ids *seen);
DEFINE_CLEANUP_VALUE(seen_ids)

// The hash, never 0; for whoever joins by ids.
uint64_t seen_ids_hash(const void *id, size_t len);

#endif
