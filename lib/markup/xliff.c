/* xliff.c: documents that hold a text and its translation side by side: XLIFF 1.2 and 2, TMX.
 *
 * A text without its translation gets one: an empty <target> is filled, a missing one is added
 * behind the source (in 1.2 with the state needs-review-translation), and likewise the <tuv> of the
 * language that is translated to. What is translated already stays, and so does what says
 * translate="no". Inline elements: those that hold another program's codes (<ph>, <x>, <bpt>) are
 * tags with all that is in them, <bpt> and <ept> of one number a pair; <g>, <pc>, <mrk>, <hi> are
 * elements with text.
 */
#include "markup/htmlish.h"

#include <stdbool.h>
#include <string.h>

enum { BPT_MOST = 64 };

static const char CODES[] = "ph x bx ex it sc ec sm em cp ut sub";

/* Codes that are open, by the number that joins them. */
struct codes {
    tt_span id[BPT_MOST];
    size_t key[BPT_MOST];
    int count;
};

static tt_span number_of(const tt_doc *d, const tt_token *k) {
    static const char *const names[] = {"rid", "i", "id"};
    tt_span v = {NULL, 0};
    for (int i = 0; i < 3 && !v.text; i++) v = tt_token_attribute(d, k, names[i], NULL);
    return v;
}

static void code(tt_gather *g, struct codes *c, const tt_token *k, size_t end) {
    const int opens = tt_token_is(g->d, k, "bpt");
    tt_span id = number_of(g->d, k);
    size_t key = TT_NO_KEY;
    if (opens && c->count < BPT_MOST) {
        c->id[c->count] = id;
        c->key[c->count++] = key = k->begin;
    }
    for (int i = c->count - 1; !opens && i >= 0; i--)
        if (id.text && c->id[i].len == id.len && !memcmp(c->id[i].text, id.text, id.len)) {
            key = c->key[i];
            break;
        }
    tt_gather_tag(g, opens ? TT_TAG_OPEN : TT_TAG_CLOSE, k->begin, end, key, 0);
}

/* The text of element `at` as segments that appear only in their translation. Returns whether there
   are any. */
static bool gather(tt_doc *d, const tt_tokens *t, size_t at) {
    tt_gather g = {.d = d, .form = TT_SPELL_XML, .copied = 1, .whole = 1};
    struct codes c = {.count = 0};
    const size_t before = d->count;
    for (size_t i = at + 1; i < t->token[at].pair; i++) {
        const tt_token *k = &t->token[i];
        const int pairs = k->kind == TT_TOKEN_OPEN && k->pair != TT_NO_KEY;
        const size_t end = pairs ? t->token[k->pair].end : k->end;
        if (k->kind == TT_TOKEN_TEXT) {
            tt_htmlish_text(&g, k->begin, k->end);
        } else if ((k->kind == TT_TOKEN_EMPTY || pairs) && tt_token_is(d, k, "bpt ept")) {
            code(&g, &c, k, end);
            if (pairs) i = k->pair;
        } else if (pairs && (tt_token_is(d, k, CODES) ||
                             tt_same_name(tt_token_attribute(d, k, "translate", NULL), "no"))) {
            tt_gather_tag(&g, TT_TAG_ALONE, k->begin, end, TT_NO_KEY, 0);
            i = k->pair;
        } else {
            tt_htmlish_tag(&g, t, i);
        }
    }
    tt_gather_flush(&g);
    return d->count > before;
}

static bool is_empty(const tt_doc *d, const tt_tokens *t, size_t at) {
    const tt_token *k = &t->token[at];
    if (k->kind == TT_TOKEN_EMPTY) return true;
    for (size_t i = k->end; i < t->token[k->pair].begin; i++)
        if ((unsigned char)d->bytes[i] > ' ') return false;
    return true;
}

/* `open` behind the white space that stands before token i, so that what is added stands below
   it. */
static const char *indented(tt_doc *d, const tt_tokens *t, size_t i, const char *open) {
    const tt_token *k = i ? &t->token[i - 1] : NULL;
    size_t n = k && k->kind == TT_TOKEN_TEXT && k->end - k->begin < 200 ? k->end - k->begin : 0,
           len = strlen(open);
    for (size_t c = 0; c < n; c++)
        if ((unsigned char)d->bytes[k->begin + c] > ' ') n = 0;
    char *text = tt_arena_alloc(d->a, n + len + 1);
    if (!text) {
        d->failed = 1;
        return "";
    }
    if (n) memcpy(text, d->bytes + k->begin, n);
    memcpy(text + n, open, len + 1);
    return text;
}

/* The element `to` gets the content of `from`: `to` is filled, or added behind token `behind` where
   it is TT_NO_KEY. */
static void give(tt_doc *d, const tt_tokens *t, size_t from, size_t to, size_t behind,
                 const char *open, const char *close) {
    const size_t begin = t->token[from].end, end = t->token[t->token[from].pair].begin;
    if (to == TT_NO_KEY) {
        tt_doc_edit(d, t->token[behind].end, t->token[behind].end, begin, end, open, close);
        return;
    }
    const tt_token *k = &t->token[to];
    if (k->kind == TT_TOKEN_OPEN) {
        tt_doc_edit(d, k->end, t->token[k->pair].begin, begin, end, "", "");
        return;
    }
    /* <target/>: its slash becomes text and an end */
    char *after = tt_arena_alloc(d->a, k->name_len + 4);
    if (!after) {
        d->failed = 1;
        return;
    }
    memcpy(after, "</", 2);
    memcpy(after + 2, d->bytes + k->name, k->name_len);
    memcpy(after + 2 + k->name_len, ">", 2);
    tt_doc_edit(d, k->end - 2, k->end, begin, end, ">", after);
}

/* ---- XLIFF ----------------------------------------------------------------------------------- */

/* <source> at token i, in the element that ends at token `end`. */
static void source(tt_doc *d, const tt_tokens *t, size_t i, size_t end, int old) {
    size_t target = TT_NO_KEY, behind = t->token[i].pair;
    for (size_t j = behind + 1; j < end; j++) {
        const tt_token *k = &t->token[j];
        if (k->kind != TT_TOKEN_OPEN && k->kind != TT_TOKEN_EMPTY) continue;
        if (target == TT_NO_KEY && tt_token_is(d, k, "target")) target = j;
        if (k->kind == TT_TOKEN_OPEN && k->pair == TT_NO_KEY) continue;
        if (k->kind == TT_TOKEN_OPEN) j = k->pair;
        if (tt_token_is(d, k, "seg-source")) behind = j;
    }
    if (target != TT_NO_KEY) {
        const tt_token *k = &t->token[target];
        if (k->kind == TT_TOKEN_OPEN && k->pair == TT_NO_KEY) return;
        tt_span state = tt_token_attribute(d, k, "state", NULL);
        if (!is_empty(d, t, target) && !tt_same_name(state, "new") &&
            !tt_same_name(state, "needs-translation"))
            return;
    }
    if (!gather(d, t, i)) return;
    const char *open =
        target != TT_NO_KEY
            ? ""
            : indented(d, t, i, old ? "<target state=\"needs-review-translation\">" : "<target>");
    give(d, t, i, target, behind, open, "</target>");
}

int tt_xliff_read(tt_doc *d, tt_err *e) {
    tt_tokens t;
    TT_TRY(tt_tags_scan(&t, d, TT_TAGS_XML, e));
    size_t end = TT_NO_KEY; /* of the unit that is open */
    int old = 1;
    for (size_t i = 0; i < t.count && !d->failed; i++) {
        const tt_token *k = &t.token[i];
        if (k->kind != TT_TOKEN_OPEN || k->pair == TT_NO_KEY) continue;
        if (tt_token_is(d, k, "xliff")) {
            tt_span v = tt_token_attribute(d, k, "version", NULL);
            old = !v.len || *v.text == '1';
        } else if (tt_same_name(tt_token_attribute(d, k, "translate", NULL), "no") ||
                   tt_token_is(d, k, "alt-trans matches glossary notes ignorable")) {
            i = k->pair;
        } else if (tt_token_is(d, k, "trans-unit segment")) {
            end = k->pair;
        } else if (tt_token_is(d, k, "source") && end != TT_NO_KEY && i < end) {
            source(d, &t, i, end, old);
            i = k->pair;
            end = TT_NO_KEY; /* a unit has one */
        }
    }
    return 0;
}

/* ---- TMX ------------------------------------------------------------------------------------- */

/* 1 if two names of languages begin with the same word (en, en-GB). */
static bool same_language(tt_span a, tt_span b) {
    size_t n = 0, m = 0;
    while (n < a.len && a.text[n] != '-' && a.text[n] != '_') n++;
    while (m < b.len && b.text[m] != '-' && b.text[m] != '_') m++;
    if (!n || n != m) return false;
    for (size_t i = 0; i < n; i++)
        if ((a.text[i] | 32) != (b.text[i] | 32)) return false;
    return true;
}

static tt_span language(const tt_doc *d, const tt_token *k) {
    tt_span v = tt_token_attribute(d, k, "xml:lang", NULL);
    return v.text ? v : tt_token_attribute(d, k, "lang", NULL);
}

/* The unit at token i. */
static void unit(tt_doc *d, const tt_tokens *t, size_t i, tt_span from) {
    const tt_span to = {d->to, strlen(d->to)};
    size_t first = TT_NO_KEY, seg = TT_NO_KEY, other = TT_NO_KEY, tuv = TT_NO_KEY;
    for (size_t j = i + 1; j < t->token[i].pair; j++) {
        const tt_token *k = &t->token[j];
        if ((k->kind == TT_TOKEN_OPEN || k->kind == TT_TOKEN_EMPTY) && tt_token_is(d, k, "tuv")) {
            tuv = k->kind == TT_TOKEN_OPEN && k->pair != TT_NO_KEY ? j : TT_NO_KEY;
        } else if (tuv != TT_NO_KEY && (k->kind == TT_TOKEN_OPEN || k->kind == TT_TOKEN_EMPTY) &&
                   tt_token_is(d, k, "seg")) {
            if (k->kind == TT_TOKEN_OPEN && k->pair == TT_NO_KEY) continue;
            tt_span l = language(d, &t->token[tuv]);
            if (same_language(l, to)) {
                other = j;
            } else if (seg == TT_NO_KEY && k->kind == TT_TOKEN_OPEN &&
                       (!from.len || same_language(l, from))) {
                seg = j;
                first = tuv;
            }
        }
    }
    if (seg == TT_NO_KEY || (other != TT_NO_KEY && !is_empty(d, t, other)) || !gather(d, t, seg))
        return;
    char open[64] = "<tuv xml:lang=\"";
    size_t n = strlen(open);
    for (size_t c = 0; c < to.len && n < 40; c++) open[n++] = to.text[c];
    memcpy(open + n, "\"><seg>", 8);
    give(d, t, seg, other, t->token[first].pair,
         other == TT_NO_KEY ? indented(d, t, first, open) : "", "</seg></tuv>");
}

int tt_tmx_read(tt_doc *d, tt_err *e) {
    tt_tokens t;
    tt_span from = {NULL, 0};
    TT_TRY(tt_tags_scan(&t, d, TT_TAGS_XML, e));
    for (size_t i = 0; i < t.count && !d->failed; i++) {
        const tt_token *k = &t.token[i];
        if ((k->kind == TT_TOKEN_OPEN || k->kind == TT_TOKEN_EMPTY) &&
            tt_token_is(d, k, "header")) {
            from = tt_token_attribute(d, k, "srclang", NULL);
            if (tt_same_name(from, "*all*")) from.len = 0;
        } else if (k->kind == TT_TOKEN_OPEN && k->pair != TT_NO_KEY && tt_token_is(d, k, "tu")) {
            unit(d, &t, i, from);
            i = k->pair;
        }
    }
    return 0;
}
