// SPDX-License-Identifier: Apache-2.0
#include "engine/session.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/pool.h"
#include "base/rng.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TEMPORARY_SECONDS = 3600, RUNS_KEPT = 20, NOTE_AT_MOST = 128 };

// A cache that cannot be read is an empty one: it costs time, and nothing else.
static void *load_cache(void *context)
{
    struct session *session = context;
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(free) char *path = fs_join(session->project->root, ".repro/cache/stat");
    if (stat_cache_open(&session->cache, path, &ignored) < 0)
        session->cache = stat_cache_new(path);
    return NULL;
}

int session_open(struct session **out, const struct session_options *options, struct error *err)
{
    CLEANUP(session) struct session *session = mem_alloc(sizeof *session);
    session->options = *options;
    session->lock = -1;
    pthread_mutex_init(&session->hashing, NULL);
    if (project_open(&session->project, options->folder, err) < 0)
        return -1;
    // While the project's files are listed, another CPU reads what is known of them.
    session->loading = pthread_create(&session->loader, NULL, load_cache, session) == 0;
    if (!session->loading)
        load_cache(session);
    *out = steal(&session);
    return 0;
}

struct stat_cache *session_cache(struct session *session)
{
    if (session->loading)
        pthread_join(session->loader, NULL);
    session->loading = false;
    return session->cache;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    session_cache(session);
    if (session->cache && session->project && session->run_folder) {
        struct error ignored = {0}; // a cache that cannot be kept costs time only
        stat_cache_save(session->cache, &ignored);
        error_free(&ignored);
    }
    stat_cache_free(session->cache);
    pthread_mutex_destroy(&session->hashing);
    sandbox_ability_free(&session->ability);
    trace_ability_free(&session->trace_ability);
    project_free(session->project);
    if (session->lock >= 0)
        close(session->lock);
    free(session->run_folder);
    free(session);
}

// Names of runs begin with the time, so that byte order is order of age.
static void forget_old_runs(const char *runs)
{
    CLEANUP(strings) struct strings names = {0};
    DIR *folder = opendir(runs);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] != '.')
            strings_add(&names, entry->d_name);
    }
    closedir(folder);
    strings_sort(&names);
    for (size_t i = 0; i + RUNS_KEPT < names.count; i++) {
        CLEANUP(free) char *path = fs_join(runs, names.items[i]);
        CLEANUP(free) char *lock_path = fs_join(path, "lock");
        struct error ignored = {0};
        int lock = -1;
        // A run whose lock is held belongs to a repro that is still working.
        if (fs_lock(&lock, lock_path, 0, &ignored) == 0) {
            fs_remove_tree(path, &ignored);
            close(lock);
        }
        error_free(&ignored);
    }
}

static char *run_name(void)
{
    struct timespec now;
    struct tm utc;
    char stamp[32], token[7];
    clock_gettime(CLOCK_REALTIME, &now);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%S", gmtime_r(&now.tv_sec, &utc));
    rng_token(token, sizeof token);
    return str_printf("%s.%03ldZ-%s", stamp, now.tv_nsec / 1000000, token);
}

int session_prepare_runs(struct session *session, struct error *err)
{
    CLEANUP(free) char *runs = NULL;
    CLEANUP(free) char *cache = NULL;
    if (project_private(&runs, session->project->root, "runs", err) < 0 ||
        project_private(&cache, session->project->root, "cache", err) < 0 || fs_mkdirs(runs, err) < 0 ||
        fs_mkdirs(cache, err) < 0)
        return -1;
    forget_old_runs(runs);
    fs_remove_temporaries(cache, TEMPORARY_SECONDS);

    CLEANUP(free) char *name = run_name();
    CLEANUP(free) char *folder = fs_join(runs, name);
    if (fs_mkdirs(folder, err) < 0)
        return -1;
    session->run_folder = steal(&folder);
    CLEANUP(free) char *lock_path = fs_join(session->run_folder, "lock");
    if (fs_lock(&session->lock, lock_path, 5, err) < 0)
        return -1;
    if (session->options.trace != TRACE_OFF && trace_probe(&session->trace_ability, err) < 0)
        return -1;
    return sandbox_probe(&session->ability, session->run_folder, err);
}

void session_phase(const struct session *session, const char *suite, const char *phase, double expected)
{
    const struct observer *observer = &session->options.observer;
    if (observer->phase)
        observer->phase(observer->context, suite, phase, expected);
}

bool session_wants(const struct session *session, enum stage stage)
{
    return session->options.only == 0 || (session->options.only & (1u << stage)) != 0;
}

bool session_stopped(const struct session *session)
{
    struct pollfd watch = {.fd = session->options.stop_fd, .events = POLLIN};
    return session->options.stop_fd >= 0 && poll(&watch, 1, 0) > 0;
}

static char *note_path(const struct session *session, const char *what, const char *suite)
{
    return str_printf("%s/.repro/cache/%s-%s", session->project->root, what, suite);
}

void session_remember(const struct session *session, const char *what, const char *suite, const char *text)
{
    CLEANUP(free) char *path = note_path(session, what, suite);
    if (!text) {
        unlink(path);
        return;
    }
    // Not synced: losing a note harms nobody. A link or a pipe in its place, which a pull request could have brought,
    // is left alone.
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file) {
        fprintf(file, "%s\n", text);
        fclose(file);
    }
}

char *session_recall(const struct session *session, const char *what, const char *suite)
{
    CLEANUP(free) char *path = note_path(session, what, suite);
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(error) struct error ignored = {0};
    if (fs_read(&text, path, NOTE_AT_MOST, &ignored) < 0 || text.len < 2)
        return NULL;
    return str_ndup(text.data, text.len - 1);
}

int session_keep_result(const struct session *session, const struct result *result, struct error *err)
{
    if (!session->run_folder)
        return 0;
    CLEANUP(free) char *path = fs_join(session->run_folder, "result.json");
    CLEANUP(buf) struct buf text = {0};
    result_write(&text, result);
    return fs_write_atomic(path, text.data, text.len, err);
}

struct each {
    struct session *session;
    const struct strings *names;
    struct result **results;
    suite_job job;
    void *context;
    pthread_mutex_t lock;
    const char *failed; // the suite that did not pass; guarded by the lock
};

static const char *each_failed(struct each *each)
{
    pthread_mutex_lock(&each->lock);
    const char *failed = each->failed;
    pthread_mutex_unlock(&each->lock);
    return failed;
}

static void run_one(size_t index, void *context)
{
    struct each *each = context;
    const char *name = each->names->items[index];
    struct result *result = result_new(NULL);
    each->results[index] = result;
    const char *failed = each_failed(each);
    if (failed || session_stopped(each->session)) {
        struct check *check = result_add(result, name, STAGE_REPLAY, "replay", VERDICT_SKIP);
        if (failed)
            check_reason(check, "not run: '%s' did not pass, and --fail-fast was given", failed);
        else
            check_reason(check, "not run: stopped");
        return;
    }
    double start = clock_seconds();
    each->job(each->session, name, result, each->context);
    result_suite(result, name)->seconds = clock_seconds() - start;
    session_phase(each->session, name, NULL, 0);
    if (each->session->options.fail_fast && result_exit_status(result) != 0) {
        pthread_mutex_lock(&each->lock);
        if (!each->failed)
            each->failed = name;
        pthread_mutex_unlock(&each->lock);
    }
}

void session_each(struct session *session, const struct strings *names, struct result *result, suite_job job,
                  void *context)
{
    struct each each = {.session = session, .names = names, .job = job, .context = context};
    pthread_mutex_init(&each.lock, NULL);
    each.results = mem_array(names->count, sizeof *each.results);
    size_t jobs = session->options.jobs ? session->options.jobs : 1;
    repository_begin();
    pool_run(jobs, names->count, run_one, &each);
    repository_end();
    for (size_t i = 0; i < names->count; i++) {
        result_merge(result, each.results[i]);
        result_free(each.results[i]);
    }
    free(each.results);
    pthread_mutex_destroy(&each.lock);
}
