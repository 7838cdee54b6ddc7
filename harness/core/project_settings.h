// SPDX-License-Identifier: Apache-2.0
//
// repro.json at the project's root: what is true of the whole project. It need not be there. Comments are allowed.
//
// It comes from whoever opened the pull request. All that it can do is name a folder: repro never makes that folder,
// writes nothing there but whole bundles under their digests, does so only when recording, and believes nothing that it
// reads from there before its digest is checked.
#ifndef REPRO_CORE_PROJECT_SETTINGS_H
#define REPRO_CORE_PROJECT_SETTINGS_H

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>

struct json_field;

struct project_settings {
    // As written: a folder inside the project, or an absolute one, such as a mount. Bundles over their suite's limit
    // are kept there too, for the other machines of the project. NULL: none.
    char *store;
};

// All-default where there is no repro.json. Every fault is reported with its line; the kind is ERROR_USAGE.
int project_settings_load(struct project_settings **out, const char *root, struct error *err);
// `name` is what messages call the file.
int project_settings_parse(struct project_settings **out, const char *name, const char *text, size_t len,
                           struct error *err);
void project_settings_free(struct project_settings *settings);
DEFINE_CLEANUP(project_settings)

const struct json_field *project_settings_fields(void);

#endif
