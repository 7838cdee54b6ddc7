// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// manifest.json: what is accepted is written, read back and written to the same bytes.
#include "base/fs.h"
#include "core/manifest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

static void require_inside(const struct file_list *files)
{
    for (size_t i = 0; i < files->count; i++) {
        require(fs_is_inside(files->items[i].path));
        require(file_list_find(files, files->items[i].path) == &files->items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(manifest) struct manifest *first = NULL, *second = NULL;
    CLEANUP(error) struct error err = {0};
    if (manifest_parse(&first, "manifest.json", (const char *)data, size, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        require(!first && *text && err.kind == ERROR_USAGE);
        return 0;
    }
    require(err.problem_count == 0);
    require_inside(&first->code);
    require_inside(&first->data);
    require_inside(&first->settings);
    require_inside(&first->artifacts);
    struct buf once CLEANUP(buf) = {0}, twice CLEANUP(buf) = {0};
    manifest_write(&once, first);
    require(manifest_parse(&second, "manifest.json", once.data, once.len, &err) == 0);
    manifest_write(&twice, second);
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    require(manifest_same(first, second));
    return 0;
}
