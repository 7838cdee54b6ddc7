// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the pickle machine share: pickle.c runs it, pickle_atoms.c reads numbers and texts, pickle_stack.c
// builds containers and objects. Every opcode returns 0, −1 (damaged) or 1 (not understood).
#ifndef REPRO_ARTIFACT_PICKLE_MACHINE_H
#define REPRO_ARTIFACT_PICKLE_MACHINE_H

#include "artifact/pickle.h"

struct pickle_machine {
    struct pickle *pickle;
    const unsigned char *bytes;
    size_t len;
    size_t start;    // where this pickle begins
    size_t at;       // the next byte to read
    size_t opcode;   // where the current opcode stands
    uint32_t *stack; // of nodes
    size_t depth, stack_capacity;
    size_t *marks; // depths of the stack
    size_t mark_count, mark_capacity;
    uint32_t *memo; // 0: not set
    size_t memo_size, memo_set;
    size_t fields; // of joblib's arrays
    bool nested;   // the object array that joblib writes as a pickle of its own: plain
    bool stopped;  // STOP was read
    struct error *err;
};

typedef int (*pickle_opcode)(struct pickle_machine *m);
struct pickle_operation {
    unsigned char code;
    pickle_opcode run;
};
extern const struct pickle_operation pickle_atoms[];   // ends with run NULL
extern const struct pickle_operation pickle_objects[]; // likewise
extern const struct pickle_operation pickle_stacks[];

// "byte N: …", where N is the current opcode's place. Always −1.
int pickle_damaged(struct pickle_machine *m, const char *format, ...) PRINTF_LIKE(2, 3);

// The next bytes of the file, in place. −1 where it ends before.
int pickle_take(struct pickle_machine *m, const unsigned char **out, uint64_t len);
int pickle_take_number(struct pickle_machine *m, uint64_t *out, size_t size);           // little-endian
int pickle_take_line(struct pickle_machine *m, const unsigned char **out, size_t *len); // without its newline
int pickle_new(struct pickle_machine *m, uint32_t *out, enum pickle_kind kind);         // all else zero
int pickle_push(struct pickle_machine *m, uint32_t node);                               // onto the stack
int pickle_push_new(struct pickle_machine *m, uint32_t *out, enum pickle_kind kind);    // both
int pickle_push_bytes(struct pickle_machine *m, enum pickle_kind kind, const void *bytes, uint64_t len);
int pickle_pop(struct pickle_machine *m, uint32_t *out); // never below the last mark
int pickle_top(struct pickle_machine *m, uint32_t *out);
int pickle_pop_mark(struct pickle_machine *m, size_t *first); // items from stack[first] on are the caller's to drop
int pickle_add(struct pickle_machine *m, uint32_t container, const uint32_t *items, size_t count);
int pickle_push_global(struct pickle_machine *m, const void *module, size_t module_len, const void *name, size_t len);

// After BUILD of joblib's NumpyArrayWrapper: takes the array's bytes, which follow. artifact/pickle_joblib.c.
int pickle_take_array(struct pickle_machine *m, uint32_t wrapper);
// The same machine again on the same bytes, for a pickle within one; *root is its value.
int pickle_run_nested(struct pickle_machine *m, uint32_t *root);

#endif
