// SPDX-License-Identifier: Apache-2.0
#include "engine/drift_checks.h"

#include "base/number.h"
#include "drift/picture.h"

#include <math.h>
#include <string.h>

enum { NAMED_AT_MOST = 3, DIGITS = 3 };

static void put_number(struct buf *out, double value)
{
    char text[32];
    number_print(text, DIGITS, value);
    buf_puts(out, text);
}

static void put_percent(struct buf *out, double share)
{
    put_number(out, share * 100);
    buf_puts(out, " %");
}

static void put_count(struct buf *out, uint64_t count)
{
    char text[32];
    number_group(text, count);
    buf_puts(out, text);
}

static const char *what_of(const struct finding *finding)
{
    switch (finding->kind) {
    case FINDING_RATE:
        return drift_rate_name(finding->rate);
    case FINDING_SPREAD:
        return "spread";
    case FINDING_ABSENT:
        return "present";
    case FINDING_MEASURE:
        break;
    }
    return "outcome";
}

// ---- One line each

static void put_too_little(struct buf *out, const struct finding *finding)
{
    if (!finding->moved || finding->alarm)
        return;
    if (finding->kind == FINDING_RATE) {
        buf_puts(out, "; moved by ");
        put_number(out, finding->move);
        buf_puts(out, " (Jensen–Shannon)");
    }
    buf_puts(out, ", which is less than counts (");
    put_number(out, finding->least);
    buf_putc(out, ')');
}

static void put_rate(struct buf *out, const struct finding *finding)
{
    put_percent(out, finding->current);
    buf_puts(out, " of ");
    put_count(out, finding->n);
    buf_puts(out, ", reference ");
    put_percent(out, finding->reference);
    if (finding->moved && !isnan(finding->threshold)) {
        buf_puts(out, finding->declared ? "; suite.json allows " : "; by chance at most ");
        put_percent(out, finding->threshold);
    }
    put_too_little(out, finding);
}

static void put_spread(struct buf *out, const struct finding *finding)
{
    bool first = true;
    for (size_t i = 0; i < DRIFT_STATISTICS; i++) {
        const struct finding_value *value = &finding->values[i];
        bool told = i == finding->decisive || value->declared;
        if (isnan(value->value) || !told)
            continue;
        buf_printf(out, "%s%s ", first ? "" : ", ", drift_statistic_name((enum drift_statistic)i));
        put_number(out, value->value);
        if (!isnan(value->threshold)) {
            buf_puts(out, value->declared ? " (suite.json allows " : " (threshold ");
            put_number(out, value->threshold);
            buf_putc(out, ')');
        }
        first = false;
    }
    if (!isnan(finding->move)) {
        buf_puts(out, first ? "moved by " : "; moved by ");
        put_number(out, finding->move);
        buf_puts(out, finding->decisive == STATISTIC_KS ? " σ" : " (Jensen–Shannon)");
    }
    put_too_little(out, finding);
    buf_puts(out, "; ");
    put_count(out, finding->n);
    buf_puts(out, " beside ");
    put_count(out, finding->m);
}

static void put_interval(struct buf *out, double value, double low, double high)
{
    put_number(out, value);
    buf_puts(out, " (");
    put_number(out, low);
    buf_puts(out, " to ");
    put_number(out, high);
    buf_putc(out, ')');
}

static void put_measure(struct buf *out, const struct finding *finding)
{
    put_interval(out, finding->current, finding->current_low, finding->current_high);
    buf_puts(out, " of ");
    put_count(out, finding->n);
    if (!isnan(finding->reference)) {
        buf_puts(out, ", golden ");
        put_interval(out, finding->reference, finding->reference_low, finding->reference_high);
    }
    if (finding->declared && !isnan(finding->threshold)) {
        buf_puts(out, "; suite.json allows ");
        put_number(out, finding->threshold);
    }
}

static void put_line(struct buf *out, const struct finding *finding)
{
    switch (finding->kind) {
    case FINDING_RATE:
        put_rate(out, finding);
        return;
    case FINDING_SPREAD:
        put_spread(out, finding);
        return;
    case FINDING_ABSENT:
        buf_puts(out, "the column is not in the data any more");
        return;
    case FINDING_MEASURE:
        put_measure(out, finding);
        return;
    }
}

// ---- Checks

static void add_statistics(struct check *check, const struct finding *finding)
{
    CLEANUP(buf) struct buf line = {0};
    for (size_t i = 0; i < DRIFT_STATISTICS; i++) {
        const struct finding_value *value = &finding->values[i];
        if (isnan(value->value))
            continue;
        buf_printf(&line, "%s ", drift_statistic_name((enum drift_statistic)i));
        put_number(&line, value->value);
        buf_puts(&line, isnan(value->threshold) ? "" : " of ");
        if (!isnan(value->threshold))
            put_number(&line, value->threshold);
        buf_puts(&line, "  ");
    }
    if (!isnan(finding->most)) {
        buf_puts(&line, "largest difference ");
        put_percent(&line, finding->most);
        buf_puts(&line, "  ");
    }
    if (!isnan(finding->p)) {
        buf_puts(&line, "p ");
        put_number(&line, finding->p);
    }
    check_detail(check, "%s\n", buf_text(&line));
}

static void add_picture(struct check *check, const struct drift_report *report, const struct finding *finding)
{
    struct drift_spreads spreads = report->spreads(report->context, finding);
    CLEANUP(buf) struct buf picture = {0};
    if (!spreads.reference || !spreads.current)
        return;
    picture_beside(&picture, spreads.reference, spreads.current);
    check_detail(check, "%s", buf_text(&picture));
}

// A measure without golden's and without a limit is told, but nothing says whether it is good.
static bool is_judged(const struct finding *finding)
{
    return finding->kind != FINDING_MEASURE || finding->declared || !isnan(finding->reference);
}

static void put_remedy(struct buf *out, const struct drift_report *report, const struct finding *finding)
{
    const struct drift_rules *rules = &report->suite->drift;
    buf_puts(out, "; nothing to hold it against: give it a \"min\" or \"max\" in suite.json");
    for (size_t i = 0; i < rules->outcomes.measure_count; i++) {
        const struct drift_measure *rule = &rules->outcomes.measures[i];
        if (!rule->column && str_equal(rule->name, finding->column))
            buf_printf(out, ", or have golden measured: repro record %s", report->suite->name);
    }
}

static void add_finding(const struct drift_report *report, const struct finding *finding)
{
    CLEANUP(buf) struct buf line = {0};
    CLEANUP(free) char *name = str_printf("%s: %s", finding->column, what_of(finding));
    enum verdict verdict = finding->alarm ? VERDICT_FAIL : is_judged(finding) ? VERDICT_PASS : VERDICT_SKIP;
    struct check *check = result_add(report->result, report->suite->name, STAGE_DRIFT, name, verdict);
    put_line(&line, finding);
    if (verdict == VERDICT_SKIP)
        put_remedy(&line, report, finding);
    check_reason(check, "%s", buf_text(&line));
    if (finding->kind == FINDING_SPREAD)
        add_statistics(check, finding);
    if (finding->kind == FINDING_SPREAD && finding->moved)
        add_picture(check, report, finding);
    if (finding->moved && !finding->alarm)
        check_note(check, NOTE_NOTICE, "%s: %s: %s", report->suite->name, name, buf_text(&line));
    if (finding->alarm)
        check->repeat = str_dup(report->repeat);
}

// Going back once more would lead forward again.
static char *way_on(const struct drift_report *report)
{
    const char *suite = report->suite->name;
    bool rules = report->suite->fallback.count > 0;
    return str_printf(
        "golden has gone back from %.12s already: %sgo back to an older one, if it is kept: repro rollback "
        "%s --to DIGEST (repro log %s)",
        report->rolled_back, rules ? "let the fallback rules answer, or " : "", suite, suite);
}

static char *remedy(enum advice advice, const struct drift_report *report)
{
    const char *suite = report->suite->name;
    switch (advice) {
    case ADVICE_WATCH:
        return str_dup("look again soon");
    case ADVICE_RETRAIN:
        return str_printf("train on newer data, then: repro record %s --reason \"…\"", suite);
    case ADVICE_PAUSE:
        return str_dup("do not trust the answers until the data are as they should be");
    case ADVICE_ROLL_BACK:
        if (report->rolled_back)
            return way_on(report);
        return str_printf("go back to the last trusted golden: repro rollback %s", suite);
    case ADVICE_NONE:
        break;
    }
    return str_dup("");
}

static void advise(const struct drift_report *report, const struct judgement *judgement)
{
    CLEANUP(strings) struct strings alarms = {0};
    for (size_t i = 0; i < judgement->count; i++) {
        const struct finding *finding = &judgement->findings[i];
        if (finding->alarm && alarms.count < NAMED_AT_MOST)
            strings_printf(&alarms, "%s (%s)", finding->column, what_of(finding));
    }
    bool alarm = judgement->alarms > 0;
    struct check *check =
        result_add(report->result, report->suite->name, STAGE_DRIFT, "advice", alarm ? VERDICT_FAIL : VERDICT_PASS);
    if (!alarm) {
        check_reason(check,
                     "no alarm: nothing of %zu moved that counts; without drift at most %g %% of looks raise one",
                     judgement->count, judgement->false_alarms * 100);
        return;
    }
    CLEANUP(free) char *names = strings_join(&alarms, ", ");
    CLEANUP(free) char *what = remedy(judgement->advice, report);
    check_reason(check, "%s: %zu of %zu moved: %s%s", advice_name(judgement->advice), judgement->alarms,
                 judgement->count, names, judgement->alarms > NAMED_AT_MOST ? ", …" : "");
    check_detail(check, "%s\n", what);
    check->repeat = str_dup(report->repeat);
}

void drift_checks_add(const struct drift_report *report, const struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->count; i++)
        add_finding(report, &judgement->findings[i]);
    advise(report, judgement);
}
