// SPDX-License-Identifier: Apache-2.0
//
// Values on their way from one process to another, through a file: what a library that may not survive a damaged file
// finds in it (artifact/hdf5.h). The reading side believes nothing of what it is given.
#ifndef REPRO_ARTIFACT_RECORDS_H
#define REPRO_ARTIFACT_RECORDS_H

#include "artifact/contents.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
    RECORD_TENSOR,
    RECORD_TEXT,
    RECORD_BYTES,
    RECORD_LEFT_OUT, // the name says what
    RECORD_NOTE,     // the name is the note
    RECORD_GIVE_UP,  // the name says why the whole file is compared byte for byte
    RECORD_ERROR,    // the name says what is wrong with the file
    RECORD_END,
};
#define RECORD_HERE UINT64_MAX // the bytes follow the record, instead of standing somewhere in the file

struct records {
    int fd;
    uint64_t limit;   // of what may be written
    uint64_t written; // with what waits in `waiting`
    bool full;        // the limit was met
    int failed;       // errno of a write that failed
    struct buf waiting;
};

// Begins a value of `size` bytes, which stand at `place` in the file or (RECORD_HERE) are handed to records_data next.
// Of a RECORD_TENSOR, `tensor` gives dtype, big_endian, rank and shape. −1 when full or failed.
int records_value(struct records *records, enum record_kind kind, const char *name, const struct tensor *tensor,
                  uint64_t place, uint64_t size);
int records_data(struct records *records, const void *bytes, size_t len);
// A record that is only its name.
int records_word(struct records *records, enum record_kind kind, const char *text);
int records_finish(struct records *records); // RECORD_END, and all is written
void records_free(struct records *records);

// Adds the values of these records to the contents; places are in `file`. RECORD_GIVE_UP takes what was added back.
int records_read(struct contents *out, const char *prefix, const struct artifact_file *file,
                 const struct artifact_file *records, struct error *err);

#endif
