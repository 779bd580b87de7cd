/* listmaker.c: makes a shortlist (lexical/shortlist.h) of the probabilities of lexical/lexprob.h,
 * and tests one on text.
 *
 * The most frequent target tokens belong to every sentence. Where a vocabulary has pieces for bytes
 * its first ids are those, not what is frequent; so these tokens become the list of the source's
 * end, which every sentence has: every reader of the form then finds them.
 */
#include "base/log.h"
#include "lexical/shortlist.h"
#include "lexical/lexprob.h"

#include "io/file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pick {
    int32_t id;
    double p;
};

/* The lists, best first or by id. */
struct lists {
    uint64_t *offsets; /* (V + 1) */
    uint32_t *ids;     /* (room) */
    float *p;          /* (room) */
};

static int by_probability(const void *a, const void *b) {
    const struct pick *x = a, *y = b;
    if (x->p > y->p || x->p < y->p) return x->p > y->p ? -1 : 1;
    return x->id < y->id ? -1 : 1;
}

static int by_id(const void *a, const void *b) {
    const struct pick *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* What stands in the list of token s, best first, and how many. */
static int choose(struct pick *picks, const tt_lexprob *p, int s, int eos,
                  const tt_shortlist_options *o) {
    int n = 0, most = s == eos ? o->frequent : o->best;
    double all = 0;
    if (s == eos) {
        for (int t = 0; t < p->size; t++) all += (double)p->frequency[t];
        for (int t = 0; t < p->size; t++)
            if (p->frequency[t]) picks[n++] = (struct pick){t, (double)p->frequency[t] / all};
    } else {
        const tt_lexprob_row *row = &p->row[s];
        for (int i = 0; i < row->count; i++)
            if (row->p[i] > 0 && (double)row->p[i] >= o->threshold)
                picks[n++] = (struct pick){row->ids[i], (double)row->p[i]};
    }
    qsort(picks, (size_t)n, sizeof *picks, by_probability);
    return n < most ? n : most;
}

static int make_lists(struct lists *l, const tt_lexprob *p, int eos, const tt_shortlist_options *o,
                      tt_err *e) {
    size_t size = (size_t)p->size, room = (size_t)o->frequent + 1, n = 0;
    for (size_t s = 0; s < size; s++)
        room += (size_t)(p->row[s].count < o->best ? p->row[s].count : o->best);
    struct pick *picks = malloc(size * sizeof *picks);
    l->offsets = calloc(size + 1, sizeof *l->offsets);
    l->ids = malloc(room * sizeof *l->ids);
    l->p = malloc(room * sizeof *l->p);
    int ok = picks && l->offsets && l->ids && l->p;
    for (int s = 0; ok && s < p->size; s++) {
        int count = choose(picks, p, s, eos, o);
        if (!o->text) qsort(picks, (size_t)count, sizeof *picks, by_id);
        for (int i = 0; i < count; i++, n++) {
            l->ids[n] = (uint32_t)picks[i].id;
            l->p[n] = (float)picks[i].p;
        }
        l->offsets[s + 1] = n;
    }
    free(picks);
    return ok ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a shortlist");
}

/* A piece with white space in it has no place in the text form. */
static bool can_be_field(const char *piece) {
    return piece && *piece && !strpbrk(piece, " \t\r\n");
}

static int write_text(const char *path, const struct lists *l, const tt_vocab *v, tt_err *e) {
    tt_output *out = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    if (!out) return e->code;
    for (int s = 0; s < tt_vocab_size(v); s++) {
        const char *src = tt_vocab_piece(v, s);
        for (uint64_t i = l->offsets[s]; i < l->offsets[s + 1]; i++) {
            const char *tgt = tt_vocab_piece(v, (int)l->ids[i]);
            char number[32];
            if (!can_be_field(src) || !can_be_field(tgt)) continue;
            int len = snprintf(number, sizeof number, " %.7g\n", (double)l->p[i]);
            tt_output_write(out, tgt, strlen(tgt), NULL);
            tt_output_write(out, " ", 1, NULL);
            tt_output_write(out, src, strlen(src), NULL);
            tt_output_write(out, number, (size_t)len, NULL);
        }
    }
    return tt_output_finish(out, e);
}

static int write_lists(const char *path, const struct lists *l, const tt_vocab *v,
                       const tt_shortlist_options *o, tt_err *e) {
    if (o->text) return write_text(path, l, v, e);
    int first = o->first, eos = tt_vocab_eos(v), size = tt_vocab_size(v);
    if (first <= eos && eos < TT_SHORTLIST_FIRST)
        first = eos + 1; /* some readers look there alone */
    if (first > size) first = size;
    return tt_shortlist_write(path, &(tt_shortlist_lists){size, first, o->best, l->offsets, l->ids},
                              e);
}

static int learn(tt_lexprob *p, const tt_shortlist_options *o, const tt_vocab *v, tt_pool *pool,
                 const tt_log *log, tt_err *e) {
    if (o->alignments && o->aligner)
        return tt_fail(e, TT_ECONFIG, "%s: alignments are given, so no aligner is to learn them",
                       o->alignments);
    if (o->alignments && o->n_sources != 1)
        return tt_fail(e, TT_ECONFIG, "%s: alignments belong to one text, %d are given",
                       o->alignments, o->n_sources);
    if (o->alignments)
        return tt_lexprob_count(p, o->sources, o->alignments, v, o->max_tokens, log, e);
    const tt_corpus_limits limits = {.max_tokens = o->max_tokens, .max_ratio = 4};
    tt_corpus *c = tt_corpus_open(o->sources, o->n_sources, v, pool, &limits, log, e);
    if (!c) return e->code;
    int rc = o->aligner ? tt_lexprob_link(p, c, tt_vocab_size(v), o->aligner, pool, log, e)
                        : tt_lexprob_train(p, c, tt_vocab_size(v), o->iterations, pool, log, e);
    tt_corpus_close(c);
    return rc;
}

int tt_shortlist_make(const char *path, const tt_shortlist_options *o, const tt_log *log,
                      tt_err *e) {
    tt_lexprob p = {0};
    struct lists l = {0};
    tt_vocab *v = tt_output_try(path, e) || tt_corpus_check(o->sources, o->n_sources, e)
                      ? NULL
                      : tt_vocab_open(o->vocab, e);
    tt_pool *pool = v ? tt_pool_open(o->threads, e) : NULL;
    int rc = pool ? learn(&p, o, v, pool, log, e) : e->code;
    tt_log_progress(log, "lists of %d tokens", v ? tt_vocab_size(v) : 0);
    if (!rc) rc = make_lists(&l, &p, tt_vocab_eos(v), o, e);
    if (!rc) rc = write_lists(path, &l, v, o, e);
    free(l.offsets);
    free(l.ids);
    free(l.p);
    tt_lexprob_free(&p);
    tt_pool_close(pool);
    tt_vocab_close(v);
    return rc;
}

/* ---- testing one --------------------------------------------------------------------------- */

static int cover_pair(tt_shortlist_cover *c, const tt_shortlist *s, const tt_corpus *text, size_t i,
                      tt_arena *a, tt_err *e) {
    int n = tt_corpus_src_len(text, i), m = tt_corpus_tgt_len(text, i), count, within = 0;
    int32_t *src = tt_arena_alloc(a, (size_t)n * sizeof *src), *words;
    int32_t *tgt = tt_arena_alloc(a, (size_t)m * sizeof *tgt);
    if (!src || !tgt) return tt_fail(e, TT_ENOMEM, "out of memory for a pair of sentences");
    tt_corpus_src(text, i, src);
    tt_corpus_tgt(text, i, tgt);
    TT_TRY(tt_shortlist_words(s, src, n, a, &words, &count, e));
    for (int k = 0; k < m; k++) {
        int lo = 0, hi = count;
        while (hi - lo > 1) {
            int mid = lo + (hi - lo) / 2;
            if (words[mid] <= tgt[k]) lo = mid;
            else hi = mid;
        }
        within += words[lo] == tgt[k];
    }
    c->tokens += (size_t)m;
    c->covered += (size_t)within;
    c->whole += within == m;
    c->words += (double)count;
    return 0;
}

static int cover(tt_shortlist_cover *c, const tt_shortlist *s, const tt_corpus *text, tt_err *e) {
    tt_arena *a = tt_arena_open(0, e);
    int rc = a ? 0 : e->code;
    *c = (tt_shortlist_cover){.pairs = tt_corpus_pairs(text)};
    for (size_t i = 0; !rc && i < c->pairs; i++) {
        tt_arena_reset(a);
        rc = cover_pair(c, s, text, i, a, e);
    }
    c->words /= (double)c->pairs;
    tt_arena_close(a);
    return rc;
}

int tt_shortlist_test(const char *path, const tt_shortlist_options *o, tt_shortlist_cover *c,
                      const tt_log *log, tt_err *e) {
    const tt_corpus_limits limits = {.max_tokens = o->max_tokens};
    tt_corpus *text = NULL;
    tt_vocab *v = tt_vocab_open(o->vocab, e);
    tt_pool *pool = v ? tt_pool_open(o->threads, e) : NULL;
    tt_shortlist *s = pool ? tt_shortlist_open(path, v, v, 0, 0, e) : NULL;
    if (s) text = tt_corpus_open(o->sources, o->n_sources, v, pool, &limits, log, e);
    int rc = text ? cover(c, s, text, e) : e->code;
    tt_corpus_close(text);
    tt_shortlist_close(s);
    tt_pool_close(pool);
    tt_vocab_close(v);
    return rc;
}
