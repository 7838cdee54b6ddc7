// SPDX-License-Identifier: Apache-2.0
//
// One way to ask a model, however it is served. A kind of client is one file and one row of the table.
//
//   stream  JSON lines through one process that stays alive, pipelined. A question of several rows is several lines
//   batch   a command that reads a file and writes one, a process for each question. What its command calls the files
//           says how they are written: {input} and {output} are CSV with a header (paths that end in .csv),
//           {input:jsonl} and {output:jsonl} JSON lines. An exit status with a message on stderr refuses the question;
//           a traceback is a crash
//   api     HTTP: a protocol (mlflow, oip, tfserving, json) over libcurl's multi interface, to a server that we start:
//   the
//           {port} in its command is a free one of 127.0.0.1
//
// A model is hostile: what it writes is bounded in size and time, and is never believed before it is checked.
#ifndef REPRO_SERVE_CLIENT_H
#define REPRO_SERVE_CLIENT_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/row.h"
#include "serve/launcher.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What is asked: rows, or bytes that are sent as they are.
struct question {
    struct rows rows;
    const char *raw; // a line (stream), a file (batch), a body (api); NULL: the rows are encoded
    size_t raw_len;
    const char *content_type; // api; NULL: the protocol's
    const char *header;       // api: one more, "X-Request-Id: a1"; NULL
    // Encodings that mean the same; each client knows which it can do.
    enum question_style {
        STYLE_PLAIN,
        STYLE_SPLIT,  // mlflow: dataframe_split, where plain is dataframe_records
        STYLE_INPUTS, // mlflow: inputs; tfserving: inputs
        STYLE_CSV,    // mlflow: text/csv
    } style;
};

// What one row was answered with.
enum answer_kind {
    ANSWER_NUMBER,   // `number`: NaN and ±Infinity too
    ANSWER_TEXT,     // `text`: a class
    ANSWER_BOOL,     // `number` is 0 or 1
    ANSWER_NULL,     // null
    ANSWER_LIST,     // `numbers`: probabilities, a vector
    ANSWER_REJECTED, // {"error": …} for this row: `text` is the message
    ANSWER_OTHER,    // something that is none of these: `text` is how it begins
};
struct answer {
    enum answer_kind kind;
    double number;
    const char *text; // borrowed from the reply's arena
    size_t len;
    const double *numbers;
    size_t number_count;
};

enum reply_kind {
    REPLY_ANSWERED,   // `answers`, one for each row that was answered
    REPLY_REJECTED,   // the whole question was refused: 4xx, {"error": …} for each row, an exit status with a message
    REPLY_FAILED,     // 5xx
    REPLY_UNREADABLE, // what came back is not what the protocol says: no JSON, too many lines, a greeting on stdout
    REPLY_CRASHED,    // the process ended, or closed a stream that it needs
    REPLY_HUNG,       // no answer in time; the process was ended
    REPLY_TOO_LARGE,  // over the bound; the rest was not read
    REPLY_NONE,       // could not be asked: the process does not start, the port is taken
};
const char *reply_kind_name(enum reply_kind kind);
struct reply {
    enum reply_kind kind;
    int status;             // HTTP's, or the exit status; negative: the signal
    struct answer *answers; // also of a question that was rejected row by row, or is unreadable in part
    size_t count;
    char *text;        // the bytes that came back, the first 64 KiB of them (NUL-terminated)
    size_t len;        // how many came in all
    char *why;         // one line: what was wrong; NULL when answered
    char *stderr_tail; // of a process that crashed or hung; else NULL
    double seconds;    // from the moment it was sent; in a stream, from its turn: what stood before it is not counted
    void *storage;     // what the answers point into
};
void reply_free(struct reply *reply);

struct client_options {
    const struct launcher *launcher;
    const struct strings *command; // argv, with {input}, {output}, {port} where they belong
    const char *protocol;          // api: "mlflow", "oip", "tfserving", "json"
    const char *ready;             // api: path that answers 2xx when the server is ready, "{model}" in it replaced by
                                   // its name; NULL: the protocol's
    const char *model;             // api: name of the model in the URL; NULL: "model"
    const char *output_field;      // core/schema.h: output.field; NULL
    double timeout;                // seconds for one question; 0: 2 s. In batch, start_timeout is added
    double start_timeout;          // until it is ready, or (stream) has answered for the first time; 0: 30 s
    size_t limit;                  // bytes of one reply; 0: 4 MiB
    size_t in_flight;              // questions on their way at once; 0: the kind's own
};

struct client;

// `kind` is "stream", "batch" or "api". Starts the process; for an api, waits until it is ready. An error
// (ERROR_USAGE for what the suite got wrong or the model does, ERROR_MACHINE for what the machine cannot do) says what
// the process wrote.
int client_open(struct client **out, const char *kind, const struct client_options *options, struct error *err);
void client_close(struct client *client);
static inline void cleanup_client(struct client **slot)
{
    client_close(*slot);
}

// Asks `count` questions and gives as many replies, in order; as many as the kind can are on their way at once. A
// process that dies or hangs is ended and started again for those that follow, and it is found out exactly which
// question did it: those that were on their way with it are asked again, alone where needed. −1 only when the model
// cannot be started any more (each reply is REPLY_NONE from there on).
int client_ask(struct client *client, const struct question *questions, struct reply *replies, size_t count,
               struct error *err);
// A fresh process: nothing that was asked before can have left a trace.
int client_restart(struct client *client, struct error *err);
void client_usage(uint64_t *memory, unsigned *descriptors, struct client *client);
// Seconds of CPU that its process has used since it was started; negative where that cannot be told.
double client_cpu(struct client *client);
unsigned client_starts(const struct client *client); // how often the process was started

// What this kind can be asked: whether something makes sense for it is decided here, not in each mutation.
struct buf;
struct client_ability {
    bool many_rows;     // a question may have more than one row
    bool no_rows;       // and none
    bool json;          // cells are JSON: null, types, nesting, absent keys
    bool csv;           // cells are text
    bool raw;           // raw bytes can be sent
    bool http;          // content types, status
    bool alive;         // one process answers many questions
    bool named_columns; // columns have names that can be renamed, shuffled, repeated
    unsigned styles;    // bits 1u << STYLE_…
    // The body that asks this question (what `raw` would have to be to send the same), appended. For mutations that
    // damage a good body: cut, with a byte-order mark, …. NULL: the rows as JSON lines, or as CSV where it is not json.
    void (*encode)(struct buf *body, const void *context, const struct question *question);
    const void *context;
};
const struct client_ability *client_ability(const struct client *client);

// A shell command that sends the question again, for people: printf … | COMMAND, or curl … to the port $PORT, which
// they start the server on. The caller frees.
char *client_repeat(const struct client *client, const struct question *question);

struct arena;
// The writer of rows, which is on the hot path: a row as a JSON object, appended without allocation beyond the buffer.
// Texts are escaped as little as JSON allows; bytes that are not UTF-8 go out as they are.
void row_write_json(struct buf *out, const struct rows *rows, size_t row);
void row_write_csv(struct buf *out, const struct rows *rows, size_t row); // with its line end
void row_write_csv_header(struct buf *out, const struct rows *rows);
void cell_write_json(struct buf *out, const struct cell *cell); // the value alone; null for one that is absent
void cell_write_csv(struct buf *out, const struct cell *cell);
// Works out once what the writers need for cells that are written often (core/row.h: `text` of numbers, `plain`).
// The tokens go to the arena.
void row_prepare(struct cell *cells, size_t count, struct arena *arena);
// The reader of one answer (a JSON value) for one row. Gives ANSWER_OTHER for what is not one. Texts and lists go to
// the arena.
void answer_read(struct answer *out, const char *text, size_t len, const char *field, struct arena *arena);

#endif
