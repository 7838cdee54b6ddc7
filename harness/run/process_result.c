// SPDX-License-Identifier: Apache-2.0
#include "run/process.h"

#include "base/mem.h"

#include <signal.h>

void process_result_free(struct process_result *result)
{
    free(result->stdout_tail);
    free(result->stderr_tail);
    *result = (struct process_result){.exit_code = -1};
}

static const char *signal_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},
                 {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
                 {SIGKILL, "SIGKILL"}, {SIGUSR1, "SIGUSR1"}, {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
                 {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"}, {SIGXCPU, "SIGXCPU"},
                 {SIGXFSZ, "SIGXFSZ"}, {SIGSYS, "SIGSYS"}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}

char *process_describe(const struct process_result *result, double timeout)
{
    if (result->timed_out) {
        CLEANUP(free) char *time = str_human_duration(timeout);
        return str_printf("did not end within %s", time);
    }
    if (result->stopped)
        return str_dup("was stopped");
    if (result->out_of_memory)
        return str_dup("was ended by the kernel for want of memory");
    if (result->signal == 0)
        return str_printf("exited with status %d", result->exit_code);
    const char *name = signal_name(result->signal);
    return name ? str_printf("ended by signal %d (%s)", result->signal, name)
                : str_printf("ended by signal %d", result->signal);
}
