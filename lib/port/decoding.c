/* decoding.c: Marian's options of decoding (decoder.yml) become metadata of the model file. Some
 * set how the search goes, and are kept. Some change what is computed in a way that is not done
 * here, and are refused by name unless they say no. The rest is about batches, devices, logs and
 * layout, as in what `marian-decoder --dump-config full` writes, and is passed over. So are options
 * of the model: the model's own file has the last word on them.
 */
#include <stdlib.h>
#include <string.h>

#include "port/port.h"
#include "ttrans/translate_options.h"
#include "port/yaml.h"

/* Numbers from low to high that are kept, and under which key. */
static const struct {
    const char *option, *key;
    double low, high;
} kept[] = {{"beam-size", "decode.beam-size", 1, TT_BEAM_MAX},
            {"normalize", "decode.normalize", 0, 10},
            {"word-penalty", "decode.word-penalty", -1000, 1000},
            {"max-length-factor", "decode.max-length-factor", 0.01, 100},
            {"allow-unk", "decode.allow-unk", 0, 1}};
enum { KEPT = sizeof kept / sizeof *kept };

/* Values with which nothing else comes out, between |; "" is an empty list, or nothing. */
static const struct {
    const char *option, *only;
} harmless[] = {{"allow-special", "false"},   {"output-sampling", "false|"},
                {"right-left", "false"},      {"weights", "1|1.0|"},
                {"force-decode", "false"},    {"ignore-model-config", "false"},
                {"input-types", "sequence|"}, {"no-spm-encode", "false"},
                {"xml-input", "false"},       {"extra-output-mask", "false|"},
                {"best-deep", "false"}};
enum { HARMLESS = sizeof harmless / sizeof *harmless };

static const char passed_over[] = "alignment|authors|build-info|check-nan|cite|config|cpu-threads|"
                                  "data-threads|devices|dump-config|fp16|gemm-precision|"
                                  "gemm-type|input|interpolate-env-vars|log|log-level|log-time-"
                                  "zone|maxi-batch|maxi-batch-sort|max-length|max-length-break|"
                                  "max-length-crop|mini-batch|mini-batch-words|model-mmap|models|n-"
                                  "best|no-spm-decode|num-devices|optimize|output|"
                                  "output-approx-knn|port|precision|quality|quantize-range|quiet|"
                                  "quiet-translation|relative-paths|seed|shortlist|skip-cost|"
                                  "ssplit-mode|ssplit-prefix-file|stat-freq|summary|tsv|tsv-fields|"
                                  "use-legacy-batching|vocabs|word-scores|workspace";

static int keep(tt_port *p, const tt_yaml *y, const tt_yaml_entry *x, int k, tt_err *e) {
    const char *value = x->count ? x->value[0] : "", *end;
    if (!strcmp(value, "true") || !strcmp(value, "false")) value = *value == 't' ? "1" : "0";
    double number = strtod(value, (char **)(uintptr_t)&end);
    if (end == value || *end || !(number >= kept[k].low && number <= kept[k].high))
        return tt_fail(e, TT_EFORMAT, "%s:%zu: option %s is %.40s, expected a number from %g to %g",
                       y->file, x->line, x->key, value, kept[k].low, kept[k].high);
    return tt_port_note(p, kept[k].key, value, e);
}

static int note(tt_port *p, const tt_yaml *y, const tt_yaml_entry *x, tt_err *e) {
    const char *value = x->count ? x->value[0] : "";
    for (int k = 0; k < KEPT; k++)
        if (!strcmp(kept[k].option, x->key)) return keep(p, y, x, k, e);
    for (int k = 0; k < HARMLESS; k++) {
        if (strcmp(harmless[k].option, x->key) != 0) continue;
        for (size_t i = 0; i < x->count || !i; i++) {
            if (x->count) value = x->value[i];
            if (!tt_port_among(harmless[k].only, value))
                return tt_fail(e, TT_EFORMAT, "%s:%zu: option %s is %.40s, expected %.*s", y->file,
                               x->line, x->key, value, (int)strcspn(harmless[k].only, "|"),
                               harmless[k].only);
        }
        return 0;
    }
    if (tt_port_among(passed_over, x->key) || tt_marian_knows(x->key)) return 0;
    return tt_fail(e, TT_EFORMAT, "%s:%zu: unknown option %.60s", y->file, x->line, x->key);
}

int tt_marian_decoding(tt_port *p, const tt_yaml *y, tt_err *e) {
    for (size_t i = 0; i < y->count; i++) TT_TRY(note(p, y, &y->entry[i], e));
    return 0;
}
