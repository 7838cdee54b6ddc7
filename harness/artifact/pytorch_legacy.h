// SPDX-License-Identifier: Apache-2.0
#ifndef REPRO_ARTIFACT_PYTORCH_LEGACY_H
#define REPRO_ARTIFACT_PYTORCH_LEGACY_H

#include <stdbool.h>
#include <stddef.h>

struct pickle_storage; // artifact/pickle_torch.h

// The one storage that such a file holds (what torch puts into plain pickles): its type and its bytes, within `bytes`.
// False: it is none.
bool pytorch_legacy_storage(struct pickle_storage *out, const unsigned char *bytes, size_t len);

#endif
