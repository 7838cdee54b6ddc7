// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
#include "base/fs.h"
#include "store/digest.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct digester *digester_made(void)
{
    struct error err = {0};
    struct digester *digester = NULL;
    ck_ok(digester_new(&digester, &err), &err);
    return digester;
}

// The vectors of FIPS 180-4.
static const struct {
    const char *text, *hex;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(published_vectors_come_out)
{
    CLEANUP(digester) struct digester *digester = digester_made();
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        struct digest digest;
        char hex[65];
        digest_bytes(digester, &digest, vectors[i].text, strlen(vectors[i].text));
        digest_hex(hex, &digest);
        ck_assert_str_eq(hex, vectors[i].hex);
    }
}
END_TEST

START_TEST(bytes_may_come_in_pieces)
{
    CLEANUP(digester) struct digester *digester = digester_made();
    struct digest whole, pieces;
    digest_bytes(digester, &whole, "abc", 3);
    digester_begin(digester);
    digester_add(digester, "a", 1);
    digester_add(digester, "", 0);
    digester_add(digester, "bc", 2);
    digester_end(digester, &pieces);
    ck_assert(digest_equal(&whole, &pieces));
}
END_TEST

START_TEST(a_file_has_the_digest_that_coreutils_gives_at_every_size_around_the_buffer)
{
    static const size_t sizes[] = {0, 1, 4096, 262143, 262144, 262145, 1048577};
    struct error err = {0};
    CLEANUP(digester) struct digester *digester = digester_made();
    CLEANUP(free) char *folder = unit_folder();
    CLEANUP(free) char *path = fs_join(folder, "file");
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        CLEANUP(buf) struct buf bytes = {0};
        for (size_t at = 0; at < sizes[i]; at++)
            buf_putc(&bytes, (char)(at * 31 % 251));
        ck_ok(fs_write_atomic(path, bytes.data, bytes.len, &err), &err);

        CLEANUP(free) char *command = str_printf("sha256sum < %s", path);
        char expected[65] = "";
        FILE *pipe = popen(command, "r");
        ck_assert_ptr_nonnull(pipe);
        ck_assert_ptr_nonnull(fgets(expected, sizeof expected, pipe));
        pclose(pipe);

        struct digest digest, stable;
        uint64_t size = 0;
        char hex[65];
        ck_ok(digest_file(digester, &digest, &size, path, &err), &err);
        digest_hex(hex, &digest);
        ck_assert_str_eq(hex, expected);
        ck_assert_uint_eq(size, sizes[i]);

        CLEANUP(fd) int fd = open(path, O_RDONLY);
        struct stat st;
        ck_assert_int_eq(fstat(fd, &st), 0);
        ck_ok(digest_stable_fd(digester, &stable, &st, fd, &err), &err);
        ck_assert(digest_equal(&digest, &stable));
    }
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

START_TEST(a_file_that_changed_since_it_was_looked_at_is_an_error)
{
    struct error err = {0};
    CLEANUP(digester) struct digester *digester = digester_made();
    CLEANUP(free) char *folder = unit_folder();
    CLEANUP(free) char *path = fs_join(folder, "file");
    ck_ok(fs_write_atomic(path, "one", 3, &err), &err);
    CLEANUP(fd) int fd = open(path, O_RDWR);
    struct stat st;
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_eq(pwrite(fd, "three", 5, 0), 5);
    struct digest digest;
    ck_assert_int_eq(digest_stable_fd(digester, &digest, &st, fd, &err), -1);
    ck_error_has(&err, "changed while it was read");
    error_free(&err);
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

START_TEST(what_is_not_a_regular_file_is_an_error_that_names_it)
{
    CLEANUP(digester) struct digester *digester = digester_made();
    CLEANUP(free) char *folder = unit_folder();
    CLEANUP(free) char *fifo = fs_join(folder, "fifo");
    CLEANUP(free) char *missing = fs_join(folder, "missing");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    const char *const paths[] = {folder, fifo, missing};
    const char *const said[] = {"not a regular file", "not a regular file", "No such file or directory"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct error err = {0};
        struct digest digest;
        ck_assert_int_eq(digest_file(digester, &digest, NULL, paths[i], &err), -1);
        ck_assert_int_eq(err.kind, ERROR_MACHINE);
        ck_error_has(&err, paths[i]);
        ck_error_has(&err, said[i]);
        error_free(&err);
    }
    struct error err = {0};
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

UNIT_MAIN("digest", published_vectors_come_out, bytes_may_come_in_pieces,
          a_file_has_the_digest_that_coreutils_gives_at_every_size_around_the_buffer,
          a_file_that_changed_since_it_was_looked_at_is_an_error, what_is_not_a_regular_file_is_an_error_that_names_it)
