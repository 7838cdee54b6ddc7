# SPDX-License-Identifier: Apache-2.0
"""What `strace -f -y` wrote, as a list of calls in the order in which they began."""
import re

LINE = re.compile(rb"(\d+) +(.*)")
RESUMED = re.compile(rb"<\.\.\. (\w+) resumed>(.*)", re.S)
RESULT = re.compile(rb"(\w+)\((.*)\) += (-?\d+|\?)(?:<(.*)>)?(?: (E[A-Z0-9]+).*)?$", re.S)
OPENING, CLOSING = b"([{", b")]}"


class Call:
    """One system call. `result` is None when nobody knows how it ended."""

    def __init__(self, pid):
        self.pid, self.name, self.arguments = pid, None, []
        self.result = self.error = None
        self.leads_to = None  # what the descriptor in the result means

    def end(self, text):
        match = RESULT.match(text)
        if not match:
            return
        self.name = match[1].decode()
        self.arguments = split(match[2])
        self.result = None if match[3] == b"?" else int(match[3])
        self.leads_to = unescape(match[4]) if match[4] else None
        self.error = match[5].decode() if match[5] else None


def split(text):
    """The arguments: commas within quotes, brackets and the names of descriptors separate nothing."""
    parts, depth, start, i = [], 0, 0, 0
    while i < len(text):
        c = text[i : i + 1]
        if c == b'"':
            i += 1
            while text[i : i + 1] != b'"':
                i += 2 if text[i : i + 1] == b"\\" else 1
        elif c == b"<" and (text[i - 1 : i].isdigit() or text[:i].endswith(b"AT_FDCWD")):
            i = text.index(b">", i)
        elif c in OPENING:
            depth += 1
        elif c in CLOSING:
            depth -= 1
        elif c == b"," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
        i += 1
    return parts + [text[start:].strip()] if text.strip() else []


def unescape(text):
    """Bytes as strace escapes them in quotes and in the names of descriptors, as a file name in Python."""
    raw = text.decode("latin-1").encode("latin-1").decode("unicode_escape").encode("latin-1")
    return raw.decode("utf-8", "surrogateescape")


def string(argument):
    """A quoted argument; None for a null pointer, or one that strace could not read."""
    return unescape(argument[1:-1]) if argument[:1] == b'"' and argument[-1:] == b'"' else None


def read(path):
    calls, open_calls = [], {}
    with open(path, "rb") as lines:
        for line in lines:
            match = LINE.match(line.rstrip(b"\n"))
            if not match:
                continue
            pid, text = int(match[1]), match[2]
            resumed = RESUMED.match(text)
            if resumed:
                call, begin = open_calls.pop(pid, (None, b""))
                if call:
                    call.end(begin + resumed[2])
            elif text.endswith(b"<unfinished ...>"):
                call = Call(pid)
                calls.append(call)
                open_calls[pid] = (call, text[: -len(b"<unfinished ...>")].rstrip(b" "))
            elif RESULT.match(text):
                call = Call(pid)
                calls.append(call)
                call.end(text)
    return [call for call in calls if call.name]
