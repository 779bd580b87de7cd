/* t_lines: every byte comes through, in lines, however the input arrives; a filter learns whether
 * it would have to wait; long lines are read, too long ones are refused.
 */
#include "io/lines.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

static char scratch[500];

static void put(const char *data, size_t size) {
    FILE *f = fopen(scratch, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f)) CHECK(0, "cannot write %s", scratch);
}

static void nap(void) { nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); }

/* Starts a process that writes `size` bytes of `data` into a pipe, `step` at a time. */
static int feed(const char *data, size_t size, size_t step) {
    int p[2];
    if (pipe(p)) return -1;
    fflush(stdout);
    if (fork() == 0) {
        close(p[0]);
        for (size_t i = 0; i < size; i += step) {
            size_t n = size - i < step ? size - i : step;
            if (write(p[1], data + i, n) != (ssize_t)n) _exit(1);
            if (step < 100) nap();
        }
        _exit(0);
    }
    close(p[1]);
    return p[0];
}

/* The lines of `in` joined by '|', each NUL shown as '0'. */
static const char *joined(tt_lines *in, tt_err *e, int ask) {
    static char text[200];
    size_t used = 0, len;
    const char *line;
    int rc;
    while (1) {
        if (ask) tt_lines_ready(in, ask > 1 ? 1 : 0);
        if ((rc = tt_lines_next(in, &line, &len, e)) <= 0) break;
        if (line[len] != '\0') return "no NUL behind the line";
        for (size_t i = 0; i < len; i++) text[used++] = (char)(line[i] ? line[i] : '0');
        text[used++] = '|';
    }
    text[used] = '\0';
    return rc < 0 ? e->msg : text;
}

static void test_bytes(void) {
    static const struct {
        const char *in;
        size_t size;
        const char *out;
        size_t count;
    } cases[] = {
        {"", 0, "", 0},
        {"\n", 1, "|", 1},
        {"\n\n", 2, "||", 2},
        {"a", 1, "a|", 1},
        {"a\n", 2, "a|", 1},
        {"a\nb", 3, "a|b|", 2},
        {"a\r\nb\r\n", 6, "a\r|b\r|", 2},
        {"a\0b\n\0\n", 6, "a0b|0|", 2},
        {"\xff\xfd\n\x1f", 4, "\xff\xfd|\x1f|", 2},
        {"\x1f\n", 2, "\x1f|", 1},
        {"one\n\ntwo\n   \nthree", 18, "one||two|   |three|", 5},
    };
    tt_err e = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i].in, cases[i].size);
        for (int ask = 0; ask < 3; ask++) {
            tt_lines *in = tt_lines_open(scratch, 0, &e);
            const char *got = joined(in, &e, ask);
            CHECK(!strcmp(got, cases[i].out), "case %zu, file: %s", i, got);
            CHECK(tt_lines_number(in) == cases[i].count, "case %zu: counted %zu", i,
                  tt_lines_number(in));
            tt_lines_close(in);

            int fd = feed(cases[i].in, cases[i].size, 1);
            in = tt_lines_open_fd(fd, "pipe", 0, &e);
            got = joined(in, &e, ask);
            CHECK(!strcmp(got, cases[i].out), "case %zu, pipe: %s", i, got);
            tt_lines_close(in);
            close(fd);
            wait(NULL);
        }
    }
}

static void test_gzip(void) {
    gzFile f = gzopen(scratch, "wb");
    for (int i = 0; i < 50000; i++) gzprintf(f, "line %d\n", i);
    gzclose(f);
    tt_err e = {0};
    tt_lines *in = tt_lines_open(scratch, 0, &e);
    const char *line;
    size_t len;
    int good = 0, rc;
    while ((rc = tt_lines_next(in, &line, &len, &e)) > 0) {
        char expected[32];
        int n = snprintf(expected, sizeof expected, "line %d", good);
        if (len == (size_t)n && !strcmp(line, expected) && tt_lines_ready(in, 0)) good++;
    }
    CHECK(rc == 0 && good == 50000, "%d %d %s", rc, good, e.msg);
    tt_lines_close(in);

    if (truncate(scratch, 60000)) CHECK(0, "truncate");
    in = tt_lines_open(scratch, 0, &e);
    while ((rc = tt_lines_next(in, &line, &len, &e)) > 0) continue;
    CHECK(rc == TT_EFORMAT && strstr(e.msg, "cut off"), "%d %s", rc, e.msg);
    CHECK(tt_lines_next(in, &line, &len, &e) == TT_EFORMAT, "and again");
    tt_lines_close(in);
}

static void test_ready(void) {
    int p[2];
    tt_err e = {0};
    const char *line;
    size_t len;
    CHECK(!pipe(p), "pipe");
    tt_lines *in = tt_lines_open_fd(p[0], "pipe", 0, &e);
    CHECK(!tt_lines_ready(in, 0) && !tt_lines_ready(in, 5), "nothing there");
    CHECK(write(p[1], "half", 4) == 4 && !tt_lines_ready(in, 0), "half a line would make it wait");
    CHECK(write(p[1], " one\ntwo\nthr", 12) == 12 && tt_lines_ready(in, 0), "now it is whole");
    CHECK(tt_lines_next(in, &line, &len, &e) == 1 && !strcmp(line, "half one"), "%s", line);
    CHECK(tt_lines_ready(in, 0) && tt_lines_ready(in, -1), "two");
    CHECK(tt_lines_next(in, &line, &len, &e) == 1 && !strcmp(line, "two"), "%s", line);
    CHECK(!tt_lines_ready(in, 0) && tt_lines_number(in) == 2, "three is unfinished");
    close(p[1]);
    CHECK(tt_lines_ready(in, 0), "the end finishes it");
    CHECK(tt_lines_next(in, &line, &len, &e) == 1 && !strcmp(line, "thr"), "%s", line);
    CHECK(tt_lines_ready(in, 0) && tt_lines_next(in, &line, &len, &e) == 0, "end");
    CHECK(tt_lines_ready(in, 0) && tt_lines_next(in, &line, &len, &e) == 0, "and again");
    tt_lines_close(in);
    close(p[0]);

    in = tt_lines_open_fd(-1, "no file", 0, &e);
    CHECK(tt_lines_ready(in, 0), "an error is an answer");
    CHECK(tt_lines_next(in, &line, &len, &e) == TT_EIO && strstr(e.msg, "no file"), "%s", e.msg);
    tt_lines_close(in);
    CHECK(!tt_lines_open("/nowhere/at/all", 0, &e) && e.code == TT_ENOINPUT, "%s", e.msg);
    tt_lines_close(NULL);
}

static void test_long(void) {
    size_t size = 10 << 20;
    char *text = malloc(size + 8);
    memset(text, 'x', size);
    memcpy(text + size, "\nshort\n", 8);
    tt_err e = {0};
    const char *line;
    size_t len;
    int fd = feed(text, size + 7, 50000);
    tt_lines *in = tt_lines_open_fd(fd, "pipe", 0, &e);
    int rc = tt_lines_next(in, &line, &len, &e);
    CHECK(rc == 1 && len == size && !memcmp(line, text, size), "10 MB in one line: %s", e.msg);
    CHECK(tt_lines_next(in, &line, &len, &e) == 1 && !strcmp(line, "short"), "the one behind it");
    tt_lines_close(in);
    close(fd);
    wait(NULL);

    for (size_t max = 4; max < 8; max++) { /* "123456" is too long for 4 and 5 only */
        put("1234\n123456\n", 12);
        in = tt_lines_open(scratch, max, &e);
        CHECK(tt_lines_next(in, &line, &len, &e) == 1 && len == 4, "%s", e.msg);
        rc = tt_lines_next(in, &line, &len, &e);
        CHECK(max < 6 ? rc == TT_EDATA : rc == 1, "max %zu: %d", max, rc);
        if (rc < 0) CHECK(strstr(e.msg, ":2: line of more than "), "%s", e.msg);
        tt_lines_close(in);
    }
    put(text, size);
    in = tt_lines_open(scratch, 1 << 20, &e);
    CHECK(tt_lines_next(in, &line, &len, &e) == TT_EDATA && strstr(e.msg, ":1: "), "%s", e.msg);
    CHECK(tt_lines_ready(in, 0) && tt_lines_next(in, &line, &len, &e) == TT_EDATA, "and again");
    tt_lines_close(in);
    free(text);
}

/* Encodings, marks and what is no text; from a file and byte by byte from a pipe. */
static void test_encodings(void) {
    static const struct {
        const char *in;
        size_t size;
        int encoding;
        const char *out;
    } cases[] = {
        {"\xEF\xBB\xBFone\ntwo", 10, TT_TEXT_UTF8, "one|two|"},
        {"\xEF\xBB\xBFone\ntwo", 10, TT_TEXT_MARKED, "\xEF\xBB\xBFone|two|"},
        {"\xFF\xFEo\0\xE9\0\n\0\x0A\x0A\n\0", 12, TT_TEXT_UTF8, "o\u00e9|\u0a0a|"},
        {"\xFE\xFF\0o\0\n\0t", 8, TT_TEXT_UTF8, "o|t|"},
        {"o\0n\0e\0\n\0t\0", 10, TT_TEXT_UTF16, "one|t|"},
        {"caf\xE9\n\xC3\xA9\n", 8, TT_TEXT_UTF8, "caf\xE9|\u00e9|"},
        {"caf\xE9\n\xC3\xA9\n", 8, TT_TEXT_WINDOWS_1252, "caf\u00e9|\u00c3\u00a9|"},
        {"one\ncaf\xE9\n\x93\n", 11, TT_TEXT_AUTO, "one|caf\u00e9|\u201c|"},
        {"one\ncaf\xC3\xA9\n\x93\n", 12, TT_TEXT_AUTO, "one|caf\u00e9|\x93|"},
        {"%PDF-1.4\n", 9, TT_TEXT_UTF8, "is a PDF file; extract its text first, as with pdftotext"},
        {"\x89PNG\r\n\x1A\n", 8, TT_TEXT_WINDOWS_1252, "is a picture (PNG); a text is expected"},
    };
    tt_err e = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int ask = 0; ask < 3; ask++) {
            put(cases[i].in, cases[i].size);
            tt_lines *in = tt_lines_open_as(scratch, 0, cases[i].encoding, &e);
            const char *got = joined(in, &e, ask);
            CHECK(strstr(got, cases[i].out) && (*cases[i].out == 'i' || !strcmp(got, cases[i].out)),
                  "case %zu: %s", i, got);
            tt_lines_close(in);
            if (cases[i].encoding != TT_TEXT_UTF8) continue;
            int fd = feed(cases[i].in, cases[i].size, 1);
            in = tt_lines_open_fd(fd, "pipe", 0, &e);
            got = joined(in, &e, ask);
            CHECK(strstr(got, cases[i].out), "case %zu, pipe: %s", i, got);
            tt_lines_close(in);
            close(fd);
            wait(NULL);
        }
    put("%PDF-1.4\n", 9);
    tt_lines *in = tt_lines_open(scratch, 0, &e);
    CHECK(tt_lines_begin(in, &e) == TT_EDATA && strstr(e.msg, "PDF"), "%s", e.msg);
    tt_lines_close(in);
    put("one\ncaf\xE9\n", 9);
    in = tt_lines_open(scratch, 0, &e);
    CHECK(!tt_lines_begin(in, &e) && !tt_lines_windows_1252(in));
    CHECK(!strcmp(joined(in, &e, 0), "one|caf\xE9|") && tt_lines_windows_1252(in));
    tt_lines_close(in);
    put("caf\xC3\xA9\ncaf\xE9\n", 11);
    in = tt_lines_open(scratch, 0, &e);
    CHECK(*joined(in, &e, 0) && !tt_lines_windows_1252(in), "UTF-8 with one bad byte");
    tt_lines_close(in);
}

/* Files one after the other: each ends its last line, blank ones add nothing, numbers are those of
   the file. */
static void test_several(void) {
    static const char *const texts[] = {"a\nb", "",
                                        "\xFF\xFE"
                                        "c\0\n\0",
                                        "\xEF\xBB\xBF"
                                        "d\n"};
    static const size_t sizes[] = {3, 0, 6, 5};
    char names[4][520];
    const char *paths[5];
    tt_err e = {0};
    for (int i = 0; i < 4; i++) {
        snprintf(names[i], sizeof names[i], "%s.%d", scratch, i);
        FILE *f = fopen(names[i], "wb");
        CHECK(f && fwrite(texts[i], 1, sizes[i], f) == sizes[i] && !fclose(f));
        paths[i] = names[i];
    }
    for (int ask = 0; ask < 3; ask++) {
        tt_lines *in = tt_lines_open_all(paths, 4, 0, TT_TEXT_UTF8, &e);
        CHECK(in && !tt_lines_begin(in, &e), "%s", e.msg);
        const char *got = joined(in, &e, ask);
        CHECK(!strcmp(got, "a|b|c|d|"), "%s", got);
        CHECK(tt_lines_number(in) == 1 && !strcmp(tt_lines_name(in), names[3]), "%s",
              tt_lines_name(in));
        tt_lines_close(in);
    }
    paths[4] = "/nowhere/at/all";
    CHECK(!tt_lines_open_all(paths, 5, 0, TT_TEXT_UTF8, &e) && e.code == TT_ENOINPUT, "%s", e.msg);
    FILE *f = fopen(names[3], "wb");
    CHECK(f && fwrite("BZh91AY&SYx", 1, 11, f) == 11 && !fclose(f));
    tt_lines *in = tt_lines_open_all(paths, 4, 0, TT_TEXT_UTF8, &e);
    CHECK(tt_lines_begin(in, &e) == TT_EDATA && strstr(e.msg, "bzip2"), "%s", e.msg);
    tt_lines_close(in);
    for (int i = 0; i < 4; i++) unlink(names[i]);
}

int main(void) {
    const char *tmp = getenv("TT_TEST_TMP");
    snprintf(scratch, sizeof scratch, "%s/t_lines.XXXXXX", tmp ? tmp : "/tmp");
    int fd = mkstemp(scratch);
    if (fd < 0) CHECK(0, "mkstemp %s", scratch);
    close(fd);
    test_bytes();
    test_gzip();
    test_ready();
    test_long();
    test_encodings();
    test_several();
    unlink(scratch);
    return test_done("t_lines");
}
