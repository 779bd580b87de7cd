/* beside.h: what stands beside the pairs of a parallel text, in files in step with it: links of
 * words, as word aligners write them ("0-0 1-2", source and target from 0), and weights in the
 * loss, one a line for the pair or one for each target word.
 *
 *     tt_beside *b = tt_beside_open(&files, sources, vocab, &e);
 *     TT_TRY(tt_beside_begin(b, source, &e));                    // of each source, in order
 *     TT_TRY(tt_beside_next(b, arena, &line, &e));               // of each of its pairs
 *     TT_TRY(tt_beside_note(b, &line, texts, ids, counts, &note, &len, &e)); // where it is kept
 *     TT_TRY(tt_beside_end(b, &e));
 *     TT_TRY(tt_beside_shard(b, pairs, NULL, &batch, arena, &e));
 *
 * Each pair of the corpus carries its links and weights as a note, in memory or on disk (store.h).
 *
 * Words are what stands between blanks; a word's pieces are those from a blank on. A link of words
 * links all their pieces. Where a normaliser makes other words of a text than it has blanks, its
 * pair has no links, and word weights their mean; so have pairs whose words modifiers changed in
 * number. The end of a sentence has the mean weight of its words, and no links. Pairs of a source
 * without a file have no links, and the weight 1.
 */
#ifndef TT_TEXT_BESIDE_H
#define TT_TEXT_BESIDE_H

#include "text/batch.h"

enum { TT_BESIDE_LINKS, TT_BESIDE_WEIGHTS, TT_BESIDE };
extern const char *const tt_beside_options[TT_BESIDE]; /* that name them, without dashes */

typedef struct tt_beside_files {
    const char *lists[TT_BESIDE]; /* a file for each source with commas between; NULL: none */
    const char *const
        *names[TT_BESIDE]; /* or (sources), NULL for a source that has none; or NULL */
    int by_word;           /* weights are of words */
} tt_beside_files;

/* Of one pair, not yet looked at. */
typedef struct tt_beside_line {
    const char *text[2]; /* of the links, of the weights; or NULL */
    size_t number;       /* of the line */
} tt_beside_line;

/* TT_EUSAGE where there are not as many files as sources. The vocabulary is borrowed. */
tt_beside *tt_beside_open(const tt_beside_files *files, int sources, const tt_vocab *v, tt_err *e);
void tt_beside_close(tt_beside *b);

/* Fails if a file cannot be read. */
int tt_beside_check(const tt_beside *b, tt_err *e);

int tt_beside_begin(tt_beside *b, int source, tt_err *e);
/* TT_EDATA, with file and count, when a file has fewer lines than the text. */
int tt_beside_next(tt_beside *b, tt_arena *a, tt_beside_line *line, tt_err *e);
/* TT_EDATA, with file and line, for what is no list of links or weights, a link of a word that is
   not there, another number of weights than words. The note is borrowed until the next call. */
int tt_beside_note(tt_beside *b, const tt_beside_line *line, const tt_span text[2],
                   int32_t *const ids[2], const size_t n[2], const void **note, size_t *len,
                   tt_err *e);
/* Behind the last pair of a source. TT_EDATA when a file goes on. */
int tt_beside_end(tt_beside *b, tt_err *e);

/* Of the links or weights of the pairs that were kept; 0: no source has any, or b is NULL. */
uint64_t tt_beside_hash(const tt_beside *b, int which);
/* The same of a source and those before; 0: it has no file. And that file. */
uint64_t tt_beside_hash_of(const tt_beside *b, int which, int source);
const char *tt_beside_name(const tt_beside *b, int which, int source);
/* Pairs without the links or weights that their line has. */
size_t tt_beside_lost(const tt_beside *b);

/* Gives the batch the links and weights of the pairs that its sentences are of, by the pieces they
   have there; in the arena. other (pairs): it has other words there, and so no links; or NULL. */
int tt_beside_shard(const tt_beside *b, const tt_raw *pairs, const bool *other,
                    tt_pair_batch *batch, tt_arena *a, tt_err *e);

#endif
