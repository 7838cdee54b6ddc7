// SPDX-License-Identifier: Apache-2.0
//
// What a kind of client is made of, for the kinds themselves: client.c and settle.c have everything that they have in
// common (who killed the process, who is asked again), a kind knows how to ask.
#ifndef REPRO_SERVE_KIND_H
#define REPRO_SERVE_KIND_H

#include "serve/client.h"

struct client_kind;

struct client {
    const struct client_kind *kind;
    struct client_options options; // nothing in it is 0 or borrowed but the launcher
    struct client_ability ability;
    struct strings command;
    char *owned[4]; // protocol, ready, model, output_field
    struct served served;
    bool running;
    bool fresh;   // nothing has been asked since it was started
    bool careful; // it was out of step once: after each answer it is given a moment to say more
    unsigned starts;
    bool has_answered;    // any process, anything
    double slowest_start; // seconds until the first answer of a process, the longest so far; 0: none has
    char *noise;          // what it wrote before it was asked; NULL: nothing. Told once
    bool noise_told;
    void *state; // the kind's
};

enum loss {
    LOSS_NONE,
    LOSS_DIED,      // the process ended, or closed a stream that it needs
    LOSS_HUNG,      // no answer in time
    LOSS_TOO_LARGE, // an answer over the bound
    LOSS_START,     // it could not be started: asking.err says why
    LOSS_STEP,      // more answers than questions: which answer belongs to which question cannot be told
};
enum progress {
    PROGRESS_WAITING,
    PROGRESS_SENT,    // on its way (or partly), not answered
    PROGRESS_DONE,    // answered in this round
    PROGRESS_SETTLED, // before it
};

// One round of asking: those of questions[first..end) that wait are asked, in order, at most `width` at once. The kind
// marks what is on its way and what is done. When something goes wrong it says what and leaves; settle.c ends the
// process.
struct asking {
    const struct question *questions;
    struct reply *replies; // those that are not done are empty
    unsigned char *progress;
    size_t first, end;
    size_t width;
    double grace; // seconds that the process is given after each answer to say more, or to end
    enum loss loss;
    size_t blamed;     // index of the question that it happened to, as far as can be told; SIZE_MAX: none of these
    char *why;         // what happened, one line; owned
    struct error *err; // of LOSS_START
};
void asking_lost(struct asking *asking, enum loss loss, size_t blamed, const char *format, ...) PRINTF_LIKE(4, 5);
// The first that waits, from `index` on; `end` when there is none.
size_t asking_next(const struct asking *asking, size_t index);

enum readiness {
    READY,
    READY_NEVER, // the error is set
    READY_AGAIN, // the error is set; another start may go better (the port was taken)
};

struct protocol;
struct client_door {
    int port; // of 127.0.0.1, in the network of the process
    const char *path;
    const struct protocol *protocol;
};

struct client_kind {
    const char *name;
    size_t in_flight;
    bool one_process; // a process that stays; settle.c starts and ends it around `ask`
    bool in_order;    // answers have no names: one that is lost or too many moves all that follow
    bool pipes;
    // Checks the options and makes the state and the ability. ERROR_USAGE.
    int (*open)(struct client *client, struct error *err);
    void (*command)(struct strings *argv, struct client *client); // with the words filled in
    // After the process was started: waits until it is ready. May be NULL.
    enum readiness (*ready)(struct client *client, struct error *err);
    void (*ask)(struct client *client, struct asking *asking);
    void (*stopped)(struct client *client); // forgets what belongs to the process; may be NULL
    char *(*repeat)(const struct client *client, const struct question *question);
    void (*close)(struct client *client);
    // Where an api is asked, for who asks without `ask` (load_api.c). NULL: through the pipes.
    void (*door)(struct client_door *out, const struct client *client);
};
extern const struct client_kind kind_stream, kind_batch, kind_api;

int client_start(struct client *client, struct error *err);
// Seconds that a question may take. The first one of a process may take as long as it needs to start, for it may load
// the model only now: the very first start_timeout, later ones about what the slowest took.
double client_patience(const struct client *client, bool first);
void client_answered(struct client *client, bool first, double seconds); // …, and what it took
// Ends the process, if it runs. What is said of its end goes to *last (may be NULL).
void client_stop(struct served_end *last, struct client *client);
// "exited with status 3", "ended by signal 11 (SIGSEGV)". The caller frees.
char *client_ending(const struct served_end *end);
// `word` with each of the placeholders ("{port}") replaced. The caller frees.
char *client_fill(const char *word, const char *placeholder, const char *value);

#endif
