#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: under "isa:LEVEL" each maths library that is here says itself that it uses no newer instructions.
. "$(dirname "$0")/lib.sh"
export PATH=/usr/bin:$PATH
requires python3
grep -qw avx2 /proc/cpuinfo 2>/dev/null || skip "this CPU has no instructions to pin away"
mkdir -p suites/levels
cat >suites/levels/suite.json <<'EOF'
{
  "suite": "levels",
  "train": {"command": ["python3", "levels.py"], "pin": ["isa:LEVEL"]},
  "inputs": {"code": ["levels.py"]},
  "artifacts": {},
  "metrics": {"from": ["levels.json"]}
}
EOF
cp suites/levels/suite.json suite.template
# 1: SSE 4.2 at the most, 2: AVX2, 3: AVX-512. What is not installed is left out.
cat >levels.py <<'EOF'
import ctypes, ctypes.util, json, math, re, subprocess
found = {}

try:
    import numpy
    core = getattr(numpy, "_core", None) or numpy.core
    on = core._multiarray_umath.__cpu_features__
    found["numpy"] = 3 if on.get("AVX512F") else 2 if on.get("AVX2") or on.get("FMA3") else 1
except ImportError:
    pass

try:
    from threadpoolctl import threadpool_info
    names = {"Nehalem": 1, "Haswell": 2, "Zen": 2, "SkylakeX": 3, "Cooperlake": 3, "Sapphirerapids": 3}
    for library in threadpool_info():
        if library["internal_api"] == "openblas":
            found["openblas"] = names[library["architecture"]]
except ImportError:
    pass

try:
    import torch
    says = re.search(r"CPU capability usage: (\S+)", torch.__config__.show()).group(1)
    found["aten"] = {"AVX512": 3, "AVX2": 2}.get(says, 1)
except ImportError:
    pass

onednn = ctypes.util.find_library("dnnl")
if onednn:
    isa = ctypes.CDLL(onednn).dnnl_get_effective_cpu_isa() # a bit for each set: 1 SSE 4.1, 4 AVX2, 8 and up AVX-512
    found["onednn"] = 3 if isa & ~7 else 2 if isa & 4 else 1

try:
    loader = subprocess.run(["/lib64/ld-linux-x86-64.so.2", "--help"], capture_output=True, text=True).stdout
    searched = re.findall(r"x86-64-v(\d) \(supported", loader) # of glibc-hwcaps/
    found["glibc"] = max(map(int, searched)) - 1
    sums = 0
    for i in range(1, 50000):
        for value in (math.exp(-i / 5e4), math.sin(i / 7), math.log(i), math.pow(i, 0.37)):
            sums = (sums * 31 + int.from_bytes(value.hex().encode(), "big")) % (2**31 - 1)
    found["libm"] = sums
except (OSError, ValueError):
    pass

json.dump(found, open("levels.json", "w"))
EOF

# level_of LIBRARY: what the golden that was recorded last has for it.
level_of() {
    sed -n "s/^ *\"$1\": \([0-9]*\),*$/\1/p" golden/levels/x86_64-*/manifest.json
}

seen=
for level in default:1 avx2:2; do
    rm -rf golden
    sed "s/LEVEL/${level%:*}/" suite.template >suites/levels/suite.json
    expect 0 "$REPRO" record
    [ -d "golden/levels/x86_64-${level%:*}" ] || fail "class: $(ls golden/levels)"
    # NumPy is told the names of all its versions, and says nothing of those that it does not know.
    if grep -rq "NPY_DISABLE_CPU_FEATURES" .repro/runs; then fail "NumPy warns: $(grep -r NPY_ .repro/runs)"; fi
    for library in numpy openblas aten onednn glibc; do
        got=$(level_of "$library")
        [ -z "$got" ] || [ "$got" -eq "${level#*:}" ] || fail "$library is at level $got, not ${level#*:}"
        [ -z "$got" ] || seen="$seen $library"
    done
    eval "libm_${level%:*}=\$(level_of libm)"
done
[ -n "$seen" ] || skip "there is no library to ask"
# shellcheck disable=SC2154 # the loop has set both
if [ -n "$libm_default" ] && grep -qw fma /proc/cpuinfo; then
    [ "$libm_default" != "$libm_avx2" ] || fail "libm computes the same without FMA: is it pinned at all?"
fi
echo "asked:$seen"
