/* rewrite.c: see rewrite.h. A pass first finds out how far the line stays as it is; most lines stay
 * so to the end for most passes, and cost one look and no memory.
 */
#include "score/rewrite.h"

#include "score/chars.h"
#include "score/dict.h"

#include <string.h>

/* What is written so far: the line up to `from`, then what was put in. */
typedef struct writer {
    char *text;
    size_t len;
} writer;

static void put(writer *w, const char *text, size_t len) {
    memcpy(w->text + w->len, text, len);
    w->len += len;
}

static void blank(writer *w) { w->text[w->len++] = ' '; }

static int begin(writer *w, tt_span line, size_t same, size_t cap, tt_arena *arena) {
    *w = (writer){tt_dict_room(arena, cap), 0};
    if (!w->text) return TT_ENOMEM;
    put(w, line.text, same);
    return 0;
}

/* Bytes before the first character that passes. */
static size_t before_first(tt_span line, tt_char_test *is) {
    const char *at = line.text, *end = at + line.len;
    while (at < end) {
        const char *here = at;
        if (is(tt_chars_next(&at))) return (size_t)(here - line.text);
    }
    return line.len;
}

int tt_rewrite_each(tt_span *line, tt_char_test *is, tt_arena *arena) {
    size_t same = before_first(*line, is);
    if (same == line->len) return 0;
    writer w;
    TT_TRY(begin(&w, *line, same, same + 3 * (line->len - same), arena));
    const char *at = line->text + same, *end = line->text + line->len;
    while (at < end) {
        const char *here = at;
        int hit = is(tt_chars_next(&at));
        if (hit) blank(&w);
        put(&w, here, (size_t)(at - here));
        if (hit) blank(&w);
    }
    *line = (tt_span){w.text, w.len};
    return 0;
}

int tt_rewrite_delete(tt_span *line, tt_char_test *is, tt_arena *arena) {
    size_t same = before_first(*line, is);
    if (same == line->len) return 0;
    writer w;
    TT_TRY(begin(&w, *line, same, line->len, arena));
    const char *at = line->text + same, *end = line->text + line->len;
    while (at < end) {
        const char *here = at;
        if (!is(tt_chars_next(&at))) put(&w, here, (size_t)(at - here));
    }
    *line = (tt_span){w.text, w.len};
    return 0;
}

int tt_rewrite_pairs(tt_span *line, tt_char_test *left, tt_char_test *right, int side,
                     tt_arena *arena) {
    tt_char_test *rare = side == TT_REWRITE_RIGHT ? right : left;
    if (!line->len || before_first(*line, rare) == line->len) return 0;
    writer w;
    TT_TRY(begin(&w, *line, 0, 2 * line->len, arena)); /* a pair has two bytes and gets two more */
    const char *at = line->text, *end = at + line->len;
    const char *one = at;
    uint32_t c = tt_chars_next(&at);
    while (at < end) {
        const char *two = at;
        uint32_t next = tt_chars_next(&at);
        if (!(left(c) && right(next))) {
            put(&w, one, (size_t)(two - one));
            one = two;
            c = next;
            continue;
        }
        if (side == TT_REWRITE_LEFT) blank(&w);
        put(&w, one, (size_t)(two - one));
        blank(&w);
        put(&w, two, (size_t)(at - two));
        if (side == TT_REWRITE_RIGHT) blank(&w);
        one = at;
        if (at < end) c = tt_chars_next(&at);
    }
    put(&w, one, (size_t)(end - one));
    *line = (tt_span){w.text, w.len};
    return 0;
}

int tt_rewrite_text(tt_span *line, const char *from, const char *to, tt_arena *arena) {
    size_t old = strlen(from), new = strlen(to), i = 0;
    for (; i + old <= line->len; i++)
        if (line->text[i] == from[0] && !memcmp(line->text + i, from, old)) break;
    if (i + old > line->len) return 0;
    writer w;
    TT_TRY(begin(&w, *line, i, 2 * line->len, arena));
    while (i < line->len) {
        if (line->len - i >= old && line->text[i] == from[0] &&
            !memcmp(line->text + i, from, old)) {
            put(&w, to, new);
            i += old;
        } else {
            w.text[w.len++] = line->text[i++];
        }
    }
    *line = (tt_span){w.text, w.len};
    return 0;
}

static int is_symbol(uint32_t c) { /* the blank, too, in sacreBLEU, which changes nothing */
    return (c >= '!' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
           (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static int is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
static int is_no_digit(uint32_t c) { return !is_digit(c); }
static int is_mark(uint32_t c) { return c == '.' || c == ','; }
static int is_hyphen(uint32_t c) { return c == '-'; }

int tt_rewrite_symbols(tt_span *line, tt_arena *arena) {
    return tt_rewrite_each(line, is_symbol, arena);
}

int tt_rewrite_marks(tt_span *line, tt_arena *arena) {
    TT_TRY(tt_rewrite_pairs(line, is_no_digit, is_mark, TT_REWRITE_RIGHT, arena));
    TT_TRY(tt_rewrite_pairs(line, is_mark, is_no_digit, TT_REWRITE_LEFT, arena));
    return tt_rewrite_pairs(line, is_digit, is_hyphen, TT_REWRITE_RIGHT, arena);
}
