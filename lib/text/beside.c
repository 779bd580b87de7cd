/* beside.c: see beside.h. Links and weights are kept in two long arrays, in the order of the
 * corpus's pairs.
 */
#include "text/beside.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "io/file.h"
#include "io/lines.h"

enum { WORDS_MOST = 65535, PATH_MOST = 4096 };
static const double WEIGHT_MOST = 1e6;

struct list { /* of numbers, grown by doubling */
    void *at;
    size_t n, room;
};

struct pair {
    size_t link, weight; /* where its links and weights end */
    uint16_t words[2];   /* that its sides have; 0: too many, or other ones than blanks part */
};

struct tt_beside {
    const tt_vocab *vocab;
    int by_word;
    char *files[TT_BESIDE]; /* the lists of names, NULs between; owned; or NULL */
    int sources;
    tt_lines *in[TT_BESIDE];           /* of the source at hand */
    size_t lines;                      /* read of it */
    struct list pairs, links, weights; /* of struct pair, uint16_t by turns, float; owned */
    uint64_t hash[TT_BESIDE];
    size_t lost;
};

static int grow(struct list *l, size_t more, size_t size, tt_err *e) {
    if (l->n + more <= l->room) return 0;
    const size_t room = 2 * (l->n + more) + 4096;
    void *at = room <= SIZE_MAX / size ? realloc(l->at, room * size) : NULL;
    if (!at) return tt_fail(e, TT_ENOMEM, "out of memory for links and weights");
    l->at = at;
    l->room = room;
    return 0;
}

/* ---- files --------------------------------------------------------------------------------- */

static const char *const titles[TT_BESIDE] = {"--guided-alignment", "--data-weighting"};

static int split_names(tt_beside *b, int which, const char *names, tt_err *e) {
    int n = 1;
    const size_t len = strlen(names);
    b->files[which] = malloc(len + 1);
    if (!b->files[which]) return tt_fail(e, TT_ENOMEM, "out of memory");
    memcpy(b->files[which], names, len + 1);
    for (char *at = b->files[which]; *at; at++)
        if (*at == ',') *at = 0, n++;
    if (n == b->sources) return 0;
    return tt_fail(e, TT_EUSAGE, "%s: %d file%s for %d text%s", titles[which], n, n == 1 ? "" : "s",
                   b->sources, b->sources == 1 ? "" : "s");
}

static const char *name_of(const tt_beside *b, int which, int source) {
    const char *at = b->files[which];
    for (int i = 0; at && i < source; i++) at += strlen(at) + 1;
    return at;
}

tt_beside *tt_beside_open(const tt_beside_files *f, int sources, const tt_vocab *v, tt_err *e) {
    tt_beside *b = calloc(1, sizeof *b);
    if (!b) {
        tt_fail(e, TT_ENOMEM, "out of memory for links and weights");
        return NULL;
    }
    *b = (tt_beside){.vocab = v, .by_word = f->by_word, .sources = sources};
    if (f->links && split_names(b, TT_BESIDE_LINKS, f->links, e)) goto fail;
    if (f->weights && split_names(b, TT_BESIDE_WEIGHTS, f->weights, e)) goto fail;
    return b;
fail:
    tt_beside_close(b);
    return NULL;
}

void tt_beside_close(tt_beside *b) {
    if (!b) return;
    for (int i = 0; i < TT_BESIDE; i++) {
        free(b->files[i]);
        tt_lines_close(b->in[i]);
    }
    free(b->pairs.at);
    free(b->links.at);
    free(b->weights.at);
    free(b);
}

int tt_beside_check(const tt_beside *b, tt_err *e) {
    for (int i = 0; i < TT_BESIDE; i++)
        for (int s = 0; b->files[i] && s < b->sources; s++)
            TT_TRY(tt_input_try(name_of(b, i, s), e));
    return 0;
}

int tt_beside_begin(tt_beside *b, int source, tt_err *e) {
    b->lines = 0;
    for (int i = 0; i < TT_BESIDE; i++)
        if (b->files[i] && !(b->in[i] = tt_lines_open(name_of(b, i, source), 0, e))) return e->code;
    return 0;
}

int tt_beside_next(tt_beside *b, tt_arena *a, tt_beside_line *line, tt_err *e) {
    *line = (tt_beside_line){.number = ++b->lines};
    for (int i = 0; i < TT_BESIDE; i++) {
        const char *text;
        size_t len;
        if (!b->in[i]) continue;
        const int rc = tt_lines_next(b->in[i], &text, &len, e);
        if (rc < 0) return rc;
        if (!rc)
            return tt_fail(e, TT_EDATA, "%s: ends after %zu lines, and the text goes on",
                           tt_lines_name(b->in[i]), b->lines - 1);
        line->text[i] = tt_arena_text(a, text, len);
        if (!line->text[i]) return tt_fail(e, TT_ENOMEM, "out of memory for links and weights");
    }
    return 0;
}

int tt_beside_end(tt_beside *b, tt_err *e) {
    int rc = 0;
    for (int i = 0; i < TT_BESIDE; i++) {
        const char *text;
        size_t len;
        if (!b->in[i]) continue;
        if (!rc) rc = tt_lines_next(b->in[i], &text, &len, e);
        if (rc > 0)
            rc = tt_fail(e, TT_EDATA, "%s: goes on after the text's %zu lines",
                         tt_lines_name(b->in[i]), b->lines);
        tt_lines_close(b->in[i]);
        b->in[i] = NULL;
    }
    return rc;
}

/* ---- words --------------------------------------------------------------------------------- */

static bool begins_word(const tt_vocab *v, int32_t id) {
    size_t len;
    const char *piece = tt_vocab_piece_at(v, id, &len);
    return piece && len >= 3 && !memcmp(piece, "\xe2\x96\x81", 3);
}

/* The word of each piece (n), from 0, into word, unless it is NULL; returns their number. Control
   pieces belong to none: -1. */
static size_t find_words(const tt_vocab *v, const int32_t *ids, size_t n, int32_t *word) {
    size_t words = 0;
    for (size_t i = 0; i < n; i++) {
        const int none = tt_vocab_is_control(v, ids[i]);
        if (!none && (!words || begins_word(v, ids[i]))) words++;
        if (word) word[i] = none ? -1 : (int32_t)words - 1;
    }
    return words;
}

static size_t count_blanks(const tt_span *text) {
    size_t words = 0;
    for (size_t i = 0; i < text->len; i++)
        words += text->text[i] != ' ' && (!i || text->text[i - 1] == ' ');
    return words;
}

/* ---- keeping ------------------------------------------------------------------------------- */

static int bad_line(const tt_beside *b, int which, size_t number, const char *why, tt_err *e) {
    return tt_fail(e, TT_EDATA, "%s:%zu: %s", tt_lines_name(b->in[which]), number, why);
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool read_number(const char **at, size_t *x) {
    const char *from = *at;
    for (*x = 0; **at >= '0' && **at <= '9' && *at - from < 9; ++*at)
        *x = 10 * *x + (size_t)(**at - '0');
    return *at > from;
}

static int keep_links(tt_beside *b, const tt_beside_line *line, const size_t words[2], int usable,
                      tt_err *e) {
    static const char expected[] = "expected links such as 0-0 1-2";
    const size_t first = b->links.n;
    char why[120];
    for (const char *at = line->text[TT_BESIDE_LINKS];;) {
        size_t s, t;
        while (is_blank(*at)) at++;
        if (!*at) break;
        if (!read_number(&at, &s) || (*at != '-' && *at != 'p') || (at++, !read_number(&at, &t)) ||
            (*at && !is_blank(*at)))
            return bad_line(b, TT_BESIDE_LINKS, line->number, expected, e);
        if (s >= words[0] || t >= words[1]) {
            snprintf(why, sizeof why, "link %zu-%zu, but the pair has %zu and %zu words", s, t,
                     words[0], words[1]);
            return bad_line(b, TT_BESIDE_LINKS, line->number, why, e);
        }
        if (!usable) continue;
        TT_TRY(grow(&b->links, 2, sizeof(uint16_t), e));
        ((uint16_t *)b->links.at)[b->links.n++] = (uint16_t)s;
        ((uint16_t *)b->links.at)[b->links.n++] = (uint16_t)t;
    }
    uint64_t *h = &b->hash[TT_BESIDE_LINKS];
    for (size_t i = first; i < b->links.n; i++) *h = tt_key(*h, ((const uint16_t *)b->links.at)[i]);
    *h = tt_key(*h, WORDS_MOST);
    return 0;
}

static int keep_weights(tt_beside *b, const tt_beside_line *line, size_t words, int usable,
                        tt_err *e) {
    size_t n = 0;
    double sum = 0;
    char why[120];
    const size_t first = b->weights.n;
    for (const char *at = line->text[TT_BESIDE_WEIGHTS];; n++) {
        char *end;
        while (is_blank(*at)) at++;
        if (!*at) break;
        const double w = strtod(at, &end);
        if (end == at || (*end && !is_blank(*end)) || !(w >= 0 && w <= WEIGHT_MOST))
            return bad_line(b, TT_BESIDE_WEIGHTS, line->number,
                            "expected weights, numbers from 0 to 1000000", e);
        at = end;
        sum += w;
        TT_TRY(grow(&b->weights, 1, sizeof(float), e));
        ((float *)b->weights.at)[b->weights.n++] = (float)w;
    }
    if (n != (b->by_word ? words : 1)) {
        snprintf(why, sizeof why, "%zu weight%s for %zu %s", n, n == 1 ? "" : "s",
                 b->by_word ? words : 1, b->by_word ? "words of the target" : "pair");
        return bad_line(b, TT_BESIDE_WEIGHTS, line->number, why, e);
    }
    if (!usable && n > 1) {
        ((float *)b->weights.at)[first] = (float)(sum / (double)n);
        b->weights.n = first + 1;
    }
    uint64_t *h = &b->hash[TT_BESIDE_WEIGHTS];
    for (size_t i = first; i < b->weights.n; i++) {
        uint32_t bits;
        memcpy(&bits, (const float *)b->weights.at + i, sizeof bits);
        *h = tt_key(*h, bits);
    }
    *h = tt_key(*h, n);
    return 0;
}

int tt_beside_keep(tt_beside *b, const tt_beside_line *line, const tt_span text[2],
                   int32_t *const ids[2], const size_t n[2], tt_err *e) {
    struct pair p = {0};
    size_t words[2];
    int usable = 1;
    for (int side = 0; side < 2; side++) {
        words[side] = count_blanks(&text[side]);
        usable = usable && words[side] <= WORDS_MOST &&
                 find_words(tt_vocab_side(b->vocab, side), ids[side], n[side], NULL) == words[side];
    }
    for (int side = 0; side < 2 && usable; side++) p.words[side] = (uint16_t)words[side];
    b->lost += !usable && (b->files[TT_BESIDE_LINKS] || b->by_word);
    if (b->in[TT_BESIDE_LINKS]) TT_TRY(keep_links(b, line, words, usable, e));
    if (b->in[TT_BESIDE_WEIGHTS]) TT_TRY(keep_weights(b, line, words[1], usable, e));
    p.link = b->links.n;
    p.weight = b->weights.n;
    TT_TRY(grow(&b->pairs, 1, sizeof p, e));
    ((struct pair *)b->pairs.at)[b->pairs.n++] = p;
    return 0;
}

uint64_t tt_beside_hash(const tt_beside *b, int which) {
    return !b || !b->files[which] ? 0 : b->hash[which] ? b->hash[which] : 1;
}

size_t tt_beside_lost(const tt_beside *b) { return b->lost; }

/* ---- batches ------------------------------------------------------------------------------- */

/* What a pair has: its links (n, by turns) and weights. */
struct own {
    const uint16_t *link;
    const float *weight;
    size_t links, weights;
};

static struct own own_of(const tt_beside *b, uint32_t pair) {
    const struct pair *p = (const struct pair *)b->pairs.at + pair;
    const size_t link = pair ? p[-1].link : 0, weight = pair ? p[-1].weight : 0;
    const uint16_t *links = b->links.at;
    const float *weights = b->weights.at;
    return (struct own){links ? links + link : NULL, weights ? weights + weight : NULL,
                        p->link - link, p->weight - weight};
}

/* The weights of a sentence's tokens (n), of words `word`, `words` of them. */
static void weigh(const struct own *own, const int32_t *word, size_t n, size_t words, float *to) {
    double mean = 0;
    for (size_t i = 0; i < own->weights; i++) mean += (double)own->weight[i];
    mean /= own->weights ? (double)own->weights : 1;
    const int each = own->weights > 1 && own->weights == words;
    for (size_t i = 0; i < n; i++)
        to[i] = each && word[i] >= 0 ? own->weight[word[i]] : (float)mean;
}

/* Links of words as places of source tokens for each target token, into off (from *n on) and at,
 * unless that is NULL. */
static void link_pieces(const struct own *own, const int32_t *src, size_t n_src, const int32_t *tgt,
                        size_t n_tgt, int32_t *off, int32_t *at, int32_t *n) {
    for (size_t t = 0; t < n_tgt; t++) {
        for (size_t s = 0; s < n_src && tgt[t] >= 0; s++) {
            int linked = 0;
            for (size_t l = 0; l < own->links && !linked && src[s] >= 0; l += 2)
                linked = own->link[l] == src[s] && own->link[l + 1] == tgt[t];
            if (linked && at) at[*n] = (int32_t)s;
            *n += linked;
        }
        off[t + 1] = *n;
    }
}

int tt_beside_shard(const tt_beside *b, const uint32_t *pairs, tt_pair_batch *batch, tt_arena *a,
                    tt_err *e) {
    const tt_seqs *src = &batch->src, *tgt = &batch->tgt;
    const size_t n_src = (size_t)src->off[src->count], n_tgt = (size_t)tgt->off[tgt->count];
    int32_t *word[2] = {tt_arena_alloc(a, (n_src + 1) * sizeof **word),
                        tt_arena_alloc(a, (n_tgt + 1) * sizeof **word)};
    int32_t *off = tt_arena_zero(a, (n_tgt + 1) * sizeof *off), *at = NULL;
    float *weights = tt_arena_alloc(a, (n_tgt + 1) * sizeof *weights);
    if (!word[0] || !word[1] || !off || !weights)
        return tt_fail(e, TT_ENOMEM, "out of memory for the links of a batch");
    for (int pass = 0; pass < 2; pass++) { /* count, then write */
        int32_t n = 0;
        for (int i = 0; i < src->count; i++) {
            const int32_t s = src->off[i], t = tgt->off[i], len_s = src->off[i + 1] - s,
                          len_t = tgt->off[i + 1] - t;
            const struct pair *p = (const struct pair *)b->pairs.at + pairs[i];
            struct own own = own_of(b, pairs[i]);
            const size_t words[2] = {find_words(b->vocab, src->ids + s, (size_t)len_s, word[0] + s),
                                     find_words(tt_vocab_side(b->vocab, TT_VOCAB_TARGET),
                                                tgt->ids + t, (size_t)len_t, word[1] + t)};
            if (words[0] != p->words[0] || words[1] != p->words[1]) own.links = 0;
            link_pieces(&own, word[0] + s, (size_t)len_s, word[1] + t, (size_t)len_t, off + t, at,
                        &n);
            weigh(&own, word[1] + t, (size_t)len_t, words[1], weights + t);
        }
        if (!pass && !(at = tt_arena_alloc(a, ((size_t)n + 1) * sizeof *at)))
            return tt_fail(e, TT_ENOMEM, "out of memory for the links of a batch");
    }
    if (b->files[TT_BESIDE_LINKS]) batch->link_off = off, batch->link_at = at;
    if (b->files[TT_BESIDE_WEIGHTS]) batch->weights = weights;
    return 0;
}
