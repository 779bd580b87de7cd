/* f_glossary: whatever the lines of a glossary, what it finds in a sentence lies inside that, in
 * order; or it is refused with one line that names the place. The sentence is the first line.
 */
#include "fuzz/small.h"
#include "translate/glossary.h"

static void find(const tt_glossary *g, const char *line, size_t len) {
    const tt_vocab *v = small_vocab();
    tt_err e = {0};
    tt_arena *a = tt_arena_open((size_t)64 << 20, &e);
    tt_translate_stats stats = {0};
    tt_sentences made;
    const tt_cutting how = {.vocab = v, .limit = 60, .split = TT_SPLIT_NONE};
    HOLDS(a);
    int rc = tt_sentences_make(&made, &how, line, len, a, &stats, &e);
    for (size_t i = 0; !rc && i < made.count; i++) {
        const tt_terms *t = NULL;
        rc = tt_glossary_find(&t, g, v, &made.parts[i], a, &e);
        for (int k = 0; !rc && t && k < t->count; k++)
            HOLDS(t->term[k].from >= 0 && t->term[k].from < t->term[k].to &&
                  t->term[k].to <= made.parts[i].count);
        for (int f = 0; !rc && t && f < t->forms; f++)
            for (int k = 0; k < t->form[f].count; k++)
                HOLDS(t->form[f].term < t->count && t->form[f].ids[k] >= 0 &&
                      t->form[f].ids[k] < tt_vocab_size(v));
    }
    if (rc) REFUSED(e, rc == TT_ENOMEM || rc == TT_EDATA);
    tt_arena_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char usual[] = "The dog, a cat and the house a b.";
    memfile f = memfile_open(data, size);
    tt_err e = {0};
    tt_glossary *g = tt_glossary_open(f.path, small_vocab(), NULL, NULL, &e);
    if (g) {
        const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
        tt_span line = {(const char *)data, end ? (size_t)(end - data) : size};
        find(g, usual, sizeof usual - 1);
        if (line.len < 2000 && tt_utf8_bad(line, NULL, NULL) == line.len &&
            !memchr(data, 0, line.len))
            find(g, line.text, line.len);
    } else {
        REFUSED(e, e.code == TT_EDATA || e.code == TT_EFORMAT || e.code == TT_ENOMEM);
    }
    tt_glossary_close(g);
    memfile_close(&f);
    return 0;
}
