/* vocab.c: see vocab.h and the vocabulary section of ttrans.h. SentencePiece does the work behind
 * spm.h; here are the files, and pieces that are not SentencePiece's. Training stands in
 * vocabtrain.c, the conversion of whole files in vocabconvert.c.
 */
#include "text/vocab.h"

#include "base/utf8.h"
#include "io/file.h"
#include "io/modelfile.h"
#include "text/wordlist.h"
#include "text/spm.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct tt_vocab {
    tt_spm *spm; /* NULL: pieces are words between blanks */
    char *bytes; /* of the SentencePiece model, owned */
    size_t len;
    tt_wordlist *list; /* NULL: ids are SentencePiece's */
    int eos, unk, bos, pad;
    int lead, tail;          /* ids around a text, or -1 */
    tt_vocab *target;        /* owned: of the target, where that has another; or NULL */
    uint8_t familiar[0x2e0]; /* by rank_of: pieces in which the character stands with others, up to
                                255 */
};

/* Latin 1 without its punctuation and ordinals, extended Latin A and B, additional Latin, signs of
   currency; -1: none of these. */
static int rank_of(uint32_t c) {
    if (c >= 0x100 && c < 0x250) return (int)(c - 0x100);
    if (c >= 0x1e00 && c < 0x1f00) return (int)(c - 0x1e00 + 0x150);
    if (c >= 0x20a0 && c < 0x20d0) return (int)(c - 0x20a0 + 0x250);
    if (c < 0xa2 || c > 0xff || c == 0xd7 || c == 0xf7) return -1;
    static const unsigned char marks[] = {0xa8, 0xaa, 0xab, 0xac, 0xad, 0xaf,
                                          0xb4, 0xb7, 0xb8, 0xba, 0xbb, 0xbf};
    return memchr(marks, (int)c, sizeof marks) ? -1 : (int)(c - 0xa0 + 0x280);
}

static void find_familiar(tt_vocab *v) {
    static const char mark[] = "\xe2\x96\x81";
    for (int i = 0, size = tt_vocab_size(v); i < size; i++) {
        const char *piece = tt_vocab_piece(v, i);
        if (!piece) continue;
        if (!strncmp(piece, mark, 3)) piece += 3;
        const size_t len = strlen(piece);
        uint32_t c;
        for (size_t at = 0; at < len;) {
            const int n = tt_utf8_next(piece + at, len - at, &c), step = n < 0 ? -n : n,
                      rank = rank_of(c);
            if (rank >= 0 && (size_t)step < len && v->familiar[rank] < UINT8_MAX)
                v->familiar[rank]++;
            at += (size_t)step;
        }
    }
}

int tt_vocab_pieces_with(const tt_vocab *v, uint32_t c) {
    const int rank = rank_of(c);
    return rank < 0 ? UINT8_MAX : v->familiar[rank];
}

bool tt_vocab_is_familiar(const tt_vocab *v, uint32_t c) { return tt_vocab_pieces_with(v, c) > 0; }

static int find_name(const tt_vocab *v, const char *name) {
    return tt_wordlist_find(v->list, name, strlen(name));
}

/* Opens what there is; both may be NULL, not at once. Takes over `bytes`, on failure too. */
static tt_vocab *open_owned(char *bytes, size_t len, const char *list, size_t list_len, tt_err *e) {
    tt_vocab *v = calloc(1, sizeof *v);
    if (!v) {
        free(bytes);
        tt_fail(e, TT_ENOMEM, "vocabulary: out of memory");
        return NULL;
    }
    v->bytes = bytes;
    v->len = len;
    if (bytes) v->spm = tt_spm_open(bytes, len, e);
    if (list) v->list = tt_wordlist_open(list, list_len, e);
    if ((bytes && !v->spm) || (list && !v->list)) {
        tt_vocab_close(v);
        return NULL;
    }
    if (list) {
        v->eos = find_name(v, "</s>");
        v->unk = find_name(v, "<unk>");
        v->bos = find_name(v, "<s>");
        v->pad = find_name(v, "<pad>");
    } else {
        v->eos = tt_spm_eos(v->spm);
        v->unk = tt_spm_unk(v->spm);
        v->bos = tt_spm_bos(v->spm);
        v->pad = tt_spm_pad(v->spm);
    }
    v->lead = -1;
    v->tail = v->eos;
    find_familiar(v);
    if (v->eos >= 0) return v;
    tt_fail(e, TT_EFORMAT, "the vocabulary has no end-of-sentence piece");
    tt_vocab_close(v);
    return NULL;
}

tt_vocab *tt_vocab_open_bytes(const void *bytes, size_t len, tt_err *e) {
    return tt_vocab_open_parts(bytes ? bytes : "", len, NULL, 0, e);
}

tt_vocab *tt_vocab_open_parts(const void *bytes, size_t len, const char *list, size_t list_len,
                              tt_err *e) {
    if (!bytes) return open_owned(NULL, 0, list, list_len, e);
    char *copy = len <= TT_SPM_FILE_MAX ? malloc(len + 1) : NULL;
    if (!copy) {
        if (len > TT_SPM_FILE_MAX)
            tt_fail(e, TT_EFORMAT, "vocabulary has %zu bytes, expected at most %zu", len,
                    TT_SPM_FILE_MAX);
        else tt_fail(e, TT_ENOMEM, "vocabulary: out of memory for %zu bytes", len);
        return NULL;
    }
    if (len) memcpy(copy, bytes, len);
    return open_owned(copy, len, list, list_len, e);
}

/* The bytes of entry `own`, or else `common`, to be freed; NULL when neither is there. Returns 0 or
 * a code. */
static int read_entry(char **bytes, size_t *len, const tt_modelfile *mf, const char *own,
                      const char *common, tt_err *e) {
    const tt_file_tensor *t = tt_modelfile_find(mf, own);
    if (!t) t = tt_modelfile_find(mf, common);
    *bytes = NULL;
    *len = 0;
    if (!t) return 0;
    if (t->type != TT_TYPE_U8 || t->raw > TT_SPM_FILE_MAX)
        return tt_fail(e, TT_EFORMAT, "%s: the vocabulary %s is too large, or none",
                       tt_modelfile_name(mf), t->name);
    *bytes = malloc(t->raw + 1);
    if (!*bytes) return tt_fail(e, TT_ENOMEM, "vocabulary: out of memory for %zu bytes", t->raw);
    *len = t->raw;
    int rc = tt_modelfile_read(mf, t, *bytes, e);
    if (rc) {
        free(*bytes);
        *bytes = NULL;
    }
    return rc;
}

static int says(const tt_modelfile *mf, const char *key, const char *value) {
    const char *said = tt_modelfile_get(mf, key);
    return said && !strcmp(said, value);
}

tt_vocab *tt_vocab_open_model(const tt_modelfile *mf, int side, tt_err *e) {
    int source = side == TT_VOCAB_SOURCE;
    char *spm, *list;
    size_t spm_len, list_len;
    if (read_entry(&spm, &spm_len, mf, source ? "source.spm" : "target.spm", "vocab.spm", e))
        return NULL;
    if (read_entry(&list, &list_len, mf, source ? "source.vocab" : "target.vocab", "vocab.list",
                   e)) {
        free(spm);
        return NULL;
    }
    tt_vocab *v = NULL;
    if (!spm && !list)
        tt_fail(e, TT_EFORMAT, "%s: the model has no vocabulary", tt_modelfile_name(mf));
    else if (!(v = open_owned(spm, spm_len, list, list_len, e)))
        tt_err_context(e, "%s", tt_modelfile_name(mf));
    free(list);
    if (v && source && says(mf, "vocab.source-bos", "yes")) v->lead = v->bos;
    if (v && source && says(mf, "vocab.source-eos", "no")) v->tail = -1;
    return v;
}

/* 1 if the file begins as a model file does. Never for a pipe, whose bytes can be read only
   once. */
static int is_model(const char *path) {
    tt_mapped map;
    tt_err ignored;
    if (tt_mapped_open(&map, path, &ignored)) return 0;
    int is = map.size > 4 && !memcmp(map.data, "\x89TTM", 4);
    tt_mapped_close(&map);
    return is;
}

tt_vocab *tt_vocab_open(const char *path, tt_err *e) {
    char *bytes;
    size_t len;
    if (is_model(path)) {
        tt_modelfile *mf = tt_modelfile_open(path, e);
        tt_vocab *inside = mf ? tt_vocab_open_model(mf, TT_VOCAB_SOURCE, e) : NULL;
        tt_modelfile_close(mf);
        return inside;
    }
    if (tt_file_read(&bytes, &len, path, TT_SPM_FILE_MAX, e)) return NULL;
    tt_vocab *v = open_owned(bytes, len, NULL, 0, e);
    if (!v) tt_err_context(e, "%s", path);
    return v;
}

void tt_vocab_close(tt_vocab *v) {
    if (!v) return;
    tt_vocab_close(v->target);
    tt_spm_close(v->spm);
    tt_wordlist_close(v->list);
    free(v->bytes);
    free(v);
}

void tt_vocab_describe(const tt_vocab *v, tt_vocab_info *info) {
    *info = (tt_vocab_info){.size = tt_vocab_size(v),
                            .type = !v->spm ? "words"
                                            : tt_family_pieces.row(tt_spm_is_bpe(v->spm))->name,
                            .normaliser = v->spm ? tt_spm_normaliser(v->spm) : "identity",
                            .byte_fallback = v->spm && !v->list && tt_spm_byte_fallback(v->spm),
                            .eos = v->eos,
                            .unk = v->unk,
                            .bos = v->bos,
                            .pad = v->pad};
}

const void *tt_vocab_bytes(const tt_vocab *v, size_t *len) {
    *len = v->len;
    return v->bytes;
}

bool tt_vocab_is_spm(const tt_vocab *v) { return v->spm && !v->list; }

bool tt_vocab_has_spm(const tt_vocab *v) { return v->spm != NULL; }

int tt_vocab_frame(const tt_vocab *v) { return (v->lead >= 0) + (v->tail >= 0); }

int tt_vocab_size(const tt_vocab *v) {
    return v->list ? tt_wordlist_size(v->list) : tt_spm_size(v->spm);
}

int tt_vocab_eos(const tt_vocab *v) { return v->eos; }

int tt_vocab_unk(const tt_vocab *v) { return v->unk; }

bool tt_vocab_is_control(const tt_vocab *v, int32_t id) {
    return id == v->eos || id == v->bos || id == v->pad;
}

bool tt_vocab_is_spelt(const tt_vocab *v, int32_t id) {
    const char *piece = v->spm && tt_spm_byte_fallback(v->spm) ? tt_vocab_piece(v, id) : NULL;
    return piece && strlen(piece) == 6 && !memcmp(piece, "<0x", 3) && piece[5] == '>';
}

void tt_vocab_join(tt_vocab *v, tt_vocab *tgt) { v->target = tgt; }

const tt_vocab *tt_vocab_side(const tt_vocab *v, int side) {
    return side == TT_VOCAB_TARGET && v->target ? v->target : v;
}

int tt_vocab_write(const tt_vocab *v, tt_modelwriter *w, tt_err *e) {
    const tt_vocab *t = v->target;
    TT_TRY(tt_modelwriter_bytes(w, t ? "source.spm" : "vocab.spm", v->bytes, v->len,
                                TT_CODEC_DEFLATE, e));
    return t ? tt_modelwriter_bytes(w, "target.spm", t->bytes, t->len, TT_CODEC_DEFLATE, e) : 0;
}

bool tt_vocab_is_usual(const tt_vocab *v, int32_t id) {
    return v->spm && !v->list && tt_spm_kind(v->spm, id) == TT_SPM_USUAL;
}

bool tt_vocab_is_bpe(const tt_vocab *v) { return v->spm && tt_spm_is_bpe(v->spm); }

const char *tt_vocab_piece_at(const tt_vocab *v, int id, size_t *len) {
    return v->list ? tt_wordlist_get(v->list, id, len) : tt_spm_piece(v->spm, id, len);
}

const char *tt_vocab_piece(const tt_vocab *v, int id) { return tt_vocab_piece_at(v, id, NULL); }

int tt_vocab_find(const tt_vocab *v, const char *piece, size_t len) {
    if (v->list) return tt_wordlist_find(v->list, piece, len);
    const int id = tt_spm_find(v->spm, piece, len);
    size_t size;
    const char *found = tt_spm_piece(v->spm, id, &size);
    return found && size == len && !memcmp(found, piece, len) ? id : -1;
}

float tt_vocab_score(const tt_vocab *v, int id) { return v->list ? 0 : tt_spm_score(v->spm, id); }

/* ---- encoding ------------------------------------------------------------------------------ */

size_t tt_vocab_tag(const tt_vocab *v, const char *text, size_t len, int32_t *id) {
    enum { LONGEST_TAG = 64 };
    if (!v->list || len < 5 || memcmp(text, ">>", 2)) return 0;
    size_t n = 2;
    while (n + 2 < len && n < LONGEST_TAG && memcmp(text + n, "<<", 2) && text[n] != ' ') n++;
    if (n + 2 > len || memcmp(text + n, "<<", 2)) return 0;
    n += 2;
    *id = tt_wordlist_find(v->list, text, n);
    if (*id < 0) return 0;
    while (n < len && text[n] == ' ') n++;
    return n;
}

/* Tokens being put together, and where in the text each begins. */
struct tokens {
    int32_t *ids, *at; /* at: or NULL */
    size_t n;
};

static int open_tokens(struct tokens *t, size_t room, int places, tt_arena *a, tt_err *e) {
    t->n = 0;
    t->ids = tt_arena_alloc(a, (room + 1) * sizeof *t->ids);
    t->at = places ? tt_arena_alloc(a, (room + 1) * sizeof *t->at) : NULL;
    return t->ids && (t->at || !places)
               ? 0
               : tt_fail(e, TT_ENOMEM, "encode: out of memory for %zu ids", room);
}

static void put_token(struct tokens *t, int32_t id, size_t at) {
    if (t->at) t->at[t->n] = (int32_t)at;
    t->ids[t->n++] = id;
}

/* Adds the piece's id; an unknown one becomes unk, if there is one. */
static void put_piece(struct tokens *t, const tt_vocab *v, const char *piece, size_t len,
                      size_t at) {
    int id = tt_wordlist_find(v->list, piece, len);
    if (id < 0) id = v->unk;
    if (id >= 0) put_token(t, id, at);
}

/* By the list: SentencePiece cuts the text into pieces, or blanks do. */
static int encode_list(struct tokens *t, const tt_vocab *v, const char *text, size_t len, int lead,
                       int tail, int places, tt_arena *a, tt_err *e) {
    int32_t tag = -1, *own = NULL, *at = NULL;
    size_t skip = tt_vocab_tag(v, text, len, &tag), count = (len - skip) / 2 + 1;
    tt_span *pieces = NULL;
    if (v->spm) TT_TRY(tt_spm_pieces(v->spm, text + skip, len - skip, a, &pieces, &count, e));
    if (v->spm && places)
        TT_TRY(tt_spm_encode_at(v->spm, text + skip, len - skip, a, &own, &at, &count, e));
    TT_TRY(open_tokens(t, count + 3, places, a, e));
    if (lead >= 0) put_token(t, lead, 0);
    if (skip) put_token(t, tag, 0);
    for (size_t i = 0; pieces && i < count; i++)
        put_piece(t, v, pieces[i].text, pieces[i].len, at ? skip + (size_t)at[i] : 0);
    for (size_t i = skip; !pieces && i < len;) {
        while (i < len && (text[i] == ' ' || text[i] == '\t')) i++;
        size_t word = i;
        while (i < len && text[i] != ' ' && text[i] != '\t') i++;
        if (i > word) put_piece(t, v, text + word, i - word, word);
    }
    if (tail >= 0) put_token(t, tail, len);
    return 0;
}

/* The ids that go around a text. */
struct frame {
    int lead, tail; /* or -1 */
};

static struct frame frame_of(const tt_vocab *v, int flags) {
    int framed = flags & TT_VOCAB_EOS;
    return (struct frame){framed ? v->lead : -1, framed ? v->tail : -1};
}

static int check_length(size_t len, tt_err *e) {
    if (len <= TT_VOCAB_TEXT_MAX) return 0;
    return tt_fail(e, TT_EDATA, "a text of %zu bytes, expected at most %zu", len,
                   TT_VOCAB_TEXT_MAX);
}

int tt_vocab_encode(const tt_vocab *v, const char *text, size_t len, int flags, tt_arena *a,
                    int32_t **ids, size_t *n, tt_err *e) {
    const struct frame f = frame_of(v, flags);
    TT_TRY(check_length(len, e));
    if (v->list) {
        struct tokens t;
        TT_TRY(encode_list(&t, v, text, len, f.lead, f.tail, 0, a, e));
        *ids = t.ids;
        *n = t.n;
        return 0;
    }
    if (f.lead < 0) return tt_spm_encode(v->spm, text, len, f.tail, a, ids, n, e);
    int32_t *found;
    TT_TRY(tt_spm_encode(v->spm, text, len, f.tail, a, &found, n, e));
    *ids = tt_arena_alloc(a, (*n + 1) * sizeof **ids);
    if (!*ids) return tt_fail(e, TT_ENOMEM, "encode: out of memory for %zu ids", *n);
    (*ids)[0] = f.lead;
    if (*n) memcpy(*ids + 1, found, *n * sizeof **ids);
    ++*n;
    return 0;
}

int tt_vocab_encode_at(const tt_vocab *v, const char *text, size_t len, int flags, tt_arena *a,
                       int32_t **ids, int32_t **at, size_t *n, tt_err *e) {
    const struct frame f = frame_of(v, flags);
    struct tokens t;
    TT_TRY(check_length(len, e));
    if (v->list) {
        TT_TRY(encode_list(&t, v, text, len, f.lead, f.tail, 1, a, e));
    } else {
        int32_t *found, *places;
        size_t count;
        TT_TRY(tt_spm_encode_at(v->spm, text, len, a, &found, &places, &count, e));
        TT_TRY(open_tokens(&t, count + 2, 1, a, e));
        if (f.lead >= 0) put_token(&t, f.lead, 0);
        for (size_t i = 0; i < count; i++) put_token(&t, found[i], (size_t)places[i]);
        if (f.tail >= 0) put_token(&t, f.tail, len);
    }
    *ids = t.ids;
    *at = t.at;
    *n = t.n;
    return 0;
}

/* Joins pieces: with SentencePiece a ▁ (U+2581) is a blank, and the first blank falls away; else
 * blanks stand between. */
static int decode_list(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a, char **text,
                       size_t *len, int32_t *at, tt_err *e) {
    static const char mark[] = "\xE2\x96\x81";
    size_t room = 1, size;
    const char *piece;
    for (size_t i = 0; i < n; i++) {
        if (!tt_wordlist_get(v->list, ids[i], &size))
            return tt_fail(e, TT_EDATA, "decode: id %d, expected 0 to %d", (int)ids[i],
                           tt_vocab_size(v) - 1);
        room += size + 1;
    }
    char *out = *text = tt_arena_alloc(a, room);
    if (!out) return tt_fail(e, TT_ENOMEM, "decode: out of memory for %zu bytes", room);
    for (size_t i = 0; i < n; i++) {
        if (at) at[i] = (int32_t)(out - *text);
        if (tt_vocab_is_control(v, ids[i])) continue;
        piece = tt_wordlist_get(v->list, ids[i], &size);
        if (!v->spm && out > *text) *out++ = ' ';
        while (size) {
            int blank = v->spm && size >= 3 && !memcmp(piece, mark, 3);
            if (!blank) *out++ = *piece;
            else if (out > *text) *out++ = ' ';
            piece += blank ? 3 : 1;
            size -= blank ? 3 : 1;
        }
    }
    *out = 0;
    *len = (size_t)(out - *text);
    return 0;
}

/* Where SentencePiece falls back to bytes, it must put them together: its own ids for those of the
   list, or NULL where it lacks a piece. */
static int32_t *spm_ids(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a) {
    int32_t *mapped =
        v->spm && tt_spm_byte_fallback(v->spm) ? tt_arena_alloc(a, (n + 1) * sizeof *mapped) : NULL;
    for (size_t i = 0; mapped && i < n; i++) {
        size_t len = 0;
        const char *piece = tt_wordlist_get(v->list, ids[i], &len);
        mapped[i] = piece ? tt_spm_find(v->spm, piece, len) : -1;
        if (mapped[i] < 0 || (mapped[i] == tt_spm_unk(v->spm) && ids[i] != v->unk)) mapped = NULL;
    }
    return mapped;
}

int tt_vocab_decode(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a, char **text,
                    size_t *len, tt_err *e) {
    const int32_t *own = v->list ? spm_ids(v, ids, n, a) : ids;
    return own ? tt_spm_decode(v->spm, own, n, a, text, len, e)
               : decode_list(v, ids, n, a, text, len, NULL, e);
}

int tt_vocab_decode_at(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a, char **text,
                       size_t *len, int32_t *at, tt_err *e) {
    const int32_t *own = v->list ? spm_ids(v, ids, n, a) : ids;
    return own ? tt_spm_decode_at(v->spm, own, n, a, text, len, at, e)
               : decode_list(v, ids, n, a, text, len, at, e);
}
