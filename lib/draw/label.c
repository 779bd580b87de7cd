/* label.c: see label.h. The ranges are those of Unicode's East Asian Width W and F, by blocks.
 */
#include "draw/label.h"

#include <stdbool.h>
#include <string.h>

#include "text/clean.h"

static bool is_joining(uint32_t c) {
    return (c >= 0x300 && c < 0x370) || (c >= 0x200B && c < 0x2010) ||
           (c >= 0xFE00 && c < 0xFE10) || (c >= 0x1F3FB && c <= 0x1F3FF);
}

static bool is_wide(uint32_t c) {
    return (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) ||
           (c >= 0xAC00 && c < 0xD7A4) || (c >= 0xF900 && c < 0xFB00) ||
           (c >= 0xFE30 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF61) ||
           (c >= 0x1F300 && c < 0x40000);
}

int tt_label_step(const char *text, size_t *size, uint32_t *code) {
    uint32_t c;
    size_t len = strnlen(text, 4);
    int n = tt_utf8_next(text, len, &c);
    *size = n > 0 ? (size_t)n : 1;
    if (n < 0) c = 0xFFFD;
    if (code) *code = c;
    return is_joining(c) ? 0 : is_wide(c) ? 2 : 1;
}

int tt_label_columns(const char *text) {
    int columns = 0;
    for (size_t size; *text; text += size) columns += tt_label_step(text, &size, NULL);
    return columns;
}

const char *tt_label_fit(const char *text, int most, int ascii, tt_arena *a) {
    size_t cap = strlen(text) + 4, n = 0, size;
    int whole = tt_label_columns(text), room = whole <= most ? whole : most - 1, used = 0;
    char *out = tt_arena_alloc(a, cap);
    if (!out) return NULL;
    for (; *text; text += size) {
        uint32_t c;
        int columns = tt_label_step(text, &size, &c);
        if (used + columns > room) break;
        used += columns;
        if (c < ' ' || c == 0x7f || (c == 0xFFFD && size == 1)) {
            out[n++] = '?';
        } else {
            memcpy(out + n, text, size);
            n += size;
        }
    }
    if (whole > most && most > 0) {
        const char *cut = ascii ? "." : "\xe2\x80\xa6";
        memcpy(out + n, cut, strlen(cut));
        n += strlen(cut);
    }
    out[n] = 0;
    return out;
}

const char **tt_labels_fit(const char *const *text, int n, int most, int ascii, int *longest,
                           tt_arena *a) {
    const char **out = tt_arena_alloc(a, (size_t)n * sizeof *out);
    *longest = 0;
    for (int i = 0; out && i < n; i++) {
        out[i] = tt_label_fit(text[i], most, ascii, a);
        if (!out[i]) return NULL;
        int columns = tt_label_columns(out[i]);
        if (columns > *longest) *longest = columns;
    }
    return out;
}
