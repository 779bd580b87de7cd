/* json.c: see json.h. The tree is made by a recursive descent whose depth is counted; what nobody
 * asked for is passed with a stack of bits, which says of each open bracket whether it was an
 * object's.
 */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* ---- value by value ------------------------------------------------------------------------ */

int tt_json_expected(tt_json_in *in, const char *what) {
    if (!in->file)
        return tt_fail(in->e, in->code, "byte %zu: expected %s", (size_t)(in->at - in->begin) + 1,
                       what);
    size_t line = 1;
    for (const char *p = in->begin; p < in->at; p++) line += *p == '\n';
    return tt_fail(in->e, in->code, "%s:%zu: expected %s", in->file, line, what);
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

char tt_json_peek(tt_json_in *in) {
    while (in->at < in->end && is_blank(*in->at)) in->at++;
    return in->at < in->end ? *in->at : 0;
}

bool tt_json_word(tt_json_in *in, const char *word) {
    const size_t n = strlen(word);
    tt_json_peek(in);
    if ((size_t)(in->end - in->at) < n || memcmp(in->at, word, n)) return false;
    in->at += n;
    return true;
}

/* Four hexadecimal digits. */
static bool hex4(const char *p, const char *end, uint32_t *code) {
    *code = 0;
    if (end - p < 4) return false;
    for (int i = 0; i < 4; i++) {
        const int c = (unsigned char)p[i];
        const int digit = c >= '0' && c <= '9'                 ? c - '0'
                          : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                               : -1;
        if (digit < 0) return false;
        *code = *code << 4 | (uint32_t)digit;
    }
    return true;
}

size_t tt_json_escape(const char *p, const char *end, uint32_t *code) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *known = end - p > 1 && p[1] ? strchr(names, p[1]) : NULL;
    uint32_t low;
    if (known) {
        *code = (unsigned char)values[known - names];
        return 2;
    }
    if (end - p < 6 || p[1] != 'u' || !hex4(p + 2, end, code)) return 0;
    if (*code < 0xd800 || *code > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u' ||
        !hex4(p + 8, end, &low) || low < 0xdc00 || low > 0xdfff)
        return 6;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}

/* The end of the string whose text begins at p; `end`: there is none. */
static const char *string_end(const char *p, const char *end, bool *escaped, bool *control) {
    for (; p < end && *p != '"'; p++) {
        *control |= (unsigned char)*p < ' ';
        if (*p == '\\') *escaped = true, p += end - p > 1;
    }
    return p;
}

int tt_json_string(tt_json_in *in, tt_span *to) {
    bool escaped = false, control = false;
    if (tt_json_peek(in) != '"') return tt_json_expected(in, "a string");
    const char *from = ++in->at, *last = string_end(from, in->end, &escaped, &control);
    if (last >= in->end) {
        in->at = in->end;
        return tt_json_expected(in, "the end of the string");
    }
    if (control && !in->lenient) return tt_json_expected(in, "a string without control characters");
    *to = (tt_span){from, (size_t)(last - from)};
    if (escaped) {
        char *out = tt_arena_small(in->a, to->len + 1); /* an escape is longer than its character */
        if (!out)
            return tt_fail(in->e, TT_ENOMEM, "out of memory for a string of %zu bytes", to->len);
        *to = (tt_span){out, 0};
        while (in->at < last) {
            if (*in->at != '\\') {
                out[to->len++] = *in->at++;
                continue;
            }
            uint32_t code;
            const size_t used = tt_json_escape(in->at, last, &code);
            if (!used) {
                in->at++;
                return tt_json_expected(in, "an escape such as \\n or \\u00e9");
            }
            in->at += used;
            to->len += tt_utf8_put(out + to->len, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
        }
        out[to->len] = 0;
    }
    in->at = last + 1;
    return 0;
}

/* Passes digits; 0: there are none. */
static size_t digits(tt_json_in *in) {
    const char *from = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
    return (size_t)(in->at - from);
}

static bool passes(tt_json_in *in, const char *set) {
    if (in->at == in->end || !*in->at || !strchr(set, *in->at)) return false;
    in->at++;
    return true;
}

int tt_json_number(tt_json_in *in, tt_span *to) {
    const char *from = (tt_json_peek(in), in->at);
    passes(in, "-");
    const char *first = in->at;
    const size_t n = digits(in);
    if (!n) return tt_json_expected(in, "a digit");
    if (n > 1 && *first == '0' && !in->lenient)
        return tt_json_expected(in, "a number without zeros before it");
    if (passes(in, ".") && !digits(in)) return tt_json_expected(in, "a digit");
    if (passes(in, "eE")) {
        passes(in, "+-");
        if (!digits(in)) return tt_json_expected(in, "a digit");
    }
    *to = (tt_span){from, (size_t)(in->at - from)};
    return 0;
}

int tt_json_name(tt_json_in *in, tt_span *name) {
    TT_TRY(tt_json_string(in, name));
    return tt_json_word(in, ":") ? 0 : tt_json_expected(in, "':'");
}

static bool begins_number(char c) { return c == '-' || (c >= '0' && c <= '9'); }

/* A string, a number, true, false or null. */
static int skip_plain(tt_json_in *in) {
    const char c = tt_json_peek(in);
    tt_span unused;
    if (c == '"') return tt_json_string(in, &unused);
    if (begins_number(c)) return tt_json_number(in, &unused);
    if (tt_json_word(in, "true") || tt_json_word(in, "false") || tt_json_word(in, "null")) return 0;
    return tt_json_expected(in, "a value");
}

/* Its `objects` has a bit for each open bracket: 1 for {. */
int tt_json_skip(tt_json_in *in) {
    uint64_t objects = 0;
    int depth = 0;
    tt_span name;
    for (;;) {
        char c = tt_json_peek(in);
        if (c == '{' || c == '[') { /* a value begins, and may be empty */
            if (depth == TT_JSON_DEPTH) return tt_json_expected(in, "values nested less deep");
            objects = objects << 1 | (c == '{');
            depth++;
            in->at++;
            if (tt_json_peek(in) != (c == '{' ? '}' : ']')) {
                if (c == '{') TT_TRY(tt_json_name(in, &name));
                continue;
            }
        } else {
            TT_TRY(skip_plain(in));
        }
        for (; depth; depth--, objects >>= 1) { /* a value is over: brackets may close */
            c = tt_json_peek(in);
            if (c == ',') break;
            if (c != (objects & 1 ? '}' : ']'))
                return tt_json_expected(in, objects & 1 ? "',' or '}'" : "',' or ']'");
            in->at++;
        }
        if (!depth) return 0;
        in->at++; /* the comma */
        if (objects & 1) TT_TRY(tt_json_name(in, &name));
    }
}

/* ---- as a tree ----------------------------------------------------------------------------- */

struct tree {
    tt_json_in in;
    int depth;
    size_t values;
};

static int no_room(struct tree *t) {
    return tt_fail(t->in.e, TT_ENOMEM, "%s: out of memory", t->in.file);
}

/* A copy that a NUL ends. */
static int keep(struct tree *t, const char **text, size_t *len, tt_span s) {
    *text = tt_arena_text(t->in.a, s.text, s.len);
    *len = s.len;
    return *text ? 0 : no_room(t);
}

static int by_key(const void *a, const void *b) {
    const tt_json *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

static int index_members(struct tree *t, tt_json *j) {
    j->sorted = tt_arena_alloc(t->in.a, (j->count + 1) * sizeof(tt_json *));
    if (!j->sorted) return no_room(t);
    size_t n = 0;
    for (tt_json *m = j->child; m; m = m->next) j->sorted[n++] = m;
    qsort(j->sorted, n, sizeof(tt_json *), by_key);
    for (size_t i = 1; i < n; i++)
        if (!strcmp(j->sorted[i - 1]->key, j->sorted[i]->key))
            return tt_fail(t->in.e, TT_EFORMAT, "%s: the key \"%.60s\" is there twice", t->in.file,
                           j->sorted[i]->key);
    return 0;
}

static int value(struct tree *t, tt_json *j);

static int member(struct tree *t, tt_json *j, tt_json ***last, bool named) {
    tt_json *x = tt_arena_small(t->in.a, sizeof *x);
    tt_span name;
    if (!x) return no_room(t);
    *x = (tt_json){0};
    if (named) {
        TT_TRY(tt_json_name(&t->in, &name));
        TT_TRY(keep(t, &x->key, &x->key_len, name));
        if (strlen(x->key) != x->key_len) return tt_json_expected(&t->in, "a key without a NUL");
    }
    TT_TRY(value(t, x));
    **last = x;
    *last = &x->next;
    j->count++;
    return 0;
}

/* Elements or members up to the closing bracket; the opening one is read. */
static int collection(struct tree *t, tt_json *j, const char *close) {
    tt_json **last = &j->child;
    const bool named = *close == '}';
    if (++t->depth > TT_JSON_DEPTH) return tt_json_expected(&t->in, "values nested less deep");
    if (!tt_json_word(&t->in, close)) {
        do TT_TRY(member(t, j, &last, named));
        while (tt_json_word(&t->in, ","));
        if (!tt_json_word(&t->in, close))
            return tt_json_expected(&t->in, named ? "',' or '}'" : "',' or ']'");
    }
    t->depth--;
    return named ? index_members(t, j) : 0;
}

static int value(struct tree *t, tt_json *j) {
    tt_span s;
    if (++t->values > TT_JSON_VALUES)
        return tt_fail(t->in.e, TT_EFORMAT, "%s: more than %d values", t->in.file,
                       (int)TT_JSON_VALUES);
    const char c = tt_json_peek(&t->in);
    if (c == '{' || c == '[') {
        t->in.at++;
        j->kind = c == '{' ? TT_JSON_OBJECT : TT_JSON_ARRAY;
        return collection(t, j, c == '{' ? "}" : "]");
    }
    if (c == '"') {
        j->kind = TT_JSON_STRING;
        TT_TRY(tt_json_string(&t->in, &s));
        return keep(t, &j->text, &j->len, s);
    }
    if (begins_number(c)) {
        j->kind = TT_JSON_NUMBER;
        TT_TRY(tt_json_number(&t->in, &s));
        TT_TRY(keep(t, &j->text, &j->len, s));
        j->number = strtod(j->text, NULL);
        return 0;
    }
    j->kind = tt_json_word(&t->in, "true")    ? TT_JSON_TRUE
              : tt_json_word(&t->in, "false") ? TT_JSON_FALSE
              : tt_json_word(&t->in, "null")  ? TT_JSON_NULL
                                              : -1;
    return j->kind < 0 ? tt_json_expected(&t->in, "a value") : 0;
}

int tt_json_read(tt_json **root, const char *text, size_t len, const char *file, tt_arena *a,
                 tt_err *e) {
    struct tree t = {.in = {text, text, text + len, file, TT_EFORMAT, false, a, e}};
    *root = tt_arena_zero(a, sizeof **root);
    if (!*root) return no_room(&t);
    TT_TRY(value(&t, *root));
    tt_json_peek(&t.in);
    return t.in.at == t.in.end ? 0 : tt_json_expected(&t.in, "nothing behind the value");
}

const tt_json *tt_json_get(const tt_json *j, const char *key) {
    tt_json want = {.key = key}, *pointer = &want;
    if (!j || j->kind != TT_JSON_OBJECT || !j->count) return NULL;
    tt_json **found = bsearch(&pointer, j->sorted, j->count, sizeof(tt_json *), by_key);
    return found ? *found : NULL;
}

/* ---- written ------------------------------------------------------------------------------- */

void tt_json_write(void (*put)(void *to, const char *p, size_t n), void *to, const char *text,
                   size_t len, unsigned style) {
    char made[13];
    put(to, "\"", 1);
    for (size_t i = 0; i < len;) {
        const unsigned char c = (unsigned char)text[i];
        uint32_t code = c;
        const int step = c < 0x80 ? 1 : tt_utf8_next(text + i, len - i, &code);
        size_t n = (size_t)(step < 0 ? -step : step), m = 0;
        if (step < 0 && style & TT_JSON_ASCII) code = 0xdc00u + c, n = 1;
        if (code == '"' || code == '\\') m = (size_t)snprintf(made, sizeof made, "\\%c", (int)code);
        else if (style & TT_JSON_SHORT && (code == '\n' || code == '\t' || code == '\r'))
            m = (size_t)snprintf(made, sizeof made, "\\%c",
                                 code == '\n'   ? 'n'
                                 : code == '\t' ? 't'
                                                : 'r');
        else if (code < ' ' || code == 127 || (style & TT_JSON_NO_TAG && code == '<') ||
                 (style & TT_JSON_ASCII && code > 127 && code < 0x10000))
            m = (size_t)snprintf(made, sizeof made, "\\u%04x", (unsigned)code);
        else if (style & TT_JSON_ASCII && code > 127)
            m = (size_t)snprintf(made, sizeof made, "\\u%04x\\u%04x",
                                 0xd800u + (unsigned)((code - 0x10000) >> 10),
                                 0xdc00u + (unsigned)(code & 0x3ff));
        else if (step < 0) m = tt_utf8_put(made, 0xfffd);
        put(to, m ? made : text + i, m ? m : n);
        i += n;
    }
    put(to, "\"", 1);
}

struct quoted {
    char *p;
    size_t n;
};

static void count_bytes(void *to, const char *p, size_t n) {
    (void)p;
    ((struct quoted *)to)->n += n;
}

static void copy_bytes(void *to, const char *p, size_t n) {
    struct quoted *q = to;
    memcpy(q->p + q->n, p, n);
    q->n += n;
}

char *tt_json_quote(const char *text, size_t len, tt_arena *a) {
    struct quoted q = {NULL, 0};
    tt_json_write(count_bytes, &q, text, len, 0);
    q = (struct quoted){tt_arena_alloc(a, q.n + 1), 0};
    if (!q.p) return NULL;
    tt_json_write(copy_bytes, &q, text, len, 0);
    q.p[q.n] = 0;
    return q.p;
}
