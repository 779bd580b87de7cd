/* attn.c: attention maps of one sentence and its translation: tt_attention_… of ttrans.h.
 *
 * The pair is run once through encoder and decoder, as in training, with every layer's weights
 * kept: enc (H, S, S), dec (H, T, T), cross (H, T, S) a layer.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/beam.h"
#include "translate/sentence.h"
#include "translate/translator.h"
#include "translate/window.h"
#include "text/clean.h"
#include "text/texts.h"
#include "translate/tokennames.h"

enum { SIDES = TT_ATTENTION_SIDES };
enum {
    TEXT_SOURCE,
    TEXT_TARGET,
    TEXT_READ,   /* what the decoder had read */
    TEXT_BEFORE, /* the sentences before, as one */
    TEXT_FIRST,  /* of two texts, and one more for weights of their own */
    TEXT_SECOND,
    TEXT_LAYERS,
    TEXTS
};

/* Who looks, and what is looked at. */
static const struct {
    int rows, cols;
} texts_of[SIDES] = {[TT_ATTENTION_CROSS] = {TEXT_TARGET, TEXT_SOURCE},
                     [TT_ATTENTION_ENCODER] = {TEXT_SOURCE, TEXT_SOURCE},
                     [TT_ATTENTION_DECODER] = {TEXT_TARGET, TEXT_READ},
                     [TT_ATTENTION_CONTEXT] = {TEXT_SOURCE, TEXT_BEFORE},
                     [TT_ATTENTION_CO] = {TEXT_FIRST, TEXT_SECOND},
                     [TT_ATTENTION_REPRESENTATIONS] = {TEXT_SOURCE, TEXT_LAYERS}};

struct tt_attention {
    tt_arena *arena;     /* everything below */
    int layers[SIDES];   /* by TT_ATTENTION_… */
    int *heads[SIDES];   /* (layers) */
    int told;            /* TT_ATTENTION_WEIGHTS, … */
    bool tells[SIDES];   /* the side has such numbers */
    const char *column;  /* the name of the only one, or NULL */
    float **maps[SIDES]; /* (layers): blocks as above */
    int rows[SIDES], cols[SIDES];
    float *before; /* (befores): of the sentences before */
    int befores;
    tt_token_names text[TEXTS]; /* TEXT_… */
    float *mean, *joined;       /* the largest map */
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

enum { SITES = 3 };
static const int sites[SITES] = {[TT_ATTENTION_CROSS] = TT_SITE_CROSS,
                                 [TT_ATTENTION_ENCODER] = TT_SITE_ENC,
                                 [TT_ATTENTION_DECODER] = TT_SITE_DEC};

/* Tokens of the first of two texts. */
static int first_half(const tt_seqs *src) {
    int i = 0;
    while (i < src->off[1] && src->ids[i] != src->ids[src->off[1] - 1]) i++;
    return i < src->off[1] ? i + 1 : src->off[1];
}

static int name_all(tt_attention *a, const tt_translator_parts *p, const tt_seqs *src,
                    const tt_seqs *tgt, tt_err *e) {
    const int begin = tt_model_start(p->model), layers = tt_model_layers(p->model),
              represented = tt_model_represents(p->model);
    const char *start = begin >= 0 ? tt_vocab_piece(p->target, begin) : NULL;
    TT_TRY(tt_names_text(&a->text[TEXT_SOURCE], p->source, src, NULL, a->arena, e));
    TT_TRY(tt_names_text(&a->text[TEXT_TARGET], p->target, tgt, NULL, a->arena, e));
    TT_TRY(tt_names_text(&a->text[TEXT_READ], p->target, tgt, start ? start : "<s>", a->arena, e));
    if (src->before && src->before->texts.count) {
        const tt_seqs *t = &src->before->texts;
        const int32_t off[2] = {0, t->off[t->count]};
        TT_TRY(tt_names_text(&a->text[TEXT_BEFORE], p->source, &(tt_seqs){1, off, t->ids, NULL},
                             NULL, a->arena, e));
    }
    if (tt_model_coattends(p->model)) {
        const int n = first_half(src);
        TT_TRY(tt_names_half(&a->text[TEXT_FIRST], p->source, src->ids, n, "<\xce\xb1y>", a->arena,
                             e));
        TT_TRY(tt_names_half(&a->text[TEXT_SECOND], p->source, src->ids + n, src->off[1] - n,
                             "<\xce\xb1x>", a->arena, e));
    }
    if (layers || represented)
        TT_TRY(tt_names_read(&a->text[TEXT_LAYERS], represented, layers, a->arena, e));
    for (int i = 0; i < TEXTS; i++) tt_names_shape(&a->text[i], 0, 1);
    return 0;
}

/* Layers and heads of a side; 0 layers: the model, or the sentence, has none. */
static int layers_of(const tt_attention *a, const tt_model *m, int side) {
    if (side < SITES) return tt_model_maps_of(m, sites[side]);
    return a->text[texts_of[side].cols].tokens > 0;
}

static int heads_of(const tt_model *m, int side, int layer) {
    if (side < SITES) return tt_model_heads(m, sites[side], layer);
    return side == TT_ATTENTION_CONTEXT ? tt_model_context_heads(m) : 1;
}

/* The names of all texts, and room for the maps of all layers. */
static int prepare(tt_attention *a, const tt_translator_parts *p, const tt_seqs *src,
                   const tt_seqs *tgt, tt_err *e) {
    int ok = 1;
    a->told = p->told.what;
    if (a->told >= TT_ATTENTION_CENTRE) a->column = tt_family_map.row(a->told)->name;
    TT_TRY(name_all(a, p, src, tgt, e));
    size_t largest = 0;
    for (int side = 0; side < SIDES; side++) {
        a->rows[side] = a->text[texts_of[side].rows].tokens;
        a->cols[side] = a->text[texts_of[side].cols].tokens;
        size_t one = (size_t)a->rows[side] * (size_t)a->cols[side];
        if (one > largest) largest = one;
        a->layers[side] = layers_of(a, p->model, side);
        a->tells[side] = side < SITES ? tt_model_tells(p->model, sites[side], a->told)
                                      : a->told == TT_ATTENTION_WEIGHTS;
        a->maps[side] = tt_arena_alloc(a->arena, (size_t)a->layers[side] * sizeof *a->maps[side]);
        a->heads[side] = tt_arena_alloc(a->arena, (size_t)a->layers[side] * sizeof(int));
        ok = ok && a->heads[side];
        for (int i = 0; a->maps[side] && a->heads[side] && i < a->layers[side]; i++) {
            const int heads = a->heads[side][i] = heads_of(p->model, side, i);
            a->maps[side][i] = tt_arena_zero(a->arena, (size_t)heads * one * sizeof(float));
            ok = ok && a->maps[side][i];
        }
        ok = ok && a->maps[side];
    }
    a->mean = tt_arena_alloc(a->arena, largest * sizeof *a->mean);
    a->joined = tt_arena_alloc(a->arena, largest * sizeof *a->joined);
    if (!ok || !a->mean || !a->joined)
        return tt_fail(e, TT_ENOMEM, "out of memory for the maps of %d by %d tokens", src->off[1],
                       tgt->off[1]);
    char *text;
    size_t len;
    TT_TRY(tt_vocab_decode(p->target, tgt->ids, (size_t)tgt->off[1], a->arena, &text, &len, e));
    a->target = tt_arena_text(a->arena, text, len);
    TT_TRY(tt_vocab_decode(p->source, src->ids, (size_t)src->off[1], a->arena, &text, &len, e));
    a->source = tt_arena_text(a->arena, text, len);
    return a->target && a->source ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for the translation");
}

/* Words' weights (H, T, S_j) of text after text, each times the weight of its sentence (T, H, n),
   the mean of all heads: a map of all words, whose rows sum to 1. */
static void join_context(tt_attention *a, const tt_seqs *texts, const float *words,
                         const float *sentences) {
    const size_t heads = (size_t)a->heads[TT_ATTENTION_CONTEXT][0],
                 rows = (size_t)a->rows[TT_ATTENTION_CONTEXT],
                 cols = (size_t)a->cols[TT_ATTENTION_CONTEXT], n = (size_t)texts->count;
    float *map = a->maps[TT_ATTENTION_CONTEXT][0];
    for (size_t j = 0; j < n; j++) {
        const size_t from = (size_t)texts->off[j], size = (size_t)texts->off[j + 1] - from;
        for (size_t t = 0; t < rows; t++) {
            float mean = 0;
            for (size_t h = 0; h < heads; h++) mean += sentences[(t * heads + h) * n + j];
            mean /= (float)heads;
            a->before[j] += mean / (float)rows;
            for (size_t h = 0; h < heads; h++)
                for (size_t i = 0; i < size; i++)
                    map[(h * rows + t) * cols + from + i] = mean * words[(h * rows + t) * size + i];
        }
        words += heads * rows * size;
    }
}

/* C (S1, S2), the first text's weights behind its rows, the second's below its columns. */
static void join_pair(tt_attention *a, const float *both, const float *each) {
    const size_t s1 = (size_t)a->rows[TT_ATTENTION_CO] - 1,
                 s2 = (size_t)a->cols[TT_ATTENTION_CO] - 1;
    float *map = a->maps[TT_ATTENTION_CO][0];
    for (size_t i = 0; i < s1; i++) {
        memcpy(map + i * (s2 + 1), both + i * s2, s2 * sizeof *map);
        map[i * (s2 + 1) + s2] = each[i];
    }
    memcpy(map + s1 * (s2 + 1), each + s1, s2 * sizeof *map);
}

/* Runs the pair, with maps of all there is. */
static int run_pair(tt_attention *a, const tt_translator_parts *p, const tt_seqs *src,
                    const tt_seqs *tgt, tt_err *e) {
    const tt_seqs *texts = src->before ? &src->before->texts : NULL;
    tt_maps maps = {.told = p->told};
    for (int i = 0; i < SITES; i++)
        maps.of[sites[i]] = a->layers[i] && a->tells[i] ? a->maps[i] : NULL;
    if (a->layers[TT_ATTENTION_CONTEXT]) {
        const size_t cells = (size_t)a->heads[TT_ATTENTION_CONTEXT][0] * (size_t)src->off[1],
                     n = (size_t)texts->count;
        maps.context.words =
            tt_arena_alloc(a->arena, cells * (size_t)texts->off[texts->count] * sizeof(float));
        maps.context.sentences = tt_arena_alloc(a->arena, cells * n * sizeof(float));
        a->before = tt_arena_zero(a->arena, n * sizeof *a->before);
        a->befores = texts->count;
        if (!maps.context.words || !maps.context.sentences || !a->before)
            return tt_fail(e, TT_ENOMEM, "out of memory for the maps of %zu sentences", n);
    }
    if (a->layers[TT_ATTENTION_CO]) {
        const size_t s = (size_t)src->off[1];
        maps.pair.both = tt_arena_alloc(a->arena, s * s * sizeof(float));
        maps.pair.each = tt_arena_alloc(a->arena, s * sizeof(float));
        if (!maps.pair.both || !maps.pair.each)
            return tt_fail(e, TT_ENOMEM, "out of memory for the maps of two texts");
    }
    const size_t tokens = (size_t)src->off[1], spelt = (size_t)tt_model_represents(p->model),
                 layers = (size_t)tt_model_layers(p->model);
    if (spelt) maps.represent = tt_arena_alloc(a->arena, tokens * spelt * sizeof(float));
    if (layers) maps.layers = tt_arena_alloc(a->arena, tokens * layers * sizeof(float));
    if ((spelt && !maps.represent) || (layers && !maps.layers))
        return tt_fail(e, TT_ENOMEM, "out of memory for the maps of %zu tokens", tokens);
    tt_run_reset(p->run, NULL);
    tt_model_maps(p->run, p->model, src, tgt, &maps);
    TT_TRY(tt_run_reset(p->run, e));
    if (a->before) join_context(a, texts, maps.context.words, maps.context.sentences);
    if (maps.pair.both) join_pair(a, maps.pair.both, maps.pair.each);
    float *row = spelt || layers ? a->maps[TT_ATTENTION_REPRESENTATIONS][0] : NULL;
    for (size_t i = 0; row && i < tokens; i++, row += spelt + layers) {
        if (spelt) memcpy(row, maps.represent + i * spelt, spelt * sizeof *row);
        if (layers) memcpy(row + spelt, maps.layers + i * layers, layers * sizeof *row);
    }
    return 0;
}

static int compute(tt_attention *a, const tt_translator_parts *p, const char *text, size_t len,
                   const char *target, size_t target_len, tt_err *e) {
    tt_seqs src, tgt;
    tt_earlier before[TT_HISTORY_MOST];
    TT_TRY(encode(p->source, "sentence", text, len, p->limit, p->texts, a->arena, &src, e));
    const int n = p->history ? tt_history_tell(p->history, before) : 0;
    if (n && !(src.before = tt_earlier_before(before, n, a->arena)))
        return tt_fail(e, TT_ENOMEM, "out of memory for the sentences before");
    if (target)
        TT_TRY(encode(p->target, "target", target, target_len, tt_model_longest(p->model), 1,
                      a->arena, &tgt, e));
    else TT_TRY(translate(p, &src, a->arena, &tgt, e));
    TT_TRY(prepare(a, p, &src, &tgt, e));
    TT_TRY(run_pair(a, p, &src, &tgt, e));
    if (!p->history) return 0;
    if (!a->before) a->before = tt_arena_zero(a->arena, sizeof *a->before);
    tt_history_add(p->history, src.ids, src.off[1]);
    return tt_history_keep(p->history, e);
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

void tt_attention_begin(tt_translator *t) { tt_translator_begin(t); }

void tt_attention_tell(tt_translator *t, int what) { t->told.what = what; }

int tt_attention_feature(tt_translator *t, int feature, tt_err *e) {
    int most = 0;
    for (int i = 0; i < SITES; i++) {
        const int n = tt_model_features(t->models[0], sites[i]);
        if (n > most) most = n;
    }
    if (feature && !most)
        return tt_fail(e, TT_EUSAGE,
                       "this model has the same weights for all numbers of a value; a feature's "
                       "own are of --align multi-dimensional");
    if (feature < 0 || feature > most)
        return tt_fail(e, TT_EUSAGE, "feature %d: a head has 1 to %d", feature, most);
    t->told.feature = feature;
    return 0;
}

void tt_attention_close(tt_attention *a) {
    if (!a) return;
    tt_arena_close(a->arena);
    free(a);
}

void tt_attention_shape(tt_attention *a, int words, int ends) {
    for (int i = 0; i < TEXTS; i++) tt_names_shape(&a->text[i], words, ends);
}

/* Joined: a column's weights are added up, a row's are the mean of its tokens'. */
static const float *join_map(tt_attention *a, const tt_token_names *r, const tt_token_names *c,
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
    static const char *const of[SIDES] = {"decoder", "encoder", "decoder",
                                          "encoder", "encoder", "encoder"};
    static const char *const sides[SIDES] = {"cross",   "encoder", "decoder",
                                             "context", "co",      "representations"};
    static const char *const none[SIDES] = {
        [TT_ATTENTION_CROSS] = "decoder does not attend to the sentence",
        [TT_ATTENTION_ENCODER] = "encoder is recurrent and has no attention",
        [TT_ATTENTION_DECODER] = "decoder has no attention to itself, but something simpler",
        [TT_ATTENTION_CONTEXT] = "sentence has none before it, or the model reads none",
        [TT_ATTENTION_CO] = "sentence is one text, or two that do not look at each other",
        [TT_ATTENTION_REPRESENTATIONS] =
            "tokens are read from their pieces and the last layer alone"};
    if (side < 0 || side >= SIDES)
        return tt_fail(e, TT_EUSAGE, "attention side %d: expected 0 to %d", side, SIDES - 1);
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
                                .row_names = a->text[texts_of[side].rows].names,
                                .col_names = &a->column,
                                .layer = layer,
                                .head = head,
                                .layers = a->layers[side],
                                .heads = heads};
        return 0;
    }
    const tt_token_names *r = &a->text[texts_of[side].rows], *c = &a->text[texts_of[side].cols];
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
const float *tt_attention_before(const tt_attention *a, int *n) {
    *n = a->befores;
    return a->before;
}
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

/* Of each row the column of greatest |weight|, unless what is left of the row, which is the ends'
 * share, is greater. */
static void look_most(struct linker *w, const tt_attention_map *m) {
    for (int i = 0; i < m->rows; i++) {
        const float *row = m->weights + (size_t)i * (size_t)m->cols;
        double ends = 1, most = 0;
        int best = -1;
        for (int j = 0; j < m->cols; j++) {
            const double weight = fabs((double)row[j]);
            ends -= weight;
            if (weight > most) most = weight, best = j;
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
    p.history = NULL; /* pairs are no document */
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
