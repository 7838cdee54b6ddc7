// SPDX-License-Identifier: Apache-2.0
//
// Socket addresses as people read them.
#ifndef REPRO_RUN_TRACE_ADDRESS_H
#define REPRO_RUN_TRACE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { TRACE_ADDRESS_SIZE = 80 };

// "93.184.216.34 port 443". False when it does not lead out of the machine: loopback, the wildcard (connecting to it
// reaches this machine, binding to it reaches nobody), Unix sockets and the kernel's own families.
bool trace_address_leaves(const void *address, size_t len, char out[TRACE_ADDRESS_SIZE]);

#endif
