/* eval_json.c: scores in JSON with the keys and blanks of sacreBLEU; and what they hide, which that
 * program does not tell:
 *
 *     {"scores": …, "report": {"metric": "BLEU", "lines": 3,
 *       "systems": [{"system": …, "facts": {…}, "lengths": [{…}], "bands": [{…}]}],
 *       "worst": [{"line": 2, "source": …, "references": […], "translations": [{…}]}], "diff":
 * […]}}
 *
 * Of the report only what was asked for is there. Texts are all ASCII.
 */
#include "eval.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- values -------------------------------------------------------------------------------- */

/* A double as Python's repr() writes it: the shortest digits that read back as the same number. */
static void print_double(double v) {
    char text[40];
    int digits = 0;
    do snprintf(text, sizeof text, "%.*e", digits, v);
    while (strtod(text, NULL) != v && digits++ < 16);
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    int decimals = digits > exponent + 1 ? digits - exponent : 1;
    if (exponent < -4) fputs(text, stdout);
    else printf("%.*f", decimals, v);
}

static void print_text(tt_span text) { tt_cmd_json_text(stdout, text); }

static void print_string(const char *s) { tt_cmd_json_string(stdout, s); }

/* A figure as printed, and back: what rounding to the width leaves. */
static double rounded(double figure, int width) {
    char text[400];
    snprintf(text, sizeof text, "%.*f", width, figure);
    return strtod(text, NULL);
}

/* ---- scores, as sacreBLEU prints them ------------------------------------------------------- */

static void print_object(const tt_eval_figure *f, const char *signature, int width) {
    const tt_score_result *r = &f->result;
    printf("{\n \"name\": \"%s\",\n \"score\": ", r->name);
    print_double(rounded(r->score, width));
    printf(",\n \"signature\": \"%s\"", signature);
    if (tt_eval_shows_interval(f)) {
        fputs(",\n \"confidence_mean\": ", stdout);
        print_double(rounded(f->sure.mean, width));
        fputs(",\n \"confidence_var\": ", stdout);
        print_double(rounded(f->sure.ci, width));
        printf(",\n \"confidence\": \"μ = %.*f ± %.*f\"", width, f->sure.mean, width, f->sure.ci);
    }
    if (r->verbose[0]) printf(",\n \"verbose_score\": \"%s\"", r->verbose);
    for (const char *key = signature; *key;) {
        int k = (int)strcspn(key, ":"), v = (int)strcspn(key, "|") - k - 1;
        printf(",\n \"%.*s\": \"%.*s\"", k, key, v, key + k + 1);
        key += k + 1 + v;
        if (*key) key++;
    }
    fputs("\n}", stdout);
}

static void print_key(const char *key, double value, int there, int last) {
    printf("            \"%s\": ", key);
    if (there) print_double(value);
    else fputs("null", stdout);
    puts(last ? "" : ",");
}

static void print_systems(const tt_eval_scores *s, const tt_eval_opts *o) {
    int paired = o->paired_bs || o->paired_ar;
    puts("[");
    for (int i = 0; i < s->n_systems; i++) {
        fputs("    {\n        \"system\": ", stdout);
        print_string(s->names[i]);
        for (int m = 0; m < s->n_metrics; m++) {
            const tt_eval_figure *f = &s->figure[i][m];
            printf(",\n        \"%s\": ", f->result.name);
            if (!paired) {
                printf("\"%.*f\"", o->width, f->result.score);
                continue;
            }
            puts("{");
            print_key("score", f->result.score, 1, 0);
            print_key("p_value", f->sure.p, f->has_p, 0);
            print_key("mean", f->sure.mean, f->has_interval, 0);
            print_key("ci", f->sure.ci, f->has_interval, 1);
            fputs("        }", stdout);
        }
        printf("\n    }%s\n", i + 1 < s->n_systems ? "," : "");
    }
    puts("]");
}

static void print_single(const tt_eval_scores *s, const tt_eval_opts *o) {
    char line[TT_EVAL_LINE];
    if (s->n_metrics > 1) puts("[");
    for (int m = 0; m < s->n_metrics; m++) {
        if (o->score_only) {
            tt_eval_line(line, s, m, o);
            fputs(line, stdout);
        } else {
            print_object(&s->figure[0][m], s->signature[m], o->width);
        }
        puts(m + 1 < s->n_metrics ? "," : "");
    }
    if (s->n_metrics > 1) puts("]");
}

static void print_scores(const tt_eval_scores *s, const tt_eval_opts *o) {
    if (s->n_systems > 1) print_systems(s, o);
    else print_single(s, o);
}

/* ---- reports ------------------------------------------------------------------------------- */

static void print_facts(const tt_facts *f) {
#define ROW(field)                                                                                 \
    { #field, offsetof(tt_facts, field) }
    static const struct {
        const char *key;
        size_t at;
    } rows[] = {ROW(empty),       ROW(hyp_words),    ROW(ref_words), ROW(exact),
                ROW(repeated),    ROW(ref_repeated), ROW(numbers),   ROW(lost),
                ROW(invented),    ROW(sources),      ROW(copied),    ROW(source_words),
                ROW(copied_words)};
#undef ROW
    fputs("   \"facts\": {", stdout);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t value;
        memcpy(&value, (const char *)f + rows[i].at, sizeof value);
        printf("%s\"%s\": %zu", i ? ", " : "", rows[i].key, value);
    }
    fputs(", \"length_ratio\": ", stdout);
    print_double(tt_eval_length_ratio(f));
    fputs(", \"brevity_penalty\": ", stdout);
    print_double(tt_eval_brevity(f));
    puts("},");
}

static void print_lengths(const tt_eval_report *r, int system, int width) {
    const char *between = "";
    fputs("   \"lengths\": [", stdout);
    for (int i = 0; i < TT_EVAL_LENGTHS; i++) {
        tt_score_result of;
        if (!r->lines[i]) continue;
        tt_score_get(r->by_length[system][i], &of);
        printf("%s\n    {\"from\": %d, \"to\": ", between, i ? tt_eval_lengths[i - 1] + 1 : 0);
        printf(tt_eval_lengths[i] ? "%d" : "null", tt_eval_lengths[i]);
        printf(", \"lines\": %zu, \"score\": ", r->lines[i]);
        print_double(rounded(of.score, width));
        putchar('}');
        between = ",";
    }
    puts("],");
}

static void print_bands(const tt_eval_report *r, int system) {
    fputs("   \"bands\": [", stdout);
    for (int b = 0; b < TT_EVAL_BANDS; b++)
        printf("%s{\"from\": %d, \"lines\": %zu}", b ? ", " : "", b * 100 / TT_EVAL_BANDS,
               r->bands[system][b]);
    puts("]");
}

static void print_summary(const tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o) {
    fputs(",\n \"systems\": [\n", stdout);
    for (int i = 0; i < s->n_systems; i++) {
        fputs("  {\"system\": ", stdout);
        print_string(s->names[i]);
        puts(",");
        print_facts(&r->facts[i]);
        print_lengths(r, i, o->width);
        print_bands(r, i);
        fputs(i + 1 < s->n_systems ? "  },\n" : "  }]", stdout);
    }
}

static void print_kept(const tt_eval_kept *k, const tt_eval_scores *s, const tt_eval_opts *o) {
    printf("  {\"line\": %zu", k->line);
    if (k->source.text) {
        fputs(",\n   \"source\": ", stdout);
        print_text(k->source);
    }
    fputs(",\n   \"references\": [", stdout);
    for (int i = 0; i < k->n_refs; i++) {
        if (i) fputs(", ", stdout);
        if (k->refs[i].text) print_text(k->refs[i]);
        else fputs("null", stdout);
    }
    fputs("],\n   \"translations\": [", stdout);
    for (int i = 0; i < s->n_systems; i++) {
        fputs(i ? ",\n    {\"system\": " : "\n    {\"system\": ", stdout);
        print_string(s->names[i]);
        fputs(", \"score\": ", stdout);
        print_double(rounded(k->scores[i], o->width));
        fputs(", \"text\": ", stdout);
        print_text(k->hyps[i]);
        putchar('}');
    }
    fputs("]}", stdout);
}

static void print_list(const tt_eval_list *list, const char *key, const tt_eval_scores *s,
                       const tt_eval_opts *o) {
    printf(",\n \"%s\": [", key);
    for (int i = 0; i < list->count; i++) {
        puts(i ? "," : "");
        print_kept(list->item[i], s, o);
    }
    putchar(']');
}

void tt_eval_json(const tt_eval_report *r, const tt_eval_scores *s, const tt_eval_opts *o) {
    if (!r) {
        print_scores(s, o);
        return;
    }
    puts("{\"scores\":");
    print_scores(s, o);
    printf(",\"report\": {\n \"metric\": \"%s\",\n \"lines\": %zu", r->title, r->facts[0].segments);
    if (o->report) print_summary(r, s, o);
    if (o->worst) print_list(&r->worst, "worst", s, o);
    if (o->diff) print_list(&r->differ, "diff", s, o);
    puts("\n}}");
}
