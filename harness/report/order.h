// SPDX-License-Identifier: Apache-2.0
//
// The checks of a result in the order in which reports show them: by suite, then stage, then as they were added; the
// answers of `ready` come last, all of them as one suite (report/golive.h). Does not rely on the result being sorted.
#ifndef REPRO_REPORT_ORDER_H
#define REPRO_REPORT_ORDER_H

#include "base/mem.h"
#include "core/result.h"

#include <stdbool.h>
#include <stddef.h>

struct order_suite {
    const char *name;                    // "" for checks about the invocation itself
    const struct suite_summary *summary; // NULL when there is none
    bool golive;                         // the answers of `ready`, of all suites
    size_t from, to;                     // its checks: order.checks[from] to order.checks[to − 1]
    double seconds;                      // the summary's, else the sum over its checks
    size_t verdicts[4];                  // how many checks have each verdict
};

// Borrows everything from the result.
struct order {
    const struct check **checks;
    size_t count;
    struct order_suite *suites; // those with a summary but no check included
    size_t suite_count;
};

void order_make(struct order *out, const struct result *result);
void order_free(struct order *order);
DEFINE_CLEANUP_VALUE(order)

// What to call a suite: its name, or "repro" for the invocation itself.
const char *order_suite_label(const char *name);
// What a check is called in one breath: "churn metrics accuracy". The caller frees.
char *order_check_label(const struct check *check);

#endif
