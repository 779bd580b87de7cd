/* markdown.c: Markdown's blocks, line by line: CommonMark with tables, task lists, footnotes and
 * front matter.
 *
 * Prefixes of lines (> - 1. # and indentation) are not text. Code, fenced or indented, front
 * matter, definitions of links, comments, <script>, <style> and <pre> are left as they are. A
 * paragraph is read as running text, and its line ends come back at their share of the translation.
 * Other HTML is inline: its tags stand in a paragraph.
 */
#include "markup/markdown.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "markup/htmlish.h"

enum { PARA_MOST = 1 << 15 }; /* bytes after which a paragraph is cut at a line end */

struct blocks {
    tt_doc *d;
    tt_para p;
    char fence;        /* inside of fenced code: its sign, */
    size_t fences;     /* and how many */
    const char *until; /* inside of what ends with this; NULL: not */
    int blank;         /* the line before was blank */
    int list;          /* a list is open */
    int table;
};

static void flush(struct blocks *b) {
    if (b->p.len) tt_para_read(b->d, &b->p);
    b->p.len = 0;
}

static void append(struct blocks *b, size_t at, size_t end, char c) {
    tt_para *p = &b->p;
    if (p->len == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 1024;
        char *text = tt_arena_alloc(b->d->a, cap);
        size_t *to = tt_arena_alloc(b->d->a, 2 * cap * sizeof *to);
        if (!text || !to) {
            b->d->failed = 1;
            return;
        }
        if (p->len) {
            memcpy(text, p->text, p->len);
            memcpy(to, p->at, p->len * sizeof *to);
            memcpy(to + cap, p->end, p->len * sizeof *to);
        }
        p->text = text;
        p->at = to;
        p->end = to + cap;
        p->cap = cap;
    }
    p->text[p->len] = c;
    p->at[p->len] = at;
    p->end[p->len++] = end;
}

static void take(struct blocks *b, size_t begin, size_t end) {
    if (b->p.len && b->p.len < PARA_MOST) append(b, b->p.end[b->p.len - 1], begin, '\n');
    else if (b->p.len) flush(b);
    for (size_t i = begin; i < end && !b->d->failed; i++) {
        if (b->p.len >= 2 * PARA_MOST && !tt_utf8_inside(b->d->bytes[i])) flush(b);
        append(b, i, i + 1, b->d->bytes[i]);
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int starts(const tt_doc *d, size_t at, size_t end, const char *what) {
    size_t n = strlen(what);
    return end - at >= n && !memcmp(d->bytes + at, what, n);
}

static size_t skip(const tt_doc *d, size_t at, size_t end) {
    while (at < end && (d->bytes[at] == ' ' || d->bytes[at] == '\t')) at++;
    return at;
}

/* A line of one sign only, at least `least` of it, blanks between allowed. */
static bool all_of(const tt_doc *d, size_t at, size_t end, char c, size_t least) {
    size_t n = 0;
    for (; at < end; at++) {
        if (d->bytes[at] == c) n++;
        else if (d->bytes[at] != ' ' && d->bytes[at] != '\t') return false;
    }
    return n >= least;
}

static size_t run_at(const tt_doc *d, size_t at, size_t end, char c) {
    size_t n = 0;
    while (at + n < end && d->bytes[at + n] == c) n++;
    return n;
}

/* - * + 1. 1) with a blank behind: where the item's text begins; 0: none. */
static size_t item_at(const tt_doc *d, size_t at, size_t end) {
    const char *p = d->bytes;
    size_t i = at;
    if (i < end && strchr("-*+", p[i])) {
        i++;
    } else {
        while (i < end && i - at < 9 && p[i] >= '0' && p[i] <= '9') i++;
        if (i == at || i == end || (p[i] != '.' && p[i] != ')')) return 0;
        i++;
    }
    if (i < end && p[i] != ' ' && p[i] != '\t') return 0;
    i = skip(d, i, end);
    if (end - i > 3 && p[i] == '[' && strchr(" xX", p[i + 1]) && p[i + 2] == ']' && p[i + 3] == ' ')
        i = skip(d, i + 3, end);
    return i;
}

/* | --- | :-: |: the line below the heads of a table. */
static bool is_rule(const tt_doc *d, size_t at, size_t end) {
    int bar = 0, dash = 0;
    for (; at < end; at++) {
        if (!strchr("|:- \t\r", d->bytes[at])) return false;
        bar |= d->bytes[at] == '|';
        dash |= d->bytes[at] == '-';
    }
    return bar && dash;
}

static void cells(struct blocks *b, size_t at, size_t end) {
    const char *p = b->d->bytes;
    while (at < end) {
        size_t i = at;
        while (i < end && p[i] != '|') i += p[i] == '\\' && i + 1 < end ? 2 : 1;
        size_t from = skip(b->d, at, i), to = i;
        while (to > from && (unsigned char)p[to - 1] <= ' ') to--;
        b->p.form = TT_SPELL_CELL;
        if (to > from) take(b, from, to);
        flush(b);
        at = i + 1;
    }
    b->p.form = TT_SPELL_MARKDOWN;
}

/* [name]: address, but not [^note]: text, of which *at becomes the text's beginning. */
static bool is_definition(const tt_doc *d, size_t *at, size_t end) {
    const char *p = d->bytes;
    if (*at >= end || p[*at] != '[') return false;
    size_t i = *at + 1;
    while (i < end && p[i] != ']' && i - *at < 200) i++;
    if (i + 1 >= end || p[i] != ']' || p[i + 1] != ':') return false;
    if (p[*at + 1] != '^') return true;
    *at = skip(d, i + 2, end);
    return false;
}

/* What is left as it is up to a mark of its own. */
static const char *raw_until(const tt_doc *d, size_t at, size_t end) {
    static const char *const kinds[][2] = {{"<!--", "-->"},
                                           {"<script", "</script>"},
                                           {"<style", "</style>"},
                                           {"<pre", "</pre>"},
                                           {"$$", "$$"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (starts(d, at, end, kinds[i][0])) return kinds[i][1];
    return NULL;
}

static int holds(const tt_doc *d, size_t at, size_t end, const char *what) {
    size_t n = strlen(what);
    for (; at + n <= end; at++)
        if (d->bytes[at] == *what && !memcmp(d->bytes + at, what, n)) return 1;
    return 0;
}

/* A line without its end, whose prefixes > are taken off, beginning at `at`; [next, next_end): the
   line behind it. */
static void line(struct blocks *b, size_t begin, size_t at, size_t end, size_t next,
                 size_t next_end) {
    tt_doc *d = b->d;
    const char *p = d->bytes;
    size_t text = skip(d, at, end), item;
    const size_t indent = text - at + (size_t)(memchr(p + at, '\t', text - at) ? 3 : 0);
    if (b->fence) {
        if (run_at(d, text, end, b->fence) >= b->fences && all_of(d, text, end, b->fence, 3))
            b->fence = 0;
        return;
    }
    if (text >= end) {
        flush(b);
        b->blank = 1;
        b->table = 0;
        return;
    }
    const int after_blank = b->blank || begin == 0;
    b->blank = 0;
    const char c = p[text];
    if ((c == '`' || c == '~') && run_at(d, text, end, c) >= 3 &&
        !(c == '`' &&
          memchr(p + text + run_at(d, text, end, c), '`', end - text - run_at(d, text, end, c)))) {
        flush(b);
        b->fence = c;
        b->fences = run_at(d, text, end, c);
        return;
    }
    if (after_blank && indent == 0 && item_at(d, text, end) <= text) b->list = 0;
    if (indent >= 4 && after_blank && !b->list) {
        b->blank = 1; /* code goes on */
        return;
    }
    if ((b->until = raw_until(d, text, end)) != NULL) {
        size_t past = text + (b->until[0] == '-' ? 4 : 2);
        flush(b);
        if (past <= end && holds(d, past, end, b->until)) b->until = NULL;
        return;
    }
    if (b->p.len && (all_of(d, text, end, '=', 1) || all_of(d, text, end, '-', 2))) {
        flush(b);
        return;
    }
    if (all_of(d, text, end, '-', 3) || all_of(d, text, end, '*', 3) ||
        all_of(d, text, end, '_', 3)) {
        flush(b);
        return;
    }
    if (memchr(p + text, '|', end - text) && (b->table || is_rule(d, next, next_end))) {
        if (!b->table) flush(b);
        b->table = 1;
        if (!is_rule(d, text, end)) cells(b, text, end);
        return;
    }
    if (c == '#') {
        size_t n = run_at(d, text, end, '#');
        if (n <= 6 && (text + n == end || p[text + n] == ' ' || p[text + n] == '\t')) {
            flush(b);
            text = skip(d, text + n, end);
            size_t to = end;
            while (to > text && p[to - 1] == '#') to--;
            if (to > text && p[to - 1] != ' ') to = end;
            while (to > text && p[to - 1] == ' ') to--;
            take(b, text, to);
            flush(b);
            return;
        }
    }
    size_t body = text;
    if (is_definition(d, &body, end)) {
        flush(b);
        return;
    }
    if (body != text) {
        flush(b);
        take(b, body, end);
        return;
    }
    while ((item = item_at(d, text, end)) > text) {
        flush(b);
        b->list = 1;
        text = item;
    }
    if (text < end) take(b, text, end);
}

int tt_markdown_read(tt_doc *d, tt_err *e) {
    struct blocks b = {.d = d, .p = {.form = TT_SPELL_MARKDOWN}};
    const char *p = d->bytes;
    size_t at = d->len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;
    size_t opened = 0;
    (void)e;
    for (int front = 0, first = 1; at < d->len && !d->failed; first = 0) {
        const char *nl = memchr(p + at, '\n', d->len - at);
        size_t next = nl ? (size_t)(nl - p) + 1 : d->len, end = nl ? next - 1 : next, from = at;
        if (end > at && p[end - 1] == '\r') end--;
        const char *nl2 = next < d->len
                              ? memchr(p + next, '\n', d->len - next < 4096 ? d->len - next : 4096)
                              : NULL;
        if (first && end - at == 3 && (starts(d, at, end, "---") || starts(d, at, end, "+++"))) {
            front = p[at];
        } else if (front) {
            if (end - at == 3 && all_of(d, at, end, (char)front, 3)) front = 0;
        } else if (b.until) {
            if (holds(d, at, end, b.until)) b.until = NULL;
        } else {
            for (size_t k; k = skip(d, from, end), k < end && p[k] == '>' && !b.fence;)
                from = k + 1 + (k + 1 < end && p[k + 1] == ' ');
            const int was = b.fence || b.until;
            line(&b, at, from, end, next,
                 nl2                                     ? (size_t)(nl2 - p)
                 : next < d->len && d->len - next < 4096 ? d->len
                                                         : next);
            if (!was && (b.fence || b.until)) opened = at;
        }
        at = next;
    }
    flush(&b);
    if (b.fence) tt_doc_note(d, opened, "code that does not end");
    if (b.until)
        tt_doc_note(d, opened, "%s is not there; what is before it is left as it is", b.until);
    return 0;
}
