// SPDX-License-Identifier: Apache-2.0
//
// Shrinking: from a sequence of choices that fails to the least one in shortlex order (choices.h) that still fails,
// with few questions. Everything simplest at once, then spans left out, runs of five to one choices left out, equal
// choices lowered together, then each alone by halving; again until nothing changes. A candidate that generates what
// was asked before costs nothing.
#ifndef REPRO_FUZZ_SHRINK_H
#define REPRO_FUZZ_SHRINK_H

#include "fuzz/cases.h"

struct shrink_options {
    // Asks whether these choices still fail in the same way. They are what generating uses: none too many or too large.
    bool (*still_fails)(void *context, const uint64_t *choices, size_t count);
    // Generates and gives the choices that were used (borrowed until the next call); costs no question. NULL when this
    // is no candidate: another mutation, no mess left. NULL instead of a function: every sequence is one as it stands.
    const struct choices *(*settle)(void *context, const uint64_t *choices, size_t count);
    void *context;
    size_t call_limit; // of still_fails; 0: 200
};
// `start` must fail. *best (the caller frees) gets the least that was found: `start` itself when nothing smaller fails.
// Returns how often still_fails was called.
size_t shrink(uint64_t **best, size_t *count, const uint64_t *start, size_t n, const struct shrink_options *options);

// The same for a case: mutation and column stay what they are, and only cases that hold are asked. `c` is where cases
// are made; afterwards it is the least one.
size_t case_shrink(struct fuzz_case *c, const struct case_space *space,
                   bool (*still_fails)(void *context, const struct fuzz_case *c), void *context, size_t call_limit);

#endif
