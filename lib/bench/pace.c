/* pace.c: a translator at work: words a second of a text in bulk, or the time of one line after the
 * other.
 *
 * In bulk a window holds two batches for every thread, so that all have work; lines come again when
 * the text is at its end, which changes nothing, as nothing is remembered. One line at a time is
 * what a co-process sees.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "translate/window.h"

enum {
    WARM_LINES = 8,
    BATCHES = 2,
    SAMPLES_LEAST = 2,
    SAMPLES_MOST = 200,
    SENTENCES_LEAST = 64,
    SENTENCE_TOKENS = 8
};
static const double WORD_TOKENS = 1.3; /* about: of a sentence's tokens, one word's */

/* Translates `lines` lines from the text, *next being the first; counts their words. */
static int window(tt_translator *t, const tt_prose *p, size_t *next, tt_item *items, size_t lines,
                  size_t *words, tt_err *e) {
    tt_translate_stats stats = {0};
    for (size_t i = 0; i < lines; i++) {
        const tt_span *s = &p->lines[(*next)++ % p->count];
        items[i] = (tt_item){.line = *s, .source = *s, .number = i};
    }
    TT_TRY(tt_translate_window(t, items, lines, &stats, e));
    *words += stats.words;
    return 0;
}

static int bulk(tt_bench_row *row, tt_translator *t, const tt_prose *p, double seconds, tt_err *e) {
    double line_tokens = WORD_TOKENS * (double)p->words / (double)p->count;
    double wanted = (double)row->threads * BATCHES;
    size_t next = 0, words = 0,
           lines = (size_t)(row->mini_batch == 1 ? wanted * WARM_LINES
                                                 : wanted * row->mini_batch_words / line_tokens);
    if (lines < WARM_LINES) lines = WARM_LINES;
    tt_item *items = malloc(lines * sizeof *items);
    if (!items) return tt_fail(e, TT_ENOMEM, "out of memory for %zu lines", lines);
    int rc = window(t, p, &next, items, WARM_LINES, &words, e);
    double begun = tt_clock(), now = begun;
    words = 0;
    while (!rc && (now == begun || now - begun < seconds)) {
        rc = window(t, p, &next, items, lines, &words, e);
        now = tt_clock();
    }
    free(items);
    row->rate = (double)words / (now > begun ? now - begun : 1e-9);
    return rc;
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int lines_one_by_one(tt_bench_row *row, tt_translator *t, const tt_prose *p, double seconds,
                            tt_err *e) {
    double times[SAMPLES_MOST], begun = 0;
    size_t n = 0;
    tt_arena *a = tt_arena_open(0, e);
    int rc = a ? 0 : TT_ENOMEM;
    for (size_t i = 0; !rc && n < SAMPLES_MOST; i++) {
        char *text = tt_prose_line(p, row->words, i, a);
        const char *out;
        size_t len, text_len = 0;
        if (!text) rc = tt_fail(e, TT_ENOMEM, "out of memory for a line");
        while (!rc && text[text_len]) text_len++;
        double start = tt_clock();
        if (!rc) rc = tt_translate_line(t, text, text_len, &out, &len, e);
        double end = tt_clock();
        if (i) times[n++] = end - start; /* the first one finds cold caches */
        else begun = end;
        if (n >= SAMPLES_LEAST && end - begun > seconds) break;
    }
    tt_arena_close(a);
    if (rc) return rc;
    qsort(times, n, sizeof *times, rising);
    row->p50 = times[(n - 1) / 2];
    row->p95 = times[(n * 95 + 99) / 100 - 1];
    return 0;
}

int tt_bench_pace(tt_bench_row *row, double *load, const char *model, const char *isa,
                  const tt_prose *p, double seconds, tt_err *e) {
    tt_translate_options o;
    tt_translate_init(&o);
    o.isa = isa;
    o.threads = row->threads;
    o.compute = row->compute;
    o.beam = row->beam;
    if (row->kind == TT_BENCH_BULK) {
        if (row->mini_batch != 1) {
            row->mini_batch = row->mini_batch_words / SENTENCE_TOKENS;
            if (row->mini_batch < SENTENCES_LEAST) row->mini_batch = SENTENCES_LEAST;
        }
        o.mini_batch = row->mini_batch;
        o.mini_batch_words = row->mini_batch_words;
    }
    tt_memory_restart();
    size_t before = tt_memory_used();
    double begun = tt_clock();
    tt_translator *t = tt_translator_open(model, &o, e);
    if (!t) return e->code;
    *load = tt_clock() - begun;
    int rc = 0;
    if (row->kind == TT_BENCH_BULK) rc = bulk(row, t, p, seconds, e);
    if (row->kind == TT_BENCH_LINE) rc = lines_one_by_one(row, t, p, seconds, e);
    size_t peak = tt_memory_peak();
    row->memory = peak > before ? peak - before : 0;
    tt_translator_close(t);
    return rc;
}
