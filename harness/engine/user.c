// SPDX-License-Identifier: Apache-2.0
#include "engine/user.h"

#include "base/str.h"
#include "store/repository.h"

#include <pwd.h>
#include <unistd.h>

char *user_name(struct repository *repository)
{
    struct passwd entry, *found = NULL;
    char text[4096];
    char *name = repository ? repository_user(repository) : NULL;
    if (!name && getpwuid_r(getuid(), &entry, text, sizeof text, &found) == 0 && found)
        name = str_dup(found->pw_name);
    return name;
}
