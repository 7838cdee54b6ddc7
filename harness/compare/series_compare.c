// SPDX-License-Identifier: Apache-2.0
//
// Two series side by side. Rows are put in the order of their x (rows of equal x stay in the file's order, so that the
// second of golden meets the second of the new run) and then walked like two sorted lists.
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "compare/metrics.h"
#include "compare/series.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

struct point {
    double x;
    size_t row;
};

// NaN stands behind every number, so that rows without an x are paired among themselves.
static int order_x(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int by_x_then_row(const void *a, const void *b)
{
    const struct point *one = a, *other = b;
    int order = order_x(one->x, other->x);
    return order ? order : (one->row > other->row) - (one->row < other->row);
}

static struct point *points_of(const struct series *series)
{
    struct point *points = mem_array(series->row_count + 1, sizeof *points);
    bool in_order = true;
    for (size_t i = 0; i < series->row_count; i++) {
        double x = series->x == SIZE_MAX ? (double)(i + 1) : series->values[i * series->column_count + series->x];
        points[i] = (struct point){x, i};
        in_order = in_order && (i == 0 || order_x(points[i - 1].x, x) <= 0);
    }
    if (!in_order)
        qsort(points, series->row_count, sizeof *points, by_x_then_row);
    return points;
}

struct name_at {
    const char *name;
    size_t at;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct name_at *)a)->name, ((const struct name_at *)b)->name);
}

// For each column of golden, its index in `now`; SIZE_MAX where it is missing, and for x itself.
struct pairing {
    size_t *columns;
    struct strings missing, appeared;
};

static void pair_columns(struct pairing *out, const struct series *golden, const struct series *now)
{
    CLEANUP(free) struct name_at *names = mem_array(now->column_count + 1, sizeof *names);
    CLEANUP(free) bool *met = mem_array(now->column_count + 1, sizeof *met);
    for (size_t i = 0; i < now->column_count; i++)
        names[i] = (struct name_at){now->columns[i], i};
    qsort(names, now->column_count, sizeof *names, by_name);
    out->columns = mem_array(golden->column_count + 1, sizeof *out->columns);
    if (now->x != SIZE_MAX)
        met[now->x] = true;
    for (size_t i = 0; i < golden->column_count; i++) {
        out->columns[i] = SIZE_MAX;
        if (i == golden->x)
            continue;
        struct name_at key = {golden->columns[i], 0};
        const struct name_at *found = bsearch(&key, names, now->column_count, sizeof *names, by_name);
        if (!found || found->at == now->x) {
            strings_add(&out->missing, golden->columns[i]);
            continue;
        }
        out->columns[i] = found->at;
        met[found->at] = true;
    }
    for (size_t i = 0; i < now->column_count; i++) {
        if (!met[i])
            strings_add(&out->appeared, now->columns[i]);
    }
}

static void pairing_free(struct pairing *pairing)
{
    free(pairing->columns);
    strings_free(&pairing->missing);
    strings_free(&pairing->appeared);
}

struct comparison {
    const struct series *golden, *now;
    const struct tolerance *rule;
    struct pairing pairing;
    struct series_finding *out;
    bool parted;           // out->column and what follows it are set
    bool unpaired;         // a row is missing or new
    double unpaired_x;     // of the first such row
    bool unpaired_missing; // it is golden's
};

static void compare_rows(struct comparison *c, size_t golden_row, size_t row, double x)
{
    bool differs = false;
    for (size_t i = 0; i < c->golden->column_count; i++) {
        if (c->pairing.columns[i] == SIZE_MAX)
            continue;
        double golden = c->golden->values[golden_row * c->golden->column_count + i];
        double value = c->now->values[row * c->now->column_count + c->pairing.columns[i]];
        double allowed = 0;
        enum metric_verdict verdict = metric_judge(golden, value, c->rule, &allowed);
        if (verdict == METRIC_EQUAL)
            continue;
        c->out->exact = false;
        if (isfinite(golden) && isfinite(value) && fabs(value - golden) > c->out->worst)
            c->out->worst = fabs(value - golden);
        if (verdict == METRIC_WITHIN || verdict == METRIC_BETTER) {
            c->out->better += verdict == METRIC_BETTER;
            continue;
        }
        differs = true;
        if (!c->parted) {
            c->parted = true;
            c->out->column = str_dup(c->golden->columns[i]);
            c->out->x = x;
            c->out->golden = golden;
            c->out->value = value;
            c->out->allowed = allowed;
        }
    }
    c->out->points++;
    c->out->differing += differs;
}

static void compare_points(struct comparison *c)
{
    CLEANUP(free) struct point *before = points_of(c->golden);
    CLEANUP(free) struct point *after = points_of(c->now);
    size_t i = 0, k = 0;
    while (i < c->golden->row_count || k < c->now->row_count) {
        int order = i == c->golden->row_count ? 1 : k == c->now->row_count ? -1 : order_x(before[i].x, after[k].x);
        if (order == 0) {
            compare_rows(c, before[i].row, after[k].row, before[i].x);
        } else if (!c->unpaired) {
            c->unpaired = true;
            c->unpaired_missing = order < 0;
            c->unpaired_x = order < 0 ? before[i].x : after[k].x;
        }
        i += order <= 0;
        k += order >= 0;
    }
}

static void describe_columns(struct buf *text, const struct strings *columns, const char *what)
{
    if (columns->count == 0)
        return;
    buf_printf(text, "%scolumn%s ", text->len ? "; " : "", columns->count == 1 ? "" : "s");
    for (size_t i = 0; i < columns->count && i < 5; i++)
        buf_printf(text, "%s'%s'", i ? ", " : "", columns->items[i]);
    if (columns->count > 5)
        buf_printf(text, " and %zu more", columns->count - 5);
    buf_printf(text, " %s %s", columns->count == 1 ? "is" : "are", what);
}

static void describe_rows(struct buf *text, const struct comparison *c, const char *x_name)
{
    if (!c->unpaired)
        return;
    char x[32];
    str_double(x, c->unpaired_x);
    buf_puts(text, text->len ? "; " : "");
    if (c->golden->row_count != c->now->row_count)
        buf_printf(text, "golden has %zu row%s, this run %zu: ", c->golden->row_count,
                   c->golden->row_count == 1 ? "" : "s", c->now->row_count);
    buf_printf(text, "%s %s is the first that %s has", x_name, x,
               c->unpaired_missing ? "only golden" : "only this run");
}

static void describe(struct comparison *c)
{
    struct series_finding *out = c->out;
    const char *x_name = c->golden->x == SIZE_MAX ? "row" : c->golden->columns[c->golden->x];
    struct buf text = {0};
    if (c->parted) {
        char x[32], golden[32], value[32], allowed[32];
        str_double(x, out->x);
        str_double(golden, out->golden);
        str_double(value, out->value);
        number_print(allowed, 3, out->allowed);
        buf_printf(&text, "%s parts at %s %s: %s against golden's %s (allowed %s); %zu of %zu points differ",
                   out->column, x_name, x, value, golden, allowed, out->differing, out->points);
    }
    describe_columns(&text, &c->pairing.missing, "gone");
    describe_columns(&text, &c->pairing.appeared, "new");
    describe_rows(&text, c, x_name);
    if (out->equal)
        buf_printf(&text, "%zu point%s %s", out->points, out->points == 1 ? "" : "s",
                   out->exact ? "equal" : "within the tolerance");
    out->text = buf_take(&text);
}

void series_compare(struct series_finding *out, const struct series *golden, const struct series *now,
                    const struct series_rule *rule)
{
    *out = (struct series_finding){.exact = true, .golden = NAN, .value = NAN, .x = NAN};
    struct comparison c = {.golden = golden, .now = now, .rule = &rule->tolerance, .out = out};
    pair_columns(&c.pairing, golden, now);
    out->golden_rows = golden->row_count;
    out->rows = now->row_count;
    compare_points(&c);
    bool columns = c.pairing.missing.count == 0 && c.pairing.appeared.count == 0;
    out->equal = !c.parted && !c.unpaired && columns;
    out->exact = out->exact && out->equal;
    describe(&c);
    if (!out->equal && !out->column) {
        const struct strings *names = c.pairing.missing.count ? &c.pairing.missing : &c.pairing.appeared;
        out->column = str_dup(names->count            ? names->items[0]
                              : golden->x == SIZE_MAX ? "row"
                                                      : golden->columns[golden->x]);
        out->x = c.unpaired ? c.unpaired_x : NAN;
    }
    pairing_free(&c.pairing);
}

void series_finding_free(struct series_finding *finding)
{
    free(finding->column);
    free(finding->text);
    *finding = (struct series_finding){0};
}
