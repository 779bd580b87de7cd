/* ct2.c: CTranslate2's Transformer. Its options are scalars among the variables
 * ("encoder/num_heads"), what concerns tokens is in config.json. A table of positions is stored
 * with the model; where there is none, positions count from 1 in Marian's spacing (the form of
 * OpenNMT-tf). Tables that are one matrix are one variable with aliases.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/port.h"
#include "base/le.h"

enum { READ = 1 << 0, NO_OUT_BIAS = 1 << 1 };
enum { REVISION = 7, POSITIONS_WITHOUT_TABLE = 1024 };
static const double usual_eps = 1e-5; /* where config.json says nothing */

#define NORM(ours, theirs)                                                                         \
    {ours ".g", theirs "/gamma", 0, 0, false}, { ours ".b", theirs "/beta", 0, 0, false }
#define LINEAR(ours, theirs)                                                                       \
    {ours ".w", theirs "/weight", 0, 0, false}, { ours ".b", theirs "/bias", 0, 0, false }

static const tt_name_row rows[] = {{"emb", "emb", READ, 0, false},
                                   {"src.emb", "src.emb", READ, 0, false},
                                   {"tgt.emb", "tgt.emb", READ, 0, false},
                                   {"out.w", "out.w", READ, 0, false},
                                   {"pos", "pos", READ, 0, false},
                                   {"emb", "decoder/embeddings/weight", 0, 0, false},
                                   {"src.emb", "encoder/embeddings_0/weight", 0, 0, false},
                                   {"tgt.emb", "decoder/embeddings/weight", 0, 0, false},
                                   {"out.w", "decoder/projection/weight", 0, 0, false},
                                   {"out.b", "decoder/projection/bias", 0, NO_OUT_BIAS, false},
                                   {"pos", "pos", 0, 0, false},
                                   NORM("src.norm", "encoder/layernorm_embedding"),
                                   NORM("tgt.norm", "decoder/layernorm_embedding"),
                                   NORM("@.norm", "@/layer_norm"),
                                   LINEAR("@.#.self.qkv", "@/layer_#/self_attention/linear_0"),
                                   LINEAR("@.#.self.o", "@/layer_#/self_attention/linear_1"),
                                   NORM("@.#.self.norm", "@/layer_#/self_attention/layer_norm"),
                                   LINEAR("@.#.cross.q", "@/layer_#/attention/linear_0"),
                                   LINEAR("@.#.cross.kv", "@/layer_#/attention/linear_1"),
                                   LINEAR("@.#.cross.o", "@/layer_#/attention/linear_2"),
                                   NORM("@.#.cross.norm", "@/layer_#/attention/layer_norm"),
                                   LINEAR("@.#.ffn.1", "@/layer_#/ffn/linear_0"),
                                   LINEAR("@.#.ffn.2", "@/layer_#/ffn/linear_1"),
                                   NORM("@.#.ffn.norm", "@/layer_#/ffn/layer_norm"),
                                   {0}};

/* Scalars by the last part of their name. `zero`: another value asks for something that is not
 * here. */
static const struct {
    const char *name;
    bool zero;
} scalars[] = {{"num_heads", false},
               {"pre_norm", false},
               {"activation", false},
               {"scale_embeddings", false},
               {"embeddings_merge", false},
               {"multiply_by_sqrt_depth", false},
               {"alignment_layer", false},
               {"alignment_heads", false},
               {"start_from_zero_embedding", false},
               {"alibi_use_positive_positions", false},
               {"scale_alibi", true},
               {"multi_query_attention", true},
               {"alibi", true}};
enum { SCALARS = sizeof scalars / sizeof *scalars };

/* What CTranslate2 can say of our settings; an activation is a number there. */
const tt_port_row tt_ct2_settings[] = {
    TT_PORT_SIZES,
    {.setting = "autoreg", .ours = "self-attention"},
    {.setting = "norm", .ours = "post|pre"},
    {.setting = "top-norm", .ours = "auto|yes|no"},
    {.setting = "embedding-norm", .ours = "no|yes"},
    {.setting = "norm-eps"},
    {.setting = "activation", .ours = "relu", .theirs = "0"},
    {.setting = "activation", .ours = "gelu-tanh", .theirs = "1"},
    {.setting = "activation", .ours = "swish", .theirs = "2"},
    {.setting = "activation", .ours = "gelu", .theirs = "3"},
    {.setting = "activation", .ours = "gelu-sigmoid", .theirs = "4"},
    {.setting = "positions", .ours = "marian|vaswani|learned|none"},
    {.setting = "embedding-scale", .ours = "no|yes"},
    {.setting = "start-token"},
    {.setting = "alignment-layer"},
    {.setting = "alignment-head", .ours = "-1|0"},
    {.setting = "aan-dim"},
    {.setting = "aan-activation"},
    {.setting = "aan-gate"},
    {.setting = "tied", .ours = "all|decoder|none"},
    {.setting = "max-positions"},
    {0}};

static tt_array *find(const tt_port *p, const char *name) {
    return tt_arrays_find(&p->arrays, name);
}

/* A scalar of one side, or of the whole, or `otherwise`. */
static double scalar(const tt_port *p, const char *side, const char *name, double otherwise) {
    char full[128];
    snprintf(full, sizeof full, "%s/%s", side, name);
    const tt_array *x = find(p, full);
    if (!x) x = find(p, name);
    return x && x->size ? tt_array_number(x, 0) : otherwise;
}

static int check_scalars(tt_port *p, tt_err *e) {
    for (size_t i = 0; i < p->arrays.count; i++) {
        tt_array *x = &p->arrays.item[i];
        const char *slash = strrchr(x->name, '/'), *name = slash ? slash + 1 : x->name;
        int s = 0;
        if (x->rank || x->used) continue;
        while (s < SCALARS && strcmp(scalars[s].name, name) != 0) s++;
        if (s == SCALARS)
            return tt_fail(e, TT_EFORMAT,
                           "%s: unknown option %.80s; a model with it may compute something else",
                           p->file, x->name);
        if (scalars[s].zero && tt_array_number(x, 0) != 0.0)
            return tt_fail(e, TT_EFORMAT,
                           "%s: option %.80s is %g, expected 0: no other can be run here", p->file,
                           x->name, tt_array_number(x, 0));
        x->used = true;
    }
    return 0;
}

/* The same on both sides. */
static int shared(const tt_port *p, const char *name, double otherwise, double *value, tt_err *e) {
    *value = scalar(p, "encoder", name, otherwise);
    double other = scalar(p, "decoder", name, otherwise);
    if (!(*value >= -1e6 && *value <= 1e6))
        return tt_fail(e, TT_EFORMAT, "%s: option %s is %g", p->file, name, *value);
    if (*value == other) return 0;
    return tt_fail(e, TT_EFORMAT,
                   "%s: option %s is %g in the encoder and %g in the decoder, expected one value",
                   p->file, name, *value, other);
}

static int count_layers(tt_port *p, const char *side, const char *setting, tt_err *e) {
    char name[96];
    int n = -1;
    do snprintf(name, sizeof name, "%s/layer_%d/ffn/linear_0/weight", side, ++n);
    while (find(p, name) && n < TT_PORT_LAYERS);
    return tt_port_set_number(p, setting, n, e);
}

static int read_ffn(tt_port *p, const char *side, const char *setting, tt_err *e) {
    char name[96];
    snprintf(name, sizeof name, "%s/layer_0/ffn/linear_0/weight", side);
    const tt_array *x = find(p, name);
    if (!x || !x->rank) return tt_fail(e, TT_EFORMAT, "%s: variable %s is missing", p->file, name);
    return tt_port_set_number(p, setting, (long)x->dim[0], e);
}

static int read_positions(tt_port *p, size_t dim, tt_err *e) {
    tt_array *enc = find(p, "encoder/position_encodings/encodings"),
             *dec = find(p, "decoder/position_encodings/encodings");
    if (!enc && !dec) {
        TT_TRY(tt_port_set(p, "positions", "learned", e));
        TT_TRY(tt_port_set_number(p, "max-positions", POSITIONS_WITHOUT_TABLE, e));
        float *x = tt_port_array(p, "pos", POSITIONS_WITHOUT_TABLE, dim, e);
        if (!x) return e->code;
        size_t half = dim / 2;
        for (size_t t = 0; t < POSITIONS_WITHOUT_TABLE; t++)
            for (size_t i = 0; i < half; i++) {
                double w = half > 1 ? exp(-log(10000.0) * (double)i / (double)(half - 1)) : 1.0;
                x[t * dim + i] = (float)sin((double)(t + 1) * w);
                x[t * dim + half + i] = (float)cos((double)(t + 1) * w);
            }
        return tt_arrays_sort(&p->arrays, e);
    }
    return tt_port_positions(p, enc, dec, e);
}

static int read_config(tt_port *p, const tt_json *config, tt_err *e) {
    static const char *const known[] = {
        "add_source_bos", "add_source_eos",      "bos_token",          "eos_token",
        "unk_token",      "decoder_start_token", "layer_norm_epsilon", "multi_query_attention"};
    char eps[40];
    const tt_json *bos = tt_json_get(config, "add_source_bos"),
                  *eos = tt_json_get(config, "add_source_eos");
    const tt_json *epsilon = tt_json_get(config, "layer_norm_epsilon"),
                  *multi = tt_json_get(config, "multi_query_attention");
    for (const tt_json *j = config ? config->child : NULL; j; j = j->next) {
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(known[k], j->key) != 0) k++;
        if (k == sizeof known / sizeof *known)
            return tt_fail(e, TT_EFORMAT, "%s: unknown option %.80s in its config.json", p->file,
                           j->key);
    }
    if (multi && multi->kind == TT_JSON_TRUE)
        return tt_fail(e, TT_EFORMAT, "%s: option multi_query_attention is true, expected false",
                       p->file);
    snprintf(eps, sizeof eps, "%.9g",
             epsilon && epsilon->kind == TT_JSON_NUMBER ? epsilon->number : usual_eps);
    TT_TRY(tt_port_set(p, "norm-eps", eps, e));
    if (bos && bos->kind == TT_JSON_TRUE) TT_TRY(tt_port_note(p, "vocab.source-bos", "yes", e));
    if (!eos || eos->kind != TT_JSON_TRUE) TT_TRY(tt_port_note(p, "vocab.source-eos", "no", e));
    return 0;
}

const char *tt_ct2_start(const tt_port *p, const tt_json *config) {
    const tt_json *start = tt_json_get(config, "decoder_start_token");
    if (scalar(p, "decoder", "start_from_zero_embedding", 0) != 0.0) return NULL;
    return start && start->kind == TT_JSON_STRING ? start->text : "<s>";
}

static int read_options(tt_port *p, const char *spec, tt_err *e) {
    double heads = !strcmp(spec, "TransformerBig") ? 16 : 8, pre, act, scale, root;
    bool top = find(p, "encoder/layer_norm/gamma") != NULL,
         emb = find(p, "encoder/layernorm_embedding/gamma") != NULL;
    TT_TRY(shared(p, "num_heads", heads, &heads, e));
    TT_TRY(shared(p, "pre_norm", 1, &pre, e));
    TT_TRY(shared(p, "activation", 0, &act, e));
    TT_TRY(shared(p, "scale_embeddings", 1, &scale, e));
    TT_TRY(shared(p, "embeddings/multiply_by_sqrt_depth", scale, &root, e));
    char code[32];
    snprintf(code, sizeof code, "%.9g", act);
    const char *activation = tt_port_ours(tt_ct2_settings, "activation", code);
    if (activation) TT_TRY(tt_port_set(p, "activation", activation, e));
    else
        return tt_fail(e, TT_EFORMAT, "%s: option activation is %g, expected 0 to 4", p->file, act);
    TT_TRY(tt_port_set_number(p, "heads", (long)heads, e));
    TT_TRY(tt_port_set(p, "norm", pre != 0.0 ? "pre" : "post", e));
    TT_TRY(tt_port_set(p, "embedding-scale", scale != 0.0 && root != 0.0 ? "yes" : "no", e));
    TT_TRY(tt_port_set(p, "top-norm", top ? "yes" : "no", e));
    TT_TRY(tt_port_set(p, "embedding-norm", emb ? "yes" : "no", e));
    TT_TRY(count_layers(p, "encoder", "enc-layers", e));
    TT_TRY(count_layers(p, "decoder", "dec-layers", e));
    TT_TRY(read_ffn(p, "encoder", "ffn", e));
    TT_TRY(read_ffn(p, "decoder", "dec-ffn", e));
    double layer = scalar(p, "decoder", "alignment_layer", -1),
           count = scalar(p, "decoder", "alignment_heads", 1);
    if (!(layer >= -p->h.dec_layers && layer < p->h.dec_layers)) layer = -1;
    TT_TRY(tt_port_set_number(p, "alignment-layer",
                              layer < -1 ? (long)layer + p->h.dec_layers : (long)layer, e));
    return tt_port_set_number(p, "alignment-head", count == 1.0 ? 0 : -1, e);
}

int tt_ct2_describe(tt_port *p, const char *spec, const tt_json *config, tt_err *e) {
    tt_array *source = find(p, "encoder/embeddings_0/weight"),
             *target = find(p, "decoder/embeddings/weight");
    tt_array *output = find(p, "decoder/projection/weight");
    if (strcmp(spec, "TransformerSpec") != 0 && strcmp(spec, "TransformerBase") != 0 &&
        strcmp(spec, "TransformerBig") != 0)
        return tt_fail(e, TT_EFORMAT,
                       "%s: a model of kind %s, expected TransformerSpec, that is translation",
                       p->file, spec);
    if (!source) source = find(p, "encoder/embeddings/weight");
    if (!source || !target || !output || source->rank != 2 || target->rank != 2 ||
        output->rank != 2)
        return tt_fail(e, TT_EFORMAT,
                       "%s: the embeddings of encoder or decoder, or the projection, are missing",
                       p->file);
    size_t dim = source->dim[1], vocab = source->dim[0], target_vocab = target->dim[0];
    tt_hyper_init(&p->h);
    p->naming =
        (tt_naming){.rows = rows, .side = {"encoder", "decoder"}, .has = READ | NO_OUT_BIAS};
    TT_TRY(tt_port_set_number(p, "dim", (long)(dim < 1 << 20 ? dim : 1 << 20), e));
    TT_TRY(tt_port_set(p, "autoreg", "self-attention", e));
    TT_TRY(read_options(p, spec, e));
    TT_TRY(read_config(p, config, e));
    TT_TRY(check_scalars(p, e));
    TT_TRY(tt_port_tables(p, source, target, output,
                          e)); /* moves the arrays: the three pointers end here */
    TT_TRY(read_positions(p, dim, e));
    return tt_port_finish(p, vocab, target_vocab, e);
}

/* ---- export -------------------------------------------------------------------------------- */

static int add_scalar(tt_port *p, const char *side, const char *name, int type, int value,
                      tt_err *e) {
    char full[128];
    unsigned char *data = tt_arena_alloc(p->arena, 2);
    if (!data) return tt_fail(e, TT_ENOMEM, "out of memory for %s", name);
    tt_le_put(data, (uint64_t)value, 2);
    snprintf(full, sizeof full, "%s/%s", side, name);
    tt_array x = {.name = full, .type = type, .data = data, .size = tt_array_type_width(type)};
    return tt_arrays_add(&p->arrays, &x, e);
}

/* The array `of` once more under another name. */
static int add_alias(tt_port *p, const char *name, const char *of, tt_err *e) {
    for (size_t i = 0; i < p->arrays.count; i++) { /* not sorted yet */
        if (strcmp(p->arrays.item[i].name, of) != 0) continue;
        tt_array x = p->arrays.item[i];
        x.name = name;
        return tt_arrays_add(&p->arrays, &x, e);
    }
    return tt_fail(e, TT_EINTERNAL, "no array %s", of);
}

static int add_options(tt_port *p, tt_err *e) {
    static const char *const sides[2] = {"encoder", "decoder"};
    const tt_hyper *h = &p->h;
    int activation = (int)strtol(tt_port_theirs(tt_ct2_settings, h, "activation"), NULL, 10);
    for (int s = 0; s < 2; s++) {
        TT_TRY(add_scalar(p, sides[s], "num_heads", TT_ARRAY_I16, h->heads, e));
        TT_TRY(add_scalar(p, sides[s], "pre_norm", TT_ARRAY_I8, h->norm == TT_NORM_PRE, e));
        TT_TRY(add_scalar(p, sides[s], "activation", TT_ARRAY_I8, activation, e));
        TT_TRY(add_scalar(p, sides[s], "scale_embeddings", TT_ARRAY_I8, h->scaled, e));
    }
    TT_TRY(add_scalar(p, "encoder", "embeddings_merge", TT_ARRAY_I8, 0, e));
    TT_TRY(add_scalar(p, "encoder", "multi_query_attention", TT_ARRAY_I8, 0, e));
    TT_TRY(add_scalar(p, "decoder", "alibi", TT_ARRAY_I8, 0, e));
    TT_TRY(add_scalar(p, "decoder", "alibi_use_positive_positions", TT_ARRAY_I8, 0, e));
    TT_TRY(add_scalar(p, "decoder", "scale_alibi", TT_ARRAY_I8, 0, e));
    TT_TRY(add_scalar(p, "decoder", "alignment_layer", TT_ARRAY_I16, h->align_layer, e));
    TT_TRY(add_scalar(p, "decoder", "alignment_heads", TT_ARRAY_I16,
                      h->align_head < 0 ? h->heads : 1, e));
    return add_scalar(p, "decoder", "start_from_zero_embedding", TT_ARRAY_I8, h->start < 0, e);
}

int tt_ct2_export(tt_port *p, const tt_modelfile *mf, const char *path, tt_err *e) {
    const tt_hyper *h = &p->h;
    TT_TRY(tt_port_fits(tt_ct2_settings, "CTranslate2", h, p->file, e));
    p->naming = (tt_naming){.rows = rows, .side = {"encoder", "decoder"}, .flat = true};
    TT_TRY(tt_naming_export(&p->arrays, mf, h, &p->naming, e));
    if (h->tied == TT_TIED_ALL)
        TT_TRY(add_alias(p, "encoder/embeddings_0/weight", "decoder/embeddings/weight", e));
    if (h->tied != TT_TIED_NONE)
        TT_TRY(add_alias(p, "decoder/projection/weight", "decoder/embeddings/weight", e));
    static const char *const positions[2] = {"decoder/position_encodings/encodings",
                                             "encoder/position_encodings/encodings"};
    TT_TRY(tt_port_add_positions(p, mf, positions, e));
    TT_TRY(add_options(p, e));
    TT_TRY(tt_arrays_sort(&p->arrays, e));
    return tt_ct2bin_write(&p->arrays, "TransformerSpec", REVISION, path, e);
}
