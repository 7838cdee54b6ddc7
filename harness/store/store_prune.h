// SPDX-License-Identifier: Apache-2.0
#ifndef REPRO_STORE_STORE_PRUNE_H
#define REPRO_STORE_STORE_PRUNE_H

#define STORE_PRUNE_DAYS 30

// Removes bundles from .repro/store that no golden of the work tree points at and that nobody has kept or unpacked for
// 30 days. The project's lock is held. As far as possible: nothing is removed while there is a golden that cannot be
// read, nor where .repro/store is a link or the very folder that repro.json names.
void store_prune(const char *root);

#endif
