/* info.c: what a model file holds: sizes, types, settings, how it was trained; its directory.
 *
 * Everything comes from the file's own header and directory, so it works as well on a checkpoint or
 * on a model that this version could not run. The data is read only for --check.
 */
#include "base/err.h"
#include "base/utf8.h"
#include "cmd.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum { PATH_MOST = 4096 };

typedef struct opts {
    const char *model, *key;
    int tensors, check, json, equations, unroll;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "[MODEL]", .at = offsetof(opts, model), .file = TT_FILE_MODEL,
     .help = "the file; without it the default model, as translate finds it"},
    {TT_OPT_FLAG, "-t --tensors", .at = offsetof(opts, tensors),
     .help = "list the tensors: name, type, codec, rows, columns, place, bytes stored, bytes once "
             "decompressed, CRC-32"},
    {TT_OPT_STRING, "-k --key", "KEY", .at = offsetof(opts, key),
     .help = "print the value of one key alone, for scripts"},
    {TT_OPT_FLAG, "--check", .at = offsetof(opts, check),
     .help = "read all data too and hold it against the checksums"},
    {TT_OPT_FLAG, "--equations", .at = offsetof(opts, equations),
     .help = "print the model as equations, with the shapes of its matrices"},
    {TT_OPT_INT, "--unroll", "N", "0", .at = offsetof(opts, unroll), .low = 0, .high = 20,
     .shown = "", .help = "draw its two sides over N steps"},
    {TT_OPT_FLAG, "--json", .at = offsetof(opts, json),
     .help = "print one JSON object; with --tensors they are in it"},
    {0}};

static const tt_example examples[] = {
    {"ttrans info models/en-es.ttm", "sizes, settings and training of the shipped model"},
    {"ttrans info --tensors model.ttm | sort -k 7 -n", "tensors by the space they take"},
    {"ttrans info -k train.updates model.ttm", "one value"},
    {"ttrans info --equations --unroll 4 model.ttm",
     "what it computes, and how its steps hang together"},
    {"ttrans info --json --tensors model.ttm", "all of it, for a program"},
    {0}};

/* A name and its value in one line, whatever control characters the file has in it. */
static void put(const char *indent, const char *name, const char *value) {
    char shown[4096];
    snprintf(shown, sizeof shown, "%s", name);
    tt_text_visible(shown);
    printf("%s%-*s", indent, 26 - (int)strlen(indent), shown);
    for (size_t n; *value; value += n) { /* piece by piece, cut between characters */
        n = strlen(value);
        if (n >= sizeof shown) n = sizeof shown - 1;
        while (value[n] && n > sizeof shown - 4 && tt_utf8_inside(value[n])) n--;
        snprintf(shown, sizeof shown, "%.*s", (int)n, value);
        tt_text_visible(shown);
        fputs(shown, stdout);
    }
    putchar('\n');
}

static void put_number(const char *name, uint64_t n, const char *what) {
    printf("%-26s%" PRIu64 "%s\n", name, n, what);
}

/* Metadata by what stands before the first dot: "model.dim" as dim under model. */
static void show_metadata(const tt_modelfile *mf) {
    const char *key, *value, *last = "";
    size_t last_len = 0;
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        tt_modelfile_meta(mf, i, &key, &value);
        size_t len = strcspn(key, ".");
        const char *name = key[len] ? key + len + 1 : key;
        if (!key[len]) len = 0;
        if (i == 0 || len != last_len || memcmp(key, last, len)) {
            printf("\n%.*s\n", len ? (int)len : 5, len ? key : "other");
            last = key;
            last_len = len;
        }
        put("  ", name, value);
    }
}

static void show_types(const tt_modelfile *mf) {
    printf("\n%-8s%-10s%9s%15s%15s\n", "type", "codec", "tensors", "numbers", "bytes");
    for (int type = 0; type < TT_TYPE_COUNT; type++)
        for (int codec = 0; codec < TT_CODEC_COUNT; codec++) {
            uint64_t count = 0, numbers = 0, bytes = 0;
            for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
                const tt_file_tensor *t = tt_modelfile_entry(mf, i);
                if (t->type != type || t->codec != codec) continue;
                count++;
                numbers += (uint64_t)t->rows * t->cols;
                bytes += t->stored;
            }
            if (count)
                printf("%-8s%-10s%9" PRIu64 "%15" PRIu64 "%15" PRIu64 "\n", tt_type_name(type),
                       tt_codec_name(codec), count, numbers, bytes);
        }
}

static uint64_t parameters(const tt_modelfile *mf) {
    uint64_t numbers = 0;
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        if (t->type != TT_TYPE_U8) numbers += (uint64_t)t->rows * t->cols;
    }
    return numbers;
}

static void show(const tt_modelfile *mf, int checked) {
    const tt_file_tensor *vocab = tt_modelfile_find(mf, "vocab.spm");
    const char *pieces = tt_modelfile_get(mf, "model.vocab");
    put("", "file", tt_modelfile_name(mf));
    put_number("size", tt_modelfile_size(mf), " bytes");
    put_number("parameters", parameters(mf), "");
    if (pieces) put("", "vocabulary", pieces);
    if (vocab) put_number("vocabulary model", vocab->raw, " bytes");
    if (checked) put("", "checksums", "all right");
    show_types(mf);
    show_metadata(mf);
}

static void show_tensors(const tt_modelfile *mf) {
    int width = 4;
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        int n = (int)strlen(tt_modelfile_entry(mf, i)->name);
        if (n > width) width = n;
    }
    printf("%-*s  %-5s  %-7s %8s %8s %11s %11s %11s  %s\n", width, "name", "type", "codec", "rows",
           "columns", "offset", "stored", "raw", "crc-32");
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        printf("%-*s  %-5s  %-7s %8zu %8zu %11" PRIu64 " %11zu %11zu  %08" PRIx32 "\n", width,
               t->name, tt_type_name(t->type), tt_codec_name(t->codec), t->rows, t->cols, t->offset,
               t->stored, t->raw, t->crc);
    }
}

/* {"file": …, "size": …, "parameters": …, "metadata": {"model.dim": "256", …}, "tensors": [{…}, …]}
 */
static void show_json(const tt_modelfile *mf, const opts *o) {
    const char *key, *value;
    printf("{\"file\": ");
    tt_cmd_json_string(stdout, tt_modelfile_name(mf));
    printf(", \"size\": %" PRIu64 ", \"parameters\": %" PRIu64, tt_modelfile_size(mf),
           parameters(mf));
    if (o->check) printf(", \"checksums\": true");
    printf(",\n\"metadata\": {");
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        tt_modelfile_meta(mf, i, &key, &value);
        printf(i ? ",\n " : "\n ");
        tt_cmd_json_string(stdout, key);
        printf(": ");
        tt_cmd_json_string(stdout, value);
    }
    putchar('}');
    for (size_t i = 0; o->tensors && i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        printf(i ? ",\n {\"name\": " : ",\n\"tensors\": [\n {\"name\": ");
        tt_cmd_json_string(stdout, t->name);
        printf(", \"type\": \"%s\", \"codec\": \"%s\", \"rows\": %zu, \"columns\": %zu, "
               "\"offset\": %" PRIu64 ", \"stored\": %zu, \"raw\": %zu, \"crc32\": \"%08" PRIx32
               "\"}",
               tt_type_name(t->type), tt_codec_name(t->codec), t->rows, t->cols, t->offset,
               t->stored, t->raw, t->crc);
    }
    puts(o->tensors && tt_modelfile_count(mf) ? "]}" : "}");
}

static int show_key(const tt_modelfile *mf, const char *key, tt_err *e) {
    const char *value = tt_modelfile_get(mf, key);
    if (value) {
        puts(value);
        return 0;
    }
    return tt_cmd_fail(e, TT_EDATA, "%s: has no key %.80s", tt_modelfile_name(mf), key);
}

static void put_line(void *ctx, const char *line) {
    (void)ctx;
    puts(line);
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    char path[PATH_MOST];
    int rc = tt_cmd_model(path, sizeof path, o->model, NULL, e);
    if (rc) return rc;
    tt_modelfile *mf = tt_modelfile_open(path, e);
    if (!mf) return e->code;
    for (size_t i = 0; o->check && i < tt_modelfile_count(mf) && !rc; i++)
        rc = tt_modelfile_check(mf, tt_modelfile_entry(mf, i), e);
    const int told = o->equations || o->unroll;
    if (!rc && o->equations) rc = tt_model_equations(mf, put_line, NULL, e);
    if (!rc && o->unroll) rc = tt_model_unroll(mf, o->unroll, put_line, NULL, e);
    if (!rc && o->key) rc = show_key(mf, o->key, e);
    if (!rc && !o->key && o->json) show_json(mf, o);
    if (!rc && !o->json && o->tensors) show_tensors(mf);
    if (!rc && !o->json && !o->key && !o->tensors && !told) show(mf, o->check);
    tt_modelfile_close(mf);
    return rc;
}

const tt_cmd tt_cmd_info = {
    "info",
    "shows what a model file holds",
    "[OPTION...] [MODEL]",
    "Prints the size of the file, the number of its parameters, how they are stored, and all\n"
    "settings and notes that training left in it. Works on checkpoints too.",
    rows,
    sizeof(opts),
    examples,
    run};
