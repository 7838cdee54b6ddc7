// SPDX-License-Identifier: Apache-2.0
//
// The log of predictions: a JSON object a line, with what is needed to find out later why an order was answered so.
//
//   {"time": "2026-11-23T08:30:00.250Z", "id": "a1", "model": SHA-256 of the model's file,
//    "input": {"distance_km": 4, …}, "output": 23.4, "latency": 0.00001}
//
// A line that was refused has "error" instead of "output", and as "input" {"line": what was sent}.
#ifndef DELIVERY_LOG_H
#define DELIVERY_LOG_H

#include "model.h"
#include "order.h"

#include <stdio.h>
#include <time.h>

struct log {
    FILE *file; // NULL: nothing is logged
    const struct model *model;
    bool failed; // said once
};

bool log_open(struct log *out, const char *path, const struct model *model, struct fault *fault);
struct timespec log_now(const struct log *log); // when an order came
void log_answer(struct log *log, const struct timespec *since, const struct order *order, double answer);
void log_refusal(struct log *log, const struct timespec *since, const struct order *order, const char *line, size_t len,
                 const char *why);
// What was logged is written, before the answers are: an answer that was given is in the log.
void log_flush(struct log *log);

#endif
