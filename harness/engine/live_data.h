// SPDX-License-Identifier: Apache-2.0
//
// Live data, read once: a table (CSV, JSON lines), or the log of predictions where the suite has one.
#ifndef REPRO_ENGINE_LIVE_DATA_H
#define REPRO_ENGINE_LIVE_DATA_H

#include "base/err.h"
#include "core/baseline.h"
#include "core/suite.h"
#include "drift/outcomes.h"
#include "engine/drifting.h"

struct live_data {
    struct column_summary *columns; // those of the schema that the data have
    size_t count;
    struct column_summary *prediction; // of a log; NULL
    uint64_t rows;
    uint64_t shapeless; // rows of a log that are no objects
    bool log;
    struct outcomes *outcomes; // joined; NULL: none were asked for
    bool classes;              // predictions are
    struct strings notes;      // what is remarkable, for people
};

// `baseline` says how predictions are spread, and may be NULL.
int live_data_read(struct live_data **out, const struct suite *suite, const struct baseline *baseline,
                   const struct drift_request *request, struct error *err);
void live_data_free(struct live_data *live);
DEFINE_CLEANUP(live_data)

const struct column_summary *live_data_find(const struct live_data *live, const char *column); // NULL when not there

#endif
