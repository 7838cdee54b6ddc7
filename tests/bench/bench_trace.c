// SPDX-License-Identifier: Apache-2.0
//
// bench_trace OPENS FOLDER: opens one file that often, by its absolute path, in a traced process and in one that is
// not; then OPENS/10 files by relative paths, each for the first time. Prints microseconds an open: "traced plain first
// first-plain synchronous".
#include "base/fs.h"
#include "run/process.h"
#include "run/trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FILES_AT_MOST = 1000000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// The traced side: prints the seconds that it took.
static int open_all(long count, const char *name, bool many)
{
    char path[64];
    double start = now();
    for (long i = 0; i < count; i++) {
        snprintf(path, sizeof path, "f%ld", i);
        int fd = open(many ? path : name, O_RDONLY);
        if (fd < 0)
            return 1;
        close(fd);
    }
    printf("%.9f\n", now() - start);
    return 0;
}

static int measure(double *micros, bool *synchronous, bool traced, const struct strings *argv, const char *folder,
                   struct error *err)
{
    CLEANUP(trace) struct trace *trace = NULL;
    CLEANUP(free) char *out = fs_join(folder, "stdout"), *errors = fs_join(folder, "stderr");
    CLEANUP(buf) struct buf text = {0};
    struct process_options options = {
        .argv = argv, .directory = folder, .stop_fd = -1, .echo_fd = -1, .stdout_path = out, .stderr_path = errors};
    struct process_result result;
    if (traced && trace_new(&trace, TRACE_FILES, err) != 0)
        return -1;
    options.trace = trace;
    if (process_run(&result, &options, err) != 0)
        return -1;
    bool failed = result.exit_code != 0;
    process_result_free(&result);
    if (trace) {
        CLEANUP(trace_log) struct trace_log log = {0};
        trace_finish(&log, trace);
        *synchronous = trace_is_synchronous(trace);
        failed = failed || log.unresolved > 0 || log.calls < (uint64_t)strtol(argv->items[2], NULL, 10);
    }
    if (failed)
        return error_set(err, ERROR_MACHINE, "the run failed, or its trace is not whole");
    if (fs_read(&text, out, 0, err) != 0)
        return -1;
    *micros = strtod(buf_text(&text), NULL) * 1e6 / strtod(argv->items[2], NULL);
    return 0;
}

static int make_files(long count, const char *folder, struct error *err)
{
    char name[32];
    if (fs_mkdirs(folder, err) != 0)
        return -1;
    for (long i = 0; i < count; i++) {
        snprintf(name, sizeof name, "f%ld", i);
        CLEANUP(free) char *path = fs_join(folder, name);
        int fd = open(path, O_WRONLY | O_CREAT, 0644);
        if (fd < 0)
            return error_errno(err, "cannot make '%s'", path);
        close(fd);
    }
    return 0;
}

static int bench(const char *self, long count, const char *folder, struct error *err)
{
    double micros[4];
    bool synchronous = false;
    CLEANUP(free) char *one = fs_join(folder, "f0");
    if (make_files(count / 10, folder, err) != 0)
        return -1;
    for (int i = 0; i < 4; i++) {
        CLEANUP(strings) struct strings argv = {0};
        strings_add(&argv, self);
        strings_add(&argv, i < 2 ? "--one" : "--many");
        strings_printf(&argv, "%ld", i < 2 ? count : count / 10);
        strings_add(&argv, one);
        if (measure(&micros[i], &synchronous, i % 2 == 0, &argv, folder, err) != 0)
            return -1;
    }
    printf("%.2f %.2f %.2f %.2f %s\n", micros[0], micros[1], micros[2], micros[3], synchronous ? "yes" : "no");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4)
        return open_all(strtol(argv[2], NULL, 10), argv[3], strcmp(argv[1], "--many") == 0);
    long count = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *self = NULL;
    if (count < 10 || count / 10 > FILES_AT_MOST)
        return 2;
    int failed = fs_realpath(&self, "/proc/self/exe", &err);
    if (failed == 0)
        failed = bench(self, count, argv[2], &err);
    if (failed) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_trace: %s\n", text);
    }
    return failed ? 1 : 0;
}
