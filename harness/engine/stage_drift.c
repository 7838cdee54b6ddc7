// SPDX-License-Identifier: Apache-2.0
//
// The stage `drift`, a drill without live data: looks at rows drawn from the reference raise no alarm more often than
// was promised, looks at rows that moved raise one; and for each column how often it cries wolf, and the smallest move
// that it notices.
#include "base/number.h"
#include "base/pool.h"
#include "core/schema.h"
#include "drift/judgement.h"
#include "drift/power.h"
#include "engine/baselines.h"
#include "engine/drifting.h"
#include "engine/idle_rules.h"
#include "engine/verify.h"

#include <math.h>
#include <string.h>

// Of 20 looks that each raise a false alarm with probability 0.05, more than 5 do with one of 0.0003.
enum { LOOKS = 20, SEED = 1, RESAMPLES_OF_LOOK = 200, RESAMPLES_OF_POWER = 400 };
#define SHIFT 0.5 // σ; of categories the share of the rows

struct drill {
    const struct suite *suite;
    const struct column_summary *columns; // of the baseline, the predictions behind them
    size_t count;
    size_t predictions; // 1 where the last of them is that
    uint64_t rows;
};

struct looks {
    const struct drill *drill;
    double shift;
    bool alarms[LOOKS];
};

static void look(size_t index, void *context)
{
    struct looks *looks = context;
    const struct drill *drill = looks->drill;
    const struct judgement_options options = {
        .rules = &drill->suite->drift, .seed = SEED + index, .resamples = RESAMPLES_OF_LOOK, .threads = 1};
    CLEANUP(judgement) struct judgement *judgement = judgement_new(&options);
    CLEANUP(free) struct column_summary *copies = mem_array(drill->count, sizeof *copies);
    for (size_t i = 0; i < drill->count; i++) {
        power_copy(&copies[i], &drill->columns[i], drill->rows, looks->shift, SEED + index * drill->count + i);
        judgement_column(judgement, i + drill->predictions < drill->count ? DRIFT_COLUMNS : DRIFT_PREDICTIONS,
                         &drill->columns[i], &copies[i]);
    }
    judgement_judge(judgement);
    looks->alarms[index] = judgement->alarms > 0;
    for (size_t i = 0; i < drill->count; i++)
        column_summary_free(&copies[i]);
}

// So many false alarms in LOOKS happen with a probability below 0.001.
static size_t most_alarms(double promised)
{
    double term = pow(1 - promised, LOOKS), sum = term;
    size_t count = 0;
    while (sum < 0.999 && count < LOOKS) {
        term *= (double)(LOOKS - count) / (double)(count + 1) * promised / (1 - promised);
        sum += term;
        count++;
    }
    return count;
}

static size_t alarms_of(const struct looks *looks)
{
    size_t alarms = 0;
    for (size_t i = 0; i < LOOKS; i++)
        alarms += looks->alarms[i];
    return alarms;
}

static void drill_still(struct verification *v, const struct drill *drill)
{
    struct looks looks = {.drill = drill};
    double promised = drill->suite->drift.false_alarms;
    char rows[32];
    number_group(rows, drill->rows);
    pool_run(0, LOOKS, look, &looks);
    size_t alarms = alarms_of(&looks), most = most_alarms(promised);
    struct check *check =
        verification_check(v, STAGE_DRIFT, "drill: nothing moved", alarms <= most ? VERDICT_PASS : VERDICT_FAIL);
    check_reason(check, "%zu of %d looks at %s rows like the reference raised the alarm; %g %% are promised%s", alarms,
                 LOOKS, rows, promised * 100, alarms <= most ? "" : ": the thresholds of suite.json are too narrow");
}

static void drill_moved(struct verification *v, const struct drill *drill)
{
    struct looks looks = {.drill = drill, .shift = SHIFT};
    char rows[32];
    number_group(rows, drill->rows);
    pool_run(0, LOOKS, look, &looks);
    size_t alarms = alarms_of(&looks);
    struct check *check =
        verification_check(v, STAGE_DRIFT, "drill: columns moved", alarms == LOOKS ? VERDICT_PASS : VERDICT_FAIL);
    check_reason(check, "%zu of %d looks at %s rows that moved by %g σ raised the alarm%s", alarms, LOOKS, rows, SHIFT,
                 alarms == LOOKS ? "" : ": what suite.json allows hides it");
}

// ---- What each column promises

struct promises {
    const struct drill *drill;
    struct power *powers;
};

static void promise(size_t index, void *context)
{
    const struct promises *promises = context;
    const struct drill *drill = promises->drill;
    const struct power_options options = {.rules = &drill->suite->drift,
                                          .rows = drill->rows,
                                          .family = drill->count,
                                          .seed = SEED,
                                          .resamples = RESAMPLES_OF_POWER};
    power_measure(&promises->powers[index], &drill->columns[index], &options);
}

static void add_promise(struct verification *v, const struct drill *drill, const struct column_summary *column,
                        const struct power *power)
{
    CLEANUP(free) char *name = str_printf("%s: threshold", column->name);
    char threshold[32], smallest[32], most[32];
    bool blind = isinf(power->smallest);
    number_print(threshold, 3, power->threshold);
    number_print(smallest, 2, power->smallest);
    number_print(most, 2, power->false_alarms_high * 100);
    struct check *check = verification_check(v, STAGE_DRIFT, name, blind ? VERDICT_FAIL : VERDICT_PASS);
    char rows[32];
    number_group(rows, drill->rows);
    if (blind && power->constant)
        check_reason(check, "constant, and another value is not noticed in all of %s rows", rows);
    else if (blind)
        check_reason(check, "%s of %s rows never beyond %s, however far the column moves",
                     drift_statistic_name(power->decisive), rows, threshold);
    else if (power->constant)
        check_reason(check, "constant at %s rows: no false alarms, notices another value in a share of %s", rows,
                     smallest);
    else
        check_reason(check, "%s beyond %s at %s rows: false alarms at most %s %%, notices a move of %s%s",
                     drift_statistic_name(power->decisive), threshold, rows, most, smallest,
                     power->decisive == STATISTIC_KS ? " σ" : " of the rows in another category");
}

static void add_promises(struct verification *v, const struct drill *drill)
{
    CLEANUP(free) struct power *powers = mem_array(drill->count, sizeof *powers);
    struct promises promises = {drill, powers};
    pool_run(0, drill->count, promise, &promises);
    for (size_t i = 0; i < drill->count; i++) {
        const struct drift_column_rule *rule = drift_rules_column(&v->suite->drift, drill->columns[i].name);
        if (powers[i].known && !(rule && rule->ignore))
            add_promise(v, drill, &drill->columns[i], &powers[i]);
    }
}

// ---- Everything

// Whether the suite watches all that can be watched.
static void add_watched(struct verification *v, const struct baseline *baseline)
{
    bool predictions = baseline->prediction != NULL, outcomes = v->suite->drift.outcomes.given;
    struct check *check = verification_check(v, STAGE_DRIFT, "watched", VERDICT_PASS);
    check_reason(check, "input quality, %zu columns%s%s", baseline->column_count, predictions ? ", predictions" : "",
                 outcomes ? ", outcomes" : "");
    idle_rules_tell(check, v->suite, baseline);
    if (!predictions)
        check_note(check, NOTE_NOTICE,
                   "%s: predictions are not watched: golden has none recorded; with a \"model\" in suite.json: repro "
                   "record %s",
                   v->suite->name, v->suite->name);
    if (!outcomes)
        check_note(check, NOTE_NOTICE,
                   "%s: outcomes are not watched: suite.json names no measure in drift.outcomes.measures",
                   v->suite->name);
}

static void run_drill(struct verification *v, const struct baseline *baseline)
{
    size_t predictions = baseline->prediction != NULL, count = baseline->column_count + predictions;
    CLEANUP(free) struct column_summary *columns = mem_array(count, sizeof *columns);
    memcpy(columns, baseline->columns, baseline->column_count * sizeof *columns);
    if (predictions)
        columns[count - 1] = *baseline->prediction;
    const struct drill drill = {v->suite, columns, count, predictions, v->suite->drift.window};
    session_phase(v->session, v->suite->name, "rehearsing drift", 0);
    add_watched(v, baseline);
    drill_still(v, &drill);
    drill_moved(v, &drill);
    add_promises(v, &drill);
}

void stage_drift(struct verification *v)
{
    CLEANUP(baseline) struct baseline *baseline = NULL;
    CLEANUP(error) struct error err = {0};
    const char *root = v->session->project->root;
    bool recounted = false;
    if (!v->suite->drift.given)
        return;
    if (!v->suite->schema || v->suite->schema->count == 0 || !baselines_reference(v->suite)) {
        check_reason(
            verification_check(v, STAGE_DRIFT, "drift", VERDICT_SKIP),
            "suite.json has no \"schema\" with columns to watch; write one with: repro fuzz %s --infer DATA.csv "
            "--target COLUMN",
            v->suite->name);
        return;
    }
    const struct baselines_place place = {v->suite, root, replay_source(v->replay, v->session), v->golden};
    if (baselines_current(&baseline, &recounted, &place, &err) < 0)
        verification_error(v, STAGE_DRIFT, "baseline", &err);
    else
        run_drill(v, baseline);
}
