// SPDX-License-Identifier: Apache-2.0
//
// bench_tensors compare|summarise DTYPE FILE [FILE]: two raw files as tensors of one dimension, mapped, on all CPUs.
// Prints the statistics, and how much memory was resident besides the maps.
#include "base/err.h"
#include "base/mem.h"
#include "compare/tensors.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int map(struct tensor *tensor, enum dtype dtype, const char *path)
{
    struct stat st;
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    const void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return -1;
    *tensor = (struct tensor){.dtype = dtype, .rank = 1, .shape = {(uint64_t)st.st_size / dtype_size(dtype)}};
    CLEANUP(error) struct error err = {0};
    return tensor_set_contiguous(tensor, data, (uint64_t)st.st_size, &err);
}

// The most memory that was resident, without the maps (all of which are, by now).
static long besides_kib(void)
{
    CLEANUP(free) char *line = NULL;
    size_t size = 0;
    long most = 0, file_kib = 0, shared_kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && getline(&line, &size, file) > 0) {
        sscanf(line, "VmHWM: %ld", &most);
        sscanf(line, "RssFile: %ld", &file_kib);
        sscanf(line, "RssShmem: %ld", &shared_kib);
    }
    if (file)
        fclose(file);
    return most - file_kib - shared_kib;
}

static enum dtype dtype_of(const char *name)
{
    for (enum dtype dtype = 0; dtype < DTYPE_BLOCK; dtype++) {
        if (!strcmp(dtype_name(dtype), name))
            return dtype;
    }
    return DTYPE_BLOCK;
}

int main(int argc, char **argv)
{
    struct tensor golden, now;
    enum dtype dtype = argc >= 4 ? dtype_of(argv[2]) : DTYPE_BLOCK;
    if (dtype == DTYPE_BLOCK || map(&golden, dtype, argv[3]) < 0)
        return 2;
    if (!strcmp(argv[1], "summarise")) {
        struct tensor_summary s;
        tensor_summarise(&s, &golden, 0);
        printf("min %.17g max %.17g mean %.17g l2 %.17g\n", s.min, s.max, s.mean, s.l2);
    } else if (argc > 4 && map(&now, dtype, argv[4]) == 0) {
        struct tensor_difference d;
        tensor_compare(&d, &golden, &now, &(struct tensor_rule){0}, 0);
        CLEANUP(free) char *text = tensor_describe(&d, &golden);
        printf("%s\nmean %.17g cosine %.17g relative %.17g\n", text, d.mean_ulp, d.cosine, d.max_rel);
    } else {
        return 2;
    }
    printf("besides %ld KiB\n", besides_kib());
    return 0;
}
