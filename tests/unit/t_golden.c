/* t_golden.c: whole pictures in every form and view against those that were looked at:
 * tests/golden/pictures, or below $TT_TEST_GOLDEN. A PNG is held by the checksum of its pixels, for
 * compressors differ. With TT_GOLDEN_WRITE=1 the files are written: look at them before they are
 * kept.
 */
#include <zlib.h>

#include "unit/test.h"
#include "unit/drawn.h"

#include "draw/chart.h"

static const struct golden {
    const char *name;
    int form, down, across, is_signed;
    tt_draw_style style;
} pictures[] = {
    {"map.txt", TT_FORM_ASCII, 1, 1, 0, {.width = 60}},
    {"map-blocks.txt", TT_FORM_BLOCKS, 1, 1, 0, {.width = 60, .utf8 = 1}},
    {"map-colours.txt", TT_FORM_COLOUR, 1, 1, 0, {.width = 60, .utf8 = 1, .dark = 1}},
    {"map-256.txt", TT_FORM_COLOUR, 1, 1, 1, {.width = 60, .utf8 = 1, .colours = 256}},
    {"map-narrow.txt", TT_FORM_ASCII, 1, 1, 0, {.width = 20}},
    {"grid.txt", TT_FORM_BLOCKS, 1, 3, 0, {.width = 60, .utf8 = 1}},
    {"grid-signed.txt", TT_FORM_ASCII, 1, 3, 1, {.width = 60}},
    {"small.txt", TT_FORM_BLOCKS, 2, 3, 0, {.width = 60, .utf8 = 1}},
    {"lines.txt", TT_FORM_BLOCKS, 1, 1, 0, {.view = TT_VIEW_LINES, .width = 60, .utf8 = 1}},
    {"lines-ascii.txt", TT_FORM_ASCII, 1, 1, 0, {.view = TT_VIEW_LINES, .width = 60}},
    {"map.csv", TT_FORM_CSV, 1, 1, 1, {0}},
    {"map.tsv", TT_FORM_TSV, 1, 1, 0, {0}},
    {"grid.json", TT_FORM_JSON, 1, 2, 0, {0}},
    {"map.svg", TT_FORM_SVG, 1, 1, 0, {0}},
    {"grid.svg", TT_FORM_SVG, 1, 3, 1, {0}},
    {"small-dark.svg", TT_FORM_SVG, 2, 3, 0, {.dark = 1}},
    {"lines.svg", TT_FORM_SVG, 1, 1, 0, {.view = TT_VIEW_LINES}},
    {"map.png", TT_FORM_PNG, 1, 1, 0, {0}},
    {"grid-dark.png", TT_FORM_PNG, 1, 3, 1, {.dark = 1}},
    {"lines.png", TT_FORM_PNG, 1, 1, 0, {.view = TT_VIEW_LINES}},
    {"page.html", TT_FORM_HTML, 2, 3, 0, {0}},
};

/* Width, height and the checksum of the pixels of a PNG with one IDAT, as text. */
static void sum_png(const char *png, size_t len, char text[80]) {
    const unsigned char *p = (const unsigned char *)png;
    const size_t wide = (size_t)p[18] << 8 | p[19], high = (size_t)p[22] << 8 | p[23];
    uLongf size = high * (1 + 3 * wide);
    unsigned char *pixels = malloc(size);
    for (size_t at = 8; at + 12 <= len;) {
        const size_t n =
            (size_t)p[at] << 24 | (size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3];
        if (!memcmp(p + at + 4, "IDAT", 4)) CHECK(uncompress(pixels, &size, p + at + 8, n) == Z_OK);
        at += n + 12;
    }
    snprintf(text, 80, "%zu by %zu, %08lx\n", wide, high,
             crc32(crc32(0, NULL, 0), pixels, (uInt)size));
    free(pixels);
}

/* The bytes against those of the file. */
static void hold(const char *name, const char *bytes, size_t len) {
    static char want[1 << 20];
    char path[400], sum[80];
    const char *dir = getenv("TT_TEST_GOLDEN");
    const int is_png = strstr(name, ".png") != NULL;
    snprintf(path, sizeof path, "%s/pictures/%s%s", dir ? dir : "tests/golden", name,
             is_png ? ".sum" : "");
    if (is_png) sum_png(bytes, len, sum), bytes = sum, len = strlen(sum);
    FILE *f = fopen(path, getenv("TT_GOLDEN_WRITE") ? "wb" : "rb");
    if (f && getenv("TT_GOLDEN_WRITE")) fwrite(bytes, 1, len, f);
    const size_t n = f && !getenv("TT_GOLDEN_WRITE") ? fread(want, 1, sizeof want, f) : len;
    if (f) fclose(f);
    CHECK(f && n == len && (getenv("TT_GOLDEN_WRITE") || !memcmp(want, bytes, n)),
          "%s: another picture, of %zu bytes, not %zu", path, len, n);
}

static void hold_charts(int form, const char *chart_name, const char *field_name) {
    static char bytes[1 << 18];
    static const double x[] = {1, 2, 3, 4, 5}, y[] = {3, 1, 0.5, 0.25, 0.2},
                        z[] = {0.01, 0.1, 1, 10, 100}, rows[] = {10, 20, 30},
                        cols[] = {-2, -1, 0, 1};
    static const float v[] = {0, 0.1f, 0.6f, 0.3f, 0.2f, 0.5f, 0.3f, 0, 1, 0, 0, 0};
    const tt_curve curves[] = {{"one", x, y, 5}, {"two", x, z, 5}};
    const tt_field fields[] = {{"first", "update", "size", 3, 4, v, rows, cols},
                               {"second", "update", "size", 2, 4, v + 4, rows, cols}};
    for (int which = 0; which < 2; which++) {
        tt_err e = {0};
        char path[400];
        const char *dir = getenv("TT_TEST_TMP");
        snprintf(path, sizeof path, "%s/golden", dir && *dir ? dir : "/tmp");
        tt_drawing *d = tt_drawing_open(path, form, &(tt_draw_style){.width = 60}, &e);
        const tt_chart c = {"two curves", "update", "norm", curves, 2, 1};
        CHECK(d && !(which ? tt_fields_add(d, fields, 2, &e) : tt_chart_add(d, &c, &e)) &&
                  !tt_drawing_finish(d, &e),
              "%s", e.msg);
        FILE *f = fopen(path, "rb");
        const size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
        if (f) fclose(f);
        hold(which ? field_name : chart_name, bytes, n);
    }
}

int main(void) {
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        const struct golden *g = &pictures[i];
        size_t len;
        const tt_picture p = drawn_picture(g->down, g->across);
        for (int m = 0; g->is_signed && m < 6; m++) drawn_weights[m][1] = -0.5f;
        const char *bytes = drawn(g->form, g->style, &p, 1, &len);
        CHECK(bytes != NULL, "%s", g->name);
        if (bytes) hold(g->name, bytes, len);
        drawn_weights[0][1] = 0.05f;
    }
    hold_charts(TT_FORM_ASCII, "chart.txt", "field.txt");
    hold_charts(TT_FORM_SVG, "chart.svg", "field.svg");
    hold_charts(TT_FORM_PNG, "chart.png", "field.png");
    return test_done("t_golden");
}
