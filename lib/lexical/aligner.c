/* aligner.c: see aligner.h. The E step is cut by sentences into SHARDS; sums of doubles are a
 * shard's own and are added up in their order, those that many shards share are whole numbers. Of a
 * pair, all cells are looked up once; their places are kept until the posteriors are counted.
 */
#include "lexical/aligner.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 128 };
#define UNSEEN 1e-9f /* the least probability of a word: of those that were never opposite, too */
#define DROP 1e-7    /* cells of less are dropped after each stage */

void tt_align_work_free(tt_align_work *w) {
    free(w->e[0]);
    free(w->e[1]);
    free(w->work);
    free(w->cell);
    *w = (tt_align_work){0};
}

static int reserve(tt_align_work *w, int n, int m, tt_err *e) {
    const size_t cells = (size_t)(n + 1) * (size_t)(m + 1), forth = tt_posterior_work(n, m),
                 back = tt_posterior_work(m, n);
    if (cells > w->cells) {
        free(w->e[0]);
        free(w->e[1]);
        free(w->cell);
        w->cells = 2 * cells;
        for (int d = 0; d < 2; d++) w->e[d] = malloc(w->cells * sizeof *w->e[d]);
        w->cell = malloc(w->cells * sizeof *w->cell);
    }
    if (forth > w->floats || back > w->floats) {
        free(w->work);
        w->floats = 2 * (forth > back ? forth : back);
        w->work = malloc(w->floats * sizeof *w->work);
    }
    if (w->e[0] && w->e[1] && w->work && w->cell) return 0;
    tt_align_work_free(w);
    return tt_fail(e, TT_ENOMEM, "out of memory for %d by %d words", n, m);
}

static float at_least(float p) { return p > UNSEEN ? p : UNSEEN; }

static bool is_known(const tt_pairtable *t, int side, int32_t id) {
    return id >= 0 && id < t->size[side];
}

/* e[0] (m, n + 1) and e[1] (n, m + 1) from the table, and the cells (n, m). */
static void look_up(const tt_pairtable *t, tt_align_work *w, const int32_t *src, int n,
                    const int32_t *tgt, int m) {
    for (int j = 0; j < n; j++) {
        float *back = w->e[1] + (size_t)j * (size_t)(m + 1);
        const int known = is_known(t, 0, src[j]);
        for (int i = 0; i < m; i++) {
            tt_pair_cell *c =
                known && is_known(t, 1, tgt[i]) ? tt_pairtable_find(t, src[j], tgt[i]) : NULL;
            w->cell[(size_t)j * (size_t)m + (size_t)i] = c;
            w->e[0][(size_t)i * (size_t)(n + 1) + (size_t)j] = at_least(c ? c->p[0] : 0);
            back[i] = at_least(c ? c->p[1] : 0);
        }
        back[m] = at_least(known ? t->null_p[1][src[j]] : 0);
    }
    for (int i = 0; i < m; i++)
        w->e[0][(size_t)i * (size_t)(n + 1) + (size_t)n] =
            at_least(is_known(t, 1, tgt[i]) ? t->null_p[0][tgt[i]] : 0);
}

/* Rows of one direction, e (m, n + 1), by what both directions find likely: γ(i, j) becomes its
   product with the other's, that of the empty word its product with the chance that no word of the
   other side claims i; rows sum to 1 again. alone (m): these chances. */
static void agree_rows(float *e, const float *product, size_t down, size_t across,
                       const float *alone, int n, int m) {
    for (int i = 0; i < m; i++) {
        float *row = e + (size_t)i * (size_t)(n + 1), sum = row[n] *= alone[i];
        for (int j = 0; j < n; j++) sum += row[j] = product[(size_t)i * down + (size_t)j * across];
        const float one = sum > 1e-20f ? 1 / sum : 0;
        for (int j = 0; j <= n; j++) row[j] *= one;
    }
}

/* What both directions agree on, in both; products (n, m) and chances go to w->work. */
static void agree(tt_align_work *w, int n, int m) {
    float *product = w->work, *alone[2] = {product + (size_t)n * (size_t)m,
                                           product + (size_t)n * (size_t)m + (size_t)m};
    for (int i = 0; i < m; i++) alone[0][i] = 1;
    for (int j = 0; j < n; j++) alone[1][j] = 1;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < m; i++) {
            const float forth = w->e[0][(size_t)i * (size_t)(n + 1) + (size_t)j],
                        back = w->e[1][(size_t)j * (size_t)(m + 1) + (size_t)i];
            product[(size_t)j * (size_t)m + (size_t)i] = forth * back;
            alone[0][i] *= back < 1 ? 1 - back : 0;
            alone[1][j] *= forth < 1 ? 1 - forth : 0;
        }
    agree_rows(w->e[0], product, 1, (size_t)m, alone[0], n, m);
    agree_rows(w->e[1], product, (size_t)m, 1, alone[1], m, n);
}

/* The posteriors of a pair in w->e. */
static int look(const tt_pairtable *t, tt_posterior_fn *posterior, const tt_prior prior[2],
                tt_align_work *w, const int32_t *src, int n, const int32_t *tgt, int m,
                tt_prior_sums sums[2], tt_err *e) {
    TT_TRY(reserve(w, n, m, e));
    look_up(t, w, src, n, tgt, m);
    posterior(w->e[0], n, m, &prior[0], w->work, &sums[0]);
    posterior(w->e[1], m, n, &prior[1], w->work, &sums[1]);
    return 0;
}

/* ---- learning ------------------------------------------------------------------------------- */

struct learning {
    tt_wordmodel *model;
    tt_posterior_fn *posterior; /* of this stage */
    int agree;
    double alpha;
    const tt_bitext *b;
    tt_align_work *work; /* (workers) */
    int workers;
    tt_prior_sums (*sums)[2]; /* (SHARDS) */
    tt_err *err;              /* (SHARDS) */
    size_t pairs;
};

static bool is_wanted(const tt_bitext *b, size_t pair) {
    const int n = tt_bitext_len(b, 0, pair), m = tt_bitext_len(b, 1, pair);
    return n && m && n <= TT_ALIGN_TEXT_MOST && m <= TT_ALIGN_TEXT_MOST;
}

static void count(tt_pairtable *t, const tt_align_work *w, const int32_t *src, int n,
                  const int32_t *tgt, int m) {
    for (int j = 0; j < n; j++) {
        const float *back = w->e[1] + (size_t)j * (size_t)(m + 1);
        for (int i = 0; i < m; i++) {
            tt_pair_cell *c = w->cell[(size_t)j * (size_t)m + (size_t)i];
            const float forth = w->e[0][(size_t)i * (size_t)(n + 1) + (size_t)j];
            if (!c) continue;
            if (forth > UNSEEN) tt_count_add(&c->count[0], forth);
            if (back[i] > UNSEEN) tt_count_add(&c->count[1], back[i]);
        }
        tt_count_add(&t->null_count[1][src[j]], back[m]);
    }
    for (int i = 0; i < m; i++)
        tt_count_add(&t->null_count[0][tgt[i]], w->e[0][(size_t)i * (size_t)(n + 1) + (size_t)n]);
}

static void expect(void *ctx, size_t shard, int worker) {
    struct learning *x = ctx;
    tt_align_work *w = &x->work[worker];
    const tt_bitext *b = x->b;
    memset(x->sums[shard], 0, sizeof x->sums[shard]);
    for (size_t i = b->pairs * shard / SHARDS; i < b->pairs * (shard + 1) / SHARDS; i++) {
        if (!is_wanted(b, i)) continue;
        const int n = tt_bitext_len(b, 0, i), m = tt_bitext_len(b, 1, i);
        const int32_t *src = b->ids[0] + b->from[0][i], *tgt = b->ids[1] + b->from[1][i];
        if (look(&x->model->table, x->posterior, x->model->prior, w, src, n, tgt, m, x->sums[shard],
                 &x->err[shard]))
            return;
        if (x->agree) agree(w, n, m);
        count(&x->model->table, w, src, n, tgt, m);
    }
}

/* Sums of all shards, in their order. */
static void add_up(tt_prior_sums all[2], const struct learning *x) {
    memset(all, 0, 2 * sizeof *all);
    for (int i = 0; i < SHARDS; i++)
        for (int d = 0; d < 2; d++) {
            const tt_prior_sums *one = &x->sums[i][d];
            all[d].log += one->log;
            all[d].words += one->words;
            all[d].off += one->off;
            all[d].linked += one->linked;
            for (int k = 0; k < TT_JUMPS; k++) all[d].jump[k] += one->jump[k];
        }
}

/* Weights of jumps: expected ones, and so little of any that none is impossible. The last ones
   stand for all longer jumps, of which a sentence has so many: 20. */
static void learn_jumps(tt_prior *prior, const tt_prior_sums *sums) {
    double all = 0;
    for (int k = 0; k < TT_JUMPS; k++) all += sums->jump[k];
    for (int k = 0; k < TT_JUMPS && all > 0; k++) {
        const int end = k == 0 || k == TT_JUMPS - 1;
        prior->jump[k] = (float)(sums->jump[k] / all / (end ? 20 : 1) + 1e-5);
    }
}

/* ---- the tension of the diagonal ------------------------------------------------------------ */

struct size {
    int n, m;
    size_t times;
};

static int by_size(const void *a, const void *b) {
    const struct size *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? -1 : 1) : x->m < y->m ? -1 : x->m > y->m;
}

/* The sizes of pairs, and how many have each; owned by the caller, NULL: no memory. */
static struct size *sizes_of(const tt_bitext *b, size_t *count) {
    struct size *all = malloc((b->pairs + 1) * sizeof *all);
    size_t n = 0, kinds = 0;
    for (size_t i = 0; all && i < b->pairs; i++)
        if (is_wanted(b, i))
            all[n++] = (struct size){tt_bitext_len(b, 0, i), tt_bitext_len(b, 1, i), 1};
    if (all && n) qsort(all, n, sizeof *all, by_size);
    for (size_t i = 0; i < n; i++) {
        if (kinds && !by_size(&all[kinds - 1], &all[i])) all[kinds - 1].times++;
        else all[kinds++] = all[i];
    }
    *count = kinds;
    return all;
}

static double off_at(const struct size *s, size_t kinds, int direction, double tension) {
    double off = 0, words = 0;
    float work[TT_ALIGN_TEXT_MOST];
    for (size_t i = 0; i < kinds; i++) {
        const int n = direction ? s[i].m : s[i].n, m = direction ? s[i].n : s[i].m;
        off += (double)s[i].times * tt_diagonal_off(n, m, tension, work);
        words += (double)s[i].times * m;
    }
    return off / words;
}

/* The λ under which links lie as far from the diagonal as they were found to: the more λ, the
 * nearer. By halving. */
static double learn_tension(const struct size *s, size_t kinds, int direction, double off) {
    double low = 0.1, high = 40;
    for (int i = 0; i < 12; i++) {
        const double middle = (low + high) / 2;
        if (off_at(s, kinds, direction, middle) > off) low = middle;
        else high = middle;
    }
    return (low + high) / 2;
}

/* ---- stages --------------------------------------------------------------------------------- */

static int iterate(struct learning *x, const char *name, int iterations, const tt_log *log,
                   tt_pool *pool, tt_err *e) {
    tt_prior_sums all[2];
    size_t kinds = 0;
    struct size *sizes = x->posterior == tt_posterior_diagonal ? sizes_of(x->b, &kinds) : NULL;
    if (x->posterior == tt_posterior_diagonal && !sizes)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu pairs of sentences", x->b->pairs);
    int rc = 0;
    for (int i = 1; !rc && i <= iterations; i++) {
        tt_log_progress(log, "%s, iteration %d of %d", name, i, iterations);
        tt_pool_run(pool, SHARDS, expect, x);
        for (int s = 0; !rc && s < SHARDS; s++)
            if (x->err[s].code) rc = tt_fail(e, x->err[s].code, "%s", x->err[s].msg);
        if (rc) break;
        add_up(all, x);
        for (int d = 0; d < 2; d++) {
            if (x->posterior == tt_posterior_hmm) learn_jumps(&x->model->prior[d], &all[d]);
            if (sizes)
                x->model->prior[d].tension =
                    learn_tension(sizes, kinds, d, all[d].off / all[d].linked);
        }
        rc = tt_pairtable_maximise(&x->model->table, x->alpha, i == iterations ? DROP : 0, pool, e);
        tt_log_line(log, TT_LOG_INFO, "%s, iteration %d of %d: perplexity %.2f, back %.2f", name, i,
                    iterations, exp(-all[0].log / all[0].words), exp(-all[1].log / all[1].words));
    }
    free(sizes);
    return rc;
}

static int learn(struct learning *x, const tt_pick *how, tt_pool *pool, const tt_log *log,
                 tt_err *e) {
    const int first = (int)how->set[TT_ALIGN_FIRST], then = (int)how->set[TT_ALIGN_ITERATIONS];
    tt_log_progress(log, "pairs of words of %zu sentences", x->b->pairs);
    TT_TRY(tt_pairtable_make(&x->model->table, x->b, TT_ALIGN_TEXT_MOST, pool, e));
    tt_log_line(log, TT_LOG_INFO, "%zu pairs of sentences, %d and %d words, %zu pairs of them",
                x->pairs, x->b->size[0], x->b->size[1], x->model->table.cells);
    x->posterior = tt_posterior_ibm1;
    if (first) TT_TRY(iterate(x, "ibm1", first, log, pool, e));
    x->posterior = x->model->model->posterior;
    return iterate(x, how->row->name, then, log, pool, e);
}

static int prepare(struct learning *x, const tt_pick *how, tt_err *e) {
    tt_wordmodel *m = x->model = calloc(1, sizeof *x->model);
    x->work = calloc((size_t)x->workers, sizeof *x->work);
    x->sums = calloc(SHARDS, sizeof *x->sums);
    x->err = calloc(SHARDS, sizeof *x->err);
    if (!m || !x->work || !x->sums || !x->err)
        return tt_fail(e, TT_ENOMEM, "out of memory for an aligner");
    m->model = (const tt_align_model *)how->row;
    for (int d = 0; d < 2; d++) {
        m->prior[d] = (tt_prior){.null = how->set[TT_ALIGN_NULL], .tension = 4};
        for (int k = 0; k < TT_JUMPS; k++)
            m->prior[d].jump[k] = 1.0f / (float)(1 + abs(k - TT_JUMP_MOST - 1));
    }
    for (size_t i = 0; i < x->b->pairs; i++) x->pairs += (size_t)is_wanted(x->b, i);
    return x->pairs ? 0 : tt_fail(e, TT_EDATA, "no pair of sentences to learn word alignment from");
}

tt_wordmodel *tt_wordmodel_train(const tt_bitext *b, const tt_pick *how, tt_pool *pool,
                                 const tt_log *log, tt_err *e) {
    struct learning x = {.b = b,
                         .workers = tt_pool_size(pool),
                         .alpha = how->set[TT_ALIGN_ALPHA],
                         .agree = how->set[TT_ALIGN_AGREE] > 0};
    int rc = prepare(&x, how, e);
    if (!rc) rc = learn(&x, how, pool, log, e);
    for (int i = 0; x.work && i < x.workers; i++) tt_align_work_free(&x.work[i]);
    free(x.work);
    free(x.sums);
    free(x.err);
    if (!rc) return x.model;
    tt_wordmodel_close(x.model);
    return NULL;
}

void tt_wordmodel_close(tt_wordmodel *m) {
    if (!m) return;
    tt_pairtable_free(&m->table);
    free(m);
}

/* ---- links ---------------------------------------------------------------------------------- */

/* Of each row of e (m, n + 1) the greatest of its first n, unless the last one is greater. */
static void best_of(const float *e, int n, int m, int *of, float *p) {
    for (int i = 0; i < m; i++) {
        const float *row = e + (size_t)i * (size_t)(n + 1);
        int best = 0;
        for (int j = 1; j < n; j++)
            if (row[j] > row[best]) best = j;
        of[i] = row[best] >= row[n] ? best : -1;
        p[i] = row[best];
    }
}

int tt_wordmodel_links(const tt_wordmodel *m, tt_align_work *w, const int32_t *src, int n,
                       const int32_t *tgt, int k, int *const of[2], float *const p[2], tt_err *e) {
    tt_prior_sums unused[2] = {{0}};
    if (n < 1 || k < 1) return tt_fail(e, TT_EDATA, "the %s is empty", n < 1 ? "source" : "target");
    if (n > TT_ALIGN_WORDS_MOST || k > TT_ALIGN_WORDS_MOST)
        return tt_fail(e, TT_EDATA, "a side has %d words, expected at most %d", n > k ? n : k,
                       TT_ALIGN_WORDS_MOST);
    TT_TRY(look(&m->table, m->model->posterior, m->prior, w, src, n, tgt, k, unused, e));
    best_of(w->e[0], n, k, of[0], p[0]);
    best_of(w->e[1], k, n, of[1], p[1]);
    return 0;
}
