// SPDX-License-Identifier: Apache-2.0
//
// bench_workspace overlay|copy SOURCE FOLDER ROUNDS: runs `true` in a workspace over SOURCE, FOLDER being private;
// prints the median seconds of making the workspace, and of running `true` in it (sandbox and overlay mount included).
#include "base/fs.h"
#include "run/run.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int one_round(double *open, double *run, const struct run_options *options, struct error *err)
{
    struct workspace_options where = {.source = options->root,
                                      .folder = options->folder,
                                      .kind = options->workspace,
                                      .overlay = options->ability->overlay};
    double start = now();
    struct workspace *workspace = NULL;
    if (workspace_open(&workspace, &where, err) < 0)
        return -1;
    *open = now() - start;
    workspace_free(workspace);
    struct run *done = NULL;
    start = now();
    if (run_suite(&done, options, err) < 0)
        return -1;
    *run = now() - start;
    run_free(done);
    return 0;
}

int main(int argc, char **argv)
{
    static const char document[] = "{\"suite\": \"bench\", \"train\": {\"command\": [\"true\"]}}";
    enum { ROUNDS_AT_MOST = 100 };
    double open[ROUNDS_AT_MOST], run[ROUNDS_AT_MOST];
    int rounds = argc == 5 ? atoi(argv[4]) : 0;
    if (rounds < 1 || rounds > ROUNDS_AT_MOST)
        return 2;
    CLEANUP(error) struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    struct sandbox_ability ability = {0};
    struct run_options options = {.root = argv[2],
                                  .folder = argv[3],
                                  .workspace = str_equal(argv[1], "copy") ? WORKSPACE_COPY : WORKSPACE_OVERLAY,
                                  .ability = &ability,
                                  .stop_fd = -1,
                                  .echo_fd = -1,
                                  .caller_environ = environ};
    int made = fs_mkdirs(argv[3], &err);
    if (made == 0)
        made = sandbox_probe(&ability, argv[3], &err);
    if (made == 0)
        made = suite_parse(&suite, "bench", "bench", document, sizeof document - 1, &err);
    options.suite = suite;
    for (int i = 0; i < rounds && made == 0; i++)
        made = one_round(&open[i], &run[i], &options, &err);
    sandbox_ability_free(&ability);
    if (made < 0) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_workspace: %s\n", text);
        return 1;
    }
    qsort(open, (size_t)rounds, sizeof *open, by_size);
    qsort(run, (size_t)rounds, sizeof *run, by_size);
    printf("%.6f %.6f\n", open[rounds / 2], run[rounds / 2]);
    return 0;
}
