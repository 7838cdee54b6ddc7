#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: at no level does training write outside its workspace: not the system, HOME, the project or the harness's own logs; not through a link, /proc/*/root or /proc/*/cwd.
export TMPDIR=/var/tmp # /tmp is hidden as a whole
. "$(dirname "$0")/lib.sh"
trial() {
    echo mine >"$HOME/file"
    echo precious >precious.txt
    # What is written may be the run's own view of a place: this test looks at the machine's afterwards.
    escape_suite <<'EOF'
ln -s "$REAL_HOME" way_out; ln -s / root; ln -s "$PROJECT" back
for place in / /etc /usr/bin /var/tmp /boot /tmp /run "$HOST" "$REAL_HOME" "$PROJECT" "$PROJECT/golden" "$PROJECT/.repro" \
    way_out root/etc root/var/tmp back /proc/self/root/etc /proc/self/root/var/tmp "/proc/self/root$HOST" \
    /proc/1/root/etc /proc/1/cwd "/proc/$PPID/root/etc" "/proc/$PPID/root$HOST" "/proc/$PPID/cwd"; do
    (echo x >"$place/repro-was-here")
    mkdir "$place/repro-was-there"
    ln -s /etc/passwd "$place/repro-was-linked"
done 2>/dev/null
for file in /etc/passwd /bin/sh; do # opened only: were it to succeed, no harm is done
    if (: >>"$file") 2>/dev/null; then escaped "opened $file for writing"; fi
done
for file in "$REAL_HOME/file" "$PROJECT/precious.txt" "$PROJECT/suites/escape/suite.json" way_out/file \
    back/precious.txt "/proc/self/root$REAL_HOME/file" "/proc/$PPID/root$REAL_HOME/file" \
    "$PROJECT"/.repro/runs/*/stdout.log "$PROJECT"/.repro/runs/*/stderr.log; do
    (echo overwritten >>"$file")
    truncate -s 0 "$file"
    mv "$file" away
    ln "$file" linked && echo overwritten >>linked
    rm -f "$file" linked away
done 2>/dev/null
rm -rf way_out root back
EOF
    nothing_escapes
    written=()
    for place in / /etc /usr/bin /var/tmp /boot /tmp /run "$WORK" "$HOME" . golden .repro; do
        for name in repro-was-here repro-was-there repro-was-linked; do
            if [ -e "$place/$name" ] || [ -L "$place/$name" ]; then written+=("$place/$name"); fi
        done
    done
    if [ "${#written[@]}" -gt 0 ]; then
        rm -rf "${written[@]}"
        fail "training wrote ${written[*]}"
    fi
    [ "$(cat "$HOME/file")" = mine ] || fail "a file in HOME was changed"
    [ "$(cat precious.txt)" = precious ] || fail "a file of the project was changed"
    if grep -rq overwritten suites/escape/suite.json .repro "$HOME"; then fail "something was overwritten"; fi
    expect 0 run_repro verify --trace off --isolation "$LEVEL"
}
each_level trial
