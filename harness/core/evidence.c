// SPDX-License-Identifier: Apache-2.0
#include "core/evidence.h"

#include <string.h>

enum { REASON_AT_MOST = 1000 }; // bytes of a reason or a name

struct evidence *evidence_new(const char *suite)
{
    struct evidence *evidence = mem_alloc(sizeof *evidence);
    evidence->suite = str_dup(suite);
    return evidence;
}

static void empty(struct evidence_stage *record)
{
    for (size_t i = 0; i < record->check_count; i++) {
        free(record->checks[i].name);
        free(record->checks[i].reason);
    }
    free(record->checks);
    free(record->class_name);
    free(record->version);
    pairs_free(&record->facts);
    *record = (struct evidence_stage){0};
}

void evidence_forget(struct evidence *evidence, enum stage stage)
{
    if (evidence->stages[stage])
        empty(evidence->stages[stage]);
    free(steal(&evidence->stages[stage]));
}

void evidence_free(struct evidence *evidence)
{
    if (!evidence)
        return;
    for (unsigned i = 0; i < STAGE_COUNT; i++)
        evidence_forget(evidence, (enum stage)i);
    free(evidence->suite);
    free(evidence);
}

struct evidence_stage *evidence_begin(struct evidence *evidence, enum stage stage)
{
    struct evidence_stage **slot = &evidence->stages[stage];
    if (*slot)
        empty(*slot);
    else
        *slot = mem_alloc(sizeof **slot);
    return *slot;
}

// Reasons may quote what a model printed. A character is never cut in two.
static char *cut(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len <= REASON_AT_MOST)
        return str_dup(text);
    size_t keep = REASON_AT_MOST;
    while (keep > 0 && ((unsigned char)text[keep] & 0xc0) == 0x80)
        keep--;
    return str_printf("%.*s…", (int)keep, text);
}

static const enum verdict worst_first[] = {VERDICT_ERROR, VERDICT_FAIL, VERDICT_SKIP, VERDICT_PASS};

void evidence_take(struct evidence_stage *record, const struct result *result, const char *suite, enum stage stage)
{
    record->checks = mem_array(EVIDENCE_CHECKS, sizeof *record->checks);
    for (size_t v = 0; v < ARRAY_LEN(worst_first); v++) {
        for (size_t i = 0; i < result->check_count; i++) {
            const struct check *check = &result->checks[i];
            if (check->stage != stage || check->verdict != worst_first[v] || strcmp(check->suite, suite) != 0)
                continue;
            record->counts[check->verdict]++;
            if (record->check_count < EVIDENCE_CHECKS)
                record->checks[record->check_count++] =
                    (struct evidence_check){cut(check->name), check->verdict, cut(check->reason)};
        }
    }
}

enum verdict evidence_verdict(const struct evidence_stage *record)
{
    return record->counts[VERDICT_ERROR]  ? VERDICT_ERROR
           : record->counts[VERDICT_FAIL] ? VERDICT_FAIL
           : record->counts[VERDICT_PASS] ? VERDICT_PASS
                                          : VERDICT_SKIP;
}

const struct evidence_check *evidence_find(const struct evidence_stage *record, const char *name)
{
    for (size_t i = 0; i < record->check_count; i++) {
        if (strcmp(record->checks[i].name, name) == 0)
            return &record->checks[i];
    }
    return NULL;
}

const struct evidence_check *evidence_worst(const struct evidence_stage *record)
{
    bool passed = record->check_count == 0 || record->checks[0].verdict == VERDICT_PASS;
    return passed ? NULL : &record->checks[0];
}
