// SPDX-License-Identifier: Apache-2.0
//
// The tokens of a document made of objects, arrays, numbers and text, whatever its spelling: JSON (tokens_json.c) or
// UBJSON (tokens_ubj.c). Nothing is built and nothing is copied: a token points into the document.
#ifndef REPRO_ARTIFACT_TOKENS_H
#define REPRO_ARTIFACT_TOKENS_H

#include "artifact/tensor.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind {
    TOKEN_OBJECT,
    TOKEN_OBJECT_END,
    TOKEN_ARRAY,
    TOKEN_ARRAY_END,
    TOKEN_KEY,
    TOKEN_TEXT,
    TOKEN_INTEGER, // exactly `integer`
    TOKEN_FLOAT,   // `number`
    TOKEN_EXACT,   // a number that is neither: beyond i64 or beyond double; its spelling is `text`
    TOKEN_BOOL,    // `integer` is 0 or 1
    TOKEN_NULL,
    TOKEN_NUMBERS, // a whole array of numbers that stands in the document as a tensor does
    TOKEN_END,     // of the document
};

struct token {
    enum token_kind kind;
    const char *text; // of KEY, TEXT, EXACT, without a NUL at the end
    size_t len;
    bool lasting; // the text stands in the document; else it is overwritten by the next token
    int64_t integer;
    double number;
    struct tensor tensor; // of NUMBERS, rank 1
};

#define TOKENS_MAX_DEPTH 200

struct tokens_level {
    bool object, begun;
    bool counted;      // UBJSON: ends after `left` more values instead of with a bracket
    unsigned char all; // UBJSON: the type of every value; 0: each says its own
    bool value_next;   // the key has been read
    uint64_t left;
};

struct tokens {
    int (*next)(struct token *out, struct tokens *tokens, struct error *err);
    const unsigned char *bytes;
    size_t len, at;
    size_t depth; // open objects and arrays
    bool done;    // the outermost value has been read
    size_t line;  // that the document begins at, for messages; 0: 1
    struct tokens_level levels[TOKENS_MAX_DEPTH];
    struct buf scratch; // of text with escapes
};

void tokens_json(struct tokens *out, const void *bytes, size_t len);
void tokens_ubj(struct tokens *out, const void *bytes, size_t len);
void tokens_free(struct tokens *tokens);
DEFINE_CLEANUP_VALUE(tokens)

// A place to come back to: right behind the token that opened the innermost level.
struct tokens_mark {
    size_t at, depth;
    struct tokens_level level;
};
struct tokens_mark tokens_mark(const struct tokens *tokens);
void tokens_rewind(struct tokens *tokens, const struct tokens_mark *mark);

// Opens a level. −1 with the error set beyond TOKENS_MAX_DEPTH.
int tokens_open(struct tokens *tokens, struct tokens_level level, struct error *err);

#endif
