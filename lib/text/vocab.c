/* vocab.c: see vocab.h and the vocabulary section of ttrans.h. SentencePiece does the work behind
 * spm.h; here are the files, the drawing of a sample to train on, and the conversion of whole
 * files.
 */
#include "text/vocab.h"

#include "base/log.h"
#include "base/rng.h"
#include "io/file.h"
#include "io/lines.h"
#include "io/modelfile.h"
#include "text/clean.h"
#include "text/spm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tt_vocab {
    tt_spm *spm;
    char *bytes; /* owned */
    size_t len;
};

static const size_t max_file = (size_t)64 << 20; /* spm.h refuses more */

/* Takes over `bytes`, on failure too. */
static tt_vocab *open_owned(char *bytes, size_t len, tt_err *e) {
    tt_vocab *v = calloc(1, sizeof *v);
    if (!v) {
        free(bytes);
        tt_fail(e, TT_ENOMEM, "vocabulary: out of memory");
        return NULL;
    }
    v->bytes = bytes;
    v->len = len;
    v->spm = tt_spm_open(bytes, len, e);
    if (v->spm && tt_spm_eos(v->spm) >= 0) return v;
    if (v->spm) tt_fail(e, TT_EFORMAT, "the vocabulary has no end-of-sentence piece");
    tt_vocab_close(v);
    return NULL;
}

tt_vocab *tt_vocab_open_bytes(const void *bytes, size_t len, tt_err *e) {
    char *copy = len <= max_file ? malloc(len + 1) : NULL;
    if (!copy) {
        if (len > max_file)
            tt_fail(e, TT_EFORMAT, "vocabulary has %zu bytes, expected at most %zu", len, max_file);
        else
            tt_fail(e, TT_ENOMEM, "vocabulary: out of memory for %zu bytes", len);
        return NULL;
    }
    if (len) memcpy(copy, bytes, len);
    return open_owned(copy, len, e);
}

tt_vocab *tt_vocab_open_model(const tt_modelfile *mf, tt_err *e) {
    const tt_entry *t = tt_modelfile_find(mf, "vocab.spm");
    if (!t || t->raw > max_file) {
        tt_fail(e, TT_EFORMAT, "%s: %s", tt_modelfile_name(mf),
                t ? "the vocabulary is too large" : "the model has no vocabulary");
        return NULL;
    }
    char *bytes = malloc((size_t)t->raw + 1);
    if (!bytes || tt_modelfile_read(mf, t, bytes, e)) {
        if (!bytes)
            tt_fail(e, TT_ENOMEM, "vocabulary: out of memory for %zu bytes", (size_t)t->raw);
        free(bytes);
        return NULL;
    }
    tt_vocab *v = open_owned(bytes, (size_t)t->raw, e);
    if (!v) tt_err_context(e, "%s", tt_modelfile_name(mf));
    return v;
}

/* Does the file begin as a model file does? No, if it is a pipe: its bytes can be had only once. */
static int is_model(const char *path) {
    tt_map map;
    tt_err ignored;
    if (tt_map_open(&map, path, &ignored)) return 0;
    int is = map.size > 4 && !memcmp(map.data, "\x89TTM", 4);
    tt_map_close(&map);
    return is;
}

tt_vocab *tt_vocab_open(const char *path, tt_err *e) {
    char *bytes;
    size_t len;
    if (is_model(path)) {
        tt_modelfile *mf = tt_modelfile_open(path, e);
        tt_vocab *inside = mf ? tt_vocab_open_model(mf, e) : NULL;
        tt_modelfile_close(mf);
        return inside;
    }
    if (tt_file_read(&bytes, &len, path, max_file, e)) return NULL;
    tt_vocab *v = open_owned(bytes, len, e);
    if (!v) tt_err_context(e, "%s", path);
    return v;
}

void tt_vocab_close(tt_vocab *v) {
    if (!v) return;
    tt_spm_close(v->spm);
    free(v->bytes);
    free(v);
}

void tt_vocab_describe(const tt_vocab *v, tt_vocab_info *info) {
    *info = (tt_vocab_info){.size = tt_spm_size(v->spm),
                            .type = tt_spm_is_bpe(v->spm) ? "bpe" : "unigram",
                            .normaliser = tt_spm_normaliser(v->spm),
                            .byte_fallback = tt_spm_byte_fallback(v->spm),
                            .eos = tt_spm_eos(v->spm),
                            .unk = tt_spm_unk(v->spm),
                            .bos = tt_spm_bos(v->spm),
                            .pad = tt_spm_pad(v->spm)};
}

const void *tt_vocab_bytes(const tt_vocab *v, size_t *len) {
    *len = v->len;
    return v->bytes;
}

int tt_vocab_size(const tt_vocab *v) { return tt_spm_size(v->spm); }

int tt_vocab_eos(const tt_vocab *v) { return tt_spm_eos(v->spm); }

int tt_vocab_unk(const tt_vocab *v) { return tt_spm_unk(v->spm); }

const char *tt_vocab_piece(const tt_vocab *v, int id) { return tt_spm_piece(v->spm, id, NULL); }

float tt_vocab_score(const tt_vocab *v, int id) { return tt_spm_score(v->spm, id); }

int tt_vocab_encode(const tt_vocab *v, const char *text, size_t len, int flags, tt_arena *a,
                    int32_t **ids, size_t *n, tt_err *e) {
    if (len > TT_VOCAB_TEXT_MAX)
        return tt_fail(e, TT_EDATA, "a text of %zu bytes, expected at most %zu", len,
                       TT_VOCAB_TEXT_MAX);
    int eos = flags & TT_VOCAB_EOS ? tt_spm_eos(v->spm) : -1;
    return tt_spm_encode(v->spm, text, len, eos, a, ids, n, e);
}

int tt_vocab_decode(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a, char **text,
                    size_t *len, tt_err *e) {
    return tt_spm_decode(v->spm, ids, n, a, text, len, e);
}

/* ---- training ------------------------------------------------------------------------------ */

enum { LONGEST = 4192 }; /* bytes of a sentence to train on: SentencePiece's own default */

static const size_t max_sample_bytes = (size_t)1 << 30; /* its suffix array counts in 31 bits */

/* The sentences drawn so far. With a limit: reservoir sampling (Vitter 1985, algorithm R), so that
   all sentences of the input have the same chance, whatever their number. */
struct sample {
    char **text;            /* (count), owned, NUL-ended */
    size_t count, room, at; /* at: the next one to hand out */
    size_t limit;           /* 0: none */
    size_t seen, bytes;
    size_t too_long, bad;
    uint64_t key;
};

static int keep(struct sample *s, const char *text, size_t len, tt_err *e) {
    size_t place = s->count, old = 0;
    if (s->limit && s->count == s->limit) {
        place = (size_t)(tt_rand_unit(s->key, s->seen) * (double)(s->seen + 1));
        if (place < s->count) old = strlen(s->text[place]);
    }
    s->seen++;
    if (s->limit && place >= s->limit) return 0;
    if (s->bytes - old + len > max_sample_bytes)
        return tt_fail(e, TT_ECONFIG,
                       "more than %zu bytes of text to train on: draw a smaller sample",
                       max_sample_bytes);
    if (place == s->room) {
        size_t room = s->room ? 2 * s->room : 4096;
        char **more = realloc(s->text, room * sizeof *more);
        if (!more) goto out_of_memory;
        s->text = more;
        s->room = room;
    }
    char *copy = malloc(len + 1);
    if (!copy) goto out_of_memory;
    memcpy(copy, text, len);
    copy[len] = 0;
    if (place < s->count)
        free(s->text[place]);
    else
        s->count++;
    s->text[place] = copy;
    s->bytes = s->bytes - old + len;
    return 0;
out_of_memory:
    return tt_fail(e, TT_ENOMEM, "out of memory for %zu sentences", s->count + 1);
}

/* One line of input: cleaned, cut at TABs if asked, and offered to the sample. */
static int offer(struct sample *s, const char *line, size_t len, int tsv, tt_arena *a, tt_err *e) {
    const char *end = line + len, *tab;
    do {
        tab = tsv ? memchr(line, '\t', (size_t)(end - line)) : NULL;
        tt_clean clean;
        TT_TRY(tt_clean_line(&clean, line, (size_t)((tab ? tab : end) - line), a, e));
        s->bad += clean.bad;
        if (clean.len > LONGEST)
            s->too_long++;
        else if (clean.len)
            TT_TRY(keep(s, clean.text, clean.len, e));
        line = tab + 1;
    } while (tab);
    return 0;
}

static int read_sample(struct sample *s, const tt_vocab_options *o, tt_err *e) {
    int rc = 0;
    tt_lines *in = NULL;
    tt_arena *a = tt_arena_open((size_t)256 << 20, e);
    if (!a) return e->code;
    for (int i = 0; i < o->n_inputs && rc >= 0; i++) {
        in = tt_lines_open(o->inputs[i], 0, e);
        rc = in ? 1 : e->code;
        while (rc > 0) {
            const char *line;
            size_t len;
            rc = tt_lines_next(in, &line, &len, e);
            if (rc > 0 && offer(s, line, len, o->tsv, a, e)) rc = e->code;
            tt_arena_reset(a);
        }
        tt_lines_close(in);
    }
    tt_arena_close(a);
    return rc;
}

static int next_sentence(void *ctx, const char **text, size_t *len) {
    struct sample *s = ctx;
    if (s->at == s->count) return 0;
    *text = s->text[s->at++];
    *len = strlen(*text);
    return 1;
}

int tt_vocab_train(const char *path, const tt_vocab_options *o, const tt_log *log, tt_err *e) {
    struct sample s = {.limit = o->sample, .key = tt_key(o->seed, 0)};
    tt_spm_options so = {.bpe = o->bpe,
                         .size = o->size,
                         .coverage = o->coverage,
                         .byte_fallback = o->byte_fallback,
                         .normaliser = o->normaliser,
                         .symbols = o->symbols,
                         .n_symbols = o->n_symbols};
    void *model;
    size_t len;
    tt_output *out = NULL;
    int rc = TT_ENOMEM;
    tt_arena *a = tt_arena_open(max_file + 4096, e);
    if (!a) return rc;
    rc = read_sample(&s, o, e);
    if (rc) goto out;
    tt_log_line(log, TT_LOG_INFO, "sample: %zu of %zu sentences, %zu bytes", s.count, s.seen,
                s.bytes);
    if (s.too_long)
        tt_log_line(log, TT_LOG_WARN, "%zu sentences over %d bytes left out", s.too_long, LONGEST);
    if (s.bad) tt_log_line(log, TT_LOG_WARN, "%zu bad parts of UTF-8 replaced by U+FFFD", s.bad);
    rc = tt_spm_train(&so, next_sentence, &s, a, &model, &len, e);
    if (rc) goto out;
    out = tt_output_open(path, TT_OUTPUT_ATOMIC, e);
    if (!out) {
        rc = e->code;
        goto out;
    }
    tt_output_write(out, model, len, NULL);
    rc = tt_output_finish(out, e);
out:
    for (size_t i = 0; i < s.count; i++) free(s.text[i]);
    free(s.text);
    tt_arena_close(a);
    return rc;
}

/* ---- conversion ---------------------------------------------------------------------------- */

static int text_to_words(const tt_vocab *v, int how, const char *line, size_t len, tt_arena *a,
                         tt_output *out, size_t *bad, tt_err *e) {
    tt_clean clean;
    int32_t *ids;
    size_t n;
    TT_TRY(tt_clean_line(&clean, line, len, a, e));
    *bad += clean.bad;
    TT_TRY(tt_vocab_encode(v, clean.text, clean.len, 0, a, &ids, &n, e));
    for (size_t i = 0; i < n; i++) {
        char number[16];
        size_t size;
        const char *word = number;
        if (how == TT_VOCAB_TO_PIECES)
            word = tt_spm_piece(v->spm, ids[i], &size);
        else
            size = (size_t)snprintf(number, sizeof number, "%d", (int)ids[i]);
        if (i) TT_TRY(tt_output_write(out, " ", 1, e));
        TT_TRY(tt_output_write(out, word, size, e));
    }
    return 0;
}

/* The id that a word stands for, or -1. */
static int32_t word_id(const tt_vocab *v, int how, const char *word, size_t len) {
    if (how == TT_VOCAB_FROM_PIECES) {
        int id = tt_spm_find(v->spm, word, len);
        size_t size;
        const char *piece = tt_spm_piece(v->spm, id, &size);
        return piece && size == len && !memcmp(piece, word, len) ? id : -1;
    }
    int32_t id = 0;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9' || id >= tt_vocab_size(v)) return -1;
        id = 10 * id + (word[i] - '0');
    }
    return len && id < tt_vocab_size(v) ? id : -1;
}

static int words_to_text(const tt_vocab *v, int how, const char *line, size_t len, tt_arena *a,
                         tt_output *out, tt_err *e) {
    const char *end = line + len;
    int32_t *ids = tt_arena_alloc(a, (len / 2 + 1) * sizeof *ids);
    if (!ids) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", len);
    size_t n = 0;
    for (;;) {
        while (line < end && strchr(" \t\r", *line)) line++;
        if (line == end) break;
        const char *word = line;
        while (line < end && !strchr(" \t\r", *line)) line++;
        size_t size = (size_t)(line - word);
        ids[n] = word_id(v, how, word, size);
        if (ids[n++] < 0)
            return tt_fail(e, TT_EDATA, "'%.*s' is no %s", (int)(size < 40 ? size : 40), word,
                           how == TT_VOCAB_FROM_IDS ? "id of this vocabulary"
                                                    : "piece of this vocabulary");
    }
    char *text;
    size_t size;
    TT_TRY(tt_vocab_decode(v, ids, n, a, &text, &size, e));
    return tt_output_write(out, text, size, e);
}

int tt_vocab_convert(const tt_vocab *v, int how, const char *in, const char *out, const tt_log *log,
                     tt_err *e) {
    int rc = TT_ENOMEM, encode = how == TT_VOCAB_TO_IDS || how == TT_VOCAB_TO_PIECES;
    size_t bad = 0, len;
    const char *line;
    tt_arena *a = tt_arena_open(0, e);
    tt_lines *lines = a ? tt_lines_open(in, 0, e) : NULL;
    tt_output *o = lines ? tt_output_open(out, TT_OUTPUT_ATOMIC, e) : NULL;
    if (!o) {
        rc = e->code;
        goto out;
    }
    while ((rc = tt_lines_next(lines, &line, &len, e)) > 0) {
        rc = encode ? text_to_words(v, how, line, len, a, o, &bad, e)
                    : words_to_text(v, how, line, len, a, o, e);
        if (rc) {
            if (rc == TT_EDATA)
                tt_err_context(e, "%s:%zu", tt_lines_name(lines), tt_lines_number(lines));
            break;
        }
        if ((rc = tt_output_write(o, "\n", 1, e))) break;
        tt_arena_reset(a);
        if (!tt_lines_ready(lines, 0) && (rc = tt_output_flush(o, e))) break;
    }
    if (rc) tt_output_flush(o, NULL); /* the lines before the bad one are good, in a pipe */
    if (rc)
        tt_output_abort(o);
    else
        rc = tt_output_finish(o, e);
    if (bad)
        tt_log_line(log, TT_LOG_WARN, "%s: %zu bad parts of UTF-8 replaced by U+FFFD", in, bad);
out:
    tt_lines_close(lines);
    tt_arena_close(a);
    return rc;
}
