/* plural.h: the other number of a term: dog, dogs; child, children; points of view; perros
 * calientes.
 *
 *     n = tt_plural_forms(form, TT_PLURAL_MOST, TT_LANGUAGE_ENGLISH, "Knife", 5, arena);
 *     form[0].text, form[0].one                        // "Knives", 0; "Knifes", 0
 *
 * Rules of spelling and a table of irregular words: a form may be no word. Who looks for forms in a
 * text is not hurt by that; a model that chooses among forms chooses the word.
 */
#ifndef TT_TRANSLATE_PLURAL_H
#define TT_TRANSLATE_PLURAL_H

#include "base/arena.h"

enum { TT_PLURAL_MOST = 8 }; /* forms of one term */

enum { TT_LANGUAGE_OTHER, TT_LANGUAGE_ENGLISH, TT_LANGUAGE_SPANISH };

typedef struct tt_plural {
    tt_span text;
    int one;  /* 1: the singular, of a term that is a plural; 0: the plural */
    int verb; /* 1: is a verb, too, where no article stands before it: leaves, lives */
} tt_plural;

/* The language of a code such as "en" or "en-GB"; NULL: other. */
int tt_language_of(const char *code);

/* In the arena. An ending is in small letters, what stands before it is the term's. Returns how
   many, or TT_ENOMEM. */
int tt_plural_forms(tt_plural *form, int cap, int language, const char *term, size_t len,
                    tt_arena *a);

#endif
