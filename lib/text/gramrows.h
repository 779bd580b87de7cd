/* gramrows.h: the runs of one to three characters of each piece, hashed, as fastText has them
 * (Bojanowski et al. 2017): words that are spelt alike share rows, whatever their pieces.
 *
 *     tt_grams *g = tt_grams_open(vocab, &e);      // NULL: no memory
 *     tt_grams_close(g);
 *
 * A piece stands between ‹ and ›, of which runs of two and three take notice. A run's row is the
 * FNV-1a hash of its bytes, 32 bits wide (Fowler, Noll, Vo), by TT_GRAM_ROWS. A byte's piece,
 * "<0xE2>", is taken as it is written.
 */
#ifndef TT_TEXT_GRAMROWS_H
#define TT_TEXT_GRAMROWS_H

#include "base/grams.h"
#include "text/vocab.h"

tt_grams *tt_grams_open(const tt_vocab *v, tt_err *e);
void tt_grams_close(tt_grams *g);

#endif
