// SPDX-License-Identifier: Apache-2.0
#include "run/knobs.h"

#include "run/cpu.h"

#include "base/buf.h"

#include <string.h>

struct row {
    struct knob knob;
    void (*pin)(struct pairs *env, const char *level); // level NULL: none was given
};

static void pin_hash_seed(struct pairs *env, const char *level)
{
    pairs_set(env, "PYTHONHASHSEED", level ? level : "0");
}

static void pin_threads(struct pairs *env, const char *level)
{
    static const char *const names[] = {"OMP_NUM_THREADS",        "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
                                        "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",  "RAYON_NUM_THREADS"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        pairs_set(env, names[i], level ? level : "1");
    // OpenMP and MKL may use fewer threads than they were told, which changes how sums are split.
    pairs_set(env, "OMP_DYNAMIC", "FALSE");
    pairs_set(env, "MKL_DYNAMIC", "FALSE");
}

// 1980, the first year that a zip archive can hold.
static void pin_clock(struct pairs *env, const char *level)
{
    pairs_set(env, "SOURCE_DATE_EPOCH", level ? level : "315532800");
}

// Each library's own name for a level. OpenBLAS is built with kernels chosen by a CPU's name, and ends with an illegal
// instruction when told one that the CPU is not; so a level that is not there is lowered to what is.
// glibc chooses the kernels of libm and libmvec, and the libraries below glibc-hwcaps/, by what it is told that there
// is. NumPy from 2.4 names its groups X86_V3, X86_V4, which earlier ones warn of: for these the suite's env says it.
static void pin_isa(struct pairs *env, const char *level)
{
#if defined(__x86_64__)
    static const struct {
        const char *name, *aten, *onednn, *mkl, *openblas, *glibc;
        enum cpu_level level;
    } sets[] = {
        {"default", "default", "SSE41", "COMPATIBLE", "Nehalem",
         "glibc.cpu.hwcaps=-AVX512F,-AVX512CD,-AVX512BW,-AVX512DQ,-AVX512VL,-AVX2,-AVX,-FMA,-FMA4", CPU_V2},
        {"avx2", "avx2", "AVX2", "AVX2", "Haswell", "glibc.cpu.hwcaps=-AVX512F,-AVX512CD,-AVX512BW,-AVX512DQ,-AVX512VL",
         CPU_AVX2},
        {"avx512", "avx512", "AVX512_CORE", "AVX512", "SkylakeX", NULL, CPU_AVX512},
    };
    size_t set = 0;
    while (set + 1 < ARRAY_LEN(sets) && !str_equal(sets[set].name, level))
        set++;
    while (set > 0 && sets[set].level > cpu_level())
        set--;
    pairs_set(env, "ATEN_CPU_CAPABILITY", sets[set].aten);
    pairs_set(env, "ONEDNN_MAX_CPU_ISA", sets[set].onednn);
    pairs_set(env, "DNNL_MAX_CPU_ISA", sets[set].onednn); // its name before version 2.5
    pairs_set(env, "MKL_CBWR", sets[set].mkl);
    if (sets[set].glibc)
        pairs_set(env, "GLIBC_TUNABLES", sets[set].glibc);
    if (sets[set].level <= cpu_level())
        pairs_set(env, "OPENBLAS_CORETYPE", sets[set].openblas);
    CLEANUP(strings) struct strings off = {0};
    cpu_numpy_above(&off, sets[set].level);
    CLEANUP(free) char *names = strings_join(&off, ",");
    if (off.count > 0) {
        pairs_set(env, "NPY_DISABLE_CPU_FEATURES", names);
        pairs_set(env, "PYTHONWARNINGS", "ignore:During parsing environment variable:RuntimeWarning");
    }
#else
    (void)env; // these names mean nothing to another architecture
    (void)level;
#endif
}

// "N" stands for any whole number.
static const char *const number_levels[] = {"N", NULL};
static const char *const isa_levels[] = {"default", "avx2", "avx512", NULL};

static const struct row rows[] = {
    {{"hashseed", number_levels, "the order of Python's sets and of hash(): PYTHONHASHSEED, 0 unless given",
      "pin \"hashseed\", or sort what comes out of a set"},
     pin_hash_seed},
    {{"threads", number_levels, "threads of OpenMP, OpenBLAS, MKL, Accelerate, NumExpr and Rayon, 1 unless given",
      "pin \"threads\", or give the library's own n_jobs or nthread"},
     pin_threads},
    {{"isa", isa_levels, "the newest instructions that ATen, oneDNN, MKL, OpenBLAS, NumPy and glibc may use (x86-64)",
      "pin \"isa:avx2\" where every machine has it, else \"isa:default\""},
     pin_isa},
    {{"clock", number_levels,
      "the time that build tools write into files: SOURCE_DATE_EPOCH, the year 1980 unless given",
      "pin \"clock\", or keep the time out of what is written"},
     pin_clock},
};

size_t knob_count(void)
{
    return ARRAY_LEN(rows);
}

const struct knob *knob_at(size_t index)
{
    return index < ARRAY_LEN(rows) ? &rows[index].knob : NULL;
}

static bool is_number(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return len > 0 && len <= 10 && text[len] == '\0';
}

static bool takes_level(const struct knob *knob, const char *level)
{
    for (const char *const *at = knob->levels; at && *at; at++)
        if (str_equal(*at, level) || (str_equal(*at, "N") && is_number(level)))
            return !str_equal(level, "N");
    return false;
}

static int refuse_name(const char *name, struct error *err)
{
    const char *names[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        names[i] = rows[i].knob.name;
    const char *nearest = str_nearest(name, names, ARRAY_LEN(rows));
    if (nearest)
        return error_set(err, ERROR_USAGE, "unknown pin '%s'; did you mean '%s'?", name, nearest);
    struct buf known = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        buf_printf(&known, "%s%s", i ? ", " : "", names[i]);
    CLEANUP(free) char *list = buf_take(&known);
    return error_set(err, ERROR_USAGE, "unknown pin '%s'; there are %s", name, list);
}

static int refuse_level(const struct knob *knob, const char *level, struct error *err)
{
    size_t count = 0;
    while (knob->levels && knob->levels[count])
        count++;
    const char *nearest = str_nearest(level, knob->levels, count);
    if (nearest && !str_equal(nearest, "N"))
        return error_set(err, ERROR_USAGE, "unknown level '%s' of pin '%s'; did you mean '%s:%s'?", level, knob->name,
                         knob->name, nearest);
    return error_set(err, ERROR_USAGE, "unknown level '%s' of pin '%s'; expected '%s:%s'", level, knob->name,
                     knob->name, count ? knob->levels[count - 1] : "");
}

static int pin_one(struct pairs *env, const char *pin, struct error *err)
{
    size_t len = strcspn(pin, ":");
    CLEANUP(free) char *name = str_ndup(pin, len);
    const char *level = pin[len] == ':' ? pin + len + 1 : NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        if (!str_equal(row->knob.name, name))
            continue;
        bool needs_level = row->knob.levels && !str_equal(row->knob.levels[0], "N");
        if (level ? !takes_level(&row->knob, level) : needs_level)
            return refuse_level(&row->knob, level ? level : "", err);
        row->pin(env, level);
        return 0;
    }
    return refuse_name(name, err);
}

int knobs_pin(struct pairs *env, const struct strings *pins, struct error *err)
{
    for (size_t i = 0; i < pins->count; i++)
        if (pin_one(env, pins->items[i], err) != 0)
            return -1;
    return 0;
}

const char *knobs_isa(const struct strings *pins)
{
    const char *level = NULL;
    for (size_t i = 0; i < pins->count; i++)
        if (str_starts(pins->items[i], "isa:"))
            level = pins->items[i] + strlen("isa:");
    return level;
}
