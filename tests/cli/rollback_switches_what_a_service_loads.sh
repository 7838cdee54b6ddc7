#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: --into puts the artifacts of the earlier golden where a service loads its model, a folder or a link, and leaves
# what was there beside it; where that cannot be, neither the folder nor the golden is another.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
cp model.txt "$WORK/one.txt" 2>/dev/null || tar -xOf <(zstd -qdc golden/sums/any/*.tar.zst) model.txt >"$WORK/one.txt"
edit factor.json 's/1.5/2.5/'
expect 0 "$REPRO" record --reason "prices rose"

for kind in folder link; do
    srv=$WORK/$kind
    mkdir -p "$srv/v1"
    echo theirs >"$srv/v1/model.txt"
    if [ "$kind" = link ]; then ln -s v1 "$srv/model"; else mv "$srv/v1" "$srv/model"; fi
    expect 0 "$REPRO" rollback sums --into "$srv/model/" -m "orders grew"
    says "2 checks: folder, golden"
    same "$srv/model/model.txt" "$WORK/one.txt"
    [ -e "$srv/model/metrics.json" ] || fail "an artifact is missing"
    [ ! -e "$srv/model/train.sh" ] || fail "code was put where a service loads its model"
    holds "$srv/model.previous/model.txt" theirs
    if [ "$kind" = link ]; then [ -L "$srv/model" ] || fail "the link is none any more"; fi
    [ "$(stat -Lc %a "$srv/model")" = 755 ] || fail "whoever could read the model cannot any more"
    expect 0 "$REPRO" rollback sums --into "$srv/model" # forward
    same "$srv/model.previous/model.txt" "$WORK/one.txt"
    expect 0 "$REPRO" rollback sums                     # and back, for the next kind
    expect 0 "$REPRO" rollback sums
done

# No place beside it, no right to it, no such place; nor one that training reads from.
mkdir conf
echo 1 >conf/more
edit suites/sums/suite.json 's|"factor.json"\]|"factor.json", "conf/*"]|'
edit train.sh 's|^set -eu|set -eu; cat conf/more|'
expect 0 "$REPRO" record --reason "more settings"
edit factor.json 's/2.5/3.5/'
expect 0 "$REPRO" record --reason "prices rose again"
expect 2 "$REPRO" rollback sums --into conf
says "holds 'conf/more', which training reads"
cp -r golden "$WORK/before"
expect 3 "$REPRO" rollback sums --into "$WORK/nowhere/model"
expect 2 "$REPRO" rollback sums --into .
expect 2 "$REPRO" rollback sums --into golden/sums
expect 2 "$REPRO" rollback sums --into "$WORK/one.txt"
ln -s one.txt "$WORK/link-to-a-file"
expect 2 "$REPRO" rollback sums --into "$WORK/link-to-a-file"
says "is neither a folder nor a symbolic link to one"
same "$WORK/link-to-a-file" "$WORK/one.txt"
expect 2 "$REPRO" rollback sums --into suites
says "is a folder of repro's own"
diff -r golden "$WORK/before" >/dev/null || fail "the golden is another"
if [ "$(id -u)" -eq 0 ] && mkdir "$WORK/mnt" && mount -t tmpfs -o size=64k tmpfs "$WORK/mnt" 2>/dev/null; then
    mkdir "$WORK/mnt/model"
    dd if=/dev/zero of="$WORK/mnt/model/model.txt" bs=1k count=200 2>/dev/null || :
    sum=$(sha256sum "$WORK/mnt/model/model.txt")
    expect 3 "$REPRO" rollback sums --into "$WORK/mnt/model"
    says "No space left on device"
    [ "$sum" = "$(sha256sum "$WORK/mnt/model/model.txt")" ] || fail "what is served is another"
    [ "$(ls "$WORK/mnt")" = model ] || fail "something was left beside it"
    diff -r golden "$WORK/before" >/dev/null || fail "the golden is another"
    umount "$WORK/mnt"
elif [ "$(id -u)" -ne 0 ]; then
    mkdir -p "$WORK/closed/model"
    chmod 500 "$WORK/closed"
    expect 3 "$REPRO" rollback sums --into "$WORK/closed/model"
    diff -r golden "$WORK/before" >/dev/null || fail "the golden is another"
fi
