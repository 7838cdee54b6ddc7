#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of a Python program whose joblib has two workers, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
python3 -c 'import joblib' 2>/dev/null || skip "joblib is not installed"
mkdir data
for i in 1 2 3 4 5 6; do seq "$i" 100 >"data/$i.txt"; done
cat >sums.py <<'END'
import glob
import joblib

def total(name):
    with open(name, encoding="utf-8") as lines:
        return sum(map(int, lines))

if __name__ == "__main__":
    for backend in "loky", "multiprocessing", "threading":
        totals = joblib.Parallel(n_jobs=2, backend=backend)(joblib.delayed(total)(n) for n in sorted(glob.glob("data/*")))
        joblib.dump(totals, f"{backend}.joblib")
    print(joblib.load("loky.joblib"))
END
beside_strace 'python3 sums.py'
beside_strace 'python3 sums.py' --isolation=none --trace=full
