// SPDX-License-Identifier: Apache-2.0
//
// The stage `limits`: wall and CPU time, memory and price of training, size of every artifact. Only what suite.json
// limits is checked. What it measures of the model that is asked stands in stage_limits_model.c.
#include "engine/stage_limits.h"

#include "engine/limit.h"

static void check_wall(struct verification *v)
{
    double limit = v->suite->limits.train_wall, wall = v->replay->run->process.wall;
    if (limit <= 0)
        return;
    CLEANUP(free) char *took = str_human_duration(wall);
    CLEANUP(free) char *allowed = str_human_duration(limit);
    struct check *check =
        verification_check(v, STAGE_LIMITS, "train.wall", wall <= limit ? VERDICT_PASS : VERDICT_FAIL);
    check_reason(check, "training took %s of the %s allowed", took, allowed);
}

static void check_cpu(struct verification *v)
{
    double limit = v->suite->limits.train_cpu, cpu = v->replay->run->process.cpu;
    if (limit <= 0)
        return;
    CLEANUP(free) char *used = str_human_duration(cpu);
    CLEANUP(free) char *allowed = str_human_duration(limit);
    struct check *check = verification_check(v, STAGE_LIMITS, "train.cpu", cpu <= limit ? VERDICT_PASS : VERDICT_FAIL);
    check_reason(check, "training used %s of CPU time of the %s allowed (its processes together)", used, allowed);
}

// One training: there is no interval.
static void check_price(struct verification *v)
{
    const struct limit_rules *rules = &v->suite->predict;
    const struct process_result *process = &v->replay->run->process;
    if (rules->price.training <= 0)
        return;
    double price = process->cpu / 3600 * rules->price.cpu_hour +
                   (double)process->peak_memory / 1e9 * process->wall / 3600 * rules->price.gb_hour;
    CLEANUP(free) char *cpu = str_human_duration(process->cpu);
    CLEANUP(free) char *memory = str_human_size(process->peak_memory);
    CLEANUP(free) char *wall = str_human_duration(process->wall);
    CLEANUP(free)
    char *how = str_printf("%s for one training, %s of CPU time and %s of memory for %s",
                           rules->price.currency ? rules->price.currency : "money", cpu, memory, wall);
    const struct limit limit = {.name = "price.training",
                                .what = "price",
                                .value = price,
                                .low = price,
                                .high = price,
                                .allowed = rules->price.training,
                                .show = limit_number,
                                .how = how};
    limit_check(v, &limit);
}

static void check_memory(struct verification *v)
{
    uint64_t limit = v->suite->limits.train_memory, peak = v->replay->run->process.peak_memory;
    if (limit == 0)
        return;
    CLEANUP(free) char *used = str_human_size(peak);
    CLEANUP(free) char *allowed = str_human_size(limit);
    CLEANUP(free) char *interval = str_human_duration(v->replay->run->process.memory_interval);
    struct check *check =
        verification_check(v, STAGE_LIMITS, "train.memory", peak <= limit ? VERDICT_PASS : VERDICT_FAIL);
    check_reason(check, "training used %s of the %s allowed (its processes together, sampled every %s)", used, allowed,
                 interval);
}

static void check_artifact_sizes(struct verification *v)
{
    uint64_t limit = v->suite->limits.artifact;
    const struct file_list *artifacts = &v->replay->manifest->artifacts;
    if (limit == 0)
        return;
    CLEANUP(free) char *allowed = str_human_size(limit);
    for (size_t i = 0; i < artifacts->count; i++) {
        const struct file_entry *file = &artifacts->items[i];
        if (!replay_is_artifact(v->suite, file->path))
            continue;
        CLEANUP(free) char *size = str_human_size(file->size);
        CLEANUP(free) char *name = str_printf("size of %s", file->path);
        struct check *check =
            verification_check(v, STAGE_LIMITS, name, file->size <= limit ? VERDICT_PASS : VERDICT_FAIL);
        check_reason(check, "%s of the %s allowed", size, allowed);
    }
}

void stage_limits(struct verification *v)
{
    check_wall(v);
    check_cpu(v);
    check_memory(v);
    check_price(v);
    check_artifact_sizes(v);
    limits_of_model(v);
}
