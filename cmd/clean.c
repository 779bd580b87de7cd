/* clean.c: `ttrans clean`, parallel text without the pairs that are not fit to be learned from. */
#include "cmd.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct opts {
    tt_list tsv, texts, filters;
    const char *out, *rejected;
    int json, quiet;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_LIST, "--tsv", "FILE", NULL, offsetof(opts, tsv),
     .help = "text, source TAB target, plain or compressed; may be given again (default standard "
             "input)"},
    {TT_OPT_LIST, "-t --train-sets", "SRC TGT", NULL, offsetof(opts, texts), 2, 2,
     .help = "text as two files in step; may be given again"},
    {TT_OPT_LIST, "-f --filter --filters", "ROW", NULL, offsetof(opts, filters), 1, 32,
     .shown = "all but script and language", .family = "filter",
     .help =
         "ask these filters, in this order, as in length:most=100 or language:target=fr; may be "
         "given again"},
    {TT_OPT_STRING, "-o --output", "FILE", "-", offsetof(opts, out), .file = TT_FILE_WRITE,
     .help = "pairs that are kept, source TAB target"},
    {TT_OPT_STRING, "--rejected", "FILE", NULL, offsetof(opts, rejected), .file = TT_FILE_WRITE,
     .help = "pairs that are dropped, the filter's name and a TAB in front"},
    {TT_OPT_FLAG, "--json", .at = offsetof(opts, json),
     .help = "print the report as one JSON object"},
    {TT_OPT_FLAG, "-q --quiet", .at = offsetof(opts, quiet), .help = "print no report"},
    {0}};

static const tt_example examples[] = {
    {"ttrans clean --tsv corpus.tsv.gz -o clean.tsv --rejected dropped.tsv",
     "what is dropped, and why, to look at"},
    {"ttrans clean --tsv corpus.tsv.gz -f empty length:most=80 language duplicate -o clean.tsv",
     "these filters alone"},
    {NULL, NULL}};

static void print_report(const tt_cleaned *c) {
    const double all = c->read ? (double)c->read : 1;
    fprintf(stderr, "%zu pairs read, %zu kept (%.1f %%)\n", c->read, c->kept,
            100 * (double)c->kept / all);
    for (int i = 0; i < c->filters; i++)
        if (c->dropped[i])
            fprintf(stderr, "%10zu  %5.1f %%  dropped by %s\n", c->dropped[i],
                    100 * (double)c->dropped[i] / all, c->name[i]);
    if (c->repaired) fprintf(stderr, "%10zu  with bad UTF-8 or NUL bytes, replaced\n", c->repaired);
}

static void print_json(const tt_cleaned *c) {
    fprintf(stderr, "{\"read\": %zu, \"kept\": %zu, \"repaired\": %zu, \"dropped\": {", c->read,
            c->kept, c->repaired);
    for (int i = 0; i < c->filters; i++)
        fprintf(stderr, "%s\"%s\": %zu", i ? ", " : "", c->name[i], c->dropped[i]);
    fputs("}}\n", stderr);
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    tt_parallel *s = calloc((size_t)(o->tsv.count + o->texts.count) + 1, sizeof *s);
    if (!s) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    int n = 0;
    for (int i = 0; i < o->tsv.count; i++) s[n++] = (tt_parallel){o->tsv.item[i], NULL, 1};
    for (int i = 0; i + 1 < o->texts.count; i += 2)
        s[n++] = (tt_parallel){o->texts.item[i], o->texts.item[i + 1], 1};
    if (!n) s[n++] = (tt_parallel){"-", NULL, 1};
    const tt_cleaning k = {
        s, n, o->filters.count ? o->filters.item : NULL, o->filters.count, o->out, o->rejected};
    tt_cleaned c;
    tt_log log = tt_cmd_log(o->quiet ? TT_LOG_WARN : TT_LOG_INFO);
    int rc = tt_clean_text(&k, &c, &log, e);
    tt_cmd_progress(NULL);
    if (!rc && o->json) print_json(&c);
    else if (!rc && !o->quiet) print_report(&c);
    free(s);
    return rc;
}

const tt_cmd tt_cmd_clean = {
    "clean",
    "drops pairs that are not fit to be learned from",
    "[OPTION...]",
    "Reads parallel text and writes the pairs that no filter drops, trimmed and in order, further "
    "columns kept. A report "
    "on standard error says how many each filter dropped; a pair counts for the first one. ttrans "
    "list filter tells what "
    "each looks at.",
    rows,
    sizeof(opts),
    examples,
    run};
