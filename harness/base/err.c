// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

// The names of the four that always return −1 stand in parentheses because the analyzer gets macros of these names.

static char *format_text(const char *format, va_list args) PRINTF_LIKE(1, 0);
static char *format_text(const char *format, va_list args)
{
    struct buf text = {0};
    buf_vprintf(&text, format, args);
    return buf_take(&text);
}

int(error_set)(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (err->kind != ERROR_NONE)
        return -1;
    err->kind = kind;
    va_list args;
    va_start(args, format);
    err->message = format_text(format, args);
    va_end(args);
    return -1;
}

int(error_errno)(struct error *err, const char *format, ...)
{
    int code = errno;
    if (err->kind != ERROR_NONE)
        return -1;
    err->kind = ERROR_MACHINE;
    va_list args;
    va_start(args, format);
    CLEANUP(free) char *text = format_text(format, args);
    va_end(args);
    char reason[256];
    // glibc's form may return a text of its own instead of filling the buffer; the POSIX form always fills it.
#ifdef __GLIBC__
    const char *why = strerror_r(code, reason, sizeof reason);
#else
    const char *why = strerror_r(code, reason, sizeof reason) == 0 ? reason : "unknown error";
#endif
    err->message = str_printf("%s: %s", text, why);
    errno = code;
    return -1;
}

int(error_problem)(struct error *err, const char *file, long line, const char *format, ...)
{
    if (err->kind == ERROR_NONE)
        err->kind = ERROR_USAGE;
    // Doubles whenever the count is a power of two, so that no capacity needs a place in the contract.
    size_t count = err->problem_count;
    if ((count & (count - 1)) == 0) {
        size_t capacity = count ? count * 2 : 1;
        size_t bytes;
        if (__builtin_mul_overflow(capacity, sizeof *err->problems, &bytes))
            abort();
        err->problems = mem_realloc(err->problems, bytes);
    }
    va_list args;
    va_start(args, format);
    err->problems[count] = (struct problem){.file = str_dup(file), .line = line, .text = format_text(format, args)};
    va_end(args);
    err->problem_count++;
    return -1;
}

int(error_context)(struct error *err, const char *format, ...)
{
    if (!err->message)
        return -1;
    va_list args;
    va_start(args, format);
    CLEANUP(free) char *context = format_text(format, args);
    va_end(args);
    CLEANUP(free) char *old = steal(&err->message);
    err->message = str_printf("%s: %s", context, old);
    return -1;
}

char *error_text(const struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    if (err->message)
        buf_visible(&text, err->message, strlen(err->message), "\n\t");
    for (size_t i = 0; i < err->problem_count; i++) {
        const struct problem *problem = &err->problems[i];
        if (text.len)
            buf_putc(&text, '\n');
        if (problem->file) {
            buf_visible(&text, problem->file, strlen(problem->file), "");
            if (problem->line > 0)
                buf_printf(&text, ":%ld", problem->line);
            buf_puts(&text, ": ");
        }
        buf_visible(&text, problem->text, strlen(problem->text), "\n\t");
    }
    return buf_take(&text);
}

void error_free(struct error *err)
{
    free(err->message);
    for (size_t i = 0; i < err->problem_count; i++) {
        free(err->problems[i].file);
        free(err->problems[i].text);
    }
    free(err->problems);
    *err = (struct error){0};
}
