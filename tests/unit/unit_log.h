// SPDX-License-Identifier: Apache-2.0
//
// What the tests of logs of predictions share.
#ifndef REPRO_TESTS_UNIT_LOG_H
#define REPRO_TESTS_UNIT_LOG_H

#include "core/drift_rules.h"

// The names that hold where a suite gives none. Never freed.
static inline struct log_rules unit_log_rules(void)
{
    return (struct log_rules){.given = true,
                              .path = (char *)"log.jsonl",
                              .time = (char *)"time",
                              .id = (char *)"id",
                              .model = (char *)"model",
                              .input = (char *)"input",
                              .output = (char *)"output",
                              .latency = (char *)"latency",
                              .error = (char *)"error",
                              .latency_unit = 1};
}

#endif
