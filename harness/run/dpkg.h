// SPDX-License-Identifier: Apache-2.0
//
// Debian's database of installed packages (/var/lib/dpkg), read as files: `info/PACKAGE[:ARCHITECTURE].list` has the
// paths of a package, one a line; `status` is one paragraph of `Field: value` lines a package; `diversions` has three
// lines for each file that was moved aside: its name, its new name, and the package whose file stands there instead.
#ifndef REPRO_RUN_DPKG_H
#define REPRO_RUN_DPKG_H

#include "base/str.h"

#include <stddef.h>

// Sets path → "PACKAGE VERSION" for those of the paths that a package has put there. `paths` are absolute below `root`
// ("/"), links resolved; where /bin, /lib and so on are links to /usr, both spellings are found. On a system without
// dpkg, and for a database that cannot be read, nothing is set.
void dpkg_owners(struct pairs *out, const char *root, const struct strings *paths);

// Sets package → version for those of `packages` ("libc6:amd64", "coreutils") that have a paragraph in `status`.
void dpkg_versions(struct pairs *out, const char *status, size_t len, const struct strings *packages);

#endif
