/* hf.c: Hugging Face's MarianMT: options in config.json, weights in safetensors. It knows post-norm
 * models with self-attention alone; any other model of ours is written with our own names and
 * settings, under the model type "ttrans", so that nothing is lost and nobody runs it as what it is
 * not. MarianMT starts decoding from <pad>, whose embedding, the last row, is zero; here that row
 * is left out.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/port.h"

enum { READ = 1 << 0, NO_OUT_BIAS = 1 << 1 };
enum { CONFIG_MOST = 1 << 16 };

static const char usual_eps[] = "1e-05"; /* of the norms of MarianMT */

#define PAIR(ours, theirs, w, b)                                                                   \
    {ours w, theirs ".weight", 0, 0, false}, { ours b, theirs ".bias", 0, 0, false }
#define QKV(kind)                                                                                  \
    "model.@.layers.#.self_attn.q_proj." kind "|model.@.layers.#.self_attn.k_proj." kind           \
    "|model.@.layers.#.self_attn.v_proj." kind
#define KV(kind)                                                                                   \
    "model.@.layers.#.encoder_attn.k_proj." kind "|model.@.layers.#.encoder_attn.v_proj." kind

static const tt_name_row rows[] = {
    {"emb", "emb", READ, 0, false},
    {"src.emb", "src.emb", READ, 0, false},
    {"tgt.emb", "tgt.emb", READ, 0, false},
    {"out.w", "out.w", READ, 0, false},
    {"pos", "pos", 0, 0, false},
    {"emb", "model.shared.weight", 0, 0, false},
    {"src.emb", "model.encoder.embed_tokens.weight", 0, 0, false},
    {"tgt.emb", "model.decoder.embed_tokens.weight", 0, 0, false},
    {"out.w", "lm_head.weight", 0, 0, false},
    {"out.b", "final_logits_bias", 0, NO_OUT_BIAS, false},
    {"@.#.self.qkv.w", QKV("weight"), 0, 0, false},
    {"@.#.self.qkv.b", QKV("bias"), 0, 0, false},
    PAIR("@.#.self.o", "model.@.layers.#.self_attn.out_proj", ".w", ".b"),
    PAIR("@.#.self.norm", "model.@.layers.#.self_attn_layer_norm", ".g", ".b"),
    PAIR("@.#.cross.q", "model.@.layers.#.encoder_attn.q_proj", ".w", ".b"),
    {"@.#.cross.kv.w", KV("weight"), 0, 0, false},
    {"@.#.cross.kv.b", KV("bias"), 0, 0, false},
    PAIR("@.#.cross.o", "model.@.layers.#.encoder_attn.out_proj", ".w", ".b"),
    PAIR("@.#.cross.norm", "model.@.layers.#.encoder_attn_layer_norm", ".g", ".b"),
    PAIR("@.#.ffn.1", "model.@.layers.#.fc1", ".w", ".b"),
    PAIR("@.#.ffn.2", "model.@.layers.#.fc2", ".w", ".b"),
    PAIR("@.#.ffn.norm", "model.@.layers.#.final_layer_norm", ".g", ".b"),
    {0}};

/* What MarianMT can say of our settings. Its norms have an epsilon of 1e-5, whatever is asked for:
   of 1e-6 that is as far as rounding. It tells no alignment. */
const tt_port_row tt_hf_settings[] = {
    TT_PORT_SIZES,
    {.setting = "autoreg", .ours = "self-attention"},
    {.setting = "norm", .ours = "post"},
    {.setting = "top-norm", .ours = "auto|no"},
    {.setting = "norm-eps", .ours = "1e-06|1e-05"},
    {.setting = "activation", .ours = "relu", .theirs = "relu"},
    {.setting = "activation", .ours = "gelu", .theirs = "gelu"},
    {.setting = "activation", .ours = "swish", .theirs = "swish"},
    {.setting = "activation", .ours = "swish", .theirs = "silu"},
    {.setting = "activation", .ours = "gelu-tanh", .theirs = "gelu_new"},
    {.setting = "positions", .ours = "marian|vaswani|learned|none"},
    {.setting = "embedding-scale", .ours = "no|yes"},
    {.setting = "start-token"},
    {.setting = "alignment-layer"},
    {.setting = "alignment-head"},
    {.setting = "aan-dim"},
    {.setting = "aan-activation"},
    {.setting = "aan-gate"},
    {.setting = "tied", .ours = "all|decoder|none"},
    {.setting = "max-positions"},
    {0}};

/* What config.json may say. `only`: the JSON values that compute what is computed here, between |;
   NULL: any, because the key is read below or says nothing about the model's arithmetic. Others are
   unknown, and refused. */
static const struct {
    const char *key, *only;
} known[] = {{"model_type", "marian"},
             {"is_encoder_decoder", "true"},
             {"normalize_before", "false"},
             {"normalize_embedding", "false"},
             {"add_final_layer_norm", "false"},
             {"static_position_embeddings", "true"},
             {"is_decoder", "false"},
             {"add_cross_attention", "false"},
             {"cross_attention_hidden_size", "null"},
             {"tie_encoder_decoder", "false"},
             {"tf_legacy_loss", "false"},
             {"d_model", NULL},
             {"encoder_layers", NULL},
             {"decoder_layers", NULL},
             {"encoder_attention_heads", NULL},
             {"decoder_attention_heads", NULL},
             {"encoder_ffn_dim", NULL},
             {"decoder_ffn_dim", NULL},
             {"activation_function", NULL},
             {"scale_embedding", NULL},
             {"tie_word_embeddings", NULL},
             {"share_encoder_decoder_embeddings", NULL},
             {"max_position_embeddings", NULL},
             {"vocab_size", NULL},
             {"decoder_vocab_size", NULL},
             {"layer_norm_eps", NULL},
             {"pad_token_id", NULL},
             {"decoder_start_token_id", NULL},
             {"eos_token_id", NULL},
             {"bos_token_id", NULL},
             {"sep_token_id", NULL},
             {"forced_bos_token_id", "null"},
             {"forced_eos_token_id", NULL},
             {"bad_words_ids", NULL},
             {"num_beams", NULL},
             {"length_penalty", NULL},
             /* training, files, other tasks */
             {"_name_or_path", NULL},
             {"name_or_path", NULL},
             {"architectures", NULL},
             {"torch_dtype", NULL},
             {"dtype", NULL},
             {"transformers_version", NULL},
             {"use_cache", NULL},
             {"id2label", NULL},
             {"label2id", NULL},
             {"_num_labels", NULL},
             {"num_labels", NULL},
             {"dropout", NULL},
             {"attention_dropout", NULL},
             {"activation_dropout", NULL},
             {"classifier_dropout", NULL},
             {"classif_dropout", NULL},
             {"encoder_layerdrop", NULL},
             {"decoder_layerdrop", NULL},
             {"init_std", NULL},
             {"num_hidden_layers", NULL},
             {"max_length", NULL},
             {"min_length", NULL},
             {"early_stopping", NULL},
             {"gradient_checkpointing", NULL},
             {"add_bias_logits", NULL},
             {"extra_pos_embeddings", NULL},
             {"output_past", NULL},
             {"output_attentions", NULL},
             {"output_hidden_states", NULL},
             {"return_dict", NULL},
             {"torchscript", NULL},
             {"use_bfloat16", NULL},
             {"task_specific_params", NULL},
             {"problem_type", NULL},
             {"tokenizer_class", NULL},
             {"prefix", NULL},
             {"chunk_size_feed_forward", NULL},
             {"pruned_heads", NULL},
             {"finetuning_task", NULL},
             {"do_sample", NULL},
             {"temperature", NULL},
             {"top_k", NULL},
             {"top_p", NULL},
             {"typical_p", NULL},
             {"repetition_penalty", NULL},
             {"encoder_no_repeat_ngram_size", NULL},
             {"no_repeat_ngram_size", NULL},
             {"num_return_sequences", NULL},
             {"num_beam_groups", NULL},
             {"diversity_penalty", NULL},
             {"output_scores", NULL},
             {"return_dict_in_generate", NULL},
             {"remove_invalid_values", NULL},
             {"exponential_decay_length_penalty", NULL},
             {"suppress_tokens", NULL},
             {"begin_suppress_tokens", NULL},
             {"language", NULL}};
enum { KNOWN = sizeof known / sizeof *known };

static const char *text_of(const tt_json *j) {
    static const char *const words[] = {"null", "false", "true"};
    if (j->kind <= TT_JSON_TRUE) return words[j->kind];
    return j->kind == TT_JSON_NUMBER || j->kind == TT_JSON_STRING ? j->text : "a list";
}

static int check_known(const tt_port *p, const tt_json *config, tt_err *e) {
    for (const tt_json *j = config->child; j; j = j->next) {
        int k = 0;
        while (k < KNOWN && strcmp(known[k].key, j->key) != 0) k++;
        if (k == KNOWN)
            return tt_fail(e, TT_EFORMAT,
                           "%s: unknown option %.60s in its config.json; a model with it may "
                           "compute something else",
                           p->file, j->key);
        if (known[k].only && !tt_port_among(known[k].only, text_of(j)))
            return tt_fail(e, TT_EFORMAT, "%s: option %s is %.40s in its config.json, expected %s",
                           p->file, j->key, text_of(j), known[k].only);
    }
    return 0;
}

static const char *get(const tt_json *config, const char *key, const char *otherwise) {
    const tt_json *j = tt_json_get(config, key);
    return j && j->kind != TT_JSON_NULL ? text_of(j) : otherwise;
}

static bool yes(const tt_json *config, const char *key, const char *otherwise) {
    return !strcmp(get(config, key, otherwise), "true");
}

static tt_array *find(const tt_port *p, const char *name) {
    return tt_arrays_find(&p->arrays, name);
}

/* The first of the names that is there. */
static tt_array *first_of(const tt_port *p, const char *a, const char *b, const char *c,
                          const char *d) {
    const char *const names[4] = {a, b, c, d};
    for (int i = 0; i < 4; i++)
        if (names[i] && find(p, names[i])) return find(p, names[i]);
    return NULL;
}

static bool last_row_zero(const tt_array *x) {
    if (x->rank != 2 || !x->dim[0] || x->scale) return false;
    for (size_t i = 0; i < x->dim[1]; i++)
        if (tt_array_number(x, (x->dim[0] - 1) * x->dim[1] + i) != 0.0) return false;
    return true;
}

static void drop_last_row(tt_array *x) {
    x->size -= x->size / x->dim[0];
    x->dim[0]--;
}

/* Leaves out the row of <pad>, if it is the last and zero and decoding starts from it; else
 * decoding starts from an embedding. */
static int read_start(tt_port *p, const tt_json *config, tt_array *const table[3], tt_err *e) {
    const char *start = get(config, "decoder_start_token_id", get(config, "pad_token_id", "-1"));
    long id = strtol(start, NULL, 10);
    tt_array *bias = find(p, "final_logits_bias");
    size_t n = table[1]->dim[0];
    bool alone = true;
    for (int i = 0; i < 3; i++) alone = alone && table[i]->dim[0] == n && last_row_zero(table[i]);
    if (id < 0 || (size_t)id != n - 1 || !alone ||
        (bias && (bias->rank != 2 || bias->dim[0] != 1 || bias->dim[1] != n)))
        return tt_port_set_number(p, "start-token", id, e);
    for (int i = 0; i < 3; i++) /* tables that are one array shrink once */
        if (table[i]->dim[0] == n) drop_last_row(table[i]);
    if (bias) {
        bias->size -= bias->size / n;
        bias->dim[1]--;
    }
    return 0;
}

static int read_tables(tt_port *p, const tt_json *config, tt_err *e) {
    static const char shared[] = "model.shared.weight", enc[] = "model.encoder.embed_tokens.weight",
                      dec[] = "model.decoder.embed_tokens.weight", head[] = "lm_head.weight";
    bool share = yes(config, "share_encoder_decoder_embeddings", "true"),
         tie = yes(config, "tie_word_embeddings", "true");
    tt_array *table[3];
    table[0] = share ? first_of(p, shared, enc, dec, tie ? head : NULL)
                     : first_of(p, enc, NULL, NULL, NULL);
    table[1] = share ? first_of(p, shared, dec, enc, tie ? head : NULL)
                     : first_of(p, dec, tie ? head : NULL, NULL, NULL);
    table[2] = tie ? first_of(p, head, share ? shared : dec, share ? dec : NULL, share ? enc : NULL)
                   : first_of(p, head, NULL, NULL, NULL);
    for (int i = 0; i < 3; i++)
        if (!table[i] || table[i]->rank != 2 || !table[i]->dim[0])
            return tt_fail(e, TT_EFORMAT, "%s: the table of %s is missing", p->file,
                           i == 0   ? "source"
                           : i == 1 ? "target"
                                    : "output");
    const char *const all[4] = {shared, enc, dec, head};
    for (int i = 0; i < 4; i++) { /* stored twice though one: allowed, if it is the same */
        tt_array *x = find(p, all[i]);
        if (!x || x == table[0] || x == table[1] || x == table[2]) continue;
        const tt_array *of = i == 1 ? table[0] : table[1];
        if (x->size != of->size || memcmp(x->data, of->data, x->size) != 0)
            return tt_fail(e, TT_EFORMAT, "%s: tensor %s is not the one its config.json says it is",
                           p->file, x->name);
        x->used = true;
    }
    TT_TRY(read_start(p, config, table, e));
    size_t vocab = table[0]->dim[0], target_vocab = table[1]->dim[0];
    TT_TRY(tt_port_tables(p, table[0], table[1], table[2], e)); /* moves the arrays */
    return tt_port_finish(p, vocab, target_vocab, e);
}

static int read_positions(tt_port *p, const tt_json *config, tt_err *e) {
    tt_array *enc = find(p, "model.encoder.embed_positions.weight"),
             *dec = find(p, "model.decoder.embed_positions.weight");
    if (!enc || !dec) {
        TT_TRY(tt_port_set(p, "positions", "vaswani", e));
        return tt_port_set(p, "max-positions", get(config, "max_position_embeddings", "1024"), e);
    }
    return tt_port_positions(p, enc, dec, e);
}

static int read_activation(tt_port *p, const tt_json *config, tt_err *e) {
    const char *name = get(config, "activation_function", "gelu");
    const char *ours = tt_port_ours(tt_hf_settings, "activation", name);
    if (ours) return tt_port_set(p, "activation", ours, e);
    return tt_fail(
        e, TT_EFORMAT,
        "%s: option activation_function is %.40s, expected relu, swish, gelu or gelu_new", p->file,
        name);
}

/* Our own names: every setting by its name. */
static int read_own(tt_port *p, const tt_json *config, tt_err *e) {
    const tt_json *settings = tt_json_get(config, "settings"),
                  *vocab = tt_json_get(config, "vocab_size");
    const tt_json *target = tt_json_get(config, "decoder_vocab_size");
    if (!settings || settings->kind != TT_JSON_OBJECT || !vocab || vocab->kind != TT_JSON_NUMBER ||
        !target || target->kind != TT_JSON_NUMBER || vocab->number < 0 || target->number < 0 ||
        vocab->number > 1e9 || target->number > 1e9)
        return tt_fail(e, TT_EFORMAT,
                       "%s: its config.json lacks settings, vocab_size or decoder_vocab_size",
                       p->file);
    p->naming = (tt_naming){.rows = NULL};
    tt_hyper_init(&p->h);
    for (const tt_json *j = settings->child; j; j = j->next)
        TT_TRY(tt_port_set(p, j->key, text_of(j), e));
    return tt_port_finish(p, (size_t)vocab->number, (size_t)target->number, e);
}

int tt_hf_describe(tt_port *p, const tt_json *config, tt_err *e) {
    if (!config || config->kind != TT_JSON_OBJECT)
        return tt_fail(e, TT_EFORMAT, "%s: no config.json beside it, so its options are not known",
                       p->file);
    if (!strcmp(get(config, "model_type", ""), "ttrans")) return read_own(p, config, e);
    TT_TRY(check_known(p, config, e));
    const char *heads = get(config, "encoder_attention_heads", "16");
    if (strcmp(heads, get(config, "decoder_attention_heads", "16")) != 0)
        return tt_fail(e, TT_EFORMAT,
                       "%s: encoder and decoder have different numbers of heads, expected one",
                       p->file);
    tt_hyper_init(&p->h);
    p->naming =
        (tt_naming){.rows = rows, .side = {"encoder", "decoder"}, .has = READ | NO_OUT_BIAS};
    TT_TRY(tt_port_set(p, "dim", get(config, "d_model", "1024"), e));
    TT_TRY(tt_port_set(p, "heads", heads, e));
    TT_TRY(tt_port_set(p, "enc-layers", get(config, "encoder_layers", "12"), e));
    TT_TRY(tt_port_set(p, "dec-layers", get(config, "decoder_layers", "12"), e));
    TT_TRY(tt_port_set(p, "ffn", get(config, "encoder_ffn_dim", "4096"), e));
    TT_TRY(tt_port_set(p, "dec-ffn", get(config, "decoder_ffn_dim", "4096"), e));
    TT_TRY(tt_port_set(p, "autoreg", "self-attention", e));
    TT_TRY(tt_port_set(p, "norm", "post", e));
    TT_TRY(tt_port_set(p, "top-norm", "no", e));
    TT_TRY(tt_port_set(p, "norm-eps", get(config, "layer_norm_eps", usual_eps), e));
    TT_TRY(tt_port_set(p, "embedding-scale", yes(config, "scale_embedding", "false") ? "yes" : "no",
                       e));
    TT_TRY(read_activation(p, config, e));
    TT_TRY(read_positions(p, config, e));
    return read_tables(p, config, e);
}

/* ---- export -------------------------------------------------------------------------------- */

bool tt_hf_fits(const tt_hyper *h) {
    tt_err unused;
    return h->vocab == h->tgt_vocab && !tt_port_fits(tt_hf_settings, "MarianMT", h, "", &unused);
}

/* Adds the row, or the number, of <pad>. */
static int add_pad(tt_port *p, const char *name, bool row, tt_err *e) {
    for (size_t i = 0; i < p->arrays.count; i++) {
        tt_array *x = &p->arrays.item[i];
        if (strcmp(x->name, name) != 0) continue;
        size_t more = (row ? x->dim[1] : 1) * sizeof(float);
        unsigned char *data = tt_arena_zero(p->arena, x->size + more);
        if (!data) return tt_fail(e, TT_ENOMEM, "out of memory for %s", name);
        memcpy(data, x->data, x->size);
        x->data = data;
        x->size += more;
        x->dim[row ? 0 : 1]++;
    }
    return 0;
}

static void write_marian(tt_port_text *t, const tt_port *p, int pad) {
    const tt_hyper *h = &p->h;
    int vocab = h->vocab + pad, first = pad ? h->vocab : h->start;
    tt_port_say(t, "{\n  \"model_type\": \"marian\",\n  \"architectures\": [\"MarianMTModel\"],\n  "
                   "\"dtype\": \"float32\",\n");
    tt_port_say(t,
                "  \"d_model\": %d,\n  \"encoder_layers\": %d,\n  \"decoder_layers\": %d,\n  "
                "\"num_hidden_layers\": %d,\n",
                h->dim, h->enc_layers, h->dec_layers, h->enc_layers);
    tt_port_say(t,
                "  \"encoder_attention_heads\": %d,\n  \"decoder_attention_heads\": %d,\n  "
                "\"encoder_ffn_dim\": %d,\n  \"decoder_ffn_dim\": %d,\n",
                h->heads, h->heads, h->ffn, tt_hyper_dec_ffn(h));
    tt_port_say(t,
                "  \"activation_function\": \"%s\",\n  \"scale_embedding\": %s,\n  "
                "\"static_position_embeddings\": true,\n",
                tt_port_theirs(tt_hf_settings, h, "activation"), tt_port_bool(h->scaled));
    tt_port_say(t,
                "  \"normalize_before\": false,\n  \"normalize_embedding\": false,\n  "
                "\"add_final_layer_norm\": false,\n  \"layer_norm_eps\": %.9g,\n",
                h->norm_eps);
    tt_port_say(t,
                "  \"tie_word_embeddings\": %s,\n  \"share_encoder_decoder_embeddings\": %s,\n  "
                "\"max_position_embeddings\": %d,\n",
                tt_port_bool(h->tied != TT_TIED_NONE), tt_port_bool(h->tied == TT_TIED_ALL),
                h->max_length);
    tt_port_say(t,
                "  \"vocab_size\": %d,\n  \"decoder_vocab_size\": %d,\n  \"pad_token_id\": %d,\n  "
                "\"decoder_start_token_id\": %d,\n",
                vocab, vocab, first, first);
    tt_port_say(t, "  \"bad_words_ids\": [[%d]],\n  \"is_encoder_decoder\": true,\n", first);
}

static int write_own(tt_port_text *t, const tt_modelfile *mf, const tt_port *p, tt_err *e) {
    const char *between = "";
    tt_port_say(t,
                "{\n  \"model_type\": \"ttrans\",\n  \"vocab_size\": %d,\n  "
                "\"decoder_vocab_size\": %d,\n  \"settings\": {",
                p->h.vocab, p->h.tgt_vocab);
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        const char *key, *value;
        tt_modelfile_meta(mf, i, &key, &value);
        if (strncmp(key, "model.", 6) != 0 || !strcmp(key, "model.type") ||
            !strcmp(key, "model.vocab") || !strcmp(key, "model.target-vocab"))
            continue;
        char *quoted = tt_json_quote(value, strlen(value), p->arena);
        if (!quoted) return tt_fail(e, TT_ENOMEM, "out of memory");
        tt_port_say(t, "%s\n    \"%s\": %s", between, key + 6, quoted);
        between = ",";
    }
    tt_port_say(t, "\n  },\n");
    return 0;
}

int tt_hf_export(tt_port *p, const tt_modelfile *mf, const char *path, tt_port_text *config,
                 int *pad, tt_err *e) {
    static const char *const positions[2] = {"model.encoder.embed_positions.weight",
                                             "model.decoder.embed_positions.weight"};
    bool fits = tt_hf_fits(&p->h);
    TT_TRY(tt_port_text_open(config, CONFIG_MOST, p->arena, e));
    *pad = fits && p->h.start < 0;
    p->naming =
        (tt_naming){.rows = fits ? rows : NULL, .side = {"encoder", "decoder"}, .flat = fits};
    TT_TRY(tt_naming_export(&p->arrays, mf, &p->h, &p->naming, e));
    for (size_t i = 0; i < p->arrays.count; i++) { /* the one vector that is a row there */
        tt_array *x = &p->arrays.item[i];
        if (fits && !strcmp(x->name, "final_logits_bias"))
            x->rank = 2, x->dim[1] = x->dim[0], x->dim[0] = 1;
    }
    if (*pad) {
        static const char *const tables[] = {"model.shared.weight",
                                             "model.encoder.embed_tokens.weight",
                                             "model.decoder.embed_tokens.weight", "lm_head.weight"};
        for (int i = 0; i < 4; i++) TT_TRY(add_pad(p, tables[i], true, e));
        TT_TRY(add_pad(p, "final_logits_bias", false, e));
    }
    if (fits) {
        TT_TRY(tt_port_add_positions(p, mf, positions, e));
        write_marian(config, p, *pad);
    } else {
        TT_TRY(write_own(config, mf, p, e));
    }
    TT_TRY(tt_arrays_sort(&p->arrays, e));
    return tt_safetensors_write(&p->arrays, path, e);
}
