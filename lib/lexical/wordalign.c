/* wordalign.c: word alignment of text, tt_aligner_… of ttrans.h.
 *
 * A word between blanks is read as several: the signs before and behind it each stand alone, and
 * the letters are small, so that "Casa." and "casa" are one word. Links are between the words
 * between blanks: one stands for its letters, or, where it has none, for its first sign.
 */
#include "lexical/aligner.h"
#include "lexical/wordids.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/utf8.h"
#include "text/letter.h"

/* One side of a pair. */
struct side {
    int32_t *ids; /* (count) */
    int *word;    /* (count): the word between blanks that this one stands for, or -1 */
    int count, words;
    size_t room;
    char *small; /* (letters): a word in small letters */
    size_t letters;
};

struct seat { /* a worker's */
    struct side side[2];
    tt_align_work work;
    int *of[2], *to[2]; /* of the words read; of the words between blanks */
    float *p[2], *q[2];
    size_t room[2];
};

struct tt_aligner {
    tt_pick how;
    tt_log log;
    tt_pool *pool;
    tt_wordids *words[2];
    tt_bitext text;
    tt_wordmodel *model;
    struct seat *seat; /* (threads) */
    int threads;
};

/* ---- words ---------------------------------------------------------------------------------- */

static bool is_blank(char c) { return (unsigned char)c <= ' '; }

static int reserve_side(struct side *s) {
    if ((size_t)s->count < s->room) return 1;
    const size_t room = 2 * s->room + 64;
    int32_t *ids = realloc(s->ids, room * sizeof *ids);
    if (ids) s->ids = ids;
    int *word = realloc(s->word, room * sizeof *word);
    if (word) s->word = word;
    if (!ids || !word) return 0;
    s->room = room;
    return 1;
}

/* A word read; `words` NULL, it is looked up, else put. */
static int put(struct side *s, tt_wordids *put_to, const tt_wordids *found_in, const char *text,
               size_t len, int word) {
    if (!reserve_side(s)) return 0;
    const int id =
        put_to ? tt_wordids_put(put_to, text, len) : tt_wordids_find(found_in, text, len);
    s->ids[s->count] = id;
    s->word[s->count++] = word;
    return !put_to || id >= 0;
}

static int put_small(struct side *s, tt_wordids *put_to, const tt_wordids *found_in,
                     const char *text, size_t len, int word) {
    if (len > s->letters) {
        char *small = realloc(s->small, 2 * len);
        if (!small) return 0;
        s->small = small;
        s->letters = 2 * len;
    }
    tt_text_case(s->small, text, len, TT_CASE_SMALL);
    return put(s, put_to, found_in, s->small, len, word);
}

/* 1 if a letter or digit stands at text[at]. *size: the character's bytes. */
static bool is_inner(const char *text, size_t len, size_t at, size_t *size) {
    const uint32_t c = tt_utf8_at(text, len, at, size);
    return tt_is_word(c);
}

/* The words of one that stands between blanks. */
static int read_word(struct side *s, tt_wordids *put_to, const tt_wordids *in, const char *text,
                     size_t len) {
    size_t from = 0, end = len, size;
    const int word = s->words++, first = s->count;
    while (from < len && !is_inner(text, len, from, &size)) from += size;
    if (from == len) from = 0, end = 0; /* signs alone */
    while (end > from) {
        const size_t before = tt_utf8_before(text, end);
        if (is_inner(text, len, before, &size)) break;
        end = before;
    }
    for (size_t at = 0; at < from; at += size) {
        tt_utf8_at(text, len, at, &size);
        if (!put(s, put_to, in, text + at, size, -1)) return 0;
    }
    if (end > from && !put_small(s, put_to, in, text + from, end - from, word)) return 0;
    for (size_t at = end; at < len; at += size) {
        tt_utf8_at(text, len, at, &size);
        if (!put(s, put_to, in, text + at, size, -1)) return 0;
    }
    if (end == from) s->word[first] = word;
    return 1;
}

static int read_side(struct side *s, tt_wordids *put_to, const tt_wordids *in, tt_span text,
                     tt_err *e) {
    s->count = s->words = 0;
    for (size_t at = 0, end; at < text.len; at = end) {
        while (at < text.len && is_blank(text.text[at])) at++;
        for (end = at; end < text.len && !is_blank(text.text[end]);) end++;
        if (end > at && !read_word(s, put_to, in, text.text + at, end - at))
            return tt_fail(e, TT_ENOMEM, "out of memory for words");
    }
    return 0;
}

/* ---- opening and learning ------------------------------------------------------------------- */

tt_aligner *tt_aligner_open(const char *how, int threads, const tt_log *log, tt_err *e) {
    tt_aligner *a = calloc(1, sizeof *a);
    if (!a) {
        tt_fail(e, TT_ENOMEM, "out of memory for an aligner");
        return NULL;
    }
    if (log) a->log = *log;
    a->threads = threads > 0 ? threads : tt_cpu_count();
    int rc = tt_pick_read(&a->how, &tt_family_aligner, how, e);
    for (int side = 0; !rc && side < 2; side++)
        rc = (a->words[side] = tt_wordids_open(e)) ? 0 : e->code;
    if (!rc && !(a->pool = tt_pool_open(a->threads, e))) rc = e->code;
    if (!rc && !(a->seat = calloc((size_t)a->threads, sizeof *a->seat)))
        rc = tt_fail(e, TT_ENOMEM, "out of memory for an aligner");
    if (!rc) return a;
    tt_aligner_close(a);
    return NULL;
}

static void close_seat(struct seat *s) {
    for (int side = 0; side < 2; side++) {
        free(s->side[side].ids);
        free(s->side[side].word);
        free(s->side[side].small);
        free(s->of[side]);
        free(s->to[side]);
        free(s->p[side]);
        free(s->q[side]);
    }
    tt_align_work_free(&s->work);
}

void tt_aligner_close(tt_aligner *a) {
    if (!a) return;
    for (int i = 0; a->seat && i < a->threads; i++) close_seat(&a->seat[i]);
    free(a->seat);
    tt_pool_close(a->pool);
    for (int side = 0; side < 2; side++) tt_wordids_close(a->words[side]);
    tt_bitext_free(&a->text);
    tt_wordmodel_close(a->model);
    free(a);
}

int tt_aligner_add(tt_aligner *a, tt_span source, tt_span target, tt_err *e) {
    struct side *s = a->seat[0].side;
    TT_TRY(read_side(&s[0], a->words[0], NULL, source, e));
    TT_TRY(read_side(&s[1], a->words[1], NULL, target, e));
    return tt_bitext_add(&a->text, s[0].ids, (size_t)s[0].count, s[1].ids, (size_t)s[1].count, e);
}

int tt_aligner_read(tt_aligner *a, const tt_parallel *source, tt_err *e) {
    tt_pairlines in;
    tt_span src, tgt;
    int rc = tt_pairlines_open(&in, source, e);
    if (rc) return rc;
    while ((rc = tt_pairlines_next(&in, &src, &tgt, e)) > 0 &&
           !(rc = tt_aligner_add(a, src, tgt, e))) {
    }
    tt_pairlines_close(&in);
    return rc;
}

int tt_aligner_learn(tt_aligner *a, tt_err *e) {
    a->model = tt_wordmodel_train(&a->text, &a->how, a->pool, &a->log, e);
    tt_bitext_free(&a->text);
    return a->model ? 0 : e->code;
}

int tt_aligner_save(const tt_aligner *a, const char *path, tt_err *e) {
    if (!a->model) return tt_fail(e, TT_EINTERNAL, "an aligner that has learned nothing");
    return tt_wordmodel_write(a->model, a->words, path, e);
}

int tt_aligner_load(tt_aligner *a, const char *path, tt_err *e) {
    tt_wordmodel_close(a->model);
    a->model = tt_wordmodel_read(path, a->words, e);
    if (!a->model) return e->code;
    if (&a->model->model->row == a->how.row) return 0;
    return tt_fail(e, TT_EUSAGE, "%s: tables of %s, not of %s", path, a->model->model->row.name,
                   a->how.row->name);
}

/* ---- aligning ------------------------------------------------------------------------------- */

struct aligning {
    tt_aligner *a;
    const tt_span *sources, *targets;
    tt_aligned_fn *fn;
    void *ctx;
    atomic_int failed; /* some pair ended the whole */
    tt_err *err;       /* (threads): the first failure of a worker; code 0: none */
};

static int reserve_seat(struct seat *s, int side, int n, tt_err *e) {
    const size_t room = 2 * (size_t)n + 64;
    if ((size_t)n <= s->room[side]) return 0;
    free(s->of[side]);
    free(s->to[side]);
    free(s->p[side]);
    free(s->q[side]);
    s->of[side] = malloc(room * sizeof *s->of[side]);
    s->to[side] = malloc(room * sizeof *s->to[side]);
    s->p[side] = malloc(room * sizeof *s->p[side]);
    s->q[side] = malloc(room * sizeof *s->q[side]);
    s->room[side] = s->of[side] && s->to[side] && s->p[side] && s->q[side] ? room : 0;
    return s->room[side] ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for links");
}

/* Links of words read to links of words between blanks: of `one` (which of[d] is of) to `other`. */
static void join_words(struct seat *s, int d, const struct side *one, const struct side *other) {
    for (int i = 0; i < one->words; i++) s->to[d][i] = -1, s->q[d][i] = 0;
    for (int i = 0; i < one->count; i++) {
        const int word = one->word[i], at = s->of[d][i];
        if (word < 0) continue;
        s->q[d][word] = s->p[d][i];
        if (at >= 0) s->to[d][word] = other->word[at];
    }
}

static int align_pair(struct aligning *x, size_t item, struct seat *s, tt_err *e) {
    struct side *src = &s->side[0], *tgt = &s->side[1];
    tt_err why = {0};
    TT_TRY(read_side(src, NULL, x->a->words[0], x->sources[item], e));
    TT_TRY(read_side(tgt, NULL, x->a->words[1], x->targets[item], e));
    TT_TRY(reserve_seat(s, 0, tgt->count, e));
    TT_TRY(reserve_seat(s, 1, src->count, e));
    int rc = tt_wordmodel_links(x->a->model, &s->work, src->ids, src->count, tgt->ids, tgt->count,
                                s->of, s->p, &why);
    if (rc == TT_EDATA) return x->fn(x->ctx, item, NULL, &why, e);
    if (rc) return tt_fail(e, rc, "%s", why.msg);
    join_words(s, 0, tgt, src);
    join_words(s, 1, src, tgt);
    const tt_aligned links = {src->words, tgt->words, s->to[0], s->to[1], s->q[0], s->q[1]};
    return x->fn(x->ctx, item, &links, NULL, e);
}

static void align_item(void *ctx, size_t item, int worker) {
    struct aligning *x = ctx;
    if (atomic_load_explicit(&x->failed, memory_order_relaxed)) return;
    if (align_pair(x, item, &x->a->seat[worker], &x->err[worker])) atomic_store(&x->failed, 1);
}

int tt_aligner_pairs(tt_aligner *a, const tt_span *sources, const tt_span *targets, size_t n,
                     tt_aligned_fn *fn, void *ctx, tt_err *e) {
    struct aligning x = {.a = a, .sources = sources, .targets = targets, .fn = fn, .ctx = ctx};
    int rc = 0;
    if (!a->model) return tt_fail(e, TT_EINTERNAL, "an aligner that has learned nothing");
    x.err = calloc((size_t)a->threads, sizeof *x.err);
    if (!x.err) return tt_fail(e, TT_ENOMEM, "out of memory for %d threads", a->threads);
    tt_pool_run(a->pool, n, align_item, &x);
    for (int i = 0; !rc && i < a->threads; i++)
        if (x.err[i].code) rc = tt_fail(e, x.err[i].code, "%s", x.err[i].msg);
    free(x.err);
    return rc;
}
