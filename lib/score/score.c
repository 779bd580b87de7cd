/* score.c: the scorer of ttrans.h on top of a table of metrics: it checks segments, adds up their
 * rows of statistics, and signs the result. Its arena serves one segment after the other.
 */
#include "score/chars.h"
#include "score/metric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const tt_metric *const metrics[] = {&tt_metric_bleu, &tt_metric_chrf, &tt_metric_ter};
enum { METRICS = sizeof metrics / sizeof metrics[0] };

static const tt_row *row_at(int i) { return i >= 0 && i < METRICS ? &metrics[i]->row : NULL; }
const tt_family tt_family_metric = {"metric", "how translations are scored", row_at};

const char *tt_score_metric(int i) { return row_at(i) ? row_at(i)->name : NULL; }

const char *tt_score_tokenizer(int i) {
    const tt_row *r = tt_family_tokenizer.row(i);
    return r ? r->name : NULL;
}

int tt_score_order(int *value, int def, int low, const char *what, tt_err *e) {
    if (!*value) *value = def;
    if (*value < low || *value > TT_SCORE_ORDER_MAX)
        return tt_fail(e, TT_EUSAGE, "%s %d: %d to %d is allowed", what, *value, low,
                       TT_SCORE_ORDER_MAX);
    return 0;
}

static int set_up(tt_score *s, const char *metric, int refs, tt_err *e) {
    int i = tt_family_place(&tt_family_metric, metric, strlen(metric));
    if (i < 0) return tt_fail(e, TT_EUSAGE, "no metric '%s'", metric);
    s->metric = metrics[i];
    if (refs < 1 || refs > TT_SCORE_REFS_MAX)
        return tt_fail(e, TT_EUSAGE, "%d references: 1 to %d are allowed", refs, TT_SCORE_REFS_MAX);
    s->refs = s->fewest = s->most = s->last_refs = refs;
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
    if (set_up(s, metric, refs, e)) {
        tt_score_close(s);
        return NULL;
    }
    return s;
}

void tt_score_close(tt_score *s) {
    if (!s) return;
    tt_arena_close(s->arena);
    free(s->kept);
    free(s);
}

int tt_score_check(tt_span line, tt_err *e) {
    if (line.len > TT_SCORE_SEGMENT_MAX)
        return tt_fail(e, TT_EDATA, "%zu bytes in one line, %zu are allowed", line.len,
                       TT_SCORE_SEGMENT_MAX);
    size_t part, valid = tt_chars_bad(line.text, line.len, &part);
    if (valid < line.len)
        return tt_fail(e, TT_EDATA, "not valid UTF-8 at byte %zu (0x%02x)", valid + 1,
                       (unsigned)(unsigned char)line.text[valid]);
    return 0;
}

tt_span tt_score_strip(tt_span line) { return line.len ? tt_chars_rstrip(line) : (tt_span){"", 0}; }

/* Room for one more row among those that are kept. */
static int make_room(tt_score *s, tt_err *e) {
    if (!s->setting.o.keep || s->segments < s->room) return 0;
    size_t room = s->room ? 2 * s->room : 1024, row = (size_t)s->size * sizeof *s->kept;
    double *kept = room < SIZE_MAX / row ? realloc(s->kept, room * row) : NULL;
    if (!kept) return tt_fail(e, TT_ENOMEM, "out of memory for %zu segments", room);
    s->kept = kept;
    s->room = room;
    return 0;
}

static int check_each(tt_score *const *scores, int n, tt_err *e) {
    const tt_score *first = scores[0];
    for (int i = 0; i < n; i++) {
        if (scores[i]->metric != first->metric || scores[i]->size != first->size ||
            scores[i]->refs != first->refs)
            return tt_fail(e, TT_EUSAGE, "scores of different kinds cannot share references");
        TT_TRY(make_room(scores[i], e));
    }
    return 0;
}

/* The line without white space at its end, where its words can be looked up. */
static int take_line(tt_span *to, tt_span line, tt_arena *arena, tt_err *e) {
    TT_TRY(tt_score_check(line, e));
    line = tt_score_strip(line);
    char *text = tt_dict_room(arena, line.len);
    if (!text) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", line.len);
    memcpy(text, line.text, line.len);
    *to = (tt_span){text, line.len};
    return 0;
}

/* The references that are there; *n of them. */
static int take_refs(const tt_score *s, tt_span *there, int *n, const tt_span *refs, tt_err *e) {
    *n = 0;
    for (int r = 0; r < s->refs; r++) {
        if (!refs[r].text) continue;
        if (take_line(&there[(*n)++], refs[r], s->arena, e))
            return tt_err_context(e, "reference %d", r + 1);
    }
    return *n ? 0 : tt_fail(e, TT_EDATA, "a segment without a reference");
}

static void add_row(tt_score *s, const double *row, int n_refs) {
    for (int i = 0; i < s->size; i++) s->sum[i] += s->last[i] = row[i];
    if (s->kept)
        memcpy(s->kept + s->segments * (size_t)s->size, row, (size_t)s->size * sizeof *row);
    s->last_refs = n_refs;
    if (!s->segments || n_refs < s->fewest) s->fewest = n_refs;
    if (!s->segments || n_refs > s->most) s->most = n_refs;
    s->segments++;
}

int tt_score_add_each(tt_score *const *scores, int n, const tt_span *hyps, const tt_span *refs,
                      tt_err *e) {
    tt_score *first = scores[0];
    tt_span there[TT_SCORE_REFS_MAX];
    int n_refs;
    tt_arena_reset(first->arena);
    double *rows = tt_arena_alloc(first->arena, (size_t)(n * first->size) * sizeof *rows);
    tt_span *lines = tt_arena_alloc(first->arena, (size_t)n * sizeof *lines);
    if (!rows || !lines) return tt_fail(e, TT_ENOMEM, "out of memory for %d systems", n);
    for (int i = 0; i < n; i++)
        if (take_line(&lines[i], hyps[i], first->arena, e)) return tt_err_context(e, "hypothesis");
    TT_TRY(take_refs(first, there, &n_refs, refs, e));
    TT_TRY(check_each(scores, n, e));
    int rc = first->metric->count(&first->setting, rows, lines, n, there, n_refs, first->arena, e);
    if (rc == TT_ENOMEM)
        return tt_fail(e, rc, "out of memory for a segment of %zu bytes", hyps[0].len);
    for (int i = 0; i < n && !rc; i++) add_row(scores[i], rows + i * first->size, n_refs);
    return rc;
}

int tt_score_add(tt_score *s, tt_span hyp, const tt_span *refs, tt_err *e) {
    return tt_score_add_each(&s, 1, &hyp, refs, e);
}

int tt_score_words(tt_score *s, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e) {
    TT_TRY(tt_score_check(line, e));
    tt_arena_reset(s->arena);
    line = tt_score_strip(line);
    TT_TRY(s->metric->prepare(&s->setting, &line, s->arena, e));
    int rc = tt_words_cut(line, &s->setting.words, s->arena, token, token_ctx);
    return rc == TT_ENOMEM ? tt_fail(e, rc, "out of memory") : rc;
}

/* ---- results ------------------------------------------------------------------------------- */

/* What has been written so far of a signature. */
typedef struct writer {
    char *text;
    size_t len, cap;
} writer;

static void put(writer *w, const char *key, const char *value) {
    if (!value || w->len >= w->cap) return;
    int n = snprintf(w->text + w->len, w->cap - w->len, "%s%s:%s", w->len ? "|" : "", key, value);
    w->len += n > 0 ? (size_t)n : 0;
}

static void put_count(writer *w, const char *key, int count) {
    char text[16];
    snprintf(text, sizeof text, "%d", count);
    if (count) put(w, key, text);
}

static void sign(const tt_score *s, const tt_score_tags *tags, int fewest, int most, int brief,
                 char *text, size_t cap) {
    static const tt_score_tags none = {0};
    writer w = {text, 0, cap};
    char own[160];
    if (!cap) return;
    text[0] = 0;
    if (!tags) tags = &none;
    if (fewest < most) put(&w, brief ? "#" : "nrefs", "var");
    else put_count(&w, brief ? "#" : "nrefs", most);
    put_count(&w, "bs", tags->bs);
    put_count(&w, "ar", tags->ar);
    put(&w, brief ? "rs" : "seed", tags->seed);
    put(&w, brief ? "t" : "test", tags->test);
    put(&w, brief ? "l" : "lang", tags->lang);
    put(&w, brief ? "o" : "origlang", tags->origlang);
    put(&w, brief ? "S" : "subset", tags->subset);
    s->metric->sign(&s->setting, brief, own, sizeof own);
    if (w.len < cap) w.len += (size_t)snprintf(text + w.len, cap - w.len, "|%s", own);
    put(&w, brief ? "v" : "version", "2.6.0");
    put(&w, brief ? "i" : "impl", "ttrans-" TT_VERSION);
}

void tt_score_sign(const tt_score *s, const tt_score_tags *tags, int brief, char *text,
                   size_t cap) {
    sign(s, tags, s->fewest, s->most, brief, text, cap);
}

static void describe(const tt_score *s, const double *row, int fewest, int most,
                     tt_score_result *r) {
    *r = (tt_score_result){.bp = 1, .less_is_better = s->metric->less};
    s->metric->result(&s->setting, row, r);
    sign(s, NULL, fewest, most, 0, r->signature, sizeof r->signature);
}

void tt_score_get(const tt_score *s, tt_score_result *r) {
    describe(s, s->sum, s->fewest, s->most, r);
}

void tt_score_get_last(const tt_score *s, tt_score_result *r) {
    describe(s, s->last, s->last_refs, s->last_refs, r);
}

void tt_score_reset(tt_score *s) {
    memset(s->sum, 0, sizeof s->sum);
    memset(s->last, 0, sizeof s->last);
    s->segments = 0;
    s->fewest = s->most = s->last_refs = s->refs;
}

size_t tt_score_segments(const tt_score *s) { return s->segments; }
