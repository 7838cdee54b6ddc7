// SPDX-License-Identifier: Apache-2.0
//
// The reading side; bundle_write.c is the other one. It trusts nothing: not the archive's idea of where a member goes
// (store/unpack.h), not its sizes (what comes out is counted), and in the end not the library either: the digest of
// what was unpacked has to be the expected one.
#include "store/bundle.h"

#include "store/digest.h"
#include "store/put.h"
#include "store/tree.h"
#include "store/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK       ((size_t)128 << 10)
#define MAX_SIZE    ((uint64_t)16 << 30)
#define MAX_FILES   ((size_t)1000000)
#define MAX_RATIO   1000u
#define RATIO_FLOOR ((uint64_t)64 << 20) // so much may come out of however little

bool bundle_is_over_ratio(uint64_t unpacked, uint64_t packed)
{
    return unpacked > RATIO_FLOOR && unpacked / MAX_RATIO > packed;
}

struct reader {
    struct archive *archive;
    struct digester *digester;
    unsigned char *block;
    struct file_list *files; // what came so far, with digests
    struct unpack *unpack;   // NULL: only look
    uint64_t packed;         // bytes of the archive
    uint64_t max_size, size; // unpacked
    size_t max_files;
    struct error *err;
};

static int refuse(struct reader *reader, const char *path, const char *fault)
{
    return error_set(reader->err, ERROR_USAGE, "the bundle is refused: '%s' %s", path, fault);
}

static int damaged(struct reader *reader)
{
    const char *why = archive_error_string(reader->archive);
    return error_set(reader->err, ERROR_USAGE, "the bundle is damaged: %s", why ? why : "it ends too early");
}

// A member below a member that is no folder.
static bool has_parent_file(const struct file_list *files, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        CLEANUP(free) char *parent = str_ndup(path, (size_t)(slash - path));
        if (file_list_find(files, parent))
            return true;
    }
    return false;
}

// Why a member cannot be one of ours, or NULL. Members come sorted, so no name can come twice.
static const char *member_fault(const struct reader *reader, struct archive_entry *entry, const char *path)
{
    const struct file_list *files = reader->files;
    const char *fault = unpack_path_fault(path);
    if (fault)
        return fault;
    if (archive_entry_hardlink(entry))
        return "is a hard link";
    if (archive_entry_sparse_count(entry) > 0)
        return "is a sparse file";
    mode_t type = archive_entry_filetype(entry);
    if (type != AE_IFREG && type != AE_IFLNK)
        return "is neither a file nor a symbolic link";
    if (files->count > 0 && strcmp(files->items[files->count - 1].path, path) == 0)
        return "comes twice";
    if (files->count > 0 && strcmp(files->items[files->count - 1].path, path) > 0)
        return "is not in its place: members come sorted";
    if (files->count >= reader->max_files)
        return "is one member too many";
    if (has_parent_file(files, path))
        return "lies below a name that is not a folder";
    if (type == AE_IFLNK) {
        const char *target = archive_entry_symlink(entry);
        return target ? unpack_link_fault(path, target) : "leads nowhere";
    }
    if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
        return "has no size";
    return NULL;
}

static int take_bytes(struct reader *reader, int fd, const char *path, size_t len)
{
    if (__builtin_add_overflow(reader->size, len, &reader->size) || reader->size > reader->max_size)
        return refuse(reader, path, "makes it larger than is allowed");
    if (bundle_is_over_ratio(reader->size, reader->packed))
        return refuse(reader, path, "is compressed more than 1000 times: this looks like a bomb");
    digester_add(reader->digester, reader->block, len);
    if (fd >= 0 && put_all(fd, reader->block, len) != 0)
        return error_errno(reader->err, "cannot write '%s'", path);
    return 0;
}

static int read_content(struct reader *reader, int fd, struct file_entry *file, uint64_t expected)
{
    digester_begin(reader->digester);
    for (;;) {
        la_ssize_t got = archive_read_data(reader->archive, reader->block, BLOCK);
        if (got < 0)
            return damaged(reader);
        if (got == 0)
            break;
        file->size += (uint64_t)got;
        if (file->size > expected)
            return refuse(reader, file->path, "is longer than it says");
        if (take_bytes(reader, fd, file->path, (size_t)got) != 0)
            return -1;
    }
    digester_end(reader->digester, &file->sha256);
    return file->size == expected ? 0 : refuse(reader, file->path, "is shorter than it says");
}

static int read_file(struct reader *reader, struct archive_entry *entry, struct file_entry *file)
{
    uint64_t size = (uint64_t)archive_entry_size(entry);
    if (size > reader->max_size - reader->size)
        return refuse(reader, file->path, "makes it larger than is allowed");
    file->kind = FILE_REGULAR;
    file->executable = archive_entry_perm(entry) & S_IXUSR;
    CLEANUP(fd) int fd = -1;
    if (reader->unpack && unpack_file(reader->unpack, &fd, file->path, file->executable, reader->err) != 0)
        return -1;
    return read_content(reader, fd, file, size);
}

static int read_link(struct reader *reader, struct archive_entry *entry, struct file_entry *file)
{
    const char *target = archive_entry_symlink(entry);
    file->kind = FILE_SYMLINK;
    file->size = strlen(target);
    digest_bytes(reader->digester, &file->sha256, target, file->size);
    return reader->unpack ? unpack_link(reader->unpack, file->path, target, reader->err) : 0;
}

static int read_members(struct reader *reader)
{
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(reader->archive, &entry);
        if (status == ARCHIVE_EOF)
            return 0;
        if (status != ARCHIVE_OK) // a warning, too: our own archives give none
            return damaged(reader);
        const char *path = archive_entry_pathname(entry);
        if (!path)
            return refuse(reader, "", "has no name");
        const char *fault = member_fault(reader, entry, path);
        if (fault)
            return refuse(reader, path, fault);
        struct file_entry *file = file_list_add(reader->files, path);
        if ((archive_entry_filetype(entry) == AE_IFLNK ? read_link : read_file)(reader, entry, file) != 0)
            return -1;
    }
}

static int open_reader(struct reader *reader, int fd, const void *bytes, size_t len)
{
    struct archive *archive = reader->archive;
    if (archive_read_support_filter_zstd(archive) != ARCHIVE_OK ||
        archive_read_support_format_tar(archive) != ARCHIVE_OK)
        return error_set(reader->err, ERROR_MACHINE, "cannot read bundles: this libarchive is without zstd");
    int status = fd >= 0 ? archive_read_open_fd(archive, fd, BLOCK) : archive_read_open_memory(archive, bytes, len);
    return status == ARCHIVE_OK ? 0 : damaged(reader);
}

// Reads the archive that `fd` holds, or the `len` bytes when it is −1.
static int read_archive(struct reader *reader, const struct bundle_limits *limits, int fd, const void *bytes)
{
    CLEANUP(digester) struct digester *digester = NULL;
    if (digester_new(&digester, reader->err) != 0)
        return -1;
    CLEANUP(free) unsigned char *block = mem_alloc(BLOCK);
    reader->digester = digester;
    reader->block = block;
    reader->max_size = limits && limits->max_size ? limits->max_size : MAX_SIZE;
    reader->max_files = limits && limits->max_files ? limits->max_files : MAX_FILES;
    reader->archive = archive_read_new();
    if (!reader->archive)
        abort();
    int status = open_reader(reader, fd, bytes, (size_t)reader->packed) == 0 && read_members(reader) == 0 ? 0 : -1;
    archive_read_free(reader->archive);
    return status;
}

int bundle_list(struct file_list *out, const void *bytes, size_t len, const struct bundle_limits *limits,
                struct error *err)
{
    struct reader reader = {.files = out, .packed = len, .err = err};
    return read_archive(&reader, limits, -1, bytes);
}

static int check_digest(const struct file_list *files, const struct digest *expected, struct error *err)
{
    struct digest found;
    if (tree_digest(&found, files, "", err) != 0)
        return -1;
    if (digest_equal(&found, expected))
        return 0;
    char wanted_hex[65], found_hex[65];
    digest_hex(wanted_hex, expected);
    digest_hex(found_hex, &found);
    return error_set(err, ERROR_USAGE,
                     "the bundle is damaged or was tampered with: its contents have the digest %s, expected %s",
                     found_hex, wanted_hex);
}

// With `unpack` NULL, nothing is written.
static int read_path(struct file_list *files, const char *path, struct unpack *unpack, const struct digest *expected,
                     const struct bundle_limits *limits, struct error *err)
{
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return error_errno(err, "cannot open '%s'", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_USAGE, "'%s' is not a regular file", path);
    struct reader reader = {.files = files, .unpack = unpack, .packed = (uint64_t)st.st_size, .err = err};
    if (read_archive(&reader, limits, fd, NULL) != 0 || check_digest(files, expected, err) != 0)
        return error_context(err, "'%s'", path);
    return 0;
}

int bundle_check(const char *path, const struct digest *expected, const struct bundle_limits *limits, struct error *err)
{
    CLEANUP(file_list) struct file_list files = {0};
    return read_path(&files, path, NULL, expected, limits, err);
}

int bundle_extract(const char *path, const char *folder, const struct digest *expected,
                   const struct bundle_limits *limits, struct error *err)
{
    CLEANUP(file_list) struct file_list files = {0};
    CLEANUP(unpack) struct unpack *unpack = NULL;
    if (unpack_open(&unpack, folder, err) != 0)
        return -1;
    if (read_path(&files, path, unpack, expected, limits, err) != 0)
        return -1;
    return unpack_finish(unpack, err);
}
