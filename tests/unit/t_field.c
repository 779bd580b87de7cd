/* t_field.c: a field of numbers in each form: tables hold all of it, characters and tiles go from
 * the least to the greatest.
 */
#include "unit/test.h"
#include "unit/drawn.h"

#include "draw/chart.h"

static const char *fields(int form, const tt_field *f, int count, int *rc, tt_err *e) {
    static char bytes[1 << 18];
    char path[400];
    const char *dir = getenv("TT_TEST_TMP");
    snprintf(path, sizeof path, "%s/field", dir && *dir ? dir : "/tmp");
    tt_drawing *d = tt_drawing_open(path, form, &(tt_draw_style){.width = 60}, e);
    *rc = d ? tt_fields_add(d, f, count, e) : e->code;
    if (*rc) tt_drawing_abort(d);
    else *rc = tt_drawing_finish(d, e);
    FILE *in = *rc ? NULL : fopen(path, "rb");
    const size_t n = in ? fread(bytes, 1, sizeof bytes - 1, in) : 0;
    if (in) fclose(in);
    bytes[n] = 0;
    return bytes;
}

static const char *field(int form, const tt_field *f, int *rc, tt_err *e) {
    return fields(form, f, 1, rc, e);
}

int main(void) {
    tt_err e = {0};
    int rc;
    const float small[] = {-1, 0, 1, 0.5f, -0.5f, 1};
    tt_field f = {"a field", "row", "column", 2, 3, small, NULL, NULL};
    const char *t = field(TT_FORM_ASCII, &f, &rc, &e);
    CHECK(!rc && strstr(t, "       0  +@\n") && strstr(t, "       1 *:@\n") == NULL &&
              strstr(t, "' ' is -1, '@' 1"),
          "%s", t);
    t = field(TT_FORM_CSV, &f, &rc, &e);
    CHECK(!rc && !strcmp(t, "row,0,1,2\n0,-1,0,1\n1,0.5,-0.5,1\n"), "%s", t);
    t = field(TT_FORM_JSON, &f, &rc, &e);
    CHECK(!rc && strstr(t, "\"rows\": [[-1, 0, 1], [0.5, -0.5, 1]]}"), "%s", t);
    t = field(TT_FORM_SVG, &f, &rc, &e);
    CHECK(!rc && strstr(t, "<title>a field</title>") && strstr(t, "M2 0h1v1h-1zM2 1h1v1h-1z"),
          "the greatest are one path: %s", t);

    static float large[3000 * 20]; /* more rows than a text or an SVG shows */
    for (int i = 0; i < 3000 * 20; i++) large[i] = (float)(i / 20);
    f = (tt_field){"large", "row", "column", 3000, 20, large, NULL, NULL};
    t = field(TT_FORM_ASCII, &f, &rc, &e);
    CHECK(!rc && drawn_count(t, "\n") == 28 && strstr(t, "    2875 @"), "%d lines",
          drawn_count(t, "\n"));
    t = field(TT_FORM_SVG, &f, &rc, &e);
    CHECK(!rc && strlen(t) < 20000 && strstr(t, "v128"), "%zu bytes", strlen(t));
    t = field(TT_FORM_PNG, &f, &rc, &e);
    CHECK(!rc && !memcmp(t, "\x89PNG", 4));

    /* Two beside each other, on one scale, with axes of their own. */
    const double rows[] = {10, 20}, cols[] = {-3, -2, -1};
    const float half[] = {0, 0.5f, 0, 0.5f, 0, 0}, whole[] = {0, 1, 0, 0, 0, 1};
    const tt_field two[2] = {{"one", "update", "size", 2, 3, half, rows, cols},
                             {"two", "update", "size", 2, 3, whole, rows, cols}};
    t = fields(TT_FORM_ASCII, two, 2, &rc, &e);
    CHECK(!rc && !strncmp(
                     t, "one          two\n      10  +        10  @ \n      20 +         20   @\n",
                     55),
          "%s", t);
    CHECK(strstr(t, "down: update; across: size") && strstr(t, "' ' is 0, '@' 1"), "%s", t);
    t = fields(TT_FORM_CSV, two, 2, &rc, &e);
    CHECK(!rc && !strcmp(t, "one\nupdate,-3,-2,-1\n10,0,0.5,0\n20,0.5,0,0\n\ntwo\nupdate,-3,-2,-"
                            "1\n10,0,1,0\n20,0,0,1\n"),
          "%s", t);
    t = fields(TT_FORM_JSON, two, 2, &rc, &e);
    CHECK(!rc && strstr(t, "\"two\", \"down\": [10, 20], \"across\": [-3, -2, -1], \"rows\": [[0, "
                           "1, 0], [0, 0, 1]]}"),
          "%s", t);
    t = fields(TT_FORM_SVG, two, 2, &rc, &e);
    CHECK(!rc && drawn_count(t, "<title>") == 2 && drawn_count(t, "scale(100 16)") == 2 &&
              strstr(t, ">10</text>") && strstr(t, ">-3</text>"),
          "%s", t);
    const tt_field none = {"none", "update", "size", 0, 3, half, rows, cols};
    fields(TT_FORM_CSV, &none, 1, &rc, &e);
    CHECK(rc == TT_EDATA && strstr(e.msg, "none: no number"), "%s", e.msg);
    field(TT_FORM_HTML, &f, &rc, &e);
    CHECK(rc == TT_EUSAGE && strstr(e.msg, "no form html"), "%s", e.msg);
    return test_done("t_field");
}
