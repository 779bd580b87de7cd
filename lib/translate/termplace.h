/* termplace.h: terms put into a translation that was found without them.
 *
 *     n = tt_termplace_terms(&hyp, terms, source_tokens, from, arena, e);      // how many stand
 * there now if (tt_termplace_rest(&other, terms) > …)                                // what is
 * left of log p without them
 *
 * The words that looked at a term's source tokens give way to the term. That puts any word into its
 * place, even one that the model does not know as a translation; but the words around it were
 * chosen for another: a search that heeds the terms (terms.h) makes them agree, where it finds a
 * translation that is about as likely.
 */
#ifndef TT_TRANSLATE_TERMPLACE_H
#define TT_TRANSLATE_TERMPLACE_H

#include "search/terms.h"

/* Of a hypothesis with word scores and alignment on so many source tokens, whose first `from`
   tokens are given. The term's first token takes over log p, and all its tokens the attention, of
   the words that went. Terms whose place is not clear are not put. Returns the terms that stand
   there, or a code. */
int tt_termplace_terms(tt_hyp *h, const tt_terms *t, int source, int from, tt_arena *a, tt_err *e);

/* Of the tokens that are of no term: log p; the attention on the source tokens of the terms that
   stand there. */
double tt_termplace_rest(const tt_hyp *h, const tt_terms *t);
double tt_termplace_outside(const tt_hyp *h, const tt_terms *t, int source);

/* Σ log(min(1, attention)) over the source tokens but the end: how much of the source was left out
   (Wu et al. 2016). */
double tt_termplace_covered(const tt_hyp *h, int source);

#endif
