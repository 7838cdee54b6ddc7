// SPDX-License-Identifier: Apache-2.0
//
// From the graph of a pickle to named values. Names:
//
//   a dict's value         PATH.KEY; a key that is no text as Python would print it, an empty one as ''
//   a list's, a tuple's    PATH.0, PATH.1, …; a list of at least 8 ints, or of 8 floats, is one tensor, PATH
//   a set's                PATH.ITEM, a text that is the item itself
//   an object              PATH.<class>, a text; PATH.<args>, what its class was called with; PATH.ATTRIBUTE, or
//                          PATH.<state> where its state is no dict; what it holds as a list or dict, as of one
//   arrays and tensors     PATH; of a structured array PATH.FIELD; of object and text arrays PATH.0, PATH.1, …
//
// Numbers are those of Python: 1, 1.0 and True are equal. None, empty containers, names ("<torch.float32>"), integers
// beyond 2^53 ("<int 36893488147419103232>") and what is met within itself ("<same as 'a.b'>") are texts; a str that
// looks like one of those is in quotes. A list is not told from a tuple, nor a dict from an OrderedDict. A shared value
// comes once for each path that leads to it. Where two names would be the same, the second ends in "#2".
#ifndef REPRO_ARTIFACT_PICKLE_WALK_H
#define REPRO_ARTIFACT_PICKLE_WALK_H

#include "artifact/contents.h"
#include "artifact/pickle.h"
#include "base/buf.h"

// Where the bytes of torch's storages are. False: there is no such storage.
struct pickle_storages {
    bool (*find)(const struct pickle_storages *storages, const unsigned char *key, size_t len,
                 const unsigned char **bytes, uint64_t *size);
    void *context;
    bool big_endian;
};

// Adds the values below `root` to the contents. 1: not understood (pickle->why); what was added is taken out again.
int pickle_walk(struct contents *contents, struct pickle *pickle, uint32_t root, const char *prefix,
                const struct pickle_storages *storages, struct error *err);

// --- for those who know what an object means (pickle_numpy.c, pickle_torch.c) ---

struct pickle_open {
    uint32_t node;
    size_t path; // length of the path that leads to it
};
struct pickle_walker {
    struct pickle *pickle;
    struct contents *contents;
    const char *prefix;
    const struct pickle_storages *storages; // NULL: there are none
    struct buf path;
    struct pickle_open *open; // what is being walked
    size_t depth;
    uint64_t visits, named, copied;
    struct error *err;
};

// Returned by a handler for an object that is not as it expected: it is then walked like any other.
enum { PICKLE_GENERIC = 2 };
typedef int (*pickle_handler)(struct pickle_walker *w, uint32_t node);
struct pickle_special {
    const char *name; // of the callable; "numpy._core." is "numpy.core."
    pickle_handler walk;
};
extern const struct pickle_special pickle_numpy[]; // ends with a NULL name
extern const struct pickle_special pickle_torch[];
extern const struct pickle_special pickle_python[];

int pickle_walk_node(struct pickle_walker *w, uint32_t node);       // at the current path
int pickle_walk_persistent(struct pickle_walker *w, uint32_t node); // one of torch's storages, or PICKLE_GENERIC
// The same at PATH.NAME, or PATH.INDEX.
int pickle_walk_at(struct pickle_walker *w, const char *name, uint32_t node);
int pickle_walk_index(struct pickle_walker *w, size_t index, uint32_t node);
int pickle_walk_items(struct pickle_walker *w, uint32_t list);  // of a list or tuple, at the current path
int pickle_walk_pairs(struct pickle_walker *w, uint32_t dict);  // of a dict, likewise
int pickle_walk_set(struct pickle_walker *w, uint32_t list);    // as of a set
size_t pickle_enter(struct pickle_walker *w, const char *name); // returns what pickle_leave needs
void pickle_leave(struct pickle_walker *w, size_t path);
// A new value at the current path; NULL with the error or `why` set: return pickle_failed(w).
struct value *pickle_emit(struct pickle_walker *w, enum value_kind kind);
int pickle_failed(const struct pickle_walker *w);                              // −1 with an error set, else 1
int pickle_emit_text(struct pickle_walker *w, const void *text, uint64_t len); // as it is
int pickle_emit_bytes(struct pickle_walker *w, const void *bytes, uint64_t len);
// Printed, into the pickle's memory.
int pickle_emit_printed(struct pickle_walker *w, const char *format, ...) PRINTF_LIKE(2, 3);
// "'layers.0': …" in front of the error that is set.
int pickle_context(struct pickle_walker *w);

// How Python would print a value, for keys and items of sets. 1: it cannot stand there.
int pickle_repr(struct buf *out, struct pickle *pickle, uint32_t node);

#endif
