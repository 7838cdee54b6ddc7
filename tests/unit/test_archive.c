// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"
#include "unit_expect.h"

#include <sys/stat.h>

static void run(const char *command)
{
    int status = system(command);
    ck_assert_msg(status == 0, "'%s' failed", command);
}

static void expect_text(const struct contents *contents, const char *name, const char *text)
{
    const struct value *value = contents_find(contents, name);
    ck_assert_msg(value != NULL, "there is no '%s'", name);
    ck_assert_int_eq(value->kind, VALUE_TEXT);
    ck_assert_uint_eq(value->size, strlen(text));
    ck_assert_mem_eq(value->bytes, text, value->size);
}

static void expect_refused(const char *path, const char *part)
{
    struct error err = {0};
    struct contents *contents = NULL;
    ck_assert_int_eq(contents_open(&contents, path, &err), -1);
    expect_error(&err, ERROR_USAGE, part);
}

#define LONG                                                                                                           \
    "a-name-that-is-much-longer-than-the-hundred-characters/that-the-oldest-headers-have-room-for/so-that-it-stands-"  \
    "in-a-member-of-its-own"

START_TEST(a_tar_is_its_members_in_every_format)
{
    static const char *const formats[] = {"gnu", "pax", "ustar"};
    struct error err = {0};
    char *folder = enter_folder();
    put("m/a.txt", "first\n");
    put("m/" LONG, "long\n");
    put("m/gr\xc3\xbc\xc3\x9f.txt", "umlaut\n");
    put("m/empty", "");
    ck_assert_int_eq(symlink("/etc/passwd", "m/link"), 0);
    ck_assert_int_eq(link("m/a.txt", "m/hard"), 0);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        CLEANUP(free) char *command = str_printf("tar --format=%s --sort=name -C m -cf a.tar .", formats[i]);
        run(command);
        CLEANUP(contents) struct contents *contents = NULL;
        ck_ok(contents_open(&contents, "a.tar", &err), &err);
        ck_assert_str_eq(contents->format->name, "tar");
        ck_assert_uint_eq(contents->count, 6);
        expect_text(contents, "a.txt", "first\n");
        expect_text(contents, LONG, "long\n");
        expect_text(contents, "gr\xc3\xbc\xc3\x9f.txt", "umlaut\n");
        expect_text(contents, "link", "/etc/passwd");
        expect_text(contents, "hard", "./a.txt");
        ck_assert_uint_eq(contents_find(contents, "empty")->size, 0);
        ck_assert(strings_has(&contents->left_out, "dates, owners, modes and order of the tar's members"));
        // Members are used where they lie: one file is owned, and nothing else.
        ck_assert_uint_eq(contents->file_count, 1);
        unlink("a.tar");
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_compressed_file_has_the_values_that_it_has_without)
{
    struct error err = {0};
    char *folder = enter_folder();
    python(UNIT_EXPECT "import numpy as np\n"
                       "np.save('w', np.arange(30000, dtype='<f4'))\n"
                       "np.savez('z', a=np.arange(3, dtype='<i8'))\n"
                       "for f in 'w.npy', 'w.npy.gz', 'w.npy.zst':\n"
                       "    expect(f, '', 'f32', (30000,), np.arange(30000, dtype='<f4').tobytes())\n"
                       "for f in 'm.tar', 'm.tar.gz', 'm.tgz', 'm.tar.zst', 'unnamed':\n"
                       "    expect(f, 'z.npz:a', 'i64', (3,), np.arange(3, dtype='<i8').tobytes())\n");
    run("gzip -k w.npy && zstd -q -k w.npy && tar cf m.tar z.npz && gzip -k m.tar && cp m.tar.gz m.tgz && zstd -q -k "
        "m.tar"
        " && cp m.tar.zst unnamed");
    ck_assert_uint_eq(expect_listed(), 8);
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "m.tgz", &err), &err);
    ck_assert_str_eq(contents->format->name, "gzip");
    ck_assert(strings_has(&contents->left_out, "gzip's date, name and level"));
    leave_folder(folder);
}
END_TEST

START_TEST(pieces_that_were_compressed_one_by_one_are_one)
{
    struct error err = {0};
    char *folder = enter_folder();
    run("(printf one | gzip; printf two | gzip) >a.gz; (printf one | zstd -q; printf two | zstd -q) >a.zst;"
        " printf '' | gzip >empty.gz; printf '' | zstd -q >empty.zst");
    CLEANUP(contents) struct contents *gzip = NULL;
    CLEANUP(contents) struct contents *zstd = NULL;
    ck_ok(contents_open(&gzip, "a.gz", &err), &err);
    ck_ok(contents_open(&zstd, "a.zst", &err), &err);
    expect_text(gzip, "", "onetwo");
    expect_text(zstd, "", "onetwo");
    static const char *const empty[] = {"empty.gz", "empty.zst"};
    for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
        CLEANUP(contents) struct contents *contents = NULL;
        ck_ok(contents_open(&contents, empty[i], &err), &err);
        ck_assert_uint_eq(contents->items[0].size, 0);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_large_file_is_decompressed_into_a_temporary_one)
{
    struct error err = {0};
    char *folder = enter_folder();
    run("head -c 40000000 /dev/zero | tr '\\0' x >large && gzip -k1 large && zstd -q -k large");
    static const char *const names[] = {"large.gz", "large.zst"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP(contents) struct contents *contents = NULL;
        ck_ok(contents_open(&contents, names[i], &err), &err);
        ck_assert_uint_eq(contents->items[0].size, 40000000);
        ck_assert_int_eq(contents->items[0].bytes[0], 'x');
        ck_assert_int_eq(contents->items[0].bytes[39999999], 'x');
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_sparse_member_is_put_together)
{
    struct error err = {0};
    char *folder = enter_folder();
    run("truncate -s 1000000 sparse && printf middle | dd of=sparse bs=1 seek=500000 conv=notrunc 2>/dev/null &&"
        " truncate -s 70000 holes && tar -S --format=gnu -cf a.tar sparse holes && tar -S --format=pax -cf b.tar "
        "sparse "
        "holes");
    static const char *const names[] = {"a.tar", "b.tar"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP(contents) struct contents *contents = NULL;
        ck_ok(contents_open(&contents, names[i], &err), &err);
        const struct value *sparse = contents_find(contents, "sparse"), *holes = contents_find(contents, "holes");
        ck_assert_uint_eq(sparse->size, 1000000);
        ck_assert_mem_eq(sparse->bytes + 499999, "\0middle", 8);
        ck_assert_uint_eq(holes->size, 70000);
        ck_assert_int_eq(holes->bytes[69999], 0);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(what_expands_beyond_reason_is_refused)
{
    char *folder = enter_folder();
    run("truncate -s 10T huge && tar -S -cf huge.tar huge && rm huge");
    expect_refused("huge.tar", "member 'huge': more than 16 GiB when decompressed");
    run("truncate -s 2G bomb && tar -S -cf bomb.tar bomb && rm bomb");
    expect_refused("bomb.tar", "this looks like a bomb");
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_no_file_in_a_tar_is_refused)
{
    char *folder = enter_folder();
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    run("tar -cf a.tar pipe");
    expect_refused("a.tar", "member 'pipe' is neither a file, a folder nor a link");
    leave_folder(folder);
}
END_TEST

START_TEST(a_name_that_comes_twice_is_refused)
{
    char *folder = enter_folder();
    put("a", "x");
    run("tar -cf a.tar a && tar -rf a.tar a");
    expect_refused("a.tar", "'a' comes twice");
    leave_folder(folder);
}
END_TEST

START_TEST(damage_is_an_error)
{
    char *folder = enter_folder();
    put("a", "the bytes of the first member, some of them");
    run("tar -cf whole.tar a && gzip -n <a >a.gz && zstd -q a");
    run("head -c 530 whole.tar >cut.tar");
    expect_refused("cut.tar", "it is damaged");
    run("(head -c 150 whole.tar; printf x; tail -c +152 whole.tar) >sum.tar");
    expect_refused("sum.tar", "it is damaged");
    run("head -c 30 a.gz >cut.gz");
    expect_refused("cut.gz", "its compressed bytes end too early");
    run("(head -c 20 a.gz; printf XXXX; tail -c +25 a.gz) >bad.gz");
    expect_refused("bad.gz", "its compressed bytes are damaged");
    run("(cat a.gz; printf junk) >more.gz");
    expect_refused("more.gz", "4 bytes follow its compressed bytes");
    run("head -c 30 a.zst >cut.zst");
    expect_refused("cut.zst", "its zstd frames are damaged, or end too early");
    run("(cat a.zst; printf junk) >more.zst");
    expect_refused("more.zst", "its zstd frames are damaged");
    run("head -c 3000000 /dev/urandom >big && zstd -q big && head -c 2500000 big.zst >late.zst");
    expect_refused("late.zst", "it is damaged: Truncated zstd input");
    leave_folder(folder);
}
END_TEST

START_TEST(an_archive_that_is_cut_anywhere_is_read_or_refused)
{
    struct error err = {0};
    char *folder = enter_folder();
    put("a", "first");
    put("b", "second");
    run("tar --format=pax -b 1 -cf a.tar a b && gzip -k a.tar && zstd -q a.tar");
    static const char *const names[] = {"a.tar", "a.tar.gz", "a.tar.zst"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP(buf) struct buf whole = {0};
        ck_ok(fs_read(&whole, names[i], 0, &err), &err);
        for (size_t len = 0; len < whole.len; len += i == 0 ? 7 : 1) {
            struct contents *contents = NULL;
            // A tar may end between its members.
            if (parse_exactly(&contents, names[i], whole.data, len, &err) != 0)
                ck_assert_int_eq(err.kind, ERROR_USAGE);
            else
                ck_assert_msg(i == 0 || len < 4, "%s: %zu bytes are read", names[i], len);
            contents_free(contents);
            error_free(&err);
        }
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("archive", a_tar_is_its_members_in_every_format, a_compressed_file_has_the_values_that_it_has_without,
          pieces_that_were_compressed_one_by_one_are_one, a_large_file_is_decompressed_into_a_temporary_one,
          a_sparse_member_is_put_together, what_expands_beyond_reason_is_refused, what_is_no_file_in_a_tar_is_refused,
          a_name_that_comes_twice_is_refused, damage_is_an_error, an_archive_that_is_cut_anywhere_is_read_or_refused)
