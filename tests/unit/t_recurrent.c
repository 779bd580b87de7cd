/* t_recurrent.c: recurrent decoders of every kind: steps of decoding give the probabilities that
 * whole sequences have; a sentence by itself has, bit for bit, what it has among others; a decoder
 * fed its own tokens reads what greedy search would have chosen.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/network.h"
#include "unit/test.h"

#include "unit/made.h"

enum { VOCAB = 13, B = 3, N = 14 };

static tt_kernels kernels;
static tt_run run;

static const int32_t s_off[B + 1] = {0, 5, 7, 12},
                               s_ids[12] = {3, 4, 5, 6, 0, 7, 0, 8, 9, 3, 11, 0};
static const int32_t t_off[B + 1] = {0, 3, 9, N},
                               t_ids[N] = {5, 6, 0, 8, 9, 3, 4, 12, 0, 6, 7, 10, 2, 0};
static const tt_seqs src = {B, s_off, s_ids, NULL}, tgt = {B, t_off, t_ids, NULL};

static tt_model *open_model(const char *encoder, const char *decoder, const char *reach,
                            float **params) {
    const char *const pairs[] = {"dim",
                                 "8",
                                 "heads",
                                 "2",
                                 "ffn",
                                 "12",
                                 "enc-layers",
                                 "2",
                                 "dec-layers",
                                 "2",
                                 "max-positions",
                                 "16",
                                 "dropout",
                                 "0",
                                 "encoder",
                                 encoder,
                                 "decoder",
                                 decoder,
                                 "combine-layers",
                                 reach ? "yes" : "no",
                                 reach ? "cross-reach" : NULL,
                                 reach,
                                 NULL};
    tt_model *m = made_model(params, VOCAB, pairs, NULL);
    for (size_t i = 0; m && i < tt_model_size(&m->h); i++)
        (*params)[i] *= 2; /* so that something depends on it */
    return m;
}

static double log_p(const float *logits, int32_t id) {
    double sum = 0;
    for (int i = 0; i < VOCAB; i++) sum += exp((double)logits[i]);
    return (double)logits[id] - log(sum);
}

/* Each sentence's tokens one at a time, all sentences side by side. */
static void by_steps(tt_model *m, double nll[N]) {
    static const tt_capacity room[B] = {{1, 8}, {1, 8}, {1, 8}};
    tt_decoding *d = tt_decoding_open(&run, m, &src, room);
    int32_t at[B] = {0, 1, 2}; /* sentences that go on */
    int rows = B;
    for (int t = 0; rows; t++) {
        int32_t prev[B], parent[B], next[B];
        int n = 0;
        for (int r = 0; r < rows; r++) {
            if (t_off[at[r]] + t >= t_off[at[r] + 1]) continue;
            next[n] = at[r];
            parent[n] = r;
            prev[n++] = t ? t_ids[t_off[at[r]] + t - 1] : -1;
        }
        rows = n;
        memcpy(at, next, sizeof at);
        if (!rows) break;
        CHECK(!tt_decoding_reserve(&run, d, rows) &&
                  !tt_decoding_step(&run, d, rows, prev, parent, at, NULL),
              "%s", run.err.msg);
        const tt_tensor *logits = tt_decoding_logits(&run, d, 0, rows);
        for (int r = 0; logits && r < rows; r++)
            nll[t_off[at[r]] + t] = -log_p(logits->data + r * VOCAB, t_ids[t_off[at[r]] + t]);
    }
    tt_run_reset(&run, NULL);
}

static void whole(tt_model *m, const tt_seqs *s, const tt_seqs *t, float *nll) {
    tt_loss loss = {0};
    tt_model_loss(&run, m, s, t, 0, &loss, nll);
    CHECK(!run.failed, "%s", run.err.msg);
    tt_run_reset(&run, NULL);
}

/* -log p of token t of sentence b behind what greedy choice would have put before it. */
static float behind_own(tt_model *m, int b, int t) {
    static const tt_capacity room[1] = {{1, 8}};
    const int32_t so[2] = {0, s_off[b + 1] - s_off[b]}, none = 0;
    const tt_seqs s = {1, so, s_ids + s_off[b], NULL};
    tt_decoding *d = tt_decoding_open(&run, m, &s, room);
    int32_t prev = -1;
    double p = 0;
    for (int i = 0; i <= t; i++) {
        CHECK(!tt_decoding_reserve(&run, d, 1) &&
              !tt_decoding_step(&run, d, 1, &prev, &none, &none, NULL));
        const tt_tensor *logits = tt_decoding_logits(&run, d, 0, 1);
        if (!logits) break;
        p = log_p(logits->data, t_ids[t_off[b] + t]);
        prev = (int32_t)kernels.argmax(logits->data, VOCAB);
    }
    tt_run_reset(&run, NULL);
    return (float)-p;
}

static void check_own(tt_model *m, const char *name) {
    float nll[N], given[N];
    whole(m, &src, &tgt, given);
    run.drop = true, run.own = 1, run.taped = true;
    whole(m, &src, &tgt, nll);
    run.drop = false, run.taped = false;
    whole(m, &src, &tgt, given);
    run.own = 0;
    double apart = 0;
    for (int b = 0; b < B; b++)
        for (int t = 0; t < t_off[b + 1] - t_off[b]; t++) {
            const float want = behind_own(m, b, t);
            CHECK(fabsf(nll[t_off[b] + t] - want) < 1e-4f,
                  "%s: sentence %d, token %d: %g, expected %g", name, b, t,
                  (double)nll[t_off[b] + t], (double)want);
            apart = fmax(apart, fabs((double)(nll[t_off[b] + t] - given[t_off[b] + t])));
        }
    CHECK(apart > 1e-3, "%s: its own tokens make no difference", name);
}

static void check(const char *encoder, const char *decoder, const char *reach) {
    char name[200];
    float *params, nll[N], alone[N];
    double steps[N] = {0};
    snprintf(name, sizeof name, "%s, %s, %s", encoder, decoder, reach ? reach : "global");
    tt_model *m = open_model(encoder, decoder, reach, &params);
    if (!m) return;
    whole(m, &src, &tgt, nll);
    by_steps(m, steps);
    for (int i = 0; i < N; i++)
        CHECK(fabs((double)nll[i] - steps[i]) < 1e-5, "%s: token %d is %g, by steps %g", name, i,
              (double)nll[i], steps[i]);
    for (int b = 0; b < B; b++) {
        const int32_t so[2] = {0, s_off[b + 1] - s_off[b]}, to[2] = {0, t_off[b + 1] - t_off[b]};
        whole(m, &(tt_seqs){1, so, s_ids + s_off[b], NULL},
              &(tt_seqs){1, to, t_ids + t_off[b], NULL}, alone + t_off[b]);
    }
    CHECK(!memcmp(alone, nll, sizeof nll), "%s: a sentence by itself is another", name);
    if (!strncmp(encoder, "gru", 3)) check_own(m, name);
    tt_model_close(m);
    free(params);
}

int main(void) {
    static const char *const settings[] = {
        ":attention=bahdanau", ":attention=bahdanau,readout=maxout",
        ":attention=luong",    ":attention=luong,feeding=no",
        ":attention=none",     ":attention=none,context=initial,readout=none"};
    static const char *const outputs[] = {"rnn:recurrence=output,attention=none",
                                          "rnn:recurrence=output,attention=luong,feeding=no"};
    tt_err e = {0};
    const tt_row *encoder, *decoder, *reach;
    char text[100];
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e),
          "%s", e.msg);
    for (int i = 0; (encoder = tt_family_encoder.row(i)) != NULL; i++) {
        for (int j = 1; (decoder = tt_family_decoder.row(j)) != NULL; j++)
            for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
                snprintf(text, sizeof text, "%s%s", decoder->name, settings[k]);
                check(encoder->name, text, NULL);
            }
        for (size_t k = 0; k < sizeof outputs / sizeof *outputs; k++)
            check(encoder->name, outputs[k], NULL);
    }
    check("lstm:reading=reversed", "lstm:attention=none", NULL);
    for (int i = 0; (reach = tt_family_reach.row(i)) != NULL; i++)
        if (((const tt_attend_row *)reach)->sites & TT_AT_CROSS) {
            check("gru", "gru", reach->name);
            check("bilstm", "lstm:attention=luong", reach->name);
        }
    tt_run_close(&run);
    return test_done("t_recurrent");
}
