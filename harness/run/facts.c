// SPDX-License-Identifier: Apache-2.0
#include "run/facts.h"

#include "run/cpu.h"
#include "run/environ.h"
#include "run/interpreter.h"
#include "run/knobs.h"

#include "base/buf.h"
#include "base/fs.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#define CLASS_LIMIT 200

// A value of /etc/os-release, which may stand in quotes; "" when it is not there.
static char *release_value(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, name, len) != 0 || line[len] != '=')
            continue;
        const char *value = line + len + 1;
        char quote = *value == '"' || *value == '\'' ? *value++ : '\n';
        char end[] = {quote, '\n', '\0'};
        return str_ndup(value, strcspn(value, end));
    }
    return str_dup("");
}

static void add_system(struct pairs *out)
{
    struct utsname name;
    struct buf text = {0};
    struct error ignored = {0};
    if (uname(&name) == 0)
        pairs_set(out, "machine", name.machine);
    if (fs_read(&text, "/etc/os-release", 1u << 16, &ignored) != 0) {
        error_free(&ignored);
        fs_read(&text, "/usr/lib/os-release", 1u << 16, &ignored);
    }
    error_free(&ignored);
    CLEANUP(free) char *id = release_value(buf_text(&text), "ID");
    CLEANUP(free) char *version = release_value(buf_text(&text), "VERSION_ID");
    CLEANUP(free) char *os = str_printf("%s%s%s", id, *id && *version ? " " : "", version);
    if (*os)
        pairs_set(out, "os", os);
    buf_free(&text);
#ifdef __GLIBC__
    CLEANUP(free) char *libc = str_printf("glibc %s", gnu_get_libc_version());
    pairs_set(out, "libc", libc);
#endif
}

int facts_collect(struct pairs *out, const struct suite *suite, char *const *caller_environ, struct error *err)
{
    CLEANUP(pairs) struct pairs env = {0};
    add_system(out);
    if (environ_build(&env, suite, caller_environ, "/nonexistent", "/tmp", err) != 0)
        return -1;
    for (size_t i = 0; i < suite->class_packages.count; i++) {
        CLEANUP(free) char *name = str_printf("package:%s", suite->class_packages.items[i]);
        pairs_set(out, name, "absent");
    }
    interpreter_facts(out, &env, &suite->train.command, &suite->class_packages);
    pairs_sort(out);
    return 0;
}

// A level that is above what the CPU has is lowered to that, as the pin itself is.
static const char *effective_isa(const char *level)
{
#if defined(__x86_64__)
    if (str_equal(level, "default"))
        return cpu_level() >= CPU_V2 ? "default" : cpu_name();
    if (str_equal(level, "avx2"))
        return cpu_level() > CPU_AVX2 ? "avx2" : cpu_name();
#endif
    (void)level;
    return cpu_name();
}

// Libraries choose their kernels by the processor's maker, too, unless a pin names them. Intel's MKL takes no name but
// the lowest on a processor of another maker.
static bool vendor_matters(const struct suite *suite, const char *level)
{
    for (size_t i = 0; i < suite->class_packages.count; i++)
        if (strncasecmp(suite->class_packages.items[i], "mkl", 3) == 0)
            return !str_equal(level, "default");
    return level == NULL;
}

static void add_for_folder(struct buf *out, const char *text)
{
    for (; *text; text++)
        buf_putc(out, isalnum((unsigned char)*text) || strchr("._-+", *text) ? *text : '_');
}

int facts_class(char **out, const struct suite *suite, const struct pairs *facts, struct error *err)
{
    if (suite->class_name) {
        *out = str_dup(suite->class_name);
        return 0;
    }
    struct buf name = {0};
    const char *level = knobs_isa(&suite->train.pins);
    const char *machine = pairs_get(facts, "machine");
    add_for_folder(&name, machine ? machine : "unknown");
    buf_printf(&name, "-%s", effective_isa(level));
    if (vendor_matters(suite, level) && cpu_vendor())
        buf_printf(&name, "-%s", cpu_vendor());
    for (size_t i = 0; i < suite->class_packages.count; i++) {
        const char *package = suite->class_packages.items[i];
        CLEANUP(free) char *fact = str_printf("package:%s", package);
        const char *version = pairs_get(facts, fact);
        buf_putc(&name, '+');
        add_for_folder(&name, package);
        buf_putc(&name, '-');
        add_for_folder(&name, version ? version : "absent");
    }
    *out = buf_take(&name);
    if (strlen(*out) <= CLASS_LIMIT)
        return 0;
    free(*out);
    *out = NULL;
    return error_set(err, ERROR_USAGE,
                     "the numerical class has a name of over %d characters: name fewer class_packages", CLASS_LIMIT);
}
