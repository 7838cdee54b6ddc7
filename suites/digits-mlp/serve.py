# SPDX-License-Identifier: Apache-2.0
"""Serves the trained network on 127.0.0.1 by the Open Inference Protocol (version 2): serve.py [--log FILE] PORT

    POST /v2/models/digits-mlp/infer   one input a pixel, of shape [N] or [N, 1]; data are numbers
                                       → one output "digit" of shape [N]
    GET  /v2, /v2/models/digits-mlp, /v2/health/live, /v2/health/ready, /v2/models/digits-mlp/ready

An image is 64 whole numbers from 0 to 16, every one of them required: the network has never seen one missing. It
computes in doubles, where the size of a batch moves the last bits too little to change which digit is likeliest. Nothing
of what was sent is repeated in a message, but for the request's own id.

With --log, each POST is appended to FILE as a line of JSON, before it is answered: "time", "id" (the request's header
X-Request-Id, or else its "id", or one of ours), "model" (SHA-256 of its file), "input" (the images, an object each),
"output" (a digit for each), "latency" in seconds. One that was not answered so has "error" instead, and as "input"
{"body": what was sent}.
"""
import argparse
import datetime
import hashlib
import json
import os
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import torch

MODEL = Path(__file__).parent / "out" / "model.pt"
NAME = "digits-mlp"
PIXELS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
KNOWN = frozenset(PIXELS)
DARKEST = 16
DIGITS = 10
BODY_LIMIT = 16 << 20
LOGGED_LIMIT = 64 << 10  # of a body that was refused
ID_LIMIT = 64
ROW_LIMIT = 1 << 16
NUMERIC = {"FP16", "FP32", "FP64"} | {f"{sign}INT{size}" for sign in ("", "U") for size in (8, 16, 32, 64)}


class Refused(Exception):
    """What was asked cannot be answered; the message says why."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.status = status


# ---- What is asked


def members(pairs):
    """An object of JSON; json.loads alone would keep the last of two that have one name."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Refused("a name comes twice in an object")
    return result


def bare_word(word):
    raise Refused(f"{word} is not JSON")


def read_json(body):
    try:
        asked = json.loads(body.decode(), object_pairs_hook=members, parse_constant=bare_word)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if not isinstance(asked, dict) or not isinstance(asked.get("inputs"), list):
        raise Refused('expected an object with a list of "inputs"')
    name = asked.get("id", "")
    if not isinstance(name, str) or len(name) > ID_LIMIT or not name.isprintable():
        raise Refused(f'expected up to {ID_LIMIT} printable characters as "id"')
    return asked


def read_shape(name, shape):
    """How many rows, and whether each is a list of its own."""
    sizes = shape if isinstance(shape, list) else []
    if len(sizes) not in (1, 2) or sizes[1:] not in ([], [1]) or not all(type(size) is int for size in sizes):
        raise Refused(f"{name}: expected the shape [N] or [N, 1]")
    if not 0 <= sizes[0] <= ROW_LIMIT:
        raise Refused(f"{name}: expected 0 to {ROW_LIMIT} rows")
    return sizes[0], len(sizes) == 2


def pixel(name, value, nested):
    if nested and isinstance(value, list) and len(value) == 1:
        (value,) = value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= DARKEST or value % 1:
        raise Refused(f"{name}: expected whole numbers from 0 to {DARKEST}")
    return value


def read_column(part):
    """The name of an input, and its values."""
    if not isinstance(part, dict) or not isinstance(part.get("name"), str):
        raise Refused('expected inputs with a "name"')
    name = part["name"]
    if name not in KNOWN:
        raise Refused("there is an input that the model does not know; it knows pixel_0_0 to pixel_7_7")
    count, nested = read_shape(name, part.get("shape"))
    if not isinstance(part.get("datatype"), str) or part["datatype"] not in NUMERIC:
        raise Refused(f"{name}: expected numbers, such as INT64")
    data = part.get("data")
    if not isinstance(data, list) or len(data) != count:
        raise Refused(f"{name}: the data do not fit the shape")
    return name, [pixel(name, value, nested) for value in data]


def read_images(asked):
    columns = {}
    for part in asked["inputs"]:
        name, values = read_column(part)
        if name in columns:
            raise Refused(f"{name}: comes twice")
        columns[name] = values
    for name in PIXELS:
        if name not in columns:
            raise Refused(f"{name}: is missing")
    if len({len(values) for values in columns.values()}) > 1:
        raise Refused("inputs have different numbers of rows")
    return list(zip(*(columns[name] for name in PIXELS)))


# ---- What is answered


class Model:
    def __init__(self):
        weights = torch.load(MODEL)
        hidden = weights["0.weight"].shape[0]
        self.network = torch.nn.Sequential(
            torch.nn.Linear(len(PIXELS), hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, DIGITS)
        )
        self.network.load_state_dict(weights)
        self.network.double().eval()

    def infer(self, images):
        pixels = torch.tensor(images, dtype=torch.float64).reshape(-1, len(PIXELS))
        with torch.inference_mode():
            return self.network(pixels / DARKEST).argmax(dim=1).tolist()


def reply(asked, digits):
    output = {"name": "digit", "shape": [len(digits)], "datatype": "INT64", "data": digits}
    answer = {"model_name": NAME, "outputs": [output]}
    return {**answer, "id": asked["id"]} if "id" in asked else answer


class Log:
    """Appends a line for each request, in one write, so that lines of several threads do not mix."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) if path else None
        self.model = hashlib.sha256(MODEL.read_bytes()).hexdigest()

    def write(self, since, name, **fields):
        if self.file is None:
            return
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        entry = {"time": now, "id": name or str(uuid.uuid4()), "model": self.model}
        line = json.dumps({**entry, **fields, "latency": round(time.perf_counter() - since, 6)}) + "\n"
        try:
            os.write(self.file, line.encode())
        except OSError as error:  # a request is answered all the same
            print(f"the log cannot be written: {error.strerror}", file=sys.stderr)

    def answered(self, since, name, images, digits):
        self.write(since, name, input=[dict(zip(PIXELS, image)) for image in images], output=digits)

    def refused(self, since, name, body, message):
        self.write(since, name, input={"body": body[:LOGGED_LIMIT].decode(errors="replace")}, error=message)


DESCRIPTION = {
    "name": NAME,
    "platform": "pytorch",
    "inputs": [{"name": name, "datatype": "INT64", "shape": [-1]} for name in PIXELS],
    "outputs": [{"name": "digit", "datatype": "INT64", "shape": [-1]}],
}
PAGES = {
    "/v2": {"name": NAME, "version": "1", "extensions": []},
    "/v2/health/live": {"live": True},
    "/v2/health/ready": {"ready": True},
    f"/v2/models/{NAME}": DESCRIPTION,
    f"/v2/models/{NAME}/ready": {"name": NAME, "ready": True},
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open
    disable_nagle_algorithm = True
    server_version, sys_version = "digits", ""
    timeout = 60

    def respond(self, status, content):
        body = json.dumps(content).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def read_body(self):
        """All of it, whatever is answered: what stayed unread would be taken for the next request."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 20) or int(length) > BODY_LIMIT:
            self.close_connection = True
            raise Refused(f"expected a Content-Length up to {BODY_LIMIT}", 413 if length.isdigit() else 411)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            raise Refused("the body is cut off")
        return body

    def do_GET(self):
        page = PAGES.get(self.path)
        self.respond(200, page) if page else self.respond(404, {"error": "there is nothing here"})

    def do_POST(self):
        since, body, asked = time.perf_counter(), b"", {}
        try:
            body = self.read_body()
            if self.path not in (f"/v2/models/{NAME}/infer", f"/v2/models/{NAME}/versions/1/infer"):
                raise Refused("there is no such model", 404)
            if self.headers.get_content_type() != "application/json":
                raise Refused("expected application/json", 415)
            asked = read_json(body)
            images = read_images(asked)
            digits = self.server.model.infer(images)
            status, content = 200, reply(asked, digits)
        except Refused as error:
            status, content = error.status, {"error": str(error)}
        except Exception as error:  # the process lives on; what happened is for whoever reads what it prints
            print(f"while answering: {error!r}", file=sys.stderr)
            status, content = 500, {"error": "the model failed"}
        name = self.headers.get("X-Request-Id") or asked.get("id")
        if status == 200:
            self.server.log.answered(since, name, images, digits)
        else:
            self.server.log.refused(since, name, body, content["error"])
        self.respond(status, content)

    def send_error(self, code, message=None, explain=None):
        """What http.server refuses by itself, in the protocol's form rather than as HTML."""
        self.close_connection = True
        self.respond(code, {"error": self.responses.get(code, ("bad request",))[0]})

    def log_message(self, format, *arguments):
        """Not a line for each request."""


def main(port, log):
    torch.set_num_threads(1)
    model = Model()
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.model, server.log = model, Log(log)
    server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", metavar="FILE")
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    main(arguments.port, arguments.log)
