#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: what diff unpacks is removed however it ends: at its end, killed, and on a full disk.
. "$(dirname "$0")/lib.sh"
requires python3
sums_suite
edit suites/sums/suite.json 's/"model.txt": {/"large.bin": {}, "model.txt": {/'
echo 'head -c 3000000 /dev/zero >large.bin' >>train.sh
expect 0 "$REPRO" record
cp -r golden ../before
edit factor.json 's/1.5/2.5/'
expect 0 "$REPRO" record --reason "more"
mkdir ../tmp
export TMPDIR=$WORK/tmp
expect 1 "$REPRO" diff ../before/sums/any sums
[ -z "$(ls -A ../tmp)" ] || fail "left behind: $(ls ../tmp)"

# Killed while the folder is there; a few times, for it may be quicker than we are.
python3 - "$REPRO" <<'END'
import os, signal, subprocess, sys, time
tmp = os.environ["TMPDIR"]

def kill(number):
    process = subprocess.Popen([sys.argv[1], "diff", "../before/sums/any", "sums"], stdout=subprocess.DEVNULL)
    while process.poll() is None and not any(os.path.isdir(tmp + "/" + name + "/golden") for name in os.listdir(tmp)):
        pass
    process.send_signal(number)
    return process.wait() == -number

for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL:
    if not any(kill(number) for _ in range(50)):
        sys.exit("signal %d never came in time" % number)
    until = time.monotonic() + 20
    while os.listdir(tmp):
        if time.monotonic() > until:
            sys.exit("signal %d left %s behind" % (number, os.listdir(tmp)))
END

if [ "$(id -u)" -eq 0 ] && mkdir ../mnt && mount -t tmpfs -o size=1m repro-test ../mnt 2>/dev/null; then
    export TMPDIR=$WORK/mnt
    expect 1 "$REPRO" diff ../before/sums/any sums
    says "not at hand"
    says "No space left on device"
    [ -z "$(ls -A ../mnt)" ] || fail "left behind: $(ls ../mnt)"
fi
