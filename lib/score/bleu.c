/* bleu.c: see bleu.h. A row of statistics is: hypothesis length, reference length, matches of order
 * 1 … N, totals of order 1 … N. Sums and products stand in the order in which sacreBLEU has them,
 * so that the figures agree to the last bit.
 */
#include "score/bleu.h"

#include "score/chars.h"
#include "score/gram.h"
#include "score/tok13a.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SOURCE "Chen and Cherry 2014"
static const struct smoothing {
    tt_row row;
} smoothings[] = {
    {{"exp", "half as much from one such order to the next", SOURCE, NULL}},
    {{"floor", "the smoothing value in place of 0 matches", SOURCE, NULL}},
    {{"add-k", "the smoothing value more of matches and of n-grams, from order 2 on", SOURCE,
      NULL}},
    {{"none", "nothing: the score is 0", NULL, NULL}},
};
TT_FAMILY_ROWS(smoothings)
const tt_family tt_family_smoothing = {"smoothing", "what an order without a match counts in BLEU",
                                       row_at};

/* a / b as Python has it: in float32 where b is. */
static double over(double a, double b, tt_width width) {
    return width == TT_WIDTH_FLOAT ? (double)((float)a / (float)b) : a / b;
}

/* A count with k added: whole numbers stay whole, float32 rounds. */
static double add(double count, double k, tt_width width) {
    if (width == TT_WIDTH_FLOAT) return (double)((float)count + (float)k);
    return width == TT_WIDTH_WHOLE ? floor(count + k) : count + k;
}

tt_bleu tt_bleu_compute(const double *matches, const double *totals, double hyp_len, double ref_len,
                        int order, int smooth, double smooth_value, int effective, tt_width width) {
    tt_bleu b = {.bp = 1, .ratio = ref_len > 0 ? hyp_len / ref_len : 0};
    if (hyp_len < ref_len) b.bp = hyp_len > 0 ? exp(1 - ref_len / hyp_len) : 0;
    double any = 0;
    for (int n = 0; n < order; n++) any += matches[n];
    if (any <= 0) return b;

    double halving = 1;
    int mean_over = order;
    for (int n = 0; n < order; n++) {
        double k = smooth == TT_SMOOTH_ADD_K && n > 0 ? smooth_value : 0;
        double match = add(matches[n], k, width), total = add(totals[n], k, width);
        if (total <= 0) break;
        if (effective) mean_over = n + 1;
        if (match > 0) {
            b.precisions[n] = over(100 * match, total, width);
        } else if (smooth == TT_SMOOTH_EXP) {
            halving *= 2;
            b.precisions[n] = over(100, halving * total, width);
        } else if (smooth == TT_SMOOTH_FLOOR) {
            b.precisions[n] = over(100 * smooth_value, total, width);
        }
    }
    double sum = 0;
    for (int n = 0; n < mean_over; n++) /* −9999999999 is sacreBLEU's logarithm of 0 */
        sum += b.precisions[n] > 0 ? log(b.precisions[n]) : -9999999999.0;
    b.score = b.bp * exp(sum / mean_over);
    return b;
}

/* A name goes into the signature between ':' and '|'. */
static int check_name(const char *name, tt_err *e) {
    size_t len = strlen(name);
    if (!len || len > 63 || strcspn(name, ":| \t\n") < len)
        return tt_fail(e, TT_EUSAGE,
                       "the name of a tokeniser, '%.80s': expected 1 to 63 bytes, "
                       "no ':', '|' or blank",
                       name);
    return 0;
}

static int choose_tokenizer(tt_score_setting *s, tt_err *e) {
    const char *name = s->o.tokenize ? s->o.tokenize
                       : s->o.cut    ? "spm"
                                     : tt_family_tokenizer.row(0)->name;
    s->words = (tt_words){.lowercase = s->o.lowercase, .cut = s->o.cut, .cut_ctx = s->o.cut_ctx};
    if (s->o.cut) {
        TT_TRY(check_name(name, e));
        s->words.tok = tt_toknone;
    } else {
        int i = tt_family_place(&tt_family_tokenizer, name, strlen(name));
        char names[100];
        tt_family_names(&tt_family_tokenizer, names, sizeof names);
        if (i < 0) return tt_fail(e, TT_EUSAGE, "no tokeniser '%.80s': there are %s", name, names);
        s->words.tok = ((const tt_tokenizer *)tt_family_tokenizer.row(i))->cut;
    }
    snprintf(s->tok_name, sizeof s->tok_name, "%s", name);
    return 0;
}

static int check(tt_score_setting *s, tt_err *e) {
    const char *smooth = s->o.smooth ? s->o.smooth : row_at(TT_SMOOTH_EXP)->name;
    s->smooth = tt_family_place(&tt_family_smoothing, smooth, strlen(smooth));
    if (s->smooth < 0) {
        char names[100];
        tt_family_names(&tt_family_smoothing, names, sizeof names);
        return tt_fail(e, TT_EUSAGE, "no smoothing method '%s': there are %s", smooth, names);
    }
    s->smooth_value = s->smooth == TT_SMOOTH_FLOOR ? 0.1 : 1;
    if (s->o.smooth_value) s->smooth_value = *s->o.smooth_value;
    if (!(s->smooth_value >= 0 && s->smooth_value <= 1e6))
        return tt_fail(e, TT_EUSAGE, "smoothing value %g: 0 to 1000000 is allowed",
                       s->smooth_value);
    TT_TRY(choose_tokenizer(s, e));
    return tt_score_order(&s->o.max_order, 4, 1, "maximum n-gram order", e);
}

static int size(const tt_score_setting *s) { return 2 + 2 * s->o.max_order; }

static int prepare(const tt_score_setting *s, tt_span *line, tt_arena *arena, tt_err *e) {
    return tt_words_prepare(line, &s->words, arena, e);
}

/* The length next to that of the hypothesis, the shorter one of two. */
static size_t closest_length(const tt_symbols *ref, int n_refs, size_t len) {
    size_t closest = ref[0].len, least = SIZE_MAX;
    for (int r = 0; r < n_refs; r++) {
        size_t diff = len > ref[r].len ? len - ref[r].len : ref[r].len - len;
        if (diff < least || (diff == least && ref[r].len < closest)) {
            least = diff;
            closest = ref[r].len;
        }
    }
    return closest;
}

/* All references, then one hypothesis after the other. */
static int count(const tt_score_setting *s, double *rows, const tt_span *hyps, int n_hyps,
                 const tt_span *refs, int n_refs, tt_arena *arena, tt_err *e) {
    tt_span line[TT_SCORE_REFS_MAX];
    tt_symbols ref[TT_SCORE_REFS_MAX], hyp;
    tt_gram_refs ready;
    size_t bytes = 0;
    int order = s->o.max_order;
    for (int r = 0; r < n_refs; r++) {
        line[r] = refs[r];
        TT_TRY(prepare(s, &line[r], arena, e));
        bytes += line[r].len;
    }
    tt_dict *dict = tt_dict_new(bytes, arena);
    if (!dict) return TT_ENOMEM;
    for (int r = 0; r < n_refs; r++)
        TT_TRY(tt_words_read(&ref[r], line[r], &s->words, dict, 0, arena));
    TT_TRY(tt_gram_ready(&ready, ref, n_refs, tt_dict_size(dict), arena));
    tt_mark mark = tt_arena_mark(arena);
    for (int h = 0; h < n_hyps; h++, rows += size(s)) {
        tt_span own = hyps[h];
        TT_TRY(prepare(s, &own, arena, e));
        TT_TRY(tt_words_read(&hyp, own, &s->words, dict, 1, arena));
        rows[0] = (double)hyp.len;
        rows[1] = (double)closest_length(ref, n_refs, hyp.len);
        for (int n = 1; n <= order; n++) rows[1 + order + n] = tt_gram_total(hyp.len, n);
        TT_TRY(tt_gram_matches(rows + 2, &ready, &hyp, order, arena));
        tt_arena_rewind(arena, mark);
    }
    return 0;
}

static tt_bleu compute(const tt_score_setting *s, const double *row, tt_width width) {
    int order = s->o.max_order;
    return tt_bleu_compute(row + 2, row + 2 + order, row[0], row[1], order, s->smooth,
                           s->smooth_value, s->o.effective_order, width);
}

static double score(const tt_score_setting *s, const double *row, tt_width width) {
    return compute(s, row, width).score;
}

static void result(const tt_score_setting *s, const double *row, tt_score_result *r) {
    int order = s->o.max_order;
    tt_bleu b = compute(s, row, TT_WIDTH_DOUBLE);
    r->score = b.score;
    r->bp = b.bp;
    r->hyp_len = row[0];
    r->ref_len = row[1];
    memcpy(r->precisions, b.precisions, sizeof r->precisions);
    snprintf(r->name, sizeof r->name, "BLEU");
    size_t at = 0;
    for (int n = 0; n < order; n++)
        at += (size_t)snprintf(r->verbose + at, sizeof r->verbose - at, "%s%.1f", n ? "/" : "",
                               b.precisions[n]);
    snprintf(r->verbose + at, sizeof r->verbose - at,
             " (BP = %.3f ratio = %.3f hyp_len = %.0f ref_len = %.0f)", b.bp, b.ratio, row[0],
             row[1]);
}

static void sign(const tt_score_setting *s, int brief, char *text, size_t cap) {
    char value[24] = "";
    if (s->smooth == TT_SMOOTH_FLOOR || s->smooth == TT_SMOOTH_ADD_K)
        snprintf(value, sizeof value, "[%.2f]", s->smooth_value);
    snprintf(text, cap, brief ? "c:%s|e:%s|tok:%s|s:%s%s" : "case:%s|eff:%s|tok:%s|smooth:%s%s",
             s->o.lowercase ? "lc" : "mixed", s->o.effective_order ? "yes" : "no", s->tok_name,
             row_at(s->smooth)->name, value);
}

const tt_metric tt_metric_bleu = {
    {"bleu", "n-grams of words that a reference has, with a penalty for brevity",
     "Papineni et al. 2002; Post 2018", NULL},
    false,
    check,
    size,
    count,
    score,
    result,
    sign,
    prepare};
