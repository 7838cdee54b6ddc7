// SPDX-License-Identifier: Apache-2.0
//
// Keras 3 (.keras): a zip of config.json (the layers), metadata.json (keras_version, date_saved) and model.weights.h5
// (HDF5). Members are read by their own formats, with their names in front; the date of saving is left out.
#include "artifact/contents.h"
#include "artifact/readers.h"

#include <string.h>

int keras_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    size_t first = out->count;
    if (zip_read(out, file, prefix, err) < 0)
        return -1;
    const char *date = contents_name(out, contents_name(out, prefix, "metadata.json"), "date_saved");
    for (size_t i = first; i < out->count; i++) {
        if (strcmp(out->items[i].name, date) != 0)
            continue;
        out->items[i] = out->items[--out->count];
        contents_leave_out(out, "date_saved in metadata.json");
        break;
    }
    return 0;
}
