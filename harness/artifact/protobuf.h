// SPDX-License-Identifier: Apache-2.0
//
// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), field by field, in place.
//
//   tag: varint of (field number << 3 | wire type)
//   wire type 0: varint, 7 bits a byte, the lowest first, the highest bit set on all but the last
//             1: 8 bytes   5: 4 bytes, little-endian   2: varint length, so many bytes   3, 4: groups, refused
#ifndef REPRO_ARTIFACT_PROTOBUF_H
#define REPRO_ARTIFACT_PROTOBUF_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum protobuf_wire { PROTOBUF_VARINT = 0, PROTOBUF_64 = 1, PROTOBUF_BYTES = 2, PROTOBUF_32 = 5 };

struct protobuf_field {
    uint32_t number;
    enum protobuf_wire wire;
    uint64_t varint;            // of PROTOBUF_VARINT
    const unsigned char *bytes; // of the others: in the message
    size_t len;
    const unsigned char *tag; // where the field begins
};

// A message that is being read.
struct protobuf {
    const unsigned char *at, *end;
    const unsigned char *file; // where offsets in messages count from
};

// Reads the next field; *more is false at the end. Errors: "byte 17: …".
int protobuf_next(bool *more, struct protobuf_field *out, struct protobuf *message, struct error *err);
// One varint of a packed field.
int protobuf_varint(uint64_t *out, struct protobuf *packed, struct error *err);

#endif
