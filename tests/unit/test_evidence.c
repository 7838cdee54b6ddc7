// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "core/evidence.h"
#include "corpus.h"
#include "schema.h"
#include "unit.h"

static const char path[] = ".repro/evidence/churn.json";

static char *written(const struct evidence *evidence)
{
    struct buf text = {0};
    evidence_write(&text, evidence);
    return buf_take(&text);
}

static struct evidence_stage *begin(struct evidence *evidence, enum stage stage)
{
    struct evidence_stage *record = evidence_begin(evidence, stage);
    record->when = 1795000000;
    memset(record->golden.bytes, 0x11, sizeof record->golden.bytes);
    memset(record->inputs.bytes, 0x22, sizeof record->inputs.bytes);
    record->class_name = str_dup("any");
    record->version = str_dup("0.1.0");
    return record;
}

static struct result *mixed(void)
{
    struct result *result = result_new("repro verify churn");
    check_reason(result_add(result, "churn", STAGE_FUZZ, "cases", VERDICT_PASS), "2000 cases");
    check_reason(result_add(result, "churn", STAGE_FUZZ, "hang", VERDICT_SKIP), "not asked");
    check_reason(result_add(result, "churn", STAGE_FUZZ, "nan: age", VERDICT_FAIL), "answered NaN");
    check_reason(result_add(result, "churn", STAGE_PARITY, "stream, batch", VERDICT_FAIL), "another stage");
    check_reason(result_add(result, "other", STAGE_FUZZ, "crash", VERDICT_ERROR), "another suite");
    result_add(result, "churn", STAGE_FUZZ, "crash", VERDICT_PASS);
    return result;
}

START_TEST(a_stage_is_taken_from_a_result_with_the_worst_first)
{
    CLEANUP(result) struct result *result = mixed();
    CLEANUP(evidence) struct evidence *evidence = evidence_new("churn");
    struct evidence_stage *record = begin(evidence, STAGE_FUZZ);
    evidence_take(record, result, "churn", STAGE_FUZZ);
    ck_assert_uint_eq(record->check_count, 4);
    ck_assert_str_eq(record->checks[0].name, "nan: age");
    ck_assert_str_eq(record->checks[0].reason, "answered NaN");
    ck_assert_str_eq(record->checks[1].name, "hang");
    ck_assert_str_eq(record->checks[2].name, "cases");
    ck_assert_ptr_null(record->checks[3].reason);
    ck_assert_uint_eq(record->counts[VERDICT_PASS], 2);
    ck_assert_int_eq(evidence_verdict(record), VERDICT_FAIL);
    ck_assert_ptr_eq(evidence_worst(record), &record->checks[0]);
    ck_assert_ptr_eq(evidence_find(record, "cases"), &record->checks[2]);
    ck_assert_ptr_null(evidence_find(record, "case"));
}
END_TEST

START_TEST(the_verdict_is_that_of_the_worst_check)
{
    static const struct {
        size_t counts[4];
        enum verdict verdict;
    } cases[] = {
        {{3, 0, 0, 0}, VERDICT_PASS}, {{3, 1, 0, 0}, VERDICT_FAIL},  {{3, 0, 2, 0}, VERDICT_PASS},
        {{0, 0, 2, 0}, VERDICT_SKIP}, {{3, 1, 1, 1}, VERDICT_ERROR}, {{0, 0, 0, 0}, VERDICT_SKIP},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct evidence_stage record = {0};
        memcpy(record.counts, cases[i].counts, sizeof record.counts);
        ck_assert_int_eq(evidence_verdict(&record), cases[i].verdict);
    }
}
END_TEST

START_TEST(of_many_checks_those_that_need_somebody_are_kept)
{
    CLEANUP(result) struct result *result = result_new("repro verify churn");
    CLEANUP(evidence) struct evidence *evidence = evidence_new("churn"), *read = NULL;
    CLEANUP(error) struct error err = {0};
    for (int i = 0; i < EVIDENCE_CHECKS + 50; i++) {
        CLEANUP(free) char *name = str_printf("check %d", i);
        result_add(result, "churn", STAGE_FUZZ, name, i % 100 == 99 ? VERDICT_FAIL : VERDICT_PASS);
    }
    struct evidence_stage *record = begin(evidence, STAGE_FUZZ);
    evidence_take(record, result, "churn", STAGE_FUZZ);
    ck_assert_uint_eq(record->check_count, EVIDENCE_CHECKS);
    ck_assert_str_eq(record->checks[0].name, "check 99");
    ck_assert_str_eq(record->checks[1].name, "check 199");
    ck_assert_uint_eq(record->counts[VERDICT_PASS], EVIDENCE_CHECKS + 48);
    CLEANUP(free) char *text = written(evidence);
    ck_ok(evidence_parse(&read, path, text, strlen(text), &err), &err);
}
END_TEST

START_TEST(a_long_reason_is_cut_between_characters)
{
    CLEANUP(result) struct result *result = result_new("repro verify churn");
    CLEANUP(evidence) struct evidence *evidence = evidence_new("churn");
    CLEANUP(buf) struct buf text = {0};
    buf_putc(&text, '.');
    for (int i = 0; i < 1000; i++)
        buf_puts(&text, "ß");
    check_reason(result_add(result, "churn", STAGE_FUZZ, "cases", VERDICT_FAIL), "%s", text.data);
    struct evidence_stage *record = begin(evidence, STAGE_FUZZ);
    evidence_take(record, result, "churn", STAGE_FUZZ);
    size_t len = strlen(record->checks[0].reason);
    ck_assert_uint_lt(len, 1010);
    ck_assert(str_is_utf8(record->checks[0].reason, len, NULL));
    ck_assert(str_ends(record->checks[0].reason, "ß…"));
}
END_TEST

START_TEST(begun_again_a_stage_is_empty_and_forgotten_it_is_gone)
{
    CLEANUP(result) struct result *result = mixed();
    CLEANUP(evidence) struct evidence *evidence = evidence_new("churn");
    struct evidence_stage *record = begin(evidence, STAGE_FUZZ);
    evidence_take(record, result, "churn", STAGE_FUZZ);
    pairs_set(&record->facts, "cases", "2000");
    record = evidence_begin(evidence, STAGE_FUZZ);
    ck_assert(record->check_count == 0 && record->facts.count == 0 && !record->class_name);
    evidence_forget(evidence, STAGE_FUZZ);
    evidence_forget(evidence, STAGE_LOG);
    ck_assert_ptr_null(evidence->stages[STAGE_FUZZ]);
}
END_TEST

static struct evidence *whole(void)
{
    CLEANUP(result) struct result *result = mixed();
    struct evidence *evidence = evidence_new("churn");
    struct evidence_stage *record = begin(evidence, STAGE_FUZZ);
    evidence_take(record, result, "churn", STAGE_FUZZ);
    pairs_set(&record->facts, "cases", "2000");
    pairs_set(&record->facts, "families", "9 of 10");
    result_add(result, "churn", STAGE_REPLAY, "training", VERDICT_PASS);
    record = begin(evidence, STAGE_REPLAY);
    evidence_take(record, result, "churn", STAGE_REPLAY);
    record->passes = UINT64_MAX;
    record->last_pass = 1794999999;
    return evidence;
}

START_TEST(what_was_written_reads_back_to_the_same_bytes)
{
    CLEANUP(evidence) struct evidence *evidence = whole(), *read = NULL;
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *first = written(evidence);
    ck_ok(evidence_parse(&read, path, first, strlen(first), &err), &err);
    CLEANUP(free) char *second = written(read);
    ck_assert_str_eq(first, second);
    const struct evidence_stage *replay = read->stages[STAGE_REPLAY], *fuzz = read->stages[STAGE_FUZZ];
    ck_assert(replay->passes == UINT64_MAX && replay->last_pass == 1794999999 && replay->when == 1795000000);
    ck_assert(digest_equal(&replay->golden, &evidence->stages[STAGE_REPLAY]->golden));
    ck_assert_str_eq(pairs_get(&fuzz->facts, "families"), "9 of 10");
    ck_assert_ptr_null(read->stages[STAGE_LOG]);
}
END_TEST

static const struct {
    const char *from, *to, *message;
} faults[] = {
    {"\"format\": 1", "\"format\": 2", "this evidence was written by a newer repro (format 2); update repro"},
    {"\"suite\": \"churn\"", "\"suite\": \"../x\"", "suite: expected the name of a suite"},
    {"\"replay\": {", "\"replays\": {", "there is no stage of this name"},
    {"\"when\": 1795000000", "\"when\": -5", "stages.replay.when: expected a whole number"},
    {"\"when\": 1795000000", "\"when\": 1e15", "stages.replay.when: expected seconds since 1970"},
    {"\"when\": 1795000000,", "", "stages.replay.when: this key is required"},
    {"\"verdict\": \"fail\"", "\"verdict\": \"pass\"", "the checks give \"fail\""},
    {"\"golden\": \"1", "\"golden\": \"x", "expected a SHA-256"},
    {"\"class\": \"any\"", "\"class\": \"\"", "class"},
    {"\"passes\": \"18446744073709551615\",", "", "\"passes\", at least 1, and \"last_pass\" go together"},
    {"\"passes\": \"18446744073709551615\"", "\"passes\": 0", "\"passes\", at least 1"},
    {"\"last_pass\"", "\"last_past\"", "did you mean 'last_pass'?"},
    {"\"fail\": 1", "\"fail\": 2", "the checks are not those that \"counts\" tells"},
    {"\"pass\": 2", "\"pass\": 1", "the checks are not those that \"counts\" tells"},
    {"\"fail\": 1", "\"fail\": 1e12", "expected a number of checks"},
    {"\"verdict\": \"skip\"", "\"verdict\": \"skipped\"", "'skipped' is unknown"},
    {"\"cases\": \"2000\"", "\"cases\": 2000", "facts.cases"},
    {"\"reason\": \"2000 cases\"", "\"reason\": \"2000 cases\", \"x\": 1", "unknown key 'x'"},
};

START_TEST(a_damaged_document_is_refused_with_its_place)
{
    CLEANUP(evidence) struct evidence *evidence = whole();
    CLEANUP(free) char *good = written(evidence);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        CLEANUP(evidence) struct evidence *read = NULL;
        CLEANUP(error) struct error err = {0};
        const char *at = strstr(good, faults[i].from);
        ck_assert_msg(at != NULL, "case %zu: no %s", i, faults[i].from);
        CLEANUP(free)
        char *bad = str_printf("%.*s%s%s", (int)(at - good), good, faults[i].to, at + strlen(faults[i].from));
        ck_assert_msg(evidence_parse(&read, path, bad, strlen(bad), &err) == -1, "case %zu", i);
        ck_assert_ptr_null(read);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, faults[i].message);
    }
}
END_TEST

START_TEST(cut_anywhere_it_is_refused)
{
    CLEANUP(evidence) struct evidence *evidence = whole();
    CLEANUP(free) char *good = written(evidence);
    for (size_t len = 0; len + 2 < strlen(good); len += 7) {
        CLEANUP(error) struct error err = {0};
        struct evidence *read = NULL;
        ck_assert_int_eq(evidence_parse(&read, path, good, len, &err), -1);
    }
}
END_TEST

START_TEST(the_schema_says_what_the_code_reads)
{
    schema_match_file("evidence.schema.json", evidence_fields());
}
END_TEST

static int parse(const char *text, size_t len, struct error *err)
{
    struct evidence *evidence = NULL;
    int status = evidence_parse(&evidence, path, text, len, err);
    evidence_free(evidence);
    return status;
}

START_TEST(the_examples_are_accepted_and_refused)
{
    corpus_check("evidence", parse);
}
END_TEST

UNIT_MAIN("evidence", a_stage_is_taken_from_a_result_with_the_worst_first, the_verdict_is_that_of_the_worst_check,
          of_many_checks_those_that_need_somebody_are_kept, a_long_reason_is_cut_between_characters,
          begun_again_a_stage_is_empty_and_forgotten_it_is_gone, what_was_written_reads_back_to_the_same_bytes,
          a_damaged_document_is_refused_with_its_place, cut_anywhere_it_is_refused, the_schema_says_what_the_code_reads,
          the_examples_are_accepted_and_refused)
