// SPDX-License-Identifier: Apache-2.0
//
// bench_open FILE ROUNDS: opens an artifact and lets go of it; prints the median in seconds, and how many values it
// has.
#include "artifact/contents.h"
#include "base/clock.h"

#include <stdio.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    CLEANUP(error) struct error err = {0};
    int rounds = argc == 3 ? atoi(argv[2]) : 0;
    if (rounds < 1)
        return 2;
    CLEANUP(free) double *times = mem_array((size_t)rounds, sizeof *times);
    size_t count = 0;
    for (int i = 0; i < rounds; i++) {
        CLEANUP(contents) struct contents *contents = NULL;
        double start = clock_seconds();
        if (contents_open(&contents, argv[1], &err) != 0) {
            char *text = error_text(&err);
            fprintf(stderr, "bench_open: %s\n", text);
            free(text);
            return 1;
        }
        times[i] = clock_seconds() - start;
        count = contents->count;
    }
    qsort(times, (size_t)rounds, sizeof *times, by_size);
    printf("%.6f %zu\n", times[rounds / 2], count);
    return 0;
}
