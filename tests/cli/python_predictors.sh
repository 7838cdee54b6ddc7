#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the predictors of the Python suites read clean rows well, in every way of asking alike, and refuse messy ones
# clearly: never a stack trace, never a 500.
set -euo pipefail
python=/usr/bin/python3
"$python" -c 'import flask, sklearn, torch, xgboost' 2>/dev/null || { echo "needs the suites' packages"; exit 77; }
scratch=$(mktemp -d)
servers=()
leave() {
    [ "${#servers[@]}" -eq 0 ] || kill "${servers[@]}" 2>/dev/null || :
    wait
    rm -rf "$scratch"
}
trap leave EXIT
cp -r "$SOURCE_DIR"/suites/{cancer-boost,digits-forest,digits-mlp} "$scratch"
cd "$scratch"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
for suite in cancer-boost digits-forest digits-mlp; do
    rm -rf "$suite/out"
    "$python" "$suite/train.py" >/dev/null
done
"$python" digits-forest/predict.py digits-forest/sample.csv predictions.csv
read -r mlflow oip < <("$python" - <<'PYTHON'
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in sockets))
PYTHON
)
"$python" cancer-boost/serve.py --log predictions.jsonl "$mlflow" 2>mlflow.log &
servers+=($!)
"$python" digits-mlp/serve.py --log images.jsonl "$oip" 2>oip.log &
servers+=($!)

"$python" - "$mlflow" "$oip" <<'PYTHON'
import csv, hashlib, http.client, json, os, subprocess, sys, time

def ask(port, path, body=b"", kind="application/json", method="POST"):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, body, {"Content-Type": kind})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if text.strip() else None

def wait_for(port, path):
    for _ in range(600):
        try:
            if ask(port, path, method="GET")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{path}: never ready")

def read(suite, target, convert):
    rows = list(csv.DictReader(open(f"{suite}/sample.csv")))
    truth = [int(row.pop(target)) for row in rows]
    return [{name: convert(cell) for name, cell in row.items()} for row in rows], truth

def share(answers, truth):
    return sum(a == b for a, b in zip(answers, truth, strict=True)) / len(truth)

def refused(reply, says):
    status, content = reply
    message = content.get("error", content.get("message"))
    assert status in (400, 404, 405, 415) and says in message and "Traceback" not in str(content), reply

images, digits = read("digits-forest", "digit", int)
tumours, benign = read("cancer-boost", "benign", float)

# ---- digits-forest: stream as batch
def stream(lines, *options, says=b""):
    run = subprocess.run([sys.executable, "digits-forest/predict.py", "--jsonl", *options], check=True,
                         input=b"\n".join(lines) + b"\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert says in run.stderr if says else not run.stderr, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers
good, dumped = images[0], json.dumps(images[0]).encode()
batch = [int(row["prediction"]) for row in csv.DictReader(open("predictions.csv"))]
bad = [b"", b"null", b"{", b"\xff", b"a\0b", dumped[:-1], dumped + b"x", dumped[:-1] + b', "pixel_0_0": 0}',
       b'{"a":' + b"[" * 30000, b'{"a": "' + b"x" * 1000000 + b'"}', b'{"a": 1' + b"0" * 5000 + b"}"]
bad += [json.dumps({**good, **change}).encode() for change in (
    {"pixel_0_0": None}, {"pixel_0_0": True}, {"pixel_0_0": "1"}, {"pixel_0_0": 0.5}, {"pixel_0_0": -1},
    {"pixel_0_0": 17}, {"pixel_0_0": float("nan")}, {"pixel_0_0": [1]}, {"x": 1}, {"id": ""}, {"id": "x" * 65},
    {"id": "a\nb"}, {"id": "\ud800"}, {"id": True}, {"id": 1.5}, {"id": [1]})]
answers = stream([json.dumps(image).encode() for image in images] + bad + [dumped.replace(b": 0,", b": 0.0,")])
assert [answer["prediction"] for answer in answers[:len(images)]] == batch and share(batch, digits) > 0.9
assert all(list(answer) == ["error"] for answer in answers[len(images):-1]), answers[len(images):]
assert answers[-1] == answers[0]

# With --log, the answers are the same, and each line is kept, with the id that it gave or one of its own.
digest = hashlib.sha256(open("digits-forest/out/model.joblib", "rb").read()).hexdigest()
asked = [json.dumps({**image, "id": f"a{i}", "digit": 0}).encode() for i, image in enumerate(images[:100])]
asked += [json.dumps({"id": 7, **good}).encode(), dumped, b'{"id": "bad", "x": 1}', b'secret "\xff\0', b""] + bad[-4:]
answers = stream(asked, "--log", "lines.jsonl")
assert answers == stream(asked)
entries = [json.loads(line) for line in open("lines.jsonl")]
for entry, answer in zip(entries, answers, strict=True):
    assert entry["model"] == digest and 0 <= entry["latency"] < 60 and entry["time"].endswith("+00:00"), entry
    assert entry.get("output") == answer.get("prediction") and entry.get("error") == answer.get("error"), (entry, answer)
assert [entry["id"] for entry in entries[:101]] == [f"a{i}" for i in range(100)] + ["7"]
assert [entry["input"] for entry in entries[:102]] == images[:100] + [good, good]
assert len({entry["id"] for entry in entries}) == len(entries) and entries[102]["id"] == "bad"
assert [entry["input"] for entry in entries[103:105]] == [{"line": 'secret "\ufffd\0'}, {"line": ""}]
stream(asked[:2], "--log", "lines.jsonl")
assert sum(1 for line in open("lines.jsonl")) == len(asked) + 2, "a log that is there is not added to"
if os.path.exists("/dev/full"):
    assert stream(asked, "--log", "/dev/full", says=b"the log cannot be written") == answers

# All lines that came together are one question to the model.
sys.path.append("digits-forest")
import predict
class Counting:
    sizes = []
    def predict(self, images):
        self.sizes.append(len(images))
        return images[:, 0]
assert len(predict.answer(Counting(), [predict.Question(line) for line in asked])) == len(asked)
assert Counting.sizes == [102], Counting.sizes
for content in (b"", b"pixel_0_0\n1\n", b"\xff\n", b'"a', ",".join(good).encode() + b"\n" + b"1," * 63 + b"nan\n"):
    open("in.csv", "wb").write(content)
    run = subprocess.run([sys.executable, "digits-forest/predict.py", "in.csv", "out.csv"], stderr=subprocess.PIPE)
    assert run.returncode == 1 and run.stderr.startswith(b"predict.py: ") and run.stderr.count(b"\n") == 1, run

# ---- cancer-boost: every form of the protocol
mlflow, oip = sys.argv[1:]
wait_for(mlflow, "/ping")
names, table = list(tumours[0]), [list(row.values()) for row in tumours]
text = "\r\n".join([",".join(names)] + [",".join(map(repr, row)) for row in table]).encode()
def invoke(body, kind="application/json"):
    return ask(mlflow, "/invocations", body, kind)
replies = [invoke({"dataframe_records": tumours}), invoke({"dataframe_split": {"columns": names, "data": table}}),
           invoke({"inputs": {name: [row[name] for row in tumours] for name in names}}), invoke({"inputs": tumours}),
           invoke({"instances": table, "params": {}}), invoke(text, "text/csv; charset=utf-8")]
assert all(reply == replies[0] for reply in replies) and replies[0][0] == 200
chances = replies[0][1]["predictions"]
assert share([chance > 0.5 for chance in chances], benign) > 0.9
for chance, row in zip(chances, tumours[:10]):
    assert invoke({"dataframe_records": [row]}) == (200, {"predictions": [chance]})
assert invoke({"dataframe_records": []}) == (200, {"predictions": []})
row = tumours[0]
for change, says in (({"mean radius": None}, "mean radius: expected a number"), ({"x": 1}, "does not know"),
                     ({"mean radius": "1"}, "mean radius: expected a number"), ({"mean radius": float("nan")}, "NaN"),
                     ({"mean radius": True}, "mean radius"), ({"mean radius": 1e9}, "mean radius")):
    refused(invoke({"dataframe_records": [{**row, **change}]}), says)
for body, says in ((b"", "not JSON"), (b"\xff", "not JSON"), (b"[" * 50000, "not JSON"), (b"{}", "one of"),
                   (b"null", "one of"), (b'{"a": 1, "a": 1}', "twice"), (b'{"instances": [[1]]}', "rows of 30"),
                   (b'{"inputs": {}}', "missing"), (b'{"inputs": 3}', "a list"),
                   (b'{"dataframe_split": {"columns": ["a", "a"], "data": []}}', "twice"),
                   (b'{"dataframe_split": {"columns": [[1]], "data": []}}', "no name")):
    refused(invoke(body), says)
refused(invoke(b"x", "text/plain"), "expected application/json or text/csv")
refused(invoke(b"x", "text/csv; charset=latin1"), "UTF-8")
refused(invoke(b'"a', "text/csv"), "not CSV")
refused(ask(mlflow, "/nowhere"), "Not Found")

# ---- digits-mlp
wait_for(oip, "/v2/health/ready")
def question(rows, **change):
    parts = [{"name": name, "shape": [len(rows)], "datatype": "INT64", "data": [row[name] for row in rows]}
             for name in images[0]]
    parts[0].update(change)
    return {"parameters": {"content_type": "pd"}, "inputs": parts}
def infer(body, kind="application/json"):
    return ask(oip, "/v2/models/digits-mlp/infer", body, kind)
def data(reply):
    assert reply[0] == 200, reply
    return reply[1]["outputs"][0]["data"]
guesses = data(infer(question(images)))
assert share(guesses, digits) > 0.9
assert [data(infer(question([image])))[0] for image in images[:10]] == guesses[:10]
assert data(infer(question([]))) == []
assert data(infer(question(images[:1], shape=[1, 1], data=[[0]], datatype="FP64"))) == guesses[:1]
for change, says in (({"data": [0.5]}, "whole numbers"), ({"data": [[0]]}, "whole numbers"), ({"data": [17]}, "whole numbers"), ({"data": [True]}, "whole"),
                     ({"data": [None]}, "whole"), ({"data": [float("nan")]}, "NaN"), ({"data": {}}, "do not fit"),
                     ({"shape": [2]}, "do not fit"), ({"shape": [True]}, "the shape"), ({"shape": "x"}, "the shape"),
                     ({"datatype": "BYTES", "data": ["0"]}, "expected numbers"), ({"datatype": [1]}, "expected numbers"),
                     ({"name": "x"}, "does not know"), ({"name": [1]}, "name"), ({"name": "pixel_0_1"}, "twice")):
    refused(infer(question(images[:1], **change)), says)
for body, says in ((b"", "not JSON"), (b"\xff", "not JSON"), (b"[" * 50000, "not JSON"), (b"null", "inputs"),
                   (b'{"inputs": []}', "missing"), (b'{"inputs": [1]}', "name"), (b'{"inputs": [], "inputs": []}', "twice")):
    refused(infer(body), says)
refused(infer(b"x", "text/plain"), "application/json")
refused(ask(oip, "/v2/models/other/infer"), "no such model")
assert ask(oip, "/v2/models/digits-mlp", method="GET")[1]["inputs"][0]["name"] == "pixel_0_0"
print(f"{len(images)} images read twice, {len(tumours)} tumours judged in {len(replies)} forms")
PYTHON
for log in mlflow.log oip.log; do
    if grep -v 'development server\|Running on\|CTRL' "$log"; then echo "$log is not silent"; exit 1; fi
done

# Each request is in the log, with the id that its header gave, and each line is one.
"$python" - "$mlflow" "$oip" <<'PYTHON'
import hashlib, http.client, json, sys
def ask(port, path, body, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    reply = json.loads(connection.getresponse().read())
    connection.close()
    return reply
def read_log(path, model):
    digest = hashlib.sha256(open(model, "rb").read()).hexdigest()
    entries = {}
    for line in open(path):
        entry = json.loads(line)
        assert entry["model"] == digest and entry["latency"] >= 0 and entry["time"].endswith("+00:00"), entry
        assert entry["error"] if "error" in entry else len(entry["output"]) == len(entry["input"]), entry
        assert entry["id"] not in entries, entry
        entries[entry["id"]] = entry
    return entries
def first_row(path):
    return json.loads(open(path).readline())["input"][0]

mlflow, oip = sys.argv[1:]
row = first_row("predictions.jsonl")
answered = ask(mlflow, "/invocations", json.dumps({"dataframe_records": [row, row]}), X_Request_Id="one")
refused = ask(mlflow, "/invocations", b'{"dataframe_records": [{"secret \xff\n": 1}]}', X_Request_Id="two")
entries = read_log("predictions.jsonl", "cancer-boost/out/model.json")
assert entries["one"]["input"] == [row, row] and entries["one"]["output"] == answered["predictions"]
assert entries["two"]["error"] == refused["message"] and "secret" in entries["two"]["input"]["body"]

row, path = first_row("images.jsonl"), "/v2/models/digits-mlp/infer"
parts = [{"name": name, "shape": [2], "datatype": "INT64", "data": [value, value]} for name, value in row.items()]
answered = ask(oip, path, json.dumps({"inputs": parts}), X_Request_Id="one")
assert ask(oip, path, json.dumps({"inputs": parts, "id": "own"}))["id"] == "own"
ask(oip, path, json.dumps({"inputs": parts, "id": "not this"}), X_Request_Id="header")
refused = ask(oip, path, b'{"secret \xff\n": 1}', X_Request_Id="two")
missing = ask(oip, path, json.dumps({"inputs": parts[1:], "id": "three"}))
for name in (1, "x" * 65, "a\nb", "\ud800"):
    assert "printable" in ask(oip, path, json.dumps({"inputs": parts, "id": name}))["error"]
nowhere = ask(oip, "/v2/models/other/infer", b"", X_Request_Id="four")
entries = read_log("images.jsonl", "digits-mlp/out/model.pt")
for name in ("one", "own", "header"):
    assert entries[name]["input"] == [row, row] and entries[name]["output"] == answered["outputs"][0]["data"]
for name, reply in (("two", refused), ("three", missing), ("four", nowhere)):
    assert entries[name]["error"] == reply["error"] and "output" not in entries[name]
assert "secret \ufffd\n" in entries["two"]["input"]["body"]
PYTHON

# A log that cannot be written stops no answer.
if [ -c /dev/full ]; then
    kill "${servers[1]}"
    wait "${servers[1]}" || :
    "$python" digits-mlp/serve.py --log /dev/full "$oip" 2>oip.log &
    servers[1]=$!
    "$python" - "$oip" <<'PYTHON'
import http.client, sys, time
for _ in range(600):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
        connection.request("POST", "/v2/models/digits-mlp/infer", b"{}", {"Content-Type": "application/json"})
        assert connection.getresponse().status == 400
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("never ready")
PYTHON
    grep -q '^the log cannot be written' oip.log || { cat oip.log; exit 1; }
fi
