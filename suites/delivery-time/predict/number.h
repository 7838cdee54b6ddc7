// SPDX-License-Identifier: Apache-2.0
#ifndef DELIVERY_NUMBER_H
#define DELIVERY_NUMBER_H

#include <stdio.h>

void number_put(FILE *out, double value); // the shortest text that reads back as the same double

#endif
