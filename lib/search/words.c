/* words.c: see words.h. A source word's own text is the blank-separated word of the same number in the
 * line; where the vocabulary normalises blanks in or away, so that the numbers differ, it is what its
 * tokens decode to.
 */
#include "search/words.h"

#include <string.h>

#include "search/outbuf.h"

static const char MARK[] = "\xe2\x96\x81";
enum { MARK_LEN = 3 };

static int marked(const char *piece) { return piece && !strncmp(piece, MARK, MARK_LEN); }

/* Does a word begin with the token? */
static int begins(const tt_vocab *v, int32_t id) {
    return tt_vocab_has_spm(v) ? marked(tt_vocab_piece(v, id)) : !tt_vocab_is_control(v, id);
}

/* Is the token the mark alone, whose word is yet to come? */
static int is_mark(const tt_vocab *v, int32_t id) {
    const char *piece = tt_vocab_has_spm(v) ? tt_vocab_piece(v, id) : NULL;
    return marked(piece) && !piece[MARK_LEN];
}

int tt_words_number(int32_t *word, const tt_vocab *v, const int32_t *ids, int count) {
    int n = 0, open = 0; /* open: the mark that began the word has nothing behind it yet */
    for (int i = 0; i < count; i++) {
        word[i] = -1;
        if (tt_vocab_is_control(v, ids[i])) continue;
        if (!n || (begins(v, ids[i]) && !open)) n++;
        open = is_mark(v, ids[i]);
        word[i] = n - 1;
    }
    return n;
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

int tt_words_map(tt_map *m, const tt_vocab *source, const tt_vocab *target, const tt_sentence *s,
                 const tt_hyp *h, int pieces, tt_arena *a, tt_err *e) {
    *m = (tt_map){h->alignment, NULL, h->count, s->count};
    if (pieces) return find_greatest(m, a, e);
    int32_t *sw = tt_arena_alloc(a, ((size_t)s->count + 1) * sizeof *sw);
    int32_t *tw = tt_arena_alloc(a, ((size_t)h->count + 1) * sizeof *tw);
    if (!sw || !tw) return tt_fail(e, TT_ENOMEM, "out of memory for an alignment");
    m->cols = tt_words_number(sw, source, s->ids, s->count);
    m->rows = tt_words_number(tw, target, h->ids, h->count);
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
        for (size_t j = 0; j < cols; j++) w[(size_t)i * cols + j] /= (float)tokens[i];
    m->w = w;
    return find_greatest(m, a, e);
}

/* ---- text ---------------------------------------------------------------------------------- */

/* Byte pieces can spell a line end, which would break the rule of one line for one line. */
static void one_line(char *p, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (p[i] == '\n' || p[i] == '\r' || !p[i]) p[i] = ' ';
}

/* Word number `at` of the text between blanks, 0 where there are not so many; *n: how many there are. */
static tt_span blank_word(const char *text, size_t len, int at, int *n) {
    tt_span found = {NULL, 0};
    *n = 0;
    for (size_t i = 0; i < len;) {
        while (i < len && text[i] == ' ') i++;
        size_t from = i;
        while (i < len && text[i] != ' ') i++;
        if (i > from && (*n)++ == at) found = (tt_span){text + from, i - from};
    }
    return found;
}

/* What stands in the source where token i of the hypothesis looked; *word: its number. */
static int source_word(tt_span *text, int *word, const tt_vocab *v, const tt_sentence *s,
                       const tt_hyp *h, int i, const int32_t *sw, int words, tt_arena *a, tt_err *e) {
    const float *row = h->alignment + (size_t)i * (size_t)s->count;
    int best = -1, n, first, last;
    for (int j = 0; j < s->count; j++)
        if (sw[j] >= 0 && (best < 0 || row[j] > row[best])) best = j;
    *text = (tt_span){"", 0};
    *word = best < 0 ? -1 : sw[best];
    if (best < 0) return 0;
    tt_span given = blank_word(s->text, s->len, *word, &n);
    if (n == words) {
        *text = given;
        return 0;
    }
    for (first = best; first > 0 && sw[first - 1] == *word; first--) continue;
    for (last = best; last + 1 < s->count && sw[last + 1] == *word; last++) continue;
    char *p;
    TT_TRY(tt_vocab_decode(v, s->ids + first, (size_t)(last - first + 1), a, &p, &text->len, e));
    text->text = p;
    return 0;
}

/* Tokens from … to-1, none of them unknown, behind what is in b. */
static int put_known(tt_outbuf *b, const tt_vocab *v, const int32_t *ids, int from, int to,
                     tt_err *e) {
    char *p;
    size_t len;
    int blank = to > from && is_mark(v, ids[to - 1]); /* goes before the unknown one */
    if (b->len && to > from && begins(v, ids[from])) tt_outbuf_say(b, " ");
    if (to - from - blank > 0) {
        TT_TRY(tt_vocab_decode(v, ids + from, (size_t)(to - from - blank), b->a, &p, &len, e));
        tt_outbuf_put(b, p, len);
        if (blank && b->len) tt_outbuf_say(b, " ");
    }
    return 0;
}

static int put_right(tt_outbuf *b, const tt_vocab *source, const tt_vocab *target,
                     const tt_sentence *s, const tt_hyp *h, int32_t unk, tt_err *e) {
    int32_t *sw = tt_arena_alloc(b->a, ((size_t)s->count + 1) * sizeof *sw);
    if (!sw) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
    int words = tt_words_number(sw, source, s->ids, s->count), said = -1; /* the word put last */
    for (int i = 0; i < h->count;) {
        int from = i;
        while (i < h->count && h->ids[i] != unk) i++;
        if (i > from) {
            TT_TRY(put_known(b, target, h->ids, from, i, e));
            said = -1;
            continue;
        }
        tt_span text;
        int word;
        TT_TRY(source_word(&text, &word, source, s, h, i, sw, words, b->a, e));
        if (word != said && b->len && !tt_vocab_has_spm(target)) tt_outbuf_say(b, " ");
        if (word != said) tt_outbuf_put(b, text.text, text.len);
        said = word;
        i++;
    }
    return b->failed ? tt_fail(e, TT_ENOMEM, "out of memory for a line") : 0;
}

int tt_words_text(char **text, size_t *len, const tt_vocab *source, const tt_vocab *target,
                  const tt_sentence *s, const tt_hyp *h, int replace_unk, tt_arena *a, tt_err *e) {
    int32_t unk = tt_vocab_unk(target);
    int has = 0;
    for (int i = 0; replace_unk && i < h->count; i++) has |= h->ids[i] == unk;
    if (has) {
        tt_outbuf b = {.a = a};
        TT_TRY(put_right(&b, source, target, s, h, unk, e));
        *text = b.p;
        *len = b.len;
    } else {
        TT_TRY(tt_vocab_decode(target, h->ids, (size_t)h->count, a, text, len, e));
    }
    one_line(*text, *len);
    return 0;
}
