#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: at no level does training read the CI's secrets: from the environment of any process, a check-out's .git/config, the dot-files of HOME, the runner's temporary folder, an open descriptor.
export TMPDIR=/var/tmp # /tmp is hidden as a whole
. "$(dirname "$0")/lib.sh"
# The attempts look for hunter[2], which is not found in themselves.
trial() {
    mkdir -p .git/modules/part "$HOME/.ssh" "$HOME/.docker" "$HOME/.aws" "$HOME/.config/gh" "$WORK/temp/_runner" sub/.repro
    for file in "$PWD/.git/config" "$PWD/.git/modules/part/config" "$HOME/.ssh/id_ed25519" "$HOME/.docker/config.json" \
        "$HOME/.aws/credentials" "$HOME/.netrc" "$HOME/.config/gh/hosts.yml" "$WORK/temp/_runner/command" sub/.repro/notes; do
        echo hunter2 >"$file"
    done
    cd sub # the project is not the top of the repository
    escape_suite <<'EOF'
ln -s "$REAL_HOME" way_in
for file in "$PROJECT/../.git/config" "$PROJECT/../.git/modules/part/config" "$PROJECT/.repro/notes" .repro/notes \
    "$REAL_HOME/.ssh/id_ed25519" "$REAL_HOME/.docker/config.json" "$REAL_HOME/.aws/credentials" "$REAL_HOME/.netrc" \
    "$REAL_HOME/.config/gh/hosts.yml" "$HOST/temp/_runner/command" way_in/.netrc ~/.netrc; do
    for path in "$file" "/proc/self/root$file" "/proc/1/root$file" "/proc/$PPID/root$file"; do
        if grep -qs 'hunter[2]' "$path"; then escaped "read $path"; fi
    done
done
rm way_in
if env | grep -q 'hunter[2]'; then escaped "read it in the environment"; fi
for process in /proc/[0-9]*; do
    if { tr '\0' '\n' <"$process/environ" | grep -q 'hunter[2]'; } 2>/dev/null; then escaped "read $process/environ"; fi
    for fd in "$process"/fd/*; do
        if [ -f "$fd" ] && grep -qs 'hunter[2]' "$fd"; then escaped "read $fd"; fi
    done
done
for fd in 3 4 5 6 7 8 9; do
    if { cat <&"$fd" | grep -q 'hunter[2]'; } 2>/dev/null; then escaped "read descriptor $fd"; fi
done
EOF
    exec 8<"$HOME/.netrc"
    SECRET_TOKEN=hunter2 RUNNER_TEMP=$WORK/temp nothing_escapes
    exec 8<&-
    rm -rf "$WORK/temp"
}
each_level trial
