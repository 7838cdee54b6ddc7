// SPDX-License-Identifier: Apache-2.0
#include "engine/power_law.h"

#include "base/mem.h"

#include <math.h>

double student_t95(size_t degrees)
{
    static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                   2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                   2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    if (degrees == 0)
        return INFINITY;
    return degrees <= ARRAY_LEN(table) ? table[degrees - 1] : 1.96 + 2.5 / (double)degrees;
}

int power_law_fit(struct power_law *out, const double *x, const double *y, size_t count)
{
    double n = (double)count, mean_x = 0, mean_y = 0, xx = 0, xy = 0, rest = 0;
    for (size_t i = 0; i < count; i++) {
        mean_x += log(x[i]) / n;
        mean_y += log(y[i]) / n;
    }
    for (size_t i = 0; i < count; i++) {
        double dx = log(x[i]) - mean_x;
        xx += dx * dx;
        xy += dx * (log(y[i]) - mean_y);
    }
    if (count < 3 || !(xx > 1e-12))
        return -1;
    double slope = xy / xx;
    for (size_t i = 0; i < count; i++) {
        double off = log(y[i]) - mean_y - slope * (log(x[i]) - mean_x);
        rest += off * off;
    }
    double half = student_t95(count - 2) * sqrt(rest / (n - 2) / xx);
    *out = (struct power_law){slope, slope - half, slope + half};
    return 0;
}
