/* store.c: see store.h. */
#include "text/store.h"

#include <stdlib.h>
#include <string.h>

#include "io/temp.h"

enum { BUFFER = 1 << 20 };

/* The target's ids follow the source's. Behind them stands the note: its length in four bytes, its
   bytes, and zeros up to the size of an id. */
struct pair {
    size_t at; /* of its first id, in ids */
    uint32_t n[2];
};

/* Numbers in memory, or in a file. */
struct row {
    void *mem;
    size_t bytes, room;
    tt_temp *file;
    const void *base; /* of all of it, once all is added */
};

struct tt_store {
    struct row ids, pairs;
    size_t n_ids, count; /* ids, notes counted as ids of their size */
    int wide, noted;
};

/* ---- a pair -------------------------------------------------------------------------------- */

void tt_raw_ids(const tt_raw *r, int side, int32_t *ids) {
    const size_t at = side ? r->n[0] : 0, n = r->n[side];
    if (r->wide) memcpy(ids, (const int32_t *)r->ids + at, n * sizeof *ids);
    else
        for (size_t i = 0; i < n; i++) ids[i] = ((const uint16_t *)r->ids)[at + i];
}

static size_t id_size(int wide) { return wide ? sizeof(int32_t) : sizeof(uint16_t); }

static size_t filled_up(size_t bytes, int wide) {
    return (bytes + id_size(wide) - 1) / id_size(wide) * id_size(wide);
}

static size_t ids_bytes(const tt_raw *r) { return ((size_t)r->n[0] + r->n[1]) * id_size(r->wide); }

const void *tt_raw_note(const tt_raw *r, size_t *len) {
    uint32_t n;
    *len = 0;
    if (!r->noted) return NULL;
    const char *note = (const char *)r->ids + ids_bytes(r);
    memcpy(&n, note, sizeof n);
    *len = n;
    return note + sizeof n;
}

size_t tt_raw_bytes(const tt_raw *r) {
    size_t note;
    if (!tt_raw_note(r, &note)) return ids_bytes(r);
    return ids_bytes(r) + filled_up(sizeof(uint32_t) + note, r->wide);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static int row_add(struct row *r, const void *bytes, size_t len, tt_err *e) {
    if (r->file) return tt_temp_add(r->file, bytes, len, e);
    if (r->bytes + len > r->room) {
        size_t more = r->room ? 2 * r->room : 65536;
        if (more < r->bytes + len) more = r->bytes + len;
        void *p = realloc(r->mem, more);
        if (!p) return tt_fail(e, TT_ENOMEM, "out of memory for the training text");
        r->mem = p;
        r->room = more;
    }
    memcpy((char *)r->mem + r->bytes, bytes, len);
    r->bytes += len;
    return 0;
}

static int row_finish(struct row *r, tt_err *e) {
    r->base = r->mem;
    return r->file ? tt_temp_map(r->file, &r->base, e) : 0;
}

static void row_close(struct row *r) {
    tt_temp_close(r->file);
    free(r->mem);
}

/* ---- the store ----------------------------------------------------------------------------- */

tt_store *tt_store_open(int wide, int noted, const char *folder, tt_err *e) {
    tt_store *s = calloc(1, sizeof *s);
    if (!s) {
        tt_fail(e, TT_ENOMEM, "out of memory for the training text");
        return NULL;
    }
    s->wide = wide;
    s->noted = noted;
    if (!folder) return s;
    if ((s->ids.file = tt_temp_open(folder, BUFFER, e)) &&
        (s->pairs.file = tt_temp_open(folder, BUFFER, e)))
        return s;
    tt_store_close(s);
    return NULL;
}

void tt_store_close(tt_store *s) {
    if (!s) return;
    row_close(&s->ids);
    row_close(&s->pairs);
    free(s);
}

static int add_side(tt_store *s, const int32_t *ids, size_t n, tt_err *e) {
    uint16_t narrow[512];
    enum { PART = sizeof narrow / sizeof *narrow };
    s->n_ids += n;
    if (s->wide) return row_add(&s->ids, ids, n * sizeof *ids, e);
    for (size_t at = 0; at < n; at += PART) {
        const size_t part = n - at < PART ? n - at : PART;
        for (size_t i = 0; i < part; i++) narrow[i] = (uint16_t)ids[at + i];
        TT_TRY(row_add(&s->ids, narrow, part * sizeof *narrow, e));
    }
    return 0;
}

int tt_store_add(tt_store *s, const int32_t *src, size_t n_src, const int32_t *tgt, size_t n_tgt,
                 tt_err *e) {
    const struct pair p = {s->n_ids, {(uint32_t)n_src, (uint32_t)n_tgt}};
    TT_TRY(row_add(&s->pairs, &p, sizeof p, e));
    s->count++;
    TT_TRY(add_side(s, src, n_src, e));
    return add_side(s, tgt, n_tgt, e);
}

int tt_store_note(tt_store *s, const void *note, size_t len, tt_err *e) {
    static const char zeros[sizeof(int32_t)] = {0};
    if (len > UINT32_MAX) return tt_fail(e, TT_EDATA, "%zu bytes beside a pair", len);
    const uint32_t n = (uint32_t)len;
    const size_t all = filled_up(sizeof n + len, s->wide);
    s->n_ids += all / id_size(s->wide);
    TT_TRY(row_add(&s->ids, &n, sizeof n, e));
    if (len) TT_TRY(row_add(&s->ids, note, len, e));
    return all > sizeof n + len ? row_add(&s->ids, zeros, all - sizeof n - len, e) : 0;
}

int tt_store_finish(tt_store *s, tt_err *e) {
    TT_TRY(row_finish(&s->pairs, e));
    return row_finish(&s->ids, e);
}

size_t tt_store_pairs(const tt_store *s) { return s->count; }

uint64_t tt_store_bytes(const tt_store *s) { return (uint64_t)s->n_ids * id_size(s->wide); }

tt_raw tt_store_get(const tt_store *s, size_t pair) {
    const struct pair *p = (const struct pair *)s->pairs.base + pair;
    const void *ids = s->wide ? (const void *)((const int32_t *)s->ids.base + p->at)
                              : (const void *)((const uint16_t *)s->ids.base + p->at);
    return (tt_raw){ids, {p->n[0], p->n[1]}, s->wide, s->noted};
}

void tt_store_forget(const tt_store *s) {
    if (s->ids.file) tt_temp_forget(s->ids.file);
    if (s->pairs.file) tt_temp_forget(s->pairs.file);
}
