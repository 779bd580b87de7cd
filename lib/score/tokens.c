/* tokens.c: see tokens.h. The tokenisers that are made of rewriting passes: they end with a text
 * whose words stand between white space.
 *
 * intl is that of NIST's mteval-v14.pl: marks are cut off unless digits are on both sides, symbols
 * always. zh puts blanks around Chinese characters and ends as 13a. Its ranges are sacreBLEU's,
 * where two that were meant to lie beyond the first plane cover U+2001–2A6D and U+2F81–2FA1
 * instead.
 */
#include "score/tokens.h"

#include "score/chars.h"
#include "score/rewrite.h"
#include "score/tok13a.h"
#include "score/unicode.h"

#include <string.h>

static int is_punctuation(uint32_t c) { return tt_unicode_category(c) == 'P'; }
static int is_symbol(uint32_t c) { return tt_unicode_category(c) == 'S'; }
static int is_no_number(uint32_t c) { return tt_unicode_category(c) != 'N'; }

static int cut_intl(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx) {
    TT_TRY(tt_rewrite_pairs(&line, is_no_number, is_punctuation, TT_REWRITE_RIGHT, arena));
    TT_TRY(tt_rewrite_pairs(&line, is_punctuation, is_no_number, TT_REWRITE_LEFT, arena));
    TT_TRY(tt_rewrite_each(&line, is_symbol, arena));
    return tt_toknone(line, arena, word, ctx);
}

static int is_chinese(uint32_t c) {
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x2001, 0x2a6d}, {0x2e80, 0x2fdf}, {0x2ff0, 0x303f}, {0x3100, 0x312f},
                  {0x31a0, 0x31bf}, {0x31c0, 0x31ef}, {0x3200, 0x33ff}, {0x3400, 0x4db5},
                  {0x4e00, 0x9fbb}, {0xf900, 0xfa2d}, {0xfa30, 0xfa6a}, {0xfa70, 0xfad9},
                  {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0xff00, 0xffef}};
    if (c < ranges[0].first) return 0;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c <= ranges[i].last) return c >= ranges[i].first;
    return 0;
}

static int cut_zh(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx) {
    size_t gap;
    line = tt_chars_rstrip(line);
    while (line.len && (gap = tt_chars_space(line.text, line.len)) > 0)
        line = (tt_span){line.text + gap, line.len - gap};
    TT_TRY(tt_rewrite_each(&line, is_chinese, arena));
    TT_TRY(tt_rewrite_symbols(&line, arena));
    TT_TRY(tt_rewrite_marks(&line, arena));
    return tt_toknone(line, arena, word, ctx);
}

static int cut_char(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx) {
    (void)arena;
    for (size_t i = 0, size; i < line.len; i += size) {
        size = tt_chars_size(line.text[i]);
        if (tt_chars_space(line.text + i, line.len - i)) continue;
        int rc = word(ctx, (tt_span){line.text + i, size});
        if (rc) return rc;
    }
    return 0;
}

static const tt_tokenizer rows[] = {
    {{"13a", "punctuation cut off, as mteval-v13a does", NULL, NULL}, tt_tok13a},
    {{"none", "words between white space", NULL, NULL}, tt_toknone},
    {{"char", "every character", NULL, NULL}, cut_char},
    {{"intl", "punctuation and symbols of all scripts cut off, as mteval-v14 does", NULL, NULL},
     cut_intl},
    {{"zh", "every Chinese character, the rest as 13a", NULL, NULL}, cut_zh},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_tokenizer = {"tokenizer", "how BLEU cuts a line into words", row_at};

/* The tokens of the caller's tokeniser, with blanks between. */
typedef struct joined {
    tt_arena *arena;
    char *text;
    size_t len, cap;
} joined;

static int join(void *ctx, tt_span token) {
    joined *j = ctx;
    if (token.len >= j->cap - j->len) {
        size_t cap = 2 * (j->cap + token.len);
        char *text = tt_dict_room(j->arena, cap);
        if (!text) return TT_ENOMEM;
        memcpy(text, j->text, j->len);
        j->text = text;
        j->cap = cap;
    }
    memcpy(j->text + j->len, token.text, token.len);
    j->len += token.len;
    j->text[j->len++] = ' ';
    return 0;
}

int tt_words_prepare(tt_span *line, const tt_words *w, tt_arena *arena, tt_err *e) {
    if (w->lowercase && tt_unicode_lower(line, arena))
        return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", line->len);
    if (!w->cut) return 0;
    joined j = {arena, tt_dict_room(arena, line->len + 64), 0, line->len + 64};
    if (!j.text) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", line->len);
    e->msg[0] = 0;
    int rc = w->cut(w->cut_ctx, *line, join, &j, e);
    if (rc && !e->msg[0]) tt_fail(e, rc, "the tokeniser failed with code %d", rc);
    if (rc) return rc;
    if (!tt_chars_valid(j.text, j.len))
        return tt_fail(e, TT_EDATA, "the tokeniser's tokens are not valid UTF-8");
    *line = (tt_span){j.text, j.len};
    return 0;
}

int tt_words_read(tt_symbols *text, tt_span line, const tt_words *w, tt_dict *dict, int known,
                  tt_arena *arena) {
    *text = (tt_symbols){tt_arena_alloc(arena, line.len * sizeof *text->symbols), 0};
    if (!text->symbols) return TT_ENOMEM;
    tt_reading r = {dict, text, known};
    return tt_words_cut(line, w, arena, tt_dict_read, &r);
}
