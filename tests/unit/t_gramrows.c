/* t_gramrows.c: of which runs of characters pieces are made. The rows are another program's. */
#include "text/gramrows.h"

#include "unit/test.h"

static int rows_are(const tt_grams *g, int id, const int32_t *want, int n) {
    int same = g->off[id + 1] - g->off[id] == n;
    for (int i = 0; same && i < n; i++) same = g->row[g->off[id] + i] == want[i];
    return same;
}

int main(void) {
    static const int32_t el[] = {29673, 6084,  27288, 14823, 5585,
                                 28800, 17284, 18564, 12555, 18481};
    tt_err e;
    tt_vocab *v = tt_vocab_open("vocab/en-es.spm", &e);
    CHECK(v, "%s", e.msg);
    if (!v) return test_done("t_gramrows");
    tt_grams *g = tt_grams_open(v, &e);
    CHECK(g, "%s", e.msg);
    if (g) {
        const int id = tt_vocab_find(v, "▁El", sizeof "▁El" - 1);
        CHECK(g->pieces == tt_vocab_size(v) && !g->off[0]);
        CHECK(id >= 0 && rows_are(g, id, el, 10), "%d: %d rows", id, g->off[id + 1] - g->off[id]);
        int outside = 0, other = 0;
        for (int i = 0; i < g->off[g->pieces]; i++)
            outside += g->row[i] < 0 || g->row[i] >= TT_GRAM_ROWS;
        for (int i = 0; i < g->pieces; i++) { /* c characters: c alone, c+1 pairs, c threes */
            size_t len;
            int characters = 0;
            const char *p = tt_vocab_piece_at(v, i, &len);
            for (size_t k = 0; k < len; k++) characters += ((unsigned char)p[k] & 0xc0) != 0x80;
            other += g->off[i + 1] - g->off[i] != 3 * characters + 1;
        }
        CHECK(!outside && !other, "%d rows beyond the table, %d pieces of other lengths", outside,
              other);
    }
    tt_grams_close(g);
    tt_grams_close(NULL);
    tt_vocab_close(v);
    return test_done("t_gramrows");
}
