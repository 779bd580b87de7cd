/* t_pruner.c: heads are listed, masked and given back; a masked head costs what the pruned model
   costs. */
#include <math.h>

#include "train/valid.h"
#include "ttrans/pruning.h"
#include "unit/test.h"
#include "unit/tiny.h"

static tt_modelfile *make_model(const tt_vocab *v) {
    tt_err e = {0};
    tt_hyper h;
    tt_model *m = NULL;
    static const char *const set[] = {"dim",        "16", "heads",      "2", "ffn",     "16",
                                      "enc-layers", "2",  "dec-layers", "1", "autoreg", "ssru"};
    tt_hyper_init(&h);
    for (size_t i = 0; i < sizeof set / sizeof *set; i += 2)
        CHECK(!tt_hyper_set(&h, set[i], set[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, tt_vocab_size(v), &e), "%s", e.msg);
    float *params = calloc(tt_model_size(&h), sizeof *params);
    CHECK(!tt_model_open(&m, &h, params, NULL, &e), "%s", e.msg);
    tt_model_init(m, 3);
    const char *path = tiny_path("pruner.ttm");
    size_t bytes;
    const void *vocab = tt_vocab_bytes(v, &bytes);
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    CHECK(!tt_model_write(m, w, TT_TYPE_F32, &e) &&
              !tt_modelwriter_bytes(w, "vocab.spm", vocab, bytes, TT_CODEC_STORED, &e) &&
              !tt_modelwriter_finish(w, &e),
          "%s", e.msg);
    tt_model_close(m);
    free(params);
    return tt_modelfile_open(path, &e);
}

static tt_pruner *open(const tt_modelfile *mf, int threads) {
    tt_err e = {0};
    char pairs[400];
    snprintf(pairs, sizeof pairs, "%s", tiny_path("tiny-pruner.tsv"));
    tt_pruner *p = tt_pruner_open(mf, &(tt_parallel){pairs, NULL, 1}, threads, NULL, NULL, &e);
    CHECK(p != NULL, "%s", e.msg);
    return p;
}

int main(void) {
    tt_err e = {0};
    tt_vocab *v = tiny_vocab("pruner.spm", 320);
    tiny_tsv("tiny-pruner.tsv", 30);
    tt_modelfile *mf = make_model(v);
    tt_pruner *p = open(mf, 1), *two = open(mf, 2);
    size_t n = 0;
    while (tt_pruner_head(p, n)) n++;
    CHECK(n == 6, "%zu heads", n);
    const tt_head_name *last = tt_pruner_head(p, 5), *third = tt_pruner_head(p, 2);
    CHECK(last->side == TT_ATTENTION_CROSS && last->layer == 1 && last->head == 2);
    CHECK(third->side == TT_ATTENTION_ENCODER && third->layer == 2 && third->head == 1);
    tt_pruner_figures whole, masked, again, threads, pruned;
    CHECK(!tt_pruner_measure(p, 1, &whole, &e) && whole.loss > 0 && whole.bleu >= 0, "%s", e.msg);
    tt_pruner_mask(p, 2, 1);
    tt_pruner_mask(two, 2, 1);
    CHECK(!tt_pruner_measure(p, 0, &masked, &e) && !tt_pruner_measure(two, 0, &threads, &e), "%s",
          e.msg);
    CHECK(fabs(masked.loss - whole.loss) > 1e-7, "a head that does nothing");
    CHECK(masked.loss <= threads.loss && masked.loss >= threads.loss, "threads change the figure");
    tt_pruner_mask(p, 2, 0);
    CHECK(!tt_pruner_measure(p, 1, &again, &e) && !memcmp(&again, &whole, sizeof whole),
          "a mask leaves something behind");
    CHECK(!tt_modelfile_prune(mf, third, 1, tiny_path("pruner-less.ttm"), &e), "%s", e.msg);
    tt_modelfile *less = tt_modelfile_open(tiny_path("pruner-less.ttm"), &e);
    tt_pruner *q = open(less, 1);
    CHECK(!tt_pruner_measure(q, 0, &pruned, &e) && fabs(pruned.loss - masked.loss) < 1e-5 &&
              !tt_pruner_head(q, 5) && tt_pruner_head(q, 4),
          "%f and %f", pruned.loss, masked.loss);
    tt_pruner_close(q);
    tt_pruner_close(two);
    tt_pruner_close(p);
    tt_modelfile_close(less);
    tt_modelfile_close(mf);
    tt_vocab_close(v);
    return test_done("t_pruner");
}
