/* t_png.c: what is written is a PNG whose pixels are the picture's: decoded here by zlib, without
 * the writer's own code.
 */
#include <stdint.h>
#include <zlib.h>

#include "unit/test.h"

#include "unit/drawn.h"
#include "draw/ramp.h"
#include "draw/sheet.h"

typedef struct decoded {
    uint32_t wide, high;
    unsigned char *rows; /* (high) of (1 + 3 wide), owned */
} decoded;

static uint32_t number(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* 1 when the chunks, their checksums and the data are right. */
static int decode(decoded *d, const unsigned char *p, size_t len) {
    static const unsigned char magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    *d = (decoded){0};
    int ended = 0;
    if (len < 8 || memcmp(p, magic, 8)) return 0;
    for (size_t at = 8; at + 12 <= len && !ended;) {
        const uint32_t n = number(p + at);
        const unsigned char *type = p + at + 4, *data = p + at + 8;
        if (n > len - at - 12 ||
            number(data + n) != (uint32_t)crc32(crc32(0, NULL, 0), type, n + 4))
            return 0;
        if (!memcmp(type, "IHDR", 4)) {
            static const unsigned char kind[5] = {8, 2, 0, 0, 0};
            d->wide = number(data);
            d->high = number(data + 4);
            if (n != 13 || memcmp(data + 8, kind, 5)) return 0;
        } else if (!memcmp(type, "IDAT", 4)) {
            uLongf size = (uLongf)d->high * (1 + 3 * d->wide), want = size;
            d->rows = malloc(size);
            if (!d->rows || uncompress(d->rows, &size, data, n) != Z_OK || size != want) return 0;
        }
        ended = !memcmp(type, "IEND", 4);
        at += 12 + n;
        if (ended && at != len) return 0;
    }
    return ended && d->rows;
}

static int is(const decoded *d, uint32_t x, uint32_t y, tt_rgb c) {
    const unsigned char *p = d->rows + (size_t)y * (1 + 3 * d->wide) + 1 + 3 * x;
    return p[0] == c.r && p[1] == c.g && p[2] == c.b;
}

static void test_pixels(void) {
    tt_picture p = drawn_picture(1, 1);
    size_t len;
    decoded d;
    const char *bytes = drawn(TT_FORM_PNG, (tt_draw_style){0}, &p, 1, &len);
    CHECK(bytes && decode(&d, (const unsigned char *)bytes, len));
    CHECK(d.wide > 100 && d.high > 100 && is(&d, 0, 0, (tt_rgb){255, 255, 255}));
    /* cells are 12 units of 2 pixels: the map stands behind labels of 4 + 1 letters, below 12 + 15
       + 8 units and labels of 5 letters */
    const uint32_t x = 2 * (12 + 6 * 5), y = 2 * (12 + 15 + 8 + 6 * 5 + 4);
    const tt_scale s = tt_picture_scale(&p);
    int right = 0;
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t j = 0; j < 4; j++) {
            const int step =
                tt_ramp_step(tt_ramp_place(drawn_weights[0][4 * i + j], &s), TT_TILE_STEPS);
            right += is(&d, x + 24 * j + 12, y + 24 * i + 12, tt_tile_colour(step, 0));
        }
    CHECK(right == 12, "%d of 12 cells have their colour", right);
    uint32_t ink = 0;
    for (uint32_t i = 0; i < d.high; i++)
        for (uint32_t j = 0; j < d.wide; j++) ink += (uint32_t)is(&d, j, i, (tt_rgb){20, 20, 20});
    CHECK(ink > 1000 && ink < 20000, "%u pixels of letters", ink);
    for (uint32_t i = 0; i < d.high; i++)
        if (d.rows[(size_t)i * (1 + 3 * d.wide)]) CHECK(0, "row %u has a filter", i);
    free(d.rows);
}

static void test_views(void) {
    tt_picture p = drawn_picture(2, 3);
    size_t len;
    decoded d;
    for (int view = TT_VIEW_AUTO; view <= TT_VIEW_LINES; view++) {
        const char *bytes =
            drawn(TT_FORM_PNG, (tt_draw_style){.view = view, .dark = 1}, &p, 1, &len);
        CHECK(bytes && decode(&d, (const unsigned char *)bytes, len), "view %d", view);
        CHECK(is(&d, 0, 0, (tt_rgb){18, 18, 20}));
        free(d.rows);
    }
    tt_err e;
    tt_drawing *none = tt_drawing_open("/dev/null", TT_FORM_PNG, &(tt_draw_style){0}, &e);
    CHECK(none && tt_drawing_finish(none, &e) == TT_EDATA);
}

static void test_too_large(void) {
    enum { LONG = 1500 };
    static float w[LONG];
    static const char *names[LONG];
    for (int i = 0; i < LONG; i++) names[i] = "word";
    const float *map = w;
    tt_err e;
    tt_picture p = drawn_picture(1, 1);
    p.rows = 1, p.cols = LONG, p.col_names = names, p.maps = &map;
    tt_drawing *d = tt_drawing_open("/dev/null", TT_FORM_PNG, &(tt_draw_style){0}, &e);
    CHECK(d && tt_drawing_add(d, &p, &e) == TT_EDATA && strstr(e.msg, "choose fewer"), "%s", e.msg);
    tt_drawing_abort(d);
}

int main(void) {
    test_pixels();
    test_views();
    test_too_large();
    return test_done("t_png");
}
