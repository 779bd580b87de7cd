/* score.c: the scorer of ttrans.h on top of a table of metrics: it checks segments, adds up their
 * rows of statistics, and signs the result. Its arena serves one segment after the other.
 */
#include "score/chars.h"
#include "score/metric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tt_metric *const metrics[] = {&tt_metric_bleu, &tt_metric_chrf};
enum { METRICS = sizeof metrics / sizeof metrics[0], REFS_MAX = 64 };

struct tt_score {
    const tt_metric *metric;
    tt_score_setting setting;
    int size; /* of a row */
    size_t segments;
    double sum[TT_STATS_MAX], last[TT_STATS_MAX];
    tt_arena *arena;
};

const char *tt_score_metric(int i) { return i >= 0 && i < METRICS ? metrics[i]->name : NULL; }

const char *tt_score_tokenizer(int i) {
    const tt_tokenizer *t = tt_tokenizers();
    for (int k = 0; t->name && k < i; k++) t++;
    return i >= 0 ? t->name : NULL;
}

int tt_score_order(int *value, int def, int low, const char *what, tt_err *e) {
    if (!*value) *value = def;
    if (*value < low || *value > TT_SCORE_ORDER_MAX)
        return tt_fail(e, TT_EUSAGE, "%s %d: %d to %d is allowed", what, *value, low,
                       TT_SCORE_ORDER_MAX);
    return 0;
}

static int set_up(tt_score *s, const char *metric, tt_err *e) {
    int i = 0;
    while (i < METRICS && strcmp(metrics[i]->name, metric)) i++;
    if (i == METRICS) return tt_fail(e, TT_EUSAGE, "no metric '%s'", metric);
    s->metric = metrics[i];
    int refs = s->setting.n_refs;
    if (refs < 1 || refs > REFS_MAX)
        return tt_fail(e, TT_EUSAGE, "%d references: 1 to %d are allowed", refs, REFS_MAX);
    TT_TRY(s->metric->check(&s->setting, e));
    s->size = s->metric->size(&s->setting);
    s->arena = tt_arena_open(0, e);
    return s->arena ? 0 : TT_ENOMEM;
}

tt_score *tt_score_open(const char *metric, const tt_score_options *o, int refs, tt_err *e) {
    tt_score *s = calloc(1, sizeof *s);
    if (!s) {
        tt_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    if (o) s->setting.o = *o;
    s->setting.n_refs = refs;
    if (set_up(s, metric, e)) {
        tt_score_close(s);
        return NULL;
    }
    return s;
}

void tt_score_close(tt_score *s) {
    if (!s) return;
    tt_arena_close(s->arena);
    free(s);
}

int tt_score_check(tt_span line, tt_err *e) {
    if (line.len > TT_SCORE_SEGMENT_MAX)
        return tt_fail(e, TT_EDATA, "%zu bytes in one line, %zu are allowed", line.len,
                       TT_SCORE_SEGMENT_MAX);
    if (!tt_chars_valid(line.text, line.len)) return tt_fail(e, TT_EDATA, "not valid UTF-8");
    return 0;
}

tt_span tt_score_strip(tt_span line) { return line.len ? tt_chars_rstrip(line) : (tt_span){"", 0}; }

int tt_score_add(tt_score *s, tt_span hyp, const tt_span *refs, tt_err *e) {
    tt_span cut[REFS_MAX];
    if (tt_score_check(hyp, e)) return tt_err_context(e, "hypothesis");
    for (int r = 0; r < s->setting.n_refs; r++) {
        if (tt_score_check(refs[r], e)) return tt_err_context(e, "reference %d", r + 1);
        cut[r] = tt_score_strip(refs[r]);
    }
    double row[TT_STATS_MAX];
    tt_arena_reset(s->arena);
    int rc = s->metric->count(&s->setting, row, tt_score_strip(hyp), cut, s->arena);
    if (rc) return tt_fail(e, rc, "out of memory for a segment of %zu bytes", hyp.len);
    for (int i = 0; i < s->size; i++) s->sum[i] += s->last[i] = row[i];
    s->segments++;
    return 0;
}

static void describe(const tt_score *s, const double *row, tt_score_result *r) {
    char own[96];
    s->metric->result(&s->setting, row, r);
    s->metric->sign(&s->setting, own, sizeof own);
    snprintf(r->signature, sizeof r->signature, "nrefs:%d|%s|version:2.6.0|impl:ttrans-%s",
             s->setting.n_refs, own, TT_VERSION);
}

void tt_score_get(const tt_score *s, tt_score_result *r) { describe(s, s->sum, r); }

void tt_score_get_last(const tt_score *s, tt_score_result *r) { describe(s, s->last, r); }

void tt_score_reset(tt_score *s) {
    memset(s->sum, 0, sizeof s->sum);
    memset(s->last, 0, sizeof s->last);
    s->segments = 0;
}

size_t tt_score_segments(const tt_score *s) { return s->segments; }
