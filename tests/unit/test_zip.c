// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"
#include "unit_files.h"
#include "unit_python.h"

#include "artifact/contents.h"
#include "artifact/zip.h"

struct archive {
    struct buf bytes;
    struct zip *zip;
    struct contents *contents; // what zip_bytes keeps its memory in
};

static int open_bytes(struct archive *archive, struct error *err)
{
    ck_ok(contents_parse(&archive->contents, "", "", 0, err), err);
    return zip_open(&archive->zip, (const unsigned char *)buf_text(&archive->bytes), archive->bytes.len, err);
}

static void load(struct archive *archive, const char *path)
{
    struct error err = {0};
    *archive = (struct archive){0};
    ck_ok(fs_read(&archive->bytes, path, 0, &err), &err);
    ck_ok(open_bytes(archive, &err), &err);
}

static void drop(struct archive *archive)
{
    zip_free(archive->zip);
    contents_free(archive->contents);
    buf_free(&archive->bytes);
}

static void expect_member(struct archive *archive, const char *name, const char *text)
{
    struct error err = {0};
    struct artifact_file file = {0};
    const struct zip_member *member = zip_find(archive->zip, name);
    ck_assert_msg(member != NULL, "there is no '%s'", name);
    ck_ok(zip_bytes(&file, archive->contents, member, &err), &err);
    ck_assert_uint_eq(file.len, strlen(text));
    ck_assert_mem_eq(file.bytes, text, strlen(text));
}

START_TEST(stored_members_are_used_where_they_lie)
{
    char *folder = enter_folder();
    python("import zipfile\n"
           "with zipfile.ZipFile('a.zip', 'w') as z:\n"
           "    z.writestr('b/two', b'second')\n"
           "    z.writestr('b/', b'')\n"
           "    z.writestr('a', b'first')\n"
           "    z.comment = b'PK\\5\\6 a comment'\n");
    struct archive archive;
    load(&archive, "a.zip");
    size_t count;
    const struct zip_member *members = zip_members(archive.zip, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(members[0].name, "a");
    ck_assert_str_eq(members[1].name, "b/two");
    expect_member(&archive, "a", "first");
    expect_member(&archive, "b/two", "second");
    ck_assert_uint_eq(archive.contents->file_count, 0);
    ck_assert_ptr_null(zip_find(archive.zip, "b/"));
    ck_assert_ptr_null(zip_find(archive.zip, "c"));
    drop(&archive);
    leave_folder(folder);
}
END_TEST

START_TEST(deflated_members_are_decompressed)
{
    struct error err = {0};
    char *folder = enter_folder();
    python("import zipfile\n"
           "with zipfile.ZipFile('a.zip', 'w', zipfile.ZIP_DEFLATED) as z:\n"
           "    z.writestr('text', b'abc' * 100)\n"
           "    z.writestr('empty', b'')\n"
           "    z.writestr('large', b'x' * 70000000)\n"); // enough for a temporary file
    struct archive archive;
    load(&archive, "a.zip");
    char text[301] = "";
    for (int i = 0; i < 100; i++)
        memcpy(text + i * 3, "abc", 4);
    expect_member(&archive, "text", text);
    expect_member(&archive, "empty", "");
    struct artifact_file file = {0};
    ck_ok(zip_bytes(&file, archive.contents, zip_find(archive.zip, "large"), &err), &err);
    ck_assert_uint_eq(file.len, 70000000);
    for (size_t i = 0; i < file.len; i++) {
        if (file.bytes[i] != 'x')
            ck_abort_msg("byte %zu is %d", i, file.bytes[i]);
    }
    drop(&archive);
    leave_folder(folder);
}
END_TEST

START_TEST(zip64_and_streamed_archives_are_read)
{
    char *folder = enter_folder();
    python("import zipfile, io, struct\n"
           "with zipfile.ZipFile('a.zip', 'w') as z:\n"
           "    with z.open('forced', 'w', force_zip64=True) as f: f.write(b'forced')\n"
           "class Pipe(io.RawIOBase):\n"
           "    def __init__(self): self.out = open('stream.zip', 'wb')\n"
           "    def writable(self): return True\n"
           "    def write(self, b): return self.out.write(b)\n"
           "p = Pipe()\n"
           "with zipfile.ZipFile(p, 'w', zipfile.ZIP_DEFLATED) as z:\n"
           "    z.writestr('s', b'streamed')\n"
           "p.out.close()\n"
           "zipfile.ZIP64_LIMIT = 10; zipfile.ZIP_FILECOUNT_LIMIT = 1\n"
           "with zipfile.ZipFile('limit.zip', 'w') as z:\n"
           "    z.writestr('x', b'more than ten bytes'); z.writestr('y', b'and two members')\n");
    struct archive archive;
    load(&archive, "a.zip");
    expect_member(&archive, "forced", "forced");
    drop(&archive);
    load(&archive, "stream.zip");
    expect_member(&archive, "s", "streamed");
    drop(&archive);
    load(&archive, "limit.zip");
    expect_member(&archive, "x", "more than ten bytes");
    expect_member(&archive, "y", "and two members");
    drop(&archive);
    leave_folder(folder);
}
END_TEST

// Each program leaves one bad.zip.
START_TEST(a_damaged_or_hostile_archive_is_refused)
{
    static const char *const table[][2] = {
        {"open('bad.zip','wb').write(b'PK\\3\\4')", "has no directory at its end"},
        {"make({'a': b'x'}); edit(-1, b'\\1')", "has no directory at its end"},
        {"make({'a': b'x'}); d = open('bad.zip','rb').read(); open('bad.zip','wb').write(b'front' + d)",
         "its directory is not at byte"},
        {"make({'a': b'x'}); edit(end() + 4, b'\\1')", "one volume of several"},
        {"make({'a': b'x'}); edit(end() + 10, b'\\2')", "too small for 2 members"},
        {"make({'a': b'x', 'b': b'y'}); edit(end() + 10, b'\\1')", "holds more than its 1 members"},
        {"make({'a': b'x'}); edit(directory(), b'X')", "its directory is damaged at byte"},
        {"make({'a': b'x'}); edit(directory() + 28, b'\\xff')", "its directory is damaged at byte"},
        {"make({'a': b'x'}); edit(directory() + 8, b'\\1')", "member 'a': it is encrypted"},
        {"make({'a': b'x'}); edit(directory() + 42, b'\\7')", "member 'a': it is not at byte 7"},
        {"make({'a': b'x'}); edit(directory() + 42, b'\\xff\\xff\\xff\\xff')", "it is not at byte 4294967295"},
        {"make({'a': b'x'}); edit(directory() + 20, b'\\x70\\0\\0\\0\\x70')", "reach beyond the members"},
        {"make({'a': b'x'}); edit(directory() + 24, b'\\2')", "it is stored, but has two sizes"},
        {"make({'a': b'x'}); edit(30, b'b')", "member 'a': it has another name at byte 0"},
        {"make({'a': b'x'}); edit(30, b'\\0'); edit(directory() + 46, b'\\0')", "a zero byte"},
        {"make({'a': b'x'}, 8); edit(directory() + 24, b'\\xff\\xff\\xff')", "cannot become 16777215"},
        {"make({'a': b'x', 'b': b'y'}); edit(62, b'a'); edit(directory() + 47 + 46, b'a')", "'a' comes twice"},
    };
    static const char head[] = "import zipfile, struct\n"
                               "def make(members, method=0):\n"
                               "    with zipfile.ZipFile('bad.zip', 'w', method) as z:\n"
                               "        for name in members: z.writestr(name, members[name])\n"
                               "def edit(at, new):\n"
                               "    d = bytearray(open('bad.zip', 'rb').read())\n"
                               "    if at < 0: d += new\n"
                               "    else: d[at:at + len(new)] = new\n"
                               "    open('bad.zip', 'wb').write(d)\n"
                               "def end(): return open('bad.zip', 'rb').read().rfind(b'PK\\5\\6')\n"
                               "def directory(): return open('bad.zip', 'rb').read().find(b'PK\\1\\2')\n";
    char *folder = enter_folder();
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *program = str_printf("%s%s\n", head, table[i][0]);
        python(program);
        struct archive archive = {0};
        struct error err = {0};
        ck_ok(fs_read(&archive.bytes, "bad.zip", 0, &err), &err);
        ck_assert_msg(open_bytes(&archive, &err) == -1, "row %zu", i);
        expect_error(&err, ERROR_USAGE, table[i][1]);
        drop(&archive);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(members_that_share_bytes_are_refused)
{
    char *folder = enter_folder();
    python("import zipfile, struct\n"
           "with zipfile.ZipFile('a.zip', 'w') as z:\n"
           "    z.writestr('a', b'x' * 100)\n"
           "d = open('a.zip', 'rb').read()\n"
           "at = d.find(b'PK\\1\\2'); end = d.find(b'PK\\5\\6')\n"
           "entry = d[at:end]\n"
           "open('a.zip', 'wb').write(d[:at] + entry + entry + struct.pack('<4sHHHHIIH', b'PK\\5\\6', 0, 0, 2, 2,"
           " 2 * len(entry), at, 0))\n");
    struct error err = {0};
    struct archive archive = {0};
    ck_ok(fs_read(&archive.bytes, "a.zip", 0, &err), &err);
    ck_assert_int_eq(open_bytes(&archive, &err), -1);
    expect_error(&err, ERROR_USAGE, "members 'a' and 'a' overlap");
    drop(&archive);
    leave_folder(folder);
}
END_TEST

START_TEST(damage_in_a_deflated_member_is_found_when_it_is_read)
{
    static const char *const table[][2] = {
        {"at = 31", "member 'a': "},                            // the deflated bytes
        {"at = d.find(b'PK\\1\\2') + 16", "checksum is wrong"}, // the directory's checksum
        {"at = d.find(b'PK\\1\\2') + 24", "instead of"},        // its size
        {"at = d.find(b'PK\\1\\2') + 10", "compression method 9 is not supported"},
    };
    char *folder = enter_folder();
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free)
        char *program = str_printf("import zipfile\n"
                                   "with zipfile.ZipFile('a.zip', 'w', 8) as z:\n"
                                   "    z.writestr('a', bytes(range(200)) * 3)\n"
                                   "d = bytearray(open('a.zip', 'rb').read())\n"
                                   "%s\nd[at] ^= 1\nopen('a.zip', 'wb').write(d)\n",
                                   table[i][0]);
        python(program);
        struct archive archive;
        struct error err = {0};
        struct artifact_file file = {0};
        load(&archive, "a.zip");
        ck_assert_int_eq(zip_bytes(&file, archive.contents, zip_find(archive.zip, "a"), &err), -1);
        expect_error(&err, ERROR_USAGE, table[i][1]);
        drop(&archive);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(an_archive_that_is_cut_anywhere_is_refused)
{
    struct error err = {0};
    char *folder = enter_folder();
    python("import zipfile\n"
           "with zipfile.ZipFile('a.zip', 'w') as z:\n"
           "    z.writestr('a', b'first'); z.writestr('b', b'second', 8)\n");
    struct buf whole = {0};
    ck_ok(fs_read(&whole, "a.zip", 0, &err), &err);
    for (size_t len = 0; len < whole.len; len++) {
        CLEANUP(free) unsigned char *part = mem_copy(whole.data, len); // so that a sanitizer sees every byte too far
        struct zip *zip = NULL;
        ck_assert_msg(zip_open(&zip, part, len, &err) == -1, "cut to %zu bytes", len);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        error_free(&err);
    }
    buf_free(&whole);
    leave_folder(folder);
}
END_TEST

START_TEST(members_are_values_by_their_own_formats)
{
    struct error err = {0};
    char *folder = enter_folder();
    python("import zipfile\n"
           "with zipfile.ZipFile('in.zip', 'w') as z:\n"
           "    z.writestr('deep.txt', b'deep')\n"
           "with zipfile.ZipFile('a.zip', 'w', 8) as z:\n"
           "    z.writestr('../notes.txt', b'hello\\n'); z.write('in.zip')\n"
           "    z.writestr('b.bin', b'\\0\\1'); z.writestr('packed', b'x' * 100, zipfile.ZIP_BZIP2)\n");
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "a.zip", &err), &err);
    ck_assert_str_eq(contents->format->name, "zip");
    ck_assert_uint_eq(contents->count, 4);
    const struct value *text = contents_find(contents, "../notes.txt"),
                       *deep = contents_find(contents, "in.zip:deep.txt");
    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(text->kind, VALUE_TEXT);
    ck_assert_mem_eq(text->bytes, "hello\n", 6);
    ck_assert_ptr_nonnull(deep);
    ck_assert_mem_eq(deep->bytes, "deep", 4);
    ck_assert_ptr_nonnull(contents_find(contents, "packed"));
    ck_assert_uint_eq(contents->left_out.count, 1);
    ck_assert_str_eq(contents->note, "b.bin: compared byte for byte (bytes)");
    leave_folder(folder);
}
END_TEST

START_TEST(a_damaged_member_is_compared_byte_for_byte)
{
    struct error err = {0};
    char *folder = enter_folder();
    python("import zipfile\n"
           "with zipfile.ZipFile('a.zip', 'w') as z:\n"
           "    z.writestr('bad.npy', b'\\x93NUMPY\\1\\0junk'); z.writestr('good.txt', b'text')\n"); // an .npz, that is
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "a.zip", &err), &err);
    ck_assert_uint_eq(contents->count, 2);
    ck_assert_int_eq(contents_find(contents, "bad")->kind, VALUE_BYTES);
    ck_assert_uint_eq(contents_find(contents, "bad")->size, 12);
    ck_assert_int_eq(contents_find(contents, "good.txt")->kind, VALUE_TEXT);
    ck_assert_str_eq(contents->note, "bad.npy: its header of 30058 bytes does not fit; it is compared byte for byte");
    leave_folder(folder);
}
END_TEST

START_TEST(archives_in_archives_end_somewhere)
{
    struct error err = {0};
    char *folder = enter_folder();
    python("import zipfile, io\n"
           "data = b'core'\n"
           "for i in range(12):\n"
           "    out = io.BytesIO()\n"
           "    with zipfile.ZipFile(out, 'w') as z: z.writestr('in.zip', data)\n"
           "    data = out.getvalue()\n"
           "open('a.zip', 'wb').write(data)\n");
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "a.zip", &err), &err);
    ck_assert_uint_eq(contents->count, 1);
    ck_assert_int_eq(contents->items[0].kind, VALUE_BYTES);
    ck_assert_ptr_nonnull(strstr(contents->note, "nested too deeply"));
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("zip", stored_members_are_used_where_they_lie, deflated_members_are_decompressed,
          zip64_and_streamed_archives_are_read, a_damaged_or_hostile_archive_is_refused,
          members_that_share_bytes_are_refused, damage_in_a_deflated_member_is_found_when_it_is_read,
          an_archive_that_is_cut_anywhere_is_refused, members_are_values_by_their_own_formats,
          a_damaged_member_is_compared_byte_for_byte, archives_in_archives_end_somewhere)
