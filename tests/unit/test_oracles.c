// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "fuzz/leak.h"
#include "fuzz/learnt.h"
#include "unit.h"
#include "unit_cases.h"

enum { MOST_ROWS = 8 };

// One exchange: the case is made of choices, the answers are numbers.
struct asked_once {
    struct fuzz_case c;
    struct reply reply;
    struct answer answers[MOST_ROWS], clean[MOST_ROWS];
    struct fuzz_rules rules;
    struct exchange x;
};

static const struct mutation *the_mutation(const char *name)
{
    const struct mutation *mutation = mutation_find(name);
    ck_assert_msg(mutation != NULL, "%s", name);
    return mutation;
}

// The simplest case of the mutation with at least so many rows; each is answered as its clean row was.
static void begin(struct asked_once *a, const char *mutation, size_t column, size_t rows)
{
    static struct case_space space;
    uint64_t values[8] = {0}, first[2];
    size_t count, at = 0;
    *a = (struct asked_once){.reply = {.kind = REPLY_ANSWERED}};
    space = sample_space(API);
    while (mutation_at(at) != the_mutation(mutation))
        at++;
    for (size_t i = 0; case_pair(first, &count, &a->c, &space, i); i++) {
        if (first[0] != at + 1 || (count == 2 && first[1] != column))
            continue;
        memcpy(values, first, sizeof first);
        for (size_t more = 0; more <= MOST_ROWS; more++) {
            values[count] = more;
            choices_replay(&a->c.choices, values, 8);
            case_make(&a->c, &space, &a->c.choices);
            if (a->c.row_count >= rows)
                break;
        }
        break;
    }
    ck_assert_ptr_eq(a->c.mutation, the_mutation(mutation));
    ck_assert_uint_ge(a->c.row_count, rows);
    ck_assert_uint_le(a->c.row_count, MOST_ROWS);
    for (size_t i = 0; i < MOST_ROWS; i++)
        a->clean[i] = (struct answer){.kind = ANSWER_NUMBER, .number = 10 + (double)i};
    for (size_t i = 0; i < a->c.row_count; i++)
        a->answers[i] = a->clean[a->c.sources ? a->c.sources[i] : i];
    a->reply.answers = a->answers;
    a->reply.count = a->c.row_count;
    a->x = (struct exchange){
        .c = &a->c, .reply = &a->reply, .clean = a->clean, .rules = &a->rules, .schema = &sample_schema};
}

static void expect(struct asked_once *a, const char *oracle, const char *part)
{
    char *why = NULL;
    const struct oracle *broken = oracles_judge(&why, &a->x);
    ck_assert_msg(str_equal(broken ? broken->name : NULL, oracle), "%s: %s instead of %s",
                  a->c.mutation ? a->c.mutation->name : "clean", broken ? broken->name : "none",
                  oracle ? oracle : "none");
    if (oracle)
        ck_assert_msg(strstr(why, part) != NULL, "'%s' in '%s'", part, why);
    free(why);
}

static void end(struct asked_once *a)
{
    case_free(&a->c);
}

START_TEST(the_table_has_twenty_oracles_in_order)
{
    ck_assert_uint_eq(oracle_count, 20);
    for (size_t i = 0; i < oracle_count; i++) {
        ck_assert_int_eq(oracles[i].number, i + 1);
        ck_assert_ptr_eq(oracle_find(oracles[i].name), &oracles[i]);
        ck_assert_ptr_eq(oracle_at(oracles[i].number), &oracles[i]);
        ck_assert_uint_gt(strlen(oracles[i].says), 10);
    }
    ck_assert_ptr_null(oracle_find("crashes"));
}
END_TEST

START_TEST(what_ended_the_process_is_told_first)
{
    struct asked_once a;
    begin(&a, "missing.null", 0, 1);
    expect(&a, NULL, NULL);
    a.reply = (struct reply){.kind = REPLY_CRASHED, .why = OWN("ended by signal 6")};
    expect(&a, "crash", "signal 6");
    a.reply.kind = REPLY_HUNG;
    expect(&a, "hang", "signal 6");
    a.reply.kind = REPLY_FAILED;
    expect(&a, "status", "signal 6");
    a.reply.kind = REPLY_UNREADABLE;
    expect(&a, "unreadable", "signal 6");
    a.reply.kind = REPLY_REJECTED;
    expect(&a, NULL, NULL); // clearly
    end(&a);
}
END_TEST

START_TEST(rows_and_answers_must_be_as_many)
{
    struct asked_once a;
    begin(&a, "rows.shuffled", SIZE_MAX, 3);
    expect(&a, NULL, NULL);
    a.reply.count--;
    expect(&a, "count", "answers to");
    a.reply.count++;
    // As if the rows had not been shuffled.
    memcpy(a.answers, a.clean, sizeof a.answers);
    expect(&a, "count", "another order");
    end(&a);
}
END_TEST

START_TEST(the_order_of_rows_may_not_matter)
{
    struct asked_once a;
    begin(&a, "rows.shuffled", SIZE_MAX, 3);
    a.answers[1].number += 0.5;
    expect(&a, "order", "instead of");
    a.rules.order_abs = 1;
    expect(&a, NULL, NULL);
    end(&a);
}
END_TEST

START_TEST(together_is_as_alone)
{
    struct asked_once a;
    begin(&a, "rows.duplicated", SIZE_MAX, 3);
    expect(&a, NULL, NULL);
    a.answers[2].number *= 1 + 1e-8; // sums are rounded in another way
    expect(&a, NULL, NULL);
    a.answers[2].number += 0.5;
    expect(&a, "batch", "row 3");
    a.rules.batch_rel = 0.1;
    expect(&a, NULL, NULL);
    a.reply = (struct reply){.kind = REPLY_REJECTED, .why = OWN("no")};
    expect(&a, "batch", "refused together");
    end(&a);
}
END_TEST

START_TEST(a_bad_row_may_not_change_its_neighbours)
{
    struct asked_once a;
    begin(&a, "rows.poisoned", 0, 3);
    expect(&a, NULL, NULL);
    a.answers[a.c.poisoned].kind = ANSWER_REJECTED;
    expect(&a, NULL, NULL);
    a.answers[a.c.poisoned == 0].kind = ANSWER_REJECTED;
    expect(&a, "neighbours", "a rejection");
    a.reply = (struct reply){.kind = REPLY_REJECTED, .why = OWN("no")};
    expect(&a, NULL, NULL); // all of it, clearly
    end(&a);
}
END_TEST

START_TEST(another_encoding_has_the_same_answer)
{
    struct asked_once a;
    begin(&a, "columns.shuffled", SIZE_MAX, 1);
    expect(&a, NULL, NULL);
    a.answers[0].number = 11;
    expect(&a, "encodings", "answered 11 instead of 10");
    a.answers[0] = (struct answer){.kind = ANSWER_REJECTED, .text = "no", .len = 2};
    expect(&a, "encodings", "a rejection");
    a.clean[0].kind = ANSWER_REJECTED;
    expect(&a, NULL, NULL); // as is the clean row
    end(&a);
}
END_TEST

START_TEST(a_suite_says_what_is_accepted)
{
    static const struct {
        const char *mutation;
        enum expectation expect;
        const char *answered, *refused;
    } rows[] = {
        {"missing.null", EXPECT_EITHER, NULL, NULL},
        {"missing.null", EXPECT_ACCEPT, NULL, "status"},
        {"missing.null", EXPECT_REJECT, "status", NULL},
        {"missing.null", EXPECT_FALLBACK, NULL, NULL},
        {"numbers.maximum", EXPECT_EITHER, NULL, "status"},
        {"numbers.maximum", EXPECT_REJECT, "status", NULL},
        {"numbers.maximum", EXPECT_FALLBACK, NULL, NULL},
        {"wire.bad_token", EXPECT_EITHER, "status", NULL},
        {"wire.bad_token", EXPECT_ACCEPT, NULL, "status"},
        {"columns.shuffled", EXPECT_REJECT, "status", NULL},
        {"columns.shuffled", EXPECT_EITHER, NULL, "encodings"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked_once a;
        struct expect_rule rule = {.mutation = OWN("*"), .column = OWN("*"), .expect = rows[i].expect};
        begin(&a, rows[i].mutation, 0, 1);
        a.rules.expects = &rule;
        a.rules.expect_count = rows[i].expect != EXPECT_EITHER;
        expect(&a, rows[i].answered, "");
        a.reply = (struct reply){.kind = REPLY_REJECTED, .why = OWN("no")};
        expect(&a, rows[i].refused, "no");
        end(&a);
    }
}
END_TEST

START_TEST(declared_columns_are_held_to_it)
{
    struct asked_once a;
    begin(&a, "numbers.above", 2, 1); // larger than before
    sample_columns[2].monotone = 1;
    expect(&a, NULL, NULL);
    a.answers[0].number = 9;
    expect(&a, "monotone", "price went from");
    sample_columns[2].monotone = -1;
    expect(&a, NULL, NULL);
    sample_columns[2].monotone = 0;
    sample_columns[2].invariant = true;
    expect(&a, "invariance", "answered 9 instead of 10");
    sample_columns[2].invariant = false;
    end(&a);
}
END_TEST

// ---- Answers

static const double none[] = {0.25, NAN}, half[] = {0.5, 0.5}, most[] = {0.5, 0.75}, three[] = {0.25, 0.25, 0.5};
#define NUMBER(value)                                                                                                  \
    {                                                                                                                  \
        .kind = ANSWER_NUMBER, .number = (value)                                                                       \
    }
#define TEXT(value)                                                                                                    \
    {                                                                                                                  \
        .kind = ANSWER_TEXT, .text = (value), .len = sizeof(value) - 1                                                 \
    }
#define LIST(value)                                                                                                    \
    {                                                                                                                  \
        .kind = ANSWER_LIST, .numbers = (value), .number_count = ARRAY_LEN(value)                                      \
    }

static void expect_answer(const struct learnt *learnt, const struct schema *schema, struct answer answer, int number)
{
    char *why = NULL;
    CLEANUP(free) char *text = answer_text(&answer);
    ck_assert_msg((int)learnt_judge(&why, learnt, schema, &answer) == number, "%s: not %d but '%s'", text, number,
                  why ? why : "good");
    ck_assert_int_eq(!why, number == 0);
    free(why);
}

START_TEST(declared_answers_are_held_to_it)
{
    char *words[] = {OWN("no"), OWN("yes"), OWN("2")};
    struct schema schema = {.output = {.type = OUTPUT_NUMBER, .min = 0, .max = 10}};
    expect_answer(NULL, &schema, (struct answer)NUMBER(3), 0);
    expect_answer(NULL, &schema, (struct answer)NUMBER(-1), ORACLE_RANGE);
    expect_answer(NULL, &schema, (struct answer)NUMBER(NAN), ORACLE_NAN);
    expect_answer(NULL, &schema, (struct answer)NUMBER(-INFINITY), ORACLE_NAN);
    expect_answer(NULL, &schema, (struct answer){.kind = ANSWER_NULL}, ORACLE_NAN);
    expect_answer(NULL, &schema, (struct answer)TEXT("nan"), ORACLE_NAN);
    expect_answer(NULL, &schema, (struct answer)TEXT("3"), ORACLE_UNREADABLE);
    expect_answer(NULL, &schema, (struct answer)LIST(half), ORACLE_UNREADABLE);
    schema.output.type = OUTPUT_CLASS;
    schema.output.classes = (struct strings){.items = words, .count = 3};
    expect_answer(NULL, &schema, (struct answer)TEXT("yes"), 0);
    expect_answer(NULL, &schema, (struct answer)NUMBER(2), 0);
    expect_answer(NULL, &schema, (struct answer)TEXT("maybe"), ORACLE_RANGE);
    expect_answer(NULL, &schema, (struct answer)TEXT("None"), ORACLE_NAN);
    expect_answer(NULL, &schema, (struct answer)LIST(half), ORACLE_UNREADABLE);
    schema.output.type = OUTPUT_PROBABILITIES;
    schema.output.min = schema.output.max = NAN;
    expect_answer(NULL, &schema, (struct answer)LIST(half), 0);
    expect_answer(NULL, &schema, (struct answer)LIST(most), ORACLE_RANGE);
    expect_answer(NULL, &schema, (struct answer)LIST(none), ORACLE_NAN);
    expect_answer(NULL, &schema, (struct answer)NUMBER(1.5), ORACLE_RANGE);
    expect_answer(NULL, &schema, (struct answer)TEXT("yes"), ORACLE_UNREADABLE);
}
END_TEST

START_TEST(answers_to_clean_rows_are_learnt_from)
{
    struct schema schema = {.output = {.min = NAN, .max = NAN}};
    struct learnt learnt = {0};
    for (int i = 0; i < 60; i++)
        learnt_add(&learnt, i % 3 ? &(struct answer)TEXT("yes") : &(struct answer)TEXT("no"));
    learnt_settle(&learnt, &schema);
    CLEANUP(free) char *text = learnt_text(&learnt, &schema);
    ck_assert_str_eq(text, "class: no, yes (learnt from 60 answers to clean rows)");
    expect_answer(&learnt, &schema, (struct answer)TEXT("no"), 0);
    expect_answer(&learnt, &schema, (struct answer)TEXT("maybe"), ORACLE_RANGE);
    expect_answer(&learnt, &schema, (struct answer)NUMBER(1), ORACLE_UNREADABLE);
    learnt_add(&learnt, &(struct answer)TEXT("rare")); // then there may be others, too
    learnt_settle(&learnt, &schema);
    expect_answer(&learnt, &schema, (struct answer)TEXT("maybe"), 0);
    learnt_free(&learnt);

    for (int i = 0; i < 10; i++)
        learnt_add(&learnt, &(struct answer)LIST(half));
    learnt_settle(&learnt, &schema);
    expect_answer(&learnt, &schema, (struct answer)LIST(most), ORACLE_RANGE);
    expect_answer(&learnt, &schema, (struct answer)LIST(three), ORACLE_UNREADABLE);
    learnt_free(&learnt);

    for (int i = 0; i < 10; i++) // of a range nothing is learnt
        learnt_add(&learnt, &(struct answer)NUMBER(1));
    learnt_settle(&learnt, &schema);
    expect_answer(&learnt, &schema, (struct answer)NUMBER(1e6), 0);
    expect_answer(&learnt, &schema, (struct answer){.kind = ANSWER_BOOL}, ORACLE_UNREADABLE);
    learnt_free(&learnt);
}
END_TEST

START_TEST(answers_agree_within_what_is_allowed)
{
    const struct answer one = NUMBER(1), near = NUMBER(1.0001), nan = NUMBER(NAN), yes = TEXT("yes"), no = TEXT("no");
    const struct answer list = LIST(half), other = LIST(most), truth = {.kind = ANSWER_BOOL, .number = 1};
    const struct answer refused = {.kind = ANSWER_REJECTED, .text = "a", .len = 1}, again = {.kind = ANSWER_REJECTED};
    ck_assert(answers_agree(&one, &one, 0, 0) && answers_agree(&nan, &nan, 0, 0) && answers_agree(&yes, &yes, 0, 0));
    ck_assert(!answers_agree(&one, &near, 0, 0) && answers_agree(&one, &near, 0, 0.001));
    ck_assert(answers_agree(&one, &near, 0.001, 0) && !answers_agree(&one, &nan, 1, 1));
    ck_assert(!answers_agree(&yes, &no, 1, 1) && !answers_agree(&one, &truth, 1, 1));
    ck_assert(answers_agree(&list, &list, 0, 0) && !answers_agree(&list, &other, 0.1, 0.1));
    ck_assert(answers_agree(&list, &other, 0.5, 0) && answers_agree(&refused, &again, 0, 0));
}
END_TEST

START_TEST(a_leak_is_what_was_not_sent)
{
    static const struct {
        const char *text, *sent, *what;
    } rows[] = {
        {"{\"error\": \"Traceback (most recent call last):\\n\"}", "", "a traceback"},
        {"{\"error\": \"  File \\\"m.py\\\", line 3, in f\"}", "", "a traceback"},
        {"{\"error\": \"no such file: /srv/models/a.pkl\"}", "", "a path"},
        {"{\"error\": \"C:\\\\Users\\\\me\"}", "", "a path"},
        {"{\"error\": \"unknown city '/etc/passwd'\"}", "{\"city\": \"/etc/passwd\"}", NULL},
        {"{\"error\": \"age must be a number\"}", "", NULL},
        {"{\"prediction\": 1.5, \"unit\": \"km/h\"}", "", NULL},
        {"{\"error\": \"see https://example.org/home/help\"}", "", NULL},
        {"either/or (at most 3)", "", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct leak leak = {0};
        size_t len = strlen(rows[i].text);
        bool found = leak_is_possible(rows[i].text, len) &&
                     leak_find(&leak, rows[i].text, len, rows[i].sent, strlen(rows[i].sent));
        ck_assert_msg(str_equal(found ? leak.what : NULL, rows[i].what), "%s", rows[i].text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_table_has_twenty_oracles_in_order,
                                  what_ended_the_process_is_told_first,
                                  rows_and_answers_must_be_as_many,
                                  the_order_of_rows_may_not_matter,
                                  together_is_as_alone,
                                  a_bad_row_may_not_change_its_neighbours,
                                  another_encoding_has_the_same_answer,
                                  a_suite_says_what_is_accepted,
                                  declared_columns_are_held_to_it,
                                  declared_answers_are_held_to_it,
                                  answers_to_clean_rows_are_learnt_from,
                                  answers_agree_within_what_is_allowed,
                                  a_leak_is_what_was_not_sent};
    sample_begin();
    int failed = unit_run("oracles", tests, ARRAY_LEN(tests));
    sample_end();
    return failed;
}
