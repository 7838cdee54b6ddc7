// SPDX-License-Identifier: Apache-2.0
//
// One order, checked: what the model must not be asked is refused here, with the reason.
//
//   distance_km  0 to 1000, required       hour   a whole number from 0 to 23, required
//   traffic      0 to 10                   items  a whole number from 1 to 1000
//   weather, vehicle                       one of the categories that training saw
//
// What is not required may be null or not there, as in training. Numbers within these ranges that training did not see
// are answered: the trees treat them as the nearest that they know. "minutes", the target, may be there and is not
// looked at, nor is "id", the name of the request, but for the log; any other column that the model does not know is
// refused, for it may be a known one, misspelt.
#ifndef DELIVERY_ORDER_H
#define DELIVERY_ORDER_H

#include "fault.h"
#include "model.h"

struct order {
    double cells[MODEL_FEATURES]; // for model_predict
    bool given[MODEL_FEATURES];
    char id[65]; // printable ASCII, or the digits of a number; "": none
};

struct order order_new(void); // nothing given
// `column` of the model: a number, a text (a category), nothing.
bool order_set_number(struct order *order, const struct model *model, int column, double value, struct fault *fault);
bool order_set_text(struct order *order, const struct model *model, int column, const char *text, size_t len,
                    struct fault *fault);
bool order_is_whole(const struct order *order, const struct model *model, struct fault *fault); // nothing is wanting

// A column by its name: −1 for one that is ignored, −2 (and the fault) for one that is not known.
int order_column(const struct model *model, const char *name, size_t len, struct fault *fault);
// A line of JSON.
bool order_read_json(struct order *out, const struct model *model, const char *line, size_t len, struct fault *fault);
// A cell of CSV: empty is missing.
bool order_read_cell(struct order *order, const struct model *model, int column, const char *cell, struct fault *fault);

#endif
