// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// What a process left behind that may have been taken over by the file it read: the first 8 bytes of the input are the
// file, the rest the records.
#include "walk.h"

#include "artifact/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8)
        return 0;
    CLEANUP(free) unsigned char *copy = mem_copy(data, size);
    CLEANUP(free) unsigned char *rest = malloc(size - 8 + (size == 8));
    memcpy(rest, data + 8, size - 8);
    const struct artifact_file file = {.name = "m.h5", .bytes = copy, .len = 8};
    const struct artifact_file records = {.bytes = rest, .len = size - 8};
    CLEANUP(error) struct error err = {0};
    // Contents that are all zero are empty.
    CLEANUP(contents) struct contents *contents = mem_alloc(sizeof *contents);
    if (records_read(contents, "", &file, &records, &err) != 0 && err.kind == ERROR_NONE)
        abort();
    for (size_t i = 0; err.kind == ERROR_NONE && i < contents->count; i++)
        walk_value(&contents->items[i]);
    return 0;
}
