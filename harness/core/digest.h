// SPDX-License-Identifier: Apache-2.0
//
// SHA-256. Written as 64 lower-case hexadecimal digits. (store/digest.h computes them.)
#ifndef REPRO_CORE_DIGEST_H
#define REPRO_CORE_DIGEST_H

#include <stdbool.h>

struct digest {
    unsigned char bytes[32];
};
bool digest_equal(const struct digest *a, const struct digest *b);
void digest_hex(char out[65], const struct digest *digest);
int digest_from_hex(struct digest *out, const char *hex); // −1 unless exactly 64 of [0-9a-f]

#endif
