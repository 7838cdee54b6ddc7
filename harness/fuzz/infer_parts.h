// SPDX-License-Identifier: Apache-2.0
//
// Between the files that infer a schema. The file is mapped and cut into parts; each part is read row by row on a CPU
// of its own into tables of its own, which are then put together. Whatever is counted does not depend on where the cuts
// are: counts, extremes, sets with a bound, and rows picked by a hash of where they stand.
#ifndef REPRO_FUZZ_INFER_PARTS_H
#define REPRO_FUZZ_INFER_PARTS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/row.h"
#include "core/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- The file

struct source {
    const char *name; // for messages
    const char *text;
    size_t len;
    bool json;      // JSON lines, else CSV
    char delimiter; // of CSV
    bool ascii;     // no byte over 0x7f anywhere
    size_t body;    // where the first row of data begins
    uint64_t seed;
    size_t pick_count;     // rows that are looked at twice
    size_t distinct_limit; // different values that are counted in a column
};
struct census_count { // of a piece: its quotes, whether a byte is over 0x7f, whether one is 0
    size_t quotes;
    bool high, nul;
};
void census_count(struct census_count *out, const char *bytes, size_t len);
// The line of a place in the file.
long source_line(const struct source *source, const char *at);

// ---- Rows

enum token_kind {
    TOKEN_ABSENT,
    TOKEN_CELL,   // of CSV
    TOKEN_NULL,   // the others are of JSON
    TOKEN_STRING, // unescaped
    TOKEN_NUMBER, // NaN, Infinity and -Infinity too
    TOKEN_BOOL,   // "true" or "false"
    TOKEN_RAW,    // an array or object
};
struct token {
    const char *text;
    size_t len;
    enum token_kind kind;
};

// Names of columns in the order in which they came, each once.
struct names {
    struct name {
        const char *text;
        size_t len;
        uint64_t hash;
    } * items;
    size_t count, capacity;
    uint32_t *slots; // index + 1; 0: free
    size_t mask;
    struct arena texts;
};
#define NAMES_LIMIT 100000 // more columns than that, and the file is not a table
// The index of a name, which is added where it is new and `add`; SIZE_MAX else. `hint` is where it is likely to stand.
size_t infer_names_find(struct names *names, const char *text, size_t len, size_t hint, bool add);
void infer_names_free(struct names *names);

struct row_reader {
    const struct source *source;
    const char *at, *end;
    const char *row;     // where the row that was read began
    struct names *names; // JSON lines add to it; of CSV it is the header's
    struct token *tokens;
    size_t capacity;
    size_t *given; // indexes of the tokens that the row has; of CSV all are
    size_t given_count, given_capacity;
    struct arena scratch; // unescaped texts; until the next row
};
// Reads the row at `at` into tokens[], one for each name. *more is false when only blank lines were left before `stop`.
// A fault is a problem with its line.
int row_read(bool *more, struct row_reader *reader, const char *stop, struct error *err);
void row_reader_free(struct row_reader *reader);

// One row of CSV, whatever its number of cells; *count tells it. For the header, and behind row_read.
int csv_row(size_t *count, struct row_reader *reader, struct error *err);
char csv_delimiter(const struct source *source);
// Where the first row at or after `from` begins if the text at `from` is inside quotes, or is not. A guess is enough:
// the reader of the part before finds out whether it was right.
const char *csv_row_start(const struct source *source, const char *from, bool quoted);
int jsonl_row(bool *more, struct row_reader *reader, const char *stop, struct error *err);

// ---- What a column has shown

struct distinct { // different values and how often they came, until there are too many
    struct value {
        uint64_t hash, count;
        const char *text;
        size_t len; // SIZE_MAX: a free slot
    } * slots;
    size_t count, mask;
    bool full; // there were too many: nothing is known
    struct arena texts;
};

struct gauge {
    uint64_t missing; // null, an empty cell, or a word for it; without the rows that do not have the key
    uint64_t integers, fractions, booleans, texts, raws;
    double min, max;          // of the finite numbers; only when `ranged`
    uint64_t refuted;         // bits of the date formats that some text does not have
    uint32_t spelt;           // bits of the words for missing
    size_t longest;           // bytes of a value
    size_t narrowest, widest; // bytes of a whole number
    bool ranged, zeros /* a whole number began with one */, spaces /* a text has some */;
    struct distinct distinct;
};
void gauge_add(struct gauge *gauge, const struct token *token, const struct source *source);
void gauge_merge(struct gauge *to, struct gauge *from, const struct source *source); // `from` is used up
void gauge_free(struct gauge *gauge);
static inline uint64_t gauge_present(const struct gauge *gauge)
{
    return gauge->integers + gauge->fractions + gauge->booleans + gauge->texts + gauge->raws;
}

enum number_kind { NUMBER_NOT, NUMBER_INTEGER, NUMBER_FRACTION };
// A number that fills the text, blanks around it aside. An integer has its value in both.
enum number_kind infer_number(int64_t *integer, double *number, const char *text, size_t len);
// The index of a word for "missing", −1 for any other; the word of an index (NULL past the end).
int missing_word(const char *text, size_t len);
const char *missing_spelling(size_t index);
uint64_t infer_hash(const char *text, size_t len);

// ---- Dates

// The formats that are tried, the likelier before the others; NULL past the end. At most 64.
const char *date_format(size_t index);
// Adds the bits of the formats that the text does not have to those that are refuted already.
uint64_t dates_refuted(uint64_t refuted, const char *text, size_t len);
bool date_fits(const char *format, const char *text, size_t len);
// True when the format has nothing but directives that date_fits knows.
bool date_format_is_known(const char *format);

// ---- Rows that are picked: those with the least hashes of (seed, place in the file)

struct picks {
    struct pick {
        uint64_t hash;
        size_t at;
    } * items;
    size_t count, capacity;
    uint64_t bound; // hashes from here on are too large; 0: none is
};
void picks_add(struct picks *picks, const struct source *source, size_t at);
void picks_cut(struct picks *picks, size_t keep); // to the `keep` least
void picks_merge(struct picks *to, struct picks *from, const struct source *source);
void picks_free(struct picks *picks);

// ---- Everything together

struct table {
    struct names *names;
    struct gauge *gauges; // one a name
    size_t capacity;
    uint64_t rows;
    struct picks picks;
};

struct sample;
struct infer_options;
// Types the columns (all but the target), and fills the sample (NULL: not asked for).
int infer_types(struct schema **schema, struct sample *sample, struct table *table, const struct source *source,
                const struct infer_options *options, struct error *err);
// The cell that a token of a column is; texts go to the arena.
void infer_cell(struct cell *out, const struct token *token, const struct column *column, struct arena *arena);
// Whether its cells are numbers: also of dates (seconds since 1970) and identifiers (numbers of rows).
bool column_is_numeric(const struct column *column);

#endif
