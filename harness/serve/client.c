// SPDX-License-Identifier: Apache-2.0
#include "serve/client.h"

#include "base/buf.h"
#include "serve/kind.h"
#include "serve/settle.h"

#include <signal.h>
#include <string.h>

static const struct client_kind *const kinds[] = {&kind_stream, &kind_batch, &kind_api};

// The first answer of a later process may take three times as long as the slowest first answer so far, and this.
#define SLOWER_START 0.5

// How often a server is started with another port when one was taken in the meantime.
enum { START_ATTEMPTS = 4 };

static const struct client_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_equal(kinds[i]->name, name))
            return kinds[i];
    return NULL;
}

static void own_options(struct client *client, const struct client_options *options)
{
    client->options = *options;
    struct client_options *own = &client->options;
    strings_copy(&client->command, options->command);
    own->command = &client->command;
    const char **texts[] = {&own->protocol, &own->ready, &own->model, &own->output_field};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = client->owned[i] = str_dup(*texts[i]);
    own->timeout = own->timeout > 0 ? own->timeout : 2;
    own->start_timeout = own->start_timeout > 0 ? own->start_timeout : 30;
    own->limit = own->limit ? own->limit : 4 << 20;
    own->in_flight = own->in_flight ? own->in_flight : client->kind->in_flight;
}

int client_open(struct client **out, const char *kind, const struct client_options *options, struct error *err)
{
    CLEANUP(client) struct client *client = mem_alloc(sizeof *client);
    client->served = (struct served){.in = -1, .out = -1};
    client->kind = find_kind(kind);
    if (!client->kind)
        return error_set(err, ERROR_USAGE, "unknown way of asking a model: '%s' (stream, batch, api)", kind);
    if (options->command->count == 0)
        return error_set(err, ERROR_USAGE, "the command of the model (%s) is empty", kind);
    own_options(client, options);
    if (client->kind->open(client, err) < 0 || (client->kind->one_process && client_start(client, err) < 0))
        return -1;
    *out = steal(&client);
    return 0;
}

void client_close(struct client *client)
{
    if (!client)
        return;
    client_stop(NULL, client);
    if (client->kind && client->state)
        client->kind->close(client);
    for (size_t i = 0; i < ARRAY_LEN(client->owned); i++)
        free(client->owned[i]);
    strings_free(&client->command);
    free(client->noise);
    free(client);
}

int client_start(struct client *client, struct error *err)
{
    const struct launcher *launcher = client->options.launcher;
    for (int attempt = 1;; attempt++) {
        CLEANUP(strings) struct strings argv = {0};
        client->kind->command(&argv, client);
        if (launcher->start(&client->served, launcher->context, &argv, client->kind->pipes, err) < 0)
            return -1;
        client->running = client->fresh = true;
        client->starts++;
        enum readiness ready = client->kind->ready ? client->kind->ready(client, err) : READY;
        if (ready == READY)
            return 0;
        client_stop(NULL, client);
        if (ready == READY_NEVER || attempt == START_ATTEMPTS)
            return -1;
        error_free(err);
    }
}

void client_stop(struct served_end *last, struct client *client)
{
    if (!client->running)
        return;
    struct served_end end = {0};
    const struct launcher *launcher = client->options.launcher;
    if (client->kind->stopped)
        client->kind->stopped(client);
    launcher->stop(&end, launcher->context, &client->served);
    client->served = (struct served){.in = -1, .out = -1};
    client->running = false;
    if (last)
        *last = end;
    else
        free(end.stderr_tail);
}

double client_patience(const struct client *client, bool first)
{
    const struct client_options *options = &client->options;
    if (!client->fresh || !first)
        return options->timeout;
    if (!client->has_answered)
        return options->start_timeout > options->timeout ? options->start_timeout : options->timeout;
    return options->timeout + SLOWER_START + 3 * client->slowest_start;
}

void client_answered(struct client *client, bool first, double seconds)
{
    client->has_answered = true;
    if (client->fresh && first && seconds > client->slowest_start)
        client->slowest_start = seconds;
}

int client_restart(struct client *client, struct error *err)
{
    if (!client->kind->one_process || (client->running && client->fresh))
        return 0;
    client_stop(NULL, client);
    return client_start(client, err);
}

char *client_ending(const struct served_end *end)
{
    if (end->signal == 0)
        return str_printf("exited with status %d", end->exit_code);
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGKILL, "SIGKILL"}, {SIGTERM, "SIGTERM"},
                 {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},   {SIGBUS, "SIGBUS"},   {SIGPIPE, "SIGPIPE"}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].number == end->signal)
            return str_printf("ended by signal %d (%s)", end->signal, names[i].name);
    return str_printf("ended by signal %d", end->signal);
}

char *client_fill(const char *word, const char *placeholder, const char *value)
{
    CLEANUP(buf) struct buf filled = {0};
    for (const char *found; (found = strstr(word, placeholder)); word = found + strlen(placeholder)) {
        buf_append(&filled, word, (size_t)(found - word));
        buf_puts(&filled, value);
    }
    buf_puts(&filled, word);
    return buf_take(&filled);
}

int client_ask(struct client *client, const struct question *questions, struct reply *replies, size_t count,
               struct error *err)
{
    if (count == 0)
        return 0;
    memset(replies, 0, count * sizeof *replies);
    return settle_ask(client, questions, replies, count, err);
}

void client_usage(uint64_t *memory, unsigned *descriptors, struct client *client)
{
    *memory = 0;
    *descriptors = 0;
    const struct launcher *launcher = client->options.launcher;
    if (client->running)
        launcher->usage(memory, descriptors, launcher->context, &client->served);
}

double client_cpu(struct client *client)
{
    const struct launcher *launcher = client->options.launcher;
    return client->running && launcher->cpu ? launcher->cpu(launcher->context, &client->served) : -1;
}

unsigned client_starts(const struct client *client)
{
    return client->starts;
}

const struct client_ability *client_ability(const struct client *client)
{
    return &client->ability;
}

char *client_repeat(const struct client *client, const struct question *question)
{
    return client->kind->repeat(client, question);
}
