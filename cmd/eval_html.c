/* eval_html.c: scores, facts and sentences as one page for the browser, with nothing to load from
 * elsewhere and no script: it can be mailed, kept, and opened in ten years.
 *
 * Every figure of a bar stands beside it as text; marks are told by underlining as well as by
 * colour; light or dark is the reader's choice. Texts are written with what HTML takes for markup
 * escaped and control characters replaced.
 */
#include "eval.h"
#include "base/utf8.h"
#include "io/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_MOST = 4000, HUES = 4 }; /* bytes of a text on the page; colours of systems */

/* ---- text ---------------------------------------------------------------------------------- */

static void put_text(FILE *f, tt_span text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.text[i];
        if (c == '&') fputs("&amp;", f);
        else if (c == '<') fputs("&lt;", f);
        else if (c == '>') fputs("&gt;", f);
        else if (c == '"') fputs("&quot;", f);
        else if ((c < ' ' && c != '\t') || c == 0x7f) fputs("\xef\xbf\xbd", f);
        else putc(c, f);
    }
}

static tt_span span_of(const char *s) { return (tt_span){s, strlen(s)}; }

/* The name of a system; what is no UTF-8 in a path as U+FFFD. */
static void put_name(FILE *f, const char *name) {
    tt_span rest = span_of(name);
    for (size_t part;;) {
        size_t good = tt_utf8_bad(rest, NULL, &part);
        put_text(f, (tt_span){rest.text, good});
        if (good == rest.len) return;
        fputs("\xef\xbf\xbd", f);
        rest = (tt_span){rest.text + good + part, rest.len - good - part};
    }
}

/* The beginning of a text that is too long for a page. */
static tt_span shown(tt_span text) {
    if (text.len <= SHOWN_MOST) return text;
    text.len = SHOWN_MOST;
    while (text.len && tt_utf8_inside(text.text[text.len])) text.len--;
    return text;
}

/* Words in a row with the same mark are one <mark>. `same` is what goes unmarked. */
static void put_marked(FILE *f, tt_span text, const tt_marked *words, size_t n, int lost) {
    static const char *const tags[] = {"", "<mark class=\"m\">", "<mark>"};
    const char *at = text.text;
    int open = TT_WORD_SAME;
    for (size_t i = 0; i < n; i++) {
        const tt_marked *w = &words[i];
        int mark = lost && w->mark == TT_WORD_MOVED ? TT_WORD_SAME : w->mark;
        if (mark != open && open != TT_WORD_SAME) fputs("</mark>", f);
        put_text(f, (tt_span){at, (size_t)(w->word.text - at)});
        if (mark != open) fputs(lost && mark ? "<mark class=\"l\">" : tags[mark], f);
        put_text(f, w->word);
        at = w->word.text + w->word.len;
        open = mark;
    }
    if (open != TT_WORD_SAME) fputs("</mark>", f);
    put_text(f, (tt_span){at, (size_t)(text.text + text.len - at)});
}

/* ---- sections ------------------------------------------------------------------------------ */

static void put_head(FILE *f, const tt_eval_report *r, const tt_eval_scores *s) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'\">\n<title>Translations scored: ",
          f);
    for (int i = 0; i < s->n_systems; i++) {
        fputs(i ? ", " : "", f);
        put_name(f, s->names[i]);
    }
    fputs("</title>\n<style>\n", f);
    for (int i = 0; tt_eval_style[i]; i++) fputs(tt_eval_style[i], f);
    fprintf(f,
            "</style>\n</head>\n<body>\n"
            "<a class=\"skip\" href=\"#scores\">Skip to the scores</a>\n"
            "<header>\n<h1>Translations scored</h1>\n<p class=\"soft\">%zu line%s, %d system%s, %d "
            "reference%s.</p>\n<nav aria-label=\"Sections\"><ul><li><a href=\"#scores\">Scores</a>"
            "<li><a href=\"#facts\">What scores hide</a><li><a href=\"#lengths\">By length</a>"
            "<li><a href=\"#lines\">By line</a>",
            r->facts[0].segments, r->facts[0].segments == 1 ? "" : "s", s->n_systems,
            s->n_systems == 1 ? "" : "s", r->n_refs, r->n_refs == 1 ? "" : "s");
    if (r->differ.count) fputs("<li><a href=\"#differ\">Differences</a>", f);
    fputs("<li><a href=\"#worst\">Worst lines</a></ul></nav>\n</header>\n<main>\n", f);
}

static void put_key(FILE *f, const tt_eval_scores *s, int i, const char *tag, const char *more) {
    fprintf(f, "<%s class=\"key s%d\"%s>", tag, i % HUES, more);
    put_name(f, s->names[i]);
    fprintf(f, "</%s>", tag);
}

static void put_scores(FILE *f, const tt_eval_scores *s, const tt_eval_opts *o) {
    fputs("<section id=\"scores\" aria-labelledby=\"h-scores\">\n<h2 id=\"h-scores\">Scores</h2>\n"
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
          "aria-labelledby=\"h-scores\"><table>\n"
          "<thead><tr><th scope=\"col\">System</th>",
          f);
    for (int m = 0; m < s->n_metrics; m++) {
        const int less = s->figure[0][m].result.less_is_better;
        fprintf(f, "<th scope=\"col\">%s %s</th>", s->figure[0][m].result.name,
                less ? "<span aria-hidden=\"true\">↓</span> less is better" : "");
    }
    fputs("</tr></thead>\n<tbody>\n", f);
    for (int i = 0; i < s->n_systems; i++) {
        fputs("<tr>", f);
        put_key(f, s, i, "th", " scope=\"row\"");
        for (int m = 0; m < s->n_metrics; m++) {
            const tt_eval_figure *g = &s->figure[i][m];
            fprintf(f, "<td><span class=\"big\">%.*f</span>", o->width, g->result.score);
            if (g->has_interval)
                fprintf(f, "<small>%.*f ± %.*f in 95 %% of resamples</small>", o->width,
                        g->sure.mean, o->width, g->sure.ci);
            if (g->has_p && g->sure.same) fputs("<small>identical to the first</small>", f);
            else if (g->has_p)
                fprintf(f, "<small>p = %.4f: %s</small>", g->sure.p,
                        g->sure.p > 0.05 ? "may be chance" : "differs from the first *");
            if (g->result.verbose[0]) fprintf(f, "<small>%s</small>", g->result.verbose);
            fputs("</td>", f);
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody>\n</table></div>\n</section>\n", f);
}

static void put_facts(FILE *f, const tt_eval_report *r, const tt_eval_scores *s) {
    char text[80];
    const char *name;
    fputs(
        "<section id=\"facts\" aria-labelledby=\"h-facts\">\n<h2 id=\"h-facts\">What scores "
        "hide</h2>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-facts\"><table>\n"
        "<thead><tr><td></td>",
        f);
    for (int i = 0; i < s->n_systems; i++) put_key(f, s, i, "th", " scope=\"col\"");
    fputs("</tr></thead>\n<tbody>\n", f);
    for (int row = 0; tt_eval_fact(r, row, 0, &name, text, sizeof text); row++) {
        fprintf(f, "<tr><th scope=\"row\">%s</th>", name);
        for (int i = 0; i < s->n_systems; i++) {
            tt_eval_fact(r, row, i, &name, text, sizeof text);
            fprintf(f, "<td>%s</td>", text);
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody>\n</table></div>\n</section>\n", f);
}

static void put_lengths(FILE *f, const tt_eval_report *r, const tt_eval_scores *s,
                        const tt_eval_opts *o) {
    char name[24];
    fprintf(f,
            "<section id=\"lengths\" aria-labelledby=\"h-lengths\">\n<h2 id=\"h-lengths\">%s by "
            "length of "
            "the reference</h2>\n<p class=\"legend\">",
            r->title);
    for (int i = 0; i < s->n_systems; i++) put_key(f, s, i, "span", "");
    fputs("</p>\n<dl class=\"bars\">\n", f);
    for (int i = 0; i < TT_EVAL_LENGTHS; i++) {
        if (!r->lines[i]) continue;
        tt_eval_length_name(i, name, sizeof name);
        fprintf(f, "<dt>%s words<small>%zu line%s</small></dt><dd>", name, r->lines[i],
                r->lines[i] == 1 ? "" : "s");
        for (int k = 0; k < r->n_systems; k++) {
            tt_score_result of;
            tt_score_get(r->by_length[k][i], &of);
            double v = of.score > 100 ? 100 : of.score;
            fprintf(f, "<div class=\"bar s%d\"><i style=\"--v:%.2f\"></i>%.*f</div>", k % HUES, v,
                    o->width, of.score);
        }
        fputs("</dd>\n", f);
    }
    fputs("</dl>\n</section>\n", f);
}

static void put_bands(FILE *f, const tt_eval_report *r, const tt_eval_scores *s) {
    fprintf(f,
            "<section id=\"lines\" aria-labelledby=\"h-lines\">\n<h2 id=\"h-lines\">Lines by their "
            "own %s</h2>\n"
            "<div class=\"hists\">\n",
            r->title);
    for (int k = 0; k < r->n_systems; k++) {
        size_t most = 1;
        for (int b = 0; b < TT_EVAL_BANDS; b++)
            if (r->bands[k][b] > most) most = r->bands[k][b];
        fprintf(f, "<figure class=\"hist s%d\"><figcaption>", k % HUES);
        put_key(f, s, k, "span", "");
        fputs("</figcaption><ol>", f);
        for (int b = 0; b < TT_EVAL_BANDS; b++)
            fprintf(f, "<li>%zu<i style=\"--v:%.1f\"></i><span>%d%s</span></li>", r->bands[k][b],
                    100 * (double)r->bands[k][b] / (double)most, b * 10,
                    b + 1 < TT_EVAL_BANDS ? "" : "+");
        fputs("</ol></figure>\n", f);
    }
    fputs("</div>\n</section>\n", f);
}

/* ---- sentences ----------------------------------------------------------------------------- */

/* The reference, with the words marked that no system has. */
static int put_ref(FILE *f, const tt_eval_report *r, const tt_eval_kept *k, tt_err *e) {
    tt_span ref = shown(tt_eval_main_ref(k));
    tt_marked *all = NULL;
    size_t n = 0;
    int rc = 0;
    for (int i = 0; i < r->n_systems && !rc; i++) {
        tt_comparison c;
        rc = tt_facts_compare(r->finder, &c, shown(k->hyps[i]), ref, e);
        if (rc) break;
        if (!all) {
            all = malloc((c.b_len + 1) * sizeof *all);
            if (!all) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
            n = c.b_len;
            memcpy(all, c.b, n * sizeof *all);
        }
        for (size_t w = 0; w < n; w++)
            if (c.b[w].mark < all[w].mark) all[w].mark = c.b[w].mark;
    }
    if (!rc) put_marked(f, ref, all, n, 1);
    free(all);
    return rc;
}

static int put_segment(FILE *f, const tt_eval_report *r, const tt_eval_kept *k,
                       const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e) {
    tt_span main_ref = tt_eval_main_ref(k);
    fprintf(f, "<article class=\"seg\"><h3>Line %zu</h3>\n<dl>", k->line);
    if (k->source.text) {
        fputs("<dt>Source</dt><dd dir=\"auto\">", f);
        put_text(f, shown(k->source));
        fputs("</dd>\n", f);
    }
    for (int i = 0; i < k->n_refs; i++) {
        if (!k->refs[i].text) continue;
        fputs("<dt>Reference</dt><dd dir=\"auto\">", f);
        if (k->refs[i].text != main_ref.text) put_text(f, shown(k->refs[i]));
        else if (put_ref(f, r, k, e)) return e->code;
        fputs("</dd>\n", f);
    }
    for (int i = 0; i < r->n_systems; i++) {
        tt_span hyp = shown(k->hyps[i]);
        tt_comparison c;
        int rc = tt_facts_compare(r->finder, &c, hyp, shown(main_ref), e);
        if (rc) return rc;
        fprintf(f, "<dt class=\"key s%d\">", i % HUES);
        put_name(f, tt_eval_base(s->names[i]));
        fprintf(f, " <b>%.*f</b></dt><dd dir=\"auto\">", o->width, k->scores[i]);
        put_marked(f, hyp, c.a, c.a_len, 0);
        if (hyp.len < k->hyps[i].len) fputs(" …", f);
        fputs("</dd>\n", f);
    }
    fputs("</dl></article>\n", f);
    return 0;
}

static int put_list(FILE *f, const tt_eval_report *r, const tt_eval_list *list, const char *id,
                    const char *title, const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e) {
    int rc = 0;
    fprintf(f,
            "<section id=\"%s\" aria-labelledby=\"h-%s\">\n<h2 id=\"h-%s\">%s</h2>\n"
            "<p class=\"legend\"><span><mark>not in the reference</mark></span>"
            "<span><mark class=\"m\">there in another place</mark></span>"
            "<span><mark class=\"l\">of the reference, in no translation</mark></span></p>\n",
            id, id, id, title);
    for (int i = 0; i < list->count && !rc; i++) rc = put_segment(f, r, list->item[i], s, o, e);
    fputs("</section>\n", f);
    return rc;
}

static int put_page(FILE *f, const tt_eval_report *r, const tt_eval_scores *s,
                    const tt_eval_opts *o, tt_err *e) {
    char title[160];
    int rc = 0;
    put_head(f, r, s);
    put_scores(f, s, o);
    put_facts(f, r, s);
    put_lengths(f, r, s, o);
    put_bands(f, r, s);
    if (r->differ.count) {
        snprintf(title, sizeof title, "The %d line%s where %s differs most", r->differ.count,
                 r->differ.count == 1 ? "" : "s", r->title);
        rc = put_list(f, r, &r->differ, "differ", title, s, o, e);
    }
    snprintf(title, sizeof title, "The %d line%s with the %s %s", r->worst.count,
             r->worst.count == 1 ? "" : "s", r->less_is_better ? "highest" : "lowest", r->title);
    if (!rc) rc = put_list(f, r, &r->worst, "worst", title, s, o, e);
    fputs("</main>\n<footer class=\"soft\">\n<p>Signatures</p>\n<ul>\n", f);
    for (int m = 0; m < s->n_metrics; m++) {
        fprintf(f, "<li>%s <code>", s->figure[0][m].result.name);
        put_text(f, span_of(s->signature[m]));
        fputs("</code></li>\n", f);
    }
    fputs("</ul>\n<p>Made by ttrans " TT_VERSION ".</p>\n</footer>\n</body>\n</html>\n", f);
    return rc;
}

/* ---- the file ------------------------------------------------------------------------------ */

int tt_eval_html(tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e) {
    tt_output *out = tt_output_open(o->html, TT_OUTPUT_ATOMIC, e);
    if (!out) return e->code;
    int fd = dup(tt_output_fd(out));
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    int rc = f ? put_page(f, r, s, o, e)
               : tt_cmd_fail(e, TT_EIO, "%.300s: %s", o->html, strerror(errno));
    int bad = f && ferror(f);
    errno = 0;
    if (f && (fclose(f) || bad) && !rc)
        rc = tt_cmd_fail(e, TT_EIO, "%.300s: %s", o->html, errno ? strerror(errno) : "write error");
    if (!f && fd >= 0) close(fd);
    if (!rc) return tt_output_finish(out, e);
    tt_output_abort(out);
    return rc;
}
