/* fit.c: see fit.h. */
#include "train/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "nn/network.h"

enum { FIRST = 4 }; /* ids from here on are pieces of text */

/* As many sentences of `longest` tokens as hold `tokens`. The caller frees ids. */
static int make_up(tt_seqs *s, int32_t **ids, int tokens, int longest, int vocab, tt_err *e) {
    const int len = longest < tokens ? longest : tokens, count = (tokens + len - 1) / len;
    int32_t *off = calloc((size_t)count + 1 + (size_t)count * (size_t)len, sizeof *off);
    if (!off) return tt_fail(e, TT_ENOMEM, "out of memory");
    *ids = off;
    for (int i = 0; i <= count; i++) off[i] = i * len;
    for (int i = 0; i < count * len; i++)
        off[count + 1 + i] = vocab > FIRST ? FIRST + (int32_t)(i * 7919LL % (vocab - FIRST)) : 0;
    *s = (tt_seqs){count, off, off + count + 1, NULL};
    return 0;
}

/* Bytes that a thread takes for a shard of both texts. */
static int probe(size_t *bytes, tt_model *m, const tt_seqs *src, const tt_seqs *tgt,
                 const tt_train_options *o, int recompute, const tt_kernels *k, tt_err *e) {
    tt_run run;
    tt_loss loss = {0};
    const tt_lesson lesson = {NULL, (float)o->also.r_drop};
    TT_TRY(tt_run_open(&run, k, 0, e));
    run.taped = run.drop = true;
    run.recompute = recompute;
    run.evenness = (float)o->also.doubly_stochastic;
    tt_model_clear(m);
    if (o->also.r_drop > 0) tt_model_lesson(&run, m, src, tgt, (float)o->smoothing, &lesson, &loss);
    else tt_model_loss(&run, m, src, tgt, (float)o->smoothing, &loss, NULL);
    tt_run_back(&run);
    *bytes = tt_arena_peak(run.arena) + sizeof(float) * TT_GEMM_WORK;
    const int rc = tt_run_reset(&run, e);
    tt_run_close(&run);
    return rc;
}

/* Bytes of a thread that keeps layers' insides, and of one that computes them again. */
static int measure(size_t *kept, size_t *again, const tt_train_options *o, const tt_hyper *h,
                   int shards, int longest, const tt_kernels *k, tt_err *e) {
    const size_t size = tt_model_size(h);
    const int tokens = (o->batch_tokens + shards - 1) / shards;
    tt_seqs src = {0}, tgt = {0};
    int32_t *src_ids = NULL, *tgt_ids = NULL;
    tt_model *m = NULL;
    float *block = tt_pages_alloc(2 * size * sizeof *block);
    int rc = block ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for %zu weights", size);
    if (!rc) rc = tt_model_open(&m, h, block, block + size, e);
    if (!rc) rc = make_up(&src, &src_ids, tokens, longest, h->vocab, e);
    if (!rc) rc = make_up(&tgt, &tgt_ids, tokens, longest, h->tgt_vocab, e);
    if (!rc) {
        tt_model_init(m, o->seed);
        rc = probe(again, m, &src, &tgt, o, 1, k, e);
    }
    *kept = *again;
    if (!rc && !o->also.recompute) rc = probe(kept, m, &src, &tgt, o, 0, k, e);
    tt_model_close(m);
    free(block);
    free(src_ids);
    free(tgt_ids);
    return rc;
}

int tt_fit_memory(tt_fit *fit, const tt_train_options *o, const tt_hyper *h, size_t state,
                  int shards, int longest, int threads, const tt_kernels *k, tt_err *e) {
    size_t kept = 0, again = 0, most = (size_t)o->memory;
    TT_TRY(measure(&kept, &again, o, h, o->shards, longest, k, e));
    const size_t grads = (size_t)shards * tt_model_size(h) * sizeof(float);
    fit->fixed = state * sizeof(float) + grads;
    if (threads > shards) threads = shards;
    for (int t = threads; t > 0; t--) {
        if (fit->fixed + (size_t)t * kept > most) continue;
        fit->threads = t, fit->thread = kept, fit->recompute = o->also.recompute;
        return 0;
    }
    fit->threads = 1, fit->thread = again, fit->recompute = 1;
    if (fit->fixed + again <= most) return 0;
    const double mega = 1e-6;
    const size_t work = sizeof(float) * TT_GEMM_WORK, least = fit->fixed + work;
    if (least >= most)
        return tt_fail(e, TT_ECONFIG,
                       "--memory: weights, optimiser and the gradients of %d shards take %.1f MB, "
                       "%.1f of it gradients, whatever the batch; take fewer --shards or a smaller "
                       "model",
                       shards, (double)least * mega, (double)grads * mega);
    const double share = (double)(most - least) / (double)(again - work);
    const int times = (int)(1 / share) + 1, tokens = o->batch_tokens / times;
    return tt_fail(e, TT_ECONFIG,
                   "--memory: the run takes %.1f MB, with one thread and layers computed again; "
                   "--batch-tokens %d with --accumulate %d should fit, and has updates of as many "
                   "tokens",
                   (double)(fit->fixed + again) * mega, tokens > 16 ? tokens : 16,
                   o->accumulate * times);
}
