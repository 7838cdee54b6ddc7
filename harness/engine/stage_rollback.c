// SPDX-License-Identifier: Apache-2.0
//
// The stage `rollback`: a drill of the way back. The golden from before is restored elsewhere, its model started there
// and asked what it answered when it was recorded; and the suite's fallback rules answer whatever they are asked.
#include "base/fs.h"
#include "core/schema.h"
#include "engine/baselines.h"
#include "engine/recorded_rows.h"
#include "engine/restored.h"
#include "engine/rollback.h"
#include "engine/sampled.h"
#include "engine/way_back.h"
#include "fuzz/session.h"
#include "serve/row_answers.h"

#include <math.h>
#include <string.h>

#define FALLBACK_SECONDS 6.0

DEFINE_CLEANUP_VALUE(sample)

enum { SAMPLE_ROWS = 64, FALLBACK_CASES = 2000, LISTED_AT_MOST = 20, SHOWN = 120 };

// What the model does is a verdict; what the machine cannot do is none.
static void add_fault(struct verification *v, const char *name, const struct error *err)
{
    if (err->kind != ERROR_USAGE) {
        verification_error(v, STAGE_ROLLBACK, name, err);
        return;
    }
    CLEANUP(free) char *text = error_text(err);
    check_reason(verification_check(v, STAGE_ROLLBACK, name, VERDICT_FAIL), "%s", text);
}

static void skip(struct verification *v, const char *name, const char *why)
{
    check_reason(verification_check(v, STAGE_ROLLBACK, name, VERDICT_SKIP), "%s", why);
}

static bool has_rows(const struct suite *suite)
{
    return suite->schema && suite->schema->from && suite->schema->count > 0;
}

// ---- The golden from before

// The way that the answers were recorded in, where it works here; else the first that does. NULL, and said: none does.
static const char *choose_kind(struct verification *v, const struct model *model, const struct baseline *baseline)
{
    const struct strings *kinds = model_kinds(model);
    const char *why = NULL, *first = NULL;
    for (size_t i = 0; i < kinds->count; i++) {
        const char *obstacle = model_obstacle(model, kinds->items[i]);
        if (!obstacle && baseline && str_equal(baseline->kind, kinds->items[i]))
            return kinds->items[i];
        first = first || obstacle ? first : kinds->items[i];
        why = obstacle ? obstacle : why;
    }
    if (!first)
        skip(v, "answers", why ? why : "suite.json declares no \"model\" to ask");
    return first;
}

static int ask_recorded(struct verification *v, struct client *client, const char *kind,
                        const struct baseline *baseline, struct error *err)
{
    CLEANUP(strings) struct strings differences = {0};
    size_t asked = 0;
    if (recorded_rows_ask(&differences, &asked, client, baseline, &v->suite->fuzz, err) < 0)
        return -1;
    bool differ = differences.count > 0;
    struct check *check = verification_check(v, STAGE_ROLLBACK, "answers", differ ? VERDICT_FAIL : VERDICT_PASS);
    CLEANUP(free) char *rows = str_count(asked, "recorded row");
    if (differ)
        check_reason(check, "%zu of %s answered in another way by %s: %s", differences.count, rows, kind,
                     differences.items[0]);
    else
        check_reason(check, "%s answered as before, by %s", rows, kind);
    verification_lines(check, &differences);
    verification_fact(v, STAGE_ROLLBACK, "recorded", "%zu", asked);
    return 0;
}

static bool is_answer(const struct answer *answer)
{
    return answer->kind != ANSWER_REJECTED && answer->kind != ANSWER_NULL && answer->kind != ANSWER_OTHER &&
           !(answer->kind == ANSWER_NUMBER && !isfinite(answer->number));
}

// Nothing was recorded: it is something that every clean row gets an answer.
static int ask_samples(struct verification *v, struct client *client, const char *kind, struct error *err)
{
    CLEANUP(sample) struct sample sample = {0};
    CLEANUP(row_answers) struct row_answers answers = {0};
    CLEANUP(strings) struct strings unanswered = {0};
    if (sampled_rows(&sample, v, SAMPLE_ROWS, err) < 0 || row_answers_ask(&answers, client, &sample.rows, err) < 0)
        return -1;
    for (size_t i = 0; i < sample.rows.row_count; i++) {
        const struct answer *answer = row_answers_at(&answers, i);
        CLEANUP(free)
        char *why = !answer ? row_answers_why(&answers, i) : is_answer(answer) ? NULL : answer_text(answer);
        if (why)
            strings_printf(&unanswered, "clean row %zu: %s", i + 1, why);
    }
    bool failed = unanswered.count > 0;
    struct check *check = verification_check(v, STAGE_ROLLBACK, "answers", failed ? VERDICT_FAIL : VERDICT_PASS);
    CLEANUP(free) char *rows = str_count(sample.rows.row_count, "clean row");
    if (failed)
        check_reason(check, "%zu of %s got no answer by %s: %s", unanswered.count, rows, kind, unanswered.items[0]);
    else
        check_reason(check, "%s answered by %s; this golden has no recorded answers to hold them against", rows, kind);
    verification_lines(check, &unanswered);
    return 0;
}

static int ask_golden(struct verification *v, struct restored *restored, const struct manifest *golden,
                      struct error *err)
{
    CLEANUP(baseline) struct baseline *baseline = NULL;
    CLEANUP(client) struct client *client = NULL;
    struct model *model = restored_model(restored);
    if (baselines_load(&baseline, v->session->project->root, golden, err) < 0)
        return -1;
    const char *kind = choose_kind(v, model, baseline);
    if (!kind)
        return 0;
    bool recorded = baseline && baseline->recorded_count > 0;
    if (!recorded && !has_rows(v->suite)) {
        skip(v, "answers", "this golden has no recorded answers, and suite.json no schema with columns to ask");
        return 0;
    }
    session_phase(v->session, v->suite->name, "asking the golden from before", 0);
    if (model_client(&client, model, kind, err) < 0)
        return error_context(err, "the model of the golden from before does not start");
    return recorded ? ask_recorded(v, client, kind, baseline, err) : ask_samples(v, client, kind, err);
}

static void drill_golden(struct verification *v, const struct golden_kept *kept)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(restored) struct restored *restored = NULL;
    CLEANUP(strings) struct strings foreign = {0};
    CLEANUP(free) char *name = way_back_name(&kept->identity, kept->manifest);
    char hex[65];
    session_phase(v->session, v->suite->name, "restoring the golden from before", 0);
    if (restored_open(&restored, v, kept->manifest, "rollback", &err) < 0) {
        error_context(&err, "%s cannot be restored", name);
        add_fault(v, "golden", &err);
        return;
    }
    CLEANUP(free) char *files = str_count(kept->manifest->artifacts.count, "file");
    CLEANUP(free) char *size = str_human_size(kept->manifest->bundle.size);
    struct check *check = verification_check(v, STAGE_ROLLBACK, "golden", VERDICT_PASS);
    check_reason(check, "%s restored elsewhere: %s, the bundle is whole (%s)", name, files, size);
    restored_foreign(&foreign, restored);
    for (size_t i = 0; i < foreign.count && i < LISTED_AT_MOST; i++)
        check_detail(check, "%s is asked as the work tree has it: it is none of this golden's code\n",
                     foreign.items[i]);
    digest_hex(hex, &kept->identity);
    verification_fact(v, STAGE_ROLLBACK, "golden", "%s", hex);
    if (ask_golden(v, restored, kept->manifest, &err) < 0)
        add_fault(v, "answers", &err);
}

// ---- The fallback

// What the rules owe for a mess: an answer wherever the suite counts on them; where it wants a refusal, either will do.
static void expect_of_fallback(struct fuzz_rules *out, struct expect_rule **expects, const struct fuzz_rules *rules)
{
    *out = *rules;
    out->lenient = true;
    *expects = mem_array(rules->expect_count, sizeof **expects);
    for (size_t i = 0; i < rules->expect_count; i++) {
        (*expects)[i] = rules->expects[i];
        if (rules->expects[i].expect == EXPECT_FALLBACK)
            (*expects)[i].expect = EXPECT_ACCEPT;
        else if (rules->expects[i].expect == EXPECT_REJECT)
            (*expects)[i].expect = EXPECT_FALLBACK;
    }
    out->expects = *expects;
}

static bool counts(const struct oracle *oracle)
{
    static const enum oracle_number numbers[] = {ORACLE_CRASH, ORACLE_HANG, ORACLE_STATUS, ORACLE_UNREADABLE,
                                                 ORACLE_COUNT, ORACLE_NAN,  ORACLE_RANGE};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (oracle->number == numbers[i])
            return true;
    }
    return false;
}

// On one line, however many rows it took.
static void tell_finding(struct strings *out, const struct finding *finding)
{
    CLEANUP(buf) struct buf sent = {0};
    for (const char *at = finding->sent; *at && sent.len < SHOWN; at++)
        *at == '\n' ? buf_puts(&sent, "\\n") : buf_append(&sent, at, 1);
    strings_printf(out, "%s%s%s: %s (sent %s%s)", finding->mutation ? finding->mutation->name : "clean row",
                   finding->column ? " of " : "", finding->column ? finding->column : "", finding->why, buf_text(&sent),
                   sent.len < SHOWN ? "" : "…");
}

static void judge_fallback(struct verification *v, const struct fuzz_outcome *outcome)
{
    CLEANUP(strings) struct strings lines = {0};
    for (size_t i = 0; i < outcome->finding_count; i++) {
        const struct finding *finding = &outcome->findings[i];
        if (counts(finding->oracle) && lines.count < LISTED_AT_MOST)
            tell_finding(&lines, finding);
    }
    bool failed = lines.count > 0 || outcome->cases == 0;
    struct check *check = verification_check(v, STAGE_ROLLBACK, "fallback", failed ? VERDICT_FAIL : VERDICT_PASS);
    CLEANUP(free) char *cases = str_count(outcome->cases, "case");
    if (lines.count > 0)
        check_reason(check, "the fallback rules do not answer: %s", lines.items[0]);
    else if (failed)
        check_reason(check, "no case was asked%s%s", outcome->stopped ? ": " : "",
                     outcome->stopped ? outcome->stopped : "");
    else
        check_reason(check, "the fallback rules answer: %s, none failed", cases);
    verification_lines(check, &lines);
    check->seconds = outcome->seconds;
    if (outcome->stopped && !failed)
        check_detail(check, "%s\n", outcome->stopped);
    verification_fact(v, STAGE_ROLLBACK, "fallback cases", "%zu", outcome->cases);
}

static bool go_on(void *context, size_t cases, double per_second, size_t findings)
{
    const struct verification *v = context;
    CLEANUP(free)
    char *phase = str_printf("asking the fallback: %zu cases, %.0f/s, %zu failing", cases, per_second, findings);
    session_phase(v->session, v->suite->name, phase, 0);
    return !session_stopped(v->session);
}

static int ask_fallback(struct verification *v, struct fuzz_outcome *outcome, struct error *err)
{
    CLEANUP(restored) struct restored *restored = NULL;
    CLEANUP(client) struct client *client = NULL;
    CLEANUP(sample) struct sample sample = {0};
    CLEANUP(free) struct expect_rule *expects = NULL;
    struct fuzz_rules rules;
    expect_of_fallback(&rules, &expects, &v->suite->fuzz);
    if (sampled_rows(&sample, v, 0, err) < 0 || restored_open(&restored, v, NULL, "fallback", err) < 0 ||
        model_client(&client, restored_model(restored), "fallback", err) < 0)
        return -1;
    const struct fuzz_options options = {.schema = v->suite->schema,
                                         .sample = &sample,
                                         .rules = &rules,
                                         .client = client,
                                         .cases = rules.cases ? rules.cases : FALLBACK_CASES,
                                         .seconds = FALLBACK_SECONDS,
                                         .seed = v->suite->fuzz.seed,
                                         .progress = go_on,
                                         .context = v};
    return fuzz_run(outcome, &options, err);
}

static void drill_fallback(struct verification *v)
{
    CLEANUP(error) struct error err = {0};
    struct fuzz_outcome outcome = {0};
    if (!has_rows(v->suite)) {
        skip(v, "fallback", "suite.json has no schema with columns to ask the fallback with");
        return;
    }
    int asked = ask_fallback(v, &outcome, &err);
    if (session_stopped(v->session))
        ; // is said for all of it
    else if (asked < 0)
        add_fault(v, "fallback", &err);
    else
        judge_fallback(v, &outcome);
    fuzz_outcome_free(&outcome);
}

// ----

void stage_rollback(struct verification *v)
{
    CLEANUP(way_back) struct way_back way = {0};
    CLEANUP(error) struct error err = {0};
    const char *to = v->rollback ? v->rollback->to : NULL;
    const struct suite *suite = v->suite;
    struct golden_kept current = {0};
    if (way_back_find(&way, v->session->project->root, suite->name, v->replay->manifest->class_name, to, &err) < 0) {
        // Of verify, that no golden fits this machine is told by the stage `golden`.
        if (v->rollback)
            verification_error(v, STAGE_ROLLBACK, "golden", &err);
    } else if (way.arrived) {
        current = (struct golden_kept){.identity = way.identity, .manifest = way.current};
        drill_golden(v, &current);
    } else if (way.to) {
        drill_golden(v, way.to);
    } else if (v->rollback) {
        check_reason(verification_check(v, STAGE_ROLLBACK, "golden", VERDICT_FAIL),
                     "nothing to go back to: golden %s/%s keeps no earlier one%s%s", suite->name, way.class_name,
                     way.kept.unreadable.count > 0 ? ": " : "",
                     way.kept.unreadable.count > 0 ? way.kept.unreadable.items[0] : "");
    } else if (suite->fallback.count > 0 || v->session->options.only) {
        skip(v, "golden", "no earlier golden is kept yet: there is nothing to go back to");
    }
    if (suite->fallback.count > 0 && !session_stopped(v->session))
        drill_fallback(v);
    else if (v->rollback || v->session->options.only)
        skip(v, "fallback", "suite.json declares no \"fallback\"");
}
