/* export.c: a model file becomes a folder that another program reads; see tt_export in ttrans.h.
 * Beside the weights stand the vocabularies in that program's form, and as SentencePiece models
 * where there are such.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "io/file.h"
#include "port/port.h"
#include "text/vocab.h"

enum { SETTINGS_MOST = 1 << 14, FILES_MOST = 16 };

struct export {
    const char *folder;
    const tt_modelfile *mf;
    tt_port port;
    tt_vocab *vocab[2];           /* source, target */
    bool joint;                   /* one vocabulary for both */
    const char *made[FILES_MOST]; /* files that were not there before */
    int n_made;
    bool made_folder;
    tt_err *e;
};

static const char *path_in(struct export *x, const char *name) {
    size_t n = strlen(x->folder), m = strlen(name);
    char *p = tt_arena_alloc(x->port.arena, n + m + 2);
    if (!p) {
        tt_fail(x->e, TT_ENOMEM, "%s: out of memory", x->folder);
        return NULL;
    }
    memcpy(p, x->folder, n);
    p[n] = '/';
    memcpy(p + n + 1, name, m + 1);
    struct stat there, model;
    if (stat(p, &there)) {
        if (x->n_made < FILES_MOST) x->made[x->n_made++] = p;
    } else if (!stat(x->port.file, &model) && model.st_ino == there.st_ino &&
               model.st_dev == there.st_dev) {
        tt_fail(x->e, TT_EUSAGE, "%s: is the input and the output", p);
        return NULL;
    }
    return p;
}

/* Half of a folder is no model. */
static void take_back(const struct export *x) {
    for (int i = 0; i < x->n_made; i++) unlink(x->made[i]);
    if (x->made_folder) rmdir(x->folder);
}

static int write_file(struct export *x, const char *name, const void *data, size_t size) {
    const char *path = path_in(x, name);
    tt_output *o = path ? tt_output_open(path, TT_OUTPUT_ATOMIC, x->e) : NULL;
    if (!o) return x->e->code;
    tt_output_write(o, data, size, NULL);
    return tt_output_finish(o, x->e);
}

static int write_settings(struct export *x, const char *name, const tt_port_text *t) {
    if (t->full)
        return tt_fail(x->e, TT_EFORMAT, "%s: its settings make a %s of more than %zu bytes",
                       x->port.file, name, t->room);
    return write_file(x, name, t->s, t->n);
}

/* ---- vocabularies -------------------------------------------------------------------------- */

/* The SentencePiece models, under these names, as far as there are any. */
static int write_spms(struct export *x, const char *source, const char *target) {
    for (int side = 0; side < 2; side++) {
        size_t len;
        const void *bytes = tt_vocab_bytes(x->vocab[side], &len);
        const char *name = side ? target : source;
        if (bytes && name) TT_TRY(write_file(x, name, bytes, len));
    }
    return 0;
}

enum { AS_ARRAY, AS_OBJECT, AS_YAML };

/* Pieces of a side by their ids, as JSON or YAML (whose double quotes are JSON's); `pad`: one more,
 * "<pad>". */
static int write_pieces(struct export *x, const char *name, int side, int how, int pad) {
    const tt_vocab *v = x->vocab[side];
    const char *path = path_in(x, name);
    tt_output *o = path ? tt_output_open(path, TT_OUTPUT_ATOMIC, x->e) : NULL;
    int n = tt_vocab_size(v);
    if (!o) return x->e->code;
    if (how != AS_YAML) tt_output_write(o, how == AS_ARRAY ? "[\n" : "{\n", 2, NULL);
    for (int i = 0; i < n + pad; i++) {
        const char *piece = i < n ? tt_vocab_piece(v, i) : "<pad>";
        char *quoted = tt_json_quote(piece, strlen(piece), x->port.arena), id[24];
        if (!quoted) {
            tt_output_abort(o);
            return tt_fail(x->e, TT_ENOMEM, "%s: out of memory", path);
        }
        if (how != AS_YAML) tt_output_write(o, "  ", 2, NULL);
        tt_output_write(o, quoted, strlen(quoted), NULL);
        int len = how == AS_ARRAY ? 0 : snprintf(id, sizeof id, ": %d", i);
        tt_output_write(o, id, (size_t)len, NULL);
        tt_output_write(o, how == AS_YAML || i + 1 == n + pad ? "\n" : ",\n",
                        how == AS_YAML || i + 1 == n + pad ? 1 : 2, NULL);
    }
    if (how != AS_YAML) tt_output_write(o, how == AS_ARRAY ? "]\n" : "}\n", 2, NULL);
    return tt_output_finish(o, x->e);
}

/* The lexical shortlist that the model's file may hold, as it is: Marian and Bergamot read this
 * form. */
static int write_shortlist(struct export *x) {
    const tt_file_tensor *list = tt_modelfile_find(x->mf, "shortlist");
    if (!list || list->type != TT_TYPE_U8) return 0;
    void *bytes = tt_arena_alloc(x->port.arena, list->raw + 1);
    if (!bytes)
        return tt_fail(x->e, TT_ENOMEM, "%s: out of memory for its shortlist", x->port.file);
    TT_TRY(tt_modelfile_read(x->mf, list, bytes, x->e));
    return write_file(x, "lex.s2t.bin", bytes, list->raw);
}

/* ---- the three formats --------------------------------------------------------------------- */

static const char *said(const struct export *x, const char *key, const char *otherwise) {
    const char *value = tt_modelfile_get(x->mf, key);
    return value ? value : otherwise;
}

static int export_marian(struct export *x) {
    bool spm = tt_vocab_is_spm(x->vocab[0]) && tt_vocab_is_spm(x->vocab[1]);
    const char *names[2] = {spm ? "vocab.spm" : "vocab.yml", spm ? "vocab.spm" : "vocab.yml"};
    if (!x->joint) {
        names[0] = spm ? "source.spm" : "src.vocab.yml";
        names[1] = spm ? "target.spm" : "trg.vocab.yml";
    }
    const char *path = path_in(x, "model.npz");
    if (!path) return x->e->code;
    TT_TRY(tt_marian_export(&x->port, x->mf, path, x->e));
    if (spm) {
        TT_TRY(write_spms(x, names[0], names[1]));
    } else {
        TT_TRY(write_spms(x, "source.spm", "target.spm"));
        for (int side = 0; side < (x->joint ? 1 : 2); side++)
            TT_TRY(write_pieces(x, names[side], side, AS_YAML, 0));
    }
    TT_TRY(write_shortlist(x));
    tt_port_text t;
    TT_TRY(tt_port_text_open(&t, SETTINGS_MOST, x->port.arena, x->e));
    tt_port_say(&t, "relative-paths: true\nmodels:\n  - model.npz\nvocabs:\n  - %s\n  - %s\n",
                names[0], names[1]);
    tt_port_say(&t, "beam-size: %s\nnormalize: %s\nword-penalty: %s\nmax-length-factor: %s\n",
                said(x, "decode.beam-size", "4"), said(x, "decode.normalize", "0.6"),
                said(x, "decode.word-penalty", "0"), said(x, "decode.max-length-factor", "3"));
    return write_settings(x, "decoder.yml", &t);
}

static int export_ct2(struct export *x) {
    const char *path = path_in(x, "model.bin");
    if (!path) return x->e->code;
    TT_TRY(tt_ct2_export(&x->port, x->mf, path, x->e));
    if (x->joint) TT_TRY(write_pieces(x, "shared_vocabulary.json", 0, AS_ARRAY, 0));
    if (!x->joint) TT_TRY(write_pieces(x, "source_vocabulary.json", 0, AS_ARRAY, 0));
    if (!x->joint) TT_TRY(write_pieces(x, "target_vocabulary.json", 1, AS_ARRAY, 0));
    TT_TRY(write_spms(x, "source.spm", "target.spm"));
    const char *bos = said(x, "vocab.source-bos", "no"), *eos = said(x, "vocab.source-eos", "yes");
    const char *start = x->port.h.start >= 0 ? tt_vocab_piece(x->vocab[1], x->port.h.start) : "<s>";
    char *quoted = start ? tt_json_quote(start, strlen(start), x->port.arena) : NULL;
    if (!quoted)
        return tt_fail(x->e, TT_EFORMAT, "%s: decoding starts from a token that is not there",
                       x->port.file);
    tt_port_text t;
    TT_TRY(tt_port_text_open(&t, SETTINGS_MOST, x->port.arena, x->e));
    tt_port_say(
        &t, "{\n  \"add_source_bos\": %s,\n  \"add_source_eos\": %s,\n  \"bos_token\": \"<s>\",\n",
        tt_port_bool(!strcmp(bos, "yes")), tt_port_bool(strcmp(eos, "no") != 0));
    tt_port_say(&t,
                "  \"decoder_start_token\": %s,\n  \"eos_token\": \"</s>\",\n  "
                "\"layer_norm_epsilon\": %.9g,\n",
                quoted, x->port.h.norm_eps);
    tt_port_say(&t, "  \"unk_token\": \"<unk>\"\n}\n");
    return write_settings(x, "config.json", &t);
}

static int export_safetensors(struct export *x) {
    const char *path = path_in(x, "model.safetensors");
    tt_port_text config;
    int pad;
    if (!path) return x->e->code;
    TT_TRY(tt_hf_export(&x->port, x->mf, path, &config, &pad, x->e));
    TT_TRY(write_spms(x, "source.spm", "target.spm"));
    TT_TRY(write_pieces(x, "vocab.json", 0, AS_OBJECT, pad));
    if (!x->joint) TT_TRY(write_pieces(x, "target_vocab.json", 1, AS_OBJECT, pad));
    tt_port_say(&config,
                "  \"eos_token_id\": %d,\n  \"num_beams\": %s,\n  \"length_penalty\": %s\n}\n",
                tt_vocab_eos(x->vocab[1]), said(x, "decode.beam-size", "4"),
                said(x, "decode.normalize", "0.6"));
    return write_settings(x, "config.json", &config);
}

/* In the order of TT_EXPORT_…. */
static const struct format {
    tt_row row;
    int (*write)(struct export *x);
} formats[] = {
    {{"safetensors", "for Hugging Face's MarianMT, and for reading from Python", NULL, NULL},
     export_safetensors},
    {{"marian", "Marian's .npz with its options inside", NULL, NULL}, export_marian},
    {{"ctranslate2", "CTranslate2's model.bin, version 6", NULL, NULL}, export_ct2},
};
TT_FAMILY_ROWS(formats)
const tt_family tt_family_export = {"export", "programs that a model can be written for", row_at};

static int run(struct export *x, int format) {
    TT_TRY(tt_hyper_read(&x->port.h, x->mf, x->e));
    for (int side = 0; side < 2; side++) {
        x->vocab[side] = tt_vocab_open_model(x->mf, side, x->e);
        if (!x->vocab[side]) return x->e->code;
        int size = side ? x->port.h.tgt_vocab : x->port.h.vocab;
        if (tt_vocab_size(x->vocab[side]) != size)
            return tt_fail(x->e, TT_EFORMAT,
                           "%s: its vocabulary has %d pieces, its weights are for %d", x->port.file,
                           tt_vocab_size(x->vocab[side]), size);
    }
    x->joint = !tt_modelfile_find(x->mf, "source.spm") && !tt_modelfile_find(x->mf, "source.vocab");
    x->made_folder = !mkdir(x->folder, 0777);
    if (!x->made_folder && errno != EEXIST)
        return tt_fail_errno(x->e, TT_ECREATE, errno, "%s: cannot create", x->folder);
    return formats[format].write(x);
}

int tt_export(const char *model, const char *folder, int format, const tt_log *log, tt_err *e) {
    struct export x = {.folder = folder, .e = e};
    tt_modelfile *mf = tt_modelfile_open(model, e);
    tt_arena *a = mf ? tt_arena_open(0, e) : NULL;
    int rc = a ? 0 : e->code;
    if (!rc) {
        x.mf = mf;
        x.port.arena = a;
        x.port.file = model;
        tt_arrays_init(&x.port.arrays, a, model);
        rc = run(&x, format);
        if (rc) take_back(&x);
    }
    if (!rc && format == TT_EXPORT_SAFETENSORS && !tt_hf_fits(&x.port.h))
        tt_log_line(log, TT_LOG_INFO,
                    "%s: MarianMT has no such model: tensors and settings keep their own names",
                    folder);
    if (!rc && format == TT_EXPORT_MARIAN && x.port.h.norm == TT_NORM_PRE)
        tt_log_line(
            log, TT_LOG_WARN,
            "%s: Marian scores with such a model (pre-norm), but translates wrongly with it",
            folder);
    tt_vocab_close(x.vocab[0]);
    tt_vocab_close(x.vocab[1]);
    tt_arena_close(a);
    tt_modelfile_close(mf);
    return rc;
}
