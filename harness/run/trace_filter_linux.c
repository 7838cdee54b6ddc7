// SPDX-License-Identifier: Apache-2.0
#include "run/trace_filter.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

// A call that an architecture lacks has a number below 0 and is left out. The frequent ones stand first.
#define CALL(name) SCMP_SYS(name), #name
static const struct trace_call calls[] = {
    {CALL(openat), TRACE_CALL_OPEN, 0, 1, -1, -1, 2, false},
    {CALL(newfstatat), TRACE_CALL_LOOK, 0, 1, -1, -1, 3, true},
    {CALL(stat), TRACE_CALL_LOOK, -1, 0, -1, -1, -1, true},
    {CALL(lstat), TRACE_CALL_LOOK_AT, -1, 0, -1, -1, -1, true},
    {CALL(statx), TRACE_CALL_LOOK, 0, 1, -1, -1, 2, true},
    {CALL(readlink), TRACE_CALL_LOOK_AT, -1, 0, -1, -1, -1, true},
    {CALL(readlinkat), TRACE_CALL_LOOK_AT, 0, 1, -1, -1, -1, true},
    {CALL(access), TRACE_CALL_LOOK, -1, 0, -1, -1, -1, true},
    {CALL(faccessat), TRACE_CALL_LOOK, 0, 1, -1, -1, -1, true},
    {CALL(faccessat2), TRACE_CALL_LOOK, 0, 1, -1, -1, 3, true},
    {CALL(open), TRACE_CALL_OPEN, -1, 0, -1, -1, 1, false},
    {CALL(openat2), TRACE_CALL_OPEN_HOW, 0, 1, -1, -1, 2, false},
    {CALL(creat), TRACE_CALL_CREAT, -1, 0, -1, -1, -1, false},
    {CALL(getrandom), TRACE_CALL_ENTROPY, -1, -1, -1, -1, -1, false},
    {CALL(execve), TRACE_CALL_EXEC, -1, 0, -1, -1, -1, false},
    {CALL(execveat), TRACE_CALL_EXEC, 0, 1, -1, -1, 4, false},
    {CALL(rename), TRACE_CALL_RENAME, -1, 0, -1, 1, -1, false},
    {CALL(renameat), TRACE_CALL_RENAME, 0, 1, 2, 3, -1, false},
    {CALL(renameat2), TRACE_CALL_RENAME, 0, 1, 2, 3, 4, false},
    {CALL(link), TRACE_CALL_LINK, -1, 0, -1, 1, -1, false},
    {CALL(linkat), TRACE_CALL_LINK, 0, 1, 2, 3, 4, false},
    {CALL(symlink), TRACE_CALL_SYMLINK, -1, 1, -1, -1, -1, false},
    {CALL(symlinkat), TRACE_CALL_SYMLINK, 1, 2, -1, -1, -1, false},
    {CALL(unlink), TRACE_CALL_REMOVE, -1, 0, -1, -1, -1, false},
    {CALL(unlinkat), TRACE_CALL_REMOVE, 0, 1, -1, -1, 2, false},
    {CALL(rmdir), TRACE_CALL_REMOVE_FOLDER, -1, 0, -1, -1, -1, false},
    {CALL(truncate), TRACE_CALL_TRUNCATE, -1, 0, -1, -1, 1, false},
    {CALL(mkdir), TRACE_CALL_MKDIR, -1, 0, -1, -1, -1, false},
    {CALL(mkdirat), TRACE_CALL_MKDIR, 0, 1, -1, -1, -1, false},
    {CALL(mknod), TRACE_CALL_MKNOD, -1, 0, -1, -1, -1, false},
    {CALL(mknodat), TRACE_CALL_MKNOD, 0, 1, -1, -1, -1, false},
    {CALL(connect), TRACE_CALL_ADDRESS, -1, -1, -1, -1, -1, false},
    {CALL(bind), TRACE_CALL_ADDRESS, -1, -1, -1, -1, -1, false},
    {CALL(sendto), TRACE_CALL_SENDTO, -1, -1, -1, -1, -1, false},
    {CALL(sendmsg), TRACE_CALL_MESSAGE, -1, -1, -1, -1, -1, false},
    {CALL(sendmmsg), TRACE_CALL_MESSAGES, -1, -1, -1, -1, -1, false},
    {CALL(io_uring_setup), TRACE_CALL_REFUSE, -1, -1, -1, -1, -1, false},
    {CALL(io_uring_enter), TRACE_CALL_REFUSE, -1, -1, -1, -1, -1, false},
    {CALL(io_uring_register), TRACE_CALL_REFUSE, -1, -1, -1, -1, -1, false},
    {CALL(chroot), TRACE_CALL_VIEW, -1, -1, -1, -1, -1, false},
    {CALL(pivot_root), TRACE_CALL_VIEW, -1, -1, -1, -1, -1, false},
    {CALL(mount), TRACE_CALL_VIEW, -1, -1, -1, -1, -1, false},
    {CALL(move_mount), TRACE_CALL_VIEW, -1, -1, -1, -1, -1, false},
    {CALL(setns), TRACE_CALL_VIEW, -1, -1, -1, -1, -1, false},
    {CALL(open_by_handle_at), TRACE_CALL_VIEW, -1, -1, -1, -1, -1, false},
};

const struct trace_call *trace_call_find(int number)
{
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (calls[i].number == number)
            return &calls[i];
    return NULL;
}

static int add_rule(scmp_filter_ctx ctx, int number, unsigned count, const struct scmp_arg_cmp *conditions)
{
    return seccomp_rule_add_array(ctx, SCMP_ACT_NOTIFY, number, count, conditions);
}

// fstat is newfstatat on a descriptor with an empty path: too frequent, and it names no file. A path beside
// AT_EMPTY_PATH is seen when it is absolute or relative to the current folder, as it always is in practice.
static int add_look(scmp_filter_ctx ctx, const struct trace_call *call)
{
    if (call->flags < 0 || call->folder < 0)
        return add_rule(ctx, call->number, 0, NULL);
    unsigned flags = (unsigned)call->flags, folder = (unsigned)call->folder;
    const struct scmp_arg_cmp path[] = {{flags, SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0}};
    const struct scmp_arg_cmp current[] = {{flags, SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH},
                                           {folder, SCMP_CMP_MASKED_EQ, 0x80000000u, 0x80000000u}};
    int failed = add_rule(ctx, call->number, ARRAY_LEN(path), path);
    return failed ? failed : add_rule(ctx, call->number, ARRAY_LEN(current), current);
}

static int add_call(scmp_filter_ctx ctx, const struct trace_call *call)
{
    const struct scmp_arg_cmp has_address[] = {{4, SCMP_CMP_NE, 0, 0}};
    const struct scmp_arg_cmp is_not_ours[] = {{2, SCMP_CMP_NE, TRACE_SEND_FLAGS, 0}};
    switch (call->kind) {
    case TRACE_CALL_LOOK:
        return add_look(ctx, call);
    case TRACE_CALL_SENDTO: // without an address it goes where the socket is connected to
        return add_rule(ctx, call->number, ARRAY_LEN(has_address), has_address);
    case TRACE_CALL_MESSAGE:
        return add_rule(ctx, call->number, ARRAY_LEN(is_not_ours), is_not_ours);
    default:
        return add_rule(ctx, call->number, 0, NULL);
    }
}

static int add_calls(scmp_filter_ctx ctx, enum trace_level level)
{
    // Calls of other architectures are let through, and counted.
    int failed = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_NOTIFY);
    if (!failed)
        seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); // refused by old versions: only slower
    for (size_t i = 0; i < ARRAY_LEN(calls) && !failed; i++)
        if (calls[i].number >= 0 && (!calls[i].full || level == TRACE_FULL))
            failed = add_call(ctx, &calls[i]);
    return failed;
}

static int read_code(struct trace_filter *out, scmp_filter_ctx ctx)
{
    CLEANUP(fd) int fd = memfd_create("filter", MFD_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return -errno;
    int failed = seccomp_export_bpf(ctx, fd);
    if (failed)
        return failed;
    if (fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > BPF_MAXINSNS * (off_t)sizeof *out->code)
        return -EIO;
    out->code = mem_alloc((size_t)st.st_size);
    out->count = (unsigned short)((size_t)st.st_size / sizeof *out->code);
    return pread(fd, out->code, (size_t)st.st_size, 0) == st.st_size ? 0 : -EIO;
}

int trace_filter_new(struct trace_filter *out, enum trace_level level, struct error *err)
{
    *out = (struct trace_filter){.architecture = seccomp_arch_native()};
    if (sizeof(void *) < 8)
        return error_set(err, ERROR_MACHINE, TRACE_REFUSED "not on a 32-bit machine");
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    int failed = ctx ? add_calls(ctx, level) : -ENOMEM;
    if (!failed)
        failed = read_code(out, ctx);
    if (ctx)
        seccomp_release(ctx);
    if (!failed)
        return 0;
    trace_filter_free(out);
    return error_set(err, ERROR_MACHINE,
                     TRACE_REFUSED "the kernel (Linux 5.6 or later) or the container does not offer seccomp "
                                   "user notification: %s",
                     strerror(-failed));
}

void trace_filter_free(struct trace_filter *filter)
{
    free(filter->code);
    *filter = (struct trace_filter){0};
}
