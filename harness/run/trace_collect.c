// SPDX-License-Identifier: Apache-2.0
//
// Two tables with open addressing: files by their resolved path, and spellings, which are forgotten whenever they may
// lead elsewhere. The first look at a path says whether it was there before the run; all else follows from the calls.
#include "run/trace_collect.h"

#include "run/trace_path.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { FILE_LIMIT = 1000000, ALIAS_LIMIT = 1 << 20, PLACE_LIMIT = 1000, WHY_LIMIT = 8, FIRST_SLOTS = 1 << 10 };
enum { LENGTH_LIMIT = 256 << 20, SPELLING_LIMIT = 64 << 20 }; // bytes

static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u; // FNV-1a
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash ^ hash >> 15;
}

// ---- files ----

static uint32_t find_file(const struct trace_collect *collect, const char *path, uint32_t hash)
{
    size_t mask = collect->slot_count - 1;
    if (collect->slot_count == 0)
        return TRACE_NO_FILE;
    for (size_t at = hash & mask; collect->slots[at]; at = (at + 1) & mask) {
        uint32_t file = collect->slots[at] - 1;
        if (collect->files[file].hash == hash && strcmp(collect->files[file].path, path) == 0)
            return file;
    }
    return TRACE_NO_FILE;
}

static void put_slot(struct trace_collect *collect, uint32_t file)
{
    size_t mask = collect->slot_count - 1, at = collect->files[file].hash & mask;
    while (collect->slots[at])
        at = (at + 1) & mask;
    collect->slots[at] = file + 1;
}

static uint32_t add_file(struct trace_collect *collect, const char *path, uint32_t hash)
{
    if (collect->count >= (collect->limit ? collect->limit : FILE_LIMIT) || collect->length > LENGTH_LIMIT) {
        collect->log.cut = true;
        return TRACE_NO_FILE;
    }
    collect->files = mem_grow(collect->files, collect->count, &collect->capacity, sizeof *collect->files);
    uint32_t file = (uint32_t)collect->count++;
    collect->length += strlen(path);
    collect->files[file] = (struct trace_seen){.path = arena_copy(&collect->log.texts, path), .hash = hash};
    if (collect->count * 2 <= collect->slot_count) {
        put_slot(collect, file);
        return file;
    }
    collect->slot_count = collect->slot_count ? collect->slot_count * 2 : FIRST_SLOTS;
    free(collect->slots);
    collect->slots = mem_array(collect->slot_count, sizeof *collect->slots);
    for (uint32_t i = 0; i < collect->count; i++)
        put_slot(collect, i);
    return file;
}

// The nearest folder above `path` with the property; TRACE_NO_FILE when there is none.
static uint32_t find_folder(const struct trace_collect *collect, const char *path,
                            bool (*has)(const struct trace_seen *folder))
{
    char folder[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof folder)
        return TRACE_NO_FILE;
    memcpy(folder, path, len + 1);
    for (char *slash; (slash = strrchr(folder, '/')) && slash != folder;) {
        *slash = '\0';
        uint32_t file = find_file(collect, folder, hash_of(folder));
        if (file != TRACE_NO_FILE && has(&collect->files[file]))
            return file;
    }
    return TRACE_NO_FILE;
}

static bool is_made(const struct trace_seen *folder)
{
    return folder->made;
}

static bool is_gone(const struct trace_seen *folder)
{
    return !folder->there && folder->flags & TRACE_REMOVED;
}

// What is found in a folder that the run made, or moved to its place, was made by the run.
static uint32_t find_made_folder(const struct trace_collect *collect, const char *path)
{
    return find_folder(collect, path, is_made);
}

static void note_appearance(struct trace_seen *seen)
{
    seen->there = seen->made = true;
    if (!seen->was_there)
        seen->flags |= TRACE_OWN;
}

// What a call said to remove, or to move elsewhere, and is still there, was refused (a folder of an overlay cannot be
// moved); all else came while nobody looked.
static void note_return(const struct trace_collect *collect, struct trace_seen *seen)
{
    if (seen->was_there && !seen->made && seen->flags & TRACE_REMOVED &&
        find_made_folder(collect, seen->path) == TRACE_NO_FILE) {
        seen->there = true;
        seen->flags &= ~(unsigned)TRACE_REMOVED;
    } else
        note_appearance(seen);
}

// ---- spellings ----

static struct trace_alias *find_alias(const struct trace_collect *collect, const char *spelling, bool follow,
                                      uint32_t hash)
{
    size_t mask = collect->alias_slots - 1, at = hash & mask;
    for (;; at = (at + 1) & mask) {
        struct trace_alias *alias = &collect->aliases[at];
        if (!alias->spelling ||
            (alias->hash == hash && alias->follow == follow && strcmp(alias->spelling, spelling) == 0))
            return alias;
    }
}

static void drop_aliases(struct trace_collect *collect)
{
    free(collect->aliases);
    arena_free(&collect->spellings);
    collect->aliases = NULL;
    collect->alias_slots = collect->alias_count = collect->spelling_length = 0;
}

static void make_room_for_alias(struct trace_collect *collect)
{
    if (collect->alias_count >= ALIAS_LIMIT || collect->spelling_length > SPELLING_LIMIT)
        drop_aliases(collect);
    if (collect->alias_slots > collect->alias_count * 2)
        return;
    struct trace_alias *old = collect->aliases;
    size_t old_slots = collect->alias_slots;
    collect->alias_slots = old_slots ? old_slots * 2 : FIRST_SLOTS;
    collect->aliases = mem_array(collect->alias_slots, sizeof *collect->aliases);
    for (size_t i = 0; i < old_slots; i++)
        if (old[i].spelling)
            *find_alias(collect, old[i].spelling, old[i].follow, old[i].hash) = old[i];
    free(old);
}

uint32_t trace_collect_known(const struct trace_collect *collect, const char *spelling, bool follow)
{
    if (collect->alias_slots == 0)
        return TRACE_NO_FILE;
    const struct trace_alias *alias = find_alias(collect, spelling, follow, hash_of(spelling));
    return alias->spelling && alias->age == collect->age ? alias->file : TRACE_NO_FILE;
}

static void remember(struct trace_collect *collect, const char *spelling, bool follow, uint32_t file)
{
    make_room_for_alias(collect);
    const char *path = collect->files[file].path;
    uint32_t hash = hash_of(spelling);
    struct trace_alias *alias = find_alias(collect, spelling, follow, hash);
    if (!alias->spelling) {
        bool same = strcmp(spelling, path) == 0;
        alias->spelling = same ? path : arena_copy(&collect->spellings, spelling);
        collect->spelling_length += same ? 0 : strlen(spelling);
        alias->hash = hash;
        alias->follow = follow;
        collect->alias_count++;
    }
    alias->file = file;
    alias->age = collect->age;
}

static void note_link(struct trace_collect *collect, struct trace_seen *seen, const char *spelling)
{
    char *clean = mem_alloc(strlen(spelling) + 2);
    trace_path_clean(clean, spelling);
    if (strcmp(clean, seen->path) != 0) {
        seen->link = arena_copy(&collect->log.texts, clean);
        collect->length += strlen(clean);
    }
    free(clean);
}

// A file in a folder that was moved here is an input under its old name.
static void note_origin(struct trace_collect *collect, uint32_t file)
{
    char path[2 * PATH_MAX];
    uint32_t folder = find_made_folder(collect, collect->files[file].path);
    if (folder == TRACE_NO_FILE || !collect->files[folder].came_from || collect->files[file].flags & TRACE_WRITTEN)
        return;
    const struct trace_seen *from = &collect->files[collect->files[folder].came_from - 1];
    const char *rest = collect->files[file].path + strlen(collect->files[folder].path);
    if ((size_t)snprintf(path, sizeof path, "%s%s", from->path, rest) >= PATH_MAX)
        return;
    uint32_t hash = hash_of(path), old = find_file(collect, path, hash);
    if (old == TRACE_NO_FILE)
        old = add_file(collect, path, hash);
    if (old == TRACE_NO_FILE || collect->files[old].made)
        return;
    struct trace_seen *origin = &collect->files[old];
    origin->kind = collect->files[file].kind;
    origin->was_there = true;
    origin->flags |= TRACE_REMOVED | (origin->kind == TRACE_FOLDER ? 0 : TRACE_READ);
    collect->files[file].came_from = old + 1;
}

void trace_collect_move(struct trace_collect *collect, uint32_t from, uint32_t to)
{
    struct trace_seen *old = &collect->files[from];
    collect->files[to].came_from = old->was_there && !old->made ? from + 1 : old->came_from;
}

uint32_t trace_collect_see(struct trace_collect *collect, const char *spelling, bool follow, const char *path,
                           enum trace_kind kind)
{
    uint32_t hash = hash_of(path), file = find_file(collect, path, hash);
    bool is_new = file == TRACE_NO_FILE;
    if (is_new)
        file = add_file(collect, path, hash);
    if (file == TRACE_NO_FILE)
        return file;
    struct trace_seen *seen = &collect->files[file];
    if (kind != TRACE_NOTHING) {
        seen->kind = kind;
        if (!is_new && !seen->there)
            note_return(collect, seen);
        if (is_new && find_made_folder(collect, path) != TRACE_NO_FILE)
            note_appearance(seen);
        else if (is_new)
            seen->there = seen->was_there = true;
    } else
        seen->there = false; // its folder was moved
    if (!seen->link && strcmp(spelling, path) != 0)
        note_link(collect, seen, spelling);
    remember(collect, spelling, follow, file);
    if (kind != TRACE_NOTHING && collect->files[file].made)
        note_origin(collect, file);
    return file;
}

void trace_collect_forget(struct trace_collect *collect)
{
    collect->age++;
}

// ---- what calls do ----

static void make(struct trace_seen *seen, enum trace_kind kind)
{
    seen->flags |= TRACE_WRITTEN;
    seen->kind = kind;
    seen->came_from = 0;
    note_appearance(seen);
}

// Where the run has taken the folder away, it would not have been found in any case.
static void look_in_vain(const struct trace_collect *collect, struct trace_seen *seen)
{
    if (!seen->was_there && !seen->made && !(seen->flags & TRACE_ABSENT) &&
        find_folder(collect, seen->path, is_gone) == TRACE_NO_FILE)
        seen->flags |= TRACE_ABSENT;
}

static void use(struct trace_seen *seen)
{
    if (!seen->made)
        seen->flags |= TRACE_READ;
}

static void act_on_nothing(const struct trace_collect *collect, struct trace_seen *seen, enum trace_act act,
                           enum trace_kind made)
{
    switch (act) {
    case TRACE_ACT_READ_OR_MAKE:
    case TRACE_ACT_CHANGE_OR_MAKE:
    case TRACE_ACT_REPLACE_OR_MAKE:
    case TRACE_ACT_MAKE:
    case TRACE_ACT_PUT:
        make(seen, made);
        return;
    case TRACE_ACT_REMOVE: // removing what is not there tells the program nothing
        return;
    default:
        look_in_vain(collect, seen);
    }
}

static void act_on_folder(struct trace_seen *seen, enum trace_act act, enum trace_kind made)
{
    if (act == TRACE_ACT_READ || act == TRACE_ACT_READ_OR_MAKE)
        seen->flags |= TRACE_LISTED;
    else if (act == TRACE_ACT_PUT)
        make(seen, made);
    else if (act == TRACE_ACT_TAKE || act == TRACE_ACT_REMOVE) {
        seen->flags |= TRACE_REMOVED;
        seen->there = false;
    } else
        seen->flags |= TRACE_LOOKED_UP; // the kernel refuses the rest
}

static void act_on_file(struct trace_seen *seen, enum trace_act act, enum trace_kind made)
{
    switch (act) {
    case TRACE_ACT_LOOK:
    case TRACE_ACT_MAKE:
        seen->flags |= TRACE_LOOKED_UP;
        return;
    case TRACE_ACT_READ:
    case TRACE_ACT_READ_OR_MAKE:
    case TRACE_ACT_SHARE:
        use(seen);
        return;
    case TRACE_ACT_CHANGE:
    case TRACE_ACT_CHANGE_OR_MAKE:
        use(seen);
        seen->flags |= TRACE_WRITTEN;
        return;
    case TRACE_ACT_REPLACE:
    case TRACE_ACT_REPLACE_OR_MAKE:
        make(seen, seen->kind);
        return;
    case TRACE_ACT_PUT:
        make(seen, made);
        return;
    case TRACE_ACT_TAKE:
        use(seen); // it lives on under the new name
        seen->flags |= TRACE_REMOVED;
        seen->there = false;
        return;
    case TRACE_ACT_REMOVE:
        seen->flags |= TRACE_REMOVED;
        seen->there = false;
        return;
    case TRACE_ACT_EXECUTE:
        use(seen);
        seen->flags |= TRACE_EXECUTED;
        seen->starts++;
        return;
    }
}

void trace_collect_act(struct trace_collect *collect, uint32_t file, enum trace_act act, enum trace_kind made)
{
    if (file == TRACE_NO_FILE)
        return;
    struct trace_seen *seen = &collect->files[file];
    if (!seen->there)
        act_on_nothing(collect, seen, act, made);
    else if (seen->kind == TRACE_FOLDER)
        act_on_folder(seen, act, made);
    else
        act_on_file(seen, act, made);
}

// ---- what is no file ----

void trace_collect_contact(struct trace_collect *collect, const char *call, const char *address, const char *program)
{
    struct trace_log *log = &collect->log;
    for (size_t i = 0; i < log->contact_count; i++) {
        struct trace_contact *contact = &log->contacts[i];
        if (strcmp(contact->address, address) == 0 && strcmp(contact->call, call) == 0 &&
            strcmp(contact->program, program) == 0) {
            contact->times++;
            return;
        }
    }
    if (log->contact_count == PLACE_LIMIT) {
        log->cut = true;
        return;
    }
    log->contacts = mem_grow(log->contacts, log->contact_count, &collect->contact_capacity, sizeof *log->contacts);
    log->contacts[log->contact_count++] = (struct trace_contact){.call = arena_copy(&log->texts, call),
                                                                 .address = arena_copy(&log->texts, address),
                                                                 .program = arena_copy(&log->texts, program),
                                                                 .times = 1};
}

void trace_collect_entropy(struct trace_collect *collect, const char *program, const char *source)
{
    struct trace_log *log = &collect->log;
    for (size_t i = 0; i < log->entropy_count; i++)
        if (strcmp(log->entropy[i].program, program) == 0 && strcmp(log->entropy[i].source, source) == 0) {
            log->entropy[i].times++;
            return;
        }
    if (log->entropy_count == PLACE_LIMIT) {
        log->cut = true;
        return;
    }
    log->entropy = mem_grow(log->entropy, log->entropy_count, &collect->entropy_capacity, sizeof *log->entropy);
    log->entropy[log->entropy_count++] = (struct trace_entropy){
        .program = arena_copy(&log->texts, program), .source = arena_copy(&log->texts, source), .times = 1};
}

void trace_collect_unresolved(struct trace_collect *collect, const char *why)
{
    struct trace_log *log = &collect->log;
    log->unresolved++;
    if (log->unresolved_why.count < WHY_LIMIT && !strings_has(&log->unresolved_why, why))
        strings_add(&log->unresolved_why, why);
}

// ---- the end ----

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct trace_file *)a)->path, ((const struct trace_file *)b)->path);
}

static int by_program(const void *a, const void *b)
{
    return strcmp(((const struct trace_program *)a)->path, ((const struct trace_program *)b)->path);
}

static int by_contact(const void *a, const void *b)
{
    const struct trace_contact *x = a, *y = b;
    int order = strcmp(x->call, y->call);
    order = order ? order : strcmp(x->address, y->address);
    return order ? order : strcmp(x->program, y->program);
}

static int by_entropy(const void *a, const void *b)
{
    const struct trace_entropy *x = a, *y = b;
    int order = strcmp(x->program, y->program);
    return order ? order : strcmp(x->source, y->source);
}

static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1)
        qsort(items, count, size, compare);
}

static void list_files(struct trace_log *log, const struct trace_collect *collect)
{
    log->files = mem_array(collect->count + 1, sizeof *log->files);
    size_t programs = 0;
    for (size_t i = 0; i < collect->count; i++) {
        const struct trace_seen *seen = &collect->files[i];
        if (seen->flags) // else the call never happened
            log->files[log->file_count++] = (struct trace_file){
                .path = seen->path, .link = seen->link, .flags = seen->flags, .folder = seen->kind == TRACE_FOLDER};
        programs += seen->starts > 0;
    }
    log->programs = mem_array(programs + 1, sizeof *log->programs);
    for (size_t i = 0; i < collect->count; i++)
        if (collect->files[i].starts > 0)
            log->programs[log->program_count++] =
                (struct trace_program){.path = collect->files[i].path, .starts = collect->files[i].starts};
}

void trace_collect_finish(struct trace_log *out, struct trace_collect *collect)
{
    *out = collect->log;
    list_files(out, collect);
    sort(out->files, out->file_count, sizeof *out->files, by_path);
    sort(out->programs, out->program_count, sizeof *out->programs, by_program);
    sort(out->contacts, out->contact_count, sizeof *out->contacts, by_contact);
    sort(out->entropy, out->entropy_count, sizeof *out->entropy, by_entropy);
    drop_aliases(collect);
    free(collect->files);
    free(collect->slots);
    *collect = (struct trace_collect){.limit = collect->limit};
}
