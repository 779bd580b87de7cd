/* t_chart.c: a curve in each form: its signs lie where the numbers say, tables hold every point,
 * SVG has its lines in order.
 */
#include "unit/test.h"
#include "unit/drawn.h"

#include "draw/chart.h"

#include <math.h>

static const double x[] = {0, 1, 2, 3, 4}, y[] = {0, 1, 4, NAN, 16}, z[] = {16, 12, 8, 4, 0};

/* The chart in a form, a NUL behind; good until the next call. */
static const char *chart(int form, const tt_chart *c, int width, int *rc, tt_err *e) {
    static char bytes[1 << 18];
    char path[400];
    const char *dir = getenv("TT_TEST_TMP");
    snprintf(path, sizeof path, "%s/chart", dir && *dir ? dir : "/tmp");
    tt_drawing *d = tt_drawing_open(path, form, &(tt_draw_style){.width = width}, e);
    *rc = d ? tt_chart_add(d, c, e) : e->code;
    if (*rc) tt_drawing_abort(d);
    else *rc = tt_drawing_finish(d, e);
    FILE *f = *rc ? NULL : fopen(path, "rb");
    const size_t n = f ? fread(bytes, 1, sizeof bytes - 1, f) : 0;
    if (f) fclose(f);
    bytes[n] = 0;
    return bytes;
}

/* Line i of a text, from 0, and the column of the first sign in it; -1: none. */
static int column_of(const char *text, int i, char sign) {
    while (i-- && (text = strchr(text, '\n')) != NULL) text++;
    for (int at = 0; text && text[at] && text[at] != '\n'; at++)
        if (text[at] == sign && at > 11) return at;
    return -1;
}

int main(void) {
    tt_err e = {0};
    int rc;
    const tt_curve curves[2] = {{"squares, with a gap", x, y, 5}, {"falling", x, z, 5}};
    tt_chart c = {"powers", "n", "n^2", curves, 1, 0};
    const char *t = chart(TT_FORM_ASCII, &c, 60, &rc, &e);
    CHECK(!rc && !strncmp(t, "powers, n^2\n", 12), "%s %s", e.msg, t);
    CHECK(column_of(t, 20, '*') == 12 && column_of(t, 1, '*') < 0,
          "0 is at the foot, and the axis goes to 20:\n%s", t);
    CHECK(strstr(t, "        20 +\n") && strstr(t, "         0 +"), "%s", t);
    CHECK(column_of(t, 5, '*') == 58, "16 of 20 at the right end:\n%s", t);

    c.curves = 2;
    t = chart(TT_FORM_ASCII, &c, 60, &rc, &e);
    CHECK(!rc && column_of(t, 5, '+') == 12 && strstr(t, "* squares") && strstr(t, "+ falling"),
          "%s", t);
    t = chart(TT_FORM_CSV, &c, 60, &rc, &e);
    CHECK(!rc && !strncmp(t, "curve,n,n^2\n\"squares, with a gap\",0,0\n", 38) &&
              strstr(t, "gap\",3,\n") && strstr(t, "\nfalling,4,0\n"),
          "%s", t);
    t = chart(TT_FORM_TSV, &c, 60, &rc, &e);
    CHECK(!rc && strstr(t, "squares, with a gap\t4\t16\n"), "%s", t);
    t = chart(TT_FORM_JSON, &c, 60, &rc, &e);
    CHECK(!rc && strstr(t, "\"y\": [0, 1, 4, null, 16]}") && strstr(t, "{\"name\": \"falling\""),
          "%s", t);
    t = chart(TT_FORM_SVG, &c, 60, &rc, &e);
    CHECK(!rc && drawn_count(t, "stroke=\"#0072b2\"") == 2 &&
              drawn_count(t, "stroke=\"#d55e00\"") == 4,
          "lines: %d, %d", drawn_count(t, "stroke=\"#0072b2\""),
          drawn_count(t, "stroke=\"#d55e00\""));
    CHECK(strstr(t, ">powers</text>") && strstr(t, ">20</text>") && drawn_count(t, "<svg ") == 1);
    t = chart(TT_FORM_PNG, &c, 60, &rc, &e);
    CHECK(!rc && !memcmp(t, "\x89PNG", 4), "%s", e.msg);

    /* By powers of ten: from 1 on, 0 is a gap. */
    c.decades = 1, c.curves = 1;
    t = chart(TT_FORM_ASCII, &c, 60, &rc, &e);
    CHECK(!rc && strstr(t, "         1 +") && column_of(t, 20, '*') == 24 &&
              column_of(t, 14, '*') == 35 && column_of(t, 9, '*') == 58,
          "%s", t);
    t = chart(TT_FORM_CSV, &c, 60, &rc, &e);
    CHECK(!rc && strstr(t, "gap\",4,16\n"), "%s", t);
    c.decades = 0;

    const tt_curve flat = {"flat", x, (const double[]){7, 7}, 2},
                   none = {"none", x, (const double[]){NAN}, 1};
    c.curve = &flat, c.curves = 1;
    t = chart(TT_FORM_ASCII, &c, 40, &rc, &e);
    CHECK(!rc && drawn_count(t, "*") > 20, "%s", t);
    c.curve = &none;
    chart(TT_FORM_SVG, &c, 40, &rc, &e);
    CHECK(rc == TT_EDATA && strstr(e.msg, "no point to draw"), "%s", e.msg);
    c.curves = TT_CHART_CURVES + 1;
    chart(TT_FORM_CSV, &c, 40, &rc, &e);
    CHECK(rc == TT_EUSAGE, "%s", e.msg);
    c.curve = &flat, c.curves = 1;
    chart(TT_FORM_NPY, &c, 40, &rc, &e);
    CHECK(rc == TT_EUSAGE && strstr(e.msg, "no form npy"), "%s", e.msg);
    return test_done("t_chart");
}
