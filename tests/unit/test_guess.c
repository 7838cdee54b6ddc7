// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// What init takes a file for.
#include "engine/guess.h"

#include "unit_files.h"

START_TEST(inputs_are_known_by_name_and_size)
{
    static const struct {
        const char *path;
        uint64_t size;
        enum input_kind kind;
    } cases[] = {
        {"train.py", 10, INPUT_CODE},
        {"src/deep/model.cu", 10, INPUT_CODE},
        {"Makefile", 10, INPUT_CODE},
        {"native/CMakeLists.txt", 10, INPUT_CODE},
        {"explore.ipynb", 1 << 20, INPUT_CODE},
        {"params.json", 64 * 1024, INPUT_SETTINGS},
        {"params.json", 64 * 1024 + 1, INPUT_DATA}, // settings are small
        {"conf/train.yaml", 10, INPUT_SETTINGS},
        {"conf/train.yaml", 1 << 20, INPUT_NONE},
        {"data/train.csv", 0, INPUT_DATA},
        {"weights.safetensors", 1 << 20, INPUT_DATA},
        {"notes.txt", 10, INPUT_DATA},
        {"README.md", 10, INPUT_NONE},
        {"README.txt", 10, INPUT_NONE},
        {"requirements.txt", 10, INPUT_NONE},
        {"package-lock.json", 10, INPUT_NONE},
        {".hidden.py", 10, INPUT_NONE},
        {"src/.cache/a.py", 10, INPUT_NONE},
        {".github/workflows/ci.yml", 10, INPUT_NONE},
        {"suites/churn/suite.json", 10, INPUT_NONE},
        {"golden/churn/any/manifest.json", 10, INPUT_NONE},
        {"docs/figure.png", 10, INPUT_NONE},
        {"no-ending", 10, INPUT_NONE},
        {"", 0, INPUT_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(guess_input(cases[i].path, cases[i].size) == cases[i].kind, "%s", cases[i].path);
}
END_TEST

START_TEST(outputs_are_known_by_name_and_content)
{
    static const struct {
        const char *path, *text;
        enum output_kind kind;
        const char *x;
    } cases[] = {
        {"metrics.json", "{\"accuracy\": 0.9}", OUTPUT_METRICS, NULL},
        {"out/EVALUATION.json", "{\"auc\": 1}", OUTPUT_METRICS, NULL},
        {"metrics.json", "not json", OUTPUT_ARTIFACT, NULL},
        {"metrics.json", "{\"words\": \"only\"}", OUTPUT_ARTIFACT, NULL},
        {"scores.txt", "accuracy=0.9\n", OUTPUT_METRICS, NULL},
        {"scores.csv", "accuracy,loss\n0.9,0.1\n", OUTPUT_METRICS, NULL}, // one row is no curve
        {"model.json", "{\"weight\": 1}", OUTPUT_ARTIFACT, NULL},
        {"history.csv", "loss\n1\n0.5\n", OUTPUT_SERIES, NULL},
        {"history.csv", "step,loss\n1,1\n2,0.5\n", OUTPUT_SERIES, "step"},
        {"table.csv", "Epoch,loss\n1,1\n2,0.5\n", OUTPUT_SERIES, "Epoch"},
        {"table.csv", "a,b\n1,1\n2,0.5\n", OUTPUT_ARTIFACT, NULL},
        {"table.csv", "step,loss\n1,1\n2\n", OUTPUT_ARTIFACT, NULL}, // damaged
        {"curve.jsonl", "{\"iter\": 1, \"loss\": 2}\n{\"iter\": 2, \"loss\": 1}\n", OUTPUT_SERIES, "iter"},
        {"train.log", "epoch 1\n", OUTPUT_LOG, NULL},
        {"model.bin", "\001\002", OUTPUT_ARTIFACT, NULL},
        {"empty.csv", "", OUTPUT_ARTIFACT, NULL},
    };
    char *folder = enter_folder();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(free) char *x = NULL;
        put("file", cases[i].text);
        enum output_kind kind = guess_output(cases[i].path, "file", &x);
        ck_assert_msg(kind == cases[i].kind, "%s: %d", cases[i].path, (int)kind);
        ck_assert_msg(str_equal(x, cases[i].x), "%s: %s", cases[i].path, x);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(an_output_that_cannot_be_read_or_is_large_is_an_artifact)
{
    char *folder = enter_folder(), *x = NULL;
    ck_assert_int_eq(guess_output("metrics.json", "absent", &x), OUTPUT_ARTIFACT);
    put("metrics.json", "{\"accuracy\": 1}");
    ck_assert_int_eq(truncate("metrics.json", (4 << 20) + 1), 0);
    ck_assert_int_eq(guess_output("metrics.json", "metrics.json", &x), OUTPUT_ARTIFACT);
    ck_assert_ptr_null(x);
    leave_folder(folder);
}
END_TEST

START_TEST(packages_are_known_by_their_imports)
{
    static const struct {
        const char *text, *packages;
    } cases[] = {
        {"import torch\n", "torch"},
        {"import torch", "torch"},
        {"\n\n  from sklearn.linear_model import SGDClassifier\nimport numpy as np\n", "numpy scikit-learn"},
        {"import os, sys, numpy as np\n", "numpy"},
        {"import os,scipy\n", "scipy"},
        {"import torch.nn as nn\nimport torch\n", "torch"},
        {"from  jax import grad\n", "jax"},
        {"import torchvision\nimport numpy_financial\n", ""},
        {"# import torch\nprint('import torch')\n", ""},
        {"x = 1 # from torch import y\n", ""},
        {"important torch\nfrom_torch\n", ""},
        {"import os\nnumpy\n", ""}, // another line is another statement
        {"", ""},
        {"import ", ""},
        {"from ", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(strings) struct strings found = {0};
        guess_packages(&found, cases[i].text);
        CLEANUP(free) char *names = strings_join(&found, " ");
        ck_assert_msg(str_equal(names, cases[i].packages), "%s: '%s'", cases[i].text, names);
    }
}
END_TEST

START_TEST(packages_of_several_files_come_once_and_sorted)
{
    CLEANUP(strings) struct strings found = {0};
    guess_packages(&found, "import torch\nimport numpy\n");
    guess_packages(&found, "import numpy\nimport jax\n");
    CLEANUP(free) char *names = strings_join(&found, " ");
    ck_assert_str_eq(names, "jax numpy torch");
}
END_TEST

UNIT_MAIN("guess", inputs_are_known_by_name_and_size, outputs_are_known_by_name_and_content,
          an_output_that_cannot_be_read_or_is_large_is_an_artifact, packages_are_known_by_their_imports,
          packages_of_several_files_come_once_and_sorted)
