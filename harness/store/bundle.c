// SPDX-License-Identifier: Apache-2.0
//
// The archive: GNU tar (names are bytes; no converting between character sets, which depends on the locale) in one
// zstd stream. Regular files (mode 0644 or 0755) and symbolic links in byte order of their paths; no folders, for they
// follow from the paths; every time, owner and device is 0, every owner's name empty.
//
// Reading trusts nothing: not the archive's idea of where a member goes (store/unpack.h), not its sizes (what comes out
// is counted), and in the end not the library either: the digest of what was unpacked has to be the expected one.
#include "store/bundle.h"

#include "base/fs.h"
#include "base/rng.h"
#include "store/digest.h"
#include "store/put.h"
#include "store/stored.h"
#include "store/tree.h"
#include "store/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK       ((size_t)128 << 10)
#define MAX_SIZE    ((uint64_t)16 << 30)
#define MAX_FILES   ((size_t)1000000)
#define MAX_RATIO   1000u
#define RATIO_FLOOR ((uint64_t)64 << 20) // so much may come out of however little

// Of the whole archive: on the way, a run of zeros may come out of next to nothing.
static bool is_over_ratio(uint64_t unpacked, uint64_t packed)
{
    return unpacked > RATIO_FLOOR && unpacked / MAX_RATIO > packed;
}

// ---- writing

struct writer {
    struct archive *archive;
    struct archive_entry *entry;
    struct digester *digester;
    unsigned char *block;
    int root;
    int fd;      // of the archive
    bool stored; // zstd blocks that hold their bytes as they are
    int code;    // errno of a write that failed
    struct error *err;
};

static int archive_fault(struct writer *writer, const char *what)
{
    if (writer->code) {
        errno = writer->code;
        return error_errno(writer->err, "cannot write the bundle");
    }
    const char *why = archive_error_string(writer->archive);
    return error_set(writer->err, ERROR_MACHINE, "cannot write the bundle: %s: %s", what,
                     why ? why : "no reason given");
}

static int keep_code(struct writer *writer, int status)
{
    if (status != 0)
        writer->code = errno;
    return status;
}

static int begin_stream(struct archive *archive, void *context)
{
    (void)archive;
    struct writer *writer = context;
    return keep_code(writer, writer->stored ? stored_begin(writer->fd) : 0) == 0 ? ARCHIVE_OK : ARCHIVE_FATAL;
}

static la_ssize_t put_bytes(struct archive *archive, void *context, const void *bytes, size_t len)
{
    (void)archive;
    struct writer *writer = context;
    int status = writer->stored ? stored_add(writer->fd, bytes, len) : put_all(writer->fd, bytes, len);
    return keep_code(writer, status) == 0 ? (la_ssize_t)len : -1;
}

static int end_stream(struct archive *archive, void *context)
{
    (void)archive;
    struct writer *writer = context;
    return keep_code(writer, writer->stored ? stored_end(writer->fd) : 0) == 0 ? ARCHIVE_OK : ARCHIVE_FATAL;
}

static int open_archive(struct writer *writer)
{
    struct archive *archive = writer->archive;
    if (archive_write_set_format_gnutar(archive) != ARCHIVE_OK)
        return archive_fault(writer, "GNU tar");
    if (!writer->stored && (archive_write_add_filter_zstd(archive) != ARCHIVE_OK ||
                            archive_write_set_filter_option(archive, "zstd", "compression-level", "3") != ARCHIVE_OK))
        return archive_fault(writer, "zstd");
    archive_write_set_bytes_in_last_block(archive, 1);
    if (archive_write_open(archive, writer, begin_stream, put_bytes, end_stream) != ARCHIVE_OK)
        return archive_fault(writer, "opening");
    return 0;
}

static int write_header(struct writer *writer, const struct file_entry *file, const char *target)
{
    struct archive_entry *entry = archive_entry_clear(writer->entry);
    archive_entry_set_pathname(entry, file->path);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    archive_entry_set_filetype(entry, target ? AE_IFLNK : AE_IFREG);
    archive_entry_set_perm(entry, target ? 0777 : file->executable ? 0755 : 0644);
    archive_entry_set_size(entry, target ? 0 : (la_int64_t)file->size);
    if (target)
        archive_entry_set_symlink(entry, target);
    if (archive_write_header(writer->archive, entry) != ARCHIVE_OK)
        return archive_fault(writer, file->path);
    return 0;
}

static int changed(struct writer *writer, const struct file_entry *file)
{
    return error_set(writer->err, ERROR_MACHINE, "'%s' changed since it was hashed", file->path);
}

static int write_file(struct writer *writer, const struct file_entry *file)
{
    CLEANUP(fd) int fd = openat(writer->root, file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return error_errno(writer->err, "cannot open '%s'", file->path);
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != file->size)
        return changed(writer, file);
    if (write_header(writer, file, NULL) != 0)
        return -1;
    digester_begin(writer->digester);
    for (uint64_t left = file->size; left > 0;) {
        ssize_t got = read(fd, writer->block, left < BLOCK ? (size_t)left : BLOCK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(writer->err, "cannot read '%s'", file->path);
        if (got == 0)
            return changed(writer, file);
        digester_add(writer->digester, writer->block, (size_t)got);
        if (archive_write_data(writer->archive, writer->block, (size_t)got) != got)
            return archive_fault(writer, file->path);
        left -= (uint64_t)got;
    }
    struct digest digest;
    digester_end(writer->digester, &digest);
    return digest_equal(&digest, &file->sha256) ? 0 : changed(writer, file);
}

static int write_link(struct writer *writer, const struct file_entry *file)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(writer->root, file->path, target, sizeof target - 1);
    if (len < 0)
        return error_errno(writer->err, "cannot read the symbolic link '%s'", file->path);
    target[len] = '\0';
    struct digest digest;
    digest_bytes(writer->digester, &digest, target, (size_t)len);
    if (!digest_equal(&digest, &file->sha256))
        return changed(writer, file);
    const char *fault = unpack_link_fault(file->path, target);
    if (fault)
        return error_set(writer->err, ERROR_USAGE, "the symbolic link '%s' %s: it cannot be kept in a bundle",
                         file->path, fault);
    return write_header(writer, file, target);
}

static int write_members(struct writer *writer, const struct file_list *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct file_entry *file = &files->items[i];
        const char *fault = unpack_path_fault(file->path);
        if (fault)
            return error_set(writer->err, ERROR_USAGE, "'%s' %s: it cannot be kept in a bundle", file->path, fault);
        if (i > 0 && strcmp(files->items[i - 1].path, file->path) >= 0)
            return error_set(writer->err, ERROR_MACHINE, "the list of files is not sorted at '%s'", file->path);
        if (file->kind == FILE_FOLDER)
            return error_set(writer->err, ERROR_MACHINE, "'%s' is a folder: a bundle holds files", file->path);
        if ((file->kind == FILE_SYMLINK ? write_link : write_file)(writer, file) != 0)
            return -1;
    }
    if (archive_write_close(writer->archive) != ARCHIVE_OK)
        return archive_fault(writer, "closing");
    return 0;
}

// Writes the whole archive to writer->fd and tells how many bytes it has without and with compression.
static int write_archive(struct writer *writer, const struct file_list *files, uint64_t *unpacked, uint64_t *packed)
{
    writer->archive = archive_write_new();
    writer->entry = archive_entry_new();
    if (!writer->archive || !writer->entry)
        abort();
    int status = open_archive(writer) == 0 && write_members(writer, files) == 0 ? 0 : -1;
    if (status == 0) {
        *unpacked = (uint64_t)archive_filter_bytes(writer->archive, 0);
        *packed = (uint64_t)archive_filter_bytes(writer->archive, -1);
    } else {
        archive_write_fail(writer->archive);
    }
    archive_entry_free(writer->entry);
    archive_write_free(writer->archive);
    return status;
}

static int write_to_fd(int fd, const char *root, const struct file_list *files, struct error *err)
{
    CLEANUP(digester) struct digester *digester = NULL;
    CLEANUP(fd) int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return error_errno(err, "cannot open the folder '%s'", root);
    if (digester_new(&digester, err) != 0)
        return -1;
    CLEANUP(free) unsigned char *block = mem_alloc(BLOCK);
    struct writer writer = {.digester = digester, .block = block, .root = folder, .fd = fd, .err = err};
    uint64_t unpacked, packed;
    if (write_archive(&writer, files, &unpacked, &packed) != 0)
        return -1;
    if (is_over_ratio(unpacked, packed)) {
        if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
            return error_errno(err, "cannot write the bundle");
        writer.stored = true;
        if (write_archive(&writer, files, &unpacked, &packed) != 0)
            return -1;
    }
    return fsync(fd) == 0 ? 0 : error_errno(err, "cannot write the bundle");
}

int bundle_write(const char *path, const char *root, const struct file_list *files, struct error *err)
{
    CLEANUP(free) char *folder = fs_dirname(path);
    if (fs_mkdirs(folder, err) != 0)
        return -1;
    char token[13];
    rng_token(token, sizeof token);
    CLEANUP(free) char *temporary = str_printf("%s/.repro-%s.tmp", folder, token);
    CLEANUP(fd) int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_errno(err, "cannot make '%s'", temporary);
    int status = write_to_fd(fd, root, files, err);
    if (status == 0 && rename(temporary, path) != 0)
        status = error_errno(err, "cannot rename '%s'", temporary);
    if (status != 0) {
        unlink(temporary);
        return error_context(err, "'%s'", path);
    }
    CLEANUP(fd) int parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // Some file systems cannot sync a folder and say so; there, the rename is all that can be had.
    if (parent < 0 || (fsync(parent) != 0 && errno != EINVAL && errno != ENOTSUP))
        return error_errno(err, "cannot sync the folder '%s'", folder);
    return 0;
}

// ---- reading

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
    if (is_over_ratio(reader->size, reader->packed))
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
