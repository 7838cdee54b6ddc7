// SPDX-License-Identifier: Apache-2.0
//
// Finds out what a sandbox may do here by building one in a child, the whole of it, and throwing it away.
#include "run/confine.h"
#include "run/sandbox_enter.h"
#include "run/sandbox_plan.h"
#include "run/spawn.h"

#include "base/fs.h"
#include "base/rng.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long sysctl_value(const char *path)
{
    struct buf text = {0};
    struct error ignored = {0};
    long value = fs_read(&text, path, 64, &ignored) == 0 ? strtol(buf_text(&text), NULL, 10) : -1;
    buf_free(&text);
    error_free(&ignored);
    return value;
}

// The child's part of a try. Only system calls from here on.
static _Noreturn void enter_and_tell(const struct sandbox *sandbox, int fd)
{
    struct report report = {.kind = REPORT_FAILED, .step = SANDBOX_STEP_NAMESPACES};
    int moved = dup2(fd, LAUNCH_STATUS);
    for (int unused = 0; unused < LAUNCH_END; unused++)
        if (unused != moved)
            close(unused);
    spawn_close_from(LAUNCH_END);
    pid_t init = spawn_fork(sandbox_flags(sandbox));
    if (init == 0) {
        if (sandbox_enter(sandbox, &report.step, &report.item) == 0)
            report.kind = REPORT_STARTED;
        report.code = errno;
        report_send(LAUNCH_STATUS, &report);
        _exit(0);
    }
    if (init < 0) {
        report.code = errno;
        report_send(LAUNCH_STATUS, &report);
    } else {
        waitpid(init, NULL, 0);
    }
    _exit(0);
}

static int try_sandbox(const struct sandbox *sandbox, struct report *out, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_errno(err, "cannot make a pipe");
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0)
        enter_and_tell(sandbox, ends[1]);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    int got = child < 0 ? -1 : report_receive(ends[0], out);
    close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    errno = code;
    if (child < 0)
        return error_errno(err, "cannot start a process");
    if (got != 1)
        *out = (struct report){.kind = REPORT_FAILED, .step = SANDBOX_STEP_NAMESPACES, .code = EPERM};
    return 0;
}

char *sandbox_advice(const struct sandbox *sandbox, int step, int code)
{
    CLEANUP(free) char *what = sandbox_step(sandbox, step, 0);
    const char *remedy = "";
    if (step == SANDBOX_STEP_OVERLAY)
        remedy = " (an upper layer is refused on this file system; keep .repro on ext4, xfs, btrfs or tmpfs)";
    else if (!sandbox->privileged && sysctl_value("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
        remedy =
            " (AppArmor restricts user namespaces: install the profile that comes with the package, or `sudo sysctl "
            "kernel.apparmor_restrict_unprivileged_userns=0`)";
    else if (!sandbox->privileged && sysctl_value("/proc/sys/kernel/unprivileged_userns_clone") == 0)
        remedy = " (`sudo sysctl kernel.unprivileged_userns_clone=1` allows it)";
    else if (!sandbox->privileged && sysctl_value("/proc/sys/user/max_user_namespaces") == 0)
        remedy = " (`sudo sysctl user.max_user_namespaces=10000` allows it)";
    else if (fs_exists("/.dockerenv") || fs_exists("/run/.containerenv"))
        remedy =
            " (the container forbids it: start it with `--privileged`, or with `--cap-add SYS_ADMIN --security-opt "
            "seccomp=unconfined --security-opt apparmor=unconfined`)";
    return str_printf("%s: %s%s", what, strerror(code), remedy);
}

static bool can_protect_root(void)
{
#ifdef SYS_mount_setattr
    return syscall(SYS_mount_setattr, -1, "", 0u, NULL, (size_t)0) != 0 && errno != ENOSYS;
#else
    return false;
#endif
}

// One try; what stood in the way is added to `why`.
static int try_with(bool *works, bool overlay, bool network, const char *folder, struct strings *why, struct error *err)
{
    CLEANUP(free) char *lower = fs_join(folder, "lower");
    CLEANUP(free) char *upper = fs_join(folder, "upper");
    CLEANUP(free) char *work = fs_join(folder, "work");
    CLEANUP(free) char *home = fs_join(folder, "home");
    if (fs_mkdirs(lower, err) != 0 || fs_mkdirs(upper, err) != 0 || fs_mkdirs(work, err) != 0 ||
        fs_mkdirs(home, err) != 0)
        return -1;
    struct sandbox_options options = {.isolation = ISOLATION_FULL, .network = network, .home = home, .tmp = home};
    options.lower = overlay ? lower : NULL;
    options.folder = overlay ? NULL : lower;
    options.upper = upper;
    options.work = work;
    struct sandbox *sandbox = NULL;
    struct report report = {0};
    int failed = sandbox_new(&sandbox, &options, err) != 0 || try_sandbox(sandbox, &report, err) != 0 ? -1 : 0;
    *works = failed == 0 && report.kind == REPORT_STARTED;
    if (failed == 0 && !*works)
        strings_take(why, sandbox_advice(sandbox, report.step, report.code));
    sandbox_free(sandbox);
    return failed;
}

static int probe(struct sandbox_ability *out, const char *folder, struct error *err)
{
    CLEANUP(strings) struct strings why = {0};
    bool works = false;
    if (try_with(&works, true, false, folder, &why, err) != 0)
        return -1;
    out->overlay = out->network = out->namespaces = works;
    // What it was that failed: without the overlay first, then without the network's namespace too.
    if (!works && try_with(&works, false, false, folder, &why, err) != 0)
        return -1;
    out->network = out->namespaces = works;
    if (!works && try_with(&out->namespaces, false, true, folder, &why, err) != 0)
        return -1;
    if (out->namespaces && !out->network && try_with(&out->overlay, true, true, folder, &why, err) != 0)
        return -1;
    out->read_only = out->namespaces && can_protect_root();
    if (why.count > 0)
        out->why_not = str_dup(why.items[0]);
    else if (!out->read_only)
        out->why_not = str_dup("the root cannot be made read-only (needs Linux 5.12)");
    return 0;
}

int sandbox_probe(struct sandbox_ability *out, const char *probe_folder, struct error *err)
{
    *out = (struct sandbox_ability){0};
    struct confine_ability confined;
    confine_probe(&confined);
    out->sockets = confined.sockets;
    out->files = confined.files;
    char token[13];
    rng_token(token, sizeof token);
    CLEANUP(free) char *name = str_printf("probe-%s", token);
    CLEANUP(free) char *folder = fs_join(probe_folder, name);
    int failed = probe(out, folder, err);
    struct error ignored = {0};
    if (fs_remove_tree(folder, failed ? &ignored : err) != 0 && !failed)
        failed = -1;
    error_free(&ignored);
    return failed;
}
