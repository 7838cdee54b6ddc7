#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of git, which renames, links and removes what it makes, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
requires git
mkdir data
seq 100 >data/a
seq 200 >data/b
beside_strace_everywhere 'export GIT_CONFIG_NOSYSTEM=1; git init -q copy && cp -r data copy && cd copy && git add -A &&
    git -c user.name=t -c user.email=t@example.invalid commit -qm one && git mv data/a data/c && git status --short &&
    git stash -q && git gc -q && git log --stat >../log'
