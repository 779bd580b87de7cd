/* bitext.c: see bitext.h. */
#include "lexical/bitext.h"

#include <stdlib.h>
#include <string.h>

void tt_bitext_free(tt_bitext *b) {
    for (int side = 0; side < 2; side++) {
        free(b->from[side]);
        free(b->ids[side]);
    }
    *b = (tt_bitext){0};
}

/* Room for `more` ids of a side behind those there are. */
static int reserve(tt_bitext *b, int side, size_t more) {
    const size_t have = b->pairs ? b->from[side][b->pairs] : 0;
    if (have + more <= b->room[side]) return 1;
    const size_t room = 2 * (have + more) + 1024;
    int32_t *ids = realloc(b->ids[side], room * sizeof *ids);
    if (!ids) return 0;
    b->ids[side] = ids;
    b->room[side] = room;
    return 1;
}

static int reserve_pair(tt_bitext *b) {
    if (b->pairs + 2 <= b->room[2]) return 1;
    const size_t room = 2 * b->room[2] + 256;
    for (int side = 0; side < 2; side++) {
        size_t *from = realloc(b->from[side], room * sizeof *from);
        if (!from) return 0;
        b->from[side] = from;
        if (!b->pairs) from[0] = 0;
    }
    b->room[2] = room;
    return 1;
}

int tt_bitext_add(tt_bitext *b, const int32_t *src, size_t n, const int32_t *tgt, size_t m,
                  tt_err *e) {
    const int32_t *const ids[2] = {src, tgt};
    const size_t len[2] = {n, m};
    if (!reserve_pair(b) || !reserve(b, 0, n) || !reserve(b, 1, m))
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu pairs of sentences", b->pairs + 1);
    for (int side = 0; side < 2; side++) {
        const size_t at = b->from[side][b->pairs];
        if (len[side]) memcpy(b->ids[side] + at, ids[side], len[side] * sizeof **ids);
        for (size_t i = 0; i < len[side]; i++)
            if (ids[side][i] >= b->size[side]) b->size[side] = ids[side][i] + 1;
        b->from[side][b->pairs + 1] = at + len[side];
    }
    b->pairs++;
    return 0;
}

/* ---- pairs of lines ------------------------------------------------------------------------ */

int tt_pairlines_open(tt_pairlines *p, const tt_parallel *source, tt_err *e) {
    *p = (tt_pairlines){.src = tt_lines_open(source->src, 0, e)};
    if (!p->src) return e->code;
    if (!source->tgt || (p->tgt = tt_lines_open(source->tgt, 0, e))) return 0;
    tt_pairlines_close(p);
    return e->code;
}

void tt_pairlines_close(tt_pairlines *p) {
    tt_lines_close(p->src);
    tt_lines_close(p->tgt);
    *p = (tt_pairlines){0};
}

static int cut_tsv(tt_span *src, tt_span *tgt, const tt_lines *in, tt_err *e) {
    const char *tab = memchr(src->text, '\t', src->len), *end = src->text + src->len;
    size_t blanks = 0;
    while (blanks < src->len && (unsigned char)src->text[blanks] <= ' ') blanks++;
    if (!tab && blanks == src->len) { /* a pair of empty sides */
        *tgt = (tt_span){end, 0};
        return 0;
    }
    if (!tab)
        return tt_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target", tt_lines_name(in),
                       tt_lines_number(in));
    const char *next = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
    *tgt = (tt_span){tab + 1, (size_t)((next ? next : end) - tab - 1)};
    src->len = (size_t)(tab - src->text);
    return 0;
}

int tt_pairlines_next(tt_pairlines *p, tt_span *src, tt_span *tgt, tt_err *e) {
    int more = tt_lines_next(p->src, &src->text, &src->len, e);
    if (more < 0 || (!p->tgt && !more)) return more;
    if (!p->tgt) {
        more = cut_tsv(src, tgt, p->src, e);
        return more ? more : 1;
    }
    int other = tt_lines_next(p->tgt, &tgt->text, &tgt->len, e);
    if (other < 0 || other == more) return other;
    return tt_fail(e, TT_EDATA, "%s and %s have not the same number of lines",
                   tt_lines_name(p->src), tt_lines_name(p->tgt));
}
