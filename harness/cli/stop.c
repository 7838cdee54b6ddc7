// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int stop_pipe[2] = {-1, -1};
static volatile sig_atomic_t stopped_by;
static volatile sig_atomic_t unreadable_status = 3;

static void on_signal(int number)
{
    int saved = errno;
    stopped_by = number;
    // Never read: the pipe stays readable for everyone who waits. That it may be full after many signals harms nothing.
    if (write(stop_pipe[1], "", 1) < 0)
        errno = saved;
    errno = saved;
}

// A file that is mapped was cut short by somebody while it was read.
static void on_bus_error(int number)
{
    static const char message[] = "repro: a file that was being read was cut short by another program\n";
    (void)number;
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(unreadable_status);
}

void stop_at_once(int unreadable)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    unreadable_status = unreadable;
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction now;
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == on_signal)
            signal(signals[i], SIG_DFL);
    }
}

void stop_install(void)
{
    if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction before;
        // Under nohup, SIGHUP is ignored and stays so.
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    // A reader that went away and a file that may not grow are errors of the write, which are reported.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGBUS, on_bus_error);
}

int stop_fd(void)
{
    return stop_pipe[0];
}

int stop_signal(void)
{
    return stopped_by;
}
