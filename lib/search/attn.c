/* attn.c: attention maps of one sentence and its translation: tt_attention_… of ttrans.h.
 *
 * The pair is run once through encoder and decoder, as in training, with every layer's weights
 * kept: enc (H, S, S), dec (H, T, T), cross (H, T, S) a layer.
 */
#include <stdlib.h>

#include "search/beam.h"
#include "search/translate.h"
#include "text/clean.h"
#include "text/vocab.h"

struct tt_attention {
    tt_arena *arena;      /* everything below */
    int heads, layers[3]; /* by TT_ATTENTION_… */
    float **maps[3];      /* (layers): blocks as above */
    int rows[3], cols[3];
    const char **names[3]; /* source, target, what the decoder read */
    float *mean;           /* the largest map */
    const char *target;
};

/* Cleans and encodes a text that must be one sentence for the model. */
static int encode(const tt_vocab *v, const char *what, const char *text, size_t len, int most,
                  tt_arena *a, tt_seqs *out, tt_err *e) {
    tt_clean line;
    int32_t *ids, *off;
    size_t n;
    TT_TRY(tt_clean_line(&line, text, len, a, e));
    TT_TRY(tt_vocab_encode(v, line.text, line.len, TT_VOCAB_EOS, a, &ids, &n, e));
    if (n <= (size_t)tt_vocab_frame(v)) return tt_fail(e, TT_EDATA, "the %s is empty", what);
    if (n > (size_t)most)
        return tt_fail(e, TT_EDATA, "the %s has %zu tokens: expected at most %d", what, n, most);
    off = tt_arena_zero(a, 2 * sizeof *off);
    if (!off) return tt_fail(e, TT_ENOMEM, "out of memory for the %s", what);
    off[1] = (int32_t)n;
    *out = (tt_seqs){1, off, ids};
    return 0;
}

static int translate(const tt_translator_parts *p, const tt_seqs *src, tt_arena *a, tt_seqs *out,
                     tt_err *e) {
    tt_hyps hyps;
    TT_TRY(tt_search(p->run, p->model, src, p->search, &hyps, a, e));
    int32_t *off = tt_arena_zero(a, 2 * sizeof *off);
    if (!off) return tt_fail(e, TT_ENOMEM, "out of memory for the translation");
    off[1] = hyps.hyp[0].count;
    *out = (tt_seqs){1, off, hyps.hyp[0].ids};
    return 0;
}

/* The tokens' pieces; first: behind this one, and without the last; NULL: as they are. */
static const char **name_tokens(const tt_vocab *v, const tt_seqs *s, const char *first, tt_arena *a) {
    int n = s->off[1], shift = first != NULL;
    const char **names = tt_arena_alloc(a, (size_t)n * sizeof *names);
    for (int i = 0; names && i < n; i++)
        names[i] = i < shift ? first : tt_vocab_piece(v, s->ids[i - shift]);
    return names;
}

/* Room for the maps of all layers, and the names beside them. */
static int prepare(tt_attention *a, const tt_translator_parts *p, const tt_seqs *src,
                   const tt_seqs *tgt, tt_err *e) {
    int s = src->off[1], t = tgt->off[1], ok = 1;
    const tt_hyper *h = &p->model->h;
    a->heads = h->heads;
    int own = h->autoreg == TT_AUTOREG_ATTENTION; /* does the decoder look at itself? */
    const int layers[3] = {h->dec_layers, h->enc_layers, own ? h->dec_layers : 0}, rows[3] = {t, s, t},
              cols[3] = {s, s, t};
    const char *start = h->start >= 0 ? tt_vocab_piece(p->target, h->start) : NULL;
    size_t largest = 0;
    for (int side = 0; side < 3; side++) {
        size_t one = (size_t)rows[side] * (size_t)cols[side];
        if (one > largest) largest = one;
        a->layers[side] = layers[side];
        a->rows[side] = rows[side];
        a->cols[side] = cols[side];
        a->maps[side] = tt_arena_alloc(a->arena, (size_t)layers[side] * sizeof *a->maps[side]);
        for (int i = 0; a->maps[side] && i < layers[side]; i++) {
            a->maps[side][i] = tt_arena_zero(a->arena, (size_t)h->heads * one * sizeof(float));
            ok = ok && a->maps[side][i];
        }
        ok = ok && a->maps[side];
    }
    a->mean = tt_arena_alloc(a->arena, largest * sizeof *a->mean);
    a->names[0] = name_tokens(p->source, src, NULL, a->arena);
    a->names[1] = name_tokens(p->target, tgt, NULL, a->arena);
    a->names[2] = name_tokens(p->target, tgt, start ? start : "<s>", a->arena);
    if (!ok || !a->mean || !a->names[0] || !a->names[1] || !a->names[2])
        return tt_fail(e, TT_ENOMEM, "out of memory for the maps of %d by %d tokens", s, t);
    char *text;
    size_t len;
    TT_TRY(tt_vocab_decode(p->target, tgt->ids, (size_t)t, a->arena, &text, &len, e));
    a->target = tt_arena_text(a->arena, text, len);
    return a->target ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for the translation");
}

static int compute(tt_attention *a, const tt_translator_parts *p, const char *text, size_t len,
                   const char *target, size_t target_len, tt_err *e) {
    tt_seqs src, tgt;
    TT_TRY(encode(p->source, "sentence", text, len, p->limit, a->arena, &src, e));
    if (target)
        TT_TRY(encode(p->target, "target", target, target_len, p->model->h.max_length, a->arena, &tgt, e));
    else
        TT_TRY(translate(p, &src, a->arena, &tgt, e));
    TT_TRY(prepare(a, p, &src, &tgt, e));
    tt_maps maps = {a->maps[TT_ATTENTION_ENCODER],
                    a->layers[TT_ATTENTION_DECODER] ? a->maps[TT_ATTENTION_DECODER] : NULL,
                    a->maps[TT_ATTENTION_CROSS]};
    tt_run_reset(p->run, NULL);
    tt_tensor *memory = tt_transformer_encode(p->run, p->model, &src, &maps);
    tt_transformer_decode(p->run, p->model, &tgt, memory, &src, &maps);
    return tt_run_reset(p->run, e);
}

tt_attention *tt_attention_open(tt_translator *t, const char *text, size_t len, const char *target,
                                size_t target_len, tt_err *e) {
    tt_translator_parts p = tt_translator_look(t);
    tt_attention *a = calloc(1, sizeof *a);
    if (!a) {
        tt_fail(e, TT_ENOMEM, "out of memory for attention maps");
        return NULL;
    }
    a->arena = tt_arena_open(0, e);
    if (a->arena && !compute(a, &p, text, len, target, target_len, e)) return a;
    tt_attention_close(a);
    return NULL;
}

void tt_attention_close(tt_attention *a) {
    if (!a) return;
    tt_arena_close(a->arena);
    free(a);
}

int tt_attention_get(tt_attention *a, tt_attention_map *m, int side, int layer, int head,
                     tt_err *e) {
    static const char *const of[3] = {"decoder", "encoder", "decoder"};
    if (side < 0 || side > 2)
        return tt_fail(e, TT_EUSAGE, "attention side %d: expected 0 to 2", side);
    if (!a->layers[side])
        return tt_fail(e, TT_EUSAGE, "this model's decoder has no attention to itself, but something simpler");
    if (layer < 0 || layer > a->layers[side])
        return tt_fail(e, TT_EUSAGE, "layer %d: the %s has 1 to %d", layer, of[side],
                       a->layers[side]);
    if (head < 0 || head > a->heads)
        return tt_fail(e, TT_EUSAGE, "head %d: a layer has 1 to %d", head, a->heads);
    if (!layer) layer = a->layers[side];
    size_t n = (size_t)a->rows[side] * (size_t)a->cols[side];
    const float *block = a->maps[side][layer - 1], *w = a->mean; /* (H, rows, cols) */
    if (head) {
        w = block + (size_t)(head - 1) * n;
    } else {
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (int k = 0; k < a->heads; k++) sum += (double)block[(size_t)k * n + i];
            a->mean[i] = (float)(sum / a->heads);
        }
    }
    *m = (tt_attention_map){.weights = w,
                            .rows = a->rows[side],
                            .cols = a->cols[side],
                            .row_names = a->names[side == TT_ATTENTION_ENCODER ? 0 : 1],
                            .col_names = a->names[side == TT_ATTENTION_DECODER ? 2 : 0],
                            .layer = layer,
                            .head = head,
                            .layers = a->layers[side],
                            .heads = a->heads};
    return 0;
}

const char *tt_attention_target(const tt_attention *a) { return a->target; }
