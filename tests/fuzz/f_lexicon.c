/* f_lexicon: whatever the bytes are, a list of pieces in any of its forms (YAML, JSON, lines) has a
 * text or nothing for each id, and makes a vocabulary that turns text into ids of its own; or one
 * line says what is wrong.
 */
#include "fuzz/memfile.h"
#include "port/lexicon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"vocab.yml", "vocab.json", "vocab.txt"},
                             text[] = "a house 12";
    for (int i = 0; i < 3; i++) {
        tt_err e = {0};
        tt_piece_list l;
        tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
        HOLDS(a);
        if (tt_piece_list_read(&l, (const char *)data, size, names[i], a, &e)) {
            REFUSED(e, e.code == TT_EFORMAT || e.code == TT_ENOMEM);
        } else {
            HOLDS(l.count <= 1000000); /* ids may have gaps */
            for (size_t k = 0; k < l.count; k++)
                HOLDS(!l.piece[k] || strlen(l.piece[k]) <= 3 * size);
        }
        tt_arena_close(a);
    }
    tt_err e = {0};
    tt_vocab *v = tt_vocab_open_parts(NULL, 0, (const char *)data, size, &e);
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    HOLDS(a);
    if (v) {
        int32_t *ids;
        char *back;
        size_t n, len;
        HOLDS(!tt_vocab_encode(v, text, sizeof text - 1, TT_VOCAB_EOS, a, &ids, &n, &e));
        for (size_t i = 0; i < n; i++) HOLDS(ids[i] >= 0 && ids[i] < tt_vocab_size(v));
        HOLDS(!tt_vocab_decode(v, ids, n, a, &back, &len, &e));
    } else {
        REFUSED(e, e.code == TT_EFORMAT || e.code == TT_ENOMEM);
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    return 0;
}
