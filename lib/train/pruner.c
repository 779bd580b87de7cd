/* pruner.c: what heads are worth: see ttrans/pruning.h. A head is masked by zeros in the columns
 * that hand its output on, in weights as f32; the model is then judged as in validation.
 */
#include <stdlib.h>
#include <string.h>

#include "nn/network.h"
#include "text/gramrows.h"
#include "train/valid.h"
#include "ttrans/pruning.h"

/* What joins the heads of a layer. */
struct joint {
    tt_tensor *w;    /* (D, H K), the model's */
    float *as_it_is; /* the same numbers before masks, owned */
    int heads;
};

struct head {
    tt_head_name name;
    int joint;
};

struct tt_pruner {
    tt_kernels k;
    tt_pool *pool;
    tt_vocab *vocab;
    tt_grams *grams; /* as in loop.h */
    tt_valid *valid;
    tt_hyper h;
    float *params;
    tt_model *model;
    tt_run *run;   /* (workers) */
    tt_run **runs; /* (workers): their places */
    int workers;
    struct joint *joint; /* (joints) */
    struct head *head;   /* (heads) */
    size_t joints, heads;
};

static int side_of(int site) {
    return site == TT_SITE_ENC   ? TT_ATTENTION_ENCODER
           : site == TT_SITE_DEC ? TT_ATTENTION_DECODER
                                 : TT_ATTENTION_CROSS;
}

/* Joints and heads are counted first, and then entered. */
static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    tt_pruner *x = ctx;
    (void)offset;
    if (!p->heads || !p->across) return;
    const tt_attend a = tt_hyper_attend(&x->h, p->spot);
    if (tt_attend_is_numbered(&a)) return;
    if (x->joint) {
        x->joint[x->joints] = (struct joint){t, NULL, p->heads};
        for (int i = 0; i < p->heads; i++)
            x->head[x->heads + (size_t)i] =
                (struct head){{side_of(p->spot.site), p->spot.layer + 1, i + 1}, (int)x->joints};
    }
    x->joints++;
    x->heads += (size_t)p->heads;
}

static int list_heads(tt_pruner *p, tt_err *e) {
    tt_model_walk(p->model, visit, p);
    struct joint *joint = calloc(p->joints + 1, sizeof *joint);
    p->head = calloc(p->heads + 1, sizeof *p->head);
    p->joint = joint;
    p->joints = p->heads = 0;
    if (joint && p->head) tt_model_walk(p->model, visit, p);
    for (size_t i = 0; i < p->joints; i++) {
        const size_t bytes = tt_tensor_size(joint[i].w) * sizeof(float);
        joint[i].as_it_is = malloc(bytes);
        if (!joint[i].as_it_is) return tt_fail(e, TT_ENOMEM, "out of memory for masks");
        memcpy(joint[i].as_it_is, joint[i].w->data, bytes);
    }
    return joint && p->head ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a list of heads");
}

static int open_model(tt_pruner *p, const tt_modelfile *mf, tt_err *e) {
    TT_TRY(tt_hyper_read(&p->h, mf, e));
    TT_TRY(tt_model_fits(&p->h, mf, e));
    const size_t size = tt_model_size(&p->h);
    p->params = calloc(size, sizeof *p->params);
    if (!p->params) return tt_fail(e, TT_ENOMEM, "out of memory for %zu weights", size);
    TT_TRY(tt_model_open(&p->model, &p->h, p->params, NULL, e));
    TT_TRY(tt_model_read(p->model, mf, e));
    return list_heads(p, e);
}

static int open_runs(tt_pruner *p, tt_err *e) {
    const int workers = tt_pool_size(p->pool);
    p->run = calloc((size_t)workers, sizeof *p->run);
    p->runs = calloc((size_t)workers, sizeof *p->runs);
    if (!p->run || !p->runs) return tt_fail(e, TT_ENOMEM, "out of memory for %d threads", workers);
    for (; p->workers < workers; p->workers++) {
        TT_TRY(tt_run_open(&p->run[p->workers], &p->k, 0, e));
        p->runs[p->workers] = &p->run[p->workers];
    }
    return 0;
}

static int open_all(tt_pruner *p, const tt_modelfile *mf, const tt_parallel *pairs, int threads,
                    const char *isa, const tt_log *log, tt_err *e) {
    TT_TRY(tt_kernels_init(&p->k, isa, e));
    if (!(p->pool = tt_pool_open(threads > 0 ? threads : tt_cpu_count(), e))) return e->code;
    TT_TRY(open_runs(p, e));
    if (!(p->vocab = tt_vocab_open_model(mf, TT_VOCAB_SOURCE, e))) return e->code;
    if (!tt_vocab_is_spm(p->vocab) || tt_modelfile_find(mf, "source.spm"))
        return tt_fail(e, TT_ECONFIG,
                       "%s: heads are judged in models with one SentencePiece vocabulary for both "
                       "sides",
                       tt_modelfile_name(mf));
    TT_TRY(open_model(p, mf, e));
    if (p->h.characters) {
        if (!(p->grams = tt_grams_open(p->vocab, e))) return e->code;
        tt_model_spell(p->model, p->grams);
    }
    p->valid = tt_valid_open(pairs, p->vocab, p->h.max_length, tt_hyper_texts(&p->h), p->pool,
                             &p->k, log, e);
    return p->valid ? 0 : e->code;
}

tt_pruner *tt_pruner_open(const tt_modelfile *mf, const tt_parallel *pairs, int threads,
                          const char *isa, const tt_log *log, tt_err *e) {
    tt_pruner *p = calloc(1, sizeof *p);
    if (!p) {
        tt_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    if (!open_all(p, mf, pairs, threads, isa, log, e)) return p;
    tt_pruner_close(p);
    return NULL;
}

void tt_pruner_close(tt_pruner *p) {
    if (!p) return;
    tt_valid_close(p->valid);
    tt_model_close(p->model);
    free(p->params);
    for (size_t i = 0; p->joint && i < p->joints; i++) free(p->joint[i].as_it_is);
    free(p->joint);
    free(p->head);
    tt_grams_close(p->grams);
    tt_vocab_close(p->vocab);
    for (int i = 0; i < p->workers; i++) tt_run_close(&p->run[i]);
    free(p->run);
    free(p->runs);
    tt_pool_close(p->pool);
    free(p);
}

const tt_head_name *tt_pruner_head(const tt_pruner *p, size_t i) {
    return i < p->heads ? &p->head[i].name : NULL;
}

void tt_pruner_mask(tt_pruner *p, size_t i, int masked) {
    const struct head *h = &p->head[i];
    const struct joint *j = &p->joint[h->joint];
    const size_t cols = (size_t)j->w->cols, width = cols / (size_t)j->heads,
                 first = (size_t)(h->name.head - 1) * width;
    for (int r = 0; r < j->w->rows; r++) {
        const size_t at = (size_t)r * cols + first;
        if (masked) memset(j->w->data + at, 0, width * sizeof(float));
        else memcpy(j->w->data + at, j->as_it_is + at, width * sizeof(float));
    }
}

int tt_pruner_measure(tt_pruner *p, int with_bleu, tt_pruner_figures *f, tt_err *e) {
    tt_scores s = {0};
    TT_TRY(tt_valid_measure(p->valid, p->runs, p->model,
                            with_bleu ? TT_VALID_TRANSLATES : TT_VALID_LOSS, &s, e));
    *f = (tt_pruner_figures){s.loss, s.bleu};
    return 0;
}
