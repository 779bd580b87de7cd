/* list.c: `ttrans list`, what can be chosen: the families of variants, the rows of one, and the
 * settings of a row. */
#include "cmd.h"

#include "base/number.h"

#include <stddef.h>
#include <string.h>

typedef struct opts {
    const char *family;
    int json;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "[FAMILY]", .at = offsetof(opts, family),
     .help = "the rows of this family; without it the families, and how many rows each has"},
    {TT_OPT_FLAG, "--json", .at = offsetof(opts, json),
     .help = "print one JSON object, with the rows of every family or of that one"},
    {0}};

static const tt_example examples[] = {
    {"ttrans list", "the families"},
    {"ttrans list optimizer", "the optimisers, where they are from, and their settings"},
    {"ttrans list --json activation", "for a program"},
    {NULL, NULL}};

static int count(const tt_family *f) {
    int n = 0;
    while (f->row(n)) n++;
    return n;
}

static void print_families(void) {
    const tt_family *f;
    for (int i = 0; (f = tt_family_at(i)) != NULL; i++)
        printf("%-14s %3d  %s\n", f->name, count(f), f->help);
}

/* A value of a setting as it is typed. */
static void write_value(char text[TT_NUMBER_TEXT], const tt_setting *s, double x) {
    const char *w = s->words;
    for (int i = (int)x; w && i > 0; i--) w += strcspn(w, "|") + 1;
    if (w) snprintf(text, TT_NUMBER_TEXT, "%.*s", (int)strcspn(w, "|"), w);
    else tt_number_write(text, x);
}

static void print_rows(const tt_family *f) {
    const tt_row *r;
    int width = 0;
    for (int i = 0; (r = f->row(i)) != NULL; i++)
        if ((int)strlen(r->name) > width) width = (int)strlen(r->name);
    for (int i = 0; (r = f->row(i)) != NULL; i++) {
        printf("%-*s  %s%s%s%s\n", width, r->name, r->help, r->source ? " (" : "",
               r->source ? r->source : "", r->source ? ")" : "");
        for (const tt_setting *s = r->settings; s && s->name; s++) {
            char usual[TT_NUMBER_TEXT], low[TT_NUMBER_TEXT], high[TT_NUMBER_TEXT];
            if (s->whole == TT_SETTING_TEXT) {
                printf("%-*s    :%s=%s  %s\n", width, "", s->name, s->words, s->help);
                continue;
            }
            write_value(usual, s, s->usual);
            write_value(low, s, s->low);
            write_value(high, s, s->high);
            printf("%-*s    :%s=%s  %s; %s%s%s\n", width, "", s->name, usual, s->help,
                   s->words ? s->words : low, s->words ? "" : " to ", s->words ? "" : high);
        }
    }
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void put_string(const char *key, const char *text) {
    printf("\"%s\": ", key);
    if (!text) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (const char *p = text; *p; p++)
        printf(*p == '"' || *p == '\\' ? "\\%c" : "%c", *p); /* no control characters in tables */
    putchar('"');
}

static void put_setting(const tt_setting *s) {
    char usual[TT_NUMBER_TEXT], low[TT_NUMBER_TEXT], high[TT_NUMBER_TEXT];
    write_value(usual, s, s->usual);
    write_value(low, s, s->low);
    write_value(high, s, s->high);
    putchar('{');
    put_string("name", s->name);
    fputs(", ", stdout);
    put_string("help", s->help);
    if (s->whole == TT_SETTING_TEXT) {
        fputs(", ", stdout);
        put_string("default", s->words);
    } else if (s->words) {
        fputs(", ", stdout);
        put_string("default", usual);
        fputs(", ", stdout);
        put_string("words", s->words);
    } else {
        printf(", \"default\": %s, \"low\": %s, \"high\": %s", usual, low, high);
    }
    putchar('}');
}

static void put_family(const tt_family *f, const char *before) {
    const tt_row *r;
    printf("%s  \"%s\": [", before, f->name);
    for (int i = 0; (r = f->row(i)) != NULL; i++) {
        printf("%s\n    {", i ? "," : "");
        put_string("name", r->name);
        fputs(", ", stdout);
        put_string("help", r->help);
        fputs(", ", stdout);
        put_string("source", r->source);
        fputs(", \"settings\": [", stdout);
        for (const tt_setting *s = r->settings; s && s->name; s++) {
            if (s != r->settings) fputs(", ", stdout);
            put_setting(s);
        }
        fputs("]}", stdout);
    }
    fputs("\n  ]", stdout);
}

static void print_json(const tt_family *only) {
    const tt_family *f;
    putchar('{');
    if (only) put_family(only, "\n");
    for (int i = 0; !only && (f = tt_family_at(i)) != NULL; i++) put_family(f, i ? ",\n" : "\n");
    puts("\n}");
}

static int run(void *options, tt_err *e) {
    enum { MOST = 64 };
    const opts *o = options;
    const char *names[MOST + 1] = {NULL}, *near;
    const tt_family *f = o->family ? tt_family_find(o->family) : NULL;
    for (int i = 0; i < MOST && tt_family_at(i); i++) names[i] = tt_family_at(i)->name;
    near = o->family && !f ? tt_opt_nearest(o->family, names) : NULL;
    if (near)
        return tt_cmd_fail(e, TT_EUSAGE, "no family is called '%.60s'; did you mean %s?", o->family,
                           near);
    if (o->family && !f)
        return tt_cmd_fail(e, TT_EUSAGE, "no family is called '%.60s'; see ttrans list", o->family);
    if (o->json) print_json(f);
    else if (f) print_rows(f);
    else print_families();
    return 0;
}

const tt_cmd tt_cmd_list = {
    "list",
    "tells what can be chosen",
    "[--json] [FAMILY]",
    "Optimisers, activations, metrics and other families have rows that an option or a setting "
    "names. A row may have "
    "settings of its own, which follow its name: --optimizer muon:momentum=0.9,update=0.1.",
    rows,
    sizeof(opts),
    examples,
    run};
