/* gold.c: links made by hand, as gold.h says. In NAACL's form the link that shows a pair to be over
 * is the next pair's, and kept for it.
 */
#include "gold.h"

#include "io/lines.h"

#include <stdlib.h>
#include <string.h>

struct tt_gold {
    const char *path;
    tt_lines *in;
    int from, naacl;  /* naacl: 1 or 0; -1: no line has told */
    size_t pairs;     /* so far */
    size_t number;    /* of the line that an error is about */
    tt_links waiting; /* the link that was read last, of the pair */
    int pair, ended;  /* pair: whose number this is; ended 1: none waits, but that was the last */
};

tt_gold *tt_gold_open(const char *path, int from, tt_err *e) {
    tt_gold *g = calloc(1, sizeof *g);
    if (!g) {
        tt_cmd_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    *g = (tt_gold){.path = path, .from = from, .naacl = -1};
    if ((g->in = tt_lines_open(path, 0, e))) return g;
    free(g);
    return NULL;
}

void tt_gold_close(tt_gold *g) {
    if (!g) return;
    tt_lines_close(g->in);
    tt_links_free(&g->waiting);
    free(g);
}

/* An error of the file's text, with its place before it. */
static int placed(const tt_gold *g, int rc, tt_err *e) {
    char why[sizeof e->msg];
    if (rc != TT_EDATA) return rc;
    memcpy(why, e->msg, sizeof why);
    return tt_cmd_fail(e, TT_EDATA, "%.200s:%zu: %.250s", g->path, g->number, why);
}

/* The link of a line waits. */
static int wait_naacl(tt_gold *g, const char *line, size_t len, tt_err *e) {
    const int before = g->pair;
    g->waiting.count = 0;
    g->number = tt_lines_number(g->in);
    int rc = tt_links_read_naacl(&g->waiting, &g->pair, line, len, e);
    if (!rc && g->pair < before)
        rc = tt_cmd_fail(e, TT_EDATA, "pair %d comes behind pair %d", g->pair, before);
    return placed(g, rc, e);
}

static int next_naacl(tt_gold *g, tt_links *l, tt_err *e) {
    const int wanted = (int)g->pairs;
    int rc = 0;
    if (g->ended && g->pair < wanted)
        return tt_cmd_fail(e, TT_EDATA, "%s has fewer pairs than there are: %d", g->path, g->pair);
    while (!rc && !g->ended && g->pair == wanted) {
        const char *line;
        size_t len;
        for (size_t i = 0; !rc && i < g->waiting.count; i++) {
            const tt_word_link *x = &g->waiting.link[i];
            rc = tt_links_add(l, x->src, x->tgt, x->p, x->sure, e);
        }
        const int more = rc ? rc : tt_lines_next(g->in, &line, &len, e);
        g->ended = !more;
        rc = more > 0 ? wait_naacl(g, line, len, e) : more;
    }
    return rc;
}

int tt_gold_next(tt_gold *g, tt_links *l, tt_err *e) {
    const char *line;
    size_t len;
    l->count = 0;
    g->pairs++;
    if (g->naacl == 1) return next_naacl(g, l, e);
    int rc = tt_lines_next(g->in, &line, &len, e);
    if (rc < 0) return rc;
    if (!rc) return tt_cmd_fail(e, TT_EDATA, "%s has fewer lines than there are pairs", g->path);
    if (g->naacl < 0 && (g->naacl = tt_links_is_naacl(line, len))) {
        rc = wait_naacl(g, line, len, e);
        return rc ? rc : next_naacl(g, l, e);
    }
    g->number = tt_lines_number(g->in);
    return placed(g, tt_links_read(l, line, len, g->from, e), e);
}

int tt_gold_check(const tt_gold *g, const tt_links *l, int src, int tgt, tt_err *e) {
    char why[sizeof e->msg];
    const int rc = tt_links_check(l, src, tgt, e);
    if (!rc || g->naacl != 1) return placed(g, rc, e);
    memcpy(why, e->msg, sizeof why);
    return tt_cmd_fail(e, rc, "%.200s: pair %zu: %.250s", g->path, g->pairs, why);
}

int tt_gold_end(tt_gold *g, size_t pairs, tt_err *e) {
    const char *line;
    size_t len;
    if (g->naacl == 1 && !g->ended)
        return tt_cmd_fail(e, TT_EDATA, "%s:%zu: a link of pair %d, but there are %zu", g->path,
                           g->number, g->pair, pairs);
    const int rc = g->naacl == 1 ? 0 : tt_lines_next(g->in, &line, &len, e);
    return rc <= 0 ? rc
                   : tt_cmd_fail(e, TT_EDATA, "%s has more lines than there are pairs, %zu",
                                 g->path, pairs);
}
