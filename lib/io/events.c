/* events.c: see events.h. Of protocol buffers only what these messages need: keys, varints,
 * doubles, floats, bytes.
 */
#include "io/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/le.h"
#include "io/file.h"

enum { VARINT = 0, DOUBLE = 1, BYTES = 2, FLOAT = 5 }; /* kinds of fields */

/* A message under way. */
typedef struct message {
    unsigned char *byte; /* owned */
    size_t size, room;
    int failed; /* 1: memory was out */
} message;

struct tt_events {
    tt_output *out;
    message value, summary, event; /* one inside the other */
};

uint32_t tt_crc32c(const void *data, size_t n) {
    const unsigned char *p = data;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

/* ---- messages -------------------------------------------------------------------------------- */

static void put(message *m, const void *data, size_t n) {
    if (m->size + n > m->room) {
        const size_t room = 2 * (m->size + n) + 64;
        unsigned char *more = realloc(m->byte, room);
        if (!more) {
            m->failed = 1;
            return;
        }
        m->byte = more;
        m->room = room;
    }
    memcpy(m->byte + m->size, data, n);
    m->size += n;
}

static void put_varint(message *m, uint64_t x) {
    unsigned char b[10];
    size_t n = 0;
    do {
        b[n++] = (unsigned char)((x & 0x7f) | (x > 0x7f ? 0x80 : 0));
        x >>= 7;
    } while (x);
    put(m, b, n);
}

static void put_key(message *m, int field, int kind) {
    put_varint(m, (uint64_t)(field << 3 | kind));
}

static void put_double(message *m, double x) {
    uint64_t bits;
    unsigned char b[8];
    memcpy(&bits, &x, sizeof bits);
    tt_le_put(b, bits, 8);
    put(m, b, 8);
}

static void put_bytes(message *m, int field, const void *data, size_t n) {
    put_key(m, field, BYTES);
    put_varint(m, n);
    put(m, data, n);
}

static void put_doubles(message *m, int field, const double *x, int n) { /* packed */
    put_key(m, field, BYTES);
    put_varint(m, 8 * (uint64_t)n);
    for (int i = 0; i < n; i++) put_double(m, x[i]);
}

/* ---- records --------------------------------------------------------------------------------- */

static void put_masked(unsigned char b[4], const void *data, size_t n) {
    const uint32_t crc = tt_crc32c(data, n);
    tt_le_put(b, (crc >> 15 | crc << 17) + 0xa282ead8, 4);
}

static void write_event(tt_events *v) {
    unsigned char head[12], foot[4];
    if (v->value.failed || v->summary.failed || v->event.failed) return;
    tt_le_put(head, v->event.size, 8);
    put_masked(head + 8, head, 8);
    put_masked(foot, v->event.byte, v->event.size);
    tt_output_write(v->out, head, sizeof head, NULL);
    tt_output_write(v->out, v->event.byte, v->event.size, NULL);
    tt_output_write(v->out, foot, sizeof foot, NULL);
    tt_output_flush(v->out, NULL);
}

/* Event: wall_time 1, step 2, file_version 3, summary 5. */
static void begin_event(tt_events *v, double wall) {
    v->event.size = 0;
    put_key(&v->event, 1, DOUBLE);
    put_double(&v->event, wall);
}

/* Of the value at hand: Summary: value 1. */
static void write_value(tt_events *v, double wall, int64_t step) {
    v->summary.size = 0;
    put_bytes(&v->summary, 1, v->value.byte, v->value.size);
    begin_event(v, wall);
    put_key(&v->event, 2, VARINT);
    put_varint(&v->event, (uint64_t)step);
    put_bytes(&v->event, 5, v->summary.byte, v->summary.size);
    write_event(v);
}

/* Value: tag 1, simple_value 2, histo 5. */
void tt_events_number(tt_events *v, double wall, int64_t step, const char *tag, double x) {
    const float f = (float)x;
    uint32_t bits;
    unsigned char b[4];
    v->value.size = 0;
    put_bytes(&v->value, 1, tag, strlen(tag));
    memcpy(&bits, &f, sizeof bits);
    tt_le_put(b, bits, 4);
    put_key(&v->value, 2, FLOAT);
    put(&v->value, b, 4);
    write_value(v, wall, step);
}

/* HistogramProto: min 1, max 2, num 3, sum 4, sum_squares 5, bucket_limit 6, bucket 7. The sums are
   those of the middles of the bins. */
void tt_events_histogram(tt_events *v, double wall, int64_t step, const char *tag,
                         const double *limit, const double *count, int n) {
    double of[5] = {0, 0, 0, 0, 0};
    int any = 0;
    for (int i = 0; i < n; i++) {
        const double low = i ? limit[i - 1] : 0, middle = (low + limit[i]) / 2;
        if (!(count[i] > 0)) continue;
        if (!any++) of[0] = low;
        of[1] = limit[i];
        of[2] += count[i];
        of[3] += count[i] * middle;
        of[4] += count[i] * middle * middle;
    }
    v->summary.size = 0; /* its room takes the histogram */
    for (int i = 0; i < 5; i++) {
        put_key(&v->summary, i + 1, DOUBLE);
        put_double(&v->summary, of[i]);
    }
    put_doubles(&v->summary, 6, limit, n);
    put_doubles(&v->summary, 7, count, n);
    v->value.size = 0;
    put_bytes(&v->value, 1, tag, strlen(tag));
    put_bytes(&v->value, 5, v->summary.byte, v->summary.size);
    write_value(v, wall, step);
}

tt_events *tt_events_open(const char *folder, double wall, tt_err *e) {
    static const char version[] = "brain.Event:2";
    char path[4096];
    struct stat there;
    if (mkdir(folder, 0777) && errno != EEXIST) {
        tt_fail(e, TT_ECREATE, "%.400s: cannot create: %s", folder, strerror(errno));
        return NULL;
    }
    const int n =
        snprintf(path, sizeof path, "%.4000s/events.out.tfevents.%010.0f.ttrans", folder, wall);
    for (int k = 1; !stat(path, &there) && S_ISREG(there.st_mode); k++) /* of the same second */
        snprintf(path + n, sizeof path - (size_t)n, ".%d", k);
    tt_events *v = calloc(1, sizeof *v);
    if (!v) {
        tt_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    v->out = tt_output_open(path, TT_OUTPUT_PLAIN, e);
    if (!v->out) {
        free(v);
        return NULL;
    }
    begin_event(v, wall);
    put_bytes(&v->event, 3, version, sizeof version - 1);
    write_event(v);
    return v;
}

int tt_events_close(tt_events *v, tt_err *e) {
    if (!v) return 0;
    int rc = tt_output_finish(v->out, e);
    if (!rc && (v->value.failed || v->summary.failed || v->event.failed))
        rc = tt_fail(e, TT_ENOMEM, "out of memory for an event");
    free(v->value.byte);
    free(v->summary.byte);
    free(v->event.byte);
    free(v);
    return rc;
}
