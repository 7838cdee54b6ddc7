// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// result.json: what is accepted is written, read back and written to the same bytes, and can be sorted and merged.
#include "core/result.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(result) struct result *first = NULL, *second = NULL, *third = NULL;
    CLEANUP(error) struct error err = {0};
    if (result_parse(&first, "result.json", (const char *)data, size, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        require(!first && *text && err.kind == ERROR_USAGE);
        return 0;
    }
    require(err.problem_count == 0);
    struct buf once CLEANUP(buf) = {0}, twice CLEANUP(buf) = {0}, merged CLEANUP(buf) = {0};
    result_write(&once, first);
    require(result_parse(&second, "result.json", once.data, once.len, &err) == 0);
    result_write(&twice, second);
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);

    size_t checks = first->check_count;
    int status = result_exit_status(first);
    result_merge(first, second);
    result_sort(first);
    require(first->check_count == 2 * checks && second->check_count == 0);
    require(result_exit_status(first) == status);
    result_write(&merged, first);
    require(result_parse(&third, "result.json", merged.data, merged.len, &err) == 0);
    return 0;
}
