// SPDX-License-Identifier: Apache-2.0
//
// The corpus: what once failed, one readable JSON file each. A file has the question itself, so that it can be asked
// again whatever the training data have become, and the choices that made it. The keys stand in
// core/schemas/corpus.schema.json. Files come from whoever opened the pull request: nothing in them is believed.
#ifndef REPRO_FUZZ_CORPUS_H
#define REPRO_FUZZ_CORPUS_H

#include "base/json.h"
#include "fuzz/cases.h"

// A question with the clean rows that it was made of; owns all of it.
struct corpus_case {
    struct rows rows, clean;
    size_t *sources; // of each row its clean one; NULL: in order. The rows are then not written
    const char *raw; // bytes that are sent instead of the rows; NULL
    size_t raw_len;
    char *content_type; // NULL
    enum question_style style;
    enum meaning meaning;
    size_t poisoned; // SIZE_MAX: none alone
    struct arena arena;
};
struct corpus_case *corpus_case_of(const struct fuzz_case *c); // a copy
void corpus_case_free(struct corpus_case *kept);
DEFINE_CLEANUP(corpus_case)

struct corpus_entry {
    char *oracle, *mutation, *inner, *column; // names; all but the first may be NULL
    char *says, *why, *sent, *came_back;      // for people; may be NULL
    char *schema;                             // digest
    uint64_t seed;
    uint64_t *choices;
    size_t choice_count;
    struct corpus_case *kept;
};
enum { CORPUS_STYLES = 4, CORPUS_MEANINGS = 4 };
extern const char *const corpus_style_names[CORPUS_STYLES];     // by enum question_style
extern const char *const corpus_meaning_names[CORPUS_MEANINGS]; // by enum meaning

#define CORPUS_FORMAT   1
#define CORPUS_MAX_SIZE ((size_t)8 << 20)

void corpus_write(struct buf *out, const struct corpus_entry *entry);
// Every fault is a problem of the document. Names are only held against what a name can be.
int corpus_parse(struct corpus_entry **out, const char *name, const char *text, size_t len, struct error *err);
void corpus_entry_free(struct corpus_entry *entry);
DEFINE_CLEANUP(corpus_entry)
extern const struct json_field corpus_fields[];

// Makes the case that the entry tells, borrowing from it. False with a reason (the caller frees) when it does not fit
// the schema, or cannot be asked in this way.
bool corpus_fit(struct fuzz_case *c, char **why, const struct corpus_entry *entry, const struct case_space *space);
// "nan-missing.null-age.json". The caller frees.
char *corpus_file(const char *oracle, const char *mutation, const char *column);
// Tells schemas apart; not a cryptographic digest. The caller frees.
char *corpus_schema_digest(const struct schema *schema);

#endif
