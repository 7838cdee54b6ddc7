// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// A file of torch's as it is, whether a zip or of old. Anything else is taken as the pickle in a zip that has two
// storages, of 24 and 48 bytes.
#include "walk.h"

struct zip_writer {
    uint8_t *bytes;
    size_t len;
    uint8_t directory[1024];
    size_t directory_len, count;
};

static void put_number(uint8_t *to, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

// A stored member. Its checksum is 0: nobody asks.
static void put_member(struct zip_writer *zip, const char *name, const uint8_t *bytes, size_t size)
{
    size_t name_len = strlen(name), at = zip->len;
    uint8_t *local = zip->bytes + at, *central = zip->directory + zip->directory_len;
    memset(local, 0, 30);
    memcpy(local, "PK\3\4", 4);
    put_number(local + 18, size, 4);
    put_number(local + 22, size, 4);
    put_number(local + 26, name_len, 2);
    memcpy(local + 30, name, name_len);
    memcpy(local + 30 + name_len, bytes, size);
    zip->len += 30 + name_len + size;
    memset(central, 0, 46);
    memcpy(central, "PK\1\2", 4);
    memcpy(central + 16, local + 14, 14); // checksum, sizes, length of the name
    put_number(central + 42, at, 4);
    memcpy(central + 46, name, name_len);
    zip->directory_len += 46 + name_len;
    zip->count++;
}

static void finish_zip(struct zip_writer *zip)
{
    uint8_t *end = zip->bytes + zip->len + zip->directory_len;
    memcpy(zip->bytes + zip->len, zip->directory, zip->directory_len);
    memset(end, 0, 22);
    memcpy(end, "PK\5\6", 4);
    put_number(end + 8, zip->count, 2);
    put_number(end + 10, zip->count, 2);
    put_number(end + 12, zip->directory_len, 4);
    put_number(end + 16, zip->len, 4);
    zip->len += zip->directory_len + 22;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t storage[48] = {1, 2, 3, 0x80, 0x3f, 0, 0, 0xc0, 0x7f, 9};
    bool whole = size > 3 && (memcmp(data, "PK", 2) == 0 || memcmp(data, "\x80\2\x8a\x0a", 4) == 0);
    if (whole || size > 1 << 20) {
        walk_file("m.pt", data, size);
        return 0;
    }
    CLEANUP(free) uint8_t *bytes = malloc(size + 4096);
    struct zip_writer zip = {.bytes = bytes};
    put_member(&zip, "m/data.pkl", size ? data : storage, size);
    put_member(&zip, "m/byteorder", (const uint8_t *)(size % 2 ? "little" : "big"), size % 2 ? 6 : 3);
    put_member(&zip, "m/data/0", storage, 24);
    put_member(&zip, "m/data/1", storage, 48);
    finish_zip(&zip);
    walk_file("m.pt", zip.bytes, zip.len);
    return 0;
}
