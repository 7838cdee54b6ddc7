// SPDX-License-Identifier: Apache-2.0
//
// From a notification to what it means. A call is looked at while its thread waits, and counts only when the thread
// still waited for the answer: one that was interrupted starts again, one that was killed never happened.
#ifndef REPRO_RUN_TRACE_EVENT_H
#define REPRO_RUN_TRACE_EVENT_H

#include "run/trace_address.h"
#include "run/trace_collect.h"
#include "run/trace_filter.h"
#include "run/trace_view.h"

struct seccomp_notif;

enum { TRACE_EVENT_ACTS = 8 };

struct trace_event {
    struct {
        uint32_t file;
        enum trace_act act;
        enum trace_kind made;
    } acts[TRACE_EVENT_ACTS];
    size_t count;
    const char *call;
    const char *entropy; // where from; NULL: none
    bool contacts;
    char address[TRACE_ADDRESS_SIZE];
    char program[PATH_MAX]; // with entropy or a contact
    pid_t program_of;       // thread that it was read of, for the next event; 0: of none
    bool forget;            // see trace_collect_forget
    bool moves;             // see trace_collect_move:
    uint32_t from, to;
    bool foreign, refuse;
    bool failed; // could not be resolved:
    int code;    // errno
};

void trace_event_read(struct trace_event *out, struct trace_view *view, struct trace_collect *collect,
                      const struct seccomp_notif *notice, uint32_t architecture);
// The call goes on.
void trace_event_note(const struct trace_event *event, struct trace_collect *collect);

#endif
