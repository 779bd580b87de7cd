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
};

static int32_t row_of(const char *run, size_t len) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++) h = (h ^ (unsigned char)run[i]) * 16777619u;
    return (int32_t)(h % TT_GRAM_ROWS);
}

/* The rows of a piece into row, which has room for LONGEST a byte of ‹piece›; how many they are.
   framed: room for that. */
static int32_t cut(int32_t *row, const char *piece, size_t len, char *framed) {
    const size_t begin = sizeof OPEN - 1, end = begin + len, all = end + sizeof CLOSE - 1;
    int32_t n = 0;
    memcpy(framed, OPEN, begin);
    memcpy(framed + begin, piece, len);
    memcpy(framed + end, CLOSE, all - end);
    for (size_t from = 0, size; from < all; from += size) {
        size_t to = from, of;
        tt_utf8_at(framed, all, from, &size);
        for (int run = 1; run <= LONGEST && to < all; run++, to += of) {
            tt_utf8_at(framed, all, to, &of);
            if (run > 1 || (from >= begin && from < end))
                row[n++] = row_of(framed + from, to + of - from);
        }
    }
    return n;
}

/* Bytes of all framed pieces, and of the longest. */
static size_t measure(const tt_vocab *v, size_t *longest) {
    size_t sum = 0;
    *longest = 0;
    for (int id = 0; id < tt_vocab_size(v); id++) {
        size_t len;
        tt_vocab_piece_at(v, id, &len);
        len += sizeof OPEN + sizeof CLOSE - 2;
        sum += len;
        if (len > *longest) *longest = len;
    }
    return sum;
}

tt_grams *tt_grams_open(const tt_vocab *v, tt_err *e) {
    const int pieces = tt_vocab_size(v);
    size_t longest;
    const size_t bytes = measure(v, &longest);
    struct own *g = calloc(1, sizeof *g);
    char *framed = malloc(longest);
    if (g) {
        g->off = calloc((size_t)pieces + 1, sizeof *g->off);
        g->row = calloc(LONGEST * bytes, sizeof *g->row);
    }
    if (!g || !framed || !g->off || !g->row) {
        tt_fail(e, TT_ENOMEM, "out of memory for the characters of %d pieces", pieces);
        tt_grams_close(g ? &g->grams : NULL);
        free(framed);
        return NULL;
    }
    for (int id = 0; id < pieces; id++) {
        size_t len;
        const char *piece = tt_vocab_piece_at(v, id, &len);
        g->off[id + 1] = g->off[id] + cut(g->row + g->off[id], piece, len, framed);
    }
    free(framed);
    g->grams = (tt_grams){pieces, g->off, g->row};
    return &g->grams;
}

void tt_grams_close(tt_grams *grams) {
    struct own *g = (struct own *)(void *)grams;
    if (!g) return;
    free(g->off);
    free(g->row);
    free(g);
}
