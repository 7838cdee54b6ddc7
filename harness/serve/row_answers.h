// SPDX-License-Identifier: Apache-2.0
//
// Rows asked one by one, whatever the kind of client: what was answered to each.
#ifndef REPRO_SERVE_ROW_ANSWERS_H
#define REPRO_SERVE_ROW_ANSWERS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "serve/client.h"

// All-zero is empty.
struct row_answers {
    struct reply *replies; // one each, or one for all
    size_t rows;
    bool together; // all rows were one question: a process for each would take its time
};
// −1 only where the model cannot be asked at all; also then the answers must be freed.
int row_answers_ask(struct row_answers *out, struct client *client, const struct rows *rows, struct error *err);
// The same, each row with a header of its own (question.header), where the kind of client has any. `headers` may be
// NULL.
int row_answers_ask_as(struct row_answers *out, struct client *client, const struct rows *rows,
                       const char *const *headers, struct error *err);
void row_answers_free(struct row_answers *answers);
DEFINE_CLEANUP_VALUE(row_answers)

// The answer to a row, a rejection too; NULL where there is none.
const struct answer *row_answers_at(const struct row_answers *answers, size_t row);
// What came instead of an answer, for people: "nothing (hung: no answer in 2 s)". The caller frees.
char *row_answers_why(const struct row_answers *answers, size_t row);

// The answer as one JSON value on one line: numbers as they read back (NaN and ±Infinity as bare words), a rejection as
// {"error": TEXT}.
void answer_write_json(struct buf *out, const struct answer *answer);

#endif
