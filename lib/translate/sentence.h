/* sentence.h: a line of input as the model is given it: its sentences, each a sequence of tokens,
 * and what stands around them.
 *
 *     const tt_cutting how = {.vocab = v, .limit = 128, .split = TT_SPLIT_SENTENCE};
 *     TT_TRY(tt_sentences_make(&line, &how, text, len, arena, &stats, e));
 *     line.lead, line.parts[0], line.parts[0].gap, line.parts[1], …   // in this order they are the
 * line
 *
 * White space between sentences and at both ends, and sentences without a letter, are copied: they
 * stand in `lead` and in the gaps. TABs and line ends inside a line are always between sentences. A
 * sentence longer than `limit` tokens becomes several parts. Everything lives in the arena, or is
 * the caller's text.
 */
#ifndef TT_TRANSLATE_SENTENCE_H
#define TT_TRANSLATE_SENTENCE_H

#include "text/vocab.h"

/* Something held in a sentence. */
typedef struct tt_hold {
    tt_span text;       /* as it comes out */
    size_t begin, end;  /* its place in the text for the model; equal: it left the text, and stood
                           before this byte */
    int kind;           /* TT_KEEP_… */
    int before, behind; /* 1: a blank left with it on that side */
    int standin;        /* the reserved piece in its place (standin.h), from 1; 0: none */
} tt_hold;

/* A sentence as the model reads it (holds.h). */
typedef struct tt_plain {
    const char *text; /* (len) */
    size_t len;
    const int32_t
        *from; /* (len+1): where each of its bytes stood in the sentence; NULL: where it stands */
    tt_hold *holds; /* (count), rising */
    int count;
    int raised;   /* 1: the sentence was in capitals */
    int kept;     /* 1: what is no language was looked for */
    int opens;    /* 1: the sentence begins with a capital, and so does its translation */
    int respelt;  /* words that are read otherwise (slips.h) */
    tt_span line; /* the sentence as it stood in the line */
} tt_plain;

typedef struct tt_sentence {
    const int32_t *ids; /* (count), ends with eos */
    int count;
    const char
        *gap; /* what stands between this part and the next, or behind the last: to be copied */
    size_t gap_len;
    tt_plain plain; /* the text it was made from */
    int word;       /* of the line's words, from 0, the one in which the part begins */
} tt_sentence;

typedef struct tt_sentences {
    tt_span lead; /* what stands before the first part, to be copied: the whole line where there is
                     no part */
    tt_sentence *parts;
    size_t count;
} tt_sentences;

typedef struct tt_cutting {
    const tt_vocab *vocab;
    int limit;    /* tokens of a part, eos counted; >= 2 */
    int split;    /* TT_SPLIT_…; of NONE a line is one sentence if it fits */
    int keep;     /* 1: what is no language is held, and sentences without a letter are copied */
    int capitals; /* 1: sentences in capitals are read in small letters */
    const struct tt_keep *patterns; /* what else is held; or NULL */
    int standins; /* 1: the model says reserved pieces for what is held (standin.h) */
    const struct tt_speller *spelling; /* slips of the finger are mended (slips.h); or NULL */
} tt_cutting;

/* Counts words, tokens, splits and repairs in *stats. */
int tt_sentences_make(tt_sentences *line, const tt_cutting *how, const char *text, size_t len,
                      tt_arena *a, tt_translate_stats *stats, tt_err *e);

/* A line of two texts, FIRST TAB SECOND, as one part; of white space there is no part. What is more
   than `limit` tokens is cut, and counted. TT_EDATA without TAB. */
int tt_sentences_both(tt_sentences *line, const tt_vocab *v, const char *text, size_t len,
                      int limit, tt_arena *a, tt_translate_stats *stats, tt_err *e);

/* The whole text as one sentence, at least eos; s->count is 0 when it has more than `limit` tokens.
   Counts repairs. */
int tt_sentence_whole(tt_sentence *s, const tt_vocab *v, const char *text, size_t len, int limit,
                      tt_arena *a, tt_translate_stats *stats, tt_err *e);

/* Words: what stands between ASCII blanks and control characters. The text may come in pieces. */
typedef struct tt_word_count {
    int words;  /* begun so far */
    int inside; /* 1: the last one may go on */
} tt_word_count;

void tt_words_count(tt_word_count *w, const char *text, size_t len);

/* The number of the first word that begins, or goes on, in what comes next. */
int tt_words_next(const tt_word_count *w, const char *text, size_t len);

/* Words of one text. */
size_t tt_sentence_words(const char *text, size_t len);

#endif
