// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit.h"

#include "run/cpu.h"
#include "run/knobs.h"

#include <ctype.h>

static int pin(struct pairs *env, const char *name, struct error *err)
{
    struct strings pins = {0};
    strings_add(&pins, name);
    int failed = knobs_pin(env, &pins, err);
    strings_free(&pins);
    return failed;
}

START_TEST(every_knob_says_what_it_is_and_what_to_do)
{
    ck_assert_uint_ge(knob_count(), 4);
    for (size_t i = 0; i < knob_count(); i++) {
        const struct knob *knob = knob_at(i);
        ck_assert_int_gt(strlen(knob->name), 0);
        ck_assert_int_gt(strlen(knob->summary), 10);
        ck_assert_int_gt(strlen(knob->remedy), 10);
    }
    ck_assert_ptr_null(knob_at(knob_count()));
}
END_TEST

START_TEST(a_pin_sets_its_variables)
{
    static const struct {
        const char *pin, *name, *value;
    } cases[] = {{"hashseed", "PYTHONHASHSEED", "0"},
                 {"hashseed:7", "PYTHONHASHSEED", "7"},
                 {"threads", "OMP_NUM_THREADS", "1"},
                 {"threads:4", "OPENBLAS_NUM_THREADS", "4"},
                 {"threads:4", "MKL_NUM_THREADS", "4"},
                 {"clock", "SOURCE_DATE_EPOCH", "315532800"},
                 {"clock:1700000000", "SOURCE_DATE_EPOCH", "1700000000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pairs env = {0};
        struct error err = {0};
        ck_ok(pin(&env, cases[i].pin, &err), &err);
        const char *value = pairs_get(&env, cases[i].name);
        ck_assert_msg(str_equal(value, cases[i].value), "%s: %s", cases[i].pin, value ? value : "(none)");
        pairs_free(&env);
    }
}
END_TEST

START_TEST(an_instruction_set_is_never_pinned_above_what_the_cpu_has)
{
    static const char *const levels[] = {"isa:default", "isa:avx2", "isa:avx512"};
    static const char *const aten[] = {"default", "avx2", "avx512"};
    static const enum cpu_level needed[] = {CPU_BASE, CPU_AVX2, CPU_AVX512};
    for (size_t i = 0; i < 3; i++) {
        struct pairs env = {0};
        struct error err = {0};
        ck_ok(pin(&env, levels[i], &err), &err);
        const char *value = pairs_get(&env, "ATEN_CPU_CAPABILITY");
#if defined(__x86_64__)
        ck_assert_ptr_nonnull(value);
        if (cpu_level() >= needed[i])
            ck_assert_str_eq(value, aten[i]);
        else
            ck_assert_str_ne(value, aten[i]);
#else
        ck_assert_ptr_null(value);
        (void)aten;
        (void)needed;
#endif
        pairs_free(&env);
    }
}
END_TEST

START_TEST(an_instruction_set_is_pinned_in_every_library_that_chooses_one)
{
#if defined(__x86_64__)
    static const char *const names[] = {"ATEN_CPU_CAPABILITY", "OPENBLAS_CORETYPE", "MKL_CBWR", "ONEDNN_MAX_CPU_ISA",
                                        "GLIBC_TUNABLES"};
    CLEANUP(pairs) struct pairs env = {0};
    struct error err = {0};
    ck_ok(pin(&env, "isa:default", &err), &err);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(pairs_get(&env, names[i]) || (cpu_level() < CPU_V2 && i == 1), "%s", names[i]);
    ck_assert_int_eq(pairs_get(&env, "NPY_DISABLE_CPU_FEATURES") != NULL, cpu_level() > CPU_V2);
    const char *glibc = pairs_get(&env, "GLIBC_TUNABLES");
    ck_assert(str_starts(glibc, "glibc.cpu.hwcaps=-"));
    ck_assert_ptr_nonnull(strstr(glibc, "-FMA,"));
#endif
}
END_TEST

START_TEST(numpy_is_told_only_of_instructions_that_the_cpu_has)
{
    struct strings above = {0}, none = {0};
    cpu_numpy_above(&above, CPU_AVX2);
    cpu_numpy_above(&none, CPU_AVX512 + 1);
    ck_assert_uint_eq(none.count, 0);
    ck_assert(strings_has(&above, "AVX512F") || cpu_level() < CPU_AVX512);
    ck_assert(!strings_has(&above, "AVX2"));
    ck_assert(!strings_has(&above, "X86_V3"));
    ck_assert_int_eq(strings_has(&above, "X86_V4"), strings_has(&above, "AVX512F") && cpu_level() >= CPU_AVX512);
    strings_free(&above);
    strings_free(&none);
}
END_TEST

START_TEST(an_unknown_pin_or_level_offers_the_nearest)
{
    static const struct {
        const char *pin, *message;
    } cases[] = {{"hashsed", "unknown pin 'hashsed'; did you mean 'hashseed'?"},
                 {"", "unknown pin ''; there are hashseed, threads, isa, clock"},
                 {"zzzzzzzzzzzz", "unknown pin 'zzzzzzzzzzzz'; there are"},
                 {"isa:avx3", "unknown level 'avx3' of pin 'isa'; did you mean 'isa:avx2'?"},
                 {"isa", "unknown level '' of pin 'isa'"},
                 {"threads:two", "unknown level 'two' of pin 'threads'; expected 'threads:N'"},
                 {"threads:N", "unknown level 'N' of pin 'threads'"},
                 {"threads:-1", "unknown level '-1' of pin 'threads'"},
                 {"hashseed:", "unknown level '' of pin 'hashseed'"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pairs env = {0};
        struct error err = {0};
        ck_assert_int_eq(pin(&env, cases[i].pin, &err), -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, cases[i].message);
        error_free(&err);
        pairs_free(&env);
    }
}
END_TEST

START_TEST(the_level_of_the_instruction_set_is_found_among_the_pins)
{
    struct strings pins = {0};
    ck_assert_ptr_null(knobs_isa(&pins));
    strings_add(&pins, "threads");
    strings_add(&pins, "isa:avx2");
    ck_assert_str_eq(knobs_isa(&pins), "avx2");
    strings_free(&pins);
}
END_TEST

UNIT_MAIN("knobs", every_knob_says_what_it_is_and_what_to_do, a_pin_sets_its_variables,
          an_instruction_set_is_never_pinned_above_what_the_cpu_has,
          an_instruction_set_is_pinned_in_every_library_that_chooses_one,
          numpy_is_told_only_of_instructions_that_the_cpu_has, an_unknown_pin_or_level_offers_the_nearest,
          the_level_of_the_instruction_set_is_found_among_the_pins)
