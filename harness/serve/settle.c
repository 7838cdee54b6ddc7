// SPDX-License-Identifier: Apache-2.0
#include "serve/settle.h"

#include "base/buf.h"
#include "serve/kind.h"
#include "serve/reply.h"

#include <stdarg.h>
#include <stdint.h>

// A process that has answered is given so long to say more or to end, where that matters: at most this, and at most
// half a second for all questions of a call together.
#define GRACE     0.05
#define GRACE_ALL 0.5

// A model none of whose processes has ever answered anything is given up after so many starts: those that end cost
// less time than those that hang.
enum { BARREN_ENDING = 4, BARREN_HANGING = 2 };

// How a process was lost, and what is known of its end.
struct lost {
    enum loss loss;
    size_t blamed;
    char *why;
    struct served_end last;
};

static void lost_free(struct lost *lost)
{
    free(lost->why);
    free(lost->last.stderr_tail);
    *lost = (struct lost){0};
}
DEFINE_CLEANUP_VALUE(lost)

void asking_lost(struct asking *asking, enum loss loss, size_t blamed, const char *format, ...)
{
    CLEANUP(buf) struct buf why = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&why, format, args);
    va_end(args);
    free(asking->why);
    asking->why = buf_take(&why);
    asking->loss = loss;
    asking->blamed = blamed;
}

size_t asking_next(const struct asking *asking, size_t index)
{
    while (index < asking->end && asking->progress[index] != PROGRESS_WAITING)
        index++;
    return index;
}

// One round; when it is lost, the process is ended and *lost says how. True when nothing was lost.
static bool ask_round(struct client *client, struct asking *asking, struct lost *lost)
{
    asking->loss = LOSS_NONE;
    client->kind->ask(client, asking);
    client->fresh = false;
    if (asking->loss == LOSS_NONE)
        return true;
    *lost = (struct lost){.loss = asking->loss, .blamed = asking->blamed, .why = steal(&asking->why)};
    client_stop(&lost->last, client);
    if (lost->loss == LOSS_DIED && !lost->last.by_us) {
        CLEANUP(free) char *ending = client_ending(&lost->last);
        bool answered = lost->blamed < asking->end && asking->progress[lost->blamed] == PROGRESS_DONE;
        free(lost->why);
        lost->why = str_printf("%s %s", ending, answered ? "after it had answered" : "before it answered");
    }
    return false;
}

static void blame(struct asking *asking, size_t index, struct lost *lost, bool alone)
{
    static const enum reply_kind kinds[] = {[LOSS_DIED] = REPLY_CRASHED,
                                            [LOSS_HUNG] = REPLY_HUNG,
                                            [LOSS_TOO_LARGE] = REPLY_TOO_LARGE,
                                            [LOSS_STEP] = REPLY_UNREADABLE};
    struct reply *reply = &asking->replies[index];
    reply_set(reply, kinds[lost->loss], "%s%s", lost->why,
              alone ? "" : "; it did not happen again when each was asked alone");
    if (!lost->last.by_us)
        reply->status = lost->last.signal ? -lost->last.signal : lost->last.exit_code;
    if (lost->loss == LOSS_DIED || lost->loss == LOSS_HUNG) {
        free(reply->stderr_tail);
        reply->stderr_tail = steal(&lost->last.stderr_tail);
    }
    asking->progress[index] = PROGRESS_SETTLED;
}

static int ensure_started(struct client *client, struct error *err)
{
    return client->kind->one_process && !client->running ? client_start(client, err) : 0;
}

// Asks one question with nothing beside it; blames it when the process is lost to it. 1 then, 0 when it was answered,
// −1 when the process could not be started.
static int ask_alone(struct client *client, const struct asking *all, size_t index, bool fresh, struct error *err)
{
    if (fresh ? client_restart(client, err) < 0 : ensure_started(client, err) < 0)
        return -1;
    struct asking one = *all;
    one.first = index;
    one.end = index + 1;
    one.width = 1;
    one.why = NULL;
    reply_clear(&one.replies[index]);
    one.progress[index] = PROGRESS_WAITING;
    CLEANUP(lost) struct lost lost = {0};
    if (ask_round(client, &one, &lost)) {
        one.progress[index] = PROGRESS_SETTLED;
        return 0;
    }
    blame(&one, index, &lost, true);
    return 1;
}

// Whether nothing but the question that it happened to can have done it.
static bool is_certain(const struct client *client, const struct asking *asking, const struct lost *lost)
{
    size_t sent = 0, done = 0;
    for (size_t i = asking->first; i < asking->end; i++) {
        sent += asking->progress[i] == PROGRESS_SENT;
        done += asking->progress[i] == PROGRESS_DONE;
    }
    bool answered = asking->progress[lost->blamed] == PROGRESS_DONE;
    if (client->kind->in_order)
        return answered ? sent == 0 && (done == 1 || asking->width == 1) : sent == 1 && (done == 0 || client->careful);
    return !answered && sent == 1;
}

// Asks again, one by one, what the lost process was asked. *found: one of them was to blame.
static int ask_each(struct client *client, struct asking *asking, bool *found, struct error *err)
{
    size_t number = 0;
    for (size_t i = asking->first; i < asking->end; i++) {
        bool again =
            asking->progress[i] == PROGRESS_SENT || (client->kind->in_order && asking->progress[i] == PROGRESS_DONE);
        if (again) {
            asking->progress[i] = PROGRESS_SENT;
            number++;
        }
    }
    bool told = client->noise_told;
    asking->grace = GRACE_ALL / (double)(number ? number : 1);
    asking->grace = asking->grace < GRACE ? asking->grace : GRACE;
    for (size_t i = asking->first; i < asking->end; i++) {
        if (asking->progress[i] != PROGRESS_SENT)
            continue;
        int asked = ask_alone(client, asking, i, false, err);
        if (asked < 0)
            return -1;
        // A greeting that looked like an answer has been told of one of them.
        *found |= asked == 1 || client->noise_told != told;
    }
    return 0;
}

static void put_back(struct asking *asking)
{
    for (size_t i = asking->first; i < asking->end; i++) {
        if (asking->progress[i] == PROGRESS_SENT) {
            reply_clear(&asking->replies[i]);
            asking->progress[i] = PROGRESS_WAITING;
        }
    }
}

static int settle(struct client *client, struct asking *asking, struct lost *lost, struct error *err)
{
    client->careful |= lost->loss == LOSS_STEP || lost->blamed == SIZE_MAX;
    if (lost->blamed == SIZE_MAX) { // it was lost before it was asked any of these
        put_back(asking);
        return 0;
    }
    if (is_certain(client, asking, lost)) {
        blame(asking, lost->blamed, lost, true);
        return 0;
    }
    bool found = false;
    if (lost->loss != LOSS_STEP && asking->progress[lost->blamed] == PROGRESS_SENT) {
        int asked = ask_alone(client, asking, lost->blamed, true, err);
        if (asked < 0)
            return -1;
        if (asked == 1) {
            put_back(asking);
            return 0;
        }
    }
    if (ask_each(client, asking, &found, err) < 0)
        return -1;
    if (!found)
        blame(asking, lost->blamed, lost, false);
    return 0;
}

static int give_up(struct asking *asking, struct error *err)
{
    CLEANUP(free) char *text = error_text(err);
    for (size_t i = asking->first; i < asking->end; i++) {
        if (asking->progress[i] >= PROGRESS_DONE)
            continue;
        reply_clear(&asking->replies[i]);
        reply_set(&asking->replies[i], REPLY_NONE, "%s", text);
    }
    return -1;
}

// A model that ends or hangs whatever it is asked is not worth a start for each question.
static int check_barren(const struct client *client, const struct asking *asking, struct error *err)
{
    if (client->has_answered || !client->kind->one_process)
        return 0;
    for (size_t i = asking->end; i-- > 0;) {
        const struct reply *reply = &asking->replies[i];
        if (asking->progress[i] != PROGRESS_SETTLED ||
            client->starts < (reply->kind == REPLY_HUNG ? BARREN_HANGING : BARREN_ENDING))
            continue;
        const char *tail = reply->stderr_tail ? reply->stderr_tail : "";
        return error_set(err, ERROR_USAGE, "the model has answered nothing in %u starts: %s%s%s", client->starts,
                         reply->why, *tail ? "; it wrote:\n" : "", tail);
    }
    return 0;
}

int settle_ask(struct client *client, const struct question *questions, struct reply *replies, size_t count,
               struct error *err)
{
    CLEANUP(free) unsigned char *progress = mem_alloc(count);
    struct asking asking = {.questions = questions, .replies = replies, .progress = progress, .end = count, .err = err};
    for (;;) {
        for (size_t i = asking.first; i < count; i++)
            if (progress[i] == PROGRESS_DONE)
                progress[i] = PROGRESS_SETTLED;
        asking.first = asking_next(&asking, asking.first);
        if (asking.first == count)
            return 0;
        if (check_barren(client, &asking, err) < 0 || ensure_started(client, err) < 0)
            return give_up(&asking, err);
        asking.width = client->careful ? 1 : client->options.in_flight;
        asking.grace = client->careful ? GRACE : 0;
        if (client->careful && GRACE_ALL / (double)count < GRACE)
            asking.grace = GRACE_ALL / (double)count;
        CLEANUP(lost) struct lost lost = {0};
        if (ask_round(client, &asking, &lost))
            continue;
        if (lost.loss == LOSS_START || settle(client, &asking, &lost, err) < 0)
            return give_up(&asking, err);
    }
}
