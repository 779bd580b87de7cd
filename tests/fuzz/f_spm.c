/* f_spm: whatever the bytes are, a vocabulary opens and turns text into ids of its own and ids into
 * text, or it is refused with one line. The first byte says how many of the bytes behind it are the
 * text.
 */
#include "fuzz/memfile.h"
#include "text/vocab.h"

static void use(const tt_vocab *v, const char *text, size_t len, tt_arena *a) {
    tt_err e = {0};
    int32_t *ids, *at;
    char *back;
    size_t n, back_len;
    HOLDS(tt_vocab_eos(v) >= 0 && tt_vocab_eos(v) < tt_vocab_size(v));
    int rc = tt_vocab_encode(v, text, len, TT_VOCAB_EOS, a, &ids, &n, &e);
    if (!rc) {
        for (size_t i = 0; i < n; i++) HOLDS(ids[i] >= 0 && ids[i] < tt_vocab_size(v));
        rc = tt_vocab_decode(v, ids, n, a, &back, &back_len, &e);
        HOLDS(rc || !back[back_len]);
    }
    if (rc) REFUSED(e, 1);
    rc = tt_vocab_encode_at(v, text, len, TT_VOCAB_EOS, a, &ids, &at, &n, &e);
    for (size_t i = 0; !rc && i < n; i++)
        HOLDS(at[i] >= 0 && (size_t)at[i] <= len && (!i || at[i] >= at[i - 1]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char usual[] = "the house, \xc3\xb1"
                                "and \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\x98\x80 12";
    if (!size) return 0;
    size_t len = data[0] < size - 1 ? data[0] : 0;
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)256 << 20, &e);
    tt_vocab *v = tt_vocab_open_bytes(data + 1 + len, size - 1 - len, &e);
    HOLDS(a);
    if (v) {
        use(v, usual, sizeof usual - 1, a);
        tt_span text = {(const char *)data + 1, len};
        if (tt_utf8_bad(text, NULL, NULL) == len && !memchr(text.text, 0, len))
            use(v, text.text, len, a);
    } else {
        REFUSED(e, e.code == TT_EFORMAT || e.code == TT_ENOMEM);
    }
    tt_vocab_close(v);
    tt_arena_close(a);
    return 0;
}
