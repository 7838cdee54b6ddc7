#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: ci/packages installs what is missing and nothing else, tries a failing mirror again, and says what is needed where
# it cannot install.
set -euo pipefail
packages=$SOURCE_DIR/ci/packages
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# A machine of our own: the tools that the script uses, and stand-ins that write down what they are asked.
mkdir bin
for tool in cat env id mktemp rm sed sh sort tail tr true; do ln -s "$(type -P "$tool")" bin/; done
stand_in() { # NAME, script on stdin
    { echo '#!/bin/sh'; cat; } >"bin/$1"
    chmod +x "bin/$1"
}
run() { # STATUS ARGUMENT...
    local expected=$1 status=0
    shift
    env -u REPRO_INSTALL PATH="$scratch/bin" SCRATCH="$scratch" ${install:+REPRO_INSTALL=$install} sh "$packages" "$@" \
        >out 2>err </dev/null || status=$?
    [ "$status" = "$expected" ] || { echo "expected $expected of 'ci/packages $*', got $status"; cat out err; exit 1; }
}

run 2 install nonsense
grep -q "unknown purpose 'nonsense'" err
run 2 install
run 0 list build lint
grep -qw libgit2-dev out && grep -qw shellcheck out

run 3 install build # no apt
grep -q 'there is no apt here' err && grep -qw cmake err && grep -q 'REPRO_INSTALL=no' err
install=no run 0 install build

stand_in sudo <<'SUDO'
[ "$1" != -n ] || shift
exec "$@"
SUDO
stand_in dpkg-query <<'QUERY'
for name; do :; done
case $name in cmake | gcc) echo installed ;; *) exit 1 ;; esac
QUERY
stand_in apt-get <<'APT'
echo "$*" >>"$SCRATCH/asked"
case "$*" in
*install*) [ "$(grep -c install "$SCRATCH/asked")" -ge "${FAILURES:-1}" ] || exit 100 ;;
esac
APT
ln -s "$(type -P grep)" bin/
run 0 install build
grep -q 'install .*libgit2-dev' asked
grep -Eq 'install .* (cmake|gcc)( |$)' asked && { echo 'what is there is installed again'; exit 1; }

rm asked
FAILURES=2 run 0 install build # the first try fails
[ "$(grep -c install asked)" = 2 ]
rm asked
FAILURES=9 run 3 install build
[ "$(grep -c install asked)" = 2 ]
grep -q 'could not be installed: .*libgit2-dev' err

stand_in dpkg-query <<<'echo installed'
rm asked
run 0 install build test lint
[ ! -e asked ] # nothing is missing: the network is left alone
