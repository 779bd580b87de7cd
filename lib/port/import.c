/* import.c: a model of another program becomes a model file; see tt_import in ttrans.h.
 *
 *   look     folder.c says what lies there; pick the model, its configuration, its vocabularies
 *   read     a reader of formats.h makes arrays of the weights
 *   describe marian.c, ct2.c or hf.c makes settings of the options, and refuses those it does not
 *     know
 *   write    naming.c writes the tensors, lexicon.c the vocabularies
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/kind.h"
#include "port/folder.h"
#include "port/lexicon.h"
#include "port/port.h"
#include "ttrans/translate_options.h"
#include "port/yaml.h"
#include "lexical/shortlist.h"

enum { CONFIG_MOST = 1 << 20, VOCABS_MOST = 4 };

struct import {
    const tt_import_options *o;
    const tt_log *log;
    tt_folder *folder;
    tt_port port;
    tt_lexicon lexicon;
    size_t chosen; /* file that was named; SIZE_MAX: a folder, or its decoder.yml */
    size_t model;  /* files of the folder */
    int kind;
    tt_yaml decoder; /* Marian's decoder.yml; count 0: none */
    size_t decoder_at;
    const tt_json *config; /* config.json, or NULL */
    size_t shortlist;
    size_t named[VOCABS_MOST];
    size_t n_named;
};

/* ---- looking ------------------------------------------------------------------------------- */

static bool is_model_kind(int kind) {
    return kind == TT_FOREIGN_NPZ || kind == TT_FOREIGN_MARIAN_BIN ||
           kind == TT_FOREIGN_SAFETENSORS || kind == TT_FOREIGN_CT2;
}

static bool is_yaml(const struct import *x, size_t i) {
    return tt_folder_ends(x->folder, i, ".yml") || tt_folder_ends(x->folder, i, ".yaml");
}

/* 1 if a line of the text begins with this. */
static bool has_line(const unsigned char *text, size_t len, const char *begin) {
    size_t n = strlen(begin);
    for (size_t i = 0; i + n <= len; i++) {
        if (!memcmp(text + i, begin, n)) return true;
        while (i < len && text[i] != '\n') i++;
    }
    return false;
}

/* The configuration for decoding is a YAML file that says which models it is for. Does this one,
 * and for this model? */
static bool is_decoder(const struct import *x, size_t i, const unsigned char *text, size_t len) {
    if (!is_yaml(x, i)) return false;
    if (len > CONFIG_MOST || !has_line(text, len, "models:") || has_line(text, len, "train-sets:"))
        return false;
    if (x->chosen == SIZE_MAX) return true;
    const char *model = tt_folder_name(x->folder, x->chosen);
    size_t n = strlen(model);
    for (size_t k = 0; k + n <= len; k++) /* one that speaks of another model is none */
        if (!memcmp(text + k, model, n)) return true;
    return false;
}

static int find_decoder(struct import *x, tt_err *e) {
    tt_folder *f = x->folder;
    size_t n = tt_folder_count(f), at = n, len;
    const unsigned char *text;
    x->chosen = tt_folder_chosen(f) < n ? tt_folder_chosen(f) : SIZE_MAX;
    if (x->chosen < n && is_yaml(x, x->chosen)) {
        at = x->chosen;
        x->chosen = SIZE_MAX;
    }
    for (size_t i = 0, named = at; i < n && named == n; i++) {
        if (!is_yaml(x, i)) continue;
        TT_TRY(tt_folder_read(f, i, &text, &len, e));
        if (!is_decoder(x, i, text, len)) continue;
        if (at < n)
            return tt_fail(e, TT_EFORMAT,
                           "%s: two configurations, %s and %s: name the one to import",
                           tt_folder_where(f), tt_folder_name(f, at), tt_folder_name(f, i));
        at = i;
    }
    if (at == n) return 0;
    x->decoder_at = at;
    TT_TRY(tt_folder_read(f, at, &text, &len, e));
    if (!has_line(text, len, "models:"))
        return tt_fail(e, TT_EFORMAT, "%s: names no models, as a configuration for decoding does",
                       tt_folder_path(f, at));
    return tt_yaml_read(&x->decoder, (const char *)text, len, tt_folder_path(f, at), false,
                        x->port.arena, e);
}

/* The file that decoder.yml names. One outside the folder is out of reach in a sandbox. */
static int find_named(struct import *x, const char *path, size_t *at, tt_err *e) {
    const tt_yaml_entry *y = tt_yaml_get(&x->decoder, "relative-paths");
    bool relative = y && y->count && !strcmp(y->value[0], "true");
    TT_TRY(tt_folder_follow(x->folder, x->decoder_at, path, relative, at, e));
    if (*at == tt_folder_count(x->folder))
        return tt_fail(e, TT_ENOINPUT, "%s: names %.200s, which is not there", x->decoder.file,
                       path);
    const unsigned char *bytes;
    size_t len;
    errno = 0;
    if (!tt_folder_read(x->folder, *at, &bytes, &len, e)) return 0;
    if (errno != EACCES) return e->code;
    return tt_fail(e, TT_ENOINPUT,
                   "%s: names %.200s, outside its folder, where nothing may be read: put the file "
                   "beside it, or give "
                   "--no-sandbox",
                   x->decoder.file, path);
}

/* The file, or the folder, holds no model that can be read: what is it then? */
static int no_model(struct import *x, size_t at, tt_err *e) {
    tt_folder *f = x->folder;
    static const char known[] = "no model of a known program (Marian, CTranslate2, safetensors)";
    size_t n = tt_folder_count(f), len;
    const unsigned char *bytes;
    if (tt_folder_find(f, "data.pkl") < n ||
        (at == n && tt_folder_find(f, "pytorch_model.bin") < n) ||
        (at < n && tt_folder_ends(f, at, "pytorch_model.bin")))
        return tt_fail(e, TT_EFORMAT,
                       "%s: weights pickled by PyTorch, which are not read: save them as "
                       "safetensors, as save_pretrained "
                       "of transformers does",
                       tt_folder_where(f));
    if (at == n) return tt_fail(e, TT_EFORMAT, "%s: %s", tt_folder_where(f), known);
    TT_TRY(tt_folder_read(f, at, &bytes, &len, e));
    tt_kind k = tt_kind_of(bytes, len < 4096 ? len : 4096, len <= 4096);
    if (k.sort != TT_KIND_OTHER)
        return tt_fail(e, TT_EFORMAT, "%s: %s", tt_folder_path(f, at), known);
    return tt_fail(e, TT_EFORMAT, "%s: is %s, %s", tt_folder_path(f, at), k.what, known);
}

static int find_model(struct import *x, tt_err *e) {
    tt_folder *f = x->folder;
    size_t n = tt_folder_count(f);
    x->model = x->chosen < n ? x->chosen : n;
    const tt_yaml_entry *models = tt_yaml_get(&x->decoder, "models");
    if (x->model == n && models && models->count) {
        if (models->count > 1)
            return tt_fail(e, TT_EFORMAT, "%s: names %zu models: import them one by one",
                           x->decoder.file, models->count);
        TT_TRY(find_named(x, models->value[0], &x->model, e));
        n = tt_folder_count(f);
    }
    if (x->model < n) {
        TT_TRY(tt_folder_kind(f, x->model, &x->kind, e));
        if (is_model_kind(x->kind)) return 0;
        return no_model(x, x->model, e);
    }
    for (size_t i = 0; i < n; i++) {
        int kind;
        if (tt_folder_ends(f, i, ".optimizer.npz")) continue;
        TT_TRY(tt_folder_kind(f, i, &kind, e));
        if (!is_model_kind(kind)) continue;
        if (x->model < n)
            return tt_fail(e, TT_EFORMAT, "%s: two models, %s and %s: name the one to import",
                           tt_folder_where(f), tt_folder_name(f, x->model), tt_folder_name(f, i));
        x->model = i;
        x->kind = kind;
    }
    if (x->model < n) return 0;
    return no_model(x, n, e);
}

/* A file of the folder, which may not be there: then *root stays. */
static int read_json(struct import *x, const char *name, const tt_json **root, tt_err *e) {
    size_t at = tt_folder_find(x->folder, name), len;
    const unsigned char *text;
    tt_json *j;
    if (at == tt_folder_count(x->folder)) return 0;
    TT_TRY(tt_folder_read(x->folder, at, &text, &len, e));
    TT_TRY(
        tt_json_read(&j, (const char *)text, len, tt_folder_path(x->folder, at), x->port.arena, e));
    *root = j;
    return 0;
}

static int find_config(struct import *x, tt_err *e) {
    if (x->kind != TT_FOREIGN_CT2 && x->kind != TT_FOREIGN_SAFETENSORS) return 0;
    return read_json(x, "config.json", &x->config, e);
}

static int find_shortlist(struct import *x, tt_err *e) {
    tt_folder *f = x->folder;
    const tt_yaml_entry *named = tt_yaml_get(&x->decoder, "shortlist");
    x->shortlist = SIZE_MAX; /* files named later do not take its place */
    if (named && named->count) return find_named(x, named->value[0], &x->shortlist, e);
    if (x->chosen < tt_folder_count(f)) return 0;
    for (size_t i = 0; i < tt_folder_count(f); i++) {
        int kind;
        TT_TRY(tt_folder_kind(f, i, &kind, e));
        if (kind == TT_FOREIGN_SHORTLIST) x->shortlist = i;
    }
    return 0;
}

static int find_vocabs(struct import *x, tt_err *e) {
    const tt_yaml_entry *vocabs = tt_yaml_get(&x->decoder, "vocabs");
    size_t codes = tt_folder_find(x->folder, "source.bpe");
    if (codes < tt_folder_count(x->folder) && !x->o->n_vocabs)
        return tt_fail(e, TT_EFORMAT,
                       "%s: a model for text cut by BPE codes, which is not done here: name its "
                       "list of pieces with --vocab, "
                       "and give it text already cut",
                       tt_folder_path(x->folder, codes));
    if (x->o->n_vocabs > VOCABS_MOST)
        return tt_fail(e, TT_EUSAGE, "more than %d vocabularies are named", (int)VOCABS_MOST);
    for (int i = 0; i < x->o->n_vocabs; i++)
        TT_TRY(tt_folder_add(x->folder, x->o->vocabs[i], &x->named[x->n_named++], e));
    if (!x->n_named && vocabs && vocabs->count && x->kind != TT_FOREIGN_SAFETENSORS &&
        x->kind != TT_FOREIGN_CT2) {
        if (vocabs->count > 2)
            return tt_fail(e, TT_EFORMAT, "%s: names %zu vocabularies, expected 2", x->decoder.file,
                           vocabs->count);
        for (size_t i = 0; i < vocabs->count; i++)
            TT_TRY(find_named(x, vocabs->value[i], &x->named[x->n_named++], e));
    }
    return tt_lexicon_find(&x->lexicon, x->folder, x->named, x->n_named, x->port.arena, e);
}

/* ---- how the source program searches ------------------------------------------------------- */

/* MarianMT keeps its beam in generation_config.json, earlier in config.json; what it does not say
 * is 1 there. */
static int note_json(struct import *x, tt_err *e) {
    static const char *const keys[2][2] = {{"num_beams", "decode.beam-size"},
                                           {"length_penalty", "decode.normalize"}};
    const tt_json *own = NULL;
    TT_TRY(read_json(x, "generation_config.json", &own, e));
    for (int i = 0; i < 2; i++) {
        const tt_json *j = tt_json_get(own, keys[i][0]);
        if (!j) j = tt_json_get(x->config, keys[i][0]);
        double low = i ? 0 : 1, high = i ? 10 : TT_BEAM_MAX;
        if (j && j->kind != TT_JSON_NULL &&
            (j->kind != TT_JSON_NUMBER || !(j->number >= low && j->number <= high)))
            return tt_fail(e, TT_EFORMAT, "%s: option %s is %.40s, expected a number from %g to %g",
                           tt_folder_where(x->folder), keys[i][0], j->text ? j->text : "no number",
                           low, high);
        TT_TRY(
            tt_port_note(&x->port, keys[i][1], j && j->kind == TT_JSON_NUMBER ? j->text : "1", e));
    }
    return 0;
}

/* ---- reading and writing ------------------------------------------------------------------- */

static const char *const kind_names[] = {
    "", "Marian (npz)", "Marian (bin)", "safetensors", "CTranslate2", "", "", ""};

static int read_model(struct import *x, tt_err *e) {
    tt_port *p = &x->port;
    const unsigned char *data;
    size_t size;
    char spec[64] = "";
    unsigned revision = 0;
    p->file = tt_folder_path(x->folder, x->model);
    tt_arrays_init(&p->arrays, p->arena, p->file);
    TT_TRY(tt_folder_read(x->folder, x->model, &data, &size, e));
    if (x->kind == TT_FOREIGN_NPZ) TT_TRY(tt_npz_read(&p->arrays, data, size, e));
    if (x->kind == TT_FOREIGN_MARIAN_BIN) TT_TRY(tt_marianbin_read(&p->arrays, data, size, e));
    if (x->kind == TT_FOREIGN_SAFETENSORS) TT_TRY(tt_safetensors_read(&p->arrays, data, size, e));
    if (x->kind == TT_FOREIGN_CT2)
        TT_TRY(tt_ct2bin_read(&p->arrays, spec, &revision, data, size, e));
    TT_TRY(tt_arrays_sort(&p->arrays, e));
    if (x->kind == TT_FOREIGN_SAFETENSORS) return tt_hf_describe(p, x->config, e);
    if (x->kind != TT_FOREIGN_CT2) return tt_marian_describe(p, e);
    const char *start = tt_ct2_start(p, x->config);
    long id = start ? tt_lexicon_id(&x->lexicon, 1, start) : -1;
    if (start && id < 0)
        return tt_fail(e, TT_EFORMAT,
                       "%s: decoding starts from %.60s, which the target vocabulary does not have",
                       p->file, start);
    TT_TRY(tt_ct2_describe(p, spec, x->config, e));
    if (id >= p->h.tgt_vocab)
        return tt_fail(e, TT_EFORMAT, "%s: decoding starts from token %ld of %d", p->file, id,
                       p->h.tgt_vocab);
    for (int i = 0; i < 2; i++) {
        static const char *const keys[2][2] = {{"eos_token", "</s>"}, {"unk_token", "<unk>"}};
        const tt_json *name = tt_json_get(x->config, keys[i][0]);
        if (name && name->kind == TT_JSON_STRING)
            tt_lexicon_rename(&x->lexicon, name->text, keys[i][1]);
    }
    TT_TRY(tt_lexicon_add_unk(&x->lexicon, e));
    return tt_port_set_number(p, "start-token", id, e);
}

static int write_shortlist(struct import *x, tt_modelwriter *w, tt_err *e) {
    const unsigned char *data;
    size_t size;
    if (x->shortlist == SIZE_MAX) return 0;
    TT_TRY(tt_folder_read(x->folder, x->shortlist, &data, &size, e));
    tt_shortlist *list =
        tt_shortlist_open_bytes(data, size, tt_folder_path(x->folder, x->shortlist),
                                x->lexicon.vocab[0], x->lexicon.vocab[1], 0, 0, e);
    if (!list) return e->code;
    tt_shortlist_close(list);
    return tt_modelwriter_bytes(w, "shortlist", data, size, TT_CODEC_DEFLATE, e);
}

static int write_model(struct import *x, tt_modelwriter *w, tt_err *e) {
    tt_port *p = &x->port;
    char what[200];
    for (int i = 0; i < p->metas; i++)
        TT_TRY(tt_modelwriter_set(w, p->meta[i].key, p->meta[i].value, e));
    TT_TRY(tt_modelwriter_set(w, "import.format", kind_names[x->kind], e));
    TT_TRY(tt_lexicon_write(&x->lexicon, w, (size_t)p->h.vocab, (size_t)p->h.tgt_vocab, what, e));
    TT_TRY(write_shortlist(x, w, e));
    p->naming.log = x->log;
    TT_TRY(tt_naming_import(w, &p->h, &p->naming, &p->arrays, x->o->store, e));
    tt_log_line(x->log, TT_LOG_INFO, "%s: %s, width %d, %d+%d layers", p->file, kind_names[x->kind],
                p->h.dim, p->h.enc_layers, p->h.dec_layers);
    tt_log_line(x->log, TT_LOG_INFO, "%s%s", what,
                x->shortlist != SIZE_MAX ? "; a lexical shortlist" : "");
    return 0;
}

static int run(struct import *x, tt_err *e) {
    TT_TRY(find_decoder(x, e));
    TT_TRY(find_model(x, e));
    TT_TRY(find_config(x, e));
    TT_TRY(find_shortlist(x, e));
    TT_TRY(find_vocabs(x, e));
    TT_TRY(tt_marian_decoding(&x->port, &x->decoder, e));
    if (x->kind == TT_FOREIGN_SAFETENSORS) TT_TRY(note_json(x, e));
    TT_TRY(read_model(x, e));
    tt_modelwriter *w = tt_modelwriter_open(x->o->model, e);
    if (!w) return e->code;
    int rc = write_model(x, w, e);
    if (!rc) return tt_modelwriter_finish(w, e);
    tt_modelwriter_abort(w);
    return rc;
}

int tt_import(const tt_import_options *o, const tt_log *log, tt_err *e) {
    struct import x = {.o = o, .log = log};
    tt_arena *a = tt_arena_open(0, e);
    if (!a) return e->code;
    x.port.arena = a;
    x.folder = tt_folder_open(o->source, a, e);
    int rc = x.folder ? run(&x, e) : e->code;
    tt_lexicon_close(&x.lexicon);
    tt_folder_close(x.folder);
    tt_arena_close(a);
    return rc;
}
