// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "base/fs.h"
#include "base/rng.h"
#include "core/manifest.h"
#include "corpus.h"
#include "schema.h"
#include "unit.h"

#include <math.h>
#include <stdbool.h>

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char path[] = "golden/churn/any/manifest.json";

static int parse(struct manifest **out, const char *text, struct error *err)
{
    return manifest_parse(out, path, text, strlen(text), err);
}

static struct manifest *parsed(const char *text)
{
    struct error err = {0};
    struct manifest *manifest = NULL;
    ck_ok(parse(&manifest, text, &err), &err);
    return manifest;
}

static char *written(const struct manifest *manifest)
{
    struct buf text = {0};
    manifest_write(&text, manifest);
    return buf_take(&text);
}

static struct file_entry *add_file(struct file_list *list, const char *name, uint64_t size)
{
    struct file_entry *entry = file_list_add(list, name);
    entry->size = size;
    ck_assert_int_eq(digest_from_hex(&entry->sha256, HEX_B), 0);
    return entry;
}

static struct content *two_tensors(void)
{
    struct content *content = content_new();
    ck_assert_int_eq(digest_from_hex(&content->sha256, HEX_A), 0);
    struct tensor_facts *bias = content_add(content, "bias");
    bias->dtype = str_dup("f32");
    struct tensor_facts *weight = content_add(content, "weight");
    weight->dtype = str_dup("f64");
    weight->rank = 2;
    weight->shape = mem_array(2, sizeof *weight->shape);
    weight->shape[0] = 3;
    weight->shape[1] = (uint64_t)1 << 60;
    weight->min = -INFINITY;
    weight->mean = 0.1;
    weight->nan = 7;
    return content;
}

static struct manifest *small(void)
{
    struct manifest *manifest = manifest_new();
    manifest->suite = str_dup("churn");
    manifest->class_name = str_dup("x86_64-avx2+torch-1.13.1");
    strings_add(&manifest->command.argv, "python3");
    strings_add(&manifest->command.argv, "train.py");
    pairs_set(&manifest->command.env, "Z", "1");
    pairs_set(&manifest->command.env, "A", "2");
    strings_add(&manifest->command.pins, "threads");
    strings_add(&manifest->command.pins, "hashseed");
    add_file(&manifest->code, "train.py", 12)->executable = true;
    add_file(&manifest->data, "data/b.csv", 7);
    add_file(&manifest->data, "data/a.csv", ((uint64_t)1 << 53) + 1);
    add_file(&manifest->external, "IMAGENET", 5)->kind = FILE_FOLDER;
    strings_add(&manifest->absent, "local.json");
    pairs_set(&manifest->environment, "os", "debian 12");
    add_file(&manifest->artifacts, "model.bin", 100)->format = str_dup("bytes");
    add_file(&manifest->artifacts, "model.npy", 208)->content = two_tensors();
    metric_list_add(&manifest->metrics, "loss", NAN);
    metric_list_add(&manifest->metrics, "accuracy", 0.1 + 0.2);
    manifest->bundle.size = 119;
    ck_assert_int_eq(digest_from_hex(&manifest->bundle.digest, HEX_A), 0);
    manifest->accepted.reason = str_dup("first golden");
    return manifest;
}

START_TEST(the_document_reads_well_and_is_sorted)
{
    CLEANUP(manifest) struct manifest *manifest = small();
    CLEANUP(free) char *text = written(manifest);
    struct error err = {0};
    struct buf expected CLEANUP(buf) = {0};
    const char *source = getenv("SOURCE_DIR");
    ck_assert_msg(source != NULL, "SOURCE_DIR is not set; run this with ctest");
    CLEANUP(free) char *file = str_printf("%s/tests/fuzz/corpus/manifest/good-whole.json", source);
    ck_ok(fs_read(&expected, file, 0, &err), &err);
    ck_assert_str_eq(text, buf_text(&expected));
}
END_TEST

START_TEST(what_was_written_is_read_back)
{
    CLEANUP(manifest) struct manifest *manifest = small();
    CLEANUP(free) char *text = written(manifest);
    CLEANUP(manifest) struct manifest *read = parsed(text);
    ck_assert_str_eq(read->suite, "churn");
    ck_assert_str_eq(read->class_name, "x86_64-avx2+torch-1.13.1");
    ck_assert_str_eq(read->command.argv.items[1], "train.py");
    ck_assert_str_eq(read->command.directory, ".");
    ck_assert_str_eq(pairs_get(&read->command.env, "Z"), "1");
    ck_assert_str_eq(read->command.pins.items[0], "hashseed");
    ck_assert(file_list_find(&read->code, "train.py")->executable);
    ck_assert_uint_eq(file_list_find(&read->data, "data/a.csv")->size, ((uint64_t)1 << 53) + 1);
    ck_assert_int_eq(file_list_find(&read->external, "IMAGENET")->kind, FILE_FOLDER);
    ck_assert_str_eq(read->absent.items[0], "local.json");
    ck_assert_str_eq(pairs_get(&read->environment, "os"), "debian 12");
    ck_assert_str_eq(read->artifacts.items[0].format, "bytes");
    ck_assert(digest_equal(&read->artifacts.items[0].sha256, &manifest->artifacts.items[0].sha256));
    const struct content *content = file_list_find(&read->artifacts, "model.npy")->content;
    ck_assert_uint_eq(content->count, 2);
    ck_assert_ptr_null(content_find(content, "w"));
    const struct tensor_facts *weight = content_find(content, "weight");
    ck_assert_uint_eq(weight->rank, 2);
    ck_assert_uint_eq(weight->shape[1], (uint64_t)1 << 60);
    ck_assert(isinf(weight->min));
    ck_assert_uint_eq(weight->nan, 7);
    ck_assert_double_eq(metric_list_find(&read->metrics, "accuracy")->value, 0.1 + 0.2);
    ck_assert(isnan(metric_list_find(&read->metrics, "loss")->value));
    ck_assert_uint_eq(read->bundle.size, 119);
    ck_assert_str_eq(read->accepted.reason, "first golden");
    ck_assert_ptr_null(read->accepted.by);
    ck_assert(manifest_same(manifest, read));
}
END_TEST

// ---- Any manifest survives

// Texts with what JSON has to escape, and what it has not.
static char *random_text(struct rng *rng, const char *prefix)
{
    static const char *const parts[] = {"a",  "B", "7", "-", "_",    "\"", "\\", "\n",
                                        "\t", "ß", "→", "😀", "\x01", " ",  "'"};
    struct buf text = {0};
    buf_puts(&text, prefix);
    for (uint32_t i = rng_below(rng, 8); i > 0; i--)
        buf_puts(&text, parts[rng_below(rng, ARRAY_LEN(parts))]);
    buf_puts(&text, "z");
    return buf_take(&text);
}

static char *random_hex(struct rng *rng, size_t len)
{
    char *hex = mem_alloc(len + 1);
    for (size_t i = 0; i < len; i++)
        hex[i] = "0123456789abcdef"[rng_below(rng, 16)];
    return hex;
}

static uint64_t random_u64(struct rng *rng)
{
    uint64_t value = (uint64_t)rng_u32(rng) << 32 | rng_u32(rng);
    return value >> rng_below(rng, 64);
}

static double random_double(struct rng *rng)
{
    static const double special[] = {0, -0.0, 1, 1e308, 5e-324, 9007199254740993.0, NAN, INFINITY, -INFINITY};
    if (rng_below(rng, 4) == 0)
        return special[rng_below(rng, ARRAY_LEN(special))];
    double value;
    uint64_t bits = (uint64_t)rng_u32(rng) << 32 | rng_u32(rng);
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void random_files(struct rng *rng, struct file_list *list, bool external)
{
    for (uint32_t i = rng_below(rng, 5); i > 0; i--) {
        CLEANUP(free) char *text = random_text(rng, "p/");
        CLEANUP(free) char *name = external ? str_printf("NAME_%u", i) : str_printf("%s%u", text, i);
        struct file_entry *entry = add_file(list, name, random_u64(rng));
        entry->kind = (enum file_kind)rng_below(rng, 3);
        entry->executable = rng_below(rng, 2);
        CLEANUP(free) char *hex = random_hex(rng, 64);
        ck_assert_int_eq(digest_from_hex(&entry->sha256, hex), 0);
        entry->format = !external && rng_below(rng, 2) ? random_text(rng, "f") : NULL;
    }
}

static struct manifest *random_manifest(struct rng *rng)
{
    struct manifest *manifest = manifest_new();
    manifest->suite = str_printf("suite-%u", rng_u32(rng));
    manifest->class_name = str_dup(rng_below(rng, 2) ? "any" : "aarch64-neon");
    for (uint32_t i = 0; i <= rng_below(rng, 4); i++)
        strings_take(&manifest->command.argv, random_text(rng, ""));
    manifest->command.directory = rng_below(rng, 2) ? random_text(rng, "sub/") : NULL;
    for (uint32_t i = rng_below(rng, 4); i > 0; i--) {
        CLEANUP(free) char *name = str_printf("V%u", rng_below(rng, 100)), *value = random_text(rng, "");
        pairs_set(&manifest->command.env, name, value);
        strings_printf(&manifest->command.pins, "pin-%u:x", rng_below(rng, 3));
        strings_take(&manifest->absent, random_text(rng, "no/"));
        CLEANUP(free) char *fact = random_text(rng, "package:");
        pairs_set(&manifest->environment, fact, value);
        CLEANUP(free) char *metric = random_text(rng, "m");
        if (i == 1)
            metric_list_add(&manifest->metrics, metric, random_double(rng));
        CLEANUP(free) char *other = str_printf("n%u", i);
        metric_list_add(&manifest->metrics, other, random_double(rng));
    }
    random_files(rng, &manifest->code, false);
    random_files(rng, &manifest->data, false);
    random_files(rng, &manifest->settings, false);
    random_files(rng, &manifest->external, true);
    random_files(rng, &manifest->artifacts, false);
    manifest->bundle.size = random_u64(rng);
    manifest->bundle.in_store = rng_below(rng, 2);
    if (manifest->bundle.in_store && rng_below(rng, 2))
        manifest->bundle.store = random_text(rng, "/mnt/");
    if (rng_below(rng, 2)) {
        manifest->accepted.reason = random_text(rng, "");
        manifest->accepted.by = random_text(rng, "");
        manifest->accepted.from.commit = random_hex(rng, rng_below(rng, 2) ? 40 : 64);
        manifest->accepted.from.branch = random_text(rng, "");
        manifest->accepted.from.dirty = rng_below(rng, 2);
    }
    if (rng_below(rng, 2)) {
        manifest->accepted.rolled_back.from = random_hex(rng, 64);
        manifest->accepted.rolled_back.reason = random_text(rng, "");
    }
    return manifest;
}

START_TEST(any_manifest_is_written_parsed_and_written_to_the_same_bytes)
{
    for (uint64_t seed = 1; seed <= 500; seed++) {
        struct rng rng;
        rng_seed(&rng, seed);
        CLEANUP(manifest) struct manifest *manifest = random_manifest(&rng);
        CLEANUP(free) char *first = written(manifest);
        struct error err = {0};
        CLEANUP(manifest) struct manifest *read = NULL;
        if (parse(&read, first, &err) < 0) {
            CLEANUP(free) char *why = error_text(&err);
            ck_abort_msg("seed %llu: %s\n%s", (unsigned long long)seed, why, first);
        }
        CLEANUP(free) char *second = written(read);
        ck_assert_msg(strcmp(first, second) == 0, "seed %llu:\n%s\n%s", (unsigned long long)seed, first, second);
        ck_assert(manifest_same(manifest, read));
    }
}
END_TEST

// ---- What is compared

START_TEST(who_accepted_it_and_where_it_is_kept_are_not_compared)
{
    CLEANUP(manifest) struct manifest *a = small(), *b = small();
    b->accepted.by = str_dup("somebody else");
    b->accepted.from.dirty = true;
    b->accepted.rolled_back.from = str_dup(HEX_A);
    b->accepted.rolled_back.by = str_dup("whoever is on call");
    b->bundle.in_store = true;
    b->bundle.store = str_dup("/mnt/models");
    ck_assert(manifest_same(a, b));
}
END_TEST

static void change(struct manifest *b, int number)
{
    switch (number) {
    case 0:
        b->suite[0] = 'x';
        break;
    case 1:
        b->class_name[0] = 'y';
        break;
    case 2:
        strings_add(&b->command.argv, "-v");
        break;
    case 3:
        b->command.directory = str_dup("sub");
        break;
    case 4:
        pairs_set(&b->command.env, "A", "3");
        break;
    case 5:
        strings_add(&b->command.pins, "clock");
        break;
    case 6:
        b->code.items[0].executable = false;
        break;
    case 7:
        b->data.items[0].size++;
        break;
    case 8:
        add_file(&b->settings, "p.json", 1);
        break;
    case 9:
        b->external.items[0].kind = FILE_REGULAR;
        break;
    case 10:
        strings_add(&b->absent, "other.json");
        break;
    case 11:
        pairs_set(&b->environment, "os", "debian 13");
        break;
    case 12:
        b->artifacts.items[0].sha256.bytes[31] ^= 1;
        break;
    case 13:
        b->metrics.items[1].value = 0.3;
        break;
    case 14:
        b->bundle.digest.bytes[0] ^= 1;
        break;
    case 15:
        b->artifacts.items[0].format[0] = 'x';
        break;
    }
}

START_TEST(everything_else_is_compared)
{
    enum { CHANGES = 16 };
    for (int number = 0; number < CHANGES; number++) {
        CLEANUP(manifest) struct manifest *a = small(), *b = small();
        change(b, number);
        ck_assert_msg(!manifest_same(a, b), "change %d goes unseen", number);
    }
}
END_TEST

START_TEST(the_order_in_memory_is_not_compared)
{
    CLEANUP(manifest) struct manifest *a = small(), *b = small();
    file_list_sort(&b->data);
    strings_sort(&b->command.pins);
    pairs_sort(&b->command.env);
    metric_list_sort(&b->metrics);
    ck_assert(manifest_same(a, b));
    CLEANUP(free) char *x = written(a), *y = written(b);
    ck_assert_str_eq(x, y);
}
END_TEST

// ---- Bad documents

// The least that is a manifest, with one part of it replaced.
static char *with(const char *key, const char *value)
{
    static const char *const parts[][2] = {
        {"format", "1"},      {"suite", "\"churn\""},
        {"class", "\"any\""}, {"command", "{\"argv\": [\"a\"], \"directory\": \".\", \"env\": {}, \"pins\": []}"},
        {"code", "[]"},       {"data", "[]"},
        {"settings", "[]"},   {"external", "[]"},
        {"absent", "[]"},     {"environment", "{}"},
        {"artifacts", "[]"},  {"metrics", "{}"}};
    struct buf text = {0};
    bool found = false;
    buf_puts(&text, "{");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        bool here = key && strcmp(parts[i][0], key) == 0;
        found = found || here;
        if (!here || value)
            buf_printf(&text, "%s\"%s\": %s", text.len > 1 ? ",\n" : "", parts[i][0], here ? value : parts[i][1]);
    }
    if (key && !found)
        buf_printf(&text, ",\n\"%s\": %s", key, value);
    buf_puts(&text, "}");
    return buf_take(&text);
}

#define ENTRY(path) "{\"path\": \"" path "\", \"size\": 1, \"sha256\": \"" HEX_A "\"}"

#define ARTIFACT(more) "{\"path\": \"m\", \"size\": 1, \"sha256\": \"" HEX_A "\", " more "}"
#define TENSORS(items) "\"content\": \"" HEX_A "\", \"tensors\": [" items "]"
#define TENSOR(name)   "{\"name\": \"" name "\", \"dtype\": \"f32\", \"shape\": [], \"sha256\": \"" HEX_A "\"}"

static const struct {
    const char *key, *value, *message;
} faults[] = {
    {"format", "0", "format: there is no such format"},
    {"format", "0.5", "format: there is no such format"},
    {"format", "-3", "format: there is no such format"},
    {"format", "\"1\"", "format: "},
    {"format", NULL, "format"},
    {"suite", "\"../churn\"", "suite: '../churn' cannot be the name of a suite"},
    {"suite", NULL, "suite"},
    {"class", "\"..\"", "class: '..' cannot be the name of a numerical class"},
    {"class", "\"a/b\"", "class: 'a/b' cannot be the name of a numerical class"},
    {"class", "\"\"", "class: '' cannot be the name of a numerical class"},
    {"command", "{\"argv\": [], \"directory\": \".\", \"env\": {}, \"pins\": []}", "command.argv: is empty"},
    {"command", "{\"argv\": [\"a\"], \"directory\": \"/\", \"env\": {}, \"pins\": []}", "command.directory: '/'"},
    {"command", "{\"argv\": [\"a\"], \"directory\": \".\", \"env\": {\"A=\": \"\"}, \"pins\": []}", "'A='"},
    {"command", "{\"argv\": [\"a\"], \"directory\": \".\", \"env\": {}, \"pins\": [\"b\", \"a\"]}",
     "command.pins[1]: 'a' must stand before 'b'"},
    {"command", "{\"argv\": [\"a\"]}", "directory"},
    {"code", "[" ENTRY("/etc/passwd") "]", "code[0].path: '/etc/passwd' is not a path inside"},
    {"code", "[" ENTRY("../x") "]", "code[0].path: '../x' is not a path inside"},
    {"code", "[" ENTRY("") "]", "code[0].path: is empty"},
    {"data", "[" ENTRY("b") "," ENTRY("a") "]", "data[1].path: 'a' must stand before 'b' (byte order)"},
    {"data", "[" ENTRY("a") "," ENTRY("a") "]", "data[1].path: 'a' is here twice"},
    {"data", "[{\"path\": \"a\", \"size\": 1, \"sha256\": \"AA\"}]", "data[0].sha256: expected 64 hexadecimal"},
    {"data", "[{\"path\": \"a\", \"size\": -1, \"sha256\": \"" HEX_A "\"}]", "data[0].size: expected a whole"},
    {"data", "[{\"path\": \"a\", \"size\": \"18446744073709551616\", \"sha256\": \"" HEX_A "\"}]",
     "data[0].size: expected a whole"},
    {"data", "[{\"path\": \"a\", \"size\": 1}]", "sha256"},
    {"data", "[{\"path\": \"a\", \"size\": 1, \"sha256\": \"" HEX_A "\", \"mtime\": 3}]", "mtime"},
    {"data", "[{\"path\": \"a\", \"kind\": \"fifo\", \"size\": 1, \"sha256\": \"" HEX_A "\"}]",
     "data[0].kind: 'fifo' is unknown"},
    {"data", "[7]", "data[0]: expected an object, found a number"},
    {"external", "[{\"name\": \"a/b\", \"size\": 1, \"sha256\": \"" HEX_A "\"}]", "external[0].name: 'a/b'"},
    {"absent", "[\"a\", \"a\"]", "absent[1]: 'a' is here twice"},
    {"absent", "[\"/a\"]", "absent[0]: '/a' is not a path inside"},
    {"artifacts", "[" ARTIFACT("\"content\": \"AA\"") "]", "artifacts[0].content: expected 64 hexadecimal"},
    {"artifacts", "[" ARTIFACT("\"tensors\": []") "]", "\"tensors\" needs \"content\" beside it"},
    {"artifacts", "[" ARTIFACT(TENSORS(TENSOR("b") "," TENSOR("a"))) "]", "'a' must stand before 'b'"},
    {"artifacts", "[" ARTIFACT(TENSORS(TENSOR("a") "," TENSOR("a"))) "]", "'a' must stand before 'a'"},
    {"artifacts", "[" ARTIFACT(TENSORS("{\"name\": \"a\"}")) "]", "dtype"},
    {"environment", "{\"os\": 3}", "environment.os: expected a string"},
    {"metrics", "{\"a\": \"many\"}", "metrics.a: expected a number"},
    {"metrics", "{\"a\": null}", "metrics.a: expected a number or a string"},
    {"bundle", "{\"size\": 1, \"sha256\": \"zz\", \"in_store\": false}", "bundle.sha256: expected 64"},
    {"bundle", "{\"size\": 1, \"sha256\": \"" HEX_A "\", \"in_store\": true, \"store\": \"\"}",
     "bundle.store: is empty"},
    {"bundle", "{\"size\": 1, \"sha256\": \"" HEX_A "\", \"in_store\": false, \"store\": \"/mnt\"}",
     "bundle.store: means nothing unless in_store is true"},
    {"bundle", "{}", "bundle"},
    {"accepted", "{\"from\": {\"commit\": \"HEAD\"}}", "accepted.from.commit: expected 40 or 64"},
    {"accepted", "{\"reason\": \"\"}", "accepted.reason: is empty"},
    {"accepted", "{\"rolled_back\": {\"by\": \"Ada\"}}", "accepted.rolled_back"},
    {"accepted", "{\"rolled_back\": {\"from\": \"0123\"}}", "accepted.rolled_back.from: expected 64 hexadecimal"},
    {"colour", "1", "colour"},
};

START_TEST(a_damaged_golden_is_refused_with_what_is_wrong)
{
    CLEANUP(free) char *good = with(NULL, NULL);
    CLEANUP(manifest) struct manifest *manifest = parsed(good);
    ck_assert_ptr_nonnull(manifest);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct error err = {0};
        struct manifest *out = NULL;
        CLEANUP(free) char *text = with(faults[i].key, faults[i].value);
        ck_assert_msg(parse(&out, text, &err) == -1, "accepted: %s", text);
        ck_assert_ptr_null(out);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, faults[i].message);
        ck_error_has(&err, "golden/churn/any/manifest.json:");
        error_free(&err);
    }
}
END_TEST

START_TEST(a_golden_of_a_newer_format_asks_for_an_update_and_nothing_else)
{
    struct error err = {0};
    struct manifest *out = NULL;
    ck_assert_int_eq(parse(&out, "{\"suites\": [],\n\"format\": 2}", &err), -1);
    ck_assert_uint_eq(err.problem_count, 1);
    ck_error_has(&err, "manifest.json:2: this golden was written by a newer repro (format 2); update repro");
    error_free(&err);
}
END_TEST

START_TEST(a_golden_cut_short_is_refused)
{
    CLEANUP(manifest) struct manifest *manifest = small();
    CLEANUP(free) char *text = written(manifest);
    for (size_t len = 0; len + 2 < strlen(text); len++) { // without its last newline it is whole
        struct error err = {0};
        struct manifest *out = NULL;
        ck_assert_int_eq(manifest_parse(&out, path, text, len, &err), -1);
        ck_assert_ptr_null(out);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        error_free(&err);
    }
}
END_TEST

START_TEST(comments_are_not_allowed)
{
    struct error err = {0};
    struct manifest *out = NULL;
    CLEANUP(free) char *good = with(NULL, NULL), *text = str_printf("// c\n%s", good);
    ck_assert_int_eq(parse(&out, text, &err), -1);
    ck_error_has(&err, "manifest.json:1: ");
    error_free(&err);
}
END_TEST

START_TEST(a_class_is_valid_when_it_can_be_a_folder)
{
    const char *const good[] = {"any", "x86_64-avx2+torch-1.13.1", "aarch64-neon", "x86_64-avx512-intel"};
    const char *const bad[] = {"", ".", "..", "-a", "+a", "a/b", "a b", "ä"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        ck_assert_msg(manifest_class_is_valid(good[i]), "'%s'", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!manifest_class_is_valid(bad[i]), "'%s'", bad[i]);
    char longest[202];
    memset(longest, 'a', sizeof longest);
    longest[200] = '\0';
    ck_assert(manifest_class_is_valid(longest));
    longest[200] = 'a';
    longest[201] = '\0';
    ck_assert(!manifest_class_is_valid(longest));
}
END_TEST

static int parse_example(const char *text, size_t len, struct error *err)
{
    CLEANUP(manifest) struct manifest *manifest = NULL;
    return manifest_parse(&manifest, "manifest.json", text, len, err);
}

START_TEST(good_examples_are_accepted_and_bad_ones_refused)
{
    corpus_check("manifest", parse_example);
}
END_TEST

START_TEST(the_schema_says_what_the_code_reads)
{
    schema_match_file("manifest.schema.json", manifest_fields());
}
END_TEST

UNIT_MAIN("manifest", the_document_reads_well_and_is_sorted, what_was_written_is_read_back,
          any_manifest_is_written_parsed_and_written_to_the_same_bytes,
          who_accepted_it_and_where_it_is_kept_are_not_compared, everything_else_is_compared,
          the_order_in_memory_is_not_compared, a_damaged_golden_is_refused_with_what_is_wrong,
          a_golden_of_a_newer_format_asks_for_an_update_and_nothing_else, a_golden_cut_short_is_refused,
          comments_are_not_allowed, a_class_is_valid_when_it_can_be_a_folder,
          good_examples_are_accepted_and_bad_ones_refused, the_schema_says_what_the_code_reads)
