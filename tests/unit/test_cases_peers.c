// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
//
// Cases as others read them: Python's json and csv see the mess that the mutation names, and nothing else.
#include "unit_cases.h"
#include "unit_python.h"

static void put_hex(struct buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buf_printf(out, "%02x", (unsigned char)bytes[i]);
}

// What is sent for the rows where the way of asking is CSV, or one row of JSON a line.
static void put_rows(struct buf *out, const struct rows *rows, bool json)
{
    CLEANUP(buf) struct buf body = {0};
    if (!json)
        row_write_csv_header(&body, rows);
    for (size_t i = 0; i < rows->row_count; i++) {
        if (json) {
            row_write_json(&body, rows, i);
            buf_putc(&body, '\n');
        } else {
            row_write_csv(&body, rows, i);
        }
    }
    put_hex(out, buf_text(&body), body.len);
}

static void put_case(struct buf *out, const struct fuzz_case *c)
{
    static const char *const meanings[] = {"same", "valid", "messy", "invalid"};
    struct question question;
    case_question(&question, c);
    buf_printf(out, "{\"mutation\":\"%s\",\"meaning\":\"%s\",\"json\":%s,\"http\":%s,\"column\":%d,\"poisoned\":%d,",
               c->mutation ? c->mutation->name : "clean", meanings[c->meaning], c->ability->json ? "true" : "false",
               c->ability->http ? "true" : "false", c->column == SIZE_MAX ? -1 : (int)c->column,
               c->poisoned == SIZE_MAX ? -1 : (int)c->poisoned);
    buf_printf(out, "\"inner\":\"%s\",\"sources\":[", c->inner ? c->inner->name : "");
    for (size_t i = 0; i < c->row_count; i++)
        buf_printf(out, "%s%zu", i ? "," : "", c->sources ? c->sources[i] : i);
    buf_puts(out, "],\"clean\":\"");
    put_rows(out, &c->clean, c->ability->json);
    buf_puts(out, "\",\"sent\":\"");
    if (question.raw)
        put_hex(out, question.raw, question.raw_len);
    else
        put_rows(out, &question.rows, c->ability->json);
    buf_printf(out, "\",\"raw\":%s}\n", question.raw ? "true" : "false");
}

static void put_schema(void)
{
    CLEANUP(buf) struct buf out = {0};
    buf_puts(&out, "[");
    for (size_t i = 0; i < SAMPLE_COLUMNS; i++) {
        const struct column *column = &sample_columns[i];
        buf_printf(&out, "%s{\"name\":", i ? "," : "");
        cell_write_json(&out, &(struct cell){.kind = CELL_TEXT, .text = column->name, .len = strlen(column->name)});
        buf_puts(&out, ",\"min\":");
        cell_write_json(&out, &(struct cell){.kind = CELL_NUMBER, .number = column->min});
        buf_puts(&out, ",\"max\":");
        cell_write_json(&out, &(struct cell){.kind = CELL_NUMBER, .number = column->max});
        buf_printf(&out, ",\"format\":\"%s\",\"categories\":[", column->format ? column->format : "");
        for (size_t j = 0; j < column->category_count; j++)
            buf_printf(&out, "%s\"%s\"", j ? "," : "", column->categories[j].value);
        buf_puts(&out, "]}");
    }
    buf_puts(&out, "]");
    put("schema.json", buf_text(&out));
}

static const char reader[] =
    "import csv, datetime, io, json, math, sys, unicodedata\n"
    "sys.setrecursionlimit(1000)\n"
    "csv.field_size_limit(1 << 30)\n"
    "schema = json.load(open('schema.json', encoding='utf-8'))\n"
    "names = [c['name'] for c in schema]\n"
    "def rows_of(data, as_json):\n"
    "    text = data.decode('utf-8', 'surrogateescape')\n"
    "    if as_json:\n"
    "        return [json.loads(line, object_pairs_hook=list) for line in text.split('\\n')[:-1]]\n"
    "    lines = list(csv.reader(io.StringIO(text, newline=''), strict=True))\n"
    "    for line in lines[1:]:\n"
    "        assert len(line) == len(lines[0]), line\n"
    "    return [list(zip(lines[0], line)) for line in lines[1:]]\n"
    "def alike(a, b):\n" // equal in value, however it is written
    "    if isinstance(a, bool) or isinstance(b, bool): return a is b\n"
    "    if isinstance(a, str) and isinstance(b, str):\n"
    "        if unicodedata.normalize('NFC', a) == unicodedata.normalize('NFC', b): return True\n"
    "        try: return float(a) == float(b)\n"
    "        except ValueError: return False\n"
    "    return a == b\n"
    "def number(v):\n"
    "    return float(v)\n"
    "def day(text, form):\n"
    "    return datetime.datetime.strptime(text, form)\n"
    "def fails(call):\n"
    "    try: call()\n"
    "    except Exception: return True\n"
    "    return False\n"
    "def is_number(v): return isinstance(v, (int, float)) and not isinstance(v, bool)\n"
    "claims = {\n"
    "    'missing.null': lambda was, now, c, j: now is None,\n"
    "    'missing.empty': lambda was, now, c, j: now == '',\n"
    "    'numbers.nan': lambda was, now, c, j: math.isnan(number(now)),\n"
    "    'numbers.infinity': lambda was, now, c, j: math.isinf(number(now)),\n"
    "    'numbers.zero': lambda was, now, c, j: number(now) == 0,\n"
    "    'numbers.minus_zero': lambda was, now, c, j: number(now) == 0,\n"
    "    'numbers.subnormal': lambda was, now, c, j: 0 < abs(number(now)) < 1e-44,\n"
    "    'numbers.largest': lambda was, now, c, j: abs(number(now)) > 3e38,\n"
    "    'numbers.exact': lambda was, now, c, j: abs(abs(number(now)) - 2 ** 53) <= 1,\n"
    "    'numbers.power_of_two': lambda was, now, c, j: any(abs(abs(int(now)) - 2 ** n) <= 1 for n in range(65)),\n"
    "    'numbers.power_of_ten': lambda was, now, c, j: abs(math.log10(abs(number(now))) % 1) < 1e-9,\n"
    "    'numbers.minimum': lambda was, now, c, j: number(now) == c['min'],\n"
    "    'numbers.maximum': lambda was, now, c, j: number(now) == c['max'],\n"
    "    'numbers.other': lambda was, now, c, j: c['min'] <= number(now) <= c['max'],\n"
    "    'numbers.below': lambda was, now, c, j: c['min'] - 1 <= number(now) < c['min'],\n"
    "    'numbers.above': lambda was, now, c, j: c['max'] < number(now) <= c['max'] + 1,\n"
    "    'numbers.far': lambda was, now, c, j: abs(number(now)) > 5,\n"
    "    'numbers.unit': lambda was, now, c, j: any(math.isclose(number(now), number(was) * k) for k in (10, 1000, .1, "
    ".001)),\n"
    "    'numbers.noise': lambda was, now, c, j: now != was and math.isclose(number(now), number(was), rel_tol=.02, "
    "abs_tol=1),\n"
    "    'numbers.fraction': lambda was, now, c, j: number(now) % 1 > 0,\n"
    "    'numbers.as_float': lambda was, now, c, j: number(now) == number(was) and not isinstance(now, int),\n"
    "    'numbers.spelling': lambda was, now, c, j: number(now) == number(was),\n"
    "    'types.text': lambda was, now, c, j: isinstance(now, str) and json.loads(now) == was,\n"
    "    'types.number': lambda was, now, c, j: is_number(now),\n"
    "    'types.boolean': lambda was, now, c, j: isinstance(now, bool),\n"
    "    'types.array': lambda was, now, c, j: isinstance(now, list),\n"
    "    'types.deep': lambda was, now, c, j: isinstance(now, list),\n"
    "    'types.word': lambda was, now, c, j: fails(lambda: float(now)),\n"
    "    'categories.unseen': lambda was, now, c, j: now not in c['categories'],\n"
    "    'categories.case': lambda was, now, c, j: now not in c['categories'] and now.lower() in [v.lower() for v in "
    "c['categories']],\n"
    "    'categories.blanks': lambda was, now, c, j: now not in c['categories'] and now.strip() in c['categories'],\n"
    "    'categories.punctuation': lambda was, now, c, j: now not in c['categories'] and now.strip(\".-_',()\") in "
    "c['categories'],\n"
    "    'categories.other': lambda was, now, c, j: isinstance(now, bool) or str(now) in c['categories'],\n"
    "    'text.control': lambda was, now, c, j: any(unicodedata.category(x) in ('Cc', 'Zl') for x in now),\n"
    "    'text.emoji': lambda was, now, c, j: any(unicodedata.category(x) == 'So' for x in now),\n"
    "    'text.script': lambda was, now, c, j: any(ord(x) > 127 for x in now),\n"
    "    'text.blank': lambda was, now, c, j: not any(unicodedata.category(x)[0] in 'LNPS' for x in now),\n"
    "    'text.not_utf8': lambda was, now, c, j: any(0xdc80 <= ord(x) <= 0xdcff for x in now),\n"
    "    'text.letters': lambda was, now, c, j: now != was and now.lower() == was.lower(),\n"
    "    'text.typo': lambda was, now, c, j: now != was and abs(len(now) - len(was)) <= 1,\n"
    "    'text.no_break': lambda was, now, c, j: now != was and ''.join(x for x in now if unicodedata.category(x) != "
    "'Zs' or x == ' ') == was,\n"
    "    'text.zero_width': lambda was, now, c, j: now != was and ''.join(x for x in now if unicodedata.category(x) != "
    "'Cf') == was,\n"
    "    'text.right_to_left': lambda was, now, c, j: any(unicodedata.bidirectional(x) in ('R', 'AL', 'RLO', 'RLI') "
    "for x in now),\n"
    "    'text.combining': lambda was, now, c, j: any(unicodedata.category(x) in ('Mn', 'Me') for x in now),\n"
    "    'text.decomposed': lambda was, now, c, j: now == unicodedata.normalize('NFD', was) != was,\n"
    "    'text.composed': lambda was, now, c, j: now == unicodedata.normalize('NFC', was) != was,\n"
    "    'text.long': lambda was, now, c, j: len(now) > 40 and len(now) > len(str(was)),\n"
    "    'dates.nonsense': lambda was, now, c, j: c['format'].startswith('epoch') or fails(lambda: day(now, "
    "c['format'])),\n"
    "    'dates.format': lambda was, now, c, j: c['format'].startswith('epoch') or fails(lambda: day(now, "
    "c['format'])),\n"
    "    'dates.epoch': lambda was, now, c, j: int(now) != was,\n"
    "    'dates.day_month': lambda was, now, c, j: now != was and sorted(now) == sorted(was) or day(was, "
    "c['format']).day == day(was, c['format']).month,\n"
    "    'dates.no_day': lambda was, now, c, j: fails(lambda: day(now, c['format'])),\n"
    "    'dates.zone': lambda was, now, c, j: now.startswith(was) and len(now) > len(was),\n"
    "    'dates.far': lambda was, now, c, j: now != was,\n"
    "    'dates.short_year': lambda was, now, c, j: len(now) == len(was) - 2 and fails(lambda: day(now, "
    "c['format'])),\n"
    "    'wire.bare_nan': lambda was, now, c, j: not math.isfinite(now),\n"
    "    'types.object': lambda was, now, c, j: isinstance(now, list),\n" // a list of pairs here
    "}\n"
    "anything = {'missing.word', 'types.numeral', 'text.reserved', 'text.code', 'text.path', 'text.symbols', "
    "'text.csv',\n"
    "            'text.formula', 'dates.dst'}\n"
    "seen = set()\n"
    "def check(case):\n"
    "    name, column, row = case['mutation'], case['column'], case['poisoned']\n"
    "    sent, clean = bytes.fromhex(case['sent']), rows_of(bytes.fromhex(case['clean']), case['json'])\n"
    "    j = {'json': case['json']}\n"
    "    for line in clean: assert [k for k, v in line] == names\n"
    "    if name == 'wire.bad_token' or case['meaning'] == 'invalid' and case['json']:\n"
    "        def strict(): \n"
    "            value = json.loads(sent)\n"
    "            assert isinstance(value, dict)\n" // not one question
    "        assert fails(strict), sent\n"
    "        assert case['http'] or b'\\n' not in sent.rstrip(b'\\n'), sent\n" // one line is one question
    "        return\n"
    "    if 'types.deep' in (name, case['inner']) and b'[' * 500 in sent: return\n" // Python's own reader gives up
    "    if case['raw']:\n"
    "        if name == 'wire.crlf':\n"
    "            now = json.loads(sent)['records'] if case['http'] else json.loads(sent) if case['json'] else None\n"
    "            if case['http']: assert now == [dict(line) for line in clean]\n"
    "            elif case['json']: assert now == dict(clean[0])\n"
    "            else: assert rows_of(sent, False) == clean and b'\\r\\n' in sent\n"
    "        elif name == 'wire.bom': assert sent.startswith(b'\\xef\\xbb\\xbf') and fails(lambda: "
    "json.loads(sent.decode()))\n"
    "        elif name == 'wire.too_short' or name == 'wire.too_long': assert fails(lambda: rows_of(sent, False))\n"
    "        elif name == 'wire.truncated': assert sent.count(b'\\n') == 0 and not case['json']\n"
    "        else: assert name == 'wire.garbage' and fails(lambda: sent.decode('ascii').isprintable() or 1 / 0), name\n"
    "        return\n"
    "    rows = rows_of(sent, case['json'])\n"
    "    assert len(rows) == len(case['sources']) or name == 'rows.none'\n"
    "    if case['meaning'] == 'same':\n"
    "        for line, source in zip(rows, case['sources']):\n"
    "            was = dict(clean[source])\n"
    "            assert set(was) == {k for k, v in line} and len(line) == len(was)\n"
    "            assert all(alike(was[k], v) for k, v in line), (was, line)\n"
    "    inner = case['inner'] or name\n"
    "    if inner in claims or inner in anything or inner == 'missing.absent':\n"
    "        for at, (line, was) in enumerate(zip(rows, clean)):\n"
    "            if at != row: assert line == was\n"
    "            elif inner == 'missing.absent': assert line == [p for p in was if p[0] != names[column]]\n"
    "            else:\n"
    "                assert [p for p in line if p[0] != names[column]] == [p for p in was if p[0] != names[column]]\n"
    "                assert len(line) == len(names)\n"
    "                now, before = dict(line)[names[column]], dict(was)[names[column]]\n"
    "                assert inner in anything or claims[inner](before, now, schema[column], j), (before, now)\n"
    "    elif name == 'missing.column':\n"
    "        assert rows == [[p for p in line if p[0] != names[column]] for line in clean]\n"
    "    elif name == 'missing.row': assert not any(v for k, v in rows[0])\n"
    "    elif name == 'missing.everywhere': assert not any(dict(line)[names[column]] for line in rows) and len(rows) > "
    "1\n"
    "    elif name == 'numbers.swapped': assert sorted(map(repr, dict(rows[0]).values())) == sorted(map(repr, "
    "dict(clean[0]).values()))\n"
    "    elif name == 'categories.rare': assert len({dict(line)[names[column]] for line in rows}) == 1\n"
    "    elif name == 'columns.shuffled': assert [k for k, v in rows[0]] != names\n"
    "    elif name == 'columns.extra': assert rows[0][:-1] == clean[0] and rows[0][-1][0] not in names\n"
    "    elif name == 'columns.duplicate': assert rows[0][:-1] == clean[0] and rows[0][-1] == clean[0][column]\n"
    "    elif name in ('columns.renamed', 'columns.case'):\n"
    "        assert [v for k, v in rows[0]] == [v for k, v in clean[0]]\n"
    "        assert rows[0][column][0] not in names and len({k for k, v in rows[0]} & set(names)) == len(names) - 1\n"
    "    elif name == 'wire.duplicate_key': assert rows[0][:-1] == clean[0] and rows[0][-1][0] == names[column]\n"
    "    elif name == 'rows.duplicated': assert len(rows) == len(clean) + 1\n"
    "    elif name == 'rows.shuffled': assert case['sources'] != sorted(case['sources'])\n"
    "    elif name == 'rows.none': assert rows == []\n"
    "    elif name == 'rows.huge': assert len(rows) == 1000\n"
    "    else: assert name in ('clean', 'rows.one', 'wire.content_type', 'wire.style') and rows == clean, name\n"
    "for text in open('cases.jsonl'):\n"
    "    case = json.loads(text)\n"
    "    seen.add(case['mutation'])\n"
    "    try: check(case)\n"
    "    except Exception:\n"
    "        print({k: v for k, v in case.items() if k not in ('clean', 'sent')}, bytes.fromhex(case['sent'])[:2000])\n"
    "        raise\n"
    "assert seen == set(open('names').read().split()), seen ^ set(open('names').read().split())\n";

START_TEST(other_readers_see_the_mess_that_is_claimed_and_nothing_else)
{
    char *folder = enter_folder();
    sample_begin();
    struct fuzz_case c = {0};
    CLEANUP(buf) struct buf out = {0}, names = {0};
    struct rng rng;
    rng_seed(&rng, 3);
    for (size_t way = 0; way < WAYS; way++) {
        struct case_space space = sample_space(way);
        uint64_t first[2];
        size_t count;
        for (size_t pair = 0; case_pair(first, &count, &c, &space, pair); pair++)
            for (int round = 0; round < 5; round++) {
                choices_extend(&c.choices, first, count, round ? &rng : NULL);
                case_make(&c, &space, &c.choices);
                if (c.row_count < 1000 || round == 0)
                    put_case(&out, &c);
            }
    }
    buf_puts(&names, "clean");
    const struct mutation *mutation;
    for (size_t i = 0; (mutation = mutation_at(i)); i++)
        buf_printf(&names, " %s", mutation->name);
    put("cases.jsonl", buf_text(&out));
    put("names", buf_text(&names));
    put_schema();
    python(reader);
    case_free(&c);
    sample_end();
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("cases_peers", other_readers_see_the_mess_that_is_claimed_and_nothing_else)
