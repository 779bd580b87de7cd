/* start.c: how large gradients are in a model at its first values; see tt_plan_gradient of
 * ttrans/plan.h. Post-LN's are O(d √ln d) whatever the depth L, Pre-LN's O(d √(ln d / L)) (Xiong et
 * al. 2020, theorem 1).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/network.h"
#include "text/corpus.h"
#include "ttrans/plan.h"

enum { PAIRS = 64, HEAD = 32 /* width of a head, as far as it divides */ };

struct start {
    tt_arena *a;
    tt_vocab *vocab;
    tt_pairs pairs;
    tt_hyper h;
    tt_kernels k;
    float *params, *grads;
    tt_model *model;
    tt_run run;
    int running;
    char prefix[32]; /* "dec.3.ffn." */
    double squares;
};

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct start *s = ctx;
    (void)offset;
    if (p->role != TT_MATRIX || strncmp(p->name, s->prefix, strlen(s->prefix)) != 0) return;
    for (size_t i = 0; i < tt_tensor_size(t); i++)
        s->squares += (double)t->grad[i] * (double)t->grad[i];
}

static int set_number(tt_hyper *h, const char *name, int n, tt_err *e) {
    char text[24];
    snprintf(text, sizeof text, "%d", n);
    return tt_hyper_set(h, name, text, e);
}

static int open_model(struct start *s, const char *norm, int layers, int dim, tt_err *e) {
    tt_hyper_init(&s->h);
    TT_TRY(tt_hyper_set(&s->h, "preset", "tiny", e));
    TT_TRY(tt_hyper_set(&s->h, "norm", norm, e));
    TT_TRY(set_number(&s->h, "enc-layers", layers, e));
    TT_TRY(set_number(&s->h, "dec-layers", layers, e));
    TT_TRY(set_number(&s->h, "dim", dim, e));
    TT_TRY(set_number(&s->h, "ffn", 4 * dim, e));
    TT_TRY(set_number(&s->h, "heads", dim % HEAD ? 1 : dim / HEAD, e));
    TT_TRY(tt_hyper_finish(&s->h, tt_vocab_size(s->vocab), e));
    const size_t size = tt_model_size(&s->h);
    s->params = calloc(size, sizeof *s->params);
    s->grads = calloc(size, sizeof *s->grads);
    if (!s->params || !s->grads)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu weights", size);
    TT_TRY(tt_model_open(&s->model, &s->h, s->params, s->grads, e));
    tt_model_init(s->model, 1);
    return 0;
}

static int measure(struct start *s, double *gradient, tt_err *e) {
    const int n = s->pairs.count < PAIRS ? s->pairs.count : PAIRS;
    const tt_seqs src = {n, s->pairs.src.off, s->pairs.src.ids, NULL},
                  tgt = {n, s->pairs.tgt.off, s->pairs.tgt.ids, NULL};
    tt_loss loss = {0};
    TT_TRY(tt_run_open(&s->run, &s->k, 0, e));
    s->running = 1;
    s->run.taped = true;
    tt_model_loss(&s->run, s->model, &src, &tgt, 0, &loss, NULL);
    if (!s->run.failed) tt_run_back(&s->run);
    snprintf(s->prefix, sizeof s->prefix, "dec.%d.ffn.", s->h.dec_layers - 1);
    if (!s->run.failed) tt_model_walk(s->model, visit, s);
    *gradient = sqrt(s->squares) / (double)loss.count;
    return tt_run_reset(&s->run, e);
}

static int run_all(struct start *s, const tt_parallel *text, const char *vocab, const char *norm,
                   int layers, int dim, double *gradient, tt_err *e) {
    TT_TRY(tt_kernels_init(&s->k, NULL, e));
    if (!(s->a = tt_arena_open(0, e)) || !(s->vocab = tt_vocab_open(vocab, e))) return e->code;
    TT_TRY(open_model(s, norm, layers, dim, e));
    TT_TRY(tt_pairs_read(&s->pairs, text, s->vocab, s->h.max_length, 1, s->a, NULL, e));
    return measure(s, gradient, e);
}

int tt_plan_gradient(const tt_parallel *text, const char *vocab, const char *norm, int layers,
                     int dim, double *gradient, tt_err *e) {
    struct start s = {.running = 0};
    const int rc = run_all(&s, text, vocab, norm, layers, dim, gradient, e);
    if (s.running) tt_run_close(&s.run);
    tt_model_close(s.model);
    free(s.params);
    free(s.grads);
    tt_vocab_close(s.vocab);
    tt_arena_close(s.a);
    return rc;
}
