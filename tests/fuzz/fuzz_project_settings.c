// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// repro.json: whatever the bytes, the store is a folder that repro.json may name, or an error says something.
#include "base/fs.h"
#include "core/project_settings.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(project_settings) struct project_settings *settings = NULL;
    CLEANUP(error) struct error err = {0};
    if (project_settings_parse(&settings, "repro.json", (const char *)data, size, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        require(!settings && *text && err.kind == ERROR_USAGE);
        return 0;
    }
    require(err.kind == ERROR_NONE && err.problem_count == 0);
    const char *store = settings->store;
    require(!store || strcmp(store, "/") == 0 || fs_is_inside(store + (*store == '/')));
    require(!store || (strcmp(store, ".repro") != 0 && strncmp(store, ".repro/", 7) != 0));
    return 0;
}
