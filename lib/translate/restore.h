/* restore.h: what a sentence held (holds.h) put right in its translation.
 *
 *     TT_TRY(tt_words_text(&said, source, target, sentence, hyp, 0, 1, arena, e));  // with places
 *     TT_TRY(tt_restore_holds(&said, source, sentence, hyp, arena, e));
 *
 * What the translation has stands as in the source afterwards. What it lacks replaces what was said
 * for it: the tokens that looked at it most, or, where there are none, it goes behind what was said
 * for the word before it. Signs come back where their neighbours went. What was said for a sentence
 * in capitals is raised again.
 */
#ifndef TT_TRANSLATE_RESTORE_H
#define TT_TRANSLATE_RESTORE_H

#include "translate/words.h"

/* In the arena. Without h->alignment what has no place goes to the end. */
int tt_restore_holds(tt_said *said, const tt_vocab *source, const tt_sentence *s, const tt_hyp *h,
                     tt_arena *a, tt_err *e);

#endif
