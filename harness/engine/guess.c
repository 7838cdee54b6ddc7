// SPDX-License-Identifier: Apache-2.0
#include "engine/guess.h"

#include "base/buf.h"
#include "base/fs.h"
#include "compare/metrics.h"
#include "compare/series.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { SETTINGS_AT_MOST = 64 * 1024, READ_AT_MOST = 4 << 20 };

static bool has_ending(const char *path, const char *const *endings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_ends(path, endings[i]))
            return true;
    }
    return false;
}

enum input_kind guess_input(const char *path, uint64_t size)
{
    static const char *const code[] = {".c",       ".h",   ".cc",    ".cpp", ".hpp", ".cu",      ".py",
                                       ".pyx",     ".sh",  ".bash",  ".awk", ".sed", ".R",       ".r",
                                       ".jl",      ".rs",  ".go",    ".js",  ".ts",  ".pl",      ".rb",
                                       ".java",    ".sql", ".ipynb", ".f90", ".mk",  "Makefile", "CMakeLists.txt",
                                       "Snakefile"};
    static const char *const settings[] = {".json", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties"};
    static const char *const data[] = {
        ".csv",    ".tsv",    ".jsonl",   ".ndjson",      ".parquet", ".npy",  ".npz",  ".txt",    ".dat",
        ".bin",    ".gz",     ".zst",     ".xz",          ".bz2",     ".zip",  ".h5",   ".hdf5",   ".arff",
        ".svm",    ".libsvm", ".feather", ".arrow",       ".png",     ".jpg",  ".jpeg", ".wav",    ".db",
        ".sqlite", ".xml",    ".json",    ".safetensors", ".pt",      ".onnx", ".pkl",  ".joblib", ".tar"};
    static const char *const neither[] = {"README.txt",        "LICENSE.txt",   "requirements.txt", "package.json",
                                          "package-lock.json", "tsconfig.json", "CHANGES.txt"};
    if (path[0] == '.' || strstr(path, "/.") || has_ending(path, neither, ARRAY_LEN(neither)) ||
        str_starts(path, "suites/") || str_starts(path, "golden/") || str_starts(path, "docs/"))
        return INPUT_NONE;
    if (has_ending(path, code, ARRAY_LEN(code)))
        return INPUT_CODE;
    if (size <= SETTINGS_AT_MOST && has_ending(path, settings, ARRAY_LEN(settings)))
        return INPUT_SETTINGS;
    return has_ending(path, data, ARRAY_LEN(data)) ? INPUT_DATA : INPUT_NONE;
}

static bool name_has(const char *path, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasestr(fs_basename(path), words[i]))
            return true;
    }
    return false;
}

// A table of numbers over steps: more than one row, and a first column or a name that says so.
static bool is_series(const char *path, const char *file, char **x)
{
    static const char *const steps[] = {"step", "epoch", "round", "iteration", "iter", "batch"};
    static const char *const names[] = {"history", "loss", "curve", "log", "learning", "progress"};
    CLEANUP(error) struct error ignored = {0};
    struct series series = {0};
    bool found = false;
    if (series_read(&series, file, path, NULL, &ignored) == 0 && series.row_count > 1) {
        for (size_t c = 0; c < series.column_count && !*x; c++) {
            for (size_t s = 0; s < ARRAY_LEN(steps) && !*x; s++)
                *x = strcasecmp(series.columns[c], steps[s]) == 0 ? str_dup(series.columns[c]) : NULL;
        }
        found = *x != NULL || name_has(path, names, ARRAY_LEN(names));
    }
    series_free(&series);
    return found;
}

static bool is_metrics(const char *path, const char *file)
{
    static const char *const names[] = {"metric", "score", "result", "eval", "accuracy", "report", "summary"};
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(metric_list) struct metric_list metrics = {0};
    return name_has(path, names, ARRAY_LEN(names)) && metrics_read(&metrics, file, path, &ignored) == 0;
}

enum output_kind guess_output(const char *path, const char *file, char **x)
{
    static const char *const tables[] = {".csv", ".jsonl", ".ndjson"};
    static const char *const measured[] = {".json", ".csv", ".txt", ".env", ".metrics"};
    struct stat st;
    *x = NULL;
    if (stat(file, &st) < 0 || st.st_size > READ_AT_MOST)
        return OUTPUT_ARTIFACT;
    if (has_ending(path, tables, ARRAY_LEN(tables)) && is_series(path, file, x))
        return OUTPUT_SERIES;
    if (has_ending(path, measured, ARRAY_LEN(measured)) && is_metrics(path, file))
        return OUTPUT_METRICS;
    return str_ends(path, ".log") ? OUTPUT_LOG : OUTPUT_ARTIFACT;
}

static const struct {
    const char *module, *distribution;
} packages[] = {
    {"catboost", "catboost"}, {"jax", "jax"},         {"keras", "keras"},          {"lightgbm", "lightgbm"},
    {"numpy", "numpy"},       {"scipy", "scipy"},     {"sklearn", "scikit-learn"}, {"tensorflow", "tensorflow"},
    {"torch", "torch"},       {"xgboost", "xgboost"},
};

static bool is_module(const char *word, const char *module)
{
    size_t length = strlen(module);
    return strncmp(word, module, length) == 0 && !isalnum((unsigned char)word[length]) && word[length] != '_';
}

// "import A, NAME…" or "from NAME…" at the start of a line.
static bool imports(const char *text, const char *module)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *word = line + strspn(line, " \t");
        if (str_starts(word, "from ") && is_module(word + strspn(word + 5, " \t") + 5, module))
            return true;
        if (!str_starts(word, "import "))
            continue;
        for (word += 7; *word && *word != '\n'; word += *word == ',') {
            word += strspn(word, " \t");
            if (is_module(word, module))
                return true;
            word += strcspn(word, ",\n");
        }
    }
    return false;
}

void guess_packages(struct strings *out, const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
        if (imports(text, packages[i].module))
            strings_add(out, packages[i].distribution);
    }
    strings_sort(out);
    strings_unique(out);
}
