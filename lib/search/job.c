/* job.c: see job.h. A batch becomes arrays laid end to end, as search and forced decoding want them.
 */
#include "search/job.h"

#include <string.h>

#include "search/force.h"
#include "search/termplace.h"

enum {
    LONGEST_PERIOD = 8, /* of a repetition, tokens: longer ones are refrains, not loops */
    LEAST_TIMES = 4,    /* "no, no, no" is still language */
    RETRY_NGRAM = 3     /* what the second search may not repeat: so a token stands there thrice at most */
};

int tt_job_repeats(const int32_t *ids, int count) {
    for (int period = 1; period <= LONGEST_PERIOD; period++) {
        int same = 0; /* tokens that equal the one a period before, in a row */
        for (int i = period; i < count; i++) {
            same = ids[i] == ids[i - period] ? same + 1 : 0;
            if (same >= period * (LEAST_TIMES - 1)) return 1;
        }
    }
    return 0;
}

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
    *to = (tt_seqs){(int)count, off, ids};
    return 0;
}

/* Does U+FFFD stand in it? */
static int has_replacement(const tt_sentence *s) {
    for (size_t i = 0; i + 3 <= s->plain.len; i++)
        if (!memcmp(s->plain.text + i, "\xEF\xBF\xBD", 3)) return 1;
    return 0;
}

/* `heeds` 1: with their terms. */
static int search(const tt_job *jobs, size_t count, const tt_job_how *how, const tt_search_opts *opts, int heeds, tt_run *run,
                  tt_arena *a, tt_err *e) {
    tt_seqs src, prefix;
    int prefixed = 0, bound = 0;
    TT_TRY(gather(&src, jobs, count, SOURCES, a, e));
    TT_TRY(gather(&prefix, jobs, count, PREFIXES, a, e));
    uint64_t *keys = tt_arena_alloc(a, count * sizeof *keys);
    const tt_terms **terms = tt_arena_alloc(a, count * sizeof *terms);
    tt_hyps *out = tt_arena_alloc(a, count * sizeof *out);
    unsigned char *replaced = tt_arena_alloc(a, count);
    if (!keys || !terms || !out || !replaced) return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    for (size_t i = 0; i < count; i++) {
        keys[i] = jobs[i].key;
        terms[i] = heeds ? jobs[i].terms : NULL;
        replaced[i] = (unsigned char)has_replacement(jobs[i].source);
        prefixed |= jobs[i].prefix.count > 0;
        bound |= terms[i] != NULL;
    }
    const tt_search_in in = {.src = &src,
                             .prefix = prefixed ? &prefix : NULL,
                             .terms = bound ? terms : NULL,
                             .keys = keys,
                             .shortlist = how->shortlist,
                             .replaced = replaced};
    TT_TRY(tt_search_with(run, &how->models, &in, opts, out, a, e));
    for (size_t i = 0; i < count; i++) *jobs[i].out = out[i];
    return 0;
}

static int force(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a,
                 tt_err *e) {
    tt_seqs src, tgt;
    TT_TRY(gather(&src, jobs, count, SOURCES, a, e));
    TT_TRY(gather(&tgt, jobs, count, TARGETS, a, e));
    tt_hyps *out = tt_arena_alloc(a, count * sizeof *out);
    if (!out) return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    TT_TRY(tt_force(run, &how->models, &src, &tgt, how->search, out, a, e));
    for (size_t i = 0; i < count; i++) *jobs[i].out = out[i];
    return 0;
}

/* Searches those that repeat themselves once more. */
static int retry(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a,
                 tt_translate_stats *stats, tt_err *e) {
    tt_job *again = tt_arena_alloc(a, count * sizeof *again);
    if (!again) return tt_fail(e, TT_ENOMEM, "out of memory for a batch");
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const tt_hyp *h = jobs[i].out->hyp;
        const tt_sentence *s = jobs[i].source;
        if (tt_job_repeats(h->ids, h->count) && !tt_job_repeats(s->ids, s->count))
            again[n++] = jobs[i];
    }
    if (!n) return 0;
    tt_search_opts opts = *how->search;
    if (!opts.no_repeat || opts.no_repeat > RETRY_NGRAM) opts.no_repeat = RETRY_NGRAM;
    stats->retried += n;
    return search(again, n, how, &opts, 0, run, a, e);
}

/* What a search that heeds terms may lose for each of them, in log p of all other words and in what of the source is left out, so
   that it is better than putting the terms into what was found without them. */
static const double LOSS_OF_TERM = 2;

/* Attention on the terms' source tokens by which the words of no term in the one exceed those in the other when one of them
   translates a term a second time. */
static const double SECOND_WORD = 0.5;

/* Is the first of `with` better than the first of `without`, into which the terms were put? */
static int agrees(const tt_job *j, const tt_hyp *with, const tt_hyp *without, int placed) {
    unsigned char found[TT_TERMS_MAX];
    const int met = tt_terms_find(j->terms, with->ids, with->count - 1, found, NULL);
    if (!met || met < placed) return 0;
    const int source = j->source->count;
    if (tt_termplace_outside(with, j->terms, source) > tt_termplace_outside(without, j->terms, source) + SECOND_WORD) return 0;
    const double lost = tt_termplace_rest(without, j->terms) - tt_termplace_rest(with, j->terms);
    const double left_out = tt_termplace_covered(without, source) - tt_termplace_covered(with, source);
    return lost + (left_out > 0 ? left_out : 0) < LOSS_OF_TERM * met;
}

/* Gives the translations their terms: those that lack one are searched again, and have the terms put into their place where that
   does not help. */
static int give_terms(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a, tt_err *e) {
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
            placed = tt_termplace_terms(&j->out->hyp[i], j->terms, j->source->count, j->prefix.count, a, e);
        if (placed < 0) return placed;
        if (agrees(j, out[k].hyp, j->out->hyp, placed)) *j->out = out[k];
    }
    return 0;
}

int tt_jobs_run(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a,
                tt_translate_stats *stats, tt_err *e) {
    if (how->pairs) {
        TT_TRY(force(jobs, count, how, run, a, e));
    } else {
        tt_search_opts opts = *how->search; /* all of a batch want as many */
        if (count && jobs->n_best) opts.n_best = jobs->n_best;
        TT_TRY(search(jobs, count, how, &opts, 0, run, a, e));
        if (how->retry) TT_TRY(retry(jobs, count, how, run, a, stats, e));
        TT_TRY(give_terms(jobs, count, how, run, a, e));
    }
    stats->batches++;
    for (size_t i = 0; i < count; i++) {
        const tt_hyp *h = jobs[i].out->hyp;
        stats->target_tokens += (size_t)h->count;
    }
    return 0;
}
