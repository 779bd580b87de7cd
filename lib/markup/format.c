/* format.c: the table of formats, and writing: what is no segment is copied, what is one is
 * rendered.
 *
 * The bytes of the document run past once; segments and edits lie on them in order. The only
 * nesting is that of a segment inside the tag of another (<img alt="…"> in a sentence), so two
 * calls deep is as deep as it goes.
 */
#include "markup/markup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "markup/gather.h"
#include "markup/place.h"

static const tt_format rows[] = {
    {{"html", "HTML", NULL, NULL}, ".html .htm .xhtml", tt_html_read},
    {{"xml", "XML of any kind", NULL, NULL}, ".xml .svg .docbook", tt_xml_read},
    {{"markdown", "Markdown", NULL, NULL}, ".md .markdown .mkd", tt_markdown_read},
    {{"srt", "subtitles, SubRip", NULL, NULL}, ".srt", tt_srt_read},
    {{"vtt", "subtitles, WebVTT", NULL, NULL}, ".vtt", tt_vtt_read},
    {{"po", "messages, gettext", NULL, NULL}, ".po .pot", tt_po_read},
    {{"xliff", "XLIFF 1.2 and 2", NULL, NULL}, ".xlf .xliff .sdlxliff", tt_xliff_read},
    {{"tmx", "translation memory", NULL, NULL}, ".tmx", tt_tmx_read},
    {{"json-strings", "JSON whose strings are texts", NULL, NULL},
     ".json .arb",
     tt_json_strings_read}};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_document = {"document", "formats of documents that are translated",
                                      row_at};

enum { FORMATS = sizeof rows / sizeof *rows };

const tt_format *tt_format_named(const char *name) {
    const int i = tt_family_place(&tt_family_document, name, strlen(name));
    return i < 0 ? NULL : &rows[i];
}

static bool same_letters(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((a[i] >= 'A' && a[i] <= 'Z' ? a[i] | 32 : a[i]) != b[i]) return false;
    return true;
}

const tt_format *tt_format_of(const char *path) {
    size_t len = strlen(path);
    if (len > 3 && !strcmp(path + len - 3, ".gz")) len -= 3;
    for (size_t i = 0; i < FORMATS; i++)
        for (const char *s = rows[i].suffixes; *s;) {
            size_t n = strcspn(s, " ");
            if (len > n && same_letters(path + len - n, s, n)) return &rows[i];
            s += n + strspn(s + n, " ");
        }
    return NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int by_begin(const void *a, const void *b) {
    const tt_segment *s = a, *t = b;
    if (s->begin != t->begin) return s->begin < t->begin ? -1 : 1;
    return s->end > t->end ? -1 : s->end < t->end;
}

static int by_line(const void *a, const void *b) {
    const tt_note *n = a, *m = b;
    return n->line < m->line ? -1 : n->line > m->line;
}

int tt_doc_read(tt_doc *d, const tt_format *f, const char *bytes, size_t len, const char *to,
                tt_arena *a, tt_err *e) {
    *d = (tt_doc){.format = f, .bytes = bytes, .len = len, .to = to ? to : "es", .a = a};
    int rc = f->read(d, e);
    if (!rc && d->failed)
        rc = tt_fail(e, TT_ENOMEM, "out of memory for a document of %zu bytes", len);
    const size_t kept = d->n_notes < TT_NOTES_MOST ? d->n_notes : TT_NOTES_MOST;
    if (kept) qsort(d->notes, kept, sizeof *d->notes, by_line);
    if (!rc && d->count) qsort(d->segments, d->count, sizeof *d->segments, by_begin);
    return rc;
}

/* ---- writing --------------------------------------------------------------------------------- */

struct writing {
    const tt_doc *d;
    const tt_rendition *r;
    tt_put_fn *put;
    void *ctx;
    tt_arena *a;
};

static int put_range(const struct writing *w, size_t begin, size_t end, int copies, int depth,
                     tt_err *e);

static int put(const struct writing *w, const char *p, size_t len, tt_err *e) {
    return len ? w->put(w->ctx, p, len, e) : 0;
}
static int say(const struct writing *w, const char *text, tt_err *e) {
    return put(w, text, strlen(text), e);
}

/* The signs of Markdown that the source uses as plain text are plain in the translation, too. */
static bool is_plain_sign(const tt_segment *s, char c) {
    return memchr(s->text.text, c, s->text.len) != NULL;
}

/* How the character p[0] of n bytes, `before` it in the output, is written; NULL: as it is. room:
   of 8 bytes. */
static const char *escape(const tt_segment *s, const char *p, char before, int first, char *room) {
    const int form = s->form;
    const char c = *p;
    static const char digits[] = "0123456789abcdef";
    switch (form) {
    case TT_SPELL_HTML:
    case TT_SPELL_XML:
    case TT_SPELL_DOUBLE:
    case TT_SPELL_SINGLE:
    case TT_SPELL_BARE:
        if (c == '&') return "&amp;";
        if (c == '<') return "&lt;";
        if (c == '>' && (form == TT_SPELL_XML || before == ']')) return "&gt;";
        if (c == '"' && (form == TT_SPELL_DOUBLE || form == TT_SPELL_BARE)) return "&quot;";
        return c == '\'' && form == TT_SPELL_SINGLE ? "&#39;" : NULL;
    case TT_SPELL_CDATA: return c == '>' && before == ']' ? "]]><![CDATA[>" : NULL;
    case TT_SPELL_MARKDOWN:
    case TT_SPELL_CELL:
        if (first ? strchr("#>-+=~*`[<", c) && c != s->text.text[0]
                  : strchr("*`[]<", c) && !is_plain_sign(s, c))
            break;
        if (c == '|' && form == TT_SPELL_CELL) break;
        return NULL;
    case TT_SPELL_JSON:
    case TT_SPELL_PO:
        if (c == '"') return "\\\"";
        if (c == '\\') return "\\\\";
        if ((unsigned char)c >= ' ' && c != 0x7f) return NULL;
        if (form == TT_SPELL_PO) return " ";
        memcpy(room, "\\u00", 4);
        room[4] = digits[(unsigned char)c >> 4];
        room[5] = digits[c & 15];
        room[6] = 0;
        return room;
    default: return NULL;
    }
    room[0] = '\\';
    room[1] = c;
    room[2] = 0;
    return room;
}

static const tt_spelling *spelt(const tt_segment *s, const char *p, size_t len) {
    for (int i = 0; i < s->n_spellings; i++)
        if (s->spellings[i].len <= len && !memcmp(s->spellings[i].text, p, s->spellings[i].len))
            return &s->spellings[i];
    return NULL;
}

/* Bytes from … to-1 of the rendition. */
static int put_text(const struct writing *w, const tt_segment *s, tt_span text, size_t from,
                    size_t to, tt_err *e) {
    size_t done = from;
    for (size_t i = from; i < to;) {
        char room[8];
        const char *other = NULL;
        const tt_spelling *x = s->n_spellings ? spelt(s, text.text + i, to - i) : NULL;
        if (!x) other = escape(s, text.text + i, i ? text.text[i - 1] : 0, !i, room);
        if (!x && !other) {
            i++;
            continue;
        }
        TT_TRY(put(w, text.text + done, i - done, e));
        TT_TRY(x ? put(w, w->d->bytes + x->begin, x->end - x->begin, e) : say(w, other, e));
        done = i += x ? x->len : 1;
    }
    return put(w, text.text + done, to - done, e);
}

/* A line end with no text before or behind it in its field, from byte `to` before it and `at`
   behind: it would make a blank line. */
static bool is_idle(const tt_segment *s, const tt_placed *p, size_t i, size_t to, size_t at,
                    size_t len) {
    if (!to || at >= len) return true;
    for (size_t k = i + 1; k < s->count && p[k].at <= at; k++)
        if (s->tags[p[k].tag].kind == TT_TAG_BREAK || s->tags[p[k].tag].kind == TT_TAG_WRAP)
            return true;
    for (size_t k = i; k-- && p[k].at >= to;)
        if (s->tags[p[k].tag].kind == TT_TAG_BREAK) return true;
    return false;
}

/* What the text of a segment has come to. */
struct course {
    size_t at;   /* bytes of the rendition that are written or passed */
    int blank;   /* a blank or nothing stands before what comes, or an element has just begun */
    int pending; /* a blank is to come before the next text */
};

/* The rendition's bytes up to `to`, and the blank that is due. */
static int go_on(const struct writing *w, const tt_segment *s, tt_span t, struct course *c,
                 size_t to, tt_err *e) {
    if (to <= c->at) return 0;
    if (c->pending && (unsigned char)t.text[c->at] > ' ') TT_TRY(say(w, " ", e));
    TT_TRY(put_text(w, s, t, c->at, to, e));
    c->at = to;
    c->pending = 0;
    c->blank = (unsigned char)t.text[to - 1] <= ' ';
    return 0;
}

/* A tag, and the blanks it stands between. */
static int put_tag(const struct writing *w, const tt_tag *tag, size_t end, struct course *c,
                   int copies, tt_err *e) {
    const int closes = tag->kind == TT_TAG_CLOSE;
    if (!closes && !c->blank && (c->pending || (tag->spaced & TT_SPACE_BEFORE))) {
        TT_TRY(say(w, " ", e));
        c->pending = 0;
        c->blank = 1;
    }
    TT_TRY(put_range(w, tag->begin, end, copies, 1, e));
    if (!closes && tag->kind != TT_TAG_OPEN) c->blank = 0;
    if (closes) c->blank = 0;
    if (tag->spaced & TT_SPACE_BEHIND) c->pending = 1;
    return 0;
}

static int put_segment(const struct writing *w, const tt_segment *s, const tt_rendition *r,
                       int copies, tt_err *e) {
    const tt_span t = r->text;
    struct course c = {.blank = 1};
    tt_placed *p;
    if (!t.text || (t.len == s->text.len && !memcmp(t.text, s->text.text, t.len)))
        return put_range(w, s->begin, s->end, copies, 1, e);
    tt_mark mark = tt_arena_mark(w->a);
    TT_TRY(tt_place(&p, s, r, w->d->bytes, w->a, e));
    if (s->form == TT_SPELL_BARE) TT_TRY(say(w, "\"", e));
    for (size_t i = 0; i < s->count; i++) {
        const tt_tag *tag = &s->tags[p[i].tag];
        size_t to = p[i].at > c.at ? p[i].at : c.at, from = to, end = tag->end;
        /* instead of the blanks around it */
        if (tag->kind >= TT_TAG_BLANK && tag->kind <= TT_TAG_BREAK) {
            while (to > c.at && (unsigned char)t.text[to - 1] <= ' ') to--;
            while (from < t.len && (unsigned char)t.text[from] <= ' ') from++;
            TT_TRY(go_on(w, s, t, &c, to, e));
            c.at = from;
            c.pending = 0;
            if (tag->kind != TT_TAG_WRAP || !is_idle(s, p, i, to, from, t.len))
                TT_TRY(put_range(w, tag->begin, end, copies, 1, e));
            c.blank = 1;
            continue;
        }
        TT_TRY(go_on(w, s, t, &c, to, e));
        const int copied = tag->opaque && tag->kind == TT_TAG_OPEN;
        if (copied) { /* with what is in it, instead of its translation */
            const int32_t close = tag->pair;
            while (i + 1 < s->count && p[i].tag != close) i++;
            end = s->tags[close].end;
        }
        TT_TRY(put_tag(w, tag, end, &c, copies, e));
        if (copied && p[i].at > c.at) c.at = p[i].at;
        if (copied) c.blank = 0;
    }
    TT_TRY(go_on(w, s, t, &c, t.len, e));
    if (s->form == TT_SPELL_BARE) TT_TRY(say(w, "\"", e));
    tt_arena_rewind(w->a, mark);
    return 0;
}

static size_t first_segment(const tt_doc *d, size_t at) {
    size_t low = 0, high = d->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->segments[mid].begin >= at) high = mid;
        else low = mid + 1;
    }
    return low;
}

/* Bytes begin … end-1 with their segments rendered: those that stay copied only if `copies`. depth
   1: inside of a segment, of which only those within its tags are left. */
static int put_range(const struct writing *w, size_t begin, size_t end, int copies, int depth,
                     tt_err *e) {
    const tt_doc *d = w->d;
    size_t at = begin;
    for (size_t i = first_segment(d, begin); i < d->count && d->segments[i].begin < end; i++) {
        const tt_segment *s = &d->segments[i];
        if (s->begin < at || s->end > end || s->copied > copies) continue;
        if (depth && (s->begin == begin || s->count)) continue;
        TT_TRY(put(w, d->bytes + at, s->begin - at, e));
        TT_TRY(put_segment(w, s, &w->r[i], copies, e));
        at = s->end;
    }
    return put(w, d->bytes + at, end - at, e);
}

int tt_doc_write(const tt_doc *d, const tt_rendition *r, tt_put_fn *put_fn, void *ctx,
                 tt_arena *scratch, tt_err *e) {
    const struct writing w = {d, r, put_fn, ctx, scratch};
    size_t at = 0;
    for (size_t i = 0; i < d->n_edits; i++) {
        const tt_edit *x = &d->edits[i];
        TT_TRY(put_range(&w, at, x->begin, 0, 0, e));
        TT_TRY(say(&w, x->before, e));
        TT_TRY(put_range(&w, x->from, x->to, 1, 0, e));
        TT_TRY(say(&w, x->after, e));
        at = x->end;
    }
    return put_range(&w, at, d->len, 0, 0, e);
}
