/* plural.c: see plural.h. A rule replaces the end of a word. English changes one word of a term,
 * the last, or the first where a preposition follows: sons-in-law. Spanish changes the noun alone
 * and the noun with its adjectives.
 */
#include "translate/plural.h"

#include <stdbool.h>
#include <string.h>

enum {
    SHORTEST = 3,      /* bytes of a word that has another number: "Is" is not the plural of "I" */
    LONG = 5,          /* bytes of a word of Latin and Greek that keeps its plural: not "us" */
    CHANGED_MOST = 512 /* bytes of a term that is changed */
};

/* "of" at the end of a word becomes "to". */
struct rule {
    const char *of, *to;
    size_t least; /* bytes of the word, at least */
    int whole;    /* 1: the word is nothing else */
    int verb;
    int back; /* 1: the singular of "to" is "of", too */
};

static const struct rule irregular[] = {
    {"man", "men", 3, 1, 0, 1},         {"woman", "women", 5, 0, 0, 1},
    {"man", "men", 7, 0, 0, 1},         {"child", "children", 5, 0, 0, 1},
    {"foot", "feet", 4, 0, 0, 1},       {"tooth", "teeth", 5, 0, 0, 1},
    {"goose", "geese", 5, 0, 0, 1},     {"mouse", "mice", 4, 0, 0, 1},
    {"louse", "lice", 4, 1, 0, 1},      {"ox", "oxen", 2, 1, 0, 1},
    {"die", "dice", 3, 1, 0, 0},        {"person", "people", 6, 0, 0, 0},
    {"leaf", "leaves", 4, 0, 1, 1},     {"life", "lives", 4, 0, 1, 1},
    {"wife", "wives", 4, 0, 0, 1},      {"knife", "knives", 5, 0, 0, 1},
    {"loaf", "loaves", 4, 0, 0, 1},     {"thief", "thieves", 5, 0, 0, 1},
    {"half", "halves", 4, 0, 0, 1},     {"calf", "calves", 4, 0, 0, 1},
    {"elf", "elves", 3, 0, 0, 1},       {"wolf", "wolves", 4, 0, 0, 1},
    {"hoof", "hooves", 4, 0, 0, 1},     {"scarf", "scarves", 5, 0, 0, 1},
    {"wharf", "wharves", 5, 0, 0, 1},   {"dwarf", "dwarves", 5, 0, 0, 1},
    {"quiz", "quizzes", 4, 0, 0, 0},    {"sis", "ses", LONG, 0, 0, 0},
    {"axis", "axes", 4, 0, 0, 0},       {"enon", "ena", LONG, 0, 0, 0},
    {"terion", "teria", LONG, 0, 0, 0}, {"us", "i", LONG, 0, 0, 0},
    {"ex", "ices", LONG, 0, 0, 0},      {"ix", "ices", LONG, 0, 0, 0},
    {"a", "ae", LONG, 0, 0, 0},         {"eau", "eaux", LONG, 0, 0, 0},
    {"terium", "teria", LONG, 0, 0, 0}, {"culum", "cula", LONG, 0, 0, 0},
    {"ctrum", "ctra", LONG, 0, 0, 0},   {"andum", "anda", LONG, 0, 0, 0},
    {"atum", "ata", LONG, 0, 0, 0}};

static const struct rule regular[] = {
    {"y", "ies", SHORTEST, 0, 0, 0},   {"s", "ses", SHORTEST, 0, 0, 0},
    {"x", "xes", SHORTEST, 0, 0, 0},   {"z", "zes", SHORTEST, 0, 0, 0},
    {"ch", "ches", SHORTEST, 0, 0, 0}, {"sh", "shes", SHORTEST, 0, 0, 0},
    {"o", "oes", SHORTEST, 0, 0, 0},   {"", "s", SHORTEST, 0, 0, 0}};

/* Of a stressed last vowel the accent goes: camión, camiones. */
static const struct rule spanish[] = {
    {"\xc3\xa1n", "anes", 0, 0, 0, 1}, {"\xc3\xa9n", "enes", 0, 0, 0, 1},
    {"\xc3\xadn", "ines", 0, 0, 0, 1}, {"\xc3\xb3n", "ones", 0, 0, 0, 1},
    {"\xc3\xban", "unes", 0, 0, 0, 1}, {"\xc3\xa1s", "ases", 0, 0, 0, 1},
    {"\xc3\xa9s", "eses", 0, 0, 0, 1}, {"\xc3\xads", "ises", 0, 0, 0, 1},
    {"\xc3\xb3s", "oses", 0, 0, 0, 1}, {"z", "ces", 0, 0, 0, 1}};

static const char *const english_links[] = {"of", "in", "by", "at", "for", "to", "with", "on"};
static const char *const spanish_links[] = {"de",  "del", "a",    "al", "en", "con",
                                            "sin", "por", "para", "y",  "e",  "o"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

int tt_language_of(const char *code) {
    static const struct {
        const char *code;
        int language;
    } codes[] = {{"en", TT_LANGUAGE_ENGLISH},
                 {"eng", TT_LANGUAGE_ENGLISH},
                 {"es", TT_LANGUAGE_SPANISH},
                 {"spa", TT_LANGUAGE_SPANISH}};
    const size_t n = code ? strcspn(code, "-_") : 0;
    for (size_t i = 0; i < COUNT(codes); i++)
        if (strlen(codes[i].code) == n && !memcmp(code, codes[i].code, n)) return codes[i].language;
    return TT_LANGUAGE_OTHER;
}

/* ---- words of a term ------------------------------------------------------------------------- */

static bool is_gap(char c) { return c == ' ' || c == '-'; }

static size_t word_end(const char *term, size_t len, size_t at) {
    while (at < len && !is_gap(term[at])) at++;
    return at;
}

static char small(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static int same(const char *text, const char *word, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (small(text[i]) != word[i]) return 0;
    return 1;
}

static bool is_link(const char *word, size_t len, const char *const *links, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strlen(links[i]) == len && same(word, links[i], len)) return true;
    return false;
}

/* 1 if the word ends as a rule says. */
static int ends(const char *word, size_t len, const char *end) {
    const size_t n = strlen(end);
    return n <= len && same(word + len - n, end, n);
}

/* ---- forms ----------------------------------------------------------------------------------- */

struct making {
    tt_plural *form; /* (n of cap) */
    int n, cap;
    const char *term;
    size_t len;
    tt_arena *a;
    int failed;
};

/* The term with the bytes from … to-1 replaced. */
static void put(struct making *m, size_t from, size_t to, const char *by, size_t n, int one,
                int verb) {
    if (m->n == m->cap || m->len > CHANGED_MOST) return;
    char *text = tt_arena_alloc(m->a, m->len - (to - from) + n + 1);
    m->failed |= !text;
    if (!text) return;
    memcpy(text, m->term, from);
    memcpy(text + from, by, n);
    memcpy(text + from + n, m->term + to, m->len - to);
    const size_t len = m->len - (to - from) + n;
    for (int i = 0; i < m->n; i++)
        if (m->form[i].text.len == len && !memcmp(m->form[i].text.text, text, len)) return;
    m->form[m->n++] = (tt_plural){{text, len}, one, verb};
}

/* A rule, one way or back, at the word from … to-1. */
static void follow(struct making *m, size_t from, size_t to, const struct rule *r, int back) {
    const char *of = back ? r->to : r->of, *by = back ? r->of : r->to;
    size_t cut = strlen(of);
    const size_t len = to - from;
    if (!ends(m->term + from, len, of) || (r->whole && len != cut)) return;
    if (len + (back ? strlen(r->of) : 0) < r->least + (back ? cut : 0)) return;
    for (; cut && *of == *by; cut--) of++, by++; /* letters that stay keep their case */
    put(m, to - cut, to, by, strlen(by), back, !back && r->verb && !memchr(m->term, ' ', m->len));
}

static void english_word(struct making *m, size_t from, size_t to) {
    const char last = to > from ? small(m->term[to - 1]) : 0;
    if (last < 'a' || last > 'z') return;
    for (size_t i = 0; i < COUNT(irregular); i++) {
        follow(m, from, to, &irregular[i], 0);
        if (irregular[i].back) follow(m, from, to, &irregular[i], 1);
    }
    for (size_t i = 0; i < COUNT(regular); i++)
        if (*regular[i].of || last != 's') follow(m, from, to, &regular[i], 0);
}

static void english(struct making *m) {
    size_t last = m->len;
    while (last && !is_gap(m->term[last - 1])) last--;
    english_word(m, last, m->len);
    const size_t first = word_end(m->term, m->len, 0), second = first + 1;
    if (second >= m->len) return;
    const size_t size = word_end(m->term, m->len, second) - second;
    if (is_link(m->term + second, size, english_links, COUNT(english_links)))
        english_word(m, 0, first);
}

/* How a Spanish word gets its other number. From a plural there are three ways: meses, mes; clases,
   clase; voces, voz. */
enum { MORE, WITHOUT_ES, WITHOUT_S, BY_RULE };

/* A Spanish word in its other number; the bytes written to `to`, 0: it stays. */
static size_t spanish_word(char *to, const char *word, size_t len, int how) {
    const char last = len ? small(word[len - 1]) : 0;
    const int vowel = last && (strchr("aeiou", last) || (unsigned char)last >= 0x80);
    memcpy(to, word, len);
    for (size_t i = 0; i < COUNT(spanish) && (how == MORE || how == BY_RULE); i++) {
        const char *of = how == MORE ? spanish[i].of : spanish[i].to,
                   *by = how == MORE ? spanish[i].to : spanish[i].of;
        if (!ends(word, len, of) || len <= strlen(of)) continue;
        memcpy(to + len - strlen(of), by, strlen(by));
        return len - strlen(of) + strlen(by);
    }
    if (how == MORE) {
        if (last == 's' || !last) return 0;
        memcpy(to + len, vowel ? "s" : "es", vowel ? 1 : 2);
        return len + (vowel ? 1 : 2);
    }
    if (last != 's' || len <= SHORTEST) return 0;
    return how == WITHOUT_ES && ends(word, len, "es") ? len - 2 : len - 1;
}

/* The noun, and the noun with what agrees with it: words up to a preposition. */
static void spanish_term(struct making *m, int how) {
    char out[2 * CHANGED_MOST + 8];
    size_t n = 0, at = 0, words = 0;
    if (m->len > CHANGED_MOST) return;
    while (at < m->len && n <= CHANGED_MOST) {
        const size_t end = word_end(m->term, m->len, at);
        if (words && is_link(m->term + at, end - at, spanish_links, COUNT(spanish_links))) break;
        const size_t more = spanish_word(out + n, m->term + at, end - at, how);
        if (!more && !words) return;
        if (!more) memcpy(out + n, m->term + at, end - at);
        n += more ? more : end - at;
        put(m, 0, end, out, n, how != MORE, 0);
        words++;
        at = end;
        if (at < m->len) out[n++] = m->term[at++];
    }
}

static void other(struct making *m) {
    const size_t end = word_end(m->term, m->len, 0);
    put(m, end, end, "s", 1, 0, 0);
    put(m, end, end, "es", 2, 0, 0);
}

int tt_plural_forms(tt_plural *form, int cap, int language, const char *term, size_t len,
                    tt_arena *a) {
    struct making m = {.form = form, .cap = cap, .term = term, .len = len, .a = a};
    if (!len) return 0;
    if (language == TT_LANGUAGE_ENGLISH) english(&m);
    else if (language == TT_LANGUAGE_OTHER) other(&m);
    else
        for (int how = MORE; how <= BY_RULE; how++) spanish_term(&m, how);
    return m.failed ? TT_ENOMEM : m.n;
}
