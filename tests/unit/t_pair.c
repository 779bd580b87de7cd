/* t_pair.c: sources of two texts in a model: how they are parted, that a pair among others is what
 * it is by itself bit for bit, in slices and as a whole, and that steps of decoding see what whole
 * sequences do. What co-attention computes: t_torch.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/network.h"
#include "nn/stack.h"
#include "unit/test.h"

#include "unit/made.h"

enum { VOCAB = 13, B = 3, N = 17, D = 8 };

static tt_kernels kernels;
static tt_run run;
static const int32_t s_off[B + 1] = {0, 6, 10, N},
                               s_ids[N] = {3, 4, 0, 5, 6, 0, 7, 0, 2, 0, 8, 9, 0, 3, 5, 7, 0};
static const int32_t t_off[B + 1] = {0, 3, 5, 9}, t_ids[9] = {5, 6, 0, 8, 0, 9, 3, 4, 0};
static const tt_seqs src = {B, s_off, s_ids, NULL}, tgt = {B, t_off, t_ids, NULL};

static void test_split(void) {
    static const int32_t want[2 * B + 1] = {0, 3, 6, 8, 10, 13, N}, one_off[2] = {0, 3},
                                      one_ids[3] = {4, 5, 0};
    const tt_seqs *s = tt_pair_split(&run, &src), one = {1, one_off, one_ids, NULL};
    CHECK(s && s->count == 2 * B && !memcmp(s->off, want, sizeof want));
    s = tt_pair_split(&run, &one); /* cut short: the second is empty */
    CHECK(s && s->count == 2 && s->off[1] == 3 && s->off[2] == 3);
    tt_run_reset(&run, NULL);
}

static void score(tt_model *m, const tt_seqs *s, const tt_seqs *t, float *nll) {
    CHECK(!tt_model_score(&run, m, s, t, nll, NULL), "%s", run.err.msg);
    tt_run_reset(&run, NULL);
}

static double log_p(const float *logits, int32_t id) {
    double sum = 0;
    for (int i = 0; i < VOCAB; i++) sum += exp((double)logits[i]);
    return (double)logits[id] - log(sum);
}

static void check(const char *const *own) {
    static const char *const pairs[] = {"dim",        "8", "heads",      "2", "ffn",           "12",
                                        "enc-layers", "2", "dec-layers", "1", "max-positions", "16",
                                        NULL};
    float nll[9], alone[9], *params;
    tt_model *m = made_model(&params, VOCAB, pairs, own);
    if (!m) return;
    CHECK(tt_model_texts(m) == 2);
    score(m, &src, &tgt, nll);
    for (int b = 0; b < B; b++) {
        const int32_t so[2] = {0, s_off[b + 1] - s_off[b]}, to[2] = {0, t_off[b + 1] - t_off[b]};
        score(m, &(tt_seqs){1, so, s_ids + s_off[b], NULL},
              &(tt_seqs){1, to, t_ids + t_off[b], NULL}, alone + t_off[b]);
    }
    CHECK(!memcmp(nll, alone, sizeof nll), "%s: a pair by itself is another", own[1]);
    run.taped = true; /* not in slices */
    const tt_tensor *whole = tt_stack_encode(&run, m, &src, NULL);
    run.taped = false;
    const tt_tensor *sliced = tt_stack_encode(&run, m, &src, NULL);
    CHECK(whole && sliced && !memcmp(whole->data, sliced->data, sizeof(float) * N * D), "%s",
          own[1]);
    tt_run_reset(&run, NULL);
    static const tt_capacity room[B] = {{1, 8}, {1, 8}, {1, 8}};
    tt_decoding *d = tt_decoding_open(&run, m, &src, room);
    static const int32_t all[B] = {0, 1, 2}, prev[B] = {-1, -1, -1};
    CHECK(d && !tt_decoding_reserve(&run, d, B) &&
              !tt_decoding_step(&run, d, B, prev, all, all, NULL),
          "%s", run.err.msg);
    const tt_tensor *logits = tt_decoding_logits(&run, d, 0, B);
    for (int b = 0; logits && b < B; b++) {
        const double p = log_p(logits->data + b * VOCAB, t_ids[t_off[b]]);
        CHECK(fabs(p + (double)nll[t_off[b]]) < 1e-5, "%s: %g, by a step %g", own[1],
              -(double)nll[t_off[b]], p);
    }
    tt_run_reset(&run, NULL);
    tt_model_close(m);
    free(params);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    test_split();
    check(SETTINGS("second-source", "concatenate"));
    check(SETTINGS("second-source", "co-attention"));
    check(SETTINGS("second-source", "co-attention", "encoder", "bigru", "decoder", "gru"));
    check(SETTINGS("second-source", "concatenate", "encoder", "lstm", "cross-reach", "area"));
    tt_run_close(&run);
    return test_done("t_pair");
}
