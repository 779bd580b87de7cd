/* document.c: a document through the translator: tt_translate_document of ttrans.h; and its texts
 * alone, tt_document_each.
 *
 * The document is read whole, its segments go through the translator window by window as if they
 * were lines, and the room markup puts the translations, with the links between words, back into
 * their places.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "base/arena.h"
#include "base/log.h"
#include "io/encoding.h"
#include "io/file.h"
#include "io/kind.h"
#include "markup/markup.h"
#include "translate/window.h"

enum {
    DOCUMENT_MOST = 256 << 20, /* bytes, decompressed */
    WINDOW_BYTES = 1 << 20     /* text translated at a time */
};

const char *tt_document_format(const char *path) {
    const tt_format *f = tt_format_of(path);
    return f ? f->row.name : NULL;
}

struct document {
    tt_translator *t;
    tt_arena *a, *scratch;
    char *bytes;
    size_t len;
    tt_doc doc;
    tt_rendition *r; /* (doc.count) */
    tt_item *items;
    tt_output *out;
    tt_translate_stats stats;
};

static int keep(struct document *d, tt_rendition *to, const tt_rendition *made, tt_err *e) {
    const char *text = tt_arena_text(d->a, made->text.text, made->text.len);
    tt_link *links = tt_arena_alloc(d->a, (made->n_links + 1) * sizeof *links);
    if (!text || !links)
        return tt_fail(e, TT_ENOMEM, "out of memory for a translation of %zu bytes",
                       made->text.len);
    if (made->n_links) memcpy(links, made->links, made->n_links * sizeof *links);
    *to = (tt_rendition){{text, made->text.len}, links, made->n_links};
    return 0;
}

static int translate(struct document *d, const tt_translate_watch *watch, tt_err *e) {
    const size_t most = tt_translator_ask(d->t).lines;
    const double begun = tt_clock();
    tt_translator_begin(d->t);
    d->items = tt_arena_alloc(d->a, most * sizeof *d->items);
    d->r = tt_arena_zero(d->a, (d->doc.count + 1) * sizeof *d->r);
    if (!d->items || !d->r)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu segments", d->doc.count);
    for (size_t i = 0; i < d->doc.count;) {
        size_t n = 0, bytes = 0;
        for (; i + n < d->doc.count && n < most && bytes < WINDOW_BYTES; n++) {
            const tt_span text = d->doc.segments[i + n].text;
            d->items[n] = (tt_item){.line = text, .source = text, .number = i + n};
            bytes += text.len + 1;
        }
        TT_TRY(tt_translate_window(d->t, d->items, n, &d->stats, e));
        for (size_t k = 0; k < n; k++)
            if (d->items[k].made.text.len) TT_TRY(keep(d, &d->r[i + k], &d->items[k].made, e));
        i += n;
        d->stats.bytes = d->doc.count ? d->len * i / d->doc.count : d->len;
        d->stats.seconds = tt_clock() - begun;
        if (watch && watch->report) watch->report(watch->ctx, &d->stats);
    }
    return 0;
}

static int put(void *ctx, const char *p, size_t len, tt_err *e) {
    return tt_output_write(ctx, p, len, e);
}

static void tell(const tt_doc *doc, const char *name, const tt_log *log) {
    const size_t n = doc->n_notes < TT_NOTES_MOST ? doc->n_notes : TT_NOTES_MOST;
    for (size_t i = 0; i < n; i++)
        tt_log_line(log, TT_LOG_WARN, "%s:%zu: %s", name, doc->notes[i].line, doc->notes[i].text);
    if (doc->n_notes > n)
        tt_log_line(log, TT_LOG_WARN, "%s: %zu more mistakes in the document", name,
                    doc->n_notes - n);
}

static bool is_language(const char *to) {
    size_t n = strlen(to);
    return n >= 2 && n < 36 &&
           strspn(to, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

/* ---- other encodings ------------------------------------------------------------------------- */

/* The encoding that the document is in: that of its mark, or else the one that is asked for. */
static int encoding_of(const struct document *d, int asked, const tt_kind *k) {
    const unsigned char *bytes = (const unsigned char *)d->bytes;
    if (k->mark) return k->encoding;
    if (asked == TT_TEXT_UTF16) {
        const int found = tt_kind_utf16(bytes, d->len);
        return found ? found : TT_TEXT_UTF16LE;
    }
    if (k->encoding != TT_TEXT_UTF8) return k->encoding;
    if (tt_encoding_is_bytes(asked)) return asked;
    const int is_utf8 = asked != TT_TEXT_AUTO || tt_utf8_valid(d->bytes, d->len);
    return is_utf8 ? TT_TEXT_UTF8 : TT_TEXT_WINDOWS_1252;
}

/* What the document says of its encoding behind `key`, near its beginning: where the name
   stands. */
static tt_span declared(const char *text, size_t len, const char *key) {
    const size_t n = strlen(key), near = len < 1024 ? len : 1024;
    for (size_t i = 0; i + n < near; i++) {
        if (memcmp(text + i, key, n)) continue;
        size_t from = i + n;
        if (text[from] == '"' || text[from] == '\'') from++;
        size_t end = from;
        while (end < near && !strchr("\"'?>/; \n", text[end])) end++;
        return (tt_span){text + from, end - from};
    }
    return (tt_span){NULL, 0};
}

/* Copies a decoded text, its bytes FF as U+FFFD, and the name of its encoding as UTF-8. out has
   room for `len` bytes and two more for each FF, and for the name. */
static size_t settle(char *out, const char *text, size_t len) {
    const tt_span xml = declared(text, len, "encoding="), html = declared(text, len, "charset=");
    const tt_span name = xml.text ? xml : html;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (text + i == name.text && name.len) {
            memcpy(out + n, "UTF-8", 5);
            n += 5;
            i += name.len - 1;
        } else if ((unsigned char)text[i] == 0xff) {
            memcpy(out + n, "\xef\xbf\xbd", 3);
            n += 3;
        } else {
            out[n++] = text[i];
        }
    }
    return n;
}

/* Makes the bytes UTF-8; those that are stay as they are. */
static int make_utf8(struct document *d, int asked, const char *name, tt_err *e) {
    const tt_kind k = tt_kind_of((const unsigned char *)d->bytes, d->len, 1);
    const int utf16 = asked == TT_TEXT_UTF16 && tt_kind_utf16((unsigned char *)d->bytes, d->len);
    if (k.sort == TT_KIND_OTHER && !utf16)
        return tt_fail(e, TT_EDATA, "%s: is %s; %s", name, k.what, k.todo);
    tt_decoder decoder = {.encoding = encoding_of(d, asked, &k)};
    if (decoder.encoding == TT_TEXT_UTF8) return 0;
    const size_t most = 3 * d->len + 16;
    char *text = malloc(most), *out = malloc(3 * most);
    if (text && out) {
        const size_t n =
            tt_decode(&decoder, text, (const unsigned char *)d->bytes + k.mark, d->len - k.mark, 1);
        free(d->bytes);
        d->bytes = out;
        d->len = settle(out, text, n);
        out = NULL;
    }
    const int failed = out || !text;
    free(text);
    free(out);
    return failed ? tt_fail(e, TT_ENOMEM, "%s: out of memory for a document of %zu bytes", name,
                            d->len)
                  : 0;
}

/* The document's segments. */
static int read_all(struct document *d, const char *in, const char *name, int encoding,
                    const tt_format *f, const char *to, const tt_log *log, tt_err *e) {
    TT_TRY(tt_file_read(&d->bytes, &d->len, in, DOCUMENT_MOST, e));
    TT_TRY(make_utf8(d, encoding, name, e));
    d->a = tt_arena_open(0, e);
    d->scratch = d->a ? tt_arena_open(0, e) : NULL;
    if (!d->scratch) return TT_ENOMEM;
    TT_TRY(tt_doc_read(&d->doc, f, d->bytes, d->len, to, d->a, e));
    if (log) tell(&d->doc, name, log);
    return 0;
}

static const char *name_of(const char *in) { return strcmp(in, "-") ? in : "standard input"; }

static int run(struct document *d, const char *in, const char *out, const tt_format *f,
               const char *to, const tt_log *log, const tt_translate_watch *watch, tt_err *e) {
    const char *name = name_of(in);
    TT_TRY(read_all(d, in, name, tt_translator_ask(d->t).options->encoding, f, to, log, e));
    if (translate(d, watch, e)) return tt_err_context(e, "%s", name);
    d->out = tt_output_open(out, strcmp(out, "-") ? TT_OUTPUT_ATOMIC : TT_OUTPUT_PLAIN, e);
    if (!d->out) return TT_ECREATE;
    int rc = tt_doc_write(&d->doc, d->r, put, d->out, d->scratch, e);
    if (rc) tt_output_abort(d->out);
    return rc ? rc : tt_output_finish(d->out, e);
}

int tt_translate_document(tt_translator *t, const char *in, const char *out, const char *format,
                          const char *to, const tt_log *log, const tt_translate_watch *watch,
                          tt_translate_stats *stats, tt_err *e) {
    const tt_translator_plan plan = tt_translator_ask(t);
    const tt_format *f = tt_format_named(format);
    if (!f) return tt_fail(e, TT_EUSAGE, "%s: no format of documents", format);
    if (to && !is_language(to)) return tt_fail(e, TT_EUSAGE, "%.40s: no code of a language", to);
    if (!plan.links || plan.pairs || plan.prefix || plan.json)
        return tt_fail(
            e, TT_EUSAGE,
            "a document is translated as it is: no pairs, prefixes, JSON or given targets");
    struct document d = {.t = t};
    d.stats.load_seconds = plan.load_seconds;
    int rc = run(&d, in, out, f, to, log, watch, e);
    if (rc && !e->code) tt_fail(e, rc, "%s: cannot be translated", in);
    free(d.bytes);
    tt_arena_close(d.a);
    tt_arena_close(d.scratch);
    if (stats) *stats = d.stats;
    return rc;
}

static int each(struct document *d, tt_document_fn *fn, void *ctx, tt_err *e) {
    size_t at = 0, line = 1;
    for (size_t i = 0; i < d->doc.count; i++) {
        const tt_segment *s = &d->doc.segments[i];
        for (; at < s->begin; at++) line += d->bytes[at] == '\n';
        const int rc = fn(ctx, s->text.text, s->text.len, line, e);
        if (rc) return rc;
    }
    return 0;
}

int tt_document_each(const char *in, const char *format, int encoding, const tt_log *log,
                     tt_document_fn *fn, void *ctx, tt_err *e) {
    const tt_format *f = tt_format_named(format);
    if (!f) return tt_fail(e, TT_EUSAGE, "%s: no format of documents", format);
    struct document d = {0};
    int rc = read_all(&d, in, name_of(in), encoding, f, NULL, log, e);
    if (!rc) rc = each(&d, fn, ctx, e);
    free(d.bytes);
    tt_arena_close(d.a);
    tt_arena_close(d.scratch);
    return rc;
}
