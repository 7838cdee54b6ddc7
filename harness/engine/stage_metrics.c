// SPDX-License-Identifier: Apache-2.0
//
// The stage `metrics`: numbers under their tolerances, series point by point.
#include "compare/metrics.h"
#include "engine/curves.h"
#include "engine/verify.h"

static void check_metric(struct verification *v, const struct metric_finding *finding)
{
    static const enum verdict verdicts[] = {
        [METRIC_EQUAL] = VERDICT_PASS,      [METRIC_WITHIN] = VERDICT_PASS,   [METRIC_BETTER] = VERDICT_PASS,
        [METRIC_OUTSIDE] = VERDICT_FAIL,    [METRIC_APPEARED] = VERDICT_FAIL, [METRIC_VANISHED] = VERDICT_FAIL,
        [METRIC_BECAME_NAN] = VERDICT_FAIL,
    };
    enum verdict verdict = verdicts[finding->verdict];
    struct check *check = verification_check(v, STAGE_METRICS, finding->name, verdict);
    CLEANUP(free) char *text = metric_describe(finding);
    check_reason(check, "%s", text);
    if (finding->verdict == METRIC_BETTER)
        check_note(check, NOTE_NOTICE, "%s: %s; keep it with: repro record %s --reason \"…\"", v->suite->name, text,
                   v->suite->name);
    if (verdict == VERDICT_FAIL) {
        check->cause = verification_cause(v);
        check->file = str_dup(v->suite->path);
        check->line = finding->rule ? finding->rule->line : 0;
    }
}

static int compare_series(struct series_finding *out, struct verification *v, const struct series_rule *rule,
                          struct error *err)
{
    const struct file_entry *was = file_list_find(&v->golden->artifacts, rule->path);
    const struct file_entry *is = file_list_find(&v->replay->manifest->artifacts, rule->path);
    // The same bytes are the same points: golden's bundle, which may not be at hand, is not needed.
    const char *folder = was && is && digest_equal(&was->sha256, &is->sha256)
                             ? workspace_outputs(v->replay->run->workspace)
                             : verification_golden_folder(v);
    if (folder)
        return curves_compare(out, folder, v->replay, rule, err);
    CLEANUP(free) char *why = error_text(&v->golden_error);
    return error_set(err, v->golden_error.kind, "golden's '%s' is not at hand: %s", rule->path, why);
}

static void check_series(struct verification *v, const struct series_rule *rule)
{
    CLEANUP(free) char *name = str_printf("series %s", rule->path);
    CLEANUP(error) struct error err = {0};
    struct series_finding finding = {0};
    if (strings_has(&v->replay->missing, rule->path)) {
        struct check *check = verification_check(v, STAGE_METRICS, name, VERDICT_FAIL);
        CLEANUP(free) char *why = replay_missing(v->replay, rule->path);
        check_reason(check, "%s", why);
    } else if (!file_list_find(&v->golden->artifacts, rule->path)) {
        struct check *check = verification_check(v, STAGE_METRICS, name, VERDICT_FAIL);
        check_reason(check, "golden does not have '%s'; record a new one", rule->path);
    } else if (compare_series(&finding, v, rule, &err) < 0) {
        verification_error(v, STAGE_METRICS, name, &err);
    } else {
        struct check *check = verification_check(v, STAGE_METRICS, name, finding.equal ? VERDICT_PASS : VERDICT_FAIL);
        check_reason(check, "%s", finding.text);
        if (!finding.equal) {
            check->cause = verification_cause(v);
            check->file = str_dup(v->suite->path);
            check->line = rule->tolerance.line;
        }
    }
    series_finding_free(&finding);
}

void stage_metrics(struct verification *v)
{
    session_phase(v->session, v->suite->name, "comparing metrics", 0);
    for (size_t i = 0; i < v->suite->metrics.from.count; i++) {
        const char *path = v->suite->metrics.from.items[i];
        if (!strings_has(&v->replay->missing, path))
            continue;
        struct check *check = verification_check(v, STAGE_METRICS, path, VERDICT_FAIL);
        CLEANUP(free) char *why = replay_missing(v->replay, path);
        check_reason(check, "%s", why);
    }
    if (v->replay->metrics_error.kind != ERROR_NONE) {
        // What training wrote is the job's result: a file that cannot be read fails it.
        struct check *check = verification_check(v, STAGE_METRICS, "metrics", VERDICT_FAIL);
        CLEANUP(free) char *text = error_text(&v->replay->metrics_error);
        check_reason(check, "%s", text);
    } else if (v->replay->missing.count == 0 || v->replay->manifest->metrics.count > 0) {
        struct metric_findings findings = {0};
        metrics_compare(&findings, &v->golden->metrics, &v->replay->manifest->metrics, v->suite);
        for (size_t i = 0; i < findings.count; i++)
            check_metric(v, &findings.items[i]);
        metric_findings_free(&findings);
    }
    for (size_t i = 0; i < v->suite->metrics.series_count; i++)
        check_series(v, &v->suite->metrics.series[i]);
}
