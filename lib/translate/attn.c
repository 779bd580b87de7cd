/* attn.c: attention maps of one sentence and its translation: tt_attention_… of ttrans.h.
 *
 * The pair is run once through encoder and decoder, as in training, with every layer's weights
 * kept: enc (H, S, S), dec (H, T, T), cross (H, T, S) a layer.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/beam.h"
#include "translate/sentence.h"
#include "translate/translator.h"
#include "translate/window.h"
#include "text/clean.h"
#include "text/texts.h"
#include "text/vocab.h"

struct tt_attention {
    tt_arena *arena;    /* everything below */
    int layers[3];      /* by TT_ATTENTION_… */
    int *heads[3];      /* (layers) */
    int told;           /* TT_ATTENTION_WEIGHTS, … */
    bool tells[3];      /* the side has such numbers */
    const char *column; /* the name of the only one, or NULL */
    float **maps[3];    /* (layers): blocks as above */
    int rows[3], cols[3];
    struct texts {          /* source, target, what the decoder read */
        int tokens, shown;  /* before and after joining */
        int32_t *place;     /* (tokens): where each is shown; -1: nowhere */
        int32_t *word;      /* (tokens): its word, from 0 */
        unsigned char *end; /* (tokens): 1: an end or beginning of the sentence, no text */
        const char **names, **words, **labels; /* of tokens; of words; of what is shown */
    } text[3];
    float *mean, *joined; /* the largest map */
    const char *source, *target;
};

_Static_assert((int)TT_ATTENTION_SCORES == TT_TELL_SCORES &&
                   (int)TT_ATTENTION_SCALED == TT_TELL_SCALED &&
                   (int)TT_ATTENTION_CENTRE == TT_TELL_CENTRE &&
                   (int)TT_ATTENTION_SPAN == TT_TELL_SPAN,
               "the library's names are those of the room below");

/* Cleans and encodes a text that must be one sentence for the model. */
static int encode(const tt_vocab *v, const char *what, const char *text, size_t len, int most,
                  int texts, tt_arena *a, tt_seqs *out, tt_err *e) {
    tt_clean line;
    tt_texts both;
    int32_t *ids, *off;
    size_t n;
    if (texts == 2) {
        TT_TRY(tt_texts_encode(&both, v, text, len, a, e));
        if (both.parts != 2)
            return tt_fail(e, TT_EDATA, "the %s has no TAB: the model reads two texts", what);
        ids = both.ids, n = both.n;
    } else {
        TT_TRY(tt_clean_line(&line, text, len, a, e));
        TT_TRY(tt_vocab_encode(v, line.text, line.len, TT_VOCAB_EOS, a, &ids, &n, e));
    }
    if (n <= (size_t)tt_vocab_frame(v)) return tt_fail(e, TT_EDATA, "the %s is empty", what);
    if (n > (size_t)most)
        return tt_fail(e, TT_EDATA, "the %s has %zu tokens: expected at most %d", what, n, most);
    off = tt_arena_zero(a, 2 * sizeof *off);
    if (!off) return tt_fail(e, TT_ENOMEM, "out of memory for the %s", what);
    off[1] = (int32_t)n;
    *out = (tt_seqs){1, off, ids, NULL};
    return 0;
}

static int translate(const tt_translator_parts *p, const tt_seqs *src, tt_arena *a, tt_seqs *out,
                     tt_err *e) {
    tt_hyps hyps;
    TT_TRY(tt_search(p->run, p->model, src, p->search, &hyps, a, e));
    int32_t *off = tt_arena_zero(a, 2 * sizeof *off);
    if (!off) return tt_fail(e, TT_ENOMEM, "out of memory for the translation");
    off[1] = hyps.hyp[0].count;
    *out = (tt_seqs){1, off, hyps.hyp[0].ids, NULL};
    return 0;
}

/* 1 if a word begins with the token. Without SentencePiece each token is one. */
static bool begins_word(const tt_vocab *v, int32_t id, int is_end, int after_end) {
    const char *piece = tt_vocab_piece(v, id);
    return is_end || after_end || !tt_vocab_has_spm(v) ||
           (piece && !strncmp(piece, "\xe2\x96\x81", 3));
}

/* A word's text: that of its tokens; of an end its piece. */
static const char *name_word(const tt_vocab *v, const int32_t *ids, int n, const char *piece,
                             int is_end, tt_arena *a, tt_err *e) {
    char *text;
    size_t len;
    if (is_end) return piece;
    if (tt_vocab_decode(v, ids, (size_t)n, a, &text, &len, e)) return NULL;
    return len ? tt_arena_text(a, text, len) : piece;
}

/* Names of a text's tokens and words; first: the text is read shifted, behind this one and without
   its last; NULL: as it is. */
static int name_text(struct texts *x, const tt_vocab *v, const tt_seqs *s, const char *first,
                     tt_arena *a, tt_err *e) {
    const int n = s->off[1], shift = first != NULL;
    *x = (struct texts){.tokens = n};
    x->place = tt_arena_alloc(a, (size_t)n * sizeof *x->place);
    x->word = tt_arena_alloc(a, (size_t)n * sizeof *x->word);
    x->end = tt_arena_alloc(a, (size_t)n);
    x->names = tt_arena_alloc(a, (size_t)n * sizeof *x->names);
    x->words = tt_arena_alloc(a, (size_t)n * sizeof *x->words);
    x->labels = tt_arena_alloc(a, (size_t)n * sizeof *x->labels);
    if (!x->place || !x->word || !x->end || !x->names || !x->words || !x->labels)
        return tt_fail(e, TT_ENOMEM, "out of memory for the names of %d tokens", n);
    int words = 0;
    for (int i = 0; i < n; i++) {
        const int32_t id = i < shift ? -1 : s->ids[i - shift];
        x->names[i] = i < shift ? first : tt_vocab_piece(v, id);
        x->end[i] = i < shift || tt_vocab_is_control(v, id);
        words += !i || begins_word(v, id, x->end[i], x->end[i - 1]);
        x->word[i] = words - 1;
    }
    for (int i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && x->word[next] == x->word[i];) next++;
        const char *name =
            name_word(v, s->ids + i - shift * (i >= shift), next - i, x->names[i], x->end[i], a, e);
        if (!name)
            return e->code ? e->code
                           : tt_fail(e, TT_ENOMEM, "out of memory for the names of %d tokens", n);
        x->words[x->word[i]] = name;
    }
    return 0;
}

/* What is shown of a text, and where. */
static void shape_text(struct texts *x, int words, int ends) {
    x->shown = 0;
    for (int i = 0; i < x->tokens; i++) {
        const int joins = words && i && x->word[i] == x->word[i - 1] && x->place[i - 1] >= 0;
        x->place[i] = !ends && x->end[i] ? -1 : joins ? x->place[i - 1] : x->shown++;
        if (x->place[i] >= 0) x->labels[x->place[i]] = words ? x->words[x->word[i]] : x->names[i];
    }
}

static const int sites[3] = {[TT_ATTENTION_CROSS] = TT_SITE_CROSS,
                             [TT_ATTENTION_ENCODER] = TT_SITE_ENC,
                             [TT_ATTENTION_DECODER] = TT_SITE_DEC};

/* Room for the maps of all layers, and the names beside them. */
static int prepare(tt_attention *a, const tt_translator_parts *p, const tt_seqs *src,
                   const tt_seqs *tgt, tt_err *e) {
    int s = src->off[1], t = tgt->off[1], ok = 1;
    a->told = p->told;
    if (p->told >= TT_ATTENTION_CENTRE) a->column = tt_family_map.row(p->told)->name;
    const int rows[3] = {t, s, t}, cols[3] = {s, s, t}, begin = tt_model_start(p->model);
    const char *start = begin >= 0 ? tt_vocab_piece(p->target, begin) : NULL;
    size_t largest = 0;
    for (int side = 0; side < 3; side++) {
        size_t one = (size_t)rows[side] * (size_t)cols[side];
        if (one > largest) largest = one;
        a->layers[side] = tt_model_maps_of(p->model, sites[side]);
        a->tells[side] = tt_model_tells(p->model, sites[side], p->told);
        a->rows[side] = rows[side];
        a->cols[side] = cols[side];
        a->maps[side] = tt_arena_alloc(a->arena, (size_t)a->layers[side] * sizeof *a->maps[side]);
        a->heads[side] = tt_arena_alloc(a->arena, (size_t)a->layers[side] * sizeof(int));
        ok = ok && a->heads[side];
        for (int i = 0; a->maps[side] && a->heads[side] && i < a->layers[side]; i++) {
            const int heads = a->heads[side][i] = tt_model_heads(p->model, sites[side], i);
            a->maps[side][i] = tt_arena_zero(a->arena, (size_t)heads * one * sizeof(float));
            ok = ok && a->maps[side][i];
        }
        ok = ok && a->maps[side];
    }
    a->mean = tt_arena_alloc(a->arena, largest * sizeof *a->mean);
    a->joined = tt_arena_alloc(a->arena, largest * sizeof *a->joined);
    if (!ok || !a->mean || !a->joined)
        return tt_fail(e, TT_ENOMEM, "out of memory for the maps of %d by %d tokens", s, t);
    TT_TRY(name_text(&a->text[0], p->source, src, NULL, a->arena, e));
    TT_TRY(name_text(&a->text[1], p->target, tgt, NULL, a->arena, e));
    TT_TRY(name_text(&a->text[2], p->target, tgt, start ? start : "<s>", a->arena, e));
    for (int i = 0; i < 3; i++) shape_text(&a->text[i], 0, 1);
    char *text;
    size_t len;
    TT_TRY(tt_vocab_decode(p->target, tgt->ids, (size_t)t, a->arena, &text, &len, e));
    a->target = tt_arena_text(a->arena, text, len);
    TT_TRY(tt_vocab_decode(p->source, src->ids, (size_t)s, a->arena, &text, &len, e));
    a->source = tt_arena_text(a->arena, text, len);
    return a->target && a->source ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for the translation");
}

static int compute(tt_attention *a, const tt_translator_parts *p, const char *text, size_t len,
                   const char *target, size_t target_len, tt_err *e) {
    tt_seqs src, tgt;
    TT_TRY(encode(p->source, "sentence", text, len, p->limit, p->texts, a->arena, &src, e));
    if (target)
        TT_TRY(encode(p->target, "target", target, target_len, tt_model_longest(p->model), 1,
                      a->arena, &tgt, e));
    else TT_TRY(translate(p, &src, a->arena, &tgt, e));
    TT_TRY(prepare(a, p, &src, &tgt, e));
    tt_maps maps = {.of = {[TT_SITE_ENC] = a->maps[TT_ATTENTION_ENCODER],
                           [TT_SITE_DEC] = a->layers[TT_ATTENTION_DECODER]
                                               ? a->maps[TT_ATTENTION_DECODER]
                                               : NULL,
                           [TT_SITE_CROSS] = a->maps[TT_ATTENTION_CROSS]},
                    .told = p->told};
    for (int i = 0; i < 3; i++)
        if (!a->tells[i]) maps.of[sites[i]] = NULL;
    tt_run_reset(p->run, NULL);
    tt_model_maps(p->run, p->model, &src, &tgt, &maps);
    return tt_run_reset(p->run, e);
}

static tt_attention *open_with(const tt_translator_parts *p, const char *text, size_t len,
                               const char *target, size_t target_len, tt_err *e) {
    tt_attention *a = calloc(1, sizeof *a);
    if (!a) {
        tt_fail(e, TT_ENOMEM, "out of memory for attention maps");
        return NULL;
    }
    a->arena = tt_arena_open(0, e);
    if (a->arena && !compute(a, p, text, len, target, target_len, e)) return a;
    tt_attention_close(a);
    return NULL;
}

tt_attention *tt_attention_open(tt_translator *t, const char *text, size_t len, const char *target,
                                size_t target_len, tt_err *e) {
    const tt_translator_parts p = tt_translator_view(t);
    return open_with(&p, text, len, target, target_len, e);
}

void tt_attention_tell(tt_translator *t, int what) { t->told = what; }

void tt_attention_close(tt_attention *a) {
    if (!a) return;
    tt_arena_close(a->arena);
    free(a);
}

void tt_attention_shape(tt_attention *a, int words, int ends) {
    for (int i = 0; i < 3; i++) shape_text(&a->text[i], words, ends);
}

/* Joined: a column's weights are added up, a row's are the mean of its tokens'. */
static const float *join_map(tt_attention *a, const struct texts *r, const struct texts *c,
                             const float *w) {
    if (r->shown == r->tokens && c->shown == c->tokens) return w;
    float *out = a->joined; /* (r->shown, c->shown) */
    memset(out, 0, (size_t)r->shown * (size_t)c->shown * sizeof *out);
    for (int i = 0, next; i < r->tokens; i = next) {
        for (next = i + 1; next < r->tokens && r->place[next] == r->place[i];) next++;
        if (r->place[i] < 0) continue;
        for (int j = 0; j < c->tokens; j++) {
            if (c->place[j] < 0) continue;
            double sum = 0;
            for (int k = i; k < next; k++)
                sum += (double)w[(size_t)k * (size_t)c->tokens + (size_t)j];
            out[(size_t)r->place[i] * (size_t)c->shown + (size_t)c->place[j]] +=
                (float)(sum / (next - i));
        }
    }
    return out;
}

int tt_attention_get(tt_attention *a, tt_attention_map *m, int side, int layer, int head,
                     tt_err *e) {
    static const char *const of[3] = {"decoder", "encoder", "decoder"};
    static const char *const sides[3] = {"cross", "encoder", "decoder"};
    static const char *const none[3] = {
        [TT_ATTENTION_CROSS] = "decoder does not attend to the sentence",
        [TT_ATTENTION_ENCODER] = "encoder is recurrent and has no attention",
        [TT_ATTENTION_DECODER] = "decoder has no attention to itself, but something simpler"};
    if (side < 0 || side > 2)
        return tt_fail(e, TT_EUSAGE, "attention side %d: expected 0 to 2", side);
    if (!a->layers[side]) return tt_fail(e, TT_EUSAGE, "this model's %s", none[side]);
    if (!a->tells[side])
        return tt_fail(e, TT_EUSAGE,
                       "this model's %s attention has no %s; see 'ttrans info --equations'",
                       sides[side], tt_family_map.row(a->told)->name);
    if (layer < 0 || layer > a->layers[side])
        return tt_fail(e, TT_EUSAGE, "layer %d: the %s has 1 to %d", layer, of[side],
                       a->layers[side]);
    if (!layer) layer = a->layers[side];
    const int heads = a->heads[side][layer - 1];
    if (head < 0 || head > heads)
        return tt_fail(e, TT_EUSAGE, "head %d: layer %d has 1 to %d", head, layer, heads);
    size_t n = (size_t)a->rows[side] * (size_t)a->cols[side];
    const float *block = a->maps[side][layer - 1], *w = a->mean; /* (H, rows, cols) */
    if (head) {
        w = block + (size_t)(head - 1) * n;
    } else {
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (int k = 0; k < heads; k++) sum += (double)block[(size_t)k * n + i];
            a->mean[i] = (float)(sum / heads);
        }
    }
    if (a->column) { /* rows one number long, none of them joined */
        float *only = a->joined;
        for (int i = 0; i < a->rows[side]; i++) only[i] = w[(size_t)i * (size_t)a->cols[side]];
        *m = (tt_attention_map){.weights = only,
                                .rows = a->rows[side],
                                .cols = 1,
                                .row_names = a->text[side == TT_ATTENTION_ENCODER ? 0 : 1].names,
                                .col_names = &a->column,
                                .layer = layer,
                                .head = head,
                                .layers = a->layers[side],
                                .heads = heads};
        return 0;
    }
    const struct texts *r = &a->text[side == TT_ATTENTION_ENCODER ? 0 : 1],
                       *c = &a->text[side == TT_ATTENTION_DECODER ? 2 : 0];
    *m = (tt_attention_map){.weights = join_map(a, r, c, w),
                            .rows = r->shown,
                            .cols = c->shown,
                            .row_names = r->labels,
                            .col_names = c->labels,
                            .layer = layer,
                            .head = head,
                            .layers = a->layers[side],
                            .heads = heads};
    return 0;
}

const char *tt_attention_target(const tt_attention *a) { return a->target; }
const char *tt_attention_source(const tt_attention *a) { return a->source; }

int tt_attention_each(tt_translator *t, const char *text, size_t len, tt_attention_fn *fn,
                      void *ctx, tt_err *e) {
    const tt_translator_parts p = tt_translator_view(t);
    const tt_cutting how = {.vocab = p.source, .limit = p.limit, .split = TT_SPLIT_NONE};
    if (len > TT_VOCAB_TEXT_MAX)
        return tt_fail(e, TT_EDATA, "a text of %zu bytes, expected at most %zu", len,
                       TT_VOCAB_TEXT_MAX);
    tt_arena *arena = tt_arena_open(0, e);
    tt_translate_stats stats = {0};
    tt_sentences line;
    int rc = !arena ? e->code
             : p.texts == 2
                 ? tt_sentences_both(&line, p.source, text, len, p.limit, arena, &stats, e)
                 : tt_sentences_make(&line, &how, text, len, arena, &stats, e);
    if (!rc && !line.count) rc = tt_fail(e, TT_EDATA, "the sentence is empty");
    for (size_t i = 0; !rc && i < line.count; i++) {
        const tt_plain *part = &line.parts[i].plain;
        tt_attention *a = tt_attention_open(t, part->text, part->len, NULL, 0, e);
        rc = a ? fn(ctx, a, (int)i, (int)line.count, e) : e->code;
        tt_attention_close(a);
    }
    tt_arena_close(arena);
    return rc;
}

/* ---- links of many pairs --------------------------------------------------------------------- */

struct linking {
    tt_translator *t;
    int layer, head;
    const tt_span *sources, *targets;
    tt_aligned_fn *fn;
    void *ctx;
    _Atomic int failed;
    struct linker {  /* a worker's */
        tt_err err;  /* the first failure, */
        size_t item; /* and where */
        int *of;     /* (room) */
        float *p;
        int room;
    } * worker;
};

static int reserve_links(struct linker *w, int n, tt_err *e) {
    if (n <= w->room) return 0;
    free(w->of);
    free(w->p);
    w->of = malloc(2 * (size_t)n * sizeof *w->of);
    w->p = malloc(2 * (size_t)n * sizeof *w->p);
    w->room = w->of && w->p ? 2 * n : 0;
    return w->room ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for links");
}

/* Of each row the column of greatest weight, unless what is left of the row, which is the ends'
 * share, is greater. */
static void look_most(struct linker *w, const tt_attention_map *m) {
    for (int i = 0; i < m->rows; i++) {
        const float *row = m->weights + (size_t)i * (size_t)m->cols;
        double ends = 1, most = 0;
        int best = -1;
        for (int j = 0; j < m->cols; j++) {
            ends -= (double)row[j];
            if ((double)row[j] > most) most = (double)row[best = j];
        }
        w->of[i] = most < ends ? -1 : best;
        w->p[i] = (float)most;
    }
}

static int link_pair(struct linking *x, size_t item, int worker, tt_err *e) {
    tt_translator_parts p = tt_translator_view(x->t);
    struct linker *w = &x->worker[worker];
    tt_attention_map m;
    tt_err why = {0};
    p.run = &x->t->workers[worker].run;
    tt_attention *a = open_with(&p, x->sources[item].text, x->sources[item].len,
                                x->targets[item].text, x->targets[item].len, &why);
    if (!a)
        return why.code == TT_EDATA ? x->fn(x->ctx, item, NULL, &why, e)
                                    : tt_fail(e, why.code, "%s", why.msg);
    tt_attention_shape(a, 1, 0);
    int rc = tt_attention_get(a, &m, TT_ATTENTION_CROSS, x->layer, x->head, e);
    if (!rc) rc = reserve_links(w, m.rows, e);
    if (!rc) {
        look_most(w, &m);
        const tt_aligned links = {m.cols, m.rows, w->of, NULL, w->p, NULL};
        rc = x->fn(x->ctx, item, &links, NULL, e);
    }
    tt_attention_close(a);
    return rc;
}

static void link_item(void *ctx, size_t item, int worker) {
    struct linking *x = ctx;
    struct linker *w = &x->worker[worker];
    if (x->failed || !link_pair(x, item, worker, &w->err)) return;
    w->item = item;
    x->failed = 1;
}

int tt_attention_pairs(tt_translator *t, int layer, int head, const tt_span *sources,
                       const tt_span *targets, size_t n, tt_aligned_fn *fn, void *ctx, tt_err *e) {
    struct linking x = {.t = t,
                        .layer = layer,
                        .head = head,
                        .sources = sources,
                        .targets = targets,
                        .fn = fn,
                        .ctx = ctx};
    const int workers = tt_pool_size(t->pool);
    int rc = 0;
    x.worker = calloc((size_t)workers, sizeof *x.worker);
    if (!x.worker) return tt_fail(e, TT_ENOMEM, "out of memory for %d threads", workers);
    tt_pool_run(t->pool, n, link_item, &x);
    size_t first = n;
    for (int i = 0; i < workers; i++) {
        const struct linker *w = &x.worker[i];
        if (w->err.code && w->item < first) {
            first = w->item;
            rc = tt_fail(e, w->err.code, "%s", w->err.msg);
        }
        free(w->of);
        free(w->p);
    }
    free(x.worker);
    return rc;
}
