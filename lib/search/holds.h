/* holds.h: what a sentence holds that is not the model's to translate: taken out or remembered before the search, put
 * right in the translation afterwards.
 *
 *     TT_TRY(tt_holds_take(&plain, keep, text, len, arena, e));       // plain.text goes to the vocabulary
 *     TT_TRY(tt_holds_title(&plain, vocab, arena, e));
 *     TT_TRY(tt_holds_unknown(&plain, vocab, arena, e));              // if there were tokens of bytes
 *     …
 *     job.aligned = tt_holds_need_places(&plain);                     // then hypotheses come with their alignment
 *     TT_TRY(tt_holds_give(&said, source, &sentence, hyp, arena, e));
 *
 * Signs (emoji) leave the text and come back where their neighbour went. URLs, placeholders, numbers and words whose
 * letters the vocabulary lacks stay in the text; where the translation lacks one, it replaces what was said for it: the
 * tokens that looked at it most, or, where there are none, it goes behind what was said for the word before it.
 * A sentence in capitals is read in small letters, and what is said for it raised again.
 * Characters without width (soft hyphens, joiners, marks of direction) leave the text for good.
 */
#ifndef TT_SEARCH_HOLDS_H
#define TT_SEARCH_HOLDS_H

#include "search/words.h"
#include "text/keep.h"

enum { TT_KEEP_WORD = TT_KEEP_PATTERN + 1 }; /* a word with letters that the vocabulary lacks */

/* In the arena. A text in which nothing is held is the caller's own. */
int tt_holds_take(tt_plain *plain, const tt_keep *k, int capitals, const char *text, size_t len, tt_arena *a, tt_err *e);

/* A heading (Three Words or More, Each With a Capital, without a mark at the end) is read in small letters, but for
   words that the vocabulary finds likelier with their capital, as names are. */
int tt_holds_title(tt_plain *plain, const tt_vocab *v, tt_arena *a, tt_err *e);

/* Adds the words with letters that the vocabulary lacks. *all 1: it knows no letter of the text. */
int tt_holds_unknown(tt_plain *plain, const tt_vocab *v, int *all, tt_arena *a, tt_err *e);

/* Is there anything whose place in a translation only an alignment may tell? */
int tt_holds_need_places(const tt_plain *p);

/* Puts right what was said for the sentence, in the arena. Without h->alignment what has no place goes to the end. */
int tt_holds_give(tt_said *said, const tt_vocab *source, const tt_sentence *s, const tt_hyp *h, tt_arena *a, tt_err *e);

#endif
