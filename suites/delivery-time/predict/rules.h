// SPDX-License-Identifier: Apache-2.0
//
// The fallback: an estimate by simple rules for whatever a row holds. It needs no model, and refuses nothing.
#ifndef DELIVERY_RULES_H
#define DELIVERY_RULES_H

#include "table.h"

// Minutes for a row of the table (1 is the first behind the header).
double rules_predict(const struct table *table, size_t row);

#endif
