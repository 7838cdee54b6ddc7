// SPDX-License-Identifier: Apache-2.0
//
// What a measurement belongs to, as digests: the inputs and the suite.json that it was made with.
#ifndef REPRO_ENGINE_IDENTITY_H
#define REPRO_ENGINE_IDENTITY_H

#include "base/err.h"
#include "core/manifest.h"

struct digester;

// Adds path, kind, executable bit and digest of every file.
void identity_add(struct digester *digester, const struct file_list *files);
// Of the code, data, settings and externals, which must be hashed.
int identity_inputs(struct digest *out, const struct manifest *manifest, struct error *err);
// The SHA-256 of suites/NAME/suite.json as it is now.
int identity_document(struct digest *out, const char *root, const char *suite, struct error *err);

#endif
