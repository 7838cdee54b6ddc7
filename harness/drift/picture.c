// SPDX-License-Identifier: Apache-2.0
#include "drift/picture.h"

#include "base/number.h"
#include "base/str.h"
#include "drift/spread.h"

#include <math.h>
#include <string.h>

enum { BINS = 10, ROWS = 12, LABEL = 22, BAR = 20 };

struct row {
    char *label;
    double reference, current; // shares
};
struct picture {
    struct row rows[BINS + 2 + ROWS];
    size_t count;
};

static void add(struct picture *picture, char *label, double reference, double current)
{
    picture->rows[picture->count++] = (struct row){label, reference, current};
}

// ---- Numbers

// The share of the values that are ≤ x.
static double share_below(const struct column_summary *summary, double x)
{
    size_t points = spread_points(summary, x);
    return points == 0 ? 0 : summary->shares[points - 1];
}

static double quantile(const struct column_summary *summary, double share)
{
    for (size_t i = 0; i < summary->point_count; i++) {
        if (summary->shares[i] >= share)
            return summary->points[i];
    }
    return summary->points[summary->point_count - 1];
}

// The values of both, ascending, each once. False when there are more than a picture has rows.
static bool few_values(double *out, size_t *count, const struct column_summary *a, const struct column_summary *b)
{
    size_t i = 0, k = 0;
    *count = 0;
    if (a->error > 0 || b->error > 0)
        return false;
    while (i < a->point_count || k < b->point_count) {
        bool first = k == b->point_count || (i < a->point_count && a->points[i] <= b->points[k]);
        double value = first ? a->points[i++] : b->points[k++];
        if (*count > 0 && out[*count - 1] == value)
            continue;
        if (*count == ROWS)
            return false;
        out[(*count)++] = value;
    }
    return true;
}

static char *number(double value)
{
    char text[32];
    number_print(text, 4, value);
    return str_dup(text);
}

static void add_values(struct picture *picture, const double *values, size_t count, const struct column_summary *a,
                       const struct column_summary *b)
{
    double before_a = 0, before_b = 0;
    for (size_t i = 0; i < count; i++) {
        double to_a = share_below(a, values[i]), to_b = share_below(b, values[i]);
        add(picture, number(values[i]), to_a - before_a, to_b - before_b);
        before_a = to_a;
        before_b = to_b;
    }
}

static void add_bins(struct picture *picture, const struct column_summary *a, const struct column_summary *b)
{
    const struct column_summary *any = a->point_count > 0 ? a : b;
    double low = quantile(any, 0.005), high = quantile(any, 0.995);
    if (b->point_count > 0) {
        low = fmin(low, quantile(b, 0.005));
        high = fmax(high, quantile(b, 0.995));
    }
    double width = high / BINS - low / BINS, before_a = share_below(a, low), before_b = share_below(b, low);
    CLEANUP(free) char *from = number(low);
    add(picture, str_printf("to %s", from), before_a, before_b);
    for (size_t i = 1; i <= BINS; i++) {
        double edge = i == BINS ? high : low + width * (double)i;
        CLEANUP(free) char *to = number(edge);
        double to_a = share_below(a, edge), to_b = share_below(b, edge);
        add(picture, str_printf("%s – %s", from, to), to_a - before_a, to_b - before_b);
        free(from);
        from = steal(&to);
        before_a = to_a;
        before_b = to_b;
    }
    add(picture, str_printf("above %s", from), (a->point_count > 0) * 1.0 - before_a,
        (b->point_count > 0) * 1.0 - before_b);
}

// ---- Categories

static double share_of(const struct column_summary *summary, const char *value)
{
    for (size_t i = 0; i < summary->category_count && summary->values > 0; i++) {
        if (strcmp(summary->categories[i].value, value) == 0)
            return (double)summary->categories[i].count / (double)summary->values;
    }
    return 0;
}

static void add_category(struct picture *picture, const char *value, const struct column_summary *a,
                         const struct column_summary *b)
{
    for (size_t i = 0; i < picture->count; i++) {
        if (strcmp(picture->rows[i].label, value) == 0)
            return;
    }
    if (picture->count < ROWS)
        add(picture, str_dup(value), share_of(a, value), share_of(b, value));
}

// The most frequent of both, half of the rows each; what is left is one row.
static void add_categories(struct picture *picture, const struct column_summary *a, const struct column_summary *b)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (i < a->category_count)
            add_category(picture, a->categories[i].value, a, b);
        if (i < b->category_count)
            add_category(picture, b->categories[i].value, a, b);
    }
    double rest_a = a->values > 0, rest_b = b->values > 0;
    for (size_t i = 0; i < picture->count; i++) {
        rest_a -= picture->rows[i].reference;
        rest_b -= picture->rows[i].current;
    }
    if (rest_a > 1e-9 || rest_b > 1e-9)
        add(picture, str_dup("(all others)"), fmax(rest_a, 0), fmax(rest_b, 0));
}

// ---- Drawing

static size_t put_cut(struct buf *out, const char *text, size_t most)
{
    size_t shown = 0;
    for (; *text && shown < most; shown += ((unsigned char)*text & 0xc0) != 0x80, text++)
        buf_putc(out, *text);
    while (((unsigned char)*text & 0xc0) == 0x80)
        buf_putc(out, *text++);
    return shown;
}

static void put_label(struct buf *out, const char *label)
{
    CLEANUP(buf) struct buf visible = {0};
    buf_visible(&visible, label, strlen(label), "");
    for (size_t shown = put_cut(out, buf_text(&visible), LABEL); shown < LABEL; shown++)
        buf_putc(out, ' ');
}

static void put_bar(struct buf *out, double share, double longest)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    unsigned units = longest > 0 ? (unsigned)lround(share / longest * BAR * 8) : 0;
    size_t drawn = 0;
    for (; drawn < units / 8; drawn++)
        buf_puts(out, "█");
    if (units % 8) {
        buf_puts(out, eighths[units % 8]);
        drawn++;
    }
    for (; drawn < BAR; drawn++)
        buf_putc(out, ' ');
    buf_printf(out, " %5.1f %%", share * 100);
}

void picture_beside(struct buf *out, const struct column_summary *reference, const struct column_summary *current)
{
    struct picture picture = {.count = 0};
    double values[ROWS], longest = 0;
    size_t count = 0;
    bool numeric = reference->point_count + current->point_count > 0;
    if (numeric && few_values(values, &count, reference, current))
        add_values(&picture, values, count, reference, current);
    else if (numeric)
        add_bins(&picture, reference, current);
    else
        add_categories(&picture, reference, current);
    for (size_t i = 0; i < picture.count; i++)
        longest = fmax(longest, fmax(picture.rows[i].reference, picture.rows[i].current));
    if (picture.count > 0)
        buf_printf(out, "%*s  %-*s  %s\n", LABEL, "", BAR + 8, "reference", "current");
    for (size_t i = 0; i < picture.count; i++) {
        put_label(out, picture.rows[i].label);
        buf_puts(out, "  ");
        put_bar(out, picture.rows[i].reference, longest);
        buf_puts(out, "  ");
        put_bar(out, picture.rows[i].current, longest);
        buf_putc(out, '\n');
        free(picture.rows[i].label);
    }
}
