// SPDX-License-Identifier: Apache-2.0
//
// Between the files that infer a schema. The file is mapped and cut into parts; each part is read row by row on a CPU
// of its own into tables of its own, which are then put together. Whatever is counted does not depend on where the cuts
// are: counts, extremes, sets with a bound, and rows picked by a hash of where they stand.
#ifndef REPRO_FUZZ_INFER_PARTS_H
#define REPRO_FUZZ_INFER_PARTS_H

#include "artifact/date.h"
#include "artifact/table.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/row.h"
#include "core/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source {
    struct table_source file;
    uint64_t seed;
    size_t pick_count;     // rows that are looked at twice
    size_t distinct_limit; // different values that are counted in a column
};

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
void gauge_add(struct gauge *gauge, const struct table_token *token, const struct source *source);
void gauge_merge(struct gauge *to, struct gauge *from, const struct source *source); // `from` is used up
void gauge_free(struct gauge *gauge);
static inline uint64_t gauge_present(const struct gauge *gauge)
{
    return gauge->integers + gauge->fractions + gauge->booleans + gauge->texts + gauge->raws;
}

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
    struct table_names *names;
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
void infer_cell(struct cell *out, const struct table_token *token, const struct column *column, struct arena *arena);
// Whether its cells are numbers: also of dates (seconds since 1970) and identifiers (numbers of rows).
bool column_is_numeric(const struct column *column);

#endif
