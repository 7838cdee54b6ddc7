// SPDX-License-Identifier: Apache-2.0
//
// What moved between golden's manifest and another: one line a finding, the same words wherever they are shown (record,
// verify, status, log).
#ifndef REPRO_ENGINE_MOVED_H
#define REPRO_ENGINE_MOVED_H

#include "base/str.h"
#include "core/manifest.h"
#include "core/suite.h"

// "train.csv: 1a2b3c4d5e6f → 6f5e4d3c2b1a", "new.csv: new, 1a2b3c4d5e6f", "old.csv: gone, was 1a2b3c4d5e6f". Appends to
// `out`.
void moved_files(struct strings *out, const struct file_list *golden, const struct file_list *now);
// "libc: glibc 2.36 → glibc 2.39".
void moved_environment(struct strings *out, const struct pairs *golden, const struct pairs *now);
// The same of what computed. False, and nothing, where one of the two runs was not traced.
bool moved_computed(struct strings *out, const struct manifest *golden, const struct manifest *now);
// "command: …", "directory: …", "env OMP_NUM_THREADS: …", "pins: …".
void moved_command(struct strings *out, const struct manifest *golden, const struct manifest *now);
// Metrics that are out of the suite's tolerance, better ones too, in metric_describe's words.
void moved_metrics(struct strings *out, const struct manifest *golden, const struct manifest *now,
                   const struct suite *suite);

// Everything that is compared, each line with the part's name in front ("data: …"). Empty: nothing moved. Files of
// metrics and series are judged by their numbers, not by their bytes; `series` (may be NULL) holds what moved in
// series.
void moved_all(struct strings *out, const struct manifest *golden, const struct manifest *now,
               const struct suite *suite, const struct strings *series);

// The first 12 digits of a digest, for people.
void moved_short(char out[13], const struct digest *digest);

#endif
