// SPDX-License-Identifier: Apache-2.0
//
// What the families of mutations share: the cell that a mess is made in, what it was, and what may be said of it.
#ifndef REPRO_FUZZ_MESS_H
#define REPRO_FUZZ_MESS_H

#include "base/mem.h"
#include "fuzz/cases.h"

struct mess_text {
    const char *text; // may hold NUL
    size_t len;
};
// clang-format off
#define MESS_TEXT(string) {(string), sizeof(string) - 1}
#define MESS_TEXTS(list) .texts = (list), .text_count = ARRAY_LEN(list)
// clang-format on

#define TYPES_NUMERIC (1u << COLUMN_INTEGER | 1u << COLUMN_NUMBER)
#define TYPES_STRING  (1u << COLUMN_TEXT | 1u << COLUMN_CATEGORY | 1u << COLUMN_IDENTIFIER)
#define TYPES_ALL     (TYPES_NUMERIC | TYPES_STRING | 1u << COLUMN_BOOLEAN | 1u << COLUMN_DATE)

extern const struct mutation mutations_missing[], mutations_numbers[], mutations_types[], mutations_categories[],
    mutations_text[], mutations_dates[], mutations_rows[], mutations_columns[], mutations_wire[];
extern const size_t mutations_missing_count, mutations_numbers_count, mutations_types_count, mutations_categories_count,
    mutations_text_count, mutations_dates_count, mutations_rows_count, mutations_columns_count, mutations_wire_count;

static inline const struct mutation *mess_mutation(const struct fuzz_case *c)
{
    return c->inner ? c->inner : c->mutation;
}
static inline const struct column *mess_column(const struct fuzz_case *c)
{
    return &c->schema->columns[c->column];
}
static inline struct cell *mess_cell(struct fuzz_case *c)
{
    return &c->cells[c->poisoned * c->column_count + c->column];
}
static inline const struct cell *mess_clean(const struct fuzz_case *c)
{
    return &c->clean.cells[c->poisoned * c->clean.column_count + c->column];
}
static inline bool mess_json(const struct fuzz_case *c)
{
    return c->ability->json;
}

// The cell becomes a text or a token; the bytes must outlive the case (static, or of its arena).
void mess_set_text(struct fuzz_case *c, const char *text, size_t len);
void mess_set_raw(struct fuzz_case *c, const char *text, size_t len);
// … a number: an integer where the column has integers and it is one.
void mess_set_number(struct fuzz_case *c, double value);
struct cell mess_number_cell(const struct column *column, double value);
// A cell that holds one of the column's categories, of the kind that its clean cells have.
struct cell mess_category_cell(const struct fuzz_case *c, const char *value);

// The token of a number or boolean in JSON, worked out afresh; in the buffer that the case has for bytes, which is
// cleared.
const struct buf *mess_token(struct fuzz_case *c, const struct cell *cell);

bool mess_is_number(const struct cell *cell); // finite
double mess_number(const struct cell *cell);
bool mess_is_text(const struct cell *cell); // and not empty
bool mess_has_value(const struct cell *cell);
bool mess_same(const struct cell *a, const struct cell *b);
bool mess_text_is(const struct cell *cell, const char *text, size_t len); // of CELL_TEXT
bool mess_is_category(const struct column *column, const char *text, size_t len);
// VALID for a number that the schema describes, else MESSY.
enum meaning mess_in_range(const struct column *column, double value);
bool mess_has_range(const struct case_space *space, size_t column, const char **why);
bool mess_two_columns(const struct case_space *space, size_t column, const char **why);

// One of the mutation's texts, as a text or as a token; and the claim that it is there.
void mess_apply_text(struct fuzz_case *c, struct choices *choices);
void mess_apply_raw(struct fuzz_case *c, struct choices *choices);
bool mess_claims_text(const struct fuzz_case *c, const struct cell *clean, const struct cell *now);
bool mess_claims_raw(const struct fuzz_case *c, const struct cell *clean, const struct cell *now);

// Rows and columns are the clean ones, in order; nothing is sent but the cells.
bool mess_shape_kept(const struct fuzz_case *c);
// … and all cells but that one are the clean ones.
bool mess_only_cell(const struct fuzz_case *c);
// The columns are the clean ones with so many left out (all of that name) or appended; every cell below a name that is
// there is the clean one.
bool mess_cells_kept(const struct fuzz_case *c);

// The question gets `column_count` columns: cells and names are the clean ones as far as they go, the others absent
// with the name "". Returns the names.
const char **mess_reshape(struct fuzz_case *c, size_t row_count, size_t column_count);
// Another order of so many things: reversed, or drawn; never the one they have (but of one thing). Of the arena.
size_t *mess_permutation(struct fuzz_case *c, struct choices *choices, size_t count);
// The bytes that would be sent for the case as it is.
void mess_encode(struct fuzz_case *c);

#endif
