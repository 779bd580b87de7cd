/* t_wordalign.c: text is aligned by words between blanks, with signs apart and letters small; what
 * was learned is saved and read again.
 */
#include "unit/test.h"
#include "unit/tiny.h"

#include "ttrans.h"

#define N 6
static const char *const src[] = {"The house.",  "the dog", "A house, a dog.",
                                  "(red) House", "...",     "the red dog"};
static const char *const tgt[] = {"La casa.",    "el perro", "Una casa, un perro.",
                                  "Casa (roja)", "...",      "el perro roja"};

struct got {
    char text[8][200];
    int none;
};

/* Pair i as "of_tgt | of_src". */
static int take(void *ctx, size_t pair, const tt_aligned *links, const tt_err *why, tt_err *e) {
    struct got *g = ctx;
    size_t n = 0;
    (void)e;
    if (!links) {
        snprintf(g->text[pair], sizeof g->text[pair], "%.150s", why->msg);
        return 0;
    }
    for (int i = 0; i < links->tgt; i++)
        n += (size_t)snprintf(g->text[pair] + n, 100 - n, "%d ", links->of_tgt[i]);
    n += (size_t)snprintf(g->text[pair] + n, 100 - n, "|");
    for (int i = 0; i < links->src; i++)
        n += (size_t)snprintf(g->text[pair] + n, 100 - n, " %d", links->of_src[i]);
    return 0;
}

static tt_span span(const char *text) { return (tt_span){text, strlen(text)}; }

static tt_aligner *learn(int threads, tt_err *e) {
    tt_aligner *a = tt_aligner_open("hmm", threads, NULL, e);
    for (int turn = 0; a && turn < 3; turn++)
        for (int i = 0; i < N; i++)
            CHECK(!tt_aligner_add(a, span(src[i]), span(tgt[i]), e), "%s", e->msg);
    CHECK(a && !tt_aligner_learn(a, e), "%s", e->msg);
    return a;
}

static void align(tt_aligner *a, struct got *g) {
    tt_err e = {0};
    tt_span s[8], t[8];
    for (int i = 0; i < N; i++) s[i] = span(src[i]), t[i] = span(tgt[i]);
    s[6] = span("THE HOUSE!"), t[6] = span("\xc2\xa1"
                                           "LA CASA!");
    s[7] = span("  "), t[7] = span("nada");
    memset(g, 0, sizeof *g);
    CHECK(!tt_aligner_pairs(a, s, t, 8, take, g, &e), "%s", e.msg);
}

static int stop(void *ctx, size_t pair, const tt_aligned *links, const tt_err *why, tt_err *e) {
    (void)ctx, (void)links, (void)why;
    snprintf(e->msg, sizeof e->msg, "stopped");
    return e->code = pair ? 0 : TT_EIO;
}

static void refused(const char *text, const char *said) {
    tt_err e = {0};
    tt_aligner *a = tt_aligner_open("hmm", 1, NULL, &e);
    CHECK(a && tt_aligner_load(a, tiny_file("bad.tables", text, strlen(text)), &e) &&
              strstr(e.msg, said),
          "%s", e.msg);
    tt_aligner_close(a);
}

int main(void) {
    static struct got one, other;
    tt_err e = {0};
    char path[400];
    snprintf(path, sizeof path, "%s", tiny_path("tables"));
    tt_aligner *a = learn(1, &e), *b = learn(3, &e);
    align(a, &one);
    align(b, &other);
    CHECK(!strcmp(one.text[0], "0 1 | 0 1"), "%s", one.text[0]);
    CHECK(!strcmp(one.text[2], "0 1 2 3 | 0 1 2 3"), "%s", one.text[2]);
    CHECK(strstr(one.text[3], "| 1 0"), "%s", one.text[3]);
    CHECK(!strcmp(one.text[4], "0 | 0"), "signs alone are a word: %s", one.text[4]);
    CHECK(!strcmp(one.text[6], "0 1 | 0 1"), "%s", one.text[6]);
    CHECK(!strcmp(one.text[7], "the source is empty"), "%s", one.text[7]);
    CHECK(!memcmp(&one, &other, sizeof one), "the same whatever the threads");
    CHECK(tt_aligner_pairs(a, &(tt_span){"a", 1}, &(tt_span){"b", 1}, 1, stop, NULL, &e) ==
              TT_EIO &&
          !strcmp(e.msg, "stopped"));

    CHECK(!tt_aligner_save(a, path, &e), "%s", e.msg);
    tt_aligner_close(b);
    b = tt_aligner_open("hmm", 1, NULL, &e);
    CHECK(b && tt_aligner_pairs(b, NULL, NULL, 0, take, NULL, &e) == TT_EINTERNAL);
    CHECK(b && !tt_aligner_load(b, path, &e), "%s", e.msg);
    align(b, &other);
    CHECK(!memcmp(&one, &other, sizeof one), "the same from a file");
    tt_aligner_close(b);
    tt_aligner_close(a);
    a = tt_aligner_open("ibm1", 1, NULL, &e);
    CHECK(a && tt_aligner_load(a, path, &e) == TT_EUSAGE &&
              strstr(e.msg, "tables of hmm, not of ibm1"),
          "%s", e.msg);
    tt_aligner_close(a);
    CHECK(!tt_aligner_open("soup", 1, NULL, &e) && e.code == TT_EUSAGE &&
              strstr(e.msg, "no aligner is called 'soup'"),
          "%s", e.msg);

    refused("", "expected tables of an aligner");
    refused("ttrans aligner 1\tsoup\n", "expected the name of an aligner");
    refused("ttrans aligner 1\thmm\nforth\t0\t1\n",
            "bad.tables:2: expected `forth` and 63 numbers");
    return test_done("t_wordalign");
}
