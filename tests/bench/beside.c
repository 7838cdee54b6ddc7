// SPDX-License-Identifier: Apache-2.0
//
// Times two commands side by side: beside ROUNDS COMMAND-A... -- COMMAND-B...
// Each round runs A, then B, so that a noisy machine is noisy for both. Prints the medians in seconds: "A B".
// Output of the commands goes to /dev/null; a command that fails ends it with status 1.
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double run(char **argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    double start = now();
    pid_t pid;
    int status = 0;
    if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) < 0 ||
        status != 0) {
        fprintf(stderr, "beside: '%s' failed (status %d)\n", argv[0], status);
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    return now() - start;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 0, split = 2;
    while (split < argc && strcmp(argv[split], "--") != 0)
        split++;
    if (rounds < 1 || split >= argc - 1 || split == 2) {
        fprintf(stderr, "usage: beside ROUNDS COMMAND-A... -- COMMAND-B...\n");
        return 2;
    }
    argv[split] = NULL;
    double *a = calloc((size_t)rounds, sizeof *a), *b = calloc((size_t)rounds, sizeof *b);
    if (!a || !b)
        return 3;
    for (int i = 0; i < rounds; i++) {
        a[i] = run(argv + 2);
        b[i] = run(argv + split + 1);
    }
    qsort(a, (size_t)rounds, sizeof *a, by_size);
    qsort(b, (size_t)rounds, sizeof *b, by_size);
    printf("%.6f %.6f\n", a[rounds / 2], b[rounds / 2]);
    free(a);
    free(b);
    return 0;
}
