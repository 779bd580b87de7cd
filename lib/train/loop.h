/* loop.h: what a training run holds, for loop.c and opening.c.
 *
 *     struct loop *l = calloc(1, sizeof *l);
 *     int rc = tt_loop_open(l, o, e);            // all is open, the state is where the run begins
 *     …
 *     tt_loop_close(l);                          // after a failure, too
 *
 * All handles are owned; the options are borrowed until the run is closed.
 */
#ifndef TT_TRAIN_LOOP_H
#define TT_TRAIN_LOOP_H

#include "io/lock.h"
#include "text/beside.h"
#include "text/gramrows.h"
#include "train/course.h"
#include "train/grad.h"
#include "train/schedule.h"
#include "train/valid.h"
#include "train/watch.h"

struct loop {
    const tt_train_options *o;
    tt_train_options own; /* a copy, where --memory changes how the run works */
    int head;             /* rank 0, or alone: reports, validates and writes */
    tt_kernels k;
    tt_pool *pool;
    tt_vocab *vocab;
    tt_grams *grams;            /* of its pieces, for a model that looks into them; or NULL */
    tt_modify *modify;          /* or NULL; of a run with stages, the course has them */
    tt_subwords *subwords[2];   /* of sources and targets, or NULL */
    tt_stages *stages;          /* or NULL */
    tt_course *course;          /* or NULL */
    const tt_parallel *sources; /* (n_sources), the options' or the stages' */
    int n_sources;
    tt_beside *beside; /* links and weights, or NULL */
    tt_corpus *corpus;
    tt_batcher *batcher;
    tt_state s;
    tt_grads *grads;
    tt_model *teacher;      /* beside which the run learns, or NULL, */
    float *teacher_weights; /* and its weights */
    float *chance;          /* of outputs to be computed in an update, or NULL: all are */
    tt_valid *valid;
    tt_arena *arena; /* the batches of an update */
    tt_pair_batch *shards;
    tt_pick optimizer;
    const tt_optimizer *opt; /* its row */
    tt_rate_plan plan;
    const tt_validation *metric[TT_VALIDATIONS]; /* (metrics): what makes a model the best */
    int metrics;
    tt_watch *watch; /* on norms and histograms, or NULL */
    tt_identity id;
    tt_content contents[3]; /* of files that options name */
    uint64_t teacher_hash;
    tt_lock *lock; /* on this run */
    char checkpoint[4096];
    char folder[4096]; /* where the text is shuffled on disk; "": in memory */
    long kept;      /* update of the run's checkpoint on disk; negative: none of a good model yet */
    long begun;     /* updates done when this process took the run up */
    int longest;    /* side of a pair, in tokens */
    int context;    /* texts before each that the model reads */
    double started; /* clock when s.elapsed was loaded */
    double before;  /* s.elapsed then */
    tt_state earlier;  /* the record before the last update */
    int halfway;       /* an update has begun to change the state, and is not done */
    double disp_clock; /* at the last TRAIN report */
    double unsaved;    /* when a checkpoint could not be written; 0: it could */
};

/* TT_EUSAGE where options are missing or do not go together. */
int tt_loop_check(const tt_train_options *o, tt_err *e);

/* Into a zeroed struct: kernels, vocabulary, corpus, batches, and the state of the checkpoint, of a
   model, or a fresh one. */
int tt_loop_open(struct loop *l, const tt_train_options *o, tt_err *e);

/* The next batch is the state's. */
int tt_loop_seek(struct loop *l, tt_err *e);

void tt_loop_close(struct loop *l);

#endif
