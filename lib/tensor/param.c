/* param.c: see param.h. */
#include "tensor/param.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ALIGN = 16 /* floats: each parameter begins at a cache line */ };

size_t tt_declare_enter(tt_declare *d, const char *fmt, ...) {
    const size_t at = strlen(d->at);
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(d->at + at, sizeof d->at - at, fmt, ap);
    va_end(ap);
    assert(n >= 0 && (size_t)n < sizeof d->at - at);
    (void)n;
    return at;
}

void tt_declare_leave(tt_declare *d, size_t at) { d->at[at] = 0; }

void tt_declare_param(tt_declare *d, tt_tensor *t, const tt_param *p) {
    char name[80];
    const int n = snprintf(name, sizeof name, "%s%s", d->at, p->name);
    assert(n > 0 && (size_t)n < sizeof name && p->rows > 0 && p->cols > 0);
    (void)n;
    tt_param full = *p;
    full.name = name;
    full.side = d->side;
    full.part = d->part;
    full.layer = d->layer;
    if (!full.parts) full.parts = 1;
    t->rows = p->rows;
    t->cols = p->cols;
    d->visit(d->ctx, &full, t, d->offset);
    d->offset += (tt_tensor_size(t) + ALIGN - 1) / ALIGN * ALIGN;
}

int tt_param_matrices(const tt_param *p) { return p->role == TT_MATRIX ? p->parts : 0; }
