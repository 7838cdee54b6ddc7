// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// What a manifest keeps of contents: the same values have the same digest, whatever holds them.
#include "engine/content_facts.h"

#include "unit_python.h"

#include <math.h>

static struct content *facts_of(const char *path)
{
    CLEANUP(contents) struct contents *contents = NULL;
    struct content *content = NULL;
    struct error err = {0};
    ck_ok(contents_open(&contents, path, &err), &err);
    ck_ok(content_facts(&content, contents, &err), &err);
    return content;
}

static void expect_same(const char *a, const char *b, bool same)
{
    struct content *one = facts_of(a), *other = facts_of(b);
    ck_assert_msg(digest_equal(&one->sha256, &other->sha256) == same, "%s and %s: expected %s", a, b,
                  same ? "the same" : "others");
    content_free(one);
    content_free(other);
}

START_TEST(the_same_tensors_have_one_digest_in_every_format)
{
    char *folder = enter_folder();
    if (system("/usr/bin/python3 -c 'import numpy, torch, h5py' 2>/dev/null") != 0) {
        leave_folder(folder);
        return;
    }
    python("import json, struct, h5py, numpy as np, torch\n"
           "t = {'b': np.array([1.5, -0.0], np.float32), 'a.w': np.arange(6, dtype=np.float32).reshape(2, 3)}\n"
           "np.savez('a.npz', **t)\n"
           "np.savez_compressed('c.npz', **{k: np.asfortranarray(v.astype('>f4')) for k, v in t.items()})\n"
           "torch.save({k: torch.from_numpy(v.copy()) for k, v in t.items()}, 'a.pt')\n"
           "h = h5py.File('a.h5', 'w')\n"
           "for k, v in t.items(): h[k] = v\n"
           "h.close()\n"
           "header, data = {}, b''\n"
           "for k, v in t.items():\n"
           "    raw = v.tobytes()\n"
           "    header[k] = {'dtype': 'F32', 'shape': v.shape, 'data_offsets': [len(data), len(data) + len(raw)]}\n"
           "    data += raw\n"
           "text = json.dumps(header).encode()\n"
           "open('a.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + data)\n"
           "t['b'][1] = 0.0\n"
           "np.savez('zero.npz', **t)\n"
           "t['b'] = t['b'].astype(np.float64)\n"
           "np.savez('f64.npz', **t)\n");
    static const char *const same[] = {"c.npz", "a.pt", "a.h5", "a.safetensors"};
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        expect_same("a.npz", same[i], true);
    expect_same("a.npz", "zero.npz", false);
    expect_same("zero.npz", "f64.npz", false);
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_no_tensor_counts_too_and_spelling_does_not)
{
    char *folder = enter_folder();
    put("a.json", "{\"x\": 1.5, \"name\": \"m\", \"list\": [1, 2]}");
    put("b.json", "{ \"name\":\"m\",\n \"list\": [1, 2], \"x\": 15e-1 }");
    put("number.json", "{\"x\": 1.25, \"name\": \"m\", \"list\": [1, 2]}");
    put("text.json", "{\"x\": 1.5, \"name\": \"n\", \"list\": [1, 2]}");
    put("key.json", "{\"y\": 1.5, \"name\": \"m\", \"list\": [1, 2]}");
    put("kind.json", "{\"x\": \"1.5\", \"name\": \"m\", \"list\": [1, 2]}");
    expect_same("a.json", "b.json", true);
    static const char *const others[] = {"number.json", "text.json", "key.json", "kind.json"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        expect_same("a.json", others[i], false);
    leave_folder(folder);
}
END_TEST

START_TEST(tensors_are_described_in_order_of_their_names)
{
    char *folder = enter_folder();
    put("a.csv", "b,a\n1,nan\n-3,2\n2,4\n");
    struct content *content = facts_of("a.csv");
    ck_assert_uint_eq(content->count, 2);
    const struct tensor_facts *a = &content->tensors[0], *b = &content->tensors[1];
    ck_assert_str_eq(a->name, "a");
    ck_assert_str_eq(b->name, "b");
    ck_assert_uint_eq(a->nan, 1);
    ck_assert(a->min == 2 && a->max == 4 && a->mean == 3);
    ck_assert(b->min == -3 && b->max == 2 && b->mean == 0 && fabs(b->l2 - sqrt(14)) < 1e-15);
    ck_assert_uint_eq(b->rank, 1);
    ck_assert_uint_eq(b->shape[0], 3);
    content_free(content);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("content_facts", the_same_tensors_have_one_digest_in_every_format,
          what_is_no_tensor_counts_too_and_spelling_does_not, tensors_are_described_in_order_of_their_names)
