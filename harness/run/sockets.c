// SPDX-License-Identifier: Apache-2.0
#include "run/sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    struct cmsghdr header; // for its alignment
    char bytes[CMSG_SPACE(sizeof(int))];
};

static ssize_t send_answer(int channel, unsigned char code, int fd)
{
    union control control;
    struct iovec part = {.iov_base = &code, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    ssize_t sent;
    while ((sent = sendmsg(channel, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        continue;
    return sent;
}

bool sockets_serve(int channel)
{
    unsigned char family;
    ssize_t got;
    while ((got = read(channel, &family, 1)) < 0 && errno == EINTR)
        continue;
    if (got <= 0)
        return false;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ssize_t sent = send_answer(channel, fd < 0 ? (unsigned char)errno : 0, fd);
    if (fd >= 0)
        close(fd);
    return sent > 0;
}

static int take_descriptor(struct msghdr *message)
{
    int fd = -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

int sockets_ask(int *fd, int channel, int family, struct error *err)
{
    unsigned char question = (unsigned char)family, code = 0;
    union control control;
    struct iovec part = {.iov_base = &code, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got;
    if (send(channel, &question, 1, MSG_NOSIGNAL) != 1)
        return error_errno(err, "cannot ask for a socket in the sandbox");
    while ((got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        continue;
    if (got != 1)
        return error_set(err, ERROR_MACHINE, "cannot get a socket in the sandbox: it has ended");
    errno = code;
    if (code != 0)
        return error_errno(err, "cannot make a socket in the sandbox");
    *fd = take_descriptor(&message);
    return *fd < 0 ? error_set(err, ERROR_MACHINE, "cannot get a socket in the sandbox") : 0;
}
