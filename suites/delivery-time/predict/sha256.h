// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4).
#ifndef DELIVERY_SHA256_H
#define DELIVERY_SHA256_H

#include <stddef.h>

void sha256_hex(char out[65], const void *bytes, size_t len);

#endif
