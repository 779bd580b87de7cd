/* slips.h: slips of the finger in a sentence, put right in what the model reads.
 *
 *     TT_TRY(tt_slips_mend(&plain, spelling, arena, e));    // after tt_holds_take
 *
 * A word counts as a slip if the list lacks it, no letter of it is a capital (but the first of the
 * sentence), white space or marks stand around it, and it is one slip away from one likely word
 * (speller.h). A first word with a capital may be a name: only letters that changed places are put
 * right. Where the list lacks many words the sentence is of another kind, and stays.
 */
#ifndef TT_TRANSLATE_SLIPS_H
#define TT_TRANSLATE_SLIPS_H

#include "text/speller.h"
#include "translate/sentence.h"

/* In the arena. What is held stays. */
int tt_slips_mend(tt_plain *p, const tt_speller *s, tt_arena *a, tt_err *e);

#endif
