/* tok13a.c: the 13a tokeniser without its regular expressions.
 *
 * sacreBLEU puts a blank before and after the line and then makes four passes, each left to right
 * and without overlap, before it splits at white space:
 *
 *     1. blanks around each of  ! " # $ % & ( ) * + / : ; < = > ? @ [ \ ] ^ _ ` { | } ~
 *     2. (not a digit)(. or ,)  blanks around the mark
 *     3. (. or ,)(not a digit)  blanks around the mark
 *     4. (digit)(-)             blanks around the hyphen
 *
 * Passes 2 to 4 only look at neighbours, and white space is no digit, no mark and no hyphen, so
 * they can be done word by word of what pass 1 leaves; and as they only add blanks, it is enough to
 * note where a word breaks. Bytes do instead of code points: the marks are ASCII, and a byte of a
 * longer character is no digit either.
 */
#include "score/tok13a.h"

#include "base/ascii.h"
#include "score/chars.h"
#include "score/dict.h"

#include <stdbool.h>
#include <string.h>

enum { PLAIN = '.', SPACE = '_', SYMBOL = '!', MARK = '-', WIDE = 'w' }; /* all but PLAIN are odd */

/* What a byte is, sixteen to a row; MARK asks for passes 2 to 4, WIDE may begin a white space. */
static const char kinds[] = "........._____.."
                            "............____"
                            "_!!!!!!.!!!!---!"
                            "..........!!!!!!"
                            "!..............."
                            "...........!!!!!"
                            "!..............."
                            "...........!!!!."
                            "................"
                            "................"
                            "................"
                            "................"
                            "..w............."
                            "................"
                            ".www............"
                            "................";

static bool is_mark(char c) { return c == '.' || c == ','; }

/* Passes 2 to 4 over one word; at[i] notes a break before byte i; at has room for len + 2. */
static int cut_word(tt_span w, char *at, tt_token_fn *word, void *ctx) {
    const char *s = w.text;
    size_t n = w.len;
    memset(at, 0, n + 2);
    size_t first = is_mark(s[0]) ? 1 : 0; /* the blank before the word is the non-digit */
    at[first] = 1;
    for (size_t i = first; i + 1 < n; i++)
        if (!tt_ascii_digit(s[i]) && is_mark(s[i + 1])) {
            at[i + 1] = at[i + 2] = 1;
            i++;
        }
    for (size_t i = 0; i < n; i++) {
        if (!is_mark(s[i])) continue;
        int blank = i + 1 == n || at[i + 1];
        if (!blank && tt_ascii_digit(s[i + 1])) continue;
        at[i] = at[i + 1] = 1;
        if (!blank) i++;
    }
    for (size_t i = 0; i + 1 < n; i++)
        if (tt_ascii_digit(s[i]) && s[i + 1] == '-' && !at[i + 1]) {
            at[i + 1] = at[i + 2] = 1;
            i++;
        }
    size_t start = 0;
    for (size_t i = 1; i <= n; i++)
        if (i == n || at[i]) {
            int rc = word(ctx, (tt_span){s + start, i - start});
            if (rc) return rc;
            start = i;
        }
    return 0;
}

/* A word with so many marks and hyphens. Most have one, which ends the word and is cut off. */
static int cut_marked(tt_span w, int marks, char *at, tt_token_fn *word, void *ctx) {
    if (marks > 1 || w.len < 2 || !is_mark(w.text[w.len - 1])) return cut_word(w, at, word, ctx);
    int rc = word(ctx, (tt_span){w.text, w.len - 1});
    return rc ? rc : word(ctx, (tt_span){w.text + w.len - 1, 1});
}

/* Every `from` becomes the shorter `to`, left to right; the new length. */
static size_t replace(char *s, size_t len, const char *from, const char *to) {
    size_t old = strlen(from), new = strlen(to), out = 0;
    for (size_t i = 0; i < len;) {
        if (len - i >= old && s[i] == from[0] && !memcmp(s + i, from, old)) {
            memcpy(s + out, to, new);
            out += new;
            i += old;
        } else {
            s[out++] = s[i++];
        }
    }
    return out;
}

/* What goes before the passes. */
static int unescape(tt_span *line, tt_arena *arena) {
    char *s = tt_dict_room(arena, line->len);
    if (!s) return TT_ENOMEM;
    memcpy(s, line->text, line->len);
    size_t n = replace(s, line->len, "<skipped>", "");
    n = replace(s, n, "-\n", "");
    n = replace(s, n, "\n", " ");
    n = replace(s, n, "&quot;", "\"");
    n = replace(s, n, "&amp;", "&");
    n = replace(s, n, "&lt;", "<");
    n = replace(s, n, "&gt;", ">");
    *line = (tt_span){s, n};
    return 0;
}

/* Where something else than a PLAIN byte stands, and the end of the line; how many. A list made
   without branches: where words end is nothing that a processor could guess. */
static size_t find_stops(uint32_t *stops, tt_span line) {
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++) {
        stops[n] = (uint32_t)i;
        n += kinds[(unsigned char)line.text[i]] & 1;
    }
    stops[n] = (uint32_t)line.len;
    return n + 1;
}

/* 1 if there is anything to unescape. All that asks for it is a stop. */
static int is_escaped(tt_span line, const uint32_t *stops, size_t n) {
    int found = 0;
    for (size_t k = 0; k + 1 < n; k++) {
        char c = line.text[stops[k]];
        found |= (c == '&') | (c == '<') | (c == '\n');
    }
    return found;
}

int tt_tok13a(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx) {
    uint32_t *stops = tt_arena_alloc(arena, (line.len + 1) * sizeof *stops);
    char *at = tt_arena_alloc(arena, line.len + 2);
    if (!at || !stops) return TT_ENOMEM;
    size_t start = 0, n = find_stops(stops, line);
    if (is_escaped(line, stops, n)) {
        TT_TRY(unescape(&line, arena));
        n = find_stops(stops, line);
    }
    const char *s = line.text;
    int marks = 0, rc = 0;
    for (size_t k = 0; k < n && !rc; k++) {
        size_t i = stops[k];
        int c = i == line.len ? SPACE : kinds[(unsigned char)s[i]];
        size_t gap = c == WIDE ? tt_chars_space(s + i, line.len - i) : 1;
        if (c == MARK || !gap) {
            marks += c == MARK;
            continue;
        }
        if (i > start) {
            tt_span w = {s + start, i - start};
            rc = marks ? cut_marked(w, marks, at, word, ctx) : word(ctx, w);
        }
        if (!rc && c == SYMBOL) rc = word(ctx, (tt_span){s + i, 1});
        start = i + gap;
        marks = 0;
    }
    return rc;
}

int tt_toknone(tt_span line, tt_arena *arena, tt_token_fn *word, void *ctx) {
    (void)arena;
    size_t start = 0;
    for (size_t i = 0; i <= line.len;) {
        size_t gap = i < line.len ? tt_chars_space(line.text + i, line.len - i) : 1;
        if (gap) {
            int rc = i > start ? word(ctx, (tt_span){line.text + start, i - start}) : 0;
            if (rc) return rc;
            start = i + gap;
        }
        i += gap ? gap : 1;
    }
    return 0;
}
