/* train_log.c: reports of `ttrans train` as JSON, one object a line. */
#include <ctype.h>
#include <math.h>

#include "cmd.h"
#include "train.h"

/* Why a run ended, as in the log; and the option that ended it. */
static const struct {
    const char *name, *option;
} reasons[] = {[TT_END_UPDATES] = {"max-updates", "--max-updates"},
               [TT_END_EPOCHS] = {"max-epochs", "--max-epochs"},
               [TT_END_TIME] = {"time-limit", "--time-limit"},
               [TT_END_PATIENCE] = {"early-stopping", "--early-stopping"},
               [TT_END_AFTER] = {"after", "--after"},
               [TT_END_STAGES] = {"stages", "the end of --stages"},
               [TT_END_STOPPED] = {"stopped", ""},
               [TT_END_DIVERGED] = {"diverged", ""}};

static const char *const kinds[] = {
    [TT_REPORT_TICK] = "tick",   [TT_REPORT_TRAIN] = "train",
    [TT_REPORT_VALID] = "valid", [TT_REPORT_SKIPPED] = "skipped",
    [TT_REPORT_SAVED] = "saved", [TT_REPORT_END] = "end",
    [TT_REPORT_BACK] = "back",   [TT_REPORT_UNSAVED] = "unsaved",
    [TT_REPORT_NORMS] = "norms", [TT_REPORT_HISTOGRAMS] = "histograms",
    [TT_REPORT_STAGE] = "stage"};

const char *tt_cmd_end_name(int reason) { return reasons[reason].name; }

const char *tt_cmd_end_option(int reason) { return reasons[reason].option; }

static void number(FILE *f, const char *key, double x) {
    if (isfinite(x)) fprintf(f, ", \"%s\": %.6g", key, x);
    else fprintf(f, ", \"%s\": null", key);
}

static void text(FILE *f, const char *key, const char *s) {
    fprintf(f, ", \"%s\": \"", key);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') putc('\\', f);
        putc(iscntrl((unsigned char)*s) ? '?' : *s, f);
    }
    putc('"', f);
}

/* "best_bleu": the figure's name in lower case. */
static void best(FILE *f, const tt_report *r) {
    char key[40];
    int n = snprintf(key, sizeof key, "best_%.20s", r->metric);
    for (int i = 0; i < n; i++) key[i] = (char)tolower((unsigned char)key[i]);
    fprintf(f, ", \"best_update\": %ld", r->best_update);
    number(f, key, r->best_score);
}

static void norms(FILE *f, const tt_report *r) {
    fputs(", \"tensors\": {", f);
    for (int i = 0; i < r->n; i++) {
        const tt_tensor_norms *x = &r->norms[i];
        fprintf(f, "%s\"%s\": {\"gradient\": %.6g, \"weights\": %.6g, \"step\": %.6g}",
                i ? ", " : "", x->name, x->gradient, x->weights, x->step);
    }
    putc('}', f);
}

static void histogram(FILE *f, const char *of, const tt_histogram *h) {
    fprintf(f, "\"%s\": {\"zero\": %llu, \"below\": %llu, \"above\": %llu, \"counts\": [", of,
            (unsigned long long)h->zero, (unsigned long long)h->below,
            (unsigned long long)h->above);
    for (int i = 0; i < TT_HISTOGRAM_BINS; i++)
        fprintf(f, "%s%llu", i ? ", " : "", (unsigned long long)h->bin[i]);
    fputs("]}", f);
}

static void histograms(FILE *f, const tt_report *r) {
    fputs(", \"from\": 1e-12, \"to\": 1, \"groups\": {", f);
    for (int i = 0; i < r->n; i++) {
        fprintf(f, "%s\"%s\": {", i ? ", " : "", r->histograms[i].group);
        histogram(f, "gradient", &r->histograms[i].gradient);
        fputs(", ", f);
        histogram(f, "step", &r->histograms[i].step);
        putc('}', f);
    }
    putc('}', f);
}

void tt_cmd_report_json(FILE *f, const tt_report *r) {
    fprintf(
        f,
        "{\"type\": \"%s\", \"update\": %ld, \"epoch\": %.4f, \"tokens\": %ld, \"elapsed\": %.1f",
        kinds[r->kind], r->update, r->epoch, r->tokens, r->elapsed);
    if (r->kind == TT_REPORT_TRAIN || r->kind == TT_REPORT_VALID || r->kind == TT_REPORT_SKIPPED)
        number(f, "loss", r->loss);
    if (r->kind == TT_REPORT_TRAIN || r->kind == TT_REPORT_VALID)
        number(f, "perplexity", r->perplexity);
    if (r->kind == TT_REPORT_TRAIN || r->kind == TT_REPORT_SKIPPED || r->kind == TT_REPORT_BACK)
        number(f, "learning_rate", r->rate);
    if (r->kind == TT_REPORT_TRAIN || r->kind == TT_REPORT_SKIPPED)
        number(f, "gradient_norm", r->norm);
    if (r->kind == TT_REPORT_TRAIN) number(f, "tokens_per_second", r->tokens_per_s);
    if (r->kind == TT_REPORT_VALID) {
        fprintf(f, ", \"bleu\": %.2f, \"chrf\": %.2f", r->bleu, r->chrf);
        if (r->ter >= 0) fprintf(f, ", \"ter\": %.2f", r->ter);
        fprintf(f, ", \"best\": %s", r->best ? "true" : "false");
    }
    if (r->kind == TT_REPORT_NORMS) norms(f, r);
    if (r->kind == TT_REPORT_HISTOGRAMS) histograms(f, r);
    if (r->why) text(f, r->kind == TT_REPORT_STAGE ? "stage" : "why", r->why);
    if (r->kind == TT_REPORT_END) {
        text(f, "reason", reasons[r->reason].name);
        if (r->best_update) best(f, r);
    }
    fputs("}\n", f);
    fflush(f);
}
