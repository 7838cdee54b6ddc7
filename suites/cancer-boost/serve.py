# SPDX-License-Identifier: Apache-2.0
"""Serves the trained trees on 127.0.0.1, as MLflow's scoring server speaks: serve.py [--log FILE] PORT

    POST /invocations  {"dataframe_split": …}, {"dataframe_records": …}, {"instances": …}, {"inputs": …} or text/csv
                       → {"predictions": [0.97, …]}, how likely each tumour is benign
    GET  /ping, /health, /version

What MLflow takes and this does not: NaN and null (the trees have never seen a measurement missing), columns that the
model does not know (one may be a known one, misspelt), and a stack trace in an answer. Nothing of what was sent is
repeated in a message.

With --log, each request is appended to FILE as a line of JSON, before it is answered: "time", "id" (the request's header
X-Request-Id, or one of ours), "model" (SHA-256 of its file), "input" (the rows), "output" (a chance for each), "latency"
in seconds. One that was refused has "error" instead, and as "input" {"body": what was sent}.
"""
import argparse
import csv
import datetime
import hashlib
import io
import json
import logging
import os
import re
import time
import uuid
from pathlib import Path

import numpy
import xgboost
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

MODEL = Path(__file__).parent / "out" / "model.json"
BODY_LIMIT = 16 << 20
LOGGED_LIMIT = 64 << 10  # of a body that was refused
MOST = 1e5  # of any measurement: far beyond all of them, and what float32 holds well
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Refused(Exception):
    """What was asked cannot be answered; the message says why."""

    def __init__(self, message, status=400):
        super().__init__(message)
        self.status = status


# ---- Rows


def measurement(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST:
        raise Refused(f"{name}: expected a number from 0 to {MOST:g}")
    return float(value)


def places(names, known):
    """For each column of the model, where it stands among `names`."""
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise Refused("a column comes twice, or has no name")
    if not set(known) >= set(names):
        raise Refused("there is a column that the model does not know")
    for name in known:
        if name not in names:
            raise Refused(f"{name}: is missing")
    return [names.index(name) for name in known]


def from_table(names, rows, known):
    order = places(names, known)
    table = []
    for row in rows:
        if not isinstance(row, list) or len(row) != len(names):
            raise Refused(f"expected rows of {len(names)} values")
        table.append([measurement(name, row[place]) for name, place in zip(known, order)])
    return table


def from_records(records, known):
    table = []
    for record in records:
        if not isinstance(record, dict):
            raise Refused("expected rows that are objects")
        table += from_table(list(record), [list(record.values())], known)
    return table


def from_columns(columns, known):
    places(list(columns), known)
    values = [columns[name] for name in known]
    if not all(isinstance(column, list) and len(column) == len(values[0]) for column in values):
        raise Refused("expected columns of equal length")
    return from_table(known, [list(row) for row in zip(*values)], known)


def from_list(rows, known):
    if not isinstance(rows, list):
        raise Refused("expected a list of rows")
    if all(isinstance(row, dict) for row in rows):
        return from_records(rows, known)
    return from_table(known, rows, known)


def from_split(split, known):
    if not isinstance(split, dict) or not {"columns", "data"} <= split.keys() <= {"columns", "data", "index"}:
        raise Refused('expected "columns" and "data" in "dataframe_split"')
    if not isinstance(split["columns"], list) or not isinstance(split["data"], list):
        raise Refused('expected lists as "columns" and "data"')
    return from_table(split["columns"], split["data"], known)


def from_inputs(inputs, known):
    return from_columns(inputs, known) if isinstance(inputs, dict) else from_list(inputs, known)


FORMS = {
    "dataframe_split": from_split,
    "dataframe_records": from_list,
    "instances": from_list,
    "inputs": from_inputs,
}


# ---- Bodies


def members(pairs):
    """An object of JSON; json.loads alone would keep the last of two that have one name."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Refused("a name comes twice in an object")
    return result


def bare_word(word):
    raise Refused(f"{word} is not JSON")


def rows_of_json(body, known):
    try:
        asked = json.loads(body.decode(), object_pairs_hook=members, parse_constant=bare_word)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    forms = asked.keys() & FORMS.keys() if isinstance(asked, dict) else ()
    if len(forms) != 1 or asked.keys() - FORMS.keys() - {"params"}:
        raise Refused("expected an object with one of " + ", ".join(FORMS))
    (form,) = forms
    return FORMS[form](asked[form], known)


def cell(text):
    return float(text) if NUMBER.fullmatch(text) else None


def rows_of_csv(body, known):
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refused("not CSV in UTF-8") from error
    if not rows:
        raise Refused("there is no header")
    return from_table(rows[0], [[cell(text) for text in row] for row in rows[1:]], known)


READERS = {"application/json": rows_of_json, "text/csv": rows_of_csv}


def read_rows(known):
    reader = READERS.get(request.mimetype)
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if not reader or charset != "utf-8":
        raise Refused("expected application/json or text/csv, in UTF-8", 415)
    return reader(request.get_data(), known)


# ---- The log


class Log:
    """Appends a line for each request, in one write, so that lines of several threads do not mix."""

    def __init__(self, path, model):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) if path else None
        self.model = model

    def write(self, since, **fields):
        if self.file is None:
            return
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        entry = {"time": now, "id": request.headers.get("X-Request-Id") or str(uuid.uuid4()), "model": self.model}
        line = json.dumps({**entry, **fields, "latency": round(time.perf_counter() - since, 6)}) + "\n"
        try:
            os.write(self.file, line.encode())
        except OSError:  # a request is answered all the same
            logging.exception("the log cannot be written")

    def answered(self, since, names, rows, output):
        self.write(since, input=[dict(zip(names, row)) for row in rows], output=output)

    def refused(self, since, error):
        body = request.get_data()[:LOGGED_LIMIT].decode(errors="replace")
        self.write(since, input={"body": body}, error=str(error))


# ---- Answers


def respond(status, content):
    return Response(json.dumps(content) + "\n", status, mimetype="application/json")


def refusal(error):
    return respond(error.status, {"error_code": "BAD_REQUEST", "message": str(error)})


def http_fault(error):
    return respond(error.code, {"error_code": "BAD_REQUEST", "message": error.name})


def our_fault(error):
    logging.exception("while answering", exc_info=error)
    return respond(500, {"error_code": "INTERNAL_ERROR", "message": "the model failed"})


def make_app(model, log):
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, http_fault)
    app.register_error_handler(Exception, our_fault)
    known = model.feature_names

    @app.post("/invocations")
    def invocations():
        since = time.perf_counter()
        try:
            rows = read_rows(known)
        except Refused as error:
            log.refused(since, error)
            raise
        chances = []
        if rows:
            table = xgboost.DMatrix(numpy.array(rows), feature_names=known, nthread=1)
            chances = model.predict(table).astype(float).tolist()
        log.answered(since, known, rows, chances)
        return respond(200, {"predictions": chances})

    @app.get("/ping")
    @app.get("/health")
    def health():
        return Response("\n", mimetype="application/json")

    @app.get("/version")
    def version():
        return Response(xgboost.__version__ + "\n", mimetype="text/plain")

    return app


def main(port, log):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
    model = xgboost.Booster({"nthread": 1})
    model.load_model(str(MODEL))
    app = make_app(model, Log(log, hashlib.sha256(MODEL.read_bytes()).hexdigest()))
    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", metavar="FILE")
    parser.add_argument("port", type=int)
    arguments = parser.parse_args()
    main(arguments.port, arguments.log)
