// SPDX-License-Identifier: Apache-2.0
//
// The file that a batch command wrote, recognised by what is in it: JSON (one value, as the protocol "json" has it),
// JSON lines, CSV with or without a header, one value a line. Of several columns the answer is the one of the given
// name, else "prediction", else the only one beside "error"; a cell of "error" that is not empty refuses its row.
#ifndef REPRO_SERVE_OUTPUT_H
#define REPRO_SERVE_OUTPUT_H

#include "serve/client.h"

// Fills in answers and kind of the reply.
void output_read(struct reply *reply, const char *text, size_t len, const struct question *question, const char *field);

#endif
