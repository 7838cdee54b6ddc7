// SPDX-License-Identifier: Apache-2.0
//
// A project: the folder that holds suites/ and golden/. Its root is the nearest folder upwards with a
// `suites/*/suite.json` or a `repro.json`; else the top of the git work tree; else the folder itself.
#ifndef REPRO_CORE_PROJECT_H
#define REPRO_CORE_PROJECT_H

#include "base/err.h"
#include "base/str.h"

struct project {
    char *root;            // absolute, symbolic links resolved
    struct strings suites; // names of all suites, sorted
};

// Faults of repro.json are told, too.
int project_open(struct project **out, const char *folder, struct error *err);
void project_free(struct project *project);
DEFINE_CLEANUP(project)

// Adds the suites that the names and globs select to `out`, sorted, each once; no names: all of them. Each name that
// selects nothing is a problem, with the nearest known name; so is a project without a suite (with the command that
// makes one).
int project_select(struct strings *out, const struct project *project, const struct strings *names, struct error *err);

// Makes `.repro/` (with a .gitignore of its own that hides it) and returns the path of `name` in it. The caller frees.
int project_private(char **out, const char *root, const char *name, struct error *err);

#endif
