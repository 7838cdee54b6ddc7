// SPDX-License-Identifier: Apache-2.0
#include "run/cpu.h"

#if defined(__linux__) && defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)
#include <cpuid.h>

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512cd");
}

enum cpu_level cpu_level(void)
{
    if (has_avx512())
        return CPU_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return CPU_AVX2;
    return __builtin_cpu_supports("sse4.2") ? CPU_V2 : CPU_BASE;
}

const char *cpu_name(void)
{
    static const char *const names[] = {"base", "v2", "avx2", "avx512"};
    return names[cpu_level()];
}

// Not every compiler has a name for it.
static bool has_avx512fp16(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    return has_avx512() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 23 & 1);
}

const char *cpu_vendor(void)
{
    return __builtin_cpu_is("intel") ? "intel" : __builtin_cpu_is("amd") ? "amd" : NULL;
}

void cpu_numpy_above(struct strings *out, enum cpu_level level)
{
    bool vnni = __builtin_cpu_supports("avx512vnni") != 0;
    bool vbmi = __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512ifma");
    bool later = __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bitalg") &&
                 __builtin_cpu_supports("avx512vpopcntdq");
    const struct {
        const char *name;
        enum cpu_level above; // is switched off by any level lower than this
        bool here;
    } groups[] = {
        {"AVX", CPU_AVX2, __builtin_cpu_supports("avx") != 0},
        {"F16C", CPU_AVX2, cpu_level() >= CPU_AVX2},
        {"FMA3", CPU_AVX2, __builtin_cpu_supports("fma") != 0},
        {"AVX2", CPU_AVX2, __builtin_cpu_supports("avx2") != 0},
        {"AVX512F", CPU_AVX512, __builtin_cpu_supports("avx512f") != 0},
        {"AVX512CD", CPU_AVX512, __builtin_cpu_supports("avx512cd") != 0},
        {"AVX512_SKX", CPU_AVX512, has_avx512()},
        {"AVX512_CLX", CPU_AVX512 + 1, has_avx512() && vnni},
        {"AVX512_CNL", CPU_AVX512 + 1, has_avx512() && vbmi},
        {"AVX512_ICL", CPU_AVX512 + 1, has_avx512() && vnni && vbmi && later},
        {"AVX512_SPR", CPU_AVX512 + 1, has_avx512fp16()},
        {"X86_V3", CPU_AVX2, cpu_level() >= CPU_AVX2},
        {"X86_V4", CPU_AVX512, has_avx512()},
    };
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        if (groups[i].here && level < groups[i].above)
            strings_add(out, groups[i].name);
}

#else

enum cpu_level cpu_level(void)
{
    return CPU_BASE;
}

const char *cpu_name(void)
{
#if defined(__linux__) && defined(__aarch64__)
    return getauxval(AT_HWCAP) & HWCAP_SVE ? "sve" : "neon";
#elif defined(__aarch64__)
    return "neon";
#else
    return "base";
#endif
}

const char *cpu_vendor(void)
{
    return NULL;
}

void cpu_numpy_above(struct strings *out, enum cpu_level level)
{
    (void)out;
    (void)level;
}

#endif
