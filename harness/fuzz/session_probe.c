// SPDX-License-Identifier: Apache-2.0
//
// Does this case fail? One case, with all the questions that its oracle takes: for confirming, shrinking, and for what
// the corpus kept.
#include "fuzz/session_work.h"

#include <math.h>
#include <string.h>

enum { SLOW_TIMES = 3 };

void probe_free(struct probe *probe)
{
    reply_free(&probe->reply);
    free(probe->why);
    probe->why = NULL;
}

static const struct answer *clean_of(const struct probe *probe, const struct fuzz_case *c)
{
    return probe->clean ? probe->clean : session_clean_of(probe->s, c);
}

void session_exchange(struct exchange *out, struct session *s, const struct fuzz_case *c, const struct reply *reply)
{
    *out = (struct exchange){.c = c,
                             .reply = reply,
                             .clean = session_clean_of(s, c),
                             .rules = s->options->rules,
                             .schema = s->options->schema,
                             .learnt = &s->learnt,
                             .only = s->only,
                             .loose = !s->ability->alive};
}

static void keep_failure(struct probe *probe, struct reply *reply, char *why)
{
    probe_free(probe);
    probe->reply = *reply;
    probe->why = why;
    *reply = (struct reply){0};
}

// Whether the clean row is still answered as before; where it is not, a fresh process must say what is true.
static bool is_sound(struct probe *probe, const struct fuzz_case *c, const struct answer *clean)
{
    struct session *s = probe->s;
    if (!s->ability->alive || !clean || c->clean.row_count == 0 || clean[0].kind == ANSWER_OTHER)
        return true;
    struct question question = {.rows = c->clean};
    struct reply reply;
    question.rows.row_count = 1;
    probe->calls++;
    session_ask(s, &question, &reply, 1);
    bool sound = reply.kind == REPLY_REJECTED
                     ? clean[0].kind == ANSWER_REJECTED
                     : reply.count == 1 && answers_agree(&clean[0], &reply.answers[0], 0, AGREE_EXACT_REL);
    reply_free(&reply);
    return sound;
}

// Neighbours and order are held against the same rows asked together: that together is not alone is another failure.
static const struct answer *together_of(struct reply *together, struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    struct question question;
    case_clean_question(&question, c);
    probe->calls++;
    session_ask(s, &question, together, 1);
    return together->kind == REPLY_ANSWERED && together->count == c->clean.row_count ? together->answers : NULL;
}

static bool judge_once(struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    struct reply reply, together = {0};
    struct question question;
    const struct answer *clean = clean_of(probe, c);
    if (c->row_count > 1 && clean &&
        (probe->oracle->number == ORACLE_NEIGHBOURS || probe->oracle->number == ORACLE_ORDER))
        clean = together_of(&together, probe, c);
    case_question(&question, c);
    probe->calls++;
    session_ask(s, &question, &reply, 1);
    struct exchange x;
    session_exchange(&x, s, c, &reply);
    x.clean = clean;
    x.only = probe->oracle;
    char *why = NULL;
    bool fails = !s->failed && oracles_judge(&why, &x) != NULL;
    if (fails)
        keep_failure(probe, &reply, why);
    reply_free(&reply);
    reply_free(&together);
    return fails;
}

static bool probe_judged(struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    if (!judge_once(probe, c))
        return false;
    bool lost = probe->reply.kind == REPLY_CRASHED || probe->reply.kind == REPLY_HUNG;
    if (lost || is_sound(probe, c, clean_of(probe, c)))
        return true;
    return session_restart(s) == 0 && judge_once(probe, c);
}

// Fails when the quickest of several is too slow.
static bool probe_slow(struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    struct question question;
    double best = INFINITY;
    case_question(&question, c);
    for (int i = 0; i < SLOW_TIMES && best > s->options->rules->slow; i++) {
        struct reply reply;
        probe->calls++;
        session_ask(s, &question, &reply, 1);
        best = reply.seconds < best ? reply.seconds : best;
        CLEANUP(free) char *limit = str_human_duration(s->options->rules->slow);
        keep_failure(probe, &reply, str_printf("took longer than %s, %d times", limit, SLOW_TIMES));
    }
    return !s->failed && best > s->options->rules->slow;
}

bool probe_case(struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    if (s->failed || (s->tainted && session_restart(s) < 0))
        return false;
    switch (probe->oracle->number) {
    case ORACLE_SLOW:
        return probe_slow(probe, c);
    case ORACLE_REPEAT:
        return probe_repeat(probe, c);
    case ORACLE_PROCESS:
        return probe_process(probe, c);
    case ORACLE_CANARY:
        return probe_canary(probe, c);
    case ORACLE_GROWTH:
        return probe_growth(probe, c);
    default:
        return probe_judged(probe, c);
    }
}
