#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: where folders are moved, moved back, removed in vain and reached through links, repro's trace has what strace
# sees; what was read in a moved folder is an input under its old name.
. "$(dirname "$0")/lib.sh"
mkdir -p data/deep more
for name in data/a data/b data/deep/c more/d; do echo "$name" >"$name"; done
ln -s data link
cat >moves.py <<'END'
import os, shutil

def attempt(act, *arguments):
    try:
        return act(*arguments)
    except OSError:
        return None

attempt(os.rmdir, "data")
print(os.listdir("data"), open("link/a").read())
attempt(os.unlink, "more")
print(os.listdir("more"), attempt(open, "link/none"), attempt(open, "none/none"))
shutil.move("data", "raw")
print(open("raw/b").read(), open("raw/deep/c").read(), attempt(open, "data/b"))
shutil.move("raw/deep", "deep")
print(open("deep/c").read(), attempt(open, "link/a"))
os.makedirs("made/sub")
open("made/sub/x", "w").close()
attempt(os.rename, "made", "more")
os.rename("made", "again")
print(open("again/sub/x").read(), attempt(open, "made/sub/x"))
os.rename("again", "made")
shutil.rmtree("made")
shutil.move("raw", "data")
print(open("data/b").read())
shutil.move("more", os.environ.get("TMPDIR", "/tmp") + "/more")
END
beside_strace_everywhere 'python3 moves.py'
beside_strace 'python3 moves.py' --workspace=copy
grep -q '/data/b", "flags": \["read"' .repro/runs/*/peer/trace.json || fail "the input in the moved folder is not told"
