/* gram.h: how many n-grams two texts have in common, exactly, for each order at once.
 *
 *     tt_gram_refs ready;
 *     TT_TRY(tt_gram_ready(&ready, refs, n_refs, tt_dict_size(dict), arena));
 *     TT_TRY(tt_gram_matches(matches, &ready, &hyp, 4, arena));        // of as many hypotheses as
 * one likes
 *
 * A text is a row of symbols: numbers of words or of characters (dict.h). No text is compared and
 * nothing is guessed from a hash. Everything lives in the caller's arena.
 */
#ifndef TT_SCORE_GRAM_H
#define TT_SCORE_GRAM_H

#include "base/arena.h"
#include "score/dict.h"

/* References ready to be compared with; `refs` is borrowed. */
typedef struct tt_gram_refs {
    const tt_symbols *refs;
    int n_refs;
    uint32_t kinds;    /* symbols are below it */
    uint64_t **places; /* (n_refs) of (kinds + 1, words of the reference), or NULL: see gram.c */
} tt_gram_refs;

/* 0 or TT_ENOMEM. */
int tt_gram_ready(tt_gram_refs *r, const tt_symbols *refs, int n_refs, uint32_t kinds,
                  tt_arena *arena);

/* matches[n-1], n = 1 … order: n-grams of `hyp` that are in the references, each counted at most as
   often as the one reference that has it most often; TT_DICT_NONE is in none. 0 or TT_ENOMEM; the
   arena is left as it was. */
int tt_gram_matches(double *matches, const tt_gram_refs *r, const tt_symbols *hyp, int order,
                    tt_arena *arena);

/* n-grams of order n in a text of `len` symbols. */
static inline double tt_gram_total(size_t len, int n) {
    return len < (size_t)n ? 0.0 : (double)(len - (size_t)n + 1);
}

#endif
