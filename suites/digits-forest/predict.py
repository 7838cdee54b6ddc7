# SPDX-License-Identifier: Apache-2.0
"""Asks the trained forest which digit an image shows.

    predict.py --jsonl [--log FILE]  {"pixel_0_0": 0, …} a line in, {"prediction": 7} or {"error": "…"} a line out
    predict.py INPUT.csv OUTPUT.csv  a row in, a row out; a file with a bad row is refused as a whole

An image is 64 whole numbers from 0 to 16, every one of them required: the forest has never seen one missing, and what
it would answer then means nothing. Nothing of what was sent is repeated in a message.

With --log, each line is appended to FILE as a line of JSON, before it is answered: "time", "id" (the line's key "id",
which is for the log alone, or one of ours), "model" (SHA-256 of its file), "input" (the pixels), "output" (the digit),
"latency" in seconds. One that was refused has "error" instead, and as "input" {"line": what was sent}.
"""
import argparse
import csv
import datetime
import hashlib
import json
import os
import re
import sys
import time
import uuid
from pathlib import Path

import joblib
import numpy

MODEL = Path(__file__).parent / "out" / "model.joblib"
PIXELS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
TARGET = "digit"  # may be there, as in the training data; it is not looked at
DARKEST = 16
LINE_LIMIT = 1 << 16  # bytes; an image has about 1,200
ID_LIMIT = 64
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Refused(Exception):
    """What was asked cannot be answered; the message says why."""


def pixel(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= DARKEST or value % 1:
        raise Refused(f"{name}: expected a whole number from 0 to {DARKEST}")
    return value


def check_names(names):
    if len(set(names)) != len(names):
        raise Refused("a column comes twice")
    if set(names) - {*PIXELS, TARGET}:
        raise Refused("there is a column that the model does not know; it knows pixel_0_0 to pixel_7_7")
    for name in PIXELS:
        if name not in names:
            raise Refused(f"{name}: is missing")


def members(pairs):
    """An object of JSON; json.loads alone would keep the last of two that have one name."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Refused("a column comes twice")
    return result


def bare_word(word):
    raise Refused(f"{word} is not JSON")


def read_line(line):
    if len(line) > LINE_LIMIT:
        raise Refused("the line is too long for an image")
    try:
        image = json.loads(line.decode(), object_pairs_hook=members, parse_constant=bare_word)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if not isinstance(image, dict):
        raise Refused('expected a JSON object: {"pixel_0_0": 0, …}')
    return image


def take_id(image):
    name = image.pop("id", None)
    if name is None:
        return None
    text = str(name) if isinstance(name, (str, int)) and not isinstance(name, bool) else ""
    if not 1 <= len(text) <= ID_LIMIT or not text.isprintable():
        raise Refused(f"id: expected 1 to {ID_LIMIT} printable characters")
    return text


class Question:
    """A line that was sent: the image in it, or else the error."""

    def __init__(self, line):
        self.line, self.id, self.image, self.error = line, None, None, None
        try:
            image = read_line(line)
            self.id = take_id(image)
            check_names(list(image))
            self.image = [pixel(name, image[name]) for name in PIXELS]
        except Refused as error:
            self.error = str(error)


def guess(model, images):
    return model.predict(numpy.array(images, dtype=float)).tolist() if images else []


def answer(model, questions):
    """One digit for each, None where there is no image. The forest is asked all at once: much faster than one each."""
    images = [question.image for question in questions if question.image]
    digits = iter(guess(model, images))
    return [next(digits) if question.image else None for question in questions]


class Log:
    """Appends a line for each question; those that were answered together in one write."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) if path else None
        self.model = hashlib.sha256(MODEL.read_bytes()).hexdigest()

    def write(self, since, questions, digits):
        if self.file is None or not questions:
            return
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        latency = round(time.perf_counter() - since, 6)
        lines = []
        for question, digit in zip(questions, digits):
            entry = {"time": now, "id": question.id or str(uuid.uuid4()), "model": self.model, "latency": latency}
            lines.append(json.dumps({**entry, **self.content(question, digit)}) + "\n")
        try:
            os.write(self.file, "".join(lines).encode())
        except OSError as error:  # the lines are answered all the same
            print(f"predict.py: the log cannot be written: {error.strerror}", file=sys.stderr)

    @staticmethod
    def content(question, digit):
        if question.error:
            line = question.line[:LINE_LIMIT].decode(errors="replace")
            return {"input": {"line": line}, "error": question.error}
        return {"input": dict(zip(PIXELS, question.image)), "output": digit}


def read_lines(descriptor):
    """Lists of lines, as they come. Of a line that is too long, only enough is kept to see that."""
    rest = b""
    while piece := os.read(descriptor, 1 << 16):
        *lines, rest = (rest + piece).split(b"\n")
        rest = rest[: LINE_LIMIT + 1]
        yield lines
    yield [rest] if rest else []


def stream(model, log):
    for lines in read_lines(sys.stdin.fileno()):
        since = time.perf_counter()
        questions = [Question(line) for line in lines]
        digits = answer(model, questions)
        log.write(since, questions, digits)
        for question, digit in zip(questions, digits):
            print(json.dumps({"error": question.error} if question.error else {"prediction": digit}))
        sys.stdout.flush()


def cell(name, text):
    if not NUMBER.fullmatch(text):
        raise Refused(f"{name}: expected a whole number from 0 to {DARKEST}")
    return pixel(name, float(text))


def read_table(path):
    images = []
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            names = next(rows, [])
            check_names(names)
            for row in rows:
                if len(row) != len(names):
                    raise Refused(f"line {rows.line_num}: expected {len(names)} cells, found {len(row)}")
                try:
                    image = {name: cell(name, text) for name, text in zip(names, row) if name != TARGET}
                except Refused as error:
                    raise Refused(f"line {rows.line_num}: {error}") from error
                images.append([image[name] for name in PIXELS])
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refused("not CSV in UTF-8") from error
    return images


def batch(model, source, target):
    digits = guess(model, read_table(source))
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(["prediction", *map(str, digits)]) + "\n")


def read_arguments():
    parser = argparse.ArgumentParser(usage="predict.py --jsonl [--log FILE], or predict.py INPUT.csv OUTPUT.csv")
    parser.add_argument("--jsonl", action="store_true")
    parser.add_argument("--log", metavar="FILE")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    if len(arguments.files) != (0 if arguments.jsonl else 2) or (arguments.log and not arguments.jsonl):
        parser.error("expected --jsonl, or two files")
    return arguments


def main(arguments):
    model = joblib.load(MODEL)
    try:
        if arguments.jsonl:
            stream(model, Log(arguments.log))
        else:
            batch(model, *arguments.files)
    except Refused as error:
        sys.exit(f"predict.py: {error}")


if __name__ == "__main__":
    main(read_arguments())
