// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/fs.h"
#include "unit_files.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>

// What a walk saw, one path a line, folders with '/' at the end.
struct seen {
    struct buf text;
    const char *skip, *stop;
    size_t count;
};

static enum fs_visit note(const char *path, const struct stat *st, void *context)
{
    struct seen *seen = context;
    seen->count++;
    buf_printf(&seen->text, "%s%s%s\n", path, S_ISDIR(st->st_mode) ? "/" : "", S_ISLNK(st->st_mode) ? "@" : "");
    return str_equal(path, seen->skip) ? FS_SKIP : str_equal(path, seen->stop) ? FS_STOP : FS_CONTINUE;
}

static void make_tree(void)
{
    static const char *const files[] = {"t/a/b", "t/a/c/z", "t/a-b/x", "t/a.c", "t/a0", "t/a/.hidden", "t/B"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        put(files[i], "");
    ck_assert_int_eq(symlink("a", "t/link"), 0);
    ck_assert_int_eq(mkdir("t/empty", 0777), 0);
}

START_TEST(a_walk_goes_in_byte_order_of_the_whole_paths)
{
    char *folder = enter_folder();
    struct error err = {0};
    make_tree();
    struct seen seen = {0};
    ck_ok(fs_walk("t", note, &seen, &err), &err);
    ck_assert_str_eq(seen.text.data, "B\na/\na-b/\na-b/x\na.c\na/.hidden\na/b\na/c/\na/c/z\na0\nempty/\nlink@\n");
    buf_free(&seen.text);
    ck_assert_int_eq(symlink("t", "top"), 0);
    seen = (struct seen){0};
    ck_ok(fs_walk("top", note, &seen, &err), &err);
    ck_assert_uint_eq(seen.count, 12);
    buf_free(&seen.text);
    leave_folder(folder);
}
END_TEST

START_TEST(a_walk_skips_and_stops_where_it_is_told)
{
    char *folder = enter_folder();
    struct error err = {0};
    make_tree();
    struct seen seen = {.skip = "a"};
    ck_ok(fs_walk("t", note, &seen, &err), &err);
    ck_assert_str_eq(seen.text.data, "B\na/\na-b/\na-b/x\na.c\na0\nempty/\nlink@\n");
    buf_free(&seen.text);
    seen = (struct seen){.stop = "a/.hidden"};
    ck_ok(fs_walk("t", note, &seen, &err), &err);
    ck_assert_str_eq(seen.text.data, "B\na/\na-b/\na-b/x\na.c\na/.hidden\n");
    buf_free(&seen.text);
    leave_folder(folder);
}
END_TEST

START_TEST(a_walk_says_which_folder_it_cannot_read)
{
    char *folder = enter_folder();
    struct error err = {0};
    struct seen seen = {0};
    ck_assert_int_eq(fs_walk("absent", note, &seen, &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot open the folder 'absent': No such file or directory");
    put("t/a/file", "");
    ck_assert_int_eq(fs_walk("t/a/file", note, &seen, &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot open the folder 't/a/file': Not a directory");
    if (geteuid() != 0) {
        ck_assert_int_eq(chmod("t/a", 0), 0);
        ck_assert_int_eq(fs_walk("t", note, &seen, &err), -1);
        expect_error(&err, ERROR_MACHINE, "cannot open the folder 't/a': Permission denied");
    }
    buf_free(&seen.text);
    leave_folder(folder);
}
END_TEST

// Makes `depth` folders one in another, far beyond PATH_MAX, and a file in the last.
static void make_deep(const char *top, int depth)
{
    const char *name = "a-folder-with-a-rather-long-name";
    ck_assert_int_eq(mkdir(top, 0777), 0);
    int fd = open(top, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < depth; i++) {
        ck_assert_int_eq(mkdirat(fd, name, 0777), 0);
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY);
        ck_assert_int_ge(next, 0);
        close(fd);
        fd = next;
    }
    close(openat(fd, "file", O_CREAT | O_WRONLY, 0666));
    close(fd);
}

START_TEST(trees_of_any_depth_are_walked_and_removed)
{
    char *folder = enter_folder();
    struct error err = {0};
    struct rlimit before, few;
    make_deep("deep", 300);
    put("deep/zzz", "");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 128; // fewer than there are folders
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct seen seen = {0};
    ck_ok(fs_walk("deep", note, &seen, &err), &err);
    ck_assert_uint_eq(seen.count, 302);
    ck_assert(str_ends(seen.text.data, "/file\nzzz\n"));
    buf_free(&seen.text);
    ck_ok(fs_remove_tree("deep", &err), &err);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_uint_eq(count_entries("."), 0);
    leave_folder(folder);
}
END_TEST

START_TEST(removing_never_follows_a_link)
{
    char *folder = enter_folder();
    struct error err = {0};
    put("outside/kept", "kept");
    put("tree/file", "");
    ck_assert_int_eq(symlink("../outside", "tree/link"), 0);
    ck_assert_int_eq(symlink("outside", "link"), 0);
    ck_ok(fs_remove_tree("tree", &err), &err);
    ck_ok(fs_remove_tree("link/", &err), &err);
    expect_file("outside/kept", "kept");
    ck_assert_uint_eq(count_entries("."), 1);
    put("single", "");
    ck_ok(fs_remove_tree("single", &err), &err);
    ck_ok(fs_remove_tree("absent", &err), &err);
    ck_ok(fs_remove_tree("absent/deeper", &err), &err);
    ck_assert_uint_eq(count_entries("."), 1);
    leave_folder(folder);
}
END_TEST

START_TEST(folders_without_permissions_are_removed_too)
{
    char *folder = enter_folder();
    struct error err = {0};
    put("tree/closed/inner/file", "");
    put("tree/readonly/file", "");
    ck_assert_int_eq(chmod("tree/closed/inner", 0), 0);
    ck_assert_int_eq(chmod("tree/closed", 0), 0);
    ck_assert_int_eq(chmod("tree/readonly", 0555), 0);
    ck_assert_int_eq(chmod("tree", 0500), 0);
    ck_ok(fs_remove_tree("tree", &err), &err);
    ck_assert_uint_eq(count_entries("."), 0);
    leave_folder(folder);
}
END_TEST

START_TEST(the_root_and_this_folder_are_not_removed)
{
    static const char *const paths[] = {"/", "//", ".", "..", "./", "../..", "a/..", "a/.", ""};
    struct error err = {0};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        ck_assert_int_eq(fs_remove_tree(paths[i], &err), -1);
        expect_error(&err, ERROR_USAGE, "refusing to remove");
    }
}
END_TEST

START_TEST(what_is_mounted_inside_is_not_removed)
{
    char *folder = enter_folder();
    struct error err = {0};
    put("kept/file", "kept");
    put("tree/other", "");
    ck_assert_int_eq(mkdir("tree/mount", 0777), 0);
    if (mount("kept", "tree/mount", "none", MS_BIND, NULL) == 0) { // only root may
        int rc = fs_remove_tree("tree", &err);
        ck_assert_int_eq(umount("tree/mount"), 0);
        ck_assert_int_eq(rc, -1);
        expect_error(&err, ERROR_MACHINE, "cannot remove 'tree/mount'");
        ck_assert(!fs_exists("tree/other"));
    }
    expect_file("kept/file", "kept");
    leave_folder(folder);
}
END_TEST

START_TEST(a_copy_has_the_bytes_the_mode_and_the_time)
{
    char *folder = enter_folder();
    struct error err = {0};
    struct stat from, to;
    CLEANUP(free) char *bytes = mem_alloc(300001);
    for (size_t i = 0; i < 300000; i++)
        bytes[i] = (char)('a' + i % 26);
    put("from", bytes);
    ck_assert_int_eq(chmod("from", 0741), 0);
    struct timespec times[2] = {{1000000000, 0}, {1000000000, 123456789}};
    ck_assert_int_eq(utimensat(AT_FDCWD, "from", times, 0), 0);
    ck_ok(fs_copy_file("from", "to", &err), &err);
    expect_file("to", bytes);
    ck_assert_int_eq(stat("from", &from), 0);
    ck_assert_int_eq(stat("to", &to), 0);
    ck_assert_uint_eq(to.st_mode & 07777, 0741);
    ck_assert_int_eq(to.st_mtim.tv_sec, from.st_mtim.tv_sec);
    ck_assert_int_eq(to.st_mtim.tv_nsec, from.st_mtim.tv_nsec);
    bool cloned = false;
    ck_ok(fs_clone_file(&cloned, "from", "clone", &err), &err);
    ck_assert(cloned == fs_exists("clone"));
    if (cloned)
        expect_file("clone", bytes);
    leave_folder(folder);
}
END_TEST

START_TEST(a_copy_replaces_the_name_and_not_what_it_leads_to)
{
    char *folder = enter_folder();
    struct error err = {0};
    put("from", "new");
    put("kept", "kept");
    ck_assert_int_eq(symlink("kept", "link"), 0);
    ck_assert_int_eq(link("kept", "hard"), 0);
    ck_ok(fs_copy_file("from", "link", &err), &err);
    ck_ok(fs_copy_file("from", "hard", &err), &err);
    expect_file("link", "new");
    expect_file("hard", "new");
    expect_file("kept", "kept");
    ck_assert_int_eq(fs_copy_file("kept", "kept", &err), -1);
    expect_error(&err, ERROR_USAGE, "cannot copy 'kept' to itself");
    expect_file("kept", "kept");
    ck_assert_int_eq(fs_copy_file("absent", "to", &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot open 'absent'");
    ck_assert_int_eq(fs_copy_file("from", "absent/to", &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot write 'absent/to'");
    ck_assert_int_eq(fs_copy_file(".", "to", &err), -1);
    expect_error(&err, ERROR_USAGE, "'.' is a folder, not a file");
    ck_assert(!fs_exists("to"));
    leave_folder(folder);
}
END_TEST

START_TEST(files_below_proc_are_copied_whole)
{
    char *folder = enter_folder();
    struct error err = {0};
    if (fs_exists("/proc/version")) {
        CLEANUP(buf) struct buf version = {0};
        ck_ok(fs_read(&version, "/proc/version", 0, &err), &err);
        ck_ok(fs_copy_file("/proc/version", "version", &err), &err);
        ck_assert_uint_gt(version.len, 0);
        expect_file("version", version.data);
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("fs_tree", a_walk_goes_in_byte_order_of_the_whole_paths, a_walk_skips_and_stops_where_it_is_told,
          a_walk_says_which_folder_it_cannot_read, trees_of_any_depth_are_walked_and_removed,
          removing_never_follows_a_link, folders_without_permissions_are_removed_too,
          the_root_and_this_folder_are_not_removed, what_is_mounted_inside_is_not_removed,
          a_copy_has_the_bytes_the_mode_and_the_time, a_copy_replaces_the_name_and_not_what_it_leads_to,
          files_below_proc_are_copied_whole)
