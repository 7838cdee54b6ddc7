// SPDX-License-Identifier: Apache-2.0
#ifndef REPRO_BASE_CLOCK_H
#define REPRO_BASE_CLOCK_H

double clock_seconds(void); // since some fixed moment, never going back: for durations

#endif
