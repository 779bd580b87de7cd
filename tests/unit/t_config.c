/* t_config.c: options from files: what they may say, who comes before whom, and that printed
   options read back. */
#include "../../cmd/opt.c"
#include "../../cmd/optvalue.c"
#include "../../cmd/config.c"
#include "../../cmd/term.c"
#include "unit/files.h"
#include "unit/test.h"

typedef struct opts {
    int quiet, clean, beam, word, unsaid;
    size_t words;
    double alpha, limit;
    tt_amount save;
    const char *model, *begin, *list, *operand;
    tt_list sets, metrics, keys;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_GROUP, .help = "All kinds"},
    {TT_OPT_FLAG, "-q --quiet", .at = offsetof(opts, quiet), .help = "h"},
    {TT_OPT_FLAG, "--clean", .def = "1", .at = offsetof(opts, clean), .help = "h"},
    {TT_OPT_FLAG, "--unsaid", .def = "2", .at = offsetof(opts, unsaid), .help = "h"},
    {TT_OPT_INT, "-b --beam-size --beam", "N", "0", offsetof(opts, beam), .low = 1, .high = 64,
     .shown = "the model's", .help = "h"},
    {TT_OPT_SIZE, "--mini-batch-words", "N", "2k", offsetof(opts, words), .low = 1, .high = 1e9,
     .help = "h"},
    {TT_OPT_DOUBLE, "-n --normalize", "ALPHA", "0", offsetof(opts, alpha), .low = 0, .high = 5,
     .bare = "1", .help = "h"},
    {TT_OPT_ENUM, "--type", "TYPE", "auto", offsetof(opts, word), .allowed = "auto|f32|int8",
     .help = "h"},
    {TT_OPT_DURATION, "--time-limit", "TIME", NULL, offsetof(opts, limit), .help = "h"},
    {TT_OPT_AMOUNT, "--save-freq", "N", "500u", offsetof(opts, save), .allowed = "ute",
     .help = "h"},
    {TT_OPT_STRING, "-m --model", "FILE", NULL, offsetof(opts, model), .help = "h"},
    {TT_OPT_STRING, "--prefix", "TEXT", NULL, offsetof(opts, begin), .bare = "", .help = "h"},
    {TT_OPT_STRING, "--shortlist", "FILE", NULL, offsetof(opts, list), .numbers = 3, .help = "h"},
    {TT_OPT_LIST, "-t --train-sets", "SRC TRG", NULL, offsetof(opts, sets), .low = 2, .high = 2,
     .help = "h"},
    {TT_OPT_LIST, "-M --metrics", "NAME...", NULL, offsetof(opts, metrics), .low = 1, .high = 3,
     .allowed = "bleu|chrf|ter", .help = "h"},
    {TT_OPT_KEY, "--dim-emb --width", "N", NULL, offsetof(opts, keys), .shown = "256", .help = "h"},
    {TT_OPT_KEY, "--tied", .at = offsetof(opts, keys), .help = "h"},
    {TT_OPT_STRING, "[FILE]", .at = offsetof(opts, operand), .help = "h"},
    {0}};
static const tt_cmd cmd = {"try", "is tried", "[OPTION...]", NULL, rows, sizeof(opts), NULL, NULL};

/* One command line on files A and B, whose texts are given. The caller frees with done(). */
typedef struct run {
    opts o;
    tt_opt_shared shared;
    tt_config config;
    tt_err e;
    char path[2][512], line[1200], *argv[32];
    int rc;
} run;

static run *start(const char *line, const char *a, const char *b) {
    static run r;
    r = (run){.rc = 0};
    int argc = 1;
    const char *texts[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        in_folder(r.path[i], sizeof r.path[i], i ? "b.yml" : "a.yml");
        if (texts[i]) put(r.path[i], texts[i], strlen(texts[i]));
    }
    snprintf(r.line, sizeof r.line, "%s", line);
    for (char *p = r.line; *p;) {
        char *word = p;
        p += strcspn(p, " ");
        if (*p) *p++ = 0;
        r.argv[argc++] = !strcmp(word, "A") ? r.path[0] : !strcmp(word, "B") ? r.path[1] : word;
    }
    r.rc = tt_opt_parse(&cmd, &r.o, &r.shared, argc, r.argv, &r.e);
    if (!r.rc && r.shared.config.count)
        r.rc = tt_config_read(&r.config, &cmd, &r.o, &r.shared, argc, r.argv, &r.e);
    return &r;
}

static void done(run *r) {
    tt_opt_free(&cmd, &r->o, &r->shared);
    tt_config_free(&r->config);
}

static void said(void) {
    run *r =
        start("-c A",
              "# a note\nquiet: true\nclean: no\nbeam: 7\nmini_batch_words: 3k\nnormalize: "
              "true\ntype: int8\n"
              "time-limit: 1h30m\nsave-freq: 10kt\nmodel: 'a b.ttm'\nprefix: \"true\"\nshortlist: "
              "[lex.bin, 50, 50, 0]\n"
              "train-sets: [a, b, c, d]\nmetrics:\n  - bleu\n  - ter\nwidth: 512\ntied: true\n",
              NULL);
    const opts *o = &r->o;
    CHECK(!r->rc, "%s", r->e.msg);
    CHECK(o->quiet == 1 && o->clean == 0 && o->beam == 7 && o->words == 3000 && o->alpha == 1 &&
          o->word == 2);
    CHECK(o->limit == 5400 && o->save.n == 10000 && o->save.unit == 't' &&
          !strcmp(o->model, "a b.ttm"));
    CHECK(!strcmp(o->begin, "true") && !strcmp(o->list, "lex.bin") && o->sets.count == 4 &&
          o->metrics.count == 2);
    CHECK(o->keys.count == 4 && !strcmp(o->keys.item[0], "width") &&
          !strcmp(o->keys.item[1], "512") && !strcmp(o->keys.item[3], "1"));
    done(r);
    r = start("-c A", "\xEF\xBB\xBFprefix: true\r\nmodel:\r\nnormalize: false\r\nquiet: 2\r\n",
              NULL);
    CHECK(!r->rc && !strcmp(r->o.begin, "") && !r->o.model && r->o.alpha == 0 && r->o.quiet == 2,
          "%s", r->e.msg);
    done(r);
}

static void order(void) {
    run *r = start("-b 3 -c A -t x y --no-clean",
                   "beam-size: 7\ntrain-sets: [a, b]\nclean: true\nmodel: m\n", NULL);
    CHECK(!r->rc && r->o.beam == 3 && r->o.sets.count == 2 && !strcmp(r->o.sets.item[0], "x") &&
              !r->o.clean,
          "%s", r->e.msg);
    CHECK(!strcmp(r->o.model, "m"));
    done(r);
    r = start("-c A --config B file", "beam: 7\nmetrics: [bleu, chrf]\nquiet: true\n",
              "beam-size: 9\nmetrics: ter\n");
    CHECK(!r->rc && r->o.beam == 9 && r->o.metrics.count == 1 && r->o.quiet == 1 &&
              !strcmp(r->o.operand, "file"),
          "%s", r->e.msg);
    done(r);
}

static void refused(void) {
    static const struct {
        const char *text, *says;
        int code;
    } bad[] = {
        {"quiet: true\nbeam-sizes: 4\n",
         "a.yml:2: unknown option --beam-sizes; did you mean --beam-size?", TT_EUSAGE},
        {"zebra: 1\n", "a.yml:1: unknown option --zebra; see ttrans try --help", TT_EUSAGE},
        {"config: b.yml\n", "a.yml:1: --config stands on the command line alone", TT_EUSAGE},
        {"\nbeam-size: four\n", "a.yml:2: --beam-size: 'four' is not a whole number", TT_EUSAGE},
        {"beam-size: 65\n", "a.yml:1: --beam-size: 65 is out of range: 1 to 64", TT_EUSAGE},
        {"beam-size: [1, 2]\n", "a.yml:1: --beam-size: expected one value, given 2", TT_EUSAGE},
        {"quiet: maybe\n", "a.yml:1: --quiet: 'maybe' is not true or false", TT_EUSAGE},
        {"train-sets: [a, b, c]\n", "a.yml:1: --train-sets: expected SRC TRG, given 3", TT_EUSAGE},
        {"metrics: [bleu, blue]\n", "a.yml:1: --metrics: 'blue' is not one of bleu, chrf, ter",
         TT_EUSAGE},
        {"beam-size: 1\nbeam-size: 2\n", "a.yml:2: the key beam-size is there twice", TT_EFORMAT},
        {"no colon\n", "a.yml:1: expected a key and a colon", TT_EFORMAT}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        run *r = start("-c A", bad[i].text, NULL);
        const char *name = strstr(r->e.msg, "a.yml");
        CHECK(r->rc == bad[i].code && r->e.code == r->rc, "%s: %d", bad[i].text, r->rc);
        CHECK(name && !strcmp(name, bad[i].says), "%s: %s", bad[i].text, r->e.msg);
        done(r);
    }
    run *r = start("-c /nowhere/at/all.yml", NULL, NULL);
    CHECK(r->rc == TT_ENOINPUT, "%s", r->e.msg);
    done(r);
}

/* Prints the options of a run into text[cap]. */
static void print(const run *r, int full, char *text, size_t cap) {
    FILE *f = tmpfile();
    tt_err e;
    CHECK(f && !tt_config_print(&cmd, &r->o, full, f, &e));
    rewind(f);
    text[fread(text, 1, cap - 1, f)] = 0;
    fclose(f);
}

static void there_and_back(void) {
    static const char *const lines[] = {
        "", "-qq --no-clean -b 9 -n 0.3 --type f32 -m a.ttm",
        "-m true --prefix --shortlist 12 -t a b -t c d -M ter bleu",
        ("--time-limit 90m --save-freq 0.5e --width 64 --tied --mini-batch-words 5 --prefix=false "
         "-n"),
        "--prefix=\xC2\xBF\"q\"\\\t# --model=~ --no-tied --no-unsaid"};
    char first[2000], second[2000], full[2000];
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run *r = start(lines[i], NULL, NULL);
        CHECK(!r->rc, "%s", r->e.msg);
        print(r, 0, first, sizeof first);
        print(r, 1, full, sizeof full);
        done(r);
        for (int all = 0; all < 2; all++) {
            r = start("-c A", all ? full : first, NULL);
            CHECK(!r->rc, "%s", r->e.msg);
            print(r, 0, second, sizeof second);
            CHECK(!strcmp(first, second), "%s\n%s", first, second);
            done(r);
        }
    }
    run *r = start("-b 9", NULL, NULL);
    print(r, 0, first, sizeof first);
    CHECK(!strcmp(first, "# options of ttrans try\nbeam-size: 9\n"), "%s", first);
    print(r, 1, full, sizeof full);
    CHECK(strstr(full, "mini-batch-words: 2000\n") && strstr(full, "# dim-emb: 256\n") &&
              strstr(full, "# unsaid:\n"),
          "%s", full);
    done(r);
}

int main(void) {
    static const char *const names[] = {"a.yml", "b.yml"};
    in_new_folder("t_config");
    said();
    order();
    refused();
    there_and_back();
    in_the_end(names, 2);
    return test_done("t_config");
}
