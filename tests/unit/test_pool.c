// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/pool.h"
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

enum { JOBS = 10000 };

struct record {
    int runs[JOBS];
    pthread_t caller;
    bool elsewhere[JOBS];
    bool open_to_signals[JOBS];
    bool open_to_faults[JOBS];
};

static void note(size_t index, void *context)
{
    struct record *record = context;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    record->runs[index]++;
    record->elsewhere[index] = !pthread_equal(record->caller, pthread_self());
    record->open_to_signals[index] = !sigismember(&blocked, SIGINT);
    record->open_to_faults[index] = !sigismember(&blocked, SIGBUS) && !sigismember(&blocked, SIGSEGV);
}

START_TEST(every_job_runs_once_whatever_the_number_of_threads)
{
    static const size_t threads[] = {0, 1, 2, 3, 8, 100};
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        struct record *record = calloc(1, sizeof *record);
        record->caller = pthread_self();
        pool_run(threads[t], JOBS, note, record);
        for (size_t i = 0; i < JOBS; i++)
            ck_assert_int_eq(record->runs[i], 1);
        free(record);
    }
}
END_TEST

START_TEST(one_thread_means_the_calling_one)
{
    struct record *record = calloc(1, sizeof *record);
    record->caller = pthread_self();
    pool_run(1, JOBS, note, record);
    pool_run(8, 1, note, record);
    for (size_t i = 0; i < JOBS; i++)
        ck_assert(!record->elsewhere[i]);
    free(record);
}
END_TEST

START_TEST(a_fault_of_a_thread_reaches_its_handler)
{
    struct record *record = calloc(1, sizeof *record);
    record->caller = pthread_self();
    pool_run(4, JOBS, note, record);
    for (size_t i = 0; i < JOBS; i++)
        ck_assert(record->open_to_faults[i]);
    free(record);
}
END_TEST

START_TEST(signals_are_left_to_the_calling_thread)
{
    struct record *record = calloc(1, sizeof *record);
    record->caller = pthread_self();
    pool_run(4, JOBS, note, record);
    for (size_t i = 0; i < JOBS; i++)
        ck_assert(record->open_to_signals[i] == !record->elsewhere[i]);
    free(record);
}
END_TEST

static void never(size_t index, void *context)
{
    (void)index;
    *(bool *)context = true;
}

START_TEST(no_jobs_are_no_work)
{
    bool called = false;
    pool_run(4, 0, never, &called);
    ck_assert(!called);
}
END_TEST

START_TEST(there_is_at_least_one_cpu)
{
    ck_assert_uint_ge(pool_cpus(), 1);
    ck_assert_uint_le(pool_cpus(), (size_t)sysconf(_SC_NPROCESSORS_CONF));
}
END_TEST

UNIT_MAIN("pool", every_job_runs_once_whatever_the_number_of_threads, one_thread_means_the_calling_one,
          signals_are_left_to_the_calling_thread, a_fault_of_a_thread_reaches_its_handler, no_jobs_are_no_work,
          there_is_at_least_one_cpu)
