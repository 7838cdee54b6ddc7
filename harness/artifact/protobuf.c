// SPDX-License-Identifier: Apache-2.0
#include "artifact/protobuf.h"

static int fail(const struct protobuf *message, const char *what, struct error *err)
{
    return error_set(err, ERROR_USAGE, "byte %zu: %s", (size_t)(message->at - message->file), what);
}

int protobuf_varint(uint64_t *out, struct protobuf *packed, struct error *err)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (packed->at == packed->end)
            return fail(packed, "a message ends within a number", err);
        unsigned char byte = *packed->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return 0;
        }
    }
    return fail(packed, "a number of more than 10 bytes", err);
}

int protobuf_next(bool *more, struct protobuf_field *out, struct protobuf *message, struct error *err)
{
    *more = message->at < message->end;
    if (!*more)
        return 0;
    out->tag = message->at;
    uint64_t tag, len;
    if (protobuf_varint(&tag, message, err) < 0)
        return -1;
    if (tag >> 3 == 0 || tag >> 3 > 536870911)
        return fail(message, "a field without a valid number", err);
    out->number = (uint32_t)(tag >> 3);
    out->wire = (enum protobuf_wire)(tag & 7);
    switch (tag & 7) {
    case PROTOBUF_VARINT:
        return protobuf_varint(&out->varint, message, err);
    case PROTOBUF_64:
        len = 8;
        break;
    case PROTOBUF_32:
        len = 4;
        break;
    case PROTOBUF_BYTES:
        if (protobuf_varint(&len, message, err) < 0)
            return -1;
        break;
    default:
        return fail(message, "a field of an unknown wire type", err);
    }
    if (len > (uint64_t)(message->end - message->at))
        return fail(message, "a field is longer than what holds it", err);
    out->bytes = message->at;
    out->len = (size_t)len;
    message->at += len;
    return 0;
}
