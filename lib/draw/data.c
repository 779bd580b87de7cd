/* data.c: the numbers of a picture for other programs: CSV (RFC 4180), TSV, JSON, and arrays of
 * NumPy.
 *
 * CSV and TSV: for each map a line of the title and the columns' names, then a line for each row;
 * an empty line between maps. JSON: one object a line. NPY: one array of 32-bit floats, (layers,
 * heads, rows, columns), version 1.0 of
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
 */
#include "draw/form.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/le.h"

/* ---- tables -------------------------------------------------------------------------------- */

static void csv_field(tt_output *o, const char *text) {
    tt_say(o, "\"");
    for (; *text; text++) {
        if (*text == '"') tt_say(o, "\"");
        tt_output_write(o, text, 1, NULL);
    }
    tt_say(o, "\"");
}

/* TAB and line ends have no place in a field. */
static void tsv_field(tt_output *o, const char *text) {
    for (; *text; text++) tt_output_write(o, strchr("\t\n\r", *text) ? " " : text, 1, NULL);
}

static int add_table(tt_drawing *d, const tt_picture *p, const char *between,
                     void (*field)(tt_output *, const char *)) {
    char name[300];
    for (int m = 0; m < tt_picture_count(p); m++) {
        if (m || d->count) tt_say(d->out, "\n");
        tt_picture_name(name, sizeof name, p, m / p->across.count, m % p->across.count);
        field(d->out, name);
        for (int j = 0; j < p->cols; j++) {
            tt_say(d->out, between);
            field(d->out, p->col_names[j]);
        }
        tt_say(d->out, "\n");
        for (int i = 0; i < p->rows; i++) {
            field(d->out, p->row_names[i]);
            for (int j = 0; j < p->cols; j++)
                tt_say_print(d->out, "%s%.6g", between,
                             (double)p->maps[m][(size_t)i * (size_t)p->cols + (size_t)j]);
            tt_say(d->out, "\n");
        }
    }
    return 0;
}

static int add_csv(tt_drawing *d, const tt_picture *p, tt_err *e) {
    (void)e;
    return add_table(d, p, ",", csv_field);
}

static int add_tsv(tt_drawing *d, const tt_picture *p, tt_err *e) {
    (void)e;
    return add_table(d, p, "\t", tsv_field);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void json_names(tt_output *o, const char *key, const char *const *names, int n) {
    tt_say_print(o, ",\"%s\":[", key);
    for (int i = 0; i < n; i++) {
        if (i) tt_say(o, ",");
        tt_say_json(o, names[i]);
    }
    tt_say(o, "]");
}

/* "layer":2, or null of a mean. */
static void json_place(tt_output *o, const tt_axis *a, int i) {
    tt_say_json(o, a->what);
    if (a->number[i]) tt_say_print(o, ":%d,", a->number[i]);
    else tt_say(o, ":null,");
}

static void json_map(tt_output *o, const tt_picture *p, const float *w) {
    tt_say(o, "\"weights\":[");
    for (int i = 0; i < p->rows; i++) {
        tt_say(o, i ? ",[" : "[");
        for (int j = 0; j < p->cols; j++) {
            double x = (double)w[(size_t)i * (size_t)p->cols + (size_t)j];
            if (isfinite(x)) tt_say_print(o, j ? ",%.6g" : "%.6g", x);
            else tt_say(o, j ? ",null" : "null");
        }
        tt_say(o, "]");
    }
    tt_say(o, "]}");
}

static int add_json(tt_drawing *d, const tt_picture *p, tt_err *e) {
    (void)e;
    tt_say(d->out, "{\"title\":");
    tt_say_json(d->out, p->title);
    if (p->caption) {
        tt_say(d->out, ",\"caption\":");
        tt_say_json(d->out, p->caption);
    }
    json_names(d->out, "rows", p->row_names, p->rows);
    json_names(d->out, "columns", p->col_names, p->cols);
    tt_say(d->out, ",\"maps\":[");
    for (int m = 0; m < tt_picture_count(p); m++) {
        tt_say(d->out, m ? ",{" : "{");
        json_place(d->out, &p->down, m / p->across.count);
        json_place(d->out, &p->across, m % p->across.count);
        json_map(d->out, p, p->maps[m]);
    }
    tt_say(d->out, "]}\n");
    return 0;
}

/* ---- NPY ----------------------------------------------------------------------------------- */

static int add_npy(tt_drawing *d, const tt_picture *p, tt_err *e) {
    if (d->count)
        return tt_fail(e, TT_EDATA,
                       "an .npy file holds the maps of one side of one sentence: expected no more");
    char head[256];
    int n = snprintf(head, sizeof head,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d, %d), }",
                     p->down.count, p->across.count, p->rows, p->cols);
    while ((10 + n + 1) % 64) head[n++] = ' '; /* data begin at a multiple of 64 bytes */
    head[n++] = '\n';
    unsigned char size[2];
    tt_le_put(size, (uint64_t)n, 2);
    tt_output_write(d->out, "\x93NUMPY\x01\x00", 8, NULL);
    tt_output_write(d->out, size, 2, NULL);
    tt_output_write(d->out, head, (size_t)n, NULL);
    for (int m = 0; m < tt_picture_count(p); m++)
        for (size_t i = 0; i < (size_t)p->rows * (size_t)p->cols; i++) {
            uint32_t bits;
            memcpy(&bits, &p->maps[m][i], sizeof bits);
            unsigned char b[4];
            tt_le_put(b, bits, sizeof b);
            tt_output_write(d->out, b, sizeof b, NULL);
        }
    return 0;
}

/* An array needs a shape. */
static int end_npy(tt_drawing *d, tt_err *e) {
    return d->count
               ? 0
               : tt_fail(e, TT_EDATA, "an .npy file holds the maps of a sentence: there was none");
}

const tt_form tt_form_csv = {NULL, add_csv, NULL};
const tt_form tt_form_tsv = {NULL, add_tsv, NULL};
const tt_form tt_form_json = {NULL, add_json, NULL};
const tt_form tt_form_npy = {NULL, add_npy, end_npy};
