/* shortlist.c: `ttrans shortlist` makes a lexical shortlist of parallel text, or says how well one
 * covers it.
 */
#include "cmd.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_MOST = 4096 };

typedef struct opts {
    tt_list tsv, texts;
    const char *vocab, *output, *test, *alignments, *aligner;
    int first, frequent, best, iterations, max_length, threads, text, quiet;
    double threshold;
} opts;

#define AT(field) .at = offsetof(opts, field)

static const tt_opt rows[] = {
    {TT_OPT_LIST, "--tsv", "FILE", AT(tsv),
     .help = "parallel text, source TAB target, plain, .gz, .xz or .zst, - for standard input; may "
             "be given "
             "again"},
    {TT_OPT_LIST, "-t --texts", "SRC TGT", AT(texts), .low = 2, .high = 2,
     .help = "parallel text as two files in step; may be given again"},
    {TT_OPT_STRING, "-v --vocab", "FILE", AT(vocab), .file = TT_FILE_MODEL,
     .shown = "that of the default model", .help = "the vocabulary, or a model that holds one"},
    {TT_OPT_STRING, "-o --output", "FILE", AT(output), .file = TT_FILE_WRITE,
     .help = "the shortlist to write"},
    {TT_OPT_STRING, "--test", "FILE", AT(test),
     .help = "make none, but say how well this one covers the text"},
    {TT_OPT_INT, "--threads --cpu-threads", "N", "0", AT(threads), .low = 0, .high = 1024,
     .shown = "all processors", .help = "threads; the result does not depend on them"},
    {TT_OPT_FLAG, "-q --quiet", AT(quiet), .help = "print nothing but warnings"},
    {TT_OPT_GROUP, .help = "Lists"},
    {TT_OPT_INT, "--best", "N", "100", AT(best), .low = 1, .high = 2000,
     .help = "most targets of a source token"},
    {TT_OPT_DOUBLE, "--threshold", "P", "0.0001", AT(threshold), .low = 0, .high = 1,
     .help = "least probability of a target"},
    {TT_OPT_INT, "--frequent", "N", "100", AT(frequent), .low = 0, .high = 1e6,
     .help = "so many of the most frequent target tokens are in every list"},
    {TT_OPT_INT, "--first", "N", "0", AT(first), .low = 0, .high = 1e6,
     .help = "ids below N are in every list; those up to the end of a sentence's always are"},
    {TT_OPT_FLAG, "--text", AT(text),
     .help = "write lines TARGET SOURCE PROBABILITY instead of the binary form"},
    {TT_OPT_GROUP, .help = "Probabilities"},
    {TT_OPT_STRING, "--alignments", "FILE", AT(alignments),
     .help =
         "take them from these word alignments, lines such as 0-0 1-2, one for each pair of the "
         "one text"},
    {TT_OPT_PICK, "-a --aligner", "NAME", AT(aligner), .family = "aligner",
     .help = "count links that this aligner learns, both directions joined, instead of "
             "probabilities of Model 1; see ttrans "
             "list aligner"},
    {TT_OPT_INT, "--iterations", "N", "5", AT(iterations), .low = 1, .high = 100,
     .help = "of learning them without alignments and aligner"},
    {TT_OPT_INT, "--max-length", "TOKENS", "128", AT(max_length), .low = 2, .high = 65536,
     .help = "leave out pairs with a longer side"},
    {0}};

static const tt_example examples[] = {
    {"ttrans shortlist --tsv corpus.tsv.gz -v en-es.spm -o lex.bin",
     "a shortlist for a vocabulary"},
    {"ttrans shortlist --aligner hmm --tsv corpus.tsv.gz -v en-es.spm -o hmm.bin",
     "the same of links between its tokens"},
    {"ttrans shortlist --tsv dev.tsv -v en-es.spm --test lex.bin", "how well it covers other text"},
    {"ttrans shortlist --tsv corpus.tsv -v en-es.spm --text --best 5 -o lex.txt",
     "the same to read, five words each"},
    {0}};

static int test(const opts *o, const tt_shortlist_options *s, const tt_log *log, tt_err *e) {
    tt_shortlist_cover c;
    int rc = tt_shortlist_test(o->test, s, &c, log, e);
    if (rc) return rc;
    printf("%-24s%zu\n", "pairs", c.pairs);
    printf("%-24s%.1f\n", "tokens of a list", c.words);
    printf("%-24s%.2f %%\n", "target tokens within", 100 * (double)c.covered / (double)c.tokens);
    printf("%-24s%.2f %%\n", "targets wholly within", 100 * (double)c.whole / (double)c.pairs);
    return 0;
}

static int run_with(const opts *o, tt_parallel *sources, tt_err *e) {
    char path[PATH_MOST];
    int n = 0;
    for (int i = 0; i < o->tsv.count; i++) sources[n++] = (tt_parallel){o->tsv.item[i], NULL, 1};
    for (int i = 0; i + 1 < o->texts.count; i += 2)
        sources[n++] = (tt_parallel){o->texts.item[i], o->texts.item[i + 1], 1};
    if (!n) return tt_cmd_fail(e, TT_EUSAGE, "no text: name it with --tsv FILE or -t SRC TGT");
    if (!o->output == !o->test)
        return tt_cmd_fail(
            e, TT_EUSAGE, "say with -o where the shortlist goes, or with --test which one to test");
    if (!o->vocab && tt_cmd_model(path, sizeof path, NULL, NULL, e)) return e->code;
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_WARN : TT_LOG_INFO);
    const tt_shortlist_options s = {.vocab = o->vocab ? o->vocab : path,
                                    .sources = sources,
                                    .n_sources = n,
                                    .alignments = o->alignments,
                                    .aligner = o->aligner,
                                    .first = o->first,
                                    .frequent = o->frequent,
                                    .best = o->best,
                                    .threshold = o->threshold,
                                    .iterations = o->iterations,
                                    .max_tokens = o->max_length,
                                    .threads = o->threads ? o->threads : tt_cpu_count(),
                                    .text = o->text};
    return o->test ? test(o, &s, &log, e) : tt_shortlist_make(o->output, &s, &log, e);
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    tt_parallel *sources = calloc((size_t)(o->tsv.count + o->texts.count) + 1, sizeof *sources);
    if (!sources) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    int rc = run_with(o, sources, e);
    free(sources);
    return rc;
}

static const char prose[] =
    "A shortlist holds for each source token the target tokens that may translate it, so that a "
    "translator\ncomputes the output layer for these alone. It is written in the binary form of "
    "Marian and Bergamot.\n"
    "\n"
    "Without --alignments and --aligner the probabilities are learned from the text by IBM Model "
    "1.";

const tt_cmd tt_cmd_shortlist = {"shortlist",
                                 "makes a list of likely translations of each token",
                                 "[OPTION...] --tsv FILE -o FILE",
                                 prose,
                                 rows,
                                 sizeof(opts),
                                 examples,
                                 run};
