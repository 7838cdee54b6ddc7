// SPDX-License-Identifier: Apache-2.0
//
// What a training leaves behind. Each writer fails when its file cannot be written whole.
#ifndef DELIVERY_OUTPUT_H
#define DELIVERY_OUTPUT_H

#include "boost.h"

#include <stdio.h>

FILE *output_open(const char *path);
void output_close(FILE *file, const char *path); // fails when anything that was written did not reach the file

// Every tree one after the other: tree.offset says where each begins, children are counted from there.
void output_model(const char *path, const struct model *model, const struct orders *orders);
void output_history(const char *path, const struct model *model); // CSV: round,train_rmse,valid_rmse
void output_metrics(const char *path, const struct training *training);

#endif
