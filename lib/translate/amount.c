/* amount.c: see amount.h.
 */
#include "translate/amount.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "text/letter.h"

enum {
    STAND_IN = '$',  /* for signs of money that a model hardly knows */
    BETWEEN_MOST = 2 /* words between a number and the name */
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Names of currencies in the languages that the shipped models translate. */
static const char *const names[] = {"euro",
                                    "euros",
                                    "libra",
                                    "libras",
                                    "pound",
                                    "pounds",
                                    "yen",
                                    "yenes",
                                    "yens",
                                    "yuan",
                                    "yuanes",
                                    "d\xc3\xb3lar",
                                    "d\xc3\xb3lares",
                                    "dollar",
                                    "dollars",
                                    "peso",
                                    "pesos",
                                    "rupia",
                                    "rupias",
                                    "rupee",
                                    "rupees",
                                    "rublo",
                                    "rublos",
                                    "ruble",
                                    "rubles",
                                    "rouble",
                                    "roubles",
                                    "won",
                                    "wones",
                                    "centavo",
                                    "centavos",
                                    "c\xc3\xa9ntimo",
                                    "c\xc3\xa9ntimos",
                                    "cent",
                                    "cents",
                                    "lira",
                                    "liras",
                                    "bitcoin",
                                    "bitcoins",
                                    "dong",
                                    "grivna",
                                    "grivnas",
                                    "hryvnia",
                                    "shekel",
                                    "shekels"};

/* What may stand between a number and the name. */
static const char *const between[] = {"millones", "mill\xc3\xb3n", "mil",     "billones",
                                      "million",  "billion",       "thousand"};

/* ---- characters ------------------------------------------------------------------------------ */

static bool is_money(uint32_t c) {
    return c == '$' || (c >= 0xa2 && c <= 0xa5) || (c >= 0x20a0 && c < 0x20d0);
}

/* Signs that a text for training has: of others a vocabulary has pieces that its model hardly
   saw. */
static bool is_common_money(uint32_t c) { return c == '$' || c == 0xa3 || c == 0x20ac; }

/* A sign of mathematics, money or the office: no letter, and no mark of punctuation. */
static bool is_sign(uint32_t c) {
    static const uint32_t signs[] = {0xa6, 0xa7,   0xac,   0xb1,   0xb6,   0xd7,
                                     0xf7, 0x2020, 0x2021, 0x2030, 0x2031, 0x2116};
    for (size_t i = 0; i < COUNT(signs); i++)
        if (c == signs[i]) return true;
    return is_money(c) || (c >= 0x2200 && c < 0x2300);
}

/* Bytes of the blank before, or at, byte i; 0: there is none. */
static size_t blank_before(const char *text, size_t i) {
    if (i && text[i - 1] == ' ') return 1;
    if (i > 1 && !memcmp(text + i - 2, "\xc2\xa0", 2)) return 2;
    return i > 2 && !memcmp(text + i - 3, "\xe2\x80\xaf", 3) ? 3 : 0;
}

static size_t blank_at(const char *text, size_t len, size_t i) {
    if (i < len && text[i] == ' ') return 1;
    if (len > i + 1 && !memcmp(text + i, "\xc2\xa0", 2)) return 2;
    return len > i + 2 && !memcmp(text + i, "\xe2\x80\xaf", 3) ? 3 : 0;
}

static bool word_at(const char *text, size_t len, size_t i) {
    size_t size;
    return i < len && tt_is_word(tt_utf8_at(text, len, i, &size));
}

/* The number that begins at byte i, or ends there: digits, with separators between. */
static size_t number_end(const char *text, size_t len, size_t i) {
    while (i < len && (tt_ascii_digit(text[i]) ||
                       (i + 1 < len && strchr(",.", text[i]) && tt_ascii_digit(text[i + 1]))))
        i++;
    return i;
}

static size_t number_begin(const char *text, size_t i) {
    while (i && (tt_ascii_digit(text[i - 1]) ||
                 (i > 1 && strchr(",.", text[i - 1]) && tt_ascii_digit(text[i - 2]))))
        i--;
    return i;
}

/* ---- taking ---------------------------------------------------------------------------------- */

/* A text being made free of signs. */
struct taking {
    tt_plain *p;
    char *text; /* p->text, to be changed; NULL: nothing has changed yet */
    int32_t *places;
    tt_arena *a;
    tt_err *e;
};

static int open_text(struct taking *t) {
    tt_plain *p = t->p;
    if (t->text) return 0;
    t->text = tt_arena_text(t->a, p->text, p->len);
    t->places = tt_arena_alloc(t->a, (p->len + 1) * sizeof *t->places);
    if (!t->text || !t->places)
        return tt_fail(t->e, TT_ENOMEM, "out of memory for a sentence of %zu bytes", p->len);
    for (size_t i = 0; i <= p->len; i++) t->places[i] = p->from ? p->from[i] : (int32_t)i;
    p->text = t->text;
    p->from = t->places;
    return 0;
}

/* Takes the bytes from … to-1 out of the text; holds behind them move. */
static void cut(struct taking *t, size_t from, size_t to) {
    tt_plain *p = t->p;
    const size_t n = to - from;
    memmove(t->text + from, t->text + to, p->len - to);
    memmove(t->places + from, t->places + to, (p->len + 1 - to) * sizeof *t->places);
    p->len -= n;
    for (int i = 0; i < p->count; i++) {
        tt_hold *h = &p->holds[i];
        if (h->begin >= to) h->begin -= n;
        if (h->end >= to) h->end -= n;
    }
}

/* The hold of the bytes begin … end-1, that of the number there or a new one; NULL: another hold is
   in the way. */
static tt_hold *hold_of(struct taking *t, size_t begin, size_t end, size_t number,
                        size_t number_end_) {
    tt_plain *p = t->p;
    int at = 0;
    while (at < p->count && p->holds[at].end <= begin) at++;
    if (at < p->count && p->holds[at].begin < end) {
        tt_hold *h = &p->holds[at];
        return h->kind == TT_KEEP_NUMBER && h->begin == number && h->end == number_end_ ? h : NULL;
    }
    tt_hold *more = tt_arena_alloc(t->a, ((size_t)p->count + 1) * sizeof *more);
    if (!more) return NULL;
    if (at) memcpy(more, p->holds, (size_t)at * sizeof *more);
    if (at < p->count) memcpy(more + at + 1, p->holds + at, (size_t)(p->count - at) * sizeof *more);
    more[at] = (tt_hold){.begin = number, .end = number_end_, .kind = TT_KEEP_NUMBER};
    p->holds = more;
    p->count++;
    return &more[at];
}

/* Makes one hold of a sign, sign … sign+size-1, and a number. */
static int take(struct taking *t, size_t sign, size_t size, size_t number, size_t end, int known,
                int money) {
    tt_plain *p = t->p;
    const size_t from = sign < number ? sign : number, to = sign < number ? end : sign + size;
    tt_hold *h = hold_of(t, from, to, number, end);
    if (!h) return 0;
    TT_TRY(open_text(t));
    const size_t first = (size_t)t->places[from], last = (size_t)t->places[to - 1] + 1;
    h->text = (tt_span){p->line.text + first, last - first};
    h->kind = TT_KEEP_AMOUNT;
    if (money || known) {
        h->begin = from;
        h->end = to;
        if (known) return 0;
        t->text[sign] = STAND_IN;
        cut(t, sign + 1, sign + size);
    } else if (!known) {
        if (sign < number) cut(t, sign, number);
        else cut(t, end, to);
    }
    return 0;
}

/* The number beside a sign; 0: there is none. behind_too 1: the sign may stand a blank behind the
   number. */
static bool find_number(const tt_plain *p, size_t sign, size_t size, int behind_too, size_t *number,
                        size_t *end) {
    const size_t behind = sign + size, next = behind + blank_at(p->text, p->len, behind);
    const int after_word = sign && word_at(p->text, p->len, tt_utf8_before(p->text, sign));
    if (next < p->len && tt_ascii_digit(p->text[next]) && !(after_word && next > behind)) {
        *number = next;
        *end = number_end(p->text, p->len, next);
        return true;
    }
    const size_t before = sign - (behind_too ? blank_before(p->text, sign) : 0);
    if (!before || !tt_ascii_digit(p->text[before - 1]) || word_at(p->text, p->len, behind))
        return false;
    *number = number_begin(p->text, before);
    *end = before;
    return !*number || !word_at(p->text, p->len, tt_utf8_before(p->text, *number));
}

int tt_amounts_take(tt_plain *p, const tt_vocab *v, tt_arena *a, tt_err *e) {
    struct taking t = {.p = p, .a = a, .e = e};
    size_t size, number, end;
    for (size_t i = 0; i < p->len; i += size) {
        size = 1;
        if ((unsigned char)p->text[i] < 0xc2 && p->text[i] != '$') continue;
        const uint32_t c = tt_utf8_at(p->text, p->len, i, &size);
        const int money = is_money(c);
        int known = 1;
        if (!is_sign(c) ||
            !find_number(p, i, size, money || c == 0x2030 || c == 0x2031, &number, &end))
            continue;
        TT_TRY(tt_holds_knows(v, p->text + i, size, a, &known, e));
        known = known && (money ? is_common_money(c) : tt_vocab_is_familiar(v, c));
        if (known && (c == 0xd7 || c == 0xf7)) continue; /* ×, ÷: others stand for them */
        const size_t len = p->len;
        TT_TRY(take(&t, i, size, number, end, known, money));
        if (p->len < len) size = len - p->len < size || money ? 1 : 0; /* the text has moved here */
    }
    return 0;
}

/* ---- finding --------------------------------------------------------------------------------- */

tt_span tt_amount_number(const tt_plain *p, const tt_hold *h) {
    size_t begin = h->begin, end = h->end;
    while (begin < end && !tt_ascii_digit(p->text[begin])) begin++;
    while (end > begin && !tt_ascii_digit(p->text[end - 1])) end--;
    return (tt_span){p->text + begin, end - begin};
}

/* Bytes of the first of the words that stands at byte i, as a whole word. */
static size_t match_word(const char *const *words, size_t n, const char *text, size_t len,
                         size_t i) {
    for (size_t k = 0; k < n; k++) {
        const size_t size = strlen(words[k]);
        if (size <= len - i && !memcmp(text + i, words[k], size) && !word_at(text, len, i + size))
            return size;
    }
    return 0;
}

void tt_amount_look(tt_money *found, const tt_plain *p, const tt_hold *h, const char *text,
                    size_t len, size_t i, size_t n) {
    const tt_span number = tt_amount_number(p, h);
    const char *sign =
        number.text > p->text + h->begin ? p->text + h->begin : number.text + number.len;
    size_t size = 0, sign_size = 0, end = i + n, at;
    const int read_as_dollar = memchr(p->text + h->begin, STAND_IN, h->end - h->begin) != NULL;
    const int own = !read_as_dollar || memchr(h->text.text, STAND_IN, h->text.len) != NULL;
    *found = (tt_money){.begin = i, .end = end};
    if (number.len < h->end - h->begin) { /* the sign stands in the model's text */
        sign += blank_at(p->text, h->end, (size_t)(sign - p->text));
        tt_utf8_at(p->text, p->len, (size_t)(sign - p->text), &size);
        const size_t before = i - blank_before(text, i), behind = end + blank_at(text, len, end);
        if (before >= size && !memcmp(text + before - size, sign, size))
            found->begin = before - size;
        else if (len - behind >= size && !memcmp(text + behind, sign, size))
            found->end = behind + size;
        sign_size = size;
        /* $ 5 for $5 */
        const int parted =
            found->begin < i && found->begin + size < i && sign + size == number.text;
        found->signed_well = own && !parted && (found->begin < i || found->end > end);
        if (found->begin > 1 && !memcmp(text + found->begin - 2, " .", 2)) { /* noise: " .€5" */
            found->begin--;
            found->signed_well = 0;
        }
    }
    end = found->end;
    at = end + blank_at(text, len, end);
    size = at > end && at < len ? match_word(names, COUNT(names), text, len, at) : 0;
    /* $5, 5 dólares: as people say */
    if (size && own && sign_size == 1 && found->begin == i && end == i + n) {
        found->signed_well = 1;
        return;
    }
    if (size) {
        found->end = at + size;
        found->signed_well = 0;
        return;
    }
    size_t from = end;
    for (int k = 0; k < BETWEEN_MOST && at > from && at < len; k++) { /* mil millones */
        size = match_word(between, COUNT(between), text, len, at);
        if (!size) break;
        from = at + size;
        at = from + blank_at(text, len, from);
    }
    if (from == end) return;
    if (at > from && len - at > 3 && !memcmp(text + at, "de ", 3)) at += 3;
    /* 5 millones de £ */
    if (own && sign_size && len - at >= sign_size && !memcmp(text + at, sign, sign_size)) {
        found->signed_well = found->begin == i;
        return;
    }
    size = at > from && at < len ? match_word(names, COUNT(names), text, len, at) : 0;
    if (size && own && sign_size == 1) found->signed_well = 1;
    else if (size) found->from = from, found->to = at + size;
}
