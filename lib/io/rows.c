/* rows.c: see rows.h. Bytes are summed up to the end of what is asked for next, just before it is
 * decoded. */
#include "io/rows.h"

#include <string.h>
#include <zlib.h>

#include "io/modeldata.h"
#include "io/modelfile.h"

enum {
    PIECE = 1024
}; /* numbers joined from their planes at once: they stay in the nearest cache */

size_t tt_rows_room(const tt_file_tensor *t) {
    return t->codec == TT_CODEC_STORED ? 0 : t->raw + 1;
}

int tt_rows_open(tt_rows *r, const tt_modelfile *mf, const tt_file_tensor *t, void *room,
                 tt_err *e) {
    *r = (tt_rows){.mf = mf, .t = t, .raw = tt_modelfile_map(mf, t)};
    if (r->raw) return 0;
    r->raw = room;
    return tt_modelfile_inflate(mf, t, room, e);
}

/* Everything before `end` of a stored tensor's bytes. */
static void sum(tt_rows *r, size_t end) {
    if (r->t->codec != TT_CODEC_STORED || end <= r->summed) return;
    r->crc = (uint32_t)crc32_z(r->crc, r->raw + r->summed, end - r->summed);
    r->summed = end;
}

/* From number `first` on: n numbers of `width` bytes, whose planes are as long as the tensor. */
static void join(float *to, const tt_rows *r, size_t width, size_t first, size_t n) {
    unsigned char raw[PIECE * sizeof(float)];
    for (size_t i = 0; i < n; i += PIECE) {
        const size_t some = n - i < PIECE ? n - i : PIECE;
        tt_ttm_join(raw, r->raw + first + i, width, some, r->t->rows * r->t->cols);
        tt_ttm_to_f32(to + i, raw, r->t->type, some);
    }
}

const float *tt_rows_f32(tt_rows *r, size_t n, float *to) {
    const tt_file_tensor *t = r->t;
    const size_t width = tt_type_width(t->type), first = r->next * t->cols,
                 head = t->type == TT_TYPE_I8 ? t->rows * sizeof(float) : 0;
    const unsigned char *from = r->raw + head + first * width;
    sum(r, head + (first + n * t->cols) * width);
    if (t->type == TT_TYPE_I8) {
        for (size_t i = 0; i < n; i++) {
            float scale;
            memcpy(&scale, r->raw + (r->next + i) * sizeof scale, sizeof scale);
            tt_ttm_i8_to_f32(to + i * t->cols, from + i * t->cols, scale, t->cols);
        }
    } else if (t->codec != TT_CODEC_STORED) {
        join(to, r, width, first, n * t->cols);
    } else if (t->type != TT_TYPE_F32) {
        tt_ttm_to_f32(to, from, t->type, n * t->cols);
    } else {
        to = (float *)(uintptr_t)from;
    }
    r->next += n;
    return to;
}

const int8_t *tt_rows_bytes(tt_rows *r, size_t n, const float **scales) {
    const tt_file_tensor *t = r->t;
    const unsigned char *bytes = r->raw + t->rows * sizeof **scales;
    const size_t first = r->next;
    sum(r, t->rows * sizeof **scales + (first + n) * t->cols);
    r->next += n;
    *scales = (const float *)(const void *)r->raw + first;
    return (const int8_t *)bytes + first * t->cols;
}

int tt_rows_close(tt_rows *r, tt_err *e) {
    sum(r, r->t->raw);
    if (r->t->codec == TT_CODEC_STORED) TT_TRY(tt_modelfile_check_sum(r->mf, r->t, r->crc, e));
    return r->t->type == TT_TYPE_I8 ? tt_modelfile_check_scales(r->mf, r->t, r->raw, e) : 0;
}
