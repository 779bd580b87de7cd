/* holds.h: what a sentence holds that is not the model's to translate: taken out or remembered
 * before the search, put right in the translation afterwards (restore.h).
 *
 *     TT_TRY(tt_holds_take(&plain, keep, 1, text, len, arena, e)); // plain.text: for the
 * vocabulary TT_TRY(tt_holds_title(&plain, vocab, arena, e)); TT_TRY(tt_holds_opening(&plain,
 * vocab, arena, e)); TT_TRY(tt_holds_unknown(&plain, vocab, &all, arena, e));     // if there are
 * tokens of bytes job.aligned = tt_holds_need_places(&plain);                  // hypotheses get an
 * alignment
 *
 * Signs (emoji) and tags leave the text. URLs, placeholders, numbers and words whose letters the
 * vocabulary lacks stay in the text. A sentence in capitals is read in small letters. Characters
 * without width (soft hyphens, joiners, marks of direction) leave the text for good; an accent
 * between letters (don´t) is read as an apostrophe.
 */
#ifndef TT_TRANSLATE_HOLDS_H
#define TT_TRANSLATE_HOLDS_H

#include <stdbool.h>

#include "translate/sentence.h"
#include "text/keep.h"

enum {
    TT_KEEP_WORD = TT_KEEP_PATTERN + 1, /* a word with letters that the vocabulary lacks */
    TT_KEEP_AMOUNT /* a number in the text, and a sign that has left it (amount.h) */
};

/* In the arena. A text in which nothing is held is the caller's own. */
int tt_holds_take(tt_plain *plain, const tt_keep *k, int capitals, const char *text, size_t len,
                  tt_arena *a, tt_err *e);

/* A heading (Three Words or More, Each With a Capital, without a mark at the end) is read in small
   letters, but for words that the vocabulary finds likelier with their capital, as names are. */
int tt_holds_title(tt_plain *plain, const tt_vocab *v, tt_arena *a, tt_err *e);

/* A first word whose capital, beyond ASCII, is a piece of its own (Ú ltima) is read with a small
   one, where the vocabulary knows it so, in fewer pieces and few; else it is a name (Ó scar), which
   tt_holds_unknown adds. */
int tt_holds_opening(tt_plain *plain, const tt_vocab *v, tt_arena *a, tt_err *e);

/* 1 if the first letter is a capital, and no digit stands before it. */
bool tt_holds_is_opening(const char *text, size_t len);

/* In place: makes the first letter a capital; not behind a digit, and not in iPhone. */
void tt_holds_raise(char *text, size_t len);

/* Adds the words with letters that the vocabulary lacks, and names that begin with one it hardly
   knows. *all 1: it knows no letter of the text. */
int tt_holds_unknown(tt_plain *plain, const tt_vocab *v, int *all, tt_arena *a, tt_err *e);

/* 1 if the vocabulary has a piece for this character, or for what it becomes. */
int tt_holds_knows(const tt_vocab *v, const char *text, size_t size, tt_arena *a, int *known,
                   tt_err *e);

/* 1 if there is anything whose place in a translation only an alignment may tell. */
int tt_holds_need_places(const tt_plain *p);

/* 1 if the hold is a sign, which is no longer in the text. */
bool tt_hold_has_left(const tt_hold *h);

/* 1 if no letter and no digit is in the text from byte i on. */
int tt_holds_only_marks(const char *text, size_t len, size_t i);

#endif
