/* import.c: `ttrans import`, a model of another program made into a model file. */
#include "cmd.h"

typedef struct opts {
    const char *source, *output;
    tt_list vocabs;
    int store, quiet;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "-o --output", "FILE", NULL, offsetof(opts, output), .file = TT_FILE_WRITE,
     .help = "model file to write"},
    {TT_OPT_LIST, "-v --vocab --vocabs", "FILE", NULL, offsetof(opts, vocabs),
     .help = "vocabulary: a SentencePiece model or a list of pieces (Marian's YAML, JSON, lines); "
             "given again, the second one of its kind is the target's (default: those found beside "
             "the model)"},
    {TT_OPT_ENUM, "--store", "TYPE", "same", offsetof(opts, store), .allowed = "same",
     .family = "type",
     .help = "how weights stand in the file; same keeps 32-bit, half and 8-bit numbers as they "
             "are, 16-bit whole numbers become f32"},
    {TT_OPT_FLAG, "-q --quiet", .at = offsetof(opts, quiet), .help = "do not say what was found"},
    {TT_OPT_STRING, "SOURCE", .at = offsetof(opts, source),
     .help =
         "model file, its decoder.yml, their folder, or a package of that: ZIP, tar or .tar.gz"},
    {0}};

static const tt_example examples[] = {
    {"ttrans import -o opus.ttm opus-2020-02-26.zip", "a package of OPUS-MT"},
    {"ttrans import -o student.ttm models/enpt", "the folder of a Bergamot student"},
    {"ttrans import -v vocab.spm -o model.ttm model.npz",
     "a Marian model with the vocabulary named"},
    {NULL, NULL}};

static int run(void *options, tt_err *e) {
    const opts *o = options;
    if (!o->output) return tt_cmd_fail(e, TT_EUSAGE, "no output: name a file with -o FILE");
    tt_import_options io = {o->source, o->output, o->vocabs.item, o->vocabs.count,
                            o->store - 1 /* same: -1 */};
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_WARN : TT_LOG_INFO);
    return tt_import(&io, &log, e);
}

const tt_cmd tt_cmd_import = {
    "import",
    "makes a model file of another program's model",
    "[OPTION...] -o FILE SOURCE",
    "Reads models of Marian (.npz and .bin; packages of OPUS-MT; students of Bergamot), "
    "CTranslate2 and Hugging Face's MarianMT "
    "(safetensors), recognised by what is in the files, and writes one model file with all it "
    "needs. What the model was made to "
    "compute is kept exactly; an option that cannot be followed is named, and refused.",
    rows,
    sizeof(opts),
    examples,
    run};
