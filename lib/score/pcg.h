/* pcg.h: NumPy's default random numbers, because p-values and intervals must agree with a program
 * that draws them there: PCG XSL RR 128/64 (O'Neill 2014), seeded through NumPy's SeedSequence.
 *
 *     tt_pcg g;
 *     TT_TRY(tt_pcg_seed(&g, "12345", 0, &e));
 *     tt_pcg_below(&g, index, count, n);   // rng.integers(0, n, size=count)
 *     tt_pcg_words(&g, words, count);      // each 64 of rng.integers(2, dtype=bool), the lowest
 * bit first
 */
#ifndef TT_SCORE_PCG_H
#define TT_SCORE_PCG_H

#include "base/err.h"
#include "base/wide.h"

typedef struct tt_pcg {
    tt_wide state, inc; /* inc is odd */
    uint32_t half;      /* upper half of the word drawn last, if it is still there */
    int has_half;
} tt_pcg;

/* `seed`: a whole number of at most 400 decimal digits, or "none" in any case: from the system;
   with `zero_is_none` "0", too. TT_EUSAGE for anything else; TT_EIO when the system gives no random
   bytes. */
int tt_pcg_seed(tt_pcg *g, const char *seed, int zero_is_none, tt_err *e);

/* As if so many words had been drawn. */
void tt_pcg_skip(tt_pcg *g, uint64_t words);

void tt_pcg_words(tt_pcg *g, uint64_t *out, size_t count);

/* `count` numbers, uniform in 0 … n-1, 1 <= n <= 2^32 - 1 (Lemire 2019); for 1 nothing is drawn. */
void tt_pcg_below(tt_pcg *g, uint32_t *out, size_t count, uint32_t n);

#endif
