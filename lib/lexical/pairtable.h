/* pairtable.h: probabilities p(t|s) and p(s|t) of all words that stand opposite each other in a
 * text, and their counts.
 *
 *     TT_TRY(tt_pairtable_make(&t, bitext, most, pool, e));
 *     // NULL: s and w never stand opposite each other
 *     tt_pair_cell *c = tt_pairtable_find(&t, s, w);
 *     tt_count_add(&c->count[0], 0.25f);                         // from any thread
 *     tt_pairtable_maximise(&t, 0.01, 0, pool);                  // counts to probabilities
 *
 * Direction 0 is from source to target, 1 back. A count is a whole number of 2^-32: sums do not
 * depend on their order, hence not on threads. A row of cells is a hash table of the targets of one
 * source word, half to all full. A cell takes 32 bytes: 100,000 pairs of 25 words about 1 GB.
 */
#ifndef TT_LEXICAL_PAIRTABLE_H
#define TT_LEXICAL_PAIRTABLE_H

#include <stdatomic.h>

#include "base/pool.h"
#include "base/rng.h"
#include "lexical/bitext.h"

typedef _Atomic uint64_t tt_count;

typedef struct tt_pair_cell {
    int32_t tgt; /* -1: free */
    float p[2];
    tt_count count[2];
} tt_pair_cell;

typedef struct tt_cell_row {
    tt_pair_cell *cell; /* (mask + 1), owned; NULL: no target */
    uint32_t mask;
    uint32_t seen; /* different targets in the text */
} tt_cell_row;

typedef struct tt_pairtable {
    int size[2];
    tt_cell_row *row; /* (size[0]), owned */
    uint32_t *seen;   /* (size[1]): different sources of a target; owned */
    tt_count *sum;    /* (size[1]): between the steps of maximise, of a target; owned */
    float *null_p[2]; /* by direction, of the words that the empty word of the other side makes:
                          (size[1]), (size[0]); owned */
    tt_count *null_count[2];
    size_t cells; /* pairs of words */
} tt_pairtable;

/* The table of a text, pairs with a side of more than `most` words passed over; all probabilities
 * alike. TT_ENOMEM. */
int tt_pairtable_make(tt_pairtable *t, const tt_bitext *b, int most, tt_pool *pool, tt_err *e);

/* An empty table of so many words, and one more pair in it: for those who read it. The targets of a
   source are put in a run: `row` is how many there are at most, and the first of them makes room.
   TT_ENOMEM. */
int tt_pairtable_open(tt_pairtable *t, int sources, int targets, tt_err *e);
int tt_pairtable_put(tt_pairtable *t, int32_t src, const tt_pair_cell *c, uint32_t row, tt_err *e);
void tt_pairtable_free(tt_pairtable *t); /* a zeroed one is fine */

/* Counts become probabilities, and 0. With alpha > 0 these are the means of variational Bayes under
   a symmetric Dirichlet prior (Riley and Gildea 2012): p(t|s) = exp ψ(c(t,s) + α) / exp ψ(c(s) + α
   · targets seen); with 0, c(t,s) / c(s). Cells of which both are below `least` are dropped; with 0
   none. TT_ENOMEM. */
int tt_pairtable_maximise(tt_pairtable *t, double alpha, double least, tt_pool *pool, tt_err *e);

static inline tt_pair_cell *tt_pairtable_find(const tt_pairtable *t, int32_t src, int32_t tgt) {
    const tt_cell_row *row = &t->row[src];
    if (!row->cell) return NULL;
    for (uint32_t i = (uint32_t)tt_mix((uint64_t)tgt) & row->mask;; i = (i + 1) & row->mask) {
        if (row->cell[i].tgt == tgt) return &row->cell[i];
        if (row->cell[i].tgt < 0) return NULL;
    }
}

static inline void tt_count_add(tt_count *c, float x) {
    atomic_fetch_add_explicit(c, (uint64_t)((double)x * 0x1p32 + 0.5), memory_order_relaxed);
}

static inline double tt_count_get(const tt_count *c) {
    return (double)atomic_load_explicit(c, memory_order_relaxed) * 0x1p-32;
}

#endif
