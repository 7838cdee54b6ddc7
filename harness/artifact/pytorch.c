// SPDX-License-Identifier: Apache-2.0
//
// What torch.save and torch.jit.save write: a zip, its members below one folder that is called like the file.
//
//   ROOT/data.pkl        what was saved (artifact/pickle_torch.h)
//   ROOT/data/KEY        the bytes of a storage
//   ROOT/byteorder       "little" or "big"; where it is missing, little
//   ROOT/version, ROOT/.format_version, ROOT/.storage_alignment, ROOT/.data/serialization_id
//   ROOT/code/…          TorchScript: its sources, and beside them *.debug_pkl, where in whose files they came from
//   ROOT/constants.pkl, ROOT/constants/KEY    likewise its constants
//
// The values of data.pkl have the names of what was saved; those of other members the member's name in front.
#include "artifact/contents.h"
#include "artifact/pickle_file.h"
#include "artifact/pickle_walk.h"
#include "artifact/readers.h"
#include "artifact/zip.h"

#include <string.h>

struct pytorch {
    struct contents *contents;
    const struct artifact_file *file;
    const char *prefix;
    struct zip *zip;
    const struct zip_member *members;
    size_t count;
    struct artifact_file *opened; // a member's bytes, once they were needed
    bool *used;                   // members that are read, or left out
    char *root;                   // "model/"
    char *folder;                 // of the pickle that is being read: "model/data/"
    bool big_endian;
    struct error *err;
};

static void cleanup_pytorch(struct pytorch *torch)
{
    zip_free(torch->zip);
    free(torch->opened);
    free(torch->used);
    free(torch->root);
    free(torch->folder);
}

static const struct artifact_file *open_member(struct pytorch *torch, const struct zip_member *member)
{
    struct artifact_file *file = &torch->opened[member - torch->members];
    if (file->bytes || file->len)
        return file;
    if (zip_bytes(file, torch->contents, member, torch->err) != 0)
        return NULL;
    file->name = member->name;
    file->depth = torch->file->depth + 1;
    return file;
}

static bool find_storage(const struct pickle_storages *storages, const unsigned char *key, size_t len,
                         const unsigned char **bytes, uint64_t *size)
{
    struct pytorch *torch = storages->context;
    if (len > 4096 || memchr(key, '\0', len))
        return false;
    CLEANUP(free) char *name = str_printf("%s%.*s", torch->folder, (int)len, (const char *)key);
    const struct zip_member *member = zip_find(torch->zip, name);
    const struct artifact_file *file = member ? open_member(torch, member) : NULL;
    if (!file)
        return false;
    torch->used[member - torch->members] = true;
    *bytes = file->bytes;
    *size = file->len;
    return true;
}

// The shortest name that ends in "/data.pkl" says what the folder is called. False: there is none.
static bool find_root(struct pytorch *torch)
{
    const char *best = NULL;
    for (size_t i = 0; i < torch->count; i++) {
        const char *name = torch->members[i].name;
        if (str_ends(name, "/data.pkl") && (!best || strlen(name) < strlen(best)))
            best = name;
    }
    if (best)
        torch->root = str_ndup(best, strlen(best) - strlen("data.pkl"));
    return best != NULL;
}

// A member's name without the folder; NULL where it lies elsewhere.
static const char *inner_name(const struct pytorch *torch, const struct zip_member *member)
{
    return str_starts(member->name, torch->root) ? member->name + strlen(torch->root) : NULL;
}

static int read_byteorder(struct pytorch *torch)
{
    CLEANUP(free) char *name = str_printf("%sbyteorder", torch->root);
    const struct zip_member *member = zip_find(torch->zip, name);
    if (!member)
        return 0;
    const struct artifact_file *file = open_member(torch, member);
    if (!file)
        return -1;
    torch->big_endian = file->len == 3 && memcmp(file->bytes, "big", 3) == 0;
    if (!torch->big_endian && (file->len != 6 || memcmp(file->bytes, "little", 6) != 0))
        return error_set(torch->err, ERROR_USAGE, "its byte order is neither little nor big");
    torch->used[member - torch->members] = true;
    return 0;
}

// Marks what does not belong to the content.
static void leave_out(struct pytorch *torch)
{
    static const struct {
        const char *name, *what;
    } table[] = {
        {"version", "version of the format"},
        {".format_version", "version of the format"},
        {".storage_alignment", "alignment of the storages"},
        {".data/serialization_id", "serialization_id"},
    };
    for (size_t i = 0; i < torch->count; i++) {
        const char *name = inner_name(torch, &torch->members[i]);
        bool hidden = name && str_ends(name, ".debug_pkl");
        if (hidden)
            contents_leave_out(torch->contents, "where the code came from (*.debug_pkl)");
        for (size_t k = 0; name && k < ARRAY_LEN(table); k++) {
            if (strcmp(table[k].name, name) == 0) {
                contents_leave_out(torch->contents, table[k].what);
                hidden = true;
            }
        }
        torch->used[i] = torch->used[i] || hidden;
    }
}

// ROOT/NAME.pkl with the storages in ROOT/NAME/. 0, −1, or 1: not understood, and a note says why.
static int read_pickle(struct pytorch *torch, const char *name, const char *prefix)
{
    CLEANUP(pickle) struct pickle pickle = {0};
    CLEANUP(free) char *path = str_printf("%s%s.pkl", torch->root, name);
    const struct zip_member *member = zip_find(torch->zip, path);
    if (!member)
        return 0;
    const struct artifact_file *file = open_member(torch, member);
    if (!file)
        return -1;
    free(torch->folder);
    torch->folder = str_printf("%s%s/", torch->root, name);
    const struct pickle_storages storages = {find_storage, torch, torch->big_endian};
    size_t at = 0;
    uint32_t root = 0;
    int rc = pickle_run(&pickle, &root, file->bytes, file->len, &at, torch->err);
    if (!rc)
        rc = pickle_walk(torch->contents, &pickle, root, prefix, &storages, torch->err);
    if (rc < 0)
        return error_context(torch->err, "%s.pkl", name);
    if (rc > 0) {
        for (size_t i = 0; i < torch->count; i++)
            torch->used[i] = torch->used[i] && !str_starts(torch->members[i].name, torch->folder);
        contents_note(torch->contents, "%s.pkl is compared byte for byte: %s", name, pickle.why);
        return 1;
    }
    pickle_keep(torch->contents, &pickle);
    torch->used[member - torch->members] = true;
    // A storage that no tensor looks at is nothing that anybody would load.
    for (size_t i = 0; i < torch->count; i++) {
        if (str_starts(torch->members[i].name, torch->folder) && !torch->used[i]) {
            torch->used[i] = true;
            contents_leave_out(torch->contents, "storages that no tensor uses");
        }
    }
    return 0;
}

static int read_others(struct pytorch *torch)
{
    for (size_t i = 0; i < torch->count; i++) {
        const char *name = inner_name(torch, &torch->members[i]);
        if (torch->used[i])
            continue;
        const struct artifact_file *file = open_member(torch, &torch->members[i]);
        const char *prefix = contents_name(torch->contents, torch->prefix, name ? name : torch->members[i].name);
        if (!file || contents_read(torch->contents, file, prefix, torch->err) != 0)
            return -1;
    }
    return 0;
}

int pytorch_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    __attribute__((cleanup(cleanup_pytorch))) struct pytorch torch = {
        .contents = out, .file = file, .prefix = prefix, .err = err};
    if (zip_open(&torch.zip, file->bytes, file->len, err) != 0)
        return -1;
    torch.members = zip_members(torch.zip, &torch.count);
    torch.opened = mem_array(torch.count + 1, sizeof *torch.opened);
    torch.used = mem_array(torch.count + 1, sizeof *torch.used);
    if (!find_root(&torch))
        return zip_read(out, file, prefix, err); // somebody else's zip
    if (read_byteorder(&torch) != 0)
        return -1;
    leave_out(&torch);
    if (read_pickle(&torch, "data", prefix) < 0 ||
        read_pickle(&torch, "constants", contents_name(out, prefix, "constants")) < 0)
        return -1;
    contents_leave_out(out, "name of the folder in the zip, dates, order and attributes of its members");
    contents_leave_out(out, "order of the keys of dicts, which values are shared");
    return read_others(&torch);
}
