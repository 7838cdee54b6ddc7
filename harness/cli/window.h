// SPDX-License-Identifier: Apache-2.0
//
// Which entries or rows a command looks at: --since TIME and --last N.
#ifndef REPRO_CLI_WINDOW_H
#define REPRO_CLI_WINDOW_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct window {
    bool has_since;
    double since;  // seconds since 1970
    uint64_t last; // 0: all
};

struct cli_args;

// --since takes a moment, or how long ago.
int window_read(struct window *out, const struct cli_args *args, struct error *err);

#endif
