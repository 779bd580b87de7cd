/* vocabtrain.c: tt_vocab_train of ttrans.h: a sample of sentences is drawn, and SentencePiece
 * learns pieces from that.
 */
#include "base/log.h"
#include "base/rng.h"
#include "io/file.h"
#include "io/lines.h"
#include "text/clean.h"
#include "text/spm.h"
#include "text/vocab.h"

#include <stdlib.h>
#include <string.h>

static const tt_row kinds[] = {
    {"unigram", "the pieces that make the text most likely", "Kudo 2018", NULL},
    {"bpe", "pairs of pieces joined, the most frequent first", "Sennrich et al. 2016", NULL}};
static const tt_row *kind_at(int i) { return i == 0 || i == 1 ? &kinds[i] : NULL; }
const tt_family tt_family_pieces = {"pieces", "how the pieces of a vocabulary are chosen", kind_at};

static const tt_row unified[] = {
    {"nmt_nfkc", "NFKC, and blanks and control characters tidied", NULL, NULL},
    {"nfkc", "Unicode's NFKC", NULL, NULL},
    {"nmt_nfkc_cf", "nmt_nfkc in lower case", NULL, NULL},
    {"nfkc_cf", "nfkc in lower case", NULL, NULL},
    {"identity", "characters as they are", NULL, NULL}};
static const tt_row *unified_at(int i) {
    return i >= 0 && i < (int)(sizeof unified / sizeof *unified) ? &unified[i] : NULL;
}
const tt_family tt_family_normaliser = {"normaliser", "how a vocabulary unifies characters first",
                                        unified_at};

enum { TOLD_EVERY = 8192 }; /* lines from one report of progress to the next */
enum { LONGEST = 4192 };    /* bytes of a sentence to train on: SentencePiece's own default */

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
    if (place < s->count) free(s->text[place]);
    else s->count++;
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
        if (clean.len > LONGEST) s->too_long++;
        else if (clean.len) TT_TRY(keep(s, clean.text, clean.len, e));
        if (tab) line = tab + 1;
    } while (tab);
    return 0;
}

static int read_sample(struct sample *s, const tt_vocab_options *o, const tt_log *log, tt_err *e) {
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
            if (rc > 0 && tt_lines_number(in) % TOLD_EVERY == 0)
                tt_log_progress(log, "%s: %zu lines read", tt_lines_name(in), tt_lines_number(in));
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
    tt_arena *a = tt_arena_open(TT_SPM_FILE_MAX + 4096, e);
    if (!a) return rc;
    rc = tt_output_try(path, e);
    for (int i = 0; i < o->n_inputs && !rc; i++) rc = tt_input_try(o->inputs[i], e);
    if (!rc) rc = read_sample(&s, o, log, e);
    if (rc) goto out;
    tt_log_line(log, TT_LOG_INFO, "sample: %zu of %zu sentences, %zu bytes", s.count, s.seen,
                s.bytes);
    if (s.too_long)
        tt_log_line(log, TT_LOG_WARN, "%zu sentences over %d bytes left out", s.too_long, LONGEST);
    if (s.bad) tt_log_line(log, TT_LOG_WARN, "%zu bad parts of UTF-8 replaced by U+FFFD", s.bad);
    tt_log_progress(log, "learning %d pieces from %zu sentences, %.1f MB", o->size, s.count,
                    (double)s.bytes / 1e6);
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
