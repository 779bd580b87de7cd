/* modify_pair.c: modifiers that change what the two sides are to each other: sentences joined,
 * tags, beginnings of the target, copies, placeholders, terms. See modify.h.
 *
 *     prefix     __start__ Me gusta __end__ I like it.           Me gusta.
 *     terms      the __source__ house __target__ vivienda __done__ is red    la vivienda es roja
 */
#include "text/modify.h"

#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "text/keep.h"
#include "text/letter.h"
#include "text/termlist.h"

#define SHARE                                                                                      \
    { "share", "of the pairs that it changes", 0.05, 0, 1, 0, NULL }
#define LAST                                                                                       \
    { NULL, NULL, 0, 0, 0, 0, NULL }

static void set_side(tt_pair_text *p, int side, const tt_growing *g) {
    p->text[side] = g->text;
    p->len[side] = g->len;
}

/* ---- join ---------------------------------------------------------------------------------- */

static int join(tt_modifying *m, tt_err *e) {
    const uint32_t more = 1 + tt_rand_below(m->key, 0, (uint32_t)m->pick->set[1] - 1);
    for (uint32_t i = 0; i < more && m->source; i++) {
        tt_pair_text next;
        TT_TRY(m->source->other(m->source->ctx, tt_key(m->key, i), &next, m->a, e));
        for (int side = 0; side < 2; side++) {
            tt_growing g;
            TT_TRY(tt_growing_open(&g, m->pair->len[side] + next.len[side] + 1, m->a, e));
            tt_growing_add(&g, m->pair->text[side], m->pair->len[side]);
            tt_growing_add(&g, " ", 1);
            tt_growing_add(&g, next.text[side], next.len[side]);
            set_side(m->pair, side, &g);
        }
    }
    return 0;
}

/* ---- in front of the source ---------------------------------------------------------------- */

static int put_in_front(tt_modifying *m, const char *front, size_t len, tt_err *e) {
    tt_growing g;
    TT_TRY(tt_growing_open(&g, len + 1 + m->pair->len[TT_SOURCE], m->a, e));
    tt_growing_add(&g, front, len);
    tt_growing_add(&g, " ", 1);
    tt_growing_add(&g, m->pair->text[TT_SOURCE], m->pair->len[TT_SOURCE]);
    set_side(m->pair, TT_SOURCE, &g);
    return 0;
}

static int tag(tt_modifying *m, tt_err *e) {
    return put_in_front(m, m->pick->text, strlen(m->pick->text), e);
}

static int prefix(tt_modifying *m, tt_err *e) {
    static const char begin_mark[] = "__start__ ", end_mark[] = " __end__";
    const char *text = m->pair->text[TT_TARGET];
    const size_t len = m->pair->len[TT_TARGET];
    size_t at = 0, begin, stop, words = 0, from = 0, to = 0;
    while (tt_word_next(text, len, &at, &begin, &stop)) words++;
    if (!words) return 0;
    size_t count = 1 + tt_rand_below(m->key, 0, (uint32_t)m->pick->set[1]);
    if (count > words) count = words;
    const size_t first =
        m->pick->set[2] > 0 ? tt_rand_below(m->key, 1, (uint32_t)(words - count + 1)) : 0;
    at = 0;
    for (size_t i = 0; i < first + count && tt_word_next(text, len, &at, &begin, &stop); i++) {
        if (i == first) from = begin;
        to = stop;
    }
    tt_growing g;
    TT_TRY(tt_growing_open(&g, to - from + sizeof begin_mark + sizeof end_mark, m->a, e));
    tt_growing_add(&g, begin_mark, sizeof begin_mark - 1);
    tt_growing_add(&g, text + from, to - from);
    tt_growing_add(&g, end_mark, sizeof end_mark - 1);
    return put_in_front(m, g.text, g.len, e);
}

/* ---- copies -------------------------------------------------------------------------------- */

static int copy(tt_modifying *m, tt_err *e) {
    (void)e;
    m->pair->text[TT_SOURCE] = m->pair->text[TT_TARGET];
    m->pair->len[TT_SOURCE] = m->pair->len[TT_TARGET];
    return 0;
}

/* ---- placeholders -------------------------------------------------------------------------- */

static const char *const placeholders[] = {"{0}",   "{1}",   "{name}", "{{count}}", "%s",
                                           "%d",    "%1$s",  "%(x)s",  "${value}",  "$HOME",
                                           "<br/>", "[[1]]", "{n}",    "%i",        "{user_id}"};

/* Where a part of the source stands in the target as a word, and nowhere else; NULL: not once. */
static const char *once_in(const char *part, size_t n, const char *text, size_t len) {
    const char *found = NULL;
    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp(text + i, part, n) != 0) continue;
        size_t size;
        const uint32_t before = i ? tt_utf8_at(text, len, tt_utf8_before(text, i), &size) : ' ';
        const uint32_t behind = i + n < len ? tt_utf8_at(text, len, i + n, &size) : ' ';
        if (tt_is_word(before) || tt_is_word(behind)) continue;
        if (found) return NULL;
        found = text + i;
    }
    return found;
}

struct place {
    size_t at, len;
};

enum { PLACES = 16 };

/* Parts of the source that are the same in the target: numbers, links, names. */
static int find_places(struct place *found, size_t *n, const tt_modifying *m, tt_err *e) {
    const char *text = m->pair->text[TT_SOURCE];
    const size_t len = m->pair->len[TT_SOURCE];
    tt_kept *kept;
    size_t count, at = 0, begin, stop;
    *n = 0;
    TT_TRY(tt_keep_find(&kept, &count, NULL, text, len, m->a, e));
    for (size_t i = 0; i < count && *n < PLACES; i++)
        found[(*n)++] = (struct place){kept[i].begin, kept[i].end - kept[i].begin};
    while (tt_word_next(text, len, &at, &begin, &stop) && *n < PLACES) {
        size_t size, end = begin;
        const uint32_t c = tt_utf8_at(text, len, begin, &size);
        while (end < stop && tt_is_letter(tt_utf8_at(text, len, end, &size))) end += size;
        if (tt_is_capital(c) && end - begin >= 3)
            found[(*n)++] = (struct place){begin, end - begin};
    }
    size_t good = 0;
    for (size_t i = 0; i < *n; i++)
        if (once_in(text + found[i].at, found[i].len, text, len) &&
            once_in(text + found[i].at, found[i].len, m->pair->text[TT_TARGET],
                    m->pair->len[TT_TARGET]))
            found[good++] = found[i];
    *n = good;
    return 0;
}

static int replace(tt_modifying *m, int side, const char *part, size_t n, const char *by,
                   tt_err *e) {
    const char *text = m->pair->text[side];
    const size_t len = m->pair->len[side], at = (size_t)(part - text);
    tt_growing g;
    TT_TRY(tt_growing_open(&g, len + strlen(by), m->a, e));
    tt_growing_add(&g, text, at);
    tt_growing_add(&g, by, strlen(by));
    tt_growing_add(&g, part + n, len - at - n);
    set_side(m->pair, side, &g);
    return 0;
}

static int placeholder(tt_modifying *m, tt_err *e) {
    struct place found[PLACES];
    size_t n;
    TT_TRY(find_places(found, &n, m, e));
    if (!n) return 0;
    const struct place *at = &found[tt_rand_below(m->key, 0, (uint32_t)n)];
    const char *by =
        placeholders[tt_rand_below(m->key, 1, sizeof placeholders / sizeof placeholders[0])];
    const char *part = m->pair->text[TT_SOURCE] + at->at;
    const char *other = once_in(part, at->len, m->pair->text[TT_TARGET], m->pair->len[TT_TARGET]);
    TT_TRY(replace(m, TT_TARGET, other, at->len, by, e));
    return replace(m, TT_SOURCE, part, at->len, by, e);
}

/* ---- terms --------------------------------------------------------------------------------- */

struct term {
    size_t at, len;
    const char *target;
};

/* Terms of the list that stand in the source, with a translation that stands in the target. */
static size_t find_terms(struct term *found, const tt_modifying *m) {
    const char *text = m->pair->text[TT_SOURCE];
    const size_t len = m->pair->len[TT_SOURCE];
    size_t n = 0, first, count;
    uint32_t before = ' ';
    for (size_t i = 0, size; i < len && n < PLACES; i += size) {
        const uint32_t c = tt_utf8_at(text, len, i, &size);
        const int begins = tt_is_word(c) && !tt_is_word(before);
        before = c;
        const size_t length =
            begins ? tt_termlist_find(m->terms, text + i, len - i, &first, &count) : 0;
        for (size_t k = 0; length && k < count && n < PLACES; k++) {
            const char *target = tt_termlist_target(m->terms, first + k);
            if (!once_in(target, strlen(target), m->pair->text[TT_TARGET], m->pair->len[TT_TARGET]))
                continue;
            found[n++] = (struct term){i, length, target};
            break;
        }
    }
    return n;
}

static int terms(tt_modifying *m, tt_err *e) {
    static const char open[] = "__source__ ", middle[] = " __target__ ", close[] = " __done__";
    struct term found[PLACES];
    const size_t n = find_terms(found, m);
    if (!n) return 0;
    const struct term *t = &found[tt_rand_below(m->key, 0, (uint32_t)n)];
    const char *text = m->pair->text[TT_SOURCE];
    const size_t len = m->pair->len[TT_SOURCE], behind = t->at + t->len;
    tt_growing g;
    TT_TRY(tt_growing_open(&g, len + strlen(t->target) + sizeof open + sizeof middle + sizeof close,
                           m->a, e));
    tt_growing_add(&g, text, t->at);
    tt_growing_add(&g, open, sizeof open - 1);
    tt_growing_add(&g, text + t->at, t->len);
    tt_growing_add(&g, middle, sizeof middle - 1);
    tt_growing_add(&g, t->target, strlen(t->target));
    tt_growing_add(&g, close, sizeof close - 1);
    tt_growing_add(&g, text + behind, len - behind);
    set_side(m->pair, TT_SOURCE, &g);
    return 0;
}

static const tt_setting share_only[] = {SHARE, LAST};
static const tt_setting join_settings[] = {
    {"share", "of the pairs that it changes", 0.05, 0, 1, 0, NULL},
    {"most", "pairs that become one at most", 3, 2, 16, 1, NULL},
    LAST};
static const tt_setting tag_settings[] = {
    {"share", "of the pairs that it changes", 1, 0, 1, 0, NULL},
    {"text", "what stands before the source", 0, 0, 0, TT_SETTING_TEXT, "<bt>"},
    LAST};
static const tt_setting prefix_settings[] = {
    SHARE,
    {"most", "words at most", 5, 1, 100, 1, NULL},
    {"from", "where they stand in the target", 0, 0, 1, 0, "start|anywhere"},
    LAST};
static const tt_setting terms_settings[] = {
    SHARE, {"file", "of terms, source TAB target", 0, 0, 0, TT_SETTING_TEXT, ""}, LAST};

const tt_modifier tt_modifiers_pair[] = {
    {{"join", "one or more other pairs behind the pair, as a text of several sentences",
      "Bogoychev et al. 2023", join_settings},
     join,
     0,
     0},
    {{"tag", "a tag in front of the source, as for text that was translated back",
      "Caswell et al. 2019", tag_settings},
     tag,
     0,
     0},
    {{"prefix", "words of the target in front of the source, between __start__ and __end__",
      "Bogoychev et al. 2023", prefix_settings},
     prefix,
     0,
     0},
    {{"copy", "the source becomes a copy of the target", "Currey et al. 2017", share_only},
     copy,
     0,
     1},
    {{"placeholder", "a number, link or name that both sides have becomes {0}, %s, <br/> …", NULL,
      share_only},
     placeholder,
     0,
     0},
    {{"terms",
      "a term of a list that both sides have is told in the source: __source__ term __target__ "
      "translation __done__",
      "Dinu et al. 2019", terms_settings},
     terms,
     1,
     0},
    {{NULL, NULL, NULL, NULL}, NULL, 0, 0}};
