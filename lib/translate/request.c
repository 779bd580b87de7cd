/* request.c: see request.h. One pass over the bytes; values that nobody asked for are walked
 * through with a stack of bits, which says of each open bracket whether it was an object's.
 */
#include "translate/request.h"

#include <stdio.h>
#include <string.h>

struct reader {
    const char *begin, *p, *end;
    tt_arena *a;
    tt_err *e;
};

static int fail(struct reader *r, const char *expected) {
    return tt_fail(r->e, TT_EDATA, "byte %zu: expected %s", (size_t)(r->p - r->begin) + 1,
                   expected);
}

static int is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static char next(struct reader *r) { /* the next byte that is no space, 0 at the end */
    while (r->p < r->end && is_space(*r->p)) r->p++;
    return r->p < r->end ? *r->p : 0;
}

static int hex4(const char *p, const char *end, uint32_t *code) {
    *code = 0;
    if (end - p < 4) return 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9' ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return 0;
        *code = *code << 4 | (uint32_t)digit;
    }
    return 1;
}

static size_t utf8(char *out, uint32_t c) {
    if (c < 0x80) return out[0] = (char)c, 1;
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(n == 2 ? 0xc0 | c : n == 3 ? 0xe0 | c : 0xf0 | c);
    return n;
}

/* Four digits behind \u, with the second half of a pair; a half alone is U+FFFD. */
static int escaped_code(struct reader *r, uint32_t *code) {
    uint32_t low;
    r->p++;
    if (!hex4(r->p, r->end, code)) return fail(r, "four hexadecimal digits");
    r->p += 4;
    if (*code < 0xd800 || *code > 0xdfff) return 0;
    if (*code < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u' &&
        hex4(r->p + 2, r->end, &low) && low >= 0xdc00 && low <= 0xdfff) {
        *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
        r->p += 6;
    } else {
        *code = 0xfffd;
    }
    return 0;
}

/* A string, its escapes undone. */
static int read_string(struct reader *r, tt_span *to) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (next(r) != '"') return fail(r, "a string");
    const char *from = ++r->p;
    while (r->p < r->end && *r->p != '"' && *r->p != '\\') r->p++;
    if (r->p < r->end && *r->p == '"') {
        *to = (tt_span){from, (size_t)(r->p++ - from)};
        return 0;
    }
    /* an escape is longer than its character */
    char *out = tt_arena_alloc(r->a, (size_t)(r->end - from) + 1);
    if (!out) return tt_fail(r->e, TT_ENOMEM, "out of memory for a line");
    size_t n = (size_t)(r->p - from);
    memcpy(out, from, n);
    while (r->p < r->end && *r->p != '"') {
        if (*r->p != '\\') {
            out[n++] = *r->p++;
            continue;
        }
        r->p++;
        const char *at = r->p < r->end && *r->p ? strchr(names, *r->p) : NULL;
        if (at) {
            out[n++] = values[at - names];
            r->p++;
        } else if (r->p < r->end && *r->p == 'u') {
            uint32_t code;
            TT_TRY(escaped_code(r, &code));
            n += utf8(out + n, code);
        } else {
            return fail(r, "an escape such as \\n or \\u00e9");
        }
    }
    if (r->p == r->end) return fail(r, "the end of the string");
    r->p++;
    *to = (tt_span){out, n};
    return 0;
}

/* Digits; how many. */
static int digits(struct reader *r) {
    const char *from = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9') r->p++;
    return r->p > from;
}

static int read_number(struct reader *r) {
    if (*r->p == '-') r->p++;
    if (!digits(r)) return fail(r, "a digit");
    if (r->p < r->end && *r->p == '.') {
        r->p++;
        if (!digits(r)) return fail(r, "a digit");
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        r->p++;
        if (r->p < r->end && (*r->p == '+' || *r->p == '-')) r->p++;
        if (!digits(r)) return fail(r, "a digit");
    }
    return 0;
}

/* A string, a number, true, false or null. */
static int skip_plain(struct reader *r) {
    static const char *const words[] = {"true", "false", "null"};
    char c = next(r);
    tt_span unused;
    if (c == '"') return read_string(r, &unused);
    if (c == '-' || (c >= '0' && c <= '9')) return read_number(r);
    for (int i = 0; i < 3; i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(r->end - r->p) >= n && !memcmp(r->p, words[i], n)) {
            r->p += n;
            return 0;
        }
    }
    return fail(r, "a value");
}

static int read_name(struct reader *r, tt_span *name) {
    TT_TRY(read_string(r, name));
    if (next(r) != ':') return fail(r, "':'");
    r->p++;
    return 0;
}

/* Any value. `objects` has a bit for each open bracket: 1 for {. */
static int skip(struct reader *r) {
    uint64_t objects = 0;
    int depth = 0;
    tt_span name;
    for (;;) {
        char c = next(r);
        if (c == '{' || c == '[') { /* a value begins, and may be empty */
            if (depth == TT_REQUEST_DEPTH) return fail(r, "values nested less deep");
            objects = objects << 1 | (c == '{');
            depth++;
            r->p++;
            if (next(r) != (c == '{' ? '}' : ']')) {
                if (c == '{') TT_TRY(read_name(r, &name));
                continue;
            }
        } else {
            TT_TRY(skip_plain(r));
        }
        for (; depth; depth--, objects >>= 1) { /* a value is over: brackets may close */
            c = next(r);
            if (c == ',') break;
            if (c != (objects & 1 ? '}' : ']'))
                return fail(r, objects & 1 ? "',' or '}'" : "',' or ']'");
            r->p++;
        }
        if (!depth) return 0;
        r->p++; /* the comma */
        if (objects & 1) TT_TRY(read_name(r, &name));
    }
}

static int is(tt_span name, const char *word) {
    return name.len == strlen(word) && !memcmp(name.text, word, name.len);
}

/* A whole number from 1 to 64. */
static int read_count(struct reader *r, int *to) {
    const char *from = (next(r), r->p);
    int n = 0;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && n < 1000) n = 10 * n + (*r->p++ - '0');
    if (n >= 1 && n <= 64) return *to = n, 0;
    r->p = from;
    return fail(r, "a whole number from 1 to 64");
}

/* Reads past the word, if it comes next. */
static int read_word(struct reader *r, const char *word) {
    const size_t n = strlen(word);
    next(r);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n)) return 0;
    r->p += n;
    return 1;
}

/* ---- terms and formats ----------------------------------------------------------------------- */

static int add_term(struct reader *r, tt_request *q, size_t *room, tt_span source, tt_span target) {
    if (q->n_terms == *room) {
        const size_t more = *room ? 2 * *room : 8;
        tt_request_term *terms = tt_arena_alloc(r->a, more * sizeof *terms);
        if (!terms) return tt_fail(r->e, TT_ENOMEM, "out of memory for the terms of a line");
        if (q->n_terms) memcpy(terms, q->terms, q->n_terms * sizeof *terms);
        q->terms = terms;
        *room = more;
    }
    q->terms[q->n_terms++] = (tt_request_term){source, target};
    return 0;
}

/* "source": "target", or in a list ["source", "target"] or "source". */
static int read_term(struct reader *r, tt_span *source, tt_span *target, int in_object) {
    *target = (tt_span){NULL, 0};
    const int pair = !in_object && next(r) == '[';
    if (!in_object && !pair) return read_string(r, source);
    r->p += pair;
    TT_TRY(read_string(r, source));
    if (next(r) != (pair ? ',' : ':')) return fail(r, pair ? "',' and the target" : "':'");
    r->p++;
    TT_TRY(read_string(r, target));
    if (!pair) return 0;
    if (next(r) != ']') return fail(r, "']' behind source and target");
    r->p++;
    return 0;
}

/* {"source": "target", …}, [["source", "target"], …] or ["source", …]. */
static int read_terms(struct reader *r, tt_request *q) {
    const char c = next(r), end = c == '{' ? '}' : ']';
    size_t room = 0;
    q->terms = NULL;
    q->n_terms = 0;
    if (c != '{' && c != '[')
        return fail(
            r, "terms as {\"source\": \"target\"}, [[\"source\", \"target\"]] or [\"source\"]");
    r->p++;
    if (next(r) == end) return r->p++, 0;
    for (;;) {
        tt_span source, target;
        TT_TRY(read_term(r, &source, &target, c == '{'));
        TT_TRY(add_term(r, q, &room, source, target));
        const char behind = next(r);
        if (behind != ',' && behind != end) return fail(r, c == '{' ? "',' or '}'" : "',' or ']'");
        r->p++;
        if (behind == end) return 0;
    }
}

/* The name of a format; that of plain text is none. */
static int read_format(struct reader *r, tt_request *q) {
    char names[200] = "text";
    const char *from = (next(r), r->p);
    tt_span name;
    TT_TRY(read_string(r, &name));
    q->format = NULL;
    if (is(name, "text") || is(name, "auto")) return 0;
    for (size_t i = 0; tt_format_at(i); i++) {
        if (is(name, tt_format_at(i)->name)) return q->format = tt_format_at(i), 0;
        const size_t n = strlen(names);
        snprintf(names + n, sizeof names - n, ", %s", tt_format_at(i)->name);
    }
    r->p = from;
    return fail(r, names);
}

/* ---- members --------------------------------------------------------------------------------- */

/* A member that is not asked for, from its name on. */
static int keep_member(struct reader *r, tt_request *q, const char *from) {
    TT_TRY(skip(r));
    if (!q->more && !(q->more = tt_arena_alloc(r->a, TT_REQUEST_MORE * sizeof *q->more)))
        return tt_fail(r->e, TT_ENOMEM, "out of memory for a line");
    if (q->n_more < TT_REQUEST_MORE) q->more[q->n_more++] = (tt_span){from, (size_t)(r->p - from)};
    return 0;
}

static int read_member(struct reader *r, tt_request *q) {
    tt_span name;
    const char *from = (next(r), r->p);
    TT_TRY(read_name(r, &name));
    tt_span *to = is(name, "text")     ? &q->text
                  : is(name, "prefix") ? &q->prefix
                  : is(name, "target") ? &q->target : NULL;
    const int named = to || is(name, "id") || is(name, "n_best") || is(name, "alternatives") ||
                      is(name, "glossary") || is(name, "format");
    if (named && to != &q->text && read_word(r, "null")) return 0;
    if (to) return read_string(r, to);
    if (is(name, "glossary")) return read_terms(r, q);
    if (is(name, "format")) return read_format(r, q);
    if (is(name, "n_best")) return read_count(r, &q->n_best);
    if (is(name, "alternatives")) return read_count(r, &q->alternatives);
    if (!is(name, "id")) return keep_member(r, q, from);
    char c = next(r);
    from = r->p;
    q->id_is_number = c == '-' || (c >= '0' && c <= '9');
    if (!q->id_is_number)
        return c == '"' ? read_string(r, &q->id) : fail(r, "a string or a number as id");
    TT_TRY(read_number(r));
    q->id = (tt_span){from, (size_t)(r->p - from)};
    return 0;
}

int tt_request_read(tt_request *q, const char *line, size_t len, tt_arena *a, tt_err *e) {
    struct reader r = {line, line, line + len, a, e};
    *q = (tt_request){0};
    if (next(&r) != '{') return fail(&r, "a JSON object such as {\"text\": \"…\"}");
    r.p++;
    if (next(&r) == '}') {
        r.p++;
    } else {
        for (;;) {
            TT_TRY(read_member(&r, q));
            char c = next(&r);
            if (c != ',' && c != '}') return fail(&r, "',' or '}'");
            r.p++;
            if (c == '}') break;
        }
    }
    if (next(&r) || r.p < r.end) return fail(&r, "nothing behind the object");
    return q->text.text ? 0 : tt_fail(e, TT_EDATA, "no \"text\" in the object");
}
