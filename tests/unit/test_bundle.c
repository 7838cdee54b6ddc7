// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
#include "base/buf.h"
#include "base/fs.h"
#include "store/bundle.h"
#include "store/stored.h"
#include "store/tree.h"

#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

static char *root;

static void enter(void)
{
    root = unit_folder();
}

static void leave(void)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(root, &err), &err);
    free(root);
}

static void put(const char *path, const void *bytes, size_t len)
{
    struct error err = {0};
    CLEANUP(free) char *full = fs_join(root, path);
    ck_ok(fs_write_atomic(full, bytes, len, &err), &err);
}

static void link_to(const char *path, const char *target)
{
    CLEANUP(free) char *full = fs_join(root, path);
    ck_assert_int_eq(symlink(target, full), 0);
}

static struct digest listed(struct file_list *files, const char *folder)
{
    struct error err = {0};
    CLEANUP(free) char *full = fs_join(root, folder);
    struct digest digest;
    ck_ok(tree_list_all(files, full, &err), &err);
    ck_ok(tree_hash(files, full, NULL, 0, &err), &err);
    ck_ok(tree_digest(&digest, files, "", &err), &err);
    return digest;
}

// Files of many kinds below root/in.
static void plant(void)
{
    put("in/train.py", "print('hi')\n", 12);
    put("in/data/empty", "", 0);
    put("in/data/with \xff byte", "x", 1);
    put("in/new\nline", "x", 1);
    CLEANUP(buf) struct buf name = {0}, big = {0};
    buf_puts(&name, "in");
    for (int i = 0; i < 12; i++)
        buf_printf(&name, "/a-folder-with-a-rather-long-name-%02d", i);
    put(buf_text(&name), "long", 4);
    for (int i = 0; i < 400000; i++)
        buf_putc(&big, (char)(i * 7 % 256 ^ i / 256));
    put("in/big", big.data, big.len);
    put("in/script", "#!/bin/sh\n", 10);
    CLEANUP(free) char *script = fs_join(root, "in/script");
    ck_assert_int_eq(chmod(script, 0700), 0);
    link_to("in/data/up", "../big");
    link_to("in/link", "data");
}

static char *bundled(const char *name, const struct file_list *files)
{
    struct error err = {0};
    CLEANUP(free) char *in = fs_join(root, "in");
    char *path = fs_join(root, name);
    const struct bundle_source source = {.root = in, .files = *files};
    ck_ok(bundle_write(path, &source, 1, &err), &err);
    return path;
}

START_TEST(what_goes_in_comes_out)
{
    enter();
    plant();
    struct error err = {0};
    CLEANUP(file_list) struct file_list files = {0}, back = {0};
    struct digest digest = listed(&files, "in");
    CLEANUP(free) char *path = bundled("b.tar.zst", &files), *out = fs_join(root, "out");
    ck_ok(bundle_check(path, &digest, NULL, &err), &err);
    ck_ok(bundle_extract(path, out, &digest, NULL, &err), &err);
    struct digest again = listed(&back, "out");
    ck_assert(digest_equal(&digest, &again));
    ck_assert_uint_eq(files.count, back.count);
    for (size_t i = 0; i < files.count; i++) {
        ck_assert_str_eq(files.items[i].path, back.items[i].path);
        ck_assert_int_eq(files.items[i].kind, back.items[i].kind);
        ck_assert_int_eq(files.items[i].executable, back.items[i].executable);
    }
    leave();
}
END_TEST

START_TEST(files_of_two_folders_go_into_one_archive)
{
    enter();
    struct error err = {0};
    put("in/a", "1", 1);
    put("in/c", "3", 1);
    put("also/b", "2", 1);
    CLEANUP(free) char *in = fs_join(root, "in"), *also = fs_join(root, "also"), *path = fs_join(root, "bundle");
    struct bundle_source sources[2] = {{.root = in}, {.root = also}};
    listed(&sources[0].files, "in");
    listed(&sources[1].files, "also");
    ck_ok(bundle_write(path, sources, 2, &err), &err);
    CLEANUP(buf) struct buf bytes = {0};
    CLEANUP(file_list) struct file_list files = {0};
    ck_ok(fs_read(&bytes, path, 0, &err), &err);
    ck_ok(bundle_list(&files, bytes.data, bytes.len, NULL, &err), &err);
    ck_assert_uint_eq(files.count, 3);
    ck_assert_str_eq(files.items[1].path, "b");

    put("also/c", "4", 1);
    file_list_free(&sources[1].files);
    sources[1].files = (struct file_list){0};
    listed(&sources[1].files, "also");
    ck_assert_int_eq(bundle_write(path, sources, 2, &err), -1);
    ck_error_has(&err, "'c' comes twice");
    error_free(&err);
    file_list_free(&sources[0].files);
    file_list_free(&sources[1].files);
    leave();
}
END_TEST

START_TEST(the_same_files_give_the_same_bytes)
{
    enter();
    plant();
    struct error err = {0};
    CLEANUP(file_list) struct file_list files = {0};
    listed(&files, "in");
    CLEANUP(free) char *first = bundled("1", &files);
    CLEANUP(free) char *script = fs_join(root, "in/script");
    ck_assert_int_eq(chmod(script, 0755), 0);
    ck_assert_int_eq(utimensat(AT_FDCWD, script, (struct timespec[2]){{.tv_sec = 1}, {.tv_sec = 1}}, 0), 0);
    CLEANUP(free) char *second = bundled("2", &files);
    CLEANUP(buf) struct buf a = {0}, b = {0};
    ck_ok(fs_read(&a, first, 0, &err), &err);
    ck_ok(fs_read(&b, second, 0, &err), &err);
    ck_assert_uint_eq(a.len, b.len);
    ck_assert_mem_eq(a.data, b.data, a.len);
    leave();
}
END_TEST

START_TEST(tar_and_zstd_read_it)
{
    enter();
    plant();
    CLEANUP(file_list) struct file_list files = {0};
    struct digest digest = listed(&files, "in");
    CLEANUP(free) char *path = bundled("b.tar.zst", &files);
    CLEANUP(free)
    char *command = str_printf("mkdir %s/tar && cd %s/tar && zstd -qdc %s | tar -xf - && tar --zstd -tvf %s | grep -q "
                               "'^-rwxr-xr-x 0/0 .* 1970-'",
                               root, root, path, path);
    int status = system("command -v zstd >/dev/null && command -v tar >/dev/null");
    if (status == 0) {
        ck_assert_int_eq(system(command), 0);
        CLEANUP(file_list) struct file_list back = {0};
        struct digest again = listed(&back, "tar");
        ck_assert(digest_equal(&digest, &again));
    }
    leave();
}
END_TEST

START_TEST(no_files_make_a_bundle_too)
{
    enter();
    struct error err = {0};
    put("in/x", "", 0);
    CLEANUP(file_list) struct file_list none = {0};
    struct digest digest;
    ck_ok(tree_digest(&digest, &none, "", &err), &err);
    CLEANUP(free) char *path = bundled("b", &none), *out = fs_join(root, "out");
    ck_ok(bundle_extract(path, out, &digest, NULL, &err), &err);
    ck_assert(fs_is_folder(out));
    leave();
}
END_TEST

START_TEST(contents_that_compress_like_a_bomb_still_come_back)
{
    enter();
    struct error err = {0};
    CLEANUP(free) char *zeros = fs_join(root, "in/zeros");
    put("in/zeros", "", 0);
    ck_assert_int_eq(truncate(zeros, 100 << 20), 0);
    CLEANUP(file_list) struct file_list files = {0};
    struct digest digest = listed(&files, "in");
    CLEANUP(free) char *path = bundled("b", &files);
    ck_ok(bundle_check(path, &digest, NULL, &err), &err);
    leave();
}
END_TEST

START_TEST(a_file_that_changed_since_it_was_hashed_is_an_error_and_nothing_is_left)
{
    enter();
    CLEANUP(file_list) struct file_list files = {0};
    put("in/file", "one", 3);
    listed(&files, "in");
    static const char *const now[] = {"two", "longer", ""};
    CLEANUP(free) char *in = fs_join(root, "in"), *path = fs_join(root, "store/b");
    for (size_t i = 0; i < ARRAY_LEN(now); i++) {
        struct error err = {0};
        put("in/file", now[i], strlen(now[i]));
        const struct bundle_source source = {.root = in, .files = files};
        ck_assert_int_eq(bundle_write(path, &source, 1, &err), -1);
        ck_error_has(&err, "'file' changed since it was hashed");
        error_free(&err);
    }
    CLEANUP(free) char *store = fs_join(root, "store");
    ck_assert_int_eq(rmdir(store), 0);
    leave();
}
END_TEST

static const struct {
    const char *path, *target, *said;
} links[] = {
    {"l", "/etc/passwd", "absolute path"},
    {"l", "../x", "leads out of its folder"},
    {"a/l", "../../x", "leads out of its folder"},
    {"a/l", "b/../../x", "leads out of its folder"},
};

START_TEST(a_link_that_leads_out_is_not_bundled)
{
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        enter();
        struct error err = {0};
        put("in/a/f", "", 0);
        CLEANUP(free) char *in = fs_join(root, "in"), *out = fs_join(root, "b"), *at = fs_join("in", links[i].path);
        link_to(at, links[i].target);
        CLEANUP(file_list) struct file_list files = {0};
        listed(&files, "in");
        const struct bundle_source source = {.root = in, .files = files};
        ck_assert_int_eq(bundle_write(out, &source, 1, &err), -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, links[i].said);
        ck_assert(!fs_exists(out));
        error_free(&err);
        leave();
    }
}
END_TEST

START_TEST(another_digest_is_refused_with_both_named_and_nothing_left)
{
    enter();
    plant();
    struct error err = {0};
    CLEANUP(file_list) struct file_list files = {0};
    struct digest digest = listed(&files, "in"), wrong = digest;
    wrong.bytes[0] ^= 1;
    char hex[65], wrong_hex[65];
    digest_hex(hex, &digest);
    digest_hex(wrong_hex, &wrong);
    CLEANUP(free) char *path = bundled("b", &files), *out = fs_join(root, "out");
    ck_assert_int_eq(bundle_extract(path, out, &wrong, NULL, &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, "damaged or was tampered with");
    ck_error_has(&err, hex);
    ck_error_has(&err, wrong_hex);
    ck_assert(!fs_exists(out));
    error_free(&err);
    leave();
}
END_TEST

START_TEST(a_bundle_cut_short_or_with_a_byte_changed_is_refused)
{
    enter();
    struct error err = {0};
    put("in/a", "some text", 9);
    put("in/b/c", "some more text", 14);
    CLEANUP(file_list) struct file_list files = {0};
    struct digest digest = listed(&files, "in");
    CLEANUP(free) char *path = bundled("b", &files), *bad = fs_join(root, "bad"), *out = fs_join(root, "out");
    CLEANUP(buf) struct buf bytes = {0};
    ck_ok(fs_read(&bytes, path, 0, &err), &err);
    for (size_t i = 0; i < bytes.len; i++) {
        put("bad", bytes.data, i);
        ck_assert_msg(bundle_extract(bad, out, &digest, NULL, &err) == -1, "%zu bytes", i);
        ck_assert(!fs_exists(out));
        error_free(&err);
        bytes.data[i] = (char)(bytes.data[i] ^ 0x04);
        put("bad", bytes.data, bytes.len);
        // A changed byte may be one that does not matter (of a header that is not looked at); what comes out then must
        // be what was put in.
        if (bundle_extract(bad, out, &digest, NULL, &err) == 0) {
            CLEANUP(file_list) struct file_list back = {0};
            struct digest again = listed(&back, "out");
            ck_assert(digest_equal(&again, &digest));
            ck_ok(fs_remove_tree(out, &err), &err);
        }
        ck_assert(!fs_exists(out));
        error_free(&err);
        bytes.data[i] = (char)(bytes.data[i] ^ 0x04);
    }
    leave();
}
END_TEST

START_TEST(a_folder_that_is_not_empty_is_left_alone)
{
    enter();
    struct error err = {0};
    put("in/a", "text", 4);
    put("out/precious", "mine", 4);
    CLEANUP(file_list) struct file_list files = {0};
    struct digest digest = listed(&files, "in");
    CLEANUP(free) char *path = bundled("b", &files), *out = fs_join(root, "out"), *mine = fs_join(out, "precious");
    ck_assert_int_eq(bundle_extract(path, out, &digest, NULL, &err), -1);
    ck_error_has(&err, "not empty");
    ck_assert(fs_exists(mine));
    error_free(&err);
    leave();
}
END_TEST

START_TEST(limits_on_size_and_number_of_files_hold)
{
    enter();
    plant();
    struct error err = {0};
    CLEANUP(file_list) struct file_list files = {0};
    struct digest digest = listed(&files, "in");
    CLEANUP(free) char *path = bundled("b", &files);
    ck_ok(bundle_check(path, &digest, &(struct bundle_limits){.max_files = files.count}, &err), &err);
    ck_assert_int_eq(bundle_check(path, &digest, &(struct bundle_limits){.max_files = files.count - 1}, &err), -1);
    ck_error_has(&err, "one member too many");
    error_free(&err);
    ck_assert_int_eq(bundle_check(path, &digest, &(struct bundle_limits){.max_size = 400000}, &err), -1);
    ck_error_has(&err, "larger than is allowed");
    error_free(&err);
    leave();
}
END_TEST

// ---- archives that our writer would never write, put together by hand

// A number as tar has it: octal digits in a field of 12 bytes.
static void number(char *field, size_t value)
{
    for (int i = 10; i >= 0; i--, value >>= 3)
        field[i] = (char)('0' + (value & 7));
    field[11] = '\0';
}

// The checksum of a header: the sum of its bytes with its own field taken as spaces.
static void seal(char *head)
{
    size_t sum = 0;
    memset(head + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)head[i];
    char digits[12];
    number(digits, sum);
    memcpy(head + 148, digits + 5, 7);
}

// One member of a tar archive (ustar header, POSIX.1-1988), with `size` bytes of content after it.
static void add(struct buf *tar, const char *name, char type, const char *target, const void *bytes, size_t size)
{
    if (strlen(name) >= 100) // GNU's long name: a member of its own in front
        add(tar, "././@LongLink", 'L', "", name, strlen(name) + 1);
    char head[512] = {0};
    snprintf(head, 100, "%s", name);
    memcpy(head + 100,
           "0000644\0"
           "0000000\0"
           "0000000",
           24);
    number(head + 124, size);
    memcpy(head + 136, "00000000000", 12);
    head[156] = type;
    snprintf(head + 157, 100, "%s", target);
    memcpy(head + 257, "ustar  ", 8);
    seal(head);
    buf_append(tar, head, sizeof head);
    buf_append(tar, bytes, size);
    while (tar->len % 512)
        buf_putc(tar, '\0');
}

static const struct {
    struct {
        const char *name;
        char type; // 0: none
        const char *target;
    } members[3];
    const char *said;
} hostile[] = {
    {{{"/etc/x", '0', ""}}, "has an absolute path"},
    {{{"../x", '0', ""}}, "leads out of its folder"},
    {{{"a/../../x", '0', ""}}, "leads out of its folder"},
    {{{"a/..", '0', ""}}, "leads out of its folder"},
    {{{"./x", '0', ""}}, "has an empty part"},
    {{{"a//x", '0', ""}}, "has an empty part"},
    {{{"a/", '0', ""}}, "has an empty part"},
    {{{"LONG", '0', ""}}, "has too long a name"},
    {{{"DEEP", '0', ""}}, "has too long a path"},
    {{{".git/config", '0', ""}}, "git repository"},
    {{{"a/.GIT/hooks/x", '0', ""}}, "git repository"},
    {{{"x", '0', ""}, {"x", '0', ""}}, "comes twice"},
    {{{"b", '0', ""}, {"a", '0', ""}}, "not in its place"},
    {{{"a", '0', ""}, {"a-b", '0', ""}, {"a/b", '0', ""}}, "below a name that is not a folder"},
    {{{"a", '2', "b"}, {"a/b", '0', ""}}, "below a name that is not a folder"},
    {{{"x", '0', ""}, {"y", '1', "x"}}, "is a hard link"},
    {{{"x", '1', "/etc/passwd"}}, "is a hard link"},
    {{{"x", '2', "/etc/passwd"}}, "leads to an absolute path"},
    {{{"a/x", '2', "../../y"}}, "leads out of its folder"},
    {{{"p/q/r", '2', "../.."}, {"z", '2', "p/q/r/../.."}}, "leads out of its folder"},
    {{{"x", '2', ""}}, "leads nowhere"},
    {{{"x", '3', ""}}, "neither a file nor a symbolic link"},
    {{{"x", '4', ""}}, "neither a file nor a symbolic link"},
    {{{"x", '6', ""}}, "neither a file nor a symbolic link"},
    {{{"x/", '5', ""}}, "has an empty part"},
};

static void keep(const char *path, const struct buf *tar)
{
    CLEANUP(free) char *full = fs_join(root, path);
    CLEANUP(fd) int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ck_assert_int_eq(stored_begin(fd), 0);
    ck_assert_int_eq(stored_add(fd, tar->data, tar->len), 0);
    ck_assert_int_eq(stored_end(fd), 0);
}

static void refused(const char *name, const char *said)
{
    struct error err = {0};
    struct digest digest = {0};
    CLEANUP(free) char *bad = fs_join(root, name), *out = fs_join(root, "out");
    ck_assert_msg(bundle_extract(bad, out, &digest, NULL, &err) == -1, "expected '%s'", said);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, said);
    ck_error_has(&err, bad);
    ck_assert(!fs_exists(out));
    error_free(&err);
}

START_TEST(hostile_archives_are_refused_and_leave_nothing)
{
    enter();
    CLEANUP(buf) struct buf deep = {0}, name = {0};
    for (int i = 0; i < 300; i++)
        buf_putc(&name, 'n');
    for (int i = 0; i < 900; i++)
        buf_puts(&deep, "deep/");
    buf_putc(&deep, 'x');
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        CLEANUP(buf) struct buf tar = {0};
        add(&tar, "A", '0', "", "first", 5); // something to be removed again
        for (size_t m = 0; m < 3 && hostile[i].members[m].type; m++) {
            const char *path = hostile[i].members[m].name;
            path = str_equal(path, "LONG") ? name.data : str_equal(path, "DEEP") ? deep.data : path;
            add(&tar, path, hostile[i].members[m].type, hostile[i].members[m].target, "", 0);
        }
        buf_append(&tar, (char[1024]){0}, 1024);
        keep("bad", &tar);
        refused("bad", hostile[i].said);
    }
    leave();
}
END_TEST

START_TEST(a_sparse_member_is_refused)
{
    enter();
    CLEANUP(buf) struct buf tar = {0};
    add(&tar, "x", 'S', "", "data", 4);
    number(tar.data + 386, 1 << 20); // offset and length of one piece, then the real size
    number(tar.data + 398, 4);
    number(tar.data + 483, (1 << 20) + 4);
    seal(tar.data);
    keep("bad", &tar);
    refused("bad", "is a sparse file");
    leave();
}
END_TEST

START_TEST(a_bomb_is_refused)
{
    enter();
    CLEANUP(buf) struct buf tar = {0}, zstd = {0};
    add(&tar, "x", '0', "", "", 0);
    number(tar.data + 124, 1 << 30);
    seal(tar.data);
    // The header in a raw block, then blocks of type 1: 128 KiB of one byte out of four bytes each.
    buf_append(&zstd, "\x28\xb5\x2f\xfd\x00\x38", 6);
    buf_append(&zstd, "\x00\x10\x00", 3);
    buf_append(&zstd, tar.data, 512);
    for (int i = 0; i < 8193; i++)
        buf_append(&zstd, i == 8192 ? "\x03\x00\x10\x00" : "\x02\x00\x10\x00", 4);
    put("bomb", zstd.data, zstd.len);
    refused("bomb", "looks like a bomb");
    leave();
}
END_TEST

START_TEST(what_is_no_archive_is_refused)
{
    enter();
    CLEANUP(buf) struct buf none = {0}, text = {0};
    for (int i = 0; i < 1000; i++)
        buf_puts(&text, "this is not a tar archive at all ");
    keep("bad", &text);
    refused("bad", "the bundle is damaged");
    put("plain", text.data, text.len);
    refused("plain", "the bundle is damaged");
    put("empty", "", 0);
    refused("empty", "damaged");
    leave();
}
END_TEST

START_TEST(what_is_not_a_file_is_not_read)
{
    enter();
    struct error err = {0};
    CLEANUP(free) char *fifo = fs_join(root, "fifo"), *out = fs_join(root, "out"), *missing = fs_join(root, "missing");
    struct digest digest = {0};
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    ck_assert_int_eq(bundle_extract(fifo, out, &digest, NULL, &err), -1);
    ck_error_has(&err, "not a regular file");
    error_free(&err);
    ck_assert_int_eq(bundle_extract(missing, out, &digest, NULL, &err), -1);
    ck_error_has(&err, "No such file");
    ck_assert_int_eq(err.kind, ERROR_MACHINE);
    ck_assert(!fs_exists(out));
    error_free(&err);
    leave();
}
END_TEST

UNIT_MAIN("bundle", what_goes_in_comes_out, files_of_two_folders_go_into_one_archive,
          the_same_files_give_the_same_bytes, tar_and_zstd_read_it, no_files_make_a_bundle_too,
          contents_that_compress_like_a_bomb_still_come_back,
          a_file_that_changed_since_it_was_hashed_is_an_error_and_nothing_is_left, a_link_that_leads_out_is_not_bundled,
          another_digest_is_refused_with_both_named_and_nothing_left,
          a_bundle_cut_short_or_with_a_byte_changed_is_refused, a_folder_that_is_not_empty_is_left_alone,
          limits_on_size_and_number_of_files_hold, hostile_archives_are_refused_and_leave_nothing,
          a_sparse_member_is_refused, a_bomb_is_refused, what_is_no_archive_is_refused, what_is_not_a_file_is_not_read)
