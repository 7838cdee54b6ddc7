// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit_objects.h"

START_TEST(plain_values_are_the_same_in_every_protocol)
{
    char *folder = enter_folder();
    if (write_with_python(
            "pickle", UNIT_OBJECTS
            "o = {'a': [1, -2, 3.5, None, True, 2**70, -2**100, 2**53 + 1], 'b': ('x', 'é', '\\U0001f600'),\n"
            "     'c': b'\\0\\xff', 'd': {'one', 'two', 'three'}, 'e': frozenset(['z']), 'f': bytearray(b'q'),\n"
            "     'g': collections.OrderedDict(x=1, y=2.5), 3: {}, 'h': (), 'i': list(range(-4, 9)),\n"
            "     'j': [.5, float('inf')] * 8, 'k': b'', 'l': '', 'm': int, 'n': -0.0, 'o': set(),\n"
            "     'p': [[1, 2], [3, {'deep': 'text'}]], 'q': 10**400 % 2**64}\n"
            "o['shared'] = o['p']\n"
            "for p in range(6):\n"
            "    for name in ('plain%d.pkl' % p,):\n"
            "        pickle.dump(o, open(name, 'wb'), p)\n"
            "        objects(name, o)\n"))
        ck_assert_uint_eq(expect_objects() % 6, 0);
    leave_folder(folder);
}
END_TEST

#define ARRAYS                                                                                                         \
    "r = np.random.RandomState(0)\n"                                                                                   \
    "o = {'C': r.rand(3, 4), 'F': np.asfortranarray(r.rand(3, 4)), 'view': r.rand(6, 6)[::2, 1:3],\n"                  \
    "     'big': np.arange(6, dtype='>i2').reshape(2, 3), 'scalar': np.float32(2.5), 'zero': np.zeros((0, 3)),\n"      \
    "     'text': np.array(['a', 'bc']), 'bytes': np.array([b'a', b'bc']), 'c': np.array([1+2j], 'c8'),\n"             \
    "     'object': np.array([1, 'x', None, [2, 3]], dtype=object), 'rank0': np.array(7, dtype='u1'),\n"               \
    "     'date': np.array(['2020-01-01'], 'M8[D]'), 'bool': np.array([True, False]), 'half': np.ones(3, 'f2'),\n"     \
    "     'fields': np.array([(1, [2, 3], (4, b'z'))] * 2,\n"                                                          \
    "                        dtype=[('l', '<i4'), ('v', '>f8', (2,)), ('n', [('x', 'u2'), ('y', 'S3')])])}\n"

START_TEST(arrays_are_read_in_every_protocol)
{
    char *folder = enter_folder();
    if (write_with_python("pickle", UNIT_OBJECTS ARRAYS "for p in range(6):\n"
                                                        "    pickle.dump(o, open('a%d.pkl' % p, 'wb'), p)\n"
                                                        "    objects('a%d.pkl' % p, o)\n"))
        ck_assert_uint_ge(expect_objects(), 6 * 15);
    leave_folder(folder);
}
END_TEST

START_TEST(arrays_are_read_as_joblib_writes_them)
{
    char *folder = enter_folder();
    if (write_with_python("joblib", UNIT_OBJECTS ARRAYS "for i, c in enumerate((0, 3, ('gzip', 3))):\n"
                                                        "    joblib.dump(o, 'a%d.joblib' % i, compress=c)\n"
                                                        "    objects('a%d.joblib' % i, o)\n"
                                                        "joblib.dump(o, 'x.pkl', protocol=2)\n"
                                                        "objects('x.pkl', o)\n"))
        ck_assert_uint_ge(expect_objects(), 4 * 15);
    leave_folder(folder);
}
END_TEST

START_TEST(models_of_sklearn_are_read_value_by_value)
{
    char *folder = enter_folder();
    if (write_with_python(
            "joblib, pickle, sklearn", UNIT_OBJECTS
            "from sklearn.ensemble import RandomForestClassifier, HistGradientBoostingClassifier\n"
            "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import StandardScaler\n"
            "from sklearn.svm import SVC\n"
            "from sklearn.neighbors import KNeighborsClassifier\n"
            "from sklearn.feature_extraction.text import TfidfVectorizer\n"
            "from sklearn.datasets import make_classification\n"
            "X, y = make_classification(120, 6, random_state=1)\n"
            "models = [RandomForestClassifier(4, random_state=1), LogisticRegression(),\n"
            "          make_pipeline(StandardScaler(), SVC()), HistGradientBoostingClassifier(max_iter=4),\n"
            "          KNeighborsClassifier()]\n"
            "for m in models: m.fit(X, y)\n"
            "models.append(TfidfVectorizer(stop_words=['the', 'a']).fit(['hello the world', 'a b hello']))\n"
            "for i, m in enumerate(models):\n"
            "    for c in (0, 3):\n"
            "        f = '%d.%d.joblib' % (i, c)\n"
            "        joblib.dump(m, f, compress=c)\n"
            "        objects(f, joblib.load(f))\n"
            "    for p in (2, 5):\n"
            "        f = '%d.%d.pkl' % (i, p)\n"
            "        pickle.dump(m, open(f, 'wb'), p)\n"
            "        objects(f, m)\n"))
        ck_assert_uint_gt(expect_objects(), 1000);
    leave_folder(folder);
}
END_TEST

START_TEST(a_file_that_is_cut_is_refused)
{
    char *folder = enter_folder();
    if (write_with_python("joblib", "import numpy as np\n"
                                    "joblib.dump({'x': np.arange(3), 'o': np.array([None], object)}, 'cut.joblib')\n"))
        expect_no_prefix("cut.joblib");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("joblib", plain_values_are_the_same_in_every_protocol, arrays_are_read_in_every_protocol,
          arrays_are_read_as_joblib_writes_them, models_of_sklearn_are_read_value_by_value,
          a_file_that_is_cut_is_refused)
