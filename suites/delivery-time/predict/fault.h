// SPDX-License-Identifier: Apache-2.0
//
// Why something is refused, in one line. Nothing of what was sent is repeated in it: messages end up in logs.
#ifndef DELIVERY_FAULT_H
#define DELIVERY_FAULT_H

#include <stdbool.h>

struct fault {
    char text[400];
};

// Sets the text, and returns false, to be returned.
bool refuse(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Puts "line 3: " in front of it. Returns false.
bool refuse_at(struct fault *fault, long line);

#endif
