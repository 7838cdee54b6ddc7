// SPDX-License-Identifier: Apache-2.0
#include "engine/baselines.h"

#include "base/fs.h"
#include "core/schema.h"
#include "drift/profile.h"
#include "engine/golden_quality.h"
#include "engine/model.h"
#include "engine/predicted.h"
#include "engine/sampled.h"
#include "serve/row_answers.h"
#include "store/digest.h"
#include "store/golden.h"
#include "store/golden_kept.h"

#include <string.h>

enum { ASKED = 1000, RECORDED = 200 };
#define MAX_BASELINE ((size_t)64 << 20)

const char *baselines_reference(const struct suite *suite)
{
    const struct schema *schema = suite->schema;
    return suite->drift.reference ? suite->drift.reference : schema ? schema->from : NULL;
}

char *baselines_path(const struct manifest *golden)
{
    return str_printf("golden/%s/%s/baseline.json", golden->suite, golden->class_name);
}

int baselines_load(struct baseline **out, const char *root, const struct manifest *golden, struct error *err)
{
    CLEANUP(free) char *path = NULL;
    CLEANUP(buf) struct buf text = {0};
    *out = NULL;
    if (golden_baseline_path(&path, root, golden, err) < 0)
        return -1;
    if (!path)
        return 0;
    if (fs_read(&text, path, MAX_BASELINE, err) < 0)
        return -1;
    return baseline_parse(out, path, buf_text(&text), text.len, err);
}

// ---- Making one

// Each row with its answer, and how the answers are spread.
static void keep_answers(struct baseline *out, const struct row_answers *answers, const struct rows *rows)
{
    CLEANUP(buf) struct buf input = {0}, output = {0};
    CLEANUP(schema) struct schema *schema = NULL;
    CLEANUP(profile) struct profile *spread = NULL;
    const struct profile_options options = {.exact = true};
    for (size_t row = 0; row < rows->row_count; row++) {
        const struct answer *answer = row_answers_at(answers, row);
        struct cell cell;
        char scratch[32];
        if (!answer)
            continue;
        if (out->recorded_count < RECORDED) {
            buf_clear(&input);
            buf_clear(&output);
            row_write_json(&input, rows, row);
            answer_write_json(&output, answer);
            baseline_record(out, buf_text(&input), buf_text(&output));
        }
        if (!predicted_cell(&cell, scratch, answer))
            continue;
        if (!spread) {
            schema = predicted_schema(answer);
            spread = profile_new(schema, &options);
        }
        profile_add_row(spread, &cell);
    }
    if (!spread)
        return;
    profile_finish(spread);
    out->prediction = mem_alloc(sizeof *out->prediction);
    profile_summary(out->prediction, spread, 0);
}

static size_t count_answers(const struct row_answers *answers)
{
    size_t count = 0;
    for (size_t row = 0; row < answers->rows; row++)
        count += row_answers_at(answers, row) != NULL;
    return count;
}

// Asks the model that was just trained. *why, where it could not be: the caller frees.
static int record_answers(struct baseline *out, char **why, struct verification *v, const struct sample *sample,
                          struct error *err)
{
    CLEANUP(model) struct model *model = NULL;
    CLEANUP(client) struct client *client = NULL;
    CLEANUP(row_answers) struct row_answers answers = {0};
    if (model_open(&model, v->replay, v->session, v->suite, err) < 0)
        return -1;
    const struct strings *kinds = model_kinds(model);
    size_t k = 0;
    while (k < kinds->count && model_obstacle(model, kinds->items[k]))
        k++;
    if (k == kinds->count) {
        *why = str_dup(kinds->count > 0 ? model_obstacle(model, kinds->items[0]) : "suite.json declares no \"model\"");
        return 0;
    }
    session_phase(v->session, v->suite->name, "recording predictions", 0);
    if (model_client(&client, model, kinds->items[k], err) < 0 ||
        row_answers_ask(&answers, client, &sample->rows, err) < 0) {
        *why = error_text(err);
        error_free(err);
        *err = (struct error){0};
        return 0;
    }
    out->kind = str_dup(kinds->items[k]);
    keep_answers(out, &answers, &sample->rows);
    if (golden_quality(out, v, &answers, ASKED, err) < 0)
        return -1;
    size_t silent = sample->rows.row_count - count_answers(&answers);
    if (silent > 0)
        *why = str_printf("%zu of %zu rows got no answer", silent, sample->rows.row_count);
    return 0;
}

static int summarise_columns(struct baseline *out, const char *path, const struct schema *schema, struct error *err)
{
    const struct profile_options options = {.exact = false};
    CLEANUP(profile) struct profile *profile = profile_new(schema, &options);
    if (profile_read(profile, path, out->reference, err) < 0)
        return -1;
    profile_finish(profile);
    out->rows = profile_rows(profile);
    for (size_t i = 0; i < schema->count; i++) {
        if (!profile_has(profile, i))
            return error_set(err, ERROR_USAGE, "'%s' has no column '%s', which the schema names", out->reference,
                             schema->columns[i].name);
        struct column_summary *column = baseline_add(out, schema->columns[i].name);
        struct column_summary summary = {0};
        profile_summary(&summary, profile, i);
        column_summary_free(column);
        *column = summary;
    }
    return 0;
}

int baselines_summarise(struct baseline **out, const struct suite *suite, const char *folder,
                        const struct manifest *golden, struct error *err)
{
    CLEANUP(baseline) struct baseline *baseline = baseline_new();
    CLEANUP(digester) struct digester *digester = NULL;
    CLEANUP(free) char *path = fs_join(folder, baselines_reference(suite));
    baseline->reference = str_dup(baselines_reference(suite));
    if (golden_identity(&baseline->golden, golden, err) < 0 || digester_new(&digester, err) < 0 ||
        digest_file(digester, &baseline->data, NULL, path, err) < 0 ||
        summarise_columns(baseline, path, suite->schema, err) < 0)
        return -1;
    *out = steal(&baseline);
    return 0;
}

static int make(struct baseline **out, char **why, struct verification *v, const struct manifest *golden,
                struct error *err)
{
    CLEANUP(baseline) struct baseline *baseline = NULL;
    struct sample sample = {0};
    session_phase(v->session, v->suite->name, "summarising the training data", 0);
    if (baselines_summarise(&baseline, v->suite, replay_source(v->replay, v->session), golden, err) < 0)
        return -1;
    int asked = suite_has_model(v->suite) ? sampled_rows(&sample, v, ASKED, err) : 0;
    if (asked == 0 && suite_has_model(v->suite))
        asked = record_answers(baseline, why, v, &sample, err);
    sample_free(&sample);
    if (asked < 0)
        return -1;
    *out = steal(&baseline);
    return 0;
}

// Whether the golden is still the one that is current: somebody may have gone back from it meanwhile.
static int is_current(bool *out, const char *root, const struct manifest *golden, const struct baseline *baseline,
                      struct error *err)
{
    CLEANUP(manifest) struct manifest *now = NULL;
    struct digest identity;
    if (golden_load(&now, root, golden->suite, golden->class_name, err) < 0 ||
        (now && golden_identity(&identity, now, err) < 0))
        return -1;
    *out = now && digest_equal(&identity, &baseline->golden);
    return 0;
}

static int write_baseline(const char *root, const struct manifest *golden, const struct baseline *baseline,
                          struct error *err)
{
    CLEANUP(free) char *path = baselines_path(golden);
    CLEANUP(free) char *full = fs_join(root, path);
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(fd) int lock = -1;
    bool current = false;
    baseline_write(&text, baseline);
    if (golden_lock(&lock, root, err) < 0 || is_current(&current, root, golden, baseline, err) < 0)
        return -1;
    if (!current)
        return error_set(err, ERROR_USAGE, "golden has changed meanwhile; look at it with: repro log %s",
                         golden->suite);
    return fs_write_atomic(full, text.data, text.len, err);
}

// A number of the suite's own is never among golden's.
static bool lacks_measure(const struct baseline *baseline, const struct drift_rules *rules)
{
    for (size_t i = 0; i < rules->outcomes.measure_count; i++) {
        const struct drift_measure *rule = &rules->outcomes.measures[i];
        if (!rule->column && !baseline_find_measure(baseline, rule->name))
            return true;
    }
    return false;
}

int baselines_keep(struct verification *v, const struct manifest *golden, struct error *err)
{
    const char *root = v->session->project->root;
    CLEANUP(baseline) struct baseline *there = NULL;
    CLEANUP(baseline) struct baseline *made = NULL;
    CLEANUP(free) char *why = NULL;
    CLEANUP(free) char *path = baselines_path(golden);
    if (!v->suite->schema || v->suite->schema->count == 0 || !baselines_reference(v->suite))
        return 0;
    if (baselines_load(&there, root, golden, err) < 0)
        return -1;
    bool asked = there && (there->recorded_count > 0 || !suite_has_model(v->suite));
    if (asked && baselines_fit(there, v->suite) && !lacks_measure(there, &v->suite->drift))
        return 0;
    if (make(&made, &why, v, golden, err) < 0)
        return error_context(err, "no baseline of '%s'", v->suite->name);
    if (asked && !baselines_differ(there, made) && made->measure_count <= there->measure_count)
        return 0; // another would say no more
    if (write_baseline(root, golden, made, err) < 0)
        return error_context(err, "no baseline of '%s'", v->suite->name);
    struct check *check = verification_check(v, STAGE_GOLDEN, "baseline", VERDICT_PASS);
    CLEANUP(free) char *columns = str_count(made->column_count, "column");
    CLEANUP(free) char *rows = str_count(made->rows, "row");
    CLEANUP(free) char *answers = str_count(made->recorded_count, "recorded answer");
    check_reason(check, "%s: %s of %s, %s", path, columns, rows, answers);
    if (why)
        check_note(check, NOTE_WARNING, "%s: the model's answers were not all recorded: %s", v->suite->name, why);
    return 0;
}
