// SPDX-License-Identifier: Apache-2.0
//
// Logged predictions asked again: what today's model answers to the inputs that were logged, against the outputs. In
// memory that does not grow with the log. What was refused then is expected to be refused again.
#ifndef REPRO_ENGINE_LOG_REPLAY_H
#define REPRO_ENGINE_LOG_REPLAY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/suite.h"
#include "drift/prediction.h"
#include "engine/log_rows.h"
#include "serve/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_REPLAY_WORST = 10 };

struct log_difference {
    char *id, *input, *logged, *now; // for people
    double size;                     // of numbers: how far apart; else infinity
};

struct log_replay {
    struct client *client; // borrowed, as the rules and the suite
    const struct suite *suite;
    const struct log_rules *rules;

    uint64_t rows, differ;                         // asked; answered otherwise
    uint64_t refused;                              // of the rows: refused then
    struct log_difference worst[LOG_REPLAY_WORST]; // the worst first
    size_t worst_count;

    struct log_rows waiting; // rows that are not asked yet, and what was logged of each:
    struct logged {
        char *id, *input;
        struct answer answer; // into `texts`
    } * logged;
    size_t logged_count, logged_capacity;
    struct arena texts;
};

void log_replay_begin(struct log_replay *out, struct client *client, const struct suite *suite,
                      const struct log_rules *rules);
// Asks when enough have come together. −1 where the model cannot be asked.
int log_replay_add(struct log_replay *replay, const struct prediction *prediction, struct error *err);
int log_replay_finish(struct log_replay *replay, struct error *err); // asks those that wait
void log_replay_free(struct log_replay *replay);
DEFINE_CLEANUP_VALUE(log_replay)

// "r7: logged 2.5, now 2.75 (0.25 apart), asked {…}". The caller frees.
char *log_difference_text(const struct log_difference *difference);

#endif
