/* f_links: whatever lines of links say, those that are read lie where they say, and join as sets
 * do; counted beside a text they give probabilities; and tables that an aligner saved are read as
 * probabilities. Or else one line.
 */
#include "fuzz/small.h"
#include "lexical/lexprob.h"
#include "score/alignment.h"

#include <math.h>

enum { WORDS = 6 };

static void join(const tt_links *a, const tt_links *b) {
    tt_err e = {0};
    if (tt_links_check(a, WORDS, WORDS, &e) || tt_links_check(b, WORDS, WORDS, &e)) {
        REFUSED(e, e.code == TT_EDATA);
        return;
    }
    for (int how = TT_JOIN_FORWARD; how <= TT_JOIN_GROW_DIAG_FINAL_AND; how++) {
        tt_links out = {0};
        HOLDS(!tt_links_join(&out, a, b, WORDS, WORDS, how, &e) &&
              !tt_links_check(&out, WORDS, WORDS, &e));
        HOLDS(out.count <= a->count + b->count);
        tt_links_free(&out);
    }
    tt_aer aer = {0};
    double p, r, error;
    HOLDS(!tt_aer_add(&aer, a, b, &e));
    tt_aer_get(&aer, &p, &r, &error);
    HOLDS(p >= 0 && p <= 1 && r >= 0 && r <= 1 && error >= 0 && error <= 1);
}

static void naacl(const char *line, size_t n) {
    tt_links l = {0};
    tt_err e = {0};
    int pair = 0;
    if (tt_links_read_naacl(&l, &pair, line, n, &e))
        REFUSED(e, e.code == TT_EDATA || e.code == TT_ENOMEM);
    else
        HOLDS(tt_links_is_naacl(line, n) && pair > 0 &&
              (!l.count || (l.link[0].src >= 0 && l.link[0].tgt >= 0 && l.link[0].p <= 1)));
    tt_links_free(&l);
}

static void lines(const char *text, size_t len) {
    tt_links l[2] = {{0}, {0}};
    tt_err e = {0};
    for (int i = 0; len; i = !i) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        if (tt_links_read(&l[i], text, n, (int)(n % 2), &e)) {
            REFUSED(e, e.code == TT_EDATA || e.code == TT_ENOMEM);
            break;
        }
        for (size_t k = 0; k < l[i].count; k++)
            HOLDS(l[i].link[k].src >= 0 && l[i].link[k].tgt >= 0);
        join(&l[0], &l[1]);
        naacl(text, n);
        text += n + (end != NULL), len -= n + (end != NULL);
    }
    tt_links_free(&l[0]);
    tt_links_free(&l[1]);
}

static void counted(const char *path) {
    static const char text[] = "the dog\tthe cat\nthe house a\tdog\na b c\tthe dog cat\n";
    memfile pairs = memfile_open(text, sizeof text - 1);
    const tt_parallel s = {pairs.path, NULL, 1};
    tt_lexprob p;
    tt_err e = {0};
    int rc = tt_lexprob_count(&p, &s, path, small_vocab(), 60, NULL, &e);
    if (rc) REFUSED(e, rc == TT_EDATA || rc == TT_EFORMAT || rc == TT_ENOMEM);
    for (int i = 0; !rc && i < SMALL_VOCAB; i++)
        for (int k = 0; k < p.row[i].count; k++)
            HOLDS(p.row[i].p[k] > 0 && p.row[i].p[k] <= 1.0001f && p.row[i].ids[k] >= 0 &&
                  p.row[i].ids[k] < SMALL_VOCAB);
    tt_lexprob_free(&p);
    memfile_close(&pairs);
}

static int take(void *ctx, size_t pair, const tt_aligned *l, const tt_err *why, tt_err *e) {
    (void)ctx, (void)pair, (void)why, (void)e;
    for (int i = 0; l && l->of_tgt && i < l->tgt; i++)
        HOLDS(l->of_tgt[i] >= -1 && l->of_tgt[i] < l->src && !isnan(l->p_tgt[i]));
    return 0;
}

static void saved(const char *path) {
    static const char *const how[] = {"ibm1", "diagonal", "hmm"};
    const tt_span a = {"the dog", 7}, b = {"a cat the", 9};
    for (int i = 0; i < 3; i++) {
        tt_err e = {0};
        tt_aligner *x = tt_aligner_open(how[i], 1, NULL, &e);
        if (!x) continue;
        if (tt_aligner_load(x, path, &e))
            REFUSED(e, e.code == TT_EFORMAT || e.code == TT_EDATA || e.code == TT_ENOMEM ||
                           e.code == TT_EUSAGE || e.code == TT_ECONFIG);
        else if (tt_aligner_pairs(x, &a, &b, 1, take, NULL, &e)) REFUSED(e, 1);
        tt_aligner_close(x);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memfile f = memfile_open(data, size);
    lines((const char *)data, size);
    counted(f.path);
    saved(f.path);
    memfile_close(&f);
    return 0;
}
