// SPDX-License-Identifier: Apache-2.0
//
// When, as logs have it.
#ifndef REPRO_DRIFT_LOG_TIME_H
#define REPRO_DRIFT_LOG_TIME_H

#include <stdbool.h>
#include <stddef.h>

// Seconds since 1970 of ISO 8601 ("2026-11-23", "2026-11-23T08:30:00.25Z", "2026-11-23 08:30+01:00"; without a zone it
// is UTC), or of a number: seconds, or milli-, micro- or nanoseconds where it is too large for the one before (10^11 s
// is the year 5138). False for anything else.
bool log_time_read(double *seconds, const char *text, size_t len);

#endif
