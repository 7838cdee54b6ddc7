// SPDX-License-Identifier: Apache-2.0
//
// A message of Protocol Buffers as named values, by a table of its fields. What the table does not know becomes bytes
// at "path.unknown[i]", tag and all, so that nothing that differs goes unseen.
#ifndef REPRO_ARTIFACT_MESSAGE_H
#define REPRO_ARTIFACT_MESSAGE_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct contents;
struct message;

enum message_kind {
    MESSAGE_LEFT_OUT, // named among what is left out
    MESSAGE_TEXT,     // VALUE_TEXT
    MESSAGE_TEXTS,    // "path.name[]", one a line
    MESSAGE_INTEGER,  // VALUE_NUMBER; an i64 tensor of rank 0 beyond 2^53
    MESSAGE_INTEGERS, // an i64 tensor
    MESSAGE_FLOAT,    // VALUE_NUMBER
    MESSAGE_FLOATS,   // an f32 tensor
    MESSAGE_ENUM,     // VALUE_TEXT by `enumerator`
    MESSAGE_ONE,      // a message: its fields below "path.name"
    MESSAGE_MANY,     // messages: below "path.name.LABEL" where each has a label of its own, else "path.name[i]"
    MESSAGE_IN_ORDER, // the same, and "path.name[]" lists the labels
    MESSAGE_SPECIAL,  // handed to `special`, one by one
};

struct message_field {
    uint32_t number;
    enum message_kind kind;
    const char *name;              // "" adds nothing to the path
    const struct message *message; // of ONE, MANY, IN_ORDER
};

struct message {
    const struct message_field *fields;
    size_t count;
    uint32_t label; // the field whose text tells messages of this kind apart; 0: none
};

struct message_special {
    const struct message_field *field;
    const char *path; // of the message that it is a field of
    size_t index;     // the how manyth field of this number
    const unsigned char *bytes;
    size_t len;
};

struct message_reader {
    struct contents *contents;
    const char *prefix;
    const unsigned char *file;                  // offsets in messages count from here
    const char *(*enumerator)(uint64_t number); // NULL for an unknown one
    int (*special)(void *context, const struct message_special *special, struct error *err);
    void *context;
};

#define MESSAGE_MAX_DEPTH 100 // as the libraries of Protocol Buffers have it

// `path` is where the message stands; it is the same afterwards.
int message_read(const struct message_reader *reader, const struct message *message, struct buf *path,
                 const unsigned char *bytes, size_t len, struct error *err);

#endif
