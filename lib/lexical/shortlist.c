/* shortlist.c: see shortlist.h. Both forms become the same arrays, those of the binary form, so
 * what a sentence may use is found in one place: a bit for each target token, set and then read in
 * order. Nothing in a file is trusted: each number is held against the bytes there are and the
 * vocabularies before memory is asked for.
 */
#include "lexical/shortlist.h"

#include "base/le.h"
#include "text/wellformed.h"

#include "io/file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC UINT64_C(0xF11A48D5013417F5)

enum {
    HEADER_WORDS = 6,
    HEADER = 8 * HEADER_WORDS,
    SUMMED_FROM = 16, /* the checksum covers what stands behind it */
    NUMBER_MAX = 63   /* bytes of a probability in the text form */
};

/* Of a file once decompressed: ten times the largest in use, an id for each pair of 32,000 pieces
   and their 100 best in the text form included. */
static const size_t file_max = (size_t)1 << 30;

struct tt_shortlist {
    int src_size, tgt_size;
    int first;
    int shared; /* source ids are target ids */
    int eos;
    size_t *offsets;      /* (src_size + 1), owned */
    uint32_t *ids;        /* (offsets[src_size]), owned */
    tt_wellformed *bytes; /* of the target, owned */
};

void tt_shortlist_close(tt_shortlist *s) {
    if (!s) return;
    free(s->offsets);
    free(s->ids);
    tt_wellformed_close(s->bytes);
    free(s);
}

static int no_memory(tt_err *e, const char *name) {
    return tt_fail(e, TT_ENOMEM, "%s: out of memory for a shortlist", name);
}

/* Room for `count` ids behind the offsets. */
static int reserve(tt_shortlist *s, size_t count, const char *name, tt_err *e) {
    s->offsets = calloc((size_t)s->src_size + 1, sizeof *s->offsets);
    s->ids = malloc((count > 0 ? count : 1) * sizeof *s->ids);
    return s->offsets && s->ids ? 0 : no_memory(e, name);
}

/* ---- the binary form ----------------------------------------------------------------------- */

static uint64_t fold(uint64_t h, uint64_t word) {
    return h ^ (word + 0x9e3779b9 + (h << 6) + (h >> 2));
}

static uint64_t checksum(const unsigned char *p, size_t len) {
    uint64_t h = 0;
    for (size_t i = 0; i + 8 <= len; i += 8) h = fold(h, tt_le_get(p + i, 8));
    return h;
}

static int read_ids(tt_shortlist *s, const unsigned char *p, size_t count, const char *name,
                    tt_err *e) {
    for (size_t i = 0; i < count; i++) {
        s->ids[i] = (uint32_t)tt_le_get(p + 4 * i, 4);
        if (s->ids[i] >= (uint32_t)s->tgt_size)
            return tt_fail(e, TT_EFORMAT,
                           "%s: target token %u, the vocabulary has %d: made for another", name,
                           s->ids[i], s->tgt_size);
    }
    return 0;
}

static int read_offsets(tt_shortlist *s, const unsigned char *p, size_t count, size_t ids,
                        const char *name, tt_err *e) {
    uint64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t at = tt_le_get(p + 8 * i, 8);
        if (at < before || at > ids || (i + 1 == count && at != ids))
            return tt_fail(e, TT_EFORMAT, "%s: the list of source token %zu is outside the file",
                           name, i);
        s->offsets[i] = (size_t)at;
        before = at;
    }
    for (size_t i = count; i <= (size_t)s->src_size; i++) s->offsets[i] = ids;
    return 0;
}

static int read_binary(tt_shortlist *s, const unsigned char *p, size_t len, int first,
                       const char *name, tt_err *e) {
    if (len < HEADER)
        return tt_fail(e, TT_EFORMAT, "%s: %zu bytes, a shortlist begins with %d", name, len,
                       HEADER);
    uint64_t offsets = tt_le_get(p + 32, 8), ids = tt_le_get(p + 40, 8), rest = len - HEADER;
    if (offsets > rest / 8 || ids > (rest - 8 * offsets) / 4 || 8 * offsets + 4 * ids != rest)
        return tt_fail(e, TT_EFORMAT,
                       "%s: cut off or damaged: %zu bytes do not hold what its header announces",
                       name, len);
    if (offsets < 1 || offsets > (uint64_t)s->src_size + 1 || 2 * offsets < (uint64_t)s->src_size)
        return tt_fail(e, TT_EFORMAT,
                       "%s: %llu source tokens, the vocabulary has %d: made for another", name,
                       (unsigned long long)offsets - (offsets > 0), s->src_size);
    if (checksum(p + SUMMED_FROM, len - SUMMED_FROM) != tt_le_get(p + 8, 8))
        return tt_fail(e, TT_EFORMAT, "%s: damaged: its checksum does not fit", name);
    uint64_t own = tt_le_get(p + 16, 8), most = (uint64_t)s->tgt_size;
    s->first = first > 0 ? first : (int)(own < most ? own : most);
    TT_TRY(reserve(s, (size_t)ids, name, e));
    TT_TRY(read_offsets(s, p + HEADER, (size_t)offsets, (size_t)ids, name, e));
    return read_ids(s, p + HEADER + 8 * offsets, (size_t)ids, name, e);
}

/* ---- the text form ------------------------------------------------------------------------- */

struct entry {
    int32_t src, tgt;
    double p;
};

struct entries {
    struct entry *at; /* owned */
    size_t count, room;
};

static int by_probability(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->src != y->src) return x->src < y->src ? -1 : 1;
    if (x->p > y->p || x->p < y->p) return x->p > y->p ? -1 : 1;
    return x->tgt < y->tgt ? -1 : x->tgt > y->tgt;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int add(struct entries *all, struct entry one, const char *name, tt_err *e) {
    if (all->count == all->room) {
        size_t room = all->room ? 2 * all->room : 4096;
        struct entry *more = realloc(all->at, room * sizeof *more);
        if (!more) return no_memory(e, name);
        all->at = more;
        all->room = room;
    }
    all->at[all->count++] = one;
    return 0;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* The next field of a line, or an empty one. */
static tt_span field(const char **at, const char *end) {
    while (*at < end && is_blank(**at)) ++*at;
    tt_span f = {*at, 0};
    while (*at < end && !is_blank(**at)) ++*at;
    f.len = (size_t)(*at - f.text);
    return f;
}

static bool is_probability(tt_span f, double *p) {
    char text[NUMBER_MAX + 1], *end;
    if (!f.len || f.len > NUMBER_MAX) return false;
    memcpy(text, f.text, f.len);
    text[f.len] = '\0';
    *p = strtod(text, &end);
    return end == text + f.len && *p >= 0 && *p <= 1.0001; /* others' rounding */
}

static int read_lines(struct entries *all, const tt_vocab *src, const tt_vocab *tgt,
                      const char *text, size_t len, const char *name, tt_err *e) {
    const char *end = text + len, *next;
    size_t number = 1;
    for (const char *at = text; at < end; at = next, number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        next = stop < end ? stop + 1 : end;
        tt_span t = field(&at, stop), s = field(&at, stop), p = field(&at, stop);
        if (!t.len) continue;
        struct entry one;
        if (!is_probability(p, &one.p) || field(&at, stop).len)
            return tt_fail(e, TT_EDATA,
                           "%s:%zu: no line of a shortlist, expected TARGET SOURCE PROBABILITY",
                           name, number);
        one.src = tt_vocab_find(src, s.text, s.len);
        one.tgt = tt_vocab_find(tgt, t.text, t.len);
        if (one.src >= 0 && one.tgt >= 0) TT_TRY(add(all, one, name, e));
    }
    return 0;
}

/* Of the sorted entries, the `best` of each source token. */
static int take_best(tt_shortlist *s, const struct entries *all, size_t best, const char *name,
                     tt_err *e) {
    TT_TRY(reserve(s, all->count, name, e));
    size_t n = 0, i = 0;
    for (int32_t src = 0; src < s->src_size; src++) {
        size_t from = s->offsets[src] = n;
        for (; i < all->count && all->at[i].src == src; i++)
            if (n - from < best) s->ids[n++] = (uint32_t)all->at[i].tgt;
        if (n > from) qsort(s->ids + from, n - from, sizeof *s->ids, by_number);
    }
    s->offsets[s->src_size] = n;
    return 0;
}

static int read_text(tt_shortlist *s, const tt_vocab *src, const tt_vocab *tgt, const char *text,
                     size_t len, int first, int best, const char *name, tt_err *e) {
    struct entries all = {0};
    int rc = read_lines(&all, src, tgt, text, len, name, e);
    if (!rc && !all.count)
        rc = tt_fail(e, TT_EDATA, "%s: no pair of pieces that the vocabularies have", name);
    if (!rc) {
        qsort(all.at, all.count, sizeof *all.at, by_probability);
        rc = take_best(s, &all, (size_t)(best > 0 ? best : TT_SHORTLIST_BEST), name, e);
        s->first = first > 0 ? first : TT_SHORTLIST_FIRST;
    }
    free(all.at);
    return rc;
}

/* ---- opening ------------------------------------------------------------------------------- */

tt_shortlist *tt_shortlist_open_bytes(const void *bytes, size_t len, const char *name,
                                      const tt_vocab *src, const tt_vocab *tgt, int first, int best,
                                      tt_err *e) {
    tt_shortlist *s = calloc(1, sizeof *s);
    if (!s) {
        no_memory(e, name);
        return NULL;
    }
    s->src_size = tt_vocab_size(src);
    s->tgt_size = tt_vocab_size(tgt);
    s->shared = src == tgt;
    s->eos = tt_vocab_eos(tgt);
    s->bytes = tt_wellformed_open(tgt, e);
    if (!s->bytes) {
        tt_shortlist_close(s);
        return NULL;
    }
    int rc = len >= 8 && tt_le_get(bytes, 8) == MAGIC
                 ? read_binary(s, bytes, len, first, name, e)
                 : read_text(s, src, tgt, len > 0 ? bytes : "", len, first, best, name, e);
    if (rc) {
        tt_shortlist_close(s);
        return NULL;
    }
    if (s->first > s->tgt_size) s->first = s->tgt_size;
    return s;
}

tt_shortlist *tt_shortlist_open(const char *path, const tt_vocab *src, const tt_vocab *tgt,
                                int first, int best, tt_err *e) {
    char *bytes;
    size_t len;
    if (tt_file_read(&bytes, &len, path, file_max, e)) return NULL;
    tt_shortlist *s = tt_shortlist_open_bytes(bytes, len, path, src, tgt, first, best, e);
    free(bytes);
    return s;
}

tt_shortlist_size tt_shortlist_measure(const tt_shortlist *s) {
    tt_shortlist_size z = {s->src_size, s->tgt_size, s->first, 0, s->offsets[s->src_size]};
    for (int i = 0; i < s->src_size; i++) {
        size_t n = s->offsets[i + 1] - s->offsets[i];
        if (n > (size_t)z.longest) z.longest = (int)n;
    }
    return z;
}

/* ---- a sentence's words -------------------------------------------------------------------- */

enum { BITS = 64 };

static void set(uint64_t *bits, size_t id) { bits[id / BITS] |= UINT64_C(1) << id % BITS; }

/* How many, and their ids into `words` unless it is NULL. */
static int collect(int32_t *words, const uint64_t *bits, size_t n) {
    int count = 0;
    for (size_t i = 0; i < n; i++)
        for (uint64_t left = bits[i]; left; left &= left - 1) {
            if (words) {
                int32_t low = 0;
                while (!(left >> low & 1)) low++;
                words[count] = (int32_t)(i * BITS) + low;
            }
            count++;
        }
    return count;
}

/* Whoever may begin a character of bytes may also finish it. */
static void add_bytes(const tt_shortlist *s, uint64_t *bits) {
    const int32_t *token = s->bytes->token;
    int leads = 0;
    for (int byte = 0xc2; byte <= 0xf4 && !leads; byte++)
        if (token[byte] >= 0) leads = (int)(bits[token[byte] / BITS] >> token[byte] % BITS & 1);
    for (int byte = 0x80; byte <= 0xbf && leads; byte++)
        if (token[byte] >= 0) set(bits, (size_t)token[byte]);
}

int tt_shortlist_words(const tt_shortlist *s, const int32_t *src_ids, int n, tt_arena *a,
                       int32_t **words, int *count, tt_err *e) {
    size_t chunks = ((size_t)s->tgt_size + BITS - 1) / BITS;
    uint64_t *bits = tt_arena_zero(a, chunks * sizeof *bits);
    if (!bits) return no_memory(e, "sentence");
    for (int i = 0; i < s->first; i++) set(bits, (size_t)i);
    set(bits, (size_t)s->eos);
    for (int i = 0; i < n; i++) {
        int32_t id = src_ids[i];
        if (id < 0 || id >= s->src_size) continue;
        if (s->shared) set(bits, (size_t)id);
        for (size_t k = s->offsets[id]; k < s->offsets[id + 1]; k++) set(bits, s->ids[k]);
    }
    add_bytes(s, bits);
    *count = collect(NULL, bits, chunks);
    *words = tt_arena_alloc(a, (size_t)*count * sizeof **words);
    if (!*words) return no_memory(e, "sentence");
    collect(*words, bits, chunks);
    return 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

struct writer {
    tt_output *to;
    uint64_t sum;
    int writes; /* 0: only sums */
};

static void put(struct writer *w, uint64_t x) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(x >> (8 * i));
    if (w->writes) tt_output_write(w->to, bytes, 8, NULL);
    w->sum = fold(w->sum, x);
}

/* Everything behind the checksum. */
static void put_body(struct writer *w, const tt_shortlist_lists *l) {
    uint64_t n = l->offsets[l->src_size];
    put(w, (uint64_t)l->first);
    put(w, (uint64_t)l->best);
    put(w, (uint64_t)l->src_size + 1);
    put(w, n);
    for (int i = 0; i <= l->src_size; i++) put(w, l->offsets[i]);
    for (uint64_t i = 0; i + 2 <= n; i += 2) put(w, (uint64_t)l->ids[i + 1] << 32 | l->ids[i]);
    if (n % 2 == 0 || !w->writes) return;
    unsigned char bytes[4];
    tt_le_put(bytes, l->ids[n - 1], sizeof bytes);
    tt_output_write(w->to, bytes, sizeof bytes, NULL);
}

int tt_shortlist_write(const char *path, const tt_shortlist_lists *l, tt_err *e) {
    struct writer sum = {0};
    put_body(&sum, l);
    struct writer w = {tt_output_open(path, TT_OUTPUT_ATOMIC, e), 0, 1};
    if (!w.to) return e->code;
    put(&w, MAGIC);
    put(&w, sum.sum);
    put_body(&w, l);
    return tt_output_finish(w.to, e);
}

int tt_shortlist_bytes(char **bytes, size_t *len, const char *path, const tt_modelfile *mf,
                       tt_err *e) {
    enum { LIST_MOST = 256 << 20 }; /* bytes: the greatest in use have 10 MB */
    tt_vocab *src = NULL, *tgt = NULL;
    tt_shortlist *s = NULL;
    *bytes = NULL;
    int rc = tt_file_read(bytes, len, path, LIST_MOST, e);
    if (!rc)
        rc = (src = tt_vocab_open_model(mf, TT_VOCAB_SOURCE, e)) &&
                     (tgt = tt_vocab_open_model(mf, TT_VOCAB_TARGET, e))
                 ? 0
                 : e->code;
    if (!rc)
        rc = (s = tt_shortlist_open_bytes(*bytes, *len, path, src, tgt, 0, 0, e)) ? 0 : e->code;
    tt_shortlist_close(s);
    tt_vocab_close(tgt);
    tt_vocab_close(src);
    if (!rc) return 0;
    free(*bytes);
    *bytes = NULL;
    return rc;
}
