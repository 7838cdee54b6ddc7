// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "artifact/zip.h"
#include "unit_objects.h"

#define TENSORS                                                                                                        \
    "a = torch.arange(24.).reshape(4, 6) - 7\n"                                                                        \
    "o = collections.OrderedDict((str(d).split('.')[1], a.to(d)) for d in (torch.float64, torch.float32,\n"            \
    "    torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,\n"             \
    "    torch.bool, torch.complex64, torch.complex128))\n"                                                            \
    "o.update(t=a.t(), view=a[1:3, ::2], column=a[:, 5], expanded=a[:1].expand(3, 2, 1, 6)[:, 1],\n"                   \
    "         zero=torch.zeros(0, 3), scalar=torch.tensor(3.5), parameter=torch.nn.Parameter(a), size=a.shape,\n"      \
    "         numpy=np.arange(6).reshape(2, 3), shared=[a, a.view(24)[3:5]], none=None, epoch=3)\n"

START_TEST(tensors_of_every_type_and_view_are_read)
{
    char *folder = enter_folder();
    if (write_with_python("torch", UNIT_OBJECTS TENSORS
                          "torch.save(o, 'a.pt'); objects('a.pt', o)\n"
                          "torch.save(o, 'old.pt', _use_new_zipfile_serialization=False); objects('old.pt', o)\n"
                          "import pickle\n"
                          "for p in (2, 4, 5):\n"
                          "    pickle.dump(o, open('p%d.pkl' % p, 'wb'), p); objects('p%d.pkl' % p, o)\n"))
        ck_assert_uint_ge(expect_objects(), 5 * 24);
    leave_folder(folder);
}
END_TEST

START_TEST(checkpoints_are_dotted_names)
{
    char *folder = enter_folder();
    if (write_with_python(
            "torch", UNIT_OBJECTS
            "torch.manual_seed(1)\n"
            "net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 2))\n"
            "opt = torch.optim.Adam(net.parameters())\n"
            "net(torch.randn(5, 4)).sum().backward(); opt.step()\n"
            "state = {k: v for k, v in net.state_dict().items()}\n"
            "ckpt = {'model': state, 'optimizer': opt.state_dict(), 'epoch': 3, 'rng': torch.get_rng_state()}\n"
            "torch.save(ckpt, 'ckpt.pt'); objects('ckpt.pt', ckpt)\n"
            "torch.save(ckpt, 'old.pt', _use_new_zipfile_serialization=False); objects('old.pt', ckpt)\n"
            "torch.save(net.state_dict(), 's.pt')\n"
            "for k, v in net.state_dict().items(): objects('s.pt', v, k)\n"
            "for k, v in net.state_dict()._metadata.items():\n"
            "    objects('s.pt', v, '_metadata.' + (k or \"''\"))\n"))
        ck_assert_uint_ge(expect_objects(), 2 * 30);
    leave_folder(folder);
}
END_TEST

START_TEST(a_module_that_is_pickled_whole_has_its_attributes)
{
    char *folder = enter_folder();
    if (write_with_python("torch", UNIT_OBJECTS
                          "torch.manual_seed(1)\n"
                          "net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))\n"
                          "torch.save(net, 'm.pt'); objects('m.pt', net)\n"))
        ck_assert_uint_ge(expect_objects(), 40);
    leave_folder(folder);
}
END_TEST

static char *list(const char *path)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, path, &err), &err);
    return list_contents(contents);
}

START_TEST(files_that_differ_in_name_and_order_hold_the_same)
{
    char *folder = enter_folder();
    if (write_with_python("torch",
                          "a = torch.arange(6.)\n"
                          "torch.save({'a': a, 'b': a[2:4].clone()}, 'one.pt')\n"
                          "torch.save({'b': a[2:4], 'a': a}, 'two.pt')\n"
                          "torch.save({'b': a[2:4], 'a': a}, 'old.pt', _use_new_zipfile_serialization=False)\n")) {
        CLEANUP(free) char *one = list("one.pt");
        CLEANUP(free) char *two = list("two.pt");
        CLEANUP(free) char *old = list("old.pt");
        ck_assert_str_eq(one, "a f32[6] 0 1 2 3 4 5\nb f32[2] 2 3\n");
        ck_assert_str_eq(one, two);
        ck_assert_str_eq(one, old);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(torchscript_has_its_tensors_and_its_code)
{
    char *folder = enter_folder();
    if (write_with_python("torch", "torch.manual_seed(1)\n"
                                   "class M(torch.nn.Module):\n"
                                   "    def __init__(self):\n"
                                   "        super().__init__(); self.fc = torch.nn.Linear(2, 1)\n"
                                   "    def forward(self, x): return self.fc(x)\n"
                                   "m = torch.jit.trace(M(), torch.zeros(1, 2))\n"
                                   "with torch.no_grad(): m.fc.weight.copy_(torch.tensor([[1., 2.]]))\n"
                                   "torch.jit.save(m, 'script.pt')\n")) {
        CLEANUP(free) char *found = list("script.pt");
        ck_assert_ptr_nonnull(strstr(found, "\nfc.weight f32[1,2] 1 2\n"));
        ck_assert_ptr_nonnull(strstr(found, "def forward(self"));
        ck_assert_ptr_null(strstr(found, "debug_pkl"));
        ck_assert_ptr_null(strstr(found, "data/0"));
    }
    leave_folder(folder);
}
END_TEST

// A zip with this pickle and a storage '0' of 24 bytes.
static char *list_view(const char *offset, const char *size, const char *stride, const char *key)
{
    static const char program[] =
        "import zipfile, struct\n"
        "p = "
        "(b'\\x80\\2ctorch._utils\\n_rebuild_tensor_v2\\n((X\\7\\0\\0\\0storagectorch\\nFloatStorage\\nX\\1\\0\\0\\x00%"
        "s'"
        "\n"
        "     b'X\\3\\0\\0\\0cpuK\\6tQI%s\\n(%st(%st\\x89NtR.')\n"
        "z = zipfile.ZipFile('m.pt', 'w')\n"
        "z.writestr('m/data.pkl', p); z.writestr('m/data/0', struct.pack('<6f', *range(6))); z.close()\n";
    CLEANUP(free) char *text = str_printf(program, key, offset, size, stride);
    python(text);
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    if (contents_open(&contents, "m.pt", &err) == 0)
        return list_contents(contents);
    char *said = error_text(&err);
    error_free(&err);
    return said;
}

START_TEST(a_view_that_leaves_its_storage_is_refused)
{
    static const struct {
        const char *offset, *size, *stride, *key, *said;
    } table[] = {
        {"1", "I2\\nI2\\n", "I3\\nI1\\n", "0", " f32[2,2] 1 2 4 5\n"},
        {"5", "I2\\nI2\\n", "I-3\\nI-1\\n", "0", " f32[2,2] 5 4 2 1\n"},
        {"0", "I3\\nI2\\n", "I0\\nI1\\n", "0", " f32[3,2] 0 1 0 1 0 1\n"},
        {"0", "I7\\n", "I1\\n", "0", "'': "},
        {"1", "I6\\n", "I1\\n", "0", "'': "},
        {"0", "I2\\n", "I-1\\n", "0", "'': "},
        {"6", "I1\\n", "I1\\n", "0", "'': "},
        {"-1", "I1\\n", "I1\\n", "0", "no possible size"},
        {"0", "I-1\\n", "I1\\n", "0", "no possible size"},
        {"0", "I2\\n", "L9223372036854775807L\\n", "0", "no possible size"},
        {"4611686018427387904", "I1\\n", "I1\\n", "0", "no possible size"},
        {"0", "L4611686018427387904L\\nI4\\n", "I0\\nI0\\n", "0", "too large"},
        {"0", "I1\\n", "I1\\n", "9", "its storage '9' is missing"},
    };
    char *folder = enter_folder();
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *said = list_view(table[i].offset, table[i].size, table[i].stride, table[i].key);
        ck_assert_msg(strstr(said, table[i].said) != NULL, "%zu: %s", i, said);
        ck_assert(i < 3 || str_starts(said, "m.pt: data.pkl: "));
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_big_endian_file_has_the_same_numbers)
{
    char *folder = enter_folder();
    python(
        "import zipfile, struct\n"
        "p = (b'\\x80\\2ctorch._utils\\n_rebuild_tensor_v2\\n((X\\7\\0\\0\\0storagectorch\\nShortStorage\\n'\n"
        "     b'X\\1\\0\\0\\x000X\\3\\0\\0\\0cpuK\\2tQK\\0(K\\2t(K\\1t\\x89NtR.')\n"
        "z = zipfile.ZipFile('m.pt', 'w')\n"
        "z.writestr('m/data.pkl', p); z.writestr('m/data/0', b'\\1\\2\\xff\\xfe'); z.writestr('m/byteorder', 'big')\n"
        "z.writestr('m/.data/serialization_id', '7'); z.writestr('m/version', '3'); z.close()\n");
    CLEANUP(free) char *found = list("m.pt");
    ck_assert_str_eq(found, " i16[2] 258 -2\n");
    leave_folder(folder);
}
END_TEST

START_TEST(a_pickle_that_is_not_understood_leaves_the_members)
{
    char *folder = enter_folder();
    python("import zipfile\n"
           "z = zipfile.ZipFile('m.pt', 'w')\n"
           "z.writestr('m/data.pkl', b'\\x80\\2\\x82\\1.'); z.writestr('m/data/0', b'\\1\\2'); z.close()\n");
    CLEANUP(free) char *found = list("m.pt");
    ck_assert_str_eq(found, "data.pkl <800282012e>\ndata/0 <0102>\n");
    leave_folder(folder);
}
END_TEST

START_TEST(a_file_of_old_that_is_cut_is_refused)
{
    char *folder = enter_folder();
    if (write_with_python("torch", "torch.save({'a': torch.arange(3.), 'b': torch.ones(2, 2)}, 'old.pt',\n"
                                   "           _use_new_zipfile_serialization=False)\n"))
        expect_no_prefix("old.pt");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("pytorch", tensors_of_every_type_and_view_are_read, checkpoints_are_dotted_names,
          a_module_that_is_pickled_whole_has_its_attributes, files_that_differ_in_name_and_order_hold_the_same,
          torchscript_has_its_tensors_and_its_code, a_view_that_leaves_its_storage_is_refused,
          a_big_endian_file_has_the_same_numbers, a_pickle_that_is_not_understood_leaves_the_members,
          a_file_of_old_that_is_cut_is_refused)
