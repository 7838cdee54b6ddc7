// SPDX-License-Identifier: Apache-2.0
#include "serve/reply.h"

#include "base/buf.h"

#include <string.h>

enum { KEPT = 64 << 10, QUOTED = 80 };

const char *reply_kind_name(enum reply_kind kind)
{
    static const char *const names[] = {
        [REPLY_ANSWERED] = "answered",     [REPLY_REJECTED] = "rejected", [REPLY_FAILED] = "failed",
        [REPLY_UNREADABLE] = "unreadable", [REPLY_CRASHED] = "crashed",   [REPLY_HUNG] = "hung",
        [REPLY_TOO_LARGE] = "too large",   [REPLY_NONE] = "not asked",
    };
    return names[kind];
}

void reply_free(struct reply *reply)
{
    struct arena *arena = reply->storage;
    if (arena)
        arena_free(arena);
    free(arena);
    free(reply->answers);
    free(reply->text);
    free(reply->why);
    free(reply->stderr_tail);
    *reply = (struct reply){0};
}

void reply_clear(struct reply *reply)
{
    reply_free(reply);
}

struct arena *reply_arena(struct reply *reply)
{
    if (!reply->storage)
        reply->storage = mem_alloc(sizeof(struct arena));
    return reply->storage;
}

struct answer *reply_add(struct reply *reply)
{
    // Grown whenever the count is a power of two; most replies have one answer.
    if ((reply->count & (reply->count - 1)) == 0) {
        size_t room = reply->count ? reply->count * 2 : 1, size;
        if (__builtin_mul_overflow(room, sizeof *reply->answers, &size))
            abort();
        reply->answers = mem_realloc(reply->answers, size);
    }
    struct answer *answer = &reply->answers[reply->count++];
    *answer = (struct answer){0};
    return answer;
}

void reply_came(struct reply *reply, const char *bytes, size_t len)
{
    size_t room = reply->len < KEPT ? KEPT - reply->len : 0;
    size_t kept = len < room ? len : room;
    if (kept > 0 || !reply->text) {
        reply->text = mem_realloc(reply->text, reply->len + kept + 1);
        if (kept > 0)
            memcpy(reply->text + reply->len, bytes, kept);
        reply->text[reply->len + kept] = '\0';
    }
    reply->len += len;
}

void reply_set(struct reply *reply, enum reply_kind kind, const char *format, ...)
{
    CLEANUP(buf) struct buf why = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&why, format, args);
    va_end(args);
    free(reply->why);
    reply->why = buf_take(&why);
    reply->kind = kind;
}

void reply_judge(struct reply *reply)
{
    size_t refused = 0;
    for (size_t i = 0; i < reply->count; i++)
        refused += reply->answers[i].kind == ANSWER_REJECTED;
    if (reply->count == 0 || refused < reply->count) {
        reply->kind = REPLY_ANSWERED;
        return;
    }
    CLEANUP(free) char *message = str_visible(reply->answers[0].text, reply->answers[0].len);
    reply_set(reply, REPLY_REJECTED, "%s", *message ? message : "an error without a message");
}

char *reply_quote(const char *bytes, size_t len)
{
    // Not in the middle of a character.
    size_t kept = len < QUOTED ? len : QUOTED;
    while (kept < len && kept > QUOTED - 4 && ((unsigned char)bytes[kept] & 0xc0) == 0x80)
        kept--;
    CLEANUP(free) char *visible = str_visible(bytes, kept);
    return str_printf("'%s%s'", visible, kept < len ? "…" : "");
}
