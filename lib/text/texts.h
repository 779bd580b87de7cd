/* texts.h: a source of two texts, FIRST TAB SECOND, as one sequence of tokens: those of the first
 * and its end, those of the second and its end. A model that reads two texts (nn/pair.h) parts them
 * at the first end.
 *
 *     tt_texts t;
 *     TT_TRY(tt_texts_encode(&t, v, line, len, arena, &e));            // t.ids (t.n), of t.text
 */
#ifndef TT_TEXT_TEXTS_H
#define TT_TEXT_TEXTS_H

#include "text/vocab.h"

typedef struct tt_texts {
    const char *text; /* cleaned, the TAB between (len) */
    size_t len;
    int32_t *ids; /* (n), both ends counted */
    int32_t *at;  /* (n): the byte of text at which each begins */
    size_t n;
    int parts;       /* 2; 1: there was no TAB; 0: nothing but white space */
    size_t bad, nul; /* replaced in cleaning */
} tt_texts;

/* All in the arena. Nothing but `parts` is told where it is not 2. */
int tt_texts_encode(tt_texts *t, const tt_vocab *v, const char *text, size_t len, tt_arena *a,
                    tt_err *e);

#endif
