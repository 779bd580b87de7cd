/* inset.c: see inset.h.
 */
#include "translate/inset.h"

#include <string.h>

#include "translate/rendition.h"

/* Cuts a segment, and adds its parts to all. */
static int add_segment(tt_sentences *of, tt_sentences *all, size_t *room, const tt_cutting *how,
                       tt_span text, tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    TT_TRY(tt_sentences_make(of, how, text.text, text.len, a, stats, e));
    if (all->count + of->count > *room) {
        const size_t more = 2 * (all->count + of->count);
        tt_sentence *parts = tt_arena_alloc(a, more * sizeof *parts);
        if (!parts) return tt_fail(e, TT_ENOMEM, "out of memory for %zu parts of a line", more);
        if (all->count) memcpy(parts, all->parts, all->count * sizeof *parts);
        all->parts = parts;
        *room = more;
    }
    if (of->count) memcpy(all->parts + all->count, of->parts, of->count * sizeof *of->parts);
    all->count += of->count;
    return 0;
}

int tt_inset_read(tt_inset **inset, tt_sentences *all, const tt_format *f, const char *to,
                  const tt_cutting *how, tt_span text, tt_arena *a, tt_translate_stats *stats,
                  tt_err *e) {
    tt_inset *d = tt_arena_alloc(a, sizeof *d);
    size_t room = 0;
    if (!d) return tt_fail(e, TT_ENOMEM, "out of memory for a document");
    *all = (tt_sentences){.lead = {"", 0}};
    TT_TRY(tt_doc_read(&d->doc, f, text.text, text.len, to, a, e));
    d->segment = tt_arena_alloc(a, (d->doc.count + 1) * sizeof *d->segment);
    if (!d->segment) return tt_fail(e, TT_ENOMEM, "out of memory for %zu segments", d->doc.count);
    for (size_t i = 0; i < d->doc.count; i++)
        TT_TRY(add_segment(&d->segment[i], all, &room, how, d->doc.segments[i].text, a, stats, e));
    for (size_t i = 0, first = 0; i < d->doc.count; i++) { /* where they lie in the end */
        d->segment[i].parts = all->parts + first;
        first += d->segment[i].count;
    }
    *inset = d;
    return 0;
}

static int put(void *ctx, const char *p, size_t len, tt_err *e) {
    tt_outbuf *b = ctx;
    tt_outbuf_put(b, p, len);
    return b->failed ? tt_fail(e, TT_ENOMEM, "out of memory for a document") : 0;
}

int tt_inset_text(tt_outbuf *b, const tt_inset *d, const tt_layout *l, const tt_hyps *hyps,
                  int rank, tt_err *e) {
    tt_rendition *r = tt_arena_zero(b->a, (d->doc.count + 1) * sizeof *r);
    if (!r) return tt_fail(e, TT_ENOMEM, "out of memory for %zu segments", d->doc.count);
    for (size_t i = 0; i < d->doc.count; i++) {
        const tt_sentences *s = &d->segment[i];
        const tt_layout_line x = {
            .lead = s->lead, .parts = s->parts, .hyps = hyps, .count = s->count};
        TT_TRY(tt_rendition_make(&r[i], l, &x, rank, b->a, e));
        if (!r[i].text.len) r[i] = (tt_rendition){{NULL, 0}, NULL, 0};
        hyps += s->count;
    }
    tt_arena *scratch = tt_arena_open(0, e); /* writing rewinds what it is given */
    if (!scratch) return TT_ENOMEM;
    const int rc = tt_doc_write(&d->doc, r, put, b, scratch, e);
    tt_arena_close(scratch);
    return rc;
}

void tt_inset_notes(tt_outbuf *b, const tt_inset *d) {
    const size_t n = d->doc.n_notes < TT_NOTES_MOST ? d->doc.n_notes : TT_NOTES_MOST;
    for (size_t i = 0; i < n; i++) {
        tt_outbuf note = {.a = b->a};
        tt_outbuf_print(&note, "line %zu: ", d->doc.notes[i].line);
        tt_outbuf_say(&note, d->doc.notes[i].text);
        tt_outbuf_say(b, i ? ", " : ", \"notes\": [");
        tt_outbuf_json(b, note.p, note.len);
    }
    if (n) tt_outbuf_say(b, "]");
}
