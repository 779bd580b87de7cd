/* t_bench.c: the text of a benchmark, its lines of a given length, and the memory it counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "translate/sentence.h"
#include "test.h"

static void test_lines(void) {
    tt_err e;
    tt_prose p;
    tt_arena *a = tt_arena_open(0, &e);
    CHECK(!tt_prose_open(&p, NULL, a, &e));
    size_t words = 0, same = 0;
    for (size_t i = 0; i < p.count; i++)
        words += tt_sentence_words(p.lines[i].text, p.lines[i].len);
    CHECK(p.count > 20 && words == p.words);
    for (int n = 1; n < 200; n += 7)
        for (size_t which = 0; which < 2 * p.count; which++) {
            const char *line = tt_prose_line(&p, n, which, a);
            CHECK(line && tt_sentence_words(line, strlen(line)) == (size_t)n);
            same += which && line && !strcmp(line, tt_prose_line(&p, n, which - 1, a));
        }
    CHECK(same == 0);
    tt_arena_close(a);
}

static void test_file(void) {
    char path[300];
    tt_err e;
    tt_prose p;
    tt_arena *a = tt_arena_open(0, &e);
    snprintf(path, sizeof path, "%s/prose.txt",
             getenv("TT_TEST_TMP") ? getenv("TT_TEST_TMP") : "/tmp");
    FILE *f = fopen(path, "w");
    CHECK(f && fputs("one two\n\n \t\n\xc3\xa1 three four\n", f) >= 0 && !fclose(f));
    CHECK(!tt_prose_open(&p, path, a, &e) && p.count == 2 && p.words == 5);
    const char *line = tt_prose_line(&p, 7, 1, a);
    CHECK(line && !strcmp(line, "\xc3\xa1 three four one two \xc3\xa1 three"));
    f = fopen(path, "w");
    CHECK(f && fputs("\n\n", f) >= 0 && !fclose(f));
    CHECK(tt_prose_open(&p, path, a, &e) == TT_EDATA);
    remove(path);
    CHECK(tt_prose_open(&p, path, a, &e) == TT_ENOINPUT);
    tt_arena_close(a);
}

static void test_memory(void) {
    enum { BYTES = 64 << 20 };
    tt_memory_restart();
    size_t before = tt_memory_used();
    if (!before) return; /* a system that does not say */
    char *p = malloc(BYTES);
    CHECK(p != NULL);
    if (p) memset(p, 1, BYTES);
    CHECK(p && p[BYTES / 2] == 1 && tt_memory_peak() >= before + BYTES);
    free(p);
}

int main(void) {
    test_lines();
    test_file();
    test_memory();
    return test_done("t_bench");
}
