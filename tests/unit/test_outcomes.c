// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "drift/outcomes.h"

#include "base/fs.h"
#include "unit.h"

#include <math.h>

static char *folder;
static struct drift_measure measures[] = {{.name = (char *)"rmse"},
                                          {.name = (char *)"cost", .column = (char *)"euro"},
                                          {.name = (char *)"twice", .column = (char *)"euro"}};

static void set_up(void)
{
    folder = unit_folder();
}

static void tear_down(void)
{
    CLEANUP(error) struct error err = {0};
    ck_ok(fs_remove_tree(folder, &err), &err);
    free(folder);
}

static struct drift_rules rules_with(size_t measure_count)
{
    struct drift_rules rules = {.given = true};
    rules.outcomes.given = true;
    rules.outcomes.measures = measures;
    rules.outcomes.measure_count = measure_count;
    return rules;
}

static void begin(struct outcomes *out, const struct drift_rules *rules, bool classes)
{
    CLEANUP(error) struct error err = {0};
    const struct outcomes_options options = {.rules = rules, .target = "y", .classes = classes};
    ck_ok(outcomes_begin(out, &options, &err), &err);
}

static void read_text(struct outcomes *o, const char *name, const char *text)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *path = fs_join(folder, name);
    ck_ok(fs_write_atomic(path, text, strlen(text), &err), &err);
    ck_ok(outcomes_read(o, path, name, &err), &err);
}

static void predict(struct outcomes *o, const char *id, double value)
{
    outcomes_predict(o, id, strlen(id), &value);
}

// Both orders, both formats: a=1→10 c=3→30.
static void check_pairs(bool predictions_first, bool json)
{
    CLEANUP(outcomes) struct outcomes o = {0};
    const struct drift_rules rules = rules_with(3);
    const char *csv = "id,other,y,euro\na,x,10,1.5\nb,x,,2\nc,x,30,\nd,x,40,4\na,x,99,9\ne,x,much,5\n,x,1,1\n";
    const char *lines = "{\"id\": \"a\", \"y\": 10, \"euro\": 1.5}\n{\"id\": \"b\", \"y\": null, \"euro\": 2}\n"
                        "{\"y\": 30, \"id\": \"c\"}\n{\"id\": \"d\", \"y\": 40, \"euro\": 4}\n"
                        "{\"id\": \"a\", \"y\": 99, \"euro\": 9}\n{\"id\": \"e\", \"y\": \"much\"}\n{\"y\": 1}\n";
    begin(&o, &rules, false);
    for (int step = 0; step < 2; step++) {
        if ((step == 0) == predictions_first) {
            predict(&o, "c", 3);
            predict(&o, "a", 1);
            predict(&o, "c", 77);
            predict(&o, "nobody", 5);
        } else {
            read_text(&o, json ? "o.jsonl" : "o.csv", json ? lines : csv);
        }
    }
    outcomes_finish(&o);
    ck_assert_uint_eq(o.count, 2);
    size_t a = o.predicted[0] == 1 ? 0 : 1, c = 1 - a;
    ck_assert(o.predicted[a] == 1 && o.actual[a] == 10 && o.predicted[c] == 3 && o.actual[c] == 30);
    ck_assert_uint_eq(o.column_count, 1);
    ck_assert(o.business[a] == 1.5 && isnan(o.business[c]));
    ck_assert_uint_eq(o.predictions, 4);
    ck_assert_uint_eq(o.rows, 7);
    ck_assert_uint_eq(o.pending, 1);
    ck_assert_uint_eq(o.broken, 2);
    ck_assert_uint_eq(o.repeated_predictions, 1);
    ck_assert_uint_eq(o.repeated_rows, 1);
    ck_assert_uint_eq(o.lone_predictions, 1);
    ck_assert_uint_eq(o.lone_rows, 1); // d
}

START_TEST(pairs_are_found_whichever_side_comes_first)
{
    for (int i = 0; i < 4; i++)
        check_pairs(i & 1, i & 2);
}
END_TEST

START_TEST(classes_are_the_same_however_they_are_spelt)
{
    CLEANUP(outcomes) struct outcomes o = {0};
    const struct drift_rules rules = rules_with(0);
    begin(&o, &rules, true);
    predict(&o, "a", (double)outcomes_class_number(&o, 1));
    predict(&o, "b", (double)outcomes_class(&o, "TRUE", 4));
    predict(&o, "c", (double)outcomes_class(&o, "red", 3));
    read_text(&o, "o.csv", "id,y\na,1.0\nb,true\nc,Red\n");
    outcomes_finish(&o);
    ck_assert_uint_eq(o.count, 3);
    ck_assert(o.predicted[0] == o.actual[0] && o.predicted[1] == o.actual[1]);
    ck_assert(o.predicted[2] != o.actual[2]);
    ck_assert_uint_eq(o.classes.count, 4);
}
END_TEST

START_TEST(probabilities_stay_together)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(outcomes) struct outcomes o = {0};
    const struct drift_rules rules = rules_with(0);
    const struct outcomes_options options = {.rules = &rules, .target = "y", .width = 2, .classes = true};
    ck_ok(outcomes_begin(&o, &options, &err), &err);
    outcomes_predict(&o, "a", 1, (const double[]){0.25, 0.75});
    outcomes_predict(&o, "b", 1, (const double[]){0.5, 0.5});
    outcomes_predict(&o, "c", 1, (const double[]){0.125, 0.875});
    read_text(&o, "o.csv", "y,id\nno,c\nyes,a\n");
    outcomes_finish(&o);
    ck_assert_uint_eq(o.count, 2);
    ck_assert(o.predicted[0] == 0.25 && o.predicted[1] == 0.75 && o.predicted[2] == 0.125 && o.predicted[3] == 0.875);
    ck_assert(o.actual[0] == 1 && o.actual[1] == 0);
}
END_TEST

START_TEST(a_hundred_thousand_are_joined)
{
    CLEANUP(outcomes) struct outcomes o = {0};
    const struct drift_rules rules = rules_with(0);
    CLEANUP(buf) struct buf text = {0};
    enum { MANY = 100000 };
    begin(&o, &rules, false);
    buf_puts(&text, "id,y\n");
    for (int i = 0; i < MANY; i++)
        buf_printf(&text, "r%d,%d\n", i, i * 3);
    read_text(&o, "o.csv", text.data);
    for (int i = MANY - 1; i >= 0; i -= 2) {
        char id[16];
        snprintf(id, sizeof id, "r%d", i);
        predict(&o, id, i);
    }
    outcomes_finish(&o);
    ck_assert_uint_eq(o.count, MANY / 2);
    for (size_t i = 0; i < o.count; i++)
        ck_assert(o.actual[i] == 3 * o.predicted[i]);
    ck_assert_uint_eq(o.lone_rows, MANY / 2);
}
END_TEST

START_TEST(a_row_that_cannot_be_read_is_passed_over)
{
    CLEANUP(outcomes) struct outcomes o = {0};
    const struct drift_rules rules = rules_with(0);
    begin(&o, &rules, false);
    predict(&o, "a", 1);
    predict(&o, "b", 2);
    read_text(&o, "o.jsonl", "{}\n{\"id\": \"x\", \"y\n{\"id\": \"a\", \"y\": 1}\nwhat?\n{\"id\": \"b\", \"y\": 2}\n");
    outcomes_finish(&o);
    ck_assert_uint_eq(o.count, 2);
    ck_assert_uint_eq(o.broken, 3);
    CLEANUP(strings) struct strings told = {0};
    outcomes_tell(&told, &o);
    ck_assert_uint_eq(told.count, 1);
    ck_assert_str_eq(told.items[0], "3 outcomes broken: no id, no number, or a row that cannot be read");
}
END_TEST

START_TEST(a_file_without_the_columns_is_refused)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(outcomes) struct outcomes o = {0};
    CLEANUP(free) char *path = fs_join(folder, "o.csv");
    const struct drift_rules rules = rules_with(2);
    begin(&o, &rules, false);
    ck_ok(fs_write_atomic(path, "id,z\na,1\n", 9, &err), &err);
    ck_assert_int_lt(outcomes_read(&o, path, "o.csv", &err), 0);
    ck_error_has(&err, "has no column 'y'");
    ck_error_has(&err, "has no column 'euro'");
    const struct drift_rules none = {0};
    const struct outcomes_options options = {.rules = &none};
    CLEANUP(error) struct error other = {0};
    CLEANUP(outcomes) struct outcomes without = {0};
    ck_assert_int_lt(outcomes_begin(&without, &options, &other), 0);
    ck_error_has(&other, "drift.outcomes.actual");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pairs_are_found_whichever_side_comes_first,
                                  classes_are_the_same_however_they_are_spelt,
                                  probabilities_stay_together,
                                  a_hundred_thousand_are_joined,
                                  a_row_that_cannot_be_read_is_passed_over,
                                  a_file_without_the_columns_is_refused};
    Suite *suite = suite_create("outcomes");
    TCase *tcase = tcase_create("outcomes");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
