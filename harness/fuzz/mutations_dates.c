// SPDX-License-Identifier: Apache-2.0
//
// Dates: in another format, days that no calendar has, clocks that jump.
#include "base/arena.h"
#include "base/str.h"
#include "fuzz/mess.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is_epoch(const struct column *column)
{
    return column->format && str_starts(column->format, "epoch");
}

static bool is_calendar(const struct case_space *space, size_t column, const char **why)
{
    *why = "the column has no format with days and months";
    const char *format = space->schema->columns[column].format;
    return format && !str_starts(format, "epoch") &&
           (strstr(format, "%d") || strstr(format, "%e") || strstr(format, "%F"));
}

static bool has_clock(const struct case_space *space, size_t column, const char **why)
{
    *why = "the format of the column has no time of day";
    const char *format = space->schema->columns[column].format;
    return format && !str_starts(format, "epoch") &&
           (strstr(format, "%H") || strstr(format, "%T") || strstr(format, "%I"));
}

static bool has_long_year(const struct case_space *space, size_t column, const char **why)
{
    *why = "the format of the column has no year of four digits";
    const char *format = space->schema->columns[column].format;
    return format && !str_starts(format, "epoch") && (strstr(format, "%Y") || strstr(format, "%F"));
}

// The clean day, or 3 February 2001, 04:05:06, where it cannot be read.
static struct tm clean_day(const struct fuzz_case *c)
{
    const struct cell *cell = mess_clean(c);
    const struct column *column = mess_column(c);
    struct tm day = {.tm_year = 101, .tm_mon = 1, .tm_mday = 3, .tm_hour = 4, .tm_min = 5, .tm_sec = 6};
    char text[64];
    if (is_epoch(column) && mess_is_number(cell)) {
        double seconds = mess_number(cell) / (str_ends(column->format, "ms") ? 1000 : 1);
        time_t when = seconds > -1e11 && seconds < 1e11 ? (time_t)seconds : 0;
        gmtime_r(&when, &day);
    } else if (column->format && cell->kind == CELL_TEXT && cell->len < sizeof text) {
        struct tm read = {.tm_mday = 1};
        memcpy(text, cell->text, cell->len);
        text[cell->len] = '\0';
        if (strptime(text, column->format, &read))
            day = read;
    }
    return day;
}

// The formats are the suite's, or lists of ours.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static size_t print_day(char *text, size_t size, const char *format, const struct tm *day)
{
    return strftime(text, size, format, day);
}
#pragma GCC diagnostic pop

static void set_formatted(struct fuzz_case *c, const char *format, const struct tm *day, const char *after)
{
    char text[256];
    size_t len = print_day(text, sizeof text - 32, format, day);
    text[len] = '\0';
    strncat(text, after, 31);
    len = strlen(text);
    mess_set_text(c, arena_bytes(&c->arena, text, len), len);
}

static const char *format_of(const struct fuzz_case *c)
{
    const char *format = mess_column(c)->format;
    return !format || is_epoch(mess_column(c)) ? "%Y-%m-%d" : format;
}

static const struct mess_text nonsense[] = {
    MESS_TEXT("yesterday"),  MESS_TEXT("2021-13-45"), MESS_TEXT("0000-00-00"), MESS_TEXT("2021-00-10"),
    MESS_TEXT("99/99/9999"), MESS_TEXT("2021"),       MESS_TEXT("12:60:61"),   MESS_TEXT("2021-W53-8"),
    MESS_TEXT("now"),        MESS_TEXT("-1"),         MESS_TEXT("2021-1-"),    MESS_TEXT("T"),
};

static const char *const formats[] = {"%d.%m.%Y",           "%m/%d/%Y", "%Y%m%d",
                                      "%d %b %Y",           "%Y/%m/%d", "%a, %d %b %Y %H:%M:%S GMT",
                                      "%Y-%m-%dT%H:%M:%SZ", "%Y-%j",    "%Y-%m-%d"};

// The same day in another format, or the next of them that is not the column's.
static void apply_format(struct fuzz_case *c, struct choices *choices)
{
    struct tm day = clean_day(c);
    size_t at = (size_t)choose(choices, ARRAY_LEN(formats));
    if (!is_epoch(mess_column(c)) && str_equal(mess_column(c)->format, formats[at]))
        at = (at + 1) % ARRAY_LEN(formats);
    set_formatted(c, formats[at], &day, "");
}

static bool reads_as(const struct cell *cell, const char *format, struct tm *day)
{
    char text[256];
    if (cell->kind != CELL_TEXT || cell->len >= sizeof text)
        return false;
    memcpy(text, cell->text, cell->len);
    text[cell->len] = '\0';
    *day = (struct tm){.tm_mday = 1};
    const char *end = strptime(text, format, day);
    return end && !*end;
}

static bool claims_format(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    struct tm day;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (reads_as(now, formats[i], &day) &&
            (is_epoch(mess_column(c)) || !str_equal(mess_column(c)->format, formats[i])))
            return true;
    return false;
}

static void apply_epoch(struct fuzz_case *c, struct choices *choices)
{
    struct tm day = clean_day(c);
    int64_t seconds = (int64_t)timegm(&day);
    bool milli = choose(choices, 2) == 1;
    if (mess_column(c)->format && str_equal(mess_column(c)->format, milli ? "epoch ms" : "epoch s"))
        milli = !milli;
    *mess_cell(c) = (struct cell){.kind = CELL_INTEGER, .integer = milli ? seconds * 1000 : seconds};
}

static bool claims_epoch(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    return now->kind == CELL_INTEGER && !mess_same(now, clean);
}

// A day that cannot be taken for itself with day and month exchanged.
static struct tm lopsided_day(const struct fuzz_case *c)
{
    struct tm day = clean_day(c);
    if (day.tm_mday == day.tm_mon + 1)
        day.tm_mday = 25;
    return day;
}

// The format with day and month in each other's place.
static void exchanged_format(char format[128], const struct fuzz_case *c)
{
    size_t len = 0;
    for (const char *at = format_of(c); *at && len + 10 < 128; at++) {
        bool token = at[0] == '%' && at[1];
        at += token;
        if (!token)
            format[len++] = *at;
        else if (*at == 'F')
            len += (size_t)snprintf(format + len, 10, "%%Y-%%d-%%m");
        else if (strchr("de", *at))
            len += (size_t)snprintf(format + len, 3, "%%m");
        else
            len += (size_t)snprintf(format + len, 3, "%%%c", strchr("mbBh", *at) ? 'd' : *at);
    }
    format[len] = '\0';
}

static void apply_day_month(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    char format[128];
    exchanged_format(format, c);
    struct tm day = lopsided_day(c);
    set_formatted(c, format, &day, "");
}

static bool claims_day_month(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    char format[128];
    exchanged_format(format, c);
    struct tm day, expected = lopsided_day(c);
    return reads_as(now, format, &day) && day.tm_mday == expected.tm_mday && day.tm_mon == expected.tm_mon &&
           !mess_same(now, clean);
}

static const struct {
    int month, day, year; // year 0: that of the clean day, made a common year
} no_days[] = {{2, 30, 0}, {2, 29, 2023}, {4, 31, 0}, {2, 29, 1900}, {1, 32, 0}, {0, 0, 0}, {13, 1, 0}};

static void apply_no_day(struct fuzz_case *c, struct choices *choices)
{
    uint64_t which = choose(choices, ARRAY_LEN(no_days));
    struct tm day = clean_day(c);
    day.tm_mon = no_days[which].month - 1;
    day.tm_mday = no_days[which].day;
    if (no_days[which].year)
        day.tm_year = no_days[which].year - 1900;
    set_formatted(c, format_of(c), &day, "");
}

static int days_of(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 1 && leap);
}

// It does not read, or as a day that its month does not have.
static bool claims_no_day(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    struct tm day;
    if (now->kind != CELL_TEXT || now->len == 0)
        return false;
    return !reads_as(now, format_of(c), &day) || day.tm_mday < 1 ||
           day.tm_mday > days_of(day.tm_mon, day.tm_year + 1900);
}

static const char *const zones[] = {"Z",     "+00:00", "+02:00",        "-11:00", "+14:00",
                                    "+0530", " CET",   " Europe/Paris", "+99:99"};

static void apply_zone(struct fuzz_case *c, struct choices *choices)
{
    struct tm day = clean_day(c);
    set_formatted(c, format_of(c), &day, zones[choose(choices, ARRAY_LEN(zones))]);
}

static bool claims_zone(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    for (size_t i = 0; now->kind == CELL_TEXT && i < ARRAY_LEN(zones); i++) {
        size_t len = strlen(zones[i]);
        if (now->len > len && memcmp(now->text + now->len - len, zones[i], len) == 0)
            return true;
    }
    return false;
}

// Times that clocks in Europe or America left out or had twice when summer time began or ended; a leap second.
static const struct tm jumps[] = {
    {.tm_year = 121, .tm_mon = 2, .tm_mday = 28, .tm_hour = 2, .tm_min = 30},
    {.tm_year = 121, .tm_mon = 9, .tm_mday = 31, .tm_hour = 2, .tm_min = 30},
    {.tm_year = 121, .tm_mon = 2, .tm_mday = 14, .tm_hour = 2, .tm_min = 30},
    {.tm_year = 121, .tm_mon = 10, .tm_mday = 7, .tm_hour = 1, .tm_min = 30},
    {.tm_year = 116, .tm_mon = 11, .tm_mday = 31, .tm_hour = 23, .tm_min = 59, .tm_sec = 60},
    {.tm_year = 121, .tm_mon = 0, .tm_mday = 1, .tm_hour = 24},
};

static void apply_dst(struct fuzz_case *c, struct choices *choices)
{
    set_formatted(c, format_of(c), &jumps[choose(choices, ARRAY_LEN(jumps))], "");
}

static bool claims_one_of(const struct fuzz_case *c, const struct cell *now, const struct tm *days, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[256];
        size_t len = print_day(text, sizeof text, format_of(c), &days[i]);
        if (mess_text_is(now, text, len))
            return true;
    }
    return false;
}

static bool claims_dst(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return claims_one_of(c, now, jumps, ARRAY_LEN(jumps));
}

static const struct tm far_days[] = {
    {.tm_year = 70, .tm_mon = 0, .tm_mday = 1},    {.tm_year = 138, .tm_mon = 0, .tm_mday = 19},
    {.tm_year = 200, .tm_mon = 11, .tm_mday = 31}, {.tm_year = 0, .tm_mon = 0, .tm_mday = 1},
    {.tm_year = -318, .tm_mon = 9, .tm_mday = 10}, {.tm_year = 8099, .tm_mon = 11, .tm_mday = 31},
    {.tm_year = -1899, .tm_mon = 0, .tm_mday = 1}, {.tm_year = 8100, .tm_mon = 0, .tm_mday = 1},
};

static void apply_far(struct fuzz_case *c, struct choices *choices)
{
    set_formatted(c, format_of(c), &far_days[choose(choices, ARRAY_LEN(far_days))], "");
}

static bool claims_far(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return claims_one_of(c, now, far_days, ARRAY_LEN(far_days));
}

static void apply_short_year(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    char format[128];
    size_t len = 0;
    for (const char *at = format_of(c); *at && len + 10 < sizeof format; at++) {
        bool token = at[0] == '%' && at[1];
        if (token && at[1] == 'F')
            len += (size_t)snprintf(format + len, 10, "%%y-%%m-%%d");
        else if (token)
            len += (size_t)snprintf(format + len, 3, "%%%c", at[1] == 'Y' ? 'y' : at[1]);
        else
            format[len++] = *at;
        at += token;
    }
    format[len] = '\0';
    struct tm day = clean_day(c);
    set_formatted(c, format, &day, "");
}

static bool claims_short_year(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    return now->kind == CELL_TEXT && (clean->kind != CELL_TEXT || now->len + 2 == clean->len);
}

#define DATES .family = FAMILY_DATES, .meaning = MEANING_MESSY, .per_column = true, .types = 1u << COLUMN_DATE
// clang-format off
const struct mutation mutations_dates[] = {
    {.name = "dates.nonsense", DATES, .says = "a date that is none",
     MESS_TEXTS(nonsense), .apply = mess_apply_text, .claims = mess_claims_text},
    {.name = "dates.format", DATES, .says = "a date in another format",
     .apply = apply_format, .claims = claims_format},
    {.name = "dates.epoch", DATES, .says = "a date as seconds or milliseconds since 1970",
     .apply = apply_epoch, .claims = claims_epoch},
    {.name = "dates.day_month", DATES, .says = "day and month exchanged",
     .fits = is_calendar, .apply = apply_day_month, .claims = claims_day_month},
    {.name = "dates.no_day", DATES, .says = "a day that no calendar has (30 February)",
     .fits = is_calendar, .apply = apply_no_day, .claims = claims_no_day},
    {.name = "dates.zone", DATES, .says = "a time with a zone",
     .fits = has_clock, .apply = apply_zone, .claims = claims_zone},
    {.name = "dates.dst", DATES, .says = "a time that the clocks leave out, or have twice",
     .fits = has_clock, .apply = apply_dst, .claims = claims_dst},
    {.name = "dates.far", DATES, .says = "a date far from all others",
     .fits = is_calendar, .apply = apply_far, .claims = claims_far},
    {.name = "dates.short_year", DATES, .says = "a year of two digits",
     .fits = has_long_year, .apply = apply_short_year, .claims = claims_short_year},
};
// clang-format on
const size_t mutations_dates_count = ARRAY_LEN(mutations_dates);
