/* json.c: see json.h. A recursive descent whose depth is counted. */
#include "port/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct parser {
    const char *at, *end, *file;
    size_t line;
    int depth;
    size_t values;
    tt_arena *a;
    tt_err *e;
};

static int wrong(struct parser *p, const char *what) {
    return tt_fail(p->e, TT_EFORMAT, "%s:%zu: %s", p->file, p->line, what);
}

static int no_room(struct parser *p) {
    return tt_fail(p->e, TT_ENOMEM, "%s: out of memory", p->file);
}

static void blanks(struct parser *p) {
    for (; p->at < p->end && strchr(" \t\r\n", *p->at) && *p->at; p->at++)
        p->line += *p->at == '\n';
}

static int peek(const struct parser *p) { return p->at < p->end ? (unsigned char)*p->at : -1; }

static bool hex4(struct parser *p, unsigned *u) {
    *u = 0;
    if (p->end - p->at < 4) return false;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)*p->at++;
        int digit = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
        if (digit < 0) return false;
        *u = *u << 4 | (unsigned)digit;
    }
    return true;
}

/* Behind a backslash. A surrogate without its partner becomes U+FFFD. */
static int escape(struct parser *p, char **out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = peek(p);
    if (c < 0) return wrong(p, "a string ends in a backslash");
    p->at++;
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        *(*out)++ = to[known - from];
        return 0;
    }
    unsigned u, low;
    if (c != 'u' || !hex4(p, &u)) return wrong(p, "an escape in a string that JSON does not have");
    if (u >= 0xD800 && u < 0xDC00 && p->end - p->at >= 6 && p->at[0] == '\\' && p->at[1] == 'u') {
        const char *back = p->at;
        p->at += 2;
        if (hex4(p, &low) && low >= 0xDC00 && low < 0xE000)
            u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
        else p->at = back;
    }
    if (u >= 0xD800 && u < 0xE000) u = 0xFFFD;
    *out += tt_utf8_put(*out, u);
    return 0;
}

static int string(struct parser *p, const char **text, size_t *len) {
    if (peek(p) != '"') return wrong(p, "expected a string");
    const char *begin = ++p->at, *q = begin;
    while (q < p->end && *q != '"') q += *q == '\\' && p->end - q > 1 ? 2 : 1;
    if (q >= p->end) return wrong(p, "a string that does not end");
    char *out = tt_arena_small(p->a, (size_t)(q - begin) + 1); /* escapes only shrink */
    if (!out) return no_room(p);
    *text = out;
    while (p->at < q) {
        unsigned char c = (unsigned char)*p->at++;
        if (c < ' ') return wrong(p, "a control character in a string");
        if (c == '\\') TT_TRY(escape(p, &out));
        else *out++ = (char)c;
    }
    p->at = q + 1;
    *out = 0;
    *len = (size_t)(out - *text);
    return 0;
}

static int number(struct parser *p, tt_json *j) {
    const char *begin = p->at;
    if (peek(p) == '-') p->at++;
    const char *digits = p->at;
    while (peek(p) >= '0' && peek(p) <= '9') p->at++;
    if (p->at == digits || (*digits == '0' && p->at - digits > 1))
        return wrong(p, "not a JSON value");
    if (peek(p) == '.') {
        digits = ++p->at;
        while (peek(p) >= '0' && peek(p) <= '9') p->at++;
        if (p->at == digits) return wrong(p, "a number without digits behind its point");
    }
    if (peek(p) == 'e' || peek(p) == 'E') {
        p->at++;
        if (peek(p) == '+' || peek(p) == '-') p->at++;
        digits = p->at;
        while (peek(p) >= '0' && peek(p) <= '9') p->at++;
        if (p->at == digits) return wrong(p, "a number without digits in its exponent");
    }
    j->kind = TT_JSON_NUMBER;
    j->len = (size_t)(p->at - begin);
    j->text = tt_arena_text(p->a, begin, j->len);
    if (!j->text) return no_room(p);
    j->number = strtod(j->text, NULL);
    return 0;
}

static bool word(struct parser *p, const char *w) {
    size_t n = strlen(w);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, w, n)) return false;
    p->at += n;
    return true;
}

static int by_key(const void *a, const void *b) {
    const tt_json *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static int index_members(struct parser *p, tt_json *j) {
    j->sorted = tt_arena_alloc(p->a, (j->count + 1) * sizeof(tt_json *));
    if (!j->sorted) return no_room(p);
    size_t n = 0;
    for (tt_json *m = j->child; m; m = m->next) j->sorted[n++] = m;
    qsort(j->sorted, n, sizeof(tt_json *), by_key);
    for (size_t i = 1; i < n; i++)
        if (!strcmp(j->sorted[i - 1]->key, j->sorted[i]->key))
            return tt_fail(p->e, TT_EFORMAT, "%s: the key \"%.60s\" is there twice", p->file,
                           j->sorted[i]->key);
    return 0;
}

static int value(struct parser *p, tt_json *j);

/* Elements or members up to the closing bracket; the opening one is read. */
static int collection(struct parser *p, tt_json *j, int close) {
    tt_json **last = &j->child;
    if (++p->depth > TT_JSON_DEPTH)
        return tt_fail(p->e, TT_EFORMAT, "%s:%zu: nested deeper than %d", p->file, p->line,
                       (int)TT_JSON_DEPTH);
    blanks(p);
    if (peek(p) == close) {
        p->at++;
    } else {
        for (;;) {
            tt_json *x = tt_arena_small(p->a, sizeof *x);
            if (!x) return no_room(p);
            *x = (tt_json){0};
            blanks(p);
            if (close == '}') {
                TT_TRY(string(p, &x->key, &x->key_len));
                if (strlen(x->key) != x->key_len) return wrong(p, "a key with a NUL in it");
                blanks(p);
                if (!word(p, ":")) return wrong(p, "expected a colon behind a key");
            }
            TT_TRY(value(p, x));
            *last = x;
            last = &x->next;
            j->count++;
            blanks(p);
            if (word(p, ",")) continue;
            if (peek(p) != close)
                return wrong(p, close == '}' ? "expected , or }" : "expected , or ]");
            p->at++;
            break;
        }
    }
    p->depth--;
    return close == '}' ? index_members(p, j) : 0;
}

static int value(struct parser *p, tt_json *j) {
    if (++p->values > TT_JSON_VALUES)
        return tt_fail(p->e, TT_EFORMAT, "%s:%zu: more than %d values", p->file, p->line,
                       (int)TT_JSON_VALUES);
    blanks(p);
    switch (peek(p)) {
    case '{':
        p->at++;
        j->kind = TT_JSON_OBJECT;
        return collection(p, j, '}');
    case '[':
        p->at++;
        j->kind = TT_JSON_ARRAY;
        return collection(p, j, ']');
    case '"': j->kind = TT_JSON_STRING; return string(p, &j->text, &j->len);
    case 't': j->kind = TT_JSON_TRUE; return word(p, "true") ? 0 : wrong(p, "not a JSON value");
    case 'f': j->kind = TT_JSON_FALSE; return word(p, "false") ? 0 : wrong(p, "not a JSON value");
    case 'n': j->kind = TT_JSON_NULL; return word(p, "null") ? 0 : wrong(p, "not a JSON value");
    default: return number(p, j);
    }
}

int tt_json_read(tt_json **root, const char *text, size_t len, const char *file, tt_arena *a,
                 tt_err *e) {
    struct parser p = {text, text + len, file, 1, 0, 0, a, e};
    *root = tt_arena_zero(a, sizeof **root);
    if (!*root) return no_room(&p);
    TT_TRY(value(&p, *root));
    blanks(&p);
    return p.at == p.end ? 0 : wrong(&p, "something stands behind the JSON value");
}

const tt_json *tt_json_get(const tt_json *j, const char *key) {
    tt_json want = {.key = key}, *pointer = &want;
    if (!j || j->kind != TT_JSON_OBJECT || !j->count) return NULL;
    tt_json **found = bsearch(&pointer, j->sorted, j->count, sizeof(tt_json *), by_key);
    return found ? *found : NULL;
}

char *tt_json_quote(const char *text, size_t len, tt_arena *a) {
    char *out = tt_arena_alloc(a, 6 * len + 3), *p = out;
    if (!out) return NULL;
    *p++ = '"';
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') *p++ = '\\', *p++ = (char)c;
        else if (c < ' ' || c == 127) p += snprintf(p, 7, "\\u%04x", c);
        else *p++ = (char)c;
    }
    *p++ = '"';
    *p = 0;
    return out;
}
