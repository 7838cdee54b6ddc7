// SPDX-License-Identifier: Apache-2.0
//
// One error contract for the whole harness. A fallible function returns 0 or −1 and takes a
// `struct error *` as its last parameter, which is never NULL. The error belongs to the caller, is set once where the
// fault is detected, and may get context put in front of it on the way up; it is never overwritten.
#ifndef REPRO_BASE_ERR_H
#define REPRO_BASE_ERR_H

#include <stddef.h>

// What went wrong decides the exit status of the whole command (see cli/main.c).
enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,   // bad command line or bad document: exit status 2
    ERROR_MACHINE, // the harness or the machine could not do it: exit status 3
    ERROR_STOPPED, // somebody pressed Ctrl-C: exit status 130
};

// One fault in a document. `file` is relative to the project where possible; `line` is 1-based, 0 when unknown.
struct problem {
    char *file;
    long line;
    char *text; // "metrics.tolerance.accuracy.abs: expected a number ≥ 0"
};

// All-zero is "no error". Holds either a message, or every problem of one document, or both.
struct error {
    enum error_kind kind;
    char *message;            // lower case, subject quoted, no full stop; NULL when there are only problems
    struct problem *problems; // in the order in which they were found
    size_t problem_count;
};

#define PRINTF_LIKE(text, args) __attribute__((format(printf, text, args)))

// Sets the error; always returns −1, so that `return error_set(…)` reads well. An error that is already set stays as it
// is: the first cause is the one to report.
int error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

// As error_set with `: strerror(errno)` appended; the kind is ERROR_MACHINE. errno stays as it is.
int error_errno(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

// Appends one problem of a document; the kind becomes ERROR_USAGE unless one is set already. `file` may be NULL. Always
// returns −1.
int error_problem(struct error *err, const char *file, long line, const char *format, ...) PRINTF_LIKE(4, 5);

// Puts "context: " in front of the message. Does nothing to an error that is not set, or that has problems only (they
// name their file themselves). Always returns −1.
int error_context(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

// The whole error as text, one fault a line without a newline at the end; control characters from names and documents
// are made visible, but for newlines and tabs. The caller frees it.
char *error_text(const struct error *err);

void error_free(struct error *err);

// For `CLEANUP(error) struct error err = {0};` (base/mem.h).
static inline void cleanup_error(struct error *err)
{
    error_free(err);
}

// The static analyzer sees one file at a time: here it learns what the first four return.
#ifdef __clang_analyzer__
#define error_set(...)     ((void)error_set(__VA_ARGS__), -1)
#define error_errno(...)   ((void)error_errno(__VA_ARGS__), -1)
#define error_problem(...) ((void)error_problem(__VA_ARGS__), -1)
#define error_context(...) ((void)error_context(__VA_ARGS__), -1)
#endif

#endif
