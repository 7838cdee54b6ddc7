// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// Evidence: what is accepted is written and reads back to the same bytes, and its verdicts are those of its checks.
#include "core/evidence.h"

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
    CLEANUP(evidence) struct evidence *first = NULL, *second = NULL;
    CLEANUP(error) struct error err = {0};
    if (evidence_parse(&first, "evidence.json", (const char *)data, size, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        require(!first && *text && err.kind == ERROR_USAGE);
        return 0;
    }
    require(err.problem_count == 0);
    struct buf once CLEANUP(buf) = {0}, twice CLEANUP(buf) = {0};
    evidence_write(&once, first);
    require(evidence_parse(&second, "evidence.json", once.data, once.len, &err) == 0);
    evidence_write(&twice, second);
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        const struct evidence_stage *record = first->stages[i];
        if (!record)
            continue;
        const struct evidence_check *worst = evidence_worst(record);
        require(record->check_count > 0 && record->class_name && record->version);
        require((worst == NULL) == (evidence_verdict(record) == VERDICT_PASS && record->counts[VERDICT_SKIP] == 0));
    }
    return 0;
}
