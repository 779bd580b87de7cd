/* texts.c: see texts.h. */
#include "text/texts.h"

#include <stdbool.h>
#include <string.h>

#include "text/clean.h"

static bool is_white(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] > ' ') return false;
    return true;
}

int tt_texts_encode(tt_texts *t, const tt_vocab *v, const char *text, size_t len, tt_arena *a,
                    tt_err *e) {
    const char *tab = memchr(text, '\t', len);
    tt_clean part[2];
    int32_t *ids[2], *at[2];
    size_t n[2];
    *t = (tt_texts){.parts = is_white(text, len) ? 0 : tab ? 2 : 1};
    if (t->parts != 2) return 0;
    const size_t before = (size_t)(tab - text);
    TT_TRY(tt_clean_line(&part[0], text, before, a, e));
    TT_TRY(tt_clean_line(&part[1], tab + 1, len - before - 1, a, e));
    for (int i = 0; i < 2; i++)
        TT_TRY(tt_vocab_encode_at(v, part[i].text, part[i].len, TT_VOCAB_EOS, a, &ids[i], &at[i],
                                  &n[i], e));
    t->n = n[0] + n[1];
    t->len = part[0].len + 1 + part[1].len;
    char *both = tt_arena_alloc(a, t->len + 1);
    t->ids = tt_arena_alloc(a, 2 * t->n * sizeof *t->ids);
    if (!both || !t->ids) return tt_fail(e, TT_ENOMEM, "out of memory for a line of two texts");
    t->at = t->ids + t->n;
    memcpy(both, part[0].text, part[0].len);
    both[part[0].len] = '\t';
    memcpy(both + part[0].len + 1, part[1].text, part[1].len);
    both[t->len] = 0;
    t->text = both;
    memcpy(t->ids, ids[0], n[0] * sizeof *t->ids);
    memcpy(t->ids + n[0], ids[1], n[1] * sizeof *t->ids);
    memcpy(t->at, at[0], n[0] * sizeof *t->at);
    for (size_t i = 0; i < n[1]; i++) t->at[n[0] + i] = at[1][i] + (int32_t)part[0].len + 1;
    t->bad = part[0].bad + part[1].bad;
    t->nul = part[0].nul + part[1].nul;
    return 0;
}
