/* forms.h: a term of a glossary in the tokens of both sides: which source tokens it is, and as
 * which tokens its target may stand in a translation.
 *
 *     TT_TRY(tt_forms_place(&begin, &end, source, sentence, arena, e)); // bytes of its source
 * tokens tt_forms_make(form, &n, cap, target, &wish, arena, e);
 *
 * A target has a form behind a blank and one behind an opening mark; with a capital where it may be
 * the first word; and, where the source word has another number than the entry, those of that
 * number too: the model chooses among them.
 */
#ifndef TT_TRANSLATE_FORMS_H
#define TT_TRANSLATE_FORMS_H

#include <stdbool.h>

#include "search/terms.h"
#include "translate/sentence.h"

typedef struct tt_form_wish {
    const char *text; /* (len) the target */
    size_t len;
    int term;     /* its number in the sentence */
    int verbatim; /* 1: exactly so, whatever stands before it */
    int language; /* TT_LANGUAGE_… of the target */
    int plural;   /* 1: the source has the plural of the entry's, so the target may have its own; */
    int singular; /* and the singular */
    int opening;  /* 1: the source sentence begins with a capital, so a first word has one */
    int capital;  /* 1: the source word has a capital within the sentence, so it may have one
                         anywhere */
} tt_form_wish;

/* Adds the forms to form[*n …], at most cap in all. 1: done; 0: no room; or a code. Tokens live in
   the arena. */
int tt_forms_make(tt_term_form *form, int *n, int cap, const tt_vocab *v, const tt_form_wish *w,
                  tt_arena *a, tt_err *e);

/* The bytes of its text that each token of the sentence stands for, without the blank in front of a
   word: begin, end (s->count) in the arena; none where they are the same. */
int tt_forms_place(int32_t **begin, int32_t **end, const tt_vocab *v, const tt_sentence *s,
                   tt_arena *a, tt_err *e);

/* TT_EDGE_… of each token of the vocabulary, owned by the caller. NULL with TT_ENOMEM. */
uint8_t *tt_forms_edges(const tt_vocab *v, tt_err *e);

/* 1 if the character at text[at] is part of a word. Letters and digits are, beyond ASCII all but
   the punctuation. */
bool tt_forms_in_word(const char *text, size_t at, size_t len);

/* The text with small letters, as long as it was: a letter whose small one has another length
   stays. */
void tt_forms_fold(char *to, const char *text, size_t len);

/* The character's capital letter, or itself. */
uint32_t tt_forms_capital(uint32_t c);

#endif
