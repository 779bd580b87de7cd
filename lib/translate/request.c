/* request.c: see request.h. One pass over the bytes. */
#include "translate/request.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static int is(tt_span name, const char *word) {
    return name.len == strlen(word) && !memcmp(name.text, word, name.len);
}

/* A whole number from 1 to 64. */
static int read_count(tt_json_in *r, int *to) {
    const char *from = (tt_json_peek(r), r->at);
    int n = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && n < 1000)
        n = 10 * n + (*r->at++ - '0');
    if (n >= 1 && n <= 64) return *to = n, 0;
    r->at = from;
    return tt_json_expected(r, "a whole number from 1 to 64");
}

/* ---- terms and formats ----------------------------------------------------------------------- */

static int add_term(tt_json_in *r, tt_request *q, size_t *room, tt_span source, tt_span target) {
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
static int read_term(tt_json_in *r, tt_span *source, tt_span *target, int in_object) {
    *target = (tt_span){NULL, 0};
    const int pair = !in_object && tt_json_peek(r) == '[';
    if (!in_object && !pair) return tt_json_string(r, source);
    r->at += pair;
    TT_TRY(tt_json_string(r, source));
    if (tt_json_peek(r) != (pair ? ',' : ':'))
        return tt_json_expected(r, pair ? "',' and the target" : "':'");
    r->at++;
    TT_TRY(tt_json_string(r, target));
    if (!pair) return 0;
    if (tt_json_peek(r) != ']') return tt_json_expected(r, "']' behind source and target");
    r->at++;
    return 0;
}

/* {"source": "target", …}, [["source", "target"], …] or ["source", …]. */
static int read_terms(tt_json_in *r, tt_request *q) {
    const char c = tt_json_peek(r), end = c == '{' ? '}' : ']';
    size_t room = 0;
    q->terms = NULL;
    q->n_terms = 0;
    if (c != '{' && c != '[')
        return tt_json_expected(
            r, "terms as {\"source\": \"target\"}, [[\"source\", \"target\"]] or [\"source\"]");
    r->at++;
    if (tt_json_peek(r) == end) return r->at++, 0;
    for (;;) {
        tt_span source, target;
        TT_TRY(read_term(r, &source, &target, c == '{'));
        TT_TRY(add_term(r, q, &room, source, target));
        const char behind = tt_json_peek(r);
        if (behind != ',' && behind != end)
            return tt_json_expected(r, c == '{' ? "',' or '}'" : "',' or ']'");
        r->at++;
        if (behind == end) return 0;
    }
}

/* The name of a format; that of plain text is none. */
static int read_format(tt_json_in *r, tt_request *q) {
    char names[200] = "text, ";
    const char *from = (tt_json_peek(r), r->at);
    tt_span name;
    TT_TRY(tt_json_string(r, &name));
    q->format = NULL;
    if (is(name, "text") || is(name, "auto")) return 0;
    const int place = tt_family_place(&tt_family_document, name.text, name.len);
    if (place >= 0) {
        q->format = (const tt_format *)tt_family_document.row(place);
        return 0;
    }
    tt_family_names(&tt_family_document, names + strlen(names), sizeof names - strlen(names));
    r->at = from;
    return tt_json_expected(r, names);
}

/* ---- members --------------------------------------------------------------------------------- */

/* A member that is not asked for, from its name on. */
static int keep_member(tt_json_in *r, tt_request *q, const char *from) {
    TT_TRY(tt_json_skip(r));
    if (!q->more && !(q->more = tt_arena_alloc(r->a, TT_REQUEST_MORE * sizeof *q->more)))
        return tt_fail(r->e, TT_ENOMEM, "out of memory for a line");
    if (q->n_more < TT_REQUEST_MORE) q->more[q->n_more++] = (tt_span){from, (size_t)(r->at - from)};
    return 0;
}

static int read_member(tt_json_in *r, tt_request *q) {
    tt_span name;
    const char *from = (tt_json_peek(r), r->at);
    TT_TRY(tt_json_name(r, &name));
    tt_span *to = is(name, "text")     ? &q->text
                  : is(name, "prefix") ? &q->prefix
                  : is(name, "target") ? &q->target
                                       : NULL;
    const int named = to || is(name, "id") || is(name, "n_best") || is(name, "alternatives") ||
                      is(name, "glossary") || is(name, "format");
    if (named && to != &q->text && tt_json_word(r, "null")) return 0;
    if (to) return tt_json_string(r, to);
    if (is(name, "glossary")) return read_terms(r, q);
    if (is(name, "format")) return read_format(r, q);
    if (is(name, "n_best")) return read_count(r, &q->n_best);
    if (is(name, "alternatives")) return read_count(r, &q->alternatives);
    if (!is(name, "id")) return keep_member(r, q, from);
    char c = tt_json_peek(r);
    from = r->at;
    q->id_is_number = c == '-' || (c >= '0' && c <= '9');
    if (!q->id_is_number)
        return c == '"' ? tt_json_string(r, &q->id)
                        : tt_json_expected(r, "a string or a number as id");
    return tt_json_number(r, &q->id);
}

int tt_request_read(tt_request *q, const char *line, size_t len, tt_arena *a, tt_err *e) {
    tt_json_in r = {line, line, line + len, NULL, TT_EDATA, true, a, e};
    *q = (tt_request){0};
    if (tt_json_peek(&r) != '{')
        return tt_json_expected(&r, "a JSON object such as {\"text\": \"…\"}");
    r.at++;
    if (tt_json_peek(&r) == '}') {
        r.at++;
    } else {
        for (;;) {
            TT_TRY(read_member(&r, q));
            char c = tt_json_peek(&r);
            if (c != ',' && c != '}') return tt_json_expected(&r, "',' or '}'");
            r.at++;
            if (c == '}') break;
        }
    }
    if (tt_json_peek(&r) || r.at < r.end) return tt_json_expected(&r, "nothing behind the object");
    return q->text.text ? 0 : tt_fail(e, TT_EDATA, "no \"text\" in the object");
}
