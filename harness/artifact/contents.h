// SPDX-License-Identifier: Apache-2.0
//
// What an artifact holds: a list of named values, whatever the file's format. Opening reads the headers only; tensors
// stay in the mapped file until somebody looks at them.
#ifndef REPRO_ARTIFACT_CONTENTS_H
#define REPRO_ARTIFACT_CONTENTS_H

#include "artifact/artifact.h"
#include "artifact/tensor.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
    VALUE_TENSOR,
    VALUE_NUMBER, // a double; integers up to 2^53 too
    VALUE_TEXT,   // UTF-8 or not: compared byte for byte
    VALUE_BYTES,  // a part that is not understood (a member of a zip, an opcode's argument): compared byte for byte
};
struct value {
    const char *name; // dotted or by path: "layers.3.attn.q.weight", "weights/w0", "conf/learner.json:a.b"; in `texts`
    enum value_kind kind;
    struct tensor tensor; // of VALUE_TENSOR
    double number;
    const unsigned char *bytes; // of VALUE_TEXT and VALUE_BYTES; borrowed from the contents
    uint64_t size;
};

struct contents {
    const struct artifact_format *format;
    struct value *items; // sorted by name, each name once
    size_t count, capacity;
    struct strings left_out; // what is in the file and not among the values, for people: "order of the keys of
                             // __metadata__", "general.uuid", "dates of the zip's members"
    char *note;              // why (part of) the file is compared as bytes; NULL when all of it was understood
    struct arena texts;
    struct artifact_file *files; // maps and memory that values point into; owned
    size_t file_count, file_capacity;
    uint64_t packed, unpacked; // bytes that were decompressed so far, and what they became
};

// Reads a file, or a folder (every file below it, names with the path in front; a sharded checkpoint as one). A file
// that no reader understands gives one VALUE_BYTES named "" and a note. A file of a known format that is damaged is an
// error (ERROR_USAGE) that says where: "model.safetensors: byte 8: tensor 'w': …".
// Large files are mapped. One that somebody writes to meanwhile may show a mixture (contents_check tells); one that is
// cut short meanwhile raises SIGBUS in whoever looks at its values, as in any program that maps files. The runs'
// own artifacts are written by nobody any more when they are read.
int contents_open(struct contents **out, const char *path, struct error *err);
// After looking at the values: ERROR_MACHINE "'x' changed while it was read" when a mapped file is not what it was.
int contents_check(const struct contents *contents, struct error *err);
// The same from memory that the caller keeps for as long: for fuzzing and for members of an archive.
int contents_parse(struct contents **out, const char *name, const void *bytes, size_t len, struct error *err);
void contents_free(struct contents *contents);
DEFINE_CLEANUP(contents)

const struct value *contents_find(const struct contents *contents, const char *name);

// --- for readers (one file a format, and one column in the table of artifact.c) ---

// The bytes of one file, mapped or in memory.
struct artifact_file {
    const char *name; // for messages and for names of members
    const unsigned char *bytes;
    size_t len;
    const char *folder; // where neighbours may be opened (shards, external data); NULL: none may
    int depth;          // of nesting: an archive in an archive; a reader refuses more than CONTENTS_MAX_DEPTH
    bool mapped, owned; // how to let go of it
    const char *path;   // of a mapped file, for contents_check; NULL: nobody else can reach it
    uint64_t stamp;     // what stat said of it: size, times, inode, hashed
};
#define CONTENTS_MAX_DEPTH    4
#define CONTENTS_MAX_VALUES   ((size_t)1 << 20)
#define CONTENTS_MAX_UNPACKED ((uint64_t)16 << 30) // bytes of decompressed members, all together
// A reader (artifact/readers.h) adds values; names get `prefix` in front. What it keeps pointing at must live in the
// source or be kept with contents_keep.

// Sorts the values; a name that comes twice is an error. contents_open and contents_parse end with it.
int contents_finish(struct contents *contents, struct error *err);
// Readers do not put the file's name into messages: contents_read does ("m.zip: w.npy: the header: …").

// Adds a value, zeroed but for its name and kind; the pointer is valid until the next one is added. The name is
// "prefix:name", or the one of the two that is not "". NULL, with the error set, over CONTENTS_MAX_VALUES.
struct value *contents_add(struct contents *contents, const char *prefix, const char *name, enum value_kind kind,
                           struct error *err);
void contents_leave_out(struct contents *contents, const char *what);                     // each text once
void contents_note(struct contents *contents, const char *format, ...) PRINTF_LIKE(2, 3); // the first one is kept
// Takes memory over (freed with the contents) and returns it as bytes.
const unsigned char *contents_keep(struct contents *contents, void *bytes, size_t len);
// The same for a map, or memory, that a file owns.
void contents_adopt(struct contents *contents, const struct artifact_file *file);
// "prefix:name" or the one that is not "", as contents_add has it: the prefix of a member. Lives with the contents.
const char *contents_name(struct contents *contents, const char *prefix, const char *name);
// Counts what is about to be decompressed, and from how much. −1 over CONTENTS_MAX_UNPACKED in all, or where a GiB and
// more came out of a 200th of that.
int contents_unpacked(struct contents *contents, uint64_t packed, uint64_t unpacked, struct error *err);
// Maps a file below `folder` (a relative path that fs_is_inside; a symbolic link anywhere in it is refused) for as long
// as the contents live. Small files are read instead. out->depth is 0.
int contents_map(struct contents *contents, struct artifact_file *out, const char *folder, const char *path,
                 struct error *err);
// Reads a file by its own format: what archives and folders do with their members (depth: one more than their own).
// Not understood, nested too deeply, or of depth > 0 and damaged: one VALUE_BYTES named prefix, and a note that says
// so.
int contents_read(struct contents *contents, const struct artifact_file *file, const char *prefix, struct error *err);

#endif
