/* valid.h: how good the model is on a development set, in the middle of training. */
#ifndef TT_TRAIN_VALID_H
#define TT_TRAIN_VALID_H

#include "base/pick.h"
#include "text/corpus.h"
#include "train/grad.h"

typedef struct tt_scores {
    double loss, perplexity; /* nats a target token, plain (not smoothed), and its exp */
    double bleu, chrf;       /* of translations */
    double ter;              /* the same; negative: it was not asked for */
} tt_scores;

/* By what a model is the best: a family. */
typedef struct tt_validation {
    tt_row row;
    const char *title; /* as reports have it */
    bool less;         /* is less better? */
    int digits;        /* behind the point */
    size_t at;         /* of the figure in tt_scores */
} tt_validation;

extern const tt_family tt_family_validation;

enum { TT_VALIDATIONS = 5 }; /* rows of it */

/* Reads "bleu,loss" (blanks do as well) into which[*n]. TT_EUSAGE: none, too many, an unknown one,
 * one twice. */
int tt_validations_read(const tt_validation *which[TT_VALIDATIONS], int *n, const char *names,
                        tt_err *e);

static inline double tt_validation_figure(const tt_validation *v, const tt_scores *s) {
    return *(const double *)(const void *)((const char *)s + v->at);
}

typedef struct tt_valid tt_valid;

/* Reads the set, whose sources are of so many texts; vocabulary, pool and log are borrowed. NULL on
   failure. */
tt_valid *tt_valid_open(const tt_parallel *s, const tt_vocab *v, int max_tokens, int texts,
                        tt_pool *pool, const tt_kernels *k, const tt_log *log, tt_err *e);

/* From now on translations are searched with so many hypotheses, and go to the file `output`, if
   that is not NULL. */
void tt_valid_search(tt_valid *v, int beam, const char *output);

void tt_valid_close(tt_valid *v);

/* In the runs of `g`, between two updates. Tells the log how far the set is. */
int tt_valid_score(tt_valid *v, tt_grads *g, tt_model *m, bool with_ter, tt_scores *out, tt_err *e);

/* The same in the given runs (workers), and only as much of it as is asked for: the loss; BLEU and
   chrF; TER. */
enum { TT_VALID_LOSS, TT_VALID_TRANSLATES, TT_VALID_TER };
int tt_valid_measure(tt_valid *v, tt_run *const *runs, tt_model *m, int most, tt_scores *out,
                     tt_err *e);

#endif
