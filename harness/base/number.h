// SPDX-License-Identifier: Apache-2.0
//
// Numbers as text, whatever the locale of the process says.
#ifndef REPRO_BASE_NUMBER_H
#define REPRO_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Reads one decimal number that fills the text but for spaces and tabs around it: "3", "-0.5", ".5", "1e-3", and
// "nan", "inf", "infinity" in any case, with a sign or without. False for anything else (hexadecimal, "", "1,5").
bool number_parse(double *out, const char *text, size_t len);

// digits × 10^exponent, rounded to the nearest double. False where that cannot be told quickly: always true of up to 19
// digits, of which up to 27 stand behind the point.
bool number_decimal(double *out, uint64_t digits, int exponent);

// The number rounded to `digits` significant digits (1 to 17), as str_double writes it.
void number_print(char out[32], int digits, double value);

// "1,234,567".
void number_group(char out[32], uint64_t value);

#endif
