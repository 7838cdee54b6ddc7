// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "base/fs.h"
#include "core/suite.h"
#include "corpus.h"
#include "schema.h"
#include "unit.h"

// The document that the design shows, comments included, with every part that a suite can have.
static char *example(size_t *len)
{
    struct error err = {0};
    struct buf text = {0};
    const char *source = getenv("SOURCE_DIR");
    ck_assert_msg(source != NULL, "SOURCE_DIR is not set; run this with ctest");
    CLEANUP(free) char *path = str_printf("%s/tests/fuzz/corpus/suite/good-whole.json", source);
    ck_ok(fs_read(&text, path, 0, &err), &err);
    *len = text.len;
    return buf_take(&text);
}

static int parse(struct suite **out, const char *text, struct error *err)
{
    return suite_parse(out, "churn", "suites/churn/suite.json", text, strlen(text), err);
}

static void assert_joined(const struct strings *list, const char *expected)
{
    CLEANUP(free) char *joined = strings_join(list, " ");
    ck_assert_str_eq(joined, expected);
}

START_TEST(the_train_part_of_a_whole_document_is_read)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    size_t len;
    CLEANUP(free) char *text = example(&len);
    ck_ok(parse(&suite, text, &err), &err);
    ck_assert_str_eq(suite->name, "churn");
    ck_assert_str_eq(suite->path, "suites/churn/suite.json");
    assert_joined(&suite->train.command, "python3 train.py --config params.json");
    ck_assert_str_eq(suite->train.directory, ".");
    ck_assert_double_eq(suite->train.timeout, 600);
    ck_assert(!suite->train.network);
    ck_assert_str_eq(pairs_get(&suite->train.env, "OMP_NUM_THREADS"), "1");
    assert_joined(&suite->train.pass_env, "CUDA_VISIBLE_DEVICES");
    assert_joined(&suite->train.pins, "hashseed threads isa:avx2 clock");
    assert_joined(&suite->inputs.code, "train.py src/**");
    assert_joined(&suite->inputs.data, "data/*.csv");
    assert_joined(&suite->inputs.settings, "params.json");
    ck_assert_str_eq(pairs_get(&suite->inputs.external, "IMAGENET"), "/mnt/imagenet");
}
END_TEST

START_TEST(the_other_parts_of_a_whole_document_are_read)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    size_t len;
    CLEANUP(free) char *text = example(&len);
    ck_ok(parse(&suite, text, &err), &err);
    ck_assert_uint_eq(suite->artifact_count, 2);
    ck_assert(suite->artifacts_given);
    ck_assert_str_eq(suite->artifacts[0].path, "model.safetensors");
    ck_assert_int_eq(suite->artifacts[0].compare, COMPARE_TENSORS);
    ck_assert_int_eq(suite->artifacts[1].compare, COMPARE_BYTES);
    ck_assert_int_eq(suite->artifacts[1].line, 11);
    assert_joined(&suite->metrics.from, "metrics.json");
    ck_assert_uint_eq(suite->metrics.tolerance_count, 2);
    ck_assert_str_eq(suite->metrics.tolerances[0].pattern, "accuracy");
    ck_assert_double_eq(suite->metrics.tolerances[0].abs, 0.001);
    ck_assert_int_eq(suite->metrics.tolerances[0].better, BETTER_HIGHER);
    ck_assert_str_eq(suite->metrics.tolerances[1].pattern, "loss.*");
    ck_assert_double_eq(suite->metrics.tolerances[1].rel, 1e-6);
    ck_assert_int_eq(suite->metrics.tolerances[1].better, BETTER_NEITHER);
    ck_assert_int_eq(suite->metrics.tolerances[1].line, 12);
    ck_assert_str_eq(suite->metrics.series[0].path, "history.csv");
    ck_assert_str_eq(suite->metrics.series[0].x, "step");
    ck_assert_double_eq(suite->metrics.series[0].tolerance.rel, 1e-6);
    ck_assert_ptr_null(suite->metrics.series[0].tolerance.pattern);
    assert_joined(&suite->class_packages, "torch");
    ck_assert_double_eq(suite->limits.train_wall, 300);
    ck_assert_uint_eq(suite->limits.train_memory, (uint64_t)2 << 30);
    ck_assert_uint_eq(suite->limits.artifact, (uint64_t)50 << 20);
    ck_assert_double_eq(suite->predict.p99, 0.02);
    ck_assert(suite->drift.given);
}
END_TEST

START_TEST(only_the_command_is_required_and_the_rest_has_its_default)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite, "{\"train\": {\"command\": \"make train\"}}", &err), &err);
    ck_assert_uint_eq(suite->train.command.count, 3);
    ck_assert_str_eq(suite->train.command.items[0], "sh");
    ck_assert_str_eq(suite->train.command.items[1], "-c");
    ck_assert_str_eq(suite->train.command.items[2], "make train");
    ck_assert_str_eq(suite->train.directory, ".");
    ck_assert_double_eq(suite->train.timeout, 600);
    ck_assert(!suite->train.network);
    ck_assert(!suite->artifacts_given);
    ck_assert_uint_eq(suite->artifact_count, 0);
    ck_assert_ptr_null(suite->class_name);
    ck_assert_int_eq(suite->environment, ON_CHANGE_WARN);
    ck_assert_double_eq(suite->limits.train_wall, 0);
    ck_assert_uint_eq(suite->limits.train_memory, 0);
    ck_assert_uint_eq(suite->limits.bundle, (uint64_t)1 << 20);
    ck_assert(!suite->predict.given && !suite->drift.given && !suite->log.given);
    ck_assert_uint_eq(suite->keep, 3);
    ck_assert_double_eq(suite->ready.age, 30 * 86400.0);
    ck_assert_uint_eq(suite->ready.require, 0);
    ck_assert_ptr_null(suite_tolerance(suite, "accuracy"));
    ck_assert_ptr_null(suite_artifact(suite, "model.bin"));
}
END_TEST

START_TEST(values_that_are_not_the_default_are_read)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite,
                "{\"$schema\": \"../suite.schema.json\", \"class\": \"any\", \"environment\": \"fail\",\n"
                " \"train\": {\"command\": [\"a\", \"\"], \"timeout\": 0.5, \"network\": true,\n"
                "             \"directory\": \"sub/x\"},\n"
                " \"inputs\": {\"code\": [\".gitlab/x\", \"golden.txt\", \"src/golden/\"]},\n"
                " \"artifacts\": [\"model.bin\", \"logs/\"],\n"
                " \"metrics\": {\"from\": [\"m.csv\"], \"tolerance\": {\"loss\": {\"better\": \"lower\"}}},\n"
                " \"limits\": {\"train\": {\"wall\": 90, \"memory\": 4096}, \"bundle\": 0}}",
                &err),
          &err);
    ck_assert_str_eq(suite->class_name, "any");
    ck_assert_int_eq(suite->environment, ON_CHANGE_FAIL);
    ck_assert_uint_eq(suite->train.command.count, 2);
    ck_assert_double_eq(suite->train.timeout, 0.5);
    ck_assert(suite->train.network);
    ck_assert_str_eq(suite->train.directory, "sub/x");
    ck_assert_uint_eq(suite->artifact_count, 2);
    ck_assert_str_eq(suite->artifacts[1].path, "logs/");
    ck_assert_int_eq(suite->artifacts[1].compare, COMPARE_BYTES);
    ck_assert_int_eq(suite->artifacts[1].line, 5);
    ck_assert_uint_eq(suite->inputs.code.count, 3);
    ck_assert_int_eq(suite->metrics.tolerances[0].better, BETTER_LOWER);
    ck_assert_double_eq(suite->limits.train_wall, 90);
    ck_assert_uint_eq(suite->limits.train_memory, 4096);
    ck_assert_uint_eq(suite->limits.bundle, 0);
}
END_TEST

START_TEST(each_way_of_comparing_has_its_word)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite,
                "{\"train\": {\"command\": \"x\"}, \"artifacts\": {\"a\": {\"compare\": \"bytes\"},\n"
                "\"b\": {\"compare\": \"tensors\", \"max_ulp\": \"18446744073709551615\", \"abs\": 1, \"rel\": 0.5},\n"
                "\"c\": {\"compare\": \"close\", \"abs\": 0.25, \"tensors\": {\"*.bias\": {\"max_ulp\": 4}, \"*\": "
                "{\"compare\": \"close\"}}},\n"
                "\"d\": {\"compare\": \"none\"}, \"e\": {}}}",
                &err),
          &err);
    const enum artifact_compare expected[] = {COMPARE_BYTES, COMPARE_TENSORS, COMPARE_CLOSE, COMPARE_NONE,
                                              COMPARE_BYTES};
    ck_assert_uint_eq(suite->artifact_count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        ck_assert_int_eq(suite->artifacts[i].compare, expected[i]);
    ck_assert_uint_eq(suite->artifacts[1].allowance.max_ulp, UINT64_MAX);
    ck_assert_double_eq(suite->artifacts[1].allowance.abs, 1);
    ck_assert_double_eq(suite->artifacts[1].allowance.rel, 0.5);
    ck_assert_double_eq(suite->artifacts[2].allowance.abs, 0.25);
    ck_assert(suite->artifacts[2].allowance.close);
    ck_assert_uint_eq(suite_allowance(&suite->artifacts[2], "a.bias")->max_ulp, 4);
    ck_assert(!suite_allowance(&suite->artifacts[2], "a.bias")->close);
    ck_assert(suite_allowance(&suite->artifacts[2], "a.weight")->close);
    ck_assert_ptr_eq(suite_allowance(&suite->artifacts[1], "a.weight"), &suite->artifacts[1].allowance);
}
END_TEST

struct fault {
    const char *text, *message;
};

// Asserts that `before`, a fault's text and `after` together make a document that is refused with the fault's message.
static void assert_faults(const struct fault *faults, size_t count, const char *before, const char *after)
{
    for (size_t i = 0; i < count; i++) {
        struct error err = {0};
        struct suite *suite = NULL;
        CLEANUP(free) char *text = str_printf("%s%s%s", before, faults[i].text, after);
        ck_assert_msg(parse(&suite, text, &err) == -1, "accepted: %s", text);
        ck_assert_ptr_null(suite);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, faults[i].message);
        error_free(&err);
    }
}

START_TEST(a_fault_of_train_is_told)
{
    static const struct fault faults[] = {
        {"{}", "command"},
        {"[]", "train: "},
        {"{\"command\": []}", "train.command: is empty; expected the program and its arguments"},
        {"{\"command\": [\"\", \"a\"]}", "train.command[0]: the program's name is empty"},
        {"{\"command\": [\"a\", 1]}", "train.command[1]: expected a string, found a number"},
        {"{\"command\": \" \\t\"}", "train.command: is empty"},
        {"{\"command\": 7}", "train.command: "},
        {"{\"command\": \"a\\u0000b\"}", "suite.json:1"},
        {"{\"command\": \"x\", \"directory\": \"..\"}", "train.directory: '..' is not a path inside"},
        {"{\"command\": \"x\", \"directory\": \"\"}", "train.directory: is empty"},
        {"{\"command\": \"x\", \"timeout\": 0}", "train.timeout: expected a duration above 0"},
        {"{\"command\": \"x\", \"timeout\": -5}", "train.timeout: expected a duration above 0"},
        {"{\"command\": \"x\", \"timeout\": 1e300}", "train.timeout: expected a duration above 0"},
        {"{\"command\": \"x\", \"timeout\": \"10 parsecs\"}", "train.timeout: expected a duration above 0"},
        {"{\"command\": \"x\", \"timeout\": \"0s\"}", "train.timeout: expected a duration above 0"},
        {"{\"command\": \"x\", \"timeout\": true}", "train.timeout: "},
        {"{\"command\": \"x\", \"timeuot\": 5}", "timeout"},
        {"{\"command\": \"x\", \"network\": \"no\"}", "train.network: "},
        {"{\"command\": \"x\", \"env\": {\"A-B\": \"1\"}}", "'A-B' is not a name for an environment variable"},
        {"{\"command\": \"x\", \"env\": {\"\": \"1\"}}", "'' is not a name for an environment variable"},
        {"{\"command\": \"x\", \"env\": {\"A\": 1}}", "train.env.A: expected a string, found a number"},
        {"{\"command\": \"x\", \"env\": {\"A\": \"1\"}, \"pass_env\": [\"A\"]}",
         "train.pass_env[0]: 'A' is set in train.env"},
        {"{\"command\": \"x\", \"pass_env\": [\"A\", \"A\"]}", "train.pass_env[1]: 'A' is here twice"},
        {"{\"command\": \"x\", \"pass_env\": [\"=\"]}", "'=' is not a name for an environment variable"},
        {"{\"command\": \"x\", \"pin\": [\"isa:\"]}", "train.pin[0]: 'isa:' is not a pin"},
        {"{\"command\": \"x\", \"pin\": [\"\"]}", "train.pin[0]: '' is not a pin"},
        {"{\"command\": \"x\", \"pin\": [\"a:b:c\"]}", "train.pin[0]: 'a:b:c' is not a pin"},
        {"{\"command\": \"x\", \"pin\": [\"threads:1\", \"threads:4\"]}", "train.pin[1]: 'threads' is here twice"},
        {"{\"command\": \"x\", \"pin\": \"threads\"}", "train.pin: "},
    };
    assert_faults(faults, ARRAY_LEN(faults), "{\"train\": ", "}");
}
END_TEST

START_TEST(a_fault_of_inputs_is_told)
{
    static const struct fault faults[] = {
        {"{\"code\": [\"/etc/passwd\"]}", "suite.json:2: inputs.code[0]: '/etc/passwd' is not a path inside"},
        {"{\"code\": [\"a\",\n\"../b\"]}", "suite.json:3: inputs.code[1]: '../b' is not a path inside"},
        {"{\"data\": [\"./d.csv\"]}", "inputs.data[0]: write 'd.csv' without the './'"},
        {"{\"data\": [\"\"]}", "inputs.data[0]: is empty"},
        {"{\"data\": [3]}", "inputs.data[0]: expected a string, found a number"},
        {"{\"data\": \"d.csv\"}", "inputs.data: "},
        {"{\"settings\": [\"a/../b\"]}", "inputs.settings[0]: 'a/../b' is not a path inside"},
        {"{\"code\": [\".git/hooks/*\"]}", "inputs.code[0]: what is below '.git' is never an input"},
        {"{\"data\": [\"golden\"]}", "inputs.data[0]: what is below 'golden' is never an input"},
        {"{\"external\": {\"X\": \"mnt\"}}", "inputs.external.X: expected an absolute path"},
        {"{\"external\": {\"X\": \"/mnt/../etc\"}}", "inputs.external.X: expected an absolute path"},
        {"{\"external\": {\"2X\": \"/mnt\"}}", "'2X' is not a name for an environment variable"},
        {"{\"external\": {\"X\": 1}}", "inputs.external.X: expected a string, found a number"},
    };
    assert_faults(faults, ARRAY_LEN(faults), "{\"train\": {\"command\": \"x\"},\n\"inputs\": ", "}");
}
END_TEST

START_TEST(a_fault_of_artifacts_is_told)
{
    static const struct fault faults[] = {
        {"{}", "artifacts: nothing would be compared"},
        {"[]", "artifacts: nothing would be compared"},
        {"{\"m\": {\"compare\": \"none\"}}", "artifacts: nothing would be compared"},
        {"[\"a\", \"b\", \"a\"]", "artifacts[2]: 'a' is here twice"},
        {"{\"m\": {\"compare\": \"tensor\"}}", "artifacts.m.compare: 'tensor' is unknown; did you mean \"tensors\"?"},
        {"{\"m\": {\"compare\": \"bytes\", \"abs\": 1}}", "artifacts.m: an allowance needs"},
        {"{\"m\": {\"rel\": 1}}", "artifacts.m: an allowance needs"},
        {"{\"m\": {\"tensors\": {\"a\": {}}}}", "artifacts.m: an allowance needs"},
        {"{\"m\": {\"compare\": \"tensors\", \"tensors\": {\"a\": {\"compare\": \"bytes\"}}}}",
         "artifacts.m.tensors.a.compare: 'bytes' is unknown"},
        {"{\"m\": {\"max_upl\": 1}}", "max_ulp"},
        {"{\"m\": {\"compare\": \"tensors\", \"max_ulp\": 0.5}}", "artifacts.m.max_ulp: expected a whole number"},
        {"{\"m\": {\"compare\": \"close\", \"rel\": -1}}", "artifacts.m.rel: expected a number ≥ 0"},
        {"{\"m\": \"bytes\"}", "artifacts.m: expected an object, found a string"},
        {"{\"\": {}}", "is empty; expected a path inside the project"},
        {"{\"/abs\": {}}", "'/abs' is not a path inside"},
        {"3", "artifacts: "},
    };
    assert_faults(faults, ARRAY_LEN(faults), "{\"train\": {\"command\": \"x\"}, \"artifacts\": ", "}");
}
END_TEST

START_TEST(a_fault_of_metrics_is_told)
{
    static const struct fault faults[] = {
        {"{\"from\": [\"m\"], \"tolerance\": {\"accuracy\": {\"abs\": -0.1}}}",
         "suites/churn/suite.json:2: metrics.tolerance.accuracy.abs: expected a number ≥ 0"},
        {"{\"from\": [\"m\"], \"tolerance\": {\"accuracy\": {\"abs\": \"0.1\"}}}",
         "metrics.tolerance.accuracy.abs: expected a number"},
        {"{\"from\": [\"m\"], \"tolerance\": {\"a\": {\"beter\": \"higher\"}}}", "better"},
        {"{\"from\": [\"m\"], \"tolerance\": {\"a\": {\"better\": \"up\"}}}", "'up' is unknown"},
        {"{\"from\": [\"m\"], \"tolerance\": {\"a\": 0.1}}", "metrics.tolerance.a: expected an object, found a number"},
        {"{\"from\": [\"m\"], \"tolerance\": {\"\": {}}}", "is empty"},
        {"{\"from\": [\"m\", \"m\"]}", "metrics.from[1]: 'm' is here twice"},
        {"{\"tolerance\": {\"a\": {}}}", "metrics.tolerance: has no effect"},
        {"{\"series\": {\"../h.csv\": {}}}", "'../h.csv' is not a path inside"},
        {"{\"series\": {\"h.csv\": {\"better\": \"lower\"}}}", "better"},
        {"{\"series\": {\"h.csv\": {\"x\": \"\"}}}", "x: is empty"},
    };
    assert_faults(faults, ARRAY_LEN(faults), "{\"train\": {\"command\": \"x\"},\n\"metrics\": ", "}");
}
END_TEST

START_TEST(a_fault_of_the_other_keys_is_told)
{
    static const struct fault faults[] = {
        {"\"suite\": \"chrun\"", "suites/churn/suite.json:2: suite: is 'chrun', but the folder is called 'churn'"},
        {"\"artefacts\": {}", "artifacts"},
        {"\"class\": \"x86\"", "suite.json:2: class: 'x86' is unknown; expected \"any\""},
        {"\"environment\": \"wran\"", "environment: 'wran' is unknown; did you mean \"warn\"?"},
        {"\"class_packages\": [\"torch\", \"to/rch\"]", "class_packages[1]: 'to/rch' is not the name of a package"},
        {"\"class_packages\": [\"torch\", \"torch\"]", "class_packages[1]: 'torch' is here twice"},
        {"\"limits\": {\"train\": {\"wall\": 0}}", "limits.train.wall: expected a duration above 0"},
        {"\"limits\": {\"train\": {\"memory\": \"2GB2\"}}", "limits.train.memory: expected a size"},
        {"\"limits\": {\"train\": {\"memory\": 0}}", "limits.train.memory: expected a size above 0"},
        {"\"limits\": {\"artifact\": -1}", "limits.artifact: expected a size"},
        {"\"limits\": {\"artifact\": 1.5}", "limits.artifact: expected a size"},
        {"\"limits\": {\"bundle\": \"x\"}", "limits.bundle: expected a size"},
        {"\"limits\": {\"predict\": {\"p99\": \"soon\"}}", "limits.predict.p99: expected a duration"},
        {"\"model\": {\"batch\": []}", "model.batch: is empty"},
        {"\"model\": {\"api\": {\"ready\": \"/\"}}", "command"},
        {"\"schema\": {\"from\": \"/d\"}", "schema.from: '/d' is not a path inside"},
        {"\"schema\": {\"columns\": []}", "schema.columns: "},
        {"\"fuzz\": {\"cases\": 1.5}", "fuzz.cases: expected a whole number"},
        {"\"fuzz\": {\"timeout\": \"-1s\"}", "fuzz.timeout: expected a duration"},
        {"\"drift\": {\"reference\": \"\"}", "drift.reference: is empty"},
        {"\"fallback\": \" \"", "fallback: is empty"},
    };
    assert_faults(faults, ARRAY_LEN(faults), "{\"train\": {\"command\": \"x\"},\n", "}");
}
END_TEST

START_TEST(every_fault_is_told_at_once_in_the_order_of_the_lines)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    const char *text = "{\"suite\": \"other\",\n"
                       " \"train\": {\"comand\": \"x\",\n"
                       "   \"timeout\": 0},\n"
                       " \"inputs\": {\"code\": [\"/a\",\n"
                       "   \"../b\"]},\n"
                       " \"limits\": {\"bundle\": \"much\"}}";
    ck_assert_int_eq(parse(&suite, text, &err), -1);
    ck_assert_uint_ge(err.problem_count, 7); // the missing command and the unknown key are two
    for (size_t i = 1; i < err.problem_count; i++)
        ck_assert_int_le(err.problems[i - 1].line, err.problems[i].line);
    const char *const parts[] = {":1: suite: ",          "command",
                                 ":3: train.timeout: ",  ":4: inputs.code[0]: ",
                                 ":5: inputs.code[1]: ", ":6: limits.bundle: "};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        ck_error_has(&err, parts[i]);
    error_free(&err);
}
END_TEST

START_TEST(a_document_that_is_no_object_is_refused)
{
    const char *const texts[] = {"[]", "3", "\"train\"", "null",       "",
                                 " ",  "{", "{} x",      "\xff\xfe{}", "{\"a\":1,\"a\":2}"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct error err = {0};
        struct suite *suite = NULL;
        ck_assert_int_eq(parse(&suite, texts[i], &err), -1);
        ck_assert_ptr_null(suite);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, "suites/churn/suite.json");
        error_free(&err);
    }
}
END_TEST

START_TEST(the_first_rule_that_matches_counts)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite,
                "{\"train\": {\"command\": \"x\"},\n"
                "\"artifacts\": {\"model[1].bin\": {\"compare\": \"none\"}, \"*.bin\": {},\n"
                "\"out/\": {\"compare\": \"close\"}}, \"metrics\": {\"from\": [\"m\"],\n"
                "\"tolerance\": {\"loss.val\": {\"abs\": 1}, \"loss.*\": {\"abs\": 2}, \"**\": {\"abs\": 3}}}}",
                &err),
          &err);
    ck_assert_int_eq(suite_artifact(suite, "model[1].bin")->compare, COMPARE_NONE);
    ck_assert_int_eq(suite_artifact(suite, "x.bin")->compare, COMPARE_BYTES);
    ck_assert_int_eq(suite_artifact(suite, "out/deep/x")->compare, COMPARE_CLOSE);
    ck_assert_ptr_null(suite_artifact(suite, "other.txt"));
    ck_assert_double_eq(suite_tolerance(suite, "loss.val")->abs, 1);
    ck_assert_double_eq(suite_tolerance(suite, "loss.train")->abs, 2);
    ck_assert_double_eq(suite_tolerance(suite, "accuracy")->abs, 3);
}
END_TEST

START_TEST(a_name_is_valid_when_it_can_be_a_folder)
{
    char longest[102];
    memset(longest, 'a', sizeof longest);
    longest[100] = '\0';
    ck_assert(suite_name_is_valid(longest));
    longest[100] = 'a';
    longest[101] = '\0';
    ck_assert(!suite_name_is_valid(longest));
    const char *const good[] = {"churn", "a", "9", "delivery-time", "A.b_c-2"};
    const char *const bad[] = {"", ".", "..", ".git", "-x", "_x", "a/b", "a b", "ä", "a\n"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        ck_assert_msg(suite_name_is_valid(good[i]), "'%s'", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!suite_name_is_valid(bad[i]), "'%s'", bad[i]);
}
END_TEST

// Writes suites/churn/suite.json below a new folder and asserts what loading it says (NULL: it is loaded).
static void assert_loading(const char *bytes, size_t len, const char *message)
{
    struct error err = {0};
    CLEANUP(free) char *root = unit_folder();
    CLEANUP(free) char *path = fs_join(root, "suites/churn/suite.json");
    ck_ok(fs_write_atomic(path, bytes, len, &err), &err);
    CLEANUP(suite) struct suite *suite = NULL;
    int status = suite_load(&suite, root, "churn", &err);
    if (message) {
        ck_assert_int_eq(status, -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, message);
        error_free(&err);
    } else {
        ck_ok(status, &err);
        ck_assert_str_eq(suite->name, "churn");
    }
    ck_ok(fs_remove_tree(root, &err), &err);
}

START_TEST(a_good_file_is_loaded)
{
    size_t len;
    CLEANUP(free) char *text = example(&len);
    assert_loading(text, len, NULL);
}
END_TEST

START_TEST(a_bad_file_gets_a_clear_message)
{
    assert_loading("", 0, "'suites/churn/suite.json' is empty");
    assert_loading("\xff\xfe{\0}\0", 6, "suites/churn/suite.json:1: ");
    assert_loading("{\"a\": \"\xc3\x28\"}", 11, "suites/churn/suite.json:1: ");

    size_t size = (size_t)100 << 20;
    CLEANUP(free) char *large = malloc(size);
    memset(large, ' ', size);
    assert_loading(large, size, "'suites/churn/suite.json' is too large: more than 1024 KiB");
    assert_loading(large, SUITE_MAX_SIZE + 1, "'suites/churn/suite.json' is too large");

    memset(large, '[', 100000);
    assert_loading(large, 100000, "suites/churn/suite.json:1: ");
}
END_TEST

START_TEST(a_suite_that_is_not_a_file_gets_a_clear_message)
{
    struct error err = {0};
    CLEANUP(free) char *root = unit_folder();
    struct suite *suite = NULL;
    ck_assert_int_eq(suite_load(&suite, root, "churn", &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, "no suite 'churn': there is no 'suites/churn/suite.json'; make it with: repro init churn");
    error_free(&err);

    CLEANUP(free) char *path = fs_join(root, "suites/churn/suite.json");
    ck_ok(fs_mkdirs(path, &err), &err);
    ck_assert_int_eq(suite_load(&suite, root, "churn", &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, "'suites/churn/suite.json' is a folder, not a file");
    error_free(&err);

    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(suite_load(&suite, root, "churn", &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, "is not a regular file");
    error_free(&err);

    ck_assert_int_eq(suite_load(&suite, root, "../churn", &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, "'../churn' cannot be the name of a suite");
    error_free(&err);
    ck_ok(fs_remove_tree(root, &err), &err);
}
END_TEST

START_TEST(very_many_faults_are_told_in_a_moment)
{
    struct error err = {0};
    struct buf text CLEANUP(buf) = {0};
    buf_puts(&text, "{\"train\": {\"command\": \"x\", \"env\": {");
    for (int i = 0; i < 40000; i++)
        buf_printf(&text, "%s\"%d\": \"\"", i ? ",\n" : "", i);
    buf_puts(&text, "}}}");
    struct suite *suite = NULL;
    ck_assert_int_eq(parse(&suite, buf_text(&text), &err), -1);
    ck_assert_uint_eq(err.problem_count, 101);
    ck_assert_int_eq(err.problems[99].line, 100);
    ck_error_has(&err, "39900 more problems");
    error_free(&err);
}
END_TEST

static int parse_example(const char *text, size_t len, struct error *err)
{
    CLEANUP(suite) struct suite *suite = NULL;
    return suite_parse(&suite, "churn", "suite.json", text, len, err);
}

START_TEST(good_examples_are_accepted_and_bad_ones_refused)
{
    corpus_check("suite", parse_example);
}
END_TEST

START_TEST(the_schema_says_what_the_code_reads)
{
    schema_match_file("suite.schema.json", suite_fields());
}
END_TEST

UNIT_MAIN("suite", the_train_part_of_a_whole_document_is_read, the_other_parts_of_a_whole_document_are_read,
          only_the_command_is_required_and_the_rest_has_its_default, values_that_are_not_the_default_are_read,
          each_way_of_comparing_has_its_word, a_fault_of_train_is_told, a_fault_of_inputs_is_told,
          a_fault_of_artifacts_is_told, a_fault_of_metrics_is_told, a_fault_of_the_other_keys_is_told,
          every_fault_is_told_at_once_in_the_order_of_the_lines, a_document_that_is_no_object_is_refused,
          the_first_rule_that_matches_counts, a_name_is_valid_when_it_can_be_a_folder, a_good_file_is_loaded,
          a_bad_file_gets_a_clear_message, a_suite_that_is_not_a_file_gets_a_clear_message,
          very_many_faults_are_told_in_a_moment, good_examples_are_accepted_and_bad_ones_refused,
          the_schema_says_what_the_code_reads)
