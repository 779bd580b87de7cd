/* f_promises: whatever the options and the text, a translation has the same bytes with another
 * batch, with other threads, with another instruction set, without what was remembered, and read in
 * pieces; or the same refusal. The first ten bytes choose the options, the rest is the text.
 */
#include "fuzz/small.h"
#include "ttrans.h"

enum { HEAD = 10 };

static char model[2][100], in[100], out[100];

static void make(void) {
    size_t size;
    for (int i = 0; i < 2; i++) {
        snprintf(model[i], sizeof model[i], "%s/%d.ttm", memfile_folder(), i);
        free(small_model(model[i], i ? TT_TYPE_I8 : TT_TYPE_F32, &size));
    }
    snprintf(in, sizeof in, "%s/in", memfile_folder());
    snprintf(out, sizeof out, "%s/out", memfile_folder());
}

/* What a user asks for: each choice may change the bytes, and all ways of working must agree on
   them. */
static void choose(tt_translate_options *o, const uint8_t *b) {
    static const int beams[] = {1, 2, 4, 5}, lengths[] = {0, 8, 5, 12};
    tt_translate_init(o);
    o->beam = beams[b[0] & 3];
    o->compute = b[0] & 4    ? TT_TYPE_I8
                 : b[0] & 8  ? TT_TYPE_BF16
                 : b[0] & 16 ? TT_COMPUTE_BF16_BOTH
                             : TT_COMPUTE_AUTO;
    o->split = b[0] >> 5 & 1   ? TT_SPLIT_NONE
               : b[0] >> 6 & 1 ? TT_SPLIT_PARAGRAPH
                               : TT_SPLIT_SENTENCE;
    o->keep = b[1] & 1, o->checks = b[1] >> 1 & 1, o->retry_loops = b[1] >> 2 & 1,
    o->capitals = b[1] >> 3 & 1;
    o->n_best = b[1] >> 4 & 1 ? 2 : 0, o->scores = b[1] >> 5 & 1, o->word_scores = b[1] >> 6 & 1;
    o->max_length = lengths[b[2] & 3], o->max_length_factor = b[2] & 4 ? 1.5 : 0,
    o->normalize = b[2] & 8 ? 1 : 0.6;
    o->no_repeat = b[2] & 16 ? 2 : 0, o->coverage = b[2] & 32 ? 0.3 : 0,
    o->min_length = b[2] & 64 ? 2 : 0;
    o->allow_unk = b[2] >> 7, o->sampling = b[3] & 1, o->top_k = b[3] & 2 ? 3 : 0,
    o->top_p = b[3] & 4 ? 0.7 : 1;
    o->seed = b[3] >> 3 & 3, o->temperature = b[3] & 32 ? 0.5 : 1, o->json = b[3] >> 6 & 1,
    o->pairs = b[3] >> 7;
    o->alignment = b[4] % 3, o->alignment_pieces = b[4] >> 2 & 1, o->replace_unk = b[4] >> 3 & 1,
    o->prefix = b[4] >> 4 & 1;
    if (b[4] & 32) o->diversity_groups = 2, o->diversity_strength = 0.5;
    o->word_penalty = b[4] & 64 ? 0.2 : TT_MODEL_SAYS;
}

static uint8_t *translate(const tt_translate_options *o, const char *path, const char *format,
                          size_t *n, int *code) {
    tt_err e = {0};
    tt_translator *t = tt_translator_open(path, o, &e);
    unlink(out);
    *code = !t       ? e.code
            : format ? tt_translate_document(t, in, out, format, NULL, NULL, NULL, NULL, &e)
                     : tt_translate_file(t, in, out, NULL, NULL, &e);
    tt_translator_close(t);
    if (*code) {
        REFUSED(e, e.code == TT_EUSAGE || e.code == TT_EDATA || e.code == TT_ECONFIG ||
                       e.code == TT_EFORMAT);
        return NULL;
    }
    return memfile_read(out, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const formats[] = {NULL, NULL,    NULL,  "html", "markdown", "srt",
                                          "po", "xliff", "tmx", "xml",  "vtt"};
    static const char *const levels[] = {NULL, "c", "avx2", "avx512", "vnni", "avxvnni", "bf16"};
    if (!*out) make();
    if (size < HEAD || size > 600) return 0;
    FILE *f = fopen(in, "wb");
    HOLDS(f && fwrite(data + HEAD, 1, size - HEAD, f) == size - HEAD && !fclose(f));
    const char *path = model[data[5] & 1],
               *format = formats[(data[5] >> 1) % (sizeof formats / sizeof *formats)];
    tt_translate_options o;
    tt_err e = {0};
    choose(&o, data);
    o.links = format != NULL;
    o.threads = 1, o.mini_batch = 1, o.mini_batch_words = 16, o.maxi_batch = 1, o.cache = 0,
    o.isa = "c";
    size_t n, m;
    int one, two;
    uint8_t *first = translate(&o, path, format, &n, &one);
    o.threads = 1 + data[6] % 3, o.mini_batch = 1 + data[7] % 40,
    o.mini_batch_words = 16 + data[8] * 4, o.maxi_batch = 1 + data[6] / 64;
    o.cache = data[7] >> 7;
    o.isa = levels[data[9] % (sizeof levels / sizeof *levels)];
    if (!tt_isa(o.isa, &e)) o.isa = NULL;
    uint8_t *second = translate(&o, path, format, &m, &two);
    HOLDS(one == two && (one || (n == m && !memcmp(first, second, n))));
    free(first);
    free(second);
    return 0;
}
