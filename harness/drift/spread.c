// SPDX-License-Identifier: Apache-2.0
#include "drift/spread.h"

#include <math.h>
#include <string.h>

#define DISTANCE (1.0 / (BASELINE_POINTS - 1)) // of two points

enum spread_kind spread_kind(const struct column_summary *column)
{
    switch (column->type) {
    case COLUMN_INTEGER:
    case COLUMN_NUMBER:
    case COLUMN_DATE:
        return column->point_count ? SPREAD_NUMBERS : SPREAD_NONE;
    case COLUMN_BOOLEAN:
    case COLUMN_CATEGORY:
        return column->category_count ? SPREAD_CATEGORIES : SPREAD_NONE;
    case COLUMN_TEXT:
    case COLUMN_IDENTIFIER:
        break;
    }
    return SPREAD_NONE;
}

uint64_t spread_values(const struct column_summary *column)
{
    if (spread_kind(column) != SPREAD_CATEGORIES)
        return spread_kind(column) == SPREAD_NUMBERS ? column->values : 0;
    uint64_t sum = column->other;
    for (size_t i = 0; i < column->category_count; i++)
        sum += column->categories[i].count;
    return sum;
}

// Whether F jumps at point i, instead of having risen to it since the point before.
static bool jumps(const struct column_summary *column, size_t i)
{
    return i == 0 || column->error == 0 || column->shares[i] - column->shares[i - 1] > 3 * DISTANCE;
}

// F at x, where `i` points are ≤ x.
static double share_at(const struct column_summary *column, size_t i, double x)
{
    if (i == 0)
        return 0;
    if (i == column->point_count)
        return 1;
    double share = column->shares[i - 1], from = column->points[i - 1];
    if (x == from || jumps(column, i))
        return share;
    double part = (x / 2 - from / 2) / (column->points[i] / 2 - from / 2); // halves: no difference is infinite
    return share + part * (column->shares[i] - share);
}

// What F comes to from the left of x, where `i` points are ≤ x.
static double share_before(const struct column_summary *column, size_t i, double x)
{
    if (i == 0 || column->points[i - 1] != x)
        return share_at(column, i, x);
    if (!jumps(column, i - 1))
        return i == column->point_count ? 1 : column->shares[i - 1];
    return i == 1 ? 0 : column->shares[i - 2];
}

size_t spread_points(const struct column_summary *column, double x)
{
    size_t low = 0, high = column->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (column->points[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double spread_share(const struct column_summary *column, double x)
{
    return share_at(column, spread_points(column, x), x);
}

// ∫|d| over a stretch on which d goes straight from d0 to d1.
static double area(double d0, double d1, double width)
{
    if (d0 == 0 && d1 == 0)
        return 0; // however wide: the width of two extremes is infinite
    if ((d0 < 0) == (d1 < 0) || d0 == 0 || d1 == 0)
        return (fabs(d0) + fabs(d1)) / 2 * width;
    return (d0 * d0 + d1 * d1) / (2 * (fabs(d0) + fabs(d1))) * width;
}

// One walk over the points of both.
static void walk(double *most, double *sum, const struct column_summary *a, const struct column_summary *b)
{
    size_t i = 0, j = 0;
    double last = 0, difference = 0;
    *most = *sum = 0;
    while (i < a->point_count || j < b->point_count) {
        bool from_b = i >= a->point_count || (j < b->point_count && b->points[j] < a->points[i]);
        double x = from_b ? b->points[j] : a->points[i];
        bool first = i + j == 0;
        while (i < a->point_count && a->points[i] <= x)
            i++;
        while (j < b->point_count && b->points[j] <= x)
            j++;
        double before = share_before(a, i, x) - share_before(b, j, x);
        if (!first)
            *sum += area(difference, before, x - last);
        difference = share_at(a, i, x) - share_at(b, j, x);
        *most = fmax(*most, fmax(fabs(before), fabs(difference)));
        last = x;
    }
}

double spread_ks(const struct column_summary *a, const struct column_summary *b)
{
    double most, sum;
    walk(&most, &sum, a, b);
    return most;
}

double spread_wasserstein(const struct column_summary *a, const struct column_summary *b)
{
    double most, sum;
    walk(&most, &sum, a, b);
    return sum;
}
