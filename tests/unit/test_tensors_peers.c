// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
//
// Random tensors measured by numpy's own integers, judged by numpy.testing.assert_allclose and by
// torch.testing.assert_close. Python writes the tensors and what it thinks of them; skipped where it has no numpy.
#include "compare/tensors.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"
#include "unit.h"

#include <inttypes.h>
#include <math.h>

#define PYTHON "/usr/bin/python3"

// Lines of: name dtype count max_ulp max_ulp_at differing max_abs max_rel cosine mean_ulp allclose close
// (close: −1 where torch is not there). Elements are in NAME.a and NAME.b.
static const char script[] =
    "import sys, warnings\n"
    "import numpy as np\n"
    "warnings.simplefilter('ignore')\n"
    "try:\n"
    "    import torch\n"
    "except ImportError:\n"
    "    torch = None\n"
    "folder = sys.argv[1]\n"
    "rng = np.random.default_rng(7)\n"
    "names = {'f16': 'float16', 'f32': 'float32', 'f64': 'float64', 'i8': 'int8', 'u8': 'uint8', 'i16': 'int16',\n"
    "         'u16': 'uint16', 'i32': 'int32', 'u32': 'uint32', 'i64': 'int64', 'u64': 'uint64', 'c64': 'complex64',\n"
    "         'c128': 'complex128'}\n"
    "def keys(x):\n" // integers that grow as the floats do, without a limit
    "    bits = x.dtype.itemsize * 8\n"
    "    raw = [int(v) for v in x.view('u%d' % x.dtype.itemsize)]\n"
    "    return [v if v < 1 << (bits - 1) else (1 << (bits - 1)) - v for v in raw]\n"
    "def close(a, b):\n"
    "    if torch is None or a.dtype.name in ('uint16', 'uint32', 'uint64'):\n"
    "        return -1\n"
    "    try:\n"
    "        torch.testing.assert_close(torch.from_numpy(b.copy()), torch.from_numpy(a.copy()), equal_nan=True)\n"
    "        return 1\n"
    "    except AssertionError:\n"
    "        return 0\n"
    "def allclose(a, b):\n"
    "    try:\n"
    "        np.testing.assert_allclose(b, a, rtol=1e-3, atol=1e-6)\n"
    "        return 1\n"
    "    except AssertionError:\n"
    "        return 0\n"
    "def numbers(dtype, n, kind):\n"
    "    t = np.dtype(dtype)\n"
    "    if t.kind in 'iu':\n"
    "        i = np.iinfo(t)\n"
    "        a = rng.integers(i.min, i.max, n, dtype=t, endpoint=True)\n"
    "        b = a.copy()\n"
    "        b[::5] = rng.integers(i.min, i.max, len(b[::5]), dtype=t, endpoint=True)\n"
    "        return a, a.copy() if kind == 3 else b\n"
    "    if t.kind == 'c':\n"
    "        p, q = numbers('float32' if t.itemsize == 8 else 'float64', 2 * n, kind)\n"
    "        return p.view(t), q.view(t)\n"
    "    if kind == 0:\n" // any bits at all
    "        a = rng.integers(0, 256, n * t.itemsize, dtype='uint8').view(t)\n"
    "        b = rng.integers(0, 256, n * t.itemsize, dtype='uint8').view(t)\n"
    "        return a, np.where(rng.random(n) < 0.5, a, b)\n"
    "    a = rng.standard_normal(n).astype(t)\n"
    "    if kind == 1:\n" // a few steps away
    "        return a, (a.view('i%d' % t.itemsize) + rng.integers(-3, 4, n).astype('i%d' % t.itemsize)).view(t)\n"
    "    if kind == 2:\n" // far away
    "        return a, (a * (1 + rng.standard_normal(n) * 0.1)).astype(t)\n"
    "    return a, a.copy()\n"
    "for short, dtype in names.items():\n"
    "    for kind in range(4):\n"
    "        n = [257, 4000, 70001, 1024][kind]\n"
    "        a, b = numbers(dtype, n, kind)\n"
    "        name = '%s-%d' % (short, kind)\n"
    "        a.tofile('%s/%s.a' % (folder, name)), b.tofile('%s/%s.b' % (folder, name))\n"
    "        part = 'f%d' % (a.dtype.itemsize // 2) if a.dtype.kind == 'c' else a.dtype\n"
    "        p, q = a.view(part), b.view(part)\n"
    "        if a.dtype.kind in 'iu':\n"
    "            ulp = [abs(int(x) - int(y)) for x, y in zip(p, q)]\n"
    "        else:\n"
    "            ulp = [abs(x - y) for x, y in zip(keys(p), keys(q))]\n"
    "            ulp = [0 if x != x and y != y else None if x != x or y != y else u for u, x, y in zip(ulp, p, q)]\n"
    "        known = [u for u in ulp if u is not None]\n"
    "        most = max(known)\n"
    "        equal = (a == b) | ((a != a) & (b != b))\n"
    "        wide = np.complex128 if a.dtype.kind == 'c' else np.float64\n"
    "        x, y = a.astype(wide), b.astype(wide)\n"
    "        finite = np.isfinite(x) & np.isfinite(y)\n"
    "        x, y = x[finite], y[finite]\n"
    "        apart = np.abs(y - x)\n"
    "        if a.dtype.kind in 'iu':\n"
    "            apart = np.array([float(u) for u in ulp])\n"
    "        ratio = apart[x != 0] / np.abs(x[x != 0])\n"
    "        v, w = x.view(np.float64), y.view(np.float64)\n"
    "        cosine = np.dot(v, w) / (np.linalg.norm(v) * np.linalg.norm(w))\n"
    "        print(name, short, n, most, ulp.index(most) // (len(p) // n), n - int(equal.sum()), "
    "repr(float(apart.max())),\n"
    "              repr(float(ratio.max())), repr(float(cosine)), repr(sum(known) / len(known)), allclose(a, b), "
    "close(a, b))\n";

// Element by element, at half and at one and a half times what assert_close allows. Lines of: name dtype count outside.
static const char close_script[] =
    "import sys, torch\n"
    "folder = sys.argv[1]\n"
    "torch.manual_seed(7)\n"
    "def near(a, b):\n"
    "    try:\n"
    "        torch.testing.assert_close(b, a)\n"
    "        return True\n"
    "    except AssertionError:\n"
    "        return False\n"
    "def save(t, path):\n"
    "    t = torch.view_as_real(t) if t.is_complex() else t\n"
    "    t = t.view(torch.int16) if t.dtype == torch.bfloat16 else t\n"
    "    t.contiguous().numpy().tofile(path)\n"
    "for name, dtype, rel, least in (('f16', torch.float16, 1e-3, 1e-5), ('bf16', torch.bfloat16, 1.6e-2, 1e-5),\n"
    "                                ('f32', torch.float32, 1.3e-6, 1e-5), ('f64', torch.float64, 1e-7, 1e-7),\n"
    "                                ('c64', torch.complex64, 1.3e-6, 1e-5), ('c128', torch.complex128, 1e-7, 1e-7)):\n"
    "    wide = torch.complex128 if dtype.is_complex else torch.float64\n"
    "    a = torch.randn(400, dtype=wide) * torch.tensor([100, 1e-4, 1, 0] * 100, dtype=torch.float64)\n"
    "    a = a.to(dtype).to(wide)\n"
    "    limit = least + rel * a.abs()\n"
    "    b = (a + limit * torch.tensor([0.5, 1.5, -0.5, -1.5, 0] * 80, dtype=torch.float64)).to(dtype)\n"
    "    ratio = (b.to(wide) - a).abs() / limit\n"
    // Half precision rounds the limit, too: not at the very edge.
    "    keep = (ratio - 1).abs() > 0.02\n"
    "    a, b = a[keep].to(dtype), b[keep]\n"
    "    save(a, '%s/%s.a' % (folder, name)), save(b, '%s/%s.b' % (folder, name))\n"
    "    print(name, name, len(a), sum(not near(a[i:i + 1], b[i:i + 1]) for i in range(len(a))))\n";

static enum dtype dtype_of(const char *name)
{
    for (enum dtype dtype = 0; dtype < DTYPE_BLOCK; dtype++) {
        if (!strcmp(dtype_name(dtype), name))
            return dtype;
    }
    ck_abort_msg("no dtype '%s'", name);
    return DTYPE_BLOCK;
}

static void load(struct tensor *tensor, struct buf *bytes, const char *folder, const char *name, const char *ending)
{
    struct error err = {0};
    char *path = str_printf("%s/%s.%s", folder, name, ending);
    ck_ok(fs_read(bytes, path, SIZE_MAX, &err), &err);
    ck_ok(tensor_set_contiguous(tensor, (const unsigned char *)bytes->data, bytes->len, &err), &err);
    free(path);
}

struct expected {
    char name[32], dtype[16];
    uint64_t count, max_ulp, max_ulp_at, differing;
    double max_abs, max_rel, cosine, mean_ulp;
    int allclose, close;
};

static void check_near(const char *name, const char *what, double ours, double theirs, double tolerance)
{
    bool same = ours == theirs || (isnan(ours) && !isfinite(theirs)) || (isnan(ours) && isnan(theirs)) ||
                fabs(ours - theirs) <= tolerance * fabs(theirs);
    ck_assert_msg(same, "%s: %s is %.17g, numpy says %.17g", name, what, ours, theirs);
}

static void check(const struct expected *e, const char *folder)
{
    CLEANUP(buf) struct buf x = {0};
    CLEANUP(buf) struct buf y = {0};
    struct tensor a = {.dtype = dtype_of(e->dtype), .rank = 1, .shape = {e->count}}, b = a;
    load(&a, &x, folder, e->name, "a");
    load(&b, &y, folder, e->name, "b");
    struct tensor_difference d, judged;
    tensor_compare(&d, &a, &b, &(struct tensor_rule){0}, 2);
    ck_assert_msg(d.max_ulp == e->max_ulp && d.max_ulp_at == e->max_ulp_at,
                  "%s: %" PRIu64 " ULP at %" PRIu64 ", numpy says %" PRIu64 " at %" PRIu64, e->name, d.max_ulp,
                  d.max_ulp_at, e->max_ulp, e->max_ulp_at);
    ck_assert_msg(d.differing == e->differing, "%s: %" PRIu64 " differ", e->name, d.differing);
    check_near(e->name, "the absolute difference", d.max_abs, e->max_abs, 1e-15);
    check_near(e->name, "the relative difference", d.max_rel, e->max_rel, 1e-15);
    check_near(e->name, "the cosine", d.cosine, e->cosine, 1e-9);
    check_near(e->name, "the mean distance", d.mean_ulp, e->mean_ulp, 1e-15);
    tensor_compare(&judged, &a, &b, &(struct tensor_rule){.rel = 1e-3, .abs = 1e-6}, 2);
    ck_assert_msg((judged.outside == 0) == (e->allclose == 1), "%s: assert_allclose says %d", e->name, e->allclose);
    tensor_compare(&judged, &a, &b, &(struct tensor_rule){.close = true}, 2);
    if (e->close >= 0)
        ck_assert_msg((judged.outside == 0) == (e->close == 1), "%s: assert_close says %d", e->name, e->close);
}

// Starts a script in a folder of its own; NULL where Python has no such module.
static FILE *start(char **folder, const char *text, const char *module)
{
    CLEANUP(free) char *probe = str_printf(PYTHON " -c 'import %s' 2>/dev/null", module);
    if (system(probe) != 0) {
        printf("skipped: no %s\n", module);
        return NULL;
    }
    *folder = unit_folder();
    CLEANUP(free) char *path = str_printf("%s/peer.py", *folder);
    CLEANUP(free) char *command = str_printf(PYTHON " %s %s", path, *folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    FILE *lines = popen(command, "r");
    ck_assert_ptr_nonnull(lines);
    return lines;
}

static void finish(FILE *lines, const char *folder)
{
    struct error err = {0};
    ck_assert_int_eq(pclose(lines), 0);
    ck_ok(fs_remove_tree(folder, &err), &err);
}

START_TEST(numpy_measures_the_same)
{
    CLEANUP(free) char *folder = NULL;
    FILE *lines = start(&folder, script, "numpy");
    struct expected e;
    int seen = 0;
    if (!lines)
        return;
    while (fscanf(lines, "%31s %15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %lf %lf %lf %lf %d %d", e.name,
                  e.dtype, &e.count, &e.max_ulp, &e.max_ulp_at, &e.differing, &e.max_abs, &e.max_rel, &e.cosine,
                  &e.mean_ulp, &e.allclose, &e.close) == 12) {
        check(&e, folder);
        seen++;
    }
    finish(lines, folder);
    ck_assert_int_eq(seen, 52);
}
END_TEST

START_TEST(torch_finds_the_same_elements_close)
{
    CLEANUP(free) char *folder = NULL;
    FILE *lines = start(&folder, close_script, "torch");
    struct expected e;
    int seen = 0;
    if (!lines)
        return;
    while (fscanf(lines, "%31s %15s %" SCNu64 " %" SCNu64, e.name, e.dtype, &e.count, &e.differing) == 4) {
        CLEANUP(buf) struct buf x = {0};
        CLEANUP(buf) struct buf y = {0};
        struct tensor a = {.dtype = dtype_of(e.dtype), .rank = 1, .shape = {e.count}}, b = a;
        load(&a, &x, folder, e.name, "a");
        load(&b, &y, folder, e.name, "b");
        struct tensor_difference d;
        tensor_compare(&d, &a, &b, &(struct tensor_rule){.close = true}, 1);
        ck_assert(e.count > 200 && e.differing > 50 && e.differing < e.count - 50);
        ck_assert_msg(d.outside == e.differing, "%s: %" PRIu64 " outside, torch says %" PRIu64, e.name, d.outside,
                      e.differing);
        seen++;
    }
    finish(lines, folder);
    ck_assert_int_eq(seen, 6);
}
END_TEST

UNIT_MAIN("tensors_peers", numpy_measures_the_same, torch_finds_the_same_elements_close)
