# SPDX-License-Identifier: Apache-2.0
"""beside_strace.py TRACE LOG LEVEL: holds repro's trace of a run against what strace saw of the same run.

Works in the project's folder, which the run has not touched. What each call did to each file is worked out here once
more, from what the calls returned; the files of the project must come out with the same flags, and outside of it no
file that was used may be missing. Prints each difference; exit status 1 when there is one.
"""
import json
import os
import stat
import sys

import strace_log

LOG_NAME = "strace.log"
GONE = ("ENOENT", "ENOTDIR")
SPECIAL = ("/proc", "/sys", "/dev")
AT_CALLS = {"openat", "openat2", "newfstatat", "statx", "readlinkat", "faccessat", "faccessat2", "execveat", "unlinkat",
            "mkdirat", "mknodat"}
LOOKS = {"newfstatat", "stat", "lstat", "statx", "readlink", "readlinkat", "access", "faccessat", "faccessat2"}


class File:
    """A path of the run. `kind`: "file", "folder", "link", or None while nothing is there."""

    def __init__(self, kind=None, target=None):
        self.kind, self.target = kind, target
        self.was_there = kind is not None
        self.made = False
        self.source = None  # the file that was an input, when its folder was moved here
        self.flags = set()

    def origin(self):
        if self.source:
            self.source.flags |= {"removed"} if self.kind == "folder" else {"read", "removed"}
        return {"own"} if self.made and not self.was_there else set()

    def make(self, kind, target=None):
        self.kind, self.target, self.made, self.source = kind, target, True, None
        self.flags |= {"written", *self.origin()}

    def use(self, *flags):
        self.flags |= {*flags, *self.origin()} if self.made else {"read", *flags}

    def look(self, lost=False):
        if self.kind:
            self.flags |= {"looked-up", *self.origin()}
        elif not self.was_there and not self.made and not lost:
            self.flags.add("absent")

    def remove(self):
        self.flags |= {"removed", *self.origin()}
        self.kind = None


class Run:
    """The run's files, as its calls leave them."""

    def __init__(self, root, level):
        self.root, self.level = root, level
        self.files, self.folders, self.programs = {}, {}, {}
        for folder, folders, files in os.walk("."):
            if folder == "./.repro":  # it is empty in the workspace
                folders.clear()
                continue
            for name in folders + files:
                path = os.path.join(folder, name)
                mode = os.lstat(path).st_mode
                kind = "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "file"
                target = os.readlink(path) if kind == "link" else None
                self.files[os.path.normpath(os.path.join(root, path))] = File(kind, target)
        self.files[root] = File("folder")

    def is_inside(self, path):
        return path == self.root or path.startswith(self.root + "/")

    def file(self, path):
        if path not in self.files:
            try:
                mode = os.lstat(path).st_mode if not self.is_inside(path) else 0
            except OSError:
                mode = 0
            if self.root.startswith(path + "/"):
                mode = stat.S_IFDIR
            kind = "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "file"
            self.files[path] = File(kind if mode else None, os.readlink(path) if stat.S_ISLNK(mode) else None)
        return self.files[path]

    def resolve(self, path, follow, depth=0):
        done = "/"
        parts = path.split("/")
        for i, part in enumerate(parts):
            if part == "..":
                done = os.path.dirname(done)
            if part in ("", ".", ".."):
                continue
            done = os.path.join(done, part)
            entry = self.file(done)
            rest = "/".join(parts[i + 1 :])
            if entry.kind == "link" and depth < 40 and (rest or follow):
                target = os.path.join(os.path.dirname(done), entry.target, rest)
                return self.resolve(target, follow, depth + 1)
        return done

    def look_at(self, path):
        """What would be missing in any case, since its folder was taken away, is not looked for in vain."""
        above = path
        while above != "/":
            above = os.path.dirname(above)
            if above in self.files and self.files[above].kind is None and "removed" in self.files[above].flags:
                self.file(path).look(lost=True)
                return
        self.file(path).look()

    # ---- from a call to its paths ----

    def path(self, call, folder, name, follow=True):
        """The file that arguments name; None: none."""
        text = strace_log.string(call.arguments[name])
        if not text:
            return None
        base = self.folders[call.pid]
        if folder is not None:
            described = call.arguments[folder]
            if b"<" in described:
                base = strace_log.unescape(described[described.index(b"<") + 1 : -1])
        path = os.path.join(base, text)
        return None if path.startswith(SPECIAL) else self.resolve(path, follow)

    def act(self, call):
        name = call.name
        if name in ("clone", "clone3", "fork", "vfork"):
            return
        at = 0 if name in AT_CALLS else None
        where = 1 if name in AT_CALLS else 0
        done = call.error is None
        if name in ("open", "openat", "openat2", "creat"):
            self.open(call, at, where)
        elif name in ("execve", "execveat"):
            self.execute(call, at, where)
        elif name in ("rename", "renameat", "renameat2"):
            old, new = ((None, 0), (None, 1)) if name == "rename" else ((0, 1), (2, 3))
            self.rename(call, self.path(call, *old, follow=False), self.path(call, *new, follow=False))
        elif name in ("link", "linkat"):
            old, new = ((None, 0), (None, 1)) if name == "link" else ((0, 1), (2, 3))
            follow = name == "linkat" and b"AT_SYMLINK_FOLLOW" in call.arguments[4]
            self.link(call, self.path(call, *old, follow=follow), self.path(call, *new, follow=False))
        elif name in ("symlink", "symlinkat"):
            path = self.path(call, *((None, 1) if name == "symlink" else (1, 2)), follow=False)
            self.create(call, path, "link", strace_log.string(call.arguments[0]))
        elif name in ("mkdir", "mkdirat"):
            self.create(call, self.path(call, at, where, follow=False), "folder")
        elif name in ("mknod", "mknodat"):
            self.create(call, self.path(call, at, where, follow=False), "file")
        elif name in ("unlink", "unlinkat", "rmdir"):
            path = self.path(call, at, where, follow=False)
            if path and done:
                self.file(path).remove()
            elif path and call.error not in GONE:
                self.look_at(path)
        elif name == "truncate" and done:
            file = self.file(self.path(call, None, 0))
            if call.arguments[1] == b"0":
                file.make("file")
            else:
                file.use("written")
        elif name in LOOKS and self.level == "full":
            flags = b"".join(call.arguments[2:])
            follow = name not in ("lstat", "readlink", "readlinkat") and b"AT_SYMLINK_NOFOLLOW" not in flags
            self.look(call, self.path(call, at, where, follow))

    def look(self, call, path):
        if path and (call.error is None or call.error in GONE or call.error in ("EINVAL", "ERANGE")):
            self.look_at(path)

    def create(self, call, path, kind, target=None):
        if path and call.error is None:
            self.file(path).make(kind, target)
        elif path and call.error in ("EEXIST", *GONE):
            self.look_at(path)

    def open(self, call, at, where):
        flags = b"O_CREAT|O_WRONLY|O_TRUNC" if call.name == "creat" else call.arguments[where + 1]
        flags = set(flags.replace(b"{flags=", b"").split(b",")[0].split(b"|"))
        exclusive = {b"O_CREAT", b"O_EXCL"} <= flags
        path = self.path(call, at, where, not exclusive and b"O_NOFOLLOW" not in flags)
        if not path or b"O_TMPFILE" in flags:
            return
        file = self.file(path)
        writes = flags & {b"O_WRONLY", b"O_RDWR"}
        if call.error is not None:
            if call.error in ("EEXIST", "EISDIR", "ELOOP", *GONE):
                self.look_at(path)
        elif b"O_PATH" in flags:
            self.look_at(path)
        elif file.kind == "folder":
            file.flags |= {"listed", *file.origin()}
        elif file.kind is None or b"O_TRUNC" in flags:
            file.make("file")
        else:
            file.use(*({"written"} if writes else ()))

    def execute(self, call, at, where):
        path = self.path(call, at, where)
        if path and call.error is not None:
            if call.error in (*GONE, "EACCES", "ENOEXEC"):
                self.look_at(path)
        for _ in range(5):
            if not path or call.error is not None:
                return
            self.file(path).use("executed")
            self.programs[path] = self.programs.get(path, 0) + 1
            path = self.interpreter(call, path)

    def interpreter(self, call, path):
        """Where the first line of a script leads; a program of the project is the same before the run and in it."""
        real = os.path.relpath(path, self.root) if self.is_inside(path) else path
        try:
            with open(real, "rb") as program:
                line = program.read(256)
        except OSError:
            return None
        words = line[2:].split(b"\n")[0].split() if line.startswith(b"#!") else []
        return self.resolve(os.path.join(self.folders[call.pid], os.fsdecode(words[0])), True) if words else None

    def rename(self, call, old, new):
        if not old or not new:
            return
        if call.error is not None:
            if call.error in ("EEXIST", "ENOTEMPTY", "EISDIR") and self.file(new).kind:
                self.look_at(new)
            elif call.error in GONE:
                self.look_at(old)
            return
        kind, target, moved = self.file(old).kind, self.file(old).target, []
        if b"RENAME_EXCHANGE" in b"".join(call.arguments[4:]):
            other = self.file(new)
            was = other.kind, other.target
            self.file(old).use("removed")
            other.use("removed")
            self.file(old).make(*was)
            other.make(kind, target)
            return
        if kind == "folder":
            inside = [path for path in self.files if path.startswith(old + "/")]
            moved = [(new + path[len(old) :], self.files[path]) for path in inside]
        else:
            self.file(old).use()
        self.file(old).remove()
        self.file(new).make(kind, target)
        for path, file in moved:
            there = self.file(path)
            there.kind, there.target, there.made = file.kind, file.target, True
            there.source = file.source if file.made else file
            file.kind = None

    def link(self, call, old, new):
        if not old or not new:
            return
        if call.error is None:
            self.file(old).use()
            self.file(new).make(self.file(old).kind)
        elif call.error == "EEXIST":
            self.look_at(new)
        elif call.error in GONE:
            self.look_at(old)

    # ---- all of them ----

    def replay(self, calls):
        shared = {}  # pid: the one whose current folder it has
        for call in calls:
            keeper = shared.get(call.pid, call.pid)
            here = self.folders.setdefault(keeper, self.root)
            self.folders[call.pid] = here
            if call.name in ("clone", "clone3", "fork", "vfork") and call.result and call.result > 0:
                if any(b"CLONE_FS" in argument for argument in call.arguments):
                    shared[call.result] = keeper
                self.folders[call.result] = here
            elif call.name == "chdir" and call.error is None:
                text = strace_log.string(call.arguments[0])
                self.folders[keeper] = self.resolve(os.path.join(here, text), True)
            elif call.name == "fchdir" and call.error is None:
                described = call.arguments[0]
                self.folders[keeper] = strace_log.unescape(described[described.index(b"<") + 1 : -1])
            else:
                self.act(call)


def find_root(trace):
    for file in trace["files"]:
        if file["path"].endswith("/" + LOG_NAME) and "own" in file["flags"]:
            return os.path.dirname(file["path"])
    sys.exit("the trace does not tell where strace wrote its log")


def differences(run, trace):
    ours = {}
    for file in trace["files"]:  # what is absent may be named through links that nobody had to follow
        if not file["path"].startswith(SPECIAL):  # a process of that number may be another one by now
            ours.setdefault(run.resolve(file["path"], False), set()).update(file["flags"])
    theirs = {path: file.flags for path, file in run.files.items() if file.flags}
    log = os.path.join(run.root, LOG_NAME)
    for path in sorted(set(ours) | set(theirs)):
        if path == log or path.startswith(SPECIAL):
            continue
        if not run.is_inside(path) and path.startswith(os.path.dirname(run.root) + "/"):
            continue  # the run's private HOME and TMPDIR are gone
        missed, extra = theirs.get(path, set()) - ours.get(path, set()), ours.get(path, set()) - theirs.get(path, set())
        if not run.is_inside(path):  # strace's own are there, too
            extra = set()
            missed -= {"absent"} if run.level == "full" else {"looked-up", "listed", "absent"}
        if missed:
            yield f"missed: {path}: {' '.join(sorted(missed))} (the trace has: {' '.join(sorted(ours.get(path, ['nothing'])))})"
        if extra:
            yield f"invented: {path}: {' '.join(sorted(extra))} (strace has: {' '.join(sorted(theirs.get(path, ['nothing'])))})"
    started = {program["path"]: program["starts"] for program in trace["programs"]}
    for path in sorted(set(started) | set(run.programs)):
        if os.path.basename(path) != "strace" and started.get(path, 0) != run.programs.get(path, 0):
            yield f"starts of {path}: {started.get(path, 0)}, as strace saw it {run.programs.get(path, 0)}"
    if trace["unresolved"] or trace["foreign"] or trace["cut"]:
        yield f"the trace is not whole: {trace['unresolved_why']}"


def main():
    trace_path, log_path, level = sys.argv[1:]
    with open(trace_path, encoding="utf-8") as text:
        trace = json.load(text)
    run = Run(find_root(trace), level)
    calls = strace_log.read(log_path)
    run.replay(calls)
    count = 0
    for difference in differences(run, trace):
        print(difference)
        count += 1
    inside = sum(1 for path, file in run.files.items() if file.flags and run.is_inside(path))
    print(f"{len(calls)} calls, {inside} files of the project, {count} differences")
    sys.exit(1 if count or inside < 2 else 0)


if __name__ == "__main__":
    main()
