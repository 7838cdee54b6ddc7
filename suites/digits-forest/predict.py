# SPDX-License-Identifier: Apache-2.0
"""Asks the trained forest which digit an image shows.

    predict.py --jsonl               {"pixel_0_0": 0, …} a line in, {"prediction": 7} or {"error": "…"} a line out
    predict.py INPUT.csv OUTPUT.csv  a row in, a row out; a file with a bad row is refused as a whole

An image is 64 whole numbers from 0 to 16, every one of them required: the forest has never seen one missing, and what
it would answer then means nothing. Nothing of what was sent is repeated in a message.
"""
import csv
import json
import os
import re
import sys
from pathlib import Path

import joblib
import numpy

MODEL = Path(__file__).parent / "out" / "model.joblib"
PIXELS = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
TARGET = "digit"  # may be there, as in the training data; it is not looked at
DARKEST = 16
LINE_LIMIT = 1 << 16  # bytes; an image has about 1,200
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


def image_of_line(line):
    if len(line) > LINE_LIMIT:
        raise Refused("the line is too long for an image")
    try:
        image = json.loads(line.decode(), object_pairs_hook=members, parse_constant=bare_word)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if not isinstance(image, dict):
        raise Refused('expected a JSON object: {"pixel_0_0": 0, …}')
    check_names(list(image))
    return [pixel(name, image[name]) for name in PIXELS]


def guess(model, images):
    return model.predict(numpy.array(images, dtype=float)).tolist() if images else []


def answer(model, lines):
    """One answer for each line; all images together are one question, which is much faster than one each."""
    images, errors = [], {}
    for number, line in enumerate(lines):
        try:
            images.append(image_of_line(line))
        except Refused as error:
            errors[number] = str(error)
    digits = iter(guess(model, images))
    for number in range(len(lines)):
        yield {"error": errors[number]} if number in errors else {"prediction": next(digits)}


def read_lines(descriptor):
    """Lists of lines, as they come. Of a line that is too long, only enough is kept to see that."""
    rest = b""
    while piece := os.read(descriptor, 1 << 16):
        *lines, rest = (rest + piece).split(b"\n")
        rest = rest[: LINE_LIMIT + 1]
        yield lines
    yield [rest] if rest else []


def stream(model):
    for lines in read_lines(sys.stdin.fileno()):
        for reply in answer(model, lines):
            print(json.dumps(reply))
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


def main(arguments):
    if arguments != ["--jsonl"] and len(arguments) != 2:
        sys.exit("usage: predict.py --jsonl, or predict.py INPUT.csv OUTPUT.csv")
    model = joblib.load(MODEL)
    try:
        if arguments == ["--jsonl"]:
            stream(model)
        else:
            batch(model, *arguments)
    except Refused as error:
        sys.exit(f"predict.py: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
