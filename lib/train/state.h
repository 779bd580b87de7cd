/* state.h: everything a training run is in between two updates, and its checkpoint.
 *
 * What is here goes into the checkpoint; what can be made again from the options (corpus, packed
 * weights, arenas) does not. So a resumed run is the run.
 */
#ifndef TT_TRAIN_STATE_H
#define TT_TRAIN_STATE_H

#include "nn/model.h"
#include "text/vocab.h"
#include "train/divergence.h"
#include "train/identity.h"
#include "train/optim.h"

enum { TT_STATE_METRICS = 4, TT_STATE_TEXTS = 32 };

/* A tensor of the model, for optimisers that take tensors whole. */
typedef struct tt_state_tensor {
    size_t at;                     /* of its weights in their block */
    size_t state[TT_OPTIM_STATES]; /* of its state in each block of that */
    int rows, cols;
} tt_state_tensor;

typedef struct tt_state {
    tt_hyper h;
    size_t size;   /* floats of the weights' block */
    float *params; /* (size) */
    float
        *moments[TT_OPTIM_STATES]; /* the optimiser's state, as many blocks as it has; else NULL */
    size_t moment_size[TT_OPTIM_STATES]; /* (size), unless the state has another shape than the
                                            weights */
    float *average;           /* (size) of the weights over the updates; NULL: none is kept */
    tt_model *averaged;       /* over average, or NULL */
    tt_state_tensor *tensors; /* (n_tensors), in file order */
    int n_tensors;
    tt_model *model; /* over params, no gradients */
    /* the record */
    long update;       /* updates done */
    long epoch, index; /* of the next batch */
    double epochs;     /* done, with the fraction */
    double elapsed;    /* seconds of training */
    long tokens;       /* target tokens seen */
    long bad;          /* skipped updates in a row */
    double best; /* best validation so far by the first metric; minus it where less is better */
    long best_update; /* when; 0: none yet */
    long validated;   /* update of the last validation; 0: none yet */
    long stall;       /* validations since */
    long drops;       /* of the learning rate, for want of a better validation */
    long stall_drop;  /* validations since the last one */
    struct {          /* of each further metric: its best figure so far, and when; 0: none yet */
        double best;
        long update;
    } also[TT_STATE_METRICS];
    /* of a run with stages */
    long stage, stage_update, stage_tokens, stage_stall; /* and what was done when it began */
    double stage_epochs, stage_elapsed;
    long restart_update, restart_tokens; /* when the schedule last began anew */
    double restart_epochs;
    long drawn[TT_STATE_TEXTS]; /* (texts) pairs of each text before this stage */
    int texts;                  /* 0: no stages */
    long halvings;              /* of the learning rate, each after the loss had gone up for good */
    double usual_loss;          /* nats a token, a mean over the last updates; 0 before the first */
    double sum_loss, sum_nll, sum_norm, sum_weight; /* since the last TRAIN report */
    long sum_tokens, sum_updates;
    tt_divergence rise; /* of the loss */
} tt_state;

/* optimizer: a row of its family, with the settings; average: keep one of the weights. */
int tt_state_open(tt_state *s, const tt_hyper *h, const tt_pick *optimizer, bool average,
                  tt_err *e);
void tt_state_close(tt_state *s);

/* The weights stand: their average begins with them. */
void tt_state_start(tt_state *s);

/* The model to validate and to keep: the averaged one if there is one. */
tt_model *tt_state_kept(const tt_state *s);

/* Writes state, vocabulary and identity to path at once or not at all. */
int tt_state_save(const tt_state *s, const char *path, const tt_identity *id, const tt_vocab *v,
                  tt_err *e);

/* Reads them into an opened state of the same settings. TT_ECONFIG when it belongs to another run
   or to a model of other settings; TT_EFORMAT when a value of the record cannot be. */
int tt_state_load(tt_state *s, const char *path, const tt_identity *id, tt_err *e);

#endif
