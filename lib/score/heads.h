/* heads.h: what attention heads do over a text, from their maps; nothing here knows a model.
 *
 *     tt_heads *h = tt_heads_open(6, 8, 1, &e);
 *     tt_heads_add(h, maps, n, n);                   // of each sentence
 *     tt_heads_get(h, 2, 3, &facts);                 // of layer 2, head 3
 *     tt_heads_close(h);
 */
#ifndef TT_SCORE_HEADS_H
#define TT_SCORE_HEADS_H

#include "base/err.h"

typedef struct tt_heads tt_heads;

/* Means over rows; weights are taken by size, as shares of their row's sum. */
typedef struct tt_head_facts {
    double rows;
    double entropy;              /* bits: 0 looks at one token, log2 n at n tokens alike */
    double confidence;           /* the greatest share */
    double distance;             /* tokens from the diagonal */
    double previous, same, next; /* share on the token before the diagonal, on it, behind it */
    double first,
        last;      /* share on the first token and on the last, which is the end of the sentence */
    double sparse; /* part of the weights below a tenth of 1 / n, */
    double zeros;  /* and of those that are 0 */
    double sum;    /* of a row's weights, with their signs */
    double
        likeness; /* with the head that is most alike, of any layer: Σ min(p, q) of a row, 0 … 1; */
    int like_layer, like_head; /* which that is, from 1; 0: none */
} tt_head_facts;

/* itself 1: rows and columns are the same text, and row i's diagonal is column i; 0: the diagonal
   goes from corner to corner. NULL: no memory. */
tt_heads *tt_heads_open(int layers, int heads, int itself, tt_err *e);
void tt_heads_close(tt_heads *h);

/* The maps (layers · heads) of one sentence, each (rows, cols); NULL of a head that there is
   not. */
void tt_heads_add(tt_heads *h, const float *const *maps, int rows, int cols);
void tt_heads_get(const tt_heads *h, int layer, int head, tt_head_facts *f); /* both from 1 */

#endif
