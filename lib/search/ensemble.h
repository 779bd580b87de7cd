/* ensemble.h: one step of the decoder, of one model or of several together.
 *
 *     tt_ensemble x;
 *     if (tt_ensemble_open(&x, run, models, src, room)) …        // encodes src
 *     for each step:
 *         if (!tt_ensemble_reserve(&x, run, n)) …
 *         mark = tt_arena_mark(run->arena);
 *         if (!tt_ensemble_step(&x, run, n, prev, parent, sentence, alignment)) …
 *         float *logits = tt_ensemble_logits(&x, run, first, rows);      // of any rows of the step
 *         tt_arena_rewind(run->arena, mark);
 *
 * Logits of one model are its own; several give Σ_i weight_i log p_i, which needs no softmax any
 * more. Arguments as in nn/network.h; the alignment is the first model's.
 */
#ifndef TT_SEARCH_ENSEMBLE_H
#define TT_SEARCH_ENSEMBLE_H

#include <stdbool.h>

#include "search/beam.h"

typedef struct tt_ensemble {
    const tt_models *m;
    tt_decoding *decoding[TT_ENSEMBLE_MAX];
    int vocab;
} tt_ensemble;

/* 1, or 0 once the run has failed. */
int tt_ensemble_open(tt_ensemble *x, tt_run *run, const tt_models *m, const tt_seqs *src,
                     const tt_capacity *room);

/* Makes room in the caches for a step of so many rows: memory that stays, so before the step's. 1,
   or 0 once the run has failed. */
bool tt_ensemble_reserve(tt_ensemble *x, tt_run *run, int rows);

/* Takes a step, in memory behind the caches. 1, or 0 once the run has failed. */
int tt_ensemble_step(tt_ensemble *x, tt_run *run, int rows, const int32_t *prev,
                     const int32_t *parent, const int32_t *sentence, float *const *alignment);

/* (rows, V): those of so many rows of the step from `first` on, behind it; NULL once the run has
 * failed. */
float *tt_ensemble_logits(tt_ensemble *x, tt_run *run, int first, int rows);

/* 1 if logits are log-probabilities already. */
bool tt_ensemble_is_log(const tt_ensemble *x);

#endif
