/* gramrows.c: see gramrows.h. */
#include "text/gramrows.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { LONGEST = 3 };
#define OPEN "\xe2\x80\xb9"
#define CLOSE "\xe2\x80\xba"

struct own {
    tt_grams grams; /* first: what is given away */
    int32_t *off, *row;
    size_t room;
    char *framed; /* ‹piece› */
    size_t framed_room;
};

static int32_t row_of(const char *run, size_t len) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)run[i]) * 16777619u;
    return (int32_t)(h % TT_GRAM_ROWS);
}

static int grow(void **at, size_t *room, size_t need, size_t size) {
    if (need <= *room) return 1;
    const size_t more = 2 * need;
    void *p = realloc(*at, more * size);
    if (!p) return 0;
    *at = p, *room = more;
    return 1;
}

/* Adds the runs of a piece behind those of the ones before; 0: no memory. */
static int add_piece(struct own *g, int id, const char *piece, size_t len) {
    const size_t end = sizeof OPEN - 1 + len, all = end + sizeof CLOSE - 1;
    if (!grow((void **)&g->framed, &g->framed_room, all, 1) ||
        !grow((void **)&g->row, &g->room, (size_t)g->off[id] + LONGEST * all, sizeof *g->row))
        return 0;
    memcpy(g->framed, OPEN, sizeof OPEN - 1);
    memcpy(g->framed + sizeof OPEN - 1, piece, len);
    memcpy(g->framed + end, CLOSE, sizeof CLOSE - 1);
    int32_t n = g->off[id];
    for (size_t from = 0, size; from < all; from += size) {
        size_t to = from, of;
        tt_utf8_at(g->framed, all, from, &size);
        for (int run = 1; run <= LONGEST && to < all; run++, to += of) {
            tt_utf8_at(g->framed, all, to, &of);
            if (run > 1 || (from >= sizeof OPEN - 1 && from < end))
                g->row[n++] = row_of(g->framed + from, to + of - from);
        }
    }
    g->off[id + 1] = n;
    return 1;
}

tt_grams *tt_grams_open(const tt_vocab *v, tt_err *e) {
    const int pieces = tt_vocab_size(v);
    struct own *g = calloc(1, sizeof *g);
    int ok = g && (g->off = calloc((size_t)pieces + 1, sizeof *g->off));
    for (int id = 0; ok && id < pieces; id++) {
        size_t len;
        const char *piece = tt_vocab_piece_at(v, id, &len);
        ok = add_piece(g, id, piece, len);
    }
    if (!ok) {
        tt_fail(e, TT_ENOMEM, "out of memory for the characters of %d pieces", pieces);
        tt_grams_close(g ? &g->grams : NULL);
        return NULL;
    }
    g->grams = (tt_grams){pieces, g->off, g->row};
    return &g->grams;
}

void tt_grams_close(tt_grams *grams) {
    struct own *g = (struct own *)(void *)grams;
    if (!g) return;
    free(g->off);
    free(g->row);
    free(g->framed);
    free(g);
}
