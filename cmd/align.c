/* align.c: `ttrans align`: which words of a pair translate each other, from models or from links that there are; two directions
 * made one; and alignment error rates.
 */
#include "align.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 4096 };

typedef struct opts {
    const char *text, *model, *direction, *reverse, *forward, *backward, *gold;
    int layer, head, reverse_layer, reverse_head, join, from, probabilities;
    double least;
} opts;

#define AT(field) .at = offsetof(opts, field)

static const tt_opt rows[] = {
    {TT_OPT_STRING, "[FILE]", AT(text), .shown = "", .help = "pairs, SOURCE TAB TARGET; without it, standard input"},
    {TT_OPT_GROUP, .help = "Where links come from"},
    {TT_OPT_STRING, "-m --model", "FILE", NULL, AT(model), .file = TT_FILE_MODEL, .shown = "TTRANS_MODEL, or en-es.ttm",
     .help = "a model that translates source to target: what its attention looks at"},
    {TT_OPT_STRING, "-d --direction", "PAIR", NULL, AT(direction), .shown = "en-es",
     .help = "the languages when no model is named: the shipped model of this pair is used, en-es or es-en"},
    {TT_OPT_STRING, "-r --reverse", "FILE", NULL, AT(reverse),
     .help = "a model of the other direction, target to source, as well"},
    {TT_OPT_STRING, "--forward", "FILE", NULL, AT(forward),
     .help = "instead of a model: links that another program made, lines such as 0-0 1-2, source first"},
    {TT_OPT_STRING, "--backward", "FILE", NULL, AT(backward),
     .help = "the same of the other direction, source first, too; with --forward no text is needed, and FILE is not read"},
    {TT_OPT_INT, "-l --layer", "N", "0", AT(layer), .low = 1, .high = 1024, .shown = "what the model's file says",
     .help = "decoder layer, from 1; its heads' mean unless a head is named"},
    {TT_OPT_INT, "-H --head", "N", "0", AT(head), .low = 1, .high = 1024, .shown = "what the model's file says",
     .help = "head of that layer, from 1"},
    {TT_OPT_INT, "--reverse-layer", "N", "0", AT(reverse_layer), .low = 1, .high = 1024,
     .shown = "what that file says", .help = "the same of the other model"},
    {TT_OPT_INT, "--reverse-head", "N", "0", AT(reverse_head), .low = 1, .high = 1024, .shown = "what that file says",
     .help = "the same of the other model"},
    {TT_OPT_GROUP, .help = "Which are taken"},
    {TT_OPT_ENUM, "-j --join", "HOW", "grow-diag-final-and", AT(join),
     .allowed = "forward|backward|intersection|union|grow-diag|grow-diag-final|grow-diag-final-and",
     .help = "how two directions become one; of one direction all are taken"},
    {TT_OPT_DOUBLE, "--least", "P", "0", AT(least), .low = 0, .high = 1, .help = "leave out links of less weight, before joining"},
    {TT_OPT_GROUP, .help = "Output"},
    {TT_OPT_FLAG, "-p --probabilities", AT(probabilities), .help = "print weights, as 0-0:0.97"},
    {TT_OPT_STRING, "--gold", "FILE", NULL, AT(gold),
     .help = "print no links, but precision, recall and alignment error rate against these, made by hand: 0-0 sure, 0p0 or 0?0 possible"},
    {TT_OPT_INT, "--from", "N", "0", AT(from), .low = 0, .high = 1, .help = "number of the first word in files of links that are read"},
    {0}};

static const tt_example examples[] = {
    {"ttrans align corpus.tsv > links", "word alignments of a corpus, as shortlists and other programs read them"},
    {"ttrans align -p -j intersection -r es-en.ttm dev.tsv", "links that models of both directions have, with weights"},
    {"ttrans align --forward a.links --backward b.links -j grow-diag > links", "other programs' links, joined"},
    {0}};

typedef struct work {
    const opts *o;
    tt_align_side *side[2]; /* forward, backward; or NULL */
    tt_lines *gold;
    tt_links links[2], joined, hand;
    tt_aer aer;
    size_t pairs, unaligned;
    char why[200]; /* of the first pair that is unaligned */
} work;

/* ---- one pair -------------------------------------------------------------------------------- */

static void print(const work *w) {
    for (size_t i = 0; i < w->joined.count; i++) {
        const tt_word_link *l = &w->joined.link[i];
        printf("%s%d-%d", i ? " " : "", l->src, l->tgt);
        if (w->o->probabilities) printf(":%.4g", l->p);
    }
    putchar('\n');
}

static int compare(work *w, int src, int tgt, tt_err *e) {
    const char *line;
    size_t len;
    int rc = tt_lines_next(w->gold, &line, &len, e);
    if (rc < 0) return rc;
    if (!rc) return tt_cmd_fail(e, TT_EFORMAT, "%s has fewer lines than there are pairs", w->o->gold);
    rc = tt_links_read(&w->hand, line, len, w->o->from, e);
    if (!rc && src >= 0) rc = tt_links_check(&w->hand, src, tgt, e);
    if (!rc) return tt_aer_add(&w->aer, &w->joined, &w->hand, e);
    char why[sizeof e->msg];
    memcpy(why, e->msg, sizeof why);
    return tt_cmd_fail(e, rc == TT_EDATA ? TT_EFORMAT : rc, "%.200s:%zu: %.250s", w->o->gold, tt_lines_number(w->gold), why);
}

/* Words that links alone show there to be. */
static int words_of(const work *w, int target) {
    int n = 0;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < w->links[k].count; i++) {
            const tt_word_link *l = &w->links[k].link[i];
            const int at = target ? l->tgt : l->src;
            if (at >= n) n = at + 1;
        }
    return n;
}

/* A pair that a model cannot take has no links, and the first one's reason is kept. */
static int give_up(work *w, const tt_err *e) {
    if (!w->unaligned++) snprintf(w->why, sizeof w->why, "pair %zu: %.150s", w->pairs, e->msg);
    w->links[0].count = w->links[1].count = 0;
    return 0;
}

/* src < 0: there is no text. 1: files of links are at their end. */
static int align(work *w, tt_span source, tt_span target, int src, int tgt, tt_err *e) {
    int ended = 0, sides = 0, rc = 0;
    w->pairs++;
    for (int k = 0; k < 2; k++) {
        w->links[k].count = 0;
        if (!w->side[k] || rc == TT_EDATA) continue;
        rc = tt_align_side_next(w->side[k], &w->links[k], source, target, src, tgt, w->o->least, e);
        if (rc < 0 && rc != TT_EDATA) return rc;
        ended += rc == 1;
        sides++;
    }
    if (ended && (ended < sides || src >= 0)) return tt_cmd_fail(e, TT_EFORMAT, "a file of links has fewer lines than there are pairs, or the other file");
    if (ended) return 1;
    if (rc == TT_EDATA) give_up(w, e);
    const int join = w->side[0] && w->side[1] ? w->o->join : w->side[0] ? TT_JOIN_FORWARD : TT_JOIN_BACKWARD;
    rc = tt_links_join(&w->joined, &w->links[0], &w->links[1], src < 0 ? words_of(w, 0) : src, src < 0 ? words_of(w, 1) : tgt, join, e);
    if (!rc && w->gold) return compare(w, src, tgt, e);
    if (!rc) print(w);
    return rc;
}

/* ---- all pairs ------------------------------------------------------------------------------- */

static int read_pairs(work *w, tt_err *e) {
    tt_lines *in = tt_lines_open(w->o->text ? w->o->text : "-", 0, e);
    const char *line;
    size_t len;
    int rc = in ? 0 : e->code;
    while (!rc && (rc = tt_lines_next(in, &line, &len, e)) > 0) {
        const char *tab = memchr(line, '\t', len), *end = line + len;
        if (!tab) {
            rc = tt_cmd_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target", tt_lines_name(in), tt_lines_number(in));
            break;
        }
        const char *next = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
        const tt_span source = {line, (size_t)(tab - line)}, target = {tab + 1, (size_t)((next ? next : end) - tab - 1)};
        rc = align(w, source, target, tt_align_words(source), tt_align_words(target), e);
    }
    tt_lines_close(in);
    return rc;
}

static int read_links(work *w, tt_err *e) {
    const tt_span none = {"", 0};
    int rc;
    do rc = align(w, none, none, -1, -1, e);
    while (!rc);
    w->pairs--; /* the last one was the end */
    return rc < 0 ? rc : 0;
}

static int finish(work *w, tt_err *e) {
    const char *line;
    size_t len;
    double precision, recall, aer;
    if (w->unaligned) tt_cmd_warn("%zu of %zu pairs have no links; %s", w->unaligned, w->pairs, w->why);
    if (!w->gold) return 0;
    int rc = tt_lines_next(w->gold, &line, &len, e);
    if (rc < 0) return rc;
    if (rc) return tt_cmd_fail(e, TT_EDATA, "%s has more lines than there are pairs, %zu", w->o->gold, w->pairs);
    tt_aer_get(&w->aer, &precision, &recall, &aer);
    printf("%-12s%zu\n%-12s%zu\n", "pairs", w->aer.pairs, "links", w->aer.found);
    printf("%-12s%.1f %%\n%-12s%.1f %%\n%-12s%.1f %%\n", "precision", 100 * precision, "recall", 100 * recall, "AER", 100 * aer);
    return 0;
}

static int open_sides(work *w, tt_err *e) {
    const opts *o = w->o;
    char path[PATH_MOST];
    if (o->forward) w->side[0] = tt_align_side_file(o->forward, o->from, e);
    else if (o->backward && !o->model && !o->direction) return (w->side[1] = tt_align_side_file(o->backward, o->from, e)) ? 0 : e->code;
    else if (tt_cmd_model(path, sizeof path, o->model, o->direction, e)) return e->code;
    else w->side[0] = tt_align_side_model(path, 0, o->layer, o->head, e);
    if (!w->side[0]) return e->code;
    if (o->backward) w->side[1] = tt_align_side_file(o->backward, o->from, e);
    else if (o->reverse) w->side[1] = tt_align_side_model(o->reverse, 1, o->reverse_layer, o->reverse_head, e);
    return (o->backward || o->reverse) && !w->side[1] ? e->code : 0;
}

static int check(const opts *o, tt_err *e) {
    if (o->forward && (o->model || o->direction)) return tt_cmd_fail(e, TT_EUSAGE, "give a model or --forward, not both");
    if (o->backward && o->reverse) return tt_cmd_fail(e, TT_EUSAGE, "give --reverse or --backward, not both");
    return 0;
}

static int run(void *options, tt_err *e) {
    work w = {.o = options};
    int rc = check(w.o, e);
    if (!rc) rc = open_sides(&w, e);
    if (!rc && w.o->gold && !(w.gold = tt_lines_open(w.o->gold, 0, e))) rc = e->code;
    const int no_text = !w.o->text && w.o->backward && (w.o->forward || !w.side[0]);
    if (!rc) rc = no_text ? read_links(&w, e) : read_pairs(&w, e);
    if (!rc) rc = finish(&w, e);
    for (int k = 0; k < 2; k++) {
        tt_align_side_close(w.side[k]);
        tt_links_free(&w.links[k]);
    }
    tt_links_free(&w.joined);
    tt_links_free(&w.hand);
    tt_lines_close(w.gold);
    return rc;
}

const tt_cmd tt_cmd_align = {
    "align",
    "finds which words of sentence pairs translate each other",
    "[OPTION...] [FILE]",
    "Writes a line of links for each pair, in Pharaoh form: 0-0 1-2 links the first words, and the second source word with the third "
    "target word. Words are what stands between blanks.\n\n"
    "Of a model, each word that is written is linked to the word it looks at most, unless it looks at the end of the sentence more. "
    "With models or links of both directions the two are joined.",
    rows,
    sizeof(opts),
    examples,
    run};
