#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: whatever strace sees opened or started stands in the run's trace, too, for shells, make, git, threads and workers.
. "$(dirname "$0")/lib.sh"
requires strace git make cc python3
strace -f -o "$WORK/can" true 2>/dev/null || skip "strace cannot trace here"

cat >fill <<'EOF2'
printf 'b\na\nb\n' >in
mkdir -p tree/sub
echo 'int f(void) { return 0; }' >tree/f.c
echo 'int f(void); int main(void) { return f(); }' >tree/main.c
printf 'a: main.o f.o\n\tcc -o a main.o f.o\n' >tree/Makefile
git init -q tree/sub && echo x >tree/sub/x && git -C tree/sub add x
git -C tree/sub -c user.name=t -c user.email=t@example.invalid commit -qm x
mv tree/sub/.git tree/sub/git
cat >pool.py <<'EOF3'
import multiprocessing, pathlib, threading
def read(name): return len(pathlib.Path(name).read_text())
if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool: print(pool.map(read, ["in", "tree/f.c", "tree/main.c"]))
    for name in ("in", "tree/Makefile"): threading.Thread(target=read, args=(name,)).start()
EOF3
EOF2
sh -e fill
rm fill

# The files that strace saw opened with success and the programs that it saw started, as the project names them.
seen_by_strace() {
    sed -nE 's/^[0-9]+ +//; s/.*(open|openat|openat2|creat)\(.* = [0-9]+<(\/[^>]*)>$/\2/p; s/^<\.\.\. open[a-z0-9]* resumed>.* = [0-9]+<(\/[^>]*)>$/\1/p; s/^execve\("([^"]*)".* = 0$/\1/p' "$1" |
        while IFS= read -r path; do [ ! -e "$path" ] || realpath "$path"; done | sed "s|^$PWD/||"
}
seen_by_repro() {
    sed -nE 's/^ *\{"path": "([^"]*)".*/\1/p' .repro/runs/*/many/trace.json | sed -E 's|^/.*/work/||; s|^/.*/copy/||'
}

mkdir -p suites/many
many=0
while IFS= read -r command; do
    rm -rf .repro golden
    python3 - "$command" >suites/many/suite.json <<'EOF2'
import json, sys
json.dump({"suite": "many", "class": "any", "train": {"command": sys.argv[1] + " >model"}, "artifacts": {"model": {}},
           "inputs": {"data": ["in", "pool.py", "tree/**"]}}, sys.stdout)
EOF2
    expect 0 "$REPRO" record
    find .repro/runs -name trace.json | grep -q . || skip "nothing can be traced here"
    grep -q '"unresolved": 0' .repro/runs/*/many/trace.json || fail "unresolved calls in: $command"
    cp -a . "$WORK/again"
    (
        cd "$WORK/again"
        env -i PATH="$PATH" HOME="$HOME" LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
            strace -f -y -s 4096 -e trace=file -o "$WORK/strace" sh -c "$command >model" >/dev/null
        seen_by_strace "$WORK/strace" | grep -vE '^/(proc|dev|sys|tmp)(/|$)' | sort -u >"$WORK/theirs"
    )
    rm -rf "$WORK/again"
    seen_by_repro | sort -u >"$WORK/ours"
    missed=$(comm -23 "$WORK/theirs" "$WORK/ours")
    [ -z "$missed" ] || fail "'$command' was seen by strace to open: $missed"
    [ "$(wc -l <"$WORK/theirs")" -gt 3 ] || fail "strace saw next to nothing of: $command"
    many=$((many + 1))
done <<'EOF2'
sort in | uniq -c
make -s -C tree && tree/a && echo done
git --git-dir tree/sub/git log --format=%s
python3 pool.py
find tree -name "*.c" -exec cat {} +
EOF2
[ "$many" -eq 5 ] || fail "only $many commands were tried"
