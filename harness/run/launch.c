// SPDX-License-Identifier: Apache-2.0
#include "run/launch.h"

#include "run/process.h"
#include "run/tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static char **list_of(const struct strings *strings)
{
    char **list = mem_array(strings->count + 1, sizeof *list);
    for (size_t i = 0; i < strings->count; i++)
        list[i] = strings->items[i];
    return list;
}

static void add_environment(struct strings *out, const struct pairs *env)
{
    for (size_t i = 0; env && i < env->count; i++)
        strings_printf(out, "%s=%s", env->items[i].name, env->items[i].value);
}

// As the run itself would look for it: a name with a slash as it is, any other in each folder of the run's PATH.
static void add_programs(struct strings *out, const char *name, const struct pairs *env)
{
    if (strchr(name, '/')) {
        strings_add(out, name);
        return;
    }
    const char *path = env ? pairs_get(env, "PATH") : NULL;
    for (const char *at = path ? path : DEFAULT_PATH; *name; at++) {
        size_t len = strcspn(at, ":");
        CLEANUP(free) char *folder = str_ndup(at, len);
        strings_printf(out, "%s/%s", len ? folder : ".", name); // an empty entry is the current folder
        at += len;
        if (!*at)
            break;
    }
}

// {"sh", NULL for the program, arguments…}
static char **script_list(const struct strings *argv)
{
    char **list = mem_array(argv->count + 2, sizeof *list);
    list[0] = (char *)"sh";
    for (size_t i = 1; i < argv->count; i++)
        list[i + 1] = argv->items[i];
    return list;
}

void launch_prepare(struct launch *out, const struct process_options *options)
{
    const struct strings *argv = options->argv;
    add_environment(&out->held_env, options->env);
    add_programs(&out->held_programs, argv->items[0], options->env);
    out->argv = list_of(argv);
    out->env = list_of(&out->held_env);
    out->programs = list_of(&out->held_programs);
    out->script_argv = script_list(argv);
    out->directory = options->directory;
    out->sandbox = options->sandbox;
    out->trace = options->trace;
    out->tree = tree_new();
    for (size_t i = 0; i < LAUNCH_FD_COUNT; i++)
        out->fds[i] = -1;
}

void launch_free(struct launch *launch)
{
    free(launch->argv);
    free(launch->env);
    free(launch->programs);
    free(launch->script_argv);
    strings_free(&launch->held_env);
    strings_free(&launch->held_programs);
    tree_free(launch->tree);
}

// ---- messages: also sent from the forked side, hence system calls only ----

void report_send(int fd, const struct report *report)
{
    while (write(fd, report, sizeof *report) < 0 && errno == EINTR)
        continue;
}

int report_receive(int fd, struct report *out)
{
    ssize_t got;
    while ((got = read(fd, out, sizeof *out)) < 0 && errno == EINTR)
        continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    return got == (ssize_t)sizeof *out ? 1 : -1;
}
