// SPDX-License-Identifier: Apache-2.0
//
// The view is built in the sandbox's init, which is alone in fresh namespaces. Every source is opened first, as a
// descriptor, because the empty /tmp and HOME are about to cover the names of some; then the covers, the workspace and
// what must stay visible; then everything becomes read-only but what the run may write. Nothing here allocates.
#include "run/confine.h"
#include "run/sandbox_enter.h"
#include "run/sandbox_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// sys/mount.h and linux/mount.h cannot be included together on every glibc.
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);

#ifndef MS_RDONLY
#define MS_RDONLY  1
#define MS_NOSUID  2
#define MS_NODEV   4
#define MS_NOEXEC  8
#define MS_REMOUNT 32
#define MS_BIND    4096
#define MS_REC     16384
#define MS_PRIVATE (1 << 18)
#endif

enum { FD_LOWER = 20, FD_UPPER, FD_WORK, FD_TRAINED, FD_TRAINED_WORK, FD_END };
_Static_assert((int)FD_LOWER >= (int)LAUNCH_END, "the overlay's options name these descriptors");

// What root may still do in the run: reach files of other owners, as it could outside (everything but the workspace is
// read-only). Not CAP_DAC_READ_SEARCH, which opens files by handle and so leaves any mount namespace.
static const unsigned root_keeps = 1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER | 1u << CAP_FSETID;

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t put = write(fd, text, strlen(text));
    int code = errno;
    close(fd);
    errno = code;
    return put == (ssize_t)strlen(text) ? 0 : -1;
}

static int map_ids(const struct sandbox *sandbox)
{
    if (sandbox->privileged)
        return 0;
    // A process that changed its user since its last exec does not own its own files in /proc.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (write_file("/proc/self/setgroups", "deny") != 0 && errno != ENOENT)
        return -1;
    return write_file("/proc/self/uid_map", sandbox->ids[0]) != 0 || write_file("/proc/self/gid_map", sandbox->ids[1])
               ? -1
               : 0;
}

static int raise_loopback(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int failed = ioctl(fd, SIOCSIFFLAGS, &request);
    int code = errno;
    close(fd);
    errno = code;
    return failed;
}

// "/proc/self/fd/N"
static const char *fd_path(char out[32], int fd)
{
    static const char start[] = "/proc/self/fd/";
    char digits[12];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + fd % 10);
        fd /= 10;
    } while (fd > 0);
    memcpy(out, start, sizeof start);
    memcpy(out + sizeof start - 1, digits + at, sizeof digits - at);
    return out;
}

static int open_at(const char *path, int wanted)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fd == wanted)
        return fd;
    int moved = dup3(fd, wanted, O_CLOEXEC);
    int code = errno;
    close(fd);
    errno = code;
    return moved;
}

static int open_sources(const struct sandbox *sandbox, int *item)
{
    *item = (int)sandbox->bind_count; // stands for the layers
    if (sandbox->lower && (open_at(sandbox->lower, FD_LOWER) < 0 || open_at(sandbox->upper, FD_UPPER) < 0 ||
                           open_at(sandbox->work, FD_WORK) < 0))
        return -1;
    if (sandbox->trained &&
        (open_at(sandbox->trained, FD_TRAINED) < 0 || open_at(sandbox->trained_work, FD_TRAINED_WORK) < 0))
        return -1;
    for (size_t i = 0; i < sandbox->bind_count; i++) {
        struct sandbox_bind *bind = &sandbox->binds[i];
        *item = (int)i;
        int fd = open(bind->source, O_PATH | O_CLOEXEC);
        if (fd < 0)
            return -1;
        // Beyond the layers' numbers, which are taken by name.
        bind->fd = fd < FD_END ? fcntl(fd, F_DUPFD_CLOEXEC, FD_END) : fd;
        if (bind->fd != fd)
            close(fd);
        if (bind->fd < 0)
            return -1;
    }
    return 0;
}

static int mount_empty(const char *path, const char *options)
{
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options);
}

static int hide(const struct sandbox *sandbox, int *item)
{
    for (size_t i = 0; i < sandbox->hide.count; i++) {
        *item = (int)i;
        const char *path = sandbox->hide.items[i];
        if (mount_empty(path, strcmp(path, "/tmp") == 0 ? "mode=1777" : "mode=755") != 0)
            return -1;
    }
    return 0;
}

// The device files are bound later; terminals are the run's own, where the kernel has them.
static int furnish_dev(void)
{
    static const char *const links[][2] = {
        {"/proc/self/fd", "/dev/fd"},       {"/proc/self/fd/0", "/dev/stdin"}, {"/proc/self/fd/1", "/dev/stdout"},
        {"/proc/self/fd/2", "/dev/stderr"}, {"pts/ptmx", "/dev/ptmx"},
    };
    if (access("/dev", F_OK) != 0)
        return 0;
    if (mkdir("/dev/shm", 0755) != 0 || mkdir("/dev/pts", 0755) != 0)
        return -1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlink(links[i][0], links[i][1]) != 0)
            return -1;
    mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620");
    return 0;
}

static int make_folders(void)
{
    static const char *const folders[] = {SANDBOX_BASE, SANDBOX_WORK, SANDBOX_HOME, SANDBOX_TMP};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (mkdir(folders[i], 0755) != 0)
            return -1;
    return furnish_dev();
}

static int mount_layers(const char *const *options)
{
    int failed = 0;
    for (size_t i = 0; options[i]; i++) {
        failed = mount("overlay", SANDBOX_WORK, "overlay", MS_NOSUID | MS_NODEV, options[i]);
        if (failed == 0 || errno != EINVAL) // EINVAL: an option that this kernel does not know
            break;
    }
    return failed;
}

// What a run left is an overlay of its own, which nobody writes to: the layers cannot all be named at once, because one
// lies within the folder that another one is.
static int mount_overlay(const struct sandbox *sandbox)
{
    if (sandbox->trained && (mount_layers(sandbox->trained_options) != 0 || open_at(SANDBOX_WORK, FD_LOWER) < 0))
        return -1;
    return mount_layers(sandbox->overlay_type_options);
}

// Makes what a mount needs to stand on: the folders above `path`, and an empty folder or file.
static int make_target(const char *path, bool folder)
{
    char part[4096];
    size_t len = strlen(path);
    if (len >= sizeof part) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(part, path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (part[i] != '/')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return -1;
        part[i] = '/';
    }
    if (folder)
        return mkdir(path, 0755) != 0 && errno != EEXIST ? -1 : 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? -1 : 0;
}

static int bind_sources(const struct sandbox *sandbox, int *item)
{
    char source[32];
    for (size_t i = 0; i < sandbox->bind_count; i++) {
        const struct sandbox_bind *bind = &sandbox->binds[i];
        *item = (int)i;
        if (bind->made && access(bind->target, F_OK) != 0 && make_target(bind->target, bind->folder) != 0)
            return -1;
        if (mount(fd_path(source, bind->fd), bind->target, NULL, MS_BIND | MS_REC, NULL) != 0)
            return -1;
    }
    return 0;
}

static int mask(const struct sandbox *sandbox, int *item)
{
    for (size_t i = 0; i < sandbox->mask_count; i++) {
        *item = (int)i;
        const struct sandbox_mask *masked = &sandbox->masks[i];
        if ((masked->folder ? mount_empty(masked->path, "mode=755,size=4k")
                            : mount("/dev/null", masked->path, NULL, MS_BIND, NULL)) != 0 &&
            errno != ENOENT)
            return -1;
    }
    return 0;
}

// Absolute paths to the project, as editable installations and virtual environments have them, lead to the workspace.
static int show_again(const char *path)
{
    if (access(path, F_OK) != 0 && make_target(path, true) != 0) // a hidden one: the project is not there any more
        return -1;
    return mount(SANDBOX_WORK, path, NULL, MS_BIND | MS_REC, NULL);
}

static int set_read_only(const char *path, bool on, unsigned flags)
{
#ifdef SYS_mount_setattr
    struct mount_attr change = {.attr_set = on ? MOUNT_ATTR_RDONLY : 0, .attr_clr = on ? 0 : MOUNT_ATTR_RDONLY};
    return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &change, sizeof change);
#else
    (void)path;
    (void)on;
    (void)flags;
    errno = ENOSYS;
    return -1;
#endif
}

// A kernel before 5.12 cannot: sandbox_probe found that out, and the report says it.
static int protect(const struct sandbox *sandbox)
{
    if (set_read_only("/", true, AT_RECURSIVE) != 0)
        return errno == ENOSYS ? 0 : -1;
    if (set_read_only("/tmp", false, 0) != 0 || (sandbox->lower && set_read_only(SANDBOX_WORK, false, 0) != 0))
        return -1;
    if (sandbox->also && set_read_only(sandbox->also, false, 0) != 0)
        return -1;
    for (size_t i = 0; i < sandbox->bind_count; i++)
        if (sandbox->binds[i].writable && set_read_only(sandbox->binds[i].target, false, 0) != 0)
            return -1;
    return 0;
}

// The new one shows only the run's processes. Root could change the machine by /proc/sys, so for root it is read-only.
static int mount_proc(const struct sandbox *sandbox)
{
    return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | (sandbox->super ? MS_RDONLY : 0), NULL);
}

int sandbox_enter(const struct sandbox *sandbox, int *step, int *item)
{
    *item = 0;
#define STEP(name, call)                                                                                               \
    do {                                                                                                               \
        *step = SANDBOX_STEP_##name;                                                                                   \
        if ((call) != 0)                                                                                               \
            return -1;                                                                                                 \
    } while (0)
    STEP(IDS, map_ids(sandbox));
    STEP(PRIVATE, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    if (!sandbox->network)
        STEP(LOOPBACK, raise_loopback());
    STEP(HOST_NAME, sethostname("repro", 5));
    STEP(OPEN, open_sources(sandbox, item));
    STEP(HIDE, hide(sandbox, item));
    STEP(FOLDERS, make_folders());
    if (sandbox->lower)
        STEP(OVERLAY, mount_overlay(sandbox));
    STEP(BIND, bind_sources(sandbox, item));
    STEP(MASK, mask(sandbox, item));
    if (sandbox->also)
        STEP(ALSO, show_again(sandbox->also));
    STEP(READ_ONLY, protect(sandbox));
    // After the root has become read-only: the semaphores of Python's multiprocessing live here.
    if (access("/dev/shm", F_OK) == 0)
        STEP(SHARED_MEMORY, mount_empty("/dev/shm", "mode=1777"));
    STEP(PROC, mount_proc(sandbox));
#undef STEP
    return chdir("/");
}

int sandbox_drop(const struct sandbox *sandbox)
{
    if (!sandbox->isolated && !sandbox->confine)
        return 0;
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL); // an empty one; where there are no keyrings, so much better
    unsigned keep = sandbox->super ? root_keeps : 0;
    for (unsigned capability = 0; capability < 64; capability++)
        if (capability >= 32 || !(keep & 1u << capability))
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); // EINVAL beyond the last one
    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct now[2] = {0};
    if (syscall(SYS_capget, &header, now) != 0)
        return -1;
    now[0].permitted &= keep;
    now[0].effective = now[0].permitted;
    now[0].inheritable = now[1].permitted = now[1].effective = now[1].inheritable = 0;
    if (syscall(SYS_capset, &header, now) != 0)
        return -1;
    return sandbox->confine ? confine_enter(sandbox->confine) : 0;
}
