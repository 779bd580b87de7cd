/* bench.c: which settings are tried, in which order, and which is best.
 *
 * For every arithmetic and beam: batches of rising size with all threads; the best of them with
 * fewer threads; then one line at a time. A batch or line that would take too long, by what the one
 * before it took, is left out. The fastest of all is told at the end, for bulk and for one line,
 * for each beam.
 */
#include "base/cpu.h"
#include "bench/bench.h"
#include "ttrans.h"

static const int TYPES[] = {TT_TYPE_F32, TT_TYPE_BF16, TT_TYPE_I8};
static const int BEAMS[] = {1, 4};
static const int BATCHES[] = {0, 256, 1024, 4096}; /* tokens; 0: one sentence */
static const int LENGTHS[] = {5, 20, 60};          /* words of a line */
enum { N_TYPES = 3, N_BEAMS = 2, N_BATCHES = 4, N_LENGTHS = 3 };
static const int USUAL =
    20; /* words of a usual line: by it the best setting for one line is chosen */

/* Shares of the time budget for each kind of measurement. */
static const double PRODUCTS = 0.3, READING = 0.05, BULK = 0.4, LINES = 0.25;
static const double PATIENCE = 6,
                    LINE_PATIENCE = 40; /* times its share of the budget that a setting may take */
static const int LINES_LEAST = 3;

struct bench {
    const char *model;
    const tt_bench_options *o;
    tt_bench_sink to;
    tt_prose prose;
    int beams[N_BEAMS], n_beams, threads;
    double bulk_seconds, line_seconds; /* for one setting */
    tt_bench_row best_bulk[N_BEAMS], best_line[N_BEAMS];
    double load; /* of the setting measured last */
};

static void show(struct bench *b, const tt_bench_row *row) { b->to.show(b->to.ctx, row); }

static int try_bulk(struct bench *b, tt_bench_row *row, tt_bench_row *best, tt_err *e) {
    TT_TRY(tt_bench_pace(row, &b->load, b->model, b->o->isa, &b->prose, b->bulk_seconds, e));
    show(b, row);
    if (row->rate > best->rate) *best = *row;
    return 0;
}

static int bulk(struct bench *b, int type, int beam, tt_err *e) {
    tt_bench_row best = {0}, row = {0};
    for (int i = 0; i < N_BATCHES; i++) {
        double takes = row.rate > 0 ? (double)BATCHES[i] * b->threads / row.rate : 0;
        if (i && takes > PATIENCE * b->bulk_seconds) break;
        row = (tt_bench_row){.kind = TT_BENCH_BULK,
                             .compute = type,
                             .beam = b->beams[beam],
                             .threads = b->threads,
                             .mini_batch = i == 0,
                             .mini_batch_words = i ? BATCHES[i] : BATCHES[1]};
        TT_TRY(try_bulk(b, &row, &best, e));
    }
    for (int threads = 1; threads < b->threads; threads *= 2) {
        row = best;
        row.threads = threads;
        TT_TRY(try_bulk(b, &row, &best, e));
    }
    if (best.rate > b->best_bulk[beam].rate) b->best_bulk[beam] = best;
    return 0;
}

/* Opening the file, and that and a first line. */
static int start(struct bench *b, int type, tt_err *e) {
    double load;
    tt_bench_row row = {.kind = TT_BENCH_LINE,
                        .compute = type,
                        .beam = b->beams[0],
                        .threads = b->threads,
                        .words = USUAL};
    TT_TRY(tt_bench_pace(&row, &b->load, b->model, b->o->isa, &b->prose, 0, e));
    row.kind = TT_BENCH_START;
    for (int i = 0; i < 2; i++) {
        TT_TRY(tt_bench_pace(&row, &load, b->model, b->o->isa, &b->prose, 0, e));
        if (load < b->load) b->load = load;
    }
    row.p95 = b->load + row.p50;
    row.p50 = b->load;
    show(b, &row);
    return 0;
}

static int lines(struct bench *b, int type, int beam, tt_err *e) {
    for (int all = 0; all < 1 + (b->threads > 1); all++) {
        tt_bench_row row = {0};
        for (int i = 0; i < N_LENGTHS; i++) {
            if (LENGTHS[i] > USUAL &&
                LINES_LEAST * row.p50 * LENGTHS[i] / row.words > LINE_PATIENCE * b->line_seconds)
                break;
            row = (tt_bench_row){.kind = TT_BENCH_LINE,
                                 .compute = type,
                                 .beam = b->beams[beam],
                                 .threads = all ? b->threads : 1,
                                 .words = LENGTHS[i]};
            TT_TRY(
                tt_bench_pace(&row, &b->load, b->model, b->o->isa, &b->prose, b->line_seconds, e));
            show(b, &row);
            tt_bench_row *best = &b->best_line[beam];
            if (row.words == USUAL && (!best->words || row.p50 < best->p50)) *best = row;
        }
    }
    return 0;
}

static int speeds(struct bench *b, tt_err *e) {
    for (int t = 0; t < N_TYPES; t++) {
        if (!(b->o->types & 1u << TYPES[t])) continue;
        TT_TRY(start(b, TYPES[t], e));
        for (int beam = 0; beam < b->n_beams; beam++) TT_TRY(bulk(b, TYPES[t], beam, e));
        for (int beam = 0; beam < b->n_beams; beam++) TT_TRY(lines(b, TYPES[t], beam, e));
    }
    for (int beam = 0; beam < b->n_beams; beam++) {
        b->best_bulk[beam].kind = TT_BENCH_BEST_BULK;
        b->best_line[beam].kind = TT_BENCH_BEST_LINE;
        show(b, &b->best_bulk[beam]);
        show(b, &b->best_line[beam]);
    }
    return 0;
}

/* Shares the time out. */
static void settle(struct bench *b) {
    int types = 0, doublings = 0;
    for (int t = 0; t < N_TYPES; t++) types += (b->o->types & 1u << TYPES[t]) != 0;
    for (int n = 1; n < b->threads; n *= 2) doublings++;
    b->n_beams = b->o->beam ? 1 : N_BEAMS;
    for (int i = 0; i < N_BEAMS; i++) b->beams[i] = b->o->beam ? b->o->beam : BEAMS[i];
    b->bulk_seconds = BULK * b->o->seconds / (types * b->n_beams * (N_BATCHES + doublings));
    b->line_seconds =
        LINES * b->o->seconds / (types * b->n_beams * (b->threads > 1 ? 2 : 1) * N_LENGTHS);
}

/* Whether the model can be translated with at all, before anything is measured. */
static int try_model(const struct bench *b, tt_err *e) {
    tt_translate_options o;
    tt_translate_init(&o);
    o.isa = b->o->isa;
    o.threads = b->threads;
    tt_translator *t = tt_translator_open(b->model, &o, e);
    tt_translator_close(t);
    return t ? 0 : e->code;
}

int tt_bench(const char *model, const tt_bench_options *o, tt_bench_fn *fn, void *ctx, tt_err *e) {
    struct bench b = {.model = model,
                      .o = o,
                      .to = {fn, ctx},
                      .threads = o->threads ? o->threads : tt_cpu_count()};
    const unsigned known = 1u << TT_TYPE_F32 | 1u << TT_TYPE_BF16 | 1u << TT_TYPE_I8;
    if (!(o->types & known) || o->types & ~known || !(o->seconds >= 0) || o->beam < 0)
        return tt_fail(e, TT_EUSAGE,
                       "nothing to measure: expected an arithmetic, a beam and a time");
    settle(&b);
    tt_arena *a = tt_arena_open(0, e);
    if (!a) return TT_ENOMEM;
    int rc = tt_prose_open(&b.prose, o->input, a, e);
    if (!rc) rc = try_model(&b, e);
    if (!rc && (o->parts & TT_BENCH_PRODUCTS))
        rc = tt_bench_products(model, o->isa, o->types, PRODUCTS * o->seconds, &b.to, e);
    if (!rc && (o->parts & TT_BENCH_PRODUCTS))
        rc = tt_bench_bandwidth(1, READING / 2 * o->seconds, &b.to, e);
    if (!rc && (o->parts & TT_BENCH_PRODUCTS) && b.threads > 1)
        rc = tt_bench_bandwidth(b.threads, READING / 2 * o->seconds, &b.to, e);
    if (!rc && (o->parts & TT_BENCH_TEXT)) rc = speeds(&b, e);
    tt_arena_close(a);
    return rc;
}
