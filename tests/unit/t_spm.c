/* t_spm.c: the door to SentencePiece: training, coding both ways, and files that mean harm. */
#include "unit/test.h"
#include "unit/tiny.h"

#include "text/spm.h"

enum { SIZE = 320 }; /* pieces: 258 special ones, some 30 characters, and words */

struct feed {
    const char *const *lines; /* NULL: tiny sentences */
    int at, count;
    char text[400];
};

static int next(void *ctx, const char **text, size_t *len) {
    struct feed *f = ctx;
    if (f->at == f->count) return 0;
    if (!f->lines) tiny_sentence(f->text, f->at % 2, (uint64_t)f->at);
    *text = f->lines ? f->lines[f->at] : f->text;
    *len = strlen(*text);
    f->at++;
    return 1;
}

static tt_spm_options options(int bpe, int size) {
    return (tt_spm_options){.bpe = bpe, .size = size, .coverage = 1, .byte_fallback = 1};
}

static int has(const void *bytes, size_t len, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++)
        if (!memcmp((const char *)bytes + i, word, n)) return 1;
    return 0;
}

static void round_trip(const tt_spm *s, tt_arena *a, const char *text) {
    tt_err e = {0};
    int32_t *ids;
    char *back;
    size_t n, len;
    CHECK(!tt_spm_encode(s, text, strlen(text), -1, a, &ids, &n, &e), "%s", e.msg);
    CHECK(!tt_spm_decode(s, ids, n, a, &back, &len, &e), "%s", e.msg);
    CHECK(len == strlen(text) && !memcmp(back, text, len + 1), "'%s' came back as '%s'", text,
          back);
}

static void *train(tt_arena *a, const tt_spm_options *o, size_t *len) {
    struct feed f = {.count = 1500};
    tt_err e = {0};
    void *model = NULL;
    CHECK(!tt_spm_train(o, next, &f, a, &model, len, &e), "%s", e.msg);
    return model;
}

static void models(tt_arena *a, int bpe) {
    static const char *const symbols[] = {"<bt>", "a,\"b\""};
    tt_spm_options o = options(bpe, SIZE);
    o.symbols = symbols;
    o.n_symbols = 2;
    size_t len, again, n;
    tt_err e = {0};
    void *model = train(a, &o, &len), *other = train(a, &o, &again);
    CHECK(model && other && len == again && !memcmp(model, other, len), "training twice differs");
    CHECK(!has(model, len, "/tmp"), "a path in the model");
    tt_spm *s = tt_spm_open(model, len, &e);
    CHECK(s, "%s", e.msg);
    if (!s) return;
    CHECK(tt_spm_size(s) == SIZE && tt_spm_eos(s) == 0 && tt_spm_unk(s) == 1, "%d", tt_spm_size(s));
    CHECK(tt_spm_bos(s) == -1 && tt_spm_pad(s) == -1, "bos %d", tt_spm_bos(s));
    CHECK(tt_spm_is_bpe(s) == bpe && tt_spm_byte_fallback(s) == 1, "bpe %d", tt_spm_is_bpe(s));
    CHECK(!strcmp(tt_spm_normaliser(s), "nmt_nfkc"), "%s", tt_spm_normaliser(s));
    CHECK(!strcmp(tt_spm_piece(s, 0, &n), "</s>") && n == 4, "%zu", n);
    CHECK(!tt_spm_piece(s, -1, &n) && !tt_spm_piece(s, SIZE, &n), "a piece out of range");
    for (int i = 0; i < 2; i++) {
        int id = tt_spm_find(s, symbols[i], strlen(symbols[i]));
        CHECK(id > 1, "%s is %d", symbols[i], id);
    }
    CHECK(tt_spm_find(s, "no such piece", 13) == 1, "found");
    round_trip(s, a, "the house of my neighbour");
    round_trip(s, a, "ella vio un pequeño perro.");
    round_trip(s, a, "\xe2\x82\xac \xf0\x9f\x98\x80 Ж"); /* by bytes */
    round_trip(s, a, "");

    int32_t *ids, bad[] = {0, SIZE};
    char *text;
    CHECK(!tt_spm_encode(s, "the", 3, 0, a, &ids, &n, &e) && n > 1 && ids[n - 1] == 0, "%zu ids",
          n);
    CHECK(!tt_spm_decode(s, ids, n, a, &text, &len, &e) && len == 3, "%zu", len);
    CHECK(tt_spm_decode(s, bad, 2, a, &text, &len, &e) == TT_EDATA, "%s", e.msg);
    tt_arena *full = tt_arena_open(8, &e);
    CHECK(tt_spm_encode(s, "the", 3, 0, full, &ids, &n, &e) == TT_ENOMEM, "%s", e.msg);
    tt_arena_close(full);
    tt_spm_close(s);
}

static void refused(tt_arena *a, tt_spm_options o, int code) {
    struct feed f = {.count = 200};
    tt_err e = {0};
    void *model;
    size_t len;
    int rc = tt_spm_train(&o, next, &f, a, &model, &len, &e);
    CHECK(rc == code && e.code == code && *e.msg && !strchr(e.msg, '\n'), "%d: %s", rc, e.msg);
}

static void options_refused(tt_arena *a) {
    static const char *const none[] = {""}, *const spaces[] = {"   ", "\xe3\x80\x80",
                                                               "\xe2\x96\x85"};
    tt_spm_options o = options(0, 100000); /* more than the text has */
    refused(a, o, TT_ECONFIG);
    o = options(0, 4);
    refused(a, o, TT_ECONFIG);
    o = options(0, 265); /* fewer than the characters and bytes */
    refused(a, o, TT_ECONFIG);
    o.size = SIZE;
    o.coverage = 0.5;
    refused(a, o, TT_ECONFIG);
    o = options(0, SIZE);
    o.normaliser = "nfk";
    refused(a, o, TT_ECONFIG);
    o = options(0, SIZE);
    o.symbols = none;
    o.n_symbols = 1;
    refused(a, o, TT_ECONFIG);

    /* Text that normalises to nothing: SentencePiece would end the process. */
    o = options(0, SIZE);
    struct feed f = {.lines = spaces, .count = 3};
    tt_err e = {0};
    void *model;
    size_t len;
    CHECK(tt_spm_train(&o, next, &f, a, &model, &len, &e) == TT_EDATA, "%s", e.msg);
    f.at = f.count;
    CHECK(tt_spm_train(&o, next, &f, a, &model, &len, &e) == TT_EDATA, "%s", e.msg);
}

/* ---- files that mean harm ------------------------------------------------------------------- */

static size_t put_varint(unsigned char *p, size_t v) {
    size_t n = 0;
    for (; v > 127; v >>= 7) p[n++] = (unsigned char)(v | 128);
    p[n++] = (unsigned char)v;
    return n;
}

/* Appends a piece {1: text of `len` x, 3: type} as field 1 of a model. */
static size_t put_piece(unsigned char *p, size_t len, unsigned char type) {
    unsigned char head[12], size[12];
    size_t h = 0, n = 0;
    head[h++] = 0x0a;
    h += put_varint(head + h, len);
    p[n++] = 0x0a;
    size_t z = put_varint(size, h + len + 2);
    memcpy(p + n, size, z);
    n += z;
    memcpy(p + n, head, h);
    n += h;
    memset(p + n, 'x', len);
    n += len;
    p[n++] = 0x18;
    p[n++] = type;
    return n;
}

static void hostile(const void *bytes, size_t len, const char *what) {
    tt_err e = {0};
    tt_spm *s = tt_spm_open(bytes, len, &e);
    CHECK(!s && e.code == TT_EFORMAT && *e.msg && !strchr(e.msg, '\n'), "%s: %d %s", what, e.code,
          e.msg);
    tt_spm_close(s);
}

static void harm(tt_arena *a) {
    tt_spm_options o = options(0, SIZE);
    size_t len;
    unsigned char *model = train(a, &o, &len), *copy = tt_arena_alloc(a, len + 300000);
    if (!model) return;
    hostile(NULL, 0, "empty");
    hostile("hello, I am a text file\n", 24, "text");
    static const size_t sizes[] = {4097, 200000, 250000};
    for (int i = 0; i < 3; i++) {
        memcpy(copy, model, len);
        hostile(copy, len + put_piece(copy + len, sizes[i], 1), "a long piece");
    }
    memcpy(copy, model, len); /* 4096 is allowed */
    tt_err e = {0};
    tt_spm *s = tt_spm_open(copy, len + put_piece(copy + len, 4096, 1), &e);
    CHECK(s && tt_spm_size(s) == SIZE + 1, "%s", e.msg);
    tt_spm_close(s);

    /* A character map whose first unit points far outside: "nmt_nfkc" is followed by field 2. */
    size_t at = 0;
    while (at + 8 < len && memcmp(model + at, "nmt_nfkc", 8)) at++;
    CHECK(model[at + 8] == 0x12, "%02x", model[at + 8]);
    size_t unit = at + 9;
    while (model[unit] & 128) unit++;
    memcpy(copy, model, len);
    memset(copy + unit + 1 + 4, 0x7f, 4);
    hostile(copy, len, "a character map that points outside");

    /* Cut anywhere: refused, or (cut between two fields) a smaller vocabulary. */
    int opened = 0;
    for (size_t cut = 1; cut < len; cut += 1 + len / 300) {
        s = tt_spm_open(model, cut, &e);
        opened += s != NULL;
        tt_spm_close(s);
    }
    CHECK(opened < 20, "%d of 300 cut models open", opened);

    /* Bytes changed at random must neither crash here nor in encoding. */
    for (uint64_t i = 0; i < 150; i++) {
        int32_t *ids;
        size_t n;
        memcpy(copy, model, len);
        for (uint64_t k = 0; k < 3; k++)
            copy[tt_rand_below(i, 2 * k, (uint32_t)(i % 2 ? 8000 : len))] =
                (unsigned char)tt_rand(i, 2 * k + 1);
        s = tt_spm_open(copy, len, &e);
        if (s) tt_spm_encode(s, "the house, la casa", 18, -1, a, &ids, &n, &e);
        tt_spm_close(s);
    }
    for (uint64_t i = 0; i < 200; i++) {
        for (uint64_t k = 0; k < 400; k++) copy[k] = (unsigned char)tt_rand(1000 + i, k);
        tt_spm_close(tt_spm_open(copy, 400, &e));
    }
}

/* std::get_new_handler: what the process has when no one is at work. */
typedef void handler(void);
extern handler *get_new_handler(void) __asm__("_ZSt15get_new_handlerv");

int main(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    models(a, 0);
    models(a, 1);
    options_refused(a);
    harm(a);
    tt_spm_close(NULL);
    tt_arena_close(a);
    CHECK(!get_new_handler(), "the process kept our handler of new");
    return test_done("t_spm");
}
