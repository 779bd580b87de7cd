/* wordlist.c: see wordlist.h. A table of open addressing over the lines, at most half full
 * (FNV-1a). */
#include "text/wordlist.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1000000 };

struct tt_wordlist {
    char *text;
    size_t *begin; /* (size + 1) into text */
    int *slot;     /* (slots) id + 1, or 0 */
    size_t slots;
    int size;
};

static size_t hash(const char *p, size_t n) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

static size_t length(const tt_wordlist *p, int id) { return p->begin[id + 1] - p->begin[id] - 1; }

/* The slot of the piece, or the free one where it would go. */
static int *find_slot(const tt_wordlist *p, const char *piece, size_t len) {
    for (size_t i = hash(piece, len);; i++) {
        int *s = &p->slot[i & (p->slots - 1)];
        if (!*s) return s;
        int id = *s - 1;
        if (length(p, id) == len && !memcmp(p->text + p->begin[id], piece, len)) return s;
    }
}

static int fill(tt_wordlist *p, const char *bytes, size_t len, tt_err *e) {
    size_t count = len > 0 && bytes[len - 1] != '\n';
    for (size_t i = 0; i < len; i++) count += bytes[i] == '\n';
    if (count > MOST)
        return tt_fail(e, TT_EFORMAT, "a vocabulary of %zu pieces, expected at most %d", count,
                       (int)MOST);
    for (p->slots = 16; p->slots < 2 * count; p->slots *= 2) {}
    p->text = malloc(len + 2);
    p->begin = malloc((count + 1) * sizeof *p->begin);
    p->slot = calloc(p->slots, sizeof *p->slot);
    if (!p->text || !p->begin || !p->slot)
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
        int *s = find_slot(p, p->text + p->begin[p->size], n);
        if (!*s) *s = p->size + 1;
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
    free(p->slot);
    free(p);
}

int tt_wordlist_size(const tt_wordlist *p) { return p->size; }

const char *tt_wordlist_get(const tt_wordlist *p, int id, size_t *len) {
    if (id < 0 || id >= p->size) return NULL;
    if (len) *len = length(p, id);
    return p->text + p->begin[id];
}

int tt_wordlist_find(const tt_wordlist *p, const char *piece, size_t len) {
    return *find_slot(p, piece, len) - 1;
}
