// SPDX-License-Identifier: Apache-2.0
//
// What the gate is measured against: the commit from which the change under test started.
#ifndef REPRO_ENGINE_BASE_BRANCH_H
#define REPRO_ENGINE_BASE_BRANCH_H

#include "base/err.h"
#include "engine/session.h"
#include "store/repository.h"

// The commit (hexadecimal) for this session: --base; else, on a pull request of GitHub Actions, the first parent of the
// merge commit that is checked out, or origin/$GITHUB_BASE_REF; else the merge base with origin's default branch; else
// HEAD, so that changes that are not committed yet are seen. *out is NULL and `why` (the caller frees) says why and
// what would help when there is none.
int base_branch(char **out, char **why, const struct session *session, struct repository *repository,
                struct error *err);

#endif
