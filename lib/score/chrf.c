/* chrf.c: see chrf.h. A row of statistics is three counts for each order, characters first, then
 * words. With several references a segment takes the row of the one that gives it the highest F.
 */
#include "score/chrf.h"

#include "score/chars.h"
#include "score/gram.h"
#include "score/metric.h"
#include "score/tok13a.h"

#include <stdio.h>
#include <string.h>

double tt_chrf_compute(const double *counts, int orders, int beta, int eps_smoothing) {
    const double eps = 1e-16, factor = (double)beta * beta;
    double sum = 0, precision = 0, recall = 0;
    int present = 0;
    for (int i = 0; i < orders; i++) {
        double hyp = counts[3 * i], ref = counts[3 * i + 1], match = counts[3 * i + 2];
        double p = hyp > 0 ? match / hyp : eps, r = ref > 0 ? match / ref : eps;
        double denominator = factor * p + r;
        sum += denominator > 0 ? (1 + factor) * p * r / denominator : eps;
        if (hyp > 0 && ref > 0) {
            precision += p;
            recall += r;
            present++;
        }
    }
    if (eps_smoothing) return 100 * sum / orders;
    if (!present) return 0;
    precision /= present;
    recall /= present;
    if (precision + recall <= 0) return 0;
    return 100 * ((1 + factor) * precision * recall / (factor * precision + recall));
}

/* The same for resampled counts, in the float32 that NumPy uses there. */
static float compute_float(const double *counts, int orders, int beta, int eps_smoothing) {
    const float eps = 1e-16f, factor = (float)(beta * beta), more = (float)(1 + beta * beta);
    float sum = 0, precision = 0, recall = 0;
    int present = 0;
    for (int i = 0; i < orders; i++) {
        float hyp = (float)counts[3 * i], ref = (float)counts[3 * i + 1];
        float match = (float)counts[3 * i + 2];
        float p = hyp > 0 ? match / hyp : eps, r = ref > 0 ? match / ref : eps;
        float denominator = factor * p + r;
        sum += denominator > 0 ? more * p * r / denominator : eps;
        if (hyp > 0 && ref > 0) {
            precision += p;
            recall += r;
            present++;
        }
    }
    if (eps_smoothing) return 100 * sum / (float)orders;
    if (!present) return 0;
    precision /= (float)present;
    recall /= (float)present;
    if (precision + recall <= 0) return 0;
    return 100 * (more * precision * recall / (factor * precision + recall));
}

static int check(tt_score_setting *s, tt_err *e) {
    TT_TRY(tt_score_order(&s->o.char_order, 6, 1, "character n-gram order", e));
    TT_TRY(tt_score_order(&s->o.word_order, 0, 0, "word n-gram order", e));
    if (!s->o.beta) s->o.beta = 2;
    if (s->o.beta < 1 || s->o.beta > 100)
        return tt_fail(e, TT_EUSAGE, "beta %d: 1 to 100 is allowed", s->o.beta);
    s->words = (tt_words){.lowercase = s->o.chrf_lowercase, .tok = tt_toknone};
    return 0;
}

static int orders(const tt_score_setting *s) { return s->o.char_order + s->o.word_order; }

static int size(const tt_score_setting *s) { return 3 * orders(s); }

/* The line's code points, without white space unless it counts. */
static int read_chars(const tt_score_setting *s, tt_gram_text *text, tt_span line,
                      tt_arena *arena) {
    *text = (tt_gram_text){tt_arena_alloc(arena, line.len * sizeof *text->symbols), 0};
    if (!text->symbols) return TT_ENOMEM;
    const char *at = line.text, *end = line.text + line.len;
    while (at < end) {
        size_t space = s->o.whitespace ? 0 : tt_chars_space(at, (size_t)(end - at));
        if (space)
            at += space;
        else
            text->symbols[text->len++] = tt_chars_next(&at);
    }
    return 0;
}

typedef struct reader {
    tt_dict *dict;
    tt_gram_text *text;
    int known; /* 1: no new words */
} reader;

static void add_word(reader *r, const char *text, size_t len) {
    tt_span word = {text, len};
    r->text->symbols[r->text->len++] =
        r->known ? tt_dict_get(r->dict, word) : tt_dict_put(r->dict, word);
}

static int
is_punctuation(char c) { /* string.punctuation: what ASCII prints but is no letter, digit */
    return c > ' ' && c < 127 && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
           !(c >= 'a' && c <= 'z');
}

/* chrF++ takes one mark off the end of a word, or else one off its beginning, never both. */
static int split_word(void *ctx, tt_span word) {
    reader *r = ctx;
    size_t last = word.len - 1;
    if (tt_chars_size(word.text[0]) == word.len) {
        add_word(r, word.text, word.len);
    } else if (is_punctuation(word.text[last])) {
        add_word(r, word.text, last);
        add_word(r, word.text + last, 1);
    } else if (is_punctuation(word.text[0])) {
        add_word(r, word.text, 1);
        add_word(r, word.text + 1, last);
    } else {
        add_word(r, word.text, word.len);
    }
    return 0;
}

static int read_words(tt_gram_text *text, tt_span line, tt_dict *dict, int known, tt_arena *arena) {
    *text = (tt_gram_text){tt_arena_alloc(arena, line.len * sizeof *text->symbols), 0};
    if (!text->symbols) return TT_ENOMEM;
    reader r = {dict, text, known};
    return tt_toknone(line, arena, split_word, &r);
}

/* Three counts an order for one kind of symbol. */
static int compare(double *row, const tt_gram_text *hyp, const tt_gram_text *ref, int order,
                   tt_arena *arena) {
    double matches[TT_SCORE_ORDER_MAX];
    TT_TRY(tt_gram_matches(matches, hyp, ref, 1, order, arena));
    for (int n = 1; n <= order; n++, row += 3) {
        row[1] = tt_gram_total(ref->len, n);
        row[0] = row[1] > 0 ? tt_gram_total(hyp->len, n) : 0; /* no hits where nothing can be hit */
        row[2] = matches[n - 1];
    }
    return 0;
}

static int prepare(const tt_score_setting *s, tt_span *line, tt_arena *arena, tt_err *e) {
    return tt_words_prepare(line, &s->words, arena, e);
}

/* The row against one reference. */
static int count_one(const tt_score_setting *s, double *row, tt_span hyp,
                     const tt_gram_text *hyp_chars, tt_span ref, tt_arena *arena) {
    tt_gram_text text, words;
    TT_TRY(read_chars(s, &text, ref, arena));
    TT_TRY(compare(row, hyp_chars, &text, s->o.char_order, arena));
    if (!s->o.word_order) return 0;
    tt_dict *dict = tt_dict_new(ref.len, arena);
    if (!dict) return TT_ENOMEM;
    TT_TRY(read_words(&text, ref, dict, 0, arena));
    TT_TRY(read_words(&words, hyp, dict, 1, arena));
    return compare(row + 3 * s->o.char_order, &words, &text, s->o.word_order, arena);
}

static int count(const tt_score_setting *s, double *row, tt_span hyp, const tt_span *refs,
                 int n_refs, tt_arena *arena, tt_err *e) {
    TT_TRY(prepare(s, &hyp, arena, e));
    tt_gram_text hyp_chars;
    int rc = read_chars(s, &hyp_chars, hyp, arena);
    double best = -1, mine[TT_STATS_MAX];
    tt_mark mark = tt_arena_mark(arena);
    for (int r = 0; r < n_refs && !rc; r++) {
        tt_span ref = refs[r];
        TT_TRY(prepare(s, &ref, arena, e));
        rc = count_one(s, mine, hyp, &hyp_chars, ref, arena);
        if (rc) break;
        double f = tt_chrf_compute(mine, orders(s), s->o.beta, s->o.eps_smoothing);
        if (f > best) {
            best = f;
            memcpy(row, mine, (size_t)size(s) * sizeof *row);
        }
        tt_arena_rewind(arena, mark);
    }
    if (rc) return tt_fail(e, rc, "out of memory for a segment of %zu bytes", hyp.len);
    return 0;
}

static double score(const tt_score_setting *s, const double *row, tt_width width) {
    if (width == TT_WIDTH_FLOAT)
        return (double)compute_float(row, orders(s), s->o.beta, s->o.eps_smoothing);
    return tt_chrf_compute(row, orders(s), s->o.beta, s->o.eps_smoothing);
}

static void result(const tt_score_setting *s, const double *row, tt_score_result *r) {
    r->score = score(s, row, TT_WIDTH_DOUBLE);
    r->hyp_len = row[0];
    r->ref_len = row[1];
    char plus[TT_SCORE_ORDER_MAX + 1] = "";
    memset(plus, '+', (size_t)s->o.word_order);
    snprintf(r->name, sizeof r->name, "chrF%d%s", s->o.beta, plus);
}

static void sign(const tt_score_setting *s, int brief, char *text, size_t cap) {
    snprintf(text, cap, brief ? "c:%s|e:%s|nc:%d|nw:%d|s:%s" : "case:%s|eff:%s|nc:%d|nw:%d|space:%s",
             s->o.chrf_lowercase ? "lc" : "mixed", s->o.eps_smoothing ? "no" : "yes",
             s->o.char_order, s->o.word_order, s->o.whitespace ? "yes" : "no");
}

const tt_metric tt_metric_chrf = {"chrf", check,  size, count, score,
                                  result, sign,   prepare};
