/* eval_report.c: what a corpus score hides: lengths, repetitions, numbers, copies, scores by length
 * and of single lines; and the lines that are worst, or where two systems differ most.
 *
 * All of it is sums and short lists, so it does not grow with the files. Lines are ranked by the
 * sentence score of the first metric, BLEU with its effective order.
 */
#include "eval.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const int tt_eval_lengths[TT_EVAL_LENGTHS] = {5, 10, 15, 20, 30, 40, 60, 0};

void tt_eval_length_name(int i, char *text, size_t cap) {
    int from = i ? tt_eval_lengths[i - 1] + 1 : 0;
    if (tt_eval_lengths[i]) snprintf(text, cap, "%d–%d", from, tt_eval_lengths[i]);
    else snprintf(text, cap, "%d+", from);
}

/* ---- lists --------------------------------------------------------------------------------- */

static tt_span copy_text(char **space, tt_span text) {
    if (!text.text) return text;
    if (text.len) memcpy(*space, text.text, text.len);
    tt_span copy = {*space, text.len};
    *space += text.len;
    return copy;
}

static tt_eval_kept *keep(const tt_eval_row *row, const double *scores, double rank) {
    size_t systems = (size_t)row->n_systems, refs = (size_t)row->n_refs, bytes = row->source.len;
    for (size_t i = 0; i < refs; i++) bytes += row->refs[i].len;
    for (size_t i = 0; i < systems; i++) bytes += row->hyps[i].len;
    size_t heads =
        sizeof(tt_eval_kept) + systems * sizeof(double) + (refs + systems) * sizeof(tt_span);
    tt_eval_kept *k = malloc(heads + bytes);
    if (!k) return NULL;
    *k = (tt_eval_kept){.line = row->line, .rank = rank, .n_refs = row->n_refs};
    k->refs = (tt_span *)(k + 1);
    k->hyps = k->refs + refs;
    k->scores = (double *)(k->hyps + systems);
    char *space = (char *)(k->scores + systems);
    for (size_t i = 0; i < refs; i++) k->refs[i] = copy_text(&space, row->refs[i]);
    for (size_t i = 0; i < systems; i++) k->hyps[i] = copy_text(&space, row->hyps[i]);
    k->source = copy_text(&space, row->source);
    memcpy(k->scores, scores, systems * sizeof *scores);
    return k;
}

/* Puts the row in the list if it ranks high enough; of equals the earlier line goes first. */
static int offer(tt_eval_list *list, const tt_eval_row *row, const double *scores, double rank) {
    int at = list->count;
    while (at && rank > list->item[at - 1]->rank) at--;
    if (at == list->most) return 0;
    tt_eval_kept *k = keep(row, scores, rank);
    if (!k) return TT_ENOMEM;
    if (list->count == list->most) free(list->item[--list->count]);
    memmove(list->item + at + 1, list->item + at, (size_t)(list->count - at) * sizeof *list->item);
    list->item[at] = k;
    list->count++;
    return 0;
}

static int open_list(tt_eval_list *list, int most) {
    *list = (tt_eval_list){.item = calloc((size_t)most + 1, sizeof *list->item), .most = most};
    return list->item ? 0 : TT_ENOMEM;
}

static void close_list(tt_eval_list *list) {
    for (int i = 0; i < list->count; i++) free(list->item[i]);
    free(list->item);
}

/* ---- collecting ---------------------------------------------------------------------------- */

int tt_eval_report_open(tt_eval_report *r, const tt_eval_opts *o, const char *metric,
                        const tt_score_options *so, int n_systems, int n_refs, tt_err *e) {
    enum { SHOWN = 50 }; /* lines of each list on a page, unless said otherwise */
    tt_score_options own = *so;
    own.keep = 0;
    r->metric = metric;
    r->n_systems = n_systems;
    r->n_refs = n_refs;
    int worst = o->worst ? o->worst : o->html ? SHOWN : 0;
    int differ = o->diff ? o->diff : o->html && n_systems > 1 ? SHOWN : 0;
    if (open_list(&r->worst, worst) || open_list(&r->differ, differ))
        return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    r->finder = tt_facts_open(e);
    if (!r->finder) return e->code;
    for (int s = 0; s < n_systems; s++) {
        own.effective_order = 0;
        for (int i = 0; i < TT_EVAL_LENGTHS; i++) {
            r->by_length[s][i] = tt_score_open(metric, &own, n_refs, e);
            if (!r->by_length[s][i]) return e->code;
        }
        own.effective_order = 1;
        r->sentence[s] = tt_score_open(metric, &own, n_refs, e);
        if (!r->sentence[s]) return e->code;
    }
    tt_score_result none;
    tt_score_get(r->sentence[0], &none);
    r->less_is_better = none.less_is_better;
    snprintf(r->title, sizeof r->title, "%s", none.name);
    return 0;
}

void tt_eval_report_close(tt_eval_report *r) {
    for (int s = 0; s < r->n_systems; s++) {
        for (int i = 0; i < TT_EVAL_LENGTHS; i++) tt_score_close(r->by_length[s][i]);
        tt_score_close(r->sentence[s]);
    }
    tt_facts_close(r->finder);
    close_list(&r->worst);
    close_list(&r->differ);
}

/* The class of a length in words. */
static int class_of(size_t words) {
    int i = 0;
    while (tt_eval_lengths[i] && words > (size_t)tt_eval_lengths[i]) i++;
    return i;
}

static int rank_lines(tt_eval_report *r, const tt_eval_row *row, const double *scores, tt_err *e) {
    double sum = 0, most = 0;
    for (int s = 0; s < r->n_systems; s++) {
        double apart = fabs(scores[s] - scores[0]);
        sum += r->less_is_better ? scores[s] : -scores[s];
        if (apart > most) most = apart;
    }
    if (offer(&r->worst, row, scores, sum / r->n_systems))
        return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    if (most > 0 && offer(&r->differ, row, scores, most))
        return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    return 0;
}

int tt_eval_report_add(tt_eval_report *r, const tt_eval_row *row, tt_err *e) {
    tt_span refs[TT_EVAL_SYSTEMS];
    double scores[TT_EVAL_SYSTEMS];
    int n_refs = 0, rc = 0, length = 0;
    for (int i = 0; i < row->n_refs; i++)
        if (row->refs[i].text) refs[n_refs++] = row->refs[i];
    for (int s = 0; s < r->n_systems && !rc; s++) {
        size_t before = r->facts[s].ref_words;
        rc = tt_facts_add(r->finder, &r->facts[s], row->hyps[s], refs, n_refs,
                          row->source.text ? &row->source : NULL, e);
        if (rc) break;
        if (!s) r->lines[length = class_of(r->facts[s].ref_words - before)]++;
        rc = tt_score_add(r->sentence[s], row->hyps[s], row->refs, e);
        if (!rc) rc = tt_score_add(r->by_length[s][length], row->hyps[s], row->refs, e);
        if (rc) break;
        tt_score_result last;
        tt_score_get_last(r->sentence[s], &last);
        scores[s] = last.score;
        int band = (int)(last.score / (100.0 / TT_EVAL_BANDS));
        r->bands[s][band >= TT_EVAL_BANDS ? TT_EVAL_BANDS - 1 : band]++;
    }
    return rc ? rc : rank_lines(r, row, scores, e);
}

/* ---- rows of facts ------------------------------------------------------------------------- */

static double share(size_t part, size_t whole) {
    return whole ? 100 * (double)part / (double)whole : 0;
}

double tt_eval_length_ratio(const tt_facts *f) {
    return f->ref_words ? (double)f->hyp_words / (double)f->ref_words : 0;
}

double tt_eval_brevity(const tt_facts *f) {
    double ratio = tt_eval_length_ratio(f);
    if (ratio >= 1 || !f->ref_words) return 1;
    return ratio > 0 ? exp(1 - 1 / ratio) : 0;
}

int tt_eval_fact(const tt_eval_report *r, int row, int s, const char **name, char *text,
                 size_t cap) {
    const tt_facts *f = &r->facts[s];
    if (row >= 8 && !f->sources) return 0;
    switch (row) {
    case 0:
        *name = "words";
        snprintf(text, cap, "%zu of %zu", f->hyp_words, f->ref_words);
        return 1;
    case 1:
        *name = "length ratio";
        snprintf(text, cap, "%.3f", tt_eval_length_ratio(f));
        return 1;
    case 2:
        *name = "brevity penalty";
        snprintf(text, cap, "%.3f", tt_eval_brevity(f));
        return 1;
    case 3:
        *name = "exactly the reference";
        snprintf(text, cap, "%zu (%.1f %%)", f->exact, share(f->exact, f->segments));
        return 1;
    case 4:
        *name = "empty translations";
        snprintf(text, cap, "%zu", f->empty);
        return 1;
    case 5:
        *name = "words said twice";
        snprintf(text, cap, "%.2f %% (references %.2f %%)", share(f->repeated, f->hyp_words),
                 share(f->ref_repeated, f->ref_words));
        return 1;
    case 6:
        *name = "numbers lost";
        snprintf(text, cap, "%zu of %zu (%.1f %%)", f->lost, f->numbers,
                 share(f->lost, f->numbers));
        return 1;
    case 7:
        *name = "numbers invented";
        snprintf(text, cap, "%zu", f->invented);
        return 1;
    case 8:
        *name = "sources copied whole";
        snprintf(text, cap, "%zu (%.1f %%)", f->copied, share(f->copied, f->sources));
        return 1;
    case 9:
        *name = "words left untranslated";
        snprintf(text, cap, "%zu (%.1f %%)", f->copied_words,
                 share(f->copied_words, f->source_words));
        return 1;
    default: return 0;
    }
}

/* ---- as text ------------------------------------------------------------------------------- */

enum { BAR_MOST = 40, NAME_MOST = 30 };

/* A bar of `part` of the full width, in eighths of a character. */
static void print_bar(double part, int hue, int colour) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    char bar[BAR_MOST * 3 + 8] = "", painted[sizeof bar + 16];
    int n = (int)lround((part > 1 ? 1 : part > 0 ? part : 0) * BAR_MOST * 8), at = 0;
    for (int i = 0; i < n / 8; i++) at += snprintf(bar + at, sizeof bar - (size_t)at, "█");
    at += snprintf(bar + at, sizeof bar - (size_t)at, "%s", eighths[n % 8]);
    fputs(tt_eval_paint(painted, sizeof painted, bar, hue, colour && at), stdout);
    printf("%*s", BAR_MOST - (n + 7) / 8, "");
}

/* A name in so many columns, its end kept where it is too long (that is where paths differ). */
static void print_name(const char *name, int width) {
    int columns = tt_eval_columns(name, strlen(name)), cut = columns > width;
    if (cut)
        for (int skip = columns - width + 1; skip; name++)
            if (!tt_utf8_inside(name[1])) skip--;
    printf("%s%s%*s", cut ? "…" : "", name, cut ? 0 : width - columns, "");
}

static int name_width(const tt_eval_scores *s) {
    int most = 0;
    for (int i = 0; i < s->n_systems; i++) {
        const char *name = tt_eval_base(s->names[i]);
        int wide = tt_eval_columns(name, strlen(name));
        if (wide > most) most = wide;
    }
    return most < NAME_MOST ? most : NAME_MOST;
}

static const int hues[] = {TT_EVAL_CYAN, TT_EVAL_YELLOW, TT_EVAL_GREEN, TT_EVAL_RED};

/* Facts side by side, as many systems as a line has room for. */
static void print_facts(const tt_eval_report *r, const tt_eval_scores *s) {
    enum { FACT = 24, COLUMN = 32 };
    char text[80];
    const char *fact;
    int room = (tt_cmd_columns(stdout, 100) - FACT - 2) / (COLUMN + 1);
    if (room < 1) room = 1;
    for (int from = 0; from < r->n_systems; from += room) {
        int to = from + room < r->n_systems ? from + room : r->n_systems;
        printf("\n%*s", FACT + 2, "");
        for (int i = from; i < to; i++) {
            putchar(' ');
            print_name(s->names[i], i + 1 < to ? COLUMN : (int)strlen(s->names[i]));
        }
        putchar('\n');
        for (int k = 0; tt_eval_fact(r, k, from, &fact, text, sizeof text); k++) {
            printf("  %-*s", FACT, fact);
            for (int i = from; i < to; i++) {
                tt_eval_fact(r, k, i, &fact, text, sizeof text);
                printf(i + 1 < to ? " %-*s" : " %.*s", i + 1 < to ? COLUMN : (int)sizeof text,
                       text);
            }
            putchar('\n');
        }
    }
}

static void print_summary(const tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o) {
    char name[24];
    int wide = name_width(s);
    print_facts(r, s);
    printf("\n%s by words of the reference\n", r->title);
    for (int i = 0; i < TT_EVAL_LENGTHS; i++) {
        tt_score_result of;
        if (!r->lines[i]) continue;
        tt_eval_length_name(i, name, sizeof name);
        printf("  %s words, %zu line%s\n", name, r->lines[i], r->lines[i] == 1 ? "" : "s");
        for (int k = 0; k < r->n_systems; k++) {
            tt_score_get(r->by_length[k][i], &of);
            fputs("    ", stdout);
            print_name(tt_eval_base(s->names[k]), wide);
            putchar(' ');
            print_bar(of.score / 100, hues[k % 4], s->colour);
            printf(" %.*f\n", o->width, of.score);
        }
    }
    printf("\nLines by their own %s\n", r->title);
    for (int k = 0; k < r->n_systems; k++) {
        printf("  %s\n", s->names[k]);
        for (int b = 0; b < TT_EVAL_BANDS; b++) {
            printf("    %2d–%-3d ", b * 10, b * 10 + (b + 1 < TT_EVAL_BANDS ? 9 : 10));
            print_bar((double)r->bands[k][b] / (double)r->facts[k].segments, hues[k % 4],
                      s->colour);
            printf(" %zu\n", r->bands[k][b]);
        }
    }
}

/* Control characters could speak to the terminal. */
static void print_text(tt_span text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.text[i];
        putchar((c < ' ' && c != '\t') || c == 0x7f ? '?' : c);
    }
}

/* A text with what the other one lacks in red and what stands elsewhere there in yellow. */
static void print_marked(tt_span text, const tt_marked *words, size_t n) {
    const char *at = text.text, *end = text.text + text.len;
    for (size_t i = 0; i < n; i++) {
        const tt_marked *w = &words[i];
        print_text((tt_span){at, (size_t)(w->word.text - at)});
        at = w->word.text + w->word.len;
        if (w->mark != TT_WORD_SAME) printf("\033[3%dm", w->mark == TT_WORD_MOVED ? 3 : 1);
        print_text(w->word);
        if (w->mark != TT_WORD_SAME) fputs("\033[0m", stdout);
    }
    print_text((tt_span){at, (size_t)(end - at)});
}

static void print_label(const char *label, int width) {
    fputs("    ", stdout);
    print_name(label, width);
}

static int print_kept(const tt_eval_report *r, const tt_eval_kept *k, const tt_eval_scores *s,
                      const tt_eval_opts *o, int wide, tt_err *e) {
    enum { FIGURE = 8 }; /* of the score between name and text */
    tt_comparison c;
    printf("\n  line %zu\n", k->line);
    if (k->source.text) {
        print_label("source", wide + FIGURE);
        print_text(k->source);
        putchar('\n');
    }
    for (int i = 0; i < k->n_refs; i++) {
        if (!k->refs[i].text) continue;
        print_label("reference", wide + FIGURE);
        print_text(k->refs[i]);
        putchar('\n');
    }
    for (int i = 0; i < r->n_systems; i++) {
        int rc =
            s->colour ? tt_facts_compare(r->finder, &c, k->hyps[i], tt_eval_main_ref(k), e) : 0;
        if (rc) return rc;
        print_label(tt_eval_base(s->names[i]), wide);
        printf(" %*.*f ", FIGURE - 2, o->width, k->scores[i]);
        if (s->colour) print_marked(k->hyps[i], c.a, c.a_len);
        else print_text(k->hyps[i]);
        putchar('\n');
    }
    return 0;
}

const char *tt_eval_base(const char *name) {
    const char *slash = strrchr(name, '/');
    return slash && slash[1] ? slash + 1 : name;
}

tt_span tt_eval_main_ref(const tt_eval_kept *k) {
    for (int i = 0; i < k->n_refs; i++)
        if (k->refs[i].text) return k->refs[i];
    return (tt_span){"", 0};
}

static int print_list(const tt_eval_report *r, const tt_eval_list *list, const char *title,
                      const tt_eval_scores *s, const tt_eval_opts *o, tt_err *e) {
    int rc = 0, wide = name_width(s), least = (int)strlen("reference ") - 8;
    if (wide < least) wide = least;
    printf("\n%s\n", title);
    for (int i = 0; i < list->count && !rc; i++) rc = print_kept(r, list->item[i], s, o, wide, e);
    return rc;
}

int tt_eval_report_print(tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o,
                         tt_err *e) {
    char title[120];
    int rc = 0;
    if (o->report) print_summary(r, s, o);
    if (o->worst) {
        snprintf(title, sizeof title, "The %d line%s with the %s %s", r->worst.count,
                 r->worst.count == 1 ? "" : "s", r->less_is_better ? "highest" : "lowest",
                 r->title);
        rc = print_list(r, &r->worst, title, s, o, e);
    }
    if (o->diff && !rc) {
        snprintf(title, sizeof title, "The %d line%s where %s differs most", r->differ.count,
                 r->differ.count == 1 ? "" : "s", r->title);
        rc = print_list(r, &r->differ, title, s, o, e);
    }
    return rc;
}
