// SPDX-License-Identifier: Apache-2.0
//
// The recognisers, and the table that names them. First bytes decide wherever a format has a signature of its own; the
// name only decides between formats that share one (a zip is many things) or that have none (CSV, ONNX).
//
//   safetensors  u64 LE header length N ≤ 100,000,000, then the header, which begins with '{'
//   npy          93 'NUMPY'                    hdf5     89 'HDF' 0d 0a 1a 0a at 0, 512, 1024, 2048
//   zip          'PK' 03 04, local headers of 30 bytes + name + extra: the names tell npz, PyTorch and Keras apart
//   gguf         'GGUF'                        parquet  'PAR1'
//   pickle       80 02…05; PyTorch before 1.6 wrote its magic number as the first pickle
//   onnx         protobuf: field 1 (ir_version) as a varint, then another known field of ModelProto
//   xgboost      a JSON or UBJSON object whose first key is "learner"
//   lightgbm     the line "tree", then "version=v"
#include "artifact/artifact.h"

#include "artifact/readers.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define HEAD_SIZE 4096

static bool starts(const unsigned char *head, size_t len, const char *signature, size_t size)
{
    return len >= size && !memcmp(head, signature, size);
}
#define STARTS(signature) starts(head, len, signature, sizeof(signature) - 1)

static bool named(const char *name, const char *ending)
{
    size_t len = strlen(name), size = strlen(ending);
    return len >= size && !strcasecmp(name + len - size, ending);
}

static uint64_t little_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static size_t skip_space(const unsigned char *head, size_t len, size_t at)
{
    while (at < len && (head[at] == ' ' || head[at] == '\t' || head[at] == '\n' || head[at] == '\r'))
        at++;
    return at;
}

// UTF-8 without control characters. A head is cut anywhere, so the last character may be incomplete.
static bool looks_like_text(const unsigned char *head, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((head[i] < ' ' && !strchr("\t\n\r\f\033", head[i])) || head[i] == 0x7f || head[i] == 0)
            return false;
    }
    size_t bad = 0;
    return len > 0 && (str_is_utf8((const char *)head, len, &bad) || (len >= HEAD_SIZE && len - bad < 4));
}

static bool is_safetensors(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    if (len < 10 || little_endian(head, 8) > 100000000 || little_endian(head, 8) < 2 || head[8] != '{')
        return false;
    size_t at = skip_space(head, len, 9);
    return at == len || head[at] == '"' || head[at] == '}';
}

static bool is_safetensors_index(const unsigned char *head, size_t len, const char *name)
{
    return named(name, ".safetensors.index.json") && looks_like_text(head, len);
}

static bool is_npy(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("\x93NUMPY");
}

static bool is_zip(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("PK\3\4") || STARTS("PK\5\6");
}

// True when a local header within the head names an entry that ends like this. Sizes of streamed entries stand behind
// the data (they are 0 here): the walk ends there.
static bool zip_has(const unsigned char *head, size_t len, const char *ending)
{
    size_t at = 0, size = strlen(ending);
    while (len - at >= 30 && !memcmp(head + at, "PK\3\4", 4)) {
        size_t name_len = little_endian(head + at + 26, 2), extra = little_endian(head + at + 28, 2);
        size_t packed = little_endian(head + at + 18, 4);
        size_t name_at = at + 30;
        if (name_len > len - name_at)
            return false;
        if (name_len >= size && !memcmp(head + name_at + name_len - size, ending, size))
            return true;
        if (name_len + extra > len - name_at || packed > len - name_at - name_len - extra)
            return false;
        at = name_at + name_len + extra + packed;
    }
    return false;
}

static bool is_pytorch(const unsigned char *head, size_t len, const char *name)
{
    // TorchScript puts its storages first.
    return is_zip(head, len, name) && (zip_has(head, len, "/data.pkl") || zip_has(head, len, "/data/0") ||
                                       named(name, ".pt") || named(name, ".pth"));
}

static bool is_npz(const unsigned char *head, size_t len, const char *name)
{
    return is_zip(head, len, name) && (zip_has(head, len, ".npy") || named(name, ".npz"));
}

static bool is_keras(const unsigned char *head, size_t len, const char *name)
{
    return is_zip(head, len, name) && (named(name, ".keras") || zip_has(head, len, "model.weights.h5"));
}

static bool is_gguf(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("GGUF");
}

static bool is_hdf5(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    const char signature[] = "\x89HDF\r\n\x1a\n";
    // A user block may stand in front, whose size is a power of two from 512.
    for (size_t at = 0; at + 8 <= len; at = at ? at * 2 : 512) {
        if (!memcmp(head + at, signature, 8))
            return true;
    }
    return false;
}

static bool is_parquet(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("PAR1");
}

static bool is_pytorch_legacy(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
}

static bool is_pickle(const unsigned char *head, size_t len, const char *name)
{
    bool named_so = named(name, ".pkl") || named(name, ".pickle");
    // Protocols 0 and 1 have no signature: they begin with a value, and need the file's name to be believed.
    if (len > 1 && head[0] != 0x80)
        return named_so && memchr("()]}cFGIJKLMNPSTUVX", head[0], 19);
    if (len < 3 || head[0] != 0x80 || head[1] < 2 || head[1] > 5)
        return false;
    // From protocol 4 on a pickle is framed, unless it is shorter than a frame is worth.
    return named_so || head[1] < 4 || head[2] == 0x95 || len < 8;
}

static bool is_joblib(const unsigned char *head, size_t len, const char *name)
{
    if (named(name, ".joblib.gz") || named(name, ".pkl.gz") || named(name, ".pickle.gz"))
        return STARTS("\x1f\x8b\x08");
    if (!named(name, ".joblib") && !named(name, ".pkl") && !named(name, ".pickle"))
        return false;
    // joblib compresses with zlib by default, which has no signature to rely on without the name.
    if (len > 2 && head[0] == 0x78 && memchr("\x01\x5e\x9c\xda", head[1], 4))
        return true;
    // The reader says of the other compressions that it does not know them.
    bool packed = STARTS("\x1f\x8b\x08") ||
                  STARTS("\xfd"
                         "7zXZ") ||
                  STARTS("BZh") || STARTS("\x5d\0\0") || STARTS("\x04\x22\x4d\x18");
    return packed || (named(name, ".joblib") && is_pickle(head, len, name));
}

static bool is_xgboost_json(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    if (len == 0 || head[0] != '{')
        return false;
    size_t at = skip_space(head, len, 1);
    return starts(head + at, len - at, "\"learner\"", 9);
}

static bool is_xgboost_ubj(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("{L\0\0\0\0\0\0\0\7learner") || STARTS("{i\7learner");
}

static bool is_lightgbm(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("tree\nversion=v") || STARTS("tree\r\nversion=v");
}

static bool is_onnx(const unsigned char *head, size_t len, const char *name)
{
    if (!named(name, ".onnx") || len < 4 || head[0] != 0x08 || head[1] == 0 || head[1] > 0x7f)
        return false;
    // Tags of ModelProto's fields 2, 3, 4, 6, 7, 8 (length-delimited) and 5 (varint).
    return memchr("\x12\x1a\x22\x28\x32\x3a\x42", head[2], 7) != NULL;
}

static bool is_gzip(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("\x1f\x8b\x08");
}

static bool is_zstd(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("\x28\xb5\x2f\xfd");
}

static bool is_tar(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return len >= 512 && !memcmp(head + 257, "ustar", 5);
}

static bool is_elf(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("\x7f"
                  "ELF");
}

static bool is_png(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("\x89PNG\r\n\x1a\n");
}

static bool is_pdf(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return STARTS("%PDF-");
}

static bool is_jsonl(const unsigned char *head, size_t len, const char *name)
{
    return (named(name, ".jsonl") || named(name, ".ndjson")) && looks_like_text(head, len);
}

// An array or an object whose first member begins as JSON allows: "[section]" of an INI file does not.
static bool is_json(const unsigned char *head, size_t len, const char *name)
{
    if (!looks_like_text(head, len))
        return false;
    if (named(name, ".json"))
        return true;
    size_t at = skip_space(head, len, starts(head, len, "\xef\xbb\xbf", 3) ? 3 : 0);
    if (at == len || (head[at] != '{' && head[at] != '['))
        return false;
    bool object = head[at] == '{';
    at = skip_space(head, len, at + 1);
    if (at == len)
        return false;
    if (object)
        return head[at] == '"' || head[at] == '}';
    const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t size = strlen(words[i]);
        if (starts(head + at, len - at, words[i], size) && len - at > size && strchr(",] \r\n\t", head[at + size]))
            return true;
    }
    return strchr("\"{[]-0123456789", head[at]) != NULL;
}

static bool is_csv(const unsigned char *head, size_t len, const char *name)
{
    return (named(name, ".csv") || named(name, ".tsv")) && looks_like_text(head, len);
}

static bool is_text(const unsigned char *head, size_t len, const char *name)
{
    (void)name;
    return looks_like_text(head, len);
}

static bool is_bytes(const unsigned char *head, size_t len, const char *name)
{
    (void)head, (void)len, (void)name;
    return true;
}

// The first row that recognises a file names it: a special case stands above what it is a case of.
static const struct artifact_format formats[] = {
    {"safetensors", is_safetensors, safetensors_read},
    {"safetensors-index", is_safetensors_index, safetensors_index_read},
    {"npy", is_npy, npy_read},
    {"pytorch", is_pytorch, pytorch_read},
    {"keras", is_keras, keras_read},
    {"npz", is_npz, npz_read},
    {"zip", is_zip, zip_read},
    {"gguf", is_gguf, gguf_read},
    {"hdf5", is_hdf5, hdf5_read},
    {"parquet", is_parquet, NULL},
    {"pytorch-legacy", is_pytorch_legacy, pytorch_legacy_read},
    {"joblib", is_joblib, joblib_read},
    {"pickle", is_pickle, pickle_read},
    {"onnx", is_onnx, onnx_read},
    {"xgboost-json", is_xgboost_json, xgboost_json_read},
    {"xgboost-ubj", is_xgboost_ubj, xgboost_ubj_read},
    {"lightgbm", is_lightgbm, lightgbm_read},
    {"gzip", is_gzip, gzip_read},
    {"zstd", is_zstd, zstd_read},
    {"tar", is_tar, tar_read},
    {"elf", is_elf, NULL},
    {"png", is_png, NULL},
    {"pdf", is_pdf, NULL},
    {"jsonl", is_jsonl, jsonl_read},
    {"json", is_json, json_read},
    {"csv", is_csv, csv_read},
    {"text", is_text, text_read},
    {"bytes", is_bytes, NULL},
};

const struct artifact_format *artifact_recognise(const unsigned char *head, size_t len, const char *name)
{
    size_t i = 0;
    while (!formats[i].recognise(head, len, name ? name : ""))
        i++;
    return &formats[i];
}

bool artifact_has_neighbours(const struct artifact_format *format)
{
    return format->read == onnx_read || format->read == safetensors_index_read;
}

int artifact_format_of(const struct artifact_format **out, const char *path, struct error *err)
{
    // O_NONBLOCK: a named pipe among the artifacts must not hang the harness.
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return error_errno(err, "cannot open '%s'", path);
    unsigned char head[HEAD_SIZE];
    size_t len = 0;
    while (len < sizeof head) {
        ssize_t got = read(fd, head + len, sizeof head - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "cannot read '%s'", path);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    *out = artifact_recognise(head, len, fs_basename(path));
    return 0;
}
