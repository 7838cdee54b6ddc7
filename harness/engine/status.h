// SPDX-License-Identifier: Apache-2.0
//
// status: what changed since golden, without training.
#ifndef REPRO_ENGINE_STATUS_H
#define REPRO_ENGINE_STATUS_H

#include "base/err.h"
#include "base/str.h"
#include "engine/session.h"

struct status_entry {
    char *suite;
    struct error error;     // suite.json or golden cannot be read, an input is missing; then the rest is empty
    struct strings classes; // that have a golden
    char *class_name;       // the golden that was looked at; NULL when there is none
    struct strings moved;   // "data: train.csv: 1a2b… → 6f5e…"
    bool code_only;         // nothing but code moved
    char *last;             // verdict of the last verify on this machine: "passed", "failed", "error"; NULL: none
};
struct status {
    struct status_entry *entries;
    size_t count;
};

// What moved between golden's inputs and those of now, as lines ("data: train.csv: 1a2b… → 6f5e…"). True when that is
// code alone.
struct manifest;
bool status_compare(struct strings *moved, const struct manifest *golden, const struct manifest *now);

int status_find(struct status *out, struct session *session, const struct strings *names, struct error *err);
void status_free(struct status *status);

#endif
