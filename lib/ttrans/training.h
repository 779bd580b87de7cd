/* training.h: training of models.
 *
 *     tt_train_options o;
 *     tt_train_defaults(&o);
 *     o.model = "model.ttm", o.vocab = "en-es.spm", o.max_updates = 100000;
 *     o.sources = &(tt_parallel){"corpus.tsv.gz", NULL, 1}, o.n_sources = 1;
 *     rc = tt_train(&o, &e);  // again: goes on where it was
 */
#ifndef TTRANS_TRAINING_H
#define TTRANS_TRAINING_H

#include <signal.h>

#include "ttrans/error.h"
#include "ttrans/learning.h"
#include "ttrans/report.h"

TT_C_BEGIN

/* Parallel text: two files in step, or with tgt NULL one TSV, source TAB target. Plain, .gz, .xz or
 * .zst, "-" is standard input. */
typedef struct tt_parallel {
    const char *src, *tgt;
    double weight; /* how often a pair of it occurs in an epoch */
} tt_parallel;

/* A part of a run: 'u' updates, 't' target tokens, 'e' epochs (fractions allowed: 0.5e). */
typedef struct tt_amount {
    double n;
    char unit; /* 0: nothing is said */
} tt_amount;

enum { TT_RUN_VALUE = 1024 }; /* bytes of a value of an option that makes a run, at most */

typedef struct tt_train_options {
    const char *model;     /* where the model goes; its checkpoint is model.ckpt beside it */
    const char *vocab;     /* SentencePiece model; NULL with `from` */
    const char *vocab_tgt; /* that of the target, where it has one of its own; or NULL */
    const char *from;      /* start from this model's weights and vocabulary, or NULL */
    const tt_parallel *sources;
    int n_sources;
    const char *stages; /* a file of stages, with texts of its own; or NULL. See ttrans-stages(5) */
    const tt_parallel *valid;    /* development set, or NULL */
    const char *const *settings; /* model settings: name, value, name, value … (hyper.def) */
    int n_settings;              /* pairs */
    int store;                   /* TT_TYPE_… of the weights in the model file */
    int restart;                 /* forget an earlier run's checkpoint */
    uint64_t seed;
    int threads;
    long memory; /* bytes that the run, without its text, may take; 0: as it comes */
    int shards;  /* parts of a batch whose gradients are summed in a fixed order; at most so many
                   threads work */
    int batch_tokens, window, accumulate;
    const char *modifiers; /* "upper:share=0.05,typos": rows of their family, in this order; "":
                              none */
    int max_tokens;        /* longest side of a pair */
    double max_ratio;
    const char *optimizer, *schedule; /* rows of their families; schedule NULL: linear when the run
                                         ends in time, else inverse-sqrt */
    const char *warmup_shape;         /* a row of its family */
    double rate;                      /* peak learning rate; for noam its factor */
    double decay_period; /* of inverse-sqrt, in the warm-up's unit; 0: falls from the warm-up on */
    double beta1, beta2, epsilon, decay;
    double clip; /* largest gradient norm, per target token; 0: none */
    double ema;  /* least share of an update in the average of weights that is kept; 0: none */
    double smoothing;
    double teacher_forcing; /* chance that a recurrent decoder's step reads the given token before,
                               and not its own best one */
    int sampled_softmax; /* outputs drawn beside an update's tokens (Jean et al. 2015); 0: all are
                            computed */
    tt_learning also;    /* what it does beyond (learning.h) */
    tt_amount warmup;    /* no unit: 1000 updates; none for a shape or optimiser that needs none */
    double cooldown;     /* last part of the run, 0 … 1, in which the rate also falls to 0 */
    tt_amount after;     /* the run ends at the first of these that is not 0 */
    long max_updates;
    double max_epochs, time_limit; /* time_limit: seconds of training, over all restarts */
    tt_amount valid_every, disp_every,
        save_every; /* 0: never (a model is written at the end in any case) */
    int patience;   /* validations without a better one before the run ends; 0: any */
    const char
        *valid_metrics; /* "bleu" or "bleu,loss": rows of their family. The best model by the first
                           is kept in the model file, by another in MODEL.best-NAME.ttm */
    int bad_limit, rise_limit; /* updates in a row before giving up: skipped ones; with a loss far
                                  above its least; 0: any */
    int retries; /* before giving up for the second reason: times back to the last checkpoint at
                    half the rate */
    long log_norms, log_histograms;    /* report them every so many updates; 0: never */
    const char *isa;                   /* kernels, or NULL */
    const volatile sig_atomic_t *stop; /* becomes non-zero: save and return TT_ESTOPPED; or NULL */
    struct tt_comm *comm; /* the ranks that train together, each called with the same options, or
                             NULL; log, report and files are rank 0's alone */
    const tt_log *log;
    void (*report)(void *ctx, const tt_report *r); /* or NULL; called on the caller's thread */
    void *report_ctx;
} tt_train_options;

void tt_train_defaults(tt_train_options *o);

/* Trains until an end is reached. Started again with the same options it goes on from the
   checkpoint and ends in the same bytes as an unbroken run (unless the schedule depends on a time
   limit). 0; TT_ESTOPPED after saving; TT_EDIVERGED, the last good model kept; or an error.
   Whatever can be refused is refused before the first line of text is read. */
int tt_train(const tt_train_options *o, tt_err *e);

/* What a file of stages names: its texts, their links and weights, and with rows 1 lists of
   modifiers, some of which name files. What take returns, if not 0, ends it. */
int tt_stages_names(const char *path, int (*take)(void *ctx, const char *text, int rows, tt_err *e),
                    void *ctx, tt_err *e);

TT_C_END

#endif
