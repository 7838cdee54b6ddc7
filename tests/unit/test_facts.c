// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit.h"

#include "base/fs.h"
#include "run/cpu.h"
#include "run/facts.h"
#include "run/interpreter.h"

#include <sys/utsname.h>

#define DEBIAN_PYTHON "/usr/bin/python3"

static struct suite suite_of(const char *first, const char *second, const char *third)
{
    const char *const words[] = {first, second, third};
    struct suite suite = {0};
    for (size_t i = 0; i < 3 && words[i]; i++)
        strings_add(&suite.train.command, words[i]);
    return suite;
}

static void suite_end(struct suite *suite)
{
    strings_free(&suite->train.command);
    strings_free(&suite->train.pins);
    strings_free(&suite->class_packages);
}

static struct pairs collect(const struct suite *suite)
{
    struct pairs facts = {0};
    struct error err = {0};
    const char *const caller[] = {"PATH=/usr/local/bin:/usr/bin:/bin", NULL};
    ck_ok(facts_collect(&facts, suite, (char *const *)caller, &err), &err);
    return facts;
}

START_TEST(the_program_of_a_command_is_found)
{
    static const struct {
        const char *words[3], *program;
    } cases[] = {
        {{"python3", "train.py"}, "python3"},
        {{"/usr/bin/env", "python3", "t.py"}, "python3"},
        {{"env", "A=b", "python3"}, "python3"},
        {{"sh", "-c", "python3 train.py && echo done"}, "python3"},
        {{"bash", "-ec", "A=1 B=2 exec python3 t.py"}, "python3"},
        {{"sh", "-c", "  Rscript fit.R | tee log"}, "Rscript"},
        {{"sh", "-c", "make;python3 t.py"}, "make"},
        {{"sh", "-c", "cd src && python3 t.py"}, "cd"},
        {{"sh", "-c", "$PYTHON t.py"}, NULL},
        {{"sh", "-c", "\"my python\" t.py"}, NULL},
        {{"sh", "-c", ""}, NULL},
        {{"env", "-u", "X"}, NULL},
        {{"sh", "run.sh"}, "sh"},
        {{"A=b"}, "A=b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct suite suite = suite_of(cases[i].words[0], cases[i].words[1], cases[i].words[2]);
        char *program = interpreter_word(&suite.train.command);
        ck_assert_msg(str_equal(program, cases[i].program), "case %zu: '%s'", i, program ? program : "(none)");
        free(program);
        suite_end(&suite);
    }
}
END_TEST

START_TEST(a_compiled_program_has_no_interpreter)
{
    struct suite suite = suite_of("sh", "-c", "cc train.c -o train && ./train");
    struct pairs facts = collect(&suite);
    ck_assert_ptr_null(pairs_get(&facts, "interpreter"));
    ck_assert_ptr_nonnull(pairs_get(&facts, "machine"));
    for (size_t i = 1; i < facts.count; i++)
        ck_assert_int_lt(strcmp(facts.items[i - 1].name, facts.items[i].name), 0);
    for (size_t i = 0; i < facts.count; i++)
        ck_assert_ptr_null(strchr(facts.items[i].value, '/'));
    pairs_free(&facts);
    suite_end(&suite);
}
END_TEST

START_TEST(the_version_of_an_interpreter_is_asked_for)
{
    if (access("/usr/bin/perl", X_OK) != 0)
        return;
    struct suite suite = suite_of("perl", "-e", "1");
    struct pairs facts = collect(&suite);
    const char *fact = pairs_get(&facts, "interpreter");
    ck_assert_ptr_nonnull(fact);
    ck_assert_int_eq(strncmp(fact, "perl 5.", 7), 0);
    pairs_free(&facts);
    suite_end(&suite);
}
END_TEST

START_TEST(a_script_leads_to_its_interpreter)
{
    if (access("/usr/bin/perl", X_OK) != 0)
        return;
    struct error err = {0};
    char *folder = unit_folder(), *script = fs_join(folder, "train");
    ck_ok(fs_write_atomic(script, "#!/usr/bin/env perl\nexit", 24, &err), &err);
    ck_assert_int_eq(chmod(script, 0755), 0);
    struct suite suite = suite_of(script, NULL, NULL);
    struct pairs facts = collect(&suite);
    ck_assert_ptr_nonnull(pairs_get(&facts, "interpreter"));
    ck_ok(fs_remove_tree(folder, &err), &err);
    pairs_free(&facts);
    suite_end(&suite);
    free(script);
    free(folder);
}
END_TEST

START_TEST(the_versions_of_python_s_packages_are_found_by_any_spelling)
{
    if (access(DEBIAN_PYTHON, X_OK) != 0)
        return;
    struct suite suite = suite_of(DEBIAN_PYTHON, "train.py", NULL);
    strings_add(&suite.class_packages, "no-such-package-at-all");
    bool numpy = system(DEBIAN_PYTHON " -c 'import numpy' 2>/dev/null") == 0;
    if (numpy)
        strings_add(&suite.class_packages, "NumPy");
    struct pairs facts = collect(&suite);
    const char *fact = pairs_get(&facts, "interpreter"), *version = pairs_get(&facts, "package:NumPy");
    ck_assert_int_eq(strncmp(fact, "python 3.", 9), 0);
    ck_assert_str_eq(pairs_get(&facts, "package:no-such-package-at-all"), "absent");
    ck_assert(!numpy || (version && version[0] >= '1' && version[0] <= '9'));
    pairs_free(&facts);
    suite_end(&suite);
}
END_TEST

START_TEST(a_suite_may_say_that_its_class_is_any)
{
    struct suite suite = suite_of("train", NULL, NULL);
    struct pairs facts = {0};
    struct error err = {0};
    char *name = NULL;
    suite.class_name = (char *)"any";
    ck_ok(facts_class(&name, &suite, &facts, &err), &err);
    ck_assert_str_eq(name, "any");
    free(name);
    suite_end(&suite);
}
END_TEST

START_TEST(the_class_names_machine_instructions_and_packages)
{
    struct suite suite = suite_of("train", NULL, NULL);
    struct pairs facts = {0};
    struct error err = {0};
    char *name = NULL, *pinned = NULL;
    strings_add(&suite.class_packages, "torch");
    strings_add(&suite.class_packages, "odd/../name");
    pairs_set(&facts, "machine", "x86_64");
    pairs_set(&facts, "package:torch", "1.13.1+cpu");
    ck_ok(facts_class(&name, &suite, &facts, &err), &err);
    char *expected = str_printf("x86_64-%s%s%s+torch-1.13.1+cpu+odd_.._name-absent", cpu_name(),
                                cpu_vendor() ? "-" : "", cpu_vendor() ? cpu_vendor() : "");
    ck_assert_str_eq(name, expected);
    strings_add(&suite.train.pins, "isa:avx2");
    ck_ok(facts_class(&pinned, &suite, &facts, &err), &err);
    ck_assert_ptr_null(strstr(pinned, "-intel"));
    if (cpu_level() >= CPU_AVX2)
        ck_assert_int_eq(strncmp(pinned, "x86_64-avx2+torch", 17), 0);
    free(name);
    free(pinned);
    free(expected);
    pairs_free(&facts);
    suite_end(&suite);
}
END_TEST

START_TEST(of_mkl_only_the_lowest_pin_levels_the_vendor)
{
    static const struct {
        const char *pin;
        bool vendor;
    } cases[] = {{"threads", true}, {"isa:avx2", true}, {"isa:default", false}};
    for (size_t i = 0; cpu_vendor() && i < sizeof cases / sizeof *cases; i++) {
        struct suite suite = suite_of("train", NULL, NULL);
        struct pairs facts = {0};
        struct error err = {0};
        char *name = NULL;
        strings_add(&suite.class_packages, "mkl");
        strings_add(&suite.train.pins, cases[i].pin);
        ck_ok(facts_class(&name, &suite, &facts, &err), &err);
        ck_assert_msg((strstr(name, cpu_vendor()) != NULL) == cases[i].vendor, "%s: %s", cases[i].pin, name);
        free(name);
        suite_end(&suite);
    }
}
END_TEST

START_TEST(a_class_that_is_no_name_for_a_folder_is_refused)
{
    struct suite suite = suite_of("train", NULL, NULL);
    struct pairs facts = {0};
    struct error err = {0};
    char *name = NULL;
    for (int i = 0; i < 50; i++)
        strings_printf(&suite.class_packages, "package-%d", i);
    ck_assert_int_eq(facts_class(&name, &suite, &facts, &err), -1);
    ck_assert_ptr_null(name);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    error_free(&err);
    suite_end(&suite);
}
END_TEST

UNIT_MAIN("facts", the_program_of_a_command_is_found, a_compiled_program_has_no_interpreter,
          the_version_of_an_interpreter_is_asked_for, a_script_leads_to_its_interpreter,
          the_versions_of_python_s_packages_are_found_by_any_spelling, a_suite_may_say_that_its_class_is_any,
          the_class_names_machine_instructions_and_packages, of_mkl_only_the_lowest_pin_levels_the_vendor,
          a_class_that_is_no_name_for_a_folder_is_refused)
