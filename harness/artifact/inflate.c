// SPDX-License-Identifier: Apache-2.0
//
// The wrapper of zlib. Its counters are 32 bits wide, so that everything is handed over in pieces.
#include "artifact/inflate.h"

#include "artifact/contents.h"
#include "artifact/spool.h"

#include <string.h>
#include <zlib.h>

#define PIECE    ((size_t)1 << 30) // what fits zlib's counters
#define OUT_SIZE ((size_t)256 << 10)

struct inflater {
    z_stream stream;
    const unsigned char *bytes; // not handed over yet
    size_t len;
    bool several; // one stream may follow another
    bool ended;   // the last of them
};

static void begin(struct inflater *in, const struct artifact_file *packed, enum inflate_wrap wrap)
{
    static const int bits[] = {[INFLATE_RAW] = -15, [INFLATE_ZLIB] = 15, [INFLATE_GZIP] = 15 + 16};
    *in = (struct inflater){.bytes = packed->bytes, .len = packed->len, .several = wrap == INFLATE_GZIP};
    if (inflateInit2(&in->stream, bits[wrap]) != Z_OK)
        abort(); // no memory
}

// Whether another gzip stream begins where one ended; zlib's piece may end between the two bytes that say so.
static bool follows(const struct inflater *in)
{
    const z_stream *stream = &in->stream;
    if (stream->avail_in >= 2)
        return memcmp(stream->next_in, "\x1f\x8b", 2) == 0;
    if (stream->avail_in == 1)
        return stream->next_in[0] == 0x1f && in->len > 0 && in->bytes[0] == 0x8b;
    return in->len >= 2 && memcmp(in->bytes, "\x1f\x8b", 2) == 0;
}

// Fills up to `size` bytes of `out`; fewer only where the stream ends.
static int inflate_some(struct inflater *in, unsigned char *out, size_t size, size_t *got, struct error *err)
{
    z_stream *stream = &in->stream;
    stream->next_out = out;
    stream->avail_out = (uInt)size;
    while (stream->avail_out > 0 && !in->ended) {
        if (stream->avail_in == 0) {
            stream->next_in = (unsigned char *)in->bytes;
            stream->avail_in = (uInt)(in->len < PIECE ? in->len : PIECE);
            in->bytes += stream->avail_in;
            in->len -= stream->avail_in;
        }
        int status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_STREAM_END) {
            in->ended = !in->several || !follows(in);
            if (!in->ended)
                inflateReset(stream);
        } else if (status == Z_BUF_ERROR && stream->avail_in == 0 && in->len == 0) {
            return error_set(err, ERROR_USAGE, "its compressed bytes end too early");
        } else if (status != Z_OK) {
            return error_set(err, ERROR_USAGE, "its compressed bytes are damaged: %s",
                             stream->msg ? stream->msg : "they need a dictionary");
        }
    }
    *got = size - stream->avail_out;
    return 0;
}

static int fill(struct inflater *in, unsigned char *out, size_t size, uint32_t *crc, struct error *err)
{
    for (size_t at = 0, got; at < size; at += got) {
        if (inflate_some(in, out + at, size - at < PIECE ? size - at : PIECE, &got, err) != 0)
            return -1;
        if (got == 0)
            return error_set(err, ERROR_USAGE, "it decompresses to %zu bytes instead of %zu", at, size);
        *crc = (uint32_t)crc32_z(*crc, out + at, got);
    }
    unsigned char more;
    size_t got = 0;
    if (!in->ended && inflate_some(in, &more, 1, &got, err) != 0)
        return -1;
    if (got > 0)
        return error_set(err, ERROR_USAGE, "it decompresses to more than its %zu bytes", size);
    if (in->stream.avail_in + in->len > 0)
        return error_set(err, ERROR_USAGE, "its compressed bytes end early");
    return 0;
}

int inflate_exact(unsigned char *out, size_t size, const struct artifact_file *packed, uint32_t *crc, struct error *err)
{
    struct inflater in;
    begin(&in, packed, INFLATE_RAW);
    *crc = 0;
    int filled = fill(&in, out, size, crc, err);
    inflateEnd(&in.stream);
    return filled;
}

static int pump(struct spool *spool, struct inflater *in, struct error *err)
{
    CLEANUP(free) unsigned char *piece = mem_realloc(NULL, OUT_SIZE);
    for (size_t got = OUT_SIZE; !in->ended;) {
        if (inflate_some(in, piece, OUT_SIZE, &got, err) != 0 || spool_write(spool, piece, got, err) != 0)
            return -1;
    }
    return 0;
}

int inflate_stream(struct artifact_file *out, struct contents *contents, const struct artifact_file *packed,
                   enum inflate_wrap wrap, struct error *err)
{
    CLEANUP(spool) struct spool spool = {.fd = -1};
    struct inflater in;
    if (spool_begin(&spool, contents, packed->len, err) != 0)
        return -1;
    begin(&in, packed, wrap);
    int pumped = pump(&spool, &in, err);
    size_t left = in.stream.avail_in + in.len;
    inflateEnd(&in.stream);
    if (pumped != 0)
        return -1;
    if (left > 0)
        return error_set(err, ERROR_USAGE, "%zu bytes follow its compressed bytes", left);
    return spool_finish(out, &spool, err);
}

// ---- As it comes

struct inflate_pieces {
    z_stream stream;
    bool between; // no stream has begun, or one has ended
    bool ended;   // one has
};

struct inflate_pieces *inflate_pieces_new(void)
{
    struct inflate_pieces *pieces = mem_alloc(sizeof *pieces);
    pieces->between = true;
    if (inflateInit2(&pieces->stream, 15 + 16) != Z_OK)
        abort(); // no memory
    return pieces;
}

void inflate_pieces_free(struct inflate_pieces *pieces)
{
    if (!pieces)
        return;
    inflateEnd(&pieces->stream);
    free(pieces);
}

bool inflate_pieces_is_whole(const struct inflate_pieces *pieces)
{
    return pieces->between && pieces->ended;
}

int inflate_pieces_next(struct inflate_pieces *pieces, const unsigned char **packed, size_t *packed_len,
                        unsigned char *out, size_t size, size_t *got, struct error *err)
{
    z_stream *stream = &pieces->stream;
    size = size < PIECE ? size : PIECE;
    *got = 0;
    // What is left in zlib's own hands comes out without another byte.
    do {
        if (pieces->between && *packed_len == 0)
            return 0;
        if (pieces->between && pieces->ended && **packed != 0x1f)
            return error_set(err, ERROR_USAGE, "other bytes follow its compressed bytes");
        uInt given = (uInt)(*packed_len < PIECE ? *packed_len : PIECE);
        pieces->between = false;
        stream->next_in = (unsigned char *)(uintptr_t)*packed;
        stream->avail_in = given;
        stream->next_out = out;
        stream->avail_out = (uInt)size;
        int status = inflate(stream, Z_NO_FLUSH);
        *packed += given - stream->avail_in;
        *packed_len -= given - stream->avail_in;
        *got = size - stream->avail_out;
        if (status == Z_STREAM_END) {
            pieces->between = pieces->ended = true;
            inflateReset(stream);
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            return error_set(err, ERROR_USAGE, "its compressed bytes are damaged: %s",
                             stream->msg ? stream->msg : "they need a dictionary");
        }
    } while (*got == 0 && *packed_len > 0);
    return 0;
}
