// SPDX-License-Identifier: Apache-2.0
#include "run/sandbox.h"

#include "run/confine.h"
#include "run/sandbox_plan.h"

#include "base/buf.h"

const char *isolation_name(enum isolation isolation)
{
    switch (isolation) {
    case ISOLATION_AUTO:
        return "auto";
    case ISOLATION_FULL:
        return "full";
    case ISOLATION_PARTIAL:
        return "partial";
    case ISOLATION_NONE:
        return "none";
    }
    return "none";
}

void sandbox_ability_free(struct sandbox_ability *ability)
{
    free(ability->why_not);
    *ability = (struct sandbox_ability){0};
}

bool sandbox_can_confine(const struct sandbox_ability *ability, bool network)
{
    return ability->files > 0 || (ability->sockets && !network);
}

char *sandbox_gaps(const struct sandbox_ability *ability, bool network)
{
    struct buf gaps = {0};
    if (ability->files == 0)
        buf_printf(&gaps, "the run can read and change every file of this user (this kernel has no Landlock), "
                          "and see and signal the user's processes");
    else
        buf_printf(&gaps,
                   "the run sees the machine's paths and processes%s, can change modes, owners and times of "
                   "this user's files%s, list folders, and share /dev/shm",
                   ability->files < 6 ? ", can signal those of this user" : "",
                   ability->files < 3 ? ", can cut them off (truncate)" : "");
    if (network)
        buf_printf(&gaps, "; the suite asks for the network");
    else if (!ability->sockets)
        buf_printf(&gaps, "; it can reach the network (no seccomp filter can be had here)");
    else
        buf_printf(&gaps, "; no network, not even loopback");
    buf_printf(&gaps, "; Unix sockets of the machine can be reached, a Docker daemon's too");
    return buf_take(&gaps);
}

void sandbox_free(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    for (size_t i = 0; i < sandbox->bind_count; i++) {
        free(sandbox->binds[i].source);
        free(sandbox->binds[i].target);
    }
    for (size_t i = 0; i < sandbox->mask_count; i++)
        free(sandbox->masks[i].path);
    confine_free(sandbox->confine);
    free(sandbox->binds);
    free(sandbox->masks);
    strings_free(&sandbox->hide);
    free(sandbox->ids[0]);
    free(sandbox->ids[1]);
    free(sandbox->also);
    free(sandbox->lower);
    free(sandbox->trained);
    free(sandbox->trained_work);
    free(sandbox->upper);
    free(sandbox->work);
    free(sandbox->seen_work);
    free(sandbox);
}

const char *sandbox_seen_work(const struct sandbox *sandbox)
{
    return sandbox->seen_work;
}
