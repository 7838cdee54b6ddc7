// SPDX-License-Identifier: Apache-2.0
//
// Questions 5 to 9: what is promised of a model that is live, how it is watched, and the way back.
#include "engine/ready_question.h"

#include <inttypes.h>
#include <stdio.h>

// A line of suite.json is missing: nothing can be measured before it is written.
static void undeclared(struct ready_answer *out, const struct ready_subject *s, enum stage stage, const char *what)
{
    ready_no(out, ready_command(s, stage), "%s", what);
    out->declare = true;
}

// ---- 5

static void list(struct strings *out, bool is, const char *word)
{
    if (is)
        strings_add(out, word);
}

void ready_limits(struct ready_answer *out, const struct ready_subject *s)
{
    const struct limit_rules *predict = &s->suite->predict;
    CLEANUP(strings) struct strings lacks = {0};
    bool latency = predict->p50 > 0 || predict->p99 > 0 || predict->p999 > 0;
    bool cost = predict->price.given && (predict->price.training > 0 || predict->price.million_predictions > 0);
    bool scaling = predict->highest_rate > 0 || predict->growth > 0;
    list(&lacks, !latency && predict->rows_per_second <= 0, "latency");
    list(&lacks, predict->memory == 0 && s->suite->limits.train_memory == 0, "memory");
    list(&lacks, !cost, "cost");
    CLEANUP(free) char *missing = strings_join(&lacks, ", ");
    if (lacks.count > 0) {
        CLEANUP(free)
        char *what =
            str_printf("\"limits\" of suite.json say nothing of %s%s", missing, scaling ? "" : ", nor of scaling");
        undeclared(out, s, STAGE_LIMITS, what);
        return;
    }
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_LIMITS);
    if (!record || !ready_passed(s, out, record, STAGE_LIMITS))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    ready_yes(out, "%zu limits kept%s; %s", record->counts[VERDICT_PASS],
              scaling ? "" : " (of scaling, none is declared)", ago);
}

// ---- 6

void ready_log(struct ready_answer *out, const struct ready_subject *s)
{
    if (!s->suite->log.given) {
        undeclared(out, s, STAGE_LOG, "suite.json does not say where predictions are logged: \"log\"");
        return;
    }
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_LOG);
    if (!record || !ready_passed(s, out, record, STAGE_LOG))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    const struct evidence_check *first = &record->checks[0];
    ready_yes(out, "%s%s%s; %s", first->name, first->reason ? ": " : "", first->reason ? first->reason : "", ago);
}

// ---- 7 and 8

static const struct evidence_stage *watched(struct ready_answer *out, const struct ready_subject *s)
{
    if (!s->suite->drift.given) {
        undeclared(out, s, STAGE_DRIFT, "suite.json does not say how live data are watched: \"drift\"");
        return NULL;
    }
    return ready_evidence(s, out, STAGE_DRIFT);
}

void ready_monitoring(struct ready_answer *out, const struct ready_subject *s)
{
    const struct evidence_stage *record = watched(out, s);
    if (!record)
        return;
    if (!s->suite->drift.outcomes.given) {
        undeclared(out, s, STAGE_DRIFT,
                   "\"drift\" of suite.json says nothing of outcomes, so quality in business is not watched");
        return;
    }
    if (!ready_passed(s, out, record, STAGE_DRIFT))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    ready_yes(out, "%zu checks of the drill passed; %s", record->counts[VERDICT_PASS], ago);
}

void ready_thresholds(struct ready_answer *out, const struct ready_subject *s)
{
    const struct evidence_stage *record = watched(out, s);
    if (!record || !ready_passed(s, out, record, STAGE_DRIFT))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    ready_yes(out, "%zu thresholds measured; %s", record->counts[VERDICT_PASS], ago);
}

// ---- 9

void ready_way_back(struct ready_answer *out, const struct ready_subject *s)
{
    if (s->suite->fallback.count == 0) {
        undeclared(out, s, STAGE_ROLLBACK,
                   "suite.json names no rules that answer where the model must not: \"fallback\"");
        return;
    }
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_ROLLBACK);
    if (!record || !ready_passed(s, out, record, STAGE_ROLLBACK))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    ready_yes(out, "%zu checks of the drill passed; %s", record->counts[VERDICT_PASS], ago);
}
