/* eval_table.c: tables of short texts, in a frame of box-drawing characters or as LaTeX's booktabs,
 * with the widths and positions that sacreBLEU's tables have.
 *
 * A column is as wide as its head and two more, or its widest cell. Colours take no room.
 */
#include "eval.h"
#include "base/utf8.h"

#include <string.h>

enum { COLUMNS_MOST = 64 };

/* Bytes of ESC[…m at text[0], else 0. */
static size_t colour_size(const char *text, size_t len) {
    size_t n = 2;
    if (len < 3 || text[0] != '\033' || text[1] != '[') return 0;
    while (n < len && text[n] != 'm') n++;
    return n < len ? n + 1 : 0;
}

int tt_eval_columns(const char *text, size_t len) {
    int n = 0;
    for (size_t i = 0; i < len;) {
        size_t skip = colour_size(text + i, len - i);
        if (!skip) n += !tt_utf8_inside(text[i]);
        i += skip ? skip : 1;
    }
    return n;
}

const char *tt_eval_paint(char *space, size_t cap, const char *text, int hue, int colour) {
    static const char codes[] = {'1', '2', '3', '6'};
    if (!colour) return text;
    snprintf(space, cap, "\033[3%cm%s\033[0m", codes[hue], text);
    return space;
}

/* Line `k` of a cell, which has newlines between its lines; empty after the last. */
static tt_span line_of(const char *cell, int k) {
    while (k && (cell = strchr(cell, '\n')) != NULL) cell++, k--;
    if (!cell) return (tt_span){"", 0};
    return (tt_span){cell, strcspn(cell, "\n")};
}

static int lines_of(const char *cell) {
    int n = 1;
    while ((cell = strchr(cell, '\n')) != NULL) cell++, n++;
    return n;
}

static int width_of(const char *cell) {
    int most = 0, n = lines_of(cell);
    for (int k = 0; k < n; k++) {
        tt_span line = line_of(cell, k);
        int wide = tt_eval_columns(line.text, line.len);
        if (wide > most) most = wide;
    }
    return most;
}

/* Text as LaTeX takes it. */
static void print_latex(tt_span text) {
    static const char special[] = "&%$#_{}";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.text[i];
        if (c == '~') fputs("\\textasciitilde{}", stdout);
        else if (c == '\\') fputs("\\textbackslash{}", stdout);
        else if (c == '^') fputs("\\^{}", stdout);
        else if (c == '<' || c == '>') printf("\\ensuremath{%c}", c);
        else if (c && strchr(special, c)) printf("\\%c", c);
        else putchar(c);
    }
}

static void print_cell(tt_span text, int width, int centred, int latex) {
    int space = width - tt_eval_columns(text.text, text.len);
    int after = centred ? space - space / 2 : 0;
    printf(" %*s", space - after, "");
    if (latex) print_latex(text);
    else fwrite(text.text, 1, text.len, stdout);
    printf("%*s ", after, "");
}

static void print_row(const char *const *cells, int columns, const int *widths, int latex) {
    int tall = 1;
    for (int c = 0; c < columns; c++) {
        int n = lines_of(cells[c]);
        if (n > tall) tall = n;
    }
    for (int k = 0; k < tall; k++) {
        for (int c = 0; c < columns; c++) {
            fputs(!latex ? "│" : c ? "&" : "", stdout);
            print_cell(line_of(cells[c], k), widths[c], c > 0, latex);
        }
        puts(latex ? "\\\\" : "│");
    }
}

static void print_rule(const char *left, const char *line, const char *cross, const char *right,
                       const int *widths, int columns) {
    for (int c = 0; c < columns; c++) {
        fputs(c ? cross : left, stdout);
        for (int k = 0; k < widths[c] + 2; k++) fputs(line, stdout);
    }
    puts(right);
}

void tt_eval_table(const char *const *heads, const char *const *cells, int rows, int columns,
                   int latex) {
    int widths[COLUMNS_MOST];
    for (int c = 0; c < columns; c++) {
        widths[c] = width_of(heads[c]) + 2;
        for (int r = 0; r < rows; r++) {
            int wide = width_of(cells[r * columns + c]);
            if (wide > widths[c]) widths[c] = wide;
        }
    }
    if (latex) {
        fputs("\\begin{tabular}{", stdout);
        for (int c = 0; c < columns; c++) putchar(c ? 'c' : 'r');
        puts("}\n\\toprule");
    } else {
        print_rule("╒", "═", "╤", "╕", widths, columns);
    }
    print_row(heads, columns, widths, latex);
    if (latex) puts("\\midrule");
    else print_rule("╞", "═", "╪", "╡", widths, columns);
    for (int r = 0; r < rows; r++) {
        if (r && !latex) print_rule("├", "─", "┼", "┤", widths, columns);
        print_row(cells + r * columns, columns, widths, latex);
    }
    if (latex) puts("\\bottomrule\n\\end{tabular}");
    else print_rule("╘", "═", "╧", "╛", widths, columns);
}
