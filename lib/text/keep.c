/* keep.c: see keep.h. One pass over the text: at each place that may begin something kept, each
 * kind is asked in turn how many bytes of it begin there. Most bytes are letters and blanks inside
 * words, for which nobody is asked.
 */
#include "text/keep.h"

#include "base/ascii.h"
#include "base/utf8.h"

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/clean.h"
#include "text/letter.h"

struct tt_keep {
    regex_t *patterns; /* (n) */
    int n;
};

/* ---- patterns ------------------------------------------------------------------------------ */

tt_keep *tt_keep_open(const char *const *patterns, int n, tt_err *e) {
    tt_keep *k = calloc(1, sizeof *k);
    if (k && n) k->patterns = calloc((size_t)n, sizeof *k->patterns);
    if (!k || (n && !k->patterns)) {
        tt_fail(e, TT_ENOMEM, "out of memory for %d patterns", n);
        tt_keep_close(k);
        return NULL;
    }
    for (; k->n < n; k->n++) {
        char why[100];
        int rc = regcomp(&k->patterns[k->n], patterns[k->n], REG_EXTENDED);
        if (!rc && !regexec(&k->patterns[k->n], "", 0, NULL, 0)) {
            regfree(&k->patterns[k->n]);
            tt_fail(e, TT_EUSAGE,
                    "the pattern '%.60s' matches nothing at all: expected one character or more",
                    patterns[k->n]);
        } else if (rc) {
            regerror(rc, &k->patterns[k->n], why, sizeof why);
            tt_fail(e, TT_EUSAGE, "the pattern '%.60s' is none: %s", patterns[k->n], why);
        } else {
            continue;
        }
        tt_keep_close(k);
        return NULL;
    }
    return k;
}

void tt_keep_close(tt_keep *k) {
    if (!k) return;
    for (int i = 0; i < k->n; i++) regfree(&k->patterns[i]);
    free(k->patterns);
    free(k);
}

/* Bytes of one kept part at most, where its end is looked for: so a text of openings takes no time
   that grows with its square. A number and an address of the web may be longer. */
enum { LONGEST = 1000 };

/* ---- characters ---------------------------------------------------------------------------- */

struct scan {
    const char *t;
    size_t len;
};

static bool is_word(char c) { return tt_ascii_digit(c) || tt_ascii_letter(c) || c == '_'; }
static bool is_one(char c, const char *set) { return c && strchr(set, c) != NULL; }
static char at(const struct scan *s, size_t i) { return i < s->len ? s->t[i] : 0; }

static int begins(const struct scan *s, size_t i, const char *what) {
    const size_t n = strlen(what);
    return i + n <= s->len && !memcmp(s->t + i, what, n);
}

static size_t run_of(const struct scan *s, size_t i, const char *more) {
    size_t n = i;
    while (n < s->len && n < i + LONGEST && (is_word(s->t[n]) || is_one(s->t[n], more))) n++;
    return n;
}

static size_t digits(const struct scan *s, size_t i) {
    size_t n = i;
    while (tt_ascii_digit(at(s, n))) n++;
    return n;
}

/* The character before or at i, whole; 0 where there is none. */
static uint32_t char_before(const struct scan *s, size_t i) {
    uint32_t c = 0;
    size_t from = i;
    if (!i) return 0;
    while (from && tt_utf8_inside(s->t[--from])) continue;
    tt_utf8_next(s->t + from, i - from, &c);
    return c;
}

static uint32_t char_at(const struct scan *s, size_t i, size_t *size) {
    uint32_t c = 0;
    *size = 0;
    if (i >= s->len) return 0;
    const int n = tt_utf8_next(s->t + i, s->len - i, &c);
    *size = (size_t)(n < 0 ? -n : n);
    return c;
}

static bool letter_at(const struct scan *s, size_t i) {
    size_t size;
    return tt_is_letter(char_at(s, i, &size));
}

/* ---- kinds: the end of what begins at i, or i ---------------------------------------------- */

static size_t code(const struct scan *s, size_t i) {
    size_t ticks = i, end;
    while (at(s, ticks) == '`' && ticks < i + LONGEST) ticks++;
    const size_t n = ticks - i;
    for (end = ticks; end < s->len && end < i + LONGEST; end++) {
        size_t same = 0;
        while (at(s, end + same) == '`' && same <= n) same++;
        if (same == n && end > ticks) return end + n;
        end += same ? same - 1 : 0;
    }
    return i;
}

/* Marks at the end belong to the sentence; a bracket does unless it is opened inside. */
static size_t trim(const struct scan *s, size_t i, size_t end) {
    int open = 0;
    for (size_t k = i; k < end; k++) open += (s->t[k] == '(') - (s->t[k] == ')');
    while (end > i &&
           (is_one(s->t[end - 1], ".,;:!?'\"*>]}") || (s->t[end - 1] == ')' && open < 0)))
        open += s->t[--end] == ')';
    return end;
}

static size_t url(const struct scan *s, size_t i) {
    size_t end = i;
    end = run_of(s, i, "+-.");
    const int scheme = end > i && begins(s, end, "://"), mail = begins(s, i, "mailto:");
    if (!scheme && !mail && !(begins(s, i, "www.") && is_word(at(s, i + 4)))) return i;
    end += scheme ? 3 : 0;
    const size_t host = end;
    while (end < s->len && !tt_ascii_blank(s->t[end]) && !is_one(s->t[end], "<>\"`{}|\\^") &&
           (unsigned char)s->t[end] < 0x80)
        end++;
    end = trim(s, i, end);
    return scheme && end <= host ? i : end;
}

static size_t address(const struct scan *s, size_t i) {
    size_t end = run_of(s, i, ".+-");
    if (end == i || at(s, end) != '@' || !is_word(at(s, end + 1))) return i;
    const size_t host = end + 1;
    end = trim(s, i, run_of(s, host, ".-"));
    return memchr(s->t + host, '.', end > host ? end - host : 0) ? end : i;
}

static size_t path(const struct scan *s, size_t i) {
    const int windows = tt_ascii_letter(at(s, i)) && at(s, i + 1) == ':' && at(s, i + 2) == '\\';
    const int rooted =
        at(s, i) == '/' || begins(s, i, "~/") || begins(s, i, "./") || begins(s, i, "../");
    size_t end = trim(s, i, run_of(s, i, windows ? "\\:.~+-" : "/.~+-@"));
    int slashes = 0, dot = 0, word = 0;
    for (size_t k = i; k < end; k++) {
        slashes += s->t[k] == '/' || s->t[k] == '\\';
        dot |= s->t[k] == '.' && tt_ascii_letter(at(s, k + 1)) && k > i && is_word(s->t[k - 1]);
        word |= tt_ascii_letter(s->t[k]);
    }
    if (windows) return end > i + 3 ? end : i;
    if (!word || !slashes || (rooted && end < i + 2)) return i;
    if (rooted) return slashes > 1 || dot || at(s, i) != '/' || end - i > 3 ? end : i;
    return slashes > 1 ? (dot || slashes > 2 ? end : i) : slashes && dot ? end : i;
}

/* %s, %-5.2f, %1$d, %(name)s, %% */
static size_t percent(const struct scan *s, size_t i) {
    size_t k = i + 1;
    if (at(s, k) == '%') return tt_ascii_digit(at(s, i ? i - 1 : s->len)) ? i : k + 1;
    if (at(s, k) == '(') {
        while (k < s->len && k < i + LONGEST && s->t[k] != ')' && !tt_ascii_blank(s->t[k])) k++;
        if (at(s, k) != ')') return i;
        k++;
    } else if (digits(s, k) > k && at(s, digits(s, k)) == '$') {
        k = digits(s, k) + 1;
    }
    while (is_one(at(s, k), "-+#0")) k++;
    k = digits(s, k);
    if (at(s, k) == '.') k = digits(s, k + 1);
    while (is_one(at(s, k), "hlqjzt")) k++;
    if (!is_one(at(s, k), "diouxXeEfFgGaAcsSpnr@") || is_word(at(s, k + 1))) return i;
    return k + 1;
}

/* {0}, {name}, {user.name}, {{x}}, ${x}, $HOME, [[1]] */
static size_t braces(const struct scan *s, size_t i) {
    enum { NAME = 80 };
    size_t k = i + (s->t[i] == '$'), depth = 0;
    if (s->t[i] == '$' && at(s, k) != '{') {
        const size_t end = tt_ascii_letter(at(s, k)) || at(s, k) == '_' ? run_of(s, k, "") : k;
        for (size_t c = k; c < end; c++)
            if (s->t[c] >= 'a' && s->t[c] <= 'z') return i;
        return end > k + 1 ? end : i;
    }
    const char open = s->t[k], close = open == '{' ? '}' : ']';
    const size_t body = k;
    if (open == '[' && at(s, k + 1) != '[') return i;
    for (; k < s->len && k < body + NAME; k++) {
        if (s->t[k] == open) depth++;
        else if (s->t[k] == close && !--depth) return k > body + 1 ? k + 1 : i;
        else if (tt_ascii_blank(s->t[k]) && at(s, body + 1) != open) return i;
    }
    return i;
}

/* \u27e60\u27e7, which may be a piece of the vocabulary (translate/standin.h) */
static size_t fenced(const struct scan *s, size_t i) {
    enum { NAME = 80 };
    if (!begins(s, i, "\xe2\x9f\xa6")) return i;
    for (size_t k = i + 3; k < s->len && k < i + NAME && !tt_ascii_blank(s->t[k]); k++)
        if (begins(s, k, "\xe2\x9f\xa7")) return k > i + 3 ? k + 3 : i;
    return i;
}

/* <br/>, </b>, <a href="x y">; not: a < b */
static size_t tag(const struct scan *s, size_t i) {
    size_t k = i + 1;
    char quote = 0;
    if (begins(s, i, "<!--")) {
        for (k = i + 4; k + 2 < s->len && k < i + LONGEST; k++)
            if (begins(s, k, "-->")) return k + 3;
        return i;
    }
    if (at(s, k) == '/') k++;
    if (!tt_ascii_letter(at(s, k))) return i;
    for (; k < s->len && k < i + LONGEST; k++) {
        const char c = s->t[k];
        if (quote) quote = c == quote ? 0 : quote;
        else if (c == '"' || (c == '\'' && s->t[k - 1] == '=')) quote = c;
        else if (c == '>') return k + 1;
        else if (c == '<') return i;
    }
    return i;
}

/* Bytes of a blank, plain, hard or narrow, with three digits behind it and no fourth: 6 628. */
static size_t thousand(const struct scan *s, size_t i) {
    const size_t n = at(s, i) == ' '                ? 1
                     : begins(s, i, "\xc2\xa0")     ? 2
                     : begins(s, i, "\xe2\x80\xaf") ? 3
                                                    : 0;
    return n && digits(s, i + n) == i + n + 3 ? n : 0;
}

/* Digits with what parts them; a single digit, and digits grown together with letters, are words. A
   sign of currency or a percent sign stays the text's. */
static size_t number(const struct scan *s, size_t i) {
    size_t end = digits(s, i), parts = 1;
    while (is_one(at(s, end), ".,:/-'") && tt_ascii_digit(at(s, end + 1))) {
        end = digits(s, end + 1);
        parts++;
    }
    for (size_t n; parts == 1 && end <= i + 3 && (n = thousand(s, end));) {
        for (end += n + 3; (n = thousand(s, end)); end += n + 3) continue;
        parts++;
    }
    if (letter_at(s, end) || at(s, end) == '_') return i;
    return parts > 1 || end > i + 1 ? end : i;
}

static bool is_picture(uint32_t c) {
    return (c >= 0x1f000 && c <= 0x1faff) || (c >= 0x2600 && c <= 0x27bf) ||
           (c >= 0x2b00 && c <= 0x2bff) || (c >= 0x2300 && c <= 0x23ff) ||
           (c >= 0x25a0 && c <= 0x25ff) || c == 0x203c || c == 0x2049 || c == 0x3030 ||
           c == 0x303d || c == 0x3297 || c == 0x3299 || (c >= 0x2190 && c <= 0x21ff);
}

/* Joined, coloured, flagged and enclosed forms of pictures. */
static bool is_joint(uint32_t c) {
    return c == 0x200d || c == 0xfe0f || c == 0xfe0e || c == 0x20e3 ||
           (c >= 0x1f3fb && c <= 0x1f3ff) || (c >= 0xe0020 && c <= 0xe007f);
}

static size_t sign(const struct scan *s, size_t i) {
    size_t size, end = i, next;
    uint32_t c = char_at(s, i, &size);
    if (c < 0x80 && is_one((char)c, "0123456789#*")) { /* a keycap */
        const uint32_t behind = char_at(s, i + 1, &next);
        const uint32_t last = behind == 0xfe0f ? char_at(s, i + 1 + next, &size) : behind;
        if (last != 0x20e3) return i;
        return i + 1 + next + (behind == 0xfe0f ? size : 0);
    }
    while (is_picture(c) || (end > i && is_joint(c))) {
        end += size;
        c = char_at(s, end, &size);
    }
    return end;
}

/* A word of a length that no language has: coded data, a key held down. Its characters are Latin
 * letters and those of base64. */
static size_t endless(const struct scan *s, size_t i) {
    size_t n = i;
    for (; n < s->len; n++) {
        const unsigned char c = (unsigned char)s->t[n];
        if (!is_word(s->t[n]) && !is_one(s->t[n], "+/=-") &&
            !(c >= 0x80 && c < 0xCA && (c < 0xC0 || c > 0xC2)) && c != 0xEF)
            break; /* 0xEF: of U+FFFD */
    }
    return n - i > LONGEST ? n : i;
}

/* ---- the scan ------------------------------------------------------------------------------ */

struct found {
    tt_kept *at;
    size_t n, room;
    tt_arena *a;
};

static int push(struct found *f, size_t begin, size_t end, int kind, tt_err *e) {
    if (f->n == f->room) {
        const size_t room = f->room ? 2 * f->room : 8;
        tt_kept *more = tt_arena_alloc(f->a, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for %zu kept parts of a text", room);
        if (f->n) memcpy(more, f->at, f->n * sizeof *more);
        f->at = more;
        f->room = room;
    }
    f->at[f->n++] = (tt_kept){begin, end, kind};
    return 0;
}

/* What begins at i; *kind tells which. */
static size_t kept_at(const struct scan *s, size_t i, int *kind) {
    const char c = s->t[i];
    const uint32_t before = char_before(s, i);
    const int starts = !(tt_is_letter(before) ||
                         (before < 0x80 && is_word((char)before))); /* a word may begin here */
    size_t end = i;
#define TRY(which, call)                                                                           \
    if ((end = (call)) > i) {                                                                      \
        *kind = which;                                                                             \
        return end;                                                                                \
    }
    if (starts) TRY(TT_KEEP_CODE, endless(s, i));
    if ((unsigned char)c >= 0xe2 || tt_ascii_digit(c) || c == '#' || c == '*')
        TRY(TT_KEEP_SIGN, sign(s, i));
    if (c == '`') TRY(TT_KEEP_CODE, code(s, i));
    if (c == '%') TRY(TT_KEEP_PLACEHOLDER, percent(s, i));
    if (c == '{' || c == '$' || c == '[') TRY(TT_KEEP_PLACEHOLDER, braces(s, i));
    if (c == '<') TRY(TT_KEEP_PLACEHOLDER, tag(s, i));
    if ((unsigned char)c == 0xe2) TRY(TT_KEEP_PLACEHOLDER, fenced(s, i));
    if (starts && (is_word(c) || is_one(c, "/~."))) {
        if (tt_ascii_letter(c)) TRY(TT_KEEP_URL, url(s, i));
        if (is_word(c)) TRY(TT_KEEP_ADDRESS, address(s, i));
        TRY(TT_KEEP_PATH, path(s, i));
        if (tt_ascii_digit(c)) TRY(TT_KEEP_NUMBER, number(s, i));
    }
#undef TRY
    return i;
}

/* The user's patterns go first, and what they match is not looked into. */
static int match_patterns(struct found *f, const tt_keep *k, const char *text, size_t len,
                          tt_err *e) {
    char *copy = tt_arena_text(f->a, text, len);
    if (!copy) return tt_fail(e, TT_ENOMEM, "out of memory for a text of %zu bytes", len);
    for (size_t i = 0; i < len;) {
        size_t begin = len, end = len;
        for (int p = 0; p < k->n; p++) {
            regmatch_t m;
            if (regexec(&k->patterns[p], copy + i, 1, &m, i ? REG_NOTBOL : 0) || m.rm_eo == m.rm_so)
                continue;
            const size_t from = i + (size_t)m.rm_so, to = i + (size_t)m.rm_eo;
            if (from < begin || (from == begin && to > end)) begin = from, end = to;
        }
        if (begin < len) TT_TRY(push(f, begin, end, TT_KEEP_PATTERN, e));
        i = end;
    }
    return 0;
}

int tt_keep_find(tt_kept **kept, size_t *n, const tt_keep *k, const char *text, size_t len,
                 tt_arena *a, tt_err *e) {
    struct found own = {.a = a}, f = {.a = a};
    const struct scan s = {text, len};
    size_t next = 0; /* of the user's matches */
    if (k && k->n) TT_TRY(match_patterns(&own, k, text, len, e));
    for (size_t i = 0; i < len;) {
        int kind = TT_KEEP_PATTERN;
        while (next < own.n && own.at[next].begin < i) next++;
        const int mine = next < own.n && own.at[next].begin == i;
        size_t end = mine ? own.at[next].end : kept_at(&s, i, &kind);
        if (!mine && end > i && next < own.n && own.at[next].begin < end)
            end = i; /* the user's matches win */
        if (end > i) TT_TRY(push(&f, i, end, kind, e));
        else if (is_word(text[i]) && !(k && k->n))
            for (end = i + 1; end < len && is_word(text[end]); end++) continue;
        i = end > i ? end : i + 1;
    }
    *kept = f.at;
    *n = f.n;
    return 0;
}
