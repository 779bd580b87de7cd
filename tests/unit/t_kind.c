/* t_kind: what a file is by its first bytes, also when they come one by one. */
#include "io/kind.h"

#include "io/encoding.h"
#include "unit/test.h"

#include <string.h>

#define IN(text) text, sizeof(text) - 1

static tt_kind of(const char *bytes, size_t len, int whole) {
    return tt_kind_of((const unsigned char *)bytes, len, whole);
}

static void texts(void) {
    static const struct {
        const char *in;
        size_t len;
        int encoding;
        size_t mark;
    } cases[] = {{IN(""), TT_TEXT_UTF8, 0},
                 {IN("a"), TT_TEXT_UTF8, 0},
                 {IN("\n"), TT_TEXT_UTF8, 0},
                 {IN("B"), TT_TEXT_UTF8, 0},
                 {IN("PK is short.\n"), TT_TEXT_UTF8, 0},
                 {IN("BZh9 is no word.\n"), TT_TEXT_UTF8, 0},
                 {IN("%PDF"), TT_TEXT_UTF8, 0},
                 {IN("%P\n%PDF-1.4\n"), TT_TEXT_UTF8, 0},
                 {IN("\xEF\xBB\xBFHello\n"), TT_TEXT_UTF8, 3},
                 {IN("\xEF\xBB"), TT_TEXT_UTF8, 0},
                 {IN("\xFF\xFE"
                     "a\0\n\0"),
                  TT_TEXT_UTF16LE, 2},
                 {IN("\xFE\xFF\0a"), TT_TEXT_UTF16BE, 2},
                 {IN("\xFF\xFE"), TT_TEXT_UTF16LE, 2},
                 {IN("\xFF\xFE\0\0a\0\0\0"), TT_TEXT_UTF32LE, 4},
                 {IN("\0\0\xFE\xFF\0\0\0a"), TT_TEXT_UTF32BE, 4},
                 {IN("a\0b\n\0\n"), TT_TEXT_UTF8, 0},
                 {IN("\n\x0E\n\x05<unk"), TT_TEXT_UTF8, 0},
                 {IN("\x1F\n"), TT_TEXT_UTF8, 0},
                 {IN("\xC3\xA9t\xC3\xA9\n"), TT_TEXT_UTF8, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_kind k = of(cases[i].in, cases[i].len, 1);
        CHECK(k.sort == TT_KIND_TEXT && k.encoding == cases[i].encoding && k.mark == cases[i].mark,
              "text %zu: %s", i, k.what ? k.what : "");
        for (size_t n = 0; n < cases[i].len; n++) { /* a beginning is open, or says the same */
            k = of(cases[i].in, n, 0);
            if (k.sort != TT_KIND_OPEN)
                CHECK(k.sort == TT_KIND_TEXT && k.encoding == cases[i].encoding &&
                          k.mark == cases[i].mark,
                      "text %zu, %zu", i, n);
            CHECK(k.sort != TT_KIND_OPEN || !memchr(cases[i].in, '\n', n) || k.sort == TT_KIND_TEXT,
                  "open behind a line");
        }
    }
}

static void others(void) {
    static char tar[300] = "name.txt";
    memcpy(tar + 257, "ustar", 5);
    const struct {
        const char *in;
        size_t len;
        const char *what;
    } cases[] = {
        {IN("\xFD"
            "7zXZ\0\0\4"),
         "compressed with xz"},
        {IN("\x28\xB5\x2F\xFD\x24"), "compressed with zstd"},
        {IN("BZh91AY&SY\x8D"), "compressed with bzip2"},
        {IN("BZh9\x17\x72\x45\x38\x50\x90"), "compressed with bzip2"},
        {IN("PK\3\4\x14\0\x06\0\x08\0\0\0!\0\1\2\3\4\5\6\7\x08\1\2\3\4\x13\0\0\0[Content_Types]."
            "xml"),
         "a document of Microsoft Office (docx, xlsx or pptx)"},
        {IN("PK\3\4\x14\0\0\0\0\0\0\0!\0\1\2\3\4\5\6\7\x08\1\2\3\4\x08\0\0\0mimetypeapplication/"
            "vnd.oasis.opendocument.text"),
         "a document of LibreOffice (OpenDocument)"},
        {IN("PK\3\4\x14\0\0\0\0\0\0\0!\0\1\2\3\4\5\6\7\x08\1\2\3\4\x05\0\0\0a.txt"),
         "a ZIP archive"},
        {IN("%PDF-1.7\n%\xE2\xE3"), "a PDF file"},
        {IN("{\\rtf1\\ansi"), "a rich text (RTF) file"},
        {IN("\x7F"
            "ELF\2\1"),
         "a program (ELF)"},
        {IN("\x89PNG\r\n\x1A\n\0"), "a picture (PNG)"},
        {IN("\xFF\xD8\xFF\xE0\0\x10JFIF"), "a picture (JPEG)"},
        {IN("\x89TTM\r\n\x1A\n\1\0"), "a model file of ttrans"},
        {IN("\n\x0E\n\x05<unk>\x15\0\0\0\0\x18\2\n\x0C"), "a SentencePiece model"},
        {IN("\x40\1\0\0\0\0\0\0{\"__metadata__\":"), "a model (safetensors)"},
        {IN("\x1F\x8B\x08\0"), "compressed with gzip twice"},
        {IN("a\0b\0c\0\n\0d\0"), "UTF-16 without its mark"},
        {tar, sizeof tar, "a tar archive"},
        {IN("RIFF\1\2\3\4WEBPVP8 "), "a picture, sound or film"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tt_kind k = of(cases[i].in, cases[i].len, 0);
        CHECK(k.sort == TT_KIND_OTHER && !strcmp(k.what, cases[i].what) && k.todo, "%s: %s",
              cases[i].what, k.what ? k.what : "text");
    }
    /* Bytes one by one: open until it is known, never text by mistake. */
    for (size_t n = 0; n < 8; n++)
        CHECK(of("\x89PNG\r\n\x1A\n", n, 0).sort == TT_KIND_OPEN, "%zu of PNG", n);
    for (size_t n = 0; n < 6; n++)
        CHECK(of("\xFD"
                 "7zXZ\0",
                 n, 0)
                      .sort == TT_KIND_OPEN,
              "%zu of xz", n);
    for (size_t n = 0; n < 10; n++)
        CHECK(of("BZh91AY&SY", n, 0).sort == TT_KIND_OPEN, "%zu of bzip2", n);
}

static void guesses(void) {
    static const struct {
        const char *in;
        size_t len;
        int yes;
    } cases[] = {{IN("caf\xE9\n"), 1},
                 {IN("\x93Hi\x94"), 1},
                 {IN("cafe\n"), 0},
                 {IN("caf\xC3\xA9"), 0},
                 {IN("caf\xE9\1"), 0},
                 {IN("\x81 caf\xE9"), 0},
                 {IN("I \xFF"
                     "see"),
                  0},
                 {IN(""), 0},
                 {IN("caf\xC3\xA9 caf\xE9"), 0},
                 {IN("\xE9 \xE9 \xE9 \xE9 \xE9 \xC3\xA9"), 1},
                 {IN("\xE9"), 1},
                 {IN("\xF0\x9F\x98"), 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(tt_kind_windows_1252((const unsigned char *)cases[i].in, cases[i].len) ==
                  cases[i].yes,
              "guess %zu", i);
    CHECK(tt_kind_utf16((const unsigned char *)"a\0b\0c\0d\0", 8) == TT_TEXT_UTF16LE);
    CHECK(tt_kind_utf16((const unsigned char *)"\0a\0b\0c\0d", 8) == TT_TEXT_UTF16BE);
    CHECK(!tt_kind_utf16((const unsigned char *)"a\0b\0", 4) &&
          !tt_kind_utf16((const unsigned char *)"I\0see.\nWe\0 want.\n", 17));
    CHECK(!tt_kind_utf16((const unsigned char *)"\0\0\0\0\0\0\0\0", 8));
}

int main(void) {
    texts();
    others();
    guesses();
    return test_done("t_kind");
}
