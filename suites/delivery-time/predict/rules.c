// SPDX-License-Identifier: Apache-2.0
#include "rules.h"

#include <stdlib.h>
#include <string.h>

static const struct word {
    const char *name;
    double value;
} speeds[] = {{"bicycle", 13}, {"scooter", 20}, {"car", 22}, {"van", 20}, {"on_foot", 5}, {NULL, 16}},
  delays[] = {{"snow", 1.5}, {"storm", 1.6}, {NULL, 1.1}};

static const char *cell(const struct table *table, size_t row, const char *name)
{
    for (size_t i = 0; i < table->rows[0].count; i++)
        if (strcmp(table_cell(table, 0, i), name) == 0)
            return table_cell(table, row, i);
    return "";
}

// A number that can be, else what is usual.
static double number(const struct table *table, size_t row, const char *name, double most, double usual)
{
    const char *text = cell(table, row, name);
    char *end;
    double value = strtod(text, &end);
    return *text && !*end && value >= 0 && value <= most ? value : usual;
}

// What the word stands for; the last of the list for any other.
static double look_up(const struct word *words, const char *text)
{
    while (words->name && strcmp(words->name, text) != 0)
        words++;
    return words->value;
}

double rules_predict(const struct table *table, size_t row)
{
    double distance = number(table, row, "distance_km", 200, 5), items = number(table, row, "items", 50, 2);
    double speed = look_up(speeds, cell(table, row, "vehicle"));
    double minutes = 7 + items + distance / speed * 60 * look_up(delays, cell(table, row, "weather"));
    return minutes < 240 ? minutes : 240;
}
