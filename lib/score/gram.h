/* gram.h: how many n-grams two texts have in common, exactly, for each order at once.
 *
 * A text is a row of symbols: numbers of words (tt_dict) or code points. An n-gram is known by the
 * number of its first n-1 symbols, taken as an n-gram of the order below, and its last symbol; so
 * every key has 64 bits, no text is compared and nothing is guessed from a hash. One order is
 * worked on at a time, which keeps the table of a sentence within the first-level cache.
 *
 * Everything lives in the caller's arena: rewinding it forgets all.
 */
#ifndef TT_SCORE_GRAM_H
#define TT_SCORE_GRAM_H

#include "base/arena.h"

#define TT_GRAM_NONE UINT32_MAX /* the symbol of a hypothesis's word that no reference has */

typedef struct tt_gram_text {
    uint32_t *symbols;
    size_t len;
} tt_gram_text;

/* matches[n-1], n = 1 … order: n-grams of `hyp` that are in the references, each counted at most as
   often as the one reference that has it most often. 0 or TT_ENOMEM; the arena is left as it was.
 */
int tt_gram_matches(double *matches, const tt_gram_text *hyp, const tt_gram_text *refs, int n_refs,
                    int order, tt_arena *arena);

/* n-grams of order n in a text of `len` symbols. */
static inline double tt_gram_total(size_t len, int n) {
    return len < (size_t)n ? 0.0 : (double)(len - (size_t)n + 1);
}

/* Numbers for words, 0, 1, … as they come. */
typedef struct tt_dict tt_dict;

/* A dictionary of at most `max` different words, whose bytes it borrows. NULL: no memory. */
tt_dict *tt_dict_new(size_t max, tt_arena *arena);
uint32_t tt_dict_put(tt_dict *d, tt_span word);       /* its number, given now if it is new */
uint32_t tt_dict_get(const tt_dict *d, tt_span word); /* its number or TT_GRAM_NONE */

#endif
