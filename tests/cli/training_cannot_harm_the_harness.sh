#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: at no level can training signal, trace or write to the memory of the harness, its supervisor or any other process of the machine.
. "$(dirname "$0")/lib.sh"
trial() {
    if [ "$LEVEL" = partial ] && grep -q "Landlock [1-5] guards" <(run_repro doctor); then
        echo "not tried: before its version 6 Landlock leaves signals free, and the report says so"
        return 0
    fi
    "${AS[@]}" sleep 300 &
    bystander=$!
    echo "$bystander" >bystander
    escape_suite <<'EOF'
bystander=$(cat bystander)
for pid in "$PPID" "$bystander" -"$PPID" -"$bystander" 1; do
    # PID 1 of a namespace may be sent what it likes: the kernel drops it.
    if [ "$PPID" -ne 1 ] && kill -0 -- "$pid" 2>/dev/null; then escaped "could signal $pid"; fi
    kill -KILL -- "$pid" 2>/dev/null
done
if [ "$PPID" -eq 1 ]; then kill -KILL -1 2>/dev/null; fi # there it means everybody else in the namespace
session=$(cut -d' ' -f6 /proc/$$/stat)
for process in /proc/[0-9]*; do
    [ "$(cut -d' ' -f6 "$process/stat" 2>/dev/null)" != "$session" ] || continue # training itself
    name=$(cat "$process/comm" 2>/dev/null)
    if (: >"$process/mem") 2>/dev/null; then escaped "could write to the memory of $name"; fi
    if (: >>"$process/oom_score_adj") 2>/dev/null; then escaped "could have $name killed first"; fi
    for descriptor in "$process"/fd/*; do
        if (: >>"$descriptor") 2>/dev/null; then escaped "could write to $descriptor of $name"; fi
    done
done
EOF
    nothing_escapes
    kill -0 "$bystander" || fail "a process of the machine was killed"
    kill "$bystander"
    wait "$bystander" 2>/dev/null || :
    expect 0 run_repro verify --trace off --isolation "$LEVEL"
}
each_level trial
