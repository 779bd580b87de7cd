/* shortlist.h: the target tokens that a sentence may use, so that the output layer need not compute
 * the others.
 *
 *     tt_shortlist *s = tt_shortlist_open("lex.bin", src, tgt, 0, 0, &e);
 *     TT_TRY(tt_shortlist_words(s, src_ids, n, arena, &words, &count, e));   // rising, distinct
 *     tt_shortlist_close(s);
 *
 * A list holds the first F ids of the vocabulary (its most frequent pieces), and for each source
 * token the targets it is most probably translated by: Jean, Cho, Memisevic and Bengio 2015. What a
 * sentence may use follows from its own tokens alone, never from its batch.
 *
 * The binary form (Bergamot, Marian), all numbers little-endian:
 *
 *  1. u64 magic 0xF11A48D5013417F5; u64 checksum; u64 F; u64 most targets of a source token; u64
 *     number of offsets; u64 number of ids.
 *  2. The offsets, u64 each: source token s has the ids from offsets[s] up to offsets[s+1]. None is
 *     less than the one before, the last is the number of ids. There are at most as many as the
 *       source
 *     vocabulary's size + 1: files in use end with the last token that has a list. Fewer than half
 *     of that are taken for a list of another vocabulary.
 *  3. The ids of target tokens, u32 each, rising for each source token.
 *  The checksum folds all u64 words w behind itself (an odd u32 at the end left out) into h = 0 by
 *  h ^= w + 0x9e3779b9 + (h << 6) + (h >> 2).
 *
 * The text form: lines TARGET SOURCE PROBABILITY with blanks or a TAB between, pieces by their
 * text; lines with pieces that the vocabularies lack (NULL, as a rule) are passed over.
 */
#ifndef TT_LEXICAL_SHORTLIST_H
#define TT_LEXICAL_SHORTLIST_H

#include "text/vocab.h"

typedef struct tt_shortlist tt_shortlist;

enum {
    TT_SHORTLIST_FIRST = 100, /* F, and the most targets of a source token, where nobody says; */
    TT_SHORTLIST_BEST = 100   /* the usual figures */
};

/* Either form, plain or gzip, for these vocabularies; the same pointer twice where both sides share
   one. `first` > 0 takes the place of the file's F; `best` > 0 keeps so many of the text form's
   targets of a source token, the most probable (of equal ones the lower ids); 0 means the usual
   figures. The binary form has been cut when it was made. The vocabularies are needed during the
   call alone. NULL on failure: TT_EFORMAT (cut off, damaged, made for other vocabularies), TT_EDATA
   (a line of the text form that is none, with its number; a file without any known pair),
   TT_ENOINPUT, TT_ENOMEM. */
tt_shortlist *tt_shortlist_open(const char *path, const tt_vocab *src, const tt_vocab *tgt,
                                int first, int best, tt_err *e);

/* The same from bytes in memory (the entry "shortlist" of a model file), which may go afterwards;
   `name` is for messages. */
tt_shortlist *tt_shortlist_open_bytes(const void *bytes, size_t len, const char *name,
                                      const tt_vocab *src, const tt_vocab *tgt, int first, int best,
                                      tt_err *e);
void tt_shortlist_close(tt_shortlist *s);

/* The target ids that a sentence of these source tokens (n) may use, rising and distinct, words
   (count) in the arena: the first F, those of its tokens' lists, the tokens themselves where the
   vocabularies are one, and always the end of a sentence; so count is at least 1. Tokens out of
   range have no list. Threads may share s, each with its own arena. 0, or TT_ENOMEM. */
int tt_shortlist_words(const tt_shortlist *s, const int32_t *src_ids, int n, tt_arena *a,
                       int32_t **words, int *count, tt_err *e);

/* What it holds. */
typedef struct tt_shortlist_size {
    int src, tgt; /* sizes of the vocabularies */
    int first;    /* F */
    int longest;  /* targets of the source token that has most */
    size_t ids;   /* of all lists together */
} tt_shortlist_size;

tt_shortlist_size tt_shortlist_measure(const tt_shortlist *s);

/* Lists in memory, as the binary form has them: ids[offsets[s]] … rise for each source token. */
typedef struct tt_shortlist_lists {
    int src_size, first, best;
    const uint64_t *offsets; /* (src_size + 1) */
    const uint32_t *ids;     /* (offsets[src_size]) */
} tt_shortlist_lists;

/* Writes the binary form, at once or not at all ("-": standard output). */
int tt_shortlist_write(const char *path, const tt_shortlist_lists *l, tt_err *e);

#endif
