// SPDX-License-Identifier: Apache-2.0
#include "engine/drifting.h"

#include "base/number.h"
#include "core/schema.h"
#include "drift/judgement.h"
#include "engine/baselines.h"
#include "engine/drift_checks.h"
#include "engine/idle_rules.h"
#include "engine/live_data.h"
#include "engine/measured.h"
#include "engine/reference.h"
#include "engine/rollback.h"

#include <string.h>

// One look at the data of a suite.
struct look {
    struct session *session;
    struct result *result;
    const struct drift_request *request;
    struct suite *suite;
    struct manifest *golden;
    struct baseline *baseline;
    bool recounted; // the schema is another than when golden was recorded
    struct live_data *live;
    struct judgement *judgement;
};

static void look_free(struct look *look)
{
    judgement_free(look->judgement);
    live_data_free(look->live);
    baseline_free(look->baseline);
    manifest_free(look->golden);
    suite_free(look->suite);
}
DEFINE_CLEANUP_VALUE(look)

// The golden's baseline; where it has none, the reference is summarised now.
static int find_baseline(struct look *look, struct error *err)
{
    struct session *session = look->session;
    const struct suite *suite = look->suite;
    const char *root = session->project->root;
    if (!suite->schema || suite->schema->count == 0 || !baselines_reference(suite))
        return error_set(err, ERROR_USAGE,
                         "'%s' has no \"schema\" with columns that live data could be held against; write one with: "
                         "repro fuzz %s --infer DATA.csv --target COLUMN",
                         suite->path, suite->name);
    if (reference_current(&look->golden, root, suite, session->options.environ, err) < 0)
        return -1;
    if (!look->golden)
        return error_set(err, ERROR_USAGE, "suite '%s' has no golden yet; make one with: repro record %s", suite->name,
                         suite->name);
    const struct baselines_place place = {suite, root, root, look->golden};
    session_phase(session, suite->name, "summarising the training data", 0);
    return baselines_current(&look->baseline, &look->recounted, &place, err);
}

static void add_data(struct look *look)
{
    const struct baseline *baseline = look->baseline;
    const struct live_data *live = look->live;
    const char *name = look->suite->name;
    struct check *check = result_add(look->result, name, STAGE_DRIFT, "data", VERDICT_PASS);
    char rows[32], reference[32];
    number_group(rows, live->rows);
    number_group(reference, baseline->rows);
    check_reason(check, "%s rows of '%s' beside %s of '%s'", rows, look->request->data, reference, baseline->reference);
    for (size_t i = 0; i < live->notes.count; i++)
        check_note(check, NOTE_WARNING, "%s: %s", name, live->notes.items[i]);
    idle_rules_tell(check, look->suite, baseline);
    if (look->recounted)
        check_note(check, NOTE_NOTICE,
                   "%s: suite.json has changed since golden's baseline was made, so '%s' was summarised again; keep "
                   "that with: repro record %s",
                   name, baseline->reference, name);
    if (live->prediction && !baseline->prediction)
        check_note(check, NOTE_NOTICE,
                   "%s: golden has no recorded predictions to hold those of the log against: repro record %s", name,
                   name);
}

static struct drift_spreads spreads_of(const void *context, const struct finding *finding)
{
    const struct look *look = context;
    if (finding->area == DRIFT_PREDICTIONS)
        return (struct drift_spreads){look->baseline->prediction, look->live->prediction};
    return (struct drift_spreads){baseline_find(look->baseline, finding->column),
                                  live_data_find(look->live, finding->column)};
}

static void add_measures(struct look *look)
{
    const struct outcomes *outcomes = look->live->outcomes;
    const struct drift_rules *rules = &look->suite->drift;
    if (!outcomes)
        return;
    const struct measured_pairs pairs = {.predicted = outcomes->predicted,
                                         .actual = outcomes->actual,
                                         .count = outcomes->count,
                                         .classes = look->live->classes,
                                         .business = outcomes->business,
                                         .columns = outcomes->columns,
                                         .column_count = outcomes->column_count};
    for (size_t i = 0; i < rules->outcomes.measure_count; i++) {
        const struct drift_measure *rule = &rules->outcomes.measures[i];
        struct baseline_measure now;
        const char *why;
        if (measured(&now, &why, rule, &pairs)) {
            judgement_measure(look->judgement, rule, baseline_find_measure(look->baseline, rule->name), &now);
            continue;
        }
        CLEANUP(free) char *name = str_printf("%s: outcome", rule->name);
        struct check *check = result_add(look->result, look->suite->name, STAGE_DRIFT, name, VERDICT_SKIP);
        CLEANUP(free) char *count = str_count(outcomes->count, "outcome");
        check_reason(check, "cannot be measured of %s: %s", count, why);
    }
}

static void judge(struct look *look)
{
    const struct baseline *baseline = look->baseline;
    const struct live_data *live = look->live;
    const struct judgement_options options = {.rules = &look->suite->drift};
    const struct column_list reference = {baseline->columns, baseline->column_count},
                             current = {live->columns, live->count};
    const struct drift_report report = {.result = look->result,
                                        .suite = look->suite,
                                        .repeat = look->session->options.command,
                                        .rolled_back = look->golden->accepted.rolled_back.from,
                                        .spreads = spreads_of,
                                        .context = look};
    session_phase(look->session, look->suite->name, "comparing", 0);
    look->judgement = judgement_new(&options);
    judgement_columns(look->judgement, DRIFT_COLUMNS, &reference, &current);
    if (baseline->prediction && live->log)
        judgement_column(look->judgement, DRIFT_PREDICTIONS, baseline->prediction, live->prediction);
    add_measures(look);
    judgement_judge(look->judgement);
    add_data(look);
    drift_checks_add(&report, look->judgement);
}

static int run(struct look *look, const char *name, struct error *err)
{
    if (suite_load(&look->suite, look->session->project->root, name, err) < 0 || find_baseline(look, err) < 0)
        return -1;
    session_phase(look->session, name, "reading the data", 0);
    if (live_data_read(&look->live, look->suite, look->baseline, look->request, err) < 0)
        return -1;
    judge(look);
    return 0;
}

// As the suite says: "on_alarm": "roll back".
static void act(struct look *look)
{
    const struct judgement *judgement = look->judgement;
    size_t i = 0;
    bool advised = judgement && judgement->advice == ADVICE_ROLL_BACK;
    if (!advised || !look->suite->drift.roll_back || session_stopped(look->session))
        return;
    const char *from = look->golden->accepted.rolled_back.from, *name = look->suite->name;
    if (from) { // the newest that is kept is that one: who looks every hour would go to and fro
        struct check *check = result_add(look->result, name, STAGE_ROLLBACK, "golden", VERDICT_SKIP);
        check_reason(check, "has gone back from %.12s already, and goes no further by itself", from);
        check->repeat = str_printf("repro log %s", name);
        return;
    }
    while (!judgement->findings[i].alarm || judgement->findings[i].advice != ADVICE_ROLL_BACK)
        i++;
    CLEANUP(free) char *reason = str_printf("drift: %s moved (%s)", judgement->findings[i].column, look->request->data);
    const struct rollback_request request = {.reason = reason, .by = "repro drift"};
    rollback_suite(look->session, look->suite->name, &request, look->result);
}

void drift_suite(struct session *session, const char *name, const struct drift_request *request, struct result *result)
{
    struct drift_request asked = *request;
    asked.session = session;
    CLEANUP(look) struct look look = {.session = session, .result = result, .request = &asked};
    CLEANUP(error) struct error err = {0};
    if (run(&look, name, &err) < 0)
        result_add_error(result, name, look.suite ? STAGE_DRIFT : STAGE_DOCUMENT, look.suite ? "data" : "suite.json",
                         &err);
    else
        act(&look);
    session_phase(session, name, NULL, 0);
    result_sort(result);
}
