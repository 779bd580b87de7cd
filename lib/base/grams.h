/* grams.h: of what a vocabulary's pieces are made, as a network that looks inside them sees it:
 * each piece is a list of rows of a table of characters and their neighbours (text/gramrows.h).
 */
#ifndef TT_BASE_GRAMS_H
#define TT_BASE_GRAMS_H

#include <stdint.h>

enum { TT_GRAM_ROWS = 1 << 15 };

typedef struct tt_grams {
    int pieces;         /* V */
    const int32_t *off; /* (V+1), off[0] = 0 */
    const int32_t *row; /* (off[V]), each below TT_GRAM_ROWS */
} tt_grams;

#endif
