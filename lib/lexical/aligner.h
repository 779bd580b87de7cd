/* aligner.h: statistical word alignment of numbered text, both directions at once;
 * lib/ttrans/aligning.h is its face for text.
 *
 *     // pick: of tt_family_aligner
 *     tt_wordmodel *m = tt_wordmodel_train(&bitext, &pick, pool, log, &e);
 *     tt_wordmodel_links(m, work, src, n, tgt, k, of, p, &e);
 *     tt_wordmodel_close(m);
 *
 * Expectation maximisation: of each pair of sentences the posterior of either direction
 * (posterior.h) is added to the counts of a table of pairs of words (pairtable.h). The same numbers
 * whatever the threads.
 */
#ifndef TT_LEXICAL_ALIGNER_H
#define TT_LEXICAL_ALIGNER_H

#include "base/log.h"
#include "lexical/pairtable.h"
#include "lexical/posterior.h"
#include "lexical/wordids.h"

enum {
    TT_ALIGN_TEXT_MOST = 256,
    TT_ALIGN_WORDS_MOST = 1024
}; /* longest side to learn from, and to align */

typedef struct tt_wordmodel {
    tt_pairtable table;
    const tt_align_model *model;
    tt_prior prior[2];
} tt_wordmodel;

/* The bitext is not needed afterwards. NULL: TT_EDATA for a text without a pair to learn from;
 * TT_ENOMEM. */
tt_wordmodel *tt_wordmodel_train(const tt_bitext *b, const tt_pick *how, tt_pool *pool,
                                 const tt_log *log, tt_err *e);
void tt_wordmodel_close(tt_wordmodel *m);

/* What one thread needs beside the model; grows as it must. A zeroed one is fine. */
typedef struct tt_align_work {
    float *e[2], *work;   /* owned */
    tt_pair_cell **cell;  /* owned */
    size_t cells, floats; /* room of e and cell, of work */
} tt_align_work;

void tt_align_work_free(tt_align_work *w);

/* Of each target word (m) the likeliest source word of[0], -1 for none, and its probability; of
   each source word (n) the target of[1]. Ids beyond those of the text, or negative, are unknown
   words. Threads may share m. TT_EDATA for an empty or too long side. */
int tt_wordmodel_links(const tt_wordmodel *m, tt_align_work *w, const int32_t *src, int n,
                       const int32_t *tgt, int k, int *const of[2], float *const p[2], tt_err *e);

/* ---- files (aligntables.c) ------------------------------------------------------------------ */

/* What was learned, as text; read, it may be gzip: lines with TABs between fields.
 *
 *     ttrans aligner 1   hmm
 *     forth              p0 λ and 61 weights of jumps; then `back`, the same of the other direction
 *     casa   house       p(house|casa) p(casa|house), of each pair; an empty field is the empty
 *            word
 *
 * Words are those of `words`, source and target. TT_EFORMAT with file and line when read; words are
 * put then. */
int tt_wordmodel_write(const tt_wordmodel *m, tt_wordids *const words[2], const char *path,
                       tt_err *e);
tt_wordmodel *tt_wordmodel_read(const char *path, tt_wordids *const words[2], tt_err *e);

#endif
