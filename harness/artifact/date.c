// SPDX-License-Identifier: Apache-2.0
//
// Dates and times in the formats that data have them in. The C library's strptime obeys the locale, skips blanks and
// takes 30 February; this one does not.
#include "artifact/date.h"
#include "base/str.h"

#include <string.h>
#include <strings.h>

static const char *const formats[] = {
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S.%f%z",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%d/%b/%Y:%H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y",
    "%Y%m%dT%H%M%S",
    "%Y%m%dT%H%M%SZ",
    "%Y-%m",
    "%H:%M:%S",
    "%H:%M",
    "%I:%M %p",
    "%Y%m%d",
};
_Static_assert(ARRAY_LEN(formats) <= 64, "each has a bit");

const char *date_format(size_t index)
{
    return index < ARRAY_LEN(formats) ? formats[index] : NULL;
}

struct moment {
    int year, month, day;     // 0: not told
    int hour, minute, second; // `hour` as it is written
    int half;                 // 1: a.m., 2: p.m., 0: not told
    int zone;                 // seconds east of Greenwich
    double fraction;
};

struct date_scan {
    const char *at, *end;
    struct moment moment;
};

// A number of so many digits, least to most.
static bool scan_digits(struct date_scan *scan, int *out, int least, int most)
{
    int value = 0, count = 0;
    for (; count < most && scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; scan->at++, count++)
        value = value * 10 + (*scan->at - '0');
    *out = value;
    return count >= least;
}

static bool scan_between(struct date_scan *scan, int least_digits, int low, int high, int *out)
{
    int value;
    if (!scan_digits(scan, &value, least_digits, 2) || value < low || value > high)
        return false;
    *out = value;
    return true;
}

// One of the names, whole or its first three letters. *index starts at 1.
static bool scan_name(struct date_scan *scan, const char *const *names, size_t count, bool whole, int *index)
{
    size_t left = (size_t)(scan->end - scan->at);
    for (size_t i = 0; i < count; i++) {
        size_t len = whole ? strlen(names[i]) : 3;
        if (len <= left && strncasecmp(scan->at, names[i], len) == 0) {
            scan->at += len;
            *index = (int)i + 1;
            return true;
        }
    }
    return false;
}

// Z, +0100 or +01:00.
static bool scan_zone(struct date_scan *scan)
{
    int hours, minutes;
    if (scan->at < scan->end && *scan->at == 'Z') {
        scan->at++;
        return true;
    }
    if (scan->at == scan->end || (*scan->at != '+' && *scan->at != '-'))
        return false;
    int sign = *scan->at++ == '-' ? -1 : 1;
    if (!scan_digits(scan, &hours, 2, 2) || hours > 23)
        return false;
    scan->at += scan->at < scan->end && *scan->at == ':';
    if (!scan_digits(scan, &minutes, 2, 2) || minutes >= 60)
        return false;
    scan->moment.zone = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool scan_half(struct date_scan *scan)
{
    static const char *const halves[] = {"AM", "PM"};
    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        if (scan->end - scan->at >= 2 && strncasecmp(scan->at, halves[i], 2) == 0) {
            scan->at += 2;
            scan->moment.half = (int)i + 1;
            return true;
        }
    }
    return false;
}

static bool scan_fraction(struct date_scan *scan)
{
    const char *from = scan->at;
    int value;
    if (!scan_digits(scan, &value, 1, 9))
        return false;
    double unit = 1;
    for (; from < scan->at; from++)
        unit *= 10;
    scan->moment.fraction = value / unit;
    return true;
}

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

// `least` is 2 where no separator shows where a number ends.
static bool scan_directive(struct date_scan *scan, char directive, int least)
{
    struct moment *m = &scan->moment;
    int ignored;
    switch (directive) {
    case 'Y':
        return scan_digits(scan, &m->year, 4, 4);
    case 'y':
        return scan_digits(scan, &m->year, 2, 2) && (m->year += m->year < 69 ? 2000 : 1900) > 0;
    case 'm':
        return scan_between(scan, least, 1, 12, &m->month);
    case 'd':
        return scan_between(scan, least, 1, 31, &m->day);
    case 'H':
        return scan_between(scan, least, 0, 23, &m->hour);
    case 'I':
        return scan_between(scan, least, 1, 12, &m->hour);
    case 'M':
        return scan_between(scan, 2, 0, 59, &m->minute);
    case 'S':
        return scan_between(scan, 2, 0, 60, &m->second);
    case 'f':
        return scan_fraction(scan);
    case 'p':
        return scan_half(scan);
    case 'z':
        return scan_zone(scan);
    case 'b':
        return scan_name(scan, months, ARRAY_LEN(months), false, &m->month);
    case 'B':
        return scan_name(scan, months, ARRAY_LEN(months), true, &m->month);
    case 'a':
        return scan_name(scan, days, ARRAY_LEN(days), false, &ignored);
    case 'A':
        return scan_name(scan, days, ARRAY_LEN(days), true, &ignored);
    default:
        return false;
    }
}

static bool is_in_calendar(const struct moment *m)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (m->month == 0 || m->day == 0)
        return true;
    bool leap = m->year == 0 || (m->year % 4 == 0 && (m->year % 100 != 0 || m->year % 400 == 0));
    return m->day <= lengths[m->month - 1] && (m->month != 2 || m->day < 29 || leap);
}

bool date_format_is_known(const char *format)
{
    for (; *format; format++) {
        if (*format == '%' && (*++format == '\0' || !strchr("YymdHIMSfpzbBaA", *format)))
            return false;
    }
    return true;
}

static bool scan_date(struct moment *out, const char *format, const char *text, size_t len)
{
    struct date_scan scan = {.at = text, .end = text + len};
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            if (scan.at == scan.end || *scan.at++ != *f)
                return false;
            continue;
        }
        f++;
        bool joined = f[1] == '%' || (f - format >= 3 && f[-3] == '%');
        if (!*f || !scan_directive(&scan, *f, joined ? 2 : 1))
            return false;
    }
    *out = scan.moment;
    return scan.at == scan.end && is_in_calendar(&scan.moment);
}

bool date_fits(const char *format, const char *text, size_t len)
{
    struct moment ignored;
    return scan_date(&ignored, format, text, len);
}

// Days from 1970-01-01 in the Gregorian calendar. The year is counted from March, so that the leap day comes last.
static int64_t day_number(int year, int month, int day)
{
    int64_t y = year - (month < 3), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month < 3 ? 9 : -3)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool date_seconds(double *out, const char *format, const char *text, size_t len)
{
    struct moment m;
    if (!scan_date(&m, format, text, len))
        return false;
    int hour = m.half ? m.hour % 12 + (m.half == 2 ? 12 : 0) : m.hour;
    int64_t day = day_number(m.year ? m.year : 1970, m.month ? m.month : 1, m.day ? m.day : 1);
    *out = (double)(day * 86400 + hour * 3600 + m.minute * 60 + m.second - m.zone) + m.fraction;
    return true;
}

bool date_guess(double *out, size_t *hint, const char *text, size_t len)
{
    if (*hint < ARRAY_LEN(formats) && date_seconds(out, formats[*hint], text, len))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (date_seconds(out, formats[i], text, len)) {
            *hint = i;
            return true;
        }
    }
    return false;
}

uint64_t date_refuted(uint64_t refuted, const char *text, size_t len)
{
    static const uint64_t all = UINT64_MAX >> (64 - ARRAY_LEN(formats));
    for (uint64_t left = ~refuted & all; left; left &= left - 1) {
        size_t index = (size_t)__builtin_ctzll(left);
        if (!date_fits(formats[index], text, len))
            refuted |= (uint64_t)1 << index;
    }
    return refuted;
}
