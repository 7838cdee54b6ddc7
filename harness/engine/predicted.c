// SPDX-License-Identifier: Apache-2.0
#include "engine/predicted.h"

#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static struct schema *schema_with(enum column_type type)
{
    struct schema *schema = schema_new();
    schema_add(schema, PREDICTED_COLUMN)->type = type;
    return schema;
}

static bool is_number(const struct answer *answer)
{
    return answer->kind == ANSWER_NUMBER || (answer->kind == ANSWER_LIST && answer->number_count <= 2);
}

struct schema *predicted_schema(const struct answer *like)
{
    return schema_with(is_number(like) ? COLUMN_NUMBER : COLUMN_CATEGORY);
}

struct schema *predicted_schema_of(const struct column_summary *prediction)
{
    return schema_with(prediction->type);
}

bool predicted_cell(struct cell *out, char scratch[32], const struct answer *answer)
{
    size_t largest = 0;
    switch (answer->kind) {
    case ANSWER_NUMBER:
        *out = (struct cell){.kind = CELL_NUMBER, .number = answer->number};
        return true;
    case ANSWER_TEXT:
        *out = (struct cell){.kind = CELL_TEXT, .text = answer->text, .len = answer->len};
        return true;
    case ANSWER_BOOL:
        *out = answer->number != 0 ? (struct cell){.kind = CELL_TEXT, .text = "true", .len = 4}
                                   : (struct cell){.kind = CELL_TEXT, .text = "false", .len = 5};
        return true;
    case ANSWER_NULL:
        *out = (struct cell){.kind = CELL_NULL};
        return true;
    case ANSWER_LIST:
        break;
    case ANSWER_REJECTED:
    case ANSWER_OTHER:
        return false;
    }
    if (answer->number_count <= 2) {
        *out = answer->number_count == 0
                   ? (struct cell){.kind = CELL_NULL}
                   : (struct cell){.kind = CELL_NUMBER, .number = answer->numbers[answer->number_count - 1]};
        return true;
    }
    for (size_t i = 1; i < answer->number_count; i++)
        largest = answer->numbers[i] > answer->numbers[largest] ? i : largest;
    int len = snprintf(scratch, 32, "%zu", largest);
    *out = (struct cell){.kind = CELL_TEXT, .text = scratch, .len = (size_t)len};
    return true;
}

double predicted_number(const struct answer *answer)
{
    struct cell cell;
    char scratch[32];
    double number = NAN;
    if (!predicted_cell(&cell, scratch, answer))
        return NAN;
    if (cell.kind == CELL_NUMBER)
        return cell.number;
    if (cell.kind == CELL_TEXT)
        number_parse(&number, cell.text, cell.len);
    return number;
}
