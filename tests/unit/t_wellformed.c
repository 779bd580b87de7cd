/* t_wellformed.c: the automaton of bytes against a reading of UTF-8 written another way, and the
 * searches that heed it: a model of random weights that would say bytes in any order says nothing
 * but whole characters.
 */
#include "text/wellformed.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lexical/shortlist.h"
#include "search/steer.h"
#include "unit/pieces.h"
#include "unit/test.h"
#include "unit/sharp.h"

enum { OTHERS = 8, FIRST = 2 + OTHERS, SIZE = FIRST + 256, BATCH = SHARP_BATCH, EOS = SHARP_EOS };

static const char *const others[OTHERS] = {"\xE2\x96\x81",
                                           "\xE2\x96\x81"
                                           "a",
                                           "b",
                                           "\xEF\xBF\xBD",
                                           "x\xEF\xBF\xBDy",
                                           "c",
                                           "d",
                                           "<0xZZ>"};

/* </s>, <unk>, `others`, and the 256 bytes from FIRST on. */
static tt_vocab *vocab_of_bytes(void) {
    static const unsigned char specs[] = {
        0x12, 0x21, 0xc0, 0x02, 0x01, 0xc8, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0x01, 0xd0, 0x02, 0x00, 0xd8, 0x02, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x98, 0x02, 0x01, /* bytes */
        0x1a, 0x0a, 0x0a, 0x08, 0x69, 0x64, 0x65, 0x6e, 0x74, 0x69, 0x74, 0x79};
    unsigned char bytes[16000], *at = bytes;
    at = pieces_put(at, "</s>", PIECES_CONTROL);
    at = pieces_put(at, "<unk>", PIECES_UNKNOWN);
    for (int i = 0; i < OTHERS; i++) at = pieces_put(at, others[i], PIECES_NORMAL);
    for (int i = 0; i < 256; i++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", (unsigned)i);
        at = pieces_put(at, name, 6); /* BYTE */
    }
    memcpy(at, specs, sizeof specs);
    at += sizeof specs;
    tt_err e = {0};
    tt_vocab *v = tt_vocab_open_bytes(bytes, (size_t)(at - bytes), &e);
    CHECK(v != NULL, "%s", e.msg);
    return v;
}

/* Is text[0 … n-1] whole characters (1), the beginning of some (0), or neither (-1)? Decodes, and
   looks at the number. */
static int reads_as(const unsigned char *text, int n, bool replaced) {
    for (int i = 0; i < n;) {
        unsigned c = text[i];
        int more = c < 0x80    ? 0
                   : c >= 0xf8 ? -1
                   : c >= 0xf0 ? 3
                   : c >= 0xe0 ? 2
                   : c >= 0xc0 ? 1
                               : -1;
        if (more < 0) return -1;
        unsigned low = more ? c & (0x3fu >> more) : c, high = low;
        for (int j = 1; j <= more; j++) {
            bool here = i + j < n;
            if (here && (text[i + j] & 0xc0) != 0x80) return -1;
            low = low << 6 | (here ? text[i + j] & 0x3fu : 0);
            high = high << 6 | (here ? text[i + j] & 0x3fu : 0x3fu);
        }
        /* the numbers that it may become: is one of them a character that may be said? */
        bool good = false;
        for (unsigned code = low; code <= high && !good; code++)
            good = code >= (more == 0   ? 0x20u
                            : more == 1 ? 0xa0u
                            : more == 2 ? 0x800u
                                        : 0x10000u) &&
                   code <= 0x10ffff && code != 0x7f && (code < 0xd800 || code > 0xdfff) &&
                   (code != 0xfffd || replaced);
        if (!good) return -1;
        if (i + more >= n) return 0;
        i += more + 1;
    }
    return 1;
}

/* Every sequence of up to three bytes, and of four behind each lead: what may follow is what can
   become text. */
static void follow(const tt_wellformed *w, unsigned char *text, int n, int state, bool replaced,
                   long *wrong) {
    int32_t ids[TT_WELLFORMED_MOST];
    int listed = state ? tt_wellformed_bytes(w, state, replaced, ids) : 0, found = 0;
    for (int byte = 0; byte < 256; byte++) {
        text[n] = (unsigned char)byte;
        int32_t token = FIRST + byte;
        bool may = tt_wellformed_may(w, state, token, 9, replaced);
        int is = reads_as(text, n + 1, replaced), next = tt_wellformed_next(w, state, token);
        *wrong += may != (is >= 0) || (may && (next == 0) != (is == 1));
        if (state && may) *wrong += found >= listed || ids[found++] != token;
        if (may && next && n < 3) follow(w, text, n + 1, next, replaced, wrong);
    }
    if (state) *wrong += found != listed;
}

static void test_table(const tt_wellformed *w) {
    unsigned char text[4];
    for (int replaced = 0; replaced < 2; replaced++) {
        long wrong = 0;
        follow(w, text, 0, 0, replaced, &wrong);
        CHECK(!wrong, "%ld steps of the table are wrong", wrong);
    }
    for (int byte = 0; byte < 256; byte++)
        CHECK(tt_wellformed_leads(byte) == (byte >= 0xc2 && byte <= 0xf4));
    /* pieces: none inside a character; U+FFFD where the source has one; blanks show nothing */
    for (int32_t t = 0; t < FIRST; t++) {
        bool odd = t == 5 || t == 6;
        CHECK(tt_wellformed_may(w, 0, t, 9, 0) == !odd && tt_wellformed_may(w, 0, t, 9, 1));
        for (int32_t lead = FIRST + 0xc2; lead <= FIRST + 0xf4; lead++)
            CHECK(!tt_wellformed_may(w, tt_wellformed_next(w, 0, lead), t, 9, 1));
        CHECK(tt_wellformed_shows(w, t) == (t != 2));
    }
    CHECK(!tt_wellformed_shows(w, FIRST + ' ') && tt_wellformed_shows(w, FIRST + '!'));
    /* no more is begun than can be finished before the end */
    static const unsigned char leads[] = {'a', 0xc3, 0xe2, 0xf0};
    for (int more = 0; more < 4; more++)
        for (int left = 1; left < 6; left++)
            CHECK(tt_wellformed_may(w, 0, FIRST + leads[more], left, 0) == (left > more),
                  "%d more in %d", more, left);
    const int32_t ids[] = {
        7, FIRST + 0xf0, FIRST + 0x9f, FIRST + 0x98, FIRST + 0x80, FIRST + 0xe2, FIRST + 0x82};
    const int tails[] = {0, 0, 1, 2, 3, 0, 1, 2};
    for (int n = 0; n <= 7; n++) CHECK(tt_wellformed_tail(w, ids, n) == tails[n]);
}

/* ---- searches ------------------------------------------------------------------------------ */

static tt_kernels kernels;
static tt_run run;
static tt_arena *a;
static tt_model *model;
static int32_t off[BATCH + 1], src_ids[BATCH * 12], barred[] = {1};
static const tt_seqs src = {BATCH, off, src_ids, NULL};

static void check_text(const tt_hyp *h, const char *how) {
    unsigned char text[256];
    int n = 0;
    CHECK(h->ids[h->count - 1] == EOS, "%s: no end", how);
    for (int i = 0; i + 1 < h->count; i++) {
        if (h->ids[i] >= FIRST) {
            text[n++] = (unsigned char)(h->ids[i] - FIRST);
            continue;
        }
        CHECK((!n || reads_as(text, n, false) == 1) && h->ids[i] != 5 && h->ids[i] != 6,
              "%s: broken", how);
        n = 0;
    }
    CHECK(!n || reads_as(text, n, false) == 1, "%s: broken at the end", how);
}

static int count_bytes(const tt_hyp *h) {
    int n = 0;
    for (int i = 0; i < h->count; i++) n += h->ids[i] >= FIRST + 0x80;
    return n;
}

/* Returns how many bytes of characters of several were said. */
static int try_search(const tt_search_in *in, tt_search_opts o, const char *how) {
    static const double factors[] = {3, 0.01, 0.3, 0.6};
    const tt_models one = {.model = &model, .count = 1};
    tt_hyps out[BATCH];
    tt_err e = {0};
    int bytes = 0;
    for (int f = 0; f < 4; f++) {
        o.max_length_factor = factors[f];
        CHECK(!tt_search_with(&run, &one, in, &o, out, a, &e), "%s: %s", how, e.msg);
        for (int b = 0; b < BATCH; b++)
            for (int i = 0; i < out[b].count; i++) {
                check_text(&out[b].hyp[i], how);
                bytes += count_bytes(&out[b].hyp[i]);
                int shown = 0;
                for (int t = 0; t + 1 < out[b].hyp[i].count; t++)
                    shown += tt_wellformed_shows(o.wellformed, out[b].hyp[i].ids[t]);
                CHECK(shown >= o.min_length, "%s: %d tokens to be seen", how, shown);
            }
    }
    return bytes;
}

static tt_search_opts options(int beam, const tt_wellformed *w) {
    tt_search_opts o;
    tt_search_init(&o, EOS);
    o.beam = o.n_best = beam;
    o.barred = barred;
    o.barred_count = 1;
    o.wellformed = w;
    o.min_length = 1;
    return o;
}

static void test_searches(const tt_wellformed *w, const tt_vocab *v) {
    static const int32_t word[] = {8}, euro[] = {FIRST + 0xe2, FIRST + 0x82, FIRST + 0xac};
    static const tt_term_form form[] = {{word, 1, 0, 0, 0}, {euro, 3, 1, 0, 0}};
    static const tt_term term[] = {{0, 0, 1, "a", 1}, {0, 0, 3, "b", 1}};
    static const tt_terms two = {term, form, NULL, 2, 2, 4, 0};
    const tt_terms *terms[BATCH];
    int32_t begin[BATCH + 1] = {0}, tokens[BATCH * 2];
    uint64_t keys[BATCH];
    for (int b = 0; b < BATCH; b++) { /* each begins inside a character */
        terms[b] = &two;
        keys[b] = tt_key(4, (uint64_t)b);
        tokens[2 * b] = FIRST + 0xf0;
        tokens[2 * b + 1] = FIRST + 0x9f;
        begin[b + 1] = 2 * (b + 1);
    }
    const tt_seqs prefix = {BATCH, begin, tokens, NULL};
    const tt_search_in plain = {.src = &src, .keys = keys},
                       with_terms = {.src = &src, .terms = terms},
                       with_prefix = {.src = &src, .prefix = &prefix};
    tt_search_opts o = options(1, w);
    CHECK(try_search(&plain, o, "greedy") > 0, "greedy search said no bytes: nothing was tried");
    o.want_scores = 1;
    try_search(&plain, o, "greedy with scores");
    CHECK(try_search(&plain, options(5, w), "beam") > 0);
    CHECK(try_search(&with_prefix, options(1, w), "greedy from a beginning") > 0);
    CHECK(try_search(&with_prefix, options(4, w), "beam from a beginning") > 0);
    CHECK(try_search(&with_terms, options(4, w), "terms") > 0);
    o = options(4, w);
    o.no_repeat = 1;
    CHECK(try_search(&plain, o, "no repetition") > 0);
    o.groups = 2;
    o.diversity = 3;
    CHECK(try_search(&plain, o, "groups") > 0);
    o = options(8, w);
    o.sampling = 1;
    CHECK(try_search(&plain, o, "sampling") > 0);
    o.top_k = 3;
    CHECK(try_search(&plain, o, "sampling of few") > 0);
    o = options(1, w);
    o.min_length = 4;
    try_search(&plain, o, "a least length");
    /* a list with a byte that begins a character has those that go on */
    static const char lines[] = "<0xE2> b 0.5\n<0xC3> d 0.5\n";
    tt_err e = {0};
    tt_shortlist *list = tt_shortlist_open_bytes(lines, sizeof lines - 1, "lines", v, v, 3, 0, &e);
    CHECK(list != NULL, "%s", e.msg);
    tt_search_in narrow = plain;
    narrow.shortlist = list;
    if (list) {
        try_search(&narrow, options(1, w), "greedy, narrowed");
        try_search(&narrow, options(4, w), "beam, narrowed");
        static const int32_t has[] = {4, 0}, hasnt[] = {7, 0};
        int32_t *words;
        int n, m;
        CHECK(!tt_shortlist_words(list, has, 2, a, &words, &n, &e) &&
              !tt_shortlist_words(list, hasnt, 2, a, &words, &m, &e));
        CHECK(n == 3 + 1 + 1 + 64 && m == 4, "lists of %d and %d", n, m);
    }
    tt_shortlist_close(list);
}

/* A beginning that leaves no room for the rest of its last character loses what there is of it. */
static void test_no_room(const tt_wellformed *w) {
    enum { REACH = 32 };
    const tt_models one = {.model = &model, .count = 1};
    int32_t begin[] = {0, REACH - 1}, from[] = {0, off[1]}, tokens[REACH - 1];
    for (int i = 0; i < REACH - 1; i++) tokens[i] = 3;
    const tt_seqs s = {1, from, src_ids, NULL}, prefix = {1, begin, tokens, NULL};
    const tt_search_in in = {.src = &s, .prefix = &prefix};
    for (int kept = 0; kept < 3; kept++) { /* bytes of a character of four */
        tt_hyps out;
        tt_err e = {0};
        tt_search_opts o = options(3, w);
        o.want_scores = o.want_alignment = 1;
        if (kept) tokens[REACH - 1 - kept] = FIRST + 0xf0;
        if (kept > 1) tokens[REACH - 2] = FIRST + 0x9f;
        CHECK(!tt_search_with(&run, &one, &in, &o, &out, a, &e), "%s", e.msg);
        CHECK(out.hyp->count == REACH - kept && out.hyp->ids[REACH - kept - 1] == EOS &&
              out.hyp->ids[REACH - kept - 2] == 3);
        double sum = 0;
        for (int i = 0; i < off[1]; i++)
            sum += (double)out.hyp->alignment[(REACH - kept - 1) * off[1] + i];
        CHECK(sum > 0.99 && sum < 1.01 && out.hyp->word_scores[REACH - kept - 1] < 0);
    }
}

/* The picked token of a beam of one and the looked up one are the same, and batches change
   nothing. */
static void test_alone(const tt_wellformed *w) {
    const tt_models one = {.model = &model, .count = 1};
    tt_hyps all[BATCH], single;
    tt_err e = {0};
    tt_search_opts o = options(1, w);
    const tt_search_in in = {.src = &src};
    CHECK(!tt_search_with(&run, &one, &in, &o, all, a, &e));
    for (int b = 0; b < BATCH; b++) {
        int32_t begin[2] = {0, off[b + 1] - off[b]};
        const tt_seqs s = {1, begin, src_ids + off[b], NULL};
        const tt_search_in alone = {.src = &s};
        for (int scores = 0; scores < 2; scores++) {
            o.want_scores = scores;
            CHECK(!tt_search_with(&run, &one, &alone, &o, &single, a, &e));
            CHECK(single.hyp->count == all[b].hyp->count &&
                      !memcmp(single.hyp->ids, all[b].hyp->ids,
                              (size_t)single.hyp->count * sizeof(int32_t)),
                  "sentence %d", b);
        }
        o.want_scores = 0;
    }
}

int main(void) {
    tt_err e = {0};
    float *params;
    tt_vocab *v = vocab_of_bytes();
    tt_wellformed *w = v ? tt_wellformed_open(v, &e) : NULL;
    CHECK(w != NULL, "%s", e.msg);
    if (!w) return test_done("t_wellformed");
    test_table(w);
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e) &&
          !tt_run_open(&run, &kernels, 0, &e));
    a = tt_arena_open(0, &e);
    sharp_batch(off, src_ids);
    for (int32_t i = 0; i < off[BATCH]; i++)
        src_ids[i] = src_ids[i] == SHARP_EOS ? EOS : 3 + src_ids[i] % 6;
    tt_model *plain = sharp_model_of(&params, 3, "self-attention", SIZE);
    for (int i = 0; i < SIZE; i++)
        plain->out_b.data[i] += i >= FIRST + 0xc2 && i <= FIRST + 0xf4 ? 3.0f
                                : i >= FIRST + 0x80                    ? 1.0f
                                                                       : 0.0f;
    plain->out_b.data[EOS] = 3.0f;
    plain->out_b.data[2] = 3.0f; /* the blank */
    CHECK(!tt_model_packed(&model, plain, &kernels, &e), "%s", e.msg);
    test_searches(w, v);
    test_no_room(w);
    test_alone(w);
    tt_model_close(model);
    tt_model_close(plain);
    free(params);
    tt_run_close(&run);
    tt_arena_close(a);
    tt_wellformed_close(w);
    tt_vocab_close(v);
    return test_done("t_wellformed");
}
