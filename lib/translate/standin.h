/* standin.h: what is held and no language, as one reserved piece of the vocabulary.
 *
 *     standins = tt_standins_known(source) && tt_standins_known(target);
 *     if (standins) TT_TRY(tt_standins_take(&plain, &taken, arena, e)); // See ⟦0⟧ and ⟦1⟧.
 *
 * A vocabulary made for it has the pieces ⟦0⟧ … ⟦9⟧, and its model learned to say each in its
 * place: a URL of forty pieces is then one, and neither the words around it nor its place depend on
 * what stands in it. restore.h writes what each stood for.
 */
#ifndef TT_TRANSLATE_STANDIN_H
#define TT_TRANSLATE_STANDIN_H

#include <stdbool.h>

#include "translate/sentence.h"

enum {
    TT_STANDINS = 10,    /* pieces; of a sentence with more holds the first ones get one */
    TT_STANDIN_BYTES = 7 /* of the text of each */
};

/* Has the vocabulary all of them, each as one piece? */
bool tt_standins_known(const tt_vocab *v);

/* In the arena. Holds of code, URLs, addresses, paths, placeholders and patterns get a piece in
   their place; hold.standin says which. *taken: how many. */
int tt_standins_take(tt_plain *plain, int *taken, tt_arena *a, tt_err *e);

/* Bytes of the piece of any hold at text[i], or 0. */
size_t tt_standin_at(const char *text, size_t len, size_t i);

/* The piece of a hold with one. */
tt_span tt_standin_text(const tt_hold *h);

#endif
