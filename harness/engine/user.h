// SPDX-License-Identifier: Apache-2.0
//
// Who decides about a golden: the name in git's configuration, else the user's on this machine.
#ifndef REPRO_ENGINE_USER_H
#define REPRO_ENGINE_USER_H

struct repository;

// `repository` may be NULL. NULL where nobody has a name. The caller frees.
char *user_name(struct repository *repository);

#endif
