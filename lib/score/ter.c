/* ter.c: translation edit rate, 100 · edits / words of the reference (Snover et al. 2006).
 *
 * A row of statistics is: edits to the reference that needs least, mean length of the references.
 * Lines are prepared as Tercom's normaliser does in sacreBLEU's form. Two of its rules can never
 * come true there and so do not stand here: 's at the very end, kana at the very beginning (both
 * ends of a normalised line are blanks). And references are normalised twice there, which undoes
 * two layers of entities and cuts once more beside digits; so they are here.
 */
#include "score/edits.h"
#include "score/metric.h"
#include "score/rewrite.h"
#include "score/tok13a.h"

#include <stdio.h>
#include <string.h>

static int check(tt_score_setting *s, tt_err *e) {
    (void)e;
    s->words = (tt_words){.lowercase = !s->o.ter_case_sensitive, .tok = tt_toknone};
    return 0;
}

static int size(const tt_score_setting *s) {
    (void)s;
    return 2;
}

static int is_asian_mark(uint32_t c) {
    if (c < 0x3001) return 0;
    if (c <= 0x30fb)
        return c <= 0x3002 || (c >= 0x3008 && c <= 0x3011) || (c >= 0x3014 && c <= 0x301f) ||
               c == 0x30fb;
    return (c >= 0xff01 && c <= 0xff02) || c == 0xff08 || c == 0xff09 || c == 0xff0c ||
           c == 0xff0e || c == 0xff1a || c == 0xff1b || c == 0xff1f || (c >= 0xff61 && c <= 0xff65);
}

/* Ideographs, strokes, radicals, compatibility forms. 3200–3F22 is sacreBLEU's, not Unicode's. */
static int is_asian(uint32_t c) {
    return (c >= 0x2e80 && c <= 0x2eff) || (c >= 0x31c0 && c <= 0x31ef) ||
           (c >= 0x3200 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe4f) || is_asian_mark(c);
}

static int is_mark(uint32_t c) { return c && c < 0x80 && strchr(".,?:;!\"()", (int)c) != NULL; }

static int add_edges(tt_span *line, tt_arena *arena) {
    char *text = tt_dict_room(arena, line->len + 2);
    if (!text) return TT_ENOMEM;
    text[0] = text[line->len + 1] = ' ';
    memcpy(text + 1, line->text, line->len);
    *line = (tt_span){text, line->len + 2};
    return 0;
}

static int normalize(const tt_score_setting *s, tt_span *line, tt_arena *arena) {
    static const char *const text[][2] = {{"\n-", ""},    {"\n", " "},   {"&quot;", "\""},
                                          {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        TT_TRY(tt_rewrite_text(line, text[i][0], text[i][1], arena));
    TT_TRY(add_edges(line, arena));
    TT_TRY(tt_rewrite_symbols(line, arena));
    TT_TRY(tt_rewrite_text(line, "'s ", " 's ", arena));
    TT_TRY(tt_rewrite_marks(line, arena));
    return s->o.ter_asian ? tt_rewrite_each(line, is_asian, arena) : 0;
}

static int rewrite(const tt_score_setting *s, tt_span *line, tt_arena *arena) {
    if (s->o.ter_normalized) TT_TRY(normalize(s, line, arena));
    if (!s->o.ter_no_punct) return 0;
    TT_TRY(tt_rewrite_delete(line, is_mark, arena));
    return s->o.ter_asian ? tt_rewrite_delete(line, is_asian_mark, arena) : 0;
}

static int prepare(const tt_score_setting *s, tt_span *line, tt_arena *arena, tt_err *e) {
    if (!line->len) return 0;
    TT_TRY(tt_words_prepare(line, &s->words, arena, e));
    if (rewrite(s, line, arena))
        return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", line->len);
    return 0;
}

typedef struct squeezed {
    char *text;
    size_t len;
} squeezed;

/* One blank for each run of white space. */
static int squeeze_word(void *ctx, tt_span word) {
    squeezed *s = ctx;
    if (s->len) s->text[s->len++] = ' ';
    memcpy(s->text + s->len, word.text, word.len);
    s->len += word.len;
    return 0;
}

static int prepare_ref(const tt_score_setting *s, tt_span *line, tt_arena *arena, tt_err *e) {
    TT_TRY(prepare(s, line, arena, e));
    if (!s->o.ter_normalized) return 0;
    squeezed text = {tt_dict_room(arena, line->len), 0};
    if (!text.text) return tt_fail(e, TT_ENOMEM, "out of memory for %zu bytes", line->len);
    tt_toknone(*line, arena, squeeze_word, &text);
    *line = (tt_span){text.text, text.len};
    return prepare(s, line, arena, e);
}

static int count(const tt_score_setting *s, double *rows, const tt_span *hyps, int n_hyps,
                 const tt_span *refs, int n_refs, tt_arena *arena, tt_err *e) {
    tt_span line[TT_SCORE_REFS_MAX];
    tt_symbols ref[TT_SCORE_REFS_MAX], hyp;
    size_t bytes = 0, words = 0;
    for (int r = 0; r < n_refs; r++) {
        line[r] = refs[r];
        TT_TRY(prepare_ref(s, &line[r], arena, e));
        bytes += line[r].len;
    }
    tt_dict *dict = tt_dict_new(bytes, arena);
    if (!dict) return TT_ENOMEM;
    for (int r = 0; r < n_refs; r++) {
        TT_TRY(tt_words_read(&ref[r], line[r], &s->words, dict, 0, arena));
        words += ref[r].len;
    }
    tt_mark mark = tt_arena_mark(arena);
    for (int h = 0; h < n_hyps; h++, rows += 2) {
        tt_span own = hyps[h];
        TT_TRY(prepare(s, &own, arena, e));
        for (int r = 0; r < n_refs; r++) {
            double edits;
            TT_TRY(tt_words_read(&hyp, own, &s->words, dict, 1,
                                 arena)); /* anew: edits move its words */
            TT_TRY(tt_edits(&edits, &hyp, &ref[r], arena));
            if (!r || edits < rows[0]) rows[0] = edits;
        }
        rows[1] = (double)words / n_refs;
        tt_arena_rewind(arena, mark);
    }
    return 0;
}

static double score(const tt_score_setting *s, const double *row, tt_width width) {
    (void)s;
    if (!(row[1] > 0)) return row[0] > 0 ? 100 : 0;
    if (width == TT_WIDTH_FLOAT) return (double)(100 * ((float)row[0] / (float)row[1]));
    return 100 * (row[0] / row[1]);
}

static void result(const tt_score_setting *s, const double *row, tt_score_result *r) {
    r->score = score(s, row, TT_WIDTH_DOUBLE);
    r->hyp_len = row[0];
    r->ref_len = row[1];
    snprintf(r->name, sizeof r->name, "TER");
}

static void sign(const tt_score_setting *s, int brief, char *text, size_t cap) {
    snprintf(text, cap,
             brief ? "c:%s|t:tercom|nr:%s|pn:%s|as:%s"
                   : "case:%s|tok:tercom|norm:%s|punct:%s|asian:%s",
             s->o.ter_case_sensitive ? "mixed" : "lc", s->o.ter_normalized ? "yes" : "no",
             s->o.ter_no_punct ? "no" : "yes", s->o.ter_asian ? "yes" : "no");
}

const tt_metric tt_metric_ter = {{"ter",
                                  "edits and shifts a word of the reference; the less the better",
                                  "Snover et al. 2006", NULL},
                                 true,
                                 check,
                                 size,
                                 count,
                                 score,
                                 result,
                                 sign,
                                 prepare};
