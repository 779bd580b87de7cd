/* wordlist.c: see wordlist.h. A table over the lines, at most half full (base/hash.h). */
#include "text/wordlist.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 1000000 };

struct tt_wordlist {
    char *text;
    size_t *begin; /* (size + 1) into text */
    tt_hash_slots slots;
    int size;
};

static size_t length(const tt_wordlist *p, int id) { return p->begin[id + 1] - p->begin[id] - 1; }

static tt_span text_of(const void *list, int id) {
    const tt_wordlist *p = list;
    return (tt_span){p->text + p->begin[id], length(p, id)};
}

/* The slot of the piece, or the free one where it would go. */
static int32_t *find_slot(const tt_wordlist *p, const char *piece, size_t len) {
    return &p->slots.slot[tt_hash_find(&p->slots, piece, len, text_of, p)];
}

static int fill(tt_wordlist *p, const char *bytes, size_t len, tt_err *e) {
    size_t count = len > 0 && bytes[len - 1] != '\n';
    for (size_t i = 0; i < len; i++) count += bytes[i] == '\n';
    if (count > MOST)
        return tt_fail(e, TT_EFORMAT, "a vocabulary of %zu pieces, expected at most %d", count,
                       (int)MOST);
    p->text = malloc(len + 2);
    p->begin = malloc((count + 1) * sizeof *p->begin);
    if (!tt_hash_make(&p->slots, 2 * count) || !p->text || !p->begin)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu pieces", count);
    if (len) memcpy(p->text, bytes, len);
    p->text[len] = p->text[len + 1] = 0;
    for (size_t at = 0; p->size < (int)count; p->size++) {
        size_t n = strcspn(p->text + at, "\n");
        while (at + n < len && p->text[at + n] != '\n')
            n += 1 + strcspn(p->text + at + n + 1, "\n"); /* behind a NUL */
        p->begin[p->size] = at;
        at += n + 1;
        p->begin[p->size + 1] = at;
        p->text[at - 1] = 0;
        int32_t *s = find_slot(p, p->text + p->begin[p->size], n);
        if (*s < 0) *s = p->size;
    }
    return 0;
}

tt_wordlist *tt_wordlist_open(const char *bytes, size_t len, tt_err *e) {
    tt_wordlist *p = calloc(1, sizeof *p);
    if (!p) {
        tt_fail(e, TT_ENOMEM, "vocabulary: out of memory");
        return NULL;
    }
    if (!fill(p, bytes, len, e)) return p;
    tt_wordlist_close(p);
    return NULL;
}

void tt_wordlist_close(tt_wordlist *p) {
    if (!p) return;
    free(p->text);
    free(p->begin);
    free(p->slots.slot);
    free(p);
}

int tt_wordlist_size(const tt_wordlist *p) { return p->size; }

const char *tt_wordlist_get(const tt_wordlist *p, int id, size_t *len) {
    if (id < 0 || id >= p->size) return NULL;
    if (len) *len = length(p, id);
    return p->text + p->begin[id];
}

int tt_wordlist_find(const tt_wordlist *p, const char *piece, size_t len) {
    return *find_slot(p, piece, len);
}
