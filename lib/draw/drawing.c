/* drawing.c: see drawing.h. The table of forms, and the writing that they share.
 */
#include "base/json.h"
#include "draw/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/clean.h"

static const struct form_row {
    tt_row row;
    const char *suffix; /* NULL: a path is never meant so */
    const tt_form *form;
    bool curves;
} rows[] = {{{"ascii", "shades of ASCII characters", NULL, NULL}, "txt", &tt_form_text, true},
            {{"blocks", "shades of Unicode blocks", NULL, NULL}, NULL, &tt_form_text, false},
            {{"colour", "colours of a terminal", NULL, NULL}, NULL, &tt_form_text, false},
            {{"csv", "numbers with commas between", NULL, NULL}, "csv", &tt_form_csv, true},
            {{"tsv", "numbers with TABs between", NULL, NULL}, "tsv", &tt_form_tsv, true},
            {{"json", "numbers as JSON", NULL, NULL}, "json", &tt_form_json, true},
            {{"npy", "an array of NumPy", NULL, NULL}, "npy", &tt_form_npy, false},
            {{"svg", "a picture, SVG", NULL, NULL}, "svg", &tt_form_svg, true},
            {{"png", "a picture, PNG", NULL, NULL}, "png", &tt_form_png, true},
            {{"html", "a page to explore", NULL, NULL}, "html", &tt_form_html, false}};
_Static_assert(sizeof rows / sizeof *rows == TT_FORM_COUNT, "a row a form");
TT_FAMILY_ROWS(rows)
const tt_family tt_family_picture = {"picture", "forms of pictures", row_at};

int tt_form_of_path(const char *path) {
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    if (dot && !strcasecmp(dot, ".htm")) return TT_FORM_HTML;
    for (int i = 0; dot && i < TT_FORM_COUNT; i++)
        if (rows[i].suffix && !strcasecmp(dot + 1, rows[i].suffix)) return i;
    return -1;
}

const char *tt_form_name(int form) {
    const tt_row *r = row_at(form);
    return r ? r->name : NULL;
}

bool tt_form_has_curves(int form) { return form >= 0 && form < TT_FORM_COUNT && rows[form].curves; }

int tt_view_of(const tt_draw_style *s, const tt_picture *p) {
    if (s->view != TT_VIEW_AUTO) return s->view;
    if (tt_picture_count(p) == 1) return TT_VIEW_WHOLE;
    return p->down.count == 1 || p->across.count == 1 ? TT_VIEW_GRID : TT_VIEW_SMALL;
}

tt_drawing *tt_drawing_open(const char *path, int form, const tt_draw_style *s, tt_err *e) {
    tt_drawing *d = calloc(1, sizeof *d);
    if (!d) {
        tt_fail(e, TT_ENOMEM, "out of memory for a drawing");
        return NULL;
    }
    d->form = form;
    d->style = *s;
    if (d->style.width <= 0) d->style.width = 100;
    d->a = tt_arena_open(0, e);
    d->keep = d->a ? tt_arena_open(0, e) : NULL;
    d->out = d->keep ? tt_output_open(path, TT_OUTPUT_ATOMIC, e) : NULL;
    if (d->out && (!rows[form].form->begin || !rows[form].form->begin(d, e))) return d;
    tt_drawing_abort(d);
    return NULL;
}

int tt_drawing_add(tt_drawing *d, const tt_picture *p, tt_err *e) {
    TT_TRY(tt_picture_check(p, e));
    tt_arena_reset(d->a);
    TT_TRY(rows[d->form].form->add(d, p, e));
    d->count++;
    return 0;
}

int tt_drawing_flush(tt_drawing *d, tt_err *e) { return tt_output_flush(d->out, e); }

int tt_drawing_finish(tt_drawing *d, tt_err *e) {
    int rc = rows[d->form].form->end ? rows[d->form].form->end(d, e) : 0;
    if (rc) {
        tt_drawing_abort(d);
        return rc;
    }
    rc = tt_output_finish(d->out, e);
    d->out = NULL;
    tt_drawing_abort(d);
    return rc;
}

void tt_drawing_abort(tt_drawing *d) {
    if (!d) return;
    if (d->out) tt_output_abort(d->out);
    tt_arena_close(d->a);
    tt_arena_close(d->keep);
    free(d);
}

/* ---- writing ------------------------------------------------------------------------------- */

void tt_say(tt_output *o, const char *text) { tt_output_write(o, text, strlen(text), NULL); }

void tt_say_print(tt_output *o, const char *fmt, ...) {
    char room[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(room, sizeof room, fmt, ap);
    va_end(ap);
    tt_output_write(o, room, n < (int)sizeof room ? (size_t)n : sizeof room - 1, NULL);
}

void tt_say_times(tt_output *o, const char *text, int times) {
    while (times-- > 0) tt_say(o, text);
}

static void put(void *o, const char *p, size_t n) { tt_output_write(o, p, n, NULL); }

void tt_say_json(tt_output *o, const char *text) {
    tt_json_write(put, o, text, strlen(text), TT_JSON_NO_TAG);
}

void tt_say_xml(tt_output *o, const char *text) {
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];
        int step = tt_utf8_next(text + i, len - i, NULL);
        if (c == '&') tt_say(o, "&amp;");
        else if (c == '<') tt_say(o, "&lt;");
        else if (c == '>') tt_say(o, "&gt;");
        else if (c == '"') tt_say(o, "&quot;");
        else if (step < 0 || c < ' ' || c == 0x7f) tt_say(o, "\xef\xbf\xbd");
        else tt_output_write(o, text + i, (size_t)step, NULL);
        i += (size_t)(step < 0 ? -step : step);
    }
}
