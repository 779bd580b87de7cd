/* t_vocab.c: vocabularies from files and bytes, sampled training, conversion of files. */
#include "unit/test.h"
#include "unit/tiny.h"

#include "io/file.h"

static char logged[2000];

static void collect(void *ctx, int level, const char *line) {
    (void)ctx, (void)level;
    snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", line);
}

static const tt_log log_here = {.line = collect, .level = TT_LOG_INFO};

static void coding(const tt_vocab *v, tt_arena *a) {
    tt_err e = {0};
    int32_t *ids;
    char *text;
    size_t n, len;
    CHECK(!tt_vocab_encode(v, "la casa", 7, TT_VOCAB_EOS, a, &ids, &n, &e), "%s", e.msg);
    CHECK(n >= 3 && ids[n - 1] == tt_vocab_eos(v) && tt_vocab_eos(v) == 0, "%zu ids", n);
    CHECK(!tt_vocab_decode(v, ids, n, a, &text, &len, &e) && !strcmp(text, "la casa"), "'%s'",
          text);
    CHECK(!tt_vocab_encode(v, "", 0, TT_VOCAB_EOS, a, &ids, &n, &e) && n == 1, "%zu", n);
    CHECK(!tt_vocab_encode(v, "", 0, 0, a, &ids, &n, &e) && n == 0, "%zu", n);
    CHECK(tt_vocab_encode(v, "", TT_VOCAB_TEXT_MAX + 1, 0, a, &ids, &n, &e) == TT_EDATA, "%s",
          e.msg);
}

static void same_by_bytes(const tt_vocab *v) {
    size_t len;
    tt_err e = {0};
    const void *bytes = tt_vocab_bytes(v, &len);
    tt_vocab *w = tt_vocab_open_bytes(bytes, len, &e);
    CHECK(w && tt_vocab_size(w) == tt_vocab_size(v), "%s", e.msg);
    for (int i = 0; w && i < tt_vocab_size(w); i++)
        CHECK(!strcmp(tt_vocab_piece(v, i), tt_vocab_piece(w, i)), "piece %d", i);
    tt_vocab_close(w);
    CHECK(!tt_vocab_open_bytes("junk", 4, &e) && e.code == TT_EFORMAT, "%s", e.msg);
    CHECK(!tt_vocab_open_bytes(bytes, (size_t)65 << 20, &e) && e.code == TT_EFORMAT, "%s", e.msg);
    CHECK(!tt_vocab_open(tiny_path("no-such-file"), &e) && e.code == TT_ENOINPUT, "%s", e.msg);
    const char *cut = tiny_file("cut.spm", bytes, len / 2);
    CHECK(!tt_vocab_open(cut, &e) && e.code == TT_EFORMAT && strstr(e.msg, "cut.spm"), "%s", e.msg);
}

static size_t train(const char *name, size_t sample, uint64_t seed, char **bytes) {
    const char *in[] = {tiny_path("tiny-vocab.tsv")}, *out = tiny_path(name);
    tt_vocab_options o = {.inputs = in,
                          .n_inputs = 1,
                          .tsv = 1,
                          .size = 310,
                          .coverage = 1,
                          .byte_fallback = 1,
                          .sample = sample,
                          .seed = seed};
    tt_err e = {0};
    size_t len = 0;
    *bytes = NULL;
    logged[0] = 0;
    CHECK(!tt_vocab_train(out, &o, &log_here, &e), "%s", e.msg);
    CHECK(!tt_file_read(bytes, &len, out, 1 << 20, &e), "%s", e.msg);
    return len;
}

static void sampling(void) {
    char *a, *b, *c;
    size_t na = train("a.spm", 700, 1, &a);
    CHECK(strstr(logged, "700 of 2000 sentences"), "%s", logged);
    size_t nb = train("b.spm", 700, 1, &b), nc = train("c.spm", 700, 2, &c);
    CHECK(na == nb && !memcmp(a, b, na), "the same seed gives other bytes");
    CHECK(na != nc || memcmp(a, c, na), "another seed gives the same bytes");
    free(a), free(b), free(c);
    na = train("a.spm", 0, 1, &a);
    CHECK(strstr(logged, "2000 of 2000 sentences"), "%s", logged);
    free(a);

    /* A long line and bad bytes are said; a missing input leaves the old file. */
    static char lines[9000];
    memset(lines, 'y', 5000);
    snprintf(lines + 5000, 100, "\nbad \xff byte\n");
    char paths[2][400];
    snprintf(paths[0], 400, "%s", tiny_path("tiny-vocab.tsv"));
    snprintf(paths[1], 400, "%s", tiny_file("odd.txt", lines, strlen(lines)));
    const char *in[] = {paths[0], paths[1]};
    tt_vocab_options o = {
        .inputs = in, .n_inputs = 2, .tsv = 1, .size = 320, .coverage = 1, .byte_fallback = 1};
    tt_err e = {0};
    logged[0] = 0;
    CHECK(!tt_vocab_train(tiny_path("odd.spm"), &o, &log_here, &e), "%s", e.msg);
    CHECK(strstr(logged, "1 sentences over 4192 bytes") && strstr(logged, "1 bad part"), "%s",
          logged);
    in[1] = tiny_path("no-such-file");
    CHECK(tt_vocab_train(tiny_path("odd.spm"), &o, NULL, &e) == TT_ENOINPUT, "%s", e.msg);
    tt_vocab *v = tt_vocab_open(tiny_path("odd.spm"), &e);
    CHECK(v, "%s", e.msg);
    tt_vocab_close(v);
    in[1] = in[0];
    CHECK(tt_vocab_train(tiny_path("no/such/dir.spm"), &o, NULL, &e) == TT_ECREATE, "%s", e.msg);
}

static void convert(const tt_vocab *v, int how, const char *in, const char *want) {
    const char *from = tiny_file("convert.in", in, strlen(in)), *to = tiny_path("convert.out");
    tt_err e = {0};
    char *got;
    size_t len;
    CHECK(!tt_vocab_convert(v, how, from, to, NULL, &e), "%s", e.msg);
    if (tt_file_read(&got, &len, to, 1 << 20, &e)) return;
    CHECK(!strcmp(got, want), "'%s', expected '%s'", got, want);
    free(got);
}

static void not_converted(const tt_vocab *v, int how, const char *in, const char *said) {
    const char *from = tiny_file("convert.in", in, strlen(in));
    tt_err e = {0};
    int rc = tt_vocab_convert(v, how, from, tiny_path("convert.out"), NULL, &e);
    CHECK(rc == TT_EDATA && strstr(e.msg, said), "%d: %s", rc, e.msg);
}

static void conversion(const tt_vocab *v) {
    static const char text[] = "the house\n\nmi vecino vio un perro.\n\xc3\xa9\n";
    char *words;
    size_t len;
    tt_err e = {0};
    for (int how = TT_VOCAB_TO_IDS; how <= TT_VOCAB_TO_PIECES; how++) {
        const char *from = tiny_file("convert.in", text, strlen(text)), *to = tiny_path("words");
        CHECK(!tt_vocab_convert(v, how, from, to, NULL, &e), "%s", e.msg);
        if (tt_file_read(&words, &len, to, 1 << 20, &e)) continue;
        convert(v, how == TT_VOCAB_TO_IDS ? TT_VOCAB_FROM_IDS : TT_VOCAB_FROM_PIECES, words, text);
        free(words);
    }
    convert(v, TT_VOCAB_FROM_IDS, "0\n", "\n");
    not_converted(v, TT_VOCAB_FROM_IDS, "1\n0 310 4\n", "convert.in:2: '310' is no id");
    not_converted(v, TT_VOCAB_FROM_IDS, "-1\n", "'-1'");
    not_converted(v, TT_VOCAB_FROM_IDS, "99999999999999999999\n", "99999");
    not_converted(v, TT_VOCAB_FROM_PIECES, "nosuchpiece\n", "no piece");
}

int main(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    tt_vocab *v = tiny_vocab("tiny.spm", 310);
    if (v) {
        tt_vocab_info i;
        tt_vocab_describe(v, &i);
        CHECK(i.size == 310 && i.eos == 0 && i.unk == 1 && i.bos < 0 && i.pad < 0, "%d", i.size);
        CHECK(!strcmp(i.type, "unigram") && i.byte_fallback, "%s", i.type);
        CHECK(tt_vocab_score(v, 300) < 0 && !tt_vocab_piece(v, 310), "%g",
              (double)tt_vocab_score(v, 300));
        coding(v, a);
        same_by_bytes(v);
        sampling();
        conversion(v);
    }
    tt_vocab_close(v);
    tt_vocab_close(NULL);
    tt_arena_close(a);
    return test_done("t_vocab");
}
