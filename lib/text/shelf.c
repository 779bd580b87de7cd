/* shelf.c: see shelf.h. A record is its head, its ids and its note, filled up to eight bytes. */
#include "text/shelf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/temp.h"
#include "text/permute.h"

enum {
    PARTS = 512,      /* files, at most */
    FORGET = 1 << 16, /* pairs, after which what was read of the corpus is forgotten */
    LEAST = 1 << 16   /* bytes of memory */
};

struct head {
    uint32_t place, pair, n[2]; /* place in its part */
};

struct tt_shelf {
    const tt_corpus *corpus;
    const char *folder; /* borrowed */
    size_t memory;
    uint64_t key, n, added, per; /* items of a part */
    int parts, files;
    tt_temp *file[PARTS];
    int loaded; /* the part in memory, or -1 */
    char *bytes;
    size_t room, *at; /* of its records: where each begins, (per) */
    size_t at_room;
};

tt_shelf *tt_shelf_open(const tt_corpus *c, const char *folder, size_t memory, tt_err *e) {
    tt_shelf *s = calloc(1, sizeof *s);
    if (!s) {
        tt_fail(e, TT_ENOMEM, "out of memory for a shuffle");
        return NULL;
    }
    *s = (tt_shelf){
        .corpus = c, .folder = folder, .memory = memory > LEAST ? memory : LEAST, .loaded = -1};
    return s;
}

void tt_shelf_close(tt_shelf *s) {
    if (!s) return;
    for (int i = 0; i < s->files; i++) tt_temp_close(s->file[i]);
    free(s->bytes);
    free(s->at);
    free(s);
}

int tt_shelf_parts(const tt_shelf *s) { return s->parts; }

int tt_shelf_begin(tt_shelf *s, uint64_t key, uint64_t n, uint64_t bytes, tt_err *e) {
    const uint64_t all = bytes + n * (sizeof(struct head) + sizeof *s->at + 8);
    uint64_t parts = all / s->memory + 1;
    if (parts > PARTS) parts = PARTS;
    for (int i = 0; i < s->files; i++) tt_temp_close(s->file[i]);
    s->files = 0;
    s->parts = (int)parts;
    s->per = n / parts + 1;
    s->key = key;
    s->n = n;
    s->added = 0;
    s->loaded = -1;
    for (; s->files < s->parts; s->files++)
        if (!(s->file[s->files] = tt_temp_open(s->folder, s->memory / parts, e))) return e->code;
    return 0;
}

int tt_shelf_add(tt_shelf *s, uint32_t pair, tt_err *e) {
    static const char zeros[8] = {0};
    const uint64_t place = tt_permute_back(s->key, s->added++, s->n);
    const tt_raw r = tt_corpus_raw(s->corpus, pair);
    const struct head h = {(uint32_t)(place % s->per), pair, {r.n[0], r.n[1]}};
    const size_t bytes = tt_raw_bytes(&r);
    tt_temp *to = s->file[place / s->per];
    TT_TRY(tt_temp_add(to, &h, sizeof h, e));
    TT_TRY(tt_temp_add(to, r.ids, bytes, e));
    TT_TRY(tt_temp_add(to, zeros, -bytes % 8, e));
    if (s->added % FORGET == 0 || s->added == s->n) tt_corpus_forget(s->corpus);
    return 0;
}

bool tt_shelf_holds(const tt_shelf *s, uint64_t key, uint64_t n) {
    return s->parts && s->key == key && s->n == n && s->added == n;
}

static int reserve(tt_shelf *s, size_t bytes, tt_err *e) {
    if (bytes > s->room) {
        free(s->bytes);
        s->room = bytes + bytes / 16;
        s->bytes = malloc(s->room);
        if (!s->bytes) s->room = 0;
    }
    if (s->per > s->at_room) {
        free(s->at);
        s->at_room = s->per;
        s->at = malloc(s->at_room * sizeof *s->at);
        if (!s->at) s->at_room = 0;
    }
    if (s->room >= bytes && s->at_room >= s->per && s->bytes && s->at) return 0;
    return tt_fail(e, TT_ENOMEM, "out of memory for a part of %zu bytes of a shuffle", bytes);
}

/* The pair of the record that begins at this byte. */
static tt_raw raw_at(const tt_shelf *s, size_t at) {
    const struct head *h = (const struct head *)(const void *)(s->bytes + at);
    tt_raw r = tt_corpus_raw(s->corpus, 0); /* all pairs have its width, and notes or none */
    r.ids = s->bytes + at + sizeof *h;
    for (int side = 0; side < 2; side++) r.n[side] = h->n[side];
    return r;
}

static int load(tt_shelf *s, int part, tt_err *e) {
    const size_t size = tt_temp_size(s->file[part]);
    s->loaded = -1;
    TT_TRY(reserve(s, size + 1, e));
    TT_TRY(tt_temp_read(s->file[part], s->bytes, size, e));
    for (size_t at = 0; at < size;) {
        const struct head *h = (const struct head *)(const void *)(s->bytes + at);
        const tt_raw r = raw_at(s, at);
        s->at[h->place] = at;
        at += sizeof *h + (tt_raw_bytes(&r) + 7) / 8 * 8;
    }
    s->loaded = part;
    return 0;
}

int tt_shelf_get(tt_shelf *s, uint64_t place, uint32_t *pair, tt_raw *raw, tt_err *e) {
    const int part = (int)(place / s->per);
    if (part != s->loaded) TT_TRY(load(s, part, e));
    const size_t at = s->at[place % s->per];
    *pair = ((const struct head *)(const void *)(s->bytes + at))->pair;
    *raw = raw_at(s, at);
    return 0;
}
