// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "artifact/date.h"
#include "base/mem.h"
#include "unit.h"

#include <math.h>
#include <time.h>

START_TEST(dates_become_seconds_since_1970)
{
    static const struct {
        const char *format, *text;
        double seconds;
    } cases[] = {
        {"%Y-%m-%d", "1970-01-01", 0},
        {"%Y-%m-%d", "1969-12-31", -86400},
        {"%Y-%m-%d", "2000-02-29", 951782400},
        {"%Y-%m-%d", "1900-03-01", -2203891200},
        {"%Y-%m-%dT%H:%M:%SZ", "2026-11-23T12:34:56Z", 1795437296},
        {"%Y-%m-%dT%H:%M:%S%z", "2026-11-23T12:34:56+01:30", 1795437296 - 5400},
        {"%Y-%m-%dT%H:%M:%S%z", "2026-11-23T12:34:56-0800", 1795437296 + 28800},
        {"%Y-%m-%d %H:%M:%S.%f", "1970-01-01 00:00:01.25", 1.25},
        {"%m/%d/%Y %I:%M %p", "01/01/1970 12:05 AM", 300},
        {"%m/%d/%Y %I:%M %p", "01/01/1970 01:05 pm", 13 * 3600 + 300},
        {"%d.%m.%y", "01.02.99", 917827200},
        {"%d %B %Y", "2 January 1970", 86400},
        {"%H:%M", "01:00", 3600},
        {"%Y-%m", "1970-02", 31 * 86400},
        {"%Y%m%d", "19700103", 2 * 86400},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double seconds = NAN;
        ck_assert_msg(date_seconds(&seconds, cases[i].format, cases[i].text, strlen(cases[i].text)), "%s",
                      cases[i].text);
        ck_assert_msg(seconds == cases[i].seconds, "%s gives %.3f", cases[i].text, seconds);
    }
    double seconds = 7;
    ck_assert(!date_seconds(&seconds, "%Y-%m-%d", "2025-02-29", 10) && seconds == 7);
}
END_TEST

// timegm is the judge.
START_TEST(every_day_of_400_years_is_where_the_c_library_has_it)
{
    for (int day = -70000; day < 80000; day += 1) {
        time_t at = (time_t)day * 86400;
        struct tm tm;
        char text[32];
        double seconds = NAN;
        ck_assert(gmtime_r(&at, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm) == 10);
        ck_assert_msg(date_seconds(&seconds, "%Y-%m-%d", text, 10) && seconds == (double)at, "%s", text);
    }
}
END_TEST

START_TEST(a_date_is_read_in_whichever_format_fits)
{
    size_t hint = 0;
    double seconds;
    ck_assert(date_guess(&seconds, &hint, "1970-01-01T00:01:00Z", 20) && seconds == 60);
    ck_assert(date_guess(&seconds, &hint, "1970-01-01T00:02:00Z", 20) && seconds == 120);
    ck_assert(date_guess(&seconds, &hint, "1970-01-02", 10) && seconds == 86400);
    ck_assert(!date_guess(&seconds, &hint, "yesterday", 9));
}
END_TEST

UNIT_MAIN("date", dates_become_seconds_since_1970, every_day_of_400_years_is_where_the_c_library_has_it,
          a_date_is_read_in_whichever_format_fits)
