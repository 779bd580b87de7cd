/* beside.h: what stands beside the pairs of a parallel text, in files in step with it: links of
 * words, as word aligners write them ("0-0 1-2", source and target from 0), and weights in the
 * loss, one a line for the pair or one for each target word.
 *
 *     tt_beside *b = tt_beside_open(&files, sources, vocab, &e);
 *     TT_TRY(tt_beside_begin(b, source, &e));                    // of each source, in order
 *     TT_TRY(tt_beside_next(b, arena, &line, &e));               // of each of its pairs
 *     TT_TRY(tt_beside_keep(b, &line, texts, ids, counts, &e));  // where the pair is kept
 *     TT_TRY(tt_beside_end(b, &e));
 *     TT_TRY(tt_beside_shard(b, pairs, &batch, arena, &e));
 *
 * Words are what stands between blanks; a word's pieces are those from a blank on. A link of words
 * links all their pieces. Where a normaliser makes other words of a text than it has blanks, its
 * pair has no links, and word weights their mean; so have pairs whose words modifiers changed in
 * number. The end of a sentence has the mean weight of its words, and no links.
 */
#ifndef TT_TEXT_BESIDE_H
#define TT_TEXT_BESIDE_H

#include "text/batch.h"

/* Borrowed until the reading is over. */
typedef struct tt_beside_files {
    const char *links, *weights; /* a file for each source with commas between; NULL: none */
    int by_word;                 /* weights are of words */
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
   not there, another number of weights than words. */
int tt_beside_keep(tt_beside *b, const tt_beside_line *line, const tt_span text[2],
                   int32_t *const ids[2], const size_t n[2], tt_err *e);
/* Behind the last pair of a source. TT_EDATA when a file goes on. */
int tt_beside_end(tt_beside *b, tt_err *e);

/* Of what was kept: of links, of weights; 0: there are none. */
enum { TT_BESIDE_LINKS, TT_BESIDE_WEIGHTS, TT_BESIDE };
uint64_t tt_beside_hash(const tt_beside *b, int which);
/* Pairs without the links or weights that their line has. */
size_t tt_beside_lost(const tt_beside *b);

/* Gives the batch the links and weights of the corpus's pairs that its sentences are of, by the
   pieces they have there; in the arena. */
int tt_beside_shard(const tt_beside *b, const uint32_t *pairs, tt_pair_batch *batch, tt_arena *a,
                    tt_err *e);

#endif
