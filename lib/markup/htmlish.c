/* htmlish.c: HTML and XML.
 *
 * In HTML, the element's name says whether it divides text (<p>, <td>) or stands in it (<b>, <a>;
 * what is not known, too). In XML nothing says so but the text: an element with letters of its own
 * is a segment, and all elements in it are inline. Attributes that people read are segments of
 * their own, inside of their tags.
 */
#include "markup/htmlish.h"

#include <stdbool.h>
#include <string.h>

static const char BLOCKS[] =
    "html head body title meta link base address article aside blockquote center dd details dialog "
    "dir div dl dt fieldset "
    "figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 header hgroup hr legend li "
    "main menu nav noscript "
    "noframes ol optgroup option p section select summary search table caption colgroup col tbody "
    "td tfoot th thead tr ul "
    "textarea button input label output progress meter datalist iframe video audio source track "
    "object embed param canvas "
    "map area template slot script style pre svg math picture plaintext xmp listing";
static const char HIDDEN[] = "script style pre svg math template canvas xmp listing plaintext";
/* Copied as they stand, but words of a sentence; longer ones are no words. */
static const char COPIED[] = "code kbd samp var tt";
enum { COPIED_MOST = 60 };

void tt_htmlish_text(tt_gather *g, size_t begin, size_t end) {
    const char *p = g->d->bytes;
    char text[8];
    size_t n;
    while (begin < end) {
        const char *amp = memchr(p + begin, '&', end - begin);
        size_t at = amp ? (size_t)(amp - p) : end;
        tt_gather_text(g, begin, at);
        if (!amp) return;
        size_t len = tt_entity_at(amp, end - at, text, &n);
        begin = at + (len ? len : 1);
        if (len && n == 2 && !memcmp(text, "\xc2\xa0", 2)) {
            tt_gather_tag(g, TT_TAG_BLANK, at, begin, TT_NO_KEY, 0);
        } else if (len && (*text == ' ' || (unsigned char)*text == 0xad)) {
            tt_gather_tag(g, TT_TAG_ALONE, at, begin, TT_NO_KEY, 0);
        } else if (len) {
            tt_gather_char(g, at, begin, text, n);
        } else { /* a name that is not known here is kept; an & alone is text */
            size_t k = at + 1;
            while (k < end && k - at < 40 && ((p[k] >= '0' && p[k] <= '9') || (p[k] | 32) >= 'a') &&
                   (p[k] | 32) <= 'z' && p[k] != '_')
                k++;
            if (k == at + 1 && k < end && p[k] == '#')
                for (k++;
                     k < end && k - at < 40 &&
                     (((p[k] | 32) >= 'a' && (p[k] | 32) <= 'z') || (p[k] >= '0' && p[k] <= '9'));
                     k++)
                    continue;
            if (k > at + 1 && k < end && p[k] == ';') {
                begin = k + 1;
                tt_gather_tag(g, TT_TAG_ALONE, at, begin, TT_NO_KEY, 0);
            } else {
                if (g->form == TT_SPELL_XML) tt_doc_note(g->d, at, "a & that begins no reference");
                tt_gather_char(g, at, begin, "&", 1);
            }
        }
    }
}

void tt_htmlish_tag(tt_gather *g, const tt_tokens *t, size_t number) {
    const tt_token *k = &t->token[number];
    size_t key = k->pair == TT_NO_KEY ? TT_NO_KEY : k->pair < number ? k->pair : number;
    int kind = k->kind == TT_TOKEN_OPEN    ? TT_TAG_OPEN
               : k->kind == TT_TOKEN_CLOSE ? TT_TAG_CLOSE
                                           : TT_TAG_ALONE;
    tt_gather_tag(g, kind, k->begin, k->end, key, 0);
}

void tt_htmlish_value(tt_doc *d, tt_span value, char quote) {
    if (!value.len) return;
    tt_gather g = {.d = d,
                   .whole = 1,
                   .form = quote == '"' ? TT_SPELL_DOUBLE
                           : quote      ? TT_SPELL_SINGLE
                                        : TT_SPELL_BARE};
    size_t begin = (size_t)(value.text - d->bytes);
    tt_htmlish_text(&g, begin, begin + value.len);
    tt_gather_flush(&g);
}

/* ---- HTML ------------------------------------------------------------------------------------ */

static int said(tt_span v, const char *names) {
    while (*names) {
        size_t n = strcspn(names, " ");
        if (v.text && v.len == n && !memcmp(v.text, names, n)) return 1;
        names += n + strspn(names + n, " ");
    }
    return 0;
}

static void attributes(tt_doc *d, const tt_token *k) {
    tt_span name, value;
    char quote;
    if (!memchr(d->bytes + k->begin, '=', k->end - k->begin)) return;
    const int meta = tt_token_is(d, k, "meta"), button = tt_token_is(d, k, "input"),
              labels = tt_token_is(d, k, "option optgroup track menuitem");
    for (size_t at = 0; tt_token_next(d, k, &at, &name, &value, &quote);) {
        int read = tt_same_name(name, "alt") || tt_same_name(name, "title") ||
                   tt_same_name(name, "placeholder") || tt_same_name(name, "aria-label") ||
                   tt_same_name(name, "aria-description") ||
                   tt_same_name(name, "aria-placeholder") ||
                   tt_same_name(name, "aria-roledescription") ||
                   tt_same_name(name, "aria-valuetext") || (labels && tt_same_name(name, "label"));
        if (!read && meta && tt_same_name(name, "content"))
            read = said(tt_token_attribute(d, k, "name", NULL),
                        "description twitter:title twitter:description") ||
                   said(tt_token_attribute(d, k, "property", NULL),
                        "og:title og:description og:image:alt og:site_name");
        if (!read && button && tt_same_name(name, "value"))
            read = said(tt_token_attribute(d, k, "type", NULL), "submit button reset");
        if (read) tt_htmlish_value(d, value, quote);
    }
}

/* 1 if the element says that it is not to be translated. */
static int kept(const tt_doc *d, const tt_token *k) {
    if (tt_same_name(tt_token_attribute(d, k, "translate", NULL), "no")) return 1;
    tt_span c = tt_token_attribute(d, k, "class", NULL);
    for (size_t i = 0; i + 11 <= c.len && c.len < 4096; i++)
        if (!memcmp(c.text + i, "notranslate", 11)) return 1;
    return 0;
}

static bool ends_sentence(const tt_gather *g) {
    size_t i = g->len;
    while (i && g->text[i - 1] == ' ') i--;
    return i && strchr(".!?:;", g->text[i - 1]) != NULL;
}

/* An element that is copied: a word of the sentence where it is short. Returns the number of its
   end. */
static size_t copy(tt_gather *g, const tt_tokens *t, size_t i) {
    const tt_token *k = &t->token[i], *close = &t->token[k->pair];
    if (close->begin - k->end > COPIED_MOST || close->begin == k->end) {
        tt_gather_tag(g, TT_TAG_ALONE, k->begin, close->end, TT_NO_KEY, 0);
        return k->pair;
    }
    tt_gather_tag(g, TT_TAG_OPEN, k->begin, k->end, i, 1);
    for (size_t j = i + 1; j < k->pair; j++)
        if (t->token[j].kind == TT_TOKEN_TEXT)
            tt_htmlish_text(g, t->token[j].begin, t->token[j].end);
    tt_gather_tag(g, TT_TAG_CLOSE, close->begin, close->end, i, 0);
    return k->pair;
}

int tt_html_read(tt_doc *d, tt_err *e) {
    tt_tokens t;
    TT_TRY(tt_tags_scan(&t, d, TT_TAGS_HTML, e));
    tt_gather g = {.d = d, .form = TT_SPELL_HTML};
    for (size_t i = 0; i < t.count && !d->failed; i++) {
        const tt_token *k = &t.token[i];
        if (k->kind == TT_TOKEN_TEXT) {
            tt_htmlish_text(&g, k->begin, k->end);
            continue;
        }
        const int tag = k->kind <= TT_TOKEN_EMPTY,
                  opens = k->kind == TT_TOKEN_OPEN || k->kind == TT_TOKEN_EMPTY;
        if (tag && tt_token_is(d, k, BLOCKS)) {
            tt_gather_flush(&g);
            if (k->kind == TT_TOKEN_OPEN && k->pair != TT_NO_KEY &&
                (tt_token_is(d, k, HIDDEN) || kept(d, k))) {
                i = k->pair;
                continue;
            }
            if (opens) attributes(d, k);
            continue;
        }
        if (k->kind == TT_TOKEN_OPEN && k->pair != TT_NO_KEY &&
            (tt_token_is(d, k, COPIED) || kept(d, k))) {
            i = copy(&g, &t, i);
            continue;
        }
        if (opens) attributes(d, k);
        if (k->kind == TT_TOKEN_EMPTY && tt_token_is(d, k, "br")) {
            int twice = g.count && g.tags[g.count - 1].kind == TT_TAG_BLANK &&
                        g.tags[g.count - 1].at == g.len;
            if (twice || ends_sentence(&g)) tt_gather_flush(&g);
            else tt_gather_tag(&g, TT_TAG_BLANK, k->begin, k->end, TT_NO_KEY, 0);
            continue;
        }
        tt_htmlish_tag(&g, &t, i);
    }
    tt_gather_flush(&g);
    return 0;
}

/* ---- XML ------------------------------------------------------------------------------------- */

static bool has_text(const tt_doc *d, const tt_token *k) {
    for (size_t i = k->begin; i < k->end; i++)
        if ((unsigned char)d->bytes[i] > ' ') return true;
    return false;
}

/* What people do not read: code, by the names that common kinds of XML give it. */
static const char CODE[] = "script style pre code programlisting screen literallayout synopsis "
                           "math svg:script mml:math command filename";

int tt_xml_read(tt_doc *d, tt_err *e) {
    tt_tokens t;
    TT_TRY(tt_tags_scan(&t, d, TT_TAGS_XML, e));
    /* mixed[i]: element i has text of its own; inside: how many such elements are open */
    char *mixed = tt_arena_zero(d->a, t.count + 1);
    size_t *stack = tt_arena_alloc(d->a, (t.count + 1) * sizeof *stack);
    if (!mixed || !stack) return tt_fail(e, TT_ENOMEM, "out of memory for the tags of a document");
    size_t depth = 0, inside = 0;
    for (size_t i = 0; i < t.count; i++) {
        const tt_token *k = &t.token[i];
        if (k->kind == TT_TOKEN_OPEN && k->pair != TT_NO_KEY) stack[depth++] = i;
        else if (k->kind == TT_TOKEN_CLOSE && k->pair != TT_NO_KEY) depth--;
        else if (k->kind == TT_TOKEN_TEXT && depth && has_text(d, k)) mixed[stack[depth - 1]] = 1;
    }
    tt_gather g = {.d = d, .form = TT_SPELL_XML};
    for (size_t i = 0; i < t.count && !d->failed; i++) {
        const tt_token *k = &t.token[i];
        const int pairs = k->pair != TT_NO_KEY,
                  is_mixed = pairs && mixed[k->kind == TT_TOKEN_CLOSE ? k->pair : i];
        if (k->kind == TT_TOKEN_TEXT) {
            tt_htmlish_text(&g, k->begin, k->end);
        } else if (k->kind == TT_TOKEN_CDATA) {
            tt_gather_flush(&g);
            tt_gather c = {.d = d, .form = TT_SPELL_CDATA};
            tt_gather_text(&c, k->begin + 9, k->end - 3);
            tt_gather_flush(&c);
        } else if (k->kind == TT_TOKEN_OPEN && pairs &&
                   (tt_token_is(d, k, CODE) ||
                    tt_same_name(tt_token_attribute(d, k, "translate", NULL), "no"))) {
            if (inside) i = copy(&g, &t, i);
            else i = k->pair;
        } else if (!inside) {
            tt_gather_flush(&g);
            inside = k->kind == TT_TOKEN_OPEN && is_mixed;
        } else if (is_mixed && k->kind == TT_TOKEN_CLOSE && inside == 1) {
            tt_gather_flush(&g);
            inside = 0;
        } else {
            if (is_mixed && k->kind == TT_TOKEN_OPEN) inside++;
            if (is_mixed && k->kind == TT_TOKEN_CLOSE) inside--;
            tt_htmlish_tag(&g, &t, i);
        }
    }
    tt_gather_flush(&g);
    return 0;
}
