// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "drift/log_time.h"

#include "unit.h"

static const struct {
    const char *text;
    double seconds;
} good[] = {
    {"1970-01-01", 0},
    {"2026-11-23", 1795392000},
    {"2026-11-23T08:30:00Z", 1795422600},
    {"2026-11-23T08:30:00.250Z", 1795422600.25},
    {"2026-11-23 08:30", 1795422600},
    {"2026-11-23T09:30:00+01:00", 1795422600},
    {"2026-11-23T03:00:00,5-0530", 1795422600.5},
    {"2000-02-29T00:00:00z", 951782400},
    {"1969-12-31T23:59:59Z", -1},
    {"1795422600", 1795422600},
    {"1795422600.25", 1795422600.25},
    {"1795422600250", 1795422600.25},
    {"1795422600250000", 1795422600.25},
    {"1795422600250000000", 1795422600.25},
};

START_TEST(times_of_every_kind_are_read)
{
    double seconds = 0;
    ck_assert_msg(log_time_read(&seconds, good[_i].text, strlen(good[_i].text)), "%s", good[_i].text);
    ck_assert_msg(seconds > good[_i].seconds - 1e-6 && seconds < good[_i].seconds + 1e-6, "%s: %.9f", good[_i].text,
                  seconds);
}
END_TEST

static const char *const bad[] = {"",
                                  "yesterday",
                                  "2026-13-01",
                                  "2026-02-29",
                                  "2026-11-31",
                                  "2026-11-23T24:00",
                                  "2026-11-23T08:30:00X",
                                  "2026-11-23T08:30:00+1",
                                  "2026-11-2",
                                  "2026-11-23T08:30:61",
                                  "NaN",
                                  "inf",
                                  "1e40",
                                  "2026-11-23T08:30:00Z and more"};

START_TEST(what_is_no_time_is_refused)
{
    double seconds;
    ck_assert_msg(!log_time_read(&seconds, bad[_i], strlen(bad[_i])), "%s", bad[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log_time");
    TCase *tcase = tcase_create("log_time");
    tcase_add_loop_test(tcase, times_of_every_kind_are_read, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(tcase, what_is_no_time_is_refused, 0, sizeof bad / sizeof *bad);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
