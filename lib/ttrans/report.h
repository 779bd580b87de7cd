/* report.h: what training tells while it runs.
 *
 *     static void on_report(void *ctx, const tt_report *r) {
 *         if (r->kind == TT_REPORT_VALID) printf("%ld: BLEU %.2f\n", r->update, r->bleu);
 *     }
 *     options.report = on_report;
 */
#ifndef TTRANS_REPORT_H
#define TTRANS_REPORT_H

#include "ttrans/error.h"

TT_C_BEGIN

enum {
    TT_REPORT_TICK,
    TT_REPORT_TRAIN,
    TT_REPORT_VALID,
    TT_REPORT_SKIPPED,
    TT_REPORT_SAVED,
    TT_REPORT_END,
    TT_REPORT_BACK,
    TT_REPORT_UNSAVED,
    TT_REPORT_NORMS,
    TT_REPORT_HISTOGRAMS,
    TT_REPORT_STAGE
};
enum {
    TT_END_UPDATES,
    TT_END_EPOCHS,
    TT_END_TIME,
    TT_END_PATIENCE,
    TT_END_STOPPED,
    TT_END_DIVERGED,
    TT_END_AFTER,
    TT_END_STAGES
};

/* 2-norms of one tensor: of the gradient of the mean loss, of the weights before the update, and of
   their change over the learning rate. */
typedef struct tt_tensor_norms {
    const char *name;
    double gradient, weights, step;
} tt_tensor_norms;

enum { TT_HISTOGRAM_BINS = 60 };

/* How many of the numbers x of a group of tensors have |x| in each of 60 bins from 1e-12 to 1, five
 * a decade. */
typedef struct tt_histogram {
    uint64_t zero, below, bin[TT_HISTOGRAM_BINS], above; /* below: but not 0; above: 1 and more */
} tt_histogram;

/* Of the gradient of the mean loss, and of the weights' change over the learning rate. */
typedef struct tt_group_histograms {
    const char *group;
    tt_histogram gradient, step;
} tt_group_histograms;

/* TICK: after every update; TRAIN: every `disp_every`, means since the last one; VALID:
   scores of the development set; SKIPPED: an update with a non-finite loss or gradient; SAVED: a
   checkpoint is on disk; UNSAVED: a checkpoint or model could not be written, training goes on and
   tries again; BACK: the loss had gone up for good, and the run begins again at the last checkpoint
   with half the learning rate; NORMS, HISTOGRAMS: of this update; STAGE: the
   stage that begins now; END: the last one, and why. */
typedef struct tt_report {
    int kind;
    long update;             /* updates done */
    double epoch;            /* epochs done, with the fraction */
    double loss, perplexity; /* nats a target token, label-smoothed; exp of the plain one */
    double rate, norm;       /* learning rate; gradient norm before clipping */
    double tokens_per_s;     /* target tokens */
    double elapsed, left;    /* seconds of training; until the end, negative: not known */
    double bleu, chrf;       /* VALID: of greedy translations */
    double ter;              /* the same; negative: not asked for */
    int best;         /* VALID: 1 when this is the best so far and was written to the model file */
    unsigned best_by; /* VALID: bit i: the best so far by metric i, and written */
    long tokens;      /* target tokens seen so far */
    int reason;       /* END: TT_END_… */
    long here, best_update; /* END: updates of this call, none where the run was over before; that
                               of the best validation, or 0 */
    double best_score;      /* END: that one's figure by the first metric, */
    const char *metric;     /* and the name of this */
    int digits;             /* behind its point */
    const char *why;        /* BACK, UNSAVED: what went wrong; STAGE: its name */
    const tt_tensor_norms *norms;          /* NORMS: (n), in file order */
    const tt_group_histograms *histograms; /* HISTOGRAMS: (n); the last group is all */
    int n;
} tt_report;

TT_C_END

#endif
