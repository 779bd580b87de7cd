/* t_corpus.c: reading, cleaning and filtering of parallel text; development sets. */
#include "unit/test.h"
#include "unit/tiny.h"

#include "text/corpus.h"

static char logged[4000];

static void collect(void *ctx, int level, const char *line) {
    (void)ctx, (void)level;
    snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s\n", line);
}

static const tt_log log_here = {.line = collect, .level = TT_LOG_INFO};
static const tt_corpus_limits limits = {.max_tokens = 60, .max_ratio = 3};

static tt_corpus *open_one(const tt_parallel *s, const tt_vocab *v, int threads, tt_err *e) {
    tt_pool *pool = tt_pool_open(threads, e);
    logged[0] = 0;
    tt_corpus *c = tt_corpus_open(s, 1, v, pool, &limits, &log_here, e);
    tt_pool_close(pool);
    return c;
}

static void fails(const tt_vocab *v, tt_parallel s, int code, const char *said) {
    tt_err e = {0};
    tt_corpus *c = open_one(&s, v, 1, &e);
    CHECK(!c && e.code == code && strstr(e.msg, said), "%d: %s", e.code, e.msg);
    tt_corpus_close(c);
}

static tt_parallel text_file(const char *name, const char *text) {
    return (tt_parallel){.src = tiny_file(name, text, strlen(text)), .weight = 1};
}

/* The pair as text, "source|target". */
static void pair_text(char out[900], const tt_corpus *c, size_t pair, const tt_vocab *v,
                      tt_arena *a) {
    int32_t ids[200];
    char *text[2];
    size_t len;
    tt_corpus_src(c, pair, ids);
    tt_vocab_decode(v, ids, (size_t)tt_corpus_src_len(c, pair), a, &text[0], &len, NULL);
    tt_corpus_tgt(c, pair, ids);
    tt_vocab_decode(v, ids, (size_t)tt_corpus_tgt_len(c, pair), a, &text[1], &len, NULL);
    CHECK(ids[tt_corpus_tgt_len(c, pair) - 1] == tt_vocab_eos(v), "pair %zu has no eos", pair);
    snprintf(out, 900, "%s|%s", text[0], text[1]);
}

static void filters(const tt_vocab *v, tt_arena *a) {
    char text[2000], got[900];
    snprintf(text, sizeof text,
             "the house\tla casa\r\n"
             " \tvacío\n"
             "empty\t\n"
             "bad \xff byte\tbyte malo\n"
             "nul\tx%cy\n"
             "the\tla casa de mi vecino es roja y ella vio un perro cerca de aquel río\n"
             "%s\tlarga\n"
             "a\tun\tthird column\n",
             1,
             "the house of my neighbour the house of my neighbour the house of my neighbour the "
             "house of my neighbour the house of my neighbour the house of my neighbour the house "
             "of my neighbour the house of my neighbour the house of my neighbour the house of my "
             "neighbour the house of my neighbour the house of my neighbour the house of my "
             "neighbour the house of my neighbour the house of my neighbour");
    size_t len = strlen(text);
    char *nul = strchr(text, 1);
    *nul = 0;
    tt_parallel s = {.src = tiny_file("filter.tsv", text, len), .weight = 1};
    tt_err e = {0};
    tt_corpus *c = open_one(&s, v, 2, &e);
    CHECK(c && tt_corpus_pairs(c) == 4, "%s", e.msg);
    if (!c) return;
    /* The normaliser makes a space of U+FFFD. */
    static const char *const want[] = {"the house|la casa", "bad byte|byte malo", "nul|x y",
                                       "a|un"};
    for (size_t i = 0; i < 4 && i < tt_corpus_pairs(c); i++) {
        pair_text(got, c, i, v, a);
        CHECK(!strcmp(got, want[i]), "%s", got);
    }
    CHECK(strstr(logged, "4 of 8 pairs") &&
              strstr(logged, "2 with an empty side, 1 over 60 tokens, 1 of uneven"),
          "%s", logged);
    CHECK(strstr(logged, "1 bad parts of UTF-8 and 1 NUL"), "%s", logged);
    tt_corpus_close(c);
}

static void errors(const tt_vocab *v) {
    fails(v, text_file("notab.tsv", "a\tb\nno tab here\n"), TT_EDATA, "notab.tsv:2: no TAB");
    fails(v, text_file("empty.tsv", ""), TT_EDATA, "no usable pair");
    fails(v, (tt_parallel){.src = tiny_path("missing.tsv"), .weight = 1}, TT_ENOINPUT,
          "missing.tsv");
    fails(v, (tt_parallel){.src = "x", .weight = -1}, TT_ECONFIG, "weight");
    fails(v, (tt_parallel){.src = "x", .weight = NAN}, TT_ECONFIG, "weight");
    tt_parallel s = text_file("long.en", "a\nb\nc\nd\n");
    s.tgt = tiny_file("short.es", "a\nb\n", 4);
    fails(v, s, TT_EDATA, "has 4 lines");
    fails(v, s, TT_EDATA, "short.es has 2");
    tt_parallel t = {.src = s.tgt, .tgt = s.src, .weight = 1};
    fails(v, t, TT_EDATA, "has 4");
}

static int same(const tt_corpus *a, const tt_corpus *b) {
    if (!a || !b || tt_corpus_pairs(a) != tt_corpus_pairs(b)) return 0;
    int32_t x[400], y[400];
    for (size_t i = 0; i < tt_corpus_pairs(a); i++) {
        size_t n = (size_t)tt_corpus_src_len(a, i);
        if (tt_corpus_src_len(b, i) != (int)n || tt_corpus_tgt_len(a, i) != tt_corpus_tgt_len(b, i))
            return 0;
        tt_corpus_src(a, i, x), tt_corpus_src(b, i, y);
        if (memcmp(x, y, n * sizeof *x)) return 0;
    }
    return tt_corpus_hash(a) == tt_corpus_hash(b);
}

/* More than one block of text, with 1 and 3 threads, as TSV and as two files. */
static void threads(const tt_vocab *v) {
    char paths[3][400], line[2][400];
    snprintf(paths[0], 400, "%s", tiny_tsv("many.tsv", 9000));
    snprintf(paths[1], 400, "%s", tiny_path("many.en"));
    snprintf(paths[2], 400, "%s", tiny_path("many.es"));
    FILE *f[2] = {fopen(paths[1], "wb"), fopen(paths[2], "wb")};
    for (uint64_t i = 0; f[0] && f[1] && i < 9000; i++)
        for (int side = 0; side < 2; side++) {
            tiny_sentence(line[side], side, i);
            fprintf(f[side], "%s\n", line[side]);
        }
    CHECK(f[0] && f[1] && !fclose(f[0]) && !fclose(f[1]), "cannot write");
    tt_parallel tsv = {.src = paths[0], .weight = 1},
                two = {.src = paths[1], .tgt = paths[2], .weight = 1};
    tt_parallel light = {.src = paths[0], .weight = 0.5};
    tt_err e = {0};
    tt_corpus *a = open_one(&tsv, v, 1, &e), *b = open_one(&tsv, v, 3, &e),
              *c = open_one(&two, v, 2, &e);
    tt_corpus *d = open_one(&light, v, 2, &e);
    CHECK(a && tt_corpus_pairs(a) > 8000, "%s", e.msg);
    CHECK(same(a, b), "threads change the corpus");
    CHECK(same(a, c), "two files differ from a TSV");
    CHECK(d && tt_corpus_hash(d) != tt_corpus_hash(a), "the weight is not in the hash");
    tt_corpus_close(a), tt_corpus_close(b), tt_corpus_close(c), tt_corpus_close(d);

    tt_parallel both[] = {tsv, light};
    tt_pool *pool = tt_pool_open(2, &e);
    a = tt_corpus_open(both, 2, v, pool, &limits, NULL, &e);
    CHECK(a && tt_corpus_sources(a) == 2 && tt_corpus_first(a, 2) == 2 * tt_corpus_first(a, 1),
          "%s", e.msg);
    CHECK(a && tt_corpus_weight(a, 1) < 0.6, "%s", e.msg);
    tt_corpus_close(a);
    tt_pool_close(pool);
}

static void development(const tt_vocab *v, tt_arena *a) {
    tt_pairs p;
    tt_err e = {0};
    tt_parallel s =
        text_file("dev.tsv",
                  "the house \tla casa\n\t\nmy dog my dog my dog my dog my dog my dog\tmi perro\n");
    CHECK(!tt_pairs_read(&p, &s, v, 8, 1, a, NULL, &e) && p.count == 3, "%s", e.msg);
    CHECK(!strcmp(p.src_text[0], "the house") && !strcmp(p.tgt_text[2], "mi perro"), "'%s'",
          p.src_text[0]);
    CHECK(p.src.count == 3 && p.src.off[2] == p.src.off[1] + 1, "the empty line has %d",
          p.src.off[2]);
    CHECK(p.src.off[3] - p.src.off[2] == 8 && p.src.ids[p.src.off[3] - 1] == 0, "not cut to 8");
    s.src = tiny_tsv("dev2.tsv", 2000);
    CHECK(!tt_pairs_read(&p, &s, v, 100, 1, a, NULL, &e) && p.count == 2000, "%s", e.msg);
    char want[400];
    tiny_sentence(want, 1, 1999);
    CHECK(!strcmp(p.tgt_text[1999], want) && p.tgt.off[0] == 0, "'%s'", p.tgt_text[1999]);
    s = text_file("dev3.tsv", "");
    CHECK(tt_pairs_read(&p, &s, v, 100, 1, a, NULL, &e) == TT_EDATA, "%s", e.msg);
    s = text_file("dev4.tsv", "no tab\n");
    CHECK(tt_pairs_read(&p, &s, v, 100, 1, a, NULL, &e) == TT_EDATA && strstr(e.msg, "dev4.tsv:1"),
          "%s", e.msg);
}

static void check(void) {
    tt_err e = {0};
    const char *there = tiny_tsv("there.tsv", 2);
    tt_parallel s[] = {{there, NULL, 1}, {"-", "/dev/null", 1}, {there, "/nowhere/b", 1}};
    CHECK(!tt_corpus_check(s, 2, &e), "%s", e.msg);
    CHECK(tt_corpus_check(s, 3, &e) == TT_ENOINPUT && strstr(e.msg, "/nowhere/b"), "%s", e.msg);
}

int main(void) {
    tt_arena *a = tt_arena_open(0, NULL);
    tt_vocab *v = tiny_vocab("corpus.spm", 310);
    if (v) {
        filters(v, a);
        errors(v);
        threads(v);
        development(v, a);
    }
    check();
    tt_vocab_close(v);
    tt_corpus_close(NULL);
    tt_arena_close(a);
    return test_done("t_corpus");
}
