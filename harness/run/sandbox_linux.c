// SPDX-License-Identifier: Apache-2.0
//
// The plan of a sandbox with namespaces. Who may mount without a user namespace does without one, for then files of
// other owners keep them (a container job runs as root over a check-out of another user); anybody else gets a user
// namespace in which he is himself, not root.
#include "run/confine.h"
#include "run/sandbox_enter.h"
#include "run/sandbox_plan.h"

#include "base/buf.h"
#include "base/fs.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const step_names[] = {
    [SANDBOX_STEP_NAMESPACES - LAUNCH_STEP_SANDBOX] = "make namespaces",
    [SANDBOX_STEP_IDS - LAUNCH_STEP_SANDBOX] = "map the user",
    [SANDBOX_STEP_PRIVATE - LAUNCH_STEP_SANDBOX] = "make mounts private",
    [SANDBOX_STEP_LOOPBACK - LAUNCH_STEP_SANDBOX] = "set the loopback up",
    [SANDBOX_STEP_HOST_NAME - LAUNCH_STEP_SANDBOX] = "set the host name",
    [SANDBOX_STEP_OPEN - LAUNCH_STEP_SANDBOX] = "open",
    [SANDBOX_STEP_HIDE - LAUNCH_STEP_SANDBOX] = "hide",
    [SANDBOX_STEP_FOLDERS - LAUNCH_STEP_SANDBOX] = "make folders",
    [SANDBOX_STEP_OVERLAY - LAUNCH_STEP_SANDBOX] = "mount overlay",
    [SANDBOX_STEP_BIND - LAUNCH_STEP_SANDBOX] = "bind",
    [SANDBOX_STEP_MASK - LAUNCH_STEP_SANDBOX] = "mask",
    [SANDBOX_STEP_ALSO - LAUNCH_STEP_SANDBOX] = "show the workspace at",
    [SANDBOX_STEP_SHARED_MEMORY - LAUNCH_STEP_SANDBOX] = "mount /dev/shm",
    [SANDBOX_STEP_READ_ONLY - LAUNCH_STEP_SANDBOX] = "make the root read-only",
    [SANDBOX_STEP_PROC - LAUNCH_STEP_SANDBOX] = "mount /proc",
};

static const char *step_subject(const struct sandbox *sandbox, int step, int item)
{
    size_t at = item < 0 ? 0 : (size_t)item;
    if (step == SANDBOX_STEP_OPEN || step == SANDBOX_STEP_BIND)
        return at < sandbox->bind_count ? sandbox->binds[at].source : sandbox->lower;
    if (step == SANDBOX_STEP_HIDE)
        return at < sandbox->hide.count ? sandbox->hide.items[at] : NULL;
    if (step == SANDBOX_STEP_MASK)
        return at < sandbox->mask_count ? sandbox->masks[at].path : NULL;
    if (step == SANDBOX_STEP_ALSO)
        return sandbox->also;
    return step == SANDBOX_STEP_OVERLAY ? sandbox->lower : NULL;
}

char *sandbox_step(const struct sandbox *sandbox, int step, int item)
{
    if (step < LAUNCH_STEP_SANDBOX || step >= SANDBOX_STEP_END)
        return str_dup("unknown step");
    const char *subject = step_subject(sandbox, step, item);
    const char *name = step_names[step - LAUNCH_STEP_SANDBOX];
    return subject ? str_printf("%s '%s'", name, subject) : str_dup(name);
}

static bool may_mount(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    return data[CAP_SYS_ADMIN / 32].effective & 1u << CAP_SYS_ADMIN % 32;
}

// In the first user namespace every number maps to itself; only there does overlayfs accept the trusted.* names.
static bool is_first_user_namespace(void)
{
    struct buf map = {0};
    struct error ignored = {0};
    unsigned inside = 1, outside = 1, count = 0;
    bool first = fs_read(&map, "/proc/self/uid_map", 4096, &ignored) == 0 &&
                 sscanf(buf_text(&map), "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 && outside == 0 &&
                 count == 4294967295u;
    buf_free(&map);
    error_free(&ignored);
    return first;
}

static void add_bind(struct sandbox *sandbox, const char *source, const char *target, bool writable)
{
    sandbox->binds = mem_grow(sandbox->binds, sandbox->bind_count, &sandbox->bind_capacity, sizeof *sandbox->binds);
    sandbox->binds[sandbox->bind_count++] = (struct sandbox_bind){.source = str_dup(source),
                                                                  .target = str_dup(target),
                                                                  .folder = fs_is_folder(source),
                                                                  .writable = writable,
                                                                  .made = sandbox_is_hidden(sandbox, target),
                                                                  .fd = -1};
}

static void plan_binds(struct sandbox *sandbox, const struct sandbox_options *options)
{
    if (!options->lower)
        add_bind(sandbox, options->folder, SANDBOX_WORK, true);
    add_bind(sandbox, options->home, SANDBOX_HOME, true);
    add_bind(sandbox, options->tmp, SANDBOX_TMP, true);
    CLEANUP(strings) struct strings paths = {0};
    sandbox_devices(&paths);
    if (options->read_only)
        strings_copy(&paths, options->read_only);
    strings_sort(&paths);
    const char *last = NULL;
    for (size_t i = 0; i < paths.count; i++) {
        const char *path = paths.items[i];
        bool covered = last && sandbox_is_below(path, last);
        covered = covered || (sandbox->also && sandbox_is_below(path, sandbox->also)); // it is in the workspace
        if (*path != '/' || covered || !sandbox_is_hidden(sandbox, path) || !fs_exists(path))
            continue;
        add_bind(sandbox, path, path, false);
        last = path;
    }
    for (size_t i = 0; options->binds && i < options->binds->count; i++) {
        const struct pair *bind = &options->binds->items[i];
        if (!str_equal(bind->name, bind->value) ||
            sandbox_is_hidden(sandbox, bind->name)) // else it is seen there anyway
            add_bind(sandbox, bind->value, bind->name, false);
    }
}

static void mask_in_work(struct sandbox *sandbox, const char *lower, const char *name)
{
    CLEANUP(free) char *there = fs_join(lower, name);
    struct stat st;
    if (lstat(there, &st) != 0 || S_ISLNK(st.st_mode))
        return;
    sandbox_add_mask(sandbox, fs_join(SANDBOX_WORK, name), S_ISDIR(st.st_mode));
}

static void plan_overlay(struct sandbox *sandbox, const struct sandbox_options *options)
{
    // The layers are named by descriptors (see sandbox_enter), so that no character of a path needs care. Renaming a
    // folder of the lower layer gives EXDEV without redirect_dir: with it, the upper layer could not be read alone.
    static const char *const options_user[] = {
        "lowerdir=/proc/self/fd/20,upperdir=/proc/self/fd/21,workdir=/proc/self/fd/22,userxattr,volatile",
        "lowerdir=/proc/self/fd/20,upperdir=/proc/self/fd/21,workdir=/proc/self/fd/22,userxattr", NULL};
    static const char *const options_root[] = {
        "lowerdir=/proc/self/fd/20,upperdir=/proc/self/fd/21,workdir=/proc/self/fd/22,redirect_dir=off,metacopy=off,"
        "index=off,volatile",
        "lowerdir=/proc/self/fd/20,upperdir=/proc/self/fd/21,workdir=/proc/self/fd/22,redirect_dir=off", NULL};
    static const char *const trained_user[] = {
        "lowerdir=/proc/self/fd/20,upperdir=/proc/self/fd/23,workdir=/proc/self/fd/24,userxattr", NULL};
    static const char *const trained_root[] = {
        "lowerdir=/proc/self/fd/20,upperdir=/proc/self/fd/23,workdir=/proc/self/fd/24,redirect_dir=off,metacopy=off,"
        "index=off",
        "lowerdir=/proc/self/fd/20,upperdir=/proc/self/fd/23,workdir=/proc/self/fd/24,redirect_dir=off", NULL};
    bool root = sandbox->privileged && is_first_user_namespace();
    sandbox->lower = str_dup(options->lower);
    sandbox->upper = str_dup(options->upper);
    sandbox->work = str_dup(options->work);
    memcpy(sandbox->overlay_type_options, root ? options_root : options_user, sizeof sandbox->overlay_type_options);
    sandbox->trained = str_dup(options->trained);
    sandbox->trained_work = str_dup(options->trained_work);
    sandbox->trained_options = root ? trained_root : trained_user;
    mask_in_work(sandbox, options->lower, ".repro");
    mask_in_work(sandbox, options->lower, ".git");
}

// ---- without namespaces ----

// The project itself can be read where it really is, for absolute paths into it, as editable installations have them.
static void plan_readable(struct strings *out, const struct strings *hidden, const char *project)
{
    CLEANUP(strings) struct strings around = {0}, within = {0};
    strings_copy(&around, hidden);
    if (project) {
        strings_take(&around, fs_join(project, ".git"));
        strings_take(&around, fs_join(project, ".repro"));
        for (size_t i = 0; i < around.count; i++)
            if (sandbox_is_below(around.items[i], project) && !str_equal(around.items[i], project))
                strings_add(&within, around.items[i]);
        confine_around(out, project, &within); // it may lie in HOME
    }
    confine_around(out, "/", &around);
}

static void plan_confined(struct sandbox *sandbox, const struct sandbox_options *options)
{
    CLEANUP(strings) struct strings writable = {0}, readable = {0}, hidden = {0};
    const struct sandbox_ability *ability = options->ability;
    struct confine_options wanted = {.ability = {.sockets = ability->sockets, .files = ability->files},
                                     .network = options->network,
                                     .writable = &writable,
                                     .readable = &readable};
    if (ability->files > 0) {
        struct error ignored = {0};
        CLEANUP(free) char *project = NULL;
        if (options->also && fs_realpath(&project, options->also, &ignored) != 0)
            error_free(&ignored);
        sandbox_plan_hidden(sandbox, options->hide);
        strings_copy(&hidden, &sandbox->hide);
        strings_add(&hidden, "/dev");
        plan_readable(&readable, &hidden, project);
        if (options->read_only)
            strings_copy(&readable, options->read_only);
        sandbox_devices(&writable);
        strings_add(&writable, "/dev/shm");
        strings_add(&writable, options->folder);
        strings_add(&writable, options->home);
        strings_add(&writable, options->tmp);
    }
    sandbox->confine = confine_new(&wanted);
}

int sandbox_new(struct sandbox **out, const struct sandbox_options *options, struct error *err)
{
    if (options->isolation == ISOLATION_AUTO)
        return error_set(err, ERROR_MACHINE, "cannot isolate the run: isolation 'auto' is to be decided before");
    struct sandbox *sandbox = mem_alloc(sizeof *sandbox);
    if (options->isolation == ISOLATION_PARTIAL)
        plan_confined(sandbox, options);
    sandbox->isolated = options->isolation == ISOLATION_FULL;
    sandbox->network = options->network;
    sandbox->super = geteuid() == 0;
    if (sandbox->isolated) {
        sandbox->privileged = sandbox->super && may_mount();
        sandbox->ids[0] = str_printf("%u %u 1\n", (unsigned)geteuid(), (unsigned)geteuid());
        sandbox->ids[1] = str_printf("%u %u 1\n", (unsigned)getegid(), (unsigned)getegid());
        sandbox_plan_hidden(sandbox, options->hide);
        if (fs_is_folder("/dev"))
            strings_add(&sandbox->hide, "/dev");
        // Not where it would cover the workspace's own place.
        if (options->also && *options->also == '/' && !sandbox_is_below(SANDBOX_BASE, options->also) &&
            !sandbox_is_below(options->also, SANDBOX_BASE))
            sandbox->also = str_dup(options->also);
        plan_binds(sandbox, options);
        sandbox_plan_sockets(sandbox);
        if (options->lower)
            plan_overlay(sandbox, options);
    }
    sandbox->seen_work = str_dup(sandbox->isolated ? SANDBOX_WORK : options->folder);
    *out = sandbox;
    return 0;
}

unsigned long sandbox_flags(const struct sandbox *sandbox)
{
    if (!sandbox->isolated)
        return 0;
    unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    if (!sandbox->network)
        flags |= CLONE_NEWNET;
    return sandbox->privileged ? flags : flags | CLONE_NEWUSER;
}
