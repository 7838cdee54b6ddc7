#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of a Node program with modules, a worker thread and a child process, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
requires node
mkdir -p node_modules/half data
echo 'module.exports = (x) => x / 2;' >node_modules/half/index.js
echo 21 >data/one.txt
cat >train.js <<'END'
const fs = require("fs"), half = require("half"), {Worker, isMainThread} = require("worker_threads");
if (isMainThread) {
    new Worker(__filename).on("exit", () => {
        const listing = require("child_process").execFileSync("ls", ["data"]);
        fs.promises.readFile("data/one.txt").then((text) => fs.writeFileSync("model", half(+text) + "\n" + listing));
    });
} else {
    fs.writeFileSync("from_worker", fs.readdirSync("data").join());
    try { fs.readFileSync("data/none.txt"); } catch (e) { fs.appendFileSync("from_worker", e.code); }
}
END
beside_strace_everywhere 'node train.js'
