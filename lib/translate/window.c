/* window.c: see window.h. Nothing that a line becomes depends on its window; what stands before it
 * counts for models that read documents, whichever window it was in. Batches are only
 * cut so that all workers have something to do, the longest first, so that none is left with a long
 * one.
 */
#include "translate/window.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/rng.h"
#include "translate/holds.h"
#include "translate/inset.h"
#include "translate/rendition.h"
#include "translate/restore.h"
#include "translate/translator.h"

enum {
    LEAST_TOKENS = 64, /* a batch smaller than this is not worth another worker */
    LEAST_ROWS = 24, /* hypotheses that a step has, if that does not take too many tokens: products
                        are slower with fewer; */
    ROUNDS = 4 /* but where every worker has no more batches than these, even shares matter more */
};

/* ---- the three passes ------------------------------------------------------------------------ */

/* The worker, about to take an item; or NULL when it has failed at an earlier one. */
static struct worker *begin(tt_translator *t, int worker, size_t item) {
    struct worker *w = &t->workers[worker];
    if (w->err.code) return NULL;
    w->item = item;
    return w;
}

/* A line of two texts, or a message that names the line. */
static int make_both(const tt_translator *t, tt_sentences *made, const tt_item *x,
                     tt_translate_stats *stats, struct worker *w) {
    size_t len = x->source.len;
    if (!t->o.json && len && x->source.text[len - 1] == '\r') len--;
    if (!tt_sentences_both(made, t->source, x->source.text, len, t->limit, w->arena, stats,
                           &w->err))
        return 0;
    return tt_err_context(&w->err, "line %zu", x->number + 1);
}

/* A pair is one part, or none where a side is too long for the model. */
static int encode_pair(const tt_translator *t, struct line *l, const tt_item *x, struct worker *w) {
    tt_translate_stats *stats = &w->stats;
    int most = t->reach;
    l->parts = tt_arena_alloc(w->arena, sizeof *l->parts);
    if (!l->parts) return tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
    stats->words += tt_sentence_words(x->source.text, x->source.len);
    if (t->texts == 2) {
        tt_sentences both;
        TT_TRY(make_both(t, &both, x, &w->stats, w));
        if (both.count) *l->parts = both.parts[0];
        else *l->parts = (tt_sentence){.gap = ""};
        stats->sentences -= both.count;
        stats->source_tokens -= both.count ? (size_t)both.parts[0].count : 0;
    } else {
        TT_TRY(tt_sentence_whole(l->parts, t->source, x->source.text, x->source.len, most, w->arena,
                                 stats, &w->err));
    }
    TT_TRY(tt_sentence_whole(&l->target, t->target, x->target.text, x->target.len, most, w->arena,
                             stats, &w->err));
    l->count = l->parts->count && l->target.count;
    stats->sentences += l->count;
    stats->source_tokens += l->count ? (size_t)l->parts->count : 0;
    stats->unscored += !l->count;
    return 0;
}

/* A carriage return at the end is the layout's. What a translation has to begin with belongs to the
   whole line, which then is one sentence if it fits. */
static int encode_line(const tt_translator *t, struct line *l, const tt_item *x, struct worker *w) {
    const int whole = t->o.split == TT_SPLIT_NONE || t->o.prefix_text || x->target.len;
    const tt_cutting how = {t->source,  t->limit,      whole ? TT_SPLIT_NONE : TT_SPLIT_SENTENCE,
                            t->o.keep,  t->o.capitals, t->patterns,
                            t->standins};
    size_t len = x->source.len;
    tt_sentences made;
    if (!t->o.json && len && x->source.text[len - 1] == '\r') len--;
    if (t->texts == 2 && x->format)
        return tt_fail(&w->err, TT_EDATA, "the model reads two texts, which no document has");
    if (t->texts == 2) {
        TT_TRY(make_both(t, &made, x, &w->stats, w));
    } else if (x->format) {
        TT_TRY(tt_inset_read(&l->inset, &made, x->format, t->o.to, &how, x->source, w->arena,
                             &w->stats, &w->err));
    } else {
        TT_TRY(tt_sentences_make(&made, &how, x->source.text, len, w->arena, &w->stats, &w->err));
    }
    l->lead = made.lead;
    l->parts = made.parts;
    l->count = made.count;
    return 0;
}

/* What the line's parts must contain. */
static int encode_terms(const tt_translator *t, struct line *l, const tt_item *x,
                        struct worker *w) {
    const tt_glossary *g = t->glossary;
    if (!g || x->wrong) return 0;
    if (x->n_terms && t->o.sampling)
        return tt_fail(&w->err, TT_EDATA, "sampling has no beam: no glossary with it");
    if (x->n_terms)
        TT_TRY(tt_glossary_of(&g, t->glossary, x->terms, x->n_terms, w->arena, &w->err));
    l->terms = tt_arena_alloc(w->arena, l->count * sizeof *l->terms);
    if (!l->terms) return tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
    for (size_t i = 0; i < l->count; i++)
        TT_TRY(tt_glossary_find(&l->terms[i], g, t->source, &l->parts[i], w->arena, &w->err));
    return 0;
}

/* What the line's translation begins with, and what its parts must contain. */
static int encode_wishes(const tt_translator *t, struct line *l, const tt_item *x,
                         struct worker *w) {
    const char *given = t->o.prefix_text;
    tt_span text = given ? (tt_span){given, strlen(given)} : x->target;
    if (t->o.prefix && text.len && l->count) {
        TT_TRY(tt_sentence_whole(&l->target, t->target, text.text, text.len, t->reach - 1, w->arena,
                                 &w->stats, &w->err));
        if (!l->target.count)
            return tt_fail(&w->err, TT_EDATA,
                           "the prefix of line %zu has %d tokens or more: expected fewer",
                           x->number + 1, t->reach - 1);
        l->target.count--; /* it goes on */
    }
    return encode_terms(t, l, x, w);
}

/* A wish of a JSON line that cannot be granted becomes its answer. */
static int answer(struct line *l, tt_item *x, struct worker *w) {
    if (w->err.code != TT_EDATA || !x->n_terms) return w->err.code;
    char *wrong = tt_arena_text(w->arena, w->err.msg, strlen(w->err.msg));
    if (!wrong) return tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
    w->err = (tt_err){0};
    x->wrong = wrong;
    *l = (struct line){.lead = {"", 0}};
    w->stats.bad_json++;
    return 0;
}

static void prepare(void *ctx, size_t item, int worker) {
    tt_translator *t = ctx;
    struct worker *w = begin(t, worker, item);
    struct line *l = &t->lines[item];
    tt_item *x = &t->items[item];
    if (!w) return;
    const int rc =
        t->o.pairs ? encode_pair(t, l, x, w) : encode_line(t, l, x, w) || encode_wishes(t, l, x, w);
    if (rc && answer(l, x, w)) return;
    w->stats.lines++;
    w->stats.blank += !l->count && !t->o.pairs && !tt_sentence_words(l->lead.text, l->lead.len);
    l->hyps = tt_arena_alloc(w->arena, l->count * sizeof *l->hyps);
    l->faults = tt_arena_zero(w->arena, l->count * sizeof *l->faults);
    if (!l->hyps || !l->faults) tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
}

/* Who has no batch helps those who have one, the least helped first, until all are done. */
static void help(void *ctx, int worker) {
    tt_translator *t = ctx;
    while (atomic_load(&t->unfinished)) {
        tt_team *team = NULL;
        for (int i = 0, least = 0; i < t->o.threads; i++) {
            int helpers = tt_team_helpers(t->workers[i].team);
            if (helpers < 0 || (team && helpers >= least)) continue;
            team = t->workers[i].team;
            least = helpers;
        }
        if (!team) sched_yield();
        else tt_team_help(team, t->workers[worker].run.work);
    }
}

static void run_batch(void *ctx, size_t item, int worker) {
    tt_translator *t = ctx;
    struct worker *w = begin(t, worker, item);
    const struct batch *b = &t->batches[item];
    if (w) {
        if (w->team) tt_team_gather(w->run.team = w->team);
        const tt_job *jobs = t->jobs + b->first;
        if (t->turn < 0)
            tt_jobs_run(jobs, b->count, &t->how, &w->run, w->arena, &w->stats, &w->err);
        else tt_jobs_again(jobs, b->count, t->turn, &t->how, &w->run, w->arena, &w->stats, &w->err);
        if (w->team) tt_team_dismiss(w->team);
    }
    atomic_fetch_sub(&t->unfinished, 1);
}

/* A filter gives back the pairs that are good enough, as one line each. */
static void keep_pair(tt_item *x, int good, int apart, struct worker *w) {
    size_t len = x->line.len + (apart ? 1 + x->target.len : 0) + 1;
    x->out = "";
    x->out_len = 0;
    w->stats.dropped += !good;
    if (!good) return;
    char *out = tt_arena_alloc(w->arena, len);
    if (!out) {
        tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
        return;
    }
    memcpy(out, x->line.text, x->line.len);
    if (apart) {
        out[x->line.len] = '\t';
        memcpy(out + x->line.len + 1, x->target.text, x->target.len);
    }
    out[len - 1] = '\n';
    x->out = out;
    x->out_len = len;
}

/* Puts back what the sentence held, in every hypothesis. */
static int give_back(tt_translator *t, const tt_sentence *s, tt_hyps *hyps, struct worker *w) {
    /* others may share the old ones */
    tt_hyp *own = tt_arena_alloc(w->arena, (size_t)hyps->count * sizeof *own);
    if (!own) return tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
    for (int i = 0; i < hyps->count; i++) {
        tt_said *said = tt_arena_alloc(w->arena, sizeof *said);
        if (!said) return tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
        own[i] = hyps->hyp[i];
        TT_TRY(tt_words_text(said, t->source, t->target, s, &own[i], t->o.replace_unk, 1, w->arena,
                             &w->err));
        TT_TRY(tt_restore_holds(said, t->source, s, &own[i], w->arena, &w->err));
        own[i].said = said;
    }
    hyps->hyp = own;
    return 0;
}

static void lay_out(void *ctx, size_t item, int worker) {
    tt_translator *t = ctx;
    struct worker *w = begin(t, worker, item);
    const struct line *l = &t->lines[item];
    tt_item *x = &t->items[item];
    if (!w) return;
    if (t->o.filter) {
        keep_pair(x, l->count && l->hyps->hyp->score >= t->o.least, t->o.targets != NULL, w);
        return;
    }
    for (size_t i = 0; i < l->count && !t->o.pairs; i++)
        if ((l->parts[i].plain.count || l->parts[i].plain.raised) &&
            give_back(t, &l->parts[i], &l->hyps[i], w))
            return;
    const char *tail = x->line.len && x->line.text[x->line.len - 1] == '\r' ? "\r" : "";
    tt_outbuf out = {.a = w->arena};
    const tt_layout_line line = {x->number, x->id,     x->id_is_number, x->n_best, x->alternatives,
                                 x->more,   x->n_more, x->wrong,        l->inset,  l->lead,
                                 l->parts,  l->hyps,   l->faults,       l->count,  tail};
    if (t->o.links && tt_rendition_make(&x->made, &t->layout, &line, 0, w->arena, &w->err)) return;
    if (tt_layout_put(&out, &t->layout, &line, &w->err)) return;
    x->out = out.p;
    x->out_len = out.len;
}

/* ---- a window -------------------------------------------------------------------------------- */

/* Equal sentences side by side, the first of the window before the others. */
static int equal_together(const void *a, const void *b) {
    const tt_job *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static int longest_first(const void *a, const void *b) {
    const tt_job *x = a, *y = b;
    if (!x->same != !y->same) return x->same ? 1 : -1;
    if (x->n_best != y->n_best) return x->n_best < y->n_best ? -1 : 1;
    if (x->tokens != y->tokens) return x->tokens > y->tokens ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

/* 1 if its translation may be that of an equal sentence. Not where more is asked than its text. */
static bool is_plain(const tt_job *j) {
    return !j->prefix.count && !j->terms && !j->target && !j->n_best;
}

/* 1 if both are searched in the same way. */
static bool is_same(const tt_job *a, const tt_job *b) {
    return is_plain(a) && a->aligned == b->aligned && tt_recall_same(a->source, b->source);
}

/* 1 if its sentence is remembered, with the alignment where that is needed. */
static int remembered(const tt_translator *t, tt_job *j) {
    tt_hyps found;
    unsigned faults;
    if (!is_plain(j) || !tt_recall_find(&found, &faults, t->recall, j->source)) return 0;
    if (j->aligned && !found.hyp->alignment) return 0;
    *j->out = found;
    *j->faults = faults;
    return 1;
}

/* Jobs that equal an earlier one, or a sentence that is remembered, need no search. */
static void find_equal(tt_translator *t, size_t count) {
    tt_job *jobs = t->jobs;
    for (size_t i = 0; i < count; i++)
        jobs[i].hash = is_plain(&jobs[i]) ? tt_recall_hash(jobs[i].source) : jobs[i].index;
    qsort(jobs, count, sizeof *jobs, equal_together);
    for (size_t i = 0, first = 0; i < count; i++) {
        if (!i || jobs[i].hash != jobs[first].hash || !is_plain(&jobs[first])) first = i;
        const tt_job *from = i > first && is_same(&jobs[i], &jobs[first]) ? &jobs[first]
                             : remembered(t, &jobs[i])                    ? &jobs[i]
                                                                          : NULL;
        if (!from) continue;
        jobs[i].same = from->out;
        jobs[i].same_faults = from->faults;
    }
}

/* Hypotheses that a line asks for, as far as the beam goes. */
static int n_best_of(const tt_translator *t, const tt_item *x) {
    const int want = x->n_best > x->alternatives + 1 ? x->n_best
                     : x->alternatives               ? x->alternatives + 1
                                                     : x->n_best;
    return want > t->search.n_best ? (want < t->search.beam ? want : t->search.beam) : 0;
}

/* All parts of the window's lines as jobs, those to be searched first; *tokens: of these. Returns
   how many, or a code. */
static long gather(tt_translator *t, size_t n, size_t *tokens, tt_err *e) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += t->lines[i].count;
    t->jobs = tt_arena_alloc(t->arena, count * sizeof *t->jobs);
    t->batches = tt_arena_alloc(t->arena, count * sizeof *t->batches);
    if (!t->jobs || !t->batches) return tt_fail(e, TT_ENOMEM, "out of memory for %zu lines", n);
    tt_job *j = t->jobs;
    *tokens = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < t->lines[i].count; p++, j++) {
            struct line *l = &t->lines[i];
            *j = (tt_job){.source = &l->parts[p], .out = &l->hyps[p], .faults = &l->faults[p]};
            j->index = (size_t)(j - t->jobs);
            j->tokens = (size_t)l->parts[p].count;
            j->key = tt_key(tt_key(t->o.seed, t->items[i].number), p);
            j->terms = l->terms ? l->terms[p] : NULL;
            if (l->before) j->before = l->before + p * (size_t)t->context;
            if (l->before) j->n_before = l->n_before[p];
            j->n_best = n_best_of(t, &t->items[i]);
            j->aligned = l->inset || j->terms || tt_holds_need_places(&l->parts[p].plain);
            if (t->o.pairs) {
                j->target = &l->target;
                j->tokens += (size_t)l->target.count;
            } else if (!p) {
                j->prefix = l->target;
            }
            *tokens += j->tokens;
        }
    if (count && t->recall) find_equal(t, count);
    if (count) qsort(t->jobs, count, sizeof *t->jobs, longest_first);
    t->jobs_count = t->searched = count;
    while (t->searched && t->jobs[t->searched - 1].same) *tokens -= t->jobs[--t->searched].tokens;
    return (long)t->searched;
}

/* Gives equal sentences what was found for one of them. */
static void hand_out(tt_translator *t) {
    for (size_t i = t->searched; i < t->jobs_count; i++) {
        *t->jobs[i].out = *t->jobs[i].same;
        *t->jobs[i].faults = *t->jobs[i].same_faults;
    }
    t->workers->stats.recalled += t->jobs_count - t->searched;
}

static void remember(tt_translator *t) {
    for (size_t i = 0; t->recall && i < t->searched; i++)
        if (is_plain(&t->jobs[i]))
            tt_recall_keep(t->recall, t->jobs[i].source, t->jobs[i].out, *t->jobs[i].faults);
}

/* Cuts the sorted jobs (count) into batches. What a batch needs of memory, and of the processor's
   caches, are the keys and values of its hypotheses, so a token counts once for each of them, and
   those of a large model fill a batch by their bytes, of which it may have twice as many up to
   LEAST_ROWS. Returns the number of batches. */
static size_t plan(tt_translator *t, size_t count, size_t tokens) {
    size_t batches = 0, used = 0, room = 0;
    /* tokens of a batch for every worker */
    const size_t words = (size_t)t->o.mini_batch_words, round = t->share * (size_t)t->o.threads;
    /* even shares of whole rounds */
    size_t most = tokens / ((tokens / round + 1) * (size_t)t->o.threads) + 1;
    if (most < LEAST_TOKENS) most = LEAST_TOKENS;
    if (most > t->share) most = t->share;
    const size_t rows = t->width > 1 && tokens > ROUNDS * round ? LEAST_ROWS : 0;
    for (size_t i = 0; i < count; i++) {
        const size_t length = t->jobs[i].tokens, more = tt_translator_room(t, t->jobs[i].tokens);
        struct batch *b = batches ? &t->batches[batches - 1] : NULL;
        const size_t followed = b ? b->count * (size_t)t->width : 0;
        const int alike = b && t->jobs[b->first].n_best == t->jobs[i].n_best;
        const int small = alike && b->count < (size_t)t->o.mini_batch &&
                          used + length <= (followed >= rows ? most : words);
        if (!small || room + more > (followed < LEAST_ROWS ? 2 * t->room : t->room)) {
            t->workers->stats.smaller += (size_t)small;
            b = &t->batches[batches++];
            *b = (struct batch){i, 0};
            used = room = 0;
        }
        b->count++;
        used += length;
        room += more;
    }
    return batches;
}

/* Of several failures that at the first item is told: which it is does not depend on the
   workers. */
static int run_pass(tt_translator *t, size_t n, tt_pool_fn *pass, tt_pool_spare *spare, tt_err *e) {
    const struct worker *first = NULL;
    tt_pool_run_helped(t->pool, n, pass, spare, t);
    for (int i = 0; i < t->o.threads; i++) {
        const struct worker *w = &t->workers[i];
        if (w->err.code && (!first || w->item < first->item)) first = w;
    }
    if (!first) return 0;
    if (e) *e = first->err;
    return first->err.code;
}

static void add_stats(tt_translate_stats *sum, const tt_translate_stats *s) {
    sum->lines += s->lines;
    sum->blank += s->blank;
    sum->words += s->words;
    sum->sentences += s->sentences;
    sum->source_tokens += s->source_tokens;
    sum->recalled += s->recalled;
    sum->split += s->split;
    sum->bad_json += s->bad_json;
    sum->bad_utf8 += s->bad_utf8;
    sum->nul += s->nul;
    sum->cut += s->cut;
    sum->unscored += s->unscored;
    sum->dropped += s->dropped;
    sum->batches += s->batches;
    sum->smaller += s->smaller;
    sum->retried += s->retried;
    sum->mended += s->mended;
}

/* Adds a term's name to those that a message tells, if there is room and it is not there. */
static void name_unmet(tt_translate_stats *stats, const char *name) {
    enum { MOST = sizeof stats->unmet_terms / sizeof *stats->unmet_terms };
    int i = 0;
    while (i < MOST && stats->unmet_terms[i][0] &&
           strncmp(stats->unmet_terms[i], name, sizeof stats->unmet_terms[i] - 1))
        i++;
    if (i == MOST || stats->unmet_terms[i][0]) return;
    size_t n = strlen(name);
    if (n >= sizeof stats->unmet_terms[i]) n = sizeof stats->unmet_terms[i] - 1;
    while (n > 0 && tt_utf8_inside(name[n])) n--;
    memcpy(stats->unmet_terms[i], name, n);
    stats->unmet_terms[i][n] = 0;
}

/* Counts the terms that the best translation of each part lacks, in the order of the lines. */
static void count_unmet(const tt_translator *t, size_t n, tt_translate_stats *stats) {
    unsigned char found[TT_TERMS_MAX];
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < t->lines[i].count; p++) {
            const tt_terms *terms = t->lines[i].terms ? t->lines[i].terms[p] : NULL;
            if (!terms) continue;
            const tt_hyp *h = t->lines[i].hyps[p].hyp;
            const int met = tt_terms_find(terms, h->ids, h->count - 1, found, NULL);
            stats->unmet += (size_t)(terms->count - met + terms->left_out);
            for (int k = 0; k < terms->count; k++)
                if (!found[k]) name_unmet(stats, terms->term[k].name);
        }
}

static int run_batches(tt_translator *t, size_t batches, tt_err *e) {
    atomic_store(&t->unfinished, batches);
    return run_pass(t, batches, run_batch, t->o.threads > 1 ? help : NULL, e);
}

/* Jobs under suspicion, of all batches together: alone they would take as long as a batch. */
static int search_again(tt_translator *t, const tt_job *all, size_t count, tt_err *e) {
    for (t->turn = 0; t->turn < TT_TURN_COUNT; t->turn++) {
        size_t n = 0, tokens = 0;
        for (size_t i = 0; i < count; i++) n += (size_t)tt_job_suspected(&all[i], t->turn, &t->how);
        if (!n) continue;
        t->jobs = tt_arena_alloc(t->arena, n * sizeof *t->jobs);
        if (!t->jobs) return tt_fail(e, TT_ENOMEM, "out of memory for %zu sentences", n);
        n = 0;
        for (size_t i = 0; i < count; i++)
            if (tt_job_suspected(&all[i], t->turn, &t->how)) {
                tokens += all[i].tokens;
                t->jobs[n++] = all[i];
            }
        TT_TRY(run_batches(t, plan(t, n, tokens), e));
    }
    return 0;
}

/* All parts of the window's lines, searched or scored. */
static int work(tt_translator *t, size_t n, tt_translate_stats *stats, tt_err *e) {
    size_t tokens = 0;
    const long count = gather(t, n, &tokens, e);
    if (count < 0) return (int)count;
    tt_job *all = t->jobs;
    t->turn = -1;
    TT_TRY(run_batches(t, plan(t, (size_t)count, tokens), e));
    TT_TRY(search_again(t, all, (size_t)count, e));
    t->jobs = all;
    hand_out(t);
    tt_jobs_count(all, t->jobs_count, stats);
    return 0;
}

/* Tells each part of the window's lines what stands before it. A document in a line is one of its
   own; a line without anything to translate is no part of one. */
static int link_parts(tt_translator *t, size_t n, tt_err *e) {
    for (size_t i = 0; t->history && i < n; i++) {
        struct line *l = &t->lines[i];
        const tt_item *x = &t->items[i];
        const int blank = !tt_sentence_words(x->source.text, x->source.len);
        if (l->inset || blank) tt_history_end(t->history);
        l->before = tt_arena_alloc(t->arena, l->count * (size_t)t->context * sizeof *l->before);
        l->n_before = tt_arena_alloc(t->arena, l->count * sizeof *l->n_before);
        if (!l->before || !l->n_before) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
        for (size_t p = 0; p < l->count; p++) {
            l->n_before[p] = tt_history_tell(t->history, l->before + p * (size_t)t->context);
            tt_history_add(t->history, l->parts[p].ids, l->parts[p].count);
        }
        if (l->inset || blank) tt_history_end(t->history);
    }
    return 0;
}

static int run_window(tt_translator *t, tt_item *items, size_t n, tt_translate_stats *stats,
                      tt_err *e) {
    tt_arena_reset(t->arena);
    for (int i = 0; i < t->o.threads; i++) {
        tt_arena_reset(t->workers[i].arena);
        t->workers[i].stats = (tt_translate_stats){0};
        t->workers[i].err.code = 0;
    }
    for (size_t i = 0; i < n; i++) items[i].out = NULL;
    t->items = items;
    t->lines = tt_arena_zero(t->arena, n * sizeof *t->lines);
    if (!t->lines) return tt_fail(e, TT_ENOMEM, "out of memory for %zu lines", n);
    TT_TRY(run_pass(t, n, prepare, NULL, e));
    TT_TRY(link_parts(t, n, e));
    TT_TRY(work(t, n, stats, e));
    TT_TRY(run_pass(t, n, lay_out, NULL, e));
    if (t->history) TT_TRY(tt_history_keep(t->history, e));
    remember(t);
    for (int i = 0; i < t->o.threads; i++) add_stats(stats, &t->workers[i].stats);
    if (t->glossary) count_unmet(t, n, stats);
    return 0;
}

/* What was borrowed from a window that failed is forgotten. */
int tt_translate_window(tt_translator *t, tt_item *items, size_t n, tt_translate_stats *stats,
                        tt_err *e) {
    const int rc = run_window(t, items, n, stats, e);
    if (rc) tt_translator_begin(t);
    return rc;
}

int tt_translate_line(tt_translator *t, const char *text, size_t text_len, const char **out,
                      size_t *len, tt_err *e) {
    tt_item item = {.line = {text, text_len}, .source = {text, text_len}};
    tt_translate_stats stats = {0};
    if (t->o.pairs || t->o.json)
        return tt_fail(e, TT_EUSAGE, "a translator of pairs or JSON takes files, not single lines");
    TT_TRY(tt_translate_window(t, &item, 1, &stats, e));
    *out = item.out;
    *len = item.out_len;
    return 0;
}
