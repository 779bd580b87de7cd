/* subwords.h: a text cut into other pieces each time it is read, so that a model sees its words
 * spelt in more than one way.
 *
 *     tt_subwords *s = tt_subwords_open("unigram:alpha=0.2", vocab, &e);
 *     TT_TRY(tt_subwords_cut(s, ids, n, tt_key(key, pair), arena, &cut, &count, &e));
 *
 * The pieces of a run of usual ids are joined and cut anew; unknown characters, bytes, control
 * pieces and the user's symbols stay where they are. What comes out spells what went in. All that
 * is random comes from the key.
 *
 *   unigram       a cut x of its text is drawn with p(x)^alpha / Σ p^alpha, p the product of the
 *                 pieces' probabilities (Kudo 2018), over all cuts by summing forward and drawing
 *                 backward, or over the n best
 *   bpe-dropout   in each step of merging, each merge is left out with probability p (Provilkov et
 *                 al. 2020)
 */
#ifndef TT_TEXT_SUBWORDS_H
#define TT_TEXT_SUBWORDS_H

#include "base/pick.h"
#include "text/vocab.h"

extern const tt_family tt_family_subwords;

/* Once open it is never changed: threads may share it. */
typedef struct tt_subwords tt_subwords;

/* rows: one of the family. *s: NULL for the row that cuts as the vocabulary does. The vocabulary is
   borrowed. TT_EUSAGE for an unknown row; TT_ECONFIG where the row is for another kind of
   vocabulary. */
int tt_subwords_open(tt_subwords **s, const char *row, const tt_vocab *v, tt_err *e);
void tt_subwords_close(tt_subwords *s);

/* ids (n), as the vocabulary gives them, to cut (count) in the arena. */
int tt_subwords_cut(const tt_subwords *s, const int32_t *ids, size_t n, uint64_t key, tt_arena *a,
                    int32_t **cut, size_t *count, tt_err *e);

#endif
