/* sentence.h: a line of input as what the model is given: one sequence of tokens, or several where
 * the line is longer than `limit` tokens.
 *
 *     TT_TRY(tt_sentences_make(&parts, &n, vocab, text, len, limit, arena, &stats, e));
 *
 * Everything lives in the arena. A line with nothing to translate has no parts.
 */
#ifndef TT_SEARCH_SENTENCE_H
#define TT_SEARCH_SENTENCE_H

#include "text/vocab.h"

typedef struct tt_sentence {
    const int32_t *ids; /* (count), ends with eos */
    int count;
    const char *gap; /* what stands between this part and the next, to be copied; "" at the end */
    size_t gap_len;
    const char *text; /* (len) what it was made from, cleaned */
    size_t len;
} tt_sentence;

/* limit >= 2, eos counted. Counts words, tokens, splits and repairs in *stats. */
int tt_sentences_make(tt_sentence **parts, size_t *n, const tt_vocab *v, const char *text,
                      size_t len, int limit, tt_arena *a, tt_translate_stats *stats, tt_err *e);

/* The whole text as one sentence, at least eos; s->count is 0 when it has more than `limit` tokens.
   Counts repairs. */
int tt_sentence_whole(tt_sentence *s, const tt_vocab *v, const char *text, size_t len, int limit,
                      tt_arena *a, tt_translate_stats *stats, tt_err *e);

/* Words between blanks. */
size_t tt_sentence_words(const char *text, size_t len);

#endif
