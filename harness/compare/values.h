// SPDX-License-Identifier: Apache-2.0
//
// The numbers of one JSON document, flattened: nested objects give dotted names, arrays indices ("auc.0"). true and
// false are 1 and 0; strings other than "NaN", "Infinity" and "-Infinity" and nulls are left out; these three are
// accepted as bare words too, as Python's json module writes them.
#ifndef REPRO_COMPARE_VALUES_H
#define REPRO_COMPARE_VALUES_H

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>

// More numbers than this in one document are data, not metrics.
#define VALUES_MOST         100000
#define VALUES_LONGEST_NAME 1000

struct value {
    char *name;
    double number;
    long line;
};
struct value_list {
    struct value *items;
    size_t count, capacity;
};

void values_add(struct value_list *list, char *name, double number, long line); // takes the name
// `lines` is how many lines of the file `name` stand before the text. An error where the document is neither an object
// nor an array.
int values_parse_json(struct value_list *out, const char *name, const char *text, size_t len, long lines,
                      struct error *err);
// Empties the list.
void value_list_free(struct value_list *list);
DEFINE_CLEANUP_VALUE(value_list)

#endif
