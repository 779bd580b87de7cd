/* job.c: see job.h. A batch becomes arrays laid end to end, as search and forced decoding want
 * them.
 */
#include "translate/job.h"

#include <stdbool.h>
#include <string.h>

#include "search/force.h"
#include "translate/suspect.h"
#include "translate/words.h"
#include "translate/holds.h"
#include "translate/standin.h"
#include "translate/termplace.h"

enum {
    RETRY_NGRAM =
        3 /* what the last search may not repeat: so a token stands there thrice at most */
};

/* Log p of a token that a translation may lose to be rid of a fault that is none for sure. */
static const double margin = 0.3;

/* Length factor of searching again: a longer translation is none, and following one takes the most
   time. */
static const double retry_length = 1.5;

enum { SOURCES, TARGETS, PREFIXES };

static const tt_sentence *side(const tt_job *j, int which) {
    return which == SOURCES ? j->source : which == TARGETS ? j->target : &j->prefix;
}

/* One side of the jobs laid end to end. */
static int gather(tt_seqs *to, const tt_job *jobs, size_t count, int which, tt_arena *a,
                  tt_err *e) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += (size_t)side(&jobs[i], which)->count;
    int32_t *off = tt_arena_alloc(a, (count + 1) * sizeof *off);
    int32_t *ids = tt_arena_alloc(a, n * sizeof *ids);
    if (!off || !ids) return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    off[0] = 0;
    for (size_t i = 0; i < count; i++) {
        const tt_sentence *s = side(&jobs[i], which);
        if (s->count) memcpy(ids + off[i], s->ids, (size_t)s->count * sizeof *ids);
        off[i + 1] = off[i] + s->count;
    }
    *to = (tt_seqs){(int)count, off, ids, NULL};
    return 0;
}

/* What stands before the sentences of the jobs. */
static int before_count(void *ctx, int b) { return ((const tt_job *)ctx)[b].n_before; }

static int before_length(void *ctx, int b, int j) {
    return ((const tt_job *)ctx)[b].before[j].count;
}

static void before_fill(void *ctx, int b, int j, int32_t *ids) {
    const tt_earlier *t = &((const tt_job *)ctx)[b].before[j];
    memcpy(ids, t->ids, (size_t)t->count * sizeof *ids);
}

static int gather_sources(tt_seqs *src, const tt_job *jobs, size_t count, tt_arena *a, tt_err *e) {
    static const tt_before_of of = {before_count, before_length, before_fill};
    int any = 0;
    TT_TRY(gather(src, jobs, count, SOURCES, a, e));
    for (size_t i = 0; i < count; i++) any |= jobs[i].n_before > 0;
    if (!any) return 0;
    src->before = tt_before_make(&of, (void *)(uintptr_t)jobs, (int)count, a);
    return src->before ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a batch");
}

/* 1 if U+FFFD stands in the text. */
static bool has_replacement(const tt_sentence *s) {
    for (size_t i = 0; i + 3 <= s->plain.len; i++)
        if (!memcmp(s->plain.text + i, "\xEF\xBF\xBD", 3)) return true;
    return false;
}

/* `heeds` 1: with their terms. */
static int search(const tt_job *jobs, size_t count, const tt_job_how *how,
                  const tt_search_opts *opts, int heeds, tt_run *run, tt_arena *a, tt_err *e) {
    tt_seqs src, prefix;
    int prefixed = 0, bound = 0;
    TT_TRY(gather_sources(&src, jobs, count, a, e));
    TT_TRY(gather(&prefix, jobs, count, PREFIXES, a, e));
    uint64_t *keys = tt_arena_alloc(a, count * sizeof *keys);
    const tt_terms **terms = tt_arena_alloc(a, count * sizeof *terms);
    tt_hyps *out = tt_arena_alloc(a, count * sizeof *out);
    unsigned char *replaced = tt_arena_alloc(a, 2 * count);
    if (!keys || !terms || !out || !replaced)
        return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    unsigned char *aligned = replaced + count;
    for (size_t i = 0; i < count; i++) {
        keys[i] = jobs[i].key;
        terms[i] = heeds ? jobs[i].terms : NULL;
        replaced[i] = (unsigned char)has_replacement(jobs[i].source);
        aligned[i] = (unsigned char)jobs[i].aligned;
        prefixed |= jobs[i].prefix.count > 0;
        bound |= terms[i] != NULL;
    }
    const tt_search_in in = {.src = &src,
                             .prefix = prefixed ? &prefix : NULL,
                             .terms = bound ? terms : NULL,
                             .keys = keys,
                             .shortlist = how->shortlist,
                             .aligned = aligned,
                             .replaced = replaced};
    TT_TRY(tt_search_with(run, &how->models, &in, opts, out, a, e));
    for (size_t i = 0; i < count; i++) *jobs[i].out = out[i];
    return 0;
}

static int force(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a,
                 tt_err *e) {
    tt_seqs src, tgt;
    TT_TRY(gather_sources(&src, jobs, count, a, e));
    TT_TRY(gather(&tgt, jobs, count, TARGETS, a, e));
    tt_hyps *out = tt_arena_alloc(a, count * sizeof *out);
    if (!out) return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    TT_TRY(tt_force(run, &how->models, &src, &tgt, how->search, out, a, e));
    for (size_t i = 0; i < count; i++) *jobs[i].out = out[i];
    return 0;
}

/* ---- suspicion ------------------------------------------------------------------------------- */

/* No translation is meant to be so; the other faults may be none. */
static const unsigned sure = 1u << TT_FAULT_REPEATS | 1u << TT_FAULT_CUT | 1u << TT_FAULT_LONG;

static bool holds_number(const tt_plain *p) {
    for (int i = 0; i < p->count; i++)
        if (p->holds[i].kind == TT_KEEP_NUMBER || p->holds[i].kind == TT_KEEP_AMOUNT) return true;
    return false;
}

/* Reserved pieces of the sentence that its translation has not, or has twice. */
static bool misses_standin(const tt_plain *p, const tt_said *said) {
    unsigned seen = 0, twice = 0, wanted = 0;
    for (int i = 0; i < p->count; i++)
        if (p->holds[i].standin) wanted |= 1u << (p->holds[i].standin - 1);
    for (size_t i = 0; wanted && i < said->len; i++) {
        if (!tt_standin_at(said->text, said->len, i)) continue;
        const unsigned which = 1u << (said->text[i + 3] - '0');
        twice |= seen & which;
        seen |= which;
    }
    return twice || seen != wanted;
}

static int look_at(unsigned *faults, const tt_job *j, const tt_hyp *h, const tt_search_opts *opts,
                   const tt_job_how *how, tt_arena *a, tt_err *e) {
    const tt_sentence *s = j->source;
    int limit = 0;
    for (int i = 0; i < how->models.count; i++) {
        const int most = tt_search_limit(opts, how->models.model[i], s->count);
        if (!i || most < limit) limit = most;
    }
    const tt_mark mark = tt_arena_mark(a);
    tt_said said;
    TT_TRY(tt_words_text(&said, how->source, how->target, s, h, how->replace_unk, 0, a, e));
    const tt_suspect_side from = {s->plain.text, s->plain.len, s->ids, s->count},
                          to = {said.text, said.len, h->ids, h->count};
    TT_TRY(tt_suspect_find(faults, &from, &to, limit, a, e));
    const int missing = misses_standin(&s->plain, &said);
    tt_arena_rewind(a, mark);
    /* which are put right in any case */
    if (holds_number(&s->plain)) *faults &= ~(1u << TT_FAULT_NUMBERS);
    if (missing) *faults |= 1u << TT_FAULT_NUMBERS;
    *faults &= how->faults;
    return 0;
}

static int bits(unsigned x) {
    int n = 0;
    for (; x; x &= x - 1) n++;
    return n;
}

/* 1 if the first has fewer sure faults, or as few of these and fewer in all. */
static int fewer(unsigned x, unsigned y) {
    const int a = bits(x & sure), b = bits(y & sure);
    return a < b || (a == b && bits(x) < bits(y));
}

static double mean(const tt_hyp *h) { return h->path / h->count; }

/* Takes the best of what was found for a job, if it is better than what was there. */
static int choose(const tt_job *j, const tt_hyps *found, const tt_search_opts *opts,
                  const tt_job_how *how, tt_arena *a, tt_err *e) {
    const tt_hyp *old = j->out->hyp;
    double least = mean(found->hyp); /* stays where no search found the old one */
    for (int i = 0; i < found->count; i++) {
        const tt_hyp *h = &found->hyp[i];
        if (h->count == old->count && !memcmp(h->ids, old->ids, (size_t)h->count * sizeof *h->ids))
            least = mean(h);
    }
    least -= margin;
    for (int i = 0; i < found->count; i++) {
        unsigned faults;
        TT_TRY(look_at(&faults, j, &found->hyp[i], opts, how, a, e));
        const int is_sure = bits(faults & sure) < bits(*j->faults & sure);
        if (!fewer(faults, *j->faults) || (!is_sure && mean(&found->hyp[i]) < least)) continue;
        *j->faults = faults;
        *j->out = (tt_hyps){1, &found->hyp[i]};
    }
    return 0;
}

/* A loop is not mended by the next hypothesis, which loops as well; and greedy search has none. */
bool tt_job_suspected(const tt_job *j, int turn, const tt_job_how *how) {
    const int for_sure = (*j->faults & sure) != 0;
    return turn == TT_TURN_BEAM ? *j->faults && !for_sure && how->search->beam > 1
                                : turn == TT_TURN_NO_REPEAT && for_sure;
}

int tt_jobs_again(const tt_job *jobs, size_t count, int turn, const tt_job_how *how, tt_run *run,
                  tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    tt_search_opts opts = *how->search;
    tt_job *again = tt_arena_alloc(a, count * sizeof *again);
    tt_hyps *found = tt_arena_alloc(a, count * sizeof *found);
    if (!again || !found) return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    for (size_t i = 0; i < count; i++) {
        again[i] = jobs[i];
        again[i].out = &found[i];
    }
    opts.n_best = opts.beam;
    opts.want_scores = 1;
    if (opts.max_length_factor > retry_length) opts.max_length_factor = retry_length;
    if (turn == TT_TURN_NO_REPEAT && (!opts.no_repeat || opts.no_repeat > RETRY_NGRAM))
        opts.no_repeat = RETRY_NGRAM;
    TT_TRY(search(again, count, how, &opts, 0, run, a, e));
    for (size_t i = 0; i < count; i++) TT_TRY(choose(&jobs[i], &found[i], &opts, how, a, e));
    stats->retried += count;
    for (size_t i = 0; i < count; i++) stats->mended += !*jobs[i].faults;
    return 0;
}

/* What a search that heeds terms may lose for each of them, in log p of all other words and in what
   of the source is left out, so that it is better than putting the terms into what was found
   without them. */
static const double LOSS_OF_TERM = 2;

/* Attention on the terms' source tokens by which the words of no term in the one exceed those in
   the other when one of them translates a term a second time. */
static const double SECOND_WORD = 0.5;

/* 1 if the first of `with` is better than the first of `without`, into which the terms were put. */
static bool agrees(const tt_job *j, const tt_hyp *with, const tt_hyp *without, int placed) {
    unsigned char found[TT_TERMS_MAX];
    const int met = tt_terms_find(j->terms, with->ids, with->count - 1, found, NULL);
    if (!met || met < placed) return false;
    const int source = j->source->count;
    if (tt_termplace_outside(with, j->terms, source) >
        tt_termplace_outside(without, j->terms, source) + SECOND_WORD)
        return false;
    const double lost = tt_termplace_rest(without, j->terms) - tt_termplace_rest(with, j->terms);
    const double left_out =
        tt_termplace_covered(without, source) - tt_termplace_covered(with, source);
    return lost + (left_out > 0 ? left_out : 0) < LOSS_OF_TERM * met;
}

/* Gives the translations their terms: those that lack one are searched again, and have the terms
   put into their place where that does not help. */
static int give_terms(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run,
                      tt_arena *a, tt_err *e) {
    tt_job *again = tt_arena_alloc(a, count * sizeof *again);
    tt_hyps *out = tt_arena_alloc(a, count * sizeof *out);
    if (!again || !out) return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char found[TT_TERMS_MAX];
        const tt_hyp *h = jobs[i].out->hyp;
        const tt_terms *t = jobs[i].terms;
        if (!t || tt_terms_find(t, h->ids, h->count - 1, found, NULL) == t->count) continue;
        out[n] = *jobs[i].out;
        again[n] = jobs[i];
        again[n].out = &out[n];
        again[n++].index = i;
    }
    if (!n) return 0;
    TT_TRY(search(again, n, how, how->search, 1, run, a, e));
    for (size_t k = 0; k < n; k++) {
        const tt_job *j = &jobs[again[k].index];
        int placed = 0;
        for (int i = j->out->count; i-- > 0 && placed >= 0;)
            placed = tt_termplace_terms(&j->out->hyp[i], j->terms, j->source->count,
                                        j->prefix.count, a, e);
        if (placed < 0) return placed;
        if (agrees(j, out[k].hyp, j->out->hyp, placed)) *j->out = out[k];
    }
    return 0;
}

int tt_jobs_run(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a,
                tt_translate_stats *stats, tt_err *e) {
    stats->batches++;
    if (how->pairs) return force(jobs, count, how, run, a, e);
    tt_search_opts opts = *how->search; /* all of a batch want as many */
    if (count && jobs->n_best) opts.n_best = jobs->n_best;
    TT_TRY(search(jobs, count, how, &opts, 0, run, a, e));
    TT_TRY(give_terms(jobs, count, how, run, a, e));
    for (size_t i = 0; how->faults && i < count; i++)
        if ((!jobs[i].prefix.count || how->repeats_alone) && !jobs[i].terms && !jobs[i].n_best)
            TT_TRY(look_at(jobs[i].faults, &jobs[i], jobs[i].out->hyp, how->search, how, a, e));
    return 0;
}

void tt_jobs_count(const tt_job *jobs, size_t count, tt_translate_stats *stats) {
    for (size_t i = 0; i < count; i++) {
        const tt_hyp *h = jobs[i].out->hyp;
        stats->target_tokens += (size_t)h->count;
        stats->overflowed += h->overflow != 0;
        stats->suspects += *jobs[i].faults != 0;
        for (int f = 0; f < TT_FAULT_COUNT; f++) stats->faults[f] += *jobs[i].faults >> f & 1;
    }
}
