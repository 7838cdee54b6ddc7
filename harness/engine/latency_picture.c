// SPDX-License-Identifier: Apache-2.0
#include "engine/latency_picture.h"

#include "base/buf.h"
#include "base/str.h"
#include "engine/limit.h"

#include <math.h>

enum { WIDTH = 34 };

struct scale {
    double least, most; // logarithms of seconds
};

static void widen(struct scale *scale, double seconds)
{
    if (!(seconds > 0) || isinf(seconds))
        return;
    scale->least = fmin(scale->least, log(seconds));
    scale->most = fmax(scale->most, log(seconds));
}

// Columns that a bar to this value takes: 1 to WIDTH.
static int columns(const struct scale *scale, double seconds)
{
    if (isinf(seconds))
        return WIDTH;
    double share = seconds > 0 ? (log(seconds) - scale->least) / (scale->most - scale->least) : 0;
    int at = 1 + (int)lround(share * (WIDTH - 2));
    return at < 1 ? 1 : at > WIDTH ? WIDTH : at;
}

static void put_bar(struct buf *out, const struct scale *scale, const struct latency_point *point, double limit)
{
    int p50 = columns(scale, point->p50), p99 = columns(scale, point->p99), p999 = columns(scale, point->p999);
    int mark = limit > 0 ? columns(scale, limit) : 0;
    for (int at = 1; at <= WIDTH; at++)
        buf_puts(out, at <= p50 ? "█" : at <= p99 ? "▓" : at <= p999 ? "░" : at == mark ? "│" : " ");
}

static void put_point(struct buf *out, const struct scale *scale, const struct latency_point *point, double limit)
{
    CLEANUP(free) char *rate = limit_rate(point->rate);
    CLEANUP(free) char *p50 = limit_seconds(point->p50);
    CLEANUP(free) char *p99 = limit_seconds(point->p99);
    CLEANUP(free) char *p999 = limit_seconds(point->p999);
    buf_printf(out, "%9s %s ", rate, point->over ? "!" : " ");
    put_bar(out, scale, point, limit);
    buf_printf(out, " %9s %9s %9s\n", p50, p99, p999);
}

char *latency_picture(const struct latency_point *points, size_t count, double limit, const char *limit_name)
{
    struct buf out = {0};
    struct scale scale = {INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) {
        widen(&scale, points[i].p50);
        widen(&scale, points[i].p999);
        widen(&scale, points[i].p99);
    }
    widen(&scale, limit);
    if (!(scale.most > scale.least)) // nothing, or one value
        scale = (struct scale){isinf(scale.least) ? -1 : scale.least - 1, isinf(scale.most) ? 1 : scale.most + 1};
    // A block has three bytes and takes one column.
    buf_printf(&out, "%9s   %-*s %11s %11s %11s\n", "rate", WIDTH, "latency, each doubling alike wide", "█ p50",
               "▓ p99", "░ p99.9");
    for (size_t i = 0; i < count; i++)
        put_point(&out, &scale, &points[i], limit);
    if (limit > 0) {
        CLEANUP(free) char *shown = limit_seconds(limit);
        buf_printf(&out, "│ the limit of %s, %s; ! beyond the limits\n", limit_name, shown);
    }
    return buf_take(&out);
}
