// SPDX-License-Identifier: Apache-2.0
#include "engine/model.h"

#include "base/clock.h"
#include "base/fs.h"
#include "core/schema.h"
#include "run/service.h"

#include <string.h>

#define LOOK_EVERY 0.2

struct model {
    const struct run *run;
    const struct session *session;
    const struct suite *suite;
    struct run_options options; // the run was made with
    struct strings kinds;
    struct launcher launcher;
    char *stderr_path;
    char *layer, *written; // of model_keep_files; NULL
};

static int start(struct served *out, void *context, const struct strings *argv, bool pipes, struct error *err)
{
    struct model *model = context;
    const struct service_options wanted = {.run = model->run,
                                           .options = &model->options,
                                           .argv = argv,
                                           .pipes = pipes,
                                           .stderr_path = model->stderr_path,
                                           .layer = model->layer};
    struct service *service = NULL;
    if (service_start(&service, &wanted, err) < 0)
        return -1;
    *out = (struct served){.in = service_stdin(service), .out = service_stdout(service), .handle = service};
    return 0;
}

static void stop(struct served_end *out, void *context, struct served *served)
{
    (void)context;
    struct service_end end = {0};
    service_stop(&end, served->handle);
    *out = (struct served_end){
        .exit_code = end.exit_code, .signal = end.signal, .by_us = end.by_us, .stderr_tail = end.stderr_tail};
    *served = (struct served){.in = -1, .out = -1};
}

static bool alive(void *context, struct served *served)
{
    (void)context;
    return service_alive(served->handle);
}

// Whoever asked to stop does not wait for a model that takes its time.
static bool wait_for(void *context, struct served *served, double seconds)
{
    const struct model *model = context;
    double until = clock_seconds() + seconds, left = seconds;
    do {
        if (service_wait(served->handle, left < LOOK_EVERY ? left : LOOK_EVERY))
            return true;
        left = until - clock_seconds();
    } while (left > 0 && !session_stopped(model->session));
    return false;
}

static int make_socket(void *context, struct served *served, int family, struct error *err)
{
    (void)context;
    int fd = -1;
    return service_socket(&fd, served->handle, family, err) < 0 ? -1 : fd;
}

static void usage(uint64_t *memory, unsigned *descriptors, void *context, struct served *served)
{
    (void)context;
    service_usage(memory, descriptors, served->handle);
}

static double cpu(void *context, struct served *served)
{
    (void)context;
    return service_cpu(served->handle);
}

static void add_kind(struct model *model, const char *kind, const struct strings *command)
{
    if (command->count > 0)
        strings_add(&model->kinds, kind);
}

int model_open(struct model **out, const struct replay *replay, const struct session *session,
               const struct suite *suite, struct error *err)
{
    const struct run_options options = replay_run_options(session, suite, replay->folder, replay->source_folder);
    return model_open_in(out, replay->run, &options, session, err);
}

int model_open_in(struct model **out, const struct run *run, const struct run_options *options,
                  const struct session *session, struct error *err)
{
    const struct suite *suite = options->suite;
    CLEANUP(model) struct model *model = mem_alloc(sizeof *model);
    model->run = run;
    model->session = session;
    model->suite = suite;
    model->options = *options;
    model->stderr_path = fs_join(options->folder, "model.log");
    model->launcher = (struct launcher){.context = model,
                                        .start = start,
                                        .stop = stop,
                                        .alive = alive,
                                        .wait = wait_for,
                                        .socket = make_socket,
                                        .usage = usage,
                                        .cpu = cpu};
    add_kind(model, "stream", &suite->model.stream);
    add_kind(model, "api", &suite->model.api.command);
    add_kind(model, "batch", &suite->model.batch);
    if (service_folder(&model->launcher.folder_host, &model->launcher.folder_seen, run, &model->options, err) < 0)
        return -1;
    *out = steal(&model);
    return 0;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    strings_free(&model->kinds);
    if (model->layer) {
        struct error ignored = {0};
        fs_remove_tree(model->layer, &ignored);
        error_free(&ignored);
    }
    free(model->layer);
    free(model->written);
    free(model->stderr_path);
    free(model);
}

void model_named_files(struct strings *out, const struct suite *suite, const struct strings *command,
                       const char *source)
{
    for (size_t i = 0; i < command->count; i++) {
        CLEANUP(free) char *path = fs_join(suite->train.directory, command->items[i]);
        CLEANUP(free) char *full = fs_join(source, path);
        struct stat st;
        if (*command->items[i] != '/' && !strchr(command->items[i], '{') && fs_is_inside(path) &&
            stat(full, &st) == 0 && S_ISREG(st.st_mode) && !strings_has(out, path))
            strings_add(out, path);
    }
}

const char *model_keep_files(struct model *model)
{
    if (!model->layer) {
        model->layer = fs_join(model->options.folder, "written");
        model->written = service_written(model->run, model->layer);
    }
    return model->written;
}

const struct strings *model_kinds(const struct model *model)
{
    return &model->kinds;
}

const char *model_obstacle(const struct model *model, const char *kind)
{
    return str_equal(kind, "api") && !model->run->loopback ? RUN_NO_LOOPBACK : NULL;
}

int model_client(struct client **out, struct model *model, const char *kind, struct error *err)
{
    const struct model_asking usual = {0};
    return model_client_with(out, model, kind, &usual, err);
}

int model_client_with(struct client **out, struct model *model, const char *kind, const struct model_asking *asking,
                      struct error *err)
{
    const struct suite *suite = model->suite;
    bool fallback = str_equal(kind, "fallback"), api = str_equal(kind, "api");
    const struct strings *command = fallback                    ? &suite->fallback
                                    : api                       ? &suite->model.api.command
                                    : str_equal(kind, "stream") ? &suite->model.stream
                                                                : &suite->model.batch;
    const struct client_options wanted = {.launcher = &model->launcher,
                                          .command = command,
                                          .protocol = api ? suite->model.api.protocol : NULL,
                                          .ready = api ? suite->model.api.ready : NULL,
                                          .model = api ? suite->model.api.name : NULL,
                                          .output_field = suite->schema ? suite->schema->output.field : NULL,
                                          .timeout = asking->timeout > 0 ? asking->timeout : suite->fuzz.timeout,
                                          .limit = asking->limit};
    return client_open(out, fallback ? "batch" : kind, &wanted, err);
}
