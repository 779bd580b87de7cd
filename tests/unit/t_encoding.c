/* t_encoding: other encodings become UTF-8, whatever the pieces they come in; what they do not have
   becomes FF. */
#include "io/encoding.h"
#include "base/utf8.h"
#include "unit/test.h"

#include <string.h>

/* Decodes in pieces of `step` bytes; the result ends in a NUL. */
static const char *decoded(int encoding, const char *in, size_t len, size_t step) {
    static char out[400];
    tt_decoder d = {.encoding = encoding};
    size_t n = 0;
    for (size_t i = 0; i < len; i += step) {
        size_t piece = len - i < step ? len - i : step;
        n += tt_decode(&d, out + n, (const unsigned char *)in + i, piece, i + piece == len);
    }
    out[n] = '\0';
    return out;
}

#define IN(text) text, sizeof(text) - 1

int main(void) {
    static const struct {
        int encoding;
        const char *in;
        size_t len;
        const char *out;
    } cases[] = {
        {TT_TEXT_UTF16LE, IN("a\0\n\0\xE9\0\xAC\x20\x3D\xD8\x0D\xDE"), "a\n\u00e9\u20ac\U0001f60d"},
        {TT_TEXT_UTF16BE, IN("\0a\0\n\0\xE9\x20\xAC\xD8\x3D\xDE\x0D"), "a\n\u00e9\u20ac\U0001f60d"},
        {TT_TEXT_UTF16LE,
         IN("\x3D\xD8"
            "a\0\x0D\xDE"
            "b\0\x3D\xD8"),
         "\xFF"
         "a\xFF"
         "b\xFF"},
        {TT_TEXT_UTF16LE, IN("\x3D\xD8\x3D\xD8\x0D\xDE"), "\xFF\U0001f60d"},
        {TT_TEXT_UTF16LE, IN("a\0b"), "a\xFF"},
        {TT_TEXT_UTF32LE, IN("a\0\0\0\x0D\xF6\x01\0"), "a\U0001f60d"},
        {TT_TEXT_UTF32BE, IN("\0\0\0a\0\x01\xF6\x0D\0\x11\0\0\0\0\xD8\0\0\0"),
         "a\U0001f60d\xFF\xFF\xFF"},
        {TT_TEXT_WINDOWS_1252, IN("caf\xE9 \x93x\x94 \x80\x35 \x81 \x9F\xFF"),
         "caf\u00e9 \u201cx\u201d \u20ac5 \xFF \u0178\u00ff"},
        {TT_TEXT_LATIN_1, IN("\xA4\x80\xE9"), "\u00a4\u20ac\u00e9"},
        {TT_TEXT_LATIN_9, IN("\xA4\xA6\xA8\xB4\xB8\xBC\xBD\xBE\x80"),
         "\u20ac\u0160\u0161\u017d\u017e\u0152\u0153\u0178\xFF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 6; step++) {
            const char *got = decoded(cases[i].encoding, cases[i].in, cases[i].len, step);
            CHECK(!strcmp(got, cases[i].out), "case %zu by %zu: %s", i, step, got);
        }
    tt_decoder d = {.encoding = TT_TEXT_WINDOWS_1252};
    char out[4];
    CHECK(tt_decode(&d, out, (const unsigned char *)"a\0b", 3, 1) == 3 && !memcmp(out, "a\0b", 3));

    static const struct {
        const char *text;
        size_t len;
        int good;
    } utf8[] = {{IN(""), 1},
                {IN("abc"), 1},
                {IN("\u00e9\u20ac\U0001f60d"), 1},
                {IN("\xC3"), 0},
                {IN("\xE2\x82"), 0},
                {IN("\xC0\x80"), 0},
                {IN("\xE0\x9F\x80"), 0},
                {IN("\xED\xA0\x80"), 0},
                {IN("\xF4\x90\x80\x80"), 0},
                {IN("\x80"), 0},
                {IN("\xFF"), 0},
                {IN("caf\xE9 "), 0}};
    for (size_t i = 0; i < sizeof utf8 / sizeof *utf8; i++)
        CHECK(tt_utf8_valid(utf8[i].text, utf8[i].len) == utf8[i].good, "utf8 %zu", i);
    CHECK(tt_encoding_is_bytes(TT_TEXT_LATIN_9) && !tt_encoding_is_bytes(TT_TEXT_UTF16) &&
          !tt_encoding_is_bytes(TT_TEXT_UTF8));
    return test_done("t_encoding");
}
