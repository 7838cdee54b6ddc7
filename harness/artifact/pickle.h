// SPDX-License-Identifier: Apache-2.0
//
// A pickle machine that executes nothing. It reads the opcodes of protocols 0 to 5 (Python's Lib/pickletools.py lists
// them) and builds the graph of values that they describe; where Python would import a name and call it, a node says
// which name would have been called with what. Nothing is looked up, nothing is run.
//
// The graph is as large as the file at most: an opcode makes one node, or one reference to a node. It may hold shared
// nodes and cycles; whoever walks it must bound the walk (artifact/pickle_walk.h does).
#ifndef REPRO_ARTIFACT_PICKLE_H
#define REPRO_ARTIFACT_PICKLE_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL,  // integer
    PICKLE_INT,   // integer
    PICKLE_LONG,  // bytes: decimal digits of an integer that int64_t cannot hold
    PICKLE_FLOAT, // real
    PICKLE_TEXT,  // bytes
    PICKLE_BYTES, // bytes
    PICKLE_TUPLE, // items
    PICKLE_LIST,
    PICKLE_DICT, // items: key, value, key, value, …
    PICKLE_SET,
    PICKLE_GLOBAL,     // bytes: "module.name"
    PICKLE_PERSISTENT, // callable: what identifies it to whoever wrote the pickle
    PICKLE_OBJECT,     // callable(*args), then state, list and dict as put into it
    PICKLE_INTS,       // bytes: a list of int64_t, made by pickle_pack
    PICKLE_FLOATS,     // likewise of double
};

// References are indices into `nodes`; 0 is none.
struct pickle_node {
    unsigned char kind;
    bool open;      // being walked: to meet it again is a cycle
    uint32_t count; // of items
    union {
        int64_t integer;
        double real;
        struct {
            const unsigned char *bytes; // borrowed from the file or from the pickle's memory
            uint64_t len;
        };
        struct {
            uint32_t *items;
            uint32_t capacity;
        };
        struct {
            uint32_t callable;
            uint32_t args;  // a tuple
            uint32_t state; // given to BUILD
            uint32_t list;  // a list: what was appended to it
            uint32_t dict;  // a dict: what was set in it
            uint32_t raw;   // the array that joblib writes behind its wrapper: its bytes, or a node of its own
        };
    };
};

struct pickle_block;
struct pickle {
    struct pickle_node *nodes; // nodes[0] is not used
    size_t count, capacity;
    struct pickle_block *blocks; // text that stands otherwise in the file
    size_t decoded, limit;       // bytes in blocks, and how many there may be
    char *why;                   // not understood: "opcode EXT1 …"
};

enum { PICKLE_MAX_NODES = 16 << 20, PICKLE_MAX_GLOBAL = 1024, PICKLE_MAX_STATE = 256 };

// Reads the pickle that begins at bytes[*at] and leaves *at behind its end. −1: damaged, with the byte where. 1: it
// says something that this machine does not know, or too much: `why` tells. May be called again for the next pickle of
// the same file; references stay good, pointers to nodes do not.
int pickle_run(struct pickle *pickle, uint32_t *root, const unsigned char *bytes, size_t len, size_t *at,
               struct error *err);
// Hands the memory that nodes and values point into over to the caller, block by block (free each). False: no more.
bool pickle_release(struct pickle *pickle, void **block, size_t *len);
void pickle_free(struct pickle *pickle); // what it holds
DEFINE_CLEANUP_VALUE(pickle)

// Sets `why` unless it is set, and returns 1.
int pickle_puzzle(struct pickle *pickle, const char *format, ...) PRINTF_LIKE(2, 3);
// Memory that lives as long as the file's contents; NULL (with `why`) over the limit.
unsigned char *pickle_memory(struct pickle *pickle, uint64_t len);

// A node, never NULL: of index 0, None.
const struct pickle_node *pickle_node(const struct pickle *pickle, uint32_t index);
// The items of a tuple or list; of anything else, and beyond the end, 0.
uint32_t pickle_item(const struct pickle *pickle, uint32_t node, uint32_t item);
// The value of a text key in a dict (the last one set) of at most PICKLE_MAX_STATE keys; 0 when absent.
uint32_t pickle_get(const struct pickle *pickle, uint32_t dict, const char *key);
// True for an object whose callable is this name ("collections.OrderedDict").
bool pickle_is_call(const struct pickle *pickle, uint32_t node, const char *name);
bool pickle_is_global(const struct pickle *pickle, uint32_t node, const char *name);
bool pickle_is_text(const struct pickle *pickle, uint32_t node, const char *text);
// An int or bool that is not negative. False for anything else.
bool pickle_size(const struct pickle *pickle, uint32_t node, uint64_t *out);
// The bytes of a bytes object, however the protocol says it: as such, as a bytearray, or as Latin-1 text to be encoded
// (decoded in place, once). False: it is none; or over the limit.
bool pickle_bytes(struct pickle *pickle, uint32_t node, const unsigned char **bytes, uint64_t *len);
// Turns a list of at least 8 ints, or of as many floats, into PICKLE_INTS or PICKLE_FLOATS. Others stay.
void pickle_pack(struct pickle *pickle, uint32_t node);

#endif
