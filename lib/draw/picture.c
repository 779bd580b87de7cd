/* picture.c: see picture.h.
 */
#include "draw/picture.h"

#include <math.h>
#include <stdio.h>

void tt_axis_name(char name[TT_AXIS_NAME_MOST], const tt_axis *a, int i, int whole) {
    int n = a->number[i];
    if (n && whole) snprintf(name, TT_AXIS_NAME_MOST, "%.30s %d of %d", a->what, n, a->of);
    else if (n) snprintf(name, TT_AXIS_NAME_MOST, "%.30s %d", a->what, n);
    else if (whole) snprintf(name, TT_AXIS_NAME_MOST, "mean of %d %.30ss", a->of, a->what);
    else snprintf(name, TT_AXIS_NAME_MOST, "mean");
}

int tt_picture_count(const tt_picture *p) { return p->down.count * p->across.count; }

const float *tt_picture_map(const tt_picture *p, int down, int across) {
    return p->maps[down * p->across.count + across];
}

void tt_picture_name(char *name, size_t cap, const tt_picture *p, int down, int across) {
    char layer[TT_AXIS_NAME_MOST], head[TT_AXIS_NAME_MOST];
    tt_axis_name(layer, &p->down, down, 1);
    tt_axis_name(head, &p->across, across, 1);
    snprintf(name, cap, "%s, %s, %s", p->title, layer, head);
}

tt_scale tt_scale_of(const float *w, size_t n) {
    tt_scale s = {0, 0};
    for (size_t i = 0; i < n; i++) {
        float size = fabsf(w[i]);
        if (!isfinite(size)) continue;
        if (size > s.greatest) s.greatest = size;
        s.is_signed |= w[i] < 0;
    }
    return s;
}

tt_scale tt_picture_scale(const tt_picture *p) {
    tt_scale all = {0, 0};
    for (int i = 0; i < tt_picture_count(p); i++) {
        tt_scale s = tt_scale_of(p->maps[i], (size_t)p->rows * (size_t)p->cols);
        if (s.greatest > all.greatest) all.greatest = s.greatest;
        all.is_signed |= s.is_signed;
    }
    return all;
}

int tt_picture_check(const tt_picture *p, tt_err *e) {
    int ok = p->title && p->rows > 0 && p->cols > 0 && p->row_names && p->col_names && p->maps &&
             p->down.count > 0 && p->across.count > 0 && p->down.number && p->across.number;
    return ok ? 0 : tt_fail(e, TT_EINTERNAL, "a picture without rows, columns, names or maps");
}
