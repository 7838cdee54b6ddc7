#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of a statically linked program, and of one that uses every old and new way to name a file, repro's trace has
# what strace sees.
. "$(dirname "$0")/lib.sh"
requires cc
cat >walk.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static void *in_thread(void *name) { return close(open(name, O_RDONLY)) ? name : NULL; }
int main(void) {
    pthread_t thread;
    syscall(SYS_mkdir, "made", 0755);
    int folder = syscall(SYS_open, "data", O_RDONLY | O_DIRECTORY);
    close(openat(folder, "a", O_RDWR | O_APPEND));
    close(openat(folder, "../data/./b", O_RDONLY));
    close(openat(folder, "none", O_RDONLY));
    syscall(SYS_creat, "made/x", 0644);
    linkat(AT_FDCWD, "data/b", AT_FDCWD, "made/b", 0);
    symlink("../data/c", "made/c");
    truncate("made/c", 1);
    renameat2(AT_FDCWD, "made/x", AT_FDCWD, "made/b", RENAME_EXCHANGE);
    rename("made", "moved");
    close(open("moved/b", O_RDONLY));
    close(open("made/b", O_RDONLY));
    fchdir(folder);
    rmdir("../moved");
    unlink("b");
    pthread_create(&thread, NULL, in_thread, "d");
    pthread_join(thread, NULL);
    if (chdir("..") == 0) pthread_create(&thread, NULL, in_thread, "data/e"), pthread_join(thread, NULL);
    int end = open("model", O_CREAT | O_WRONLY | O_TRUNC, 0644);
    return write(end, "done\n", 5) != 5;
}
END
cc -static -pthread -w -o walk walk.c 2>/dev/null || skip "there are no static libraries"
mkdir data
for name in a b c d; do echo "$name" >"data/$name"; done
beside_strace_everywhere './walk'
[ "$(grep -c moved/b .repro/runs/*/peer/trace.json)" = 1 ] || fail "the comparison compared nothing"
