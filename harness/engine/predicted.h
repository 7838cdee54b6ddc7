// SPDX-License-Identifier: Apache-2.0
//
// Answers as a column: a number, or a class. Of a list of two (probabilities) the second is the number; of a longer one
// the index of the largest is the class.
#ifndef REPRO_ENGINE_PREDICTED_H
#define REPRO_ENGINE_PREDICTED_H

#include "core/baseline.h"
#include "core/row.h"
#include "core/schema.h"
#include "serve/client.h"

#include <stdbool.h>

#define PREDICTED_COLUMN "prediction"

// A schema of the one column that answers like this one make. The caller frees.
struct schema *predicted_schema(const struct answer *like);
// As the baseline has it.
struct schema *predicted_schema_of(const struct column_summary *prediction);

// The cell of one answer, which may point into the answer and into `scratch`. What is no prediction (a rejection) is
// false.
bool predicted_cell(struct cell *out, char scratch[32], const struct answer *answer);

// The number of an answer: NaN for a class that is no number.
double predicted_number(const struct answer *answer);

#endif
