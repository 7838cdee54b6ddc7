// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// A service goes on where a run ended: same place, same walls. As root and as a normal user.
#include "run/service.h"

#include "unit_run.h"

#include "base/buf.h"
#include "run/run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

struct trial {
    char *base, *root, *folder, *log, *set_home;
    const char *caller[3];
    struct suite suite;
    struct sandbox_ability ability;
    struct run_options options;
    struct run *run;
    struct error err;
};

// A run that wrote `model.txt`.
static void trial_new(struct trial *t, enum isolation isolation)
{
    *t = (struct trial){.base = unit_folder()};
    t->root = fs_join(t->base, "project");
    t->folder = fs_join(t->root, ".repro/runs/1");
    t->log = fs_join(t->base, "model.log");
    t->set_home = str_printf("HOME=%s", t->base);
    t->caller[0] = t->set_home;
    t->caller[1] = "PATH=/usr/local/bin:/usr/bin:/bin";
    put(t->root, "data.csv", "1,2\n");
    strings_add(&t->suite.train.command, "sh");
    strings_add(&t->suite.train.command, "-c");
    strings_add(&t->suite.train.command, "echo trained >model.txt; rm data.csv");
    t->suite.train.directory = (char *)".";
    t->suite.train.timeout = 30;
    ck_ok(sandbox_probe(&t->ability, t->base, &t->err), &t->err);
    t->options = (struct run_options){.suite = &t->suite,
                                      .root = t->root,
                                      .folder = t->folder,
                                      .isolation = isolation,
                                      .trace = TRACE_OFF,
                                      .stop_fd = -1,
                                      .echo_fd = -1,
                                      .ability = &t->ability,
                                      .caller_environ = (char *const *)t->caller};
    ck_ok(run_suite(&t->run, &t->options, &t->err), &t->err);
    ck_assert_int_eq(t->run->process.exit_code, 0);
}

static void trial_free(struct trial *t)
{
    run_free(t->run);
    sandbox_ability_free(&t->ability);
    strings_free(&t->suite.train.command);
    char *const texts[] = {t->root, t->folder, t->log, t->set_home};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    struct error err = {0};
    ck_ok(fs_remove_tree(t->base, &err), &err);
    free(t->base);
}

static struct service *start_on(struct trial *t, const char *script, const char *layer)
{
    CLEANUP(strings) struct strings argv = {0};
    struct service *service = NULL;
    strings_add(&argv, "sh");
    strings_add(&argv, "-c");
    strings_add(&argv, script);
    const struct service_options wanted = {
        .run = t->run, .options = &t->options, .argv = &argv, .pipes = true, .stderr_path = t->log, .layer = layer};
    ck_ok(service_start(&service, &wanted, &t->err), &t->err);
    return service;
}

static struct service *start(struct trial *t, const char *script)
{
    return start_on(t, script, NULL);
}

static void tell(struct service *service, const char *text)
{
    ck_assert_int_eq(write(service_stdin(service), text, strlen(text)), (ssize_t)strlen(text));
}

// One line that the service writes.
static const char *hear(struct service *service)
{
    static char line[256];
    size_t len = 0;
    while (len < sizeof line - 1) {
        struct pollfd ready = {.fd = service_stdout(service), .events = POLLIN};
        ck_assert_int_eq(poll(&ready, 1, 20000), 1);
        if (read(ready.fd, line + len, 1) != 1 || line[len] == '\n')
            break;
        len++;
    }
    line[len] = '\0';
    return line;
}

static struct service_end stop(struct service *service)
{
    struct service_end end = {0};
    service_stop(&end, service);
    return end;
}

static const enum isolation levels[] = {ISOLATION_AUTO, ISOLATION_NONE};

static void talk(enum isolation level)
{
    struct trial t;
    trial_new(&t, level);
    struct service *service = start(&t, "cat model.txt; ls; while read line; do echo \"heard $line\"; done");
    ck_assert_str_eq(hear(service), "trained");
    ck_assert_str_eq(hear(service), "model.txt"); // and nothing else: training removed data.csv
    tell(service, "one\n");
    ck_assert_str_eq(hear(service), "heard one");
    ck_assert(service_alive(service));
    struct service_end end = stop(service);
    ck_assert_int_eq(end.exit_code, 0); // it read to the end of its input
    free(end.stderr_tail);
    trial_free(&t);
}

START_TEST(a_service_is_talked_to_and_sees_what_training_left)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        talk(levels[i]);
}
END_TEST

START_TEST(what_one_service_writes_the_next_does_not_see)
{
    struct trial t;
    trial_new(&t, ISOLATION_AUTO);
    if (!workspace_lower(t.run->workspace)) { // a copy is written to: there is one of it
        trial_free(&t);
        return;
    }
    struct service *first = start(&t, "echo spoilt >model.txt; echo done; cat"),
                   *second = start(&t, "read go; cat model.txt");
    ck_assert_str_eq(hear(first), "done");
    tell(second, "go\n");
    ck_assert_str_eq(hear(second), "trained");
    free(stop(first).stderr_tail);
    free(stop(second).stderr_tail);
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(free) char *model = fs_join(workspace_outputs(t.run->workspace), "model.txt");
    ck_ok(fs_read(&text, model, 0, &t.err), &t.err);
    ck_assert_str_eq(buf_text(&text), "trained\n");
    trial_free(&t);
}
END_TEST

static void keep(enum isolation level)
{
    struct trial t;
    trial_new(&t, level);
    CLEANUP(free) char *layer = fs_join(t.folder, "layer"), *written = service_written(t.run, layer);
    CLEANUP(free) char *log = fs_join(written, "log/calls.txt");
    CLEANUP(buf) struct buf text = {0};
    struct service *first = start_on(&t, "mkdir log; echo one >>log/calls.txt; echo done; cat", layer);
    ck_assert_str_eq(hear(first), "done");
    ck_ok(fs_read(&text, log, 0, &t.err), &t.err); // while it runs
    ck_assert_str_eq(buf_text(&text), "one\n");
    free(stop(first).stderr_tail);
    struct service *second = start_on(&t, "echo two >>log/calls.txt; cat log/calls.txt; cat", layer);
    ck_assert_str_eq(hear(second), "one");
    ck_assert_str_eq(hear(second), "two");
    free(stop(second).stderr_tail);
    buf_clear(&text);
    ck_ok(fs_read(&text, log, 0, &t.err), &t.err);
    ck_assert_str_eq(buf_text(&text), "one\ntwo\n");
    ck_ok(fs_remove_tree(layer, &t.err), &t.err);
    trial_free(&t);
}

START_TEST(what_services_write_on_one_layer_stays_and_can_be_read)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        keep(levels[i]);
}
END_TEST

static void die(enum isolation level)
{
    struct trial t;
    trial_new(&t, level);
    struct service *service = start(&t, "read line; echo broken >&2; exit 7");
    ck_assert(!service_wait(service, 0.01));
    tell(service, "x\n");
    ck_assert(service_wait(service, 20));
    ck_assert(!service_alive(service));
    struct service_end end = stop(service);
    ck_assert_int_eq(end.exit_code, 7);
    ck_assert(!end.by_us);
    ck_assert_str_eq(end.stderr_tail, "broken");
    free(end.stderr_tail);
    trial_free(&t);
}

START_TEST(a_service_that_dies_is_known_with_its_last_words)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        die(levels[i]);
}
END_TEST

static void refuse_to_end(enum isolation level)
{
    struct trial t;
    trial_new(&t, level);
    struct service *service = start(&t, "trap '' TERM; sleep 1000 & echo up; while :; do sleep 1000; done");
    ck_assert_str_eq(hear(service), "up");
    uint64_t memory = 0;
    unsigned descriptors = 0;
    service_usage(&memory, &descriptors, service);
#ifndef REPRO_PORTABLE // POSIX does not tell
    ck_assert_uint_gt(memory, 0);
    ck_assert_uint_gt(descriptors, 0);
#endif
    struct service_end end = stop(service);
    ck_assert(end.by_us);
    free(end.stderr_tail);
    trial_free(&t);
}

START_TEST(one_that_does_not_listen_is_ended_with_its_children)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        refuse_to_end(levels[i]);
}
END_TEST

// A process of ours that watches over a sandbox is a copy of this one, with all that it holds.
static void occupy_little(enum isolation level)
{
    enum { OURS = 96 << 20 };
    CLEANUP(free) char *ours = mem_alloc(OURS);
    memset(ours, 1, OURS);
    struct trial t;
    trial_new(&t, level);
    struct service *service = start(&t, "echo up; exec sleep 1000");
    ck_assert_str_eq(hear(service), "up");
    uint64_t memory = 0;
    unsigned descriptors = 0;
    service_usage(&memory, &descriptors, service);
#ifndef REPRO_PORTABLE // POSIX does not tell
    ck_assert_uint_gt(memory, 0);
#endif
    ck_assert_uint_lt(memory, OURS);
    ck_assert_int_eq(ours[OURS / 2], 1);
    struct service_end end = stop(service);
    free(end.stderr_tail);
    trial_free(&t);
}

START_TEST(what_we_occupy_ourselves_is_not_the_services)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        occupy_little(levels[i]);
}
END_TEST

// CPU of the tree: of one that runs, and of a child of it that has ended.
static void work_hard(enum isolation level)
{
    struct trial t;
    trial_new(&t, level);
    struct service *service = start(&t, "sh -c 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done'; echo one; "
                                        "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo two; read line");
    ck_assert_str_eq(hear(service), "one");
    double first = service_cpu(service);
    ck_assert_str_eq(hear(service), "two");
    double second = service_cpu(service);
#ifdef REPRO_PORTABLE // POSIX does not tell
    ck_assert_double_lt(first, 0);
    ck_assert_double_lt(second, 0);
#else
    ck_assert_double_gt(first, 0.005);
    ck_assert_double_gt(second, first + 0.005);
    ck_assert_double_lt(second, 60);
#endif
    free(stop(service).stderr_tail);
    trial_free(&t);
}

START_TEST(its_use_of_the_cpu_is_known)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        work_hard(levels[i]);
}
END_TEST

static void miss(enum isolation level)
{
    struct trial t;
    trial_new(&t, level);
    CLEANUP(strings) struct strings argv = {0};
    struct service *service = NULL;
    strings_add(&argv, "no-such-program");
    const struct service_options wanted = {
        .run = t.run, .options = &t.options, .argv = &argv, .pipes = true, .stderr_path = t.log};
    ck_ok(service_start(&service, &wanted, &t.err), &t.err);
    ck_assert(service_wait(service, 20));
    struct service_end end = stop(service);
    ck_assert_int_eq(end.exit_code, 127);
    ck_assert_ptr_nonnull(strstr(end.stderr_tail, "cannot run 'no-such-program'"));
    free(end.stderr_tail);
    trial_free(&t);
}

START_TEST(a_command_that_is_not_there_ends_with_the_reason)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        miss(levels[i]);
}
END_TEST

static const char server[] = "exec python3 -c 'import socket\n"
                             "s = socket.socket()\n"
                             "s.bind((\"127.0.0.1\", 0)); s.listen(); print(s.getsockname()[1], flush=True)\n"
                             "c, _ = s.accept(); c.sendall(b\"hello\"); c.close()'";

static void connect_inside(enum isolation level)
{
    struct trial t;
    trial_new(&t, level);
    if (access("/usr/bin/python3", X_OK) != 0 || !t.run->loopback) {
        trial_free(&t);
        return;
    }
    struct service *service = start(&t, server);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(hear(service))),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CLEANUP(fd) int fd = -1;
    char text[6] = "";
    ck_ok(service_socket(&fd, service, AF_INET, &t.err), &t.err);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(recv(fd, text, 5, MSG_WAITALL), 5);
    ck_assert_str_eq(text, "hello");
    ck_assert(service_wait(service, 20));
    free(stop(service).stderr_tail);
    trial_free(&t);
}

START_TEST(a_socket_reaches_the_loopback_of_the_service)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        connect_inside(levels[i]);
}
END_TEST

UNIT_MAIN_AS_BOTH("service", a_service_is_talked_to_and_sees_what_training_left,
                  what_one_service_writes_the_next_does_not_see, what_services_write_on_one_layer_stays_and_can_be_read,
                  a_service_that_dies_is_known_with_its_last_words, one_that_does_not_listen_is_ended_with_its_children,
                  what_we_occupy_ourselves_is_not_the_services, its_use_of_the_cpu_is_known,
                  a_command_that_is_not_there_ends_with_the_reason, a_socket_reaches_the_loopback_of_the_service)
