// SPDX-License-Identifier: Apache-2.0
#include "base/pool.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct pool {
    atomic_size_t next;
    size_t count;
    pool_job job;
    void *context;
};

static void *work(void *argument)
{
    struct pool *pool = argument;
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (index >= pool->count)
            return NULL;
        pool->job(index, pool->context);
    }
}

void pool_run(size_t threads, size_t count, pool_job job, void *context)
{
    static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGABRT};
    struct pool pool = {.count = count, .job = job, .context = context};
    if (threads == 0)
        threads = pool_cpus();
    if (threads > count)
        threads = count;
    size_t helpers = threads > 1 ? threads - 1 : 0; // the calling thread works, too
    CLEANUP(free) pthread_t *ids = helpers ? mem_array(helpers, sizeof *ids) : NULL;
    // Signals are for the thread that called: helpers are started with all of them blocked, but for those that a
    // thread's own fault raises. (A mapped file that somebody cuts short: blocked, SIGBUS kills without a word.)
    sigset_t all, before;
    sigfillset(&all);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        sigdelset(&all, faults[i]);
    if (helpers)
        pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 0;
    while (started < helpers && pthread_create(&ids[started], NULL, work, &pool) == 0)
        started++; // a thread that cannot be had leaves its jobs to the others
    if (helpers)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(&pool);
    for (size_t i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
}
