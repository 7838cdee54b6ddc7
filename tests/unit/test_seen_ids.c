// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "drift/seen_ids.h"

#include "unit.h"

static bool add_number(struct seen_ids *seen, size_t number)
{
    return seen_ids_add(seen, &number, sizeof number);
}

START_TEST(an_id_is_new_once)
{
    CLEANUP(seen_ids) struct seen_ids seen = {0};
    for (size_t i = 0; i < 5000; i++)
        ck_assert(!add_number(&seen, i));
    for (size_t i = 0; i < 5000; i++)
        ck_assert(add_number(&seen, i));
}
END_TEST

START_TEST(ids_of_every_length_are_told_apart)
{
    CLEANUP(seen_ids) struct seen_ids seen = {0};
    const char zeros[40] = {0};
    for (size_t len = 0; len <= sizeof zeros; len++)
        ck_assert_msg(!seen_ids_add(&seen, zeros, len), "%zu zeros", len);
    ck_assert(seen_ids_add(&seen, zeros, 17));
}
END_TEST

START_TEST(an_id_is_known_as_far_back_as_is_promised_and_memory_is_bounded)
{
    CLEANUP(seen_ids) struct seen_ids seen = {0};
    size_t count = 3 * SEEN_IDS_REACH, new = 0;
    for (size_t i = 0; i < count; i++)
        new += !add_number(&seen, i);
    ck_assert_uint_eq(new, count);
    ck_assert(add_number(&seen, count - SEEN_IDS_REACH));
    ck_assert_uint_le((seen.now.slot_count + seen.before.slot_count) * sizeof(uint64_t), 4 * SEEN_IDS_REACH * 8);
    ck_assert(!add_number(&seen, 0)); // long forgotten
}
END_TEST

UNIT_MAIN("seen_ids", an_id_is_new_once, ids_of_every_length_are_told_apart,
          an_id_is_known_as_far_back_as_is_promised_and_memory_is_bounded)
