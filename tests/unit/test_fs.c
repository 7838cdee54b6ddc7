// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/fs.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/wait.h>

// Each test works in a folder of its own, which is the current one while it runs.
static char *enter_folder(void)
{
    char *folder = unit_folder();
    ck_assert_int_eq(chdir(folder), 0);
    return folder;
}

static void leave_folder(char *folder)
{
    struct error err = {0};
    ck_assert_int_eq(chdir("/"), 0);
    ck_ok(fs_remove_tree(folder, &err), &err);
    ck_assert_int_eq(access(folder, F_OK), -1);
    free(folder);
}

static void put(const char *path, const char *text)
{
    struct error err = {0};
    ck_ok(fs_write_atomic(path, text, strlen(text), &err), &err);
}

static void expect_file(const char *path, const char *text)
{
    struct error err = {0};
    CLEANUP(buf) struct buf found = {0};
    ck_ok(fs_read(&found, path, 0, &err), &err);
    ck_assert_str_eq(buf_text(&found), text);
}

static void expect_error(struct error *err, enum error_kind kind, const char *part)
{
    ck_assert_int_eq(err->kind, kind);
    ck_error_has(err, part);
    error_free(err);
}

static size_t count_entries(const char *path)
{
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    size_t count = 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}

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
    struct stat st;
    put("a/b/file", "old");
    ck_assert_int_eq(chmod("a/b/file", 0640), 0);
    put("a/b/file", "new text");
    expect_file("a/b/file", "new text");
    ck_assert_int_eq(stat("a/b/file", &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
    ck_assert_uint_eq(count_entries("a/b"), 1);
    mode_t mask = umask(027);
    put("fresh", "x");
    umask(mask);
    ck_assert_int_eq(stat("fresh", &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
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
    make_deep("deep", 3000);
    put("deep/zzz", "");
    struct seen seen = {0};
    ck_ok(fs_walk("deep", note, &seen, &err), &err);
    ck_assert_uint_eq(seen.count, 3002);
    ck_assert(str_ends(seen.text.data, "/file\nzzz\n"));
    buf_free(&seen.text);
    ck_ok(fs_remove_tree("deep", &err), &err);
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
#ifdef REPRO_PORTABLE
    bool bound = false; // POSIX cannot tell a bind mount from a folder
#else
    bool bound = mount("kept", "tree/mount", "none", MS_BIND, NULL) == 0; // only root may
#endif
    if (bound) {
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
          a_full_disk_leaves_the_old_file_whole, equal_bytes_are_not_written_again, missing_folders_are_made,
          a_walk_goes_in_byte_order_of_the_whole_paths, a_walk_skips_and_stops_where_it_is_told,
          a_walk_says_which_folder_it_cannot_read, trees_of_any_depth_are_walked_and_removed,
          removing_never_follows_a_link, folders_without_permissions_are_removed_too,
          the_root_and_this_folder_are_not_removed, what_is_mounted_inside_is_not_removed,
          a_copy_has_the_bytes_the_mode_and_the_time, a_copy_replaces_the_name_and_not_what_it_leads_to,
          files_below_proc_are_copied_whole, a_lock_is_held_by_one_and_names_its_holder,
          a_lock_is_had_once_its_holder_has_gone, a_lock_whose_file_is_gone_is_taken_anew)
