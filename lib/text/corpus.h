/* corpus.h: parallel text, cleaned, filtered and tokenised, held as ids in memory or in files.
 *
 *     tt_parallel s = {.src = "a.en.gz", .tgt = "a.es.gz", .weight = 1};   // a TSV: .tgt NULL
 *     tt_corpus *c = tt_corpus_open(&s, 1, vocab, pool, &limits, &log, &e);
 *
 * Files may be plain or gzip, "-" is the standard input. Lines go through text/clean.h. A pair with
 * an empty side, a side that is too long, or sides of too different length is dropped and counted.
 * The order is that of the files, whatever the threads. Ids take two bytes each (four when the
 * vocabulary is larger than that): a million pairs of twenty words are about 110 MB.
 */
#ifndef TT_TEXT_CORPUS_H
#define TT_TEXT_CORPUS_H

#include "base/pool.h"
#include "base/seqs.h"
#include "text/store.h"
#include "text/vocab.h"

typedef struct tt_beside tt_beside; /* beside.h */

typedef struct tt_corpus_limits {
    int max_tokens;   /* longest side, eos counted */
    double max_ratio; /* of the sides' tokens, longer to shorter, for sides above 10; 0: any */
    int texts;        /* 2: a source is FIRST TAB SECOND (texts.h), and its length that of both */
    int context;      /* > 0: texts before each are read with it, so documents tell corpora apart */
    const char *folder; /* where temporary files hold the pairs; NULL: memory does */
    tt_beside *beside;  /* reads links and weights of the same pairs; borrowed; NULL */
} tt_corpus_limits;

typedef struct tt_corpus tt_corpus;

/* Reads all sources and logs what was kept and dropped, and why. TT_EDATA, naming file and line,
   for a TSV line without TAB; naming both counts, for two files of different length; and when no
   pair is left. */
tt_corpus *tt_corpus_open(const tt_parallel *sources, int n, const tt_vocab *v, tt_pool *pool,
                          const tt_corpus_limits *limits, const tt_log *log, tt_err *e);
void tt_corpus_close(tt_corpus *c);

/* Fails if a source cannot be read. As tt_input_try. */
int tt_corpus_check(const tt_parallel *sources, int n, tt_err *e);

size_t tt_corpus_pairs(const tt_corpus *c);
int tt_corpus_sources(const tt_corpus *c);
double tt_corpus_weight(const tt_corpus *c, int source);
/* The first pair of a source; of number tt_corpus_sources, the end of the last one. */
size_t tt_corpus_first(const tt_corpus *c, int source);
/* Bytes that ids, links and weights of a source take. */
uint64_t tt_corpus_bytes(const tt_corpus *c, int source);
/* Of all ids and weights: a resumed run checks it. */
uint64_t tt_corpus_hash(const tt_corpus *c);

/* What a resumed run is told by when its text is another one. */
typedef struct tt_corpus_record {
    const char *name; /* of the source's first file; borrowed from tt_corpus_open's */
    size_t pairs;
    uint64_t hash; /* of this source and those before */
} tt_corpus_record;

tt_corpus_record tt_corpus_tell(const tt_corpus *c, int source);

/* How many pairs stand before this one in its document, `most` at most: they are the nearest in
   number. An empty line of both sides ends a document, and so does a source. Pairs that were
   dropped are in none. */
int tt_corpus_before(const tt_corpus *c, size_t pair, int most);
size_t tt_corpus_documents(const tt_corpus *c, int source);

/* Tokens of a pair's sides, eos counted. */
int tt_corpus_src_len(const tt_corpus *c, size_t pair);
int tt_corpus_tgt_len(const tt_corpus *c, size_t pair);

/* A pair as it is held; borrowed until the corpus is closed. Its side, eos at its end, to ids
   (n + 1). forget: what files hold need not stay in memory. */
tt_raw tt_corpus_raw(const tt_corpus *c, size_t pair);
void tt_corpus_ids(const tt_corpus *c, const tt_raw *r, int side, int32_t *ids);
void tt_corpus_forget(const tt_corpus *c);

/* Copies a side, eos at its end, to ids (src_len), (tgt_len). */
void tt_corpus_src(const tt_corpus *c, size_t pair, int32_t *ids);
void tt_corpus_tgt(const tt_corpus *c, size_t pair, int32_t *ids);

/* A development set: every pair in order, text and ids. */
typedef struct tt_pairs {
    int count;
    const char *const *src_text, *const *tgt_text; /* (count), cleaned, NUL-ended */
    tt_seqs src, tgt;                              /* each ends with eos; cut to max_tokens */
    const int32_t *document; /* (count): the first pair of each one's document; of an empty one
                                itself */
} tt_pairs;

/* All in the arena. Errors as tt_corpus_open; also TT_EDATA above a million pairs. */
int tt_pairs_read(tt_pairs *p, const tt_parallel *s, const tt_vocab *v, int max_tokens, int texts,
                  tt_arena *a, const tt_log *log, tt_err *e);

#endif
