// SPDX-License-Identifier: Apache-2.0
//
// What evidence is worth: it belongs to a golden, inputs, a suite.json and a class, and has an age.
#include "engine/ready_question.h"

#include <math.h>
#include <string.h>

enum { AHEAD_AT_MOST = 300 }; // seconds that a clock may have been set back since

static char *count_of(double seconds)
{
    static const struct {
        double seconds, from;
        const char *unit;
    } units[] = {{86400, 2 * 86400, "days"}, {3600, 2 * 3600, "h"}, {60, 60, "min"}, {1, 0, "s"}};
    size_t i = 0;
    while (seconds < units[i].from)
        i++;
    return str_printf("%.0f %s", floor(seconds / units[i].seconds), units[i].unit);
}

static double age(const struct ready_subject *s, int64_t when)
{
    return when < s->time ? (double)(s->time - when) : 0;
}

char *ready_ago(const struct ready_subject *s, int64_t when)
{
    CLEANUP(free) char *count = count_of(age(s, when));
    return str_printf("%s ago", count);
}

char *ready_command(const struct ready_subject *s, enum stage stage)
{
    const char *name = s->suite->name;
    switch (stage) {
    case STAGE_INPUTS:
        return str_printf("repro verify %s --only inputs,replay", name);
    case STAGE_FUZZ:
    case STAGE_PARITY:
    case STAGE_LIMITS:
    case STAGE_LOG:
    case STAGE_DRIFT:
        return str_printf("repro verify %s --only %s", name, stage_name(stage));
    case STAGE_ROLLBACK:
        return str_printf("repro rollback %s --drill", name);
    default:
        return str_printf("repro verify %s", name);
    }
}

const char *ready_fact(const struct evidence_stage *record, const char *name)
{
    const char *fact = pairs_get(&record->facts, name);
    return fact ? fact : "?";
}

void ready_quote(struct strings *out, const struct evidence_check *check, const char *end)
{
    const char *reason = check->reason ? check->reason : check->name, *stop = strstr(reason, end);
    strings_printf(out, "%.*s", (int)(stop ? (size_t)(stop - reason) : strlen(reason)), reason);
}

// Why the record proves nothing today; NULL when it does. The caller frees.
static char *worthless(const struct ready_subject *s, const struct evidence_stage *record)
{
    CLEANUP(free) char *old = count_of(age(s, record->when));
    if (record->when > s->time + AHEAD_AT_MOST)
        return str_dup("it is dated in the future: is the clock right?");
    if (!digest_equal(&record->golden, &s->identity))
        return str_printf("%s old, golden has changed since", old);
    if (!digest_equal(&record->document, &s->document))
        return str_printf("%s old, suite.json has changed since", old);
    if (!digest_equal(&record->inputs, &s->inputs))
        return str_printf("%s old, the inputs have changed since%s%s", old, s->moved.count > 0 ? ": " : "",
                          s->moved.count > 0 ? s->moved.items[0] : "");
    if (!str_equal(record->class_name, s->now->class_name))
        return str_printf("%s old, measured in class %s, and this machine is %s", old, record->class_name,
                          s->now->class_name);
    if (age(s, record->when) > s->suite->ready.age) {
        CLEANUP(free) char *allowed = count_of(s->suite->ready.age);
        return str_printf("%s old, and %s are allowed", old, allowed);
    }
    if (evidence_verdict(record) == VERDICT_ERROR) {
        const struct evidence_check *worst = evidence_worst(record);
        return str_printf("the last time, it could not be measured: %s",
                          worst && worst->reason ? worst->reason : "no reason was given");
    }
    return NULL;
}

const struct evidence_stage *ready_evidence(const struct ready_subject *s, struct ready_answer *out, enum stage stage)
{
    const struct evidence_stage *record = s->evidence ? s->evidence->stages[stage] : NULL;
    CLEANUP(free)
    char *why = record            ? worthless(s, record)
                : s->evidence_why ? str_dup(s->evidence_why)
                                  : str_dup("it was never measured here");
    if (!why)
        return record;
    ready_unknown(out, ready_command(s, stage), "%s", why);
    return NULL;
}

bool ready_passed(const struct ready_subject *s, struct ready_answer *out, const struct evidence_stage *record,
                  enum stage stage)
{
    const struct evidence_check *worst = evidence_worst(record);
    if (!worst)
        return true;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    const char *reason = worst->reason ? worst->reason : "";
    if (worst->verdict == VERDICT_SKIP) {
        ready_unknown(out, ready_command(s, stage), "%s: %s", worst->name, reason);
        return false;
    }
    size_t failed = record->counts[VERDICT_FAIL];
    if (failed > 1)
        ready_no(out, ready_command(s, stage), "%zu checks failed %s: %s: %s, …", failed, ago, worst->name, reason);
    else
        ready_no(out, ready_command(s, stage), "%s failed %s: %s", worst->name, ago, reason);
    return false;
}
