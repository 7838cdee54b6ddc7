// SPDX-License-Identifier: Apache-2.0
#include "run/trace_event.h"

#include "run/trace_path.h"
#include "run/trace_spelling.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#endif

enum { FOREIGN_BIT = 0x40000000, SCRIPT_LIMIT = 5, MESSAGE_LIMIT = 64 };
#define RESOLVE_IN_ROOT_FLAG 0x10u

// What one notification is read with.
struct reading {
    struct trace_event *event;
    struct trace_view *view;
    struct trace_collect *collect;
    const struct trace_call *call;
    const uint64_t *args;
    pid_t tid;
};

static void fail(struct reading *r)
{
    // A process that has ended in the meantime, and an address that it cannot read either, mean nothing.
    if (errno == ESRCH || errno == EFAULT || errno == ENOENT)
        return;
    r->event->failed = true;
    r->event->code = errno;
}

static const struct trace_seen *seen(const struct reading *r, uint32_t file)
{
    return &r->collect->files[file];
}

// Asked the first time only: what the run has changed it may change.
static bool is_permitted(const struct reading *r, uint32_t file, enum trace_act act)
{
    const struct trace_seen *found = seen(r, file);
    bool folder = found->there && found->kind == TRACE_FOLDER;
    if (found->flags & (TRACE_WRITTEN | TRACE_REMOVED))
        return true;
    switch (act) {
    case TRACE_ACT_LOOK:
    case TRACE_ACT_READ:
    case TRACE_ACT_SHARE:
    case TRACE_ACT_EXECUTE:
        return true;
    case TRACE_ACT_CHANGE:
    case TRACE_ACT_REPLACE:
        return !found->there || folder || trace_view_may_write(r->view, found->path);
    case TRACE_ACT_CHANGE_OR_MAKE:
    case TRACE_ACT_REPLACE_OR_MAKE:
        if (found->there)
            return folder || trace_view_may_write(r->view, found->path);
        return trace_view_may_change(r->view, found->path);
    case TRACE_ACT_READ_OR_MAKE:
    case TRACE_ACT_MAKE:
        return found->there || trace_view_may_change(r->view, found->path);
    case TRACE_ACT_PUT:
        return trace_view_may_change(r->view, found->path);
    case TRACE_ACT_TAKE:
    case TRACE_ACT_REMOVE:
        return !found->there || trace_view_may_change(r->view, found->path);
    }
    return true;
}

static void add_act(struct reading *r, uint32_t file, enum trace_act act, enum trace_kind made)
{
    struct trace_event *event = r->event;
    if (file == TRACE_NO_FILE || event->count == TRACE_EVENT_ACTS)
        return;
    if (!is_permitted(r, file, act))
        act = TRACE_ACT_LOOK;
    event->acts[event->count].file = file;
    event->acts[event->count].act = act;
    event->acts[event->count++].made = made;
}

// ---- from a spelling to a file ----

enum lookup {
    FOLLOW = 1,
    FRESH = 2,     // whatever is known
    NAMES_FD = 4,  // an empty path means the descriptor itself
    IN_FOLDER = 8, // the folder is the root of the path
};

// The call that was to remove it may have failed.
static bool is_said_to_be_gone(const struct trace_seen *seen)
{
    return !seen->there && seen->flags & TRACE_REMOVED;
}

// Looks it up; what is known is not asked again.
static uint32_t see(struct reading *r, const char *spelling, unsigned how, struct trace_look *look)
{
    bool follow = how & FOLLOW;
    uint32_t known = how & FRESH ? TRACE_NO_FILE : trace_collect_known(r->collect, spelling, follow);
    if (known != TRACE_NO_FILE && !is_said_to_be_gone(seen(r, known)))
        return known;
    int failed = trace_view_look(r->view, r->tid, spelling, follow, look);
    if (failed < 0)
        fail(r);
    return failed ? TRACE_NO_FILE : trace_collect_see(r->collect, spelling, follow, look->path, look->kind);
}

// The file that a path argument names. `spelling` gets what was said, absolute.
static uint32_t find(struct reading *r, int folder_arg, int path_arg, unsigned how, struct trace_look *look)
{
    struct trace_spelling spelling;
    int folder = folder_arg < 0 ? AT_FDCWD : (int)r->args[folder_arg];
    unsigned wanted = (how & NAMES_FD ? TRACE_SPELLING_EMPTY : 0) | (how & IN_FOLDER ? TRACE_SPELLING_IN_FOLDER : 0) |
                      (how & FOLLOW ? TRACE_SPELLING_FOLLOW : 0);
    int failed = trace_spelling_read(&spelling, r->view, r->tid, folder, r->args[path_arg], wanted);
    if (failed < 0)
        fail(r);
    return failed ? TRACE_NO_FILE : see(r, spelling.text, how, look);
}

// ---- calls ----

// Programs draw entropy by the ten thousand: who it was is read again only for another thread, and after any execve.
static void read_program(struct reading *r)
{
    struct trace_event *event = r->event;
    if (event->program_of == r->tid)
        return;
    event->program_of = r->tid;
    if (trace_view_link(r->view, r->tid, "exe", event->program) != 0) {
        fail(r);
        strcpy(event->program, "?");
        event->program_of = 0;
    }
}

static enum trace_act act_of_open(uint64_t flags)
{
    bool makes = flags & O_CREAT, reads = (flags & O_ACCMODE) == O_RDONLY;
    if (flags & O_PATH)
        return TRACE_ACT_LOOK;
    if (makes && flags & O_EXCL)
        return TRACE_ACT_MAKE;
    if (flags & O_TRUNC)
        return makes ? TRACE_ACT_REPLACE_OR_MAKE : TRACE_ACT_REPLACE;
    if (reads)
        return makes ? TRACE_ACT_READ_OR_MAKE : TRACE_ACT_READ;
    return makes ? TRACE_ACT_CHANGE_OR_MAKE : TRACE_ACT_CHANGE;
}

static void note_device(struct reading *r, uint32_t file)
{
    const char *path = seen(r, file)->path;
    if (strcmp(path, "/dev/urandom") == 0)
        r->event->entropy = "/dev/urandom";
    else if (strcmp(path, "/dev/random") == 0)
        r->event->entropy = "/dev/random";
    if (r->event->entropy)
        read_program(r);
}

static void read_open(struct reading *r, uint64_t flags, uint64_t resolve)
{
    struct trace_look look;
    if ((flags & O_TMPFILE) == O_TMPFILE)
        return; // a file without a name
    bool follow = !(flags & O_NOFOLLOW) && !(flags & O_CREAT && flags & O_EXCL);
    unsigned how = (follow ? FOLLOW : 0) | (resolve & RESOLVE_IN_ROOT_FLAG ? IN_FOLDER : 0);
    uint32_t file = find(r, r->call->folder, r->call->path, how, &look);
    if (file == TRACE_NO_FILE)
        return;
    enum trace_act act = act_of_open(flags);
    const struct trace_seen *found = seen(r, file);
    bool refused =
        found->there && ((flags & O_DIRECTORY && found->kind != TRACE_FOLDER && found->kind != TRACE_OTHER) ||
                         (found->kind == TRACE_LINK && !follow));
    add_act(r, file, refused ? TRACE_ACT_LOOK : act, TRACE_REGULAR);
    note_device(r, file);
}

static void read_open_how(struct reading *r)
{
    struct {
        uint64_t flags, mode, resolve;
    } how;
    if (trace_view_bytes(r->view, r->tid, r->args[r->call->flags], &how, sizeof how) != 0)
        fail(r);
    else
        read_open(r, how.flags, how.resolve);
}

// A script starts the interpreter of its first line, which may be a script itself.
static void read_exec(struct reading *r)
{
    struct trace_look look;
    uint64_t flags = r->call->flags < 0 ? 0 : r->args[r->call->flags];
    unsigned how = FRESH | (flags & AT_SYMLINK_NOFOLLOW ? 0 : FOLLOW) | (flags & AT_EMPTY_PATH ? NAMES_FD : 0);
    uint32_t file = find(r, r->call->folder, r->call->path, how, &look);
    for (int i = 0; file != TRACE_NO_FILE && i < SCRIPT_LIMIT; i++) {
        bool starts = look.executable || look.kind == TRACE_NOTHING;
        add_act(r, file, starts ? TRACE_ACT_EXECUTE : TRACE_ACT_LOOK, TRACE_NOTHING);
        char name[PATH_MAX];
        if (!look.executable)
            break;
        trace_view_interpreter(r->view, look.path, name);
        struct trace_spelling spelling;
        if (!*name || trace_spelling_make(&spelling, r->view, r->tid, AT_FDCWD, name, TRACE_SPELLING_FOLLOW) != 0)
            break;
        file = see(r, spelling.text, FRESH | FOLLOW, &look);
    }
}

static void read_look(struct reading *r)
{
    struct trace_look look;
    uint64_t flags = r->call->flags < 0 ? 0 : r->args[r->call->flags];
    bool follow = r->call->kind == TRACE_CALL_LOOK && !(flags & AT_SYMLINK_NOFOLLOW);
    add_act(r, find(r, r->call->folder, r->call->path, follow ? FOLLOW : 0, &look), TRACE_ACT_LOOK, TRACE_NOTHING);
}

static bool leads_on(const struct reading *r, uint32_t file)
{
    enum trace_kind kind = file == TRACE_NO_FILE ? TRACE_NOTHING : seen(r, file)->kind;
    return kind == TRACE_LINK || kind == TRACE_FOLDER;
}

// Whether what is there at the new name does not stand in the way.
static bool may_replace(const struct reading *r, uint32_t from, uint32_t to, uint64_t flags)
{
    bool folder = seen(r, from)->kind == TRACE_FOLDER;
    if (!seen(r, to)->there || flags & RENAME_EXCHANGE || from == to)
        return true;
    return !(flags & RENAME_NOREPLACE) && folder == (seen(r, to)->kind == TRACE_FOLDER) &&
           (!folder || trace_view_is_empty(r->view, seen(r, to)->path));
}

static void read_rename(struct reading *r)
{
    struct trace_look look;
    const struct trace_call *call = r->call;
    uint64_t flags = call->flags < 0 ? 0 : r->args[call->flags];
    uint32_t from = find(r, call->folder, call->path, FRESH, &look);
    uint32_t to = find(r, call->folder2, call->path2, FRESH, &look);
    if (from == TRACE_NO_FILE || to == TRACE_NO_FILE)
        return;
    enum trace_kind kind = seen(r, from)->kind, other = seen(r, to)->kind;
    if (seen(r, from)->there && !may_replace(r, from, to, flags)) {
        add_act(r, to, TRACE_ACT_LOOK, TRACE_NOTHING);
        return;
    }
    if (!seen(r, from)->there || (flags & RENAME_EXCHANGE && !seen(r, to)->there) ||
        !is_permitted(r, from, TRACE_ACT_TAKE) || !is_permitted(r, to, TRACE_ACT_PUT)) {
        add_act(r, from, TRACE_ACT_LOOK, TRACE_NOTHING);
        return;
    }
    r->event->forget = leads_on(r, from) || leads_on(r, to);
    r->event->moves = kind == TRACE_FOLDER && !(flags & RENAME_EXCHANGE);
    r->event->from = from;
    r->event->to = to;
    add_act(r, from, TRACE_ACT_TAKE, TRACE_NOTHING);
    if (flags & RENAME_EXCHANGE) {
        add_act(r, to, TRACE_ACT_TAKE, TRACE_NOTHING);
        add_act(r, from, TRACE_ACT_PUT, other);
    }
    add_act(r, to, TRACE_ACT_PUT, kind);
}

static void read_link_call(struct reading *r)
{
    struct trace_look look;
    const struct trace_call *call = r->call;
    uint64_t flags = call->flags < 0 ? 0 : r->args[call->flags];
    unsigned how = (flags & AT_SYMLINK_FOLLOW ? FOLLOW : 0) | (flags & AT_EMPTY_PATH ? NAMES_FD : 0);
    uint32_t from = find(r, call->folder, call->path, how, &look);
    uint32_t to = find(r, call->folder2, call->path2, FRESH, &look);
    if (from != TRACE_NO_FILE && !seen(r, from)->there) {
        add_act(r, from, TRACE_ACT_LOOK, TRACE_NOTHING);
        return;
    }
    add_act(r, from, TRACE_ACT_SHARE, TRACE_NOTHING); // none: a file without a name gets one
    add_act(r, to, TRACE_ACT_MAKE, from == TRACE_NO_FILE ? TRACE_REGULAR : seen(r, from)->kind);
    r->event->forget = leads_on(r, from);
}

static void read_change(struct reading *r, unsigned how, enum trace_act act, enum trace_kind made)
{
    struct trace_look look;
    add_act(r, find(r, r->call->folder, r->call->path, how, &look), act, made);
    r->event->forget = made == TRACE_LINK;
}

static void read_remove(struct reading *r)
{
    struct trace_look look;
    uint64_t flags = r->call->flags < 0 ? 0 : r->args[r->call->flags];
    bool takes_folder = r->call->kind == TRACE_CALL_REMOVE_FOLDER || flags & AT_REMOVEDIR;
    uint32_t file = find(r, r->call->folder, r->call->path, 0, &look);
    if (file == TRACE_NO_FILE)
        return;
    const struct trace_seen *found = seen(r, file);
    bool folder = found->kind == TRACE_FOLDER;
    bool refused = found->there && (folder != takes_folder || (folder && !trace_view_is_empty(r->view, found->path)));
    add_act(r, file, refused ? TRACE_ACT_LOOK : TRACE_ACT_REMOVE, TRACE_NOTHING);
    r->event->forget = !refused && leads_on(r, file);
}

// ---- the network ----

static void read_address(struct reading *r, uint64_t address, uint64_t len)
{
    union {
        struct sockaddr_storage storage;
        char bytes[sizeof(struct sockaddr_storage)];
    } where = {0};
    if (address == 0 || len < sizeof(sa_family_t) || len > sizeof where)
        return; // the kernel refuses it, or it goes where the socket is connected to
    if (trace_view_bytes(r->view, r->tid, address, &where, (size_t)len) != 0)
        fail(r);
    else if (trace_address_leaves(&where, (size_t)len, r->event->address)) {
        r->event->contacts = true;
        read_program(r);
    }
}

// struct msghdr begins with the address and its length, and is followed by a count in struct mmsghdr.
static void read_messages(struct reading *r, uint64_t address, uint64_t count)
{
    for (uint64_t i = 0; i < count && i < MESSAGE_LIMIT && !r->event->contacts; i++) {
        struct msghdr header;
        if (trace_view_bytes(r->view, r->tid, address + i * sizeof(struct mmsghdr), &header, sizeof header) != 0) {
            fail(r);
            return;
        }
        read_address(r, (uint64_t)(uintptr_t)header.msg_name, header.msg_namelen);
    }
}

// ---- all ----

static void read_path_call(struct reading *r)
{
    const uint64_t *args = r->args;
    switch (r->call->kind) {
    case TRACE_CALL_OPEN:
        read_open(r, args[r->call->flags], 0);
        return;
    case TRACE_CALL_OPEN_HOW:
        read_open_how(r);
        return;
    case TRACE_CALL_CREAT:
        read_open(r, O_CREAT | O_WRONLY | O_TRUNC, 0);
        return;
    case TRACE_CALL_EXEC:
        r->event->program_of = 0;
        read_exec(r);
        return;
    case TRACE_CALL_RENAME:
        read_rename(r);
        return;
    case TRACE_CALL_LINK:
        read_link_call(r);
        return;
    case TRACE_CALL_SYMLINK:
        read_change(r, FRESH, TRACE_ACT_MAKE, TRACE_LINK);
        return;
    case TRACE_CALL_REMOVE:
    case TRACE_CALL_REMOVE_FOLDER:
        read_remove(r);
        return;
    case TRACE_CALL_TRUNCATE:
        read_change(r, FOLLOW, args[r->call->flags] ? TRACE_ACT_CHANGE : TRACE_ACT_REPLACE, TRACE_NOTHING);
        return;
    case TRACE_CALL_MKDIR:
        read_change(r, 0, TRACE_ACT_MAKE, TRACE_FOLDER);
        return;
    case TRACE_CALL_MKNOD:
        read_change(r, 0, TRACE_ACT_MAKE, TRACE_REGULAR);
        return;
    default:
        read_look(r);
    }
}

static void read_call(struct reading *r)
{
    const uint64_t *args = r->args;
    switch (r->call->kind) {
    case TRACE_CALL_ADDRESS:
        read_address(r, args[1], (uint32_t)args[2]);
        return;
    case TRACE_CALL_SENDTO:
        read_address(r, args[4], (uint32_t)args[5]);
        return;
    case TRACE_CALL_MESSAGE:
        read_messages(r, args[1], 1);
        return;
    case TRACE_CALL_MESSAGES:
        read_messages(r, args[1], (uint32_t)args[2]);
        return;
    case TRACE_CALL_ENTROPY:
        r->event->entropy = "getrandom";
        read_program(r);
        return;
    case TRACE_CALL_REFUSE:
        r->event->refuse = true;
        return;
    case TRACE_CALL_VIEW:
        r->event->failed = true;
        return;
    default:
        read_path_call(r);
    }
}

void trace_event_read(struct trace_event *out, struct trace_view *view, struct trace_collect *collect,
                      const struct seccomp_notif *notice, uint32_t architecture)
{
    out->count = 0;
    out->call = out->entropy = NULL;
    out->contacts = out->moves = out->forget = out->refuse = out->failed = false;
    out->code = 0;
    out->foreign = notice->data.arch != architecture || notice->data.nr & FOREIGN_BIT;
    const struct trace_call *call = out->foreign ? NULL : trace_call_find(notice->data.nr);
    if (!call)
        return;
    uint64_t args[6];
    for (size_t i = 0; i < ARRAY_LEN(args); i++)
        args[i] = notice->data.args[i];
    struct reading r = {out, view, collect, call, args, (pid_t)notice->pid};
    out->call = call->name;
    read_call(&r);
}

static void note_failure(const struct trace_event *event, struct trace_collect *collect)
{
    char *why = event->code ? str_printf("%s: %s", event->call, strerror(event->code))
                            : str_printf("%s may change which files paths lead to", event->call);
    trace_collect_unresolved(collect, why);
    free(why);
}

void trace_event_note(const struct trace_event *event, struct trace_collect *collect)
{
    struct trace_log *log = &collect->log;
    log->calls++;
    log->foreign += event->foreign;
    log->refused_io_uring |= event->refuse;
    for (size_t i = 0; i < event->count; i++)
        trace_collect_act(collect, event->acts[i].file, event->acts[i].act, event->acts[i].made);
    if (event->moves)
        trace_collect_move(collect, event->from, event->to);
    if (event->forget)
        trace_collect_forget(collect);
    if (event->entropy)
        trace_collect_entropy(collect, event->program, event->entropy);
    if (event->contacts) {
        const char *slash = strrchr(event->program, '/');
        trace_collect_contact(collect, event->call, event->address, slash ? slash + 1 : event->program);
    }
    if (event->failed)
        note_failure(event, collect);
}
