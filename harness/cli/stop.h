// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C and its like. The only mutable globals of the program live in stop.c.
#ifndef REPRO_CLI_STOP_H
#define REPRO_CLI_STOP_H

void stop_install(void);
int stop_fd(void);     // readable once a signal came, and from then on
int stop_signal(void); // the signal that came; 0: none
// From here on signals end the process as they would without us, and a mapped file that is cut short meanwhile ends it
// with this exit status.
void stop_at_once(int unreadable);

#endif
