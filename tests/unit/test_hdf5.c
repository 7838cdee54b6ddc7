// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit_contents.h"
#include "unit_files.h"

#include "artifact/hdf5.h"
#include "base/rng.h"

#include <fcntl.h>
#include <sys/wait.h>

static bool have_hdf5(void)
{
    const char *why = NULL;
    CLEANUP(hdf5_library) struct hdf5_library *library = hdf5_load(&why);
    if (!library)
        printf("left out: %s\n", why);
    return library != NULL;
}

// Also of this file's text when there is no library: then only the note and the bytes.
static char *list_path(const char *path, struct strings *left_out, char **note)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    if (contents_open(&contents, path, &err) != 0) {
        CLEANUP(free) char *said = error_text(&err);
        error_free(&err);
        return str_printf("error: %s", said);
    }
    if (left_out)
        strings_copy(left_out, &contents->left_out);
    if (note)
        *note = contents->note ? str_dup(contents->note) : NULL;
    return list_contents(contents);
}

START_TEST(without_the_library_a_file_is_bytes_and_says_so)
{
    static const char bytes[] = "\x89HDF\r\n\x1a\n";
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    if (have_hdf5()) {
        ck_assert_int_eq(contents_parse(&contents, "m.h5", bytes, sizeof bytes, &err), -1);
        ck_error_has(&err, "m.h5: libhdf5 cannot open it");
        error_free(&err);
    } else {
        ck_ok(contents_parse(&contents, "m.h5", bytes, sizeof bytes, &err), &err);
        ck_assert_ptr_nonnull(strstr(contents->note, "has no HDF5"));
        ck_assert_int_eq(contents->items[0].kind, VALUE_BYTES);
    }
}
END_TEST

static const char writer[] =
    "def write(path, **options):\n"
    "    with h5py.File(path, 'w', **options) as f:\n"
    "        f.attrs['version'] = '2.11'; f.attrs['n'] = numpy.int64(3); f.attrs['names'] = numpy.array([b'a', "
    "b'bc'])\n"
    "        g = f.create_group('model'); d = g.create_group('dense')\n"
    "        d.attrs['rate'] = numpy.float32([1, 2])\n"
    "        d['kernel:0'] = numpy.arange(6, dtype='f4').reshape(2, 3)\n"
    "        d.create_dataset('packed', data=numpy.arange(6).reshape(3, 2), chunks=(2, 2), compression='gzip', "
    "shuffle=True)\n"
    "        for t in ['i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', '>f4', '>i8', 'c8', 'c16', "
    "'?']:\n"
    "            g[t] = numpy.arange(3).astype(t)\n"
    "        g['texts'] = ['x', 'y\\ny', '']; g['fixed'] = numpy.array([[b'a', b'b']], dtype='S4'); g['text'] = "
    "'hello'\n"
    "        g['null'] = h5py.Empty('f4'); g['zero'] = numpy.zeros((0, 4))\n"
    "        g.create_dataset('fill', shape=(3,), dtype='i4', fillvalue=7)\n"
    "        g['z'] = numpy.array([(1, 2)], dtype=[('a', 'i1'), ('b', 'u1')]); g.create_group('nothing')\n"
    "        f['soft'] = h5py.SoftLink('/model/dense'); f['gone'] = h5py.ExternalLink('/etc/passwd', '/x')\n"
    "        f['twin'] = g['i1']; d['up'] = f\n"
    "write('old.h5'); write('latest.h5', libver='latest'); write('user.h5', userblock_size=1024)\n"
    "write('timed.h5', track_order=True)\n";
static const char expected[] = "@n i64[] 3\n"
                               "@names[] \"a\\nbc\\n\"\n"
                               "@version \"2.11\"\n"
                               "gone \"external link to /etc/passwd:/x\"\n"
                               "model/>f4 f32[3] 0 1 2\n"
                               "model/>i8 i64[3] 0 1 2\n"
                               "model/? bool[3] 0 1 1\n"
                               "model/c16 c128[3] 00000000000000000000000000000000 000000000000f03f0000000000000000 "
                               "00000000000000400000000000000000\n"
                               "model/c8 c64[3] 0000000000000000 0000803f00000000 0000004000000000\n"
                               "model/dense/kernel:0 f32[2,3] 0 1 2 3 4 5\n"
                               "model/dense/packed i64[3,2] 0 1 2 3 4 5\n"
                               "model/dense/up \"the same as '/'\"\n"
                               "model/dense@rate f32[2] 1 2\n"
                               "model/f2 f16[3] 0000 003c 0040\n"
                               "model/f4 f32[3] 0 1 2\n"
                               "model/f8 f64[3] 0 1 2\n"
                               "model/fill i32[3] 7 7 7\n"
                               "model/fixed[1,2] \"a\\nb\\n\"\n"
                               "model/i1 i8[3] 0 1 2\n"
                               "model/i2 i16[3] 0 1 2\n"
                               "model/i4 i32[3] 0 1 2\n"
                               "model/i8 i64[3] 0 1 2\n"
                               "model/nothing \"empty group\"\n"
                               "model/null <>\n"
                               "model/text \"hello\"\n"
                               "model/texts[] \"x\\ny\\ny\\n\\n\"\n"
                               "model/u1 u8[3] 0 1 2\n"
                               "model/u2 u16[3] 0 1 2\n"
                               "model/u4 u32[3] 0 1 2\n"
                               "model/u8 u64[3] 0 1 2\n"
                               "model/z <0102>\n"
                               "model/zero f64[0,4]\n"
                               "soft \"soft link to /model/dense\"\n"
                               "twin \"the same as 'model/i1'\"\n";

START_TEST(files_of_h5py_are_read_however_they_are_stored)
{
    char *folder = enter_folder();
    static const char *const paths[] = {"old.h5", "latest.h5", "user.h5", "timed.h5"};
    bool written = have_hdf5() && write_with_python("h5py, numpy", writer);
    for (size_t i = 0; written && i < ARRAY_LEN(paths); i++) {
        CLEANUP(strings) struct strings left_out = {0};
        CLEANUP(free) char *note = NULL, *found = list_path(paths[i], &left_out, &note);
        ck_assert_str_eq(found, expected);
        ck_assert_uint_eq(left_out.count, 1);
        ck_assert_ptr_nonnull(strstr(left_out.items[0], "times of objects"));
        ck_assert_ptr_nonnull(strstr(note, "'model/z' is of a type that is compared as bytes"));
    }
    leave_folder(folder);
}
END_TEST

static const char strange[] =
    "with h5py.File('huge.h5', 'w') as f: f.create_dataset('x', shape=(2**50,), dtype='u1', chunks=(1024,))\n"
    "with h5py.File('external.h5', 'w') as f:\n"
    "    f.create_dataset('x', shape=(4,), dtype='u1', external=[('secret', 0, 4)])\n"
    "with h5py.File('virtual.h5', 'w', libver='latest') as f:\n"
    "    layout = h5py.VirtualLayout(shape=(4,), dtype='u1'); layout[:] = h5py.VirtualSource('plain.h5', 'x', "
    "shape=(4,))\n"
    "    f.create_virtual_dataset('v', layout)\n"
    "with h5py.File('reference.h5', 'w') as f: f['x'] = 1; f['r'] = numpy.array([f['x'].ref], dtype=h5py.ref_dtype)\n"
    "with h5py.File('plain.h5', 'w') as f: f['x'] = numpy.arange(4, dtype='u1')\n"
    "d = h5py.File('deep.h5', 'w'); g = d\n"
    "for i in range(70): g = g.create_group('g')\n"
    "d.close()\n";

START_TEST(what_leads_elsewhere_or_nowhere_is_not_followed)
{
    static const struct {
        const char *path, *listing, *note;
    } table[] = {
        {"huge.h5", "error: huge.h5: holds far more than its ", NULL},
        {"external.h5", " <89484446", "the data of 'x' is in other files, which are not opened"},
        {"virtual.h5", " <89484446", "the data of 'v' is in other files, which are not opened"},
        {"reference.h5", " <89484446", "'r' is of a type that is not read"},
        {"deep.h5", "is nested too deeply", NULL},
        {"plain.h5", "x u8[4] 0 1 2 3\n", NULL},
    };
    char *folder = enter_folder();
    bool written = have_hdf5() && write_with_python("h5py, numpy", strange);
    for (size_t i = 0; written && i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *note = NULL, *found = list_path(table[i].path, NULL, &note);
        ck_assert_msg(strstr(found, table[i].listing) != NULL, "%s: %.200s", table[i].path, found);
        ck_assert_msg(!table[i].note || (note && strstr(note, table[i].note)), "%s: %s", table[i].path, note);
    }
    leave_folder(folder);
}
END_TEST

static const char small[] = "with h5py.File('s.h5', 'w') as f:\n"
                            "    f['w'] = numpy.arange(4, dtype='f4'); f['t'] = ['x']; f.attrs['a'] = 1\n"
                            "    f.create_dataset('p', data=numpy.arange(40), chunks=(10,), compression='gzip')\n";

// Whatever is done to a file, this process gets an answer and lives on.
START_TEST(damaged_files_are_read_or_refused)
{
    struct error err = {0};
    char *folder = enter_folder();
    if (have_hdf5() && write_with_python("h5py, numpy", small)) {
        CLEANUP(buf) struct buf whole = {0};
        ck_ok(fs_read(&whole, "s.h5", 0, &err), &err);
        struct rng rng = {0};
        rng_seed(&rng, 1);
        size_t refused = 0;
        for (size_t i = 0; i < 100; i++) {
            CLEANUP(free) char *copy = mem_copy(whole.data, whole.len);
            for (size_t k = 0; k < 1 + i % 8; k++)
                copy[8 + rng_below(&rng, (uint32_t)whole.len - 8)] = (char)rng_below(&rng, 256);
            size_t len = i % 3 ? whole.len : 8 + (size_t)rng_below(&rng, (uint32_t)whole.len - 8);
            CLEANUP(free) char *found = list_file("m.h5", copy, len);
            refused += str_starts(found, "error: m.h5: ");
        }
        ck_assert_uint_gt(refused, 10);
    }
    // No child is left behind.
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    leave_folder(folder);
}
END_TEST

START_TEST(the_process_that_reads_does_not_need_its_descriptors)
{
    char *folder = enter_folder();
    if (have_hdf5() && write_with_python("h5py, numpy", small)) {
        int saved = dup(STDIN_FILENO);
        ck_assert_int_eq(close(STDIN_FILENO), 0); // the temporary file takes its place
        CLEANUP(free) char *found = list_path("s.h5", NULL, NULL);
        ck_assert_int_eq(dup2(saved, STDIN_FILENO), STDIN_FILENO);
        close(saved);
        ck_assert_ptr_nonnull(strstr(found, "w f32[4] 0 1 2 3\n"));
    }
    leave_folder(folder);
}
END_TEST

static const char keras[] =
    "f = io.BytesIO()\n"
    "with h5py.File(f, 'w') as h: h['layers/dense/vars/0'] = numpy.arange(4, dtype='f4')\n"
    "z = zipfile.ZipFile('m.keras', 'w')\n"
    "z.writestr('metadata.json', '{\"keras_version\": \"3.0\", \"date_saved\": \"2026-11-23\"}')\n"
    "z.writestr('config.json', '{\"class_name\": \"Sequential\"}')\n"
    "z.writestr('model.weights.h5', f.getvalue()); z.close()\n";

START_TEST(a_model_of_keras_is_its_weights_and_its_layers_without_the_date)
{
    char *folder = enter_folder();
    if (have_hdf5() && write_with_python("h5py, io, numpy, zipfile", keras)) {
        CLEANUP(strings) struct strings left_out = {0};
        CLEANUP(free) char *found = list_path("m.keras", &left_out, NULL);
        ck_assert_str_eq(found, "config.json:class_name \"Sequential\"\n"
                                "metadata.json:keras_version \"3.0\"\n"
                                "model.weights.h5:layers/dense/vars/0 f32[4] 0 1 2 3\n");
        ck_assert(strings_has(&left_out, "date_saved in metadata.json"));
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("hdf5", without_the_library_a_file_is_bytes_and_says_so, files_of_h5py_are_read_however_they_are_stored,
          what_leads_elsewhere_or_nowhere_is_not_followed, damaged_files_are_read_or_refused,
          the_process_that_reads_does_not_need_its_descriptors,
          a_model_of_keras_is_its_weights_and_its_layers_without_the_date)
