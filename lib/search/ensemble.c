/* ensemble.c: see ensemble.h. The sum is taken in the order of the models, in float: each log p is
 * within a rounding of its own, and their order decides nothing but the last bit.
 */
#include <stdbool.h>

#include "search/ensemble.h"

int tt_ensemble_open(tt_ensemble *x, tt_run *run, const tt_models *m, const tt_seqs *src,
                     const tt_capacity *room) {
    *x = (tt_ensemble){.m = m, .vocab = tt_model_outputs(m->model[0])};
    for (int i = 0; i < m->count; i++) {
        x->decoding[i] = tt_decoding_open(run, m->model[i], src, room);
        if (!x->decoding[i]) return 0;
    }
    return 1;
}

bool tt_ensemble_reserve(tt_ensemble *x, tt_run *run, int rows) {
    for (int i = 0; i < x->m->count; i++) tt_decoding_reserve(run, x->decoding[i], rows);
    return !run->failed;
}

bool tt_ensemble_is_log(const tt_ensemble *x) { return x->m->count > 1 || x->m->weights; }

int tt_ensemble_step(tt_ensemble *x, tt_run *run, int rows, const int32_t *prev,
                     const int32_t *parent, const int32_t *sentence, float *const *alignment) {
    for (int i = 0; i < x->m->count; i++)
        if (tt_decoding_step(run, x->decoding[i], rows, prev, parent, sentence,
                             i ? NULL : alignment))
            return 0;
    return 1;
}

float *tt_ensemble_logits(tt_ensemble *x, tt_run *run, int first, int rows) {
    float *sum = NULL;
    size_t v = (size_t)x->vocab;
    for (int i = 0; i < x->m->count; i++) {
        tt_tensor *t = tt_decoding_logits(run, x->decoding[i], first, rows);
        if (!t) return NULL;
        if (!tt_ensemble_is_log(x)) return t->data;
        float weight = x->m->weights ? (float)x->m->weights[i] : 1.0f;
        for (size_t r = 0; r < (size_t)rows; r++) {
            float *row = t->data + r * v; /* (V) */
            float lse = run->k->logsumexp(row, v);
            for (size_t j = 0; j < v; j++) row[j] = weight * (row[j] - lse);
            if (sum) run->k->add(sum + r * v, sum + r * v, row, v);
        }
        if (!sum) sum = t->data;
    }
    return sum;
}
