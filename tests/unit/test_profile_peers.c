// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// A profile beside what pandas and NumPy make of the same file.
#include "base/json.h"
#include "drift/profile.h"
#include "unit_python.h"

#include <math.h>

// What Python writes: a file with mess in it as CSV and JSON lines, and what it counts in it. Words for missing are
// those that both have; whole columns of numbers are read as text and judged one by one, as a profile does.
static const char *const program =
    "import json, math\n"
    "import numpy as np, pandas as pd\n"
    "r = np.random.default_rng(5)\n"
    "n = 40000\n"
    "x = r.normal(3, 2, n)\n"
    "y = np.exp(r.normal(0, 3, n)).round(2)\n"
    "k = r.integers(-50, 50, n)\n"
    "def spoil(values, what):\n"
    "    values = [repr(float(v)) if isinstance(v, float) else str(v) for v in values]\n"
    "    for at in r.choice(n, 2000, replace=False): values[at] = what[r.integers(len(what))]\n"
    "    return values\n"
    "table = pd.DataFrame({\n"
    "    'x': spoil(x, ['', 'nan', 'inf', '-Infinity', 'junk', '1e999']),\n"
    "    'y': spoil(y, ['NA', 'NaN', 'null', '1e-3', '-0.0', ' 5 ']),\n"
    "    'k': spoil(k, ['', '7.5', '8.0', 'x']),\n"
    "    'c': [['red', 'green', 'blue', 'größer, \\\"é\\\"', ''][i] for i in r.integers(0, 5, n)]})\n"
    "table.to_csv('data.csv', index=False)\n"
    "read = pd.read_csv('data.csv', dtype=str, keep_default_na=False)\n"
    "assert read.equals(table)\n"
    "missing = {'', 'NA', 'null'}\n"
    "def number(text):\n" // pandas itself makes nothing of 1e999
    "    try: return float(text)\n"
    "    except ValueError: return math.nan\n"
    "out = {}\n"
    "for name in 'xyk':\n"
    "    cells = [c for c in read[name]]\n"
    "    nan = sum(c.lower() == 'nan' for c in cells)\n"
    "    numbers = np.array([number(c) for c in cells if c.lower() != 'nan' and c not in missing])\n"
    "    wrong = int(np.isnan(numbers).sum())\n"
    "    numbers = numbers[~np.isnan(numbers)]\n"
    "    infinite = int(np.isinf(numbers).sum())\n"
    "    numbers = numbers[np.isfinite(numbers)]\n"
    "    if name == 'k':\n"
    "        wrong += int((numbers != np.floor(numbers)).sum())\n"
    "        numbers = numbers[numbers == np.floor(numbers)]\n"
    "    q = np.linspace(0, 1, 101)\n"
    "    out[name] = {'missing': sum(c in missing for c in cells), 'nan': nan, 'infinite': infinite, 'wrong_type': "
    "wrong,\n"
    "        'values': len(numbers), 'min': numbers.min(), 'max': numbers.max(), 'mean': numbers.mean(),\n"
    "        'sigma': numbers.std(), 'quantiles': list(np.quantile(numbers, q, method='inverted_cdf')),\n"
    "        'at_most': [float((numbers <= v).mean()) for v in np.quantile(numbers, q, method='inverted_cdf')]}\n"
    "counts = read['c'][read['c'] != ''].value_counts()\n"
    "out['c'] = {'missing': int((read['c'] == '').sum()), 'counts': {v: int(t) for v, t in counts.items()}}\n"
    "json.dump(out, open('expected.json', 'w'))\n";

static double number_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    ck_assert_msg(value != NULL, "no %s", key);
    return json_number(value);
}

static double share_at(const struct column_summary *s, double x)
{
    size_t i = 0;
    while (i < s->point_count && s->points[i] <= x)
        i++;
    return i > 0 ? s->shares[i - 1] : 0;
}

static void check_numbers(const struct column_summary *s, const struct json_value *expected)
{
    ck_assert_double_eq((double)s->missing, number_of(expected, "missing"));
    ck_assert_double_eq((double)s->nan, number_of(expected, "nan"));
    ck_assert_double_eq((double)s->infinite, number_of(expected, "infinite"));
    ck_assert_double_eq((double)s->wrong_type, number_of(expected, "wrong_type"));
    ck_assert_double_eq((double)s->values, number_of(expected, "values"));
    ck_assert_double_eq(s->min, number_of(expected, "min"));
    ck_assert_double_eq(s->max, number_of(expected, "max"));
    double mean = number_of(expected, "mean"), sigma = number_of(expected, "sigma");
    ck_assert_double_le(fabs(s->mean - mean), 1e-12 * sigma);
    ck_assert_double_le(fabs(s->sigma - sigma), 1e-12 * sigma);
    const struct json_value *quantiles = json_get(expected, "quantiles"), *shares = json_get(expected, "at_most");
    ck_assert_uint_eq(json_count(quantiles), 101);
    for (size_t i = 0; i < 101; i++) {
        double x = json_number(json_at(quantiles, i)), share = json_number(json_at(shares, i));
        ck_assert_double_le(fabs(share_at(s, x) - share), s->error + 1e-12);
    }
}

static void check_categories(const struct column_summary *s, const struct json_value *expected)
{
    const struct json_value *counts = json_get(expected, "counts");
    ck_assert_double_eq((double)s->missing, number_of(expected, "missing"));
    ck_assert_uint_eq(s->category_count, json_count(counts));
    for (size_t i = 0; i < s->category_count; i++)
        ck_assert_double_eq((double)s->categories[i].count, number_of(counts, s->categories[i].value));
}

START_TEST(a_profile_counts_what_pandas_counts)
{
    static const char names[] = "xykc";
    struct error err = {0};
    CLEANUP(json) struct json *expected = NULL;
    CLEANUP(schema) struct schema *schema = schema_new();
    for (size_t i = 0; i < 4; i++) {
        static const enum column_type types[] = {COLUMN_NUMBER, COLUMN_NUMBER, COLUMN_INTEGER, COLUMN_CATEGORY};
        schema_add(schema, (char[]){names[i], '\0'})->type = types[i];
    }
    char *folder = enter_folder();
    if (system("/usr/bin/python3 -c 'import pandas' 2>/dev/null") != 0) {
        fprintf(stderr, "skipped: no python3-pandas\n");
        leave_folder(folder);
        return;
    }
    python(program);
    ck_ok(json_load(&expected, "expected.json", "expected.json", NULL, &err), &err);
    for (int exact = 0; exact < 2; exact++) {
        const struct profile_options options = {.exact = exact, .block_size = 1 << 16};
        CLEANUP(profile) struct profile *profile = profile_new(schema, &options);
        ck_ok(profile_read(profile, "data.csv", "data.csv", &err), &err);
        profile_finish(profile);
        for (size_t i = 0; i < 4; i++) {
            struct column_summary s;
            profile_summary(&s, profile, i);
            const struct json_value *of = json_get(json_root(expected), s.name);
            ck_assert_uint_eq(s.rows, 40000);
            (i < 3 ? check_numbers : check_categories)(&s, of);
            column_summary_free(&s);
        }
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("profile_peers", a_profile_counts_what_pandas_counts)
