#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: on a kernel without user notification, and in a container that forbids it, training runs untraced and the report
# says so; who asks for a trace by name gets the reason instead.
. "$(dirname "$0")/lib.sh"
traceable
requires cc
cat >"$WORK/without.c" <<'END'
// without ERRNO COMMAND...: seccomp(2) fails with that number; 0: only its notifications do, as before Linux 5.0.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
int main(int argc, char **argv) {
    unsigned code = argc > 2 ? atoi(argv[1]) : 0;
    struct sock_filter all[] = {FIELD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
                                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
                                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter some[] = {FIELD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 5),
                                 FIELD(args[0]), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_GET_NOTIF_SIZES, 2, 0),
                                 FIELD(args[1]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 22),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {code ? 4 : 8, code ? all : some};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        return 77;
    execvp(argv[2], argv + 2);
    return 127;
}
END
cc -o "$WORK/without" "$WORK/without.c" || skip "no seccomp filter can be compiled here"
sums_suite
for code in 0 1 22 38; do # no notifications; EPERM, EINVAL, ENOSYS
    rm -rf golden .repro
    expect 0 "$WORK/without" "$code" "$REPRO" doctor
    says "trace        "
    silent_about "every file that training opens is seen"
    expect 0 "$WORK/without" "$code" "$REPRO" record
    expect 0 "$WORK/without" "$code" "$REPRO" verify
    says "not traced: "
    expect 3 "$WORK/without" "$code" "$REPRO" verify --trace files
    says "seccomp"
    expect 0 "$WORK/without" "$code" "$REPRO" verify --trace off
done
