/* t_opt.c: the option table's parser: every kind of row, every way to spell a value, every
   refusal. */
#include "../../cmd/opt.c"
#include "../../cmd/optvalue.c"
#include "unit/test.h"

typedef struct opts {
    int quiet, verbose, clean, beam, align, pairs_seen;
    size_t words;
    double alpha, limit;
    tt_amount save;
    const char *model, *first, *begin, *how, *list;
    tt_list sets, metrics, keys, files, draw;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_GROUP, .help = "All kinds"},
    {TT_OPT_FLAG, "-q --quiet", .at = offsetof(opts, quiet), .help = "h"},
    {TT_OPT_FLAG, "-v --verbose", .at = offsetof(opts, verbose), .help = "h"},
    {TT_OPT_FLAG, "--clean", .def = "1", .at = offsetof(opts, clean), .help = "h"},
    {TT_OPT_INT, "-b --beam-size --beam", "N", "4", offsetof(opts, beam), .low = 1, .high = 64,
     .help = "h"},
    {TT_OPT_SIZE, "--mini-batch-words", "N", "2k", offsetof(opts, words), .low = 1, .high = 1e9,
     .help = "h"},
    {TT_OPT_DOUBLE, "-n --normalize --lenpen", "ALPHA", "0", offsetof(opts, alpha), .low = 0,
     .high = 5, .bare = "1", .help = "h"},
    {TT_OPT_ENUM, "--alignment", "HOW", "none", offsetof(opts, align),
     .allowed = "none|hard|soft|half", .bare = "hard", .help = "h"},
    {TT_OPT_DURATION, "--time-limit", "TIME", NULL, offsetof(opts, limit), .low = 1, .high = 1e9,
     .help = "h"},
    {TT_OPT_AMOUNT, "--save-freq", "N", "500u", offsetof(opts, save), .allowed = "ute",
     .help = "h"},
    {TT_OPT_STRING, "-m --model -mod", "FILE", NULL, offsetof(opts, model), .help = "h"},
    {TT_OPT_LIST, "-t --train-sets", "SRC TRG", NULL, offsetof(opts, sets), .low = 2, .high = 2,
     .help = "h"},
    {TT_OPT_LIST, "-M --metrics", "NAME...", NULL, offsetof(opts, metrics), .low = 1, .high = 3,
     .allowed = "bleu|chrf|ter", .help = "h"},
    {TT_OPT_STRING, "--prefix", "TEXT", NULL, offsetof(opts, begin), .bare = "", .help = "h"},
    {TT_OPT_STRING, "--links", "HOW", NULL, offsetof(opts, how), .allowed = "hard|soft",
     .bare = "hard", .help = "h"},
    {TT_OPT_STRING, "--shortlist", "FILE", NULL, offsetof(opts, list), .numbers = 3, .help = "h"},
    {TT_OPT_LIST, "--draw", "HOW", NULL, offsetof(opts, draw), .low = 1, .high = 3,
     .allowed = "full|topk", .bare = "full", .help = "h"},
    {TT_OPT_KEY, "--dim-emb --width", "N", NULL, offsetof(opts, keys), .help = "h"},
    {TT_OPT_KEY, "--tied", .at = offsetof(opts, keys), .help = "h"},
    {TT_OPT_STRING, "FIRST", .at = offsetof(opts, first), .help = "h"},
    {TT_OPT_LIST, "[FILE...]", .at = offsetof(opts, files), .help = "h"},
    {0}};

static const tt_cmd cmd = {
    "try", "is tried", "[OPTION...] FIRST [FILE...]", NULL, rows, sizeof(opts), NULL, NULL};

/* Parses blank-separated words; the last line of defence against a stale message is clearing it. */
static int parse(opts *o, tt_err *e, const char *line) {
    static char text[1000];
    static char *argv[64];
    int argc = 1;
    snprintf(text, sizeof(text), "%s", line);
    for (char *p = text; *p;) {
        argv[argc++] = p;
        p += strcspn(p, " ");
        if (*p) *p++ = 0;
    }
    tt_opt_shared shared = {0};
    *o = (opts){0};
    *e = (tt_err){0};
    int rc = tt_opt_parse(&cmd, o, &shared, argc, argv, e);
    free(shared.config.item);
    free(shared.given.item);
    return rc;
}

static void accepted(void) {
    opts o;
    tt_err e;
    CHECK(!parse(&o, &e, "x"), "%s", e.msg);
    CHECK(o.beam == 4 && o.words == 2000 && o.clean == 1 && o.save.n == 500 && o.save.unit == 'u');
    CHECK(!o.model && !strcmp(o.first, "x") && o.files.count == 0 && o.alpha == 0);
    tt_opt_free(&cmd, &o, NULL);

    static const struct {
        const char *line;
        int beam;
    } beams[] = {{"-b 7 x", 7},          {"-b7 x", 7},           {"-b=7 x", 7},
                 {"--beam-size 7 x", 7}, {"--beam-size=7 x", 7}, {"x --beam=7", 7},
                 {"-qb7 x", 7},          {"-qvb 7 x", 7},        {"-b 3 -b 7 x", 7}};
    for (size_t i = 0; i < sizeof(beams) / sizeof(*beams); i++) {
        CHECK(!parse(&o, &e, beams[i].line), "%s: %s", beams[i].line, e.msg);
        CHECK(o.beam == beams[i].beam && !strcmp(o.first, "x"), "%s", beams[i].line);
        tt_opt_free(&cmd, &o, NULL);
    }
    CHECK(!parse(&o, &e, "-qvv x --no-clean --no-quiet"), "%s", e.msg);
    CHECK(o.quiet == 0 && o.verbose == 2 && o.clean == 0);
    CHECK(!parse(&o, &e, "-n x") && o.alpha == 1 && !strcmp(o.first, "x"));
    CHECK(!parse(&o, &e, "-n 0.6 x") && o.alpha == 0.6 && !strcmp(o.first, "x"));
    CHECK(!parse(&o, &e, "-n0.6 x") && o.alpha == 0.6);
    CHECK(!parse(&o, &e, "--lenpen=.5 x") && o.alpha == 0.5);
    CHECK(!parse(&o, &e, "--alignment x") && o.align == 1 && !strcmp(o.first, "x"));
    CHECK(!parse(&o, &e, "--alignment=soft x") && o.align == 2);
    CHECK(!parse(&o, &e, "--alignment so x") && o.align == 2);
    CHECK(!parse(&o, &e, "--time-limit 1h30m x") && o.limit == 5400, "%g", o.limit);
    CHECK(!parse(&o, &e, "--time-limit 90m x") && o.limit == 5400);
    CHECK(!parse(&o, &e, "--time-limit 5400 x") && o.limit == 5400);
    CHECK(!parse(&o, &e, "--time-limit 2d1.5s x") && o.limit == 172801.5);
    CHECK(!parse(&o, &e, "--save-freq 10Mt x") && o.save.n == 1e7 && o.save.unit == 't');
    CHECK(!parse(&o, &e, "--save-freq 0.5e x") && o.save.n == 0.5 && o.save.unit == 'e');
    CHECK(!parse(&o, &e, "--save-freq 2k x") && o.save.n == 2000 && o.save.unit == 'u');
    CHECK(!parse(&o, &e, "--mini-batch-words 8K x") && o.words == 8000);
    CHECK(!parse(&o, &e, "-mod a.ttm x") && !strcmp(o.model, "a.ttm"));
    CHECK(!parse(&o, &e, "-m- x") && !strcmp(o.model, "-"));
    CHECK(!parse(&o, &e, "-m - -") && !strcmp(o.model, "-") && !strcmp(o.first, "-"));
    CHECK(!parse(&o, &e, "-m -5 x") && !strcmp(o.model, "-5"), "%s", e.msg);

    CHECK(!parse(&o, &e, "-t a b x -t c d"), "%s", e.msg);
    CHECK(o.sets.count == 4 && !strcmp(o.sets.item[3], "d") && !strcmp(o.first, "x"));
    tt_opt_free(&cmd, &o, NULL);
    CHECK(!parse(&o, &e, "x y -M bleu chrf -q z"), "%s", e.msg);
    CHECK(o.metrics.count == 2 && o.files.count == 2 && !strcmp(o.files.item[1], "z"));
    tt_opt_free(&cmd, &o, NULL);
    CHECK(!parse(&o, &e, "--width 512 --tied --no-tied x"), "%s", e.msg);
    CHECK(o.keys.count == 6 && !strcmp(o.keys.item[0], "width") && !strcmp(o.keys.item[1], "512") &&
          !strcmp(o.keys.item[3], "1") && !strcmp(o.keys.item[5], "0"));
    tt_opt_free(&cmd, &o, NULL);
    CHECK(!parse(&o, &e, "-- -q -b"), "%s", e.msg);
    CHECK(!strcmp(o.first, "-q") && o.files.count == 1 && o.quiet == 0);
    tt_opt_free(&cmd, &o, NULL);
}

/* Values in the next word, wherever the word can be one. */
static void next_words(void) {
    opts o;
    tt_err e;
    CHECK(!parse(&o, &e, "--prefix Veo x") && !strcmp(o.begin, "Veo") && !strcmp(o.first, "x"),
          "%s", e.msg);
    CHECK(!parse(&o, &e, "x --prefix") && !strcmp(o.begin, ""));
    CHECK(!parse(&o, &e, "--prefix -q x") && !strcmp(o.begin, "") && o.quiet == 1);
    CHECK(!parse(&o, &e, "--prefix=-q x") && !strcmp(o.begin, "-q") && o.quiet == 0);
    CHECK(!parse(&o, &e, "--links 0.5 x") && !strcmp(o.how, "0.5"));
    CHECK(!parse(&o, &e, "x --links") && !strcmp(o.how, "hard"));
    CHECK(!parse(&o, &e, "--links soft --no-links x") && !o.how);
    CHECK(!parse(&o, &e, "--shortlist lex.bin 100 100 0 x") && !strcmp(o.list, "lex.bin") &&
          !strcmp(o.first, "x"));
    CHECK(!parse(&o, &e, "--shortlist lex.bin false x") && !strcmp(o.list, "lex.bin") &&
          !strcmp(o.first, "x"));
    CHECK(!parse(&o, &e, "--shortlist lex.bin x") && !strcmp(o.first, "x"));
    CHECK(!parse(&o, &e, "--draw topk 10 0.7 x") && o.draw.count == 3 &&
              !strcmp(o.draw.item[2], "0.7") && !strcmp(o.first, "x"),
          "%s", e.msg);
    tt_opt_free(&cmd, &o, NULL);
    CHECK(!parse(&o, &e, "--draw x") && o.draw.count == 1 && !strcmp(o.draw.item[0], "full") &&
          !strcmp(o.first, "x"));
    tt_opt_free(&cmd, &o, NULL);
    CHECK(!parse(&o, &e, "--draw topk 3 --draw full x") && o.draw.count == 1);
    tt_opt_free(&cmd, &o, NULL);
    CHECK(!parse(&o, &e, "--draw topk 3 --no-draw x") && o.draw.count == 0);
    tt_opt_free(&cmd, &o, NULL);

    CHECK(!parse(&o, &e, "--beam_size 7 --mini_batch_words=9 --no_clean x") && o.beam == 7 &&
              o.words == 9 && !o.clean,
          "%s", e.msg);
    CHECK(!parse(&o, &e, "-m -.5 x") && !strcmp(o.model, "-.5"));
}

static void refused(void) {
    static const struct {
        const char *line, *says;
    } bad[] = {
        {"--bem-size 4 x", "unknown option --bem-size; did you mean --beam-size?"},
        {"--beam-szie=4 x", "unknown option --beam-szie; did you mean --beam-size?"},
        {"--zebra x", "unknown option --zebra; see ttrans try --help"},
        {"-Z x", "unknown option -Z; see ttrans try --help"},
        {"-qZ x", "unknown option -Z; see ttrans try --help"},
        {"--no-model x", "unknown option --no-model; did you mean --model?"},
        {"-b 0 x", "--beam-size: 0 is out of range: 1 to 64"},
        {"-b 65 x", "--beam-size: 65 is out of range: 1 to 64"},
        {"-b 99999999999 x", "--beam-size: '99999999999' is not a whole number"},
        {"-b four x", "--beam-size: 'four' is not a whole number"},
        {"-b 4.5 x", "--beam-size: '4.5' is not a whole number"},
        {"--beam= x", "--beam-size: '' is not a whole number"},
        {"x -b", "--beam-size needs a value: N"},
        {"x -b --quiet", "--beam-size needs a value: N"},
        {"--quiet=1 x", "--quiet takes no value"},
        {"-M bleu -z x", "unknown option -z; see ttrans try --help"},
        {"-m -z x",
         "--model needs a value: FILE; one that begins with a dash is written as --model=-z"},
        {"--draw=9x x", "--draw: '9x' is not one of full, topk"},
        {"--task x", "unknown option --task; see ttrans try --help"},
        {"--unkpen x", "unknown option --unkpen; see ttrans try --help"},
        {"--no_model x", "unknown option --no_model; did you mean --model?"},
        {"--lenpen=nan x", "--normalize: 'nan' is not a number"},
        {"--lenpen=6 x", "--normalize: 6 is out of range: 0 to 5"},
        {"--mini-batch-words -3 x",
         "--mini-batch-words: '-3' is not a count such as 500, 64k or 2M"},
        {"--mini-batch-words 3q x",
         "--mini-batch-words: '3q' is not a count such as 500, 64k or 2M"},
        {"--alignment=hrad x", "--alignment: 'hrad' is not one of none, hard, soft, half"},
        {"--alignment=ha x", "--alignment: 'ha' is not one of none, hard, soft, half"},
        {"--time-limit 5y x", "--time-limit: '5y' is not a time such as 90m, 1h30m or 45s"},
        {"--time-limit 0 x", "--time-limit: 0 is out of range: 1 to 1000000000"},
        {"--save-freq 5w x", "--save-freq: '5w' is not a count with a unit of 'ute', such as 10ku"},
        {"-t a", "--train-sets needs 2 words: SRC TRG"},
        {"-M blue x", "--metrics: 'blue' is not one of bleu, chrf, ter"},
        {"-q", "FIRST is missing; usage: ttrans try [OPTION...] FIRST [FILE...]"}};
    opts o;
    tt_err e;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        int rc = parse(&o, &e, bad[i].line);
        CHECK(rc == TT_EUSAGE && e.code == rc, "%s: %d", bad[i].line, rc);
        CHECK(!strcmp(e.msg, bad[i].says), "%s: %s", bad[i].line, e.msg);
        tt_opt_free(&cmd, &o, NULL);
    }
}

static void nearest(void) {
    static const char *const names[] = {"translate", "train", "eval", NULL};
    const char *got = tt_opt_nearest("tranlsate", names);
    CHECK(got && !strcmp(got, "translate"));
    got = tt_opt_nearest("trian", names);
    CHECK(got && !strcmp(got, "train"));
    CHECK(!tt_opt_nearest("zebra", names));
    CHECK(!tt_opt_nearest("foo", names) && !tt_opt_nearest("version", names));
    CHECK(!tt_opt_nearest("a-word-that-is-far-longer-than-any-name-an-option-could-have", names));
}

int main(void) {
    accepted();
    next_words();
    refused();
    nearest();
    return test_done("t_opt");
}
