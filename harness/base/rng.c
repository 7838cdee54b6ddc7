// SPDX-License-Identifier: Apache-2.0
#include "base/rng.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

// The state advances by a linear congruence; `stream` is its (odd) increment. The output is the upper half of the
// state, folded by a shift and rotated by its topmost bits.
uint32_t rng_u32(struct rng *rng)
{
    uint64_t old = rng->state;
    rng->state = old * 6364136223846793005u + rng->stream;
    uint32_t folded = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return folded >> turn | folded << (-turn & 31);
}

void rng_seed(struct rng *rng, uint64_t seed)
{
    rng->state = 0;
    rng->stream = 54 << 1 | 1; // the sequence of the generator's published example, which the test checks against
    rng_u32(rng);
    rng->state += seed;
    rng_u32(rng);
}

uint32_t rng_below(struct rng *rng, uint32_t bound)
{
    assert(bound > 0);
    // The first 2^32 mod bound numbers would come up once too often.
    uint32_t unfair = -bound % bound;
    for (;;) {
        uint32_t drawn = rng_u32(rng);
        if (drawn >= unfair)
            return drawn % bound;
    }
}

double rng_unit(struct rng *rng)
{
    uint64_t high = rng_u32(rng) >> 5, low = rng_u32(rng) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

static void entropy(unsigned char *bytes, size_t len)
{
    if (getentropy(bytes, len) == 0)
        return;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, bytes, len) != (ssize_t)len)
        abort(); // no system that we run on is without either
    close(fd);
}

void rng_token(char *out, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[64];
    size_t at = 0, used = sizeof bytes;
    while (at + 1 < len) {
        if (used == sizeof bytes) {
            entropy(bytes, sizeof bytes);
            used = 0;
        }
        unsigned char byte = bytes[used++];
        if (byte < 252) // 7 × 36: every letter equally often
            out[at++] = letters[byte % 36];
    }
    if (len)
        out[at] = '\0';
}
