// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
#include "engine/live_data.h"

#include "base/fs.h"
#include "unit.h"

#include <unistd.h>

static const char declared[] = "{\"train\": {\"command\": [\"true\"]}, \"log\": {\"path\": \"out.jsonl\"},\n"
                               " \"schema\": {\"from\": \"a.csv\", \"columns\": {\"km\": {\"type\": \"number\"}}}}\n";

START_TEST(whoever_stops_it_waits_for_neither_table_nor_log)
{
    static const char *const files[] = {"a.csv", "km\n1\n2\n", "log.jsonl",
                                        "{\"input\": {\"km\": 1}, \"output\": 2}\n"};
    CLEANUP(free) char *folder = unit_folder();
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(error) struct error err = {0};
    int stop[2];
    ck_assert_int_eq(pipe(stop), 0);
    CLEANUP(free) char *place = fs_join(folder, "suites/fare"), *document = fs_join(place, "suite.json");
    ck_ok(fs_mkdirs(place, &err), &err);
    ck_ok(fs_write_atomic(document, declared, sizeof declared - 1, &err), &err);
    ck_ok(suite_load(&suite, folder, "fare", &err), &err);
    for (int stopped = 0; stopped < 2; stopped++) {
        const struct session session = {.options.stop_fd = stop[0]};
        for (size_t i = 0; i < ARRAY_LEN(files); i += 2) {
            CLEANUP(error) struct error fault = {0};
            CLEANUP(live_data) struct live_data *live = NULL;
            CLEANUP(free) char *path = fs_join(folder, files[i]);
            ck_ok(fs_write_atomic(path, files[i + 1], strlen(files[i + 1]), &err), &err);
            const struct drift_request request = {.data = path, .session = &session};
            int status = live_data_read(&live, suite, NULL, &request, &fault);
            ck_assert_int_eq(status, stopped ? -1 : 0);
            ck_assert_int_eq(fault.kind, stopped ? ERROR_STOPPED : ERROR_NONE);
        }
        ck_assert_int_eq(write(stop[1], "", 1), 1);
    }
    close(stop[0]);
    close(stop[1]);
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

UNIT_MAIN("live_data", whoever_stops_it_waits_for_neither_table_nor_log)
