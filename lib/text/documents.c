/* documents.c: see documents.h. A token is rare if it is at most one of five hundred. */
#include "text/documents.h"

#include <stdlib.h>

#include "base/rng.h"

enum {
    LOOKED_AT = 20000, /* pairs */
    RARE = 500,
    LEAST = 100 /* tokens in common that tell anything */
};

/* Shared by 1.0 times as many where lines are shuffled, by two and more in news, talks and
   books. */
static const double KIN = 1.3;

struct looking {
    const tt_corpus *c;
    uint32_t *seen, *mark; /* (V): how often; the last line it stood in, from 1 */
    int32_t *ids;          /* of one side */
    size_t first, n;       /* pairs */
    uint64_t tokens;
};

static int longest(const struct looking *l) {
    int most = 1;
    for (size_t i = 0; i < l->n; i++) {
        const int len = tt_corpus_src_len(l->c, l->first + i);
        if (len > most) most = len;
    }
    return most;
}

static void count_tokens(struct looking *l) {
    for (size_t i = 0; i < l->n; i++) {
        const int len = tt_corpus_src_len(l->c, l->first + i) - 1;
        tt_corpus_src(l->c, l->first + i, l->ids);
        for (int k = 0; k < len; k++) l->seen[l->ids[k]]++;
        l->tokens += (uint64_t)len;
    }
}

/* Rare tokens of pair `of` that stand in pair `other`, which is the step's own mark. */
static long common(struct looking *l, size_t of, size_t other, uint32_t mark) {
    long n = 0;
    tt_corpus_src(l->c, other, l->ids);
    for (int k = 0, len = tt_corpus_src_len(l->c, other) - 1; k < len; k++)
        l->mark[l->ids[k]] = mark;
    tt_corpus_src(l->c, of, l->ids);
    for (int k = 0, len = tt_corpus_src_len(l->c, of) - 1; k < len; k++) {
        const int32_t id = l->ids[k];
        if (l->mark[id] != mark || (uint64_t)l->seen[id] * RARE > l->tokens) continue;
        l->mark[id] = 0; /* once a line */
        n++;
    }
    return n;
}

int tt_documents_look(tt_kin *kin, const tt_corpus *c, int source, int vocab, tt_err *e) {
    struct looking l = {.c = c, .first = tt_corpus_first(c, source)};
    *kin = (tt_kin){0, 0};
    l.n = tt_corpus_first(c, source + 1) - l.first;
    if (l.n > LOOKED_AT) l.n = LOOKED_AT;
    l.seen = calloc((size_t)vocab, sizeof *l.seen);
    l.mark = calloc((size_t)vocab, sizeof *l.mark);
    l.ids = malloc((size_t)longest(&l) * sizeof *l.ids);
    const int ok = l.seen && l.mark && l.ids;
    if (ok) count_tokens(&l);
    for (size_t i = 1; ok && i < l.n; i++) {
        const size_t pair = l.first + i, other = tt_rand_below(0, i, (uint32_t)l.n);
        if (other == i || !tt_corpus_before(c, pair, 1)) continue;
        kin->near += common(&l, pair, pair - 1, (uint32_t)(2 * i));
        kin->far += common(&l, pair, l.first + other, (uint32_t)(2 * i + 1));
    }
    free(l.seen);
    free(l.mark);
    free(l.ids);
    return ok ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a look at the order of lines");
}

bool tt_documents_are_shuffled(const tt_kin *kin) {
    return kin->near + kin->far >= LEAST && (double)kin->near < KIN * (double)kin->far;
}
