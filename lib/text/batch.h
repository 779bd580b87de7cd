/* batch.h: a corpus as a stream of batches, cut by tokens.
 *
 *     tt_batcher *b = tt_batcher_open(corpus, &opts, &e);
 *     tt_batcher_seek(b, epoch, index, &e);                  // when resuming
 *     tt_pair_batch shards[G];
 *     tt_batcher_next(b, arena, shards, &info, &e);          // never ends: epoch follows epoch
 *
 * An epoch is a shuffle of the corpus: each pair of a source of weight w stands in it floor(w)
 * times, and once more with the chance that is left. Windows of it are sorted by length and cut
 * into batches of at most `batch_tokens` tokens on either side, and the batches of a window
 * shuffled. A batch is dealt into G shards of nearly equal work. All this follows from (corpus,
 * opts, epoch) and nothing else: neither threads nor history, so (epoch, index) is the whole state.
 *
 * With opts.ready the windows are made ready one by one, so that modifiers can change their pairs;
 * the number of batches in an epoch is then not known, and an index is an opaque place. A recipe
 * (tt_batcher_follow) mixes the sources by shares instead of by weights: each source is gone
 * through again and again, shuffled anew each time, and what is called an epoch here is one window
 * of the mixture.
 */
#ifndef TT_TEXT_BATCH_H
#define TT_TEXT_BATCH_H

#include "text/ready.h"

typedef struct tt_batch_opts {
    uint64_t seed;
    int batch_tokens; /* most target tokens, and most source tokens, of a batch (no padding) */
    int window;       /* pairs sorted by length together */
    int shards;       /* G: parts of a batch that can be worked on apart; not the threads */
    int context; /* texts before each in its document that sources bring (base/seqs.h): those of the
                    corpus, whatever modifiers made of them; they do not count as tokens */
    const tt_ready_opts *ready; /* or NULL: whole epochs are planned, of pairs as they are */
    const tt_beside *beside;    /* what the corpus read links and weights with, borrowed; or NULL */
    const char *folder; /* with ready: pairs are shuffled in temporary files there, in an order of
                           their own where sources are not mixed; NULL: in memory. Borrowed */
    size_t memory;      /* bytes for that, about */
} tt_batch_opts;

typedef struct tt_pair_batch {
    tt_seqs src, tgt;     /* the same count of sentences, maybe 0; each sentence ends with eos */
    const float *weights; /* (N_tgt) of the target's tokens; NULL: all 1 */
    const int32_t *link_off, *link_at; /* (N_tgt + 1), and for each target token the places of
                                          source tokens in their sentence; NULL: none */
} tt_pair_batch;

typedef struct tt_batch_info {
    uint64_t epoch;   /* from 0 */
    size_t index, of; /* this batch's number in its epoch, and how many that has; ready: in its
                         window */
    double epochs;    /* done with this batch; of a mixture: its pairs by those of the corpus */
    int pairs;
    int src_tokens, tgt_tokens;
} tt_batch_info;

/* What a batcher that makes windows ready takes. */
typedef struct tt_recipe {
    const tt_modify *modify; /* NULL: pairs stay as they are */
    const double *share;     /* (sources) of a window, their sum above 0; NULL: epochs by weight */
    const uint64_t *from;    /* (sources): pairs that were drawn before; with share */
} tt_recipe;

typedef struct tt_batcher tt_batcher;

/* The corpus is borrowed until close. A pair longer than batch_tokens makes a batch of its own.
   TT_ECONFIG when a number is out of range, or the weights leave nothing. */
tt_batcher *tt_batcher_open(const tt_corpus *c, const tt_batch_opts *o, tt_err *e);
void tt_batcher_close(tt_batcher *b);

/* Only with opts.ready: from now on this recipe, whose arrays are borrowed; the next batch is the
   first one of epoch 0. TT_ECONFIG when no pair can be drawn. */
int tt_batcher_follow(tt_batcher *b, const tt_recipe *r, tt_err *e);
/* Of a mixture: pairs drawn of a source by the end of the window at hand; and how often it has been
   gone through, since `from`, before the next batch. */
uint64_t tt_batcher_drawn(const tt_batcher *b, int source);
double tt_batcher_passes(const tt_batcher *b, int source);

/* The next batch is number `index` of `epoch`. The end of an epoch is the beginning of the next; an
   index behind it is TT_ECONFIG: what was saved belongs to other text or other options. */
int tt_batcher_seek(tt_batcher *b, uint64_t epoch, size_t index, tt_err *e);
void tt_batcher_tell(const tt_batcher *b, uint64_t *epoch, size_t *index); /* of the next batch */

/* Builds the next batch into shards (G), all memory in the arena. */
int tt_batcher_next(tt_batcher *b, tt_arena *a, tt_pair_batch *shards, tt_batch_info *info,
                    tt_err *e);

#endif
