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

static int prepare(const tt_score_setting *s, tt_span *line, tt_arena *arena, tt_err *e) {
    return tt_words_prepare(line, &s->words, arena, e);
}

/* Numbers for what the references of a segment are made of. */
typedef struct numbers {
    tt_alphabet *chars;
    tt_dict *words; /* NULL where words are not counted */
    int known;      /* 1: no new ones */
} numbers;

typedef struct side {
    tt_symbols chars, words;
} side;

/* The line's code points, without white space unless it counts. */
static int read_chars(const tt_score_setting *s, tt_symbols *text, tt_span line, const numbers *n,
                      tt_arena *arena) {
    *text = (tt_symbols){tt_arena_alloc(arena, line.len * sizeof *text->symbols), 0};
    if (!text->symbols) return TT_ENOMEM;
    const char *at = line.text, *end = line.text + line.len;
    while (at < end) {
        size_t space = s->o.whitespace ? 0 : tt_chars_space(at, (size_t)(end - at));
        at += space;
        if (space) continue;
        uint32_t c = tt_chars_next(&at);
        text->symbols[text->len++] =
            n->known ? tt_alphabet_get(n->chars, c) : tt_alphabet_put(n->chars, c);
    }
    return 0;
}

static int
is_punctuation(char c) { /* string.punctuation: what ASCII prints but is no letter, digit */
    return c > ' ' && c < 127 && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
           !(c >= 'a' && c <= 'z');
}

/* chrF++ takes one mark off the end of a word, or else one off its beginning, never both. */
static int split_word(void *ctx, tt_span word) {
    size_t last = word.len - 1, cut = 0;
    if (tt_chars_size(word.text[0]) < word.len) {
        if (is_punctuation(word.text[last])) cut = last;
        else if (is_punctuation(word.text[0])) cut = 1;
    }
    if (cut) tt_dict_read(ctx, (tt_span){word.text, cut});
    return tt_dict_read(ctx, (tt_span){word.text + cut, word.len - cut});
}

static int read_side(const tt_score_setting *s, side *to, tt_span line, const numbers *n,
                     tt_arena *arena, tt_err *e) {
    TT_TRY(prepare(s, &line, arena, e));
    TT_TRY(read_chars(s, &to->chars, line, n, arena));
    if (!n->words) return 0;
    to->words = (tt_symbols){tt_arena_alloc(arena, line.len * sizeof(uint32_t)), 0};
    if (!to->words.symbols) return TT_ENOMEM;
    tt_reading r = {n->words, &to->words, n->known};
    return tt_toknone(line, arena, split_word, &r);
}

/* A reference that hypotheses can be compared with. */
typedef struct target {
    side text;
    tt_gram_refs chars, words;
} target;

static int read_refs(const tt_score_setting *s, target *to, const tt_span *refs, int n_refs,
                     numbers *n, tt_arena *arena, tt_err *e) {
    size_t bytes = 0;
    for (int r = 0; r < n_refs; r++) bytes += 2 * refs[r].len; /* lower case may be longer */
    n->chars = tt_alphabet_new(bytes, arena);
    n->words = s->o.word_order ? tt_dict_new(bytes, arena) : NULL;
    if (!n->chars || (s->o.word_order && !n->words)) return TT_ENOMEM;
    for (int r = 0; r < n_refs; r++) TT_TRY(read_side(s, &to[r].text, refs[r], n, arena, e));
    for (int r = 0; r < n_refs; r++) {
        TT_TRY(
            tt_gram_ready(&to[r].chars, &to[r].text.chars, 1, tt_alphabet_size(n->chars), arena));
        if (n->words)
            TT_TRY(
                tt_gram_ready(&to[r].words, &to[r].text.words, 1, tt_dict_size(n->words), arena));
    }
    n->known = 1;
    return 0;
}

/* Three counts an order for one kind of symbol. */
static int compare(double *row, const tt_symbols *hyp, const tt_gram_refs *ref, int order,
                   tt_arena *arena) {
    double matches[TT_SCORE_ORDER_MAX];
    TT_TRY(tt_gram_matches(matches, ref, hyp, order, arena));
    for (int n = 1; n <= order; n++, row += 3) {
        row[1] = tt_gram_total(ref->refs->len, n);
        row[0] = row[1] > 0 ? tt_gram_total(hyp->len, n) : 0; /* no hits where nothing can be hit */
        row[2] = matches[n - 1];
    }
    return 0;
}

/* The row of the reference that gives the highest F. */
static int count_best(const tt_score_setting *s, double *row, const side *hyp, const target *refs,
                      int n_refs, tt_arena *arena) {
    double best = -1, mine[TT_STATS_MAX];
    for (int r = 0; r < n_refs; r++) {
        TT_TRY(compare(mine, &hyp->chars, &refs[r].chars, s->o.char_order, arena));
        if (s->o.word_order)
            TT_TRY(compare(mine + 3 * s->o.char_order, &hyp->words, &refs[r].words, s->o.word_order,
                           arena));
        double f = n_refs > 1 ? tt_chrf_compute(mine, orders(s), s->o.beta, s->o.eps_smoothing) : 0;
        if (f > best) {
            best = f;
            memcpy(row, mine, (size_t)size(s) * sizeof *row);
        }
    }
    return 0;
}

static int count(const tt_score_setting *s, double *rows, const tt_span *hyps, int n_hyps,
                 const tt_span *refs, int n_refs, tt_arena *arena, tt_err *e) {
    target *targets = tt_arena_alloc(arena, (size_t)n_refs * sizeof *targets);
    numbers n = {0};
    side hyp;
    if (!targets) return TT_ENOMEM;
    TT_TRY(read_refs(s, targets, refs, n_refs, &n, arena, e));
    tt_mark mark = tt_arena_mark(arena);
    for (int h = 0; h < n_hyps; h++, rows += size(s)) {
        TT_TRY(read_side(s, &hyp, hyps[h], &n, arena, e));
        TT_TRY(count_best(s, rows, &hyp, targets, n_refs, arena));
        tt_arena_rewind(arena, mark);
    }
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
    snprintf(text, cap,
             brief ? "c:%s|e:%s|nc:%d|nw:%d|s:%s" : "case:%s|eff:%s|nc:%d|nw:%d|space:%s",
             s->o.chrf_lowercase ? "lc" : "mixed", s->o.eps_smoothing ? "no" : "yes",
             s->o.char_order, s->o.word_order, s->o.whitespace ? "yes" : "no");
}

const tt_metric tt_metric_chrf = {{"chrf", "F-score of character n-grams", "Popović 2015", NULL},
                                  false,
                                  check,
                                  size,
                                  count,
                                  score,
                                  result,
                                  sign,
                                  prepare};
