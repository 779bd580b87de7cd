/* translate.c: see translate.h. Nothing that a line becomes depends on its window: batches are only
 * cut so that all workers have something to do, the longest first, so that none is left with a long
 * one.
 */
#include "search/translate.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "search/translator.h"

enum {
    LEAST_TOKENS = 64, /* a batch smaller than this is not worth another worker */
    LEAST_ROWS = 24,   /* hypotheses that a step has, if that does not take too many tokens: products are slower with fewer; */
    ROUNDS = 4         /* but where every worker has no more batches than these, even shares matter more */
};

/* ---- the three passes ---------------------------------------------------------------------- */

/* The worker, about to take an item; or NULL when it has failed at an earlier one. */
static struct worker *begin(tt_translator *t, int worker, size_t item) {
    struct worker *w = &t->workers[worker];
    if (w->err.code) return NULL;
    w->item = item;
    return w;
}

/* A pair is one part, or none where a side is too long for the model. */
static int encode_pair(const tt_translator *t, struct line *l, const tt_item *x, struct worker *w) {
    tt_translate_stats *stats = &w->stats;
    int most = t->reach;
    l->parts = tt_arena_alloc(w->arena, sizeof *l->parts);
    if (!l->parts) return tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
    stats->words += tt_sentence_words(x->source.text, x->source.len);
    TT_TRY(tt_sentence_whole(l->parts, t->source, x->source.text, x->source.len, most, w->arena,
                             stats, &w->err));
    TT_TRY(tt_sentence_whole(&l->target, t->target, x->target.text, x->target.len, most, w->arena,
                             stats, &w->err));
    l->count = l->parts->count && l->target.count;
    stats->sentences += l->count;
    stats->source_tokens += l->count ? (size_t)l->parts->count : 0;
    stats->unscored += !l->count;
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
    if (!t->glossary) return 0;
    l->terms = tt_arena_alloc(w->arena, l->count * sizeof *l->terms);
    if (!l->terms) return tt_fail(&w->err, TT_ENOMEM, "out of memory for a line");
    for (size_t i = 0; i < l->count; i++)
        TT_TRY(tt_glossary_find(&l->terms[i], t->glossary, l->parts[i].text, l->parts[i].len,
                                w->arena, &w->err));
    return 0;
}

static void prepare(void *ctx, size_t item, int worker) {
    tt_translator *t = ctx;
    struct worker *w = begin(t, worker, item);
    struct line *l = &t->lines[item];
    const tt_item *x = &t->items[item];
    if (!w) return;
    if (t->o.pairs ? encode_pair(t, l, x, w)
                   : tt_sentences_make(&l->parts, &l->count, t->source, x->source.text,
                                       x->source.len, t->limit, w->arena, &w->stats, &w->err) ||
                         encode_wishes(t, l, x, w))
        return;
    w->stats.lines++;
    w->stats.blank += !l->count && !t->o.pairs;
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
        if (t->turn < 0) tt_jobs_run(jobs, b->count, &t->how, &w->run, w->arena, &w->stats, &w->err);
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
    const char *tail = x->line.len && x->line.text[x->line.len - 1] == '\r' ? "\r" : "";
    tt_outbuf out = {.a = w->arena};
    const tt_layout_line line = {x->number, x->id, x->id_is_number, l->parts, l->hyps, l->faults, l->count, tail};
    if (tt_layout_put(&out, &t->layout, &line, &w->err)) return;
    x->out = out.p;
    x->out_len = out.len;
}

/* ---- a window ------------------------------------------------------------------------------ */

static int longest_first(const void *a, const void *b) {
    const tt_job *x = a, *y = b;
    if (x->tokens != y->tokens) return x->tokens > y->tokens ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

/* All parts of the window's lines as jobs; *tokens: of all. Returns how many, or a code. */
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
            if (t->o.pairs) {
                j->target = &l->target;
                j->tokens += (size_t)l->target.count;
            } else if (!p) {
                j->prefix = l->target;
            }
            *tokens += j->tokens;
        }
    if (count) qsort(t->jobs, count, sizeof *t->jobs, longest_first);
    return (long)count;
}

/* Cuts the sorted jobs (count) into batches. What a batch needs of memory, and of the processor's caches, are
   the keys and values of its hypotheses, so a token counts once for each of them, and those of a large model fill a batch
   by their bytes, of which it may have twice as many up to LEAST_ROWS. Returns the number of batches. */
static size_t plan(tt_translator *t, size_t count, size_t tokens) {
    const size_t wide = t->turn < 0 ? 1 : (size_t)tt_jobs_widen(&t->how);
    size_t batches = 0, used = 0, room = 0;
    tokens *= wide;
    const size_t words = (size_t)t->o.mini_batch_words, round = t->share * (size_t)t->o.threads; /* tokens of a batch for every worker */
    size_t most = tokens / ((tokens / round + 1) * (size_t)t->o.threads) + 1; /* even shares of whole rounds */
    if (most < LEAST_TOKENS) most = LEAST_TOKENS;
    if (most > t->share) most = t->share;
    const size_t width = wide * (size_t)t->width, rows = width > 1 && tokens > ROUNDS * round ? LEAST_ROWS : 0;
    for (size_t i = 0; i < count; i++) {
        const size_t length = t->jobs[i].tokens * wide, more = tt_translator_room(t, t->jobs[i].tokens) * wide;
        struct batch *b = batches ? &t->batches[batches - 1] : NULL;
        const size_t followed = b ? b->count * width : 0;
        const int small = b && b->count < (size_t)t->o.mini_batch && used + length <= (followed >= rows ? most : words);
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

/* Of several failures that at the first item is told: which it is does not depend on the workers. */
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
    sum->split += s->split;
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

static int run_batches(tt_translator *t, size_t batches, tt_err *e) {
    atomic_store(&t->unfinished, batches);
    return run_pass(t, batches, run_batch, t->o.threads > 1 ? help : NULL, e);
}

/* Jobs under suspicion, of all batches together: alone they would take as long as a batch. */
static int search_again(tt_translator *t, const tt_job *all, size_t count, tt_err *e) {
    for (t->turn = 0; t->turn < TT_TURN_COUNT; t->turn++) {
        size_t n = 0, tokens = 0;
        for (size_t i = 0; i < count; i++) n += (size_t)tt_job_suspected(&all[i], t->turn);
        if (!n) continue;
        t->jobs = tt_arena_alloc(t->arena, n * sizeof *t->jobs);
        if (!t->jobs) return tt_fail(e, TT_ENOMEM, "out of memory for %zu sentences", n);
        n = 0;
        for (size_t i = 0; i < count; i++)
            if (tt_job_suspected(&all[i], t->turn)) {
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
    if (count <= 0) return (int)count;
    const tt_job *all = t->jobs;
    t->turn = -1;
    TT_TRY(run_batches(t, plan(t, (size_t)count, tokens), e));
    TT_TRY(search_again(t, all, (size_t)count, e));
    tt_jobs_count(all, (size_t)count, stats);
    return 0;
}

int tt_translate_window(tt_translator *t, tt_item *items, size_t n, tt_translate_stats *stats,
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
    TT_TRY(work(t, n, stats, e));
    TT_TRY(run_pass(t, n, lay_out, NULL, e));
    for (int i = 0; i < t->o.threads; i++) add_stats(stats, &t->workers[i].stats);
    return 0;
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
