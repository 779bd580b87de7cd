/* t_likely.c: the likeliest tokens of each step: their probabilities are those that forced decoding
 * gives, they come best first, and of equal ones the lower first.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/likely.h"
#include "unit/test.h"

enum { VOCAB = 13, T = 70 /* steps, more than are rated at once */, S = 4 };

int main(void) {
    static const char *const pairs[] = {"dim",        "8", "heads",      "2", "ffn",           "12",
                                        "enc-layers", "1", "dec-layers", "1", "max-positions", "80",
                                        NULL};
    tt_err e = {0};
    tt_kernels kernels;
    tt_run run;
    tt_hyper h;
    tt_model *m = NULL;
    tt_hyper_init(&h);
    for (int i = 0; pairs[i]; i += 2)
        CHECK(!tt_hyper_set(&h, pairs[i], pairs[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, VOCAB, &e), "%s", e.msg);
    float *params = calloc(tt_model_size(&h), sizeof *params);
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
              !tt_run_open(&run, &kernels, 0, &e) && !tt_model_open(&m, &h, params, NULL, &e),
          "%s", e.msg);
    if (!m) return test_done("t_likely");
    tt_model_init(m, 5);
    int32_t ids[T], src_ids[S] = {3, 4, 5, 0};
    const int32_t off[2] = {0, T}, src_off[2] = {0, S};
    for (int i = 0; i < T; i++) ids[i] = (7 * i + i * i) % VOCAB;
    const tt_seqs src = {1, src_off, src_ids, NULL}, tgt = {1, off, ids, NULL};
    float nll[T];
    tt_likely all[T * VOCAB], some[T * 3];
    CHECK(!tt_model_score(&run, m, &src, &tgt, nll, NULL));
    CHECK(!tt_likely_find(all, VOCAB, &run, m, &src, &tgt, &e), "%s", e.msg);
    CHECK(!tt_likely_find(some, 3, &run, m, &src, &tgt, &e), "%s", e.msg);
    for (int t = 0; t < T; t++) {
        const tt_likely *of = all + t * VOCAB;
        double sum = 0;
        for (int i = 0; i < VOCAB; i++) {
            sum += (double)of[i].p;
            if (i)
                CHECK(of[i].p < of[i - 1].p ||
                      (!(of[i].p > of[i - 1].p) && of[i].id > of[i - 1].id));
            if (of[i].id == ids[t])
                CHECK(fabs(log((double)of[i].p) + (double)nll[t]) < 1e-5, "%d: %g and %g", t,
                      (double)of[i].p, exp(-(double)nll[t]));
        }
        CHECK(fabs(sum - 1) < 1e-5, "%d: %g", t, sum);
        CHECK(!memcmp(of, some + t * 3, sizeof(tt_likely[3])), "%d", t);
    }
    m->out_b.data[2] = m->out_b.data[9] = 50; /* with equal rows, equal for certain */
    memcpy(m->emb.data + 2 * 8, m->emb.data + 9 * 8, 8 * sizeof(float));
    CHECK(!tt_likely_find(some, 3, &run, m, &src, &tgt, &e), "%s", e.msg);
    CHECK(some[0].id == 2 && some[1].id == 9);
    tt_model_close(m);
    free(params);
    tt_run_close(&run);
    return test_done("t_likely");
}
