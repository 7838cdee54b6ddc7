// SPDX-License-Identifier: Apache-2.0
//
// What the gate is measured against: the commit from which the change under test started.
#ifndef REPRO_ENGINE_BASE_BRANCH_H
#define REPRO_ENGINE_BASE_BRANCH_H

#include "base/err.h"
#include "engine/session.h"
#include "store/repository.h"

// The commit (hexadecimal) for this invocation: --base; else, on a pull request or in the merge queue of GitHub
// Actions, the first parent of the merge commit that is checked out, or the merge base with origin/$GITHUB_BASE_REF;
// else the merge base with origin's default branch; else HEAD, so that changes that are not committed yet are seen.
// `why` (the caller frees) says what is missing and what would help when there is none (*out is NULL), or when HEAD had
// to do in a clone that is too shallow for more; else it is NULL.
int base_branch(char **out, char **why, const struct session *session, struct repository *repository,
                struct error *err);

#endif
