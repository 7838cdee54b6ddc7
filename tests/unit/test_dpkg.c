// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit_files.h"

#include "run/dpkg.h"
#include "run/path_set.h"

static char *folder;

static void begin(void)
{
    folder = enter_folder();
    put("var/lib/dpkg/info/libfoo1:amd64.list", "/.\n/usr\n/usr/lib/libfoo.so.1.2\n");
    put("var/lib/dpkg/info/foo.list", "/.\n/bin/foo\n/usr/bin/both");
    put("var/lib/dpkg/info/foo-other.list", "/usr/bin/both\n");
    put("var/lib/dpkg/info/lost.list", "/usr/bin/lost\n");
    put("var/lib/dpkg/info/foo.md5sums", "/usr/bin/sums\n");
    put("var/lib/dpkg/status", "Package: foo\nStatus: install ok installed\nVersion: 1:2.0-1\n\n"
                               "Package: libfoo1\nArchitecture: i386\nVersion: 1.2-1\n\n"
                               "Package: libfoo1\nArchitecture: amd64\nVersion: 1.2-2+b1\n\n"
                               "Package: foo-other\nVersion: 3\nDescription: short\n Version: 4\n");
}

static void end(void)
{
    leave_folder(folder);
}

static void expect_owner(const char *path, const char *owner)
{
    CLEANUP(strings) struct strings paths = {0};
    CLEANUP(pairs) struct pairs found = {0};
    strings_add(&paths, path);
    dpkg_owners(&found, ".", &paths);
    const char *got = pairs_get(&found, path);
    ck_assert_msg(str_equal(got, owner), "%s: '%s', expected '%s'", path, got ? got : "(none)",
                  owner ? owner : "(none)");
}

START_TEST(a_file_is_of_the_package_that_lists_it)
{
    begin();
    expect_owner("/usr/lib/libfoo.so.1.2", "libfoo1 1.2-2+b1");
    expect_owner("/bin/foo", "foo 1:2.0-1");
    expect_owner("/usr/bin/foo", NULL); // no merged /usr here: another file
    expect_owner("/usr/lib/libfoo.so.1", NULL);
    expect_owner("/usr/lib/libfoo.so.1.2.3", NULL);
    expect_owner("/usr/bin/sums", NULL);
    expect_owner("/usr/bin/lost", "lost of an unknown version");
    end();
}
END_TEST

START_TEST(where_usr_is_merged_both_spellings_are_found)
{
    begin();
    ck_assert_int_eq(symlink("usr/lib", "lib"), 0);
    expect_owner("/usr/bin/foo", "foo 1:2.0-1");
    expect_owner("/bin/foo", "foo 1:2.0-1");
    expect_owner("/lib/libfoo.so.1.2", "libfoo1 1.2-2+b1");
    end();
}
END_TEST

START_TEST(a_diverted_file_stays_with_its_package)
{
    begin();
    put("var/lib/dpkg/diversions", "/usr/bin/both\n/usr/bin/both.real\nfoo-other\nonly a piece\n");
    expect_owner("/usr/bin/both", "foo-other 3");
    expect_owner("/usr/bin/both.real", "foo 1:2.0-1");
    put("var/lib/dpkg/diversions", "/bin/foo\n/bin/foo.moved\n:\n"); // by the administrator
    expect_owner("/bin/foo", NULL);
    expect_owner("/bin/foo.moved", "foo 1:2.0-1");
    end();
}
END_TEST

START_TEST(without_dpkg_nobody_owns_anything)
{
    folder = enter_folder();
    expect_owner("/bin/foo", NULL);
    end();
}
END_TEST

START_TEST(a_database_that_makes_no_sense_is_no_answer)
{
    begin();
    put("var/lib/dpkg/info/ho\nst.list", "/usr/bin/strange\n");
    put("var/lib/dpkg/status", "Package: foo\nVersion: 1 or 2\n\nVersion: 3\n\nPackage: libfoo1\n");
    expect_owner("/usr/bin/strange", NULL);
    expect_owner("/bin/foo", "foo of an unknown version");
    expect_owner("/usr/lib/libfoo.so.1.2", "libfoo1 of an unknown version");
    end();
}
END_TEST

static char *answer_of(const char *command)
{
    char line[4096] = "";
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    char *got = fgets(line, sizeof line, pipe);
    int status = pclose(pipe);
    line[strcspn(line, "\n")] = '\0';
    return got && status == 0 ? str_dup(line) : NULL;
}

START_TEST(dpkg_itself_says_the_same)
{
    static const char *const paths[] = {"/bin/sh", "/usr/bin/sort", "/usr/bin/env", "/usr/bin/perl"};
    if (access("/var/lib/dpkg/status", R_OK) != 0 || access("/usr/bin/dpkg-query", X_OK) != 0)
        return;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        CLEANUP(free) char *real = realpath(paths[i], NULL);
        if (!real)
            continue;
        CLEANUP(free)
        char *who = str_printf("p=%s; { dpkg-query -S $p || dpkg-query -S ${p#/usr}; } 2>/dev/null", real);
        CLEANUP(free) char *line = answer_of(who);
        ck_assert_ptr_nonnull(line);
        CLEANUP(free) char *package = str_ndup(line, strcspn(line, ":"));
        CLEANUP(free) char *what = str_printf("dpkg-query -W -f '${Package} ${Version}\\n' %s", package);
        CLEANUP(free) char *expected = answer_of(what);
        CLEANUP(strings) struct strings asked = {0};
        CLEANUP(pairs) struct pairs found = {0};
        strings_add(&asked, real);
        dpkg_owners(&found, "/", &asked);
        ck_assert_msg(str_equal(pairs_get(&found, real), expected), "%s: %s", real, expected);
    }
}
END_TEST

START_TEST(a_path_set_finds_what_it_holds_and_nothing_else)
{
    CLEANUP(path_set) struct path_set set = {0};
    path_set_close(&set);
    ck_assert_uint_eq(path_set_find(&set, "", 0), PATH_SET_NONE);
    for (int i = 0; i < 1000; i++) {
        CLEANUP(free) char *path = str_printf("/usr/lib/lib%d.so", i * 2);
        path_set_add(&set, path);
        path_set_add(&set, path);
    }
    path_set_close(&set);
    ck_assert_uint_eq(set.paths.count, 1000);
    for (int i = 0; i < 2000; i++) {
        CLEANUP(free) char *path = str_printf("/usr/lib/lib%d.so.1", i);
        size_t len = strlen(path) - 2, index = path_set_find(&set, path, len);
        ck_assert_int_eq(index != PATH_SET_NONE, i % 2 == 0);
        ck_assert(index == PATH_SET_NONE || strncmp(set.paths.items[index], path, len) == 0);
        ck_assert_uint_eq(path_set_find(&set, path, len + 2), PATH_SET_NONE);
    }
}
END_TEST

UNIT_MAIN("dpkg", a_file_is_of_the_package_that_lists_it, where_usr_is_merged_both_spellings_are_found,
          a_diverted_file_stays_with_its_package, without_dpkg_nobody_owns_anything,
          a_database_that_makes_no_sense_is_no_answer, dpkg_itself_says_the_same,
          a_path_set_finds_what_it_holds_and_nothing_else)
