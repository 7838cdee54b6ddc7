// SPDX-License-Identifier: Apache-2.0
//
// Isolation without namespaces, by what a process may give up on its own: a seccomp filter refuses every socket that is
// not a Unix socket (EACCES), and io_uring, which could make one (ENOSYS); Landlock lets files be written below a few
// folders only, and read wherever nothing private lies. Linux only; sandbox_linux.c alone uses it.
//
// Landlock is used from its second version on (Linux 5.19): the first one lets nobody rename from folder to folder.
#ifndef REPRO_RUN_CONFINE_H
#define REPRO_RUN_CONFINE_H

#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>

struct confine;

// What works here, found out in a child.
struct confine_ability {
    bool sockets; // network sockets can be refused
    int files;    // Landlock's version; 0: files cannot be protected
};
void confine_probe(struct confine_ability *out);

struct confine_options {
    struct confine_ability ability;
    bool network;                   // sockets are left alone
    const struct strings *writable; // folders and files: absolute
    const struct strings *readable; // what can be read besides those; nothing else can
};
struct confine *confine_new(const struct confine_options *options);
void confine_free(struct confine *confine);

// Adds the paths that together are `folder` without what `hidden` names: each folder on the way is listed.
void confine_around(struct strings *out, const char *folder, const struct strings *hidden);

// In the forked child; system calls only. −1 with errno.
int confine_enter(const struct confine *confine);

#endif
