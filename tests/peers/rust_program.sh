#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of ripgrep, a Rust program that walks folders with threads, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
requires rg
mkdir -p data/deep .hidden
printf 'one\ntwo\n' >data/a.txt
printf 'two\n' >data/deep/b.txt
printf 'deep/c.txt\n' >.ignore
printf 'two\n' >data/deep/c.txt
ln -s data link
trial='rg --sort path two >model; rg -L --files >files; rg -j2 two | sort >more'
beside_strace "$trial"
beside_strace "$trial" --trace=full
