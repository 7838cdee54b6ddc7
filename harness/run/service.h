// SPDX-License-Identifier: Apache-2.0
//
// A process that stays alive beside us, in the workspace and sandbox of a run that has ended: the model, serving. Where
// the sandbox has a network of its own, sockets are made inside and handed out, so that its loopback can be reached.
#ifndef REPRO_RUN_SERVICE_H
#define REPRO_RUN_SERVICE_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct run;
struct run_options;
struct service;

struct service_options {
    const struct run *run;             // ended; its workspace is used again, as training left it
    const struct run_options *options; // it was made with: suite, environment, isolation
    const struct strings *argv;
    bool pipes;              // stdin and stdout are pipes; else stdin is empty, and stdout goes where stderr does
    const char *stderr_path; // host path: what it writes, as run/process.h keeps it
    const char *layer; // host path, a folder of the caller's for what services write, one after the other; NULL: what
                       // this one writes goes with it
};

// A command that is not there is seen as one that ended at once, with status 127 and the reason in stderr_tail.
int service_start(struct service **out, const struct service_options *options, struct error *err);
// Where files that a service with this layer wrote are found, by their path in the project: a folder of the host's,
// there as soon as such a service has been started. The caller frees.
char *service_written(const struct run *run, const char *layer);
int service_stdin(const struct service *service);  // non-blocking; −1 without pipes. Closed by service_stop
int service_stdout(const struct service *service); // likewise
bool service_alive(struct service *service);
bool service_wait(struct service *service, double seconds); // true when it has ended
// A new unconnected stream socket in the network of the service.
int service_socket(int *fd, struct service *service, int family, struct error *err);
// Of the whole tree; 0 where that cannot be told.
void service_usage(uint64_t *memory, unsigned *descriptors, struct service *service);
// Seconds of CPU that the whole tree has used since it was started; negative where that cannot be told.
double service_cpu(struct service *service);

struct service_end {
    int exit_code; // −1 when it was ended by a signal
    int signal;
    bool by_us;
    uint64_t peak_memory;
    double cpu;
    char *stderr_tail; // never NULL; the caller frees
};
// Ends the whole tree, waits, frees.
void service_stop(struct service_end *out, struct service *service);

// A folder that both see, in the run's own folder; made on first use. As the service sees it: *seen. Borrowed.
int service_folder(const char **host, const char **seen, const struct run *run, const struct run_options *options,
                   struct error *err);

#endif
