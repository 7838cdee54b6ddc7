#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures repro beside a real tool in the same run and prints a table of ratios. Usage: table.sh BUILD-FOLDER [SCRATCH-FOLDER]
# The scratch folder needs about 5 GB; it is made and removed.
set -euo pipefail
build=$(cd "$1" && pwd)
scratch=$(mktemp -d "${2:-/var/tmp}/repro-bench-XXXXXX")
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
bin=$build/tests/bench
repro=$build/repro
source=$(cd "$(dirname "$0")/../.." && pwd)
export GIT_CONFIG_GLOBAL=/dev/null HOME=$scratch/home
mkdir "$HOME"

row() { printf '%-44s %12s %12s %9s   %s\n' "$@"; }
# compare WHAT ASKED ROUNDS A... -- B...: one row; A is repro, B the rival.
compare() {
    local what=$1 asked=$2 rounds=$3 a b
    shift 3
    read -r a b < <("$bin/beside" "$rounds" "$@")
    row "$what" "$(ms "$a")" "$(ms "$b")" "$(awk "BEGIN { printf \"%.2f\", $a / $b }")" "$asked"
}
ms() { awk "BEGIN { printf \"%.2f ms\", $1 * 1000 }"; }

row 'figure' 'repro' 'beside it' 'ratio' 'asked'
compare 'start-up: --version | python3 -c pass' 'at most 1' 41 "$repro" --version -- /usr/bin/python3 -c pass
read -r a b < <("$bin/beside" 101 "$repro" --version -- "$bin/hello")
row 'start-up: --version | hello, same libraries' "$(ms "$a")" "$(ms "$b")" "$(awk "BEGIN { printf \"%+.2f ms\", ($a - $b) * 1000 }")" 'at most +1 ms'

head -c 2147483648 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 >"$scratch/large" 2>/dev/null
cat "$scratch/large" >/dev/null
[ "$("$bin/bench_hash" file "$scratch/large")" = "$(openssl dgst -r -sha256 "$scratch/large" | cut -d' ' -f1)" ]
compare 'SHA-256 of one file of 2 GB | openssl dgst' 'at most 1.05' 3 "$bin/bench_hash" file "$scratch/large" -- \
    openssl dgst -sha256 "$scratch/large"

many=$scratch/many
mkdir -p "$many/data" "$many/suites/many"
(cd "$many/data" && head -c 409600000 "$scratch/large" | split -a 5 -b 4096 - f)
rm "$scratch/large"
compare '100,000 files of 4 KiB | xargs -P2 openssl' 'under 1' 3 "$bin/bench_hash" tree "$many/data" -- \
    sh -c "find '$many/data' -type f -print0 | xargs -0 -P2 -n1000 openssl dgst -sha256"

cd "$many"
echo '{"suite": "many", "class": "any", "train": {"command": "echo 1 > model"}, "inputs": {"data": ["data/**"]}}' >suites/many/suite.json
git init -q -b main .
git config gc.auto 0
git config maintenance.auto false
git add -A
git -c user.name=b -c user.email=b@example.invalid commit -qm many
"$repro" record many >/dev/null
git add -A
git -c user.name=b -c user.email=b@example.invalid commit -qm golden
"$repro" status >/dev/null
git status >/dev/null
compare 'status, 100,000 files unchanged | git status' 'at most 1' 7 "$repro" status -- git status
compare 'verify, 100,000 inputs | git status' 'told' 3 "$repro" verify many -- git status

(cd data && head -c 1700000000 /dev/zero | split -a 3 -b 17000000 - large)
mkdir "$scratch/empty" "$scratch/copied"
read -r full full_run < <("$bin/bench_workspace" overlay "$many" "$scratch/runs" 11)
read -r none none_run < <("$bin/bench_workspace" overlay "$scratch/empty" "$scratch/runs" 11)
row 'overlay workspace, 100,000 files, 2 GB | empty' "$(ms "$full")" "$(ms "$none")" '' 'under 50 ms'
row '  and a command run in it, isolated | empty' "$(ms "$full_run")" "$(ms "$none_run")" '' 'told'
read -r copied _ < <("$bin/bench_workspace" copy "$many" "$scratch/runs" 1)
start=$(date +%s.%N)
cp -a --reflink=auto "$many/." "$scratch/copied/"
took=$(awk "BEGIN { print $(date +%s.%N) - $start }")
row 'copied workspace, 100,000 files, 2 GB | cp -a' "$(ms "$copied")" "$(ms "$took")" "$(awk "BEGIN { printf \"%.2f\", $copied / $took }")" 'told'
rm -rf "$scratch/copied" "$many"

read -r traced plain first first_plain synchronous < <("$bin/bench_trace" 1000000 "$scratch/opens")
us() { printf '%s µs' "$1"; }
limit=70
[ "$synchronous" = no ] || limit=15
row '1 million opens by one process: traced | not' "$(us "$traced")" "$(us "$plain")" '' "under $limit µs each"
row '100,000 files, opened for the first time' "$(us "$first")" "$(us "$first_plain")" '' 'told'
rm -rf "$scratch/opens"

mkdir "$scratch/delivery"
cp -r "$source/suites" "$source/golden" "$scratch/delivery/"
cd "$scratch/delivery"
for _ in 1 2 3 4 5 6 7; do
    "$repro" verify delivery-time --only golden,code,inputs,environment,replay,artifacts,metrics --json "$scratch/result.json" >/dev/null
    python3 - "$scratch/result.json" <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
print(r["seconds"], r["suites"][0]["train_wall"])
EOF
done | sort -k1,1 -g | sed -n 4p >"$scratch/times"
read -r whole training <"$scratch/times"
row 'verify delivery-time | its training alone' "$(ms "$whole")" "$(ms "$training")" \
    "$(awk "BEGIN { printf \"%+.1f ms\", ($whole - $training) * 1000 }")" 'under +100 ms'

"$bin/bench_result" 100000 >"$scratch/result.json"
cat >"$scratch/etree.py" <<'EOF'
import sys, xml.etree.ElementTree as e
root = e.Element("testsuites"); suite = e.SubElement(root, "testsuite", name="bench", tests="100000")
for i in range(100000):
    case = e.SubElement(suite, "testcase", classname="bench.artifacts", name="tensor.%d.weight" % i, time="0.000")
    if i % 10 == 0:
        e.SubElement(case, "failure", message="%d of 65,536 elements differ" % i, type="fail").text = "text"
e.ElementTree(root).write(sys.argv[1])
EOF
compare '100,000 checks to JUnit | ElementTree' 'under 1 s' 5 "$repro" report junit "$scratch/result.json" -- \
    /usr/bin/python3 "$scratch/etree.py" "$scratch/etree.xml"

"$bin/bench_infer" --make "$scratch/table.csv" 1070000
rival='import csv, sys; print(sum(1 for row in csv.reader(open(sys.argv[1], newline="", encoding="utf-8"))))'
beside='csv of Python'
if /usr/bin/python3 -c 'import pandas' 2>/dev/null; then
    rival='import pandas, sys; print(len(pandas.read_csv(sys.argv[1])))'
    beside='pandas.read_csv'
fi
compare "schema and sample of 160 MB of CSV | $beside" 'under 1 s' 5 "$bin/bench_infer" "$scratch/table.csv" -- \
    /usr/bin/python3 -c "$rival" "$scratch/table.csv"
rm "$scratch/table.csv"

"$bin/bench_drift" --make "$scratch/reference.csv" 1000000 0
"$bin/bench_drift" --make "$scratch/current.csv" 1000000 0.2
cat >"$scratch/drift.py" <<'EOS'
import pandas, sys
from scipy.stats import ks_2samp
a, b = (pandas.read_csv(name) for name in sys.argv[1:])
for name in a:
    print("%s %.6f" % (name, ks_2samp(a[name], b[name]).statistic))
EOS
cd "$scratch"
cmp <("$bin/bench_drift" --exact reference.csv current.csv | sed -n 's/ ±.*//p') <(/usr/bin/python3 drift.py reference.csv current.csv)
compare 'KS of two CSV of 162 MB | pandas, scipy' 'at most 0.25' 5 "$bin/bench_drift" reference.csv current.csv -- \
    /usr/bin/python3 drift.py reference.csv current.csv
compare '  exact | pandas, scipy' 'at most 0.25' 5 "$bin/bench_drift" --exact reference.csv current.csv -- \
    /usr/bin/python3 drift.py reference.csv current.csv
resident() { "$bin/bench_drift" "$@" reference.csv current.csv | awk 'END { printf "%.0f MB", $(NF - 1) * 1024 / 1e6 }'; }
row '  memory with sketches' "$(resident)" '' '' 'under 50 MB'
row '  memory, exact' "$(resident --exact)" '' '' 'under 300 MB'
rm reference.csv current.csv

cat >"$scratch/tensors.py" <<'EOS'
import json, struct, sys, time
path, header = sys.argv[1], {}
for i in range(10000):
    name = "model.layers.%d.self_attn.%s_proj.weight" % (i // 10, "qkvorabcde"[i % 10])
    header[name] = {"dtype": "F32", "shape": [4, 2], "data_offsets": [32 * i, 32 * i + 32]}
text = json.dumps(header).encode()
open(path, "wb").write(struct.pack("<Q", len(text)) + text + bytes(320000))
times = []
for _ in range(21):
    start = time.perf_counter()
    json.loads(text)
    times.append(time.perf_counter() - start)
print(sorted(times)[10])
EOS
loads=$(/usr/bin/python3 "$scratch/tensors.py" "$scratch/m.safetensors")
read -r opened values < <("$bin/bench_open" "$scratch/m.safetensors" 21)
[ "$values" = 10000 ]
row 'open 10,000 tensors | json.loads of their header' "$(ms "$opened")" "$(ms "$loads")" \
    "$(awk "BEGIN { printf \"%.2f\", $opened / $loads }")" 'under 20 ms'

tensors=$scratch/tensors
mkdir "$tensors"
/usr/bin/python3 - "$tensors" <<'EOF'
import numpy as np, sys
a = np.random.default_rng(1).standard_normal(1 << 28, dtype=np.float32)
a.tofile(sys.argv[1] + "/a")
a.tofile(sys.argv[1] + "/copy")
(a.view(np.int32) + 1).tofile(sys.argv[1] + "/every")
a.view(np.int32)[200000000] += 1
a.tofile(sys.argv[1] + "/one")
EOF
cat >"$tensors/ulp.py" <<'EOF'
import numpy as np, sys
a, b = (np.memmap(name, np.float32, "r") for name in sys.argv[1:])
print(np.abs(a.view(np.int32).astype(np.int64) - b.view(np.int32)).max())
EOF
cd "$tensors"
cat a copy one every >/dev/null
compare '2 tensors of 1 GB, one element moved | cmp' 'at most 1' 7 "$bin/bench_tensors" compare f32 a one -- cmp a copy
compare '2 tensors of 1 GB, every element | cmp' 'at most 1' 7 "$bin/bench_tensors" compare f32 a every -- cmp a copy
compare '2 tensors of 1 GB, one element | numpy max ULP' 'at most 0.1' 3 "$bin/bench_tensors" compare f32 a one -- \
    /usr/bin/python3 ulp.py a one
compare '2 tensors of 1 GB, every | numpy max ULP' 'at most 0.1' 3 "$bin/bench_tensors" compare f32 a every -- \
    /usr/bin/python3 ulp.py a every
row '  memory besides the maps' "$("$bin/bench_tensors" compare f32 a every | sed -n 's/^besides //p')" '' '' 'under 64 MB'
/usr/bin/python3 - a one.safetensors <<'EOF'
import json, os, struct, sys
size = os.path.getsize(sys.argv[1])
header = json.dumps({"w": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}).encode()
with open(sys.argv[2], "wb") as out, open(sys.argv[1], "rb") as data:
    out.write(struct.pack("<Q", len(header)) + header)
    while part := data.read(1 << 24):
        out.write(part)
EOF
compare 'content of a 1 GB safetensors | SHA-256 of it' 'at most 1.11' 3 "$bin/bench_content" one.safetensors -- \
    openssl dgst -sha256 one.safetensors
rm one.safetensors
compare 'summary of a tensor of 1 GB | SHA-256 of it' 'told' 3 "$bin/bench_tensors" summarise f32 a -- openssl dgst -sha256 a

cat >"$scratch/rows.py" <<'EOS'
import time
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
cities = st.sampled_from(["Berlin", "Paris", "Lyon", "Wien"])
columns = [st.integers(0, 10000)] * 3 + [st.floats()] * 3 + [st.booleans(), cities, cities, st.text(max_size=40)]
rows = 0
@settings(max_examples=2000, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({"column_%d" % i: column for i, column in enumerate(columns)}))
def count(row):
    global rows
    rows += 1
start = time.process_time()
count()
print(rows / (time.process_time() - start))
EOS
read -r generated _ < <("$bin/bench_cases" 2000000)
hypothesis=$(/usr/bin/python3 "$scratch/rows.py")
row 'rows of ten columns made, one core | Hypothesis' "$(awk "BEGIN { printf \"%.0f/s\", $generated }")" \
    "$(awk "BEGIN { printf \"%.0f/s\", $hypothesis }")" "$(awk "BEGIN { printf \"%.0f\", $generated / $hypothesis }")" \
    'at least 1,000,000/s'

cat >"$scratch/ask.py" <<'EOS'
import http.client, json, socket, subprocess, sys, time
what, program, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
row = {"age": 5, "tenure": 7, "calls": 1, "visits": 9, "income": 1.25, "debt": 3.5, "score": 0.5, "ratio": 7.75,
       "region": "north", "segment": "west"}
if what == "stream":
    model = subprocess.Popen([program, "model"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    def ask():
        model.stdin.write(json.dumps(row).encode() + b"\n")
        model.stdin.flush()
        return json.loads(model.stdout.readline())["prediction"]
else:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    model = subprocess.Popen([program, "server", str(port)])
    server = http.client.HTTPConnection("127.0.0.1", port)
    while True:
        try:
            server.connect()
            break
        except ConnectionRefusedError:
            time.sleep(0.01)
    def ask():
        server.request("POST", "/invocations", json.dumps({"dataframe_records": [row]}), {"Content-Type": "application/json"})
        return json.loads(server.getresponse().read())["predictions"][0]
start = time.perf_counter()
assert all(ask() == 1 for _ in range(count))
print(count / (time.perf_counter() - start))
model.kill()
EOS
cd "$scratch"
for way in 'stream 2000000 20000 100,000' 'api 100000 5000 5,000'; do
    read -r kind count fewer asked <<<"$way"
    rate=$("$bin/bench_serve" "$kind" "$count")
    python=$(/usr/bin/python3 "$scratch/ask.py" "$kind" "$bin/bench_serve" "$fewer")
    row "questions to a trivial model, $kind | Python" "$(awk "BEGIN { printf \"%.0f/s\", $rate }")" \
        "$(awk "BEGIN { printf \"%.0f/s\", $python }")" "$(awk "BEGIN { printf \"%.0f\", $rate / $python }")" "at least $asked/s"
done

read -r answered late50 late99 _ < <("$bin/bench_load" load 20000 5)
"$bin/bench_load" server 28471 0 &
server=$!
until (exec 3<>/dev/tcp/127.0.0.1/28471) 2>/dev/null; do :; done
closed=$(wrk -t1 -c8 -d5 http://127.0.0.1:28471/ | sed -n 's|^Requests/sec: *||p')
kill "$server"
read -r most _ < <("$bin/bench_load" load 60000 5)
row 'questions at 20,000/s, an open loop: answered' "$(awk "BEGIN { printf \"%.0f/s\", $answered }")" '' '' 'at least 20,000/s'
row '  taken up late by: median | 99 %' "$(us "$(awk "BEGIN { printf \"%.0f\", $late50 * 1e6 }")")" \
    "$(us "$(awk "BEGIN { printf \"%.0f\", $late99 * 1e6 }")")" '' 'under 100 µs'
row '  at 60,000/s | wrk, a closed loop' "$(awk "BEGIN { printf \"%.0f/s\", $most }")" \
    "$(awk "BEGIN { printf \"%.0f/s\", $closed }")" "$(awk "BEGIN { printf \"%.2f\", $most / $closed }")" 'told'
read -r _ _ _ beyond50 beyond99 < <("$bin/bench_load" load 1000 5 300)
row '  beyond a known latency: median | 99 %' "$(us "$(awk "BEGIN { printf \"%.0f\", $beyond50 * 1e6 }")")" \
    "$(us "$(awk "BEGIN { printf \"%.0f\", $beyond99 * 1e6 }")")" '' 'under 100 µs'
