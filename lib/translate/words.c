/* words.c: see words.h. Where a token stands is asked of the vocabulary, which knows what it made
 * of the text. */
#include "translate/words.h"

#include "base/ascii.h"
#include "text/texts.h"

#include "translate/holds.h"

#include <stdbool.h>
#include <string.h>

#include "base/outbuf.h"

static const char MARK[] = "\xe2\x96\x81";
enum { MARK_LEN = 3 };

static bool marked(const char *piece) { return piece && !strncmp(piece, MARK, MARK_LEN); }

/* 1 if a word begins with the token. */
static int begins(const tt_vocab *v, int32_t id) {
    return tt_vocab_has_spm(v) ? marked(tt_vocab_piece(v, id)) : !tt_vocab_is_control(v, id);
}

/* 1 if the token is the mark alone, whose word is yet to come. */
static bool is_mark(const tt_vocab *v, int32_t id) {
    const char *piece = tt_vocab_has_spm(v) ? tt_vocab_piece(v, id) : NULL;
    return marked(piece) && !piece[MARK_LEN];
}

int tt_words_number(int32_t *word, const tt_vocab *v, const int32_t *ids, const int32_t *at,
                    int count, const char *text, size_t len) {
    tt_word_count seen = {0, 0};
    size_t i = 0;
    for (int k = 0; k < count; k++) {
        size_t first = (size_t)at[k]; /* of a token's characters that is no blank */
        while (first < len && tt_ascii_blank(text[first])) first++;
        word[k] = -1;
        if (tt_vocab_is_control(v, ids[k])) continue;
        if (first < len && first >= i) {
            tt_words_count(&seen, text + i, first + 1 - i);
            i = first + 1;
        }
        word[k] = seen.words - 1;
    }
    tt_words_count(&seen, text + i, len - i);
    return seen.words;
}

int tt_words_places(int32_t **at, const tt_vocab *v, const tt_sentence *s, tt_arena *a, tt_err *e) {
    int32_t *ids, *own;
    size_t n;
    if (memchr(s->plain.text, '\t', s->plain.len)) {
        tt_texts t;
        TT_TRY(tt_texts_encode(&t, v, s->plain.text, s->plain.len, a, e));
        ids = t.ids, own = t.at, n = t.n;
    } else {
        TT_TRY(
            tt_vocab_encode_at(v, s->plain.text, s->plain.len, TT_VOCAB_EOS, a, &ids, &own, &n, e));
    }
    const int extra = s->count - (int)n; /* a tag that the line lends the part */
    *at = tt_arena_zero(a, ((size_t)s->count + 1) * sizeof **at);
    if (!*at) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    for (int i = 0; i < s->count; i++)
        if (extra <= 0) (*at)[i] = own[i];
        else (*at)[i] = i <= extra ? 0 : own[i - extra];
    return 0;
}

int tt_words_source(int32_t **word, int *words, const tt_vocab *v, const tt_sentence *s,
                    tt_arena *a, tt_err *e) {
    const tt_plain *p = &s->plain;
    int32_t *at;
    TT_TRY(tt_words_places(&at, v, s, a, e));
    *word = tt_arena_alloc(a, ((size_t)s->count + 1) * sizeof **word);
    if (!*word) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    for (int i = 0; i < s->count; i++) {
        if (p->from) at[i] = p->from[at[i]];
        if (p->from && i && at[i] < at[i - 1]) at[i] = at[i - 1];
    }
    *words = tt_words_number(*word, v, s->ids, at, s->count, p->line.text, p->line.len);
    return 0;
}

static int find_greatest(tt_map *m, tt_arena *a, tt_err *e) {
    int32_t *at = tt_arena_zero(a, ((size_t)m->rows + 1) * sizeof *at);
    if (!at) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    for (int i = 0; i < m->rows; i++) {
        const float *row = m->w + (size_t)i * (size_t)m->cols;
        for (int j = 1; j < m->cols; j++)
            if (row[j] > row[at[i]]) at[i] = j;
    }
    m->greatest = at;
    return 0;
}

/* Where the hold's text stands in the text, if it stands there once; else len. */
static size_t only_place(const tt_hold *h, const char *text, size_t len) {
    size_t at = len;
    for (size_t i = 0; h->text.len && i + h->text.len <= len; i++) {
        if (text[i] != *h->text.text || memcmp(text + i, h->text.text, h->text.len)) continue;
        if (at < len) return len;
        at = i;
    }
    return at;
}

/* The number of the word at byte `at`. */
static int word_number(const char *text, size_t len, size_t at) {
    tt_word_count seen = {0, 0};
    tt_words_count(&seen, text, at);
    return tt_words_next(&seen, text + at, len - at);
}

/* What came out as it went in looks at itself, word for word. */
static void tie_holds(float *w, const tt_map *m, const tt_sentence *s, const tt_said *said) {
    const tt_span line = s->plain.line;
    for (int k = 0; k < s->plain.count; k++) {
        const tt_hold *h = &s->plain.holds[k];
        const size_t from = only_place(h, line.text, line.len),
                     to = only_place(h, said->text, said->len);
        if (tt_hold_has_left(h) || from == line.len || to == said->len) continue;
        const int words = (int)tt_sentence_words(h->text.text, h->text.len),
                  row = word_number(said->text, said->len, to),
                  col = word_number(line.text, line.len, from);
        for (int i = 0; i < words && row + i < m->rows && col + i < m->cols; i++) {
            float *at = w + (size_t)(row + i) * (size_t)m->cols;
            memset(at, 0, (size_t)m->cols * sizeof *at);
            at[col + i] = 1;
        }
    }
}

int tt_words_map(tt_map *m, const tt_vocab *source, const tt_vocab *target, const tt_sentence *s,
                 const tt_hyp *h, const tt_said *said, int pieces, tt_arena *a, tt_err *e) {
    *m = (tt_map){h->alignment, NULL, h->count, s->count};
    if (pieces) return find_greatest(m, a, e);
    int32_t *sw, *tw = tt_arena_alloc(a, ((size_t)h->count + 1) * sizeof *tw);
    if (!tw) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    TT_TRY(tt_words_source(&sw, &m->cols, source, s, a, e));
    m->rows = tt_words_number(tw, target, h->ids, said->at, h->count, said->text, said->len);
    size_t cols = (size_t)m->cols;
    float *w = tt_arena_zero(a, ((size_t)m->rows * cols + 1) * sizeof *w);
    int32_t *tokens = tt_arena_zero(a, ((size_t)m->rows + 1) * sizeof *tokens);
    if (!w || !tokens) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    for (int i = 0; i < h->count; i++) {
        if (tw[i] < 0) continue;
        tokens[tw[i]]++;
        for (int j = 0; j < s->count; j++)
            if (sw[j] >= 0)
                w[(size_t)tw[i] * cols + (size_t)sw[j]] +=
                    h->alignment[(size_t)i * (size_t)s->count + (size_t)j];
    }
    for (int i = 0; i < m->rows; i++)
        for (size_t j = 0; j < cols; j++)
            w[(size_t)i * cols + j] /= (float)(tokens[i] ? tokens[i] : 1);
    tie_holds(w, m, s, said);
    m->w = w;
    return find_greatest(m, a, e);
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Byte pieces can spell a line end, which would break the rule of one line for one line. */
static void one_line(char *p, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (p[i] == '\n' || p[i] == '\r' || !p[i]) p[i] = ' ';
}

/* 1 if good text lacks the blank at text[i]: behind a blank, an opening mark, or quotes that
   begin the text. */
static bool is_stray(const char *text, size_t i) {
    if (text[i] != ' ' || !i) return false;
    if (strchr(" ([", text[i - 1]) || (i == 1 && *text == '"')) return true;
    return i > 1 && text[i - 2] == '\xc2' && (text[i - 1] == '\xa1' || text[i - 1] == '\xbf');
}

static bool has_stray(const char *text, size_t len) {
    for (size_t i = 1; i < len; i++)
        if (text[i] == ' ' && is_stray(text, i)) return true;
    return false;
}

/* Leaves out stray blanks, which a piece that is only a blank makes, where the source has none. */
static void tidy(tt_said *said, int count, const tt_span *source) {
    if (!has_stray(said->text, said->len) || has_stray(source->text, source->len)) return;
    size_t n = 0;
    int t = 0;
    for (size_t i = 0; i <= said->len; i++) {
        for (; said->at && t < count && (size_t)said->at[t] <= i; t++) said->at[t] = (int32_t)n;
        if (i == said->len) break;
        said->text[n] = said->text[i];
        n += !is_stray(said->text, n);
    }
    said->len = n;
}

/* Word number `at` of the text. */
static tt_span word_at(const char *text, size_t len, int at) {
    size_t i = 0;
    for (int n = 0; i < len; n++) {
        while (i < len && tt_ascii_blank(text[i])) i++;
        const size_t from = i;
        while (i < len && !tt_ascii_blank(text[i])) i++;
        if (n == at) return (tt_span){text + from, i - from};
    }
    return (tt_span){"", 0};
}

/* The source word at which token i of the hypothesis looked most; -1: none. */
static int source_word(const tt_sentence *s, const tt_hyp *h, int i, const int32_t *sw) {
    const float *row = h->alignment + (size_t)i * (size_t)s->count;
    int best = -1;
    for (int j = 0; j < s->count; j++)
        if (sw[j] >= 0 && (best < 0 || row[j] > row[best])) best = j;
    return best < 0 ? -1 : sw[best];
}

/* Tokens from … to-1, none of them unknown, behind what is in b. */
static int put_known(tt_outbuf *b, const tt_vocab *v, const int32_t *ids, int from, int to,
                     int32_t *at, tt_err *e) {
    char *p;
    size_t len;
    int blank = to > from && is_mark(v, ids[to - 1]); /* goes before the unknown one */
    if (b->len && to > from && begins(v, ids[from])) tt_outbuf_say(b, " ");
    for (int i = from; i < to; i++) at[i] = (int32_t)b->len;
    if (to - from - blank > 0) {
        const size_t n = (size_t)(to - from - blank);
        TT_TRY(tt_vocab_decode_at(v, ids + from, n, b->a, &p, &len, at + from, e));
        for (size_t i = 0; i < n; i++) at[(size_t)from + i] += (int32_t)b->len;
        tt_outbuf_put(b, p, len);
        if (blank && b->len) tt_outbuf_say(b, " ");
    }
    return 0;
}

static int put_right(tt_outbuf *b, const tt_vocab *source, const tt_vocab *target,
                     const tt_sentence *s, const tt_hyp *h, int32_t unk, int32_t *at, tt_err *e) {
    int32_t *sw;
    int words, said = -1; /* the word put last */
    TT_TRY(tt_words_source(&sw, &words, source, s, b->a, e));
    for (int i = 0; i < h->count;) {
        int from = i;
        while (i < h->count && h->ids[i] != unk) i++;
        if (i > from) {
            TT_TRY(put_known(b, target, h->ids, from, i, at, e));
            said = -1;
            continue;
        }
        const int word = source_word(s, h, i, sw);
        const tt_span text = word_at(s->plain.line.text, s->plain.line.len, word);
        if (word != said && b->len && !tt_vocab_has_spm(target)) tt_outbuf_say(b, " ");
        at[i] = (int32_t)b->len;
        if (word != said) tt_outbuf_put(b, text.text, text.len);
        said = word;
        i++;
    }
    return b->failed ? tt_fail(e, TT_ENOMEM, "out of memory for a line") : 0;
}

int tt_words_text(tt_said *said, const tt_vocab *source, const tt_vocab *target,
                  const tt_sentence *s, const tt_hyp *h, int replace_unk, int places, tt_arena *a,
                  tt_err *e) {
    const int32_t unk = tt_vocab_unk(target);
    int has = 0;
    if (h->said) {
        *said = *h->said;
        return 0;
    }
    for (int i = 0; replace_unk && i < h->count; i++) has |= h->ids[i] == unk;
    *said = (tt_said){
        .at = has || places ? tt_arena_zero(a, ((size_t)h->count + 1) * sizeof *said->at) : NULL};
    if ((has || places) && !said->at) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
    if (has) {
        tt_outbuf b = {.a = a};
        TT_TRY(put_right(&b, source, target, s, h, unk, said->at, e));
        said->text = b.p;
        said->len = b.len;
    } else if (places) {
        TT_TRY(tt_vocab_decode_at(target, h->ids, (size_t)h->count, a, &said->text, &said->len,
                                  said->at, e));
    } else {
        TT_TRY(tt_vocab_decode(target, h->ids, (size_t)h->count, a, &said->text, &said->len, e));
    }
    one_line(said->text, said->len);
    if (s->plain.kept) tidy(said, h->count, &s->plain.line);
    if (s->plain.opens) tt_holds_raise(said->text, said->len);
    return 0;
}
