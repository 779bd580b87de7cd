/* t_init.c: first values of weights: their spread by role and part, T-Fixup's factors, orthogonal
 * matrices, a forget gate's bias; and the interleaved positions, all against numbers worked out
 * elsewhere.
 */
#include "nn/init.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/model.h"
#include "unit/test.h"

#include "unit/made.h"
#include "unit/named.h"

static tt_model *make(float **params, const char *const *pairs) {
    return made_model(params, 50, pairs, NULL);
}

#define PAIRS (const char *const[])

/* The deviation of rows first … first + rows - 1. */
static double spread(const tt_tensor *t, int first, int rows) {
    double squares = 0;
    const size_t n = (size_t)rows * (size_t)t->cols;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)t->data[(size_t)first * (size_t)t->cols + i];
        squares += x * x;
    }
    return sqrt(squares / (double)n);
}

static void is_near(const char *name, double got, double want) {
    CHECK(fabs(got / want - 1) < 0.03, "%s: deviation %g, expected %g", name, got, want);
}

/* A uniform number within ± √(6 / (in + out)) has deviation √(2 / (in + out)). */
static void test_transformer(const char *init, double values, double values_dec, double table) {
    float *params;
    tt_model *m = make(&params, PAIRS{"dim", "96", "heads", "4", "ffn", "160", "enc-layers", "6",
                                      "dec-layers", "3", "init", init, "norm", "none", "autoreg",
                                      "self-attention", NULL});
    const double square = sqrt(2.0 / 192), wide = sqrt(2.0 / 256);
    const tt_tensor *qkv = named_param(m, "enc.2.self.qkv.w"),
                    *kv = named_param(m, "dec.1.cross.kv.w");
    is_near("q", spread(qkv, 0, 96), square);
    is_near("k", spread(qkv, 96, 96), square);
    is_near("v", spread(qkv, 192, 96), square * values);
    is_near("cross k", spread(kv, 0, 96), square);
    is_near("cross v", spread(kv, 96, 96), square * values_dec);
    is_near("o", spread(named_param(m, "dec.0.self.o.w"), 0, 96), square * values_dec);
    is_near("ffn", spread(named_param(m, "enc.5.ffn.1.w"), 0, 160), wide * values);
    is_near("table", spread(named_param(m, "emb"), 0, 50), table / sqrt(96));
    CHECK(spread(named_param(m, "enc.0.ffn.1.b"), 0, 1) == 0);
    tt_model_close(m);
    free(params);
}

/* Rows whose factors differ from layer to layer, or from side to side. */
static void test_factors(void) {
    float *params;
    tt_model *m = make(&params, PAIRS{"dim", "96", "heads", "4", "ffn", "160", "enc-layers", "6",
                                      "dec-layers", "3", "init", "depth-scaled:gamma=0.5", NULL});
    const double square = sqrt(2.0 / 192), wide = sqrt(2.0 / 256);
    is_near("q of layer 1", spread(named_param(m, "enc.0.self.qkv.w"), 0, 96), square * 0.5);
    is_near("q of layer 4", spread(named_param(m, "enc.3.self.qkv.w"), 0, 96), square * 0.25);
    is_near("ffn of layer 3", spread(named_param(m, "dec.2.ffn.2.w"), 0, 96), wide * 0.288675);
    is_near("table", spread(named_param(m, "emb"), 0, 50), 1 / sqrt(96));
    tt_model_close(m);
    free(params);
    m = make(&params,
             PAIRS{"dim", "96", "heads", "4", "ffn", "160", "enc-layers", "6", "dec-layers", "3",
                   "init", "deepnet", "norm", "deep", "feed-forward", "swiglu", NULL});
    const double enc = 0.519021, dec = 0.408248; /* 0.87 (6⁴ 3)^(-1/16), (12 · 3)^-¼ */
    is_near("q", spread(named_param(m, "enc.5.self.qkv.w"), 0, 96), square);
    is_near("v", spread(named_param(m, "enc.5.self.qkv.w"), 192, 96), square * enc);
    is_near("cross v", spread(named_param(m, "dec.0.cross.kv.w"), 96, 96), square * dec);
    is_near("gate", spread(named_param(m, "dec.0.ffn.1.w"), 0, 160), wide);
    is_near("gated", spread(named_param(m, "dec.0.ffn.1.w"), 160, 160), wide * dec);
    tt_model_close(m);
    free(params);
    m = make(&params, PAIRS{"dim", "96", "heads", "4", "ffn", "160", "enc-layers", "1",
                            "dec-layers", "1", "init", "small-embedding", NULL});
    is_near("small table", spread(named_param(m, "emb"), 0, 50), 1e-4);
    is_near("its q", spread(named_param(m, "enc.0.self.qkv.w"), 0, 96), square);
    tt_model_close(m);
    free(params);
}

static void test_recurrent(void) {
    float *params;
    tt_model *m = make(&params, PAIRS{"dim", "24", "enc-layers", "1", "dec-layers", "1", "encoder",
                                      "bilstm:forget-bias=0.5", "decoder", "gru", NULL});
    const tt_tensor *u = named_param(m, "enc.0.rnn.bw.u"), *b = named_param(m, "enc.0.rnn.fw.b");
    for (int part = 0; part < 4; part++)
        for (int i = 0; i < 12; i++)
            for (int j = 0; j <= i; j++) {
                double dot = 0;
                for (int c = 0; c < 12; c++)
                    dot += (double)u->data[(part * 12 + i) * 12 + c] *
                           (double)u->data[(part * 12 + j) * 12 + c];
                CHECK(fabs(dot - (i == j)) < 1e-6, "gate %d: rows %d and %d have the product %g",
                      part, i, j, dot);
            }
    for (int i = 0; i < 48; i++)
        CHECK((double)b->data[i] == (i >= 12 && i < 24 ? 0.5 : 0.0), "bias %d is %g", i,
              (double)b->data[i]);
    tt_model_close(m);
    free(params);
}

static void test_positions(void) {
    static const double want[] = {0.141120, -0.989992, 0.295520, 0.955336,
                                  0.029996, 0.999550,  0.003000, 0.999996};
    float *params;
    tt_model *m = make(&params, PAIRS{"dim", "8", "heads", "1", "ffn", "8", "enc-layers", "1",
                                      "dec-layers", "1", "positions", "interleaved", NULL});
    for (int i = 0; i < 8; i++)
        CHECK(fabs((double)m->positions->data[3 * 8 + i] - want[i]) < 1e-6, "column %d", i);
    tt_model_close(m);
    free(params);
}

int main(void) {
    test_transformer("glorot", 1, 1, 1);
    test_transformer("t-fixup", 0.42809, 0.43869,
                     0.36889); /* of 6 and 3 layers: 0.67 6^-¼, (9 · 3)^-¼, (9 · 6)^-¼ */
    test_factors();
    test_recurrent();
    test_positions();
    return test_done("t_init");
}
