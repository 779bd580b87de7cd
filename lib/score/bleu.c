/* bleu.c: see bleu.h. A row of statistics is: hypothesis length, reference length, matches of order
 * 1 … N, totals of order 1 … N. Sums and products stand in the order in which sacreBLEU has them,
 * so that the figures agree to the last bit.
 */
#include "score/bleu.h"

#include "score/chars.h"
#include "score/gram.h"
#include "score/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const tt_smooth_names[TT_SMOOTH_COUNT] = {"exp", "floor", "add-k", "none"};

tt_bleu tt_bleu_compute(const double *matches, const double *totals, double hyp_len, double ref_len,
                        int order, int smooth, double smooth_value, int effective) {
    tt_bleu b = {.bp = 1, .ratio = ref_len > 0 ? hyp_len / ref_len : 0};
    if (hyp_len < ref_len) b.bp = hyp_len > 0 ? exp(1 - ref_len / hyp_len) : 0;
    double any = 0;
    for (int n = 0; n < order; n++) any += matches[n];
    if (any <= 0) return b;

    double halving = 1;
    int mean_over = order;
    for (int n = 0; n < order; n++) {
        double add = smooth == TT_SMOOTH_ADD_K && n > 0 ? smooth_value : 0;
        double match = matches[n] + add, total = totals[n] + add;
        if (total <= 0) break;
        if (effective) mean_over = n + 1;
        if (match > 0) {
            b.precisions[n] = 100 * match / total;
        } else if (smooth == TT_SMOOTH_EXP) {
            halving *= 2;
            b.precisions[n] = 100 / (halving * total);
        } else if (smooth == TT_SMOOTH_FLOOR) {
            b.precisions[n] = 100 * smooth_value / total;
        }
    }
    double sum = 0;
    for (int n = 0; n < mean_over; n++) /* −9999999999 is sacreBLEU's logarithm of 0 */
        sum += b.precisions[n] > 0 ? log(b.precisions[n]) : -9999999999.0;
    b.score = b.bp * exp(sum / mean_over);
    return b;
}

static int check(tt_score_setting *s, tt_err *e) {
    s->smooth = TT_SMOOTH_EXP;
    if (s->o.smooth)
        while (s->smooth < TT_SMOOTH_COUNT && strcmp(s->o.smooth, tt_smooth_names[s->smooth]))
            s->smooth++;
    if (s->smooth == TT_SMOOTH_COUNT)
        return tt_fail(e, TT_EUSAGE, "no smoothing method '%s': there are exp, floor, add-k, none",
                       s->o.smooth);
    s->smooth_value = s->smooth == TT_SMOOTH_FLOOR ? 0.1 : 1;
    if (s->o.smooth_value) s->smooth_value = *s->o.smooth_value;
    if (!(s->smooth_value >= 0 && s->smooth_value <= 1e6))
        return tt_fail(e, TT_EUSAGE, "smoothing value %g: 0 to 1000000 is allowed",
                       s->smooth_value);
    s->tokenizer = tt_tokenizers();
    const char *name = s->o.tokenize ? s->o.tokenize : s->tokenizer->name;
    while (s->tokenizer->name && strcmp(s->tokenizer->name, name)) s->tokenizer++;
    if (!s->tokenizer->name) return tt_fail(e, TT_EUSAGE, "no tokeniser '%s'", name);
    return tt_score_order(&s->o.max_order, 4, 1, "maximum n-gram order", e);
}

static int size(const tt_score_setting *s) { return 2 + 2 * s->o.max_order; }

/* Where the words of a text go. */
typedef struct reader {
    tt_dict *dict;
    tt_gram_text *text;
} reader;

static int put_word(void *ctx, tt_span word) {
    reader *r = ctx;
    r->text->symbols[r->text->len++] = tt_dict_put(r->dict, word);
    return 0;
}

static int get_word(void *ctx, tt_span word) {
    reader *r = ctx;
    r->text->symbols[r->text->len++] = tt_dict_get(r->dict, word);
    return 0;
}

/* The words of a line as numbers. A line has at most one word a byte. */
static int read_words(const tt_score_setting *s, tt_gram_text *text, tt_span line, tt_dict *dict,
                      tt_word_fn *word, tt_arena *arena) {
    *text = (tt_gram_text){tt_arena_alloc(arena, line.len * sizeof *text->symbols), 0};
    if (!text->symbols) return TT_ENOMEM;
    reader r = {dict, text};
    return s->tokenizer->cut(line, arena, word, &r);
}

static int count(const tt_score_setting *s, double *row, tt_span hyp, const tt_span *refs,
                 tt_arena *arena) {
    size_t bytes = 0;
    for (int r = 0; r < s->n_refs; r++) bytes += refs[r].len;
    tt_dict *dict = tt_dict_new(bytes, arena);
    tt_gram_text h, *ref = tt_arena_alloc(arena, (size_t)s->n_refs * sizeof *ref);
    if (!dict || !ref) return TT_ENOMEM;
    for (int r = 0; r < s->n_refs; r++)
        TT_TRY(read_words(s, &ref[r], refs[r], dict, put_word, arena));
    TT_TRY(read_words(s, &h, hyp, dict, get_word, arena));

    size_t closest = ref[0].len, least = SIZE_MAX;
    for (int r = 0; r < s->n_refs; r++) {
        size_t diff = h.len > ref[r].len ? h.len - ref[r].len : ref[r].len - h.len;
        if (diff < least || (diff == least && ref[r].len < closest)) {
            least = diff;
            closest = ref[r].len;
        }
    }
    int order = s->o.max_order;
    row[0] = (double)h.len;
    row[1] = (double)closest;
    for (int n = 1; n <= order; n++) row[1 + order + n] = tt_gram_total(h.len, n);
    return tt_gram_matches(row + 2, &h, ref, s->n_refs, order, arena);
}

static void result(const tt_score_setting *s, const double *row, tt_score_result *r) {
    int order = s->o.max_order;
    tt_bleu b = tt_bleu_compute(row + 2, row + 2 + order, row[0], row[1], order, s->smooth,
                                s->smooth_value, s->o.effective_order);
    r->score = b.score;
    snprintf(r->name, sizeof r->name, "BLEU");
    size_t at = 0;
    for (int n = 0; n < order; n++)
        at += (size_t)snprintf(r->verbose + at, sizeof r->verbose - at, "%s%.1f", n ? "/" : "",
                               b.precisions[n]);
    snprintf(r->verbose + at, sizeof r->verbose - at,
             " (BP = %.3f ratio = %.3f hyp_len = %.0f ref_len = %.0f)", b.bp, b.ratio, row[0],
             row[1]);
}

static void sign(const tt_score_setting *s, char *text, size_t cap) {
    char value[24] = "";
    if (s->smooth == TT_SMOOTH_FLOOR || s->smooth == TT_SMOOTH_ADD_K)
        snprintf(value, sizeof value, "[%.2f]", s->smooth_value);
    snprintf(text, cap, "case:mixed|eff:%s|tok:%s|smooth:%s%s", s->o.effective_order ? "yes" : "no",
             s->tokenizer->name, tt_smooth_names[s->smooth], value);
}

const tt_metric tt_metric_bleu = {"bleu", check, size, count, result, sign};
