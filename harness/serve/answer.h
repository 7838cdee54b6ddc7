// SPDX-License-Identifier: Apache-2.0
//
// What a value of JSON says as the answer for one row. Which part of an object is meant, where nothing names it: the
// only key; of several, "prediction". A key "error" that is not null, alone or where no answer stands beside it,
// refuses the row.
#ifndef REPRO_SERVE_ANSWER_H
#define REPRO_SERVE_ANSWER_H

#include "base/piece.h"
#include "serve/client.h"

void answer_of(struct answer *out, const struct piece *value, const char *field, struct arena *arena);
// As answer_read of client.h, but says whether it is JSON at all.
bool answer_parse(struct answer *out, const char *text, size_t len, const char *field, struct arena *arena);
// The answer that a text without quotes is (a cell of CSV, a bare line): a number, true or false, else a class. An
// empty one, and "null", "None", "NA" are no answer.
void answer_of_cell(struct answer *out, const char *text, size_t len, struct arena *arena);

#endif
