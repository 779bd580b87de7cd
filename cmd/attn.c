/* attn.c: `ttrans attn`, what the heads look at, as shaded text or as CSV.
 *
 * A map has a row for each query token and a column for each key. In text, a cell is one to three
 * characters wide, as the line allows; where even one is too many, columns come in several bands,
 * one below the other. The darkest shade stands for the map's greatest weight, which is printed.
 */
#include "cmd.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 4096, LABEL_MOST = 16, CELL_MOST = 3 };
enum { ASCII, BLOCKS, CSV };

typedef struct opts {
    const char *model, *target, *head, *sentence;
    int layer, side, format, beam, width;
} opts;

#define AT(field) .at = offsetof(opts, field)

static const tt_opt rows[] = {
    {TT_OPT_STRING, "[SENTENCE]", AT(sentence),
     .help = "the sentence; without it, the lines of standard input"},
    {TT_OPT_STRING, "-m --model", "FILE", NULL, AT(model), .shown = "TTRANS_MODEL, or en-es.ttm",
     .help = "the model"},
    {TT_OPT_STRING, "-t --target", "TEXT", NULL, AT(target),
     .help = "look at this translation, not at the model's own"},
    {TT_OPT_INT, "-b --beam-size", "N", "4", AT(beam), .low = 1, .high = 64,
     .help = "hypotheses followed at a time to find the translation"},
    {TT_OPT_GROUP, .help = "What to show"},
    {TT_OPT_ENUM, "-s --side", "SIDE", "cross", AT(side), .allowed = "cross|encoder|decoder",
     .help = "translation to sentence, sentence to itself, or translation to itself"},
    {TT_OPT_INT, "-l --layer", "N", "0", AT(layer), .low = 1, .high = 1024, .shown = "the last",
     .help = "the layer, from 1"},
    {TT_OPT_STRING, "-H --head", "N", "mean", AT(head),
     .help = "the head, from 1; mean for the mean of all heads, all for one map after another"},
    {TT_OPT_GROUP, .help = "How"},
    {TT_OPT_ENUM, "-f --format", "NAME", "ascii", AT(format), .allowed = "ascii|blocks|csv",
     .help = "shades of ASCII characters or of Unicode blocks, or comma-separated weights"},
    {TT_OPT_INT, "-w --width", "COLUMNS", "0", AT(width), .low = 20, .high = 10000,
     .shown = "the terminal's, else 100", .help = "longest line of text"},
    {0}};

static const tt_example examples[] = {
    {"ttrans attn 'The house is small.'", "which source tokens each target token came from"},
    {"ttrans attn --side encoder --layer 1 --head all 'The house is small.'",
     "every head of the first encoder layer"},
    {"ttrans attn --target 'La casa es chica.' --format csv 'The house is small.' > map.csv",
     "a given translation, for a spreadsheet"},
    {0}};

static const char *const sides[] = {"cross", "encoder", "decoder"};

/* ---- labels -------------------------------------------------------------------------------- */

#define WORD_MARK "\xe2\x96\x81" /* U+2581, SentencePiece's mark of a word's beginning */

/* Bytes of the character at p. */
static size_t char_size(const char *p) {
    size_t n = 1;
    while (tt_utf8_inside(p[n])) n++;
    return n;
}

static int count_chars(const char *p) {
    int n = 0;
    for (; *p; p += char_size(p)) n++;
    return n;
}

/* A piece for people: the beginning of a word as it is, what continues one behind a +, if there are such.
   Cut to LABEL_MOST characters. */
static void label(char *out, size_t cap, const char *piece, int subwords) {
    size_t mark = strlen(WORD_MARK), n = 0;
    int special = piece[0] == '<' && piece[strlen(piece) - 1] == '>', chars = 0;
    if (!strncmp(piece, WORD_MARK, mark))
        piece += mark;
    else if (subwords && !special)
        out[n++] = '+', chars++;
    if (!*piece) out[n++] = '_';
    for (; *piece && chars < LABEL_MOST; chars++) {
        size_t size = char_size(piece);
        if (n + size >= cap) break;
        int mark_inside = !strncmp(piece, WORD_MARK, mark);
        memcpy(out + n, mark_inside ? "_" : piece, mark_inside ? 1 : size);
        n += mark_inside ? 1 : size;
        piece += size;
    }
    out[n] = 0;
}

typedef char label_text[4 * LABEL_MOST + 4];

static label_text *make_labels(const char *const *names, int n, int *longest, tt_err *e) {
    label_text *l = malloc((size_t)n * sizeof *l);
    int subwords = 0; /* where no name has the mark, every token is a word */
    for (int i = 0; i < n; i++) subwords |= !strncmp(names[i], WORD_MARK, strlen(WORD_MARK));
    *longest = 0;
    if (!l) tt_cmd_fail(e, TT_ENOMEM, "out of memory for labels");
    for (int i = 0; l && i < n; i++) {
        label(l[i], sizeof l[i], names[i], subwords);
        if (count_chars(l[i]) > *longest) *longest = count_chars(l[i]);
    }
    return l;
}

/* ---- shaded text --------------------------------------------------------------------------- */

static const char *const ascii_shades[] = {" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"};
static const char *const block_shades[] = {" ", "\xe2\x96\x91", "\xe2\x96\x92", "\xe2\x96\x93",
                                           "\xe2\x96\x88"};

typedef struct drawing {
    const tt_attention_map *m;
    label_text *rows, *cols;
    int row_width, col_height; /* characters of the longest labels */
    int cell;                  /* characters a column */
    const char *const *shades;
    int n_shades;
    float greatest;
} drawing;

static void pad(int n) {
    for (int i = 0; i < n; i++) putchar(' ');
}

/* Column labels, written downwards so that they end just above their columns. */
static void draw_heads(const drawing *d, int from, int to) {
    for (int line = 0; line < d->col_height; line++) {
        int blank = d->row_width + 2; /* held back, so that no line ends in blanks */
        for (int j = from; j < to; j++) {
            const char *p = d->cols[j];
            int skip = d->col_height - count_chars(p), at = line - skip;
            if (at >= 0) {
                for (int i = 0; i < at; i++) p += char_size(p);
                pad(blank);
                fwrite(p, 1, char_size(p), stdout);
                blank = d->cell - 1;
            } else {
                blank += d->cell;
            }
        }
        putchar('\n');
    }
}

static int shade(const drawing *d, float w) {
    if (!(w > 0) || !(d->greatest > 0)) return 0;
    int s = (int)((double)w / (double)d->greatest * d->n_shades);
    return s < d->n_shades ? s : d->n_shades - 1;
}

static void draw_band(const drawing *d, int from, int to) {
    draw_heads(d, from, to);
    for (int i = 0; i < d->m->rows; i++) {
        pad(d->row_width - count_chars(d->rows[i]));
        printf("%s |", d->rows[i]);
        for (int j = from; j < to; j++) {
            const char *c =
                d->shades[shade(d, d->m->weights[(size_t)i * (size_t)d->m->cols + (size_t)j])];
            for (int k = 0; k < d->cell; k++) fputs(c, stdout);
        }
        puts("|");
    }
}

static int draw(const tt_attention_map *m, int format, int width, tt_err *e) {
    drawing d = {.m = m, .shades = ascii_shades, .n_shades = 10};
    if (format == BLOCKS) {
        d.shades = block_shades;
        d.n_shades = 5;
    }
    d.rows = make_labels(m->row_names, m->rows, &d.row_width, e);
    d.cols = d.rows ? make_labels(m->col_names, m->cols, &d.col_height, e) : NULL;
    if (d.cols) {
        for (int i = 0; i < m->rows * m->cols; i++)
            if (m->weights[i] > d.greatest) d.greatest = m->weights[i];
        int room = width - d.row_width - 3; /* blank and bars */
        if (room < 1) room = 1;
        d.cell = room / m->cols;
        if (d.cell < 1) d.cell = 1;
        if (d.cell > CELL_MOST) d.cell = CELL_MOST;
        int band = room / d.cell;
        for (int from = 0; from < m->cols; from += band) {
            if (from) putchar('\n');
            draw_band(&d, from, from + band < m->cols ? from + band : m->cols);
        }
        pad(d.row_width + 1);
        printf("from '%s' 0 to '%s' %.3f\n", d.shades[0], d.shades[d.n_shades - 1],
               (double)d.greatest);
    }
    free(d.rows);
    free(d.cols);
    return d.cols ? 0 : e->code;
}

/* ---- CSV (RFC 4180) ------------------------------------------------------------------------ */

static void csv_field(const char *text) {
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void print_csv(const tt_attention_map *m, const char *title) {
    csv_field(title);
    for (int j = 0; j < m->cols; j++) {
        putchar(',');
        csv_field(m->col_names[j]);
    }
    putchar('\n');
    for (int i = 0; i < m->rows; i++) {
        csv_field(m->row_names[i]);
        for (int j = 0; j < m->cols; j++)
            printf(",%.6g", (double)m->weights[(size_t)i * (size_t)m->cols + (size_t)j]);
        putchar('\n');
    }
}

/* ---- the command --------------------------------------------------------------------------- */

static int show(const opts *o, tt_attention *a, int head, tt_err *e) {
    tt_attention_map m;
    char title[80];
    int rc = tt_attention_get(a, &m, o->side, o->layer, head, e), n;
    if (rc) return rc;
    n = snprintf(title, sizeof title, "%s attention, layer %d of %d, ", sides[o->side], m.layer,
                 m.layers);
    if (head)
        snprintf(title + n, sizeof title - (size_t)n, "head %d of %d", head, m.heads);
    else
        snprintf(title + n, sizeof title - (size_t)n, "mean of %d heads", m.heads);
    if (o->format == CSV) {
        print_csv(&m, title);
        return 0;
    }
    puts(title);
    return draw(&m, o->format, o->width ? o->width : tt_cmd_columns(stdout, 100), e);
}

/* first … last, and 0 … 0 for the mean; last -1 stands for as many as there are. */
static int read_head(const char *text, int *first, int *last, tt_err *e) {
    *first = *last = 0;
    if (!strcmp(text, "mean")) return 0;
    *first = 1;
    *last = -1;
    if (!strcmp(text, "all")) return 0;
    char *end;
    long head = strtol(text, &end, 10);
    if (end == text || *end || head < 1 || head > 10000)
        return tt_cmd_fail(e, TT_EUSAGE, "--head %.60s: expected a number from 1, mean or all", text);
    *first = *last = (int)head;
    return 0;
}

/* All maps asked for, of one sentence; `before`: something stands above them. */
static int show_line(const opts *o, tt_translator *t, const char *line, size_t len, int before,
                     tt_err *e) {
    int first, last, rc = read_head(o->head, &first, &last, e);
    if (rc) return rc;
    tt_attention *a =
        tt_attention_open(t, line, len, o->target, o->target ? strlen(o->target) : 0, e);
    if (!a) return e->code;
    tt_attention_map m;
    if (last < 0) {
        rc = tt_attention_get(a, &m, o->side, o->layer, 0, e);
        if (!rc) last = m.heads;
    }
    for (int head = first; !rc && head <= last; head++) {
        if (before || head > first) putchar('\n');
        rc = show(o, a, head, e);
    }
    tt_attention_close(a);
    return rc;
}

/* Nothing but white space: ASCII's, U+00A0, U+3000? */
static int is_blank(const char *line, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] <= ' ') continue;
        if (len - i >= 2 && !memcmp(line + i, "\xC2\xA0", 2)) i++;
        else if (len - i >= 3 && !memcmp(line + i, "\xE3\x80\x80", 3)) i += 2;
        else return 0;
    }
    return 1;
}

static int show_input(const opts *o, tt_translator *t, tt_err *e) {
    tt_lines *in = tt_lines_open("-", 0, e);
    if (!in) return e->code;
    const char *line;
    size_t len;
    int rc, shown = 0;
    while ((rc = tt_lines_next(in, &line, &len, e)) > 0) {
        if (is_blank(line, len)) continue;
        rc = show_line(o, t, line, len, shown++, e);
        if (rc) {
            char why[sizeof e->msg];
            memcpy(why, e->msg, sizeof why);
            if (rc == TT_EDATA)
                snprintf(e->msg, sizeof e->msg, "standard input, line %zu: %.400s",
                         tt_lines_number(in), why);
            break;
        }
        if (fflush(stdout)) { /* said here: later nobody knows why any more */
            snprintf(e->msg, sizeof e->msg, "standard output: %s", strerror(errno));
            rc = e->code = TT_EIO;
            break;
        }
    }
    tt_lines_close(in);
    return rc || shown ? rc : tt_cmd_fail(e, TT_EDATA, "standard input: has no sentence");
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    char model[PATH_MOST];
    int first, last, rc = read_head(o->head, &first, &last, e);
    if (!rc) rc = tt_cmd_model(model, sizeof model, o->model, e);
    if (rc) return rc;
    tt_translate_options options_of;
    tt_translate_init(&options_of);
    options_of.compute = TT_TYPE_F32; /* weights are looked at, not hurried */
    options_of.isa = getenv("TTRANS_ISA");
    options_of.threads = 1;
    options_of.beam = o->beam;
    tt_translator *t = tt_translator_open(model, &options_of, e);
    if (!t) return e->code;
    rc =
        o->sentence ? show_line(o, t, o->sentence, strlen(o->sentence), 0, e) : show_input(o, t, e);
    tt_translator_close(t);
    return rc;
}

const tt_cmd tt_cmd_attn = {
    "attn",
    "shows what attention heads look at",
    "[OPTION...] [SENTENCE]",
    "Translates a sentence, or takes the given translation, and draws the attention weights of a "
    "layer: a row for each token that looks, a column for each token that is looked at, darker "
    "where the weight is greater.\n\n"
    "Tokens are subwords: one that continues a word is marked by a +. In CSV they stand as they "
    "are in the vocabulary. The rows of cross and decoder maps are the tokens about to be "
    "produced, and the decoder's columns are what it had read by then, from <s> on.",
    rows,
    sizeof(opts),
    examples,
    run};
