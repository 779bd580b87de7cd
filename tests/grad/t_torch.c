/* t_torch.c: loss, gradients and ten Adam steps of a whole model against another program's.
 *
 * tests/oracle/torch_model.py computed the dumps in float64 with PyTorch. Ours runs in float32
 * through the trainer's own path (two shards, two threads, Adam as the option table has it).
 * Relative differences, in the 2-norm of a tensor, must stay below 1e-4. A key's bias moves all
 * scores of a row alike, so its gradient is 0 but for rounding, which Adam would turn into steps:
 * those are held against the size of the whole gradient, and left out of the weights. Models of
 * other kinds (torch_variants.py) are held in their loss and every gradient.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/network.h"
#include "oracle/dump.h"
#include "train/grad.h"
#include "unit/test.h"

enum { UPDATES = 10 };

static dump *open_dump(const char *name) {
    char path[200];
    const char *dir = getenv("TT_TEST_GOLDEN");
    snprintf(path, sizeof path, "%s/torch_%s.dump", dir ? dir : "tests/golden", name);
    dump *d = dump_read(path);
    CHECK(d != NULL, "%s cannot be read", path);
    return d;
}

/* A tensor of the variant's own dump, or else, where there is a usual one, of that. */
static const float *find(const dump *usual, const dump *own, const char *name, size_t *rows,
                         size_t *cols) {
    const float *x = dump_find(own, name, rows, cols);
    return x || !usual ? x : dump_find(usual, name, rows, cols);
}

/* Our parameter's values in a dump: joint matrices are put together from theirs. Returns (size) to
   free. */
static float *expected(const dump *usual, const dump *own, const char *what, const char *name,
                       size_t size) {
    static const char *const joint[] = {"qkv", "kv", NULL};
    float *out = calloc(size, sizeof *out);
    size_t at = 0, rows, cols;
    char full[100], head[80];
    snprintf(head, sizeof head, "%s", name);
    for (int i = 0; joint[i]; i++) {
        char *dot = strrchr(head, '.'), mark[8];
        snprintf(mark, sizeof mark, ".%s.", joint[i]);
        char *found = dot ? strstr(head, mark) : NULL;
        if (!found) continue;
        for (const char *p = joint[i]; *p; p++) {
            snprintf(full, sizeof full, "%s.%.*s.%c.%s", what, (int)(found - head), head, *p,
                     dot + 1);
            const float *x = find(usual, own, full, &rows, &cols);
            CHECK(x && at + rows * cols <= size, "%s", full);
            if (x) memcpy(out + at, x, rows * cols * sizeof *x), at += rows * cols;
        }
        CHECK(at == size, "%s", name);
        return out;
    }
    snprintf(full, sizeof full, "%s.%s", what, strcmp(name, "out.b") ? name : "out_b");
    const float *x = find(usual, own, full, &rows, &cols);
    CHECK(x && rows * cols == size, "%s", full);
    if (x) memcpy(out, x, size * sizeof *x);
    return out;
}

struct compare {
    const dump *init, *d;
    const char *variant, *what;
    const float *block; /* ours */
    double scale, floor, worst;
};

static void visit_init(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)offset;
    const char *name = p->name;
    struct compare *c = ctx;
    float *x = expected(c->init, c->d, "init", name, tt_tensor_size(t));
    memcpy(t->data, x, tt_tensor_size(t) * sizeof *x);
    free(x);
}

static void visit_compare(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    const char *name = p->name;
    struct compare *c = ctx;
    size_t n = tt_tensor_size(t), from = 0, to = n, len = strlen(name);
    int joint = len > 4 && !strcmp(name + len - 4, "kv.b") ? (strstr(name, "qkv.b") ? 3 : 2) : 0;
    float *x = expected(NULL, c->d, c->what, name, n);
    for (int part = 0; part < (joint ? joint : 1); part++) {
        int keys = joint == 3 ? part == 1 : joint == 2 && part == 0;
        if (joint) from = n / (size_t)joint * (size_t)part, to = from + n / (size_t)joint;
        if (keys && !strcmp(c->what, "final")) continue;
        double diff = 0, size = 0;
        for (size_t i = from; i < to; i++) {
            double ours = (double)c->block[offset + i] * c->scale;
            diff += (ours - (double)x[i]) * (ours - (double)x[i]);
            size += (double)x[i] * x[i];
        }
        double rel = sqrt(diff) / (keys ? c->floor : sqrt(size) + 1e-30);
        if (rel > c->worst) c->worst = rel;
        CHECK(rel < 1e-4, "%s, %s.%s: relative difference %g", c->variant, c->what, name, rel);
    }
    free(x);
}

static void integers(const dump *d, const char *name, int32_t *out, size_t cap) {
    size_t rows, cols;
    const float *x = dump_find(d, name, &rows, &cols);
    CHECK(x && rows * cols <= cap, "%s", name);
    for (size_t i = 0; x && i < rows * cols && i < cap; i++) out[i] = (int32_t)x[i];
}

/* Sentences 0 and 1 are one shard, the third another. */
static void make_shards(const int32_t *off, const int32_t *ids, tt_seqs *a, tt_seqs *b,
                        int32_t rest[2]) {
    rest[0] = 0;
    rest[1] = off[3] - off[2];
    *a = (tt_seqs){2, off, ids, NULL};
    *b = (tt_seqs){1, rest, ids + off[2], NULL};
}

/* own: further settings, name and value by turns. updates: of Adam, with which the dump goes on. */
static void check_variant(const char *variant, const char *const *own, int updates,
                          const dump *init) {
    static int32_t s_off[4], s_ids[64], t_off[4], t_ids[64], s_rest[2], t_rest[2];
    const char *settings[] = {"dim", "16",         "heads", "2",       "ffn", "32", "enc-layers",
                              "2",   "dec-layers", "1",     "dropout", "0",   NULL};
    tt_err e = {0};
    tt_hyper h;
    tt_state s;
    tt_kernels k;
    tt_hyper_init(&h);
    for (int i = 0; settings[i]; i += 2)
        CHECK(!tt_hyper_set(&h, settings[i], settings[i + 1], &e), "%s", e.msg);
    for (int i = 0; own[i]; i += 2) CHECK(!tt_hyper_set(&h, own[i], own[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, 24, &e) && !tt_kernels_init(&k, getenv("TTRANS_ISA"), &e), "%s",
          e.msg);
    tt_pick pick;
    CHECK(!tt_pick_read(&pick, &tt_family_optimizer, "adam", &e), "%s", e.msg);
    const tt_optimizer *opt = (const tt_optimizer *)pick.row;
    tt_pool *pool = tt_pool_open(2, &e);
    const tt_learning plain = {0};
    dump *d = open_dump(variant);
    if (!init) init = d;
    if (!d || !pool || tt_state_open(&s, &h, &pick, false, &e)) return;
    tt_grads *g =
        tt_grads_open(&s, opt, 2, &(tt_grads_how){.learning = &plain}, &k, pool, NULL, &e);
    CHECK(g != NULL, "%s", e.msg);
    if (!g) return;
    struct compare c = {.init = init, .d = d, .variant = variant, .what = "init"};
    tt_model_walk(s.model, visit_init, &c);
    integers(init, "src.off", s_off, 4), integers(init, "src.ids", s_ids, 64);
    integers(init, "tgt.off", t_off, 4), integers(init, "tgt.ids", t_ids, 64);
    tt_pair_batch shards[2] = {0};
    make_shards(s_off, s_ids, &shards[0].src, &shards[1].src, s_rest);
    make_shards(t_off, t_ids, &shards[0].tgt, &shards[1].tgt, t_rest);
    size_t rows, cols;
    const float *losses = dump_find(d, "losses", &rows, &cols);
    CHECK(losses && rows * cols == (size_t)updates + 1, "losses");
    for (int i = 0; losses && i <= updates; i++) {
        tt_loss sum;
        double norm2;
        tt_grads_clear(g);
        CHECK(!tt_grads_add(g, shards, 1, 0.1f, true, &e), "%s", e.msg);
        CHECK(!tt_grads_join(g, &sum, &norm2, &e), "%s", e.msg);
        double loss = sum.loss / (double)sum.count, rel = fabs(loss - losses[i]) / losses[i];
        CHECK(rel < 1e-4, "%s: loss %d is %.7f, expected %.7f", variant, i, loss, losses[i]);
        if (!i) {
            c.what = "grad", c.block = tt_grads_block(g), c.scale = 1.0 / (double)sum.count;
            c.floor = norm2 / (double)sum.count;
            tt_model_walk(s.model, visit_compare, &c);
        }
        tt_step step = {.number = i + 1,
                        .rate = 1e-3,
                        .scale = 1.0 / (double)sum.count,
                        .beta1 = 0.9,
                        .beta2 = 0.98,
                        .epsilon = 1e-9};
        if (i < updates) CHECK(!tt_grads_apply(g, &s, &step, &e), "%s", e.msg);
    }
    if (!dump_find(d, "final.emb", &rows, &cols)) goto done; /* gradients only */
    c.what = "final", c.block = s.params, c.scale = 1;
    if (updates) tt_model_walk(s.model, visit_compare, &c);
done:
    printf("%s: largest relative difference %.1e\n", variant, c.worst);
    tt_grads_close(g);
    tt_state_close(&s);
    tt_pool_close(pool);
    dump_free(d);
}

/* Maps (H T, S) of one place, ours and theirs, weights to 1e-5 and scores to 1e-5 of the largest;
   ours are NAN where no key is seen, theirs 0. */
static void check_map(const dump *maps, const char *variant, int b, const char *place, int told,
                      const float *w, size_t n) {
    char name[100];
    size_t rows, cols;
    double worst = 0, most = 1;
    snprintf(name, sizeof name, "%s%s.%d.%s", told ? "scores." : "", variant, b, place);
    const float *x = dump_find(maps, name, &rows, &cols);
    CHECK(x && rows * cols == n, "%s", name);
    for (size_t i = 0; x && i < n; i++) {
        const double ours = isnan(w[i]) && told ? 0 : (double)w[i];
        if (told && fabs((double)x[i]) > most) most = fabs((double)x[i]);
        if (!(fabs(ours - (double)x[i]) <= worst)) worst = fabs(ours - (double)x[i]);
    }
    CHECK(worst <= 1e-5 * most, "%s: %g apart", name, worst);
}

/* What every head looks at, in the model a variant starts from. */
static void check_maps(const char *variant, const char *const *more, const dump *init,
                       const dump *maps, int told) {
    static int32_t s_off[4], s_ids[64], t_off[4], t_ids[64];
    const char *settings[] = {"dim", "16",         "heads", "2",       "ffn", "32", "enc-layers",
                              "2",   "dec-layers", "1",     "dropout", "0",   NULL};
    tt_err e = {0};
    tt_hyper h;
    tt_kernels k;
    tt_model *m = NULL;
    tt_run run;
    tt_hyper_init(&h);
    for (int i = 0; settings[i]; i += 2)
        CHECK(!tt_hyper_set(&h, settings[i], settings[i + 1], &e), "%s", e.msg);
    for (int i = 0; more[i]; i += 2)
        CHECK(!tt_hyper_set(&h, more[i], more[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, 24, &e) && !tt_kernels_init(&k, getenv("TTRANS_ISA"), &e), "%s",
          e.msg);
    float *params = calloc(tt_model_size(&h), sizeof *params);
    CHECK(!tt_model_open(&m, &h, params, NULL, &e) && !tt_run_open(&run, &k, 0, &e), "%s", e.msg);
    dump *d = open_dump(variant);
    struct compare c = {.init = init, .d = d, .variant = variant, .what = "init"};
    tt_model_walk(m, visit_init, &c);
    integers(init, "src.off", s_off, 4), integers(init, "src.ids", s_ids, 64);
    integers(init, "tgt.off", t_off, 4), integers(init, "tgt.ids", t_ids, 64);
    for (int b = 0; b < 3; b++) {
        const int32_t s = s_off[b + 1] - s_off[b], t = t_off[b + 1] - t_off[b], src_off[] = {0, s},
                      tgt_off[] = {0, t};
        const tt_seqs src = {1, src_off, s_ids + s_off[b], NULL},
                      tgt = {1, tgt_off, t_ids + t_off[b], NULL};
        static float enc[2][2 * 64], dec[2 * 64], cross[2 * 64];
        float *of_enc[] = {enc[0], enc[1]}, *of_dec[] = {dec}, *of_cross[] = {cross};
        const tt_maps to = {
            .told = told,
            .of = {[TT_SITE_ENC] = of_enc, [TT_SITE_DEC] = of_dec, [TT_SITE_CROSS] = of_cross}};
        CHECK(!tt_model_maps(&run, m, &src, &tgt, &to), "%s", run.err.msg);
        check_map(maps, variant, b, "enc.0.self", told, enc[0], (size_t)(2 * s * s));
        check_map(maps, variant, b, "enc.1.self", told, enc[1], (size_t)(2 * s * s));
        check_map(maps, variant, b, "dec.0.self", told, dec, (size_t)(2 * t * t));
        check_map(maps, variant, b, "dec.0.cross", told, cross, (size_t)(2 * t * s));
        tt_run_reset(&run, NULL);
    }
    tt_run_close(&run);
    tt_model_close(m);
    free(params);
    dump_free(d);
}

static void check_both(const char *variant, const char *const *more, const dump *init,
                       const dump *maps) {
    check_maps(variant, more, init, maps, TT_TELL_WEIGHTS);
    check_maps(variant, more, init, maps, TT_TELL_SCALED);
}

#define SETTINGS(...)                                                                              \
    (const char *const[]) { __VA_ARGS__, NULL }

int main(void) {
    dump *maps = open_dump("maps");
    dump *init = open_dump("init");
    if (init && maps) {
        check_both("post_relu", SETTINGS("norm", "post", "activation", "relu"), init, maps);
        check_both("pre_gelu", SETTINGS("norm", "pre", "activation", "gelu"), init, maps);
        check_both("post_swish", SETTINGS("norm", "post", "activation", "swish"), init, maps);
        check_both("t_fixup", SETTINGS("norm", "none", "init", "t-fixup"), init, maps);
        check_both("deep_relative", SETTINGS("norm", "deep", "positions", "relative"), init, maps);
        check_both("rms_rotary_swiglu",
                   SETTINGS("norm-kind", "rms", "positions", "rotary", "feed-forward", "swiglu"),
                   init, maps);
        check_both("post_alibi_geglu",
                   SETTINGS("norm", "post", "positions", "alibi", "feed-forward", "geglu"), init,
                   maps);
        check_both("rms_glu", SETTINGS("norm", "post", "norm-kind", "rms", "feed-forward", "glu"),
                   init, maps);
    }
    if (init) {
        check_variant("post_relu", SETTINGS("norm", "post", "activation", "relu"), UPDATES, init);
        check_variant("pre_gelu", SETTINGS("norm", "pre", "activation", "gelu"), UPDATES, init);
        check_variant("post_swish", SETTINGS("norm", "post", "activation", "swish"), UPDATES, init);
        check_variant("t_fixup", SETTINGS("norm", "none", "init", "t-fixup"), UPDATES, init);
        check_variant("deep_relative", SETTINGS("norm", "deep", "positions", "relative"), UPDATES,
                      init);
        check_variant("rms_rotary_swiglu",
                      SETTINGS("norm-kind", "rms", "positions", "rotary", "feed-forward", "swiglu"),
                      UPDATES, init);
        check_variant("post_alibi_geglu",
                      SETTINGS("norm", "post", "positions", "alibi", "feed-forward", "geglu"),
                      UPDATES, init);
        check_variant("rms_glu",
                      SETTINGS("norm", "post", "norm-kind", "rms", "feed-forward", "glu"), UPDATES,
                      init);
        check_variant("attend_hidden",
                      SETTINGS("norm", "post", "enc-align", "additive:dim=6", "enc-distribution",
                               "sparsemax", "dec-align", "cosine:strength=0", "dec-distribution",
                               "entmax15", "dec-reach", "local:window=2", "cross-align", "general",
                               "cross-distribution", "entmax:alpha=0", "cross-reach",
                               "local-p:window=2"),
                      UPDATES, init);
        check_variant("attend_places",
                      SETTINGS("norm", "post", "max-positions", "16", "enc-align", "location",
                               "enc-distribution", "smooth", "enc-reach", "blocks:size=2,memory=1",
                               "dec-align", "feature", "dec-reach", "dynamic-span:max=6,ramp=2.3",
                               "cross-align", "deep:activation=tanh,depth=4,dim=5",
                               "cross-distribution", "sigmoid:bias=length", "cross-reach",
                               "local-m:window=1"),
                      UPDATES, init);
        check_variant("attend_signed",
                      SETTINGS("norm", "pre", "distribution", "de-attention", "enc-reach",
                               "strided:stride=2", "dec-distribution", "de-attention:gate=scale",
                               "cross-align", "kernel:map=relu,features=6", "cross-distribution",
                               "softmax"),
                      UPDATES, init);
        check_variant("attend_each",
                      SETTINGS("norm", "post", "enc-align", "multi-dimensional", "enc-reach",
                               "adaptive-span:max=8,ramp=2.2", "dec-align",
                               "multi-dimensional:dim=4,activation=sigmoid", "dec-distribution",
                               "sparsemax", "dec-reach", "fixed:stride=2", "cross-align",
                               "biased-general", "cross-distribution", "entmax:alpha=1.3"),
                      UPDATES, init);
        check_variant("attend_bent",
                      SETTINGS("norm", "pre", "enc-align", "activated-general", "dec-align",
                               "kernel:map=elu", "cross-align",
                               "feature:window=5,activation=sigmoid", "cross-distribution",
                               "sigmoid"),
                      UPDATES, init);
        check_variant("attend_features",
                      SETTINGS("norm", "post", "enc-align", "kernel:features=6", "dec-align",
                               "additive:activation=sigmoid", "dec-distribution", "smooth",
                               "cross-align", "cosine:strength=2", "cross-distribution",
                               "sparsemax"),
                      UPDATES, init);
        check_variant("attend_bare",
                      SETTINGS("norm", "post", "projections", "no", "align", "dot",
                               "dec-distribution", "entmax15"),
                      UPDATES, init);
    }
    check_variant("bahdanau",
                  SETTINGS("heads", "1", "encoder", "bilstm", "decoder", "gru", "cross-align",
                           "additive", "cross-distribution", "sparsemax"),
                  0, NULL);
    check_variant("luong",
                  SETTINGS("heads", "1", "encoder", "gru:reset=after", "decoder",
                           "lstm:attention=luong", "cross-reach", "local-p:window=2"),
                  0, NULL);
    check_variant("fixed",
                  SETTINGS("heads", "1", "encoder", "lstm:reading=reversed", "decoder",
                           "gru:reset=after,attention=none,readout=maxout"),
                  0, NULL);
    check_variant("output",
                  SETTINGS("heads", "1", "encoder", "bigru:reset=after", "decoder",
                           "rnn:recurrence=output,attention=none"),
                  0, NULL);
    check_variant("paired",
                  SETTINGS("norm", "none", "positions", "interleaved", "activation", "swish",
                           "second-source", "co-attention"),
                  0, NULL);
    check_variant("bare",
                  SETTINGS("norm", "none", "positions", "interleaved", "activation", "swish",
                           "max-positions", "16", "enc-reach", "low-rank:rank=3,share=none",
                           "cross-reach", "area", "combine-layers", "yes"),
                  0, NULL);
    dump_free(init);
    dump_free(maps);
    return test_done("t_torch");
}
