// SPDX-License-Identifier: Apache-2.0
//
// Rows of a table as text: CSV (RFC 4180; also with BOM, CRLF, ';', tab or '|') and JSON lines, read cell by cell
// without a copy. Made for files of many rows, whose pieces are read on several CPUs at once. Errors name the file and
// the line.
#ifndef REPRO_ARTIFACT_TABLE_H
#define REPRO_ARTIFACT_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- The text

struct table_source { // a whole file, or a piece of one that begins and ends with a row
    const char *name; // for messages
    const char *text;
    size_t len;
    bool json;      // JSON lines, else CSV
    char delimiter; // of CSV
    bool ascii;     // no byte over 0x7f anywhere
    size_t body;    // where the first row of data begins
    long line;      // of the first byte; 0: 1
};
// Fills text and len: small files are read, larger ones mapped. ERROR_USAGE for what is empty or no regular file.
int table_open(struct table_source *source, const char *path, struct error *err);
void table_close(struct table_source *source);
// ERROR_USAGE when the first bytes are those of another kind of file: UTF-16, gzip, zip, zstd, Parquet.
int table_check_text(const struct table_source *source, struct error *err);
// By the name (".jsonl", ".ndjson"), or because it begins with '{' behind `body`.
bool table_is_json(const struct table_source *source);
long table_line(const struct table_source *source, const char *at); // of a place in the text

struct table_bytes { // of a piece: its quotes, whether a byte is over 0x7f, whether one is 0
    size_t quotes;
    bool high, nul;
};
void table_count_bytes(struct table_bytes *out, const char *bytes, size_t len);

// ---- Names of columns in the order in which they came, each once

struct table_names {
    struct table_name {
        const char *text;
        size_t len;
        uint64_t hash;
    } * items;
    size_t count, capacity;
    uint32_t *slots; // index + 1; 0: free
    size_t mask;
    struct arena texts;
};
#define TABLE_NAMES_LIMIT 100000 // more columns than that, and the file is not a table
// The index of a name, which is added where it is new and `add`; SIZE_MAX else. `hint` is where it is likely to stand.
size_t table_names_find(struct table_names *names, const char *text, size_t len, size_t hint, bool add);
void table_names_free(struct table_names *names);
uint64_t table_hash(const char *text, size_t len);

// ---- Rows

enum table_token_kind {
    TOKEN_ABSENT,
    TOKEN_CELL,   // of CSV
    TOKEN_NULL,   // the others are of JSON
    TOKEN_STRING, // unescaped
    TOKEN_NUMBER, // NaN, Infinity and -Infinity too
    TOKEN_BOOL,   // "true" or "false"
    TOKEN_RAW,    // an array or object
};
struct table_token {
    const char *text;
    size_t len;
    enum table_token_kind kind;
};

struct table_reader {
    const struct table_source *source;
    const char *at, *end;
    const char *row;           // where the row that was read began
    struct table_names *names; // JSON lines add to it unless `fixed`; of CSV it is the header's
    bool fixed;                // other keys are passed over
    struct table_token *tokens;
    size_t capacity;
    size_t *given; // indexes of the tokens that the row has; of CSV all are
    size_t given_count, given_capacity;
    struct arena scratch; // unescaped texts; until the next row
};
// Reads the row at `at` into tokens[], one for each name. *more is false when only blank lines were left before `stop`.
// A fault is a problem with its line.
int table_row(bool *more, struct table_reader *reader, const char *stop, struct error *err);
void table_reader_free(struct table_reader *reader);

// Of CSV: finds the delimiter, reads the header, and sets `body` behind it. Two columns of one name are a problem.
int table_header(struct table_names *names, struct table_source *source, struct error *err);
// One row of CSV, whatever its number of cells; *count tells it.
int table_csv_row(size_t *count, struct table_reader *reader, struct error *err);
// The delimiter that cuts the first rows into the most cells, all alike; else the header.
char table_csv_delimiter(const struct table_source *source);
// Where the first row at or after `from` begins if the text at `from` is inside quotes, or is not. A guess is enough:
// the reader of the part before finds out whether it was right.
const char *table_csv_row_start(const struct table_source *source, const char *from, bool quoted);
int table_jsonl_row(bool *more, struct table_reader *reader, const char *stop, struct error *err);

// ---- Cells

enum table_number_kind { NUMBER_NOT, NUMBER_INTEGER, NUMBER_FRACTION };
// A number that fills the text, blanks around it aside; NaN is none, infinity is a fraction. An integer has its value
// in both.
enum table_number_kind table_number(int64_t *integer, double *number, const char *text, size_t len);
// The index of a word for "missing", −1 for any other; the word of an index (NULL past the end).
int table_missing_word(const char *text, size_t len);
const char *table_missing_spelling(size_t index);

#endif
