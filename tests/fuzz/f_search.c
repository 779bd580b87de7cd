/* f_search: a model file with bytes changed and checksums made right is refused with one line, or
 * translates a line to a line and a document to a document, and has attention to show. What to
 * change: seal.h; the first byte chooses weights and search.
 */
#include "fuzz/small.h"
#include "fuzz/seal.h"
#include "ttrans.h"

static void use(const char *path, const tt_translate_options *o) {
    static const char *const text[] = {"The dog and a cat. the house!", ""};
    tt_err e = {0};
    tt_translator *t = tt_translator_open(path, o, &e);
    for (int i = 0; t && i < 2; i++) {
        const char *out;
        size_t len;
        if (tt_translate_line(t, text[i], strlen(text[i]), &out, &len, &e)) {
            REFUSED(e, e.code != TT_ENOINPUT);
            break;
        }
        HOLDS(len && out[len - 1] == '\n' && memchr(out, '\n', len) == out + len - 1);
    }
    if (!t)
        REFUSED(e, e.code == TT_EFORMAT || e.code == TT_EDATA || e.code == TT_ENOMEM ||
                       e.code == TT_EUSAGE || e.code == TT_ECONFIG);
    tt_translator_close(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t *model[2];
    static size_t model_size[2], dir[2];
    for (int i = 0; i < 2; i++)
        if (!model[i]) {
            char path[100];
            snprintf(path, sizeof path, "%s/m.ttm", memfile_folder());
            model[i] = small_model(path, i ? TT_TYPE_I8 : TT_TYPE_F32, &model_size[i]);
            dir[i] = (size_t)tt_le_get(model[i] + TT_TTM_AT_DIR, 8);
        }
    if (!size) return 0;
    const int which = data[0] & 1;
    uint8_t *copy = malloc(model_size[which]);
    HOLDS(copy);
    memcpy(copy, model[which], model_size[which]);
    seal_patch(copy, model_size[which], dir[which], data + 1, size - 1);
    seal_model(copy, model_size[which]);
    memfile f = memfile_open(copy, model_size[which]);
    tt_translate_options o;
    tt_translate_init(&o);
    o.threads = 1, o.beam = data[0] >> 1 & 3, o.cache = 0, o.checks = data[0] >> 3 & 1;
    o.mini_batch_words = 256, o.mini_batch = 4;
    use(f.path, &o);
    memfile_close(&f);
    free(copy);
    return 0;
}
