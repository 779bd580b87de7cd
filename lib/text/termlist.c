/* termlist.c: see termlist.h. The lines are sorted by their source, so that terms with the same
 * source lie beside each other and a text's words are looked up by halving. */
#include "text/termlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "io/file.h"
#include "text/letter.h"

enum { MOST_WORDS = 8 }; /* of a source term */

static const size_t most_bytes = (size_t)256 << 20;

struct line {
    const char *src, *tgt; /* NUL-ended */
    size_t place;
};

struct tt_termlist {
    char *bytes;        /* owned */
    struct line *lines; /* (n), sorted by source, then by place; owned */
    size_t n;
    uint64_t hash;
};

static int by_source(const void *a, const void *b) {
    const struct line *x = a, *y = b;
    int c = strcmp(x->src, y->src);
    return c ? c : x->place < y->place ? -1 : x->place > y->place;
}

static int add_line(tt_termlist *t, const char *path, size_t number, char *line, tt_err *e) {
    char *tab = strchr(line, '\t');
    if (!*line || *line == '#') return 0;
    if (!tab) return tt_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target", path, number);
    *tab = 0;
    tab[1 + strcspn(tab + 1, "\t")] = 0;
    if (!*line || !tab[1])
        return tt_fail(e, TT_EDATA, "%s:%zu: an empty side of a term", path, number);
    if (!tt_utf8_valid(line, strlen(line)) || !tt_utf8_valid(tab + 1, strlen(tab + 1)))
        return tt_fail(e, TT_EDATA, "%s:%zu: no UTF-8", path, number);
    t->lines[t->n] = (struct line){line, tab + 1, t->n};
    t->n++;
    for (const char *c = line; c < tab; c++) t->hash = tt_key(t->hash, (unsigned char)*c);
    for (const char *c = tab; *(c + 1); c++) t->hash = tt_key(t->hash, (unsigned char)*(c + 1));
    return 0;
}

static int read_lines(tt_termlist *t, const char *path, tt_err *e) {
    size_t len, room = 1, number = 0;
    TT_TRY(tt_file_read(&t->bytes, &len, path, most_bytes, e));
    for (size_t i = 0; i < len; i++) room += t->bytes[i] == '\n';
    t->lines = calloc(room, sizeof *t->lines);
    if (!t->lines) return tt_fail(e, TT_ENOMEM, "%s: out of memory for its terms", path);
    for (char *line = t->bytes, *end = t->bytes + len; line < end;) {
        char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop) stop = end;
        *stop = 0;
        if (stop > line && stop[-1] == '\r') stop[-1] = 0;
        TT_TRY(add_line(t, path, ++number, line, e));
        line = stop + 1;
    }
    qsort(t->lines, t->n, sizeof *t->lines, by_source);
    return t->n ? 0 : tt_fail(e, TT_EDATA, "%s: has no term", path);
}

tt_termlist *tt_termlist_open(const char *path, tt_err *e) {
    tt_termlist *t = calloc(1, sizeof *t);
    if (!t) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
        return NULL;
    }
    if (!read_lines(t, path, e)) return t;
    tt_termlist_close(t);
    return NULL;
}

void tt_termlist_close(tt_termlist *t) {
    if (!t) return;
    free(t->lines);
    free(t->bytes);
    free(t);
}

uint64_t tt_termlist_hash(const tt_termlist *t) { return t->hash; }

const char *tt_termlist_target(const tt_termlist *t, size_t line) { return t->lines[line].tgt; }

/* The order of a text of len bytes and a source term. */
static int order(const char *text, size_t len, const char *src) {
    int c = strncmp(text, src, len);
    return c ? c : src[len] ? -1 : 0;
}

/* The first line whose source is not below the text. */
static size_t first_of(const tt_termlist *t, const char *text, size_t len) {
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (order(text, len, t->lines[mid].src) > 0) low = mid + 1;
        else high = mid;
    }
    return low;
}

size_t tt_termlist_find(const tt_termlist *t, const char *text, size_t len, size_t *first,
                        size_t *n) {
    size_t best = 0;
    uint32_t c = 0, next;
    int words = 0;
    for (size_t i = 0; i < len && words < MOST_WORDS;) {
        size_t size, more;
        c = tt_utf8_at(text, len, i, &size);
        i += size;
        if (!tt_is_word(c)) continue;
        next = i < len ? tt_utf8_at(text, len, i, &more) : ' ';
        if (tt_is_word(next)) continue;
        words++;
        size_t at = first_of(t, text, i), end = at;
        while (end < t->n && !order(text, i, t->lines[end].src)) end++;
        if (end > at) best = i, *first = at, *n = end - at;
    }
    return best;
}
