// SPDX-License-Identifier: Apache-2.0
#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool refuse(struct fault *fault, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
    return false;
}

bool refuse_at(struct fault *fault, long line)
{
    struct fault inner = *fault;
    return refuse(fault, "line %ld: %.360s", line, inner.text);
}
