// SPDX-License-Identifier: Apache-2.0
//
// numpy's types as pickles have them: dtype('f8', False, True) with the state (3, '<', subarray, names, fields, size,
// alignment, flags[, metadata]).
#ifndef REPRO_ARTIFACT_PICKLE_NUMPY_H
#define REPRO_ARTIFACT_PICKLE_NUMPY_H

#include "artifact/npy_header.h"
#include "artifact/pickle.h"

// Fills the fields and the size of an element. False: not a dtype that is understood. (npy_header_free in any case.)
bool pickle_dtype(struct npy_header *out, const struct pickle *pickle, uint32_t dtype);
// Fills rank and shape from a tuple of ints. *bytes: what the whole array takes. False: no shape, or it is too large.
bool pickle_shape(struct npy_header *out, uint64_t *bytes, const struct pickle *pickle, uint32_t shape);

#endif
