/* sharp.h: a tiny model with random weights for the tests of lib/search, made sharp enough that
 * hypotheses end and beams differ; and a batch of sentences for it. Needs test.h before it.
 */
#ifndef TT_TEST_SHARP_H
#define TT_TEST_SHARP_H

#include "base/rng.h"
#include "nn/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARP_VOCAB = 37, SHARP_EOS = 2, SHARP_UNK = 0, SHARP_BATCH = 12 };

/* Another seed is another model; autoreg as in hyper.def, or "SETTING VALUE" of another setting.
   params is the caller's to free, after closing the model. */
static inline tt_model *sharp_model_of(float **params, uint64_t seed, const char *autoreg,
                                       int vocab) {
    tt_err e;
    tt_hyper h;
    tt_model *m = NULL;
    tt_hyper_init(&h);
    tt_hyper_set(&h, "dim", "16", &e);
    tt_hyper_set(&h, "heads", "2", &e);
    tt_hyper_set(&h, "ffn", "24", &e);
    tt_hyper_set(&h, "enc-layers", "2", &e);
    tt_hyper_set(&h, "dec-layers", "2", &e);
    tt_hyper_set(&h, "max-positions", "32", &e);
    char name[64] = "autoreg";
    const char *blank = strchr(autoreg, ' ');
    if (blank) snprintf(name, sizeof name, "%.*s", (int)(blank - autoreg), autoreg);
    CHECK(!tt_hyper_set(&h, name, blank ? blank + 1 : autoreg, &e), "%s", e.msg);
    tt_hyper_set(&h, "aan-dim", "20", &e);
    CHECK(!tt_hyper_finish(&h, vocab, &e), "%s", e.msg);
    *params = calloc(tt_model_size(&h), sizeof **params);
    CHECK(*params && !tt_model_open(&m, &h, *params, NULL, &e));
    tt_model_init(m, seed);
    for (int i = 0; i < vocab * 16; i++) m->out->data[i] *= 1.5f;
    for (int i = 0; i < vocab; i++) m->out_b.data[i] = (float)tt_rand_unit(5, (uint64_t)i);
    m->out_b.data[SHARP_EOS] = 1.5f;
    return m;
}

static inline tt_model *sharp_model(float **params, uint64_t seed, const char *autoreg) {
    return sharp_model_of(params, seed, autoreg, SHARP_VOCAB);
}

/* SHARP_BATCH sentences of 1 to 9 tokens; off (SHARP_BATCH + 1), ids (SHARP_BATCH * 12). */
static inline void sharp_batch(int32_t *off, int32_t *ids) {
    off[0] = 0;
    for (int b = 0; b < SHARP_BATCH; b++) {
        int n = 1 + (int)tt_rand_below(3, (uint64_t)b, 9);
        for (int i = 0; i < n; i++)
            ids[off[b] + i] =
                i + 1 == n ? SHARP_EOS
                           : 3 + (int32_t)tt_rand_below(4, (uint64_t)(off[b] + i), SHARP_VOCAB - 3);
        off[b + 1] = off[b] + n;
    }
}

#endif
