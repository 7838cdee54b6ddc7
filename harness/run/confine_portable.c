// SPDX-License-Identifier: Apache-2.0
//
// Where neither seccomp nor Landlock is known there is nothing to confine with, and nothing to free.
#include "run/confine.h"

void confine_free(struct confine *confine)
{
    (void)confine;
}
