/* watch.c: see watch.h. The edges of the bins are 10^(-12 + i/5), i = 0 … 60; a bin holds its lower
 * edge. */
#include "train/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

static const char *const groups[] = {"embeddings", "encoder-self", "encoder-ffn", "decoder-self",
                                     "cross",      "decoder-ffn",  "all"};
enum { EMBEDDINGS, ENCODER_SELF, ENCODER_FFN, DECODER_SELF, CROSS, DECODER_FFN, ALL, GROUPS };

struct watched {
    char name[64];
    int group;
    tt_histogram gradient, step;
};

struct tt_watch {
    size_t size;
    float *before;                  /* (size): the weights, then how they changed */
    const tt_state_tensor *tensors; /* (n), the state's */
    struct watched *watched;        /* (n) */
    tt_tensor_norms *norms;         /* (n) */
    int n;
    tt_group_histograms sums[GROUPS];
    tt_pool *pool;
    const tt_kernels *k;
    /* of the update at hand */
    const float *weights, *gradient;
    double scale, rate;
};

/* By what the parameter is part of. Last normalisations are only in all. */
static int group_of(const tt_param *p) {
    const bool encoder = p->side == TT_ENCODER_SIDE;
    switch (p->part) {
    case TT_PART_EMBEDDING: return EMBEDDINGS;
    case TT_PART_SELF: return encoder ? ENCODER_SELF : DECODER_SELF;
    case TT_PART_CROSS: return CROSS;
    case TT_PART_FFN: return encoder ? ENCODER_FFN : DECODER_FFN;
    default: return ALL;
    }
}

static void visit_name(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)t, (void)offset;
    tt_watch *w = ctx;
    struct watched *x = &w->watched[w->n];
    snprintf(x->name, sizeof x->name, "%s", p->name);
    x->group = group_of(p);
    w->norms[w->n++].name = x->name;
}

tt_watch *tt_watch_open(const tt_state *s, tt_pool *pool, const tt_kernels *k, tt_err *e) {
    tt_watch *w = calloc(1, sizeof *w);
    const size_t n = (size_t)s->n_tensors;
    if (!w) goto memory;
    *w = (tt_watch){.size = s->size, .pool = pool, .k = k, .tensors = s->tensors};
    w->before = tt_pages_alloc(s->size * sizeof *w->before);
    w->watched = calloc(n, sizeof *w->watched);
    w->norms = calloc(n, sizeof *w->norms);
    if (!w->before || !w->watched || !w->norms) goto memory;
    tt_model_walk(s->model, visit_name, w);
    return w;
memory:
    tt_fail(e, TT_ENOMEM, "out of memory for the norms of %zu weights", s->size);
    tt_watch_close(w);
    return NULL;
}

void tt_watch_close(tt_watch *w) {
    if (!w) return;
    free(w->before);
    free(w->watched);
    free(w->norms);
    free(w);
}

void tt_watch_before(tt_watch *w, const tt_state *s) {
    memcpy(w->before, s->params, w->size * sizeof *w->before);
}

/* ---- histograms ------------------------------------------------------------------------------ */

static void fill_edges(float edge[TT_HISTOGRAM_BINS + 1]) {
    for (int i = 0; i <= TT_HISTOGRAM_BINS; i++) edge[i] = (float)pow(10.0, -12.0 + i / 5.0);
}

/* The greatest i with edge[i] <= x, which is at least edge[0] and less than the last one. */
static int bin_of(const float *edge, float x) {
    int low = 0, high = TT_HISTOGRAM_BINS;
    while (high - low > 1) {
        int mid = (low + high) / 2;
        if (x < edge[mid]) high = mid;
        else low = mid;
    }
    return low;
}

void tt_histogram_add(tt_histogram *h, const float *x, double scale, size_t n) {
    float edge[TT_HISTOGRAM_BINS + 1];
    const float by = (float)scale;
    fill_edges(edge);
    for (size_t i = 0; i < n; i++) {
        const float size = fabsf(x[i] * by);
        if (!(size > 0)) h->zero++;
        else if (size < edge[0]) h->below++;
        else if (size < edge[TT_HISTOGRAM_BINS]) h->bin[bin_of(edge, size)]++;
        else h->above++;
    }
}

static void add_histogram(tt_histogram *sum, const tt_histogram *h) {
    sum->zero += h->zero;
    sum->below += h->below;
    sum->above += h->above;
    for (int i = 0; i < TT_HISTOGRAM_BINS; i++) sum->bin[i] += h->bin[i];
}

static void add_group(tt_group_histograms *sum, const struct watched *x) {
    add_histogram(&sum->gradient, &x->gradient);
    add_histogram(&sum->step, &x->step);
}

/* ---- an update ------------------------------------------------------------------------------- */

static void work_tensor(void *ctx, size_t item, int worker) {
    (void)worker;
    tt_watch *w = ctx;
    const tt_state_tensor *t = &w->tensors[item];
    const size_t n = (size_t)t->rows * (size_t)t->cols;
    float *change = w->before + t->at;
    const float *gradient = w->gradient + t->at;
    tt_tensor_norms *norms = &w->norms[item];
    struct watched *x = &w->watched[item];
    norms->gradient = w->scale * sqrt(w->k->sumsq(gradient, n));
    norms->weights = sqrt(w->k->sumsq(change, n));
    w->k->scale(change, change, -1.0f, n);
    w->k->add(change, change, w->weights + t->at, n);
    const double per_rate = w->rate > 0 ? 1.0 / w->rate : 0;
    norms->step = per_rate * sqrt(w->k->sumsq(change, n));
    x->gradient = x->step = (tt_histogram){0};
    tt_histogram_add(&x->gradient, gradient, w->scale, n);
    tt_histogram_add(&x->step, change, per_rate, n);
}

void tt_watch_after(tt_watch *w, const tt_state *s, const float *gradient, double scale,
                    double rate) {
    w->weights = s->params;
    w->gradient = gradient;
    w->scale = scale;
    w->rate = rate;
    tt_pool_run(w->pool, (size_t)w->n, work_tensor, w);
    memset(w->sums, 0, sizeof w->sums);
    for (int i = 0; i < w->n; i++) {
        if (w->watched[i].group != ALL) add_group(&w->sums[w->watched[i].group], &w->watched[i]);
        add_group(&w->sums[ALL], &w->watched[i]);
    }
    for (int i = 0; i < GROUPS; i++) w->sums[i].group = groups[i];
}

const tt_tensor_norms *tt_watch_norms(const tt_watch *w, int *n) {
    *n = w->n;
    return w->norms;
}

const tt_group_histograms *tt_watch_histograms(const tt_watch *w, int *n) {
    *n = GROUPS;
    return w->sums;
}
