/* po.c: messages of gettext.
 *
 * An entry without a translation gets one: msgstr from msgid, msgstr[0] from it and msgstr[1] …
 * from msgid_plural, and the flag fuzzy, for nobody has read it. The header, entries that are
 * translated, and obsolete ones stay. A line end in a message (\n) divides it into segments, so
 * that it stays where it was.
 */
#include "markup/gather.h"

#include <string.h>

enum { PLURALS = 16 };

/* A string over one line or several: bytes between its first and last quote. */
struct string {
    size_t begin, end, keyword; /* keyword: where its line begins */
    int there, empty;
};

struct entry {
    struct string id, plural, str[PLURALS];
    int n_str;               /* the highest index and one */
    size_t flags, flags_end; /* the line "#, …"; TT_NO_KEY: none */
    size_t first;            /* where msgctxt or msgid begins */
    int fuzzy, obsolete;
};

struct po {
    tt_doc *d;
    struct entry x;
    struct string *open; /* which further lines belong to */
    int crlf;            /* how lines end */
};

/* Makes segments of a message's text. */
static void gather(tt_doc *d, const struct string *s) {
    tt_gather g = {.d = d, .form = TT_SPELL_PO, .copied = 1, .whole = 1};
    const char *p = d->bytes;
    for (size_t i = s->begin; i < s->end;) {
        size_t from = i;
        while (i < s->end && p[i] != '\\' && p[i] != '"') i++;
        tt_gather_text(&g, from, i);
        if (i >= s->end) break;
        if (p[i] == '"') { /* the string goes on in another line */
            for (i++; i < s->end && p[i] != '"'; i++) continue;
            i++;
            continue;
        }
        char c = i + 1 < s->end ? p[i + 1] : 0;
        if (c == 'n') tt_gather_flush(&g);
        else if (c == '"' || c == '\\') tt_gather_char(&g, i, i + 2, c == '"' ? "\"" : "\\", 1);
        else if (c == 't' || c == 'r') tt_gather_tag(&g, TT_TAG_BLANK, i, i + 2, TT_NO_KEY, 0);
        else tt_gather_tag(&g, TT_TAG_ALONE, i, c ? i + 2 : i + 1, TT_NO_KEY, 0);
        i += c ? 2 : 1;
    }
    tt_gather_flush(&g);
}

/* An entry has ended: what is to be written for it. */
static void finish(struct po *po) {
    struct entry *x = &po->x;
    tt_doc *d = po->d;
    int wants = x->id.there && !x->obsolete && x->n_str && x->id.end > x->id.begin;
    for (int i = 0; i < x->n_str; i++) wants = wants && x->str[i].there && x->str[i].empty;
    if (wants) {
        size_t before = d->count;
        gather(d, &x->id);
        if (x->plural.there) gather(d, &x->plural);
        wants = d->count > before; /* without a letter there is nothing to translate */
    }
    if (wants) {
        if (x->flags == TT_NO_KEY)
            tt_doc_edit(d, x->first, x->first, 0, 0, po->crlf ? "#, fuzzy\r\n" : "#, fuzzy\n", "");
        else if (!x->fuzzy) tt_doc_edit(d, x->flags + 2, x->flags + 2, 0, 0, " fuzzy,", "");
        for (int i = 0; i < x->n_str; i++) {
            const struct string *from = i && x->plural.there ? &x->plural : &x->id;
            tt_doc_edit(d, x->str[i].begin, x->str[i].end, from->begin, from->end, "", "");
        }
    }
    po->x = (struct entry){.flags = TT_NO_KEY, .first = TT_NO_KEY};
    po->open = NULL;
}

static int begins(const char *p, size_t len, const char *word) {
    size_t n = strlen(word);
    return len > n && !memcmp(p, word, n) &&
           (p[n] == ' ' || p[n] == '\t' || p[n] == '[' || p[n] == '"');
}

/* The string of a line: from its first quote to its last; 0: it has not two. */
static int quoted(const struct po *po, size_t at, size_t end, size_t *first, size_t *last) {
    const char *p = po->d->bytes, *q = memchr(p + at, '"', end - at);
    if (q) {
        *first = (size_t)(q - p) + 1;
        for (size_t i = *first; i < end; i++) {
            if (p[i] == '\\') i++;
            else if (p[i] == '"') {
                *last = i;
                return 1;
            }
        }
    }
    tt_doc_note(po->d, at, "a string that does not end");
    return 0;
}

static void start(struct po *po, struct string *s, size_t line, size_t at, size_t end) {
    size_t first, last;
    po->open = NULL;
    if (!quoted(po, at, end, &first, &last)) {
        po->x.obsolete = 1; /* better none than half an entry */
        return;
    }
    *s = (struct string){first, last, line, 1, first == last};
    po->open = s;
}

static void keyword(struct po *po, size_t at, size_t end) {
    const char *p = po->d->bytes + at;
    const size_t len = end - at;
    struct entry *x = &po->x;
    if (begins(p, len, "msgctxt")) {
        if (x->n_str) finish(po);
        x->first = at;
        struct string context;
        start(po, &context, at, at, end);
        po->open = NULL;
    } else if (begins(p, len, "msgid_plural")) {
        start(po, &x->plural, at, at, end);
    } else if (begins(p, len, "msgid")) {
        if (x->n_str || x->id.there) finish(po);
        if (x->first == TT_NO_KEY) x->first = at;
        start(po, &x->id, at, at, end);
    } else if (begins(p, len, "msgstr")) {
        int i = 0;
        if (p[6] == '[') {
            size_t k = 7;
            for (; k < len && p[k] >= '0' && p[k] <= '9' && i < PLURALS; k++)
                i = i * 10 + (p[k] - '0');
            if (k == 7 || k == len || p[k] != ']' || i >= PLURALS) i = PLURALS;
        }
        if (!x->id.there || i >= PLURALS || i > x->n_str) {
            tt_doc_note(po->d, at,
                        x->id.there ? "an index of msgstr that cannot be"
                                    : "a msgstr without msgid");
            x->obsolete = 1;
            return;
        }
        if (i == x->n_str) x->n_str++;
        start(po, &x->str[i], at, at, end);
    } else {
        tt_doc_note(po->d, at, "a line that is none of gettext's");
        x->obsolete = 1;
        po->open = NULL;
    }
}

static void line(struct po *po, size_t at, size_t end) {
    const char *p = po->d->bytes;
    struct entry *x = &po->x;
    while (at < end && (p[at] == ' ' || p[at] == '\t')) at++;
    while (end > at && (unsigned char)p[end - 1] <= ' ') end--;
    if (at == end) return;
    if (p[at] == '#') {
        if (x->n_str) finish(po);
        if (end - at > 1 && p[at + 1] == ',') {
            x->flags = at;
            x->flags_end = end;
            for (size_t i = at; i + 5 <= end; i++) x->fuzzy |= !memcmp(p + i, "fuzzy", 5);
        }
    } else if (p[at] == '"') {
        size_t first, last;
        if (!quoted(po, at, end, &first, &last)) {
            x->obsolete = 1;
        } else if (po->open) {
            po->open->end = last;
            po->open->empty = po->open->empty && first == last;
        }
    } else {
        keyword(po, at, end);
    }
}

int tt_po_read(tt_doc *d, tt_err *e) {
    struct po po = {.d = d, .x = {.flags = TT_NO_KEY, .first = TT_NO_KEY}};
    const char *p = d->bytes;
    (void)e;
    for (size_t at = d->len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;
         at < d->len && !d->failed;) {
        const char *nl = memchr(p + at, '\n', d->len - at);
        size_t next = nl ? (size_t)(nl - p) + 1 : d->len;
        if (!at) po.crlf = nl && next > 1 && p[next - 2] == '\r';
        line(&po, at, nl ? next - 1 : next);
        at = next;
    }
    finish(&po);
    return 0;
}
