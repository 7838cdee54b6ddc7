// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// The questions on evidence that was put there: real runs stand in tests/cli.
#include "core/evidence.h"
#include "engine/evidence.h"
#include "engine/identity.h"
#include "engine/ready.h"
#include "store/golden_kept.h"
#include "unit_files.h"
#include "unit_verify.h"

#include <sys/wait.h>

static const char path[] = ".repro/evidence/sums.json";

// Everything that a suite can promise.
#define PROMISES                                                                                                       \
    ",\"limits\": {\"train\": {\"memory\": \"1GiB\"}, \"predict\": {\"p99\": \"20ms\", \"growth\": 1.2},"              \
    " \"price\": {\"currency\": \"EUR\", \"cpu_hour\": 0.04, \"million_predictions\": 0.5}},"                          \
    "\"log\": {\"path\": \"live.jsonl\"}, \"fallback\": [\"true\", \"{input}\", \"{output}\"],"                        \
    "\"schema\": {\"from\": \"live.csv\", \"target\": \"y\", \"columns\": {\"x\": {\"type\": \"number\"}}},"           \
    "\"drift\": {\"outcomes\": {\"measures\": {\"mae\": {\"max\": 3}}}}"

static struct evidence *read_evidence(void)
{
    CLEANUP(buf) struct buf text = {0};
    struct evidence *evidence = NULL;
    struct error err = {0};
    ck_ok(fs_read(&text, path, 0, &err), &err);
    ck_ok(evidence_parse(&evidence, path, buf_text(&text), text.len, &err), &err);
    return evidence;
}

static void write_evidence(const struct evidence *evidence)
{
    CLEANUP(buf) struct buf text = {0};
    evidence_write(&text, evidence);
    put(path, text.data);
}

// The identity of the golden from before; "" when none is kept.
static char *kept_golden(void)
{
    CLEANUP(golden_kept_list) struct golden_kept_list kept = {0};
    struct error err = {0};
    char hex[65] = "";
    ck_ok(golden_kept_list(&kept, ".", "sums", "any", &err), &err);
    if (kept.count > 0)
        digest_hex(hex, &kept.items[0].identity);
    return str_dup(hex);
}

// A project whose suite promises everything, with its golden.
static char *enter_promised(void)
{
    char *folder = enter_project();
    put("live.csv", "x,y\n1,2\n");
    put_sums(PROMISES);
    record(NULL);
    return folder;
}

struct measured {
    const char *name;
    enum verdict verdict;
    const char *reason;
};

// As a stage that ran a moment ago would leave it.
static void put_stage(enum stage stage, const struct measured *checks)
{
    CLEANUP(evidence) struct evidence *evidence = read_evidence();
    CLEANUP(result) struct result *result = result_new("repro verify");
    for (; checks->name; checks++)
        check_reason(result_add(result, "sums", stage, checks->name, checks->verdict), "%s", checks->reason);
    const struct evidence_stage *replay = evidence->stages[STAGE_REPLAY];
    struct evidence_stage *record = evidence_begin(evidence, stage);
    *record = (struct evidence_stage){.when = replay->when,
                                      .golden = replay->golden,
                                      .inputs = replay->inputs,
                                      .document = replay->document,
                                      .class_name = str_dup("any"),
                                      .version = str_dup("0.1.0")};
    evidence_take(record, result, "sums", stage);
    CLEANUP(free) char *kept = kept_golden();
    pairs_set(&record->facts, "golden", kept);
    pairs_set(&record->facts, "recorded", "64");
    if (record->check_count == 0)
        evidence_forget(evidence, stage);
    write_evidence(evidence);
}

static struct result *ready(unsigned require)
{
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    struct result *result = result_new("repro ready");
    ready_suites(session, &session->project->suites, require, result);
    return result;
}

static void expect_answer(const char *question, enum verdict verdict, const char *part)
{
    CLEANUP(result) struct result *result = ready(0);
    const struct check *check = expect_check(result, STAGE_READY, question, verdict, part);
    ck_assert((check->repeat != NULL) == (verdict != VERDICT_PASS));
    ck_assert(check->advisory);
}

#define LATENCY                                                                                                        \
    {                                                                                                                  \
        "predict.p99", VERDICT_PASS, "p99 latency 4 ms of at most 20 ms: 200 questions"                                \
    }
#define MEMORY                                                                                                         \
    {                                                                                                                  \
        "train.memory", VERDICT_PASS, "training used 8 MiB of the 1 GiB allowed"                                       \
    }
#define PRICE                                                                                                          \
    {                                                                                                                  \
        "price.million_predictions", VERDICT_PASS,                                                                     \
            "price 0.1 of at most 0.5: EUR for a million predictions, each 1 ms of CPU"                                \
    }
#define GROWTH                                                                                                         \
    {                                                                                                                  \
        "predict.growth", VERDICT_PASS, "exponent 1.01 (0.99 to 1.03) of at most 1.2: 5 sizes"                         \
    }
#define MOVED                                                                                                          \
    {                                                                                                                  \
        "drill: columns moved", VERDICT_PASS, "40 of 40 looks raised the alarm"                                        \
    }
#define STILL                                                                                                          \
    {                                                                                                                  \
        "drill: nothing moved", VERDICT_PASS, "1 of 40 looks raised the alarm; 5 % are promised"                       \
    }
#define WATCHED                                                                                                        \
    {                                                                                                                  \
        "watched", VERDICT_PASS, "input quality, 1 columns, predictions, outcomes"                                     \
    }

#define LOGGED                                                                                                         \
    {"log.entries", VERDICT_PASS, "20 requests"}, {"log.input", VERDICT_PASS, "as asked"},                             \
        {"log.output", VERDICT_PASS, "as given"},                                                                      \
    {                                                                                                                  \
        "log.model", VERDICT_PASS, "named"                                                                             \
    }
#define RESTORED                                                                                                       \
    {                                                                                                                  \
        "golden", VERDICT_PASS, "restored elsewhere"                                                                   \
    }
#define ANSWERED                                                                                                       \
    {                                                                                                                  \
        "answers", VERDICT_PASS, "64 recorded rows answered as before"                                                 \
    }
#define RULES                                                                                                          \
    {                                                                                                                  \
        "fallback", VERDICT_PASS, "the fallback rules answer"                                                          \
    }

static const struct {
    const char *question;
    enum stage stage;
    struct measured checks[7];
    enum verdict verdict;
    const char *part;
} live[] = {
    {"5 limits",
     STAGE_LIMITS,
     {LATENCY, MEMORY, PRICE, GROWTH},
     VERDICT_PASS,
     "p99 latency 4 ms of at most 20 ms; training used 8 MiB of the 1 GiB allowed; price 0.1 of at most 0.5: EUR for a "
     "million "
     "predictions; exponent"},
    {"5 limits", STAGE_LIMITS, {MEMORY, PRICE, GROWTH}, VERDICT_SKIP, "predict.p99 is limited, and was not measured"},
    {"5 limits",
     STAGE_LIMITS,
     {LATENCY, MEMORY, PRICE, {"predict.growth", VERDICT_FAIL, "exponent 2"}},
     VERDICT_FAIL,
     "predict.growth failed"},
    {"5 limits",
     STAGE_LIMITS,
     {LATENCY, MEMORY, PRICE, {"predict.growth", VERDICT_SKIP, "no batch"}},
     VERDICT_SKIP,
     "predict.growth: no batch"},
    {"5 limits",
     STAGE_LIMITS,
     {MEMORY, {"predict", VERDICT_ERROR, "it did not start"}},
     VERDICT_SKIP,
     "could not be measured: it did not start"},
    {"5 limits", STAGE_LIMITS, {{0}}, VERDICT_SKIP, "never measured here"},
    {"6 prediction log",
     STAGE_LOG,
     {LOGGED, {"log.replay", VERDICT_PASS, "20 inputs asked again"}},
     VERDICT_PASS,
     "20 inputs asked again"},
    {"6 prediction log",
     STAGE_LOG,
     {LOGGED, {"log.replay", VERDICT_PASS, "20 inputs asked again"}, {"replay: old.jsonl", VERDICT_FAIL, "1 of 9"}},
     VERDICT_PASS,
     "found in the log"},
    {"6 prediction log",
     STAGE_LOG,
     {LOGGED, {"log.replay", VERDICT_FAIL, "3 of 20 differ"}},
     VERDICT_FAIL,
     "log.replay failed"},
    {"6 prediction log", STAGE_LOG, {{"log.entries", VERDICT_FAIL, "no entry for 3"}}, VERDICT_FAIL, "no entry for 3"},
    {"6 prediction log", STAGE_LOG, {LOGGED}, VERDICT_SKIP, "log.replay: it was not looked at"},
    {"6 prediction log", STAGE_LOG, {{"log", VERDICT_SKIP, "no loopback here"}}, VERDICT_SKIP, "no loopback here"},
    {"6 prediction log", STAGE_LOG, {{0}}, VERDICT_SKIP, "never measured here"},
    {"7 monitoring", STAGE_DRIFT, {WATCHED, STILL, MOVED}, VERDICT_PASS, "40 of 40 looks"},
    {"7 monitoring",
     STAGE_DRIFT,
     {WATCHED, STILL, {"drill: columns moved", VERDICT_FAIL, "3 of 40"}},
     VERDICT_FAIL,
     "3 of 40"},
    {"7 monitoring", STAGE_DRIFT, {WATCHED, STILL}, VERDICT_SKIP, "moved"},
    {"7 monitoring",
     STAGE_DRIFT,
     {{"watched", VERDICT_PASS, "input quality, 1 columns, outcomes"}, STILL, MOVED},
     VERDICT_FAIL,
     "predictions are not watched"},
    {"7 monitoring", STAGE_DRIFT, {{0}}, VERDICT_SKIP, "never measured here"},
    {"8 alerts",
     STAGE_DRIFT,
     {WATCHED, {"x: threshold", VERDICT_PASS, "ks beyond 0.02: false alarms at most 0.7 %, notices a move of 0.05 σ"}},
     VERDICT_PASS,
     "x: false alarms at most 0.7 %, notices a move of 0.05 σ"},
    {"8 alerts",
     STAGE_DRIFT,
     {WATCHED, {"x: threshold", VERDICT_FAIL, "never, however far it moves"}},
     VERDICT_FAIL,
     "x: threshold failed"},
    {"8 alerts", STAGE_DRIFT, {WATCHED, STILL, MOVED}, VERDICT_SKIP, "no threshold was measured"},
    {"9 way back",
     STAGE_ROLLBACK,
     {RESTORED, ANSWERED, RULES},
     VERDICT_PASS,
     "64 recorded rows answered as before; the"},
    {"9 way back",
     STAGE_ROLLBACK,
     {RESTORED, {"answers", VERDICT_FAIL, "2 of 64 differ"}, RULES},
     VERDICT_FAIL,
     "answers failed"},
    {"9 way back",
     STAGE_ROLLBACK,
     {RESTORED, ANSWERED, {"fallback", VERDICT_FAIL, "no answer to a null"}},
     VERDICT_FAIL,
     "no answer to a null"},
    {"9 way back",
     STAGE_ROLLBACK,
     {RESTORED, ANSWERED, {"fallback", VERDICT_SKIP, "no schema"}},
     VERDICT_SKIP,
     "fallback: no schema"},
    {"9 way back", STAGE_ROLLBACK, {RULES}, VERDICT_SKIP, "golden: it was not looked at"},
    {"9 way back", STAGE_ROLLBACK, {{0}}, VERDICT_SKIP, "never measured here"},
};

START_TEST(each_question_says_yes_no_and_not_known)
{
    char *folder = enter_promised();
    put("factor.json", "{\"factor\": 2}\n");
    record("there is one to go back to");
    CLEANUP(result) struct result *verified = verify_only(STAGE_REPLAY);
    expect_status(verified, 0);
    for (size_t i = 0; i < ARRAY_LEN(live); i++) {
        put_stage(live[i].stage, live[i].checks);
        expect_answer(live[i].question, live[i].verdict, live[i].part);
    }
    leave_folder(folder);
}
END_TEST

static const struct {
    const char *question, *from, *to, *part;
} undeclared[] = {
    {"5 limits", "\"p99\": \"20ms\", ", "", "say nothing of latency or batch speed"},
    {"5 limits", ", \"million_predictions\": 0.5", "", "say nothing of cost"},
    {"5 limits", "\"train\": {\"memory\": \"1GiB\"}, ", "", "say nothing of memory"},
    {"6 prediction log", "\"log\": {\"path\": \"live.jsonl\"}, ", "", "where predictions are logged"},
    {"7 monitoring", "\"drift\": {\"outcomes\": {\"measures\": {\"mae\": {\"max\": 3}}}}", "\"drift\": {}",
     "is not watched; add to"},
    {"7 monitoring", ",\"drift\": {\"outcomes\": {\"measures\": {\"mae\": {\"max\": 3}}}}", "",
     "how live data are watched"},
    {"8 alerts", ",\"drift\": {\"outcomes\": {\"measures\": {\"mae\": {\"max\": 3}}}}", "",
     "how live data are watched"},
    {"9 way back", " \"fallback\": [\"true\", \"{input}\", \"{output}\"],", "", "names no rules"},
};

static void set_fact(enum stage stage, const char *name, const char *value)
{
    CLEANUP(evidence) struct evidence *evidence = read_evidence();
    CLEANUP(pairs) struct pairs others = {0};
    struct pairs *facts = &evidence->stages[stage]->facts;
    for (size_t i = 0; i < facts->count; i++) {
        if (!str_equal(facts->items[i].name, name))
            pairs_set(&others, facts->items[i].name, facts->items[i].value);
    }
    if (value)
        pairs_set(&others, name, value);
    pairs_free(facts);
    pairs_copy(facts, &others);
    write_evidence(evidence);
}

START_TEST(a_way_back_leads_to_a_golden_that_is_kept_and_has_recorded_predictions)
{
    char *folder = enter_promised();
    const struct measured drill[] = {RESTORED, ANSWERED, RULES, {0}};
    CLEANUP(result) struct result *first = verify_only(STAGE_REPLAY);
    put_stage(STAGE_ROLLBACK, drill);
    expect_answer("9 way back", VERDICT_FAIL, "no earlier golden is kept");
    put("factor.json", "{\"factor\": 2}\n");
    record("there is one to go back to");
    CLEANUP(result) struct result *second = verify_only(STAGE_REPLAY);
    put_stage(STAGE_ROLLBACK, drill);
    expect_answer("9 way back", VERDICT_PASS, "restored elsewhere");
    set_fact(STAGE_ROLLBACK, "recorded", NULL);
    expect_answer("9 way back", VERDICT_SKIP, "has no recorded predictions");
    put_stage(STAGE_ROLLBACK, drill);
    set_fact(STAGE_ROLLBACK, "golden", "abcd");
    expect_answer("9 way back", VERDICT_SKIP, "the golden of the drill, abcd, is not kept any more");
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_not_declared_is_a_no_that_points_at_suite_json)
{
    char *folder = enter_promised();
    CLEANUP(buf) struct buf whole = {0};
    struct error err = {0};
    ck_ok(fs_read(&whole, "suites/sums/suite.json", 0, &err), &err);
    for (size_t i = 0; i < ARRAY_LEN(undeclared); i++) {
        put("suites/sums/suite.json", whole.data);
        edit("suites/sums/suite.json", undeclared[i].from, undeclared[i].to);
        CLEANUP(result) struct result *result = ready(0);
        const struct check *check =
            expect_check(result, STAGE_READY, undeclared[i].question, VERDICT_FAIL, undeclared[i].part);
        ck_assert_str_eq(check->file, "suites/sums/suite.json");
        ck_assert_int_eq(result_exit_status(result), 0);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_required_answer_that_is_not_yes_fails)
{
    char *folder = enter_recorded("");
    CLEANUP(result) struct result *before = ready(1u << 2);
    const struct check *check = expect_check(before, STAGE_READY, "2 same result", VERDICT_FAIL, "not known: ");
    ck_assert(!check->advisory);
    ck_assert_int_eq(result_exit_status(before), 1);
    CLEANUP(result) struct result *verified = verify();
    CLEANUP(result) struct result *after = ready(1u << 2);
    expect_check(after, STAGE_READY, "2 same result", VERDICT_PASS, "came out 1 time");
    ck_assert_int_eq(result_exit_status(after), 0);
    leave_folder(folder);
}
END_TEST

static const struct evidence_stage *stage_of(struct evidence *evidence, enum stage stage)
{
    ck_assert_ptr_nonnull(evidence->stages[stage]);
    return evidence->stages[stage];
}

// Without a trace, nobody knows what else training reads.
START_TEST(an_untraced_run_leaves_the_first_question_open)
{
    char *folder = enter_recorded("");
    sh("git init -q . && commit first");
    CLEANUP(result) struct result *verified = verify();
    expect_answer("1 provenance", VERDICT_SKIP, "whether training reads more than is declared");
    leave_folder(folder);
}
END_TEST

START_TEST(only_what_ran_whole_is_kept)
{
    char *folder = enter_recorded("");
    CLEANUP(result) struct result *part = verify_only(STAGE_METRICS);
    CLEANUP(evidence) struct evidence *evidence = read_evidence();
    stage_of(evidence, STAGE_METRICS);
    ck_assert_ptr_null(evidence->stages[STAGE_ARTIFACTS]);
    ck_assert_ptr_null(evidence->stages[STAGE_INPUTS]);
    ck_assert_uint_eq(stage_of(evidence, STAGE_REPLAY)->passes, 0);
    expect_answer("2 same result", VERDICT_SKIP, "was not held against golden");
    CLEANUP(result) struct result *untrained = verify_only(STAGE_INPUTS);
    CLEANUP(evidence) struct evidence *again = read_evidence();
    ck_assert_ptr_null(again->stages[STAGE_INPUTS]); // its half that needs no training
    leave_folder(folder);
}
END_TEST

START_TEST(other_files_than_the_work_tree_leave_no_evidence)
{
    char *folder = enter_recorded("");
    sh("git init -q . && commit first");
    CLEANUP(result) struct result *head = run_verb((struct session_options){.at = SOURCE_HEAD}, false, NULL);
    CLEANUP(result) struct result *golden = run_verb((struct session_options){.at = SOURCE_GOLDEN}, false, NULL);
    expect_status(head, 0);
    expect_status(golden, 0);
    ck_assert(!fs_exists(path));
    leave_folder(folder);
}
END_TEST

// A stop before the first stage leaves nothing; here it is marked in the middle of one.
START_TEST(what_was_stopped_is_an_error_and_never_a_pass)
{
    char *folder = enter_recorded("");
    CLEANUP(result) struct result *verified = verify();
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(manifest) struct manifest *golden = NULL;
    CLEANUP(result) struct result *result = result_new("repro verify");
    struct digest document;
    struct error err = {0};
    ck_ok(suite_load(&suite, ".", "sums", &err), &err);
    ck_ok(golden_load(&golden, ".", "sums", "any", &err), &err);
    ck_ok(identity_document(&document, ".", "sums", &err), &err);
    result_add(result, "sums", STAGE_METRICS, "total", VERDICT_PASS);
    struct evidence_source source = {.suite = suite,
                                     .golden = golden,
                                     .now = golden,
                                     .document = &document,
                                     .result = result,
                                     .whole = 1u << STAGE_ARTIFACTS,
                                     .cut = 1u << STAGE_METRICS | 1u << STAGE_REPLAY};
    ck_ok(evidence_keep(session, &source, &err), &err);
    CLEANUP(evidence) struct evidence *evidence = read_evidence();
    ck_assert_int_eq(evidence_verdict(stage_of(evidence, STAGE_METRICS)), VERDICT_ERROR);
    ck_assert_int_eq(evidence_verdict(stage_of(evidence, STAGE_REPLAY)), VERDICT_ERROR);
    ck_assert_uint_eq(stage_of(evidence, STAGE_REPLAY)->passes, 1); // of before
    ck_assert_ptr_null(evidence->stages[STAGE_ARTIFACTS]);          // it ran, and there was nothing to check
    expect_answer("2 same result", VERDICT_SKIP, "stopped before every check was made");
    leave_folder(folder);
}
END_TEST

// What cannot be kept is said, and the verdict stands.
START_TEST(evidence_that_cannot_be_kept_is_a_warning)
{
    char *folder = enter_recorded("");
    put(".repro/evidence", "in the way\n");
    CLEANUP(result) struct result *result = verify();
    ck_assert_int_eq(result_exit_status(result), 0);
    bool warned = false;
    for (size_t i = 0; i < result->check_count; i++) {
        const struct check *check = &result->checks[i];
        for (size_t n = 0; n < check->note_count; n++)
            warned = warned || strstr(check->notes[n].text, "could not be kept as evidence");
    }
    ck_assert(warned);
    expect_answer("2 same result", VERDICT_SKIP, "");
    leave_folder(folder);
}
END_TEST

START_TEST(two_at_once_lose_nothing)
{
    char *folder = enter_recorded("");
    CLEANUP(result) struct result *first = verify();
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(manifest) struct manifest *golden = NULL;
    struct digest document;
    struct error err = {0};
    enum { TIMES = 10, AT_ONCE = 4 };
    ck_ok(suite_load(&suite, ".", "sums", &err), &err);
    ck_ok(golden_load(&golden, ".", "sums", "any", &err), &err);
    ck_ok(identity_document(&document, ".", "sums", &err), &err);
    const struct evidence_source source = {
        .suite = suite,
        .golden = golden,
        .now = golden,
        .document = &document,
        .result = first,
        .whole = 1u << STAGE_REPLAY | 1u << STAGE_ARTIFACTS | 1u << STAGE_METRICS,
    };
    fflush(NULL);
    for (int i = 0; i < AT_ONCE; i++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        for (int n = 0; child == 0 && n < TIMES; n++) {
            if (evidence_keep(session, &source, &err) < 0)
                _exit(1);
        }
        if (child == 0)
            _exit(0);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        int status = 0;
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    CLEANUP(evidence) struct evidence *evidence = read_evidence();
    ck_assert_uint_eq(stage_of(evidence, STAGE_REPLAY)->passes, 1 + TIMES * AT_ONCE);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("ready", each_question_says_yes_no_and_not_known,
          a_way_back_leads_to_a_golden_that_is_kept_and_has_recorded_predictions,
          what_is_not_declared_is_a_no_that_points_at_suite_json, a_required_answer_that_is_not_yes_fails,
          an_untraced_run_leaves_the_first_question_open, only_what_ran_whole_is_kept,
          other_files_than_the_work_tree_leave_no_evidence, what_was_stopped_is_an_error_and_never_a_pass,
          evidence_that_cannot_be_kept_is_a_warning, two_at_once_lose_nothing)
