// SPDX-License-Identifier: Apache-2.0
//
// Where namespaces are unknown there is one sandbox: none.
#include "run/sandbox_enter.h"
#include "run/sandbox_plan.h"

#include <errno.h>

int sandbox_new(struct sandbox **out, const struct sandbox_options *options, struct error *err)
{
    if (options->isolation != ISOLATION_NONE)
        return error_set(err, ERROR_MACHINE, "cannot isolate the run: this build of repro has no namespaces");
    struct sandbox *sandbox = mem_alloc(sizeof *sandbox);
    sandbox->seen_work = str_dup(options->folder);
    *out = sandbox;
    return 0;
}

int sandbox_probe(struct sandbox_ability *out, const char *probe_folder, struct error *err)
{
    (void)probe_folder;
    (void)err;
    *out = (struct sandbox_ability){.why_not = str_dup("this build of repro has no namespaces")};
    return 0;
}

unsigned long sandbox_flags(const struct sandbox *sandbox)
{
    (void)sandbox;
    return 0;
}

int sandbox_enter(const struct sandbox *sandbox, int *step, int *item)
{
    (void)sandbox;
    *step = LAUNCH_STEP_SANDBOX;
    *item = 0;
    errno = ENOSYS;
    return -1;
}

int sandbox_drop(const struct sandbox *sandbox)
{
    (void)sandbox;
    return 0;
}

char *sandbox_step(const struct sandbox *sandbox, int step, int item)
{
    (void)sandbox;
    return str_printf("step %d of %d", step, item);
}
