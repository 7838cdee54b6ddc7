// SPDX-License-Identifier: Apache-2.0
#include "engine/limit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum limit_standing limit_standing(const struct limit *limit)
{
    if (limit->at_least)
        return limit->high < limit->allowed ? LIMIT_BROKEN : limit->low >= limit->allowed ? LIMIT_KEPT : LIMIT_OPEN;
    return limit->low > limit->allowed ? LIMIT_BROKEN : limit->high <= limit->allowed ? LIMIT_KEPT : LIMIT_OPEN;
}

static char *interval_of(const struct limit *limit)
{
    if (limit->low == limit->value && limit->high == limit->value)
        return str_dup("");
    CLEANUP(free) char *low = limit->show(limit->low);
    CLEANUP(free) char *high = limit->show(limit->high);
    return isinf(limit->high) ? str_printf(" (at least %s)", low) : str_printf(" (%s to %s)", low, high);
}

struct check *limit_check(struct verification *v, const struct limit *limit)
{
    enum limit_standing standing = limit_standing(limit);
    CLEANUP(free) char *value = limit->show(limit->value);
    CLEANUP(free) char *allowed = limit->show(limit->allowed);
    CLEANUP(free) char *interval = interval_of(limit);
    struct check *check =
        verification_check(v, STAGE_LIMITS, limit->name, standing == LIMIT_BROKEN ? VERDICT_FAIL : VERDICT_PASS);
    check_reason(check, "%s %s%s of %s %s: %s", limit->what, value, interval, limit->at_least ? "at least" : "at most",
                 allowed, limit->how);
    if (standing == LIMIT_OPEN && isinf(limit->high) && !limit->at_least)
        check_note(check, NOTE_NOTICE, "%s: %s: too few were measured to bound it by %s", v->suite->name, limit->name,
                   allowed);
    else if (standing == LIMIT_OPEN)
        check_note(check, NOTE_NOTICE, "%s: %s: %s%s reaches over the limit of %s: neither kept nor broken for sure",
                   v->suite->name, limit->name, value, interval, allowed);
    return check;
}

void limit_skip(struct verification *v, const char *name, const char *why)
{
    check_reason(verification_check(v, STAGE_LIMITS, name, VERDICT_SKIP), "%s", why);
}

// ---- For people

// So many digits behind the point that there are three in all, without zeros at the end.
static char *three_digits(double number)
{
    char text[64];
    int whole = number >= 1 ? (int)floor(log10(number)) + 1 : 0, places = whole >= 3 ? 0 : 3 - (whole > 0 ? whole : 0);
    snprintf(text, sizeof text, "%.*f", places, number);
    size_t len = strlen(text);
    while (places > 0 && text[len - 1] == '0')
        text[--len] = '\0';
    if (text[len - 1] == '.')
        text[len - 1] = '\0';
    return str_dup(text);
}

char *limit_number(double number)
{
    if (!isfinite(number))
        return str_dup("no bound");
    return number > 0 && number < 0.01 ? str_printf("%.2g", number) : three_digits(number);
}

char *limit_seconds(double seconds)
{
    if (isinf(seconds))
        return str_dup("never");
    if (seconds >= 60)
        return str_human_duration(seconds);
    bool whole = seconds >= 0.9995;
    CLEANUP(free) char *number = three_digits(whole ? seconds : seconds * 1000);
    return str_printf("%s %s", number, whole ? "s" : "ms");
}

char *limit_count(double count)
{
    char digits[32];
    CLEANUP(buf) struct buf text = {0};
    if (!(count < 1e15))
        return str_dup("no bound");
    int len = snprintf(digits, sizeof digits, "%.0f", count);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_putc(&text, ',');
        buf_putc(&text, digits[i]);
    }
    return buf_take(&text);
}

char *limit_rate(double per_second)
{
    CLEANUP(free) char *number = per_second < 10 ? limit_number(per_second) : limit_count(per_second);
    return str_printf("%s/s", number);
}

char *limit_bytes(double bytes)
{
    return str_human_size(bytes < 1e18 ? (uint64_t)bytes : UINT64_MAX);
}
