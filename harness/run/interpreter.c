// SPDX-License-Identifier: Apache-2.0
#include "run/interpreter.h"

#include "run/environ.h"
#include "run/process.h"

#include "base/buf.h"
#include "base/fs.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define ASK_SECONDS 5.0
#define DEPTH       4 // a script that names a script that names …

static const struct {
    const char *program; // what the file's name begins with
    const char *name;    // what the manifest calls it
} known[] = {
    {"python", "python"}, {"pypy", "pypy"}, {"Rscript", "R"}, {"node", "node"}, {"perl", "perl"},
    {"julia", "julia"},   {"ruby", "ruby"}, {"R", "R"},       {"lua", "lua"},   {"php", "php"},
};

// Asks for the version and all packages in one start. Answers on one line, fields apart by tabs.
static const char ask_python[] =
    "import sys\n"
    "try:\n"
    "    from importlib.metadata import version\n"
    "except ImportError:\n"
    "    version = None\n"
    "def find(name):\n"
    "    try:\n"
    "        return version(name) or 'absent'\n"
    "    except Exception:\n"
    "        return 'absent'\n"
    "print('\\t'.join(['%d.%d.%d' % sys.version_info[:3]] + [find(name) for name in sys.argv[1:]]))\n";

static bool is_assignment(const char *word)
{
    size_t len = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return len > 0 && !isdigit((unsigned char)*word) && word[len] == '=';
}

static bool is_plain(const char *word)
{
    return *word && word[strcspn(word, "\"'`$&|;<>(){}*?[]#~\\!")] == '\0';
}

// The program among words that may begin with `env`, `exec` or assignments.
static const char *program_of(char *const *words, size_t count, bool shell)
{
    bool assignments = shell;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        if (strcmp(fs_basename(word), "env") == 0 || (shell && strcmp(word, "exec") == 0))
            assignments = true;
        else if (!(assignments && is_assignment(word)))
            return *word == '-' || (shell && !is_plain(word)) ? NULL : word;
    }
    return NULL;
}

static char *shell_word(const char *script)
{
    CLEANUP(strings) struct strings words = {0};
    for (const char *at = script; *at && words.count < 32;) {
        at += strspn(at, " \t\n");
        size_t len = strcspn(at, " \t\n;&|");
        if (len > 0)
            strings_take(&words, str_ndup(at, len));
        if (len == 0 || strchr(";&|", at[len]))
            break; // the end of the first command
        at += len;
    }
    return str_dup(program_of(words.items, words.count, true));
}

char *interpreter_word(const struct strings *argv)
{
    static const char *const shells[] = {"sh", "bash", "dash"};
    for (size_t i = 0; argv->count > 2 && i < ARRAY_LEN(shells); i++)
        if (str_equal(fs_basename(argv->items[0]), shells[i]) && str_starts(argv->items[1], "-") &&
            str_ends(argv->items[1], "c"))
            return shell_word(argv->items[2]);
    return str_dup(program_of(argv->items, argv->count, false));
}

static const char *known_name(const char *program)
{
    const char *base = fs_basename(program);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        size_t len = strlen(known[i].program);
        if (strncmp(base, known[i].program, len) == 0 && base[len + strspn(base + len, "0123456789.")] == '\0')
            return known[i].name;
    }
    return NULL;
}

// What the first line of a script names: "#!/usr/bin/env python3" gives "python3". NULL when it is no script.
static char *first_line_word(const char *path)
{
    CLEANUP(free) char *head = mem_alloc(257);
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(head, 1, 256, file) : 0;
    if (file)
        fclose(file);
    head[len] = '\0';
    head[strcspn(head, "\n")] = '\0';
    if (strncmp(head, "#!", 2) != 0)
        return NULL;
    return shell_word(head + 2);
}

// Follows scripts to the interpreter. The caller frees; NULL when there is none that is known.
static char *find_interpreter(const char **name, const struct pairs *env, const struct strings *argv)
{
    CLEANUP(free) char *word = interpreter_word(argv);
    for (int depth = 0; word && depth < DEPTH; depth++) {
        char *program = environ_program(env, word);
        *name = known_name(word);
        if (*name || !program)
            return program;
        free(word);
        word = first_line_word(program);
        free(program);
    }
    return NULL;
}

// The first number with a dot in it.
static char *first_version(const char *text)
{
    for (const char *at = text; *at; at++) {
        size_t len = strspn(at, "0123456789.");
        while (len > 0 && at[len - 1] == '.')
            len--;
        if (len > 0 && isdigit((unsigned char)*at) && memchr(at, '.', len))
            return str_ndup(at, len < 32 ? len : 32);
        if (len > 0)
            at += len - 1;
    }
    return NULL;
}

// What it says; NULL when it does not answer: a fact that cannot be had is left out.
static char *ask(const struct strings *argv, const struct pairs *env, bool both_streams)
{
    struct process_result result = {0};
    struct error ignored = {0};
    struct process_options options = {
        .argv = argv, .env = env, .directory = "/", .timeout = ASK_SECONDS, .stop_fd = -1, .echo_fd = -1};
    char *answer = NULL;
    if (process_run(&result, &options, &ignored) == 0 && result.exit_code == 0)
        answer = str_printf("%s\n%s", result.stdout_tail, both_streams ? result.stderr_tail : "");
    process_result_free(&result);
    error_free(&ignored);
    return answer;
}

static bool is_version(const char *text)
{
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+!-_");
    return len > 0 && len <= 64 && text[len] == '\0';
}

static void ask_packages(struct pairs *out, const char *program, const struct pairs *env,
                         const struct strings *packages)
{
    CLEANUP(strings) struct strings argv = {0};
    strings_add(&argv, program);
    strings_add(&argv, "-c");
    strings_add(&argv, ask_python);
    strings_copy(&argv, packages);
    CLEANUP(free) char *answer = ask(&argv, env, false);
    char *rest = answer;
    char *line_end = answer ? strchr(answer, '\n') : NULL;
    if (!line_end)
        return;
    *line_end = '\0';
    const char *version = strsep(&rest, "\t");
    if (is_version(version)) {
        CLEANUP(free) char *fact = str_printf("%s %s", known_name(program) ? known_name(program) : "python", version);
        pairs_set(out, "interpreter", fact);
    }
    for (size_t i = 0; rest && i < packages->count; i++) {
        const char *value = strsep(&rest, "\t");
        CLEANUP(free) char *fact = str_printf("package:%s", packages->items[i]);
        if (is_version(value))
            pairs_set(out, fact, value);
    }
}

static void ask_version(struct pairs *out, const char *name, const char *program, const struct pairs *env)
{
    CLEANUP(strings) struct strings argv = {0};
    strings_add(&argv, program);
    strings_add(&argv, "--version");
    CLEANUP(free) char *answer = ask(&argv, env, true);
    CLEANUP(free) char *version = answer ? first_version(answer) : NULL;
    CLEANUP(free) char *fact = str_printf("%s %s", name, version ? version : "of an unknown version");
    pairs_set(out, "interpreter", fact);
}

void interpreter_facts(struct pairs *out, const struct pairs *env, const struct strings *argv,
                       const struct strings *packages)
{
    const char *name = NULL;
    CLEANUP(free) char *program = find_interpreter(&name, env, argv);
    bool python = str_equal(name, "python") || str_equal(name, "pypy");
    if (packages->count > 0 && !python) { // a shell script or a Makefile that starts it
        CLEANUP(free) char *fallback = environ_program(env, "python3");
        if (fallback)
            ask_packages(out, fallback, env, packages);
    }
    if (program && python && packages->count > 0)
        ask_packages(out, program, env, packages);
    else if (program && name)
        ask_version(out, name, program, env);
}
