/* wellformed.c: see wellformed.h. A state is a row of a table: the range of the next byte, and the
 * state behind it. The second byte has ranges of its own behind E0 (else it were too long a form),
 * ED (surrogates), F0 (too long), F4 (above U+10FFFF) and C2 (control characters of Latin-1); EF
 * and EF BF are states of their own because of U+FFFD, EF BF BD.
 */
#include "text/wellformed.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    BETWEEN,
    LAST,
    LAST_2,
    LAST_3,
    AFTER_E0,
    AFTER_ED,
    AFTER_F0,
    AFTER_F4,
    AFTER_EF,
    AFTER_EF_BF,
    AFTER_C2,
    NEVER
};

static const struct {
    uint8_t low, high, then, need; /* bytes, the state behind one, how many are missing */
} after[] = {[BETWEEN] = {1, 0, BETWEEN, 0},        [LAST] = {0x80, 0xbf, BETWEEN, 1},
             [LAST_2] = {0x80, 0xbf, LAST, 2},      [LAST_3] = {0x80, 0xbf, LAST_2, 3},
             [AFTER_E0] = {0xa0, 0xbf, LAST, 2},    [AFTER_ED] = {0x80, 0x9f, LAST, 2},
             [AFTER_F0] = {0x90, 0xbf, LAST_2, 3},  [AFTER_F4] = {0x80, 0x8f, LAST_2, 3},
             [AFTER_EF] = {0x80, 0xbf, LAST, 2},    [AFTER_EF_BF] = {0x80, 0xbf, BETWEEN, 1},
             [AFTER_C2] = {0xa0, 0xbf, BETWEEN, 1}, [NEVER] = {1, 0, BETWEEN, 0}};

/* The state behind a byte that begins a character. */
static int begin(int b) {
    if (b >= 0x20 && b < 0x7f) return BETWEEN;
    if (b < 0xc2 || b > 0xf4) return NEVER;
    if (b < 0xe0) return b == 0xc2 ? AFTER_C2 : LAST;
    if (b < 0xf0)
        return b == 0xe0 ? AFTER_E0 : b == 0xed ? AFTER_ED : b == 0xef ? AFTER_EF : LAST_2;
    return b == 0xf0 ? AFTER_F0 : b == 0xf4 ? AFTER_F4 : LAST_3;
}

static bool goes_on(int state, int byte) {
    return byte >= after[state].low && byte <= after[state].high;
}

bool tt_wellformed_leads(int byte) {
    int state = begin(byte);
    return state != NEVER && state != BETWEEN;
}

bool tt_wellformed_may(const tt_wellformed *w, int state, int32_t token, int left, int replaced) {
    const int kind = w->kind[token];
    if (kind < TT_PIECE_BYTE) return state == BETWEEN && (kind != TT_PIECE_REPLACEMENT || replaced);
    const int byte = kind - TT_PIECE_BYTE;
    if (state != BETWEEN)
        return goes_on(state, byte) && (state != AFTER_EF_BF || byte != 0xbd || replaced);
    const int then = begin(byte);
    return then == BETWEEN || (then != NEVER && after[then].need < left);
}

int tt_wellformed_next(const tt_wellformed *w, int state, int32_t token) {
    const int byte = w->kind[token] - TT_PIECE_BYTE;
    if (byte < 0) return BETWEEN;
    if (!goes_on(state, byte)) return begin(byte) == NEVER ? BETWEEN : begin(byte);
    return state == AFTER_EF && byte == 0xbf ? AFTER_EF_BF : after[state].then;
}

int tt_wellformed_bytes(const tt_wellformed *w, int state, int replaced, int32_t *ids) {
    int n = 0;
    for (int byte = after[state].low; byte <= after[state].high; byte++)
        if (w->token[byte] >= 0 && (state != AFTER_EF_BF || byte != 0xbd || replaced))
            ids[n++] = w->token[byte];
    return n;
}

int tt_wellformed_tail(const tt_wellformed *w, const int32_t *ids, int count) {
    int state = BETWEEN, n = 0;
    for (int i = 0; i < count; i++) {
        const int goes = state != BETWEEN && w->kind[ids[i]] >= TT_PIECE_BYTE &&
                         goes_on(state, w->kind[ids[i]] - TT_PIECE_BYTE);
        state = tt_wellformed_next(w, state, ids[i]);
        n = state == BETWEEN ? 0 : goes ? n + 1 : 1;
    }
    return n;
}

/* ---- the table ----------------------------------------------------------------------------- */

static int hex(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte of "<0xE2>"; -1: the piece is none. */
static int byte_of(const char *piece) {
    if (strlen(piece) != 6 || memcmp(piece, "<0x", 3) || piece[5] != '>') return -1;
    const int high = hex(piece[3]), low = hex(piece[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool is_blank(const char *piece) {
    while (*piece == ' ' || !strncmp(piece, "\xE2\x96\x81", 3)) piece += *piece == ' ' ? 1 : 3;
    return !*piece;
}

tt_wellformed *tt_wellformed_open(const tt_vocab *v, tt_err *e) {
    tt_vocab_info info;
    tt_vocab_describe(v, &info);
    tt_wellformed *w = calloc(1, sizeof *w);
    if (w) w->kind = calloc((size_t)info.size, sizeof *w->kind);
    if (w) w->odd = malloc((size_t)info.size * sizeof *w->odd);
    if (!w || !w->kind || !w->odd) {
        tt_wellformed_close(w);
        tt_fail(e, TT_ENOMEM, "out of memory for a table of %d pieces", info.size);
        return NULL;
    }
    w->size = info.size;
    for (int i = 0; i < 256; i++) w->token[i] = -1;
    for (int id = 0; id < info.size; id++) {
        const char *piece = tt_vocab_piece(v, id);
        const int byte = info.byte_fallback ? byte_of(piece) : -1;
        if (byte >= 0) {
            w->kind[id] = (uint16_t)(TT_PIECE_BYTE + byte);
            w->token[byte] = id;
        } else if (is_blank(piece)) {
            w->kind[id] = TT_PIECE_BLANK;
        } else if (strstr(piece, "\xEF\xBF\xBD")) {
            w->kind[id] = TT_PIECE_REPLACEMENT;
        }
        if (w->kind[id]) w->odd[w->odd_count++] = id;
    }
    return w;
}

void tt_wellformed_close(tt_wellformed *w) {
    if (!w) return;
    free(w->kind);
    free(w->odd);
    free(w);
}
