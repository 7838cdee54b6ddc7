// SPDX-License-Identifier: Apache-2.0
#include "run/trace_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool leaves_v4(struct in_addr address, in_port_t port, char out[TRACE_ADDRESS_SIZE])
{
    uint32_t number = ntohl(address.s_addr);
    char text[INET_ADDRSTRLEN];
    if (number >> 24 == 127 || number == INADDR_ANY)
        return false;
    inet_ntop(AF_INET, &address, text, sizeof text);
    snprintf(out, TRACE_ADDRESS_SIZE, "%s port %u", text, (unsigned)ntohs(port));
    return true;
}

static bool leaves_v6(const struct in6_addr *address, in_port_t port, char out[TRACE_ADDRESS_SIZE])
{
    char text[INET6_ADDRSTRLEN];
    if (IN6_IS_ADDR_V4MAPPED(address)) {
        struct in_addr inner;
        memcpy(&inner, address->s6_addr + 12, sizeof inner);
        return leaves_v4(inner, port, out);
    }
    if (IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address))
        return false;
    inet_ntop(AF_INET6, address, text, sizeof text);
    snprintf(out, TRACE_ADDRESS_SIZE, "%s port %u", text, (unsigned)ntohs(port));
    return true;
}

bool trace_address_leaves(const void *address, size_t len, char out[TRACE_ADDRESS_SIZE])
{
    sa_family_t family;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6 = {0};
    if (len < sizeof family)
        return false;
    memcpy(&family, address, sizeof family);
    switch (family) {
    case AF_INET:
        if (len < sizeof v4)
            return false; // the kernel refuses it
        memcpy(&v4, address, sizeof v4);
        return leaves_v4(v4.sin_addr, v4.sin_port, out);
    case AF_INET6:
        if (len < offsetof(struct sockaddr_in6, sin6_scope_id)) // the kernel takes the shorter form of RFC 2133
            return false;
        memcpy(&v6, address, len < sizeof v6 ? len : sizeof v6);
        return leaves_v6(&v6.sin6_addr, v6.sin6_port, out);
    case AF_UNSPEC:
    case AF_UNIX:
    case AF_NETLINK:
    case AF_ALG:
        return false;
    default:
        snprintf(out, TRACE_ADDRESS_SIZE, "address family %u", (unsigned)family);
        return true;
    }
}
