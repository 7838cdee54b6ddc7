// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit_files.h"

#include "run/distributions.h"

#define SITE   "venv/lib/python3.11/site-packages/"
#define DEBIAN "usr/lib/python3/dist-packages/"

static void put_metadata(const char *site, const char *entry, const char *name, const char *version)
{
    const char *file = str_ends(entry, ".egg")       ? "EGG-INFO/PKG-INFO"
                       : str_ends(entry, "egg-info") ? "PKG-INFO"
                                                     : "METADATA";
    CLEANUP(free) char *path = str_printf("%s%s/%s", site, entry, file);
    CLEANUP(free) char *text = str_printf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n\nText\n", name, version);
    put(path, text);
}

// Those of the files that exist or not below the current folder, against "name version; name version | rest rest".
static void expect_found(const char *const *files, const char *expected)
{
    CLEANUP(strings) struct strings opened = {0}, rest = {0};
    CLEANUP(pairs) struct pairs found = {0};
    CLEANUP(buf) struct buf got = {0};
    for (; *files; files++)
        strings_printf(&opened, "/%s", *files);
    distributions_find(&found, &rest, ".", &opened);
    for (size_t i = 0; i < found.count; i++)
        buf_printf(&got, "%s%s %s", i ? "; " : "", found.items[i].name, found.items[i].value);
    for (size_t i = 0; i < rest.count; i++)
        buf_printf(&got, "%s%s", i ? " " : " | ", rest.items[i]);
    ck_assert_str_eq(buf_text(&got), expected);
}
#define FOUND(expected, ...) expect_found((const char *const[]){__VA_ARGS__, NULL}, expected)

START_TEST(a_record_says_whose_a_file_is)
{
    char *folder = enter_folder();
    put_metadata(SITE, "numpy-1.24.2.dist-info", "numpy", "1.24.2");
    put(SITE "numpy-1.24.2.dist-info/RECORD", "numpy/__init__.py,sha256=A,1\nnumpy.libs/libblas-1.so,,\n"
                                              "../../../bin/f2py,,\n");
    put_metadata(SITE, "PyYAML-6.0.dist-info", "PyYAML", "6.0");
    put(SITE "PyYAML-6.0.dist-info/RECORD", "yaml/__init__.py,,\n\"_ya,ml.so\",,\r\n");
    put_metadata(SITE, "unused-1.dist-info", "unused", "1");
    put(SITE "unused-1.dist-info/RECORD", "unused.py,,\n");
    FOUND("numpy 1.24.2", SITE "numpy/__init__.py");
    FOUND("numpy 1.24.2", SITE "numpy.libs/libblas-1.so");
    FOUND("numpy 1.24.2", SITE "numpy/__pycache__/__init__.cpython-311.opt-1.pyc");
    FOUND("pyyaml 6.0", SITE "_ya,ml.so");
    FOUND("numpy 1.24.2; pyyaml 6.0", SITE "numpy/__init__.py", SITE "yaml/__init__.py");
    FOUND("numpy 1.24.2 | /venv/bin/sort", SITE "numpy/__init__.py", "venv/bin/f2py", "venv/bin/sort");
    FOUND("numpy 1.24.2", SITE "numpy/__init__.py", SITE "numpy/made_later.py"); // the rest of numpy is
    leave_folder(folder);
}
END_TEST

START_TEST(metadata_and_pth_files_say_nothing_about_use)
{
    char *folder = enter_folder();
    put_metadata(SITE, "six-1.16.0.dist-info", "six", "1.16.0");
    FOUND("", SITE "six-1.16.0.dist-info/METADATA", SITE "distutils-precedence.pth", SITE "six-1.egg-info");
    leave_folder(folder);
}
END_TEST

START_TEST(a_distribution_without_a_list_owns_its_modules)
{
    char *folder = enter_folder();
    put_metadata(DEBIAN, "scikit_learn-1.2.1.egg-info", "scikit-learn", "1.2.1");
    put(DEBIAN "scikit_learn-1.2.1.egg-info/top_level.txt", "sklearn\n");
    put_metadata(DEBIAN, "six-1.16.0.egg-info", "six", "1.16.0");
    put(DEBIAN "perf-0.1.egg-info", "Metadata-Version: 1.0\nName: perf\nVersion: 0.1\n");
    put_metadata(DEBIAN, "old-2.egg-info", "old", "2");
    put(DEBIAN "old-2.egg-info/installed-files.txt", "../older/a.py\nPKG-INFO\n");
    put_metadata(DEBIAN, "egg-3.1-py3.11.egg", "egg", "3.1");
    FOUND("scikit-learn 1.2.1", DEBIAN "sklearn/svm/_svm.cpython-311-x86_64-linux-gnu.so");
    FOUND("six 1.16.0", DEBIAN "__pycache__/six.cpython-311.pyc");
    FOUND("perf 0.1", DEBIAN "perf.cpython-311-x86_64-linux-gnu.so");
    FOUND("old 2", DEBIAN "older/a.py");
    FOUND("egg 3.1", DEBIAN "egg-3.1-py3.11.egg/egg/a.py");
    FOUND(" | /" DEBIAN "scikit_learn/a.py", DEBIAN "scikit_learn/a.py"); // it says that its module is sklearn
    FOUND(" | /" DEBIAN "sitecustomize.py", DEBIAN "sitecustomize.py");
    leave_folder(folder);
}
END_TEST

START_TEST(distributions_of_one_namespace_are_told_apart)
{
    char *folder = enter_folder();
    put_metadata(SITE, "google_auth-2.egg-info", "google-auth", "2");
    put(SITE "google_auth-2.egg-info/top_level.txt", "google\n");
    put_metadata(SITE, "protobuf-4.egg-info", "protobuf", "4");
    put(SITE "protobuf-4.egg-info/top_level.txt", "google\n");
    FOUND("protobuf 4", SITE "google/protobuf/message.py");
    FOUND("google-auth 2", SITE "google/auth/a.py");
    FOUND("google-auth 2; protobuf 4", SITE "google/__init__.py"); // may be of either
    leave_folder(folder);
}
END_TEST

START_TEST(two_versions_that_were_used_are_both_said)
{
    char *folder = enter_folder();
    put_metadata(SITE, "six-1.16.0.dist-info", "six", "1.16.0");
    put_metadata(DEBIAN, "six-1.15.0.egg-info", "Six", "1.15.0");
    FOUND("six 1.15.0, 1.16.0", SITE "six.py", DEBIAN "six.py");
    leave_folder(folder);
}
END_TEST

START_TEST(metadata_that_make_no_sense_give_no_version)
{
    char *folder = enter_folder();
    put(SITE "six-1.16.0.dist-info/METADATA", "Name: ../../etc\nVersion: 1 or 2\n\nVersion: 3\n");
    FOUND("six of an unknown version", SITE "six.py");
    FOUND(" | /lib/site-packages/six.py", "lib/site-packages/six.py"); // no such folder
    leave_folder(folder);
}
END_TEST

START_TEST(names_are_compared_as_installers_do)
{
    static const char *const cases[][2] = {
        {"Scikit_Learn", "scikit-learn"}, {"a.-_b", "a-b"}, {"zope.interface", "zope-interface"}, {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(free) char *name = distributions_name(cases[i][0], strlen(cases[i][0]));
        ck_assert_str_eq(name, cases[i][1]);
    }
}
END_TEST

// What Python says of the modules that it has loaded, and what we say of their files.
static const char ask[] =
    "import importlib.metadata as metadata, re, sys\n"
    "for name in ['numpy', 'sklearn.svm', 'junitparser', 'jsonschema', 'six', 'yaml', 'requests']:\n"
    "    try: __import__(name)\n"
    "    except ImportError: pass\n"
    "tops = metadata.packages_distributions()\n"
    "where = lambda m: getattr(m, '__file__', None) or ''\n"
    "loaded = {k: where(m) for k, m in sys.modules.items() if re.search('/(site|dist)-packages/', where(m))}\n"
    "for path in loaded.values(): print('file', path)\n"
    "for name in {d for k in loaded for d in tops.get(k.split('.')[0], [])}:\n"
    "    print('dist', re.sub('[-_.]+', '-', name).lower(), metadata.version(name))\n";

static void compare_with_python(const char *program)
{
    CLEANUP(strings) struct strings files = {0}, rest = {0};
    CLEANUP(pairs) struct pairs found = {0}, expected = {0};
    put("ask.py", ask);
    CLEANUP(free) char *command = str_printf("%s ask.py", program);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    for (char line[4096]; fgets(line, sizeof line, pipe);) {
        line[strcspn(line, "\n")] = '\0';
        char *rest_of_line = line, *kind = strsep(&rest_of_line, " "), *name = strsep(&rest_of_line, " ");
        if (strcmp(kind, "file") == 0)
            strings_add(&files, name);
        else
            pairs_set(&expected, name, rest_of_line);
    }
    pclose(pipe);
    distributions_find(&found, &rest, "/", &files);
    pairs_sort(&expected);
    for (size_t i = 0; i < expected.count; i++)
        ck_assert_msg(str_equal(pairs_get(&found, expected.items[i].name), expected.items[i].value), "%s: %s is %s",
                      program, expected.items[i].name, expected.items[i].value);
    ck_assert_uint_eq(found.count, expected.count);
}

START_TEST(python_itself_says_the_same)
{
    static const char *const programs[] = {"/usr/bin/python3", "python3"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        CLEANUP(free)
        char *can =
            str_printf("%s -c 'import importlib.metadata as m; m.packages_distributions' 2>/dev/null", programs[i]);
        char *folder = enter_folder();
        if (system(can) == 0)
            compare_with_python(programs[i]);
        leave_folder(folder);
    }
}
END_TEST

UNIT_MAIN("distributions", a_record_says_whose_a_file_is, metadata_and_pth_files_say_nothing_about_use,
          a_distribution_without_a_list_owns_its_modules, distributions_of_one_namespace_are_told_apart,
          two_versions_that_were_used_are_both_said, metadata_that_make_no_sense_give_no_version,
          names_are_compared_as_installers_do, python_itself_says_the_same)
