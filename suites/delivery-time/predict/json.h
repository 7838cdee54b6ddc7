// SPDX-License-Identifier: Apache-2.0
//
// A scanner of JSON as RFC 8259 has it, and nothing else: no NaN, no comments, no '+1'. It takes one token after the
// other from a text with a NUL behind it; blanks in front of a token are skipped.
#ifndef DELIVERY_JSON_H
#define DELIVERY_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json {
    const char *at, *end;
};

char json_peek(struct json *json); // the next byte that is not blank; NUL at the end
bool json_take(struct json *json, char wanted);
bool json_word(struct json *json, const char *word); // null, true, false
// Decodes as much as fits, with a NUL behind it; *len is the length of the whole. False for what is no string. Bytes
// that are not UTF-8 are kept: no name that is known has any.
bool json_string(struct json *json, char *out, size_t size, size_t *len);
bool json_number(struct json *json, double *out); // ±Infinity where a double ends
bool json_at_end(struct json *json);

#endif
