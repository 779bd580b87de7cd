/* f_speller: whatever the bytes are, a list of words is opened or refused with one line; what was
 * opened mends words, which its own words need not, with words that it knows.
 */
#include "fuzz/holds.h"

#include "text/speller.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_err e = {0};
    char *bytes = malloc(size + 1), out[TT_SPELLER_WORD];
    HOLDS(bytes);
    if (size) memcpy(bytes, data, size);
    tt_speller *s = tt_speller_open(bytes, size, "input", &e);
    if (!s) {
        HOLDS(e.code == TT_EFORMAT && e.msg[0] && !strchr(e.msg, '\n'));
        return 0;
    }
    for (size_t at = 0; at < size;) { /* each word, and each without its first byte */
        const char *word = (const char *)data + at;
        const size_t left = size - at, n = left < 200 ? left : 200;
        const char *tab = memchr(word, '\t', n), *end = memchr(word, '\n', left);
        if (tab) {
            HOLDS(tt_speller_knows(s, word, (size_t)(tab - word)));
            const size_t len = tt_speller_mend(s, word + 1, (size_t)(tab - word - 1), n & 1, out);
            HOLDS(len <= sizeof out && (!len || tt_speller_knows(s, out, len)));
        }
        at = end ? (size_t)(end - (const char *)data) + 1 : size;
    }
    tt_speller_close(s);
    return 0;
}
