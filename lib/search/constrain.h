/* constrain.h: translations that must contain given words: constrained beam search with dynamic beam
 * allocation (Post and Vilar 2018).
 *
 * A hypothesis has met so many tokens of its terms; hypotheses of a step compete only with those that
 * have met as many: the beam is shared out to these banks. A term's tokens stand in a row; a hypothesis that leaves a
 * term half said begins it anew. Only one that has met all may end.
 */
#ifndef TT_SEARCH_CONSTRAIN_H
#define TT_SEARCH_CONSTRAIN_H

#include "search/beam.h"

struct tt_steer;
struct tt_steer_row;
struct tt_choice;

enum { TT_TERMS_MAX = 256 }; /* in one sentence */

/* What a translation must contain. */
typedef struct tt_terms {
    int count;              /* 1 … TT_TERMS_MAX */
    const int32_t *off;     /* (count+1) */
    const int32_t *ids;     /* (off[count]) tokens of term after term, none empty */
    int left_out;           /* terms of the sentence beyond TT_TERMS_MAX */
} tt_terms;

/* Tokens met by a hypothesis; *next (TT_TERMS_MAX): those that would meet one more, *n of them. */
int tt_terms_met(const tt_terms *t, const int32_t *tokens, int count, int32_t *next, int *n);

/* The beam that a sentence with these terms needs: every bank has a place, as far as TT_BEAM_MAX goes. */
int tt_terms_width(const tt_terms *t, int beam);

/* As tt_steer_choose, for rows that hold log p and have no token left that may not be chosen. */
int tt_terms_choose(struct tt_choice *list, const struct tt_steer *s,
                    const struct tt_steer_row *rows, int count);

#endif
