#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: in a chroot, where the kernel spells paths from the real root on, the trace names files as the run does.
. "$(dirname "$0")/lib.sh"
requires unshare chroot
traceable
[ "$(id -u)" = 0 ] || skip "only root can chroot"
sums_suite
mkdir "$WORK/other"
unshare -m true 2>/dev/null || skip "no mount namespace can be made here"
run="mount --rbind / '$WORK/other' && exec chroot '$WORK/other' sh -c 'cd $PWD && exec $REPRO record'"
expect 0 unshare -m sh -c "$run"
says "inputs       2 checks: undeclared, network"
