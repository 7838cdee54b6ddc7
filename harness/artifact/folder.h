// SPDX-License-Identifier: Apache-2.0
//
// A folder as an artifact (an MLflow model, a Hugging Face checkpoint): every file below it by its own format.
#ifndef REPRO_ARTIFACT_FOLDER_H
#define REPRO_ARTIFACT_FOLDER_H

#include "base/err.h"

struct contents;

// Names have the file's path in front ("weights/w.npz:w0"). A symbolic link is a VALUE_TEXT: where it leads to. A file
// that is neither regular nor a link is an error.
int folder_read(struct contents *out, const char *path, struct error *err);

#endif
