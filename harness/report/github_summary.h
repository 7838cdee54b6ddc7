// SPDX-License-Identifier: Apache-2.0
//
// The step summary: Markdown with HTML inside, below a limit over which GitHub would drop it as a whole.
#ifndef REPRO_REPORT_GITHUB_SUMMARY_H
#define REPRO_REPORT_GITHUB_SUMMARY_H

#include "base/buf.h"
#include "core/result.h"

#include <stddef.h>

#define GITHUB_SUMMARY_LIMIT ((size_t)1024 * 1024 - 1)

// Appends at most `limit` bytes: whole rows and whole failures, and how many were left out.
void github_summary_write(struct buf *out, const struct result *result, size_t limit);

#endif
