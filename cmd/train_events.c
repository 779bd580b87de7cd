/* train_events.c: reports of `ttrans train` as an event file, for TensorBoard. */
#include "train.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/events.h"

static void number(tt_events *v, double wall, const tt_report *r, const char *tag, double x) {
    if (isfinite(x)) tt_events_number(v, wall, r->update, tag, x);
}

static void train_numbers(tt_events *v, double wall, const tt_report *r) {
    number(v, wall, r, "train/loss", r->loss);
    number(v, wall, r, "train/perplexity", r->perplexity);
    number(v, wall, r, "train/learning_rate", r->rate);
    number(v, wall, r, "train/gradient_norm", r->norm);
    number(v, wall, r, "train/tokens_per_second", r->tokens_per_s);
}

static void valid_numbers(tt_events *v, double wall, const tt_report *r) {
    number(v, wall, r, "valid/loss", r->loss);
    number(v, wall, r, "valid/perplexity", r->perplexity);
    number(v, wall, r, "valid/bleu", r->bleu);
    number(v, wall, r, "valid/chrf", r->chrf);
    if (r->ter >= 0) number(v, wall, r, "valid/ter", r->ter);
}

static void norms(tt_events *v, double wall, const tt_report *r) {
    char tag[120];
    for (int i = 0; i < r->n; i++) {
        const tt_tensor_norms *x = &r->norms[i];
        const double of[] = {x->gradient, x->weights, x->step};
        static const char *const names[] = {"gradient", "weights", "step"};
        for (int k = 0; k < 3; k++) {
            snprintf(tag, sizeof tag, "norm/%s/%.80s", names[k], x->name);
            number(v, wall, r, tag, of[k]);
        }
    }
}

/* Bins by their upper edges; below the first of them stands what is smaller, above the last what is
   larger. */
static void histogram(tt_events *v, double wall, const tt_report *r, const char *tag,
                      const tt_histogram *h) {
    double limit[TT_HISTOGRAM_BINS + 2], count[TT_HISTOGRAM_BINS + 2];
    limit[0] = 1e-12;
    count[0] = (double)h->zero + (double)h->below;
    for (int i = 0; i < TT_HISTOGRAM_BINS; i++) {
        limit[i + 1] = pow(10, -12 + (i + 1) / 5.0);
        count[i + 1] = (double)h->bin[i];
    }
    limit[TT_HISTOGRAM_BINS + 1] = 10;
    count[TT_HISTOGRAM_BINS + 1] = (double)h->above;
    tt_events_histogram(v, wall, r->update, tag, limit, count, TT_HISTOGRAM_BINS + 2);
}

static void histograms(tt_events *v, double wall, const tt_report *r) {
    char tag[80];
    for (int i = 0; i < r->n; i++) {
        snprintf(tag, sizeof tag, "gradient/%.40s", r->histograms[i].group);
        histogram(v, wall, r, tag, &r->histograms[i].gradient);
        snprintf(tag, sizeof tag, "step/%.40s", r->histograms[i].group);
        histogram(v, wall, r, tag, &r->histograms[i].step);
    }
}

void tt_cmd_report_events(tt_events *v, const tt_report *r) {
    const double wall = (double)time(NULL);
    if (r->kind == TT_REPORT_TRAIN) train_numbers(v, wall, r);
    else if (r->kind == TT_REPORT_VALID) valid_numbers(v, wall, r);
    else if (r->kind == TT_REPORT_NORMS) norms(v, wall, r);
    else if (r->kind == TT_REPORT_HISTOGRAMS) histograms(v, wall, r);
}
