// SPDX-License-Identifier: Apache-2.0
//
// How the kinds of client fill in a reply.
#ifndef REPRO_SERVE_REPLY_H
#define REPRO_SERVE_REPLY_H

#include "base/arena.h"
#include "serve/client.h"

struct arena *reply_arena(struct reply *reply); // made on first use; freed with the reply
struct answer *reply_add(struct reply *reply);  // one more answer, zeroed; valid until the next one
// What came back; of several pieces, the first 64 KiB of all together are kept.
void reply_came(struct reply *reply, const char *bytes, size_t len);
// Says what was wrong; takes the place of what was said before.
void reply_set(struct reply *reply, enum reply_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
// The kind that the answers make: ANSWERED, or REJECTED when there are some and each of them refuses its row.
void reply_judge(struct reply *reply);
// Forgets everything, for the question is asked again.
void reply_clear(struct reply *reply);
// How bytes begin, visible and in quotes, for messages. The caller frees.
char *reply_quote(const char *bytes, size_t len);

#endif
