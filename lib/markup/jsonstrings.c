/* jsonstrings.c: JSON whose strings are texts, as programs keep their messages in.
 *
 * Each string that is a value is a segment, or several where \n divides it; keys, numbers and words
 * such as true are not looked at. Brackets are counted, so that a broken document is named, but
 * what stands in it is found without them.
 */
#include "markup/gather.h"

#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

/* \uXXXX at p, a pair of surrogates too: its length and text; 0: none that is a character people
   see. */
static size_t unicode(const char *p, const char *end, char *text, size_t *n) {
    uint32_t code;
    const size_t used = tt_json_escape(p, end, &code);
    if (!used || code < 0x20 || (code >= 0x7f && code < 0xa1) || (code >= 0xd800 && code < 0xe000))
        return 0;
    *n = tt_utf8_put(text, code);
    return used;
}

/* A value: a word without blanks but with a slash or a colon in it is an address or a path. */
static int is_address(const char *p, size_t len) {
    int mark = 0;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)p[i] <= ' ') return 0;
        mark |= p[i] == '/' || (p[i] == ':' && i + 1 < len && p[i + 1] == '/');
    }
    return mark;
}

static void value(tt_doc *d, size_t begin, size_t end) {
    tt_gather g = {.d = d, .form = TT_SPELL_JSON};
    const char *p = d->bytes;
    char text[8];
    size_t n, used;
    if (is_address(p + begin, end - begin)) return;
    for (size_t i = begin; i < end && !d->failed;) {
        size_t from = i;
        while (i < end && p[i] != '\\') i++;
        tt_gather_text(&g, from, i);
        if (i >= end) break;
        const char c = i + 1 < end ? p[i + 1] : 0;
        if (c == 'n') {
            tt_gather_flush(&g);
            i += 2;
        } else if (c == '"' || c == '\\' || c == '/') {
            tt_gather_char(&g, i, i + 2, p + i + 1, 1);
            i += 2;
        } else if (c == 'u' && (used = unicode(p + i, p + end, text, &n)) > 0) {
            tt_gather_char(&g, i, i + used, text, n);
            i += used;
        } else {
            used = c == 'u' && end - i >= 6 ? 6 : c ? 2 : 1;
            tt_gather_tag(&g, c == 't' || c == 'r' ? TT_TAG_BLANK : TT_TAG_ALONE, i, i + used,
                          TT_NO_KEY, 0);
            i += used;
        }
    }
    tt_gather_flush(&g);
}

/* Where the string that begins behind a quote ends; TT_NO_KEY: nowhere. */
static size_t string_end(const tt_doc *d, size_t at) {
    for (; at < d->len; at++) {
        if (d->bytes[at] == '\\') at++;
        else if (d->bytes[at] == '"') return at;
    }
    return TT_NO_KEY;
}

/* Bytes of what may stand outside strings: true, false, null, a mark of byte order, or a character
   of numbers and of what divides values; 0: it is no JSON. */
static size_t plain(const char *p, size_t len) {
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (len >= strlen(words[i]) && !memcmp(p, words[i], strlen(words[i])))
            return strlen(words[i]);
    if (len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) return 3;
    return *p && strchr("0123456789+-.eE,: \t\r\n", *p) ? 1 : 0;
}

int tt_json_strings_read(tt_doc *d, tt_err *e) {
    const char *p = d->bytes;
    char *stack = tt_arena_alloc(d->a, d->len + 1);
    size_t depth = 0, odd = 0;
    if (!stack) return tt_fail(e, TT_ENOMEM, "out of memory for a document of %zu bytes", d->len);
    for (size_t i = 0; i < d->len && !d->failed; i++) {
        if (p[i] == '{' || p[i] == '[') {
            stack[depth++] = p[i];
        } else if (p[i] == '}' || p[i] == ']') {
            if (!depth || (stack[depth - 1] == '{') != (p[i] == '}'))
                tt_doc_note(d, i, "a %c that closes nothing", p[i]);
            else depth--;
        } else if (p[i] == '"') {
            size_t end = string_end(d, i + 1), next;
            if (end == TT_NO_KEY) {
                tt_doc_note(d, i, "a string that does not end; what is behind it is left as it is");
                return 0;
            }
            for (next = end + 1; next < d->len && (unsigned char)p[next] <= ' ';) next++;
            if (next >= d->len || p[next] != ':') value(d, i + 1, end);
            i = end;
        } else {
            const size_t n = plain(p + i, d->len - i);
            if (!n && !odd++) tt_doc_note(d, i, "this is no JSON");
            if (n) i += n - 1;
        }
    }
    if (depth)
        tt_doc_note(d, d->len, "%zu bracket%s not closed", depth, depth == 1 ? " is" : "s are");
    return 0;
}
