// SPDX-License-Identifier: Apache-2.0
#include "run/tree.h"

#include "base/mem.h"

#include <errno.h>
#include <signal.h>

struct tree {
    pid_t leader;
};

struct tree *tree_new(void)
{
    return mem_alloc(sizeof(struct tree));
}

void tree_free(struct tree *tree)
{
    free(tree);
}

void tree_start(struct tree *tree, pid_t leader, pid_t init)
{
    (void)init;
    tree->leader = leader;
}

unsigned tree_count(struct tree *tree)
{
    return tree_is_gone(tree) ? 0 : 1;
}

// A group whose members are all zombies still answers, until they are reaped; EPERM means that somebody is there.
bool tree_is_gone(struct tree *tree)
{
    return kill(-tree->leader, 0) != 0 && errno == ESRCH;
}

void tree_signal(struct tree *tree, int signal)
{
    kill(-tree->leader, signal);
}

void tree_kill(struct tree *tree)
{
    kill(-tree->leader, SIGKILL);
}

void tree_memory(struct tree *tree, struct tree_memory *out, bool exact)
{
    (void)tree;
    (void)exact;
    *out = (struct tree_memory){0};
}
