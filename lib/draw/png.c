/* png.c: a sheet as PNG (ISO/IEC 15948): 8 bits a channel, no filter, one deflated block, two
 * pixels a unit.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "draw/label.h"
#include "draw/sheet.h"

enum {
    SCALE = 2,
    ASCENT = 10,
    GLYPH_ROWS = 12,
    ADVANCE = 6
}; /* rows of a glyph above its base line, and all */
#define PIXELS_MOST ((size_t)1 << 26)

typedef struct image {
    size_t wide, high;
    unsigned char *row; /* (high) of a filter byte and (wide) of RGB; owned */
    size_t stride;
} image;

static void put_pixel(image *m, long x, long y, tt_rgb c) {
    if (x < 0 || y < 0 || (size_t)x >= m->wide || (size_t)y >= m->high) return;
    unsigned char *p = m->row + (size_t)y * m->stride + 1 + 3 * (size_t)x;
    p[0] = c.r, p[1] = c.g, p[2] = c.b;
}

static void mix_pixel(image *m, long x, long y, tt_rgb c, double share) {
    if (share <= 0 || x < 0 || y < 0 || (size_t)x >= m->wide || (size_t)y >= m->high) return;
    unsigned char *p = m->row + (size_t)y * m->stride + 1 + 3 * (size_t)x;
    const unsigned char to[3] = {c.r, c.g, c.b};
    for (int i = 0; i < 3; i++)
        p[i] = (unsigned char)(p[i] + (to[i] - p[i]) * (share > 1 ? 1 : share) + 0.5);
}

static void fill(image *m, double x, double y, double w, double h, tt_rgb c) {
    const long x1 = lround(SCALE * (x + w)), y1 = lround(SCALE * (y + h));
    for (long i = lround(SCALE * y); i < y1; i++)
        for (long j = lround(SCALE * x); j < x1; j++) put_pixel(m, j, i, c);
}

/* Each pixel by its distance from the line, which ends where it ends. Of a column only the rows
   are looked at that the line passes; lines run from left to right. */
static void draw_line(image *m, const tt_shape *s) {
    const double x = SCALE * s->x, y = SCALE * s->y, w = SCALE * s->w, h = SCALE * s->h,
                 half = SCALE * s->size / 2, pad = half + 1, square = w * w + h * h;
    const double slope = w > 0 ? h / w : 0, reach = pad * (1 + fabs(slope));
    const double low = fmin(y, y + h) - pad, high = fmax(y, y + h) + pad;
    for (long j = (long)floor(x - pad); j <= (long)(x + w + pad); j++) {
        const double along = (double)j + 0.5 - x, middle = y + along * slope;
        const double from = w > 0 ? fmax(low, middle - reach) : low,
                     to = w > 0 ? fmin(high, middle + reach) : high;
        for (long i = (long)floor(from); i <= (long)to; i++) {
            const double down = (double)i + 0.5 - y,
                         part = square > 0 ? (along * w + down * h) / square : 0,
                         t = part < 0   ? 0
                             : part > 1 ? 1
                                        : part;
            const double off = hypot(along - t * w, down - t * h);
            mix_pixel(m, j, i, s->colour, half + 0.5 - off);
        }
    }
}

static void draw_text(image *m, const tt_shape *s) {
    const long k = lround(SCALE * s->size / 10), wide = k * ADVANCE * tt_label_columns(s->text);
    long x = lround(SCALE * s->x), y = lround(SCALE * s->y);
    long back = s->anchor == TT_ANCHOR_END ? wide : s->anchor == TT_ANCHOR_MIDDLE ? wide / 2 : 0;
    size_t size;
    for (const char *t = s->text; *t; t += size) {
        uint16_t column[5];
        uint32_t code;
        const int columns = tt_label_step(t, &size, &code);
        if (!columns) continue;
        tt_font_glyph(column, code);
        for (int j = 0; j < 5; j++)
            for (int i = 0; i < GLYPH_ROWS; i++)
                for (long d = 0; column[j] >> i & 1 && d < k * k; d++) {
                    const long along = k * j + d % k - back, up = k * (ASCENT - i) - d / k;
                    if (s->turned) put_pixel(m, x - up, y - along, s->colour);
                    else put_pixel(m, x + along, y - up, s->colour);
                }
        if (s->turned) y -= k * ADVANCE * columns;
        else x += k * ADVANCE * columns;
    }
}

static void draw_tiles(image *m, const tt_shape *s, int dark) {
    const double wide = s->w / s->cols, high = s->h / s->rows;
    fill(m, s->x - 0.5, s->y - 0.5, s->w + 1, s->h + 1, (tt_rgb){136, 136, 136});
    for (int i = 0; i < s->rows; i++)
        for (int j = 0; j < s->cols; j++)
            fill(m, s->x + wide * j, s->y + high * i, wide, high,
                 tt_tile_colour(s->step[(size_t)i * (size_t)s->cols + (size_t)j], dark));
}

static void big_endian(unsigned char b[4], size_t x) {
    for (int i = 0; i < 4; i++) b[i] = (unsigned char)(x >> (24 - 8 * i));
}

static void put_chunk(tt_output *o, const char *type, const unsigned char *data, size_t len) {
    unsigned char b[4];
    uLong crc = crc32(crc32(0, NULL, 0), (const unsigned char *)type, 4);
    if (len) crc = crc32(crc, data, (uInt)len);
    big_endian(b, len);
    tt_output_write(o, b, 4, NULL);
    tt_output_write(o, type, 4, NULL);
    if (len) tt_output_write(o, data, len, NULL);
    big_endian(b, crc);
    tt_output_write(o, b, 4, NULL);
}

static int write_image(tt_output *o, const image *m, tt_err *e) {
    unsigned char head[13] = {
        [8] = 8, [9] = 2}; /* bits of a channel, RGB; deflate, filter and interlace method 0 */
    /* 5669 pixels a metre: 144 an inch, twice the 72 that a unit is */
    static const unsigned char density[9] = {0, 0, 0x16, 0x25, 0, 0, 0x16, 0x25, 1};
    uLongf len = compressBound(m->high * m->stride);
    unsigned char *packed = malloc(len);
    if (!packed || compress2(packed, &len, m->row, m->high * m->stride, 6) != Z_OK) {
        free(packed);
        return tt_fail(e, TT_ENOMEM, "out of memory for a picture of %zu by %zu", m->wide, m->high);
    }
    big_endian(head, m->wide);
    big_endian(head + 4, m->high);
    tt_output_write(o, "\x89PNG\r\n\x1a\n", 8, NULL);
    put_chunk(o, "IHDR", head, sizeof head);
    put_chunk(o, "pHYs", density, sizeof density);
    put_chunk(o, "IDAT", packed, len);
    put_chunk(o, "IEND", NULL, 0);
    free(packed);
    return 0;
}

static int end(tt_drawing *d, tt_err *e) {
    const tt_sheet *s = d->sheet;
    if (!s) return tt_fail(e, TT_EDATA, "nothing to draw");
    image m = {.wide = (size_t)(SCALE * ceil(s->wide)), .high = (size_t)(SCALE * ceil(s->high))};
    if (m.wide * m.high > PIXELS_MOST)
        return tt_fail(
            e, TT_EDATA,
            "a picture of %zu by %zu pixels: choose fewer heads or sentences, or SVG or HTML",
            m.wide, m.high);
    m.stride = 1 + 3 * m.wide;
    m.row = calloc(m.high, m.stride);
    if (!m.row)
        return tt_fail(e, TT_ENOMEM, "out of memory for a picture of %zu by %zu", m.wide, m.high);
    fill(&m, 0, 0, (double)m.wide, (double)m.high, tt_sheet_ground(s));
    for (const tt_shape *x = s->first; x; x = x->next) {
        if (x->kind == TT_SHAPE_BOX) fill(&m, x->x, x->y, x->w, x->h, x->colour);
        else if (x->kind == TT_SHAPE_LINE) draw_line(&m, x);
        else if (x->kind == TT_SHAPE_TEXT) draw_text(&m, x);
        else draw_tiles(&m, x, s->dark);
    }
    int rc = write_image(d->out, &m, e);
    free(m.row);
    return rc;
}

const tt_form tt_form_png = {NULL, tt_sheet_add, end};
