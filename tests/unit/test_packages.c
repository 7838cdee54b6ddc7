// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit_files.h"

#include "base/clock.h"
#include "run/packages.h"

#define LIB    "usr/lib/x86_64-linux-gnu/"
#define DEBIAN "usr/lib/python3/dist-packages/"

static char *folder;

static void link_to(const char *target, const char *path)
{
    struct error err = {0};
    CLEANUP(free) char *parent = fs_dirname(path);
    ck_ok(fs_mkdirs(parent, &err), &err);
    ck_assert_int_eq(symlink(target, path), 0);
}

// A small Debian with a merged /usr and two BLAS, of which the alternatives have chosen one.
static void begin(void)
{
    folder = enter_folder();
    link_to("usr/lib", "lib");
    put(LIB "openblas/libblas.so.3", "");
    put(LIB "blas/libblas.so.3.11.0", "");
    link_to("libblas.so.3.11.0", LIB "blas/libblas.so.3");
    link_to("/etc/alternatives/libblas.so.3", LIB "libblas.so.3");
    link_to("/usr/lib/x86_64-linux-gnu/openblas/libblas.so.3", "etc/alternatives/libblas.so.3");
    put("var/lib/dpkg/info/libblas3:amd64.list", "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0\n");
    put("var/lib/dpkg/info/libopenblas0:amd64.list", "/usr/lib/x86_64-linux-gnu/openblas/libblas.so.3\n");
    put("var/lib/dpkg/info/coreutils.list", "/bin/sort\n/usr/bin/env\n");
    put("var/lib/dpkg/info/libpython.list", "/usr/lib/python3.11/lib-dynload/_ssl.so\n");
    put("var/lib/dpkg/info/python3-cffi.list", "/" DEBIAN "_cffi.so\n/" DEBIAN "stray/a.py\n");
    put("var/lib/dpkg/status", "Package: libblas3\nArchitecture: amd64\nVersion: 3.11-2\n\n"
                               "Package: libopenblas0\nArchitecture: amd64\nVersion: 0.3-4\n\n"
                               "Package: coreutils\nVersion: 9.1-1\n\nPackage: libpython\nVersion: 3.11\n\n"
                               "Package: python3-cffi\nVersion: 1.15\n");
    put(DEBIAN "numpy-1.24.2.egg-info/PKG-INFO", "Name: NumPy\nVersion: 1.24.2\n");
}

struct found {
    struct pairs facts;
    struct unowned_files unowned;
};

static struct found find(const char *const *files, const char *const *programs)
{
    struct found found = {0};
    CLEANUP(strings) struct strings opened = {0}, started = {0};
    for (; files && *files; files++)
        strings_add(&opened, *files);
    for (; programs && *programs; programs++)
        strings_add(&started, *programs);
    packages_find(&found.facts, &found.unowned, &opened, &started, ".");
    return found;
}
#define FILES(...)    find((const char *const[]){__VA_ARGS__, NULL}, NULL)
#define PROGRAMS(...) find(NULL, (const char *const[]){__VA_ARGS__, NULL})

// "fact value; fact value | unowned path; unowned path".
static void expect_found(struct found found, const char *expected)
{
    CLEANUP(buf) struct buf got = {0};
    for (size_t i = 0; i < found.facts.count; i++)
        buf_printf(&got, "%s%s %s", i ? "; " : "", found.facts.items[i].name, found.facts.items[i].value);
    for (size_t i = 0; i < found.unowned.count; i++)
        buf_printf(&got, "%s%s %s", i ? "; " : " | ", found.unowned.items[i].fact, found.unowned.items[i].path);
    ck_assert_str_eq(buf_text(&got), expected);
    pairs_free(&found.facts);
    unowned_files_free(&found.unowned);
}

START_TEST(the_blas_that_computed_is_told_from_the_other)
{
    begin();
    expect_found(FILES("/lib/x86_64-linux-gnu/libblas.so.3"), "library:libblas.so.3 libopenblas0 0.3-4");
    expect_found(FILES("/" LIB "blas/libblas.so.3"), "library:libblas.so.3 libblas3 3.11-2");
    expect_found(FILES("/" LIB "blas/libblas.so.3", "/" LIB "libblas.so.3"),
                 "library:libblas.so.3 libblas3 3.11-2, libopenblas0 0.3-4");
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_no_library_is_left_out)
{
    begin();
    expect_found(FILES("/etc/ld.so.cache", "/etc/ld.so.conf.d/a", "/usr/share/doc/a.so.gz", "/data/x.csv", "/.so"), "");
    leave_folder(folder);
}
END_TEST

START_TEST(a_library_that_nobody_owns_is_offered)
{
    begin();
    put("opt/x/libmine.so.2.1", "");
    link_to("libmine.so.2.1", "opt/x/libmine.so");
    expect_found(FILES("/opt/x/libmine.so", "/opt/x/libmine.so.2.1", "/opt/a\nb.so"),
                 " | library:a_b.so /opt/a\nb.so; library:libmine.so.2 /opt/x/libmine.so.2.1");
    leave_folder(folder);
}
END_TEST

START_TEST(programs_have_the_package_of_the_file_behind_the_link)
{
    begin();
    put("usr/bin/sort", "");
    link_to("sort", "usr/bin/gsort");
    expect_found(PROGRAMS("/usr/bin/gsort", "/usr/bin/sort", "/home/u/train"),
                 "program:sort coreutils 9.1-1 | program:train /home/u/train");
    leave_folder(folder);
}
END_TEST

START_TEST(links_in_a_circle_end)
{
    begin();
    link_to("b.so", "opt/a.so");
    link_to("a.so", "opt/b.so");
    link_to("../../../../../../../../etc/x.so", "opt/up.so");
    expect_found(FILES("/opt/a.so", "/opt/up.so"), " | library:a.so /opt/a.so; library:x.so /etc/x.so");
    leave_folder(folder);
}
END_TEST

START_TEST(a_package_that_the_suite_names_is_not_listed_twice)
{
    begin();
    struct pairs facts = {0};
    struct unowned_files unowned = {0};
    CLEANUP(strings) struct strings files = {0}, none = {0};
    strings_add(&files, "/" DEBIAN "numpy/__init__.py");
    expect_found(FILES("/" DEBIAN "numpy/__init__.py"), "package:numpy 1.24.2");
    pairs_set(&facts, "package:NUM.py", "absent"); // another package
    pairs_set(&facts, "package:NumPy", "1.24.2");
    packages_find(&facts, &unowned, &files, &none, ".");
    expect_found((struct found){facts, unowned}, "package:NUM.py absent; package:NumPy 1.24.2");
    leave_folder(folder);
}
END_TEST

START_TEST(modules_of_no_distribution_are_asked_of_dpkg)
{
    begin();
    expect_found(FILES("/" DEBIAN "_cffi.so", "/" DEBIAN "stray/a.py", "/" DEBIAN "stray/b.py", "/" DEBIAN "own.py"),
                 "library:_cffi.so python3-cffi 1.15; package:own of an unknown version; "
                 "package:stray python3-cffi 1.15");
    leave_folder(folder);
}
END_TEST

START_TEST(the_interpreters_own_modules_are_one_library)
{
    begin();
    expect_found(FILES("/usr/lib/python3.11/lib-dynload/_ssl.so", "/opt/python/lib-dynload/_ssl.so"),
                 "library:lib-dynload libpython 3.11 | library:_ssl.so /opt/python/lib-dynload/_ssl.so");
    leave_folder(folder);
}
END_TEST

START_TEST(the_libraries_of_this_very_program_are_found_in_no_time)
{
    CLEANUP(strings) struct strings files = {0}, none = {0};
    struct found found = {0};
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!maps || access("/var/lib/dpkg/status", R_OK) != 0) {
        if (maps)
            fclose(maps);
        return;
    }
    for (char line[8192]; fgets(line, sizeof line, maps);) {
        char *path = strchr(line, '/');
        line[strcspn(line, "\n")] = '\0';
        if (path)
            strings_add(&files, path);
    }
    fclose(maps);
    double start = clock_seconds();
    packages_find(&found.facts, &found.unowned, &files, &none, "/");
    ck_assert_double_lt(clock_seconds() - start, 2); // some milliseconds; under valgrind or load more
    const char *libc = pairs_get(&found.facts, "library:libc.so.6");
    ck_assert_ptr_nonnull(libc);
    ck_assert(str_starts(libc, "libc6 2."));
    pairs_free(&found.facts);
    unowned_files_free(&found.unowned);
}
END_TEST

UNIT_MAIN("packages", the_blas_that_computed_is_told_from_the_other, what_is_no_library_is_left_out,
          a_library_that_nobody_owns_is_offered, programs_have_the_package_of_the_file_behind_the_link,
          links_in_a_circle_end, a_package_that_the_suite_names_is_not_listed_twice,
          modules_of_no_distribution_are_asked_of_dpkg, the_interpreters_own_modules_are_one_library,
          the_libraries_of_this_very_program_are_found_in_no_time)
