/* html.c: pictures as one page for the browser, with nothing to load from elsewhere.
 *
 * The page's style and script are in htmltext.c. A picture is a block of JSON: names, places in the
 * grid, and each map as a string. A weight w is q = round(√(|w| / greatest) · 7920), written as two
 * of 89 characters; with a sign, (q ± 7920) / 2 of both halves. A run of n <= 89 zeros is ~ and one
 * character. So a weight near 0 is held to 1e-8 and one near the greatest to 1e-4 of it, in two
 * bytes, and a model of 6 by 8 heads with 40 words takes less than 300 KB.
 */
#include "draw/html.h"

#include <math.h>
#include <string.h>

enum { BASE = 89, STEPS = BASE * BASE - 1 };

/* Printable ASCII without what JSON and HTML escape (" < \ &) and without ~, which begins a run. */
static const char digits[] =
    "#$%'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}!";

void tt_html_code(char two[2], float w, const tt_scale *s) {
    const double x = tt_ramp_place(w, s), root = sqrt(fabs(x));
    const double at = s->is_signed ? (x < 0 ? 1 - root : 1 + root) / 2 : root;
    const int q = (int)(at * STEPS + 0.5);
    two[0] = digits[q / BASE];
    two[1] = digits[q % BASE];
}

static void put_map(tt_drawing *d, const tt_picture *p, const float *w, const tt_scale *s) {
    char zero[2];
    int zeros = 0;
    tt_html_code(zero, 0, s);
    tt_say(d->out, "\"");
    const size_t n = (size_t)p->rows * (size_t)p->cols;
    for (size_t i = 0; i <= n; i++) {
        char two[2] = {0, 0};
        if (i < n) tt_html_code(two, w[i], s);
        const int is_zero = i < n && two[0] == zero[0] && two[1] == zero[1];
        if (zeros && (!is_zero || zeros == BASE)) {
            if (zeros == 1) tt_output_write(d->out, zero, 2, NULL);
            else tt_say_print(d->out, "~%c", digits[zeros - 1]);
            zeros = 0;
        }
        if (is_zero) zeros++;
        else if (i < n) tt_output_write(d->out, two, 2, NULL);
    }
    tt_say(d->out, "\"");
}

static void put_names(tt_drawing *d, const char *key, const char *const *names, int n) {
    tt_say_print(d->out, ",\n\"%s\":[", key);
    for (int i = 0; i < n; i++) {
        if (i) tt_say(d->out, ",");
        tt_say_json(d->out, names[i]);
    }
    tt_say(d->out, "]");
}

static void put_axis(tt_drawing *d, const char *key, const tt_axis *a) {
    tt_say_print(d->out, ",\n\"%s\":{\"what\":", key);
    tt_say_json(d->out, a->what);
    tt_say_print(d->out, ",\"of\":%d,\"number\":[", a->of);
    for (int i = 0; i < a->count; i++) tt_say_print(d->out, "%s%d", i ? "," : "", a->number[i]);
    tt_say(d->out, "]}");
}

static void put_text(tt_drawing *d, const char *key, const char *text) {
    tt_say_print(d->out, ",\n\"%s\":", key);
    tt_say_json(d->out, text ? text : "");
}

static int begin(tt_drawing *d, tt_err *e) {
    (void)e;
    for (int i = 0; tt_html_head[i]; i++) tt_say(d->out, tt_html_head[i]);
    return 0;
}

static int add(tt_drawing *d, const tt_picture *p, tt_err *e) {
    (void)e;
    const tt_scale s = tt_picture_scale(p);
    tt_say(d->out, "<script type=\"application/json\" class=\"picture\">\n{\"title\":");
    tt_say_json(d->out, p->title);
    put_text(d, "caption", p->caption);
    put_text(d, "rowWhat", p->row_what ? p->row_what : "row");
    put_text(d, "colWhat", p->col_what ? p->col_what : "column");
    put_names(d, "rows", p->row_names, p->rows);
    put_names(d, "cols", p->col_names, p->cols);
    put_axis(d, "down", &p->down);
    put_axis(d, "across", &p->across);
    tt_say_print(d->out, ",\n\"greatest\":%.9g,\"signed\":%d,\n\"maps\":[", (double)s.greatest,
                 s.is_signed);
    for (int i = 0; i < tt_picture_count(p); i++) {
        if (i) tt_say(d->out, ",\n");
        put_map(d, p, p->maps[i], &s);
    }
    tt_say(d->out, "]}\n</script>\n");
    return 0;
}

static int end(tt_drawing *d, tt_err *e) {
    (void)e;
    for (int i = 0; tt_html_tail[i]; i++) tt_say(d->out, tt_html_tail[i]);
    return 0;
}

const tt_form tt_form_html = {begin, add, end};
