/* yaml.c: see yaml.h. Line by line: a line that is not indented opens an entry, an indented one
 * goes on with the last entry's value.
 */
#include "port/yaml.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = 1 << 16 };

struct parser {
    tt_yaml *y;
    const char *at, *end; /* of the text */
    size_t line;
    tt_arena *a;
    tt_err *e;
};

static int wrong(const struct parser *p, const char *what) {
    return tt_fail(p->e, TT_EFORMAT, "%s:%zu: %s", p->y->file, p->line, what);
}

static int no_room(const struct parser *p) {
    return tt_fail(p->e, TT_ENOMEM, "%s: out of memory", p->y->file);
}

/* Behind a backslash inside double quotes; *at moves on. */
static int escape(const struct parser *p, const char **at, const char *end, char **out) {
    static const char from[] = "0abtnvfre \"/\\N_LP";
    static const unsigned short to[] = {0,   7,   8,   9,    10,   11,   12,     13,    27,
                                        ' ', '"', '/', '\\', 0x85, 0xA0, 0x2028, 0x2029};
    char c = *(*at)++;
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        *out += tt_utf8_put(*out, (uint32_t)to[known - from]);
        return 0;
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    unsigned long u = 0;
    if (!digits || end - *at < digits) return wrong(p, "an escape that YAML does not have");
    for (; digits > 0; digits--) {
        int d = (unsigned char)*(*at)++;
        int value = d >= '0' && d <= '9'                 ? d - '0'
                    : (d | 32) >= 'a' && (d | 32) <= 'f' ? (d | 32) - 'a' + 10
                                                         : -1;
        if (value < 0) return wrong(p, "an escape with something else than hexadecimal digits");
        u = u << 4 | (unsigned long)value;
    }
    if (u > 0x10FFFF || (u >= 0xD800 && u < 0xE000))
        return wrong(p, "an escape that is no character");
    *out += tt_utf8_put(*out, (uint32_t)u);
    return 0;
}

/* How far a scalar goes at most: to its closing quote, or to one of `stops`. A list on one line so
 * takes memory as it is long. */
static size_t reach(const char *at, const char *end, const char *stops) {
    const char *q = at;
    char quote = at < end && (*at == '"' || *at == '\'') ? *at : 0;
    if (!quote) {
        while (q < end && !strchr(stops, *q)) q++;
        return (size_t)(q - at);
    }
    for (q++; q < end && *q != quote;) q += *q == '\\' && quote == '"' && end - q > 1 ? 2 : 1;
    while (quote == '\'' && end - q > 2 && q[1] == quote) /* a quote inside is written twice */
        for (q += 2; q < end && *q != quote;) q++;
    return (size_t)(q < end ? q - at : end - at);
}

/* The scalar at *at; plain ones end before ": ", " #" and one of `stops`. */
static int scalar(const struct parser *p, const char **at, const char *end, const char *stops,
                  const char **text, size_t *len) {
    char *out = tt_arena_small(p->a, 3 * reach(*at, end, stops) + 1); /* "\L" becomes three bytes */
    if (!out) return no_room(p);
    *text = out;
    char quote = *at < end && (**at == '"' || **at == '\'') ? *(*at)++ : 0;
    bool closed = !quote;
    while (*at < end) {
        const char *q = *at;
        if (quote && *q == quote) {
            *at = q + 1;
            if (quote == '\'' && *at < end && **at == quote) *out++ = *(*at)++;
            else {
                closed = true;
                break;
            }
            continue;
        }
        if (quote == '"' && *q == '\\' && end - q > 1) {
            (*at)++;
            TT_TRY(escape(p, at, end, &out));
            continue;
        }
        if (!quote && ((*q == ':' && (end - q == 1 || q[1] == ' ')) || strchr(stops, *q) ||
                       (*q == '#' && q > p->at && (q[-1] == ' ' || q[-1] == '\t'))))
            break;
        *out++ = *q;
        (*at)++;
    }
    if (!closed) return wrong(p, "a quoted text that does not end on its line");
    if (!quote)
        while (out > *text && (out[-1] == ' ' || out[-1] == '\t')) out--;
    *out = 0;
    *len = (size_t)(out - *text);
    return 0;
}

static void blanks(const char **at, const char *end) {
    while (*at < end && (**at == ' ' || **at == '\t')) (*at)++;
}

static bool over(const char *at, const char *end) { return at == end || *at == '#'; }

static int add_value(const struct parser *p, tt_yaml_entry *x, const char *text) {
    if (x->count == LIST_MOST) return wrong(p, "a list that is too long");
    if (!(x->count & (x->count - 1))) { /* room doubles at each power of two */
        const char **more = tt_arena_small(p->a, (2 * x->count + 1) * sizeof *more);
        if (!more) return no_room(p);
        if (x->count) memcpy(more, x->value, x->count * sizeof *more);
        x->value = more;
    }
    x->value[x->count++] = text;
    return 0;
}

static int brackets(const struct parser *p, tt_yaml_entry *x, const char *at, const char *end) {
    const char *text;
    size_t len;
    x->list = true;
    blanks(&at, end);
    while (at < end && *at != ']') {
        TT_TRY(scalar(p, &at, end, ",]", &text, &len));
        TT_TRY(add_value(p, x, text));
        blanks(&at, end);
        if (at < end && *at == ',') at++;
        else if (at == end || *at != ']') return wrong(p, "expected , or ] in a list");
        blanks(&at, end);
    }
    if (at++ == end) return wrong(p, "a list that does not end on its line");
    blanks(&at, end);
    return over(at, end) ? 0 : wrong(p, "something stands behind a list");
}

/* What stands behind "key:" or on a line of its own below it. */
static int value(const struct parser *p, tt_yaml_entry *x, const char *at, const char *end) {
    const char *text;
    size_t len;
    blanks(&at, end);
    if (over(at, end)) return 0;
    if (x->count && !x->list) return wrong(p, "a text over several lines, which is not read here");
    bool dash = *at == '-' && (end - at == 1 || at[1] == ' ');
    if (dash) {
        if (x->count && !x->list) return wrong(p, "a list under a key that has a value");
        x->list = true;
        at++;
        blanks(&at, end);
    } else if (x->list) {
        return wrong(p, "expected another item of the list");
    } else if (*at == '[') {
        return brackets(p, x, at + 1, end);
    }
    if (at < end && strchr("{&*!|>%@`", *at))
        return wrong(p, "a form of YAML that is not read here");
    x->quoted = at < end && (*at == '"' || *at == '\'');
    TT_TRY(scalar(p, &at, end, "", &text, &len));
    blanks(&at, end);
    if (at < end && *at == ':')
        return wrong(p, "a mapping inside a mapping, which is not read here");
    if (!over(at, end)) return wrong(p, "something stands behind a value");
    return add_value(p, x, text);
}

/* Room for as many entries as there are lines that may open one. */
static int make_room(const struct parser *p) {
    tt_yaml *y = p->y;
    for (const char *at = p->at; at && at < p->end; at = memchr(at, '\n', (size_t)(p->end - at))) {
        at += *at == '\n';
        y->room += at < p->end && *at != ' ' && *at != '#' && *at != '\n';
    }
    y->entry = tt_arena_alloc(p->a, (y->room + 1) * sizeof *y->entry);
    return y->entry ? 0 : no_room(p);
}

static tt_yaml_entry *open_entry(const struct parser *p) {
    tt_yaml *y = p->y;
    if (y->count == y->room) return NULL; /* make_room counted every line that comes here */
    y->entry[y->count] = (tt_yaml_entry){.line = p->line};
    return &y->entry[y->count++];
}

/* One line, its end cut away. *open: the last entry may go on; *complex: its ": value" is still to
 * come. */
static int line(const struct parser *p, const char *at, const char *end, bool *complex) {
    tt_yaml *y = p->y;
    if (*complex) {
        if (*at != ':') return wrong(p, "expected : and the value of the key before");
        *complex = false;
        return value(p, &y->entry[y->count - 1], at + 1, end);
    }
    if (*at == ' ' || (*at == '-' && (end - at == 1 || at[1] == ' '))) {
        const char *first = at;
        blanks(&first, end);
        if (over(first, end)) return 0;
        if (!y->count) return wrong(p, "expected a key");
        return value(p, &y->entry[y->count - 1], at, end);
    }
    tt_yaml_entry *x = open_entry(p);
    if (!x) return no_room(p);
    if (strchr("{[&*!|>%@`\t", *at))
        return wrong(p, "expected a key: a form of YAML that is not read here");
    *complex = at[0] == '?' && end - at > 1 && at[1] == ' ';
    if (*complex) at += 2;
    TT_TRY(scalar(p, &at, end, "", &x->key, &x->key_len));
    blanks(&at, end);
    if (*complex) return over(at, end) ? 0 : wrong(p, "something stands behind a key");
    if (at == end || *at != ':') return wrong(p, "expected a key and a colon");
    return value(p, x, at + 1, end);
}

static int by_key(const void *a, const void *b) {
    const tt_yaml_entry *const *x = a, *const *y = b;
    int order = strcmp((*x)->key, (*y)->key);
    return order ? order : *x < *y ? -1 : *x > *y;
}

/* Keys are looked up by name, so one that is there twice would lose a value. */
static int check_keys(const tt_yaml *y, tt_arena *a, tt_err *e) {
    const tt_yaml_entry **sorted = tt_arena_alloc(a, (y->count + 1) * sizeof *sorted),
                        *twice = NULL;
    if (!sorted) return tt_fail(e, TT_ENOMEM, "%s: out of memory", y->file);
    for (size_t i = 0; i < y->count; i++) sorted[i] = &y->entry[i];
    qsort(sorted, y->count, sizeof *sorted, by_key);
    for (size_t i = 1; i < y->count; i++)
        if (!strcmp(sorted[i - 1]->key, sorted[i]->key) && (!twice || sorted[i] < twice))
            twice = sorted[i];
    return twice ? tt_fail(e, TT_EFORMAT, "%s:%zu: the key %.60s is there twice", y->file,
                           twice->line, twice->key)
                 : 0;
}

int tt_yaml_read(tt_yaml *y, const char *text, size_t len, const char *file, bool vocabulary,
                 tt_arena *a, tt_err *e) {
    struct parser p = {y, text, text + len, 0, a, e};
    bool complex = false;
    *y = (tt_yaml){.file = file};
    TT_TRY(make_room(&p));
    while (p.at < p.end) {
        const char *newline = memchr(p.at, '\n', (size_t)(p.end - p.at)),
                   *end = newline ? newline : p.end;
        const char *next = newline ? newline + 1 : p.end;
        p.line++;
        while (end > p.at && end[-1] == '\r') end--;
        bool mark = (end - p.at == 3 && (!memcmp(p.at, "---", 3) || !memcmp(p.at, "...", 3))) ||
                    over(p.at, end);
        if (!mark) TT_TRY(line(&p, p.at, end, &complex));
        p.at = next;
    }
    if (complex) return wrong(&p, "a key without a value at the end");
    return vocabulary ? 0 : check_keys(y, a, e);
}

tt_yaml_entry *tt_yaml_get(const tt_yaml *y, const char *key) {
    for (size_t i = 0; i < y->count; i++)
        if (!strcmp(y->entry[i].key, key)) return &y->entry[i];
    return NULL;
}
