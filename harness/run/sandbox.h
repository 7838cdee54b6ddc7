// SPDX-License-Identifier: Apache-2.0
//
// What keeps a run apart from the machine. `full`: user (unless privileged), mount, PID, IPC, UTS and network
// namespaces (loopback up), the root read-only, a private /tmp. `partial`, where namespaces are forbidden: no sockets
// but Unix ones, files written in the workspace only, and nothing read of what `full` hides (confine.h). `none`
// elsewhere. sandbox_linux.c stands beside sandbox_portable.c, which offers `none` only.
//
// A plan is made before the fork, in the caller; sandbox_enter runs in the forked child and only makes system calls
// that are safe there.
#ifndef REPRO_RUN_SANDBOX_H
#define REPRO_RUN_SANDBOX_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

struct sandbox;

// Where a run with namespaces sees its folders, on every machine.
#define SANDBOX_BASE "/tmp/repro"
#define SANDBOX_WORK SANDBOX_BASE "/work"
#define SANDBOX_HOME SANDBOX_BASE "/home"
#define SANDBOX_TMP  SANDBOX_BASE "/tmp"

enum isolation { ISOLATION_AUTO, ISOLATION_FULL, ISOLATION_PARTIAL, ISOLATION_NONE };
const char *isolation_name(enum isolation isolation);

// What this machine can do, found out by trying it in a child (cached by the caller, not here).
struct sandbox_ability {
    bool namespaces; // user + mount + PID (+ IPC, UTS, network) namespaces
    bool overlay;    // an overlay can be mounted over `probe_folder` with an upper layer in it
    bool network;    // a network namespace
    bool read_only;  // the root can be made read-only
    char *why_not;   // for people: what forbids it, and what would allow it; NULL when all of it works
    // Without namespaces:
    bool sockets; // network sockets can be refused
    int files;    // the version of Landlock, which protects files; 0: they cannot be protected
};
int sandbox_probe(struct sandbox_ability *out, const char *probe_folder, struct error *err);
void sandbox_ability_free(struct sandbox_ability *ability);

// True when `partial` would protect from anything at all; with `network` sockets are left alone.
bool sandbox_can_confine(const struct sandbox_ability *ability, bool network);
// For people: what `partial` does not protect here. The caller frees.
char *sandbox_gaps(const struct sandbox_ability *ability, bool network);

struct sandbox_options {
    enum isolation isolation;              // never AUTO: decided by the caller from the ability
    bool network;                          // leave the host's network in place
    const struct sandbox_ability *ability; // partial: how it can be had; else unused
    const char *lower;                     // overlay: the folder that is seen (read-only beneath), or NULL: no overlay
    const char *upper, *work;        // overlay: where changes go; made new for each run (it is mounted `volatile`)
    const char *trained;             // overlay: the upper layer of a run that has ended, seen over `lower`; may be NULL
    const char *trained_work;        // with it: an empty folder on the same file system
    const char *folder;              // without overlay: the folder that is bound at the fixed path; else NULL
    const char *home, *tmp;          // private folders on the host, bound at the fixed paths (full)
    const struct strings *hide;      // host folders that are seen empty: HOME, /run, …; /tmp always is; may be NULL
    const struct strings *read_only; // host paths that must stay visible (interpreters, externals), even below a
                                     // hidden folder; may be NULL
    const char *also;                // where the project really is: the workspace is seen here, too (full), or it can
                                     // be read but for .git and .repro (partial); may be NULL
    const struct pairs *binds;       // seen path → host path, bound read-only (externals); may be NULL
};
int sandbox_new(struct sandbox **out, const struct sandbox_options *options, struct error *err);
void sandbox_free(struct sandbox *sandbox);

// Where the run sees its work folder: the fixed place with namespaces; else the host path.
const char *sandbox_seen_work(const struct sandbox *sandbox);

#endif
