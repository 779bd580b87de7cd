/* t_decoding: options of decoding that are kept, passed over and refused. */
#include <string.h>

#include "port/port.h"
#include "test.h"

static tt_arena *a;

static int note(tt_port *p, const char *text, tt_err *e) {
    tt_yaml y;
    *e = (tt_err){0};
    *p = (tt_port){.arena = a, .file = "model.npz"};
    int rc = tt_yaml_read(&y, text, strlen(text), "decoder.yml", false, a, e);
    return rc ? rc : tt_marian_decoding(p, &y, e);
}

static void passes(const char *text) {
    tt_port p;
    tt_err e;
    CHECK(!note(&p, text, &e) && !p.metas, "%s: %s", text, e.msg);
}

static void refuses(const char *text, const char *message) {
    tt_port p;
    tt_err e;
    CHECK(note(&p, text, &e) == TT_EFORMAT && strstr(e.msg, message), "%s: %s", text, e.msg);
}

int main(void) {
    tt_err e;
    tt_port p;
    a = tt_arena_open(0, &e);
    CHECK(!note(&p, "beam-size: 6\nnormalize: 0.6\nallow-unk: true\n", &e) && p.metas == 3,
          "%s: %d", e.msg, p.metas);
    CHECK(p.metas == 3 && !strcmp(p.meta[0].key, "decode.beam-size") &&
          !strcmp(p.meta[0].value, "6"));
    CHECK(p.metas == 3 && !strcmp(p.meta[1].value, "0.6") && !strcmp(p.meta[2].value, "1"));
    passes("authors: false\nlog-level: info\nlog: \"\"\ndevices:\n  - 0\n  - 1\nworkspace: "
           "512\nword-scores: true\nn-best: true\n");
    /* The model says these. */
    passes("type: amun\ndim-emb: 512\ntransformer-heads: 8\nenc-depth: 1\nversion: v1.12.0\n");
    passes("output-sampling:\n  []\nshortlist: []\nweights:\n  []\ninput-types: [sequence, "
           "sequence]\nignore-model-config: false\n");
    refuses("ignore-model-config: true\n",
            "decoder.yml:1: option ignore-model-config is true, expected false");
    refuses("seed: 1\noutput-sampling: [topk, 10]\n",
            "decoder.yml:2: option output-sampling is topk, expected false");
    refuses("weights: [0.5, 0.5]\n", "option weights is 0.5, expected 1");
    refuses("input-types: [sequence, class]\n", "option input-types is class, expected sequence");
    refuses("beam-size: 0\n", "option beam-size is 0, expected a number from 1 to");
    refuses("beam-size: many\n", "option beam-size is many");
    refuses("magic: 1\n", "decoder.yml:1: unknown option magic");
    refuses("log-: 1\n", "unknown option log-"); /* a part of a name is none */
    CHECK(tt_marian_knows("dim-emb") && !tt_marian_knows("dim") && !tt_marian_knows(""));
    tt_arena_close(a);
    return test_done("t_decoding");
}
