/* tags.c: see tags.h. One pass finds tokens, a second one pairs: with the number of open elements
 * of each name at hand, an end that closes nothing is known at once, and one that closes something
 * takes down what is above it, so each tag is looked at twice at most. A tag that runs to the end
 * of the document without its > makes all the rest one token, for looking again behind it would
 * take quadratic time.
 */
#include "markup/tags.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"

#include "markup/gather.h"

static const char EMPTY[] = "area base br col embed hr img input link meta param source track wbr";
/* What HTML lets unclosed. */
static const char LOOSE[] =
    "p li dt dd option optgroup tr td th thead tbody tfoot colgroup caption rp rt html head body";
static const char RAW[] = "script style textarea title";

static bool is_name_xml(char c) {
    return tt_ascii_letter(c) || c == '_' || c == ':' || (unsigned char)c >= 0x80;
}
static bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c; }

bool tt_same_name(tt_span a, const char *name) {
    size_t n = strlen(name);
    if (a.len != n) return false;
    for (size_t i = 0; i < n; i++)
        if (lower(a.text[i]) != lower(name[i])) return false;
    return true;
}

bool tt_token_is(const tt_doc *d, const tt_token *t, const char *names) {
    const char *name = d->bytes + t->name;
    while (*names) {
        size_t n = strcspn(names, " "), i = 0;
        while (n == t->name_len && i < n && lower(name[i]) == lower(names[i])) i++;
        if (n && n == t->name_len && i == n) return true;
        names += n + strspn(names + n, " ");
    }
    return false;
}

int tt_token_next(const tt_doc *d, const tt_token *t, size_t *at, tt_span *name, tt_span *value,
                  char *quote) {
    const char *p = d->bytes;
    size_t i = *at ? *at : t->name + t->name_len, end = t->end;
    while (i < end && (is_white(p[i]) || p[i] == '/')) i++;
    if (i >= end || p[i] == '>' || p[i] == '<') return 0;
    size_t from = i;
    for (i++; i < end && !is_white(p[i]) && p[i] != '=' && p[i] != '>' && p[i] != '/'; i++)
        continue;
    *name = (tt_span){p + from, i - from};
    *value = (tt_span){NULL, 0};
    *quote = 0;
    size_t eq = i;
    while (eq < end && is_white(p[eq])) eq++;
    if (eq < end && p[eq] == '=') {
        for (i = eq + 1; i < end && is_white(p[i]); i++) continue;
        from = i;
        if (i < end && (p[i] == '"' || p[i] == '\'')) {
            const char *q = memchr(p + i + 1, p[i], end - i - 1);
            *quote = p[i];
            from = i + 1;
            i = q ? (size_t)(q - p) : end;
            *value = (tt_span){p + from, i - from};
            i += q != NULL;
        } else {
            while (i < end && !is_white(p[i]) && p[i] != '>') i++;
            *value = (tt_span){p + from, i - from};
        }
    }
    *at = i;
    return 1;
}

tt_span tt_token_attribute(const tt_doc *d, const tt_token *t, const char *name, char *quote) {
    tt_span n, v;
    char q;
    for (size_t at = 0; tt_token_next(d, t, &at, &n, &v, &q);)
        if (tt_same_name(n, name)) {
            if (quote) *quote = q;
            return v.text ? v : (tt_span){"", 0};
        }
    return (tt_span){NULL, 0};
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void add(tt_tokens *t, tt_doc *d, int kind, size_t begin, size_t end, size_t name,
                size_t name_len) {
    if (begin == end) return;
    tt_token *p = tt_doc_more(d, t->token, t->count, &t->cap, sizeof *p);
    if (!p) return;
    t->token = p;
    p[t->count++] = (tt_token){.begin = begin,
                               .end = end,
                               .name = name,
                               .pair = TT_NO_KEY,
                               .name_len = (uint32_t)name_len,
                               .kind = (uint8_t)kind};
}

static size_t find(const tt_doc *d, size_t from, const char *what) {
    size_t n = strlen(what);
    for (const char *p = d->bytes + from, *end = d->bytes + d->len; (size_t)(end - p) >= n; p++) {
        p = memchr(p, *what, (size_t)(end - p) - n + 1);
        if (!p) break;
        if (!memcmp(p, what, n)) return (size_t)(p - d->bytes);
    }
    return TT_NO_KEY;
}

/* Where the raw text of <script> ends: at </script, or at the end of all. */
static size_t raw_end(const tt_doc *d, size_t from, const char *name, size_t n) {
    for (size_t i = from; i + n + 2 <= d->len; i++) {
        const char *p = memchr(d->bytes + i, '<', d->len - i);
        if (!p) break;
        i = (size_t)(p - d->bytes);
        if (i + n + 2 > d->len || p[1] != '/') continue;
        size_t k = 0;
        while (k < n && lower(p[2 + k]) == lower(name[k])) k++;
        if (k == n && (i + n + 2 == d->len || !tt_ascii_letter(p[2 + n]))) return i;
    }
    return d->len;
}

/* Where the tag that begins at `at` ends, behind its >; 0: at a < before that, *stop; TT_NO_KEY:
   nowhere. */
static size_t tag_end(const tt_doc *d, size_t at, size_t *stop) {
    const char *p = d->bytes;
    for (size_t i = at + 1; i < d->len; i++) {
        if (p[i] == '>') return i + 1;
        if (p[i] == '<') {
            *stop = i;
            return 0;
        }
        if ((p[i] == '"' || p[i] == '\'') && (p[i - 1] == '=' || is_white(p[i - 1]))) {
            const char *q = memchr(p + i + 1, p[i], d->len - i - 1);
            if (!q) return TT_NO_KEY;
            i = (size_t)(q - p);
        }
    }
    return TT_NO_KEY;
}

/* <!-- -->, <!DOCTYPE >, <![CDATA[ ]]>, <? ?>. Returns where the token ends. */
static size_t declaration(tt_tokens *t, tt_doc *d, size_t at) {
    static const struct {
        const char *open, *close;
    } kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", ">"}, {"<!", ">"}};
    size_t i = 0, n;
    while (n = strlen(kinds[i].open), d->len - at < n || memcmp(d->bytes + at, kinds[i].open, n))
        i++;
    size_t end = find(d, at + n, kinds[i].close);
    if (end == TT_NO_KEY) {
        tt_doc_note(d, at, "%s does not end; what is behind it is left as it is", kinds[i].open);
        end = d->len;
    } else {
        if (i == 3 && t->count < 8) { /* a DOCTYPE, with declarations of its own in [ ] */
            const char *b = memchr(d->bytes + at, '[', end - at);
            size_t inner = b ? find(d, at, "]>") : TT_NO_KEY;
            if (inner != TT_NO_KEY) end = inner + 1;
        }
        end += strlen(kinds[i].close);
    }
    add(t, d, i == 1 ? TT_TOKEN_CDATA : TT_TOKEN_OTHER, at, end, at, 0);
    return end;
}

/* The tag at `at`. Returns where it ends, or `at` where there is none. */
static size_t tag(tt_tokens *t, tt_doc *d, int how, size_t at) {
    const char *p = d->bytes;
    int closing = at + 1 < d->len && p[at + 1] == '/';
    size_t name = at + 1 + (size_t)closing, i = name, stop = 0;
    if (at + 1 < d->len && (p[at + 1] == '!' || p[at + 1] == '?')) return declaration(t, d, at);
    if (i >= d->len || !(how == TT_TAGS_HTML ? tt_ascii_letter(p[i]) : is_name_xml(p[i]))) {
        if (how == TT_TAGS_XML) tt_doc_note(d, at, "a < that begins no tag");
        return at;
    }
    while (i < d->len && !is_white(p[i]) && p[i] != '>' && p[i] != '/' && p[i] != '<') i++;
    size_t end = tag_end(d, at, &stop);
    const int shown = i - name < 30 ? (int)(i - name) : 30;
    if (!end || end == TT_NO_KEY) {
        tt_doc_note(d, at, "the tag <%.*s does not end%s", shown, p + name,
                    end ? "; what is behind it is left as it is" : "");
        end = end ? d->len : stop;
        add(t, d, TT_TOKEN_OTHER, at, end, at, 0);
        return end;
    }
    add(t, d, closing ? TT_TOKEN_CLOSE : TT_TOKEN_OPEN, at, end, name, i - name);
    if (d->failed) return end;
    tt_token *k = &t->token[t->count - 1];
    if (!closing &&
        ((p[end - 2] == '/' && end - 2 >= i) || (how == TT_TAGS_HTML && tt_token_is(d, k, EMPTY))))
        k->kind = TT_TOKEN_EMPTY;
    if (how == TT_TAGS_HTML && k->kind == TT_TOKEN_OPEN && tt_token_is(d, k, RAW)) {
        size_t raw = raw_end(d, end, p + name, i - name);
        int kind = tt_token_is(d, k, "title textarea") ? TT_TOKEN_TEXT : TT_TOKEN_OTHER;
        if (raw == d->len)
            tt_doc_note(d, at, "<%.*s> does not end; what is behind it is left as it is", shown,
                        p + name);
        add(t, d, raw == d->len ? TT_TOKEN_OTHER : kind, end, raw, end, 0);
        return raw;
    }
    return end;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

/* Open elements by name: an open-addressing table of first tokens and counts. */
struct names {
    size_t *first, *open;
    size_t mask;
    int how;
};

static size_t *slot(const struct names *s, const tt_doc *d, const tt_tokens *t, size_t i) {
    const tt_token *k = &t->token[i];
    const char *p = d->bytes + k->name;
    uint64_t h = 0;
    for (size_t c = 0; c < k->name_len; c++)
        h = tt_hash_add(h, (unsigned char)(s->how == TT_TAGS_HTML ? lower(p[c]) : p[c]));
    for (size_t at = h & s->mask;; at = (at + 1) & s->mask) {
        if (s->first[at] == TT_NO_KEY) s->first[at] = i;
        const tt_token *o = &t->token[s->first[at]];
        const char *q = d->bytes + o->name;
        size_t c = 0;
        if (o->name_len != k->name_len) continue;
        while (c < k->name_len &&
               (s->how == TT_TAGS_HTML ? lower(p[c]) == lower(q[c]) : p[c] == q[c]))
            c++;
        if (c == k->name_len) return &s->open[at];
    }
}

static void not_closed(tt_doc *d, int how, const tt_token *k) {
    if (how == TT_TAGS_HTML && tt_token_is(d, k, LOOSE)) return;
    tt_doc_note(d, k->begin, "<%.*s> is not closed", k->name_len < 30 ? (int)k->name_len : 30,
                d->bytes + k->name);
}

static int pair_up(tt_tokens *t, tt_doc *d, int how, tt_err *e) {
    struct names s = {.how = how};
    size_t cap = 16, depth = 0;
    while (cap < 2 * t->count) cap *= 2;
    s.mask = cap - 1;
    s.first = tt_arena_alloc(d->a, cap * sizeof *s.first);
    s.open = tt_arena_zero(d->a, cap * sizeof *s.open);
    size_t *stack = tt_arena_alloc(d->a, (t->count + 1) * sizeof *stack);
    if (!s.first || !s.open || !stack)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu tags", t->count);
    memset(s.first, 0xff, cap * sizeof *s.first);
    for (size_t i = 0; i < t->count; i++) {
        tt_token *k = &t->token[i];
        if (k->kind == TT_TOKEN_OPEN) {
            ++*slot(&s, d, t, i);
            stack[depth++] = i;
        } else if (k->kind == TT_TOKEN_CLOSE) {
            size_t *open = slot(&s, d, t, i);
            if (!*open) {
                if (how == TT_TAGS_XML || !tt_token_is(d, k, "p br"))
                    tt_doc_note(d, k->begin, "</%.*s> closes nothing",
                                k->name_len < 30 ? (int)k->name_len : 30, d->bytes + k->name);
                continue;
            }
            for (;;) {
                size_t top = stack[--depth];
                size_t *above = slot(&s, d, t, top);
                --*above;
                if (above == open) {
                    t->token[top].pair = i;
                    k->pair = top;
                    break;
                }
                not_closed(d, how, &t->token[top]);
            }
        }
    }
    for (size_t i = 0; i < depth; i++) not_closed(d, how, &t->token[stack[i]]);
    return 0;
}

int tt_tags_scan(tt_tokens *t, tt_doc *d, int how, tt_err *e) {
    size_t text = 0;
    *t = (tt_tokens){NULL, 0, 0};
    if (d->len >= 3 && !memcmp(d->bytes, "\xef\xbb\xbf", 3)) {
        add(t, d, TT_TOKEN_OTHER, 0, 3, 0, 0);
        text = 3;
    }
    for (size_t i = text; i < d->len && !d->failed;) {
        const char *p = memchr(d->bytes + i, '<', d->len - i);
        if (!p) break;
        size_t at = (size_t)(p - d->bytes), before = t->count;
        if (at > text) add(t, d, TT_TOKEN_TEXT, text, at, at, 0);
        size_t end = tag(t, d, how, at);
        if (end == at) { /* a < as text: goes with what stands before it */
            if (t->count > before) t->count = before;
            i = at + 1;
            continue;
        }
        i = text = end;
    }
    if (d->len > text) add(t, d, TT_TOKEN_TEXT, text, d->len, d->len, 0);
    if (d->failed) return tt_fail(e, TT_ENOMEM, "out of memory for the tags of a document");
    return pair_up(t, d, how, e);
}
