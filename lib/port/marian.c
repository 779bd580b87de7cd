/* marian.c: Marian's transformer: its options (special:model.yml) to our settings and back, its
 * names to ours. Sub-layers are told by strings of operations: d dropout, a add the input, n
 * normalise; so post-norm is "" before and "dan" behind, pre-norm "n" and "da" with "n" on top.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/modeldata.h"
#include "port/port.h"
#include "port/yaml.h"

enum {
    PRE = 1 << 0,
    TIED_SRC = 1 << 1,
    OLD_OUT = 1 << 2, /* the output matrix lies (in, out) */
    NO_BIAS = 1 << 3,
    NO_AFFINE = 1 << 4,
    NO_OUT_BIAS = 1 << 5
};
enum { OPTIONS_MOST = 1 << 13 };

#define NORM(ours, theirs)                                                                         \
    {ours "norm.g", theirs "_ln_scale_pre", PRE, NO_AFFINE, false},                                \
        {ours "norm.b", theirs "_ln_bias_pre", PRE, NO_AFFINE | NO_BIAS, false},                   \
        {ours "norm.g", theirs "_ln_scale", 0, NO_AFFINE, false}, {                                \
        ours "norm.b", theirs "_ln_bias", 0, NO_AFFINE | NO_BIAS, false                            \
    }

static const tt_name_row rows[] = {
    {"emb", "Wemb", 0, 0, false},
    {"src.emb", "Wemb", TIED_SRC, 0, false},
    {"src.emb", "encoder_Wemb", 0, 0, false},
    {"tgt.emb", "Wemb", TIED_SRC, 0, false},
    {"tgt.emb", "decoder_Wemb", 0, 0, false},
    {"out.w", "decoder_ff_logit_out_W", OLD_OUT, 0, true},
    {"out.w", "decoder_ff_logit_out_Wt", 0, 0, false},
    {"out.b", "decoder_ff_logit_out_b", 0, NO_OUT_BIAS, false},
    {"pos", "Wpos", 0, 0, false},
    {"src.norm.g", "encoder_emb_ln_scale_pre", 0, NO_AFFINE, false},
    {"src.norm.b", "encoder_emb_ln_bias_pre", 0, NO_AFFINE | NO_BIAS, false},
    {"tgt.norm.g", "decoder_emb_ln_scale_pre", 0, NO_AFFINE, false},
    {"tgt.norm.b", "decoder_emb_ln_bias_pre", 0, NO_AFFINE | NO_BIAS, false},
    {"@.#.self.qkv.w", "@_l#_self_Wq|@_l#_self_Wk|@_l#_self_Wv", 0, 0, true},
    {"@.#.self.qkv.b", "@_l#_self_bq|@_l#_self_bk|@_l#_self_bv", 0, NO_BIAS, false},
    {"@.#.self.o.w", "@_l#_self_Wo", 0, 0, true},
    {"@.#.self.o.b", "@_l#_self_bo", 0, NO_BIAS, false},
    NORM("@.#.self.", "@_l#_self_Wo"),
    {"@.#.cross.q.w", "@_l#_context_Wq", 0, 0, true},
    {"@.#.cross.q.b", "@_l#_context_bq", 0, NO_BIAS, false},
    {"@.#.cross.kv.w", "@_l#_context_Wk|@_l#_context_Wv", 0, 0, true},
    {"@.#.cross.kv.b", "@_l#_context_bk|@_l#_context_bv", 0, NO_BIAS, false},
    {"@.#.cross.o.w", "@_l#_context_Wo", 0, 0, true},
    {"@.#.cross.o.b", "@_l#_context_bo", 0, NO_BIAS, false},
    NORM("@.#.cross.", "@_l#_context_Wo"),
    {"@.#.rnn.w", "@_l#_rnn_W|@_l#_rnn_Wf", 0, 0, true},
    {"@.#.rnn.b", "0|@_l#_rnn_bf", 0, 0, false},
    {"@.#.rnn.norm.g", "@_l#_rnn_ln_scale_pre", PRE, NO_AFFINE, false},
    {"@.#.rnn.norm.b", "@_l#_rnn_ln_bias_pre", PRE, NO_AFFINE | NO_BIAS, false},
    {"@.#.rnn.norm.g", "@_l#_rnn_ffn_ln_scale", 0, NO_AFFINE, false},
    {"@.#.rnn.norm.b", "@_l#_rnn_ffn_ln_bias", 0, NO_AFFINE | NO_BIAS, false},
    {"@.#.aan.1.w", "@_l#_aan_W1", 0, 0, true},
    {"@.#.aan.1.b", "@_l#_aan_b1", 0, NO_BIAS, false},
    {"@.#.aan.2.w", "@_l#_aan_W2", 0, 0, true},
    {"@.#.aan.2.b", "@_l#_aan_b2", 0, NO_BIAS, false},
    {"@.#.aan.in.w", "@_l#_aan_Wi", 0, 0, true},
    {"@.#.aan.in.b", "@_l#_aan_bi", 0, NO_BIAS, false},
    {"@.#.aan.forget.w", "@_l#_aan_Wf", 0, 0, true},
    {"@.#.aan.forget.b", "@_l#_aan_bf", 0, NO_BIAS, false},
    NORM("@.#.aan.", "@_l#_aan_ffn"),
    {"@.#.ffn.1.w", "@_l#_ffn_W1", 0, 0, true},
    {"@.#.ffn.1.b", "@_l#_ffn_b1", 0, NO_BIAS, false},
    {"@.#.ffn.2.w", "@_l#_ffn_W2", 0, 0, true},
    {"@.#.ffn.2.b", "@_l#_ffn_b2", 0, NO_BIAS, false},
    NORM("@.#.ffn.", "@_l#_ffn_ffn"),
    {"@.norm.g", "@_top_ln_scale", 0, NO_AFFINE, false},
    {"@.norm.b", "@_top_ln_bias", 0, NO_AFFINE | NO_BIAS, false},
    {0}};

/* What Marian can say of our settings. Without sines its embeddings are not scaled. Its alignment
   is the first head; the mean of all is let through, since nobody but --alignment sees it. */
const tt_port_row tt_marian_settings[] = {
    TT_PORT_SIZES,
    {.setting = "autoreg", .ours = "self-attention|ssru|average-attention"},
    {.setting = "norm", .ours = "post|pre"},
    {.setting = "top-norm", .ours = "auto|yes|no"},
    {.setting = "embedding-norm", .ours = "no|yes"},
    {.setting = "activation", .ours = "relu", .theirs = "relu"},
    {.setting = "activation", .ours = "gelu", .theirs = "gelu"},
    {.setting = "activation", .ours = "swish", .theirs = "swish"},
    {.setting = "positions", .ours = "marian|learned|none"},
    {.setting = "embedding-scale", .ours = "yes", .when = "positions", .is = "marian"},
    {.setting = "embedding-scale", .ours = "no", .when = "positions", .is = "learned|none"},
    {.setting = "alignment-layer"},
    {.setting = "alignment-head", .ours = "-1|0"},
    {.setting = "aan-dim"},
    {.setting = "aan-activation", .ours = "relu", .theirs = "relu"},
    {.setting = "aan-activation", .ours = "gelu", .theirs = "gelu"},
    {.setting = "aan-activation", .ours = "swish", .theirs = "swish"},
    {.setting = "aan-activation", .when = "autoreg", .is = "self-attention|ssru"},
    {.setting = "aan-gate", .ours = "no|yes"},
    {.setting = "tied", .ours = "all|decoder|none"},
    {.setting = "max-positions"},
    {0}};

/* What the options may be. `only`: the values that compute what is computed here, between |; NULL:
   any, because the option is read below or says nothing about decoding. Those not listed are
   unknown, and refused. */
static const struct {
    const char *key, *only;
} known[] = {{"type", "transformer"},
             {"dim-emb", NULL},
             {"dim-vocabs", NULL},
             {"enc-depth", NULL},
             {"dec-depth", NULL},
             {"transformer-heads", NULL},
             {"transformer-dim-ffn", NULL},
             {"transformer-decoder-dim-ffn", NULL},
             {"transformer-ffn-depth", "2"},
             {"transformer-decoder-ffn-depth", "0|2"},
             {"transformer-ffn-activation", NULL},
             {"transformer-preprocess", NULL},
             {"transformer-postprocess", NULL},
             {"transformer-postprocess-emb", NULL},
             {"transformer-postprocess-top", NULL},
             {"transformer-decoder-autoreg", NULL},
             {"dec-cell", NULL},
             {"transformer-tied-layers", NULL},
             {"transformer-aan-depth", NULL},
             {"transformer-aan-activation", NULL},
             {"transformer-aan-nogate", NULL},
             {"transformer-dim-aan", NULL},
             {"transformer-train-position-embeddings", NULL},
             {"transformer-train-positions", NULL}, /* the name that some versions ask for */
             {"transformer-disable-position-embeddings", NULL},
             {"transformer-guided-alignment-layer", NULL},
             {"transformer-no-bias", NULL},
             {"transformer-no-affine", NULL},
             {"output-omit-bias", NULL},
             {"tied-embeddings", NULL},
             {"tied-embeddings-src", NULL},
             {"tied-embeddings-all", NULL},
             {"transformer-no-projection", "false"},
             {"transformer-rnn-projection", "false"},
             {"transformer-pool", "false"},
             {"transformer-attention-mask", "default||none"},
             {"transformer-alibi-shift", "false"},
             {"transformer-alibi-trainable", "false"},
             {"lemma-dim-emb", "0"},
             {"lemma-dependency", ""},
             {"factors-dim-emb", "0"},
             {"right-left", "false"},
             {"layer-normalization", "false"},
             {"input-types", "[]"},
             {"special-vocab", "[]"},
             {"ulr", "false"},
             /* of recurrent models, of training, of other types: nothing here depends on them */
             {"dim-rnn", NULL},
             {"enc-cell", NULL},
             {"enc-cell-depth", NULL},
             {"enc-type", NULL},
             {"dec-cell-base-depth", NULL},
             {"dec-cell-high-depth", NULL},
             {"skip", NULL},
             {"factors-combine", NULL},
             {"separator-symbol", NULL},
             {"transformer-depth-scaling", NULL},
             {"ulr-dim-emb", NULL},
             {"ulr-trainable-transformation", NULL},
             {"bert-train-type-embeddings", NULL},
             {"bert-type-vocab-size", NULL},
             {"bert-mask-symbol", NULL},
             {"bert-sep-symbol", NULL},
             {"bert-class-symbol", NULL},
             {"bert-masking-fraction", NULL},
             {"char-stride", NULL},
             {"char-highway", NULL},
             {"char-conv-filters-num", NULL},
             {"char-conv-filters-widths", NULL},
             {"original-type", NULL},
             {"version", NULL}};
enum { KNOWN = sizeof known / sizeof *known };

static const char *text_of(const tt_yaml_entry *x) {
    if (x->count == 1 && !x->list) return x->value[0];
    return x->list && !x->count ? "[]" : x->list ? "a list" : "";
}

bool tt_marian_knows(const char *option) {
    int k = 0;
    while (k < KNOWN && strcmp(known[k].key, option) != 0) k++;
    return k < KNOWN;
}

static int check_known(const tt_yaml *y, tt_err *e) {
    for (size_t i = 0; i < y->count; i++) {
        const tt_yaml_entry *x = &y->entry[i];
        int k = 0;
        while (k < KNOWN && strcmp(known[k].key, x->key) != 0) k++;
        if (k == KNOWN)
            return tt_fail(
                e, TT_EFORMAT,
                "%s: unknown option %.80s: %.80s; a model with it may compute something else",
                y->file, x->key, text_of(x));
        if (known[k].only && !tt_port_among(known[k].only, text_of(x)))
            return tt_fail(e, TT_EFORMAT,
                           "%s: option %s is %.80s, expected %s: no other can be run here", y->file,
                           x->key, text_of(x), *known[k].only ? known[k].only : "nothing");
    }
    return 0;
}

static const char *get(const tt_yaml *y, const char *key, const char *otherwise) {
    const tt_yaml_entry *x = tt_yaml_get(y, key);
    return x ? text_of(x) : otherwise;
}

static bool yes(const tt_yaml *y, const char *key) { return !strcmp(get(y, key, "false"), "true"); }

static int bad_option(const tt_yaml *y, const char *key, const char *value, const char *expected,
                      tt_err *e) {
    return tt_fail(e, TT_EFORMAT, "%s: option %s is %.80s, expected %s", y->file, key, value,
                   expected);
}

/* The operations without dropout, which decoding does without. */
static const char *operations(const tt_yaml *y, const char *key, const char *otherwise,
                              char room[16]) {
    size_t n = 0;
    for (const char *p = get(y, key, otherwise); *p && n < 15; p++)
        if (*p != 'd') room[n++] = *p;
    room[n] = 0;
    return room;
}

static int read_norms(tt_port *p, const tt_yaml *y, tt_err *e) {
    char room[4][16];
    const char *pre = operations(y, "transformer-preprocess", "", room[0]);
    const char *post = operations(y, "transformer-postprocess", "dan", room[1]);
    const char *top = operations(y, "transformer-postprocess-top", "", room[2]);
    const char *emb = operations(y, "transformer-postprocess-emb", "d", room[3]);
    bool is_post = !strcmp(pre, "") && !strcmp(post, "an"),
         is_pre = !strcmp(pre, "n") && !strcmp(post, "a");
    if (!is_pre && !is_post)
        return tt_fail(e, TT_EFORMAT,
                       "%s: options transformer-preprocess and -postprocess are \"%s\" and \"%s\", "
                       "expected \"\" and "
                       "\"dan\", or \"n\" and \"da\"",
                       y->file, get(y, "transformer-preprocess", ""),
                       get(y, "transformer-postprocess", "dan"));
    if (*top && strcmp(top, "n") != 0)
        return bad_option(y, "transformer-postprocess-top", top, "\"\" or n", e);
    if (*emb && strcmp(emb, "n") != 0)
        return bad_option(y, "transformer-postprocess-emb", emb, "d, n or nd", e);
    TT_TRY(tt_port_set(p, "norm", is_pre ? "pre" : "post", e));
    TT_TRY(tt_port_set(p, "top-norm", *top ? "yes" : "no", e));
    TT_TRY(tt_port_set(p, "embedding-norm", *emb ? "yes" : "no", e));
    if (is_pre) p->naming.has |= PRE;
    return 0;
}

static int read_autoreg(tt_port *p, const tt_yaml *y, tt_err *e) {
    const char *how = get(y, "transformer-decoder-autoreg", "self-attention");
    if (!strcmp(how, "rnn")) {
        const char *cell = get(y, "dec-cell", "gru");
        if (strcmp(cell, "ssru") != 0) return bad_option(y, "dec-cell", cell, "ssru", e);
        return tt_port_set(p, "autoreg", "ssru", e);
    }
    if (strcmp(how, "average-attention") != 0) {
        if (strcmp(how, "self-attention") != 0)
            return bad_option(y, "transformer-decoder-autoreg", how,
                              "self-attention, average-attention or rnn", e);
        return tt_port_set(p, "autoreg", how, e);
    }
    const char *depth = get(y, "transformer-aan-depth", "2");
    if (strcmp(depth, "2") != 0) return bad_option(y, "transformer-aan-depth", depth, "2", e);
    TT_TRY(tt_port_set(p, "autoreg", how, e));
    TT_TRY(tt_port_set(p, "aan-dim", get(y, "transformer-dim-aan", "2048"), e));
    TT_TRY(tt_port_set(p, "aan-activation", get(y, "transformer-aan-activation", "swish"), e));
    return tt_port_set(p, "aan-gate", yes(y, "transformer-aan-nogate") ? "no" : "yes", e);
}

/* A whole number below 1000, or -1. */
static int small_number(const char *text) {
    size_t n = strlen(text);
    return n > 0 && n < 4 && strspn(text, "0123456789") == n ? (int)strtol(text, NULL, 10) : -1;
}

static int read_layers(tt_port *p, const tt_yaml *y, tt_err *e) {
    TT_TRY(tt_port_set(p, "enc-layers", get(y, "enc-depth", "1"), e));
    TT_TRY(tt_port_set(p, "dec-layers", get(y, "dec-depth", "1"), e));
    const char *aligned = get(y, "transformer-guided-alignment-layer", "last");
    int at = strcmp(aligned, "last") != 0 ? small_number(aligned) : 0;
    if (at < 0 || at > p->h.dec_layers)
        return bad_option(y, "transformer-guided-alignment-layer", aligned,
                          "last or a decoder layer", e);
    TT_TRY(tt_port_set_number(p, "alignment-layer", at - 1, e));
    TT_TRY(tt_port_set(p, "alignment-head", "0", e));
    const tt_yaml_entry *tied = tt_yaml_get(y, "transformer-tied-layers");
    if (!tied || !tied->count) return 0;
    if ((int)tied->count != p->h.dec_layers)
        return bad_option(y, tied->key, "of another length", "a number for each decoder layer", e);
    for (size_t i = 0; i < tied->count; i++) {
        p->decoder[i] = small_number(tied->value[i]) - 1;
        if (p->decoder[i] < 0 || p->decoder[i] > (int)i)
            return bad_option(y, tied->key, tied->value[i], "this or an earlier layer", e);
    }
    p->naming.decoder = p->decoder;
    return 0;
}

static int read_positions(tt_port *p, const tt_yaml *y, tt_err *e) {
    /* Marian 1.12 takes the option and then has the sinusoid all the same: what was learned shows
     * by its table. */
    const tt_array *table = tt_arrays_find(&p->arrays, "Wpos");
    bool asked =
        yes(y, "transformer-train-position-embeddings") || yes(y, "transformer-train-positions");
    bool learned = asked && table, none = yes(y, "transformer-disable-position-embeddings");
    TT_TRY(tt_port_set(p, "positions", learned ? "learned" : none ? "none" : "marian", e));
    TT_TRY(tt_port_set(p, "embedding-scale", learned || none ? "no" : "yes", e));
    return tt_port_set_number(p, "max-positions", learned ? (long)table->dim[0] : 1024, e);
}

static int read_tables(tt_port *p, const tt_yaml *y, tt_err *e) {
    bool all = yes(y, "tied-embeddings-all"), src = yes(y, "tied-embeddings-src"),
         out = yes(y, "tied-embeddings");
    all = all || (src && out);
    const tt_array *from = tt_arrays_find(&p->arrays, all || src ? "Wemb" : "encoder_Wemb");
    const tt_array *to = tt_arrays_find(&p->arrays, all || src ? "Wemb" : "decoder_Wemb");
    if (!from || !to || from->rank != 2 || to->rank != 2)
        return tt_fail(e, TT_EFORMAT, "%s: tensor %s is missing, or no matrix", p->file,
                       all || src ? "Wemb"
                       : from     ? "decoder_Wemb"
                                  : "encoder_Wemb");
    if (src && !all) p->naming.has |= TIED_SRC;
    if (tt_arrays_find(&p->arrays, "decoder_ff_logit_out_W")) p->naming.has |= OLD_OUT;
    TT_TRY(tt_port_set(p, "tied", all ? "all" : out ? "decoder" : "none", e));
    return tt_port_finish(p, from->dim[0], to->dim[0], e);
}

/* Scales of activations that Bergamot's tools computed beforehand; here they are found while
   running. Hashes of the output layer only make a search faster. */
static bool needless(const char *name) {
    size_t n = strlen(name);
    if (!strncmp(name, "special:", 8)) return true;
    if (!strcmp(name, "lsh_output_codes") || !strcmp(name, "lsh_output_rotation")) return true;
    return n > 11 && !strcmp(name + n - 11, "_QuantMultA");
}

int tt_marian_describe(tt_port *p, tt_err *e) {
    tt_yaml y;
    char *file = tt_arena_alloc(p->arena, strlen(p->file) + 32);
    tt_array *options = tt_arrays_find(&p->arrays, "special:model.yml");
    if (!file) return tt_fail(e, TT_ENOMEM, "%s: out of memory", p->file);
    if (!options || options->type != TT_ARRAY_I8)
        return tt_fail(e, TT_EFORMAT, "%s: no special:model.yml, so its options are not known",
                       p->file);
    snprintf(file, strlen(p->file) + 32, "%s: special:model.yml", p->file);
    const char *text = (const char *)options->data;
    TT_TRY(tt_yaml_read(&y, text, strnlen(text, options->size), file, false, p->arena,
                        e)); /* NULs fill the rest */
    for (size_t i = 0; i < p->arrays.count; i++)
        p->arrays.item[i].used = needless(p->arrays.item[i].name);
    TT_TRY(check_known(&y, e));
    tt_hyper_init(&p->h);
    p->naming = (tt_naming){.rows = rows, .side = {"encoder", "decoder"}, .first = 1};
    if (yes(&y, "transformer-no-bias")) p->naming.has |= NO_BIAS;
    if (yes(&y, "transformer-no-affine")) p->naming.has |= NO_AFFINE;
    if (yes(&y, "output-omit-bias")) p->naming.has |= NO_OUT_BIAS;
    const char *dim = get(&y, "dim-emb", NULL);
    if (!dim) return tt_fail(e, TT_EFORMAT, "%s: option dim-emb is missing", file);
    TT_TRY(tt_port_set(p, "dim", dim, e));
    TT_TRY(tt_port_set(p, "heads", get(&y, "transformer-heads", "8"), e));
    TT_TRY(tt_port_set(p, "ffn", get(&y, "transformer-dim-ffn", "2048"), e));
    TT_TRY(tt_port_set(p, "dec-ffn", get(&y, "transformer-decoder-dim-ffn", "0"), e));
    TT_TRY(tt_port_set(p, "activation", get(&y, "transformer-ffn-activation", "swish"), e));
    TT_TRY(read_norms(p, &y, e));
    TT_TRY(read_autoreg(p, &y, e));
    TT_TRY(read_layers(p, &y, e));
    TT_TRY(read_positions(p, &y, e));
    return read_tables(p, &y, e);
}

/* ---- export -------------------------------------------------------------------------------- */

static void write_options(tt_port_text *t, const tt_hyper *h) {
    const char *aan = tt_port_theirs(tt_marian_settings, h, "aan-activation");
    bool pre = h->norm == TT_NORM_PRE, rnn = h->autoreg == TT_AUTOREG_SSRU;
    const char *how = rnn                                ? "rnn"
                      : h->autoreg == TT_AUTOREG_AVERAGE ? "average-attention"
                                                         : "self-attention";
    tt_port_say(t, "bert-train-type-embeddings: true\nbert-type-vocab-size: 2\ndec-cell: %s\n",
                rnn ? "ssru" : "gru");
    tt_port_say(t,
                "dec-cell-base-depth: 2\ndec-cell-high-depth: 1\ndec-depth: %d\ndim-emb: "
                "%d\ndim-rnn: 1024\n",
                h->dec_layers, h->dim);
    tt_port_say(t, "dim-vocabs:\n  - %d\n  - %d\nenc-cell: gru\nenc-cell-depth: 1\nenc-depth: %d\n",
                h->vocab, h->tgt_vocab, h->enc_layers);
    tt_port_say(t, "enc-type: bidirectional\nfactors-combine: sum\nfactors-dim-emb: "
                   "0\ninput-types:\n  []\nlayer-normalization: false\n");
    tt_port_say(t, "lemma-dependency: \"\"\nlemma-dim-emb: 0\noutput-omit-bias: false\nright-left: "
                   "false\nseparator-symbol: \"[eos]\"\nskip: false\n");
    tt_port_say(t, "tied-embeddings: %s\ntied-embeddings-all: %s\ntied-embeddings-src: false\n",
                tt_port_bool(h->tied == TT_TIED_DECODER), tt_port_bool(h->tied == TT_TIED_ALL));
    tt_port_say(
        t, "transformer-aan-activation: %s\ntransformer-aan-depth: 2\ntransformer-aan-nogate: %s\n",
        aan ? aan : "swish", tt_port_bool(!h->aan_gate));
    tt_port_say(t, "transformer-alibi-shift: false\ntransformer-alibi-trainable: "
                   "false\ntransformer-attention-mask: default\n");
    tt_port_say(t, "transformer-decoder-autoreg: %s\ntransformer-decoder-dim-ffn: %d\n", how,
                h->dec_ffn);
    tt_port_say(
        t, "transformer-decoder-ffn-depth: 0\ntransformer-dim-aan: %d\ntransformer-dim-ffn: %d\n",
        h->aan_dim, h->ffn);
    tt_port_say(t, "transformer-disable-position-embeddings: %s\n",
                tt_port_bool(h->positions == TT_POSITIONS_NONE));
    tt_port_say(t, "transformer-ffn-activation: %s\ntransformer-ffn-depth: 2\n",
                tt_port_theirs(tt_marian_settings, h, "activation"));
    if (h->align_layer < 0) tt_port_say(t, "transformer-guided-alignment-layer: last\n");
    else tt_port_say(t, "transformer-guided-alignment-layer: %d\n", h->align_layer + 1);
    tt_port_say(t,
                "transformer-heads: %d\ntransformer-no-affine: false\ntransformer-no-bias: "
                "false\ntransformer-no-projection: false\n",
                h->heads);
    tt_port_say(
        t,
        "transformer-pool: false\ntransformer-postprocess: %s\ntransformer-postprocess-emb: %s\n",
        pre ? "da" : "dan", h->emb_norm ? "nd" : "d");
    tt_port_say(t, "transformer-postprocess-top: %s\ntransformer-preprocess: %s\n",
                tt_hyper_top_norm(h) ? "n" : "\"\"", pre ? "n" : "\"\"");
    tt_port_say(t,
                "transformer-rnn-projection: false\ntransformer-tied-layers:\n  "
                "[]\ntransformer-train-position-embeddings: %s\n",
                tt_port_bool(h->positions == TT_POSITIONS_LEARNED));
    tt_port_say(t,
                "type: transformer\nulr: false\nulr-dim-emb: 0\nulr-trainable-transformation: "
                "false\nversion: ttrans %s\n",
                TT_VERSION);
}

int tt_marian_export(tt_port *p, const tt_modelfile *mf, const char *path, tt_err *e) {
    tt_port_text options;
    TT_TRY(tt_port_text_open(&options, OPTIONS_MOST, p->arena, e));
    TT_TRY(tt_port_fits(tt_marian_settings, "Marian", &p->h, p->file, e));
    const char *bos = tt_modelfile_get(mf, "vocab.source-bos"),
               *eos = tt_modelfile_get(mf, "vocab.source-eos");
    if ((bos && !strcmp(bos, "yes")) || (eos && !strcmp(eos, "no")))
        return tt_fail(
            e, TT_ECONFIG,
            "%s: Marian reads sources with an end and no beginning, not as this model's %s says",
            p->file, bos && !strcmp(bos, "yes") ? "vocab.source-bos" : "vocab.source-eos");
    p->naming = (tt_naming){.rows = rows, .side = {"encoder", "decoder"}, .first = 1};
    if (p->h.norm == TT_NORM_PRE) p->naming.has |= PRE;
    TT_TRY(tt_naming_export(&p->arrays, mf, &p->h, &p->naming, e));
    write_options(&options, &p->h);
    if (options.full)
        return tt_fail(e, TT_EINTERNAL, "options of more than %d bytes", (int)OPTIONS_MOST);
    tt_array x = {.name = "special:model.yml",
                  .type = TT_ARRAY_I8,
                  .rank = 1,
                  .data = (unsigned char *)options.s};
    x.size = x.dim[0] = options.n + 1; /* with its NUL, as Marian writes it */
    TT_TRY(tt_arrays_add(&p->arrays, &x, e));
    TT_TRY(tt_arrays_sort(&p->arrays, e));
    return tt_npz_write(&p->arrays, path, e);
}
