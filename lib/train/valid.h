/* valid.h: how good the model is on a development set, in the middle of training. */
#ifndef TT_TRAIN_VALID_H
#define TT_TRAIN_VALID_H

#include "text/corpus.h"
#include "train/grad.h"

typedef struct tt_scores {
    double loss, perplexity; /* nats a target token, plain (not smoothed), and its exp */
    double bleu, chrf;       /* of greedy translations */
} tt_scores;

typedef struct tt_valid tt_valid;

/* Reads the set; vocabulary, pool and log are borrowed. NULL on failure. */
tt_valid *tt_valid_open(const tt_source *s, const tt_vocab *v, int max_tokens, tt_pool *pool, const tt_kernels *k,
                        const tt_log *log, tt_err *e);
void tt_valid_close(tt_valid *v);

/* In the runs of `g`, between two updates. Tells the log how far the set is. */
int tt_valid_score(tt_valid *v, tt_grads *g, tt_model *m, tt_scores *out, tt_err *e);

#endif
