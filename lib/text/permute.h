/* permute.h: a shuffle without a list of what is shuffled.
 *
 *     // each of 0 … n-1 once, in an order of the key's
 *     for (i = 0; i < n; i++) use(tt_permute(key, i, n));
 *
 * Four Feistel rounds (Luby and Rackoff 1988) over the least even number of bits that n fits in; a
 * number above n goes round again (cycle walking: Black and Rogaway 2002), less than four times in
 * the mean.
 */
#ifndef TT_TEXT_PERMUTE_H
#define TT_TEXT_PERMUTE_H

#include <stdint.h>

/* i < n, n > 0. */
uint64_t tt_permute(uint64_t key, uint64_t i, uint64_t n);
/* The other way: of which i it is made. */
uint64_t tt_permute_back(uint64_t key, uint64_t i, uint64_t n);

#endif
