// SPDX-License-Identifier: Apache-2.0
//
// What servers of models want to be sent, and what they answer. A protocol is one file and one row of the table in
// protocol.c. The formats are those of MLflow's scoring server, the Open Inference Protocol (KServe v2),
// TensorFlow Serving's REST interface, and plain JSON.
#ifndef REPRO_SERVE_PROTOCOL_H
#define REPRO_SERVE_PROTOCOL_H

#include "base/piece.h"
#include "serve/client.h"

struct protocol {
    const char *name;
    const char *ready; // paths; "{model}" is replaced by the model's name
    const char *path;
    const char *content_type;
    bool no_rows;                                                      // a question without rows can be written
    unsigned styles;                                                   // bits 1u << STYLE_…
    bool (*encode)(struct buf *body, const struct question *question); // true: as text/csv
    // Reads the body of a 2xx: answers, or reply_set(REPLY_UNREADABLE, …). `field` may be NULL.
    void (*read)(struct reply *reply, const struct piece *body, const struct question *question, const char *field);
    // Corrects what the status says: servers mislead. `body` is NULL when it is not JSON. May be NULL.
    enum reply_kind (*kind)(enum reply_kind kind, const struct piece *body);
};
extern const struct protocol protocol_mlflow, protocol_oip, protocol_tfserving, protocol_json;

const struct protocol *protocol_find(const char *name); // NULL when there is none
char *protocol_names(void);                             // "mlflow, oip, …"; the caller frees

// The body of a question, and its content type (static, or the question's).
void protocol_encode(struct buf *body, const char **content_type, const struct protocol *protocol,
                     const struct question *question);
// Fills in a reply from what came back.
struct protocol_response {
    int status;
    const char *body;
    size_t len;
};
void protocol_read(struct reply *reply, const struct protocol *protocol, const struct protocol_response *response,
                   const struct question *question, const char *field);

// For the protocols themselves.
void protocol_put_text(struct buf *body, const char *text); // as a string of JSON, whatever the bytes are
void protocol_put_row(struct buf *body, const struct rows *rows, size_t row);       // [1, "a", null]
void protocol_put_column(struct buf *body, const struct rows *rows, size_t column); // likewise
void protocol_put_records(struct buf *body, const struct rows *rows);               // [{…}, {…}]
void protocol_put_columns(struct buf *body, const struct rows *rows);               // {"a": […], "b": […]}
// One answer for each item of the array; with `unwrap`, one that is a list of one is what stands in it.
void protocol_each(struct reply *reply, const struct piece *array, const char *field, bool unwrap);
// The member that holds the answers: the one of that name, else the only one. False when there is no telling.
bool protocol_member(struct piece *out, const struct piece *object, const char *field);

#endif
