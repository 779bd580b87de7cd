/* drawn.h: small pictures by hand, drawn to a file below $TT_TEST_TMP and read again. Needs test.h
 * before it.
 */
#ifndef TT_TEST_DRAWN_H
#define TT_TEST_DRAWN_H

#include "draw/drawing.h"

#include <stdlib.h>
#include <string.h>

static const char *const drawn_rows[] = {"la", "casa", "</s>"}, *const drawn_cols[] = {
                                                                    "the", "house", "h\xc3\xbct",
                                                                    "</s>"};

/* Weights of six maps, (3, 4): 0 is the one to look at, the others its rotations. */
static float drawn_weights[6][12] = {
    {0.9f, 0.05f, 0, 0.05f, 0.1f, 0.6f, 0.3f, 0, 0, 0, 0.25f, 0.75f}};
static const float *drawn_maps[6];
static const int drawn_numbers[] = {1, 2, 3, 0};

/* `down` layers of `across` heads, of the first numbers above. */
static inline tt_picture drawn_picture(int down, int across) {
    for (int m = 0; m < 6; m++) {
        drawn_maps[m] = drawn_weights[m];
        for (int i = 0; m && i < 12; i++) drawn_weights[m][i] = drawn_weights[0][(i + m) % 12];
    }
    return (tt_picture){.title = "cross attention",
                        .rows = 3,
                        .cols = 4,
                        .row_names = drawn_rows,
                        .col_names = drawn_cols,
                        .down = {"layer", down, drawn_numbers, 6},
                        .across = {"head", across, drawn_numbers, 8},
                        .maps = drawn_maps};
}

/* The bytes of the pictures (n) in a form, a NUL behind; *len may be NULL. Good until the next
   call. NULL, said, when that fails. */
static inline const char *drawn(int form, tt_draw_style style, const tt_picture *p, int n,
                                size_t *len) {
    static char bytes[1 << 20];
    char path[400];
    tt_err e = {0};
    const char *dir = getenv("TT_TEST_TMP");
    snprintf(path, sizeof path, "%s/drawn", dir && *dir ? dir : "/tmp");
    tt_drawing *d = tt_drawing_open(path, form, &style, &e);
    int rc = d ? 0 : e.code;
    for (int i = 0; !rc && i < n; i++) rc = tt_drawing_add(d, &p[i], &e);
    if (rc) tt_drawing_abort(d);
    else rc = tt_drawing_finish(d, &e);
    FILE *f = rc ? NULL : fopen(path, "rb");
    if (!f) {
        printf("FAIL drawn: %s\n", e.msg);
        return NULL;
    }
    size_t got = fread(bytes, 1, sizeof bytes - 1, f);
    fclose(f);
    bytes[got] = 0;
    if (len) *len = got;
    return bytes;
}

/* Counts one check; shows both texts where they differ. */
static inline void drawn_is(const char *got, const char *want) {
    CHECK(got && !strcmp(got, want), "drawn:\n%s\nexpected:\n%s", got ? got : "(nothing)", want);
}

static inline int drawn_count(const char *text, const char *part) {
    int n = 0;
    for (const char *p = text; p && (p = strstr(p, part)); p += strlen(part)) n++;
    return n;
}

#endif
