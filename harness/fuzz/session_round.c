// SPDX-License-Identifier: Apache-2.0
//
// Rounds: many cases are made, sent and judged together, so that the model always has something to do. First every pair
// of mutation and column in turn, then what the seed draws, around those cases whose answers were new in kind. Nothing
// that depends on time has a say in which cases are made.
#include "base/clock.h"
#include "fuzz/session_work.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum {
    FIRST_ROUND = 16, // then twice as many each time, so that what is found early is told early
    BATCH_ROUND = 8,  // where each question costs a process
    HEAVY = 64 << 10, // bytes of a case that is not asked twice, and whose memory is not kept
    ROUND_WEIGHT = 4 << 20,
    EARLY_COLUMNS = 16, // for which what is missing comes before everything else
    TRIES = 8,
    MOST_BAD = 3, // processes that a pair may cost before it is drawn no more
    CANARY_EVERY = 4,
    AGAIN_EVERY = 16,
};
#define ROUND_SECONDS 0.5 // about, where the time is limited

// ---- Pairs

static size_t mutation_number(const struct mutation *mutation)
{
    size_t i = 0;
    while (mutation_at(i) && mutation_at(i) != mutation)
        i++;
    return i + 1;
}

static void add_pair(struct session *s, const struct pair_of *pair, bool *used)
{
    if (*used)
        return;
    *used = true;
    size_t column = pair->count == 2 ? (size_t)pair->first[1] + 1 : 0;
    s->pairs[s->pair_count++] = *pair;
    s->pair_index[pair->first[0] * (s->options->schema->count + 1) + column] = s->pair_count;
}

// Every mutation with one column, then every mutation with another one, …; before that, a null and a NaN in each
// column, for most models know neither.
static void order_pairs(struct session *s, const struct pair_of *all, size_t count)
{
    CLEANUP(free) bool *used = mem_array(count + 1, sizeof *used);
    const struct mutation *early[] = {mutation_find("missing.null"), mutation_find("numbers.nan")};
    for (size_t i = 0; i < ARRAY_LEN(early) && s->ability->alive; i++)
        for (size_t k = 0, of_it = 0; k < count && of_it < EARLY_COLUMNS; k++)
            if (early[i] && all[k].first[0] == mutation_number(early[i])) {
                add_pair(s, &all[k], &used[k]);
                of_it++;
            }
    for (size_t pass = 0, before = SIZE_MAX; s->pair_count != before; pass++) {
        before = s->pair_count;
        for (size_t first = 0, end = 0; first < count; first = end) {
            while (end < count && all[end].first[0] == all[first].first[0])
                end++;
            // Mutations begin with different columns.
            size_t at = first + (pass + (size_t)all[first].first[0]) % (end - first);
            for (size_t tried = 0; tried < end - first && used[at]; tried++)
                at = at + 1 < end ? at + 1 : first;
            add_pair(s, &all[at], &used[at]);
        }
    }
}

void session_pairs(struct session *s)
{
    CLEANUP(free) struct pair_of *all = NULL;
    size_t count = 0, capacity = 0, mutations = 1;
    struct pair_of pair = {0};
    struct fuzz_case *c = &s->slots[0].c;
    while (mutation_at(mutations - 1))
        mutations++;
    for (size_t i = 0; case_pair(pair.first, &pair.count, c, &s->space, i); i++) {
        all = mem_grow(all, count, &capacity, sizeof *all);
        all[count++] = pair;
    }
    s->pairs = mem_array(count + 1, sizeof *s->pairs);
    s->pair_index = mem_array(mutations + 1, (s->options->schema->count + 1) * sizeof *s->pair_index);
    order_pairs(s, all, count);
    // Every slot makes its cases from the same plan.
    for (size_t i = 1; i < ROUND_CASES; i++)
        s->slots[i].c.plan = c->plan;
}

static struct pair_of *pair_of_case(const struct session *s, const struct fuzz_case *c)
{
    size_t column = c->column < s->options->schema->count ? c->column + 1 : 0;
    size_t index = s->pair_index[c->choices.items[0].value * (s->options->schema->count + 1) + column];
    return c->mutation && index ? &s->pairs[index - 1] : NULL;
}

// ---- Making

size_t case_weight(const struct fuzz_case *c)
{
    size_t weight = c->raw.len + c->row_count * c->column_count * 16;
    for (size_t i = 0; i < c->row_count * c->column_count; i++)
        weight += c->cells[i].text ? c->cells[i].len : 0;
    return weight;
}

static void draw_case(struct session *s, struct fuzz_case *c)
{
    uint64_t values[MOST_POOL_CHOICES];
    if (s->pool_count == 0 || rng_below(&s->rng, 2) == 0) {
        choices_draw(&c->choices, &s->rng);
        case_make(c, &s->space, &c->choices);
        return;
    }
    // Around one that was of interest: some of its choices, mutation and column at least, and one of them another.
    const struct pool_entry *entry = &s->pool[rng_below(&s->rng, (uint32_t)s->pool_count)];
    size_t keep = entry->count < 2 ? entry->count : 2 + rng_below(&s->rng, (uint32_t)(entry->count - 1));
    memcpy(values, entry->values, keep * sizeof *values);
    if (keep > 2 && rng_below(&s->rng, 2) == 0)
        values[2 + rng_below(&s->rng, (uint32_t)(keep - 2))] = rng_below(&s->rng, 64);
    choices_extend(&c->choices, values, keep, &s->rng);
    case_make(c, &s->space, &c->choices);
}

static bool wants(const struct session *s, enum oracle_number number)
{
    return !s->only || s->only->number == number;
}

static void make_slot(struct session *s, struct slot *slot, size_t number)
{
    struct fuzz_case *c = &slot->c;
    bool early = s->next_pair < s->pair_count;
    if (early) {
        const struct pair_of *pair = &s->pairs[s->next_pair++];
        choices_extend(&c->choices, pair->first, pair->count, &s->rng);
        case_make(c, &s->space, &c->choices);
    }
    for (int i = 0; !early && i < TRIES; i++) {
        draw_case(s, c);
        const struct pair_of *pair = pair_of_case(s, c);
        if (!pair || pair->bad < MOST_BAD)
            break;
    }
    slot->pair = pair_of_case(s, c);
    bool watch = s->ability->alive && s->steady && c->mutation;
    slot->canary = watch && wants(s, ORACLE_CANARY) && (early || number % CANARY_EVERY == CANARY_EVERY - 1);
    slot->again = watch && wants(s, ORACLE_REPEAT) && (early || number % AGAIN_EVERY == 0) && case_weight(c) < HEAVY;
}

static size_t round_size(const struct session *s)
{
    const struct fuzz_options *options = s->options;
    size_t size = s->round < 4 ? (size_t)FIRST_ROUND << s->round : ROUND_CASES;
    if (!s->ability->alive)
        size = BATCH_ROUND;
    else if (s->taints > 2)
        size = FIRST_ROUND; // what comes after a bad row is asked again
    double seconds = clock_seconds() - s->began;
    if (options->seconds > 0 && s->out->cases > 0 && seconds > 0) {
        double fits = ROUND_SECONDS * (double)s->out->cases / seconds;
        size = fits < 4 ? 4 : fits < (double)size ? (size_t)fits : size;
    }
    if (options->cases && options->cases - s->out->cases < size)
        size = options->cases - s->out->cases;
    return size;
}

// ---- Asking

// The cases of slots[from..count) and their canaries.
static int ask_slots(struct session *s, size_t from, size_t count, size_t *asked)
{
    *asked = 0;
    for (size_t i = from; i < count; i++) {
        struct slot *slot = &s->slots[i];
        size_t row;
        slot->at = *asked;
        case_question(&s->questions[(*asked)++], &slot->c);
        slot->canary = slot->canary && session_first_row(&row, s, &slot->c) && s->clean_states[row] == CLEAN_GOOD;
        if (slot->canary)
            session_row(&s->questions[(*asked)++], s, row);
    }
    return session_ask(s, s->questions, s->replies, *asked);
}

static void free_replies(struct session *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        reply_free(&s->replies[i]);
}

// ---- Kinds of answers

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

// Numbers, and what stands between quotes, are masked: they mostly are what was sent.
static uint64_t mix_message(uint64_t hash, const char *text, size_t len)
{
    enum { LOOKED_AT = 200 };
    char quote = 0;
    for (size_t i = 0; i < len && i < LOOKED_AT; i++) {
        char c = text[i];
        if (quote) {
            quote = c == quote ? 0 : quote;
            continue;
        }
        if (c == '\'' || c == '"' || c == '`')
            quote = c;
        bool digit = isdigit((unsigned char)c);
        if (!digit || i == 0 || !isdigit((unsigned char)text[i - 1]))
            hash = mix(hash, digit ? '0' : (unsigned char)c);
    }
    return hash;
}

static uint64_t kind_of(const struct session *s, const struct reply *reply)
{
    uint64_t hash = mix(mix(1, reply->kind), (uint64_t)(unsigned)reply->status);
    if (reply->count == 0 && reply->why)
        return mix_message(hash, reply->why, strlen(reply->why)) | 1;
    hash = mix(hash, reply->count > 1);
    for (size_t i = 0; i < reply->count && i < 4; i++) {
        const struct answer *answer = &reply->answers[i];
        hash = mix(hash, answer->kind);
        if (answer->kind == ANSWER_REJECTED || answer->kind == ANSWER_OTHER)
            hash = mix_message(hash, answer->text, answer->len);
        else if (answer->kind == ANSWER_TEXT && !s->learnt.too_many)
            hash = mix_message(hash, answer->text, answer->len);
    }
    return hash | 1;
}

static bool is_new_kind(struct session *s, uint64_t hash)
{
    enum { SLOTS = 4 * MOST_KINDS };
    if (s->out->kinds >= MOST_KINDS)
        return false;
    size_t at = (size_t)(hash % SLOTS);
    while (s->kinds[at] && s->kinds[at] != hash)
        at = (at + 1) % SLOTS;
    if (s->kinds[at] == hash)
        return false;
    s->kinds[at] = hash;
    s->out->kinds++;
    return true;
}

static void learn_kind(struct session *s, const struct fuzz_case *c, const struct reply *reply)
{
    if (!is_new_kind(s, kind_of(s, reply)) || c->choices.count > MOST_POOL_CHOICES)
        return;
    struct pool_entry *entry = &s->pool[s->pool_next];
    s->pool_next = (s->pool_next + 1) % MOST_POOL;
    s->pool_count += s->pool_count < MOST_POOL;
    entry->values = mem_realloc(entry->values, (c->choices.count + 1) * sizeof *entry->values);
    entry->count = c->choices.count;
    for (size_t i = 0; i < entry->count; i++)
        entry->values[i] = c->choices.items[i].value;
}

// ---- Judging

void session_tally(struct session *s, enum oracle_number number, size_t column)
{
    size_t columns = s->options->schema->count;
    s->tallies[number * (columns + 1) + (column < columns ? column + 1 : 0)]++;
}

void session_tally_case(struct session *s, const struct fuzz_case *c)
{
    static const enum oracle_number always[] = {ORACLE_CRASH, ORACLE_HANG, ORACLE_STATUS, ORACLE_UNREADABLE,
                                                ORACLE_COUNT, ORACLE_NAN,  ORACLE_RANGE,  ORACLE_LEAK};
    for (size_t i = 0; i < ARRAY_LEN(always); i++)
        session_tally(s, always[i], c->column);
    if (s->options->rules->slow > 0)
        session_tally(s, ORACLE_SLOW, c->column);
    if (!c->mutation || !s->steady)
        return;
    bool same = c->meaning == MEANING_SAME, rows = c->mutation->family == FAMILY_ROWS;
    if (same && rows)
        session_tally(s, strcmp(c->mutation->name, "rows.shuffled") == 0 ? ORACLE_ORDER : ORACLE_BATCH, c->column);
    else if (same)
        session_tally(s, ORACLE_ENCODINGS, c->column);
    else if (c->row_count > 1 && c->poisoned < c->row_count)
        session_tally(s, ORACLE_NEIGHBOURS, c->column);
    if (c->column < c->schema->count && c->row_count == 1) {
        if (c->schema->columns[c->column].invariant)
            session_tally(s, ORACLE_INVARIANCE, c->column);
        if (c->schema->columns[c->column].monotone)
            session_tally(s, ORACLE_MONOTONE, c->column);
    }
}

// Where the model refuses and the suite names a fallback, that one must answer well.
static void ask_fallback(struct session *s, struct slot *slot, const struct reply *refusal)
{
    struct fuzz_case *c = &slot->c;
    struct question question;
    struct reply reply = {0};
    CLEANUP(free) char *why = NULL;
    if (!slot->pair || slot->pair->fallback || oracles_expect(s->options->rules, c) != EXPECT_FALLBACK ||
        !oracles_rejected(c, refusal) || !s->options->fallback || c->is_raw)
        return;
    slot->pair->fallback = true;
    case_question(&question, c);
    s->out->questions++;
    client_ask(s->options->fallback, &question, &reply, 1, s->err);
    struct exchange x = {
        .c = c, .reply = &reply, .rules = s->options->rules, .schema = s->options->schema, .learnt = &s->learnt};
    const struct oracle *oracle = oracles_judge(&why, &x);
    if (!oracle && oracles_rejected(c, &reply)) {
        oracle = oracle_at(ORACLE_STATUS);
        why = str_printf("refused: %s", reply.why ? reply.why : "");
    }
    if (oracle && (!s->only || s->only == oracle)) {
        CLEANUP(free) char *line = str_printf("the model refused, and the fallback failed: %s", why);
        const char *column = c->column < c->schema->count ? c->schema->columns[c->column].name : NULL;
        struct finding *known = session_finding(s, oracle, c->mutation, column);
        if (known)
            known->hits++;
        else
            finding_add(s, oracle, c, &reply, line);
    }
    reply_free(&reply);
}

static void judge_slot(struct session *s, struct slot *slot)
{
    const struct reply *reply = &s->replies[slot->at];
    struct fuzz_case *c = &slot->c;
    CLEANUP(free) char *why = NULL;
    struct exchange x;
    if (reply->kind == REPLY_NONE)
        return;
    session_exchange(&x, s, c, reply);
    learn_kind(s, c, reply);
    session_tally_case(s, c);
    const struct oracle *oracle = oracles_judge(&why, &x);
    if (slot->pair && (reply->kind == REPLY_CRASHED || reply->kind == REPLY_HUNG))
        slot->pair->bad++;
    if (!oracle && s->options->rules->slow > 0 && reply->seconds > s->options->rules->slow) {
        CLEANUP(probe) struct probe probe = {.s = s, .oracle = oracle_at(ORACLE_SLOW)};
        if (wants(s, ORACLE_SLOW) && probe_case(&probe, c))
            session_fail(s, c, reply, probe.oracle, probe.why);
    } else if (oracle) {
        session_fail(s, c, reply, oracle, why);
    } else {
        ask_fallback(s, slot, reply);
    }
}

// The first slot whose canary is off; `count` when all are well. *sound: the slot after the last good one before it.
static size_t find_taint(size_t *sound, struct session *s, size_t from, size_t count)
{
    *sound = from;
    for (size_t i = from; i < count; i++) {
        const struct slot *slot = &s->slots[i];
        size_t row;
        if (!slot->canary || !s->steady || !session_first_row(&row, s, &slot->c))
            continue;
        CLEANUP(free) char *why = NULL;
        const struct reply *reply = &s->replies[slot->at + 1];
        const bool refused = s->clean[row].kind == ANSWER_REJECTED;
        const struct reply before = {
            .kind = refused ? REPLY_REJECTED : REPLY_ANSWERED, .answers = &s->clean[row], .count = 1};
        session_tally(s, ORACLE_CANARY, slot->c.column);
        if (!replies_agree(&why, &before, reply))
            return i;
        *sound = i + 1;
    }
    return count;
}

// Judges slots[from..count); where a bad row has changed the process, only up to that one. Returns how far it came.
static size_t judge_slots(struct session *s, size_t from, size_t count)
{
    size_t sound, taint = find_taint(&sound, s, from, count);
    if (taint < count)
        session_restart(s);
    for (size_t i = from; i < count && i <= taint && !s->failed; i++) {
        s->explained = taint < count && i >= sound;
        judge_slot(s, &s->slots[i]);
    }
    s->explained = false;
    if (taint == count || s->stop)
        return count;
    struct slot *last = &s->slots[taint];
    s->taints++;
    if (last->pair)
        last->pair->bad++;
    steady_canary(s, &s->slots[sound], taint - sound + 1, &s->replies[last->at + 1]);
    if (s->taints == MOST_TAINTS) {
        s->steady = false;
        strings_printf(&s->out->not_applicable,
                       "comparisons with clean rows: given up after %d bad rows had changed the process", MOST_TAINTS);
    }
    session_restart(s);
    return taint + 1;
}

// The same cases once more, the last one first.
static void ask_again(struct session *s, size_t count)
{
    size_t asked = 0, of[ROUND_CASES];
    struct reply *again = s->replies + 2 * ROUND_CASES;
    for (size_t i = count; i-- > 0;)
        if (s->slots[i].again) {
            of[asked] = i;
            case_question(&s->questions[asked++], &s->slots[i].c);
        }
    if (asked == 0 || s->stop)
        return;
    session_ask(s, s->questions, again, asked);
    for (size_t i = 0; i < asked; i++) {
        struct slot *slot = &s->slots[of[i]];
        CLEANUP(free) char *why = NULL;
        session_tally(s, ORACLE_REPEAT, slot->c.column);
        if (!s->stop && s->steady && !replies_agree(&why, &s->replies[slot->at], &again[i]))
            steady_again(s, &slot->c, &again[i], why);
        reply_free(&again[i]);
    }
}

static void remember_some(struct session *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct slot *slot = &s->slots[i];
        bool first = slot->again && slot->pair && (size_t)(slot->pair - s->pairs) % 2 == 0;
        if (first || (!s->ability->alive && slot->pair))
            steady_remember(s, &slot->c, &s->replies[slot->at]);
    }
}

static void finish_round(struct session *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fuzz_case *c = &s->slots[i].c;
        s->out->families[c->mutation ? c->mutation->family : FAMILY_NONE]++;
        if (case_weight(c) < HEAVY)
            continue;
        arena_free(&c->arena);
        buf_free(&c->raw);
        c->row_count = c->column_count = 0; // they stood there
    }
    s->out->cases += count;
    s->round++;
    growth_watch(s);
    double seconds = clock_seconds() - s->began;
    const struct fuzz_options *options = s->options;
    if (!s->stop && options->progress &&
        !options->progress(options->context, s->out->cases, seconds > 0 ? (double)s->out->cases / seconds : 0,
                           s->out->finding_count)) {
        s->stop = true;
        s->out->stopped = str_dup("interrupted");
    }
    if (options->seconds > 0 && seconds >= options->seconds)
        s->stop = true;
}

bool session_round(struct session *s)
{
    size_t size = round_size(s), count = 0, weight = 0;
    if (s->stop || size == 0)
        return false;
    for (; count < size && weight < ROUND_WEIGHT; count++) {
        make_slot(s, &s->slots[count], count);
        weight += case_weight(&s->slots[count].c);
    }
    if (!s->stop) // what is compared with is asked first
        session_clean_slots(s, s->slots, count);
    for (size_t from = 0, asked; from < count && !s->stop;) {
        if (ask_slots(s, from, count, &asked) == 0) {
            size_t next = judge_slots(s, from, count);
            if (from == 0 && next == count && !s->stop)
                ask_again(s, count), remember_some(s, count);
            from = next;
        }
        free_replies(s, asked);
    }
    finish_round(s, count);
    return !s->stop;
}
