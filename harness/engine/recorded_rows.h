// SPDX-License-Identifier: Apache-2.0
//
// Rows of a baseline asked again: each must be answered as it was when it was recorded.
#ifndef REPRO_ENGINE_RECORDED_ROWS_H
#define REPRO_ENGINE_RECORDED_ROWS_H

#include "base/err.h"
#include "core/baseline.h"
#include "core/fuzz_rules.h"
#include "serve/client.h"

// One line in `differences` for each row that was answered in another way, or not at all; numbers may be as far apart
// as the ways of asking may be (fuzz.parity). ERROR_USAGE for a baseline that holds what cannot be asked.
int recorded_rows_ask(struct strings *differences, size_t *asked, struct client *client,
                      const struct baseline *baseline, const struct fuzz_rules *rules, struct error *err);

#endif
