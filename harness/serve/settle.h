// SPDX-License-Identifier: Apache-2.0
//
// Asks until every question has its reply, through processes that die, hang or lose count, and finds out which question
// did it.
//
// Many questions are on their way when a process is lost. The one that it seems to have happened to is asked again,
// alone, on a fresh process. If that process is lost as well, it was this one. If not, those that were on their way (of
// a stream: all that this process was asked, for a line too many or too few has moved the answers) are asked one by one
// in order, and what a process is lost to then is to blame. What happens to none of them alone is still told, of the
// question that it happened to, with the words that it did not happen again.
#ifndef REPRO_SERVE_SETTLE_H
#define REPRO_SERVE_SETTLE_H

#include "serve/client.h"

int settle_ask(struct client *client, const struct question *questions, struct reply *replies, size_t count,
               struct error *err);

#endif
