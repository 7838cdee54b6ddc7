// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// A model in UBJSON, or in JSON where it begins so. Whatever has another beginning gets the one of UBJSON.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "{i\7learner";
    if (size > 0 && data[0] == '{') {
        walk_format("xgboost-json", "m.json", data, size);
        walk_format("xgboost-ubj", "m.ubj", data, size);
        return 0;
    }
    CLEANUP(free) uint8_t *model = malloc(size + sizeof head - 1);
    memcpy(model, head, sizeof head - 1);
    if (size > 0)
        memcpy(model + sizeof head - 1, data, size);
    walk_format("xgboost-ubj", "m.ubj", model, size + sizeof head - 1);
    return 0;
}
