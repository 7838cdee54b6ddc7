// SPDX-License-Identifier: Apache-2.0
//
// Strings, lists of strings, globs, and the quantities that people write ("10m", "2GiB").
#ifndef REPRO_BASE_STR_H
#define REPRO_BASE_STR_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

char *str_dup(const char *text); // NULL gives NULL
char *str_ndup(const char *text, size_t len);
char *str_printf(const char *format, ...) PRINTF_LIKE(1, 2);
bool str_equal(const char *a, const char *b); // NULL equals only NULL
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

// True for well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). `bad` (may be NULL) gets the offset
// of the first byte that is not.
bool str_is_utf8(const char *text, size_t len, size_t *bad);
// The first character of `text`: its size in bytes, and its code in *code. 0 when it is not well-formed or `len` is 0.
size_t str_utf8_next(const char *text, size_t len, uint32_t *code);
// Writes a character below 2^21 (a half of a surrogate pair as if it were one), 1 to 4 bytes. Returns where it ends.
char *str_utf8_put(char *to, uint32_t code);

int str_hex_digit(char c); // 0 to 15; −1: none
// The number that the first four characters are, as in \uXXXX. −1 where they are no hexadecimal digits, or fewer.
int32_t str_hex4(const char *text, size_t len);

// True for characters that a terminal or a browser would obey instead of showing: controls, direction overrides, …
bool str_is_hidden(uint32_t code);
// For one line on a terminal: hidden characters and invalid UTF-8 as `\n`, `\t`, `\r`, `\x1b`, `\u202e`. A backslash
// stays as it is. The caller frees. buf_visible (base/buf.h) can keep newlines.
char *str_visible(const char *text, size_t len);

// Matches a path against a glob: `*` and `?` stay within one folder, `**` crosses folders, `[a-z]` and `[!a]` work,
// a pattern ending in `/` matches everything below that folder. `**/` at the start of a component also matches no
// folder at all (`src/**/a.c` matches `src/a.c`). A leading dot is not special. No pattern is an error; an unclosed `[`
// is literal.
bool str_glob(const char *pattern, const char *path);
bool str_is_glob(const char *pattern); // has one of * ? [

// The candidate closest to `word` by edit distance (two swapped letters are one mistake, ASCII case none), or NULL when
// none is near enough to be worth offering: at most one mistake for every three letters.
const char *str_nearest(const char *word, const char *const *candidates, size_t count);

// "250ms", "2s", "10m", "1h30m", "7d", "1.5s" → seconds. −1 on anything else (negative, empty, no or unknown unit).
int str_duration(double *seconds, const char *text);
// "512", "64KiB", "50MB", "2GiB" → bytes. −1 on anything else or on overflow.
int str_size(uint64_t *bytes, const char *text);
// For people: "1.2 s", "340 ms", "2 min 5 s"; "1.5 MiB". The caller frees.
char *str_human_duration(double seconds);
char *str_human_size(uint64_t bytes);

// The shortest text that reads back as the same double, always with '.'; "NaN", "Infinity", "-Infinity" for the others.
// Plain from 0.0001 to below 1e16 (integers up to 2^53 exactly), else with an exponent: "1e16", "1.5e-7". `out` has
// room for 32 bytes.
void str_double(char out[32], double value);
// Reads a decimal number, always with '.'; all of the text must be one. −1 for anything else (spaces, "nan", "0x1").
// A number too large for a double gives ±infinity, one too small ±0.
int str_read_double(double *out, const char *text, size_t len);

// "1 file", "3 files", "3 entries". The caller frees.
char *str_count(size_t count, const char *noun);

// Text for one word of a POSIX shell command, quoted only where needed. The caller frees.
char *str_shell_quote(const char *word);

// Owning list of strings. All-zero is empty.
struct strings {
    char **items;
    size_t count;
    size_t capacity;
};

void strings_add(struct strings *list, const char *text); // copies
void strings_take(struct strings *list, char *text);      // takes ownership
void strings_printf(struct strings *list, const char *format, ...) PRINTF_LIKE(2, 3);
// "3 files left out": str_count of the noun, and what is said of them. Nothing where there is none.
void strings_count(struct strings *list, uint64_t count, const char *noun, const char *what);
bool strings_has(const struct strings *list, const char *text);
bool strings_has_sorted(const struct strings *sorted, const char *text);
void strings_sort(struct strings *list);                               // byte order
void strings_unique(struct strings *list);                             // of a sorted list
void strings_copy(struct strings *to, const struct strings *from);     // appends
char *strings_join(const struct strings *list, const char *separator); // the caller frees
char *strings_shell(const struct strings *argv);                       // quoted as one would type it; the caller frees
void strings_free(struct strings *list);

DEFINE_CLEANUP_VALUE(strings)

// Owning list of name → value, kept in the order in which the names came. All-zero is empty.
struct pair {
    char *name;
    char *value;
};
struct pairs {
    struct pair *items;
    size_t count;
    size_t capacity;
};

void pairs_set(struct pairs *list, const char *name, const char *value); // replaces an equal name
// As pairs_set, but a name that has another value keeps all, sorted, each once: "1.0, 1.1".
void pairs_add(struct pairs *list, const char *name, const char *value);
const char *pairs_get(const struct pairs *list, const char *name); // borrowed; NULL when absent
void pairs_sort(struct pairs *list);                               // by name, byte order
void pairs_copy(struct pairs *to, const struct pairs *from);       // appends or replaces
void pairs_free(struct pairs *list);

DEFINE_CLEANUP_VALUE(pairs)

#endif
