// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/fs.h"
#include "unit_files.h"

#include <sys/mount.h>
#include <sys/wait.h>

START_TEST(paths_are_joined_and_taken_apart)
{
    static const struct {
        const char *folder, *name, *joined;
    } joins[] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"},   {".", "b", "b"}, {"a", ".", "a"},
                 {"a", "", "a"},    {"a", "/b", "/b"},  {"/", "b", "/b"}, {".", ".", "."}, {"", "", "."}};
    for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
        CLEANUP(free) char *joined = fs_join(joins[i].folder, joins[i].name);
        ck_assert_str_eq(joined, joins[i].joined);
    }
    static const struct {
        const char *path, *folder, *name;
    } parts[] = {{"a/b", "a", "b"}, {"a", ".", "a"},    {"/a", "/", "a"},        {"a/b/", "a", ""},
                 {"/", "/", ""},    {"a//b", "a", "b"}, {"/a/b/c", "/a/b", "c"}, {"", ".", ""}};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        CLEANUP(free) char *folder = fs_dirname(parts[i].path);
        ck_assert_str_eq(folder, parts[i].folder);
        ck_assert_str_eq(fs_basename(parts[i].path), parts[i].name);
    }
}
END_TEST

START_TEST(a_path_is_inside_only_when_it_cannot_lead_out)
{
    static const char *const inside[] = {"a", "a/b", "a/", ".a", "..a", "a..", "...", "a/.b", "a\\b"};
    static const char *const outside[] = {"",    "/",    "/a",  ".",  "..",    "a/..", "a/../b",
                                          "./a", "a//b", "a//", "//", "a/./b", "a/.",  "../a"};
    for (size_t i = 0; i < ARRAY_LEN(inside); i++)
        ck_assert_msg(fs_is_inside(inside[i]), "%s", inside[i]);
    for (size_t i = 0; i < ARRAY_LEN(outside); i++)
        ck_assert_msg(!fs_is_inside(outside[i]), "%s", outside[i]);
}
END_TEST

START_TEST(a_file_is_read_up_to_its_limit)
{
    char *folder = enter_folder();
    struct error err = {0};
    CLEANUP(buf) struct buf out = {0};
    put("five", "12345");
    ck_ok(fs_read(&out, "five", 5, &err), &err);
    ck_assert_str_eq(out.data, "12345");
    buf_clear(&out);
    ck_assert_int_eq(fs_read(&out, "five", 4, &err), -1);
    expect_error(&err, ERROR_USAGE, "'five' is too large: more than 4 B");
    put("empty", "");
    ck_ok(fs_read(&out, "empty", 4, &err), &err);
    ck_assert_str_eq(buf_text(&out), "");
    leave_folder(folder);
}
END_TEST

START_TEST(a_file_without_a_size_is_read_to_its_end)
{
    struct error err = {0};
    CLEANUP(buf) struct buf out = {0};
    if (!fs_exists("/proc/self/status"))
        return;
    ck_ok(fs_read(&out, "/proc/self/status", 0, &err), &err);
    ck_assert_ptr_nonnull(strstr(out.data, "Pid:"));
    buf_clear(&out);
    ck_assert_int_eq(fs_read(&out, "/proc/self/status", 100, &err), -1);
    expect_error(&err, ERROR_USAGE, "too large");
}
END_TEST

START_TEST(what_is_no_file_is_not_read)
{
    char *folder = enter_folder();
    struct error err = {0};
    CLEANUP(buf) struct buf out = {0};
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(fs_read(&out, "fifo", 0, &err), -1); // nobody writes to it: this must not wait
    expect_error(&err, ERROR_USAGE, "'fifo' is not a regular file");
    ck_assert_int_eq(fs_read(&out, ".", 0, &err), -1);
    expect_error(&err, ERROR_USAGE, "'.' is a folder, not a file");
    ck_assert_int_eq(fs_read(&out, "absent", 0, &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot open 'absent': No such file or directory");
    leave_folder(folder);
}
END_TEST

START_TEST(writing_replaces_a_file_and_keeps_its_mode)
{
    char *folder = enter_folder();
    struct error err = {0};
    struct stat st, old;
    put("a/file", "old");
    ck_assert_int_eq(chmod("a/file", 0640), 0);
    ck_assert_int_eq(stat("a/file", &old), 0);
    ck_ok(fs_write_atomic("a/file", "new text", 8, &err), &err);
    expect_file("a/file", "new text");
    ck_assert_int_eq(stat("a/file", &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
    ck_assert_uint_ne(st.st_ino, old.st_ino); // renamed over, not written into
    ck_assert_uint_eq(count_entries("a"), 1);
    mode_t mask = umask(027);
    ck_ok(fs_write_atomic("b/c/fresh", "x", 1, &err), &err);
    umask(mask);
    ck_assert_int_eq(stat("b/c/fresh", &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
    ck_assert_uint_eq(count_entries("b/c"), 1);
    leave_folder(folder);
}
END_TEST

START_TEST(links_folders_and_devices_are_not_written_over)
{
    char *folder = enter_folder();
    struct error err = {0};
    put("target", "old");
    ck_assert_int_eq(symlink("target", "link"), 0);
    ck_assert_int_eq(mkdir("folder", 0777), 0);
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(fs_write_atomic("link", "new", 3, &err), -1);
    expect_error(&err, ERROR_USAGE, "'link' is a symbolic link");
    ck_assert_int_eq(fs_write_atomic("folder", "new", 3, &err), -1);
    expect_error(&err, ERROR_USAGE, "'folder' is a folder");
    ck_assert_int_eq(fs_write_atomic("folder/", "new", 3, &err), -1);
    expect_error(&err, ERROR_USAGE, "'folder/' is a folder");
    ck_assert_int_eq(fs_write_atomic("fifo", "new", 3, &err), -1);
    expect_error(&err, ERROR_USAGE, "'fifo' is not a regular file");
    ck_assert_int_eq(fs_write_atomic("target/x", "new", 3, &err), -1);
    expect_error(&err, ERROR_MACHINE, "Not a directory");
    expect_file("target", "old");
    ck_assert_uint_eq(count_entries("."), 4);
    leave_folder(folder);
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_file_whole)
{
    char *folder = enter_folder();
    struct error err = {0};
    ck_assert_int_eq(mkdir("small", 0777), 0);
    if (mount("none", "small", "tmpfs", 0, "size=64k") < 0) { // only root may
        leave_folder(folder);
        return;
    }
    put("small/file", "old");
    char *large = mem_alloc(1 << 20);
    int rc = fs_write_atomic("small/file", large, 1 << 20, &err);
    int copied = 0;
    struct error copy_err = {0};
    FILE *source = fopen("large", "w");
    ck_assert_uint_eq(fwrite(large, 1, 1 << 20, source), 1 << 20);
    fclose(source);
    copied = fs_copy_file("large", "small/copy", &copy_err);
    CLEANUP(buf) struct buf found = {0};
    struct error ignored = {0};
    int read = fs_read(&found, "small/file", 0, &ignored);
    size_t left = count_entries("small");
    free(large);
    ck_assert_int_eq(umount("small"), 0);
    ck_assert_int_eq(rc, -1);
    expect_error(&err, ERROR_MACHINE, "cannot write 'small/file': No space left on device");
    ck_assert_int_eq(copied, -1);
    expect_error(&copy_err, ERROR_MACHINE, "No space left on device");
    ck_assert_int_eq(read, 0);
    ck_assert_str_eq(found.data, "old");
    ck_assert_uint_eq(left, 1);
    leave_folder(folder);
}
END_TEST

START_TEST(a_copy_is_whole_or_not_there)
{
    char *folder = enter_folder();
    struct error err = {0};
    CLEANUP(error) struct error none = {0};
    CLEANUP(buf) struct buf text = {0};
    struct stat st;
    put("from", "new");
    put("to", "old");
    ck_assert_int_eq(utimensat(AT_FDCWD, "from", (const struct timespec[]){{.tv_sec = 1}, {.tv_sec = 1}}, 0), 0);
    ck_ok(fs_copy_atomic("from", "to", &err), &err);
    ck_ok(fs_read(&text, "to", 0, &err), &err);
    ck_assert_str_eq(buf_text(&text), "new");
    ck_assert_int_eq(stat("to", &st), 0);
    ck_assert(st.st_mtim.tv_sec > 1000); // it is as old as its copy
    ck_assert_int_eq(fs_copy_atomic("from", "nowhere/to", &none), -1);
    ck_assert_int_eq(none.kind, ERROR_MACHINE);
    ck_assert(!fs_exists("nowhere"));
    ck_assert_int_eq(mkdir("folder", 0755), 0);
    ck_assert_int_eq(fs_copy_atomic("from", "folder", &none), -1);
    ck_assert_uint_eq(count_entries("."), 3); // and no temporary file
    leave_folder(folder);
}
END_TEST

START_TEST(equal_bytes_are_not_written_again)
{
    char *folder = enter_folder();
    struct error err = {0};
    struct stat before, after;
    bool changed = false;
    ck_ok(fs_write_if_changed("file", "text", 4, &changed, &err), &err);
    ck_assert(changed);
    ck_assert_int_eq(stat("file", &before), 0);
    ck_ok(fs_write_if_changed("file", "text", 4, &changed, &err), &err);
    ck_assert(!changed);
    ck_assert_int_eq(stat("file", &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    ck_ok(fs_write_if_changed("file", "tex!", 4, &changed, &err), &err);
    ck_assert(changed);
    ck_ok(fs_write_if_changed("file", "", 0, NULL, &err), &err);
    expect_file("file", "");
    leave_folder(folder);
}
END_TEST

START_TEST(missing_folders_are_made)
{
    char *folder = enter_folder();
    struct error err = {0};
    ck_ok(fs_mkdirs("a/b//c/", &err), &err);
    ck_assert(fs_is_folder("a/b/c"));
    ck_ok(fs_mkdirs("a/b/c", &err), &err);
    ck_ok(fs_mkdirs("/", &err), &err);
    put("file", "");
    ck_assert_int_eq(fs_mkdirs("file/x", &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot make the folder 'file': Not a directory");
    ck_assert_int_eq(fs_mkdirs("file", &err), -1);
    expect_error(&err, ERROR_MACHINE, "Not a directory");
    ck_assert(fs_exists("file") && !fs_is_folder("file") && !fs_exists("absent"));
    CLEANUP(free) char *resolved = NULL;
    ck_assert_int_eq(symlink("a/b", "link"), 0);
    ck_ok(fs_realpath(&resolved, "link/../b/c", &err), &err);
    ck_assert(resolved[0] == '/' && str_ends(resolved, "/a/b/c"));
    CLEANUP(free) char *absent = NULL;
    ck_assert_int_eq(fs_realpath(&absent, "absent", &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot resolve 'absent'");
    leave_folder(folder);
}
END_TEST

START_TEST(a_lock_is_held_by_one_and_names_its_holder)
{
    char *folder = enter_folder();
    struct error err = {0};
    int first = -1, second = -1;
    ck_ok(fs_lock(&first, "lock", 0, &err), &err);
    ck_assert_int_eq(fs_lock(&second, "lock", 0.02, &err), -1);
    CLEANUP(free)
    char *holder =
        str_printf("cannot lock 'lock': another repro has been holding the lock for 0 s (pid %ld)", (long)getpid());
    expect_error(&err, ERROR_MACHINE, holder);
    ck_assert_int_eq(second, -1);
    close(first);
    ck_ok(fs_lock(&second, "lock", 0, &err), &err);
    close(second);
    ck_assert_int_eq(fs_lock(&first, "absent/lock", 0, &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot lock 'absent/lock': No such file or directory");
    leave_folder(folder);
}
END_TEST

// Holds the lock until told to go.
static void hold_lock(int ready, int go)
{
    struct error err = {0};
    int fd = -1;
    char byte = 'x';
    bool held = fs_lock(&fd, "lock", 10, &err) == 0;
    bool told = write(ready, &byte, 1) == 1 && read(go, &byte, 1) == 1;
    _exit(held && told ? 0 : 1);
}

START_TEST(a_lock_is_had_once_its_holder_has_gone)
{
    char *folder = enter_folder();
    struct error err = {0};
    int ready[2], go[2], fd = -1, status;
    char byte = 'x';
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(go), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        hold_lock(ready[1], go[0]);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert_int_eq(fs_lock(&fd, "lock", 0.01, &err), -1);
    CLEANUP(free) char *holder = str_printf("(pid %ld)", (long)child);
    expect_error(&err, ERROR_MACHINE, holder);
    ck_assert_int_eq(write(go[1], &byte, 1), 1);
    ck_ok(fs_lock(&fd, "lock", 30, &err), &err);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    close(fd);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[i]);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_lock_whose_file_is_gone_is_taken_anew)
{
    char *folder = enter_folder();
    struct error err = {0};
    int first = -1, second = -1;
    ck_ok(fs_lock(&first, "lock", 0, &err), &err);
    ck_assert_int_eq(unlink("lock"), 0);
    ck_ok(fs_lock(&second, "lock", 0, &err), &err);
    ck_assert(fs_exists("lock"));
    close(first);
    close(second);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("fs", paths_are_joined_and_taken_apart, a_path_is_inside_only_when_it_cannot_lead_out,
          a_file_is_read_up_to_its_limit, a_file_without_a_size_is_read_to_its_end, what_is_no_file_is_not_read,
          writing_replaces_a_file_and_keeps_its_mode, links_folders_and_devices_are_not_written_over,
          a_full_disk_leaves_the_old_file_whole, a_copy_is_whole_or_not_there, equal_bytes_are_not_written_again,
          missing_folders_are_made, a_lock_is_held_by_one_and_names_its_holder, a_lock_is_had_once_its_holder_has_gone,
          a_lock_whose_file_is_gone_is_taken_anew)
