// SPDX-License-Identifier: Apache-2.0
#include "cli/live.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <pthread.h>
#include <time.h>

enum { REDRAWN_EVERY_MS = 100 };

struct task {
    char *suite;
    char *phase;
    double since, expected;
};

struct live {
    struct term term;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ending;
    struct task *tasks; // those under way
    size_t count, capacity;
};

static void redraw(struct live *live)
{
    CLEANUP(buf) struct buf line = {0};
    double now = clock_seconds();
    for (size_t i = 0; i < live->count; i++) {
        const struct task *task = &live->tasks[i];
        buf_printf(&line, "%s%s: %s %.1f s", i > 0 ? "  |  " : "", task->suite, task->phase, now - task->since);
        if (task->expected > 0)
            buf_printf(&line, " of about %.1f s", task->expected);
    }
    if (live->count > 0)
        term_live(&live->term, buf_text(&line));
    else
        term_clear(&live->term);
}

static void *draw(void *context)
{
    struct live *live = context;
    pthread_mutex_lock(&live->lock);
    while (!live->ending) {
        redraw(live);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += REDRAWN_EVERY_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&live->wake, &live->lock, &until);
    }
    term_clear(&live->term);
    pthread_mutex_unlock(&live->lock);
    return NULL;
}

static void live_destroy(struct live *live)
{
    pthread_cond_destroy(&live->wake);
    pthread_mutex_destroy(&live->lock);
    free(live);
}

struct live *live_start(bool echo, enum term_color color)
{
    struct live *live = mem_alloc(sizeof *live);
    term_init(&live->term, stderr, color);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (!echo && live->term.redraw && pthread_create(&live->thread, NULL, draw, live) == 0)
        return live;
    live_destroy(live);
    return NULL;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    live->ending = true;
    pthread_cond_signal(&live->wake);
    pthread_mutex_unlock(&live->lock);
    pthread_join(live->thread, NULL);
    for (size_t i = 0; i < live->count; i++) {
        free(live->tasks[i].suite);
        free(live->tasks[i].phase);
    }
    free(live->tasks);
    live_destroy(live);
}

static void forget(struct live *live, size_t index)
{
    free(live->tasks[index].suite);
    free(live->tasks[index].phase);
    live->tasks[index] = live->tasks[--live->count];
}

static void on_phase(void *context, const char *suite, const char *phase, double expected)
{
    struct live *live = context;
    pthread_mutex_lock(&live->lock);
    for (size_t i = live->count; i-- > 0;) {
        if (str_equal(live->tasks[i].suite, suite))
            forget(live, i);
    }
    if (phase) {
        live->tasks = mem_grow(live->tasks, live->count, &live->capacity, sizeof *live->tasks);
        live->tasks[live->count++] = (struct task){str_dup(suite), str_dup(phase), clock_seconds(), expected};
    }
    pthread_cond_signal(&live->wake);
    pthread_mutex_unlock(&live->lock);
}

struct observer live_observer(struct live *live)
{
    return (struct observer){on_phase, live};
}
