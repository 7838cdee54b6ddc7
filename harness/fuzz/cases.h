// SPDX-License-Identifier: Apache-2.0
//
// Cases: clean rows of the sample with one mess made of them (or none), as one or several questions, and what may be
// expected of the answers. A mutation is one row of a table (mutations_*.c, one file a family).
#ifndef REPRO_FUZZ_CASES_H
#define REPRO_FUZZ_CASES_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/schema.h"
#include "fuzz/choices.h"
#include "fuzz/infer.h"
#include "serve/client.h"

enum mutation_family {
    FAMILY_NONE, // clean rows
    FAMILY_MISSING,
    FAMILY_NUMBERS,
    FAMILY_TYPES,
    FAMILY_CATEGORIES,
    FAMILY_TEXT,
    FAMILY_DATES,
    FAMILY_ROWS,
    FAMILY_COLUMNS,
    FAMILY_WIRE,
};
#define FAMILY_COUNT 10
const char *family_name(enum mutation_family family); // "clean", "missing", "numbers", …

// What the mess does to the meaning of a row.
enum meaning {
    MEANING_SAME,    // nothing: the answer must be the clean row's (another order of columns, 3.0 for 3, NFD for NFC)
    MEANING_VALID,   // another valid row: must be answered
    MEANING_MESSY,   // outside of what the schema describes: may be answered or rejected, clearly
    MEANING_INVALID, // not a question at all (not JSON, truncated): must be rejected, not answered
};

// What a mutation needs of the way in which the model is asked, as bits.
enum mutation_need {
    NEED_JSON = 1,      // null, types, absent keys
    NEED_CSV = 2,       // and no JSON
    NEED_MANY_ROWS = 4, // in one question
    NEED_NO_ROWS = 8,   // a question without any
    NEED_NAMES = 16,    // of columns
    NEED_RAW = 32,      // bytes sent as they are
    NEED_HTTP = 64,     // a content type
    NEED_BODY = 128,    // what the rows become can be told, to be damaged
    NEED_STYLES = 256,  // several encodings that mean the same
};

struct case_space;
struct fuzz_case;
struct mess_text;
struct mutation {
    const char *name; // "missing.null": the family and the kind; what reports, --only and suite.json's "expect" use
    enum mutation_family family;
    const char *says; // for people: "a value that is null"
    enum meaning meaning;
    bool per_column; // it is done to one column
    unsigned types;  // of columns that it is done to, bits 1u << COLUMN_…
    unsigned needs;  // bits of enum mutation_need
    // Whether the schema has what it takes (a second column, …); *why as of mutation_applies. NULL: always.
    bool (*fits)(const struct case_space *space, size_t column, const char **why);
    bool (*suits)(const struct cell *clean); // the value that it is made of; another row is taken otherwise. NULL: any
    size_t least_rows, most_rows;            // clean rows that it starts from, where the model takes many; 0: one
    const struct mess_text *texts;           // that it takes one of; the simplest first
    size_t text_count;
    // Makes the mess; choices decide how, 0 is the simplest. Everything new goes to the case's arena.
    void (*apply)(struct fuzz_case *c, struct choices *choices);
    // Of one that changes one cell: whether that cell now is what `says` says. Else NULL, and `holds` looks at it all.
    bool (*claims)(const struct fuzz_case *c, const struct cell *clean, const struct cell *now);
    bool (*holds)(const struct fuzz_case *c);
};
// All of them, family by family; NULL at the end.
const struct mutation *mutation_at(size_t index);
const struct mutation *mutation_find(const char *name);
// Whether it is one of those that are asked for: a name, a family, a glob of names; NULL: all.
bool mutation_is_asked(const struct mutation *mutation, const char *only);
// Whether it makes sense for this column of the schema (SIZE_MAX when it is not per column) and a model that is asked
// like this. *why gets a few words when it does not (static): "CSV has no types".
bool mutation_applies(const struct mutation *mutation, const struct case_space *space, size_t column, const char **why);

// A case, made.
struct fuzz_case {
    const struct mutation *mutation; // NULL: clean
    const struct mutation *inner;    // of "rows.poisoned": what the poison is; else NULL
    size_t column;                   // of the schema; SIZE_MAX when it is not one column's
    enum meaning meaning; // the mutation's, or what this very case has (a null in a nullable column is valid)
    struct cell *cells;   // [row_count][column_count]: the question's rows, to be changed by the mutation
    const char *const *columns;
    size_t row_count, column_count;
    size_t poisoned; // the row that the mess is in; SIZE_MAX: all of them, or none
    struct buf raw;  // where the mutation sends bytes of its own; `is_raw`
    bool is_raw;
    const char *content_type;
    enum question_style style;
    struct rows clean;     // the same rows before the mess (same count and order)
    const size_t *sources; // for each row of the question, the clean row that it came from; NULL: in order
    const struct schema *schema;
    const struct sample *sample;
    const struct client_ability *ability;
    struct arena arena;
    struct cell *storage; // owned
    size_t storage_count;
    struct choices choices; // that made it
    struct case_plan *plan; // which mutations go with which columns; kept while the space stays the same
};

struct case_space { // what cases are drawn from; borrowed
    const struct schema *schema;
    const struct sample *sample;
    const struct client_ability *ability;
    const char *only; // name or glob of mutations, or a family; NULL: all
};

// Makes the case that the choices tell (begun with choices_draw, _replay or _extend of `from`, which may be
// &c->choices); `c` is reused: nothing is allocated once it has grown. What was chosen then stands in c->choices.
// The first choice is the mutation (0: clean; else 1 + its place in the table), the second the column where it is per
// column, then come the rows, then the mess. The schema and the sample must not change while `c` is in use.
void case_make(struct fuzz_case *c, const struct case_space *space, struct choices *from);
void case_question(struct question *out, const struct fuzz_case *c);
void case_clean_question(struct question *out, const struct fuzz_case *c); // the same rows without the mess
void case_free(struct fuzz_case *c);
static inline void cleanup_fuzz_case(struct fuzz_case *c)
{
    case_free(c);
}
// Pairs of mutation and column, one after the other, so that each can be tried before any is tried twice. False at the
// end. `first` gets the first two choices, for choices_extend; *count is 1 when it is not per column.
bool case_pair(uint64_t first[2], size_t *count, struct fuzz_case *c, const struct case_space *space, size_t index);
// True when the case means what its mutation claims: the mess is there, and it is the only one. Checked again after
// shrinking. (A drawn case may not hold: there is no mess to be made of the largest value where the clean one is it.)
bool case_holds(const struct fuzz_case *c);
// How many cells are not those of the clean rows.
size_t case_cells_changed(const struct fuzz_case *c);
// One line for people: "age is null in 1 row of 1". The caller frees.
char *case_describe(const struct fuzz_case *c);
// Works out once how the cells of a sample are written (row_prepare): once, after it was fitted, before the first case.
void sample_prepare(struct sample *sample);

#endif
