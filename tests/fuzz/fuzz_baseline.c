// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// baseline.json: what is accepted agrees with itself, and is written, read back and written to the same bytes.
#include "core/baseline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

static void require_spread(const struct column_summary *summary)
{
    uint64_t sum = summary->other;
    for (size_t i = 0; i < summary->category_count; i++)
        sum += summary->categories[i].count;
    require(summary->category_count == 0 || sum == summary->values);
    require(summary->point_count <= BASELINE_POINTS);
    for (size_t i = 1; i < summary->point_count; i++)
        require(summary->points[i] > summary->points[i - 1] && summary->shares[i] > summary->shares[i - 1]);
    require(summary->rows ==
            summary->missing + summary->nan + summary->infinite + summary->wrong_type + summary->values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(baseline) struct baseline *first = NULL, *second = NULL;
    CLEANUP(error) struct error err = {0};
    if (baseline_parse(&first, "baseline.json", (const char *)data, size, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        require(!first && *text && err.kind == ERROR_USAGE);
        return 0;
    }
    require(err.problem_count == 0);
    for (size_t i = 0; i < first->column_count; i++) {
        require_spread(&first->columns[i]);
        require(baseline_find(first, first->columns[i].name) == &first->columns[i]);
    }
    struct buf once CLEANUP(buf) = {0}, twice CLEANUP(buf) = {0};
    baseline_write(&once, first);
    require(baseline_parse(&second, "baseline.json", once.data, once.len, &err) == 0);
    baseline_write(&twice, second);
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    return 0;
}
