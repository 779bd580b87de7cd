/* document.c: a document through the translator: tt_translate_document of ttrans.h.
 *
 * The document is read whole, its segments go through the translator window by window as if they were lines, and
 * the room markup puts the translations, with the links between words, back into their places.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "io/file.h"
#include "markup/markup.h"
#include "search/translate.h"

enum {
    DOCUMENT_MOST = 256 << 20, /* bytes, decompressed */
    WINDOW_BYTES = 1 << 20     /* text translated at a time */
};

const char *tt_document_format(const char *path) {
    const tt_format *f = tt_format_of(path);
    return f ? f->name : NULL;
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
    if (!text || !links) return tt_fail(e, TT_ENOMEM, "out of memory for a translation of %zu bytes", made->text.len);
    if (made->n_links) memcpy(links, made->links, made->n_links * sizeof *links);
    *to = (tt_rendition){{text, made->text.len}, links, made->n_links};
    return 0;
}

static int translate(struct document *d, const tt_translate_watch *watch, tt_err *e) {
    const size_t most = tt_translator_ask(d->t).lines;
    const double begun = tt_translate_clock();
    d->items = tt_arena_alloc(d->a, most * sizeof *d->items);
    d->r = tt_arena_zero(d->a, (d->doc.count + 1) * sizeof *d->r);
    if (!d->items || !d->r) return tt_fail(e, TT_ENOMEM, "out of memory for %zu segments", d->doc.count);
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
        d->stats.seconds = tt_translate_clock() - begun;
        if (watch && watch->report) watch->report(watch->ctx, &d->stats);
    }
    return 0;
}

static int put(void *ctx, const char *p, size_t len, tt_err *e) { return tt_output_write(ctx, p, len, e); }

static void tell(const tt_doc *doc, const char *name, const tt_log *log) {
    const size_t n = doc->n_notes < TT_NOTES_MOST ? doc->n_notes : TT_NOTES_MOST;
    for (size_t i = 0; i < n; i++) tt_log_line(log, TT_LOG_WARN, "%s:%zu: %s", name, doc->notes[i].line, doc->notes[i].text);
    if (doc->n_notes > n) tt_log_line(log, TT_LOG_WARN, "%s: %zu more mistakes in the document", name, doc->n_notes - n);
}

static int is_language(const char *to) {
    size_t n = strlen(to);
    return n >= 2 && n < 36 && strspn(to, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

static int run(struct document *d, const char *in, const char *out, const tt_format *f, const char *to, const tt_log *log,
               const tt_translate_watch *watch, tt_err *e) {
    const char *name = strcmp(in, "-") ? in : "standard input";
    TT_TRY(tt_file_read(&d->bytes, &d->len, in, DOCUMENT_MOST, e));
    if (d->len > 1 && (!memcmp(d->bytes, "\xff\xfe", 2) || !memcmp(d->bytes, "\xfe\xff", 2)))
        return tt_fail(e, TT_EDATA, "%s: is UTF-16: expected UTF-8", name);
    d->a = tt_arena_open(0, e);
    d->scratch = d->a ? tt_arena_open(0, e) : NULL;
    if (!d->scratch) return TT_ENOMEM;
    TT_TRY(tt_doc_read(&d->doc, f, d->bytes, d->len, to, d->a, e));
    if (log) tell(&d->doc, name, log);
    if (translate(d, watch, e)) return tt_err_context(e, "%s", name);
    d->out = tt_output_open(out, strcmp(out, "-") ? TT_OUTPUT_ATOMIC : TT_OUTPUT_PLAIN, e);
    if (!d->out) return TT_ECREATE;
    int rc = tt_doc_write(&d->doc, d->r, put, d->out, d->scratch, e);
    if (rc) tt_output_abort(d->out);
    return rc ? rc : tt_output_finish(d->out, e);
}

int tt_translate_document(tt_translator *t, const char *in, const char *out, const char *format, const char *to,
                          const tt_log *log, const tt_translate_watch *watch, tt_translate_stats *stats, tt_err *e) {
    const tt_translator_plan plan = tt_translator_ask(t);
    const tt_format *f = tt_format_named(format);
    tt_err own = {0};
    if (!e) e = &own;
    if (!f) return tt_fail(e, TT_EUSAGE, "%s: no format of documents", format);
    if (to && !is_language(to)) return tt_fail(e, TT_EUSAGE, "%.40s: no code of a language", to);
    if (!plan.links || plan.pairs || plan.prefix || plan.json)
        return tt_fail(e, TT_EUSAGE, "a document is translated as it is: no pairs, prefixes, JSON or given targets");
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
