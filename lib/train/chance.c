/* chance.c: see chance.h. */
#include "train/chance.h"

#include <math.h>
#include <stdlib.h>

static int count_tokens(const tt_corpus *c, double *count, tt_err *e) {
    int32_t *ids = NULL;
    int capacity = 0;
    for (int s = 0; s < tt_corpus_sources(c); s++) {
        double weight = tt_corpus_weight(c, s);
        for (size_t p = tt_corpus_first(c, s); p < tt_corpus_first(c, s + 1); p++) {
            int n = tt_corpus_tgt_len(c, p);
            if (n > capacity) {
                int32_t *more = realloc(ids, (size_t)n * sizeof *ids);
                if (!more) {
                    free(ids);
                    return tt_fail(e, TT_ENOMEM, "out of memory");
                }
                ids = more, capacity = n;
            }
            tt_corpus_tgt(c, p, ids);
            for (int i = 0; i < n; i++) count[ids[i]] += weight;
        }
    }
    free(ids);
    return 0;
}

static double drawn(const double *like, int v, double c) {
    double sum = 0;
    for (int i = 0; i < v; i++) sum += fmin(1.0, c * like[i]);
    return sum;
}

float *tt_chance_make(const tt_corpus *c, int v, int expected, tt_err *e) {
    double *like = calloc((size_t)v, sizeof *like);
    float *chance = calloc((size_t)v, sizeof *chance);
    if (!like || !chance) {
        tt_fail(e, TT_ENOMEM, "out of memory for the chances of %d outputs", v);
        goto fail;
    }
    if (count_tokens(c, like, e)) goto fail;
    for (int i = 0; i < v; i++) like[i] = pow(like[i] + 1, 0.75);
    double low = 0, high = 1; /* like is at least 1: a factor of 1 draws all */
    for (int i = 0; expected < v && i < 60; i++) {
        double mid = (low + high) / 2;
        if (drawn(like, v, mid) < expected) low = mid;
        else high = mid;
    }
    for (int i = 0; i < v; i++) chance[i] = (float)fmin(1.0, high * like[i]);
    free(like);
    return chance;
fail:
    free(like);
    free(chance);
    return NULL;
}
