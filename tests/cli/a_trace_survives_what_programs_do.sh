#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: 2,000 processes, 200,000 files, workers killed at any moment, names of any bytes and of any length: the run ends,
# and its list is whole or says that it is not.
. "$(dirname "$0")/lib.sh"
traceable
requires python3
mkdir -p suites/storm data
suite() {
    python3 - "$1" >suites/storm/suite.json <<'END'
import json, sys
json.dump({"suite": "storm", "class": "any", "train": {"command": ["sh", "-c", sys.argv[1]], "timeout": "4m"},
           "inputs": {"data": ["**"]}, "artifacts": {"model": {}, "**": {"compare": "none"}}}, sys.stdout)
END
    rm -rf golden .repro
    expect 0 "$REPRO" record
    trace=$(echo .repro/runs/*/storm/trace.json)
}
whole() {
    holds "$trace" '"unresolved": 0'
    holds "$trace" '"cut": false'
}

echo 1 >data/one
# shellcheck disable=SC2016 # for the run's own shell
suite 'i=0; while [ $i -lt 400 ]; do for j in 1 2 3 4 5; do cat data/one & done >>model; wait; i=$((i + 1)); done'
whole
holds "$trace" 'bin/cat", "starts": 2000}'
holds "$trace" 'work/data/one", "flags": ["read"]}'

cat >open.py <<'END'
import os
for folder in range(200):
    os.mkdir(f"many{folder}")
    for i in range(500):
        open(f"many{folder}/{i}", "w").close()
for folder in range(200):
    for i in range(500):
        open(f"many{folder}/{i}").close()
    for i in range(500):
        os.unlink(f"many{folder}/{i}")
    os.rmdir(f"many{folder}")
open("model", "w").write("done")
END
suite 'python3 open.py'
whole
[ "$(grep -c 'work/many[0-9]*/[0-9]*", "flags": \["written", "removed", "own"\]' "$trace")" -eq 100000 ] || fail "not every file is told"

# Killed while their calls wait for an answer, and everywhere else.
cat >killed.py <<'END'
import os, signal, time
for i in range(300):
    child = os.fork()
    if child == 0:
        while True:
            os.close(os.open("data/one", os.O_RDONLY))
            try:
                os.open(f"data/none{i}", os.O_RDONLY)
            except OSError:
                pass
    time.sleep(0.0001 * (i % 20))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
open("model", "w").write(open("data/one").read())
END
suite 'python3 killed.py'
whole
holds "$trace" 'work/data/one", "flags": ["read"]}'

cat >names.py <<'END'
import os
os.mkdir("own")
for name in (b"own/\xff\xfe", b"own/a\nb", b"own/\x01\"\\", "own/é".encode()):
    open(name, "w").close()
for name in (b"x" * 300, b"x/" * 4000, b"/" * 5000, b"data/" + b"./" * 2000 + b"one", b"data/" + b"./" * 2100 + b"one"):
    try:
        open(name).close()
    except OSError:
        pass
for _ in range(40):  # a current folder whose path no call takes
    os.mkdir("own/" + "d" * 200) if _ == 0 else os.mkdir("d" * 200)
    os.chdir("own/" + "d" * 200 if _ == 0 else "d" * 200)
open("deep", "w").write("deep")
for _ in range(40):
    os.chdir("..")
os.chdir("..")
import shutil
shutil.rmtree("own")
open("model", "w").write("done")
END
suite 'python3 names.py'
holds "$trace" 'work/data/one", "flags": ["read"]}'
if ! grep -q '"unresolved": 0' "$trace"; then says "not known: "; fi
python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$trace" || fail "the trace is no JSON"
