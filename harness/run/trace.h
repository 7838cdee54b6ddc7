// SPDX-License-Identifier: Apache-2.0
//
// What a run did, as its system calls tell: files read, written, listed and looked for in vain, programs started,
// attempts at the network, entropy drawn. Linux: seccomp user notification, answered with CONTINUE; for watching, never
// for security (between our look at a path and the kernel's, another thread may change it). trace_linux.c stands
// beside trace_portable.c, which sees nothing and says so.
//
// The filter is made before the fork (trace_new), installed by the forked child just before it starts the command
// (trace_enter), and answered on a thread of the caller (trace_watch until trace_finish). When the caller dies, the
// supervisor ends the tree, so nobody waits for an answer for ever.
#ifndef REPRO_RUN_TRACE_H
#define REPRO_RUN_TRACE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// FULL also sees look-ups (stat, access, readlink), which are many.
enum trace_level { TRACE_AUTO, TRACE_OFF, TRACE_FILES, TRACE_FULL };
const char *trace_level_name(enum trace_level level);

enum {
    TRACE_READ = 1 << 0,      // opened for reading, or executed, when it was there before the run wrote it
    TRACE_WRITTEN = 1 << 1,   // opened for writing, created, renamed or linked to
    TRACE_REMOVED = 1 << 2,   // unlinked, or renamed away
    TRACE_LISTED = 1 << 3,    // a folder that was opened as one
    TRACE_EXECUTED = 1 << 4,  // started as a program, or as the interpreter of one
    TRACE_ABSENT = 1 << 5,    // looked for before the run made it, and not there
    TRACE_LOOKED_UP = 1 << 6, // asked for, and there: stat, access, readlink (FULL); a call refused because it is there
    TRACE_OWN = 1 << 7,       // made by the run: it was not there at first sight, and was created then or later
};
struct trace_file {
    const char *path; // absolute, as the run sees it, links resolved where that could be done; no "." or ".."
    const char *link; // the name that was used, when it led to `path` through symbolic links; NULL when it did not
    unsigned flags;
    bool folder;
};

// A program that was started: the file, and how often.
struct trace_program {
    const char *path; // as of trace_file
    uint64_t starts;
};

// An attempt to leave the machine: connect, bind, sendto, sendmsg, sendmmsg to an address that is not loopback's.
struct trace_contact {
    const char *call;    // "connect"
    const char *address; // "93.184.216.34 port 443", "2606:2800::1 port 53"
    const char *program; // the basename of the program that tried
    uint64_t times;
};

struct trace_entropy {
    const char *program; // absolute path of the program
    const char *source;  // "getrandom", "/dev/urandom", "/dev/random"
    uint64_t times;
};

// What was seen. Sorted: files and programs by path, the rest by its fields in order. All-zero is empty.
struct trace_log {
    struct trace_file *files;
    size_t file_count;
    struct trace_program *programs;
    size_t program_count;
    struct trace_contact *contacts;
    size_t contact_count;
    struct trace_entropy *entropy;
    size_t entropy_count;

    uint64_t calls;      // notifications answered
    uint64_t unresolved; // calls whose path or address could not be read or resolved: the list is not complete
    struct strings unresolved_why; // a few of them, for people
    uint64_t foreign;      // system calls of another architecture (32-bit, x32): what those did is not in the list
    bool refused_io_uring; // a program asked for io_uring and was told that there is none
    bool cut;              // more files than the limit: the list is not complete
    struct arena texts;
};
void trace_log_free(struct trace_log *log);
DEFINE_CLEANUP_VALUE(trace_log)
// The entry of a path; NULL when it was never touched.
const struct trace_file *trace_log_find(const struct trace_log *log, const char *path);
// The log as JSON, for .repro/runs/…/trace.json and for people.
struct buf;
void trace_log_write(struct buf *out, const struct trace_log *log);

struct trace;

// The errors of all that follows begin with this.
#define TRACE_REFUSED "cannot trace the run: "

// What this machine can do, found out by trying it in a child.
struct trace_ability {
    bool available;
    bool synchronous; // wakes the watcher on the same CPU (kernel 6.6)
    char *why_not;    // for people: what forbids it, and what would allow it; NULL when available
};
int trace_probe(struct trace_ability *out, struct error *err);
void trace_ability_free(struct trace_ability *ability);

// Before the fork: the filter and the channel. An error (ERROR_MACHINE) where the kernel has no such thing.
int trace_new(struct trace **out, enum trace_level level, struct error *err);
void trace_free(struct trace *trace);
DEFINE_CLEANUP(trace)

// Hands over the descriptor that the forked side keeps (under any number, closed on exec) for trace_enter. The caller
// closes its own after the fork: when the last one is closed, nothing will be traced any more. Once a trace.
int trace_channel(struct trace *trace);
// Starts the watching thread. In the caller, before or right after the fork.
int trace_watch(struct trace *trace, struct error *err);
// In the forked child, without allocating: no_new_privs, the filter, and the listener handed to the caller. Returns 0,
// or −1 with errno. Everything that this process and its children do from here on waits for the watcher.
int trace_enter(const struct trace *trace, int channel);
// When the run has ended (or never began): stops the thread, hands the log over. What is still alive of the run gets
// ENOSYS from then on.
void trace_finish(struct trace_log *out, struct trace *trace);
// After trace_finish: the kernel woke the watcher on the processor of the call.
bool trace_is_synchronous(const struct trace *trace);

#endif
