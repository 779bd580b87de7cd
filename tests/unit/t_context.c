/* t_context.c: texts that are read with those before them: that one among others is what it is by
 * itself, bit for bit, in slices and as a whole, that more is not read than the model was made for,
 * that the first of a document is what it is without the layer, and that steps see what whole
 * sequences do. What it computes is held against a plain loop.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/network.h"
#include "nn/stack.h"
#include "unit/test.h"

#include "unit/made.h"

enum { VOCAB = 13, B = 3, N = 11, D = 8, H = 2, F = 12 };

static tt_kernels kernels;
static tt_run run;
static const int32_t s_off[B + 1] = {0, 4, 7, N}, s_ids[N] = {3, 4, 5, 0, 5, 6, 0, 7, 8, 2, 0};
static const int32_t t_off[B + 1] = {0, 3, 5, 9}, t_ids[9] = {5, 6, 0, 8, 0, 9, 3, 4, 0};
/* None before the second. */
static const int32_t first[B + 1] = {0, 1, 1, 4}, b_off[5] = {0, 3, 5, 6, 10},
                               b_ids[10] = {5, 2, 0, 4, 0, 0, 7, 3, 3, 0};
static const tt_before before = {first, {4, b_off, b_ids, NULL}};
static const tt_seqs src = {B, s_off, s_ids, &before}, tgt = {B, t_off, t_ids, NULL};

static const char *const usual[] = {"dim",        "8", "heads",      "2", "ffn",           "12",
                                    "enc-layers", "2", "dec-layers", "1", "max-positions", "16",
                                    NULL};

static void score(tt_model *m, const tt_seqs *s, const tt_seqs *t, float *nll) {
    CHECK(!tt_model_score(&run, m, s, t, nll, NULL), "%s", run.err.msg);
    tt_run_reset(&run, NULL);
}

/* The nearest n texts before sentence b, or all there are. */
static void near(tt_before *x, int32_t *off, int b, int n) {
    static int32_t of[2];
    const int32_t end = first[b + 1];
    int32_t from = first[b];
    if (end - from > n) from = end - n;
    of[0] = 0, of[1] = end - from;
    for (int32_t j = from; j <= end; j++) off[j - from] = b_off[j] - b_off[from];
    *x = (tt_before){of, {end - from, off, b_ids + b_off[from], NULL}};
}

static void check_alone(tt_model *m, const float *nll, int lines) {
    for (int b = 0; b < B; b++) {
        const int32_t so[2] = {0, s_off[b + 1] - s_off[b]}, to[2] = {0, t_off[b + 1] - t_off[b]};
        int32_t off[5];
        float alone[9];
        tt_before x;
        near(&x, off, b, lines);
        const tt_seqs t = {1, to, t_ids + t_off[b], NULL};
        score(m, &(tt_seqs){1, so, s_ids + s_off[b], &x}, &t, alone);
        CHECK(!memcmp(nll + t_off[b], alone, (size_t)to[1] * sizeof *alone),
              "sentence %d by itself is another", b);
        score(m, &(tt_seqs){1, so, s_ids + s_off[b], NULL}, &t, alone);
        const int same = !memcmp(nll + t_off[b], alone, (size_t)to[1] * sizeof *alone);
        CHECK(same == !x.texts.count, "sentence %d, %d before", b, x.texts.count);
    }
}

static void check_steps(tt_model *m, const float *nll) {
    static const tt_capacity room[B] = {{1, 8}, {1, 8}, {1, 8}};
    static const int32_t all[B] = {0, 1, 2}, prev[B] = {-1, -1, -1};
    tt_decoding *d = tt_decoding_open(&run, m, &src, room);
    CHECK(d && !tt_decoding_reserve(&run, d, B) &&
              !tt_decoding_step(&run, d, B, prev, all, all, NULL),
          "%s", run.err.msg);
    const tt_tensor *logits = tt_decoding_logits(&run, d, 0, B);
    for (int b = 0; logits && b < B; b++) {
        const float *row = logits->data + b * VOCAB;
        double sum = 0;
        for (int i = 0; i < VOCAB; i++) sum += exp((double)row[i]);
        const double p = (double)row[t_ids[t_off[b]]] - log(sum);
        CHECK(fabs(p + (double)nll[t_off[b]]) < 1e-5, "%g, by a step %g", -(double)nll[t_off[b]],
              p);
    }
    tt_run_reset(&run, NULL);
}

static void check(const char *lines, const char *const *own) {
    float *params, nll[9];
    tt_model *m = made_model(&params, VOCAB, usual, own);
    if (!m) return;
    CHECK(tt_model_context(m) == atoi(lines));
    score(m, &src, &tgt, nll);
    check_alone(m, nll, atoi(lines));
    run.taped = true; /* not in slices */
    const tt_tensor *whole = tt_stack_encode(&run, m, &src, NULL);
    run.taped = false;
    const tt_tensor *sliced = tt_stack_encode(&run, m, &src, NULL);
    CHECK(whole && sliced && whole->rows == N &&
          !memcmp(whole->data, sliced->data, sizeof(float) * N * D));
    tt_run_reset(&run, NULL);
    check_steps(m, nll);
    tt_model_close(m);
    free(params);
}

/* ---- a plain loop --------------------------------------------------------------------------- */

/* y (n) = w (n, m) x + b. */
static void linear(double *y, const tt_tensor *w, const tt_tensor *b, const double *x) {
    for (int i = 0; i < w->rows; i++) {
        y[i] = b ? (double)b->data[i] : 0;
        for (int j = 0; j < w->cols; j++) y[i] += (double)w->data[i * w->cols + j] * x[j];
    }
}

/* Attention of one query to n rows x; weights (H, n). */
static void attend(double *y, double *weights, const tt_context_level *l, const double *of,
                   double (*x)[D], int n) {
    double q[D], kv[8][2 * D], o[D];
    linear(q, &l->q_w, &l->q_b, of);
    for (int j = 0; j < n; j++) linear(kv[j], &l->kv_w, &l->kv_b, x[j]);
    for (int h = 0; h < H; h++) {
        double *p = weights + h * n, sum = 0;
        for (int j = 0; j < n; j++) {
            p[j] = 0;
            for (int k = h * D / H; k < (h + 1) * D / H; k++) p[j] += q[k] * kv[j][k];
            sum += p[j] = exp(p[j] / sqrt((double)D / H));
        }
        for (int j = 0; j < n; j++) p[j] /= sum;
        for (int k = h * D / H; k < (h + 1) * D / H; k++) {
            o[k] = 0;
            for (int j = 0; j < n; j++) o[k] += p[j] * kv[j][D + k];
        }
    }
    linear(y, &l->o_w, &l->o_b, o);
}

static void copy_rows(double (*to)[D], const tt_tensor *x, int from, int n) {
    for (int i = 0; i < n; i++)
        for (int k = 0; k < D; k++) to[i][k] = (double)x->data[(from + i) * D + k];
}

/* The last sentence, with its three texts. */
static void check_loop(void) {
    static const char *const own[] = {"context-lines", "3", NULL};
    float *params;
    tt_model *m = made_model(&params, VOCAB, usual, own);
    if (!m) return;
    const tt_context *c = &m->context;
    enum { T = 4, TEXTS = 3 };
    const int32_t so[2] = {0, T};
    int32_t off[5];
    tt_before x;
    near(&x, off, 2, 3);
    const tt_seqs one = {1, so, s_ids + s_off[2], &x}, bare = {1, so, s_ids + s_off[2], NULL};
    float words[H * T * 7], sentences[T * H * TEXTS];
    float *no_maps[2] = {NULL, NULL};
    const tt_maps maps = {.of = {[TT_SITE_ENC] = no_maps}, .context = {words, sentences}};
    const tt_tensor *got = tt_stack_encode(&run, m, &one, &maps),
                    *states = tt_stack_encode(&run, m, &bare, NULL),
                    *earlier = tt_stack_encode(&run, m, &x.texts, NULL);
    double worst = 0, worst_map = 0, text[8][D], state[T][D];
    copy_rows(state, states, 0, T);
    for (int t = 0; t < T; t++) {
        double s[TEXTS][D], p[H * 8], d[D], f[F], g[D], a[D], b[D];
        for (int j = 0, at = 0; j < TEXTS; j++) {
            const int n = off[j + 1] - off[j];
            copy_rows(text, earlier, off[j], n);
            attend(s[j], p, &c->words, state[t], text, n);
            for (int h = 0; h < H; h++)
                for (int i = 0; i < n; i++)
                    worst_map = fmax(worst_map,
                                     fabs(p[h * n + i] - (double)words[at + (h * T + t) * n + i]));
            at += H * T * n;
        }
        attend(d, p, &c->sentences, state[t], s, TEXTS);
        for (int i = 0; i < H * TEXTS; i++)
            worst_map = fmax(worst_map, fabs(p[i] - (double)sentences[t * H * TEXTS + i]));
        linear(f, &c->w1, &c->b1, d);
        for (int i = 0; i < F; i++) f[i] = fmax(f[i], 0);
        linear(g, &c->w2, &c->b2, f);
        linear(a, &c->gate_h, NULL, state[t]);
        linear(b, &c->gate_d, NULL, g);
        for (int k = 0; k < D; k++) {
            const double l = 1 / (1 + exp(-a[k] - b[k])), want = l * state[t][k] + (1 - l) * g[k];
            worst = fmax(worst, fabs(want - (double)got->data[t * D + k]));
        }
    }
    CHECK(worst < 1e-5, "%g", worst);
    CHECK(worst_map < 1e-6, "%g", worst_map);
    tt_run_reset(&run, NULL);
    tt_model_close(m);
    free(params);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    check("3", SETTINGS("context-lines", "3"));
    check("1", SETTINGS("context-lines", "1", "norm", "post"));
    check("2", SETTINGS("context-lines", "2", "encoder", "bigru", "decoder", "gru"));
    check_loop();
    tt_run_close(&run);
    return test_done("t_context");
}
