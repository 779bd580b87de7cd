/* seqs.h: token sequences laid end to end, the shape in which batches travel (no padding).
 * Sentence b holds ids[off[b]] … ids[off[b+1]-1]. Borrowed arrays; lifetime is the maker's.
 *
 * Sentences of documents bring the texts that stand before them: those of sentence b are texts
 * first[b] … first[b+1]-1, the nearest last.
 *
 *     static const tt_before_of of = {count, length, fill};
 *     src.before = tt_before_make(&of, ctx, src.count, arena);        // NULL: no memory
 */
#ifndef TT_BASE_SEQS_H
#define TT_BASE_SEQS_H

#include <stdint.h>

#include "base/arena.h"

typedef struct tt_seqs {
    int count;                      /* B sentences */
    const int32_t *off;             /* (B+1), off[0] = 0 */
    const int32_t *ids;             /* (N), N = off[B] */
    const struct tt_before *before; /* NULL: none is of a document */
} tt_seqs;

typedef struct tt_before {
    const int32_t *first; /* (B+1), first[0] = 0 */
    tt_seqs texts;        /* first[B] of them */
} tt_before;

/* Tells the texts: how many stand before sentence b; the tokens of its text j, 0 the farthest, and
   these. */
typedef struct tt_before_of {
    int (*count)(void *ctx, int b);
    int (*length)(void *ctx, int b, int j);
    void (*fill)(void *ctx, int b, int j, int32_t *ids);
} tt_before_of;

/* Of B sentences, in the arena. NULL: no memory. */
const tt_before *tt_before_make(const tt_before_of *of, void *ctx, int sentences, tt_arena *a);

#endif
