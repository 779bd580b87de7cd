/* steer.h: how a step's tokens are chosen where more is asked than the likeliest: a forced
 * beginning, no repetition, diverse groups, words that must appear, sampling.
 *
 *     tt_steer s = {.k = kernels, .o = opts, .vocab = V, …};
 *     n = tt_steer_choose(list, &s, rows, count);          // best first, at most s.width
 *
 * beam.c chooses by itself, and faster, where nothing of this is asked. Each rule takes tokens out
 * of a row, or makes them less likely, before the row is looked at; log p in the results stays that
 * of the model.
 */
#ifndef TT_SEARCH_STEER_H
#define TT_SEARCH_STEER_H

#include <stdbool.h>

#include "search/terms.h"

/* One continuation of one row. */
typedef struct tt_continuation {
    double path; /* Σ log p with this token */
    int32_t row, token;
    int looked; /* terms.h: the term looked at, from 1 */
    int met;    /* terms said, where the token is eos */
} tt_continuation;

/* An open hypothesis. */
typedef struct tt_steer_row {
    const int32_t *tokens; /* (count) its tokens so far */
    int count;
    double path;   /* Σ log p so far */
    float *logits; /* (V), or log p; overwritten */
    int32_t row;   /* its number, for the choices */
    int state;     /* of its last character (wellformed.h) */
    const uint16_t
        *looked; /* (count) the term looked at when each token was chosen, from 1; NULL: any */
    const float *attention; /* (S) of this step on the source; NULL: not known */
} tt_steer_row;

/* What holds for all rows of a sentence, or of one group of it. */
typedef struct tt_steer {
    const tt_kernels *k;
    const tt_search_opts *o;
    int vocab, width;     /* V; continuations wanted */
    int is_log;           /* 1: rows are log p already */
    int last;             /* 1: only eos is left */
    int left;             /* tokens that may follow the next one, eos counted */
    int replaced;         /* 1: U+FFFD may be said */
    int forced;           /* >= 0: the token that a beginning asks for; -1: none */
    const int32_t *taken; /* (taken_count) tokens that earlier groups chose at this step */
    int taken_count;
    const tt_terms *terms; /* or NULL */
    uint64_t key;          /* sampling: of this hypothesis */
    int step;
    float *work;    /* (V) sampling: room for a distribution */
    int32_t *order; /* (V) and for tokens; both NULL otherwise */
} tt_steer;

/* 1 if a rule of steer.h holds for any sentence. */
bool tt_steer_needed(const tt_search_opts *o, const tt_search_in *in);

/* Fills list (width), the most wanted first; returns how many, 0 where every token is NaN. */
int tt_steer_choose(tt_continuation *list, const tt_steer *s, tt_steer_row *rows, int count);

#endif
