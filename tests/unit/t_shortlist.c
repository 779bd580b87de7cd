/* t_shortlist.c: both forms of a shortlist, what is refused, and the words of a sentence. */
#include "unit/test.h"
#include "unit/pieces.h"
#include "unit/tiny.h"

#include "io/file.h"
#include "lexical/shortlist.h"

#define MARK "\xe2\x96\x81"

static const char *const english[] = {MARK "the", MARK "house", MARK "dog", MARK "red"};
static const char *const spanish[] = {MARK "la",   MARK "el",   MARK "casa", MARK "perro",
                                      MARK "rojo", MARK "roja", MARK "y"};
enum { THE = 2, HOUSE, DOG, RED, ENGLISH };
enum { LA = 2, EL, CASA, PERRO, ROJO, ROJA, Y, SPANISH };

static const char text_form[] =
    MARK "casa " MARK "house 0.75\n" MARK "la NULL 0.2\n" MARK "perro " MARK "house 0.05\r\n\n" MARK
         "la\t" MARK "the\t0.5\nqqq " MARK "red 1\n" MARK "el " MARK "the 0.5\n" MARK "roja " MARK
         "red 1e-3\n" MARK "y " MARK "red 0";

/* The words as text, "0 2 4". */
static const char *words_of(const tt_shortlist *s, const int32_t *ids, int n) {
    static char text[2][400];
    static int turn;
    char *out = text[turn++ % 2];
    tt_err e = {0};
    int32_t *words;
    int count = 0;
    size_t at = 0;
    out[0] = 0;
    if (!s) return "no list";
    tt_arena *a = tt_arena_open(0, &e);
    CHECK(!tt_shortlist_words(s, ids, n, a, &words, &count, &e), "%s", e.msg);
    for (int i = 0; i < count && at < 380; i++)
        at += (size_t)snprintf(out + at, 400 - at, "%s%d", i ? " " : "", words[i]);
    tt_arena_close(a);
    return out;
}

static tt_shortlist *from_text(const char *text, const tt_vocab *src, const tt_vocab *tgt,
                               int first, int best, tt_err *e) {
    return tt_shortlist_open_bytes(text, strlen(text), "lex", src, tgt, first, best, e);
}

static void words(const tt_vocab *src, const tt_vocab *tgt) {
    static const int32_t house[] = {HOUSE, 0}, all[] = {THE, HOUSE, RED, RED, 0}, odd[] = {-1, 99};
    tt_err e = {0};
    tt_shortlist *s = from_text(text_form, src, tgt, 1, 0, &e);
    CHECK(s != NULL, "%s", e.msg);
    if (!s) return;
    CHECK(!strcmp(words_of(s, house, 2), "0 4 5"), "%s", words_of(s, house, 2));
    CHECK(!strcmp(words_of(s, all, 5), "0 2 3 4 5 7 8"), "%s", words_of(s, all, 5));
    CHECK(!strcmp(words_of(s, odd, 2), "0"), "%s", words_of(s, odd, 2));
    CHECK(!strcmp(words_of(s, all, 0), "0"), "%s", words_of(s, all, 0));
    tt_shortlist_size z = tt_shortlist_measure(s);
    CHECK(z.src == ENGLISH && z.tgt == SPANISH && z.first == 1 && z.longest == 2 && z.ids == 6);
    tt_shortlist_close(s);

    s = from_text(text_form, src, tgt, 3, 1, &e); /* of equal ones the lower id */
    CHECK(s && !strcmp(words_of(s, all, 5), "0 1 2 4 7"), "%s", words_of(s, all, 5));
    tt_shortlist_close(s);
    s = from_text(text_form, src, tgt, 0, 0, &e); /* 100, cut to what there is */
    CHECK(s && tt_shortlist_measure(s).first == SPANISH);
    tt_shortlist_close(s);
    s = from_text("a a 1\n" MARK "la " MARK "casa 1\n", tgt, tgt, 1, 0, &e); /* shared */
    CHECK(s && !strcmp(words_of(s, all, 4), "0 2 3 5"), "%s", words_of(s, all, 4));
    tt_shortlist_close(s);
}

/* Lists of even and of odd length, written, read again; returns the bytes of the last, with 5
   ids. */
static char *binary(const tt_vocab *src, const tt_vocab *tgt, size_t *len) {
    static const uint64_t offsets[] = {0, 0, 0, 2, 4, 4, 0};
    static const uint32_t ids[] = {LA, EL, CASA, PERRO, ROJA, Y};
    static const int32_t all[] = {THE, HOUSE, RED, 0};
    char *bytes = NULL;
    for (uint64_t count = 6; count >= 5; count--) {
        uint64_t at[ENGLISH + 1];
        memcpy(at, offsets, sizeof at);
        at[ENGLISH] = count;
        const tt_shortlist_lists l = {ENGLISH, 2, 7, at, ids};
        const char *path = tiny_path("lex.bin");
        tt_err e = {0};
        CHECK(!tt_shortlist_write(path, &l, &e), "%s", e.msg);
        tt_shortlist *s = tt_shortlist_open(path, src, tgt, 0, 0, &e);
        CHECK(s && tt_shortlist_measure(s).first == 2, "%s", e.msg);
        if (s)
            CHECK(!strcmp(words_of(s, all, 4), count == 6 ? "0 1 2 3 4 5 7 8" : "0 1 2 3 4 5 7"),
                  "%s", words_of(s, all, 4));
        tt_shortlist_close(s);
        s = tt_shortlist_open(path, src, tgt, 3, 0, &e);
        CHECK(s && tt_shortlist_measure(s).first == 3, "%s", e.msg);
        tt_shortlist_close(s);
        free(bytes);
        CHECK(!tt_file_read(&bytes, len, path, 1 << 20, &e), "%s", e.msg);
    }
    return bytes;
}

static void refuses(const void *bytes, size_t len, const tt_vocab *src, const tt_vocab *tgt,
                    int code, const char *said) {
    tt_err e = {0};
    tt_shortlist *s = tt_shortlist_open_bytes(bytes, len, "lex", src, tgt, 0, 0, &e);
    CHECK(!s && e.code == code && strstr(e.msg, said), "%d: %s", e.code, e.msg);
    tt_shortlist_close(s);
}

static void damaged(const tt_vocab *src, const tt_vocab *tgt, char *bytes, size_t len) {
    for (size_t cut = 8; cut < len; cut++) refuses(bytes, cut, src, tgt, TT_EFORMAT, "lex: ");
    for (size_t i = 8; i < len - 4; i++) { /* an odd last id is outside the checksum */
        bytes[i] ^= 0x10;
        refuses(bytes, len, src, tgt, TT_EFORMAT, "lex: ");
        bytes[i] ^= 0x10;
    }
    refuses(bytes, len, tgt, src, TT_EFORMAT, "the vocabulary has 6");
    bytes[len - 4] = SPANISH;
    refuses(bytes, len, src, tgt, TT_EFORMAT, "target token 9, the vocabulary has 9");
    bytes[len - 4] = ROJA;
    refuses(bytes, len, src, src, TT_EFORMAT, "target token 7, the vocabulary has 6");
    tt_err e = {0};
    tt_shortlist *s = tt_shortlist_open_bytes(bytes, len, "lex", tgt, tgt, 0, 0, &e);
    CHECK(s, "fewer source tokens than the vocabulary has: %s", e.msg);
    static const int32_t last[] = {Y};
    CHECK(s && !strcmp(words_of(s, last, 1), "0 1 8"), "%s", words_of(s, last, 1));
    tt_shortlist_close(s);

    refuses("", 0, src, tgt, TT_EDATA, "no pair of pieces");
    refuses("a b", 3, src, tgt, TT_EDATA, "lex:1: no line");
    refuses("a b 1\na b 1 1", 13, src, tgt, TT_EDATA, "lex:2: no line");
    refuses("a b 2", 5, src, tgt, TT_EDATA, "lex:1: no line");
    refuses("a b -1", 6, src, tgt, TT_EDATA, "lex:1: no line");
    refuses("a b nan", 7, src, tgt, TT_EDATA, "lex:1: no line");
    refuses("a b 0.5x", 8, src, tgt, TT_EDATA, "lex:1: no line");
    refuses("a b 1", 5, src, tgt, TT_EDATA, "no pair of pieces");
    s = tt_shortlist_open(tiny_path("no-such-list"), src, tgt, 0, 0, &e);
    CHECK(!s && e.code == TT_ENOINPUT, "%s", e.msg);
}

/* The checksum of a file by hand: for half of the source tokens, or fewer, no lists at all. */
static void known_checksum(const tt_vocab *src, const tt_vocab *tgt, uint64_t offsets) {
    unsigned char b[48 + 8 * ENGLISH] = {0xf5, 0x17, 0x34, 0x01, 0xd5, 0x48, 0x1a, 0xf1};
    uint64_t h = 0, w[4 + ENGLISH] = {1, 0, offsets, 0};
    b[16] = 1;
    b[32] = (unsigned char)offsets;
    for (uint64_t i = 0; i < 4 + offsets; i++) h ^= w[i] + 0x9e3779b9 + (h << 6) + (h >> 2);
    for (int i = 0; i < 8; i++) b[8 + i] = (unsigned char)(h >> 8 * i);
    if (2 * offsets < ENGLISH) {
        refuses(b, 48 + 8 * offsets, src, tgt, TT_EFORMAT, "made for another");
        return;
    }
    tt_err e = {0};
    tt_shortlist *s = tt_shortlist_open_bytes(b, 48 + 8 * offsets, "lex", src, tgt, 0, 0, &e);
    CHECK(s && tt_shortlist_measure(s).ids == 0, "%s", e.msg);
    tt_shortlist_close(s);
}

int main(void) {
    tt_vocab *src = pieces_vocab(english, ENGLISH - 2), *tgt = pieces_vocab(spanish, SPANISH - 2);
    CHECK(src && tgt);
    if (src && tgt) {
        size_t len = 0;
        words(src, tgt);
        char *bytes = binary(src, tgt, &len);
        if (bytes) damaged(src, tgt, bytes, len);
        free(bytes);
        for (uint64_t n = 1; n <= ENGLISH; n++) known_checksum(src, tgt, n);
    }
    tt_vocab_close(src);
    tt_vocab_close(tgt);
    return test_done("t_shortlist");
}
