/* f_corpus: whatever the text, a corpus has pairs of ids of the vocabulary that end as they should
 * and are no longer than asked, the same whatever the threads, or is refused with one line. A NUL
 * byte in the first half makes two files of it.
 */
#include "fuzz/small.h"
#include "text/corpus.h"

static const tt_corpus_limits limits = {.max_tokens = 40, .max_ratio = 3};

static void look(const tt_corpus *c, const tt_vocab *v) {
    int32_t ids[64];
    for (size_t i = 0; i < tt_corpus_pairs(c); i++)
        for (int side = 0; side < 2; side++) {
            int n = side ? tt_corpus_tgt_len(c, i) : tt_corpus_src_len(c, i);
            HOLDS(n >= 2 && n <= limits.max_tokens);
            if (side) tt_corpus_tgt(c, i, ids);
            else tt_corpus_src(c, i, ids);
            for (int k = 0; k < n; k++) HOLDS(ids[k] >= 0 && ids[k] < tt_vocab_size(v));
            HOLDS(ids[n - 1] == tt_vocab_eos(v));
        }
}

static void pairs(const tt_parallel *s, const tt_vocab *v) {
    tt_err e = {0};
    tt_pairs p;
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    HOLDS(a);
    int rc = tt_pairs_read(&p, s, v, limits.max_tokens, 1, a, NULL, &e);
    if (rc) REFUSED(e, rc == TT_EDATA || rc == TT_EFORMAT || rc == TT_ENOMEM);
    for (int i = 0; !rc && i < p.count; i++)
        HOLDS(!strchr(p.src_text[i], '\n') && !strchr(p.tgt_text[i], '\n'));
    if (!rc) HOLDS(p.src.count == p.count && p.tgt.count == p.count);
    tt_arena_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static tt_pool *pool[2];
    const tt_vocab *v = small_vocab();
    tt_err e = {0};
    for (int i = 0; i < 2; i++) HOLDS(pool[i] || (pool[i] = tt_pool_open(1 + 2 * i, &e)));
    const uint8_t *cut = size ? memchr(data, 0, size / 2) : NULL;
    size_t first = cut ? (size_t)(cut - data) : size;
    memfile a = memfile_open(data, first),
            b = memfile_open(cut ? cut + 1 : data, cut ? size - first - 1 : 0);
    const tt_parallel s = {a.path, cut ? b.path : NULL, 1};
    uint64_t hash[2] = {0, 0};
    int code[2];
    for (int i = 0; i < 2; i++) {
        tt_corpus *c = tt_corpus_open(&s, 1, v, pool[i], &limits, NULL, &e);
        code[i] = c ? 0 : e.code;
        if (c) look(c, v), hash[i] = tt_corpus_hash(c);
        else REFUSED(e, e.code == TT_EDATA || e.code == TT_EFORMAT || e.code == TT_ENOMEM);
        tt_corpus_close(c);
    }
    HOLDS(code[0] == code[1] && hash[0] == hash[1]);
    pairs(&s, v);
    memfile_close(&a);
    memfile_close(&b);
    return 0;
}
