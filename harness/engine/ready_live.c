// SPDX-License-Identifier: Apache-2.0
//
// Questions 5 to 9: what is promised of a model that is live, how it is watched, and the way back.
#include "core/schema.h"
#include "engine/ready_question.h"
#include "store/golden_kept.h"

#include <string.h>

// A line of suite.json is missing: nothing can be measured before it is written.
static void undeclared(struct ready_answer *out, const struct ready_subject *s, enum stage stage, const char *what)
{
    ready_no(out, ready_command(s, stage), "%s", what);
    out->declare = true;
}

// ---- 5

enum promise { PROMISE_SPEED, PROMISE_MEMORY, PROMISE_COST, PROMISE_SCALING, PROMISE_OTHER, PROMISES };
static const char *const promise_names[] = {"latency or batch speed", "memory", "cost", "scaling"};

// What suite.json can limit, each a check of the stage, and what kind of promise it is.
enum { LIMITS = 13 };
struct limit_check {
    const char *name;
    enum promise promise;
    bool declared;
};

static void list_limits(struct limit_check out[LIMITS], const struct suite *suite)
{
    const struct limit_rules *predict = &suite->predict;
    const struct limit_check limits[LIMITS] = {
        {"predict.p99", PROMISE_SPEED, predict->p99 > 0},
        {"predict.p50", PROMISE_SPEED, predict->p50 > 0},
        {"predict.p99.9", PROMISE_SPEED, predict->p999 > 0},
        {"predict.rows_per_second", PROMISE_SPEED, predict->rows_per_second > 0},
        {"predict.memory", PROMISE_MEMORY, predict->memory > 0},
        {"train.memory", PROMISE_MEMORY, suite->limits.train_memory > 0},
        {"price.million_predictions", PROMISE_COST, predict->price.million_predictions > 0},
        {"price.training", PROMISE_COST, predict->price.training > 0},
        {"predict.highest_rate", PROMISE_SCALING, predict->highest_rate > 0},
        {"predict.growth", PROMISE_SCALING, predict->growth > 0},
        {"predict.cold_start", PROMISE_OTHER, predict->cold_start > 0},
        {"train.wall", PROMISE_OTHER, suite->limits.train_wall > 0},
        {"train.cpu", PROMISE_OTHER, suite->limits.train_cpu > 0},
    };
    for (size_t i = 0; i < LIMITS; i++)
        out[i] = limits[i];
}

// The kinds of promise that suite.json does not make, of those up to `last`.
static char *list_missing(const struct limit_check limits[LIMITS], enum promise last)
{
    CLEANUP(strings) struct strings missing = {0};
    for (unsigned promise = 0; promise <= (unsigned)last; promise++) {
        bool declared = false;
        for (size_t i = 0; i < LIMITS; i++)
            declared = declared || (limits[i].declared && limits[i].promise == promise);
        if (!declared)
            strings_add(&missing, promise_names[promise]);
    }
    return missing.count > 0 ? strings_join(&missing, ", ") : NULL;
}

// One line of each kind of promise: what was measured of the first that is declared. NULL: *unmeasured was not.
static char *list_measured(const char **unmeasured, const struct limit_check limits[LIMITS],
                           const struct evidence_stage *record)
{
    CLEANUP(strings) struct strings lines = {0};
    bool told[PROMISES] = {false};
    told[PROMISE_OTHER] = true;
    for (size_t i = 0; i < LIMITS; i++) {
        const struct evidence_check *check = evidence_find(record, limits[i].name);
        if (limits[i].declared && !check) {
            *unmeasured = limits[i].name;
            return NULL;
        }
        if (!limits[i].declared || told[limits[i].promise])
            continue;
        told[limits[i].promise] = true;
        ready_quote(&lines, check, limits[i].promise == PROMISE_COST ? ", " : ": ");
    }
    return strings_join(&lines, "; ");
}

void ready_limits(struct ready_answer *out, const struct ready_subject *s)
{
    struct limit_check limits[LIMITS];
    list_limits(limits, s->suite);
    CLEANUP(free) char *missing = list_missing(limits, PROMISE_COST), *all = list_missing(limits, PROMISE_SCALING);
    if (missing) {
        CLEANUP(free)
        char *what = str_printf("\"limits\" of suite.json say nothing of %s; such as: \"predict\": {\"p99\": \"50ms\", "
                                "\"highest_rate\": 100}, \"price\": {\"cpu_hour\": 0.05, \"million_predictions\": 1}",
                                all);
        undeclared(out, s, STAGE_LIMITS, what);
        return;
    }
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_LIMITS);
    if (!record || !ready_passed(s, out, record, STAGE_LIMITS))
        return;
    const char *unmeasured = NULL;
    CLEANUP(free) char *lines = list_measured(&unmeasured, limits, record);
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    if (!lines)
        ready_unknown(out, ready_command(s, STAGE_LIMITS), "%s is limited, and was not measured", unmeasured);
    else
        ready_yes(out, "%zu limits kept %s: %s%s", record->counts[VERDICT_PASS], ago, lines,
                  all ? "; of scaling, none is declared" : "");
}

// True when each of these checks was made, and passed; else the answer tells the first that was not, or did not.
static bool all_passed(const struct ready_subject *s, struct ready_answer *out, const struct evidence_stage *record,
                       enum stage stage, const char *const *names)
{
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    for (; *names; names++) {
        const struct evidence_check *check = evidence_find(record, *names);
        if (check && check->verdict == VERDICT_PASS)
            continue;
        const char *reason = check && check->reason ? check->reason : "it was not looked at";
        if (check && check->verdict == VERDICT_FAIL)
            ready_no(out, ready_command(s, stage), "%s failed %s: %s", *names, ago, reason);
        else
            ready_unknown(out, ready_command(s, stage), "%s: %s", *names, reason);
        return false;
    }
    return true;
}

// ---- 6

// Logs of other days that were asked again in passing ("replay: FILE") are no part of the answer.
void ready_log(struct ready_answer *out, const struct ready_subject *s)
{
    static const char *const names[] = {"log.entries", "log.input", "log.output", "log.model", "log.replay", NULL};
    if (!s->suite->log.given) {
        undeclared(
            out, s, STAGE_LOG,
            "suite.json does not say where predictions are logged; add: \"log\": {\"path\": \"predictions.jsonl\"}");
        return;
    }
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_LOG);
    const struct evidence_check *skipped = record ? evidence_find(record, "log") : NULL;
    if (skipped)
        ready_unknown(out, ready_command(s, STAGE_LOG), "%s", skipped->reason ? skipped->reason : "it was skipped");
    if (!record || skipped || !all_passed(s, out, record, STAGE_LOG, names))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    ready_yes(out, "%s requests by %s found in the log by id, with input, answer and model; %s; %s",
              ready_fact(record, "requests"), ready_fact(record, "kind"), evidence_find(record, "log.replay")->reason,
              ago);
}

// ---- 7 and 8

static const char *example(const struct ready_subject *s)
{
    bool number = !s->suite->schema || s->suite->schema->output.type <= OUTPUT_NUMBER;
    return number ? "\"outcomes\": {\"measures\": {\"mae\": {}}}" : "\"outcomes\": {\"measures\": {\"accuracy\": {}}}";
}

static const struct evidence_stage *watched(struct ready_answer *out, const struct ready_subject *s)
{
    if (!s->suite->drift.given) {
        CLEANUP(free)
        char *what = str_printf("suite.json does not say how live data are watched; add: \"drift\": {%s}", example(s));
        undeclared(out, s, STAGE_DRIFT, what);
        return NULL;
    }
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_DRIFT);
    return record && ready_passed(s, out, record, STAGE_DRIFT) ? record : NULL;
}

// The looks of the drill: at data like the reference, and at data that moved.
static size_t list_looks(struct strings *out, const struct evidence_stage *record)
{
    static const char still[] = "drill: nothing moved";
    bool quiet = false;
    size_t loud = 0;
    for (size_t i = 0; i < record->check_count; i++) {
        const struct evidence_check *check = &record->checks[i];
        if (!str_starts(check->name, "drill: "))
            continue;
        quiet = quiet || str_equal(check->name, still);
        loud += !str_equal(check->name, still);
        ready_quote(out, check, ": ");
    }
    return quiet ? loud : 0;
}

void ready_monitoring(struct ready_answer *out, const struct ready_subject *s)
{
    CLEANUP(strings) struct strings looks = {0};
    if (s->suite->drift.given && !s->suite->drift.outcomes.given) {
        CLEANUP(free)
        char *what =
            str_printf("what predictions led to is not watched; add to \"drift\" of suite.json: %s", example(s));
        undeclared(out, s, STAGE_DRIFT, what);
        return;
    }
    const struct evidence_stage *record = watched(out, s);
    if (!record)
        return;
    const struct evidence_check *what = evidence_find(record, "watched");
    if (!what || !what->reason || !strstr(what->reason, "predictions")) {
        ready_no(out, str_printf("repro record %s", s->suite->name),
                 "predictions are not watched, for golden has none recorded");
    } else if (list_looks(&looks, record) == 0) {
        ready_unknown(out, ready_command(s, STAGE_DRIFT),
                      "there was no look at data that moved beside one at data that did not");
    } else {
        CLEANUP(free) char *lines = strings_join(&looks, "; ");
        CLEANUP(free) char *ago = ready_ago(s, record->when);
        ready_yes(out, "%s; %s; %s", what->reason, lines, ago);
    }
}

// "age: false alarms at most 0.7 %, notices a move of 0.2 σ": the name of the column, and what its check says behind
// the threshold itself.
static void add_threshold(struct strings *out, const struct evidence_check *check, size_t name)
{
    const char *reason = check->reason ? check->reason : "", *colon = strstr(reason, ": ");
    strings_printf(out, "%.*s: %s", (int)name, check->name, colon ? colon + 2 : reason);
}

void ready_thresholds(struct ready_answer *out, const struct ready_subject *s)
{
    static const char ending[] = ": threshold";
    enum { TOLD = 2 };
    const struct evidence_stage *record = watched(out, s);
    CLEANUP(strings) struct strings lines = {0};
    size_t count = 0;
    for (size_t i = 0; record && i < record->check_count; i++) {
        const struct evidence_check *check = &record->checks[i];
        if (str_ends(check->name, ending) && count++ < TOLD)
            add_threshold(&lines, check, strlen(check->name) - strlen(ending));
    }
    if (!record)
        return;
    CLEANUP(free) char *thresholds = str_count(count, "threshold");
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    if (count > TOLD)
        strings_printf(&lines, "and %zu more", count - TOLD);
    CLEANUP(free) char *text = strings_join(&lines, "; ");
    if (count == 0)
        ready_unknown(out, ready_command(s, STAGE_DRIFT), "no threshold was measured");
    else
        ready_yes(out, "%s measured %s: %s", thresholds, ago, text);
}

// ---- 9

// The golden of the drill is still one that can be gone back to.
static bool is_kept(const struct golden_kept_list *kept, const char *identity)
{
    for (size_t i = 0; i < kept->count; i++) {
        char hex[65];
        digest_hex(hex, &kept->items[i].identity);
        if (str_equal(hex, identity))
            return true;
    }
    return false;
}

static void judge_drill(struct ready_answer *out, const struct ready_subject *s, const struct evidence_stage *record,
                        const struct golden_kept_list *kept)
{
    static const char *const names[] = {"golden", "answers", "fallback", NULL};
    if (!all_passed(s, out, record, STAGE_ROLLBACK, names))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    const char *golden = ready_fact(record, "golden");
    if (!is_kept(kept, golden))
        ready_unknown(out, ready_command(s, STAGE_ROLLBACK), "the golden of the drill, %.12s, is not kept any more",
                      golden);
    else if (!pairs_get(&record->facts, "recorded"))
        ready_unknown(out, str_printf("repro record %s --reason \"…\"", s->suite->name),
                      "golden %.12s came back, and has no recorded predictions to hold its answers against", golden);
    else
        ready_yes(out, "golden %.12s restored elsewhere: %s; %s; %s", golden, evidence_find(record, "answers")->reason,
                  evidence_find(record, "fallback")->reason, ago);
}

void ready_way_back(struct ready_answer *out, const struct ready_subject *s)
{
    CLEANUP(golden_kept_list) struct golden_kept_list kept = {0};
    CLEANUP(error) struct error err = {0};
    if (s->suite->fallback.count == 0) {
        undeclared(out, s, STAGE_ROLLBACK,
                   "suite.json names no rules that answer where the model must not; add: \"fallback\": [\"sh\", "
                   "\"rules.sh\", \"{input}\", \"{output}\"]");
        return;
    }
    if (golden_kept_list(&kept, s->session->project->root, s->suite->name, s->golden->class_name, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        ready_unknown(out, NULL, "the goldens that were kept cannot be read: %s", text);
    } else if (kept.count == 0) {
        ready_no(out, str_printf("repro record %s --reason \"…\"", s->suite->name),
                 "no earlier golden is kept: there is nothing to go back to");
    } else {
        const struct evidence_stage *record = ready_evidence(s, out, STAGE_ROLLBACK);
        if (record)
            judge_drill(out, s, record, &kept);
    }
}
