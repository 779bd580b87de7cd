/* f_lines: bytes of any kind, read as lines in any encoding: the same lines whatever the pieces
 * they come in, valid UTF-8 where they were decoded (FF for what was bad), or one refusal.
 */
#include "fuzz/holds.h"
#include "io/encoding.h"
#include "base/utf8.h"
#include "io/kind.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decodes(const uint8_t *data, size_t size, int encoding) {
    char *whole = malloc(3 * size + 4), *parts = malloc(3 * size + 4);
    HOLDS(whole && parts);
    tt_decoder d = {.encoding = encoding};
    size_t n = tt_decode(&d, whole, data, size, 1), m = 0, step = 1;
    HOLDS(n <= 3 * size + 4);
    d = (tt_decoder){.encoding = encoding};
    for (size_t i = 0; i < size; i += step, step = step % 7 + 1) {
        if (step > size - i) step = size - i;
        m += tt_decode(&d, parts + m, data + i, step, i + step == size);
    }
    HOLDS(!size || (n == m && !memcmp(whole, parts, n)));
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)whole[i] == 0xFF) whole[i] = '?';
    HOLDS(tt_utf8_valid(whole, n));
    free(whole);
    free(parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int encodings[] = {TT_TEXT_UTF16LE, TT_TEXT_UTF16BE,      TT_TEXT_UTF32LE,
                                    TT_TEXT_UTF32BE, TT_TEXT_WINDOWS_1252, TT_TEXT_LATIN_1,
                                    TT_TEXT_LATIN_9};
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        decodes(data, size, encodings[i]);

    tt_kind last = tt_kind_of(data, size, 1);
    HOLDS(last.sort != TT_KIND_OPEN && last.mark <= size);
    HOLDS(last.sort == TT_KIND_TEXT || (last.what && last.todo));
    for (size_t n = 0; n < size && n < 300; n++) { /* open never turns back */
        tt_kind k = tt_kind_of(data, n, 0);
        HOLDS(k.mark <= n &&
              (k.sort != TT_KIND_OPEN || !memchr(data, '\n', n) || data[0] >= 0x80 || !data[0]));
    }
    if (tt_kind_windows_1252(data, size)) HOLDS(!tt_utf8_valid((const char *)data, size));
    tt_kind_utf16(data, size);
    return 0;
}
