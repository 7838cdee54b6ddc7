// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit.h"

#include "base/fs.h"
#include "run/environ.h"

static struct pairs build(const struct suite *suite, const char *const *caller)
{
    struct pairs env = {0};
    struct error err = {0};
    ck_ok(environ_build(&env, suite, (char *const *)caller, "/tmp/repro/home", "/tmp/repro/tmp", &err), &err);
    return env;
}

static void ck_variable(const struct pairs *env, const char *name, const char *value)
{
    const char *found = pairs_get(env, name);
    ck_assert_msg(str_equal(found, value), "%s is '%s'", name, found ? found : "(not set)");
}

START_TEST(the_environment_is_rebuilt_and_secrets_stay_out)
{
    struct suite suite = {0};
    const char *const caller[] = {"PATH=/opt/bin:/bin", "SECRET=x",       "HOME=/no/such/home", "LANG=de_DE", "TZ=CET",
                                  "LC_ALL=de_DE",       "GITHUB_TOKEN=y", "LD_LIBRARY_PATH=/l", NULL};
    struct pairs env = build(&suite, caller);
    ck_variable(&env, "PATH", "/opt/bin:/bin");
    ck_variable(&env, "LD_LIBRARY_PATH", "/l");
    ck_variable(&env, "HOME", "/tmp/repro/home");
    ck_variable(&env, "TMPDIR", "/tmp/repro/tmp");
    ck_variable(&env, "LANG", "C.UTF-8");
    ck_variable(&env, "TZ", "UTC");
    ck_assert_uint_eq(env.count, 6);
    pairs_free(&env);
}
END_TEST

START_TEST(without_a_path_there_is_a_usual_one)
{
    struct suite suite = {0};
    const char *const empty[] = {NULL}, *const blank[] = {"PATH=", NULL};
    struct pairs none = build(&suite, empty), void_path = build(&suite, blank), no_list = build(&suite, NULL);
    ck_variable(&none, "PATH", ENVIRON_PATH);
    ck_variable(&void_path, "PATH", ENVIRON_PATH);
    ck_variable(&no_list, "PATH", ENVIRON_PATH);
    pairs_free(&none);
    pairs_free(&void_path);
    pairs_free(&no_list);
}
END_TEST

START_TEST(the_suite_s_variables_stand_over_pins_and_passed_ones_over_both)
{
    struct suite suite = {0};
    strings_add(&suite.train.pins, "threads");
    pairs_set(&suite.train.env, "OMP_NUM_THREADS", "3");
    pairs_set(&suite.train.env, "OWN", "suite");
    strings_add(&suite.train.pass_env, "OWN");
    strings_add(&suite.train.pass_env, "NOT_SET");
    const char *const caller[] = {"OWN=caller", "OWNER=no", NULL};
    struct pairs env = build(&suite, caller);
    ck_variable(&env, "OMP_NUM_THREADS", "3");
    ck_variable(&env, "OPENBLAS_NUM_THREADS", "1");
    ck_variable(&env, "OWN", "caller");
    ck_variable(&env, "NOT_SET", NULL);
    ck_variable(&env, "OWNER", NULL);
    pairs_free(&env);
    pairs_free(&suite.train.env);
    strings_free(&suite.train.pins);
    strings_free(&suite.train.pass_env);
}
END_TEST

START_TEST(an_unknown_pin_is_an_error)
{
    struct suite suite = {0};
    struct pairs env = {0};
    struct error err = {0};
    strings_add(&suite.train.pins, "thread");
    ck_assert_int_eq(environ_build(&env, &suite, NULL, "/h", "/t", &err), -1);
    ck_error_has(&err, "did you mean 'threads'?");
    strings_free(&suite.train.pins);
    pairs_free(&env);
    error_free(&err);
}
END_TEST

static char *make(const char *base, const char *name)
{
    struct error err = {0};
    char *path = fs_join(base, name);
    ck_ok(fs_mkdirs(path, &err), &err);
    return path;
}

START_TEST(packages_of_the_user_are_found_though_home_is_private)
{
    struct suite suite = {0};
    struct error err = {0};
    char *home = unit_folder(), *packages = make(home, ".local/lib/python3.11"), *shims = make(home, ".pyenv/shims");
    char *set_home = str_printf("HOME=%s", home), *set_path = str_printf("PATH=%s:/usr/bin", shims);
    const char *const caller[] = {set_home, set_path, NULL};
    struct pairs env = build(&suite, caller);
    char *local = fs_join(home, ".local"), *pyenv = fs_join(home, ".pyenv");
    ck_variable(&env, "PYTHONUSERBASE", local);
    ck_variable(&env, "PYENV_ROOT", pyenv);
    ck_ok(fs_remove_tree(home, &err), &err);
    char *const texts[] = {home, packages, shims, set_home, set_path, local, pyenv};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    pairs_free(&env);
}
END_TEST

START_TEST(interpreters_below_home_are_needed_but_never_home_itself)
{
    struct error err = {0};
    struct pairs env = {0};
    struct strings needs = {0}, argv = {0};
    char *home = unit_folder(), *own = make(home, "bin"), *conda = make(home, "conda/envs/ml/bin");
    char *local = make(home, ".local/bin"), *real = make(home, "real/3.11/bin"), *venv = make(home, "venv/bin");
    char *python = fs_join(real, "python3"), *link = fs_join(venv, "python3");
    ck_ok(fs_write_atomic(python, "#!/bin/sh\n", 10, &err), &err);
    ck_assert_int_eq(chmod(python, 0755), 0);
    ck_assert_int_eq(symlink(python, link), 0);
    char *path = str_printf("%s:%s:%s/:%s::relative:/no/such/folder", venv, own, conda, local);
    pairs_set(&env, "PATH", path);
    strings_add(&argv, "python3");
    environ_needs(&needs, &env, &argv, home);
    static const char *const wanted[] = {"bin", "conda/envs/ml", "venv", "real/3.11", ".local/bin", ".local/lib"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        char *folder = fs_join(home, wanted[i]);
        ck_assert_msg(strings_has(&needs, folder), "%s", wanted[i]);
        free(folder);
    }
    char *kept_back = fs_join(home, ".local");
    ck_assert(!strings_has(&needs, home) && !strings_has(&needs, kept_back) && !strings_has(&needs, "/"));
    ck_assert(!strings_has(&needs, "relative") && !strings_has(&needs, "/no/such/folder"));
    ck_ok(fs_remove_tree(home, &err), &err);
    char *const texts[] = {home, own, conda, local, real, venv, python, link, path, kept_back};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    pairs_free(&env);
    strings_free(&needs);
    strings_free(&argv);
}
END_TEST

UNIT_MAIN("environ", the_environment_is_rebuilt_and_secrets_stay_out, without_a_path_there_is_a_usual_one,
          the_suite_s_variables_stand_over_pins_and_passed_ones_over_both, an_unknown_pin_is_an_error,
          packages_of_the_user_are_found_though_home_is_private,
          interpreters_below_home_are_needed_but_never_home_itself)
