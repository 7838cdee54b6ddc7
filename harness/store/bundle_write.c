// SPDX-License-Identifier: Apache-2.0
//
// The archive: GNU tar (names are bytes; no converting between character sets, which depends on the locale) in one
// zstd stream. Regular files (mode 0644 or 0755) and symbolic links in byte order of their paths; no folders, for they
// follow from the paths; every time, owner and device is 0, every owner's name empty.
#include "store/bundle.h"

#include "base/fs.h"
#include "base/rng.h"
#include "store/digest.h"
#include "store/put.h"
#include "store/stored.h"
#include "store/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)128 << 10)

struct member;

struct writer {
    const struct member *members; // sorted
    size_t member_count;
    struct archive *archive;
    struct archive_entry *entry;
    struct digester *digester;
    unsigned char *block;
    const char *root_path; // of the folder that `root` has open
    int root;
    int fd;         // of the archive
    bool stored;    // zstd blocks that hold their bytes as they are
    bool abandoned; // nothing more is to be written
    int code;       // errno of a write that failed
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
    if (writer->abandoned)
        return -1;
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

struct member {
    const struct bundle_source *source;
    const struct file_entry *file;
};

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct member *)left)->file->path, ((const struct member *)right)->file->path);
}

static int write_member(struct writer *writer, const struct member *member)
{
    const struct file_entry *file = member->file;
    const char *fault = unpack_path_fault(file->path);
    if (fault)
        return error_set(writer->err, ERROR_USAGE, "'%s' %s: it cannot be kept in a bundle", file->path, fault);
    if (file->kind == FILE_FOLDER)
        return error_set(writer->err, ERROR_MACHINE, "'%s' is a folder: a bundle holds files", file->path);
    if (writer->root_path != member->source->root) {
        cleanup_fd(&writer->root);
        writer->root_path = member->source->root;
        writer->root = open(writer->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (writer->root < 0)
            return error_errno(writer->err, "cannot open the folder '%s'", writer->root_path);
    }
    return file->kind == FILE_SYMLINK ? write_link(writer, file) : write_file(writer, file);
}

static int write_members(struct writer *writer)
{
    for (size_t i = 0; i < writer->member_count; i++) {
        const struct member *member = &writer->members[i];
        if (i > 0 && by_path(member - 1, member) == 0)
            return error_set(writer->err, ERROR_MACHINE, "'%s' comes twice", member->file->path);
        if (write_member(writer, member) != 0)
            return -1;
    }
    if (archive_write_close(writer->archive) != ARCHIVE_OK)
        return archive_fault(writer, "closing");
    return 0;
}

// Writes the whole archive to writer->fd and tells how many bytes it has without and with compression.
static int write_archive(struct writer *writer, uint64_t *unpacked, uint64_t *packed)
{
    writer->archive = archive_write_new();
    writer->entry = archive_entry_new();
    if (!writer->archive || !writer->entry)
        abort();
    int status = open_archive(writer) == 0 && write_members(writer) == 0 ? 0 : -1;
    if (status == 0) {
        *unpacked = (uint64_t)archive_filter_bytes(writer->archive, 0);
        *packed = (uint64_t)archive_filter_bytes(writer->archive, -1);
    } else {
        writer->abandoned = true; // freeing would write the rest; archive_write_fail would leak libarchive's buffers
    }
    archive_entry_free(writer->entry);
    archive_write_free(writer->archive);
    cleanup_fd(&writer->root);
    writer->root = -1;
    writer->root_path = NULL;
    return status;
}

static int write_to_fd(int fd, const struct member *members, size_t count, struct error *err)
{
    CLEANUP(digester) struct digester *digester = NULL;
    if (digester_new(&digester, err) != 0)
        return -1;
    CLEANUP(free) unsigned char *block = mem_alloc(BLOCK);
    struct writer writer = {.members = members,
                            .member_count = count,
                            .digester = digester,
                            .block = block,
                            .root = -1,
                            .fd = fd,
                            .err = err};
    uint64_t unpacked, packed;
    if (write_archive(&writer, &unpacked, &packed) != 0)
        return -1;
    if (bundle_is_over_ratio(unpacked, packed)) {
        if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
            return error_errno(err, "cannot write the bundle");
        writer.stored = true;
        if (write_archive(&writer, &unpacked, &packed) != 0)
            return -1;
    }
    return fsync(fd) == 0 ? 0 : error_errno(err, "cannot write the bundle");
}

// All files of all sources, sorted.
static struct member *gather(const struct bundle_source *sources, size_t source_count, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < source_count; i++)
        *count += sources[i].files.count;
    struct member *members = mem_array(*count + 1, sizeof *members);
    size_t at = 0;
    for (size_t i = 0; i < source_count; i++)
        for (size_t j = 0; j < sources[i].files.count; j++)
            members[at++] = (struct member){.source = &sources[i], .file = &sources[i].files.items[j]};
    if (*count > 1)
        qsort(members, *count, sizeof *members, by_path);
    return members;
}

// Some file systems cannot sync a folder and say so; there, the rename is all that can be had.
static int sync_folder(const char *folder, struct error *err)
{
    CLEANUP(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP))
        return error_errno(err, "cannot sync the folder '%s'", folder);
    return 0;
}

int bundle_write(const char *path, const struct bundle_source *sources, size_t source_count, struct error *err)
{
    CLEANUP(free) char *folder = fs_dirname(path);
    if (fs_mkdirs(folder, err) != 0)
        return -1;
    size_t count;
    CLEANUP(free) struct member *members = gather(sources, source_count, &count);
    char token[17];
    rng_token(token, sizeof token);
    CLEANUP(free) char *temporary = str_printf("%s/.repro-%s.tmp", folder, token);
    CLEANUP(fd) int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_errno(err, "cannot make '%s'", temporary);
    int status = write_to_fd(fd, members, count, err);
    if (status == 0 && rename(temporary, path) != 0)
        status = error_errno(err, "cannot rename '%s'", temporary);
    if (status != 0) {
        unlink(temporary);
        return error_context(err, "'%s'", path);
    }
    return sync_folder(folder, err);
}
