// SPDX-License-Identifier: Apache-2.0
#include "number.h"

#include <stdlib.h>

void number_put(FILE *out, double value)
{
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, out);
}
