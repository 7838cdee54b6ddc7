// SPDX-License-Identifier: Apache-2.0
//
// joblib writes an array's bytes into the pickle, right behind the BUILD of its NumpyArrayWrapper (a dict: subclass,
// shape, order, dtype, allow_mmap, numpy_array_alignment_bytes):
//
//   where numpy_array_alignment_bytes is given (since 1.2)   u8 n, then n bytes of padding
//   the elements, in C or Fortran order; or, of an array of objects, a pickle of the array, in which there are no
//   wrappers
#include "artifact/pickle_machine.h"
#include "artifact/pickle_numpy.h"

// Types are read again for each array, and may be shared by all of them.
enum { MAX_FIELDS = 1 << 20 };

int pickle_take_array(struct pickle_machine *m, uint32_t wrapper)
{
    struct pickle *pickle = m->pickle;
    uint32_t state = pickle_node(pickle, wrapper)->state, raw = 0;
    uint32_t alignment = pickle_get(pickle, state, "numpy_array_alignment_bytes");
    CLEANUP(npy_header) struct npy_header header = {0};
    const unsigned char *bytes = NULL;
    uint64_t len = 0, padding = 0;
    if (!pickle_dtype(&header, pickle, pickle_get(pickle, state, "dtype")) ||
        !pickle_shape(&header, &len, pickle, pickle_get(pickle, state, "shape")))
        return pickle_puzzle(pickle, "joblib wrote an array of a type or shape that is not known (byte %zu)",
                             m->opcode);
    m->fields += header.count;
    if (m->fields > MAX_FIELDS)
        return pickle_puzzle(pickle, "joblib wrote more than %d fields of arrays", MAX_FIELDS);
    int rc = 0;
    if (header.objects) {
        rc = pickle_run_nested(m, &raw);
    } else {
        if (alignment && pickle_node(pickle, alignment)->kind != PICKLE_NONE) {
            if (pickle_take_number(m, &padding, 1) || pickle_take(m, &bytes, padding))
                return -1;
        }
        if (pickle_take(m, &bytes, len))
            return -1;
        rc = pickle_new(m, &raw, PICKLE_BYTES);
        if (!rc) {
            pickle->nodes[raw].bytes = bytes;
            pickle->nodes[raw].len = len;
        }
    }
    if (!rc)
        pickle->nodes[wrapper].raw = raw;
    return rc;
}
