/* align.c: `ttrans align`: which words of a pair translate each other, from models or from links
 * that there are; two directions made one; and alignment error rates.
 */
#include "align.h"
#include "gold.h"

#include "base/arena.h"
#include "base/pool.h"
#include "io/lines.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 4096, BLOCK = 256 }; /* pairs that are aligned together */

typedef struct opts {
    const char *text, *model, *direction, *reverse, *forward, *backward, *gold, *aligner, *load,
        *save;
    tt_list tsv, texts;
    int layer, head, reverse_layer, reverse_head, join, from, probabilities, threads, quiet;
    double least;
} opts;

#define AT(field) .at = offsetof(opts, field)

static const tt_opt rows[] = {
    {TT_OPT_STRING, "[FILE]", AT(text), .shown = "",
     .help = "pairs, SOURCE TAB TARGET; without it, standard input"},
    {TT_OPT_GROUP, .help = "Where links come from"},
    {TT_OPT_STRING, "-m --model", "FILE", NULL, AT(model), .file = TT_FILE_MODEL,
     .shown = "TTRANS_MODEL, or en-es.ttm",
     .help = "a model that translates source to target: what its attention looks at"},
    {TT_OPT_STRING, "-d --direction", "PAIR", NULL, AT(direction), .shown = "en-es",
     .help = "the languages when no model is named: the shipped model of this pair is used, en-es "
             "or es-en"},
    {TT_OPT_STRING, "-r --reverse", "FILE", NULL, AT(reverse),
     .help = "a model of the other direction, target to source, as well"},
    {TT_OPT_PICK, "-a --aligner", "NAME", NULL, AT(aligner), .family = "aligner",
     .help = "instead of a model: learn both directions from the pairs themselves, and from the "
             "text of --tsv and --texts; see "
             "ttrans list aligner for names and settings"},
    {TT_OPT_LIST, "--tsv", "FILE", AT(tsv),
     .help = "more parallel text for --aligner to learn from, source TAB target, plain or .gz; may "
             "be given again"},
    {TT_OPT_LIST, "-t --texts", "SRC TGT", AT(texts), .low = 2, .high = 2,
     .help = "the same as two files in step; may be given again"},
    {TT_OPT_STRING, "--save", "FILE", NULL, AT(save), .file = TT_FILE_WRITE,
     .help = "write what --aligner learned"},
    {TT_OPT_STRING, "--load", "FILE", NULL, AT(load),
     .help = "learn nothing, but take what --save wrote"},
    {TT_OPT_STRING, "--forward", "FILE", NULL, AT(forward),
     .help = "instead of a model: links that another program made, lines such as 0-0 1-2, source "
             "first"},
    {TT_OPT_STRING, "--backward", "FILE", NULL, AT(backward),
     .help = "the same of the other direction, source first, too; with --forward no text is "
             "needed, and FILE is not read"},
    {TT_OPT_INT, "-l --layer", "N", "0", AT(layer), .low = 1, .high = 1024,
     .shown = "what the model's file says",
     .help = "decoder layer, from 1; its heads' mean unless a head is named"},
    {TT_OPT_INT, "-H --head", "N", "0", AT(head), .low = 1, .high = 1024,
     .shown = "what the model's file says", .help = "head of that layer, from 1"},
    {TT_OPT_INT, "--reverse-layer", "N", "0", AT(reverse_layer), .low = 1, .high = 1024,
     .shown = "what that file says", .help = "the same of the other model"},
    {TT_OPT_INT, "--reverse-head", "N", "0", AT(reverse_head), .low = 1, .high = 1024,
     .shown = "what that file says", .help = "the same of the other model"},
    {TT_OPT_INT, "--threads --cpu-threads", "N", "0", AT(threads), .low = 0, .high = 1024,
     .shown = "all processors", .help = "threads; the links do not depend on them"},
    {TT_OPT_FLAG, "-q --quiet", AT(quiet), .help = "print nothing but warnings"},
    {TT_OPT_GROUP, .help = "Which are taken"},
    {TT_OPT_ENUM, "-j --join", "HOW", "grow-diag-final-and", AT(join),
     .allowed = "forward|backward|intersection|union|grow-diag|grow-diag-final|grow-diag-final-and",
     .help = "how two directions become one; of one direction all are taken"},
    {TT_OPT_DOUBLE, "--least", "P", "0", AT(least), .low = 0, .high = 1,
     .help = "leave out links of less weight, before joining"},
    {TT_OPT_GROUP, .help = "Output"},
    {TT_OPT_FLAG, "-p --probabilities", AT(probabilities), .help = "print weights, as 0-0:0.97"},
    {TT_OPT_STRING, "--gold", "FILE", NULL, AT(gold),
     .help = "print no links, but precision, recall and alignment error rate against these, made "
             "by hand: a line a pair, 0-0 sure, 0p0 or 0?0 possible, or in NAACL's form a line a "
             "link, 1 1 1 S"},
    {TT_OPT_INT, "--from", "N", "0", AT(from), .low = 0, .high = 1,
     .help = "number of the first word in files of links that are read"},
    {0}};

static const tt_example examples[] = {
    {"ttrans align corpus.tsv > links",
     "word alignments of a corpus, as shortlists and other programs read them"},
    {"ttrans align --aligner hmm --tsv corpus.tsv.gz dev.tsv",
     "without a model, learned from the pairs of both files"},
    {"ttrans align -p -j intersection -r es-en.ttm dev.tsv",
     "links that models of both directions have, with weights"},
    {"ttrans align --forward a.links --backward b.links -j grow-diag > links",
     "other programs' links, joined"},
    {0}};

typedef struct work {
    const opts *o;
    tt_align_side *side[2]; /* one direction each, or one both; or NULL */
    int directions;         /* bit 0: forward, bit 1: backward */
    tt_align_block block;
    tt_span *text[2]; /* (BLOCK) of the block, or of all pairs */
    size_t room;
    tt_arena *arena; /* what text is in */
    tt_pool *pool;
    tt_err *err; /* (BLOCK) of joining */
    tt_gold *gold;
    tt_links hand;
    tt_aer aer;
    size_t pairs, unaligned;
    char why[200]; /* of the first pair that is unaligned */
} work;

/* ---- one pair -------------------------------------------------------------------------------- */

static void print(const work *w, const tt_links *links) {
    for (size_t i = 0; i < links->count; i++) {
        const tt_word_link *l = &links->link[i];
        printf("%s%d-%d", i ? " " : "", l->src, l->tgt);
        if (w->o->probabilities) printf(":%.4g", l->p);
    }
    putchar('\n');
}

static int compare(work *w, const struct tt_align_pair *pair, tt_err *e) {
    int rc = tt_gold_next(w->gold, &w->hand, e);
    if (!rc && pair->src >= 0) rc = tt_gold_check(w->gold, &w->hand, pair->src, pair->tgt, e);
    return rc ? rc : tt_aer_add(&w->aer, &pair->joined, &w->hand, e);
}

/* Words that links alone show there to be. */
static int words_of(const struct tt_align_pair *pair, int target) {
    int n = 0;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < pair->links[k].count; i++) {
            const tt_word_link *l = &pair->links[k].link[i];
            const int at = target ? l->tgt : l->src;
            if (at >= n) n = at + 1;
        }
    return n;
}

static void join_pair(void *ctx, size_t item, int worker) {
    work *w = ctx;
    struct tt_align_pair *pair = &w->block.pair[item];
    (void)worker;
    if (*pair->why) pair->links[0].count = pair->links[1].count = 0;
    const int join = w->directions == 3   ? w->o->join
                     : w->directions == 1 ? TT_JOIN_FORWARD
                                          : TT_JOIN_BACKWARD;
    const int src = pair->src < 0 ? words_of(pair, 0) : pair->src,
              tgt = pair->src < 0 ? words_of(pair, 1) : pair->tgt;
    tt_links_join(&pair->joined, &pair->links[0], &pair->links[1], src, tgt, join, &w->err[item]);
}

/* ---- a block of pairs ------------------------------------------------------------------------ */

/* Links of w->block, printed or compared. 1: files of links are at their end. */
static int align(work *w, tt_err *e) {
    tt_align_block *b = &w->block;
    const int texts = b->source != NULL;
    size_t count[2];
    int ended = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct tt_align_pair *pair = &b->pair[i];
        pair->links[0].count = pair->links[1].count = 0;
        *pair->why = 0;
        pair->src = texts ? tt_align_words(b->source[i]) : -1;
        pair->tgt = texts ? tt_align_words(b->target[i]) : -1;
        w->err[i].code = 0;
    }
    for (int k = 0; k < 2; k++) {
        count[k] = b->count;
        const int rc =
            w->side[k] ? tt_align_side_take(w->side[k], b, w->o->least, &count[k], e) : 0;
        if (rc < 0) return rc;
        ended |= rc;
    }
    if (ended) b->count = count[0] < count[1] ? count[0] : count[1];
    tt_pool_run(w->pool, b->count, join_pair, w);
    for (size_t i = 0; i < b->count; i++) {
        const struct tt_align_pair *pair = &b->pair[i];
        w->pairs++;
        if (*pair->why && !w->unaligned++)
            snprintf(w->why, sizeof w->why, "pair %zu: %.150s", w->pairs, pair->why);
        int rc = w->err[i].code ? tt_cmd_fail(e, w->err[i].code, "%s", w->err[i].msg) : 0;
        if (!rc && w->gold) rc = compare(w, pair, e);
        else if (!rc) print(w, &pair->joined);
        if (rc) return rc;
    }
    const int uneven = ended && (texts || (w->side[0] && w->side[1] && count[0] != count[1]));
    return uneven ? tt_cmd_fail(
                        e, TT_EFORMAT,
                        "a file of links has fewer lines than there are pairs, or the other file")
                  : ended;
}

/* The pairs from `first` on, `count` of them at most BLOCK. */
static int align_some(work *w, size_t first, size_t count, tt_err *e) {
    w->block.count = count;
    w->block.source = w->text[0] ? w->text[0] + first : NULL;
    w->block.target = w->text[0] ? w->text[1] + first : NULL;
    return align(w, e);
}

static int reserve(work *w, size_t n, tt_err *e) {
    if (n <= w->room) return 0;
    for (int side = 0; side < 2; side++) {
        tt_span *more = realloc(w->text[side], 2 * n * sizeof *more);
        if (!more) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %zu pairs", n);
        w->text[side] = more;
    }
    w->room = 2 * n;
    return 0;
}

/* One more pair of the text, kept as number n. 1, or 0 at the end. */
static int read_pair(work *w, tt_lines *in, size_t n, tt_err *e) {
    const char *line;
    size_t len;
    int rc = tt_lines_next(in, &line, &len, e);
    if (rc <= 0) return rc;
    const char *tab = memchr(line, '\t', len), *end = line + len;
    size_t blanks = 0;
    while (blanks < len && (unsigned char)line[blanks] <= ' ') blanks++;
    if (!tab && blanks == len) { /* a pair of empty sides, and a line without links */
        rc = reserve(w, n + 1, e);
        if (rc) return rc;
        w->text[0][n] = w->text[1][n] = (tt_span){"", 0};
        return 1;
    }
    if (!tab)
        return tt_cmd_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target",
                           tt_lines_name(in), tt_lines_number(in));
    const char *next = memchr(tab + 1, '\t', (size_t)(end - tab - 1)), *kept;
    rc = reserve(w, n + 1, e);
    if (rc) return rc;
    if (!(kept = tt_arena_text(w->arena, line, (size_t)((next ? next : end) - line))))
        return tt_cmd_fail(e, TT_ENOMEM, "out of memory for pairs");
    w->text[0][n] = (tt_span){kept, (size_t)(tab - line)};
    w->text[1][n] = (tt_span){kept + (tab + 1 - line), (size_t)((next ? next : end) - tab - 1)};
    return 1;
}

/* What was read before an error is aligned first, as it is where pairs come one by one. */
static int read_pairs(work *w, tt_err *e) {
    tt_lines *in = tt_lines_open(w->o->text ? w->o->text : "-", 0, e);
    int more = in ? 1 : e->code;
    while (more > 0) {
        size_t n = 0;
        tt_err late = {0};
        tt_arena_reset(w->arena);
        while (n < BLOCK && (!n || tt_lines_ready(in, 0)) &&
               (more = read_pair(w, in, n, &late)) > 0)
            n++;
        const int rc = n ? align_some(w, 0, n, e) : 0;
        if (rc) more = rc;
        else if (more < 0) tt_cmd_fail(e, more, "%s", late.msg);
    }
    tt_lines_close(in);
    return more;
}

static int read_links(work *w, tt_err *e) {
    int rc;
    do rc = align_some(w, 0, BLOCK, e);
    while (!rc);
    return rc < 0 ? rc : 0;
}

/* ---- learning -------------------------------------------------------------------------------- */

/* All pairs of the text; *n of them, each given to the aligner unless that has its tables. */
static int read_all(work *w, tt_aligner *a, size_t *n, tt_err *e) {
    tt_lines *in = tt_lines_open(w->o->text ? w->o->text : "-", 0, e);
    int rc = in ? 1 : e->code;
    for (*n = 0; rc > 0; *n += rc > 0) {
        rc = read_pair(w, in, *n, e);
        if (rc > 0 && !w->o->load && tt_aligner_add(a, w->text[0][*n], w->text[1][*n], e))
            rc = e->code;
    }
    tt_lines_close(in);
    return rc;
}

static int learn(const opts *o, tt_aligner *a, tt_err *e) {
    int rc = 0;
    if (o->load) return tt_aligner_load(a, o->load, e);
    for (int i = 0; !rc && i < o->tsv.count; i++)
        rc = tt_aligner_read(a, &(tt_parallel){o->tsv.item[i], NULL, 1}, e);
    for (int i = 0; !rc && i + 1 < o->texts.count; i += 2)
        rc = tt_aligner_read(a, &(tt_parallel){o->texts.item[i], o->texts.item[i + 1], 1}, e);
    if (!rc) rc = tt_aligner_learn(a, e);
    return !rc && o->save ? tt_aligner_save(a, o->save, e) : rc;
}

static int learn_and_align(work *w, tt_err *e) {
    tt_log log = tt_cmd_log(w->o->quiet ? TT_LOG_WARN : TT_LOG_INFO);
    tt_aligner *a = tt_aligner_open(w->o->aligner, w->o->threads, &log, e);
    size_t n = 0;
    int rc = a ? read_all(w, a, &n, e) : e->code;
    if (!rc) rc = learn(w->o, a, e);
    if (rc) {
        tt_aligner_close(a);
        return rc;
    }
    tt_cmd_progress(NULL);
    w->side[0] = tt_align_side_learned(a, e);
    if (!w->side[0]) return e->code;
    for (size_t i = 0; !rc && i < n; i += BLOCK)
        rc = align_some(w, i, n - i < BLOCK ? n - i : BLOCK, e);
    return rc;
}

/* ---- all ------------------------------------------------------------------------------------- */

static int finish(work *w, tt_err *e) {
    double precision, recall, aer;
    if (w->unaligned)
        tt_cmd_warn("%zu of %zu pairs have no links; %s", w->unaligned, w->pairs, w->why);
    if (!w->gold) return 0;
    int rc = tt_gold_end(w->gold, w->pairs, e);
    if (rc) return rc;
    tt_aer_get(&w->aer, &precision, &recall, &aer);
    printf("%-12s%zu\n%-12s%zu\n", "pairs", w->aer.pairs, "links", w->aer.found);
    printf("%-12s%.1f %%\n%-12s%.1f %%\n%-12s%.1f %%\n", "precision", 100 * precision, "recall",
           100 * recall, "AER", 100 * aer);
    return 0;
}

static int open_sides(work *w, tt_err *e) {
    const opts *o = w->o;
    char path[PATH_MOST];
    w->directions = o->aligner ? 3 : 1;
    if (o->aligner) return 0;
    if (o->forward) w->side[0] = tt_align_side_file(o->forward, 0, o->from, e);
    else if (o->backward && !o->model && !o->direction) {
        w->directions = 2;
        return (w->side[1] = tt_align_side_file(o->backward, 1, o->from, e)) ? 0 : e->code;
    } else if (tt_cmd_model(path, sizeof path, o->model, o->direction, e)) return e->code;
    else w->side[0] = tt_align_side_model(path, 0, o->layer, o->head, o->threads, e);
    if (!w->side[0]) return e->code;
    if (o->backward) w->side[1] = tt_align_side_file(o->backward, 1, o->from, e);
    else if (o->reverse)
        w->side[1] =
            tt_align_side_model(o->reverse, 1, o->reverse_layer, o->reverse_head, o->threads, e);
    if (w->side[1]) w->directions = 3;
    return (o->backward || o->reverse) && !w->side[1] ? e->code : 0;
}

static int check(const opts *o, tt_err *e) {
    const int model = o->model || o->direction || o->reverse, files = o->forward || o->backward;
    if (o->aligner && (model || files))
        return tt_cmd_fail(e, TT_EUSAGE,
                           "give --aligner, a model or files of links, not two of them");
    if (!o->aligner && (o->tsv.count || o->texts.count || o->load || o->save))
        return tt_cmd_fail(
            e, TT_EUSAGE, "only an --aligner learns: --tsv, --texts, --load and --save are for it");
    if (o->load && (o->tsv.count || o->texts.count || o->save))
        return tt_cmd_fail(
            e, TT_EUSAGE, "with --load nothing is learned: no --tsv, --texts and --save beside it");
    if (o->aligner && (o->layer || o->head || o->reverse_layer || o->reverse_head))
        return tt_cmd_fail(e, TT_EUSAGE, "an --aligner has no layers and heads");
    if (o->forward && (o->model || o->direction))
        return tt_cmd_fail(e, TT_EUSAGE, "give a model or --forward, not both");
    if (o->backward && o->reverse)
        return tt_cmd_fail(e, TT_EUSAGE, "give --reverse or --backward, not both");
    return 0;
}

static int prepare(work *w, tt_err *e) {
    w->pool = tt_pool_open(w->o->threads ? w->o->threads : tt_cpu_count(), e);
    if (!w->pool || !(w->arena = tt_arena_open(0, e))) return e->code;
    w->block.pair = calloc(BLOCK, sizeof *w->block.pair);
    w->err = calloc(BLOCK, sizeof *w->err);
    return w->block.pair && w->err ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
}

static void free_work(work *w) {
    for (int k = 0; k < 2; k++) {
        tt_align_side_close(w->side[k]);
        free(w->text[k]);
    }
    for (size_t i = 0; w->block.pair && i < BLOCK; i++) {
        tt_links_free(&w->block.pair[i].links[0]);
        tt_links_free(&w->block.pair[i].links[1]);
        tt_links_free(&w->block.pair[i].joined);
    }
    free(w->block.pair);
    free(w->err);
    tt_links_free(&w->hand);
    tt_gold_close(w->gold);
    tt_arena_close(w->arena);
    tt_pool_close(w->pool);
}

static int run(void *options, tt_err *e) {
    work w = {.o = options};
    int rc = check(w.o, e);
    if (!rc) rc = prepare(&w, e);
    if (!rc) rc = open_sides(&w, e);
    if (!rc && w.o->gold && !(w.gold = tt_gold_open(w.o->gold, w.o->from, e))) rc = e->code;
    const int no_text = !w.o->text && w.o->backward && (w.o->forward || !w.side[0]);
    if (!rc)
        rc = w.o->aligner ? learn_and_align(&w, e)
             : no_text    ? read_links(&w, e)
                          : read_pairs(&w, e);
    if (!rc) rc = finish(&w, e);
    free_work(&w);
    return rc;
}

const tt_cmd tt_cmd_align = {"align",
                             "finds which words of sentence pairs translate each other",
                             "[OPTION...] [FILE]",
                             "Writes a line of links for each pair, in Pharaoh form: 0-0 1-2 links "
                             "the first words, and the second source word with the third "
                             "target word. Words are what stands between blanks.\n\n"
                             "Of a model, each word that is written is linked to the word it looks "
                             "at most, unless it looks at the end of the sentence more. "
                             "With models or links of both directions the two are joined.",
                             rows,
                             sizeof(opts),
                             examples,
                             run};
