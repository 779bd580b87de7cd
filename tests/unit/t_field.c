/* t_field.c: a field of numbers in each form: tables hold all of it, characters and tiles go from the least to the greatest.
 */
#include "unit/test.h"
#include "unit/drawn.h"

#include "draw/chart.h"

static const char *field(int form, const tt_field *f, int *rc, tt_err *e) {
    static char bytes[1 << 18];
    char path[400];
    const char *dir = getenv("TT_TEST_TMP");
    snprintf(path, sizeof path, "%s/field", dir && *dir ? dir : "/tmp");
    tt_drawing *d = tt_drawing_open(path, form, &(tt_draw_style){.width = 60}, e);
    *rc = d ? tt_field_add(d, f, e) : e->code;
    if (*rc) tt_drawing_abort(d);
    else *rc = tt_drawing_finish(d, e);
    FILE *in = *rc ? NULL : fopen(path, "rb");
    const size_t n = in ? fread(bytes, 1, sizeof bytes - 1, in) : 0;
    if (in) fclose(in);
    bytes[n] = 0;
    return bytes;
}

int main(void) {
    tt_err e = {0};
    int rc;
    const float small[] = {-1, 0, 1, 0.5f, -0.5f, 1};
    tt_field f = {"a field", "row", "column", 2, 3, small};
    const char *t = field(TT_FORM_ASCII, &f, &rc, &e);
    CHECK(!rc && strstr(t, "       0  +@\n") && strstr(t, "       1 *:@\n") == NULL && strstr(t, "' ' is -1, '@' 1"), "%s", t);
    t = field(TT_FORM_CSV, &f, &rc, &e);
    CHECK(!rc && !strcmp(t, "row,0,1,2\n0,-1,0,1\n1,0.5,-0.5,1\n"), "%s", t);
    t = field(TT_FORM_JSON, &f, &rc, &e);
    CHECK(!rc && strstr(t, "\"rows\": [[-1, 0, 1], [0.5, -0.5, 1]]}"), "%s", t);
    t = field(TT_FORM_SVG, &f, &rc, &e);
    CHECK(!rc && strstr(t, "<title>a field</title>") && strstr(t, "M2 0h1v1h-1zM2 1h1v1h-1z"), "the greatest are one path: %s", t);

    static float large[3000 * 20]; /* more rows than a text or an SVG shows */
    for (int i = 0; i < 3000 * 20; i++) large[i] = (float)(i / 20);
    f = (tt_field){"large", "row", "column", 3000, 20, large};
    t = field(TT_FORM_ASCII, &f, &rc, &e);
    CHECK(!rc && drawn_count(t, "\n") == 27 && strstr(t, "    2875 @"), "%d lines", drawn_count(t, "\n"));
    t = field(TT_FORM_SVG, &f, &rc, &e);
    CHECK(!rc && strlen(t) < 20000 && strstr(t, "v128"), "%zu bytes", strlen(t));
    t = field(TT_FORM_PNG, &f, &rc, &e);
    CHECK(!rc && !memcmp(t, "\x89PNG", 4));
    field(TT_FORM_HTML, &f, &rc, &e);
    CHECK(rc == TT_EUSAGE && strstr(e.msg, "no form html"), "%s", e.msg);
    return test_done("t_field");
}
