/* speller.h: a list of words with how often each was seen, and which of them a word that it lacks
 * is most likely a slip of the finger for.
 *
 *     tt_speller *s = tt_speller_open(bytes, len, "words.tsv", e);   // bytes are the list's now
 *     if (!tt_speller_knows(s, word, len)) n = tt_speller_mend(s, word, len, false, out);
 *
 * The list is text: WORD TAB COUNT, a line each, words of small letters. A slip is one letter that
 * is missing, too many or another one, or two that changed places (Damerau 1964); the last is by
 * far the most frequent of a kind, so such a word counts ten times. Nothing is mended unless one
 * word is far more likely than all others (Kernighan et al. 1990 compare p(word) p(slip)).
 */
#ifndef TT_TEXT_SPELLER_H
#define TT_TEXT_SPELLER_H

#include "base/err.h"

#include <stdbool.h>

typedef struct tt_speller tt_speller;

enum { TT_SPELLER_LETTERS = 32, TT_SPELLER_WORD = 4 * (TT_SPELLER_LETTERS + 1) };

/* Takes the bytes over, which are freed with the list, also where the list is refused: TT_EFORMAT
   with the line. name: for messages. */
tt_speller *tt_speller_open(char *bytes, size_t len, const char *name, tt_err *e);
void tt_speller_close(tt_speller *s);

/* word: small letters, UTF-8. */
bool tt_speller_knows(const tt_speller *s, const char *word, size_t len);

/* The word that this one, which the list lacks, is a slip for: its bytes into out
   (TT_SPELLER_WORD), their count; 0: there is none, or it is not clear which, or the word has a
   letter that hardly any of the list has, as words of other languages do. swapped: only words whose
   letters changed places are thought of. */
size_t tt_speller_mend(const tt_speller *s, const char *word, size_t len, bool swapped, char *out);

#endif
