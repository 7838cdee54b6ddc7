// SPDX-License-Identifier: Apache-2.0
#include "run/sandbox.h"

#include "run/sandbox_plan.h"

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
    free(sandbox->binds);
    free(sandbox->masks);
    strings_free(&sandbox->hide);
    free(sandbox->ids[0]);
    free(sandbox->ids[1]);
    free(sandbox->also);
    free(sandbox->lower);
    free(sandbox->upper);
    free(sandbox->work);
    free(sandbox->seen_work);
    free(sandbox);
}

const char *sandbox_seen_work(const struct sandbox *sandbox)
{
    return sandbox->seen_work;
}
