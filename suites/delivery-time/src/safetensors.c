// SPDX-License-Identifier: Apache-2.0
//
// u64 little-endian N · N bytes of JSON, padded with spaces to a multiple of 8 · the tensors, little-endian, without
// gaps.
// {"__metadata__":{"key":"value"},"name":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}
#include "safetensors.h"

#include "fail.h"
#include "output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t element_size(const char *dtype)
{
    return strcmp(dtype, "U8") == 0 ? 1 : strcmp(dtype, "I32") == 0 ? 4 : 8;
}

static void put_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20)
            fprintf(file, "\\u%04x", (unsigned)*text);
        else if (*text == '"' || *text == '\\')
            fprintf(file, "\\%c", *text);
        else
            fputc(*text, file);
    }
    fputc('"', file);
}

static void put_header(FILE *file, const struct tensor *tensors, const struct metadata *metadata)
{
    fputs("{\"__metadata__\":{", file);
    for (const struct metadata *entry = metadata; entry->key; entry++) {
        fputs(entry == metadata ? "" : ",", file);
        put_string(file, entry->key);
        fputc(':', file);
        put_string(file, entry->value);
    }
    fputc('}', file);
    int64_t offset = 0;
    for (const struct tensor *tensor = tensors; tensor->name; tensor++) {
        int64_t end = offset + tensor->count * (int64_t)element_size(tensor->dtype);
        fprintf(file, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%" PRId64 "],\"data_offsets\":[%" PRId64 ",%" PRId64 "]}",
                tensor->name, tensor->dtype, tensor->count, offset, end);
        offset = end;
    }
    fputc('}', file);
}

static void put_little_endian(FILE *file, uint64_t bits, size_t size)
{
    for (size_t i = 0; i < size; i++)
        fputc((int)(bits >> 8 * i & 0xff), file);
}

static void put_data(FILE *file, const struct tensor *tensor)
{
    size_t size = element_size(tensor->dtype);
    for (int64_t i = 0; i < tensor->count; i++) {
        const char *element = (const char *)tensor->data + (size_t)i * size;
        uint64_t bits = 0;
        uint32_t narrow;
        if (size == 8) {
            memcpy(&bits, element, 8);
        } else if (size == 4) {
            memcpy(&narrow, element, 4);
            bits = narrow;
        } else {
            bits = (unsigned char)*element;
        }
        put_little_endian(file, bits, size);
    }
}

void safetensors_write(const char *path, const struct tensor *tensors, const struct metadata *metadata)
{
    FILE *file = output_open(path);
    put_little_endian(file, 0, 8); // the length of the header, once it is known
    put_header(file, tensors, metadata);
    while (ftell(file) % 8)
        fputc(' ', file);
    long end = ftell(file);
    rewind(file);
    put_little_endian(file, (uint64_t)end - 8, 8);
    fseek(file, end, SEEK_SET);
    for (const struct tensor *tensor = tensors; tensor->name; tensor++)
        put_data(file, tensor);
    output_close(file, path);
}
