// SPDX-License-Identifier: Apache-2.0
//
// process_run on a thread of its own, with pipes in the place of what is kept.
#include "run/service.h"

#include "base/fs.h"
#include "run/process.h"
#include "run/run_place.h"
#include "run/service_usage.h"
#include "run/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

struct service {
    struct sandbox *sandbox;
    struct pairs env;
    char *layer, *directory;
    bool keeps_layer;
    struct strings argv;
    char *stdout_path, *stderr_path;

    int in, out;         // our ends
    int far_in, far_out; // the command's, until it has them
    int stop_read, stop_write;
    int sockets, far_sockets; // −1 where the host's network is the service's
    pid_t supervisor;

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool running, started, ended; // running: the thread is to be joined
    bool asked;
    int failed;
    struct process_result result;
    struct error error;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void service_free(struct service *service)
{
    if (!service)
        return;
    int *const fds[] = {&service->in,        &service->out,        &service->far_in,  &service->far_out,
                        &service->stop_read, &service->stop_write, &service->sockets, &service->far_sockets};
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        close_fd(fds[i]);
    struct error ignored = {0};
    if (service->layer && !service->keeps_layer)
        fs_remove_tree(service->layer, &ignored);
    error_free(&ignored);
    sandbox_free(service->sandbox);
    pairs_free(&service->env);
    strings_free(&service->argv);
    free(service->layer);
    free(service->directory);
    free(service->stdout_path);
    free(service->stderr_path);
    process_result_free(&service->result);
    error_free(&service->error);
    pthread_mutex_destroy(&service->lock);
    pthread_cond_destroy(&service->changed);
    free(service);
}
DEFINE_CLEANUP(service)

static void note(struct service *service, bool *what)
{
    pthread_mutex_lock(&service->lock);
    *what = true;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->lock);
}

static void has_started(void *context)
{
    struct service *service = context;
    close_fd(&service->far_in);
    close_fd(&service->far_out);
    close_fd(&service->far_sockets);
    note(service, &service->started);
}

static void *work(void *context)
{
    struct service *service = context;
    const struct process_streams streams = {.in = service->far_in,
                                            .out = service->far_out,
                                            .sockets = service->far_sockets,
                                            .supervisor = &service->supervisor,
                                            .started = has_started,
                                            .context = service};
    const struct process_options wanted = {.argv = &service->argv,
                                           .env = &service->env,
                                           .directory = service->directory,
                                           .stop_fd = service->stop_read,
                                           .stdout_path = service->stdout_path,
                                           .stderr_path = service->stderr_path,
                                           .echo_fd = -1,
                                           .sandbox = service->sandbox,
                                           .streams = &streams};
    service->failed = process_run(&service->result, &wanted, &service->error);
    close_fd(&service->far_in); // the other side must see that nobody is there any more
    close_fd(&service->far_out);
    close_fd(&service->far_sockets);
    note(service, &service->ended);
    return NULL;
}

static int make_pipe(int *read_end, int *write_end, struct error *err)
{
    int ends[2];
    if (pipe(ends) != 0)
        return error_errno(err, "cannot make a pipe");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

static void set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int make_channels(struct service *service, const struct service_options *options, struct error *err)
{
    if (make_pipe(&service->stop_read, &service->stop_write, err) < 0)
        return -1;
    if (options->pipes &&
        (make_pipe(&service->far_in, &service->in, err) < 0 || make_pipe(&service->out, &service->far_out, err) < 0))
        return -1;
    if (options->pipes) {
        set_nonblocking(service->in);
        set_nonblocking(service->out);
    }
    if (options->run->isolation != ISOLATION_FULL || options->run->network)
        return 0;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return error_errno(err, "cannot make a pair of sockets");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    service->sockets = ends[0];
    service->far_sockets = ends[1];
    return 0;
}

// The layer takes its rights and its owner from what lies beneath it.
static int make_layer(struct service *service, const struct service_options *options, struct error *err)
{
    static atomic_uint count; // names within one process
    const struct workspace *workspace = options->run->workspace;
    struct stat st;
    service->keeps_layer = options->layer != NULL;
    service->layer = options->layer
                         ? str_dup(options->layer)
                         : str_printf("%s/service-%u", options->options->folder, atomic_fetch_add(&count, 1));
    CLEANUP(free) char *upper = fs_join(service->layer, "upper"), *inner = fs_join(service->layer, "work");
    CLEANUP(free) char *beneath = fs_join(service->layer, "beneath");
    if (!workspace_lower(workspace))
        return 0;
    // An overlay that never syncs leaves a mark in its work folder, which the next one would refuse.
    if (options->layer && fs_remove_tree(inner, err) < 0)
        return -1;
    if (fs_mkdirs(upper, err) < 0 || fs_mkdirs(inner, err) < 0 || fs_mkdirs(beneath, err) < 0)
        return -1;
    if (stat(workspace_upper(workspace), &st) != 0 || chmod(upper, st.st_mode & 0777) != 0 ||
        (geteuid() == 0 && chown(upper, st.st_uid, st.st_gid) != 0))
        return error_errno(err, "cannot give '%s' the rights of the workspace", upper);
    return 0;
}

static int prepare(struct service *service, const struct service_options *options, struct error *err)
{
    struct run *run = (struct run *)(uintptr_t)options->run; // its list of installations is filled in again
    if (make_channels(service, options, err) < 0 || make_layer(service, options, err) < 0 ||
        run_place(&service->sandbox, &service->env, run, options->options, service->layer, err) < 0)
        return -1;
    strings_copy(&service->argv, options->argv);
    service->directory = fs_join(sandbox_seen_work(service->sandbox), options->options->suite->train.directory);
    service->stdout_path = str_printf("%s.out", options->stderr_path);
    service->stderr_path = str_dup(options->stderr_path);
    return 0;
}

static int wait_until_started(struct service *service, struct error *err)
{
    pthread_mutex_lock(&service->lock);
    while (!service->started && !service->ended)
        pthread_cond_wait(&service->changed, &service->lock);
    pthread_mutex_unlock(&service->lock);
    if (service->started || !service->failed)
        return 0;
    *err = service->error;
    service->error = (struct error){0};
    return -1;
}

int service_start(struct service **out, const struct service_options *options, struct error *err)
{
    CLEANUP(service) struct service *service = mem_alloc(sizeof *service);
    service->in = service->out = service->far_in = service->far_out = -1;
    service->stop_read = service->stop_write = service->sockets = service->far_sockets = -1;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&service->lock, NULL);
    pthread_cond_init(&service->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (prepare(service, options, err) < 0)
        return -1;
    if (pthread_create(&service->thread, NULL, work, service) != 0)
        return error_set(err, ERROR_MACHINE, "cannot start a thread");
    if (wait_until_started(service, err) < 0) {
        pthread_join(service->thread, NULL);
        return -1;
    }
    *out = steal(&service);
    return 0;
}

char *service_written(const struct run *run, const char *layer)
{
    return workspace_lower(run->workspace) ? fs_join(layer, "upper") : str_dup(workspace_outputs(run->workspace));
}

int service_stdin(const struct service *service)
{
    return service->in;
}

int service_stdout(const struct service *service)
{
    return service->out;
}

bool service_alive(struct service *service)
{
    pthread_mutex_lock(&service->lock);
    bool ended = service->ended;
    pthread_mutex_unlock(&service->lock);
    return !ended;
}

bool service_wait(struct service *service, double seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    double whole = (double)(time_t)seconds;
    until.tv_sec += (time_t)whole;
    until.tv_nsec += (long)((seconds - whole) * 1e9);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&service->lock);
    int waited = 0;
    while (!service->ended && waited == 0)
        waited = pthread_cond_timedwait(&service->changed, &service->lock, &until);
    bool ended = service->ended;
    pthread_mutex_unlock(&service->lock);
    return ended;
}

int service_socket(int *fd, struct service *service, int family, struct error *err)
{
    if (service->sockets >= 0)
        return sockets_ask(fd, service->sockets, family, err);
    *fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return *fd < 0 ? error_errno(err, "cannot make a socket") : 0;
}

void service_usage(uint64_t *memory, unsigned *descriptors, struct service *service)
{
    usage_of_descendants(memory, descriptors, service->supervisor);
}

double service_cpu(struct service *service)
{
    return cpu_of_descendants(service->supervisor);
}

void service_stop(struct service_end *out, struct service *service)
{
    close_fd(&service->in); // a model that reads to the end of its input ends by itself
    bool by_itself = !service_alive(service);
    if (!by_itself)
        by_itself = service_wait(service, 0.02);
    if (!by_itself)
        while (write(service->stop_write, "s", 1) < 0 && errno == EINTR)
            continue;
    pthread_join(service->thread, NULL);
    const struct process_result *result = &service->result;
    *out = (struct service_end){.exit_code = service->failed ? 127 : result->exit_code,
                                .signal = result->signal,
                                .by_us = !by_itself,
                                .peak_memory = result->peak_memory,
                                .cpu = result->cpu};
    out->stderr_tail = service->failed ? error_text(&service->error) : str_dup(result->stderr_tail);
    service_free(service);
}

int service_folder(const char **host, const char **seen, const struct run *run, const struct run_options *options,
                   struct error *err)
{
    (void)options;
    (void)err;
    *host = workspace_tmp(run->workspace);
    *seen = run->isolation == ISOLATION_FULL ? SANDBOX_TMP : *host;
    return 0;
}
