/* job.h: what the workers do to a batch: sentences are searched, pairs are scored.
 *
 *     tt_job jobs[n];                       // of lines that need not be neighbours
 *     TT_TRY(tt_jobs_run(jobs, n, &how, &run, arena, &stats, e));
 *     *jobs[i].out                          // the hypotheses
 *
 * A translation that repeats itself (a few tokens, again and again, where the source does not) can be
 * searched once more without repetitions. One that lacks a term of the glossary is searched once more with its terms
 * (constrain.h), or has them put into their place (place.h).
 */
#ifndef TT_SEARCH_JOB_H
#define TT_SEARCH_JOB_H

#include "search/constrain.h"
#include "search/sentence.h"

/* One part of a line to be searched, or one pair to be scored. */
typedef struct tt_job {
    const tt_sentence *source, *target; /* target: of a pair, else NULL */
    tt_sentence prefix;                 /* what its translation begins with; count 0: anything */
    const tt_terms *terms;              /* what it must contain; or NULL */
    int n_best;                         /* hypotheses wanted; 0: as all */
    uint64_t key;                       /* of its random numbers */
    tt_hyps *out;
    size_t tokens; /* of source and target */
    size_t index;  /* place in the window */
    uint64_t hash; /* of its sentence, where equal ones are looked for */
    const tt_hyps *same; /* the out of one it equals, or its own where that is filled already; NULL: it is to be searched */
} tt_job;

/* How all of a translator's jobs are done. */
typedef struct tt_job_how {
    tt_models models;
    const tt_search_opts *search;
    int pairs;
    int retry; /* 1: a translation that repeats itself is searched once more */
    const struct tt_shortlist *shortlist; /* or NULL */
} tt_job_how;

/* Counts target tokens and retries in *stats. The run is reset before and after. */
int tt_jobs_run(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a,
                tt_translate_stats *stats, tt_err *e);

/* Do the same 1 … 8 tokens stand there at least 4 times in a row? */
int tt_job_repeats(const int32_t *ids, int count);

#endif
