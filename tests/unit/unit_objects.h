// SPDX-License-Identifier: Apache-2.0
//
// Files of pickles against what Python itself finds in the objects. The Python of a test begins with UNIT_OBJECTS and
// calls objects(file, value); it walks the value by asking Python for its state (__reduce_ex__), never by pickling.
#ifndef REPRO_TESTS_UNIT_OBJECTS_H
#define REPRO_TESTS_UNIT_OBJECTS_H

#include "unit_contents.h"
#include "unit_expect.h"

#define UNIT_OBJECTS                                                                                                   \
    "import collections, copyreg\n"                                                                                    \
    "import numpy as np\n"                                                                                             \
    "try: import torch\n"                                                                                              \
    "except ImportError: torch = None\n"                                                                               \
    "listed = open('expected', 'w')\n"                                                                                 \
    "number = 0\n"                                                                                                     \
    "def line(*parts): listed.write('\\t'.join(parts) + '\\n'); listed.flush()\n"                                      \
    "def text(file, path, t): line(file, path, 'text', t.encode().hex() + '.')\n"                                      \
    "def tensor(file, path, dtype, shape, raw):\n"                                                                     \
    "    global number\n"                                                                                              \
    "    number += 1\n"                                                                                                \
    "    open('raw%d' % number, 'wb').write(raw)\n"                                                                    \
    "    line(file, path, 'tensor', dtype, '[' + ','.join(map(str, shape)) + ']', 'raw%d' % number)\n"                 \
    "def join(path, part): return path + '.' + str(part) if path else str(part)\n"                                     \
    "kinds = {'b': 'bool', 'i': 'i', 'u': 'u', 'f': 'f', 'c': 'c'}\n"                                                  \
    "def array(file, path, a):\n"                                                                                      \
    "    if a.dtype.names:\n"                                                                                          \
    "        for n in a.dtype.names: array(file, join(path, n), a[n])\n"                                               \
    "    elif a.dtype == object:\n"                                                                                    \
    "        items(file, path, a.ravel().tolist())\n"                                                                  \
    "    else:\n"                                                                                                      \
    "        d = a.dtype.kind\n"                                                                                       \
    "        name = kinds[d] + ('' if d == 'b' else str(8 * a.itemsize)) if d in kinds else a.dtype.str[1:]\n"         \
    "        tensor(file, path, name, a.shape, np.ascontiguousarray(a.astype(a.dtype.newbyteorder('<'))).tobytes())\n" \
    "def view(file, path, t):\n"                                                                                       \
    "    names = {'float': 'f', 'bfloat': 'bf', 'int': 'i', 'uint': 'u', 'complex': 'c'}\n"                            \
    "    d = str(t.dtype).replace('torch.', '')\n"                                                                     \
    "    stem, bits = d.rstrip('0123456789'), d[len(d.rstrip('0123456789')):]\n"                                       \
    "    t = t.detach().resolve_conj().contiguous()\n"                                                                 \
    "    raw = bytes(t.reshape(-1).view(torch.uint8).numpy()) if t.numel() else b''\n"                                 \
    "    tensor(file, path, names.get(stem, stem) + bits, t.shape, raw)\n"                                             \
    "def items(file, path, o):\n"                                                                                      \
    "    for i, x in enumerate(o): objects(file, x, join(path, i))\n"                                                  \
    "def pairs(file, path, o):\n"                                                                                      \
    "    for k, x in o.items():\n"                                                                                     \
    "        if k != '_stop_words_id': objects(file, x, join(path, k))\n"                                              \
    "def name_of(c): return c.__module__ + '.' + c.__qualname__\n"                                                     \
    "def other(file, path, o):\n"                                                                                      \
    "    f, args, state, more, pairs_ = (tuple(o.__reduce_ex__(4)) + (None,) * 3)[:5]\n"                               \
    "    if f is copyreg.__newobj__: f, args = args[0], args[1:]\n"                                                    \
    "    text(file, join(path, '<class>'), name_of(f))\n"                                                              \
    "    if args: items(file, join(path, '<args>'), args)\n"                                                           \
    "    if isinstance(state, dict): pairs(file, path, state)\n"                                                       \
    "    elif state is not None: objects(file, state, join(path, '<state>'))\n"                                        \
    "    items(file, path, list(more or []))\n"                                                                        \
    "    pairs(file, path, dict(pairs_ or []))\n"                                                                      \
    "def objects(file, o, path=''):\n"                                                                                 \
    "    if o is None: text(file, path, 'None')\n"                                                                     \
    "    elif isinstance(o, np.ndarray): array(file, path, o)\n"                                                       \
    "    elif isinstance(o, np.generic): array(file, path, np.array(o))\n"                                             \
    "    elif isinstance(o, (bool, int, float)) and abs(o) <= 2**53: line(file, path, 'number', float(o).hex())\n"     \
    "    elif isinstance(o, int): text(file, path, '<int %d>' % o)\n"                                                  \
    "    elif isinstance(o, str): text(file, path, o)\n"                                                               \
    "    elif isinstance(o, (bytes, bytearray)): line(file, path, 'bytes', o.hex() + '.')\n"                           \
    "    elif isinstance(o, type): text(file, path, '<' + name_of(o) + '>')\n"                                         \
    "    elif torch and isinstance(o, torch.Tensor): view(file, path, o)\n"                                            \
    "    elif torch and isinstance(o, torch.Size): items(file, path, tuple(o))\n"                                      \
    "    elif isinstance(o, (list, tuple, dict, set, frozenset)) and len(o) == 0:\n"                                   \
    "        text(file, path, '[]' if isinstance(o, list) else '()' if isinstance(o, tuple)\n"                         \
    "             else '{}' if isinstance(o, dict) else 'set()')\n"                                                    \
    "    elif isinstance(o, list) and len(o) >= 8 and len(set(map(type, o))) == 1 and type(o[0]) in (int, float):\n"   \
    "        array(file, path, np.array(o))\n"                                                                         \
    "    elif type(o) in (list, tuple): items(file, path, o)\n"                                                        \
    "    elif type(o) in (dict, collections.OrderedDict):\n"                                                           \
    "        pairs(file, path, o)\n"                                                                                   \
    "        pairs(file, path, getattr(o, '__dict__', {}))\n"                                                          \
    "    elif type(o) in (set, frozenset):\n"                                                                          \
    "        for x in o: text(file, join(path, x), str(x))\n"                                                          \
    "    else: other(file, path, o)\n"

static inline void expect_bytes(const struct value *value, const char *hex)
{
    CLEANUP(buf) struct buf found = {0};
    list_hex(&found, value->bytes, (size_t)value->size);
    buf_putc(&found, '.');
    ck_assert_msg(strcmp(buf_text(&found), hex) == 0, "'%s': %s instead of %s", value->name, buf_text(&found), hex);
}

static inline void expect_value(const struct contents *contents, char **fields)
{
    const char *name = fields[1], *kind = fields[2];
    const struct value *value = contents_find(contents, name);
    ck_assert_msg(value != NULL, "there is no '%s'", name);
    if (strcmp(kind, "tensor") == 0) {
        expect_tensor(contents, name, fields[3], fields[4], fields[5]);
    } else if (strcmp(kind, "number") == 0) {
        double expected = strtod(fields[3], NULL);
        ck_assert_msg(value->kind == VALUE_NUMBER && memcmp(&expected, &value->number, sizeof expected) == 0,
                      "'%s' is %g", name, value->number);
    } else {
        ck_assert_int_eq(value->kind, strcmp(kind, "text") == 0 ? VALUE_TEXT : VALUE_BYTES);
        expect_bytes(value, fields[3]);
    }
}

// Every value that Python found, and no other. Lines of a file come one after another.
static inline size_t expect_objects(void)
{
    struct error err = {0};
    CLEANUP(buf) struct buf list = {0};
    ck_ok(fs_read(&list, "expected", 0, &err), &err);
    CLEANUP(free) char *last = str_dup("");
    CLEANUP(contents) struct contents *contents = NULL;
    size_t count = 0, left = 0;
    char *rest = NULL;
    for (char *line = strtok_r(list.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), count++) {
        char *fields[6];
        for (size_t i = 0; i < 6; i++)
            fields[i] = strsep(&line, "\t");
        if (strcmp(last, fields[0]) != 0) {
            ck_assert_msg(left == 0, "'%s' has %zu values that were not listed", last, left);
            contents_free(contents);
            contents = NULL;
            ck_ok(contents_open(&contents, fields[0], &err), &err);
            ck_assert_msg(contents->note == NULL, "%s", contents->note);
            free(last);
            last = str_dup(fields[0]);
            left = contents->count;
        }
        expect_value(contents, fields);
        ck_assert_msg(left > 0, "'%s' has fewer values than were listed", last);
        left--;
    }
    ck_assert_msg(left == 0, "'%s' has %zu values that were not listed", last, left);
    return count;
}

#endif
