// SPDX-License-Identifier: Apache-2.0
//
// Reference and current beside each other, as lines of text blocks that fit 80 columns.
#ifndef REPRO_DRIFT_PICTURE_H
#define REPRO_DRIFT_PICTURE_H

#include "base/buf.h"
#include "core/baseline.h"

// Appends a histogram of both: numbers in ten bins of equal width between the 0.5 % and 99.5 % quantiles and two open
// ends (or one row a value, where there are at most twelve), categories by how often the reference has them. The
// longest bar of both is whole. Nothing where neither has a value. Texts of the data are made visible.
void picture_beside(struct buf *out, const struct column_summary *reference, const struct column_summary *current);

#endif
