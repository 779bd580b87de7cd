/* pairs.c: development sets, tt_pairs_read of corpus.h: all pairs in order, none left out. */
#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "text/clean.h"
#include "text/corpus.h"
#include "text/pairing.h"
#include "text/texts.h"

static const size_t max_dev_pairs = 1000000;

struct side {
    const char **text;
    int32_t **ids;
    size_t *n;
    size_t total;
};

/* `mem` with room for twice `count` items, or NULL. */
static void *twice(const void *mem, size_t count, size_t size, tt_arena *a) {
    void *p = tt_arena_alloc(a, 2 * count * size);
    if (p) memcpy(p, mem, count * size);
    return p;
}

/* Cleans and tokenises one side of a pair to place i; counts what was replaced into *bad. */
static int side_add(struct side *s, size_t i, tt_side_text t, const tt_vocab *v, int max_tokens,
                    int texts, size_t *bad, tt_arena *a, tt_err *e) {
    tt_clean clean;
    tt_texts both = {0};
    if (texts == 2) TT_TRY(tt_texts_encode(&both, v, t.at, t.len, a, e));
    TT_TRY(tt_clean_line(&clean, t.at, t.len, a, e));
    s->text[i] = tt_arena_text(a, clean.text, clean.len);
    if (!s->text[i]) return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
    *bad += clean.bad + clean.nul;
    if (both.parts == 2) s->ids[i] = both.ids, s->n[i] = both.n;
    else
        TT_TRY(tt_vocab_encode(v, clean.text, clean.len, TT_VOCAB_EOS, a, &s->ids[i], &s->n[i], e));
    if (s->n[i] > (size_t)max_tokens) {
        s->n[i] = (size_t)max_tokens;
        s->ids[i][s->n[i] - 1] = tt_vocab_eos(v);
    }
    s->total += s->n[i];
    return 0;
}

static int side_join(tt_seqs *out, const struct side *s, size_t count, tt_arena *a, tt_err *e) {
    int32_t *off = tt_arena_alloc(a, (count + 1) * sizeof *off);
    int32_t *ids = s->total <= INT32_MAX ? tt_arena_alloc(a, s->total * sizeof *ids) : NULL;
    if (!off || !ids) return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
    off[0] = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(ids + off[i], s->ids[i], s->n[i] * sizeof *ids);
        off[i + 1] = off[i] + (int32_t)s->n[i];
    }
    *out = (tt_seqs){(int)count, off, ids, NULL};
    return 0;
}

static bool side_grow(struct side *s, size_t count, tt_arena *a) {
    s->text = twice(s->text, count, sizeof *s->text, a);
    s->ids = twice(s->ids, count, sizeof *s->ids, a);
    s->n = twice(s->n, count, sizeof *s->n, a);
    return s->text && s->ids && s->n;
}

static int read_pairs(struct side side[2], size_t *count, tt_pairing *r, const tt_vocab *v,
                      int max_tokens, size_t *bad, tt_arena *a, tt_err *e) {
    size_t room = 512;
    int rc;
    tt_side_text t[2];
    for (int k = 0; k < 2; k++) /* arrays of `room` items, not yet of any value */
        if (!(side[k].text = tt_arena_alloc(a, room * sizeof *side[k].text)) ||
            !(side[k].ids = tt_arena_alloc(a, room * sizeof *side[k].ids)) ||
            !(side[k].n = tt_arena_alloc(a, room * sizeof *side[k].n)))
            return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
    for (*count = 0; (rc = tt_pairing_next(r, &t[0], &t[1], e)) > 0; ++*count) {
        if (*count == max_dev_pairs)
            return tt_fail(e, TT_EDATA, "%s: more than %zu pairs in a development set",
                           tt_lines_name(r->src), max_dev_pairs);
        if (*count == room) {
            if (!side_grow(&side[0], room, a) || !side_grow(&side[1], room, a))
                return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
            room *= 2;
        }
        for (int k = 0; k < 2; k++)
            TT_TRY(side_add(&side[k], *count, t[k], tt_vocab_side(v, k), max_tokens,
                            k ? 1 : r->texts, bad, a, e));
    }
    return rc;
}

/* Where the document of each pair begins. */
static int32_t *find_documents(const struct side side[2], size_t count, tt_arena *a) {
    int32_t *of = tt_arena_alloc(a, count * sizeof *of), first = 0;
    for (size_t i = 0; of && i < count; i++) {
        const int blank = !*side[0].text[i] && !*side[1].text[i];
        of[i] = blank ? (int32_t)i : first;
        if (blank) first = (int32_t)i + 1;
    }
    return of;
}

int tt_pairs_read(tt_pairs *p, const tt_parallel *s, const tt_vocab *v, int max_tokens, int texts,
                  tt_arena *a, const tt_log *log, tt_err *e) {
    struct side side[2] = {0};
    tt_pairing r;
    size_t count = 0, bad = 0;
    TT_TRY(tt_pairing_open(&r, s, texts, e));
    int rc = read_pairs(side, &count, &r, v, max_tokens, &bad, a, e),
        is_1252 = tt_pairing_is_1252(&r);
    tt_pairing_close(&r);
    TT_TRY(rc);
    size_t blank = 0;
    for (size_t i = 0; i < count; i++) blank += !*side[0].text[i] && !*side[1].text[i];
    if (blank == count) return tt_fail(e, TT_EDATA, "%s: a development set without a pair", s->src);
    if (bad)
        tt_log_line(log, TT_LOG_WARN, "%s: replaced %zu bad bytes%s", s->src, bad,
                    is_1252 ? TT_HINT_1252 : "");
    TT_TRY(side_join(&p->src, &side[0], count, a, e));
    TT_TRY(side_join(&p->tgt, &side[1], count, a, e));
    p->document = find_documents(side, count, a);
    if (!p->document) return tt_fail(e, TT_ENOMEM, "out of memory for a development set");
    p->count = (int)count;
    p->src_text = side[0].text;
    p->tgt_text = side[1].text;
    return 0;
}
