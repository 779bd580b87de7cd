/* job.h: what the workers do to a batch: sentences are searched, pairs are scored.
 *
 *     tt_job jobs[n];                       // of lines that need not be neighbours
 *     TT_TRY(tt_jobs_run(jobs, n, &how, &run, arena, &stats, e));
 *     *jobs[i].out                          // the hypotheses
 *
 * A translation that looks wrong (suspect.h) can be searched again: the better one is left, by
 * fewer faults; where these may be none, only among hypotheses nearly as likely. One that lacks a
 * term of the glossary is searched once more with its terms (terms.h), or has them put into their
 * place (termplace.h).
 */
#ifndef TT_TRANSLATE_JOB_H
#define TT_TRANSLATE_JOB_H

#include <stdbool.h>

#include "search/terms.h"
#include "translate/history.h"
#include "translate/sentence.h"

/* One part of a line to be searched, or one pair to be scored. */
typedef struct tt_job {
    const tt_sentence *source, *target; /* target: of a pair, else NULL */
    const tt_earlier *before;           /* (n_before): sentences that the model reads with it */
    int n_before;
    tt_sentence prefix;    /* what its translation begins with; count 0: anything */
    const tt_terms *terms; /* what it must contain; or NULL */
    int n_best;            /* hypotheses wanted; 0: as all */
    int aligned;           /* 1: what it holds may need the alignment to find its place */
    uint64_t key;          /* of its random numbers */
    tt_hyps *out;
    unsigned *faults;    /* gets what the translation left in `out` is suspected of */
    size_t tokens;       /* of source and target */
    size_t index;        /* place in the window */
    uint64_t hash;       /* of its sentence, where equal ones are looked for */
    const tt_hyps *same; /* the out of one it equals, or its own where that is filled already; NULL:
                            it is to be searched */
    const unsigned *same_faults; /* and its faults */
} tt_job;

/* How all of a translator's jobs are done. */
typedef struct tt_job_how {
    tt_models models;
    const tt_search_opts *search;
    int pairs;
    unsigned faults; /* 1 << TT_FAULT_…: those that have a translation searched again; 0: none is
                        looked at */
    int repeats_alone;               /* 1: translations with given beginnings are looked at, too */
    const tt_vocab *source, *target; /* vocabularies; these three for texts to be looked at */
    int replace_unk;
    const struct tt_shortlist *shortlist; /* or NULL */
} tt_job_how;

/* Counts batches in *stats. The run is reset before and after. */
int tt_jobs_run(const tt_job *jobs, size_t count, const tt_job_how *how, tt_run *run, tt_arena *a,
                tt_translate_stats *stats, tt_err *e);

/* How those under suspicion are searched again: for all hypotheses of the beam; what loops or does
   not end, without repetitions. */
enum { TT_TURN_BEAM, TT_TURN_NO_REPEAT, TT_TURN_COUNT };

/* 1 if the job is one for the turn. */
bool tt_job_suspected(const tt_job *j, int turn, const tt_job_how *how);

/* Searches jobs again that are for the turn. Counts them in *stats, and those without faults
   afterwards. */
int tt_jobs_again(const tt_job *jobs, size_t count, int turn, const tt_job_how *how, tt_run *run,
                  tt_arena *a, tt_translate_stats *stats, tt_err *e);

/* Counts target tokens, faults and terms left out, when all is done. */
void tt_jobs_count(const tt_job *jobs, size_t count, tt_translate_stats *stats);

#endif
