// SPDX-License-Identifier: Apache-2.0
#include "drift/log_time.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

struct scan {
    const char *at, *end;
};

static bool take(struct scan *s, const char *any)
{
    if (s->at == s->end || !*s->at || !strchr(any, *s->at))
        return false;
    s->at++;
    return true;
}

static bool digits(struct scan *s, int count, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++, s->at++) {
        if (s->at == s->end || *s->at < '0' || *s->at > '9')
            return false;
        value = value * 10 + (*s->at - '0');
    }
    *out = value;
    return true;
}

static bool read_date(double *days, struct scan *s)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!digits(s, 4, &year) || !take(s, "-") || !digits(s, 2, &month) || !take(s, "-") || !digits(s, 2, &day) ||
        month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > lengths[month - 1] + (leap && month == 2))
        return false;
    // Years that begin in March end with the leap day: 306 days lie between 1 March of the year 0 and 1 January of 1.
    int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    *days = 365.0 * y + floor(y / 4.0) - floor(y / 100.0) + floor(y / 400.0) + (153 * m + 2) / 5 + day - 1 - 719468;
    return true;
}

static bool read_fraction(double *seconds, struct scan *s)
{
    double unit = 0.1;
    if (!take(s, ".,"))
        return true;
    const char *begin = s->at;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++, unit /= 10)
        *seconds += unit * (*s->at - '0');
    return s->at > begin;
}

static bool read_clock(double *seconds, struct scan *s)
{
    int hour, minute, second = 0;
    if (!digits(s, 2, &hour) || !take(s, ":") || !digits(s, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *seconds = hour * 3600 + minute * 60;
    if (!take(s, ":"))
        return true;
    if (!digits(s, 2, &second) || second > 60)
        return false;
    *seconds += second;
    return read_fraction(seconds, s);
}

static bool read_zone(double *offset, struct scan *s)
{
    int hour, minute = 0;
    *offset = 0;
    if (s->at == s->end || take(s, "Zz"))
        return true;
    double sign = *s->at == '-' ? -1 : 1;
    if (!take(s, "+-") || !digits(s, 2, &hour) || hour > 23)
        return false;
    bool colon = take(s, ":");
    if ((colon || s->at < s->end) && (!digits(s, 2, &minute) || minute > 59))
        return false;
    *offset = sign * (hour * 3600 + minute * 60);
    return true;
}

static bool read_iso(double *seconds, const char *text, size_t len)
{
    struct scan s = {text, text + len};
    double days, clock = 0, offset = 0;
    if (!read_date(&days, &s))
        return false;
    if (s.at < s.end && (!take(&s, "Tt ") || !read_clock(&clock, &s) || !read_zone(&offset, &s)))
        return false;
    *seconds = days * 86400 + clock - offset;
    return s.at == s.end;
}

bool log_time_read(double *seconds, const char *text, size_t len)
{
    double value;
    if (read_iso(seconds, text, len))
        return true;
    if (!number_parse(&value, text, len) || !isfinite(value))
        return false;
    for (int i = 0; i < 3 && fabs(value) >= 1e11; i++)
        value /= 1000;
    *seconds = value;
    return fabs(value) < 1e11;
}
