// SPDX-License-Identifier: Apache-2.0
//
// The packages, shared libraries and programs that computed, as facts for a manifest's environment: from the names of
// the files that a run opened and what installers and dpkg have written down about them. Nothing is started.
#ifndef REPRO_RUN_PACKAGES_H
#define REPRO_RUN_PACKAGES_H

#include "base/mem.h"
#include "base/str.h"

#include <stddef.h>

// A file that computed and that no package is known to own: only its bytes can say which one it was. Whoever may hash
// says pairs_add(environment, fact, "sha256 FIRST16").
struct unowned_file {
    char *fact; // "library:libmine.so.1", "program:train"
    char *path; // absolute below the root, links resolved
};
struct unowned_files {
    struct unowned_file *items; // sorted by fact, then path
    size_t count, capacity;
};
void unowned_files_free(struct unowned_files *files);
DEFINE_CLEANUP_VALUE(unowned_files)

// Sets in `out`, which is sorted then:
//   "package:NAME" → "1.24.2"                   Python distributions; NAME as distributions_name spells it, but a
//   package
//                                               that `out` has already, however spelt, stays as it is. Modules that are
//                                               of no distribution: "package:MODULE" → as of a library, or "of an
//                                               unknown version"
//   "library:libblas.so.3" → "libopenblas0-pthread 0.3.21+ds-4"
//                                               shared libraries that are of no distribution: the file's name up to the
//                                               first number of its version, links resolved, so that a newer one of the
//                                               same interface has the same name; Python's own extension modules of
//                                               dpkg's are the one library "lib-dynload"
//   "program:sort" → "coreutils 9.1-1"          programs, links resolved
// Values are versions and names of packages: no path, host or time. Two files of one name: "A 1, B 2" (pairs_add).
// `files`, opened by the run, and `programs`, started by it: absolute paths of files, as the run saw them, outside the
// project, but with those of interpreter environments (a .venv) within it. `root` is "/" but for tests.
void packages_find(struct pairs *out, struct unowned_files *unowned, const struct strings *files,
                   const struct strings *programs, const char *root);

#endif
