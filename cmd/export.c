/* export.c: `ttrans export`, a model file made into a folder for another program. */
#include "cmd.h"

#include <string.h>

typedef struct opts {
    const char *model, *output;
    int format, quiet;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "-o --output", "DIR", NULL, offsetof(opts, output), .file = TT_FILE_WRITE,
     .help = "folder to write; it is made if it is not there"},
    {TT_OPT_ENUM, "-f --format", "FORMAT", "safetensors", offsetof(opts, format),
     .family = "export", .help = "the program that the model is for, see ttrans list export"},
    {TT_OPT_FLAG, "-q --quiet", .at = offsetof(opts, quiet), .help = "print no messages"},
    {TT_OPT_STRING, "MODEL", .at = offsetof(opts, model), .help = "model file, or a checkpoint"},
    {0}};

static const tt_example examples[] = {
    {"ttrans export --format ctranslate2 -o en-es-ct2 models/en-es.ttm", "for CTranslate2"},
    {"ttrans export --format marian -o en-es-marian models/en-es.ttm",
     "for Marian: marian-decoder -c en-es-marian/decoder.yml"},
    {"ttrans export -q -o en-es-safetensors models/en-es.ttm", "weights for Python"},
    {NULL, NULL}};

static int run(void *options, tt_err *e) {
    const opts *o = options;
    if (!o->output) return tt_cmd_fail(e, TT_EUSAGE, "no output: name a folder with -o DIR");
    if (!strcmp(o->output, "-"))
        return tt_cmd_fail(e, TT_EUSAGE,
                           "standard output: a folder of files is written: name it with -o DIR");
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_ERROR : TT_LOG_INFO);
    return tt_export(o->model, o->output, o->format, &log, e);
}

const tt_cmd tt_cmd_export = {"export",
                              "makes another program's model of a model file",
                              "[OPTION...] -o DIR MODEL",
                              "Writes the weights as 32-bit floats, bit for bit where the model "
                              "has such, with the settings and vocabularies that the other program "
                              "wants. A setting that it has nothing like is named, and refused; "
                              "safetensors takes every model.",
                              rows,
                              sizeof(opts),
                              examples,
                              run};
