// SPDX-License-Identifier: Apache-2.0
//
// What a trace knows while it is being taken: every file that was named, what became of it, and under which names it is
// known already. Knows nothing of system calls; used by one thread at a time. All-zero is empty.
#ifndef REPRO_RUN_TRACE_COLLECT_H
#define REPRO_RUN_TRACE_COLLECT_H

#include "base/mem.h"
#include "run/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_kind { TRACE_NOTHING, TRACE_REGULAR, TRACE_FOLDER, TRACE_LINK, TRACE_OTHER };

// What a call does with a path, as far as the kernel will let it.
enum trace_act {
    TRACE_ACT_LOOK,           // asks whether it is there, or what it is
    TRACE_ACT_READ,           // a folder is listed
    TRACE_ACT_CHANGE,         // writes, and keeps what was there: both read and written
    TRACE_ACT_REPLACE,        // writes from the start
    TRACE_ACT_READ_OR_MAKE,   // as READ, CHANGE and REPLACE, but makes what is not there
    TRACE_ACT_CHANGE_OR_MAKE, //
    TRACE_ACT_REPLACE_OR_MAKE,
    TRACE_ACT_MAKE,    // fails where something is
    TRACE_ACT_PUT,     // the new name of a rename
    TRACE_ACT_TAKE,    // the old one
    TRACE_ACT_SHARE,   // the old name of a hard link
    TRACE_ACT_REMOVE,  // unlink, rmdir
    TRACE_ACT_EXECUTE, // starts it as a program, or as the interpreter of one
};

// A file, or a place where none is.
struct trace_seen {
    const char *path, *link; // see struct trace_file
    uint64_t starts;
    uint32_t hash;
    uint32_t came_from; // 1 + the folder, there before the run, that this one was moved from; 0: none
    unsigned flags;
    enum trace_kind kind;
    bool there;     // now, as far as the calls tell
    bool was_there; // at first sight, and not by the run's doing
    bool made;      // what is there now comes from the run
};

// A spelling that was resolved before.
struct trace_alias {
    const char *spelling;
    uint32_t hash, file, age;
    bool follow;
};

struct trace_collect {
    struct trace_log log; // its counters, contacts and entropy are kept here from the start
    struct trace_seen *files;
    size_t count, capacity;
    size_t limit;  // of files; 0: one million
    size_t length; // of their paths together, which has a limit, too
    uint32_t *slots;
    size_t slot_count;
    struct trace_alias *aliases;
    size_t alias_count, alias_slots;
    uint32_t age; // aliases of another age no longer hold
    struct arena spellings;
    size_t spelling_length;
    size_t contact_capacity, entropy_capacity;
};

#define TRACE_NO_FILE UINT32_MAX

// The file that an absolute spelling led to before; TRACE_NO_FILE when it has to be looked up. `follow`: a symbolic
// link at the end was followed.
uint32_t trace_collect_known(const struct trace_collect *collect, const char *spelling, bool follow);
// Notes what a look showed: the spelling leads to `path`, and this is there. TRACE_NO_FILE over the limit.
uint32_t trace_collect_see(struct trace_collect *collect, const char *spelling, bool follow, const char *path,
                           enum trace_kind kind);
// The call happens. `made` is the kind of what comes into being where the act makes something.
void trace_collect_act(struct trace_collect *collect, uint32_t file, enum trace_act act, enum trace_kind made);
// After the acts: the folder `from` is now called `to`. What is used in `to` was an input under its old name.
void trace_collect_move(struct trace_collect *collect, uint32_t from, uint32_t to);
// A folder or a link has changed its place: spellings may lead elsewhere from now on.
void trace_collect_forget(struct trace_collect *collect);

void trace_collect_contact(struct trace_collect *collect, const char *call, const char *address, const char *program);
void trace_collect_entropy(struct trace_collect *collect, const char *program, const char *source);
// A call that is missing from the list, and why.
void trace_collect_unresolved(struct trace_collect *collect, const char *why);

// Hands everything over, sorted; the collection is empty then.
void trace_collect_finish(struct trace_log *out, struct trace_collect *collect);

#endif
