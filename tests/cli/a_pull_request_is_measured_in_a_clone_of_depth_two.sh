#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: on a pull request that GitHub merged and fetched with depth 2, what any of its commits loosened is seen.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
expect 0 "$REPRO" record
commit base
git checkout -q -b change
edit suites/sums/suite.json 's/"abs": 0.01/"abs": 0.5/'
commit "loosen a tolerance"
echo '# nothing' >>train.sh
commit "and something else"
git checkout -q main
echo more >note
commit "main goes on"
git checkout -q --detach
git merge -q --no-ff -m "Merge change into main" change
git tag merge

# checkout DEPTH REVISION: as actions/checkout does it
checkout() {
    rm -rf ../clone
    git init -q ../clone
    git -C ../clone fetch -q --depth "$1" "file://$WORK/project" "$2"
    git -C ../clone checkout -q --detach FETCH_HEAD
}
export GITHUB_EVENT_NAME=pull_request GITHUB_BASE_REF=main
checkout 2 merge
(
    cd ../clone
    export GITHUB_SHA
    GITHUB_SHA=$(git rev-parse HEAD)
    expect 0 "$REPRO" verify --only golden
    says "0.01 → 0.5"
    silent_about "fetch-depth"
)
# The pull request's own head: the commit before it is not the base.
checkout 2 change
(cd ../clone && expect 0 "$REPRO" verify --only golden && says "fetch-depth")
