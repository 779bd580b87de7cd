/* t_prune.c: a model without some heads computes what the whole one does with these masked,
 * whatever the rows of its attention are, in whole sequences and in decoding; what cannot go is
 * refused by name.
 */
#include <math.h>

#include "search/beam.h"
#include "ttrans/pruning.h"
#include "unit/test.h"
#include "unit/sharp.h"
#include "unit/tiny.h"

enum { DIM = 24, HEADS = 3, WIDTH = DIM / HEADS };

static const tt_head_name gone[] = {{TT_ATTENTION_ENCODER, 1, 2},
                                    {TT_ATTENTION_CROSS, 2, 1},
                                    {TT_ATTENTION_CROSS, 2, 3},
                                    {TT_ATTENTION_DECODER, 1, 3}};
enum { GONE = sizeof gone / sizeof *gone };

static tt_kernels kernels;

/* A model with one setting of its own; 0: the setting may not be. */
static int make(tt_hyper *h, const char *name, const char *value, const char *also) {
    tt_err e;
    static const char *const all[] = {"dim",
                                      "24",
                                      "heads",
                                      "3",
                                      "ffn",
                                      "20",
                                      "enc-layers",
                                      "2",
                                      "dec-layers",
                                      "2",
                                      "max-positions",
                                      "32",
                                      "alignment-layer",
                                      "1",
                                      "alignment-head",
                                      "1"};
    tt_hyper_init(h);
    for (size_t i = 0; i < sizeof all / sizeof *all; i += 2)
        CHECK(!tt_hyper_set(h, all[i], all[i + 1], &e), "%s", e.msg);
    if (also) CHECK(!tt_hyper_set(h, also, "sigmoid", &e), "%s", e.msg);
    return !tt_hyper_set(h, name, value, &e) && !tt_hyper_finish(h, SHARP_VOCAB, &e);
}

static void scatter(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)ctx;
    for (size_t i = 0; p->role == TT_BIAS && !p->may_close && i < tt_tensor_size(t); i++)
        t->data[i] = 0.3f * (float)(tt_rand_unit(11, offset + i) - 0.5);
}

static const char *write_model(tt_model *m, const char *name) {
    tt_err e = {0};
    const char *path = tiny_path(name);
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    CHECK(w && !tt_model_write(m, w, TT_TYPE_F32, &e) && !tt_modelwriter_finish(w, &e), "%s",
          e.msg);
    return path;
}

/* Zeros in the columns of the heads that go. */
static void mask(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    static const int sites[] = {[TT_ATTENTION_CROSS] = TT_SITE_CROSS,
                                [TT_ATTENTION_ENCODER] = TT_SITE_ENC,
                                [TT_ATTENTION_DECODER] = TT_SITE_DEC};
    (void)ctx, (void)offset;
    for (int i = 0; p->across && i < GONE; i++)
        for (int r = 0; sites[gone[i].side] == p->spot.site && gone[i].layer == p->spot.layer + 1 &&
                        r < t->rows;
             r++)
            memset(t->data + (size_t)r * (size_t)t->cols + (size_t)(gone[i].head - 1) * WIDTH, 0,
                   WIDTH * sizeof(float));
}

static tt_model *read_model(const char *path, tt_hyper *h, float **params) {
    tt_err e = {0};
    tt_model *m = NULL;
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    CHECK(mf && !tt_hyper_read(h, mf, &e) && !tt_model_fits(h, mf, &e), "%s", e.msg);
    *params = calloc(tt_model_size(h), sizeof **params);
    CHECK(!tt_model_open(&m, h, *params, NULL, &e) && !tt_model_read(m, mf, &e), "%s", e.msg);
    tt_modelfile_close(mf);
    return m;
}

/* -log p of all tokens of some pairs, and greedy translations with their alignment. */
static double run_model(tt_model *m, tt_hyps *hyps, tt_arena *a, tt_err *e) {
    int32_t off[SHARP_BATCH + 1], ids[SHARP_BATCH * 12];
    float nll[SHARP_BATCH * 12];
    double sum = 0;
    tt_run run;
    tt_model *packed = NULL;
    sharp_batch(off, ids);
    const tt_seqs seqs = {SHARP_BATCH, off, ids, NULL};
    CHECK(!tt_run_open(&run, &kernels, 0, e));
    CHECK(!tt_model_score(&run, m, &seqs, &seqs, nll, NULL));
    for (int i = 0; i < off[SHARP_BATCH]; i++) sum += (double)nll[i];
    tt_run_reset(&run, e);
    CHECK(!tt_model_packed(&packed, m, &kernels, e), "%s", e->msg);
    tt_search_opts o;
    tt_search_init(&o, SHARP_EOS);
    o.want_alignment = 1;
    CHECK(!tt_search(&run, packed, &seqs, &o, hyps, a, e), "%s", e->msg);
    tt_model_close(packed);
    tt_run_close(&run);
    return sum / off[SHARP_BATCH];
}

/* Whether it was pruned. */
static int check_row(const char *setting, const char *row, const char *also) {
    tt_hyper h, small_h;
    tt_err e = {0};
    tt_model *m = NULL, *small;
    float *small_params = NULL;
    if (!make(&h, setting, row, also)) return 0;
    float *params = calloc(tt_model_size(&h), sizeof *params);
    CHECK(!tt_model_open(&m, &h, params, NULL, &e), "%s", e.msg);
    tt_model_init(m, 5);
    tt_model_walk(m, scatter, NULL);
    tt_modelfile *mf = tt_modelfile_open(write_model(m, "prune-whole.ttm"), &e);
    const char *path = tiny_path("prune-small.ttm");
    const int split = !strcmp(row, "strided") || !strcmp(row, "fixed") || !strcmp(row, "alibi");
    const int rc = tt_modelfile_prune(mf, gone, GONE, path, &e);
    tt_modelfile_close(mf);
    CHECK(split ? rc == TT_ECONFIG && strstr(e.msg, "depends on its number") != NULL : !rc,
          "%s %s: %s", setting, row, e.msg);
    if (!rc) {
        tt_arena *a = tt_arena_open(0, &e);
        tt_hyps one[SHARP_BATCH], two[SHARP_BATCH];
        small = read_model(path, &small_h, &small_params);
        CHECK(small_h.heads_of[TT_SITE_ENC].count == 2 && small_h.heads_of[TT_SITE_ENC].n[0] == 2 &&
              small_h.heads_of[TT_SITE_ENC].n[1] == 3);
        CHECK(small_h.heads_of[TT_SITE_CROSS].n[1] == 1 && small_h.align_head == 0);
        tt_model_walk(m, mask, NULL);
        const double masked = run_model(m, one, a, &e), pruned = run_model(small, two, a, &e);
        CHECK(fabs(masked - pruned) < 1e-5 * masked, "%s %s: %.8f, masked %.8f", setting, row,
              pruned, masked);
        for (int b = 0; b < SHARP_BATCH; b++) {
            const tt_hyp *x = &one[b].hyp[0], *y = &two[b].hyp[0];
            CHECK(x->count == y->count &&
                      !memcmp(x->ids, y->ids, (size_t)x->count * sizeof *x->ids),
                  "%s %s, sentence %d", setting, row, b);
        }
        tt_arena_close(a);
        tt_model_close(small);
    }
    tt_model_close(m);
    free(params);
    free(small_params);
    return !rc;
}

static void check_rows(void) {
    static const tt_family *const families[] = {&tt_family_align, &tt_family_distribution,
                                                &tt_family_reach, &tt_family_positions};
    int rows = 0, pruned = 0;
    const tt_row *r;
    for (int f = 0; f < 4; f++)
        for (int i = 0; (r = families[f]->row(i)) != NULL; i++, rows++)
            pruned += check_row(families[f]->name, r->name, NULL);
    CHECK(pruned >= rows - 4, "%d of %d rows", pruned,
          rows); /* all but hard's and those that go by the head's number */
    CHECK(check_row("align", "deep:depth=4,dim=5", NULL) &&
          check_row("reach", "strided:heads=union", NULL));
    CHECK(check_row("enc-reach", "low-rank:rank=4,share=none", NULL) &&
          check_row("enc-reach", "low-rank:rank=4,share=keys", NULL));
    CHECK(check_row("align", "additive", "distribution") && check_row("norm", "post", NULL));
}

static int refused(const tt_modelfile *mf, tt_head_name name, int code, const char *part) {
    tt_err e = {0};
    const char *path = tiny_path("prune-none.ttm");
    remove(path);
    const int rc = tt_modelfile_prune(mf, &name, 1, path, &e);
    CHECK(rc == code && strstr(e.msg, part), "%d %s", rc, e.msg);
    CHECK(!fopen(path, "rb"), "%s was written", path);
    return tt_head_may_go(mf, &name, &e) == code || strstr(part, "last head") != NULL;
}

static void check_refusals(void) {
    tt_hyper h;
    tt_err e = {0};
    tt_model *m = NULL;
    CHECK(make(&h, "autoreg", "ssru", NULL));
    float *params = calloc(tt_model_size(&h), sizeof *params);
    CHECK(!tt_model_open(&m, &h, params, NULL, &e));
    tt_model_init(m, 5);
    tt_modelfile *mf = tt_modelfile_open(write_model(m, "prune-ssru.ttm"), &e);
    CHECK(refused(mf, (tt_head_name){TT_ATTENTION_DECODER, 1, 1}, TT_ECONFIG,
                  "decoder has no layers of attention"));
    CHECK(refused(mf, (tt_head_name){TT_ATTENTION_ENCODER, 3, 1}, TT_EUSAGE,
                  "encoder:3.1: there are layers 1 to 2"));
    CHECK(refused(mf, (tt_head_name){TT_ATTENTION_CROSS, 1, 4}, TT_EUSAGE,
                  "cross:1.4: the layer has heads 1 to 3"));
    CHECK(refused(mf, (tt_head_name){TT_ATTENTION_CROSS, 2, 2}, TT_ECONFIG, "alignment's head"));
    const tt_head_name all[] = {
        {TT_ATTENTION_ENCODER, 1, 1}, {TT_ATTENTION_ENCODER, 1, 2}, {TT_ATTENTION_ENCODER, 1, 3}};
    CHECK(tt_modelfile_prune(mf, all, 3, tiny_path("prune-none.ttm"), &e) == TT_ECONFIG &&
              strstr(e.msg, "last head"),
          "%s", e.msg);
    CHECK(!tt_modelfile_prune(mf, all, 2, tiny_path("prune-a.ttm"), &e), "%s", e.msg);
    tt_modelfile *less = tt_modelfile_open(tiny_path("prune-a.ttm"), &e);
    CHECK(refused(less, (tt_head_name){TT_ATTENTION_ENCODER, 1, 1}, TT_ECONFIG, "last head"));
    CHECK(!strcmp(tt_modelfile_get(less, "train.pruned-heads"), "2") &&
          !strcmp(tt_modelfile_get(less, "model.enc-heads"), "1,3"));
    tt_modelfile_close(less);
    CHECK(tt_modelfile_set_alignment(mf, 3, 1, tiny_path("prune-none.ttm"), &e) == TT_EUSAGE &&
              strstr(e.msg, "layer 3: the decoder has 1 to 2"),
          "%s", e.msg);
    CHECK(tt_modelfile_set_alignment(mf, 2, 4, tiny_path("prune-none.ttm"), &e) == TT_EUSAGE &&
              strstr(e.msg, "head 4: layer 2 has 1 to 3"),
          "%s", e.msg);
    CHECK(!tt_modelfile_set_alignment(mf, 1, 3, tiny_path("prune-mark.ttm"), &e), "%s", e.msg);
    tt_modelfile *marked = tt_modelfile_open(tiny_path("prune-mark.ttm"), &e);
    CHECK(!tt_hyper_read(&h, marked, &e) && h.align_layer == 0 && h.align_head == 2 &&
              tt_modelfile_count(marked) == tt_modelfile_count(mf),
          "%s", e.msg);
    tt_modelfile_close(marked);
    tt_modelfile_close(mf);
    tt_model_close(m);
    free(params);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, NULL, &e), "%s", e.msg);
    check_rows();
    check_refusals();
    return test_done("t_prune");
}
