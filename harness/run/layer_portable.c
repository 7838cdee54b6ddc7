// SPDX-License-Identifier: Apache-2.0
#include "run/layer.h"

bool layer_is_whiteout(const char *path, const struct stat *st)
{
    (void)path;
    (void)st;
    return false;
}

bool layer_is_opaque(const char *path)
{
    (void)path;
    return false;
}

bool layer_has_mounts_below(const char *folder)
{
    (void)folder;
    return false;
}
