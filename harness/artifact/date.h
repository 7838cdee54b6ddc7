// SPDX-License-Identifier: Apache-2.0
//
// Dates and times in the formats that data have them in. The C library's strptime obeys the locale, skips blanks and
// takes 30 February; this one does not.
#ifndef REPRO_ARTIFACT_DATE_H
#define REPRO_ARTIFACT_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The formats that are tried, the likelier before the others; NULL past the end. At most 64.
const char *date_format(size_t index);
// Adds the bits of the formats that the text does not have to those that are refuted already.
uint64_t date_refuted(uint64_t refuted, const char *text, size_t len);
bool date_fits(const char *format, const char *text, size_t len);
// Seconds since 1970 of what fits the format; without a zone it is UTC, without a date 1970-01-01.
bool date_seconds(double *out, const char *format, const char *text, size_t len);
// The same in whichever format fits; *hint (0 at first) is kept by the caller, for texts that are all alike.
bool date_guess(double *out, size_t *hint, const char *text, size_t len);
// True when the format has nothing but directives that date_fits knows.
bool date_format_is_known(const char *format);

#endif
