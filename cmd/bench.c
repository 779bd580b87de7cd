/* bench.c: `ttrans bench`, what this machine does with a model, and the setting to choose.
 *
 * The rows come from tt_bench. They are kept until the end, when the greatest figure is known and
 * all can be said as shares of it; meanwhile a progress line tells what is being measured.
 */
#include "cmd.h"
#include "draw/chart.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 4096, LINE_MOST = 200 };

typedef struct opts {
    const char *model, *input, *row;
    int threads, beam, part, json, quiet;
    double seconds;
    tt_list types, lengths;
    int dim, heads, pass;
    const char *plot;
} opts;

#define AT(field) .at = offsetof(opts, field)

enum { PART_ALL, PART_KERNELS, PART_TEXT, PART_ATTENTION };

enum { LENGTHS_MOST = 32 };

static const tt_opt rows[] = {
    {TT_OPT_STRING, "[MODEL]", AT(model), .file = TT_FILE_MODEL,
     .help = "the model; without it the default one, as translate finds it"},
    {TT_OPT_STRING, "-i --input", "FILE", NULL, AT(input), .shown = "some built-in sentences",
     .help = "text to translate, plain or gzip; of a long one the first MiB"},
    {TT_OPT_DURATION, "-s --seconds", "TIME", "30", AT(seconds), .low = 0.01, .high = 86400,
     .help = "time to take, about; every setting is measured once at least, so a big model takes "
             "longer"},
    {TT_OPT_ENUM, "--only", "PART", "all", AT(part), .allowed = "all|kernels|text|attention",
     .help = "measure the matrix products and the memory, or translating, or both; or, without a "
             "model, one layer of each variant of attention and each recurrent cell"},
    {TT_OPT_LIST, "--compute-type", "TYPE", NULL, AT(types), .allowed = "f32|bf16|int8",
     .shown = "all three", .help = "arithmetic to try, as in translate; may be given again"},
    {TT_OPT_INT, "-b --beam-size --beam", "N", "0", AT(beam), .low = 1, .high = 64,
     .shown = "1 and 4", .help = "hypotheses followed at a time"},
    {TT_OPT_INT, "--threads --cpu-threads", "N", "0", AT(threads), .low = 0, .high = 1024,
     .shown = "all processors", .help = "threads to try at most"},
    {TT_OPT_LIST, "--length", "N", NULL, AT(lengths), 1, LENGTHS_MOST,
     .shown = "32 64 128 256 512 1024 2048",
     .help = "with --only attention: lengths of a text in tokens, blanks or commas between"},
    {TT_OPT_INT, "--dim", "N", "256", AT(dim), .low = 2, .high = 8192,
     .help = "with --only attention: width"},
    {TT_OPT_STRING, "--row", "NAME", NULL, AT(row), .shown = "everything",
     .help = "with --only attention: only this alignment, distribution, reach or cell, beside the "
             "usual"},
    {TT_OPT_INT, "--heads", "N", "4", AT(heads), .low = 1, .high = 128,
     .help = "with --only attention: heads"},
    {TT_OPT_ENUM, "--pass", "WHICH", "forward", AT(pass), .allowed = "forward|both",
     .help = "with --only attention: forward, or forward and the way back"},
    {TT_OPT_STRING, "--plot", "FILE", NULL, AT(plot), .file = TT_FILE_WRITE,
     .help = "with --only attention: draw the times by length as well, of the usual triple and the "
             "15 others that are fastest at the greatest length; .svg, .png, .csv, .tsv, .json or "
             ".txt"},
    {TT_OPT_FLAG, "--json", AT(json), .help = "print one JSON object instead of tables"},
    {TT_OPT_FLAG, "-q --quiet", AT(quiet), .help = "print no progress"},
    {0}};

static const tt_example examples[] = {
    {"ttrans bench --seconds 1", "a first impression of the default model"},
    {"ttrans bench --only text -b 1 --compute-type int8 -s 2 -i text.en model.ttm",
     "one model on one's own text"},
    {"ttrans bench --only kernels -s 1 --json", "the kernels alone, for a script"},
    {"ttrans bench --only attention -s 1 --length 32,128,512",
     "what each variant of attention costs as texts grow"},
    {0}};

typedef struct table {
    tt_bench_row *row; /* (count) */
    size_t count, cap;
    int quiet, full; /* full: there was no memory for a row */
    const char *model;
} table;

static const char *type_name(int type) {
    return type == TT_TYPE_F32 ? "f32" : type == TT_TYPE_BF16 ? "bf16" : "int8";
}

static void keep(void *ctx, const tt_bench_row *row) {
    static const char *const doing[] = {"products", "memory", "start", "bulk", "single lines",
                                        "",         "",       "",      ""};
    table *t = ctx;
    char line[LINE_MOST];
    if (!t->quiet && tt_cmd_tty() && doing[row->kind][0]) {
        snprintf(line, sizeof line, "measuring %s %s", doing[row->kind],
                 row->kind == TT_BENCH_READ ? "" : type_name(row->compute));
        tt_cmd_progress(line);
    }
    if (t->count == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 256;
        tt_bench_row *more = realloc(t->row, cap * sizeof *more);
        t->full |= !more;
        if (!more) return;
        t->row = more;
        t->cap = cap;
    }
    t->row[t->count++] = *row;
}

/* The greatest rate among products of this type. */
static double best_rate(const table *t, int type) {
    double best = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->row[i].kind == TT_BENCH_PRODUCT && t->row[i].compute == type &&
            t->row[i].rate > best)
            best = t->row[i].rate;
    return best;
}

static int has(const table *t, int kind) {
    for (size_t i = 0; i < t->count; i++)
        if (t->row[i].kind == kind) return 1;
    return 0;
}

/* The settings of a row as the command line that makes them. */
static void put_command(char *text, size_t cap, const table *t, const tt_bench_row *r) {
    char batch[80] = "";
    if (r->kind == TT_BENCH_BEST_BULK)
        snprintf(batch, sizeof batch, " --mini-batch %d --mini-batch-words %d", r->mini_batch,
                 r->mini_batch_words);
    snprintf(text, cap, "ttrans translate -m %.120s -b %d --compute-type %s --threads %d%s",
             t->model, r->beam, type_name(r->compute), r->threads, batch);
}

/* ---- tables -------------------------------------------------------------------------------- */

static void print_products(const table *t) {
    const tt_bench_row *last = NULL;
    if (!has(t, TT_BENCH_PRODUCT)) return;
    printf("\nMatrix products of the model, one thread: 10^9 operations/s, and their share of the "
           "best of their type\n"
           "%-5s %-8s %-9s %13s %14s %14s %14s %14s",
           "type", "isa", "matrix", "rows x cols", "1 row", "8 rows", "64 rows", "1024 rows");
    for (size_t i = 0; i < t->count; i++) {
        const tt_bench_row *r = &t->row[i];
        if (r->kind != TT_BENCH_PRODUCT) continue;
        if (!last || last->what != r->what || last->isa != r->isa || last->compute != r->compute) {
            char size[40];
            snprintf(size, sizeof size, "%d x %d", r->n, r->k);
            printf("\n%-5s %-8s %-9s %13s", type_name(r->compute), r->isa, r->what, size);
        }
        printf(" %8.1f %3.0f %%", r->rate, 100 * r->rate / best_rate(t, r->compute));
        last = r;
    }
    putchar('\n');
}

static void print_memory(const table *t) {
    for (size_t i = 0; i < t->count; i++)
        if (t->row[i].kind == TT_BENCH_READ)
            printf("%s%d thread%s: %.1f GB/s\n",
                   i && t->row[i - 1].kind == TT_BENCH_READ ? "" : "\nMemory read by\n",
                   t->row[i].threads, t->row[i].threads == 1 ? "" : "s", t->row[i].rate);
}

static void print_start(const table *t) {
    if (!has(t, TT_BENCH_START)) return;
    printf("\nStart: milliseconds, the file in memory\n%-5s %7s %12s %24s\n", "type", "threads",
           "opening", "and a line of 20 words");
    for (size_t i = 0; i < t->count; i++)
        if (t->row[i].kind == TT_BENCH_START)
            printf("%-5s %7d %12.1f %24.1f\n", type_name(t->row[i].compute), t->row[i].threads,
                   1e3 * t->row[i].p50, 1e3 * t->row[i].p95);
}

static void print_bulk(const table *t) {
    double best = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->row[i].kind == TT_BENCH_BULK && t->row[i].rate > best) best = t->row[i].rate;
    if (best <= 0) return;
    printf("\nTranslating in bulk\n%-5s %4s %7s %16s %14s %8s %12s\n", "type", "beam", "threads",
           "batch", "words/s", "of best", "memory");
    for (size_t i = 0; i < t->count; i++) {
        const tt_bench_row *r = &t->row[i];
        char batch[40] = "1 sentence";
        if (r->kind != TT_BENCH_BULK) continue;
        if (r->mini_batch != 1) snprintf(batch, sizeof batch, "%d tokens", r->mini_batch_words);
        printf("%-5s %4d %7d %16s %14.0f %6.0f %%", type_name(r->compute), r->beam, r->threads,
               batch, r->rate, 100 * r->rate / best);
        if (r->memory) printf(" %8.1f MiB", (double)r->memory / (1 << 20));
        putchar('\n');
    }
}

static void print_lines(const table *t) {
    const tt_bench_row *last = NULL;
    if (!has(t, TT_BENCH_LINE)) return;
    printf("\nOne line at a time: milliseconds, median and 95th percentile\n%-5s %4s %7s %21s %21s "
           "%21s",
           "type", "beam", "threads", "5 words", "20 words", "60 words");
    for (size_t i = 0; i < t->count; i++) {
        const tt_bench_row *r = &t->row[i];
        if (r->kind != TT_BENCH_LINE) continue;
        if (!last || last->compute != r->compute || last->beam != r->beam ||
            last->threads != r->threads)
            printf("\n%-5s %4d %7d", type_name(r->compute), r->beam, r->threads);
        printf(" %10.2f %10.2f", 1e3 * r->p50, 1e3 * r->p95);
        last = r;
    }
    putchar('\n');
}

/* How many sizes of batches were measured in bulk with this beam and arithmetic. */
static int batches_tried(const table *t, const tt_bench_row *best) {
    int n = 0;
    for (size_t i = 0; i < t->count; i++) {
        const tt_bench_row *r = &t->row[i];
        int again = 0;
        if (r->kind != TT_BENCH_BULK || r->beam != best->beam || r->compute != best->compute)
            continue;
        for (size_t k = 0; k < i; k++)
            again |= t->row[k].kind == TT_BENCH_BULK && t->row[k].beam == r->beam &&
                     t->row[k].compute == r->compute && t->row[k].mini_batch == r->mini_batch &&
                     t->row[k].mini_batch_words == r->mini_batch_words;
        n += !again;
    }
    return n;
}

static void print_choice(const table *t) {
    char command[LINE_MOST + 200];
    for (int kind = TT_BENCH_BEST_BULK; kind <= TT_BENCH_BEST_LINE; kind++)
        for (size_t i = 0; i < t->count; i++) {
            const tt_bench_row *r = &t->row[i];
            if (r->kind != kind) continue;
            put_command(command, sizeof command, t, r);
            if (kind == TT_BENCH_BEST_BULK)
                printf("\nFastest in bulk with beam %d, %.0f words/s%s:\n", r->beam, r->rate,
                       batches_tried(t, r) > 1 ? ""
                                               : "; no other size of batches was measured, for "
                                                 "which --seconds is too short");
            else
                printf("\nQuickest for one line with beam %d, %.1f ms for %d words:\n", r->beam,
                       1e3 * r->p50, r->words);
            printf("  %s\n", command);
        }
    if (has(t, TT_BENCH_BEST_BULK))
        printf("\nbf16 and int8 round the weights: hold their translations against f32's with "
               "ttrans eval.\n");
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void print_json(const table *t, const char *cpu, const char *isa, int threads) {
    static const char *const kinds[] = {"product", "read",      "start",    "bulk",
                                        "line",    "best-bulk", "best-line"};
    char command[LINE_MOST + 200];
    printf("{\"ttrans\": \"%s\", \"processor\": ", TT_VERSION);
    tt_cmd_json_string(stdout, cpu);
    printf(", \"isa\": \"%s\", \"threads\": %d, \"model\": ", isa, threads);
    tt_cmd_json_string(stdout, t->model);
    printf(", \"rows\": [");
    for (size_t i = 0; i < t->count; i++) {
        const tt_bench_row *r = &t->row[i];
        printf("%s\n{\"kind\": \"%s\"", i ? "," : "", kinds[r->kind]);
        if (r->kind != TT_BENCH_READ) printf(", \"type\": \"%s\"", type_name(r->compute));
        if (r->kind == TT_BENCH_PRODUCT)
            printf(", \"isa\": \"%s\", \"matrix\": \"%s\", \"m\": %d, \"n\": %d, \"k\": %d, "
                   "\"gops\": %.4g, \"share\": %.3f",
                   r->isa, r->what, r->m, r->n, r->k, r->rate, r->rate / best_rate(t, r->compute));
        else printf(", \"threads\": %d", r->threads);
        if (r->beam) printf(", \"beam\": %d", r->beam);
        if (r->kind == TT_BENCH_READ) printf(", \"gb_per_s\": %.4g", r->rate);
        if (r->kind == TT_BENCH_BULK || r->kind == TT_BENCH_BEST_BULK)
            printf(", \"mini_batch\": %d, \"mini_batch_words\": %d, \"words_per_s\": %.6g",
                   r->mini_batch, r->mini_batch_words, r->rate);
        if (r->kind == TT_BENCH_START)
            printf(", \"open_s\": %.4g, \"first_line_s\": %.4g", r->p50, r->p95);
        if (r->kind == TT_BENCH_LINE || r->kind == TT_BENCH_BEST_LINE)
            printf(", \"words\": %d, \"p50_s\": %.4g, \"p95_s\": %.4g", r->words, r->p50, r->p95);
        if (r->memory) printf(", \"memory\": %zu", r->memory);
        if (r->kind >= TT_BENCH_BEST_BULK) {
            put_command(command, sizeof command, t, r);
            printf(", \"command\": ");
            tt_cmd_json_string(stdout, command);
        }
        printf("}");
    }
    printf("\n]}\n");
}

/* ---- one layer of each variant -----------------------------------------------------------------
 */

/* The exponent of n in the time, through the last three lengths; 0 where there are fewer. */
static double exponent(const tt_bench_row *r, int n) {
    double x = 0, y = 0, xx = 0, xy = 0;
    int used = 0;
    while (n > 0 && !(r[n - 1].p50 > 0)) n--;
    for (int i = n < 3 ? n : n - 3; i < n; i++, used++) {
        const double lx = log((double)r[i].n), ly = log(r[i].p50);
        x += lx, y += ly, xx += lx * lx, xy += lx * ly;
    }
    return used == 3 ? (used * xy - x * y) / (used * xx - x * x) : 0;
}

/* The length from which on a variant is faster than the usual one; 0: none. */
static int faster_from(const tt_bench_row *r, const tt_bench_row *usual, int n) {
    int from = 0;
    for (int i = n - 1; i >= 0 && r[i].p50 > 0 && r[i].p50 < usual[i].p50; i--) from = r[i].n;
    return from;
}

/* As keep, with a name that outlives the call. */
static void keep_named(void *ctx, const tt_bench_row *row) {
    table *t = ctx;
    tt_bench_row own = *row;
    own.what = strdup(row->what);
    t->full |= !own.what;
    if (!t->quiet && tt_cmd_tty()) {
        char line[LINE_MOST];
        snprintf(line, sizeof line, "measuring %s, %d tokens", row->what, row->n);
        tt_cmd_progress(line);
    }
    if (own.what) keep(ctx, &own);
}

static void print_layers(const table *t, int n, const opts *o) {
    printf("One layer of width %d, %d heads, one thread, %s: milliseconds by the length of the "
           "text\n%-44s",
           o->dim, o->heads, o->pass ? "forward and back" : "forward", "");
    for (int i = 0; i < n; i++) printf(" %8d", t->row[i].n);
    printf("  n^   MB  faster from\n");
    for (size_t at = 0; at + (size_t)n <= t->count; at += (size_t)n) {
        const tt_bench_row *r = t->row + at;
        printf("%-44s", r->what);
        for (int i = 0; i < n; i++) {
            if (r[i].p50 > 0) printf(" %8.3f", 1e3 * r[i].p50);
            else printf(" %8s", "-");
        }
        printf(" %4.2f %4.0f", exponent(r, n), 1e-6 * (double)r[n - 1].memory);
        const int from = faster_from(r, t->row, n);
        if (r->kind == TT_BENCH_CELL) printf("  %.0f tokens/s\n", r[n - 1].rate);
        else if (at && from) printf("  %d\n", from);
        else printf("  -\n");
    }
}

static void print_layers_json(const table *t, const opts *o) {
    printf("{\"ttrans\": \"%s\", \"dim\": %d, \"heads\": %d, \"pass\": \"%s\", \"rows\": [",
           TT_VERSION, o->dim, o->heads, o->pass ? "both" : "forward");
    for (size_t i = 0; i < t->count; i++) {
        const tt_bench_row *r = &t->row[i];
        printf("%s\n{\"kind\": \"%s\", \"what\": ", i ? "," : "",
               r->kind == TT_BENCH_CELL ? "cell" : "attention");
        tt_cmd_json_string(stdout, r->what);
        printf(", \"n\": %d, \"seconds\": ", r->n);
        if (r->p50 > 0) printf("%.6g", r->p50);
        else printf("null");
        printf(", \"memory\": %zu}", r->memory);
    }
    printf("\n]}\n");
}

/* The rows (each of n lengths) that are drawn, by the first of each: the usual triple, and then
   those that are fastest at the greatest length they were measured at together. */
static int choose_rows(const table *t, int n, size_t *chosen) {
    int count = 0;
    const size_t all = t->count / (size_t)n;
    while (count < TT_CHART_CURVES && (size_t)count < all) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < all; i++) {
            int taken = 0;
            for (int k = 0; k < count; k++) taken |= chosen[k] == i;
            const double at = t->row[i * (size_t)n + (size_t)n - 1].p50;
            if (taken || (count && !(at > 0))) continue;
            if (!count || best == SIZE_MAX || at < t->row[best * (size_t)n + (size_t)n - 1].p50) {
                best = i;
                if (!count) break;
            }
        }
        if (best == SIZE_MAX) break;
        chosen[count++] = best;
    }
    return count;
}

static int plot_layers(const table *t, int n, const opts *o, tt_err *e) {
    const int form = tt_form_of_path(o->plot);
    if (!tt_form_has_curves(form))
        return tt_cmd_fail(e, TT_EUSAGE, "--plot %.200s: no form of curves has this suffix",
                           o->plot);
    size_t chosen[TT_CHART_CURVES];
    tt_curve curve[TT_CHART_CURVES];
    const int count = choose_rows(t, n, chosen);
    double *room = malloc(2 * (size_t)count * (size_t)n * sizeof *room + 1), *at = room;
    if (!room) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for a picture");
    for (int k = 0; k < count; k++, at += 2 * n) {
        const tt_bench_row *r = t->row + chosen[k] * (size_t)n;
        for (int i = 0; i < n; i++) {
            at[i] = r[i].n;
            at[n + i] = r[i].p50 > 0 ? 1e3 * r[i].p50 : NAN;
        }
        curve[k] = (tt_curve){r->what, at, at + n, (size_t)n};
    }
    const tt_chart c = {.title = "one layer of attention, or of cells",
                        .x_what = "tokens of a text",
                        .y_what = "milliseconds",
                        .curve = curve,
                        .curves = count,
                        .decades = 1};
    const tt_draw_style style = {.width = 100};
    tt_drawing *d = tt_drawing_open(o->plot, form, &style, e);
    int rc = d ? tt_chart_add(d, &c, e) : e->code;
    if (rc) tt_drawing_abort(d);
    else rc = tt_drawing_finish(d, e);
    free(room);
    return rc;
}

static int run_layers(const opts *o, table *t, tt_err *e) {
    static const int usual[] = {32, 64, 128, 256, 512, 1024, 2048};
    int length[LENGTHS_MOST], n = 0;
    for (int i = 0; i < o->lengths.count; i++)
        for (const char *word = o->lengths.item[i]; *word;) {
            char *end;
            const long v = strtol(word, &end, 10);
            if (end == word || (*end && *end != ',') || v < 1 || v > 65536 || n == LENGTHS_MOST ||
                (n && v <= length[n - 1]))
                return tt_cmd_fail(e, TT_EUSAGE,
                                   "--length: '%.40s' is not a number from 1 to 65536, greater "
                                   "than the one before",
                                   word);
            length[n++] = (int)v;
            word = end + (*end == ',');
        }
    if (!n) {
        n = (int)(sizeof usual / sizeof *usual);
        memcpy(length, usual, sizeof usual);
    }
    const tt_bench_variants v = {.isa = getenv("TTRANS_ISA"),
                                 .dim = o->dim,
                                 .heads = o->heads,
                                 .length = length,
                                 .lengths = n,
                                 .both = o->pass,
                                 .seconds = o->seconds / (40.0 * n),
                                 .memory = (size_t)4 << 30,
                                 .row = o->row};
    const int rc = tt_bench_layers(&v, keep_named, t, e);
    tt_cmd_progress(NULL);
    if (rc) return rc;
    if (t->full) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for the figures");
    if (o->json) print_layers_json(t, o);
    else print_layers(t, n, o);
    return o->plot ? plot_layers(t, n, o, e) : 0;
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    char model[PATH_MOST], cpu[64];
    table t = {.quiet = o->quiet, .model = model};
    tt_bench_options b = {.isa = getenv("TTRANS_ISA"),
                          .threads = o->threads,
                          .beam = o->beam,
                          .seconds = o->seconds,
                          .input = o->input};
    for (int i = 0; i < o->types.count; i++) {
        const char *w = o->types.item[i];
        b.types |= 1u << tt_family_place(tt_family_find("type"), w, strlen(w));
    }
    if (!b.types) b.types = 1u << TT_TYPE_F32 | 1u << TT_TYPE_BF16 | 1u << TT_TYPE_I8;
    b.parts = o->part == PART_KERNELS ? TT_BENCH_PRODUCTS
              : o->part == PART_TEXT  ? TT_BENCH_TEXT
                                      : TT_BENCH_PRODUCTS | TT_BENCH_TEXT;
    const char *isa = tt_isa(b.isa, e);
    if (!isa) return e->code;
    if (o->plot && o->part != PART_ATTENTION)
        return tt_cmd_fail(e, TT_EUSAGE, "--plot goes with --only attention");
    if (o->part == PART_ATTENTION) {
        const int rc = run_layers(o, &t, e);
        for (size_t i = 0; i < t.count; i++) free((char *)(uintptr_t)t.row[i].what);
        free(t.row);
        return rc;
    }
    int threads = o->threads ? o->threads : tt_cpu_count(),
        rc = tt_cmd_model(model, sizeof model, o->model, NULL, e);
    if (!rc) rc = tt_bench(model, &b, keep, &t, e);
    tt_cmd_progress(NULL);
    if (!rc && t.full) {
        e->code = rc = TT_ENOMEM;
        snprintf(e->msg, sizeof e->msg, "out of memory for the figures");
    }
    tt_cpu_name(cpu, sizeof cpu);
    if (!rc && o->json) {
        print_json(&t, cpu, isa, threads);
    } else if (!rc) {
        printf("%s, %d thread%s, best instruction set %s; ttrans %s, %.300s\n",
               cpu[0] ? cpu : "unnamed processor", threads, threads == 1 ? "" : "s", isa,
               TT_VERSION, model);
        print_products(&t);
        print_memory(&t);
        print_start(&t);
        print_bulk(&t);
        print_lines(&t);
        print_choice(&t);
    }
    free(t.row);
    return rc;
}

const tt_cmd tt_cmd_bench = {
    "bench",
    "measures this machine with a model, and says which settings are fastest",
    "[OPTION...] [MODEL]",
    "Times the matrix products of the model on every instruction set the processor has, reading "
    "from memory, opening "
    "the model, translating in bulk by arithmetic, beam, batch and threads, and one line at a "
    "time; at the end come the "
    "command lines that were fastest.\n\n"
    "Figures mean something only while the machine does nothing else.",
    rows,
    sizeof(opts),
    examples,
    run};
