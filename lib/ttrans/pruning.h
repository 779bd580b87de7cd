/* pruning.h: what attention heads are worth, a model without some of them, and which one tells the
 * alignment.
 *
 *     tt_pruner *p = tt_pruner_open(mf, &(tt_parallel){"dev.tsv", NULL, 1}, 2, NULL, NULL, &e);
 *     tt_pruner_measure(p, 1, &all, &e);
 *     tt_pruner_mask(p, 3, 1);
 *     tt_pruner_measure(p, 1, &without, &e);                       // Michel, Levy and Neubig 2019
 *     gone[0] = *tt_pruner_head(p, 3);
 *     rc = tt_modelfile_prune(mf, gone, 1, "smaller.ttm", &e);
 */
#ifndef TTRANS_PRUNING_H
#define TTRANS_PRUNING_H

#include "ttrans/attention.h"
#include "ttrans/training.h"
#include "ttrans/ttm.h"

TT_C_BEGIN

/* A head of a layer, both from 1; side: TT_ATTENTION_… */
typedef struct tt_head_name {
    int side, layer, head;
} tt_head_name;

/* Writes the model without these heads (n), at once or not at all: it computes what the model does
   with them masked. A layer whose heads are fewer has its number in model.enc-heads, .dec-heads or
   .cross-heads; weights keep their types; what belongs to a training run is left out. TT_EUSAGE for
   a head that is not there; TT_ECONFIG for the last one of a layer, for the alignment's own, and
   where heads see by their number what they see. */
int tt_modelfile_prune(const tt_modelfile *mf, const tt_head_name *gone, size_t n, const char *path,
                       tt_err *e);

/* Whether the head can be taken away: 0, or the code and message with which it cannot. */
int tt_head_may_go(const tt_modelfile *mf, const tt_head_name *name, tt_err *e);

/* Writes the model with this head of cross-attention as the one that tells the alignment of words,
   at once or not at all; what belongs to a training run is left out. TT_EUSAGE: there is no such
   head. */
int tt_modelfile_set_alignment(const tt_modelfile *mf, int layer, int head, const char *path,
                               tt_err *e);

/* A model with heads that can be masked, and sentence pairs to judge it by. */
typedef struct tt_pruner tt_pruner;

/* mf and log (or NULL) are borrowed. NULL on failure; TT_ECONFIG for a model whose sides have two
   vocabularies. */
tt_pruner *tt_pruner_open(const tt_modelfile *mf, const tt_parallel *pairs, int threads,
                          const char *isa, const tt_log *log, tt_err *e);
void tt_pruner_close(tt_pruner *p);

/* All heads that can be taken away, site by site; NULL from the end on. */
const tt_head_name *tt_pruner_head(const tt_pruner *p, size_t i);

/* Whether the i-th head's output counts as 0. */
void tt_pruner_mask(tt_pruner *p, size_t i, int masked);

typedef struct tt_pruner_figures {
    double loss; /* nats a target token */
    double bleu; /* of greedy translations; where asked for */
} tt_pruner_figures;

int tt_pruner_measure(tt_pruner *p, int with_bleu, tt_pruner_figures *f, tt_err *e);

TT_C_END

#endif
