// SPDX-License-Identifier: Apache-2.0
#include "engine/ready.h"

#include "engine/evidence.h"
#include "engine/identity.h"
#include "engine/ready_question.h"
#include "engine/reference.h"
#include "engine/replay.h"
#include "engine/status.h"
#include "run/facts.h"
#include "store/golden.h"

#include <stdarg.h>
#include <time.h>

static const struct {
    const char *name, *asks;
    ready_question answer;
} questions[READY_QUESTIONS] = {
    {"1 provenance", "Do we know exactly which data, code and settings produced this model?", ready_provenance},
    {"2 same result", "Can we rerun training and get the same result?", ready_replay},
    {"3 messy input", "Was it tested with messy, missing and unexpected input?", ready_messy},
    {"4 serving", "Live API or batch, and does it answer when asked for real?", ready_serving},
    {"5 limits", "Are latency, cost and scaling limits clear?", ready_limits},
    {"6 prediction log", "Do we log predictions and the input data needed for debugging?", ready_log},
    {"7 monitoring", "Do we watch drift, quality and business impact?", ready_monitoring},
    {"8 alerts", "Are there alert thresholds that tell us when the model slips?", ready_thresholds},
    {"9 way back", "Is there a way back?", ready_way_back},
};

// ---- What is known

static void free_subject(struct ready_subject *s)
{
    suite_free(s->suite);
    manifest_free(s->now);
    manifest_free(s->golden);
    strings_free(&s->moved);
    evidence_free(s->evidence);
    free(s->evidence_why);
}

// The same golden that verify would hold a replay against.
static int look(struct ready_subject *s, struct error *err)
{
    struct session *session = s->session;
    const char *root = session->project->root;
    bool superseded = false;
    s->now = manifest_new();
    s->now->suite = str_dup(s->suite->name);
    replay_command(s->now, s->suite);
    if (replay_inputs(s->now, session, s->suite, root, err) < 0 ||
        facts_collect(&s->now->environment, s->suite, session->options.environ, err) < 0 ||
        facts_class(&s->now->class_name, s->suite, &s->now->environment, err) < 0 ||
        reference_load(&s->golden, &superseded, root, s->now, err) < 0)
        return -1;
    if (!s->golden)
        return 0;
    if (golden_identity(&s->identity, s->golden, err) < 0 || identity_inputs(&s->inputs, s->now, err) < 0)
        return -1;
    status_compare(&s->moved, s->golden, s->now);
    evidence_load(&s->evidence, &s->evidence_why, session, s->suite->name);
    return 0;
}

// ---- Answers

static void set(struct ready_answer *out, enum ready_state state, const char *format, va_list args) PRINTF_LIKE(3, 0);
static void set(struct ready_answer *out, enum ready_state state, const char *format, va_list args)
{
    CLEANUP(buf) struct buf line = {0};
    buf_vprintf(&line, format, args);
    free(out->line);
    out->state = state;
    out->line = buf_take(&line);
}

void ready_yes(struct ready_answer *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(out, READY_YES, format, args);
    va_end(args);
    free(steal(&out->command));
}

void ready_no(struct ready_answer *out, char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(out, READY_NO, format, args);
    va_end(args);
    free(out->command);
    out->command = command;
}

void ready_unknown(struct ready_answer *out, char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set(out, READY_UNKNOWN, format, args);
    va_end(args);
    free(out->command);
    out->command = command;
}

static void add_check(struct result *result, const struct suite *suite, size_t question,
                      const struct ready_answer *answer, bool required)
{
    enum verdict verdict = answer->state == READY_YES                    ? VERDICT_PASS
                           : answer->state == READY_UNKNOWN && !required ? VERDICT_SKIP
                                                                         : VERDICT_FAIL;
    struct check *check = result_add(result, suite->name, STAGE_READY, questions[question].name, verdict);
    check->advisory = !required;
    check_reason(check, "%s%s", answer->state == READY_UNKNOWN ? "not known: " : "", answer->line);
    check_detail(check, "%s\n", questions[question].asks);
    if (answer->state == READY_YES)
        return;
    check->repeat = answer->command ? str_dup(answer->command) : str_printf("repro verify %s", suite->name);
    if (answer->declare)
        check->file = str_dup(suite->path);
}

static void ask(const struct ready_subject *s, unsigned require, struct result *result)
{
    for (size_t i = 0; i < READY_QUESTIONS; i++) {
        struct ready_answer answer = {0};
        if (s->golden)
            questions[i].answer(&answer, s);
        else
            ready_unknown(&answer, str_printf("repro record %s", s->suite->name), "there is no golden yet");
        add_check(result, s->suite, i, &answer, (require & 1u << (i + 1)) != 0);
        free(answer.line);
        free(answer.command);
    }
}

static void answer_suite(struct session *session, const char *name, unsigned require, struct result *result)
{
    CLEANUP(error) struct error err = {0};
    struct ready_subject s = {.session = session, .time = time(NULL)};
    if (identity_document(&s.document, session->project->root, name, &err) < 0 ||
        suite_load(&s.suite, session->project->root, name, &err) < 0) {
        result_add_error(result, name, STAGE_DOCUMENT, "suite.json", &err);
    } else {
        session_phase(session, name, "looking at the inputs", 0);
        if (look(&s, &err) < 0)
            result_add_error(result, name, STAGE_READY, "ready", &err);
        else
            ask(&s, require ? require : s.suite->ready.require, result);
    }
    free_subject(&s);
}

void ready_suites(struct session *session, const struct strings *names, unsigned require, struct result *result)
{
    struct error ignored = {0};
    for (size_t i = 0; i < names->count && !session_stopped(session); i++)
        answer_suite(session, names->items[i], require, result);
    if (session_stopped(session)) {
        CLEANUP(error) struct error stopped = {0};
        error_set(&stopped, ERROR_STOPPED, "stopped before every question was asked");
        result_add_error(result, "", STAGE_READY, "stopped", &stopped);
    }
    stat_cache_save(session_cache(session), &ignored); // costs time alone where it cannot be
    error_free(&ignored);
    result_sort(result);
}
