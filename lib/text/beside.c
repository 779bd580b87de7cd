/* beside.c: see beside.h. A note is a head, links, and weights, one behind the other. */
#include "text/beside.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "io/file.h"
#include "io/lines.h"

enum { WORDS_MOST = 65535 };
static const double WEIGHT_MOST = 1e6;

struct list { /* of numbers, grown by doubling */
    void *at;
    size_t n, room;
};

struct head {
    uint32_t links;    /* numbers of links, source and target by turns: uint16_t each; behind them
                          floats, the weights, up to the note's end */
    uint16_t words[2]; /* that the sides have; 0: too many, or other ones than blanks part */
};

struct tt_beside {
    const tt_vocab *vocab;
    int by_word;
    int sources;
    char **name[TT_BESIDE];           /* (sources), NULL where a source has none; owned; or NULL */
    tt_lines *in[TT_BESIDE];          /* of the source at hand, */
    int source;                       /* its number, */
    size_t lines;                     /* and what was read of it */
    struct list links, weights, note; /* of one pair: uint16_t, float, bytes; owned */
    uint64_t hash[TT_BESIDE];
    uint64_t *hash_of[TT_BESIDE]; /* (sources): after each; owned; or NULL */
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

const char *const tt_beside_options[TT_BESIDE] = {"guided-alignment", "data-weighting"};

static int no_memory(tt_err *e) {
    return tt_fail(e, TT_ENOMEM, "out of memory for links and weights");
}

static int set_name(tt_beside *b, int which, int source, const char *at, size_t len, tt_err *e) {
    char *name = malloc(len + 1);
    if (!name) return no_memory(e);
    memcpy(name, at, len);
    name[len] = 0;
    b->name[which][source] = name;
    return 0;
}

static int split_names(tt_beside *b, int which, const char *list, tt_err *e) {
    int n = 1;
    for (const char *at = list; *at; at++) n += *at == ',';
    if (n != b->sources)
        return tt_fail(e, TT_EUSAGE, "--%s: %d file%s for %d text%s", tt_beside_options[which], n,
                       n == 1 ? "" : "s", b->sources, b->sources == 1 ? "" : "s");
    for (int i = 0; i < n; i++) {
        const size_t len = strcspn(list, ",");
        TT_TRY(set_name(b, which, i, list, len, e));
        list += len + 1;
    }
    return 0;
}

static int copy_names(tt_beside *b, int which, const char *const *names, tt_err *e) {
    for (int i = 0; i < b->sources; i++)
        if (names[i]) TT_TRY(set_name(b, which, i, names[i], strlen(names[i]), e));
    return 0;
}

static int take_names(tt_beside *b, int which, const tt_beside_files *f, tt_err *e) {
    int any = f->lists[which] != NULL;
    for (int i = 0; f->names[which] && i < b->sources; i++) any |= f->names[which][i] != NULL;
    if (!any) return 0;
    b->name[which] = calloc((size_t)b->sources, sizeof *b->name[which]);
    b->hash_of[which] = calloc((size_t)b->sources, sizeof *b->hash_of[which]);
    if (!b->name[which] || !b->hash_of[which]) return no_memory(e);
    return f->lists[which] ? split_names(b, which, f->lists[which], e)
                           : copy_names(b, which, f->names[which], e);
}

const char *tt_beside_name(const tt_beside *b, int which, int source) {
    return b->name[which] ? b->name[which][source] : NULL;
}

tt_beside *tt_beside_open(const tt_beside_files *f, int sources, const tt_vocab *v, tt_err *e) {
    tt_beside *b = calloc(1, sizeof *b);
    if (!b) {
        no_memory(e);
        return NULL;
    }
    *b = (tt_beside){.vocab = v, .by_word = f->by_word, .sources = sources};
    for (int i = 0; i < TT_BESIDE; i++)
        if (take_names(b, i, f, e)) {
            tt_beside_close(b);
            return NULL;
        }
    return b;
}

void tt_beside_close(tt_beside *b) {
    if (!b) return;
    for (int i = 0; i < TT_BESIDE; i++) {
        for (int s = 0; b->name[i] && s < b->sources; s++) free(b->name[i][s]);
        free(b->name[i]);
        free(b->hash_of[i]);
        tt_lines_close(b->in[i]);
    }
    free(b->links.at);
    free(b->weights.at);
    free(b->note.at);
    free(b);
}

int tt_beside_check(const tt_beside *b, tt_err *e) {
    for (int i = 0; i < TT_BESIDE; i++)
        for (int s = 0; s < b->sources; s++)
            if (tt_beside_name(b, i, s)) TT_TRY(tt_input_try(tt_beside_name(b, i, s), e));
    return 0;
}

int tt_beside_begin(tt_beside *b, int source, tt_err *e) {
    b->source = source;
    b->lines = 0;
    for (int i = 0; i < TT_BESIDE; i++)
        if (tt_beside_name(b, i, source) &&
            !(b->in[i] = tt_lines_open(tt_beside_name(b, i, source), 0, e)))
            return e->code;
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
        b->hash_of[i][b->source] = b->hash[i] ? b->hash[i] : 1;
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

/* ---- notes --------------------------------------------------------------------------------- */

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

static int note_links(tt_beside *b, const tt_beside_line *line, const size_t words[2], int usable,
                      tt_err *e) {
    static const char expected[] = "expected links such as 0-0 1-2";
    char why[120];
    b->links.n = 0;
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
    for (size_t i = 0; i < b->links.n; i++) *h = tt_key(*h, ((const uint16_t *)b->links.at)[i]);
    *h = tt_key(*h, WORDS_MOST);
    return 0;
}

static int note_weights(tt_beside *b, const tt_beside_line *line, size_t words, int usable,
                        tt_err *e) {
    size_t n = 0;
    double sum = 0;
    char why[120];
    b->weights.n = 0;
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
        *(float *)b->weights.at = (float)(sum / (double)n);
        b->weights.n = 1;
    }
    uint64_t *h = &b->hash[TT_BESIDE_WEIGHTS];
    for (size_t i = 0; i < b->weights.n; i++) {
        uint32_t bits;
        memcpy(&bits, (const float *)b->weights.at + i, sizeof bits);
        *h = tt_key(*h, bits);
    }
    *h = tt_key(*h, n);
    return 0;
}

static int join_note(tt_beside *b, const uint16_t words[2], tt_err *e) {
    const struct head h = {(uint32_t)b->links.n, {words[0], words[1]}};
    const size_t links = b->links.n * sizeof(uint16_t), weights = b->weights.n * sizeof(float);
    b->note.n = 0;
    TT_TRY(grow(&b->note, sizeof h + links + weights, 1, e));
    char *to = b->note.at;
    memcpy(to, &h, sizeof h);
    if (links) memcpy(to + sizeof h, b->links.at, links);
    if (weights) memcpy(to + sizeof h + links, b->weights.at, weights);
    b->note.n = sizeof h + links + weights;
    return 0;
}

int tt_beside_note(tt_beside *b, const tt_beside_line *line, const tt_span text[2],
                   int32_t *const ids[2], const size_t n[2], const void **note, size_t *len,
                   tt_err *e) {
    size_t words[2];
    uint16_t kept[2] = {0, 0};
    int usable = 1;
    for (int side = 0; side < 2; side++) {
        words[side] = count_blanks(&text[side]);
        usable = usable && words[side] <= WORDS_MOST &&
                 find_words(tt_vocab_side(b->vocab, side), ids[side], n[side], NULL) == words[side];
    }
    for (int side = 0; side < 2 && usable; side++) kept[side] = (uint16_t)words[side];
    b->lost += !usable && (b->in[TT_BESIDE_LINKS] || (b->in[TT_BESIDE_WEIGHTS] && b->by_word));
    b->links.n = b->weights.n = 0;
    if (b->in[TT_BESIDE_LINKS]) TT_TRY(note_links(b, line, words, usable, e));
    if (b->in[TT_BESIDE_WEIGHTS]) TT_TRY(note_weights(b, line, words[1], usable, e));
    TT_TRY(join_note(b, kept, e));
    *note = b->note.at;
    *len = b->note.n;
    return 0;
}

uint64_t tt_beside_hash(const tt_beside *b, int which) {
    return !b || !b->name[which] ? 0 : b->hash[which] ? b->hash[which] : 1;
}

uint64_t tt_beside_hash_of(const tt_beside *b, int which, int source) {
    return tt_beside_name(b, which, source) ? b->hash_of[which][source] : 0;
}

size_t tt_beside_lost(const tt_beside *b) { return b->lost; }

/* ---- batches ------------------------------------------------------------------------------- */

/* What a pair has: its links (links, by turns) and weights. */
struct own {
    struct head head;
    const uint16_t *link;
    const char *weight; /* floats, not at their addresses */
    size_t links, weights;
};

static struct own own_of(const tt_raw *pair) {
    struct own own;
    size_t len;
    const char *note = tt_raw_note(pair, &len);
    memcpy(&own.head, note, sizeof own.head);
    own.links = own.head.links;
    own.link = (const uint16_t *)(const void *)(note + sizeof own.head);
    own.weight = note + sizeof own.head + own.links * sizeof *own.link;
    own.weights = (size_t)(note + len - own.weight) / sizeof(float);
    return own;
}

static float weight_at(const struct own *own, size_t i) {
    float w;
    memcpy(&w, own->weight + i * sizeof w, sizeof w);
    return w;
}

/* The weights of a sentence's tokens (n), of words `word`, `words` of them. */
static void weigh(const struct own *own, const int32_t *word, size_t n, size_t words, float *to) {
    double mean = 0;
    for (size_t i = 0; i < own->weights; i++) mean += (double)weight_at(own, i);
    mean = own->weights ? mean / (double)own->weights : 1;
    const int each = own->weights > 1 && own->weights == words;
    for (size_t i = 0; i < n; i++)
        to[i] = each && word[i] >= 0 ? weight_at(own, (size_t)word[i]) : (float)mean;
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

int tt_beside_shard(const tt_beside *b, const tt_raw *pairs, const bool *other,
                    tt_pair_batch *batch, tt_arena *a, tt_err *e) {
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
            struct own own = own_of(&pairs[i]);
            const size_t words[2] = {find_words(b->vocab, src->ids + s, (size_t)len_s, word[0] + s),
                                     find_words(tt_vocab_side(b->vocab, TT_VOCAB_TARGET),
                                                tgt->ids + t, (size_t)len_t, word[1] + t)};
            const bool same = !(other && other[i]) && words[0] == own.head.words[0] &&
                              words[1] == own.head.words[1];
            if (!same) own.links = 0;
            link_pieces(&own, word[0] + s, (size_t)len_s, word[1] + t, (size_t)len_t, off + t, at,
                        &n);
            weigh(&own, word[1] + t, (size_t)len_t, other && other[i] ? 0 : words[1], weights + t);
        }
        if (!pass && !(at = tt_arena_alloc(a, ((size_t)n + 1) * sizeof *at)))
            return tt_fail(e, TT_ENOMEM, "out of memory for the links of a batch");
    }
    if (b->name[TT_BESIDE_LINKS]) batch->link_off = off, batch->link_at = at;
    if (b->name[TT_BESIDE_WEIGHTS]) batch->weights = weights;
    return 0;
}
