/* vocab.c: makes and uses vocabularies: SentencePiece models (Kudo and Richardson 2018).
 *
 * One command with four actions, as its first operand; each looks at the options that concern it.
 * The long names of SentencePiece's own programs are known too.
 */
#include "cmd.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TRAIN, ENCODE, DECODE, INFO };
enum { PIECE, ID };
enum { PATH_MOST = 4096 };

typedef struct opts {
    int action;
    tt_list files, symbols;
    const char *output, *vocab;
    int type, size, byte_fallback, normaliser, tsv, seed;
    double coverage;
    size_t sample;
    int format, pieces, quiet;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_ENUM, "ACTION", .at = offsetof(opts, action), .allowed = "train|encode|decode|info",
     .help = "train: makes a vocabulary from text; encode: text to pieces or ids; decode: back; "
             "info: what a vocabulary is"},
    {TT_OPT_LIST, "[FILE...]", .at = offsetof(opts, files),
     .help = "text to read, plain, .gz, .xz or .zst; without it, or for -, standard input"},
    {TT_OPT_STRING, "-o --output --model-prefix", "FILE", .at = offsetof(opts, output),
     .file = TT_FILE_WRITE,
     .help = "where the vocabulary goes (train), or the text (default: standard output)"},
    {TT_OPT_FLAG, "-q --quiet", .at = offsetof(opts, quiet), .help = "print nothing but warnings"},
    {TT_OPT_GROUP, .help = "train"},
    {TT_OPT_INT, "-s --size --vocab-size", "N", "8000", offsetof(opts, size), .low = 8, .high = 1e6,
     .help = "pieces, special ones included"},
    {TT_OPT_ENUM, "-t --type --model-type", "NAME", "unigram", offsetof(opts, type),
     .family = "pieces", .help = "how pieces are chosen (Kudo 2018; Sennrich et al. 2016)"},
    {TT_OPT_DOUBLE, "--coverage --character-coverage", "X", "0.9998", offsetof(opts, coverage),
     .low = 0.98, .high = 1, .help = "share of the text's characters that get a piece"},
    {TT_OPT_FLAG, "--byte-fallback", .def = "1", .at = offsetof(opts, byte_fallback), .shown = "",
     .help = "have no pieces for the 256 bytes; characters without a piece are then unknown"},
    {TT_OPT_LIST, "--symbol --user-defined-symbols", "TEXT", .at = offsetof(opts, symbols),
     .help = "make this text one piece wherever it occurs; may be given several times"},
    {TT_OPT_ENUM, "--normaliser --normalization-rule-name", "NAME", "nmt_nfkc",
     offsetof(opts, normaliser), .family = "normaliser",
     .help = "how characters are unified first; _cf ignores case too"},
    {TT_OPT_SIZE, "--sample --input-sentence-size", "N", "1M", offsetof(opts, sample), .low = 0,
     .high = 1e9, .help = "learn from at most N sentences, drawn evenly from all; 0 takes all"},
    {TT_OPT_INT, "--seed", "N", "1", offsetof(opts, seed), .low = 0, .high = 2147483647,
     .help = "of the drawing"},
    {TT_OPT_FLAG, "--tsv", .at = offsetof(opts, tsv),
     .help = "the text has columns with TABs between: each is a sentence"},
    {TT_OPT_GROUP, .help = "encode, decode, info"},
    {TT_OPT_STRING, "-m --model --vocab", "FILE", .at = offsetof(opts, vocab),
     .file = TT_FILE_MODEL, .shown = "that of the default model",
     .help = "the vocabulary, or a model that holds one"},
    {TT_OPT_ENUM, "-f --format --output-format --input-format", "NAME", "piece",
     offsetof(opts, format), .allowed = "piece|id", .help = "what encode writes and decode reads"},
    {TT_OPT_FLAG, "-p --pieces", .at = offsetof(opts, pieces),
     .help = "info lists all pieces: id, piece, score, with TABs between"},
    {0}};

static const tt_example examples[] = {
    {"ttrans vocab train --tsv -s 4000 -o en-es.spm corpus.tsv", "a vocabulary for both languages"},
    {"echo 'Good morning.' | ttrans vocab encode -m en-es.spm", "the pieces of a sentence"},
    {"echo 'Good morning.' | ttrans vocab encode -m en-es.spm -f id | ttrans vocab decode -m "
     "en-es.spm -f id",
     "there and back"},
    {"ttrans vocab info -m en-es.spm", "type, size and special pieces"},
    {0}};

static int train(const opts *o, const tt_log *log, tt_err *e) {
    static const char *const standard_input[] = {"-"};
    if (!o->output)
        return tt_cmd_fail(e, TT_EUSAGE, "train: say with -o where the vocabulary goes");
    if (o->vocab)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "train makes a vocabulary: -o names it, -m is for the other actions");
    const tt_vocab_options v = {.inputs = o->files.count ? o->files.item : standard_input,
                                .n_inputs = o->files.count ? o->files.count : 1,
                                .tsv = o->tsv,
                                .bpe = o->type,
                                .size = o->size,
                                .coverage = o->coverage,
                                .byte_fallback = o->byte_fallback,
                                .symbols = o->symbols.item,
                                .n_symbols = o->symbols.count,
                                .normaliser =
                                    tt_family_find("normaliser")->row(o->normaliser)->name,
                                .sample = o->sample,
                                .seed = (uint64_t)o->seed};
    return tt_vocab_train(o->output, &v, log, e);
}

static int convert(const opts *o, const tt_vocab *v, const tt_log *log, tt_err *e) {
    static const int how[][2] = {{TT_VOCAB_TO_PIECES, TT_VOCAB_TO_IDS},
                                 {TT_VOCAB_FROM_PIECES, TT_VOCAB_FROM_IDS}};
    const char *in = o->files.count ? o->files.item[0] : "-";
    return tt_vocab_convert(v, how[o->action == DECODE][o->format], in, o->output ? o->output : "-",
                            log, e);
}

static void put_special(const tt_vocab *v, const char *name, int id) {
    if (id < 0) printf("%-16snone\n", name);
    else printf("%-16s%d %s\n", name, id, tt_vocab_piece(v, id));
}

static int show(const opts *o, const tt_vocab *v) {
    tt_vocab_info i;
    tt_vocab_describe(v, &i);
    if (o->pieces) {
        for (int id = 0; id < i.size; id++)
            printf("%d\t%s\t%g\n", id, tt_vocab_piece(v, id), (double)tt_vocab_score(v, id));
        return 0;
    }
    printf("%-16s%s\n%-16s%d\n", "type", i.type, "pieces", i.size);
    printf("%-16s%s\n", "normaliser", *i.normaliser ? i.normaliser : "none");
    printf("%-16s%s\n", "byte fallback", i.byte_fallback ? "yes" : "no");
    put_special(v, "end", i.eos);
    put_special(v, "unknown", i.unk);
    put_special(v, "begin", i.bos);
    put_special(v, "padding", i.pad);
    return 0;
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_WARN : TT_LOG_INFO);
    if (o->action != TRAIN && !o->output && isatty(STDOUT_FILENO))
        log.progress = NULL; /* what is written shows it */
    if (o->action == TRAIN) return train(o, &log, e);
    if (o->action == INFO && o->files.count)
        return tt_cmd_fail(e, TT_EUSAGE, "info reads no text: name the vocabulary with -m");
    if (o->files.count > 1) return tt_cmd_fail(e, TT_EUSAGE, "encode and decode read one file");
    char path[PATH_MOST];
    if (!o->vocab && tt_cmd_model(path, sizeof path, NULL, NULL, e)) return e->code;
    tt_vocab *v = tt_vocab_open(o->vocab ? o->vocab : path, e);
    if (!v) return e->code;
    int rc = o->action == INFO ? show(o, v) : convert(o, v, &log, e);
    tt_vocab_close(v);
    return rc;
}

static const char prose[] =
    "A vocabulary cuts text into pieces, each of which a model sees as one number. Train one on "
    "text\n"
    "of both languages before training a model; the model's file then holds a copy.\n"
    "\n"
    "Training runs on one thread and gives the same bytes for the same text and options. "
    "Sentences\n"
    "over 4192 bytes are left out.";

const tt_cmd tt_cmd_vocab = {"vocab",
                             "makes and uses vocabularies",
                             "ACTION [OPTION...] [FILE...]",
                             prose,
                             rows,
                             sizeof(opts),
                             examples,
                             run};
