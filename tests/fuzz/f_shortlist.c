/* f_shortlist: whatever the bytes are, the reader of shortlists opens them or refuses them with one
 * line; what it opened gives, for any source, rising ids of the vocabulary with the end among them.
 *
 * Each input is tried as it is and with magic and checksum made right.
 */
#include "fuzz/holds.h"
#include "unit/pieces.h"

#include "lexical/shortlist.h"

#include <stdint.h>
#include <stdlib.h>

static const char *const pieces[] = {"a", "b", "c", "d"};

static void look(const tt_shortlist *s, int size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)1 << 20, &e);
    HOLDS(a);
    for (int32_t id = -1; id <= size; id++) {
        const int32_t src[] = {id, 0};
        int32_t *words;
        int count, eos = 0;
        HOLDS(!tt_shortlist_words(s, src, 2, a, &words, &count, &e) && count >= 1);
        for (int i = 0; i < count; i++) {
            HOLDS(words[i] >= 0 && words[i] < size && (i == 0 || words[i] > words[i - 1]));
            eos |= words[i] == 0;
        }
        HOLDS(eos);
    }
    tt_arena_close(a);
}

static void try_bytes(const uint8_t *data, size_t size, const tt_vocab *v) {
    tt_err e = {0};
    tt_shortlist *s = tt_shortlist_open_bytes(data, size, "input", v, v, 0, (int)(size % 3), &e);
    if (s) look(s, tt_vocab_size(v));
    else HOLDS((e.code == TT_EFORMAT || e.code == TT_EDATA) && e.msg[0] && !strchr(e.msg, '\n'));
    tt_shortlist_close(s);
}

static void seal(uint8_t *p, size_t size) {
    static const uint8_t magic[8] = {0xf5, 0x17, 0x34, 0x01, 0xd5, 0x48, 0x1a, 0xf1};
    uint64_t h = 0;
    memcpy(p, magic, sizeof magic);
    for (size_t at = 16; at + 8 <= size; at += 8) {
        uint64_t w = 0;
        for (int i = 8; i-- > 0;) w = w << 8 | p[at + (size_t)i];
        h ^= w + 0x9e3779b9 + (h << 6) + (h >> 2);
    }
    for (int i = 0; i < 8; i++) p[8 + i] = (uint8_t)(h >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_vocab *v = pieces_vocab(pieces, 4);
    HOLDS(v);
    try_bytes(data, size, v);
    if (size >= 16) {
        uint8_t *copy = malloc(size);
        HOLDS(copy);
        memcpy(copy, data, size);
        seal(copy, size);
        try_bytes(copy, size, v);
        free(copy);
    }
    tt_vocab_close(v);
    return 0;
}
