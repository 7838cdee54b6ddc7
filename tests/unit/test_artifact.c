// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"

#include "artifact/artifact.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#include <sys/stat.h>

struct sample {
    const char *format, *name, *bytes;
    size_t len;
};
#define SAMPLE(format, name, bytes)                                                                                    \
    {                                                                                                                  \
        format, name, bytes, sizeof(bytes) - 1                                                                         \
    }

static const char *recognise(const char *name, const void *bytes, size_t len)
{
    return artifact_recognise(bytes, len, name)->name;
}

START_TEST(every_format_is_known_by_its_first_bytes_or_its_name)
{
    static const struct sample table[] = {
        SAMPLE("safetensors", "m", "\x40\0\0\0\0\0\0\0{\"a\":{}}"),
        SAMPLE("safetensors", "m", "\x02\0\0\0\0\0\0\0{}"),
        SAMPLE("safetensors", "m", "\x40\0\0\0\0\0\0\0{   \"__metadata__\""),
        SAMPLE("npy", "x.bin", "\x93NUMPY\1\0v\0{'descr'"),
        SAMPLE("zip", "x", "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        SAMPLE("npz", "x.npz", "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        SAMPLE("keras", "x.keras", "PK\3\4\0\0"),
        SAMPLE("gguf", "x", "GGUF\3\0\0\0"),
        SAMPLE("hdf5", "x.h5", "\x89HDF\r\n\x1a\n\0"),
        SAMPLE("parquet", "x", "PAR1\x15\4"),
        SAMPLE("pytorch-legacy", "m.pt", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."),
        SAMPLE("pickle", "m.pkl", "\x80\x04\x95\x10\0\0\0\0\0\0\0"),
        SAMPLE("pickle", "m", "\x80\x03}q\0."),
        SAMPLE("pickle", "m", "\x80\x04N."),
        SAMPLE("joblib", "m.joblib", "\x80\x04\x95\x10\0\0\0\0\0\0\0"),
        SAMPLE("joblib", "m.joblib", "\x78\x9c\1\2"),
        SAMPLE("onnx", "m.onnx", "\x08\x08\x12\x07pytorch"),
        SAMPLE("onnx", "m.onnx", "\x08\x0a:\x10"),
        SAMPLE("xgboost-json", "m.json", "{\"learner\":{\"attributes\":{}"),
        SAMPLE("xgboost-json", "m", "{ \"learner\" : {"),
        SAMPLE("xgboost-ubj", "m.ubj", "{L\0\0\0\0\0\0\0\7learner{"),
        SAMPLE("lightgbm", "m.txt", "tree\nversion=v4\nnum_class=1\n"),
        SAMPLE("gzip", "x", "\x1f\x8b\x08\0"),
        SAMPLE("zstd", "x", "\x28\xb5\x2f\xfd\4"),
        SAMPLE("elf", "x",
               "\x7f"
               "ELF\2\1\1"),
        SAMPLE("png", "x", "\x89PNG\r\n\x1a\n"),
        SAMPLE("pdf", "x", "%PDF-1.7\n"),
        SAMPLE("jsonl", "h.jsonl", "{\"step\": 1}\n{\"step\": 2}\n"),
        SAMPLE("json", "m", "{\"a\": 1}"),
        SAMPLE("json", "m", "  [1, 2]"),
        SAMPLE("json", "m", "[true]"),
        SAMPLE("json", "m", "[]"),
        SAMPLE("json", "m.JSON", "0.5\n"),
        SAMPLE("json", "m", "\xef\xbb\xbf{\"a\": 1}"),
        SAMPLE("csv", "h.csv", "step,loss\n1,2\n"),
        SAMPLE("csv", "h.tsv", "step\tloss\n"),
        SAMPLE("text", "m.ini", "[train]\nrate=1\n"),
        SAMPLE("text", "m", "{not json}"),
        SAMPLE("text", "m",
               "gr\xc3\xbc\xc3\x9f"
               "e\n"),
        SAMPLE("bytes", "m", ""),
        SAMPLE("bytes", "m.json", ""),
        SAMPLE("bytes", "m.csv", "a\0b"),
        SAMPLE("bytes", "m", "\xff\xfe"),
        SAMPLE("bytes", "m", "\x7f\x7f"),
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        ck_assert_str_eq(recognise(table[i].name, table[i].bytes, table[i].len), table[i].format);
}
END_TEST

START_TEST(a_signature_that_is_cut_or_damaged_does_not_count)
{
    static const struct sample table[] = {
        SAMPLE("bytes", "m", "\x40\0\0\0\0\0\0\0"),             // no header yet
        SAMPLE("bytes", "m", "\xff\xff\xff\xff\0\0\0\0{\"a\""), // header over 100,000,000 bytes
        SAMPLE("bytes", "m", "\x40\0\0\0\0\0\0\0{x"),
        SAMPLE("bytes", "m", "\x93NUMP"),
        SAMPLE("text", "m", "PK"),
        SAMPLE("bytes", "m.pkl", "\x80\x09"),
        SAMPLE("bytes", "m.onnx", "\x08\x08\xff\xff"),
        SAMPLE("bytes", "m", "\x08\x08\x12\x07pytorch"), // not named .onnx
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        ck_assert_str_eq(recognise(table[i].name, table[i].bytes, table[i].len), table[i].format);
}
END_TEST

static void put_entry(struct buf *zip, const char *name, size_t size)
{
    unsigned char header[30] = "PK\3\4";
    header[18] = header[22] = (unsigned char)size;
    header[26] = (unsigned char)strlen(name);
    header[28] = 3; // a little extra field
    buf_append(zip, header, sizeof header);
    buf_puts(zip, name);
    buf_append(zip, "xyz", 3);
    for (size_t i = 0; i < size; i++)
        buf_putc(zip, 'd');
}

START_TEST(what_a_zip_holds_tells_what_it_is)
{
    static const struct {
        const char *first, *second, *format;
    } table[] = {
        {"model/data.pkl", "model/byteorder", "pytorch"},
        {"model/version", "model/data.pkl", "pytorch"},
        {"weights.npy", "bias.npy", "npz"},
        {"metadata.json", "model.weights.h5", "keras"},
        {"a.txt", "b.txt", "zip"},
        {"data.pkl.txt", "x", "zip"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(buf) struct buf zip = {0};
        put_entry(&zip, table[i].first, 5);
        put_entry(&zip, table[i].second, 200);
        ck_assert_str_eq(recognise("x", zip.data, zip.len), table[i].format);
        // Cut anywhere, the walk over the entries stays within the head.
        for (size_t len = 0; len < zip.len; len++) {
            char *copy = mem_copy(zip.data, len + 1);
            ck_assert_ptr_nonnull(recognise("x", copy, len));
            free(copy);
        }
    }
}
END_TEST

START_TEST(tar_and_hdf5_are_found_behind_their_first_block)
{
    unsigned char head[4096] = "name";
    memcpy(head + 257, "ustar", 5);
    ck_assert_str_eq(recognise("x", head, sizeof head), "tar");
    ck_assert_str_eq(recognise("x", head, 300), "bytes");
    memset(head, 0, sizeof head);
    memcpy(head + 1024, "\x89HDF\r\n\x1a\n", 8);
    ck_assert_str_eq(recognise("x", head, sizeof head), "hdf5");
}
END_TEST

START_TEST(text_may_be_cut_within_a_character_by_the_end_of_the_head)
{
    char head[4096];
    memset(head, 'a', sizeof head);
    head[4095] = '\xc3';
    ck_assert_str_eq(recognise("x", head, sizeof head), "text");
    head[2000] = '\xc3';
    ck_assert_str_eq(recognise("x", head, sizeof head), "bytes");
    ck_assert_str_eq(recognise("x", "abc\xc3", 4), "bytes"); // a short file ends where it ends
}
END_TEST

START_TEST(a_file_is_opened_and_its_head_read)
{
    char *folder = unit_folder();
    CLEANUP(free) char *path = str_printf("%s/h.csv", folder);
    CLEANUP(free) char *pipe_path = str_printf("%s/pipe", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 2000; i++)
        fprintf(file, "%d,%d\n", i, i * i);
    fclose(file);
    struct error err = {0};
    const struct artifact_format *format = NULL;
    ck_ok(artifact_format_of(&format, path, &err), &err);
    ck_assert_str_eq(format->name, "csv");
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    ck_ok(artifact_format_of(&format, pipe_path, &err), &err); // does not wait for a writer
    ck_assert_str_eq(format->name, "bytes");
    unlink(pipe_path);
    unlink(path);
    ck_assert_int_eq(artifact_format_of(&format, path, &err), -1);
    ck_error_has(&err, "cannot open");
    error_free(&err);
    rmdir(folder);
    free(folder);
}
END_TEST

// Each line: what must be importable, the file, the format, and the program that writes it to `p`.
static const char *const real[][4] = {
    {"numpy", "a.bin", "npy", "numpy.save(open(p, \"wb\"), numpy.arange(9))"},
    {"numpy", "b.bin", "npz", "numpy.savez(open(p, \"wb\"), x=numpy.arange(9))"},
    {"pickle", "c.bin", "pickle", "pickle.dump(list(range(99)), open(p, \"wb\"))"},
    {"pickle", "d.bin", "pickle", "pickle.dump(list(range(99)), open(p, \"wb\"), protocol=2)"},
    {"torch", "e.bin", "pytorch", "torch.save({\"w\": torch.zeros(3)}, p)"},
    {"torch", "f.bin", "pytorch-legacy",
     "torch.save({\"w\": torch.zeros(3)}, p, _use_new_zipfile_serialization=False)"},
    {"joblib", "g.joblib", "joblib", "joblib.dump([1, 2], p)"},
    {"joblib", "h.joblib", "joblib", "joblib.dump([1, 2], p, compress=3)"},
    {"xgboost", "i.json", "xgboost-json", "train().save_model(p)"},
    {"xgboost", "j.ubj", "xgboost-ubj", "train().save_model(p)"},
    {"tarfile", "k.bin", "tar", "t = tarfile.open(p, \"w\"); t.addfile(tarfile.TarInfo(\"x\")); t.close()"},
    {"gzip", "l.bin", "gzip", "gzip.open(p, \"wb\").write(b\"x\")"},
    {"zipfile", "m.bin", "zip", "zipfile.ZipFile(p, \"w\").writestr(\"x\", \"y\")"},
    {"json", "n.bin", "json", "json.dump({\"a\": [1]}, open(p, \"w\"))"},
};
static const char writer[] = "import sys, importlib\n"
                             "def train():\n"
                             "    d = xgboost.DMatrix([[0.0], [1.0]], label=[0, 1])\n"
                             "    return xgboost.train({}, d, num_boost_round=1)\n"
                             "for i in range(2, len(sys.argv), 3):\n"
                             "    module, name, program = sys.argv[i:i + 3]\n"
                             "    p = sys.argv[1] + chr(47) + name\n"
                             "    try: globals()[module] = importlib.import_module(module)\n"
                             "    except ImportError: continue\n"
                             "    exec(program)\n";

START_TEST(files_that_the_libraries_themselves_wrote_are_recognised)
{
    char *folder = unit_folder();
    CLEANUP(buf) struct buf command = {0};
    buf_printf(&command, "/usr/bin/python3 -c '%s' '%s'", writer, folder);
    for (size_t i = 0; i < ARRAY_LEN(real); i++)
        buf_printf(&command, " %s %s '%s'", real[i][0], real[i][1], real[i][3]);
    buf_puts(&command, " 2>/dev/null");
    if (access("/usr/bin/python3", X_OK) == 0)
        ck_assert_int_eq(system(command.data), 0);
    for (size_t i = 0; i < ARRAY_LEN(real); i++) {
        CLEANUP(free) char *path = str_printf("%s/%s", folder, real[i][1]);
        if (access(path, F_OK) < 0) {
            printf("left out, for python3 cannot import it here: %s\n", real[i][0]);
            continue;
        }
        struct error err = {0};
        const struct artifact_format *format = NULL;
        ck_ok(artifact_format_of(&format, path, &err), &err);
        ck_assert_msg(str_equal(format->name, real[i][2]), "%s: %s is taken for %s", real[i][3], real[i][1],
                      format->name);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
    free(folder);
}
END_TEST

UNIT_MAIN("artifact", files_that_the_libraries_themselves_wrote_are_recognised,
          every_format_is_known_by_its_first_bytes_or_its_name, a_signature_that_is_cut_or_damaged_does_not_count,
          what_a_zip_holds_tells_what_it_is, tar_and_hdf5_are_found_behind_their_first_block,
          text_may_be_cut_within_a_character_by_the_end_of_the_head, a_file_is_opened_and_its_head_read)
